"""What a reader may say of a result and what not: a null is never none, nor a difference a cause."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from sharewell.analyse.areas.story import _say as say_areas
from sharewell.analyse.comparison.report import MAIN
from sharewell.analyse.comparison.story import tell as tell_cohort
from sharewell.analyse.formula.report import fifth_name
from sharewell.analyse.formula.story import tell as tell_formula
from sharewell.analyse.within_person.story import tell as tell_within
from sharewell.plan.recipe import Story

WORDS = {
    "given_as": "a visit",
    "outcome_as": "admissions",
    "change": False,
    "placebo_as": "none",
    "placebo_date": None,
}


def cohort(ratio: float | None, low: float | None, high: float | None) -> Story:
    row = {"analysis": MAIN, "rate_ratio": ratio, "low": low, "high": high}
    schema = pa.schema(
        [("analysis", pa.string()), *((n, pa.float64()) for n in ("rate_ratio", "low", "high"))]
    )
    return tell_cohort({"effect": pa.Table.from_pylist([row], schema)}, WORDS)


def within(ratio: float | None, low: float | None, high: float | None) -> Story:
    row = {
        "change": "a visit", "people": 90, "rate_ratio": ratio, "low": low, "high": high, "per_1000": None,
        "p_holm": None if low is None or high is None else 0.5 if low <= 1 <= high else 0.001,
    }  # fmt: skip
    return tell_within({"ratios": pa.Table.from_pylist([row])}, WORDS)


def formula(ratio: float | None, low: float | None, high: float | None) -> Story:
    row = {"fifth": fifth_name(1), "rate_ratio": ratio, "low": low, "high": high}
    return tell_formula({"deprivation": pa.Table.from_pylist([row])}, {"reference": 5, "least_move": 0.01})


TELLERS: list[Callable[..., Story]] = [cohort, within, formula]


@pytest.mark.parametrize("tell", TELLERS)
def test_a_null_may_be_told_as_too_little_evidence_and_never_as_none(tell: Callable[..., Story]) -> None:
    story = tell(0.97, 0.8, 1.2)
    assert "There is not enough evidence" in story.can[0]
    assert any("does not" in said or "brings no" in said for said in story.cannot)


@pytest.mark.parametrize("tell", TELLERS)
def test_a_difference_may_be_told_and_never_more_than_that(tell: Callable[..., Story]) -> None:
    fewer, more = tell(0.6, 0.5, 0.7), tell(1.6, 1.5, 1.7)
    assert len(fewer.can) == len(more.can) == 1
    assert fewer.can != more.can
    assert "not enough evidence" not in fewer.can[0] + more.can[0]
    assert fewer.cannot


@pytest.mark.parametrize("tell", TELLERS)
def test_of_what_was_withheld_nothing_may_be_said(tell: Callable[..., Story]) -> None:
    story = tell(None, None, None)
    assert (story.can, story.cannot) == ((), ())


def test_of_ranks_no_person_and_no_number_may_be_told() -> None:
    ranks: list[dict[str, Any]] = [{"rank": 1}, {"rank": 2}]
    _, cannot = say_areas(ranks, {"outcome_as": "often lonely"})
    assert any("any one person or household" in said for said in cannot)
    assert any(said.startswith("How many people") for said in cannot)
    assert say_areas([{"rank": None}], {"outcome_as": "often lonely"}) == ((), ())
