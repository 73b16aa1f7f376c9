"""The property finds faults planted in an engine: else its agreement would prove nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ibis
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sharewell.engines import duckdb, duckdb_expressions
from sharewell.engines.duckdb import DuckDB
from sharewell.plan.schema import Type
from sharewell.plan.steps import Join, Pick, Stack, Step

from .agreement import Case, check_engines_agree
from .plans import operations, plans

EXAMPLES = 400


@dataclass(frozen=True)
class Fault:
    """What is made wrong in DuckDB's lowering, and the cases that are to find it."""

    plant: Callable[[pytest.MonkeyPatch], None]
    cases: st.SearchStrategy[Case]


def _operator(op: str, faulty: Callable[..., Any]) -> Fault:
    arithmetic = op in duckdb_expressions.ARITHMETIC
    table = duckdb_expressions.ARITHMETIC if arithmetic else duckdb_expressions.OPERATORS
    return Fault(lambda patch: patch.setitem(table, op, faulty), operations((op,)))


def _lowering(name: str, faulty: Callable[..., Any], *ops: str) -> Fault:
    return Fault(lambda patch: patch.setattr(duckdb_expressions, name, faulty), operations(ops))


def _step(kind: type[Step], faulty: Callable[..., Any]) -> Fault:
    return Fault(lambda patch: patch.setitem(duckdb._RELATIONAL, kind, faulty), plans())


@ibis.udf.scalar.builtin(name="trunc")
def _trunc(value: float) -> float:
    """Towards zero."""


@ibis.udf.scalar.builtin(name="trim")
def _trim_all(text: str) -> str:
    """Every Unicode space."""


def _left_from_either_end(text: Any, count: Any) -> Any:
    return duckdb_expressions._left_of(text, ibis.ifelse(count.abs() > 2**32 - 1, 0, count))


def _infinite(raw: Any, kind: Type) -> Any:
    return raw if kind is Type.NUMBER else raw.try_cast("int64")


def _join_that_matches_nulls(step: Join, left: Any, right: Any) -> Any:
    names = {name: f"r__{i}" for i, name in enumerate(right.columns)}
    renamed = right.select([right[name].name(new) for name, new in names.items()]).view()
    matches = [left[mine].identical_to(renamed[names[theirs]]) for mine, theirs in step.on]
    joined = left.join(renamed, matches, how=step.how)
    added = () if step.how in ("semi", "anti") else step.shape.schema.names[len(left.columns) :]
    kept = [joined[name] for name in left.columns]
    return joined.select(kept + [joined[names[name]].name(name) for name in added])


def _pick_with_nulls_first(step: Pick, table: Any) -> Any:
    order = [ibis.asc(table[name], nulls_first=True) for name in table.columns]
    ranked = table.mutate(r__=ibis.row_number().over(group_by=list(step.by), order_by=order))
    return ranked.filter(ranked["r__"] == 0).drop("r__")


def _sum_that_is_0_of_nothing(value: Any, where: Any, kind: Any) -> Any:
    return _SUM(value, where, kind).fill_null(0)


def _stack_of_different_rows(_: Stack, *tables: Any) -> Any:
    return ibis.union(*tables, distinct=True) if len(tables) > 1 else tables[0]


_SUM = duckdb._AGGREGATE["sum"]

FAULTS: dict[str, Fault] = {
    "the remainder takes the dividend's sign": _operator("%", duckdb_expressions._mod),
    "integer division cuts towards zero": _operator("//", lambda a, b: _trunc(a / b)),
    "a comparison with null is false": _operator("=", lambda a, b: (a == b).fill_null(False)),
    "1/0 is infinite": _lowering("leave", _infinite, "/"),
    "integers have 64 bits": _lowering("within", lambda raw: raw, "*", "+"),
    "trim removes every Unicode space": _operator("trim", _trim_all),
    "lower changes letters beyond A-Z": _operator("lower", lambda text: text.lower()),
    "a negative count cuts from the right": _operator("left", _left_from_either_end),
    "weeks begin on Sunday": _operator("weekday", lambda day: (day.day_of_week.index() + 1) % 7 + 1),
    "a join matches nulls": _step(Join, _join_that_matches_nulls),
    "a pick puts nulls first": _step(Pick, _pick_with_nulls_first),
    "a stack drops equal rows": _step(Stack, _stack_of_different_rows),
    "the sum of nothing is 0": Fault(
        lambda patch: patch.setitem(duckdb._AGGREGATE, "sum", _sum_that_is_0_of_nothing), plans()
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_property_catches(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    FAULTS[fault].plant(monkeypatch)

    @settings(
        max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck), report_multiple_bugs=False, print_blob=False,
    )  # fmt: skip
    @given(FAULTS[fault].cases)
    def agree(case: Case) -> None:
        check_engines_agree(case, engine)

    with DuckDB(threads=1) as engine, pytest.raises(AssertionError):
        agree()
