"""What would go wrong in the room is told at its line before the day; and a draft can be held."""

from __future__ import annotations

from datetime import date
from importlib import resources
from typing import Any

import pytest

from sharewell.errors import Problem
from sharewell.workshop.cards import cards
from sharewell.workshop.checking import spare, warnings
from sharewell.workshop.day import WorkshopDay, load_day
from sharewell.workshop.starting import dealt, first_draft

DAY = """\
sharewell-workshop: 1
workshop: a-day
title: A day in the county
purpose: To weigh uses of data.
held: {on: 2026-03-02, where: a hall, starts: "10:00", ends: "12:00", host: us all}
invited: [{who: residents}]
roles: [resident]
examples:
  A: {who: the council, why: to help people, what: a list of names}
  B: {who: the council, why: to help people, what: a list of names}
  C: {who: the council, why: to help people, what: a list of names}
tables: {oak: {}, elm: {}, ash: {}, yew: {}, fir: {}}
sessions:
  poll: {exercise: poll, minutes: 5, statement: Sharing is worth it.}
  gain:
    exercise: rank-by-benefit
    minutes: 30
    examples: {oak: [A, B, C], elm: [A, B, C], ash: [A, B, C], yew: [A, B, C], fir: [A, B, C]}
  lines: {exercise: red-lines, minutes: 20}
"""


def day(text: str = DAY) -> WorkshopDay:
    return load_day(text, "a-day.yaml")


def found(text: str, agreements: tuple[str, ...] = ()) -> list[Problem]:
    held = day(text)
    return list(warnings(held, cards(held.text, {}, {}), agreements))


def test_a_day_in_which_nothing_is_amiss_is_told_nothing() -> None:
    assert found(DAY) == []
    assert spare(day()) == 65


ALL = "{oak: [A, B, C], elm: [A, B, C], ash: [A, B, C], yew: [A, B, C], fir: [A, B, C]}"


@pytest.mark.parametrize(
    ("was", "now", "code", "line"),
    [
        ("minutes: 30", "minutes: 96", "TIME", "sessions:"),
        ('ends: "12:00"', 'ends: "09:00"', "TIME", "sessions:"),
        ("  C: {who: the council, why: to help people,", "  C: {who: the council,", "CARD", "  C: {who"),
        ("  C: {who", "  C: {agreement: gone, who", "AGREEMENT", "  C: {agreement"),
        (ALL, "{oak: [A, B], elm: [A, B], ash: [A, B], yew: [A, B], fir: [A, B]}", "UNSEEN", "  C: {who"),
        (ALL, "{oak: [A, B, C], elm: [A, B, C], ash: [A, B, C], yew: [A, B, C]}", "FEW", "  gain:"),
        (ALL, "{oak: [A, B], elm: [C], ash: [A, B], yew: [A, B], fir: [A, B]}", "APART", "  gain:"),
        (f"examples: {ALL}", "deal: 2", "FEW", "  gain:"),
        (f"examples: {ALL}", "deal: 4", "DEAL", "  gain:"),
        ("  lines: {exercise: red-lines", "  lines: {exercise: plenary", "LINES", "sessions:"),
        ("invited: [{who: residents}]\n", "", "INVITED", "sharewell-workshop"),
        ("sessions:\n", "sessions:\n  talk: {exercise: risks, minutes: 5}\n", "POLL", "  poll:"),
    ],
)  # fmt: skip
def test_what_would_go_wrong_is_told_at_its_line(was: str, now: str, code: str, line: str) -> None:
    assert was in DAY
    text = DAY.replace(was, now, 1)
    told = {each.code: each for each in found(text)}
    assert code in told
    assert told[code].fix
    name, number = told[code].where.split(":")
    assert name == "a-day.yaml"
    assert text.split("\n")[int(number) - 1].startswith(line)


def test_a_card_that_the_script_hands_out_is_seen() -> None:
    text = DAY.replace(ALL, ALL.replace(", C", "")).replace(
        "minutes: 20", 'minutes: 20, script: ["Look at card C."]'
    )
    assert [each.code for each in found(text)] == []


def test_the_essex_day_is_told_that_two_tables_are_few_and_shared_nothing() -> None:
    essex = load_day(
        resources.files("sharewell.workshop").joinpath("essex/day.yaml").read_text(), "essex.yaml"
    )
    named = {example.agreement for example in essex.text.examples.values() if example.agreement}
    told = warnings(essex, cards(essex.text, {}, {}), named)
    assert sorted(each.code for each in told) == ["APART", "APART", "APART", "FEW"]


@pytest.mark.parametrize("agreements", [2, 3, 15, 40])
@pytest.mark.parametrize("tables", [1, 2, 4, 20, 60])
def test_a_draft_is_a_day_that_can_be_held_at_any_size(agreements: int, tables: int) -> None:
    names = [f"agreement-{n}" for n in range(agreements)]
    held = day(first_draft("my-day", names, tables, date(2026, 3, 2)))
    assert spare(held) >= 0
    assert [each.agreement for each in held.text.examples.values()] == names
    assert len(held.text.tables) == tables
    codes = {each.code for each in warnings(held, cards(held.text, {}, {}), names)}
    # A table holds a dozen cards at most: where that is not all of them, one table alone leaves some out.
    fits = 12 * tables >= agreements + tables - 1
    assert ("DEAL" in codes) == (not fits)
    assert codes <= {"CARD", "FEW", "DEAL"}


@pytest.mark.parametrize("name", ["yes", "null", "true", "no", "e1"])
def test_a_name_that_a_yaml_reader_might_take_for_something_else_stays_a_name(name: str) -> None:
    assert day(first_draft(name, ["a-b", name], 2, date(2026, 3, 2))).text.workshop == name


def test_as_few_cards_are_dealt_as_let_tables_share_some() -> None:
    sizes: dict[tuple[int, int], Any] = {
        (15, 4): 5,
        (15, 2): 8,
        (6, 2): 4,
        (2, 9): 2,
        (15, 60): 3,
        (90, 2): 12,
    }
    assert {key: dealt(*key) for key in sizes} == sizes
