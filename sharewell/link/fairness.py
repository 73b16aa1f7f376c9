"""Are some groups linked less well than others? Match rates by group, with intervals, a test, and words.

A match rate is the share of a source's records that are found in another source of the unit. It is
reported by group because links are missed unevenly, and what is counted over linked records then leaves out
the same people each time (Bohensky et al. 2010, BMC Health Services Research 10:346; Harron et al. 2017,
Big Data & Society 4(2); Gilbert et al. 2018, GUILD, Journal of Public Health 40(1):191-198). Those papers
ask for the comparison; the sizes at which a difference is called unequal here are this project's own.

Intervals are Wilson's (1927, JASA 22:209-212). A group is held against the other groups of its source by
Fisher's exact test, and all tests of a run are adjusted together by Holm's method (1979, Scandinavian
Journal of Statistics 6:65-70), so that equal linkage is called unequal in at most one run of twenty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..plan.finding import ALL

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

POINTS = 0.02
"""A difference of more than two percentage points between a group and the others matters."""
RATIO = 0.95
"""So does a match rate below 95% of the others' (or theirs of it), which tells more where rates are low."""
LEVEL = 0.05
"""The chance, over all tests of a run, of calling equal linkage unequal."""
ALIKE = 0.95
"""Two sources of which one has at least this share of the other's records may hold the same people."""
_Z = 1.959963984540054

RULE = (
    f"A group is said to be linked less well where it differs from the other groups of its source by more"
    f" than {100 * POINTS:.0f} percentage points, or its rate is under {RATIO:.0%} of theirs, and by more"
    f" than chance explains (Fisher's exact test, all groups together by Holm's method, {LEVEL:.0%})."
    " Records of one home are taken as independent, which they are not quite."
)
"""The rule in words, for whoever reads a warning."""


@dataclass(frozen=True)
class Group:
    """One group of one source. `against` is the rate of the source's other groups, `p` is adjusted.

    `apart` is -1 where it is linked less well than the others, 1 where better, 0 where no difference is
    shown. `low` and `high` are the 95% interval of `rate`. Shares are from 0 to 1.
    """

    source: str
    by: str
    group: str
    records: int
    found: int
    rate: float
    low: float
    high: float
    whole: float
    against: float
    p: float
    apart: int


@dataclass(frozen=True)
class Spread:
    """The lowest and the highest rate of the groups of one source, and their ratio (1 where alike)."""

    source: str
    by: str
    lowest: Group
    highest: Group

    @property
    def ratio(self) -> float:
        return self.lowest.rate / self.highest.rate if self.highest.rate else 1.0


def wilson(found: npt.ArrayLike, of: npt.ArrayLike) -> tuple[Floats, Floats]:
    """The 95% score interval of a share; `of` may be any positive number (an effective sample, say).

    NaN where `of` is 0.
    """
    count, whole = np.asarray(found, np.float64), np.asarray(of, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = count / whole
        middle = (share + _Z**2 / (2 * whole)) / (1 + _Z**2 / whole)
        half = _Z / (1 + _Z**2 / whole) * np.sqrt(share * (1 - share) / whole + _Z**2 / (4 * whole**2))
    return np.clip(middle - half, 0, share), np.clip(middle + half, share, 1)


def holm(p: npt.ArrayLike) -> Floats:
    """P values adjusted for their number by Holm's step-down method."""
    given = np.asarray(p, np.float64)
    order = np.argsort(given)
    stepped = given[order] * np.arange(len(given), 0, -1)
    adjusted = np.empty_like(given)
    adjusted[order] = np.minimum(np.maximum.accumulate(stepped), 1)
    return adjusted


def expected_elsewhere(sources: Mapping[str, Mapping[str, int]]) -> frozenset[str]:
    """The sources whose records ought to be found in another, so that one not found is a link missed.

    `sources` are the counts of `Linked.evidence`. The largest source of a unit is left out, unless another
    is about as large: of a register of everybody, to be found in a hospital's list is to have been ill, and
    a warning drawn from that would be of who falls ill.
    """
    sizes = {name: told["records"] for name, told in sources.items()}
    alike = [name for name, size in sizes.items() if size >= ALIKE * max(sizes.values())]
    return frozenset(sizes) - (frozenset(alike) if len(alike) == 1 else frozenset())


def merge_small(tally: pa.Table, least: int, name: str = "Other groups, too few to show") -> pa.Table:
    """A tally (source, group, records, found) with groups of fewer than `least` records made one a source.

    One small group alone would be withheld, and take a larger one with it to hide by subtraction.
    """
    small = [n < least for n in tally["records"].to_pylist()]
    groups = [name if few else group for few, group in zip(small, tally["group"].to_pylist(), strict=True)]
    merged = tally.set_column(tally.column_names.index("group"), "group", pa.array(groups, pa.string()))
    summed = merged.group_by(["source", "group"]).aggregate([("records", "sum"), ("found", "sum")])
    named = summed.rename_columns(["source", "group", "records", "found"])
    return named.sort_by([("source", "ascending"), ("group", "ascending")])


def with_totals(tally: pa.Table) -> pa.Table:
    """The tally with a row for each source over all its groups, called ALL, first."""
    whole = tally.group_by("source").aggregate([("records", "sum"), ("found", "sum")])
    named = whole.rename_columns(["source", "records", "found"])
    everyone = pa.array([ALL] * len(named), pa.string())
    total = pa.table({"source": named["source"], "group": everyone, **_counts(named)})
    rows = pa.concat_tables(
        [total, pa.table({"source": tally["source"], "group": tally["group"], **_counts(tally)})]
    )
    return rows.take(pa.array(np.argsort(rows["source"].to_pylist(), kind="stable")))


def _counts(tally: pa.Table) -> dict[str, pa.ChunkedArray]:
    return {name: tally[name].cast(pa.int64()) for name in ("records", "found")}


def compare(tallies: Mapping[str, pa.Table], *, rounding: int = 0) -> tuple[Group, ...]:
    """Every group of every tally held against the others of its source, with one adjustment for all.

    A tally is a table (source, group, records, found) with a row ALL for each source; a row whose counts
    are null (withheld) is left out, and so is a source whose total is. `rounding` is the multiple to
    which counts were rounded: a group is then credited with as many records as rounding may have cost it.
    """
    held = [
        (by, source, group, wholes[source], counts)
        for by, tally in tallies.items()
        for wholes, rows in [_rows(tally)]
        for source, group, counts in rows
        if source in wholes
    ]
    if not held:
        return ()
    records, found = (np.array([counts[at] for *_, counts in held], np.int64) for at in (0, 1))
    all_records, all_found = (np.array([whole[at] for *_, whole, _ in held], np.int64) for at in (0, 1))
    p = holm(_exact(records, found, all_records, all_found, rounding))
    low, high = wilson(found, records)
    rate, whole = found / records, all_found / all_records
    rest = np.maximum(all_records - records, 0)
    against = np.where(rest > 0, np.clip(all_found - found, 0, rest) / np.maximum(rest, 1), rate)
    apart = np.where(p < LEVEL, np.sign(rate - against) * _matters(rate, against), 0).astype(int)
    return tuple(
        Group(
            source,
            by,
            group,
            counts[0],
            counts[1],
            float(rate[at]),
            float(low[at]),
            float(high[at]),
            float(whole[at]),
            float(against[at]),
            float(p[at]),
            int(apart[at]),
        )
        for at, (by, source, group, _, counts) in enumerate(held)
    )


def _rows(tally: pa.Table) -> tuple[dict[str, tuple[int, int]], list[tuple[str, str, tuple[int, int]]]]:
    wholes, rows = {}, []
    for row in tally.to_pylist():
        if row["records"] and row["found"] is not None:  # neither nobody nor withheld
            counts = (row["records"], min(row["found"], row["records"]))
            if row["group"] == ALL:
                wholes[row["source"]] = counts
            else:
                rows.append((row["source"], row["group"], counts))
    return wholes, rows


def _exact(records: Ints, found: Ints, all_records: Ints, all_found: Ints, rounding: int) -> Floats:
    """Twice the smaller tail of the hypergeometric distribution of the misses of a group."""
    from scipy.stats import hypergeom

    many = np.maximum(all_records, records)
    misses, all_misses = records - found, np.clip(all_records - all_found, records - found, None)
    expected = records * all_misses / many
    more = np.maximum(misses - rounding, np.ceil(expected).astype(np.int64))
    fewer = np.minimum(misses + rounding, np.floor(expected).astype(np.int64))
    tail = np.where(
        misses > expected,
        hypergeom.sf(more - 1, many, all_misses, records),
        hypergeom.cdf(fewer, many, all_misses, records),
    )
    return np.asarray(np.minimum(2 * tail, 1.0), np.float64)


def _matters(rate: Floats, against: Floats) -> Floats:
    lower, higher = np.minimum(rate, against), np.maximum(rate, against)
    ratio = np.where(higher > 0, lower / np.where(higher > 0, higher, 1), 1)
    matters: Floats = ((higher - lower > POINTS) | (ratio < RATIO)).astype(np.float64)
    return matters


def spreads(groups: tuple[Group, ...]) -> Iterator[Spread]:
    """For each source and each way to group it, its lowest and highest group."""
    for source, by in dict.fromkeys((g.source, g.by) for g in groups):
        held = [g for g in groups if (g.source, g.by) == (source, by)]
        yield Spread(source, by, min(held, key=lambda g: g.rate), max(held, key=lambda g: g.rate))


def reweighted(
    people: Mapping[str, float], shares: Mapping[str, float], rates: Mapping[str, float]
) -> tuple[float, float]:
    """A share over all groups as it stands, and as it would be had no link been missed: (it is, then).

    `shares` are of all `people` of each group, of something that only a link can show (known to another
    service). Each linked person counts for one over the match rate of their group, that is, the unlinked
    are taken to be like the linked of the same group: inverse probability weighting (Horvitz and Thompson
    1952, JASA 47:663-685). No data here can show whether they are. ValueError where there are no people, or
    a group has no match rate above 0.
    """
    if sum(people.values()) <= 0 or any(rates.get(name, 0) <= 0 for name in people):
        raise ValueError("each group needs people and a match rate above 0")
    whole = sum(people.values())
    plain = sum(count * shares[name] for name, count in people.items())
    then = sum(count * min(shares[name] / rates[name], 1.0) for name, count in people.items())
    return plain / whole, then / whole
