"""Typed sheets: each row is what it says, or it is set aside with every reason why. Nothing is guessed."""

from __future__ import annotations

from typing import Any

import pytest
from day_example import POLL, day_with
from hypothesis import given, settings
from hypothesis import strategies as st

from sharewell.errors import DataError
from sharewell.workshop.codes import code, is_code
from sharewell.workshop.day import DayText
from sharewell.workshop.events import Event, Record
from sharewell.workshop.figures import figures
from sharewell.workshop.holding import hold, released, waiting
from sharewell.workshop.sayings import Kind
from sharewell.workshop.sheet_columns import FILES, template
from sharewell.workshop.sheets import Sheets, read_sheets

MINE, YOURS = code(7), code(8)
TABLES = {"oak": ("A", "B", "C"), "elm": ("B", "C", "D")}


def day(**more: Any) -> DayText:
    sessions = {
        "welcome": {"exercise": "welcome", "minutes": 10},
        "poll": POLL,
        "gain": {"exercise": "rank-by-benefit", "minutes": 30, "examples": TABLES},
        "risk": {"exercise": "rank-by-risk", "minutes": 30, "examples": TABLES},
        "form": {"exercise": "feedback", "minutes": 5},
    }
    feedback = {
        "ratings": {"venue": {"question": "How was the venue?"}},
        "open": {"best": "What was the best of it?"},
    }
    given = {"roles": ("resident", "analyst"), "sessions": sessions, "feedback": feedback}
    return day_with("ABCD", ("oak", "elm"), **{**given, **more})


def typed(name: str, *rows: str, heads: str = "") -> dict[str, bytes]:
    head = heads or ",".join(FILES[f"{name}.csv"].heads)
    return {f"{name}.csv": "\n".join((head, *rows, "")).encode()}


def read(name: str, *rows: str, heads: str = "", known: Record | None = None) -> Sheets:
    return read_sheets(day(), typed(name, *rows, heads=heads), known)


def told(sheets: Sheets) -> list[str]:
    return [f"{each.where} {each.code}" for aside in sheets.aside for each in aside.problems]


def stopped(files: dict[str, bytes]) -> list[str]:
    with pytest.raises(DataError) as error:
        read_sheets(day(), files)
    assert all(each.what and each.fix for each in error.value.problems)
    return [f"{each.where} {each.code}" for each in error.value.problems]


def bodies(sheets: Sheets) -> list[dict[str, Any]]:
    assert not sheets.aside, told(sheets)
    return [dict(each.body) for each in sheets.events]


# Every kind of sheet becomes what it says.

SHEETS = [
    ("attendance", "role,people,table", "resident,3,oak", {"role": "resident", "people": 3}),
    ("polls", "code,when,answer", f"{MINE.lower()},Before,4", {"when": "before", "answer": 4}),
    (
        "polls",
        "session,code,when,answer",
        f"poll,{MINE},after,Undecided",
        {"when": "after", "answer": "undecided"},
    ),
    (
        "rankings",
        "session,table,ranking,undecided",
        "gain,oak,C > A = B,D",
        {"tiers": [["C"], ["A", "B"]], "undecided": ["D"]},
    ),
    (
        "rankings",
        "session,table,statements",
        "gain,oak,C > B > A; C > D",
        {"over": [["C", "B"], ["B", "A"], ["C", "D"]]},
    ),
    ("rankings", "session,table,undecided", "gain,oak,A B C", {"undecided": ["A", "B", "C"]}),
    ("criteria", "session,table,text,main", 'gain,oak,"who gains, and when",no', {"main": False}),
    (
        "notes",
        "about,who,text,example,role,quoted",
        "risk,public,Trust is lost,A,resident,yes",
        {"about": "risk", "who": "public", "example": "A", "role": "resident", "quoted": True},
    ),
    (
        "red-lines",
        "line,text,examples,lifted_by",
        'no-purpose,Fishing about,"A, B",A reason',
        {"line": "no-purpose", "examples": ["A", "B"], "lifted_by": "A reason"},
    ),
    ("ratings", "code,question,value", f"{MINE},venue,6", {"question": "venue", "value": 6}),
    ("answers", "code,question,text", f"{MINE},best,The soup", {"question": "best", "text": "The soup"}),
    (
        "findings",
        "said,agreement,clause,condition,before,owner",
        "Tell people,warm-homes,agree.transparency,A notice,first run,the data officer",
        {"agreement": "warm-homes", "condition": "A notice", "before": "first run"},
    ),
]


@pytest.mark.parametrize(("name", "heads", "row", "said"), SHEETS)
def test_every_kind_of_sheet_becomes_what_it_says(
    name: str, heads: str, row: str, said: dict[str, Any]
) -> None:
    sheets = read(name, row, heads=heads)
    (body,) = bodies(sheets)
    assert said.items() <= body.items()
    (made,) = sheets.events
    assert made.kind is FILES[f"{name}.csv"].kind
    assert Event(**{**made.as_mapping(), "kind": Kind(made.kind)}) == made


def test_every_file_that_is_read_is_tried_above_and_its_empty_template_says_nothing() -> None:
    assert {f"{name}.csv" for name, *_ in SHEETS} == set(FILES)
    blank = read_sheets(day(), {name: template(name).encode() for name in FILES})
    assert blank == Sheets((), (), (), ())


def test_spreadsheets_may_add_a_mark_blank_rows_and_cells_and_their_line_ends() -> None:
    plain = read("notes", "risk,Trust is lost", heads="about,text")
    odd = b"\xef\xbb\xbfAbout , TEXT,,\r\n,,,\r\n risk,Trust is lost ,,\r\n\r\n"
    assert read_sheets(day(), {"notes.csv": odd}).events == plain.events


def test_a_cell_may_hold_lines_and_the_next_row_is_told_at_its_own_line() -> None:
    sheets = read("notes", 'risk,"Trust\nis lost"', "danger,Trust is lost", heads="about,text")
    assert [each.body["text"] for each in sheets.events] == ["Trust\nis lost"]
    assert told(sheets) == ["notes.csv:4 VALUE"]


# A file that cannot be read stops everything, with all such faults at once.


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("about,text\nrisk,caf\xe9 tables\n".encode("latin-1"), "notes.csv ENCODING"),
        ("about,text\nrisk,Trust is lost\n".encode("utf-16"), "notes.csv ENCODING"),
        (b"about;who;text\nrisk;public;Trust is lost\n", "notes.csv:1 SEPARATOR"),
        (b"about\twho\ttext\nrisk\tpublic\tTrust is lost\n", "notes.csv:1 SEPARATOR"),
        (b"", "notes.csv:1 COLUMN"),
        (b"about,text,mood\nrisk,Trust is lost,sad\n", "notes.csv:1 COLUMN"),
        (b"about,text,text\nrisk,Trust is lost,sad\n", "notes.csv:1 COLUMN"),
        (b"about,text,,quoted\n", "notes.csv:1 COLUMN"),
        (b'about,text\nrisk,a\nrisk,"open\nrisk,b\n', "notes.csv:3 CSV"),
        (b'about,text\nrisk,a "word" here\nrisk,"x"y\n', "notes.csv:3 CSV"),
        (b"about,text\nrisk,a\nrisk," + b"x" * 1_000_000 + b"\n", "notes.csv:3 LENGTH"),
        ("about,text\nrisk,Trust\n".encode("utf-16-le"), "notes.csv:1 COLUMN"),
    ],
)
def test_what_is_no_such_file_stops_at_its_line(content: bytes, said: str) -> None:
    assert set(stopped({"notes.csv": content})) == {said}


def test_every_file_that_cannot_be_read_is_told_at_once_and_nothing_is_entered() -> None:
    files = typed("polls", f"{MINE},before,4", heads="code,when,answer")
    files |= {"notes.csv": b"\xff", "answers.csv": b"question;code;text\n", "votes.csv": b"a,b\n"}
    assert stopped(files) == ["notes.csv ENCODING", "answers.csv:1 SEPARATOR", "votes.csv FILE"]


def test_a_file_without_its_first_line_does_not_tell_what_people_wrote() -> None:
    with pytest.raises(DataError) as error:
        read_sheets(day(), {"notes.csv": b"risk,Jane Smith was robbed\n"})
    assert "Smith" not in str(error.value)
    assert "column 'text' is missing" in str(error.value)


# A row that cannot be understood is set aside, with all its faults, and the others are entered.


@pytest.mark.parametrize(
    ("name", "heads", "row", "said"),
    [
        ("criteria", "session,table,text", "gain,ash,who gains", ["TABLE"]),
        ("criteria", "session,table,text", "gian,oak,who gains", ["SESSION"]),
        ("criteria", "session,table,text", "poll,oak,who gains", ["SESSION"]),
        ("criteria", "table,text", "oak,who gains", ["SESSION"]),
        ("criteria", "session,table,text,main", "gain,oak,who gains,maybe", ["VALUE"]),
        ("criteria", "session,table,text", "gain,oak,", ["EMPTY"]),
        ("criteria", "session,table,text", "gain,oak,who gains, and when", ["LENGTH"]),
        ("notes", "about,text", "risk,Trust\0 is lost", ["CHARACTER"]),
        ("notes", "about,text", "risk,Trust \x1b[2J is lost", ["CHARACTER"]),
        ("notes", "about,text", "risk,caf\ufffd tables", ["CHARACTER"]),
        ("notes", "about,text,example,role", "risk,Trust is lost,Z,boss", ["ROLE", "EXAMPLE"]),
        ("notes", "about,text,entry", "risk,Trust is lost,3rd", ["ENTRY"]),
        ("notes", "about,text,who", "risk,Trust is lost,everybody", ["VALUE"]),
        ("attendance", "role,people", "resident,0", ["VALUE"]),
        ("attendance", "role,people", "resident,0000000012345", ["VALUE"]),
        ("attendance", "role,people", "resident,=2+3", ["VALUE"]),
        ("polls", "code,when,answer", f"{MINE},before,6", ["VALUE"]),
        ("polls", "code,when,answer", f"{MINE},before,-1", ["VALUE"]),
        ("polls", "code,when,answer", f"{MINE},during,3", ["VALUE"]),
        ("polls", "code,when,answer", "0007Z,before,3", ["CODE"]),
        ("polls", "when,answer", "before,3", ["CODE"]),
        ("ratings", "question,value,people", "venue,5,4", ["CODE"]),
        ("ratings", "code,question,value,people", f"{MINE},venue,5,4", ["CODE"]),
        ("ratings", "code,question,value", f"{MINE},food,5", ["QUESTION"]),
        ("answers", "code,question,text", f"{MINE},venue,The soup", ["QUESTION"]),
        ("rankings", "session,table,ranking", "gain,oak,C > > A", ["RANKING"]),
        ("rankings", "session,table,ranking", "gain,oak,C > X", ["EXAMPLE"]),
        ("rankings", "session,table,ranking", "gain,oak,", ["EMPTY"]),
        ("rankings", "session,table,statements", "gain,oak,C over B", ["EXAMPLE", "STATEMENT"]),
        ("rankings", "session,table,ranking,statements", "gain,oak,A > B,A > C", ["VALUE"]),
        ("red-lines", "line,text", "No purpose,Fishing about", ["VALUE"]),
        (
            "rankings",
            "session,table,ranking,entry",
            "gone,ash,X > A,later",
            ["TABLE", "EXAMPLE", "SESSION", "ENTRY"],
        ),
        ("notes", "about,text,sheet", "risk,Trust is lost,for Mrs Smith", ["SHEET"]),
        ("notes", "about,text,sheet", f"risk,Trust is lost,{'x' * 61}", ["SHEET"]),
    ],
)
def test_a_row_is_set_aside_with_every_reason(name: str, heads: str, row: str, said: list[str]) -> None:
    good = {each[0]: each[1:3] for each in SHEETS}[name]
    sheets = read_sheets(day(), typed(name, row, heads=heads))
    (aside,) = sheets.aside
    assert not sheets.events
    assert sorted(each.code for each in aside.problems) == sorted(said)
    assert all(each.what and (each.why or each.fix) for each in aside.problems)
    assert {each.where for each in aside.problems} == {f"{name}.csv:2"}
    assert [cell for cell in aside.row.typed if cell] == [cell.strip() for cell in row.split(",") if cell]
    assert len(read(name, good[1], heads=good[0]).events) == 1


def test_the_other_rows_are_entered_and_none_is_lost() -> None:
    rows = [f"risk,Point {n}" if n % 3 else f"danger,Point {n}" for n in range(30)]
    sheets = read("notes", *rows, heads="about,text")
    assert len(sheets.events) == 20
    assert told(sheets) == [f"notes.csv:{n + 2} VALUE" for n in range(0, 30, 3)]


@pytest.mark.parametrize("column", ["table", "role", "example", "who", "quoted", "session", "about"])
def test_what_stands_in_a_wrong_column_is_never_told(column: str) -> None:
    cells = {"about": "risk", "text": "Trust is lost"} | {column: "Threlkeld-Ashby"}
    (aside,) = read("notes", ",".join(cells.values()), heads=",".join(cells)).aside
    assert "Threlkeld" not in " ".join(map(str, aside.problems))


def test_a_formula_is_words_like_any_others() -> None:
    (body,) = bodies(read("notes", 'risk,"=HYPERLINK(""x"")"', heads="about,text"))
    assert body["text"] == '=HYPERLINK("x")'


def test_a_day_without_a_poll_takes_no_poll() -> None:
    sessions = {"form": {"exercise": "feedback", "minutes": 5}}
    files = typed("polls", f"{MINE},before,4", heads="code,when,answer")
    (aside,) = read_sheets(day(sessions=sessions), files).aside
    assert [each.code for each in aside.problems] == ["SESSION"]


@given(st.integers(1, 9999), st.integers(0, 3), st.sampled_from("0123456789"), st.integers(0, 2))
def test_a_code_with_one_digit_wrong_or_two_exchanged_is_no_code(
    number: int, at: int, digit: str, exchanged: int
) -> None:
    right = code(number)
    assert is_code(right)
    wrong = right[:at] + digit + right[at + 1 :]
    assert not is_code(wrong) or wrong == right
    a, b = tuple(right[exchanged : exchanged + 2])
    turned = right[:exchanged] + b + a + right[exchanged + 2 :]
    assert not is_code(turned) or turned == right


# Order and repetition make no difference.

ROWS = [
    *(f"gain,oak,Reason {n},{n % 2 or ''},,{entry}" for n in range(3) for entry in ("1", "2")),
    "gain,elm,Reason,yes,,1",
    "gain,elm,Reason put right,yes,,settled",
    "gain,elm,Reason two,no,,settled",
    "risk,elm,Reason,yes,own-1,1",
]
CRITERIA = "session,table,text,main,sheet,entry"


def fixed(rows: list[str]) -> list[str]:
    return [row.replace(",1,,", ",yes,,").replace(",0,,", ",no,,") for row in rows]


@settings(max_examples=40)
@given(st.permutations(fixed(ROWS)), st.integers(0, len(ROWS)))
def test_rows_in_any_order_give_the_same_record_and_entered_again_add_nothing(
    rows: list[str], half: int
) -> None:
    whole = Record().joined(read("criteria", *fixed(ROWS), heads=CRITERIA).events)
    assert Record().joined(read("criteria", *rows, heads=CRITERIA).events) == whole
    again = read("criteria", *rows, *rows, heads=CRITERIA, known=whole)
    assert whole.joined(again.events) == whole
    assert len(again.repeated) == len(rows)
    first = Record().joined(read("criteria", *rows[:half], heads=CRITERIA).events)
    both = first.joined(read("criteria", *rows, heads=CRITERIA, known=first).events)
    assert standing(both) == standing(whole)


def standing(record: Record) -> set[str]:
    return {
        f"{each.session} {each.table} {each.sheet} {each.entry} {sorted(each.body.items())}"
        for each in record
    }


def test_a_settled_sheet_stands_for_all_its_typings_and_can_be_settled_again() -> None:
    heads = "session,table,ranking,entry"
    first = ["gain,oak,A > B,1", "gain,oak,B > A,2"]
    record = Record().joined(read("rankings", *first, heads=heads).events)
    for right in ("A > B", "B > A", "A > B"):
        sheets = read("rankings", *first, f"gain,oak,{right},settled", heads=heads, known=record)
        record = record.joined(sheets.events)
        assert [each.body["tiers"] for each in record] == [[[right[0]], [right[-1]]]]
        again = read("rankings", *first, f"gain,oak,{right},settled", heads=heads, known=record)
        assert record.joined(again.events) == record


def test_a_typing_that_comes_after_a_sheet_was_settled_does_not_undo_it() -> None:
    heads = "session,table,ranking,entry"
    settled = ["gain,oak,A > B,1", "gain,oak,B > A,settled"]
    record = Record().joined(read("rankings", *settled, heads=heads).events)
    late = read("rankings", *settled, "gain,oak,A = B,2", heads=heads, known=record)
    assert [each.body["tiers"] for each in record.joined(late.events)] == [[["B"], ["A"]]]


def test_what_the_facilitator_decided_of_a_settled_sheet_stays_decided_when_it_is_entered_again() -> None:
    heads, rows = (
        "about,text,entry",
        ["risk,Mrs Quorn was robbed,1", "risk,Mrs Quorn was robbed twice,settled"],
    )
    record = Record().joined(hold(read("notes", *rows, heads=heads).events)[0])
    (waits,) = waiting(record)
    record = record.joined([released(record, waits.id, {}, "Somebody was robbed twice")])
    again = hold(read("notes", *rows, heads=heads, known=record).events)[0]
    assert {each.id for each in again} <= set(record.events)
    assert [each.body["text"] for each in record] == ["Somebody was robbed twice"]


def test_a_sheet_whose_rows_were_others_before_is_told_and_what_was_entered_stays() -> None:
    before = read("notes", "risk,Trust is lost", heads="about,text")
    record = Record().joined(before.events)
    after = read("notes", "risk,Trust is gone", heads="about,text", known=record)
    assert [each.code for each in after.changed] == ["CHANGED"]
    assert len(list(record.joined(after.events))) == 2
    assert not read("notes", "risk,Trust is lost", heads="about,text", known=record).changed


def test_a_tally_typed_twice_counts_people_once_and_settled_with_fewer_drops_the_rest() -> None:
    heads, rows = (
        "question,value,people,sheet,entry",
        ["venue,5,3,t1,{}", "venue,6,1,t1,{}", "venue,2,1,t1,{}"],
    )

    def counts(*typed: str, known: Record | None = None) -> tuple[Record, dict[int, int]]:
        sheets = read("ratings", *typed, heads=heads, known=known)
        assert not sheets.aside
        record = (known or Record()).joined(sheets.events)
        given = figures(day(), record).form.ratings[0].counts
        return record, {value: n for value, n in given.items() if n}

    once = [row.format("1") for row in rows]
    record, told = counts(*once)
    assert told == {5: 3, 6: 1, 2: 1}
    record, told = counts(*once, *(row.format("2") for row in rows), known=record)
    assert told == {5: 3, 6: 1, 2: 1}
    record, told = counts(*once, "venue,5,2,t1,settled", known=record)
    assert told == {5: 2}
