"""What units and applications had published before a recording begins."""
from __future__ import annotations

import math
from collections.abc import Container, Iterable

from .recording import Event, Key


def published(events: list[Event], members: Iterable[str],
              replaced: Container[int]) -> dict[Key, dict[str, str]]:
    """What is read of it, while it is as it was; or set, if that was no news.

    :param members: units that were there
    :param replaced: relations that are made again: of their own application's
        settings in these, units may read those in the successor
    """
    news = _first_news(events, set(members))
    found: dict[Key, dict[str, str]] = {}
    whole: set[Key] = set()
    told: set[tuple[str, Key]] = set()
    for event in events:
        told.add((event.unit, event.told_of))
        written = set()
        for call in event.calls:
            written.add(event.sets(call)[0])
            key, settings = event.read(call)
            if not key[1] or call.status or key in whole or (
                    key[0] in replaced and key[1].split('/')[0] == event.app):
                continue
            position, new = news.get(key, (math.inf, {}))
            cached = key[1] not in (event.unit, event.app) and (
                (event.unit, key) not in told and not new.items() <= settings.items())
            if event.position < position or cached or (
                    event.position == position and key not in written):
                found[key] = settings | found.get(key, {})
                if call.words[:1] in ([], ['-']):
                    whole.add(key)
    return {**_no_news(events, news), **found}


def _writes(events: list[Event]) -> dict[Key, list[tuple[int, dict[str, str]]]]:
    """What was set in hooks that ended well, and in which line."""
    found: dict[Key, list[tuple[int, dict[str, str]]]] = {}
    for event in events:
        for key, settings in map(event.sets, event.calls):
            if settings and not event.line['exit']:
                found.setdefault(key, []).append((event.position, settings))
    return found


def _first_news(events: list[Event],
                members: set[str]) -> dict[Key, tuple[int, dict[str, str]]]:
    """What was set first that members were told of before other settings were."""
    told: dict[Key, list[int]] = {}
    since: set[tuple[str, Key]] = set()     # who came, or went, in the recording
    for event in events:
        who = event.unit, (event.number, event.remote_unit)
        if event.kind in ('joined', 'departed'):
            since.add(who)
        elif event.kind == 'changed' and event.unit in members and who not in since:
            told.setdefault(event.told_of, []).append(event.position)
    found = {}
    for key, writes in _writes(events).items():
        for position, settings in writes:
            end = next((later for later, others in writes
                        if later > position and others != settings), math.inf)
            if any(position < line <= end for line in told.get(key, [])):
                found[key] = position, settings
                break
    return found


def _no_news(events: list[Event], news: dict[Key, tuple[int, dict[str, str]]]
             ) -> dict[Key, dict[str, str]]:
    return {key: writes[0][1] for key, writes in _writes(events).items()
            if writes[0][0] < news.get(key, (math.inf, {}))[0]}
