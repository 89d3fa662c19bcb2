"""Do the unit tests bite? Breaks the layers in each way cosmic-ray knows.

Prints the mutants that the unit tests let live, and exits with 1 if they kill less
than 95 %. CONTRIBUTING.md lists the survivors, and why nobody can tell them apart.
"""
from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEAST = 0.95
CONFIG = '''\
[cosmic-ray]
module-path = [{modules}]
timeout = 60.0
excluded-modules = []
test-command = "{python} -m pytest tests/unit -x -q -p no:cacheprovider"

[cosmic-ray.distributor]
name = "local"
'''


def modules() -> list[str]:
    """The layers' modules, each once; what the interfaces share are links in one."""
    return sorted(str(path.relative_to(ROOT))
                  for path in ROOT.glob('interfaces/*/*.py') if not path.is_symlink())


def cosmic_ray(directory: Path, *command: str) -> str:
    return subprocess.run([Path(sys.executable).parent / 'cosmic-ray', *command],
                          cwd=directory, check=True, stdout=subprocess.PIPE,
                          text=True).stdout


def survivors(part: list[str]) -> tuple[int, list[str]]:
    """How many mutants some modules have, and the diffs of those that live."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        for entry in ('interfaces', 'examples', 'tests', 'setup.cfg', 'README.md'):
            source = ROOT / entry
            if source.is_dir():
                shutil.copytree(source, directory / entry, symlinks=True,
                                ignore=shutil.ignore_patterns('__pycache__'))
            else:
                shutil.copy(source, directory)
        (directory / 'mutation.toml').write_text(CONFIG.format(
            modules=', '.join(map(json.dumps, part)), python=sys.executable))
        cosmic_ray(directory, 'init', 'mutation.toml', 'session.sqlite')
        cosmic_ray(directory, 'exec', 'mutation.toml', 'session.sqlite')
        dump = cosmic_ray(directory, 'dump', 'session.sqlite')
    results = [json.loads(line)[1] for line in dump.splitlines()]
    return len(results), [result['diff'] for result in results
                          if result['test_outcome'] == 'survived']


def main() -> int:
    found = modules()
    # the one with most mutants to itself, as they run for two cores
    largest = max(found, key=lambda module: (ROOT / module).stat().st_size)
    parts = [[largest], [module for module in found if module != largest]]
    with ThreadPoolExecutor() as pool:
        results = list(pool.map(survivors, parts))
    total = sum(count for count, _ in results)
    alive = [diff for _, diffs in results for diff in diffs]
    for diff in alive:
        print(diff)
    killed = 1 - len(alive) / total
    print('{} mutants, {} of them alive: {:.1%} killed, {:.0%} expected'.format(
        total, len(alive), killed, LEAST))
    return 0 if killed >= LEAST else 1


if __name__ == '__main__':
    sys.exit(main())
