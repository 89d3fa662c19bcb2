"""Both layers have the version of the newest release in the changelog."""
import re

import pytest
import yaml

from .harness import layer
from .test_readmes import INTERFACES, ROOT

HEADINGS = re.findall(r'^## (.*)$', (ROOT / 'CHANGELOG.md').read_text(), re.M)


def test_the_changelog_lists_releases_from_newest_to_oldest():
    releases = HEADINGS[1:] if HEADINGS[0] == 'Unreleased' else HEADINGS
    numbers = [re.fullmatch(r'(\d+)\.(\d+)\.(\d+) \(\d{4}-\d\d-\d\d\)', heading)
               for heading in releases]
    assert releases and all(numbers)
    numbers = [tuple(map(int, number.groups())) for number in numbers]
    assert numbers == sorted(set(numbers), reverse=True)


@pytest.mark.parametrize('interface', INTERFACES)
def test_each_layer_has_the_newest_releases_version(interface):
    newest = next(heading for heading in HEADINGS if heading != 'Unreleased')
    text = (ROOT / 'interfaces' / interface / 'interface.yaml').read_text()
    assert yaml.safe_load(text)['version'] == newest.split()[0]


@pytest.mark.parametrize('interface', INTERFACES)
def test_the_stored_records_version_is_not_the_release(interface):
    assert isinstance(layer(interface, 'common.record').VERSION, int)
    for module in (ROOT / 'interfaces' / interface).rglob('*.py'):
        assert 'interface.yaml' not in module.read_text()
