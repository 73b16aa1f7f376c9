"""How the figures of a published table add up, read from its dimension values alone.

Written apart from the gate's own account of the same: by keys and dictionaries. A dimension's categories
stand in *tiers* under the total; a category without parts of its own stands in its own tier and in every
finer one. A combination of tiers that the table publishes is a *level*.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from ...plan.finding import ALL

Key = tuple[str, ...]
Tiers = tuple[int, ...]
Relation = tuple[list[Key], list[Key], frozenset[int]]
"""Parts, the total (or none, where it has no row), and the dimensions that are summed over."""


class Nesting:
    """The categories of one dimension that occur, and what each is part of."""

    def __init__(self, shown: set[str], parents: Mapping[str, str]) -> None:
        self.up: dict[str, str] = {}
        for name in shown - {ALL}:
            above = parents.get(name, ALL)
            while above != ALL and above not in shown:
                above = parents.get(above, ALL)
            self.up[name] = above
        self.tier = {ALL: 0} | {name: self._height(name) for name in self.up}
        self.finest = max(self.tier.values())
        whole = set(self.up.values())
        self.last = {
            name: tier if name in whole or (name == ALL and self.up) else self.finest
            for name, tier in self.tier.items()
        }

    def _height(self, name: str) -> int:
        steps = 0
        while name != ALL:
            name = self.up[name]
            steps += 1
        return steps

    def is_in(self, name: str, tier: int) -> bool:
        return self.tier[name] <= tier <= self.last[name]

    def ascend(self, name: str, tier: int) -> str:
        while self.tier[name] > tier:
            name = self.up[name]
        return name

    def names(self, tier: int) -> list[str]:
        return sorted(name for name in self.tier if self.is_in(name, tier))


def read_nestings(keys: Sequence[Key], parents: Sequence[Mapping[str, str]]) -> list[Nesting]:
    """One for each dimension."""
    return [Nesting({key[d] for key in keys}, given) for d, given in enumerate(parents)]


def read_levels(keys: Sequence[Key], nestings: Sequence[Nesting]) -> dict[Tiers, list[Key]]:
    """The published levels, each with its rows."""
    exact: dict[Tiers, list[Key]] = defaultdict(list)
    for key in keys:
        exact[tuple(n.tier[value] for n, value in zip(nestings, key, strict=True))].append(key)
    published: list[Tiers] = []
    for tiers in sorted(exact, key=sum, reverse=True):
        finer = [other for other in published if _is_finer(other, tiers)]
        if any(not any(_belongs(key, other, nestings) for other in finer) for key in exact[tiers]):
            published.append(tiers)
    if all(nesting.finest <= 1 for nesting in nestings):
        return {tiers: exact[tiers] for tiers in published}
    return {tiers: [key for key in keys if _belongs(key, tiers, nestings)] for tiers in published}


def add_unseen(
    levels: dict[Tiers, list[Key]], nestings: Sequence[Nesting]
) -> tuple[dict[Tiers, list[Key]], list[Key]]:
    """The levels with the one beneath several finest levels, and its cells that no row shows."""
    finest = [a for a in levels if not any(_is_finer(b, a) for b in levels)]
    if len(finest) < 2:
        return levels, []
    beneath = tuple(max(tiers) for tiers in zip(*finest, strict=True))
    shown = {key for keys in levels.values() for key in keys}
    cells = list(product(*(n.names(tier) for n, tier in zip(nestings, beneath, strict=True))))
    return levels | {beneath: cells}, [key for key in cells if key not in shown]


def relate(levels: Mapping[Tiers, list[Key]], nestings: Sequence[Nesting]) -> Iterator[Relation]:
    """Every total between neighbouring levels, with its parts."""
    for coarse, fine in product(levels, levels):
        if not _is_finer(fine, coarse) or any(
            _is_finer(fine, between) and _is_finer(between, coarse) for between in levels
        ):
            continue
        parts: dict[Key, list[Key]] = defaultdict(list)
        for key in levels[fine]:
            above = tuple(n.ascend(v, t) for n, v, t in zip(nestings, key, coarse, strict=True))
            parts[above].append(key)
        summed = frozenset(d for d, (a, b) in enumerate(zip(coarse, fine, strict=True)) if a < b)
        held = set(levels[coarse])
        for total in held | set(parts):
            if parts[total] != [total]:
                yield parts[total], [total] if total in held else [], summed


def _is_finer(fine: Tiers, coarse: Tiers) -> bool:
    return fine != coarse and all(a >= b for a, b in zip(fine, coarse, strict=True))


def _belongs(key: Key, tiers: Tiers, nestings: Sequence[Nesting]) -> bool:
    return all(n.is_in(value, tier) for n, value, tier in zip(nestings, key, tiers, strict=True))
