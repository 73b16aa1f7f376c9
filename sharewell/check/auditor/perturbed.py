"""What perturbed counts must look like, and what follows of the counts behind them, written down again.

It shares no code with the gate. Whoever reads a published table knows the method (the certificate says it)
and so the run of whole numbers that each figure stands for: those are the intervals from which the auditor
of tables starts. The checks need nothing but the published figures and the certificate.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from ...plan.finding import ALL, Output
from ...plan.released import CheckedTable
from ..certificate import PerturbationCertificate, TableCertificate


def shows_small(table: CheckedTable, policy: Mapping[str, Any]) -> bool:
    """Whether the policy lets this table show figures that may stand for small numbers, because each of
    them stands for all the small numbers: midpoint and controlled rounding of counts alone."""
    base, method = policy["rounding"], policy.get("rounding_method", "nearest")
    if base is None or policy["zero_is_small"] or table.output is not Output.FREQUENCY:
        return False
    if method == "midpoint":
        return bool(base >= policy["minimum"] - 1 and all(m.share for m in table.measures))
    return bool(method == "controlled" and base >= policy["minimum"] and not table.measures)


def known_interval(
    value: float, promise: PerturbationCertificate, least: int, zero_known: bool
) -> tuple[float, float]:
    """The least and the greatest count that is published as `value`.

    least: the least count that is shown at all (1 where small numbers may be shown). zero_known: whether 0
    is published where nobody is, rather than withheld.
    """
    base = promise.base
    if promise.method == "midpoint":
        run = (value - (base - base // 2 - 1), value + base // 2) if value else (0.0, 0.0)
    elif promise.method == "controlled":
        away = base * promise.reach - 1
        return max(value - away, 0.0), value + away
    else:
        run = (value - base // 2, value + (base - 1) // 2)
    if value == 0 and zero_known:
        return 0.0, (run[1] if run[1] >= least else 0.0)
    return max(run[0], float(least)), run[1]


def perturbation_faults(
    table: CheckedTable, entry: TableCertificate, policy: Mapping[str, Any]
) -> Iterator[str]:
    """Figures that the certified method cannot have given, counts without a certified method, and totals
    that do not add up where they were certified to."""
    promises = {promise.column: promise for promise in entry.perturbations}
    for name in table.counts if policy["rounding"] is not None else ():
        promise = promises.get(name)
        if promise is None:
            yield f"{name} has no certified perturbation though the policy asks for one"
            continue
        if promise.base != policy["rounding"]:
            yield f"{name} was perturbed to another base than the policy's"
        values = [value for value in table.data.column(name).to_pylist() if value is not None]
        odd = sum(not _fits(value, promise) for value in values)
        if odd:
            yield f"{name}: {odd} figures are not what {promise.method} to {promise.base} gives"
        if promise.method == "controlled":
            yield from _additive_faults(table, name, entry)


def _fits(value: float, promise: PerturbationCertificate) -> bool:
    if promise.method == "midpoint":
        middle = promise.base - promise.base // 2
        return value == 0 or (value > 0 and math.fmod(value, promise.base) == middle % promise.base)
    return value >= 0 and value % promise.base == 0


def _additive_faults(table: CheckedTable, name: str, entry: TableCertificate) -> Iterator[str]:
    """Totals over one dimension at a time; where all the parts are shown, they add up.

    Along a dimension with a hierarchy the parts of a category are those that name it their parent; a
    category without parent stands under ALL.
    """
    keys = list(zip(*(table.data.column(by).to_pylist() for by in table.by), strict=True))
    shown = dict(zip(keys, table.data.column(name).to_pylist(), strict=True))
    wrong = 0
    for d, by in enumerate(table.by):
        if by in entry.overlapping:
            continue
        above = _parents(entry.hierarchies.get(by, {}), {key[d] for key in keys})
        parts: dict[tuple[str, ...], list[float | None]] = defaultdict(list)
        for key, value in shown.items():
            if key[d] != ALL:
                parts[(*key[:d], above[key[d]], *key[d + 1 :])].append(value)
        for total, held in parts.items():
            value = shown.get(total)
            if value is not None and None not in held:
                wrong += value != sum(v for v in held if v is not None)
    if wrong:
        yield f"{name}: {wrong} totals are not the sums of their parts"


def _parents(hierarchy: Mapping[str, str], present: set[str]) -> dict[str, str]:
    """Each category -> the nearest category above it that has rows; ALL at the top."""
    found = {}
    for category in present - {ALL}:
        above = hierarchy.get(category, ALL)
        while above != ALL and above not in present:
            above = hierarchy.get(above, ALL)
        found[category] = above
    return found
