"""The gate for rows about coded or named people: what a Transfer may carry, to whom, and about whom.

No disclosure rule makes a named row safe. What can be held is the agreement: the exact fields and no more,
one row a subject, a subject in every row, a recipient the agreement names, and nobody who objected or whose
record is restricted. An empty list is a fair answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..errors import GateError, Problem
from ..plan.released import Withheld

FEWEST_TOLD = 10
"""Fewer objections than this are told as "fewer than ten": the count of a few is itself about them."""


@dataclass(frozen=True)
class CheckedRecords:
    """Rows that may go to one recipient. certificate: JSON-ready facts of the decision, no value of any
    row."""

    name: str
    recipient: str
    data: pa.Table
    certificate: dict[str, object]
    withheld: tuple[Withheld, ...]


def gate_records(
    table: pa.Table,
    *,
    fields: Sequence[str],
    unique_by: Sequence[str],
    recipient: str,
    recipients: Sequence[str],
    name: str = "records",
    objections: Sequence[str] = (),
    restrictions: Sequence[str] = (),
    coded: bool = False,
) -> CheckedRecords:
    """Rows with exactly `fields`, less those flagged. GateError with every cause.

    unique_by: the fields that name the subject; one row each, never null. `coded` rows may have none: then
    nothing in a row says whose it is. objections, restrictions: boolean
    columns beside the fields; a row where one is true, or null, is withheld, and the flags never leave.
    """
    flags = (*objections, *restrictions)
    problems = _shape_problems(table, fields, unique_by, flags)
    if not unique_by and not coded:
        problems.append(Problem("SUBJECT", "no field names the subject", fix="say which in unique_by"))
    if recipient not in recipients:
        problems.append(
            Problem(
                "RECIPIENT",
                f"{recipient} is not a recipient of {name}",
                "the agreement names who may have these rows",
                f"recipients are: {', '.join(recipients) or 'nobody'}",
            )
        )
    if not problems and unique_by:
        problems = _subject_problems(table, unique_by)
    if problems:
        raise GateError(Problem(p.code, p.what, p.why, p.fix, f"list {name}") for p in problems)
    kept, withheld = table, []
    for rule, columns, why in (
        ("objection", objections, "the person objected to this use"),
        ("restriction", restrictions, "the record is restricted"),
    ):
        kept, gone = _without(kept, columns)
        if gone:
            told = gone if gone >= FEWEST_TOLD else 0
            withheld.append(
                Withheld(name, rule, told, why if told else f"{why} (fewer than {FEWEST_TOLD})")
            )
    data = kept.select(list(fields))
    return CheckedRecords(
        name, recipient, data, _certificate(data, name, recipient, unique_by), tuple(withheld)
    )


def _shape_problems(
    table: pa.Table, fields: Sequence[str], unique_by: Sequence[str], flags: Sequence[str]
) -> list[Problem]:
    held, allowed = list(table.column_names), {*fields, *flags}
    problems = [
        Problem("FIELDS", f"a field is absent: {name}", fix="yield exactly the fields agreed")
        for name in sorted(allowed - set(held))
    ]
    problems += [
        Problem("FIELDS", f"{name} was not agreed", "more would leave than was agreed to", "drop it")
        for name in sorted(set(held) - allowed)
    ]
    problems += [
        Problem("FIELDS", f"{name} is there twice", fix="rename one")
        for name in sorted({name for name in held if held.count(name) > 1})
    ]
    problems += [
        Problem("SUBJECT", f"{name} names the subject but is not among the fields", fix="add it")
        for name in unique_by
        if name not in fields
    ]
    types = {field.name: field.type for field in table.schema}
    problems += [
        Problem("FLAG", f"{name} is not true or false", fix="give a boolean")
        for name in flags
        if name in types and not pa.types.is_boolean(types[name])
    ]
    problems += [
        Problem("FIELDS", f"{name} holds values within values", "fields could hide in it", "flatten it")
        for name in fields
        if name in types and pa.types.is_nested(types[name])
    ]
    return problems


def _subject_problems(table: pa.Table, unique_by: Sequence[str]) -> list[Problem]:
    keys = table.select(list(unique_by))
    absent = sum(column.null_count for column in keys.columns)
    if absent:
        return [
            Problem(
                "SUBJECT", "rows without a subject", "they are about nobody that was agreed", "drop them"
            )
        ]
    distinct = keys.group_by(list(unique_by)).aggregate([]).num_rows
    if distinct != table.num_rows:
        return [
            Problem(
                "SUBJECT", "a subject has more than one row", "how often says more than was agreed", "group"
            )
        ]
    return []


def _without(table: pa.Table, flags: Sequence[str]) -> tuple[pa.Table, int]:
    """The table less flagged rows; a flag that is not known counts as raised."""
    keep = np.ones(table.num_rows, dtype=bool)
    for name in flags:
        keep &= ~np.asarray(
            pc.fill_null(table.column(name), True).to_numpy(zero_copy_only=False), dtype=bool
        )
    return table.filter(pa.array(keep)), int((~keep).sum())


def _certificate(data: pa.Table, name: str, recipient: str, unique_by: Sequence[str]) -> dict[str, object]:
    """No hash of the rows: their space is small enough to enumerate. The schema's says which fields
    went."""
    schema = "\n".join(f"{field.name} {field.type}" for field in data.schema)
    return {
        "list": name,
        "recipient": recipient,
        "fields": list(data.column_names),
        "unique_by": list(unique_by),
        "schema_sha256": hashlib.sha256(schema.encode()).hexdigest(),
        "method": "exact fields, one row a subject, recipient agreed, flagged rows withheld",
    }
