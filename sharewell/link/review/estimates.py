"""Precision and recall from what readers settled, with intervals, weighted up to all the scored pairs.

Each stratum's share of 'same' stands for its whole population (Horvitz and Thompson 1952). Exact limits of
the strata are combined by variance recovery (`intervals`), so that strata in which every answer was the
same do not feign certainty; tests hold the cover to planted truth.

Precision is among links, recall among all scored pairs: what blocking never brought together no reader can
see. Where records carry a number that settles it, `reached` says how many of the known matches blocking
found, and recall is then of all matches; otherwise the answer says so.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from ...errors import LinkError, Problem
from .intervals import Interval, part_of, product, share, weighted
from .states import Verdict


@dataclass(frozen=True)
class Stratum:
    """What is known of one: its pairs, whether linked, and how many were found same, different, unclear.

    `low` is the weight from which it counts, `likely` the matches that the model expects in it.
    """

    population: int
    linked: bool
    same: int
    different: int
    unsure: int = 0
    low: float = -math.inf
    likely: float = 0.0

    @property
    def told(self) -> int:
        return self.same + self.different

    def matches(self) -> Interval:
        """The share of matches in the stratum. Unclear pairs are left out, as if like the others of it."""
        return share(self.same, self.told, max(self.population, self.told))


@dataclass(frozen=True)
class Quality:
    """Precision and recall of links, from labels.

    `bounds_precision` and `bounds_recall` are the estimates if every unclear pair were different, or same,
    whichever is worse or better. `recall_in_band` leaves out the bin of least weights, of which few pairs
    are read; `expected_below` is how many matches the model presumes there. `unread` strata have no answer
    that tells, and take the whole range from 0 to 1.
    """

    links: int
    read: int
    unsure: int
    unread: int
    precision: Interval
    recall: Interval
    recall_in_band: Interval
    expected_below: float
    reach: Interval | None
    bounds_precision: tuple[float, float]
    bounds_recall: tuple[float, float]
    note: str


def strata(design: pa.Table, labels: pa.Table) -> list[Stratum]:
    """From `Reviews.strata` and `Reviews.labels`."""
    found = Counter(
        zip(labels["stratum"].to_pylist(), map(Verdict, labels["verdict"].to_pylist()), strict=True)
    )
    return [
        Stratum(
            row["population"],
            row["linked"],
            found[row["stratum"], Verdict.SAME],
            found[row["stratum"], Verdict.DIFFERENT],
            found[row["stratum"], Verdict.UNSURE],
            row["low"],
            row["likely"],
        )
        for row in design.to_pylist()
    ]


def by_sources(design: pa.Table, labels: pa.Table) -> dict[str, Quality]:
    """Quality by pair of sources, of those of which a link was sampled and something is settled.

    Strata too small to be read for themselves hold several pairs of sources, and are told as 'several'.
    """
    found = {}
    for name in dict.fromkeys(design["sources"].to_pylist()):
        read = strata(design.filter(pc.equal(design["sources"], name)), labels)
        if any(each.linked and each.population for each in read) and any(each.told for each in read):
            found[name] = quality(read)
    return found


def quality(read: Sequence[Stratum], reached: tuple[int, int] | None = None) -> Quality:
    """Precision and recall at the threshold by which the strata are linked or not, at 95%.

    `reached`: of how many known matches (pairs that share a verified number, say) blocking brought together
    how many; (found, known). LinkError if no stratum is linked, or nothing was read.
    """
    if not any(each.linked and each.population for each in read) or not any(each.told for each in read):
        what = "there is nothing to estimate from: no link was sampled, or nothing is settled yet"
        raise LinkError(Problem("REVIEW", what, fix="read pairs of this batch first"))
    reach = share(reached[0], reached[1], max(reached[1] * 1000, 1)) if reached and reached[1] else None
    precision, recall, band = _estimates(read)
    worst, best = _bounds(read)
    return Quality(
        links=sum(each.population for each in read if each.linked),
        read=sum(each.told for each in read),
        unsure=sum(each.unsure for each in read),
        unread=sum(not each.told for each in read),
        precision=precision,
        recall=product(recall, reach) if reach else recall,
        recall_in_band=band,
        expected_below=math.fsum(each.likely for each in read if math.isinf(each.low)),
        reach=reach,
        bounds_precision=(worst[0], best[0]),
        bounds_recall=(worst[1], best[1]),
        note=_note(reach),
    )


def curve(read: Sequence[Stratum]) -> pa.Table:
    """Precision and recall by threshold, at the weights where bins meet: (threshold, links, precision,
    precision_low, precision_high, recall, recall_low, recall_high).
    """
    rows = []
    for threshold in sorted({each.low for each in read if math.isfinite(each.low)}):
        moved = [replace(each, linked=each.low >= threshold) for each in read]
        precision, recall, _ = _estimates(moved)
        links = sum(each.population for each in moved if each.linked)
        rows.append((threshold, links, *_three(precision), *_three(recall)))
    names = ["threshold", "links"]
    names += [f"{what}{end}" for what in ("precision", "recall") for end in ("", "_low", "_high")]
    kinds = [pa.float64(), pa.int64(), *[pa.float64()] * 6]
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    return pa.table(
        {name: pa.array(column, kind) for name, column, kind in zip(names, columns, kinds, strict=True)}
    )


def _estimates(read: Sequence[Stratum]) -> tuple[Interval, Interval, Interval]:
    """Precision, recall, and recall without the bin of least weights."""
    linked = _matches([each for each in read if each.linked])
    rest = [each for each in read if not each.linked]
    links = sum(each.population for each in read if each.linked)
    scale = 1 / max(links, 1)
    precision = Interval(linked.value * scale, linked.low * scale, min(linked.high * scale, 1.0))
    near = _matches([each for each in rest if math.isfinite(each.low)])
    return precision, part_of(linked, _matches(rest)), part_of(linked, near)


def _matches(read: Sequence[Stratum]) -> Interval:
    """How many matches the strata hold. One of which nothing was told is taken to be like the others of
    its side, but may hold none or nothing else: no chance is in that, so its limits are added plainly.
    """
    told = [each for each in read if each.told]
    known = weighted([(float(each.population), each.matches()) for each in told])
    silent = sum(each.population for each in read) - sum(each.population for each in told)
    usual = known.value / sum(each.population for each in told) if told else 0.5
    return Interval(known.value + silent * usual, known.low, known.high + silent)


def _bounds(read: Sequence[Stratum]) -> tuple[tuple[float, float], tuple[float, float]]:
    """Precision and recall when each unclear pair goes against us, and when each goes for us."""

    def settled(for_us: bool) -> tuple[float, float]:
        moved = []
        for each in read:
            same = each.linked is for_us
            moved.append(
                replace(
                    each,
                    same=each.same + (each.unsure if same else 0),
                    different=each.different + (0 if same else each.unsure),
                )
            )
        precision, recall, _ = _estimates(moved)
        return precision.value, recall.value

    return settled(False), settled(True)


def _three(interval: Interval) -> tuple[float, float, float]:
    return interval.value, interval.low, interval.high


def _note(reach: Interval | None) -> str:
    if reach is None:
        return "recall is among compared pairs only: matches that blocking never compared are not in it"
    return "recall counts what blocking missed, judged by records whose verified numbers show who matches"
