"""Run a plan on both engines and demand the same rows."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

from sharewell.depersonalise import RULES
from sharewell.engines import duckdb, reference
from sharewell.engines.arrow import admit
from sharewell.engines.duckdb import DuckDB
from sharewell.plan.expressions import Call
from sharewell.plan.schema import Schema, Type
from sharewell.plan.steps import Derive, Filter, Group, Join, Read, Step

from .plans import Case, Rows, to_arrow

REFERENCE_RULES: Mapping[str, reference.CoarsenRule] = {name: RULES[name].value for name in RULES}
DUCKDB_RULES: Mapping[str, duckdb.CoarsenRule] = {name: RULES[name].column for name in RULES}


def on_reference(case: Case) -> Rows:
    """The judge's rows."""
    done: dict[Step, Rows] = {}
    for step in case.step.walk():
        done[step] = (
            admit(to_arrow(case.tables[step.asset.name], step.shape.schema)).to_pylist()
            if isinstance(step, Read)
            else reference.run(step, [done[part] for part in step.inputs], REFERENCE_RULES)
        )
    return done[case.step]


def on_duckdb(case: Case, engine: DuckDB) -> Rows:
    """DuckDB's rows, in our types."""
    done: dict[Step, Any] = {}
    for step in case.step.walk():
        done[step] = (
            engine.from_arrow(to_arrow(case.tables[step.asset.name], step.shape.schema))
            if isinstance(step, Read)
            else duckdb.run(step, [done[part] for part in step.inputs], DUCKDB_RULES)
        )
    table = engine.to_arrow(done[case.step])
    assert tuple(table.column_names) == case.step.shape.schema.names
    rows: Rows = table.to_pylist()
    return rows


def check_engines_agree(case: Case, engine: DuckDB) -> None:
    """AssertionError where the two multisets of rows differ, or a value is not of its column's type."""
    expected, found = on_reference(case), on_duckdb(case, engine)
    schema = case.step.shape.schema
    exact = [name for name in schema.names if name not in case.rough]
    for rows in (expected, found):
        assert all(_fits(row, schema) for row in rows)
    assert Counter(_cells(row, exact) for row in expected) == Counter(_cells(row, exact) for row in found)
    if case.rough:
        theirs = {_cells(row, exact): row for row in found}
        assert all(_close(row, theirs[_cells(row, exact)], case.rough) for row in expected)


def _cells(row: Mapping[str, Any], names: list[str]) -> tuple[Any, ...]:
    return tuple(repr(row[name]) for name in names)


_PYTHON = {
    Type.TEXT: "str",
    Type.INTEGER: "int",
    Type.NUMBER: "float",
    Type.BOOLEAN: "bool",
    Type.DATE: "date",
    Type.MOMENT: "datetime",
}


def _fits(row: Mapping[str, Any], schema: Schema) -> bool:
    return list(row) == list(schema.names) and all(
        row[c.name] is None or type(row[c.name]).__name__ == _PYTHON[c.type] for c in schema
    )


def _close(a: Mapping[str, Any], b: Mapping[str, Any], names: frozenset[str]) -> bool:
    return all(
        a[n] is b[n] if None in (a[n], b[n]) else math.isclose(a[n], b[n], rel_tol=1e-9, abs_tol=1e-6)
        for n in names
    )


def exercised(case: Case) -> Counter[str]:
    """What a case has in it: step types, kinds of join, aggregates and operators."""
    seen: Counter[str] = Counter()
    for step in case.step.walk():
        seen[type(step).__name__] += 1
        seen.update([f"{step.how} join"] if isinstance(step, Join) else [])
        seen.update(_figures(step) if isinstance(step, Group) else [])
        seen.update(node.op for e in _expressions(step) for node in e.walk() if isinstance(node, Call))
    return seen


def _figures(step: Group) -> list[str]:
    return [f"{a.how} where" if a.where else a.how for a in step.aggregates]


def _expressions(step: Step) -> list[Any]:
    if isinstance(step, Derive):
        return [e for _, e in step.columns]
    if isinstance(step, Filter):
        return [step.condition]
    found = [e for a in step.aggregates for e in (a.of, a.where)] if isinstance(step, Group) else []
    return [e for e in found if e is not None]
