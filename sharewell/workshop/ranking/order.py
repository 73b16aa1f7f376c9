"""One ranking as it was given: what was put over what, what was tied, what was left undecided.

A table rarely ranks everything. An order here says only what was said: an item that nobody placed has no
place, and none is made up for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ...errors import DataError, Problem

Pair = tuple[str, str]


@dataclass(frozen=True)
class Order:
    """A partial order with ties.

    by: the table or person that gave it. items: what was in front of them. over: pairs (a, b) with a put
    over b, closed under transitivity. tied: pairs put level, each both ways round.
    """

    by: str
    items: tuple[str, ...]
    over: frozenset[Pair]
    tied: frozenset[Pair] = frozenset()

    @property
    def placed(self) -> tuple[str, ...]:
        """The items that were held against another."""
        seen = {item for pair in (*self.over, *self.tied) for item in pair}
        return tuple(item for item in self.items if item in seen)

    @property
    def undecided(self) -> tuple[str, ...]:
        """The items that were on the table and got no place."""
        placed = set(self.placed)
        return tuple(item for item in self.items if item not in placed)

    @property
    def is_complete(self) -> bool:
        """Whether every two items were held against one another."""
        n = len(self.items)
        return len(self.over) + len(self.tied) // 2 == n * (n - 1) // 2

    def prefers(self, first: str, second: str) -> bool | None:
        """True where `first` is over `second`, False where under, None where tied or not said."""
        if (first, second) in self.over:
            return True
        return False if (second, first) in self.over else None


def ranked(
    by: str, items: Sequence[str], tiers: Sequence[Iterable[str]], undecided: Iterable[str] = ()
) -> Order:
    """An order from tiers, best first: over everything in later tiers, level within one.

    DataError RANKING, all at once: an item twice, an item that was not on the table, an item both ranked
    and undecided. An item in no tier is undecided.
    """
    tiers = [tuple(tier) for tier in tiers]
    named = [item for tier in tiers for item in tier]
    problems = [*_unknown(by, items, (*named, *undecided)), *_twice(by, [*named, *undecided])]
    if problems:
        raise DataError(problems)
    over = {(a, b) for i, tier in enumerate(tiers) for a in tier for later in tiers[i + 1 :] for b in later}
    tied = {(a, b) for tier in tiers for a in tier for b in tier if a != b}
    return Order(by, tuple(items), frozenset(over), frozenset(tied))


def partly_ranked(by: str, items: Sequence[str], over: Iterable[Pair]) -> Order:
    """An order from single statements "a over b", closed under transitivity.

    DataError RANKING: an item that was not on the table, or statements that go round in a circle.
    """
    said = set(over)
    problems = _unknown(by, items, [item for pair in sorted(said) for item in pair])
    closed = _closure(said)
    if any(a == b for a, b in closed):
        what, why = f"{by} put things over one another in a circle", "no order has that"
        problems.append(Problem("RANKING", what, why, "ask the table which statement it takes back"))
    if problems:
        raise DataError(problems)
    return Order(by, tuple(items), frozenset(closed))


def _closure(pairs: set[Pair]) -> set[Pair]:
    closed = set(pairs)
    while more := {(a, d) for a, b in closed for c, d in closed if b == c} - closed:
        closed |= more
    return closed


def _unknown(by: str, items: Sequence[str], named: Iterable[str]) -> list[Problem]:
    strange = sorted(set(named) - set(items))
    what = f"{by} ranked {', '.join(strange)}, which it was not given"
    return (
        [Problem("RANKING", what, "it cannot be held against the rest", "look at the sheet again")]
        if strange
        else []
    )


def _twice(by: str, named: Sequence[str]) -> list[Problem]:
    again = sorted({item for item in named if named.count(item) > 1})
    what = f"{by} ranked {', '.join(again)} more than once"
    return [Problem("RANKING", what, "one thing has one place", "look at the sheet again")] if again else []
