"""What the register says in words: each refusal has its sentence, and no person's account gets through."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sharewell
from sharewell.live.complaints import Topic, last_day, month_after
from sharewell.live.public_facts import verdict
from sharewell.public.style import COLOURS, PAIRS
from sharewell.public.words import (
    REASONS,
    day,
    field,
    fields,
    lawful,
    post,
    reason,
    said,
    span,
    without_names,
)  # fmt: skip
from sharewell.release.palette import contrast

HOUSE = Path(sharewell.__file__).parent
DECIDING = ("agree/decide.py", "agree/standing.py", "agree/standing_index.py", "run/starting.py")


def test_every_reason_that_a_decision_can_give_is_said_in_plain_words() -> None:
    """Codes of the text's own faults are lint's; those of a decision are what a resident reads of."""
    found = {
        code
        for name in DECIDING
        for code in re.findall(r'Problem\(\s*"([A-Z_]+)"', (HOUSE / name).read_text(encoding="utf-8"))
    }
    assert {"ACTOR", "EXPIRED", "FORM"} <= found
    assert found - set(REASONS) == set()


def test_an_unknown_reason_is_still_told() -> None:
    assert reason("NO_SUCH_CODE") == "The agreement itself was faulty (NO_SUCH_CODE)"


name = st.from_regex(r"[a-z][a-z0-9]{0,8}\.[a-z]{1,8}", fullmatch=True)
body = st.from_regex(r"[a-z][a-z0-9]{0,8}-[a-z]{1,8}", fullmatch=True)


@given(name, body, st.text(alphabet=" ,:;()", max_size=3))
def test_no_account_of_a_person_gets_through(who: str, where: str, gap: str) -> None:
    text = f"asked by{gap or ' '}{who}@{where}{gap} twice"
    told = without_names({"a": [text, {"b": text}]}, frozenset())
    assert f"{who}@" not in str(told)
    assert where in str(told)


def test_a_post_is_told_as_a_post_and_a_published_contact_stays() -> None:
    assert post("dpo@rebate-office") == "data protection officer, rebate-office"
    assert post("a.khan@north-host") == "a member of staff, north-host"
    assert without_names("write to rights@north", frozenset({"rights@north"})) == "write to rights@north"


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (None, "Not stated"),
        ("", "Not stated"),
        ([], "Not stated"),
        (["a", "b"], "a, b"),
        (True, "yes"),
        (0.92, "0.92"),
        ({"withheld": "it would help a burglar"}, "Not published: it would help a burglar"),
    ],
)
def test_what_is_missing_or_withheld_says_so(told: object, words: str) -> None:
    assert said(told) == words


def test_days_and_lengths_of_time_are_written_out() -> None:
    assert day("2024-06-03") == "3 June 2024"
    assert (span("P90D"), span("P1Y")) == ("90 days", "1 year")


@pytest.mark.parametrize(("ink", "paper"), PAIRS)
def test_every_text_can_be_read_on_its_ground(ink: str, paper: str) -> None:
    assert contrast(COLOURS[ink], COLOURS[paper]) >= 4.5


AS_OF = dt.date(2025, 6, 1)


@pytest.mark.parametrize(
    ("baseline", "target", "due", "values", "told"),
    [
        (0.7, 0.92, "2025-01-01", [0.95], "met"),
        (0.7, 0.92, "2025-01-01", [0.95, 0.8], "missed"),
        (9.1, 7.0, "2025-01-01", [6.5], "met"),
        (9.1, 7.0, "2025-01-01", [9.5], "missed"),
        (9.1, 7.0, "2026-01-01", [9.5], "not met yet"),
        (9.1, 7.0, "2025-01-01", [], "not measured, and due"),
        (9.1, 7.0, "2026-01-01", [], "not measured yet"),
        (9.1, 7.0, None, [], "not measured yet"),
        (None, 7.0, "2025-01-01", [9.5], "measured; no baseline and target to hold it to"),
    ],
)
def test_a_benefit_is_held_to_its_promise(
    baseline: float | None, target: float, due: str | None, values: list[float], told: str
) -> None:
    claims = [{"value": value} for value in values]
    assert verdict({"baseline": baseline, "target": target, "due": due, "claims": claims}, AS_OF) == told


@pytest.mark.parametrize(
    ("came", "due"),
    [
        ("2025-01-30", "2025-02-28"),
        ("2024-01-31", "2024-02-29"),
        ("2025-03-15", "2025-04-15"),
        ("2025-08-31", "2025-09-30"),
        ("2025-12-31", "2026-01-31"),
        ("2025-09-03", "2025-10-03"),
    ],
)
def test_a_month_ends_on_the_same_date_or_the_months_last(came: str, due: str) -> None:
    """The ICO's own examples are among them: 3 September, and 30 January, which ends with February."""
    assert month_after(dt.date.fromisoformat(came)) == dt.date.fromisoformat(due)
    assert last_day(Topic.ACCESS, dt.date.fromisoformat(came)) == dt.date.fromisoformat(due)


def test_thirty_days_begin_with_the_day_of_receipt() -> None:
    assert last_day(Topic.COMPLAINT, dt.date(2026, 7, 1)) == dt.date(2026, 7, 30)


@given(st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)))
def test_a_month_is_never_longer_than_a_month(came: dt.date) -> None:
    due = month_after(came)
    assert 28 <= (due - came).days <= 31
    assert due.day <= came.day


def test_details_are_told_in_words_and_not_by_the_names_of_columns() -> None:
    assert fields(["nhs_number", "born", "point_of_care"], "Nothing") == (
        "NHS number, date of birth, point of care"
    )
    assert fields([], "Nothing") == "Nothing"
    assert fields({"withheld": "It would tell how"}, "Nothing") == "Not published: It would tell how"
    assert field({"withheld": "It would tell how"}) == "Not published: It would tell how"


def test_a_condition_of_the_law_is_told_in_words_unless_it_is_said_with_more() -> None:
    assert lawful("6(1)(e)") == "6(1)(e): a task in the public interest"
    assert lawful("9(2)(g), because care tells of health") == "9(2)(g), because care tells of health"
    assert lawful(None) == "Not stated"
