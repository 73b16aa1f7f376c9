"""The pack: each card that is dealt is printed whole, each sheet has a code of its own, nobody is named."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import subprocess
from typing import Any

import pytest

from sharewell.errors import DocumentError
from sharewell.papers.block import Paper, inlines
from sharewell.workshop.cards import cards
from sharewell.workshop.codes import is_code
from sharewell.workshop.day import DayText
from sharewell.workshop.given_orders import laid
from sharewell.workshop.pack import card_pages, people_of, person_pages, table_pages, typing_page
from sharewell.workshop.printing import draw_book_pages, print_book
from sharewell.workshop.script import clock, script

LONG = " ".join(f"word{number}" for number in range(1500))


def day(tables: int = 3, people: int = 12, **more: Any) -> DayText:
    labels = [f"X{number}" for number in range(1, 8)]
    told = {
        "sharewell-workshop": 1,
        "workshop": "a-day",
        "title": "A day in the county",
        "purpose": "To weigh uses of data",
        "held": {
            "on": dt.date(2024, 6, 3),
            "where": "a hall",
            "starts": "10:00",
            "ends": "12:00",
            "host": "the county",
        },
        "people": people,
        "roles": ("resident", "analyst"),
        "examples": {
            label: {"title": f"Use {label}", "why": f"Reason to share {label}"} for label in labels
        },
        "tables": {f"t{number}": {} for number in range(1, tables + 1)},
        "sessions": {
            "before": {"exercise": "poll", "minutes": 5, "statement": "Sharing is worth it."},
            "benefit": {"exercise": "rank-by-benefit", "minutes": 30, "deal": 4},
            "after": {"exercise": "poll", "minutes": 5, "statement": "Sharing is worth it."},
            "feedback": {"exercise": "feedback", "minutes": 10},
        },
        "feedback": {
            "ratings": {"venue": {"question": "How was the venue?"}},
            "open": {"most": "What was most useful?"},
        },
        **more,
    }
    return DayText.model_validate(told)


def words(paper: Paper) -> str:
    return " ".join(
        part if isinstance(part, str) else part.text for block in paper.body for part in inlines(block)
    )


def read(*pages: Paper, how: str = "-raw") -> str:
    """The text of the PDF, as a reader of PDF finds it."""
    reader = shutil.which("pdftotext")
    if reader is None:
        pytest.skip("pdftotext is not installed")
    done = subprocess.run([reader, how, "-", "-"], input=print_book(pages), capture_output=True, check=True)
    return done.stdout.decode()


def test_every_example_that_is_dealt_to_a_table_has_a_card_and_stands_on_its_sheet() -> None:
    text = day()
    labels = {page.about for page in card_pages(text, cards(text, {}))}
    sheets = {page.about: words(page) for page in table_pages(text)}
    dealt = laid(text, text.sessions["benefit"])
    assert set(dealt) == set(text.tables)
    for table, held in dealt.items():
        assert set(held) <= labels
        assert f"Cards on this table: {', '.join(held)}" in sheets[f"benefit / {table}"]


def test_each_person_has_one_code_on_three_sheets_and_no_two_share_one() -> None:
    pages = person_pages(day(), 30)
    codes = [page.about for page in pages]
    assert all(is_code(code) for code in codes)
    assert len(set(codes)) == 30
    assert {codes.count(code) for code in codes} == {3}
    assert sum("before" in page.title for page in pages) == sum("after the" in page.title for page in pages)


def test_sheets_ask_for_a_role_and_have_nowhere_to_put_a_name() -> None:
    pages = (*person_pages(day(), 1), *table_pages(day()))
    asked = [head for page in pages for block in page.body for head in getattr(block, "head", ())]
    assert "Cards" in asked
    assert not [
        head for head in asked if re.search(r"\b(your name|e-?mail|address|signature)\b", head, re.I)
    ]
    told = " ".join(words(page) for page in pages)
    assert "Please write no name." in told


def test_a_long_card_runs_on_to_more_pages_and_loses_no_word() -> None:
    labels = {"X1": {"title": "Long", "what": LONG}, "X2": {"title": "Short", "why": "A brief reason"}}
    text = day(
        examples=labels,
        sessions={"poll": {"exercise": "poll", "minutes": 5, "statement": "Sharing is worth it."}},
    )
    pages = card_pages(text, cards(text, {}))
    assert len(draw_book_pages(pages, 10)) > 2
    assert set(LONG.split()) <= set(read(*pages).split())


def test_a_short_card_fills_its_page_with_large_type_and_is_one_page() -> None:
    text = day()
    pages = card_pages(text, cards(text, {}))
    assert len(draw_book_pages(pages, 10)) == len(text.examples)
    boxes = re.findall(r'yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)">Reason<', read(*pages, how="-bbox"))
    assert len(boxes) == len(text.examples)
    assert all(float(low) - float(high) >= 17 for high, low in boxes)


def test_the_script_runs_by_the_clock_without_a_gap() -> None:
    timed = clock(day())
    assert [end for _, _, end in timed[:-1]] == [start for _, start, _ in timed[1:]]
    assert (timed[0][1], timed[-1][2]) == ("10:00", "10:50")
    assert "10:05 to 10:35" in words(script(day()))


def test_a_pack_for_two_hundred_people_at_twenty_tables_is_small_tagged_and_titled() -> None:
    text = day(tables=20, people=200)
    assert people_of(text) == 200
    made = print_book(person_pages(text, 200))
    tables = print_book(table_pages(text))
    assert len(made) < 8_000_000
    assert len(tables) < 2_000_000
    for part in (b"/MarkInfo", b"en-GB", b"pdfuaid:part", b"A day in the county"):
        assert part in tables


def test_how_to_type_names_every_file_and_says_which_columns_are_always_filled() -> None:
    told = words(typing_page(day()))
    for name in ("polls.csv", "rankings.csv", "ratings.csv"):
        assert name in told
    assert "always" in told


@pytest.mark.parametrize("people", [0, 10_000])
def test_sheets_for_nobody_or_for_more_than_codes_go_round_are_refused(people: int) -> None:
    with pytest.raises(DocumentError, match="say how many"):
        people_of(day(), people)
