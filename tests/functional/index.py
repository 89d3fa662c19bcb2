"""The layer index that the README shows, and a repository behind its address."""
import json
import re
import shutil
import subprocess

from .conftest import TESTS


class Index:

    def __init__(self, directory, interfaces):
        """:param interfaces: the folder that the repository has as `interfaces`"""
        self.address = 'file://{}/'.format(directory)
        (directory / 'interfaces').mkdir()
        readme = (TESTS.parent / 'README.md').read_text()
        for block in re.findall(r'```json\n(.*?)```', readme, re.DOTALL):
            entry = json.loads(block)
            (directory / 'interfaces' / (entry['id'] + '.json')).write_text(block)
        self._published, self._repository = entry['repo'], directory / 'repository'
        # as it is in a clone: with its links
        shutil.copytree(interfaces, self._repository / 'interfaces', symlinks=True)
        self._git('init', '--quiet')
        self._git('add', '.')
        self._git('commit', '--quiet', '--message', 'all')

    def _git(self, *command):
        subprocess.run(['git', '-c', 'user.name=x', '-c', 'user.email=x@example.com',
                        '-c', 'commit.gpgsign=false', *command],
                       cwd=self._repository, check=True, stdout=subprocess.DEVNULL)

    @property
    def environment(self):
        """Has git find the repository here instead of at its address."""
        return {'GIT_CONFIG_COUNT': '1',
                'GIT_CONFIG_KEY_0': 'url.{}.insteadOf'.format(self._repository),
                'GIT_CONFIG_VALUE_0': self._published}
