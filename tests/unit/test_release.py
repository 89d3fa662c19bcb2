"""The version of the layers: the newest release, or the next one with `.dev`."""
import re

import pytest
import yaml

from .harness import INTERFACES, ROOT, layer

HEADINGS = re.findall(r'^## (.*)$', (ROOT / 'CHANGELOG.md').read_text(), re.M)


def test_the_changelog_lists_releases_from_newest_to_oldest():
    releases = HEADINGS[1:] if HEADINGS[0] == 'Unreleased' else HEADINGS
    numbers = [re.fullmatch(r'(\d+)\.(\d+)\.(\d+) \(\d{4}-\d\d-\d\d\)', heading)
               for heading in releases]
    assert releases and all(numbers)
    numbers = [tuple(map(int, number.groups())) for number in numbers]
    assert numbers == sorted(set(numbers), reverse=True)


@pytest.mark.parametrize('interface', INTERFACES)
def test_layer_has_the_version_of_the_release_or_a_development_version(interface):
    text = (ROOT / 'interfaces' / interface / 'interface.yaml').read_text()
    version = yaml.safe_load(text)['version']
    release = version.partition('.dev')[0]
    released = [heading.split()[0] for heading in HEADINGS if heading != 'Unreleased']
    if HEADINGS[0] == 'Unreleased':
        assert version == release + '.dev'
        assert tuple(map(int, release.split('.'))) > tuple(
            map(int, released[0].split('.')))
    else:
        assert version == released[0]


def test_the_stand_in_has_the_version_of_the_layers():
    text = (ROOT / 'standin' / 'pyproject.toml').read_text()
    version = re.search(r'^version = "(.*)"$', text, re.M).group(1)
    layers = (ROOT / 'interfaces' / INTERFACES[0] / 'interface.yaml').read_text()
    assert version == yaml.safe_load(layers)['version']


def test_record_version_is_an_integer():
    """It does not change with the release."""
    assert isinstance(layer('zookeeper', 'common.record').VERSION, int)
