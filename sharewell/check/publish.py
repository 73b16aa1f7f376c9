"""A judged table as it may leave: withheld figures null and marked, the others rounded, evidence gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..plan.finding import Measure, ResultTable
from ..plan.released import CheckedTable, Mark
from .certificate import READ_BY_PEOPLE, ColumnCertificate, TableCertificate, hash_table
from .evidence import Evidence
from .perturbation.counts import publish_counts
from .perturbation.figures import limit
from .perturbation.rounding import (
    is_covered,
    known_bounds,
    round_counts,
    round_figures,
    round_shares,
    used_method,
)
from .policy import Policy
from .structure import Floats, Ints, Mask
from .suppression.attacker import Column
from .suppression.complementary import METHOD, Pattern

MARKS = pa.array([Mark.PLAIN.value, Mark.ROUNDED.value, Mark.PROTECTING.value, Mark.CONFIDENTIAL.value])


def publish(
    evidence: Evidence,
    policy: Policy,
    primary: Mask,
    withheld: Mask,
    columns: Sequence[Column],
    pattern: Pattern | None,
) -> tuple[CheckedTable, TableCertificate]:
    """The table that may leave, and what the certificate says of it.

    GateError with every cause where its policy's perturbation cannot be carried out (`publish_counts`), or
    where a sum is a count in another unit (TARIFF).
    """
    table = evidence.table
    counts, perturbations = publish_counts(evidence, policy, withheld)
    figures = _figure_columns(table)
    data, marks = {}, {}
    for name in table.data.column_names:
        if name in table.evidence:
            continue
        column = table.data.column(name).combine_chunks()
        codes = np.zeros(evidence.rows, dtype=np.int64)
        if name in figures:
            column, rounded = _figures(evidence, policy, name, counts)
            column = pc.if_else(pa.array(~withheld), column, pa.scalar(None, column.type))
            codes = _codes(column, primary, withheld, rounded)
        data[name], marks[name] = column, MARKS.take(pa.array(codes))
    checked = CheckedTable(
        table.name,
        table.title,
        table.output,
        pa.table(data),
        pa.table(marks),
        table.by,
        table.counts,
        tuple(replace(measure, largest=None, beyond=None) for measure in table.measures),
        table.notes,
    )
    narrowest = pattern.narrowest if pattern else {}
    certificate = TableCertificate(
        table.name,
        hash_table(checked),
        evidence.rows,
        int(primary.sum()),
        int((withheld & ~primary).sum()),
        tuple(ColumnCertificate(c.name, c.width, c.share, narrowest.get(c.name)) for c in columns),
        table.overlapping,
        table.zero_safe,
        METHOD if len(evidence.structure.parents) else "rules on rows; no totals to protect",
        perturbations=perturbations,
    )
    return checked, certificate


def pass_read(table: ResultTable) -> tuple[CheckedTable, TableCertificate]:
    """A table that people read and let through, as it stands but for what only the gate may see."""
    data = table.data.drop_columns(sorted(table.evidence & set(table.data.column_names)))
    plain = pa.array([Mark.PLAIN.value] * data.num_rows, pa.string())
    measures = tuple(replace(measure, largest=None, beyond=None) for measure in table.measures)
    marks = pa.table(dict.fromkeys(data.column_names, plain))
    named = (table.name, table.title, table.output)
    checked = CheckedTable(*named, data, marks, table.by, table.counts, measures, table.notes)
    entry = TableCertificate(
        table.name,
        hash_table(checked),
        data.num_rows,
        0,
        0,
        (),
        table.overlapping,
        table.zero_safe,
        READ_BY_PEOPLE,
    )
    return checked, entry


def _figure_columns(table: ResultTable) -> set[str]:
    figures = {*table.counts, *(measure.column for measure in table.measures)}
    return figures | ({table.degrees_of_freedom} if table.degrees_of_freedom else set())


def _figures(
    evidence: Evidence, policy: Policy, name: str, counts: dict[str, Floats]
) -> tuple[pa.Array, bool]:
    """A column as published (before withholding), and whether it was changed."""
    table = evidence.table
    if name in table.counts:
        return pa.array(counts[name].astype(np.int64)), policy.rounding is not None
    column = table.data.column(name).combine_chunks()
    if policy.rounding is None and policy.figures is None:
        return column, False
    measure = next((m for m in table.measures if m.column == name), None)
    if policy.rounding is not None and measure is not None:
        return _numbers(_measure(evidence, policy, measure, counts)), True
    values = np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float64)
    if policy.rounding is not None:
        return _numbers(round_counts(values, policy.rounding)), True
    return _numbers(round_figures(values, policy.figures or 3)), True


def _measure(evidence: Evidence, policy: Policy, measure: Measure, counts: dict[str, Floats]) -> Floats:
    """A measure beside rounded counts: a share of the rounded ones, another figure so limited that it does
    not give the exact count back."""
    base, method = policy.rounding or 1, used_method(evidence, policy)
    people = evidence.counts[measure.count]
    if measure.share:
        return round_shares(evidence.implied[measure.column], people, base, method)
    zero_safe = measure.count in evidence.table.zero_safe
    bounds = known_bounds(people, policy, zero_safe, is_covered(evidence, policy), method)
    return limit(evidence, measure, counts[measure.count], bounds, policy.figures or 3)


def _numbers(values: Floats) -> pa.Array:
    return pa.array(values, mask=~np.isfinite(values))


def _codes(column: pa.Array, primary: Mask, withheld: Mask, rounded: bool) -> Ints:
    """Positions in MARKS; a figure that does not exist stays plain."""
    codes = np.full(len(column), 1 if rounded else 0, dtype=np.int64)
    codes[column.is_null().to_numpy(zero_copy_only=False)] = 0
    codes[withheld] = 2
    codes[primary] = 3
    return codes
