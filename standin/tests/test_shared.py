"""Built charms that are shared."""
import concurrent.futures
import shutil

import pytest

from juju_standin import built
from juju_standin.build import INTERFACES

EXAMPLE = INTERFACES.parent / 'examples' / 'zookeeper-client'


@pytest.fixture(autouse=True)
def directory(tmp_path, monkeypatch):
    monkeypatch.setenv('BUILT_CHARMS', str(tmp_path / 'shared'))
    return tmp_path / 'shared'


def test_what_is_the_same_is_built_once_by_all_that_ask_at_once(tmp_path, directory):
    copy = shutil.copytree(EXAMPLE, tmp_path / 'copy')
    with concurrent.futures.ThreadPoolExecutor() as pool:
        one, two = pool.map(built, (EXAMPLE, copy))
    assert one == two
    assert (one / 'metadata.yaml').exists()
    assert [path for path in directory.iterdir() if path.is_dir()] == [one.parent]


def test_what_differs_in_one_of_its_layers_is_another_charm(tmp_path):
    before = built(EXAMPLE)
    layers = shutil.copytree(INTERFACES, tmp_path / 'layers')
    with open(layers / 'zookeeper' / 'wire.py', 'a') as file:
        file.write('CHANGED = True\n')
    wire = 'hooks/relations/zookeeper/wire.py'
    assert 'CHANGED' in (built(EXAMPLE, layers) / wire).read_text()
    assert built(EXAMPLE) == before
    assert 'CHANGED' not in (before / wire).read_text()


def test_what_cannot_be_built_leaves_nothing(tmp_path, directory):
    (tmp_path / 'layer').mkdir()
    (tmp_path / 'layer' / 'metadata.yaml').write_text('name: nothing\n')
    for _ in range(2):
        with pytest.raises(RuntimeError):
            built(tmp_path / 'layer')
    assert [path for path in directory.iterdir() if path.is_dir()] == []
