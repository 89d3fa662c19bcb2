"""Draws zookeeper.svg and flume.svg from the last run of the end-to-end tests.

    plot.py [DIRECTORY]
"""
import json
import sys
from pathlib import Path

import matplotlib

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / 'build' / 'e2e'
# The distance of texts above an axis, as a share of the width.
TEXT_DISTANCE = 0.015

matplotlib.use('svg')
matplotlib.rcParams.update({'svg.fonttype': 'none', 'svg.hashsalt': 'e2e',
                            'font.size': 9})

from matplotlib import pyplot  # noqa: E402  after its backend is chosen


def load(name):
    return json.loads((RESULTS / name).read_text())


def rates(times):
    """The seconds of a run, and the number of times in each."""
    counts = [0] * (int(max(times)) + 1)
    for when in times:
        counts[int(when)] += 1
    return range(len(counts)), counts


def mark(axes, marks):
    """Draw a line at each event, with its text above."""
    axes.set_xlim(0)
    axes.set_ylim(0)
    distance = axes.get_xlim()[1] * TEXT_DISTANCE / axes.get_position().width
    place = -distance
    for when, text in marks:
        axes.axvline(when, color='0.6', linewidth=0.8, linestyle=':')
        place = max(when, place + distance)
        axes.text(place, 1.02, text, transform=axes.get_xaxis_transform(),
                  rotation=50, va='bottom', ha='left')
    for side in 'top', 'right':
        axes.spines[side].set_visible(False)
    axes.set_xlabel('seconds')


def zookeeper(file):
    """Draw the writes per second, and the changes of the ensemble."""
    history = load('zookeeper.json')
    figure, axes = pyplot.subplots(figsize=(9, 4), layout='constrained')
    axes.step(*rates(history['writes']), where='post', color='tab:blue')
    axes.set_ylabel('writes acknowledged per second')
    axes.plot(history['reconfigured'], [0] * len(history['reconfigured']), '^',
              color='tab:orange', clip_on=False, zorder=3,
              label='client reconfigured')
    axes.legend(loc='lower right', bbox_to_anchor=(1, 0.1))
    mark(axes, history['marks'])
    figure.savefig(file, metadata={'Date': None})


def flume(file):
    """Draw the events sent and received, and the changes of the sinks."""
    figure, row = pyplot.subplots(1, 2, figsize=(9, 4), sharey=True,
                                  layout='constrained')
    for axes, protocol, title in zip(
            row, ('avro', 'thrift'), ('one sink, avro', 'failover group, thrift')):
        history = load('flume-{}.json'.format(protocol))
        sent = history['sent']
        axes.plot(sent, range(1, len(sent) + 1), color='tab:blue',
                  label='acknowledged by the agent')
        axes.plot(*zip(*history['arrived']), color='tab:orange', linestyle='--',
                  label='accepted by sinks')
        mark(axes, history['marks'])
        axes.legend(title=title, loc='lower right', frameon=False)
    row[0].set_ylabel('events')
    figure.savefig(file, metadata={'Date': None})


def main(directory=ROOT / 'docs'):
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    for name, draw in ('zookeeper', zookeeper), ('flume', flume):
        try:
            draw(directory / (name + '.svg'))
        except FileNotFoundError as error:
            print('no plot of {}: {} is missing, because its tests did not pass'.format(
                name, error.filename))


if __name__ == '__main__':
    main(*sys.argv[1:])
