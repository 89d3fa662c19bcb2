"""Plays the story, and looks at what came of it."""
from __future__ import annotations

import json
import re
from typing import Any

from .story import Step

# Whose flags are the interface layers', in the examples.
ENDPOINTS = ('zkclient', 'zookeeper', 'source', 'sink')
# What Juju itself writes in a unit's settings.
JUJUS = {'ingress-address', 'egress-subnets', 'private-address'}

# As an operator runs a hook that nothing prompts. Commands run in the directory of the
# unit's charm, with an empty JUJU_HOOK_NAME; what they set is kept as after a hook.
UPDATE_STATUS = 'JUJU_HOOK_NAME=update-status hooks/update-status'

# The flags are in charms.reactive's key/value store; lists of servers and sinks are
# what clients wrote into their services' configuration.
PROBE = """python3 -c '
import glob, json, sqlite3
store = sqlite3.connect(".unit-state.db")
files = glob.glob("{0}/client.cfg") + glob.glob("{0}/flume.conf")
print(json.dumps([
    [key for key, in store.execute("select key from kv order by key")],
    [line.strip() for file in files for line in open(file)]]))
' """
FLAG = re.compile(r'reactive\.states\.(({})\.\w+)'.format('|'.join(ENDPOINTS)))
LISTED = re.compile(r'zookeeper\.connect=|a1\.sinks\.\S+\.(type|hostname|port) ')


class HooksFailed(Exception):
    """Units that are in error, each with what `juju status` says."""


class Operator:
    """An operator of one model.

    :param juju: jubilant's `Juju`, or what stands in for it
    """

    def __init__(self, juju: Any):
        self.juju = juju
        self._names: dict[str, str] = {}    # units by their addresses

    def play(self, step: Step) -> None:
        """Do what a step says, each command when what came before has had its effect.

        :raises jubilant.CLIError: when Juju refuses it
        :raises jubilant.TaskError: when what is run in a unit fails
        :raises HooksFailed: when a unit is in error in the end
        """
        for command in step.commands:
            self._do(*command.split())
            # agents begin a moment after the model has changed
            self.juju.wait(quiet, delay=5, successes=3)
        failed = [(name, unit.workload_status.message)
                  for name, unit in self._units().items()
                  if unit.workload_status.current == 'error']
        if failed:
            raise HooksFailed(failed)

    def _do(self, command: str, *words: str) -> None:
        if command == 'update-status':
            for unit in self._units():
                self.juju.exec(UPDATE_STATUS, unit=unit)
        elif command == 'exec':
            self.juju.exec(' '.join(words[2:]), unit=words[1])
        else:
            self.juju.cli(command, *words)

    def says(self) -> dict[str, str]:
        """What status says of each unit, in names as in `look`."""
        self._published()
        return self._named({name: unit.workload_status.message
                            for name, unit in self._units().items()})

    def look(self) -> dict[str, dict[str, Any]]:
        """Flags, lists and databags of every unit.

        Addresses are replaced by the units' names, so that models can be compared.
        """
        published = self._published()
        return self._named({unit: {'databags': published.get(unit, {}),
                                   **self._probe(unit)} for unit in self._units()})

    def _units(self) -> dict[str, Any]:
        return units(self.juju.status())

    def _probe(self, unit: str) -> dict[str, list[str]]:
        directory = self.juju.cli('config', unit.split('/')[0], 'conf-dir').strip()
        keys, lines = json.loads(
            self.juju.exec(PROBE.format(directory), unit=unit).stdout)
        return {'flags': [match[1] for key in keys if (match := FLAG.fullmatch(key))],
                'lists': [line for line in lines if LISTED.match(line)]}

    def _published(self) -> dict[str, dict[str, dict[str, str]]]:
        """Settings by their owner and relation, as those see them that they are for."""
        published: dict[str, dict[str, dict[str, str]]] = {}
        for unit in self._units():
            shown = json.loads(self.juju.cli('show-unit', unit, '--format', 'json'))
            for relation in shown[unit].get('relation-info', []):
                name = '{} to {}'.format(relation['related-endpoint'],
                                         unit.split('/')[0])
                for owner, bag in relation.get('related-units', {}).items():
                    if bag['in-scope']:
                        self._names[bag['data']['ingress-address']] = owner
                        published.setdefault(owner, {})[name] = {
                            key: value for key, value in bag['data'].items()
                            if key not in JUJUS}
        return published

    def _named(self, seen: Any) -> Any:
        addresses = '|'.join(map(re.escape, self._names))
        return json.loads(re.sub(
            r'(?<![\w.])({})(?![\w.])'.format(addresses),
            lambda match: self._names[match[1]], json.dumps(seen)))


def units(status: Any) -> dict[str, Any]:
    """The units in a status."""
    return {name: unit for app in status.apps.values()
            for name, unit in app.units.items()}


def quiet(status: Any) -> bool:
    """Whether no unit's agent has anything to do, be it that a hook has failed."""
    return all(unit.juju_status.current == 'idle' and unit.juju_status.life != 'dying'
               for unit in units(status).values())
