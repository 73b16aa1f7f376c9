"""A judged table as it may leave: withheld figures null and marked, the others rounded, evidence gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from ..plan.finding import ResultTable
from ..plan.released import CheckedTable, Mark
from .certificate import ColumnCertificate, TableCertificate, hash_table
from .evidence import Evidence
from .perturbation.rounding import round_counts, round_figures, round_shares
from .policy import Policy
from .structure import Floats, Mask
from .suppression.attacker import Column
from .suppression.complementary import METHOD, Pattern


def publish(
    evidence: Evidence,
    policy: Policy,
    primary: Mask,
    withheld: Mask,
    columns: Sequence[Column],
    pattern: Pattern | None,
) -> tuple[CheckedTable, TableCertificate]:
    """The table that may leave, and what the certificate says of it."""
    table = evidence.table
    names = [name for name in table.data.column_names if name not in table.evidence]
    data, marks = {}, {}
    for name in names:
        column, rounded = _figures(evidence, policy, name)
        if name in _figure_columns(table):
            column = pa.array(column.to_pylist(), type=column.type, mask=withheld)
            marks[name] = _marks(column, primary, withheld, rounded)
        else:
            marks[name] = pa.array([Mark.PLAIN.value] * evidence.rows, type=pa.string())
        data[name] = column
    measures = tuple(replace(measure, largest=None) for measure in table.measures)
    checked = CheckedTable(
        table.name,
        table.title,
        table.output,
        pa.table(data),
        pa.table(marks),
        table.by,
        table.counts,
        measures,
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
    )
    return checked, certificate


def _figure_columns(table: ResultTable) -> set[str]:
    figures = {*table.counts, *(measure.column for measure in table.measures)}
    return figures | ({table.degrees_of_freedom} if table.degrees_of_freedom else set())


def _figures(evidence: Evidence, policy: Policy, name: str) -> tuple[pa.Array, bool]:
    """A column as published (before withholding), and whether it was rounded."""
    table = evidence.table
    column = table.data.column(name).combine_chunks()
    if name not in _figure_columns(table):
        return column, False
    if name in table.counts:
        people = evidence.counts[name]
        shown = round_counts(people, policy.rounding) if policy.rounding else people
        return pa.array(shown.astype(np.int64)), policy.rounding is not None
    if policy.rounding is None and policy.figures is None:
        return column, False
    if name in evidence.implied and policy.rounding:
        people = next(evidence.counts[m.count] for m in table.measures if m.column == name)
        return _numbers(round_shares(evidence.implied[name], people, policy.rounding)), True
    values = np.array([np.nan if v is None else float(v) for v in column.to_pylist()], dtype=np.float64)
    if name == table.degrees_of_freedom and policy.rounding:
        return _numbers(round_counts(values, policy.rounding)), True
    return _numbers(round_figures(values, policy.figures or 3)), True


def _numbers(values: Floats) -> pa.Array:
    return pa.array(values, mask=~np.isfinite(values))


def _marks(column: pa.Array, primary: Mask, withheld: Mask, rounded: bool) -> pa.Array:
    shown = np.full(len(column), Mark.ROUNDED.value if rounded else Mark.PLAIN.value, dtype=object)
    shown[np.asarray(column.is_null())] = Mark.PLAIN.value
    shown[withheld] = Mark.PROTECTING.value
    shown[primary] = Mark.CONFIDENTIAL.value
    return pa.array(shown.tolist(), type=pa.string())
