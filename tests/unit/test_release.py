"""The layers have the version of the newest release in the changelog."""
import re

import pytest
import yaml

from .harness import layer
from .test_readmes import INTERFACES, ROOT

HEADINGS = re.findall(r'^## (.*)$', (ROOT / 'CHANGELOG.md').read_text(), re.M)


def test_what_is_not_released_is_above_all_releases():
    releases = HEADINGS[1:] if HEADINGS[0] == 'Unreleased' else HEADINGS
    numbers = [re.fullmatch(r'(\d+)\.(\d+)\.(\d+) \(\d{4}-\d\d-\d\d\)', heading)
               for heading in releases]
    assert releases and all(numbers)
    numbers = [tuple(map(int, number.groups())) for number in numbers]
    assert numbers == sorted(set(numbers), reverse=True)


@pytest.mark.parametrize('interface', INTERFACES)
def test_a_layer_is_of_the_newest_release(interface):
    newest = next(heading for heading in HEADINGS if heading != 'Unreleased')
    text = (ROOT / 'interfaces' / interface / 'interface.yaml').read_text()
    assert yaml.safe_load(text)['version'] == newest.split()[0]


@pytest.mark.parametrize('interface', INTERFACES)
def test_the_records_layout_has_a_number_of_its_own(interface):
    assert isinstance(layer(interface, 'record').VERSION, int)
    for module in (ROOT / 'interfaces' / interface).glob('*.py'):
        assert 'interface.yaml' not in module.read_text()
