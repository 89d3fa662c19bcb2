"""The charms that are measured: one for each class, in three variants.

`layer` has the interface layer, `naive` one of the same methods and flags in the
style of the field (see `naive`), `bare` none: its handlers never run.
"""
from __future__ import annotations

import compileall
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from standin import InProcessCharm, build

NAIVE = Path(__file__).resolve().parent / 'naive'
VARIANTS = ('layer', 'naive', 'bare')
# the endpoint that is measured, and one that has no layer
ENDPOINT, OTHER = 'far', 'web'

METADATA = '''\
name: measured
summary: A charm of one endpoint
description: It uses the endpoint in every hook.
maintainer: Nobody <nobody@charms.example>
series: [jammy]
tags: [misc]
{role}:
  {endpoint}: {{interface: {interface}}}
{other_role}:
  {other}: {{interface: http}}
'''
REACTIVE = '''\
from charms.reactive import when


@when('{endpoint}.{flag}')
def use(endpoint):
    endpoint.{call}


@when('{endpoint}.joining')
def greet(endpoint):
    endpoint.dismiss_joining()


@when('{endpoint}.departing')
def part(endpoint):
    endpoint.dismiss_departing()
'''


@dataclass(frozen=True)
class Side:
    """A class, and how a charm uses it."""
    interface: str
    role: str
    flag: str       # in whose handler the charm
    call: str       # does this
    wire: str       # what a remote unit publishes: 'key=value ...'

    def settings(self, port: int) -> dict[str, str]:
        """What a remote unit publishes beside Juju's own."""
        return dict(pair.split('=') for pair in self.wire.format(port).split())


SIDES = {
    'ZookeeperProvides': Side('zookeeper', 'provides', 'connected',
                              'send_port(2181)', ''),
    'ZookeeperRequires': Side('zookeeper', 'requires', 'available',
                              'zookeepers()', 'port={} rest_port=9998'),
    'FlumeProvides': Side('flume-agent', 'provides', 'connected',
                          'send_configuration(4141)', ''),
    'FlumeRequires': Side('flume-agent', 'requires', 'available',
                          'agents()', 'port={} protocol=avro'),
}


def build_all(directory: Path) -> Iterator[tuple[str, dict[str, InProcessCharm]]]:
    """(name of a class, its charms by variant), built below a directory."""
    for name, side in SIDES.items():
        source = directory / name / 'source'
        names = dict(vars(side), endpoint=ENDPOINT, other=OTHER,
                     other_role={'provides': 'requires',
                                 'requires': 'provides'}[side.role])
        (source / 'reactive').mkdir(parents=True)
        for file, text in {
                'layer.yaml': "includes: ['layer:basic', 'interface:{interface}']\n",
                'metadata.yaml': METADATA, 'reactive/measured.py': REACTIVE,
                'README.md': 'Measured.\n', 'copyright': 'None.\n'}.items():
            (source / file).write_text(text.format(**names))
        built = build(source, directory / name / 'built')
        charms = {}
        for variant in VARIANTS:
            path = directory / name / variant
            shutil.copytree(built, path)
            if variant != 'layer':
                relations = path / 'hooks/relations' / side.interface
                shutil.rmtree(relations)
            if variant == 'naive':
                shutil.copytree(NAIVE, relations)
            compileall.compile_dir(path, quiet=1)   # as it is from the second hook on
            charms[variant] = InProcessCharm(path)
        yield name, charms
