"""Every table of the spec holds on both engines, and the reference is written from it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sharewell.engines.duckdb import DuckDB
from sharewell.plan.expressions import OPERATORS

from . import expressions, steps
from .cases import Case, Means
from .document import REFERENCE, pages

CASES = [
    pytest.param(case, id=f"{chapter.title}: {case.says}"[:90])
    for chapter in (*expressions.CHAPTERS, *steps.CHAPTERS)
    for case in chapter.cases
]


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDB]:
    with DuckDB(threads=1) as made:
        yield made


@pytest.mark.parametrize("case", CASES)
def test_the_table_holds(case: Case, engine: DuckDB) -> None:
    case.check(engine)


def test_a_wrong_table_would_not_hold(engine: DuckDB) -> None:
    with pytest.raises(AssertionError):
        Means("Wrong.", "a:integer => a % 2\n-3 => -1").check(engine)


def test_every_operator_is_in_the_spec() -> None:
    written = " ".join(case.drawn for chapter in expressions.CHAPTERS for case in chapter.cases)
    names = {"is_null": "is null", "days_between": "days_between("}
    assert [name for name in OPERATORS if names.get(name, name) not in written] == []


@pytest.mark.parametrize("name", pages())
def test_the_reference_is_up_to_date(name: str) -> None:
    written = (REFERENCE / name).read_text(encoding="utf-8")
    assert written == pages()[name], "run `python -m tests.spec.document`"
