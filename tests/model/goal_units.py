"""The units for which goal-state corrects relation-list.

relation-list can list a unit that was removed by force, and may not list the units of a
relation that was removed and made again at once.
"""
from __future__ import annotations

from collections.abc import Callable, Set
from typing import NamedTuple


class GoalUnits(NamedTuple):
    """The units of one relation, by the last full read."""
    # units that goal-state named in the last full read, or named earlier and
    # relation-list still lists
    named: frozenset[str] = frozenset()
    # those of them that have left
    left: frozenset[str] = frozenset()
    # named in the last full read, but not listed by relation-list
    unlisted: frozenset[str] = frozenset()
    # those of them that are in the relation
    found: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return str([sorted(units) for units in self])

    def after_hook(self, unit: str) -> GoalUnits:
        """After a hook of a unit, its presence no longer depends on goal-state."""
        return self._replace(left=self.left - {unit}, found=self.found - {unit})

    def after_list(self, listed: set[str]) -> GoalUnits:
        """The result of what relation-list lists."""
        return self._replace(left=self.left & listed, found=self.found - listed)

    def after_goal_state(self, listed: set[str], named: set[str],
                         is_readable: Callable[[str], bool]) -> GoalUnits:
        """The result of what goal-state names in a full read.

        :param is_readable: returns whether a unit's data can be read
        """
        unlisted = named - listed
        unlisted_twice = self.unlisted_twice(unlisted)
        expected = self.named & listed | named
        return GoalUnits(
            frozenset(expected), frozenset(expected - named), frozenset(unlisted),
            self.found & unlisted | set(filter(is_readable, sorted(unlisted_twice))))

    def unlisted_twice(self, unlisted: Set[str]) -> Set[str]:
        """The units that were unlisted before, too, and not found then."""
        return unlisted & self.unlisted - self.found

    def units(self, listed: set[str]) -> set[str]:
        """The units that are in the relation."""
        return listed - self.left | self.found
