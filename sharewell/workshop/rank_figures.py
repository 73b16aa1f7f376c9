"""The figures of each ranking exercise: who ranked what, in which groups, and what that can show.

Tables that shared no example stand in groups of their own, and no figure is of two groups.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .day import DayText, Session
from .events import Record
from .given_orders import Given, given
from .ranking.comparing import Group, groups
from .ranking.concordance import Concordance, concordance
from .ranking.kemeny import MOST, Consensus, kemeny
from .ranking.tiers import Standing, standings
from .sayings import Criterion, Kind


@dataclass(frozen=True)
class GroupFigures:
    """What one group of tables shows.

    consensus and agreement (Kendall's W): or why there is none. dissent: pairs (a, b) that some tables put
    one way and some the other, with how many each way.
    """

    group: Group
    standings: tuple[Standing, ...]
    consensus: Consensus | str
    agreement: Concordance | str
    dissent: Mapping[tuple[str, str], tuple[int, int]]

    @property
    def tables(self) -> tuple[str, ...]:
        return tuple(order.by for order in self.group.orders)

    def as_mapping(self) -> dict[str, Any]:
        """JSON-ready."""
        held = self.consensus
        return {
            "tables": list(self.tables),
            "orders": [
                {
                    "by": order.by,
                    "on the table": list(order.items),
                    "over": sorted(map(list, order.over)),
                    "level": sorted([a, b] for a, b in order.tied if a < b),
                    "undecided": list(order.undecided),
                }
                for order in self.group.orders
            ],
            "standings": [vars(each) for each in self.standings],
            "consensus": held
            if isinstance(held, str)
            else {
                "optima": held.optima,
                "statements against": held.against,
                "statements": held.of,
                "in every one": sorted(map(list, held.certain)),
                "agrees with mean rank": held.agrees_with_mean,
            },
            "concordance": self.agreement if isinstance(self.agreement, str) else vars(self.agreement),
            "dissent": [{"pair": list(pair), "tables": list(n)} for pair, n in self.dissent.items()],
        }


@dataclass(frozen=True)
class Ranking:
    """A ranking exercise. criteria: table -> what it ranked by, in its words, the main one first."""

    name: str
    session: Session
    given: Given
    groups: tuple[GroupFigures, ...]
    criteria: Mapping[str, tuple[str, ...]]

    def as_mapping(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "exercise": str(self.session.exercise),
            "criteria": {table: list(words) for table, words in self.criteria.items()},
            "groups": [group.as_mapping() for group in self.groups],
            "unfinished": list(self.given.unfinished),
            "uncounted": dict(self.given.uncounted),
        }


def rankings(text: DayText, record: Record, seed: int = 0) -> tuple[Ranking, ...]:
    """Each ranking exercise of the day, in its order."""
    found = []
    for name, session in text.sessions.items():
        if session.exercise.is_ranking:
            told = given(text, record, name)
            shown = tuple(_group(group, seed) for group in groups(told.orders))
            found.append(Ranking(name, session, told, shown, _criteria(record, name)))
    return tuple(found)


def _group(group: Group, seed: int) -> GroupFigures:
    many = f"{len(group.items)} examples are too many for an exact consensus; {MOST} is the most."
    few = "One ranking is nobody's consensus but its own."
    consensus: Consensus | str = many if len(group.items) > MOST else few
    if len(group.orders) > 1 and len(group.items) <= MOST:
        consensus = kemeny(group)
    agreement = concordance(group.orders, seed)
    return GroupFigures(group, standings(group, seed), consensus, agreement, _dissent(group))


def _dissent(group: Group) -> dict[tuple[str, str], tuple[int, int]]:
    over = (group.told() == 1.0).sum(axis=0)
    return {
        (a, b): (int(over[i, j]), int(over[j, i]))
        for i, a in enumerate(group.items)
        for j, b in enumerate(group.items)
        if i < j and over[i, j] and over[j, i]
    }


def _criteria(record: Record, name: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[Criterion]] = {}
    for each in record.of(Kind.CRITERION, name):
        said = each.said
        assert isinstance(said, Criterion)
        found.setdefault(each.table, []).append(said)
    return {
        table: tuple(dict.fromkeys(c.text for c in sorted(told, key=lambda c: not c.main)))
        for table, told in sorted(found.items())
    }
