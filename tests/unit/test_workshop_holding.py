"""Words that may say who somebody is are held back, and nothing of them is in the record until released."""

from __future__ import annotations

import csv
import json
import time
from pathlib import Path
from typing import Any

import pytest

from sharewell.errors import DataError
from sharewell.workshop.events import Event, Record, append, event, read_record
from sharewell.workshop.holding import dropped, hold, released, waiting
from sharewell.workshop.identifying import PATTERNS, identifying
from sharewell.workshop.sayings import BODIES, Kind

ESSEX = Path(__file__).parents[2] / "sharewell" / "workshop" / "essex"

TELLING = {
    "a name with a title": [
        "Mrs Smith has asthma", "mr patel came", "Dr. O'Brien", "Mr.Smith", "Dr J. \u00d8stergaard",
        "MRS SMITH", "Cllr Jones said so", "PC Khan", "Miss Lee", "Sister Mary", "Dr.\u00a0Li",
    ],
    "somebody called by name": ["my name is jane", "I'm Jane", "my neighbour Jane", "a boy called Tom"],
    "a telephone number": [
        "07700 900123", "+44 (0)7700 900123", "01245.123.456", "(01245) 123456", "0044 7700 900123",
        "+33 6 12 34 56 78", "07700\u2011900\u2011123",
    ],
    "an e-mail address": ["write to jane.smith@example.org", "jane @ example.org"],
    "a number of ten digits, as an NHS number has": [
        "943 476 5919", "943-476-5919", "9434765919", "943\u00a0476\u00a05919", "943\u2013476\u20135919",
        "943\u200b4765919",
    ],
    "a National Insurance number": ["AB 12 34 56 C", "ab123456c"],
    "a postcode": ["CM1 1LX", "cm11lx", "lives at SW1A 1AA"],
    "a street address": ["12 High Street", "12b station road", "Flat 3", "4 The Old Mill Lane"],
    "a whole date, as of birth": [
        "3/5/1962", "3.5.62", "1962-05-03", "3rd May 1962", "3 of may 1962", "May 3, 1962", "03-05-1962",
    ],
    "a birth": ["born in 1962", "born May 1962", "DOB unknown"],
    "somebody's age": ["a 94-year-old with dogs", "a man aged 103", "she is 43 and deaf", "17yo mother"],
}  # fmt: skip

PLAIN = [
    "People aged 50 and over gain most", "those aged 16 to 24", "Call 999 only if you must",
    "More than 330,000 pounds in a year", "1.5 million people", "The council should tell the public",
    "We miss the data of last year", "the pc was slow", "MS patients wait too long",
    "Section 5 of the Digital Economy Act 2017", "It was held on 4 July", "between 10:00 and 16:00",
    "3 of 10 agreed", "A father said that it went too far", "what is called sharing",
    "My neighbour in Essex would not mind", "Within 12 months of the first run",
]  # fmt: skip


@pytest.mark.parametrize(("kind", "texts"), TELLING.items())
def test_what_may_identify_is_seen_however_it_is_written(kind: str, texts: list[str]) -> None:
    assert [text for text in texts if kind not in identifying([f"She said: {text}, and left."])] == []


def test_every_kind_is_tried_and_plain_words_pass() -> None:
    assert set(TELLING) == set(PATTERNS)
    assert [(text, found) for text in PLAIN if (found := identifying([text]))] == []


def test_nothing_of_the_essex_day_is_held() -> None:
    """786 cells that a report printed: the rate at which what is harmless is held, measured."""
    cells = [
        cell
        for path in sorted(ESSEX.glob("*.csv"))
        for row in csv.reader(path.read_text(encoding="utf-8").splitlines())
        for cell in row
        if cell
    ]
    assert len(cells) > 500
    assert [cell for cell in cells if identifying([cell])] == []


@pytest.mark.parametrize("piece", ["a", "Dr ", "1 ", "a.b-c'", "0(", "Dr A. ", "12 a a ", "@a.", "Mr A'"])
def test_no_words_take_long_to_look_through(piece: str) -> None:
    """A cell of the longest kind that is read; a pattern that backtracks would take minutes."""
    started = time.perf_counter()
    identifying([piece * (131_000 // len(piece))])
    assert time.perf_counter() - started < 3


def said(kind: Kind, body: dict[str, Any], **more: Any) -> Event:
    return event("", kind, BODIES[kind].model_validate(body), **more)


NOTE = {
    "about": "risk",
    "text": "Mrs Zimbrowska of 12 Quorn Road was robbed",
    "role": "resident",
    "quoted": True,
}
HELD = [
    (Kind.NOTED, NOTE),
    (Kind.CRITERION, {"text": "What Dr Zimbrowska thinks"}),
    (Kind.RED_LINE, {"line": "no-purpose", "text": "Fishing", "lifted_by": "if Mrs Zimbrowska says so"}),
    (Kind.ANSWERED, {"question": "best", "text": "Ring me: 07700 900123, Zimbrowska"}),
    (Kind.FOUND, {"said": "Tell people", "condition": "Ask zimbrowska@example.org"}),
    (Kind.FOUND, {"said": "Tell people", "owner": "Cllr Zimbrowska", "clause": "agree.users"}),
]


@pytest.mark.parametrize(("kind", "body"), HELD)
def test_no_word_of_what_is_held_is_in_the_record(tmp_path: Path, kind: Kind, body: dict[str, Any]) -> None:
    made = said(kind, body, table="oak", sheet="n1")
    kept, words = hold([made, said(Kind.NOTED, {"about": "risk", "text": "Trust is lost"})])
    append(tmp_path / "record.jsonl", kept)
    stored = (tmp_path / "record.jsonl").read_text()
    assert "imbrowska" not in stored
    assert "07700" not in stored
    record = read_record(tmp_path / "record.jsonl")
    assert [each.id for each in waiting(record)] == [made.id]
    assert record.of(kind) == [each for each in kept if each.kind is kind and each.id != made.id]
    back = record.joined([released(record, made.id, words[made.id])])
    (out,) = [each for each in back.of(kind) if each.replaces]
    assert dict(out.body) == dict(made.body)
    assert (out.table, out.sheet, out.entry) == ("oak", "n1", 1)
    assert not waiting(back)


def record_of(*events: Event) -> tuple[Record, dict[str, Any]]:
    kept, words = hold(events)
    return Record().joined(kept), dict(words)


def test_other_words_stand_for_what_tells_and_are_no_quotation() -> None:
    note = said(Kind.NOTED, NOTE)
    record, words = record_of(note)
    out = released(record, note.id[:8], words[note.id], "Somebody was robbed")
    assert dict(out.body) == {"about": "risk", "text": "Somebody was robbed", "role": "resident"}


def test_other_words_leave_what_identifies_nobody_as_it_was_said() -> None:
    body = {"said": "Tell people first", "condition": "Ask Mrs Zimbrowska", "clause": "agree.users"}
    record, words = record_of(found := said(Kind.FOUND, body))
    out = released(record, found.id, words[found.id], "Ask the data officer")
    assert dict(out.body) == {**body, "condition": "Ask the data officer"}
    both = {"said": "Dr Zimbrowska spoke", "condition": "Ask Mrs Zimbrowska"}
    record, words = record_of(found := said(Kind.FOUND, both))
    assert dict(released(record, found.id, words[found.id], "A doctor spoke").body) == {
        "said": "A doctor spoke"
    }


@pytest.mark.parametrize("instead", ["Ask Mr Jones", "ring 07700 900123", "she is 43", "no", "   "])
def test_other_words_that_identify_too_or_say_nothing_are_refused(instead: str) -> None:
    record, words = record_of(note := said(Kind.NOTED, NOTE))
    with pytest.raises(DataError, match="HELD") as error:
        released(record, note.id, words[note.id], instead)
    assert instead.strip() == "no" or not instead.strip() or instead not in str(error.value)


def test_what_is_dropped_is_in_the_record_as_dropped_and_in_no_figure() -> None:
    record, _ = record_of(note := said(Kind.NOTED, NOTE))
    after = record.joined([dropped(record, note.id)])
    assert not waiting(after)
    assert not after.of(Kind.NOTED)
    assert "imbrowska" not in json.dumps([each.as_mapping() for each in after.events.values()])
    with pytest.raises(DataError, match="no comment"):
        dropped(after, note.id)


@pytest.mark.parametrize("id", ["", "abc", "zzzzzz"])
def test_a_comment_is_named_by_enough_of_its_number(id: str) -> None:
    record, _ = record_of(said(Kind.NOTED, NOTE))
    with pytest.raises(DataError, match="HELD"):
        dropped(record, id)
