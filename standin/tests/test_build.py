"""Building charms, and sharing built charms."""
import concurrent.futures
import shutil

import pytest

from juju_standin import build, build_once

from repository import EXAMPLES, INTERFACES

EXAMPLE = EXAMPLES / 'zookeeper-client'


@pytest.fixture(autouse=True)
def shared(tmp_path, monkeypatch):
    """An empty directory for built charms."""
    monkeypatch.setenv('BUILT_CHARMS', str(tmp_path / 'shared'))
    return tmp_path / 'shared'


def directories(path):
    return [child for child in path.iterdir() if child.is_dir()]


def test_concurrent_requests_for_equal_layers_build_once(tmp_path, shared):
    copy = shutil.copytree(EXAMPLE, tmp_path / 'copy')
    with concurrent.futures.ThreadPoolExecutor() as pool:
        one, two = pool.map(build_once, (EXAMPLE, copy))
    assert one == two
    assert (one / 'metadata.yaml').exists()
    assert directories(shared) == [one.parent]


@pytest.mark.parametrize('linked', [False, True], ids=['folder', 'link'])
def test_changed_layer_builds_another_charm(tmp_path, linked):
    layers = shutil.copytree(INTERFACES, tmp_path / 'layers')
    if linked:
        (layers / 'zookeeper').rename(tmp_path / 'zookeeper')
        (layers / 'zookeeper').symlink_to(tmp_path / 'zookeeper')
    before = build_once(EXAMPLE, layers)
    with open(layers / 'zookeeper' / 'unit_data.py', 'a') as file:
        file.write('CHANGED = True\n')
    unit_data = 'hooks/relations/zookeeper/unit_data.py'
    assert 'CHANGED' in (build_once(EXAMPLE, layers) / unit_data).read_text()
    assert build_once(EXAMPLE) == before
    assert 'CHANGED' not in (before / unit_data).read_text()


def test_build_fails_without_hook_template_and_leaves_no_directory(tmp_path, shared):
    (tmp_path / 'layer').mkdir()
    (tmp_path / 'layer/metadata.yaml').write_text('name: nothing\n')
    (tmp_path / 'layer/layer.yaml').write_text("includes: ['interface:zookeeper']\n")
    for _ in range(2):
        with pytest.raises(RuntimeError, match='hook.template'):
            build_once(tmp_path / 'layer')
    assert directories(shared) == []


def test_build_downloads_no_packages_of_a_wheelhouse(tmp_path):
    layer = shutil.copytree(EXAMPLE, tmp_path / 'layer')
    (layer / 'wheelhouse.txt').write_text('no-such-package==1.0\n')
    assert not (build(layer, tmp_path / 'built') / 'wheelhouse').exists()
