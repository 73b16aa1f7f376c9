"""The report: no place is made up, nothing is pooled, nothing held is shown; and what it concludes."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import numpy as np
import yaml
from life_example import agreement

from sharewell.papers.block import Bullets, Heading, Paper, Picture, Table, inlines
from sharewell.papers.html import write_html
from sharewell.workshop.concluding import as_yaml, by_agreement, conclusion
from sharewell.workshop.day import DayText
from sharewell.workshop.events import Event, Record
from sharewell.workshop.figures import Figures, figures
from sharewell.workshop.report import build
from sharewell.workshop.sayings import Kind

TABLES = {"letters": tuple("ABCDEF"), "numbers": tuple("123456")}


def day(tables: dict[str, tuple[str, ...]] = TABLES, **more: Any) -> DayText:
    labels = sorted({label for held in tables.values() for label in held})
    return DayText.model_validate(
        {
            "sharewell-workshop": 1,
            "workshop": "a-day",
            "title": "A day in the county",
            "purpose": "To weigh uses of data.",
            "held": {
                "on": dt.date(2017, 7, 4),
                "where": "a hall",
                "starts": "10:00",
                "ends": "16:00",
                "host": "the county",
            },
            "people": 10,
            "invited": [{"who": "residents", "came": 0}],
            "roles": ("resident", "analyst"),
            "examples": {label: {"title": f"Use {label}"} for label in labels},
            "tables": {name: {} for name in tables},
            "sessions": {
                "benefit": {"exercise": "rank-by-benefit", "minutes": 30, "examples": tables},
                "poll": {"exercise": "poll", "minutes": 5, "statement": "Sharing is worth it."},
            },
            "feedback": {"ratings": {"venue": {"question": "How was the venue?"}}},
            **more,
        }
    )


def said(number: int, kind: Kind, body: dict[str, Any], session: str = "benefit", **more: Any) -> Event:
    return Event(f"e{number:05}", session, kind, body, **more)


def counted(*events: Event, text: DayText | None = None) -> tuple[Figures, Paper]:
    told = text or day()
    found = figures(told, Record().joined(events))
    return found, build(told, found)


def words(paper: Paper) -> str:
    return " ".join(
        part if isinstance(part, str) else part.text for block in paper.body for part in inlines(block)
    )


BENEFIT = (
    said(1, Kind.RANKED, {"over": [["C", "B"], ["C", "D"], ["E", "B"], ["E", "D"]]}, table="letters"),
    said(2, Kind.RANKED, {"over": [["1", "3"], ["1", "5"], ["1", "6"]]}, table="numbers"),
)


def test_two_tables_without_a_shared_example_are_told_apart_and_no_place_is_made_up() -> None:
    found, paper = counted(*BENEFIT)
    (ranking,) = found.rankings
    assert {group.tables for group in ranking.groups} == {("letters",), ("numbers",)}
    assert {group.group.items for group in ranking.groups} == {tuple("BCDE"), tuple("1356")}
    told = words(paper)
    assert "C and E are each of more benefit than B and D." in told
    assert "1 is of more benefit than 3, 5 and 6." in told
    assert "No place was given to A and F." in told
    assert "No place was given to 2 and 4." in told
    assert "never put together" in told
    assert not any(isinstance(b, Table) and b.caption == "Ranks, in tiers" for b in paper.body)


def test_a_ranking_told_in_two_ways_is_counted_in_nothing_and_said() -> None:
    again = said(3, Kind.RANKED, {"over": [["B", "C"]]}, table="letters", entry=2)
    found, paper = counted(*BENEFIT, again)
    (ranking,) = found.rankings
    assert [group.tables for group in ranking.groups] == [("numbers",)]
    assert "letters is in no figure: its ranking was told in 2 ways" in words(paper)


def test_a_ranking_that_holds_one_thing_twice_or_is_missing_is_said() -> None:
    found, paper = counted(said(1, Kind.RANKED, {"tiers": [["A"], ["B", "A"]]}, table="letters"))
    assert "letters ranked A more than once" in found.rankings[0].given.uncounted["letters"]
    assert "No ranking was written down by numbers." in words(paper)


def test_what_is_held_is_counted_and_shown_nowhere_and_a_quotation_bears_a_role() -> None:
    note = {"about": "risk", "who": "public", "text": "My neighbour at number nine", "role": "resident"}
    shown = {**note, "text": "It worries me", "quoted": True}
    found, paper = counted(
        said(1, Kind.NOTED, note, held="an address"), said(2, Kind.NOTED, shown, session="benefit")
    )
    told = words(paper) + json.dumps(found.as_mapping(), default=str) + write_html(paper).decode()
    assert found.held == 1
    assert "number nine" not in told
    assert "\u201cIt worries me\u201d (resident)" in words(paper)


def test_feedback_has_a_histogram_and_n_of_n_and_a_code_used_twice_is_in_neither() -> None:
    values = [6, 6, 6, 5, 5, 4, 6, 5, 6, 3]
    rated = [
        said(i, Kind.RATED, {"question": "venue", "value": v}, voice=f"v{i}") for i, v in enumerate(values)
    ]
    found, paper = counted(*rated)
    assert dict(found.form.ratings[0].counts) == {1: 0, 2: 0, 3: 1, 4: 1, 5: 3, 6: 5}
    assert "10 of 10 people answered." in words(paper)
    assert any(isinstance(b, Picture) and "6: 5" in b.description for b in paper.body)
    twice = said(99, Kind.RATED, {"question": "venue", "value": 1}, voice="v0")
    again, paper = counted(*rated, twice)
    assert again.form.ratings[0].twice == 1
    assert "9 of 10 people answered." in words(paper)


def test_before_and_after_has_no_p_under_ten_people() -> None:
    def polled(people: int) -> list[Event]:
        return [
            said(2 * i + n, Kind.POLLED, {"when": when, "answer": 2 + 2 * n}, "poll", voice=f"v{i}")
            for i in range(people)
            for n, when in enumerate(("before", "after"))
        ]

    few, paper = counted(*polled(9))
    assert few.polls[0].changed.p is None
    assert "exact sign test" not in words(paper)
    many, paper = counted(*polled(10))
    assert many.polls[0].changed.p == 2 / 1024
    assert "exact sign test" in words(paper)


def test_what_was_found_is_the_deliberation_of_its_agreement_and_nothing_else() -> None:
    body = {
        "said": "People want to be told.",
        "agreement": "warm-homes",
        "clause": "agree.transparency",
        "condition": "Put a notice in every surgery",
        "owner": "the head of data",
    }
    found, _ = counted(said(1, Kind.FOUND, body), said(2, Kind.FOUND, {"said": "A register would help."}))
    told = by_agreement(found.findings)
    assert {name: len(each) for name, each in told.items()} == {"": 1, "warm-homes": 1}
    made = conclusion(day(), found, told["warm-homes"], agreement().text)
    assert made.faults == ()
    read_back = yaml.safe_load(as_yaml(made.deliberation))["deliberation"]
    assert read_back["when"] == dt.date(2017, 7, 4)
    assert read_back["who"] == "10 people came. Nobody came from: residents."
    assert read_back["findings"] == [{"said": "People want to be told.", "clause": "agree.transparency"}]
    (condition,) = read_back["conditions"].values()
    assert condition["before"] == "first run"
    assert condition["owner"] == "the head of data"


def test_a_due_time_that_a_record_held_from_before_is_a_fault_and_no_crash() -> None:
    body = {"said": "A long finding", "agreement": "x", "condition": "A notice is put up", "before": "soon"}
    found, _ = counted(said(1, Kind.FOUND, {**body, "owner": "head of data"}))
    (fault, *_) = conclusion(day(), found, found.findings, agreement().text).faults
    assert fault.code == "BEFORE"
    assert "publication" in fault.fix
    assert "soon" not in str(fault)


def big() -> tuple[DayText, list[Event]]:
    """200 people at 20 tables, 6 of 12 examples each, with a true order that tables see through noise."""
    rng = np.random.default_rng(7)
    tables = {f"t{i:02}": tuple(f"X{j:02}" for j in sorted(rng.permutation(12)[:6])) for i in range(20)}
    text = day(tables, people=200)
    events = []
    for i, (name, held) in enumerate(tables.items()):
        order = sorted(held, key=lambda label: int(label[1:]) + rng.normal(0, 2))
        events.append(said(i, Kind.RANKED, {"tiers": [[label] for label in order]}, table=name))
    for i in range(200):
        mark = {"question": "venue", "value": int(rng.integers(1, 7))}
        events.append(said(1000 + i, Kind.RATED, mark, "poll", voice=f"v{i}"))
        for n, when in enumerate(("before", "after")):
            answer = {"when": when, "answer": int(rng.integers(1, 6))}
            events.append(said(2000 + 2 * i + n, Kind.POLLED, answer, "poll", voice=f"v{i}"))
    return text, events


def test_a_big_day_has_tiers_with_intervals_and_is_the_same_each_time() -> None:
    text, events = big()
    found, paper = counted(*events, text=text)
    (group,) = found.rankings[0].groups
    assert len(group.tables) == 20
    assert all(
        s.low is not None and s.high is not None and s.low <= s.mean <= s.high for s in group.standings
    )
    assert group.standings[0].item in ("X00", "X01")
    assert group.standings[0].tier == 1
    again, _ = counted(*reversed(events), text=text)
    assert again.as_mapping() == found.as_mapping()
    assert [b.text for b in paper.body if isinstance(b, Heading)][-1] == "What changed"
    assert any(isinstance(b, Bullets) for b in paper.body)
