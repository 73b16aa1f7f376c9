"""The wording of the Justice Data Lab: fixed sentences, inconclusive results, small or withheld figures."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from lab_example import people, settings, with_reoffenders

from sharewell.analyse.comparison.lab_report import fit
from sharewell.analyse.comparison.lab_story import INCONCLUSIVE, tell
from sharewell.analyse.comparison.reoffending import FREQUENCY, RATE, TIME

CLAIMS = ("There is evidence", "lowered", "raised", "caused", "prevented", "no effect")


def row(
    measure: str, took: float, did: float, low: float | None, high: float | None, p: float | None
) -> Any:
    return {
        "measure": measure, "took_part": took, "did_not": did, "difference": took - did, "low": low,
        "high": high, "p_value": p,
    }  # fmt: skip


def told(*rows: Any, **more: pa.Table) -> str:
    tables = {"measures": pa.Table.from_pylist(list(rows)), **more}
    story = tell(tables, settings())
    return "\n".join((*story.sentences, *story.can, *story.cannot))


CLEAR = row(RATE, 19.0, 26.0, -8.53, -5.42, 1e-9)
UNCLEAR = row(RATE, 22.0, 26.0, -11.2, 3.1, 0.27)
FEW = row(RATE, 6.0, 9.0, None, None, None)


def test_typical_people_and_an_interval_in_percentage_points() -> None:
    said = told(CLEAR, row(FREQUENCY, 50.6, 67.2, -21.0, -12.0, 1e-6))
    assert "For 100 typical people in the treatment group (learning with Fresh Start), 19 committed" in said
    assert "against 26 of 100" in said
    assert "between −8.5 and −5.4 percentage points" in said  # noqa: RUF001 - a true minus
    assert "committed 51 proven reoffences, against 67" in said


def test_what_can_and_what_cannot_be_said_stand_side_by_side() -> None:
    story = tell({"measures": pa.Table.from_pylist([CLEAR])}, settings())
    assert story.can == (
        "There is evidence that learning with Fresh Start may lower the number of people who commit a"
        " proven reoffence within a year.",
    )
    assert len(story.cannot) == 1
    assert story.cannot[0].startswith("That learning with Fresh Start lowered reoffending by exactly 7.0")


@pytest.mark.parametrize("shown", [UNCLEAR, FEW], ids=["inconclusive", "few"])
def test_where_nothing_is_shown_no_direction_may_be_said(shown: Any) -> None:
    story = tell({"measures": pa.Table.from_pylist([shown])}, settings())
    assert len(story.can) == 1
    assert story.cannot == (
        "That learning with Fresh Start raises, lowers or does not change reoffending.",
    )


def test_harm_is_said_as_plainly_as_good() -> None:
    assert "may raise the number of people" in told(row(RATE, 30.0, 26.0, 2.0, 6.0, 0.001))


def test_an_inconclusive_result_is_never_told_as_none() -> None:
    said = told(UNCLEAR, row(FREQUENCY, 50.0, 60.0, -25.0, 5.0, 0.2))
    assert INCONCLUSIVE in said
    assert "More people would be needed" in INCONCLUSIVE
    assert INCONCLUSIVE.endswith(
        "but this should not be taken to mean that the programme fails to affect it."
    )
    assert not [claim for claim in CLAIMS if claim in said]
    assert "a difference that is inconclusive" in said


@pytest.mark.parametrize(("p", "clear"), [(0.05, True), (0.0501, False)])
def test_significance_begins_at_five_in_a_hundred(p: float, clear: bool) -> None:
    assert ("There is evidence" in told(row(RATE, 20.0, 26.0, -12.0, 0.0, p))) is clear


def test_too_few_people_give_no_words_on_significance() -> None:
    said = told(FEW)
    assert "Fewer than 10 people are expected" in said
    assert not [claim for claim in (*CLAIMS, "inconclusive", "between") if claim in said]


def test_what_was_withheld_is_said_to_be() -> None:
    hidden = row(RATE, 1.0, 1.0, None, None, None) | dict.fromkeys(("took_part", "did_not", "difference"))
    story = tell({"measures": pa.Table.from_pylist([hidden])}, settings())
    assert "How many of 100 typical people reoffended was withheld." in story.sentences
    assert (story.can, story.cannot) == ((), ())
    assert tell({}, settings()).sentences[0].endswith("was withheld.")


def test_a_stage_that_is_withheld_is_not_told() -> None:
    stages = [
        {"stage": "On the charity's list", "people": 320},
        {"stage": "On the police record", "people": 285},
        {"stage": "With an index sentence", "people": None},
        {"stage": "Analysed", "people": 70},
    ]
    said = told(CLEAR, list=pa.Table.from_pylist(stages))
    assert "Of 320 people on the charity's list, 285 (89%) are on the police record." in said
    assert "70 are in the analysis; the stage before is withheld" in said


def test_the_lights_are_counted_and_red_is_warned_of() -> None:
    after = [0.05, -0.051, 0.1, -0.101, None]
    balance = pa.Table.from_pylist([{"covariate": str(i), "smd_after": v} for i, v in enumerate(after)])
    said = told(CLEAR, balance=balance)
    assert "of 4 covariates (1 more are withheld) 1 are green" in said
    assert "2 amber (up to 10%) and 1 red; the largest is 10.1%" in said
    assert "Where a covariate is red" in said


@pytest.mark.parametrize(("many", "timed"), [(29, False), (60, True)])
def test_a_whole_fit_is_told(many: int, timed: bool) -> None:
    finding = fit(with_reoffenders(people(), many), settings())
    story = tell({table.name: table.data for table in finding.tables}, settings())
    said = "\n".join(story.sentences)
    assert ("The time to the first reoffence is left out" in said) is not timed
    assert ("did so after 100 days on average" in said) is timed
    assert "Of 400 people on the charity's list, 400 (100%)" in said
    assert any("says nothing of any one person" in caveat for caveat in story.caveats)
    assert TIME in finding.table("measures").data["measure"].to_pylist() or not timed
