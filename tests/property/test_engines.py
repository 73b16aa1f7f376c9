"""DuckDB gives the rows of the reference engine, on random plans over random tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sharewell.engines.duckdb import DuckDB
from sharewell.plan.expressions import OPERATORS
from sharewell.plan.steps import AGGREGATES

from .agreement import Case, check_engines_agree, exercised
from .plans import figures, operations, plans

STEPS = ("Read", "Keep", "Derive", "Filter", "Join", "Stack", "Pick", "Group", "Coarsen")
JOINS = ("left join", "inner join", "semi join", "anti join")


@pytest.fixture
def engine() -> Iterator[DuckDB]:
    with DuckDB(threads=1) as made:
        yield made


def hold(
    cases: st.SearchStrategy[Case], examples: int, engine: DuckDB, derandomize: bool = True
) -> Counter[str]:
    """Check that many cases; what they had in them."""
    seen: Counter[str] = Counter()

    @settings(
        max_examples=examples, derandomize=derandomize, database=None, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(cases)
    def agree(case: Case) -> None:
        seen.update(exercised(case))
        check_engines_agree(case, engine)

    agree()
    return seen


def check_all_seen(seen: Counter[str], wanted: tuple[str, ...], least: int) -> None:
    rare = {name: seen[name] for name in wanted if seen[name] < least}
    assert not rare, f"hardly exercised: {rare}"


def test_operators_mean_the_same_on_both_engines(engine: DuckDB) -> None:
    seen = hold(operations(), 150, engine)
    check_all_seen(seen, tuple(OPERATORS), least=5)


def test_plans_give_the_same_rows_on_both_engines(engine: DuckDB) -> None:
    seen = hold(plans(), 350, engine)
    check_all_seen(seen, STEPS + JOINS, least=1)


@pytest.mark.parametrize("where", [False, True])
@pytest.mark.parametrize("how", sorted(AGGREGATES))
def test_every_figure_is_the_same_on_both_engines(how: str, where: bool, engine: DuckDB) -> None:
    seen = hold(figures(how, where), 10, engine)
    check_all_seen(seen, (how + " where" * where,), least=10)


@pytest.mark.long
def test_many_operations(engine: DuckDB) -> None:
    hold(operations(), 3_000, engine, derandomize=False)


@pytest.mark.long
def test_many_plans(engine: DuckDB) -> None:
    hold(plans(depth=8), 5_000, engine, derandomize=False)
