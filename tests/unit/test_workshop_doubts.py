"""What is odd in a record is said and kept: nothing is repaired, and what is in order is not doubted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from day_example import POLL, day_with

from sharewell.workshop.codes import code
from sharewell.workshop.day import DayText
from sharewell.workshop.doubts import doubts
from sharewell.workshop.events import Event, Record, event
from sharewell.workshop.figures import figures
from sharewell.workshop.given_orders import given
from sharewell.workshop.holding import hold
from sharewell.workshop.sayings import BODIES, Kind

ONE, TWO = code(1), code(2)
QUESTIONS = ("venue", "food", "talk")
SHARED = {"oak": ("A", "B", "C"), "elm": ("B", "C", "D")}


def day(tables: Mapping[str, tuple[str, ...]] = SHARED, people: int | None = 10) -> DayText:
    return day_with(
        "ABCDEF",
        tables,
        people=people,
        roles=("resident",),
        sessions={
            "poll": POLL,
            "gain": {"exercise": "rank-by-benefit", "minutes": 30, "examples": tables},
        },
        feedback={"ratings": {name: {"question": f"How was the {name}?"} for name in QUESTIONS}},
    )


def said(kind: Kind, body: dict[str, Any], session: str = "", **more: Any) -> Event:
    return event(session, kind, BODIES[kind].model_validate(body), **more)


def order(table: str, entry: int = 1, sheet: str = "", **body: Any) -> Event:
    named = sheet or f"rankings/gain/{table}"
    return said(Kind.RANKED, body, "gain", table=table, entry=entry, sheet=named)


def poll(voice: str, when: str, answer: int, sheet: str = "") -> Event:
    body = {"when": when, "answer": answer}
    return said(Kind.POLLED, body, "poll", voice=voice, sheet=sheet or f"polls/{when}/poll/{voice}")


def rated(voice: str, question: str, value: int, sheet: str = "", entry: int = 1) -> Event:
    body, named = {"question": question, "value": value}, sheet or f"ratings/{voice}"
    return said(Kind.RATED, body, voice=voice, sheet=named, entry=entry)


FINE = (order("oak", tiers=[["A"], ["B", "C"]]), order("elm", over=[["B", "C"]], undecided=["D"]))


def told(*events: Event, text: DayText | None = None) -> list[str]:
    found = doubts(text or day(), Record().joined(events))
    assert all(each.what and each.fix for each in found)
    return [f"{each.code} {each.where}".strip() for each in found]


def test_a_record_in_order_is_not_doubted() -> None:
    people = [poll(v, when, 3) for v in (ONE, TWO) for when in ("before", "after")]
    forms = [rated(ONE, name, value) for name, value in zip(QUESTIONS, (5, 6, 5), strict=True)]
    twice = order("oak", entry=2, tiers=[["A"], ["C", "B"]])
    assert told(*FINE, *people, *forms) == []
    assert told(*FINE, order("elm", entry=2, over=[["B", "C"]], undecided=["D"])) == []
    assert given(day(), Record().joined([*FINE, twice]), "gain").uncounted == {}


@pytest.mark.parametrize(
    ("events", "doubt"),
    [
        ([order("oak", entry=2, tiers=[["B"], ["A", "C"]])], "TYPINGS rankings/gain/oak"),
        ([rated("", "venue", 3, "t#3.1"), rated("", "venue", 4, "t#4.1", entry=2)], "TYPINGS t"),
        ([poll(ONE, "before", 1), poll(ONE, "before", 5, "other")], f"CODE {ONE}"),
        ([poll(ONE, "before", 5, f"s{n}") for n in range(4)], f"CODE {ONE}"),
        ([rated(ONE, "venue", 1), rated(ONE, "venue", 2, "other")], f"CODE {ONE}"),
        ([rated(ONE, name, 4) for name in QUESTIONS], f"STRAIGHT {ONE}"),
        ([rated(ONE, "venue", 9)], f"VALUE ratings/{ONE}"),
        ([poll(code(n), "before", 3) for n in range(1, 12)], "PEOPLE"),
        ([rated("", "venue", n % 6 + 1, f"t#{n}.1") for n in range(11)], "PEOPLE"),
        ([said(Kind.ATTENDED, {"role": "resident", "people": 11}, sheet="a")], "PEOPLE"),
        ([said(Kind.NOTED, {"about": "risk", "text": "Trust is lost"}, "gone", table="ash")], "STRANGE"),
    ],
)  # fmt: skip
def test_what_is_odd_is_told_of_its_sheet_or_code(events: list[Event], doubt: str) -> None:
    assert doubt in told(*FINE, *events)


def test_a_sheet_of_attendance_typed_twice_is_not_twice_as_many_people() -> None:
    came = [said(Kind.ATTENDED, {"role": "resident", "people": 8}, sheet="a", entry=n) for n in (1, 2)]
    assert told(*FINE, *came) == []


def test_comments_that_wait_are_counted_and_not_told() -> None:
    note = said(Kind.NOTED, {"about": "risk", "text": "Mrs Zimbrowska was robbed"})
    kept, _ = hold([note])
    found = doubts(day(), Record().joined([*FINE, *kept]))
    assert [each.code for each in found] == ["HELD"]
    assert "1 comment may" in found[0].what


# A ranking of which nobody can say what it means is counted in nothing, and kept.


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        ([order("oak", tiers=[["A"], ["B"], ["A"]])], "more than once"),
        ([order("oak", tiers=[["A"], ["B"]], undecided=["B"])], "more than once"),
        ([order("oak", tiers=[["A"], ["F"]])], "which it was not given"),
        ([order("oak", over=[["A", "B"], ["B", "C"], ["C", "A"]])], "in a circle"),
        ([order("oak", over=[["A", "A"]])], "in a circle"),
        ([order("oak", over=[["A", "B"]], undecided=["A"])], "left it undecided"),
        ([order("oak", tiers=[["A"], ["B"]]), order("oak", 2, tiers=[["B"], ["A"]])], "told in 2 ways"),
        (
            [order("oak", tiers=[["A"], ["B"]]), order("oak", sheet="x", tiers=[["B"], ["A"]])],
            "told in 2 ways",
        ),
    ],
)
def test_a_ranking_that_contradicts_itself_is_in_no_figure_and_its_reason_is_told(
    events: list[Event], reason: str
) -> None:
    record = Record().joined([*events, FINE[1]])
    found = given(day(), record, "gain")
    assert reason in found.uncounted["oak"]
    assert [each.by for each in found.orders] == ["elm"]
    assert found.unfinished == ()
    assert "UNCOUNTED gain" in told(*events, FINE[1])
    assert len(list(record)) == len(events) + 1
    (ranking,) = figures(day(), record).rankings
    assert [group.tables for group in ranking.groups] == [("elm",)]


def test_ties_and_what_is_undecided_stay_as_they_were_given() -> None:
    oak, elm = given(day(), Record().joined(FINE), "gain").orders[::-1]
    assert (oak.by, elm.by) == ("oak", "elm")
    assert oak.tied == {("B", "C"), ("C", "B")}
    assert oak.over == {("A", "B"), ("A", "C")}
    assert elm.over == {("B", "C")}
    assert elm.undecided == ("D",)


@pytest.mark.parametrize(
    "events", [[], [order("elm", undecided=["B", "C", "D"])], [order("elm", tiers=[["B"]])]]
)
def test_a_table_that_never_finished_is_told_and_given_no_order(events: list[Event]) -> None:
    found = given(day(), Record().joined([FINE[0], *events]), "gain")
    assert found.unfinished == ("elm",)
    assert "UNFINISHED gain" in told(FINE[0], *events)


def test_tables_that_shared_no_example_are_told_by_name() -> None:
    apart = day({"oak": ("A", "B"), "elm": ("C", "D"), "ash": ("D", "E")})
    orders = [order(t, tiers=[[a], [b]]) for t, (a, b) in (("oak", "AB"), ("elm", "CD"), ("ash", "DE"))]
    (doubt,) = doubts(apart, Record().joined(orders))
    assert doubt.code == "APART"
    assert doubt.what == "ash, elm and oak shared no example"


def test_people_who_rank_alone_are_known_by_their_codes() -> None:
    alone = [
        said(Kind.RANKED, {"tiers": [["A"], ["B"]]}, "gain", table="oak", voice=voice, sheet=f"r/{voice}")
        for voice in (ONE, TWO)
    ]
    assert {each.by for each in given(day(), Record().joined(alone), "gain").orders} == {
        f"oak, {ONE}",
        f"oak, {TWO}",
    }
