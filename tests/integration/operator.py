"""Runs the steps of the scenario, and reads the resulting state."""
from __future__ import annotations

import json
import re
import subprocess
import time
from typing import Any

from .scenario import Step

# The endpoints of the examples. Their flags belong to the interface layers.
ENDPOINTS = ('zkclient', 'zookeeper', 'source', 'sink')
# The keys that Juju writes into a unit's data.
JUJU_KEYS = {'ingress-address', 'egress-subnets', 'private-address'}

# An operator's command to run a hook. `juju exec` runs commands in the charm's
# directory, with an empty JUJU_HOOK_NAME. Juju commits their changes as for a hook.
UPDATE_STATUS = 'JUJU_HOOK_NAME=update-status hooks/update-status'

# Flags are in charms.reactive's key/value store. Lists of servers and sinks are in the
# configuration files that clients write for their services.
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
    """Units in error, with their messages in `juju status`."""


class Operator:
    """An operator of one model.

    :param juju: jubilant's `Juju`, or `stand_in.Juju`
    """

    def __init__(self, juju: Any):
        self.juju = juju
        self._names: dict[str, str] = {}    # address: unit

    def run(self, step: Step) -> None:
        """Run the commands of a step, and wait after each until all units are idle.

        :raises jubilant.CLIError: if Juju refuses a command
        :raises jubilant.TaskError: if a command in a unit fails
        :raises HooksFailed: if a unit is in error after the last command
        """
        for command in step.commands:
            self._run_command(*command.split())
            # agents react with a delay to changes of the model
            self.juju.wait(all_idle, delay=5, successes=3)
        failed = [(name, unit.workload_status.message)
                  for name, unit in self._units().items()
                  if unit.workload_status.current == 'error']
        if failed:
            raise HooksFailed(failed)

    def _run_command(self, command: str, *words: str) -> None:
        if command == 'update-status':
            for unit in self._units():
                self.juju.exec(UPDATE_STATUS, unit=unit)
        elif command == 'relate-again':
            self.juju.cli('remove-relation', *words)
            self._relate_when_accepted(*words)
        elif command == 'exec':
            self.juju.exec(' '.join(words[2:]), unit=words[1])
        else:
            self.juju.cli(command, *words)

    def _relate_when_accepted(self, *ends: str) -> None:
        """Juju refuses a relation until all units have left the previous one."""
        end = time.monotonic() + 120
        while True:
            try:
                self.juju.cli('relate', *ends)
                return
            except subprocess.CalledProcessError:
                if time.monotonic() > end:
                    raise
            time.sleep(0.2)

    def messages(self) -> dict[str, str]:
        """The status message of each unit. Names replace addresses, as in `state`."""
        self._databags()    # finds the names of addresses
        return self._replace_addresses({name: unit.workload_status.message
                                        for name, unit in self._units().items()})

    def state(self) -> dict[str, dict[str, Any]]:
        """Flags, lists and databags of each unit.

        The units' names replace their addresses, so that models can be compared.
        """
        databags = self._databags()
        return self._replace_addresses({
            unit: {'databags': databags.get(unit, {}), **self._probe(unit)}
            for unit in self._units()})

    def _units(self) -> dict[str, Any]:
        return units(self.juju.status())

    def _probe(self, unit: str) -> dict[str, list[str]]:
        directory = self.juju.cli('config', unit.split('/')[0], 'conf-dir').strip()
        keys, lines = json.loads(
            self.juju.exec(PROBE.format(directory), unit=unit).stdout)
        return {'flags': [match[1] for key in keys if (match := FLAG.fullmatch(key))],
                'lists': [line for line in lines if LISTED.match(line)]}

    def requests(self, app: str) -> list[dict[str, str]]:
        """The requests that clients of a server's application have published."""
        return [relation['application-data']
                for unit in self._units() if unit.split('/')[0] == app
                for relation in self._relations(unit)
                if relation['endpoint'] == 'zkclient'
                and relation.get('application-data')]

    def _relations(self, unit: str) -> list[dict[str, Any]]:
        shown = json.loads(self.juju.cli('show-unit', unit, '--format', 'json'))
        return shown[unit].get('relation-info', [])

    def _databags(self) -> dict[str, dict[str, dict[str, str]]]:
        """The databags as remote units see them, by unit and relation.

        It also stores the name of the unit with each address.
        """
        databags: dict[str, dict[str, dict[str, str]]] = {}
        for unit in self._units():
            for relation in self._relations(unit):
                name = '{} to {}'.format(relation['related-endpoint'],
                                         unit.split('/')[0])
                for owner, bag in relation.get('related-units', {}).items():
                    if bag['in-scope']:
                        self._names[bag['data']['ingress-address']] = owner
                        databags.setdefault(owner, {})[name] = {
                            key: value for key, value in bag['data'].items()
                            if key not in JUJU_KEYS}
        return databags

    def _replace_addresses(self, value: Any) -> Any:
        addresses = '|'.join(map(re.escape, self._names))
        return json.loads(re.sub(
            r'(?<![\w.])({})(?![\w.])'.format(addresses),
            lambda match: self._names[match[1]], json.dumps(value)))


def units(status: Any) -> dict[str, Any]:
    return {name: unit for app in status.apps.values()
            for name, unit in app.units.items()}


def all_idle(status: Any) -> bool:
    """Whether each unit's agent is idle, which includes units in error."""
    return all(unit.juju_status.current == 'idle' and unit.juju_status.life != 'dying'
               for unit in units(status).values())
