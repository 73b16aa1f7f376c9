"""Do two readers see the same? Raw agreement and Cohen's kappa, with its interval.

Kappa (Cohen 1960) is agreement beyond chance; its standard error is that of Fleiss, Cohen and Everitt
(1969). Where nearly every pair is 'same' kappa is low however well people agree (Feinstein and Cicchetti
1990), so the share of 'same' stands beside it, and a note says when it misleads. These are figures of the
readers over the pairs they read, not weighted up to all pairs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from .intervals import Interval, share
from .states import Verdict

_ONE_SIDED = 0.9
"""From this share of one answer on, kappa is noted as misleading."""
_FEW = 30


EVERYBODY = "all"
"""The name of agreement over all readers and strata."""


@dataclass(frozen=True)
class Agreement:
    """`who`, of how many pairs read twice, how often they agreed, and kappa if it is defined.

    `prevalence` is the share of 'same' among all their answers.
    """

    who: str
    pairs: int
    raw: Interval
    kappa: Interval | None
    prevalence: float
    note: str


def agreement(who: str, answers: Sequence[tuple[Verdict, Verdict]]) -> Agreement:
    """The agreement of two readers over pairs that both answered, one tuple a pair."""
    count = len(answers)
    same = sum(one == two for one, two in answers)
    raw = share(same, count, max(count * 1000, 1))
    spoken = [verdict for each in answers for verdict in each]
    prevalence = spoken.count(Verdict.SAME) / max(len(spoken), 1)
    kappa = _kappa(answers)
    return Agreement(who, count, raw, kappa, prevalence, _note(count, spoken, kappa))


def agreements(readings: pa.Table) -> list[Agreement]:
    """From `Reviews.readings`: all pairs of readers together, then each two, each reader, each stratum.

    Only the first two answers to a pair count: the third reader is asked because those differed.
    """
    twice = list(_twice(readings))
    groups: dict[tuple[int, str], list[tuple[Verdict, Verdict]]] = {(0, EVERYBODY): []}
    for stratum, (one, first), (two, second) in twice:
        for key in (
            (0, EVERYBODY),
            (1, f"{one} and {two}"),
            (2, f"reader {one}"),
            (3, f"stratum {stratum:03d}"),
        ):
            groups.setdefault(key, []).append((first, second))
        groups.setdefault((2, f"reader {two}"), []).append((second, first))
    return [agreement(key[1], groups[key]) for key in sorted(groups)]


def _twice(readings: pa.Table) -> Iterable[tuple[int, tuple[str, Verdict], tuple[str, Verdict]]]:
    """The first two answers of each pair that has them, readers in order of name."""
    found: dict[str, list[tuple[str, Verdict]]] = {}
    strata: dict[str, int] = {}
    for row in readings.to_pylist():
        if row["place"] < 2:
            found.setdefault(row["pair"], []).append((row["reader"], Verdict(row["verdict"])))
            strata[row["pair"]] = row["stratum"]
    for pair, answers in found.items():
        if len(answers) == 2:
            one, two = sorted(answers)
            yield strata[pair], one, two


def _kappa(answers: Sequence[tuple[Verdict, Verdict]]) -> Interval | None:
    """None where it is not defined: nothing read, or one answer only was ever given."""
    from statsmodels.stats.inter_rater import cohens_kappa

    used = sorted({verdict for each in answers for verdict in each})
    if len(used) < 2:
        return None
    place = {verdict: at for at, verdict in enumerate(used)}
    table = [[0] * len(used) for _ in used]
    for one, two in answers:
        table[place[one]][place[two]] += 1
    with np.errstate(invalid="ignore", divide="ignore"):  # its test against nought, which is not used
        found = cohens_kappa(table)
    value, spread = float(found.kappa), float(max(found.var_kappa, 0.0)) ** 0.5
    return Interval(value, max(value - 1.959964 * spread, -1.0), min(value + 1.959964 * spread, 1.0))


def _note(count: int, spoken: Sequence[Verdict], kappa: Interval | None) -> str:
    if not count:
        return "no pair was read by two"
    if kappa is None:
        return "only one answer was ever given, so kappa is not defined"
    most = max(spoken.count(verdict) for verdict in Verdict) / len(spoken)
    if most >= _ONE_SIDED:
        return (
            "nearly all answers are the same, so kappa is low even where readers agree: see raw agreement"
        )
    if count < _FEW:
        return f"only {count} pairs, so the interval of kappa is rough"
    return ""
