"""The part of the report that tells a ranking exercise: one section for each group of tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from ..papers.block import Block, Bullets, Heading, Lines, Paragraph, Picture, Table
from .day import Example, Exercise
from .pictures import draw_order, draw_tiers
from .rank_figures import GroupFigures, Ranking
from .ranking.kemeny import Consensus
from .ranking.order import Order

ASKED = {
    Exercise.RANK_BY_BENEFIT: ("What was ranked by benefit", "of more benefit than"),
    Exercise.RANK_BY_RISK: ("What was ranked by risk", "a higher risk than"),
    Exercise.RANK_BY_ACCEPTABILITY: ("What was ranked by how acceptable it is", "more acceptable than"),
}


def ranking_blocks(ranking: Ranking, examples: Mapping[str, Example]) -> Iterator[Block]:
    """A ranking exercise: criteria, each group of tables, and who is in no figure."""
    title, than = ASKED[ranking.session.exercise]
    yield Heading(2, ranking.session.title or title)
    if ranking.criteria:
        rows = tuple(
            (((table,),), tuple((words,) for words in told)) for table, told in ranking.criteria.items()
        )
        yield Table("What each table ranked by, the main reason first", ("Table", "Reasons"), rows)
    if len(ranking.groups) > 1:
        yield paragraph(
            f"The tables fall into {len(ranking.groups)} groups that shared no example. Nobody held the "
            "examples of one group against those of another, so they are told apart and never put together."
        )
    for group in ranking.groups:
        yield from _group(group, ranking.session.title or title, than, examples)
    if not ranking.groups:
        yield paragraph("No table put any example over another.")
    yield from _left(ranking)


def _group(group: GroupFigures, head: str, than: str, examples: Mapping[str, Example]) -> Iterator[Block]:
    yield Heading(3, named("Table", group.tables))
    if len(group.tables) == 1:
        yield from _one(group.group.orders[0], head, than, examples)
        return
    yield from _several(group, head, examples)


def _one(order: Order, head: str, than: str, examples: Mapping[str, Example]) -> Iterator[Block]:
    """One table's order, as it was given and no further."""
    said = _statements(order, than)
    yield Bullets(tuple((words,) for words in said))
    yield paragraph(
        "This is what one table said. It has no interval and no measure of agreement (Kendall's W): with "
        "one ranking there is nothing to draw again, and nobody to agree with."
    )
    if order.undecided:
        yield paragraph(
            f"No place was given to {joined(order.undecided)}. None is made up: these may stand anywhere."
        )
    title = f"{head}: what {named('table', [order.by])} put over what"
    yield Picture(title, " ".join(said), draw_order(title, order))
    yield _legend(order.items, examples)


def _statements(order: Order, than: str) -> list[str]:
    """What was put over what, those put under the same things together."""
    under: dict[frozenset[str], list[str]] = {}
    for item in order.items:
        if below := frozenset(b for a, b in order.over if a == item):
            under.setdefault(below, []).append(item)
    found = []
    for below, above in under.items():
        verb = "is" if len(above) == 1 else "are each"
        found.append(f"{joined(above)} {verb} {than} {joined(sorted(below))}.")
    level = sorted(
        {frozenset((item, *(b for a, b in order.tied if a == item))) for item, _ in order.tied}, key=sorted
    )
    return found + [f"{joined(sorted(items))} are level." for items in level]


def _several(group: GroupFigures, head: str, examples: Mapping[str, Example]) -> Iterator[Block]:
    """What several tables said together: tiers and intervals, consensus, dissent."""
    drawn = any(each.low is not None for each in group.standings)
    told = (
        "An interval holds the mean rank in nine of ten drawings of the tables."
        if drawn
        else "There are too few tables to draw again, so there are no intervals: only what every table put "
        "the same way is kept apart."
    )
    yield paragraph(
        f"{len(group.tables)} tables. Within a tier, these people did not show which comes first. {told}"
    )
    title = f"{head}: tiers, {named('table', group.tables)}"
    words = "; ".join(f"{s.item} in tier {s.tier}, mean rank {s.mean:.1f}" for s in group.standings)
    yield Picture(title, words + ".", draw_tiers(title, group.standings))
    rows = tuple(
        row(
            s.item,
            _title(s.item, examples),
            str(s.tier),
            f"{s.mean:.1f}",
            _between(s.low, s.high),
            str(s.tables),
        )
        for s in group.standings
    )
    columns = ("Example", "What it is", "Tier", "Mean rank", "Interval", "Tables that placed it")
    yield Table("Ranks, in tiers", columns, rows)
    yield Bullets(tuple((words,) for words in _together(group)))
    if group.dissent:
        yield Table(
            "Where tables put two examples different ways",
            ("Two examples", "Tables for the first", "Tables for the second"),
            tuple(row(f"{a} and {b}", str(m), str(n)) for (a, b), (m, n) in group.dissent.items()),
        )


def _together(group: GroupFigures) -> Iterator[str]:
    held = group.consensus
    yield held if isinstance(held, str) else _consensus(held)
    if isinstance(held, Consensus) and not held.agrees_with_mean:
        yield "The order by mean rank is none of these: the two usual ways to sum up disagree here."
    w = group.agreement
    yield (
        w
        if isinstance(w, str)
        else f"How much {w.rankers} tables agree (Kendall's W, 0 to 1): {w.w:.2f}. Chance alone gives "
        f"{w.by_chance:.2f} on average and up to {w.by_chance_95:.2f} in 95 of 100 cases; p = {w.p:.4f}."
    )


def _consensus(held: Consensus) -> str:
    orders = "One order contradicts" if held.optima == 1 else f"{held.optima:,} orders each contradict"
    sure = len(held.certain)
    pairs = len(held.items) * (len(held.items) - 1) // 2
    return (
        f"{orders} the fewest statements: {held.against:g} of {held.of:g}. "
        f"{sure} of {pairs} pairs of examples stand the same way in every such order."
    )


def _left(ranking: Ranking) -> Iterator[Block]:
    told = []
    if ranking.given.unfinished:
        told.append(f"No ranking was written down by {joined(ranking.given.unfinished)}.")
    told += [f"{by} is in no figure: {why}." for by, why in ranking.given.uncounted.items()]
    if told:
        yield Bullets(tuple((words,) for words in told))


def _legend(items: Iterable[str], examples: Mapping[str, Example]) -> Table:
    rows = tuple(row(item, _title(item, examples)) for item in items)
    return Table("The examples on this table", ("Example", "What it is"), rows)


def _title(label: str, examples: Mapping[str, Example]) -> str:
    held = examples.get(label)
    return (held.title or held.agreement or "Not stated") if held else "Not stated"


def _between(low: float | None, high: float | None) -> str:
    return "Too few tables" if low is None or high is None else f"{low:.1f} to {high:.1f}"


def row(*cells: str) -> tuple[Lines, ...]:
    """A row of a table, a line of fixed words a cell."""
    return tuple(((cell,),) for cell in cells)


def paragraph(words: str) -> Paragraph:
    """A paragraph of fixed words."""
    return Paragraph((words,))


def named(word: str, names: Iterable[str]) -> str:
    """`Table a`, or `Tables a, b and c`; of one that is called `table-1`, `Table 1`."""
    names = tuple(re.sub(r"^table[ -]?(?=.)", "", name) for name in names)
    return f"{word}{'s' if len(names) > 1 else ''} {joined(names)}"


def joined(names: Iterable[str]) -> str:
    """Names as a list within a sentence."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
