"""Unequal linkage in plain words: what a reader of a figure must know before using it."""

from __future__ import annotations

from collections.abc import Sequence

from .fairness import Group, spreads

MOST = 5
"""Groups of one source named in one warning; the others are counted, and stand in the table."""

BEFORE_USE = (
    "A group may be found less because its links were missed, or because it truly is less often in the"
    " other sources. Either way, what is counted over linked records holds fewer of them than there are."
)
"""What a match rate cannot tell; it goes with every warning."""


def warnings(groups: Sequence[Group]) -> tuple[str, ...]:
    """A sentence for each group that is linked less well, furthest behind first; or better, if none is.

    At most MOST for each source and way to group it, and then how many more there are.
    """
    told = []
    for source, by in dict.fromkeys((g.source, g.by) for g in groups):
        here = [g for g in groups if (g.source, g.by) == (source, by)]
        worse = [g for g in here if g.apart < 0] or [g for g in here if g.apart > 0]
        worse.sort(key=lambda g: -abs(g.against - g.rate))
        told += [_sentence(g) for g in worse[:MOST]]
        if len(worse) > MOST:
            told.append(
                f"{len(worse) - MOST} more groups of {source} by {by} stand apart likewise: see the table."
            )
    return tuple(told)


def _sentence(group: Group) -> str:
    what = f"Records of {group.source} with {group.by} {group.group} are found in another source"
    share = f"{group.rate:.1%} ({group.low:.1%} to {group.high:.1%}) of the time"
    if group.apart < 0:
        return (
            f"{what} {share}, against {group.whole:.1%} for all; anything counted here misses more of them."
        )
    others = f"against {group.against:.1%} for the others"
    return f"{what} {share}, {others}; anything counted here misses more of those."


def told(groups: Sequence[Group]) -> tuple[str, ...]:
    """A sentence for each source and way to group it: how far apart its lowest and highest groups are."""
    return tuple(
        f"{spread.source} by {spread.by}: {spread.lowest.rate:.1%} of every group."
        if spread.lowest.rate == spread.highest.rate
        else f"{spread.source} by {spread.by}: from {spread.lowest.rate:.1%} ({spread.lowest.group}) to"
        f" {spread.highest.rate:.1%} ({spread.highest.group}), a ratio of {spread.ratio:.2f}."
        for spread in spreads(tuple(groups))
    )
