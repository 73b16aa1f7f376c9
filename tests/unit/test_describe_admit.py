"""Reading sources: what is admitted, what is quarantined and why, and what stops everything."""

from __future__ import annotations

import datetime as dt
import traceback
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from describe_example import GOOD, HEADER, admit_file, admit_text, contract, tolerant
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sharewell.describe import Reason, admit
from sharewell.errors import DataError, SharewellError, StorageError

BORN = dt.date(1980, 2, 29)


def reason(folder: Path, row: str) -> tuple[str, str]:
    """Why a row beside a good one is quarantined, and for which field."""
    outcome, kept, held = admit_text(folder, f"{HEADER}\n{GOOD}\n{row}\n")
    assert (outcome.read, outcome.rows, len(kept), len(held)) == (2, 1, 1, 1)
    assert held[0]["_line"] == 3
    return held[0]["_reason"], held[0]["_field"]


def test_values_take_their_types(tmp_path: Path) -> None:
    outcome, kept, held = admit_text(tmp_path, f"{HEADER}\n{GOOD}\nb2, ,1999-12-31,,,\n")
    assert kept == [
        {"local_id": "a1", "nhs_number": "4010232137", "born": BORN, "sex": "F", "cost": 12.5, "visits": 3},
        {
            "local_id": "b2",
            "nhs_number": None,
            "born": dt.date(1999, 12, 31),
            "sex": None,
            "cost": None,
            "visits": None,
        },
    ]
    assert held == []
    assert (outcome.reasons, outcome.vintage, len(outcome.digest)) == ({}, "2024-04", 64)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("b2,,2023-02-30,F,1,1", ("DATE", "born")),
        ("b2,,2023-2-3,F,1,1", ("DATE", "born")),
        ("b2,,03/02/2023,F,1,1", ("DATE", "born")),
        ("b2,,0000-01-01,F,1,1", ("DATE", "born")),
        ("b2,,2000-01-01x,F,1,1", ("DATE", "born")),
        ("b2,,2000-01-01 10:00,F,1,1", ("DATE", "born")),
        ("b2,,1899-12-31,F,1,1", ("RANGE", "born")),
        ("b2,,,F,1,1", ("MISSING", "born")),
        (" ,,2000-01-01,F,1,1", ("MISSING", "local_id")),
        ("b2,123,2000-01-01,F,1,1", ("PATTERN", "nhs_number")),
        ("b2,,2000-01-01,unknown,1,1", ("LENGTH", "sex")),
        ("b2,,2000-01-01,F,-0.01,1", ("RANGE", "cost")),
        ("b2,,2000-01-01,F,1000000,1", ("RANGE", "cost")),
        ("b2,,2000-01-01,F,inf,1", ("TYPE", "cost")),
        ("b2,,2000-01-01,F,1e999,1", ("TYPE", "cost")),
        ("b2,,2000-01-01,F,1,1.5", ("TYPE", "visits")),
        ("b2,,2000-01-01,F,1,9007199254740993", ("TYPE", "visits")),
        ('b2,,2000-01-01,F,"1,000",1', ("TYPE", "cost")),
        ("b2,,2000-01-01,F,1", ("FIELDS", "")),
        ("b2,,2000-01-01,F,1,1,1", ("FIELDS", "")),
        ('b2,,2000-01-01,"F,1,1', ("QUOTES", "")),
        ('b2,,2000-01-01,"F"x,1,1', ("QUOTES", "")),
        ("a1,,2000-01-01,F,1,1", ("DUPLICATE", "local_id")),
        ("b2,4010232137,2000-01-01,F,1,1", ("DUPLICATE", "nhs_number")),
        (GOOD, ("DUPLICATE", "local_id")),
        ("b2,,2000-01-01,F\0,1,1", ("BYTES", "")),
    ],
)
def test_a_broken_row_is_quarantined(tmp_path: Path, row: str, expected: tuple[str, str]) -> None:
    if expected[0] == "BYTES":
        row_text = f"{HEADER}\n" + "".join(f"c{i},,2000-01-01,F,1,1\n" for i in range(40)) + f"{row}\n"
        _, kept, held = admit_text(tmp_path, row_text)
        assert len(kept) == 40
        assert (held[0]["_reason"], held[0]["_line"]) == ("BYTES", 42)
    else:
        assert reason(tmp_path, row) == expected


def test_the_quarantine_keeps_the_row_as_it_stood(tmp_path: Path) -> None:
    text = f"{HEADER}\n{GOOD}\nb2,,2023-02-30, F ,x,1\nshort\n"
    _, _, held = admit_text(tmp_path, text)
    assert held[0] == {
        "_line": 3,
        "_reason": "DATE",
        "_field": "born",
        "_original": None,
        "local_id": "b2",
        "nhs_number": None,
        "born": "2023-02-30",
        "sex": " F ",
        "cost": "x",
        "visits": "1",
    }
    assert (held[1]["_original"], held[1]["local_id"]) == ("short", None)


def test_one_stray_quote_does_not_swallow_the_rows_after_it(tmp_path: Path) -> None:
    rows = [f"c{i},,2000-01-01,F,1,1" for i in range(6)]
    rows[1] = 'c1,,2000-01-01,"F,1,1'
    rows[4] = 'c4,,2000-01-01,F",1,1'
    _, kept, held = admit_text(tmp_path, "\n".join([HEADER, *rows]))
    assert [row["local_id"] for row in kept] == ["c0", "c2", "c3", "c4", "c5"]
    assert [(row["_line"], row["_reason"]) for row in held] == [(3, "QUOTES")]


def test_a_value_may_span_lines(tmp_path: Path) -> None:
    text = f'{HEADER}\nb1,,2000-01-01,"F\nM",1,1\nb2,,2023-02-30,F,1,1\n\nb3,,2000-01-01,"a""b",1,1\n\n\n'
    _, kept, held = admit_text(tmp_path, text)
    assert [row["sex"] for row in kept] == ["F\nM", 'a"b']
    assert [(row["_line"], row["_reason"]) for row in held] == [(4, "DATE"), (5, "FIELDS")]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_marks_and_line_ends_are_not_data(tmp_path: Path, end: str, mark: str) -> None:
    _, kept, _ = admit_text(tmp_path, mark + end.join([HEADER, GOOD, ""]))
    assert (kept[0]["local_id"], kept[0]["visits"]) == ("a1", 3)


def test_columns_may_come_in_any_order_with_any_delimiter(tmp_path: Path) -> None:
    text = "visits;born;sex;cost;nhs_number;local_id\n3;1980-02-29;F;1;;a1\n"
    _, kept, _ = admit_text(tmp_path, text, delimiter=";")
    assert list(kept[0]) == HEADER.split(",")
    assert (kept[0]["local_id"], kept[0]["visits"]) == ("a1", 3)


@pytest.mark.parametrize("encoding", ["windows-1252", "iso-8859-1", "utf-16"])
def test_another_encoding_can_be_declared(tmp_path: Path, encoding: str) -> None:
    text = f"{HEADER}\nZo\u00eb,,2000-01-01,F,1,1\n"
    _, kept, _ = admit_text(tmp_path, text.encode(encoding), encoding=encoding)
    assert kept[0]["local_id"] == "Zo\u00eb"


@pytest.mark.parametrize(
    ("encoding", "seems", "line"),
    [("iso-8859-1", "windows-1252", 102), ("utf-16", "UTF-16", 1), ("utf-16-le", "UTF-16", 1)],
)
def test_the_wrong_encoding_is_named(tmp_path: Path, encoding: str, seems: str, line: int) -> None:
    rows = [f"c{i},,2000-01-01,F,1,1" for i in range(100)] + [
        f"Zo\u00eb{i},,2000-01-01,F,1,1" for i in range(3)
    ]
    data = "\n".join([HEADER, *rows]).encode(encoding)
    with pytest.raises(DataError, match=f"patients.csv:{line} ENCODING .*seems to be in {seems}"):
        admit_text(tmp_path, data)


def test_a_few_undecodable_bytes_only_cost_their_rows(tmp_path: Path) -> None:
    rows = [f"Zo\u00eb{i},,2000-01-01,F,1,1".encode() for i in range(100)]
    rows[50] = b"Zo\xeb,,2000-01-01,F,1,1"
    outcome, _, held = admit_text(tmp_path, b"\n".join([HEADER.encode(), *rows]))
    assert (outcome.rows, outcome.reasons) == (99, {(Reason.BYTES, ""): 1})
    assert (held[0]["_line"], held[0]["_original"]) == (52, "Zo\\xeb,,2000-01-01,F,1,1")


def test_nothing_in_it(tmp_path: Path) -> None:
    for text in ("", "\n\n", HEADER, HEADER + "\n\n"):
        with pytest.raises(DataError, match="EMPTY"):
            admit_text(tmp_path, text)


def test_a_changed_header_is_told_in_full(tmp_path: Path) -> None:
    header = HEADER.replace("nhs_number", "nhsnumber").replace(",visits", "") + ",postcode"
    with pytest.raises(DataError) as caught:
        admit_text(tmp_path, f"{header}\n{GOOD}\n")
    text = str(caught.value)
    assert [p.code for p in caught.value.problems] == ["COLUMNS"] * 4
    assert "'nhs_number' is missing; 'nhsnumber' may be meant" in text
    assert "'visits' is missing" in text
    assert "'postcode' is not in the contract" in text
    assert "changed since it was described" in text
    with pytest.raises(DataError, match="'sex' is there twice"):
        admit_text(tmp_path, f"{HEADER},sex\n{GOOD},F\n")


def test_too_many_broken_rows_stop_with_counts_by_reason(tmp_path: Path) -> None:
    rows = (
        [f"c{i},,2000-01-01,F,1,1" for i in range(90)]
        + [f"d{i},,2023-02-30,F,1,1" for i in range(9)]
        + ["x"]
    )
    (tmp_path / "patients.csv").write_text("\n".join([HEADER, *rows]))
    con = duckdb.connect()
    with pytest.raises(DataError) as caught:
        admit(con, tolerant(contract(tmp_path), 5), tmp_path)
    assert "QUARANTINE 10 of 100 rows of gp.patients (10.0%)" in str(caught.value)
    assert "born: not a date, or an impossible one, 9; too many or too few fields, 1" in str(caught.value)
    assert [row[0] for row in con.sql("SHOW TABLES").fetchall()] == ["quarantined"]
    assert admit(con, tolerant(contract(tmp_path), 10), tmp_path).rows == 90


def test_paths_stay_inside(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "out.csv").write_text(HEADER)
    (inside / "patients.csv").symlink_to(tmp_path / "out.csv")
    with pytest.raises(StorageError, match="leads out"):
        admit(duckdb.connect(), contract(inside), inside)
    with pytest.raises(StorageError, match="no such file"):
        admit(duckdb.connect(), contract(tmp_path, path="none.csv"), tmp_path)


def test_fixed_width(tmp_path: Path) -> None:
    rows = [
        "a1  401023213719800229F12.5  3",
        "b2            19991231 ",
        "c3            20000101F 1    1  ",
        "d4  short",
    ]
    rows = [
        "a1  40102321371980-02-29F12.5  3",
        "b2            1999-12-31M      2   ",
        "c3            2023-02-30F      1",
    ]
    rows += ["d4            2000-01-01F", "e5            2000-01-01F      1more"]
    text = "\n".join(rows)
    _, kept, held = admit_text(tmp_path, text, format="fixed", widths=[4, 10, 10, 1, 6, 1])
    assert [(row["local_id"], row["cost"], row["visits"]) for row in kept] == [
        ("a1", 12.5, 3),
        ("b2", None, 2),
    ]
    assert [(row["_line"], row["_reason"]) for row in held] == [(3, "DATE"), (4, "FIELDS"), (5, "FIELDS")]
    assert held[1]["_original"] == rows[3]


def workbook(path: Path, rows: list[list[object]], top: int = 0, **options: object) -> None:
    book = xlsxwriter.Workbook(str(path), options)
    sheet = book.add_worksheet("People")
    dated = book.add_format({"num_format": "dd/mm/yyyy"})
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            if isinstance(cell, dt.date):
                sheet.write_datetime(top + i, j, dt.datetime.combine(cell, dt.time()), dated)
            elif cell == "#DIV/0!":
                sheet.write_formula(top + i, j, "=1/0", None, "#DIV/0!")
            elif cell is not None:
                sheet.write(top + i, j, cell)
    book.close()


@pytest.mark.parametrize(("epoch", "days"), [(1900, 29280), (1904, 27818)])
def test_excel_dates_may_be_numbers(tmp_path: Path, epoch: int, days: int) -> None:
    rows: list[list[object]] = [
        [*HEADER.split(",")],
        ["a1", 4010232137, BORN, "F", 12.5, 3],
        ["b2", None, days, "M", 1, 1],
        ["c3", None, "1980-02-29", "M", 1, 1],
        ["d4", None, "2023-02-30", "M", 1, 1],
        [],
        ["e5", None, days + 0.5, "M", 1, 1],
        ["f6", None, BORN, "M", "#DIV/0!", 1],
    ]
    workbook(tmp_path / "p.xlsx", rows, top=2, date_1904=epoch == 1904)
    asset = contract(tmp_path, path="p.xlsx", format="xlsx", sheet="People")
    _, kept, held = admit_file(asset, tmp_path)
    assert [row["born"] for row in kept] == [BORN] * 3
    assert kept[0]["nhs_number"] == "4010232137"
    assert [(row["_line"], row["_reason"]) for row in held] == [
        (7, "DATE"),
        (8, "FIELDS"),
        (9, "DATE"),
        (10, "CELL"),
    ]


def test_excel_day_60_never_was(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        HEADER.split(","),
        ["a", None, 60, "F", 1, 1],
        ["b", None, 61, "F", 1, 1],
        ["c", None, 59, "F", 1, 1],
    ]  # type: ignore[list-item]
    workbook(tmp_path / "p.xlsx", rows)
    _, kept, held = admit_file(contract(tmp_path, path="p.xlsx", format="xlsx"), tmp_path)
    assert [row["born"] for row in kept] == [dt.date(1900, 3, 1), dt.date(1900, 2, 28)]
    assert held[0]["_reason"] == "DATE"


def test_excel_faults(tmp_path: Path) -> None:
    workbook(tmp_path / "p.xlsx", [HEADER.split(",")])  # type: ignore[list-item]
    with pytest.raises(DataError, match=r"SHEET there is no sheet 'Peple'.*People"):
        admit_file(contract(tmp_path, path="p.xlsx", format="xlsx", sheet="Peple"), tmp_path)
    with pytest.raises(DataError, match="EMPTY"):
        admit_file(contract(tmp_path, path="p.xlsx", format="xlsx"), tmp_path)
    (tmp_path / "p.xlsx").write_bytes(b"PK junk")
    with pytest.raises(DataError, match="FILE the file is not a readable workbook"):
        admit_file(contract(tmp_path, path="p.xlsx", format="xlsx"), tmp_path)


def test_parquet_of_the_right_types_is_still_held_to_the_rules(tmp_path: Path) -> None:
    table = pa.table(
        {
            "local_id": ["a", "b", "b", "d", None],
            "nhs_number": ["4010232137", None, None, "12", None],
            "born": [BORN, dt.date(1890, 1, 1), BORN, BORN, BORN],
            "sex": ["F"] * 5,
            "cost": [1.0, 2.0, 3.0, 4.0, float("nan")],
            "visits": pa.array([1.0, 2.0, 2.5, None, None]),
        }
    )
    pq.write_table(table, tmp_path / "p.parquet")
    _, kept, held = admit_file(contract(tmp_path, path="p.parquet", format="parquet"), tmp_path)
    assert [row["local_id"] for row in kept] == ["a"]
    assert kept[0]["visits"] == 1
    assert [(r["_line"], r["_reason"], r["_field"]) for r in held] == [
        (2, "RANGE", "born"),
        (3, "TYPE", "visits"),
        (4, "PATTERN", "nhs_number"),
        (5, "MISSING", "local_id"),
    ]


def test_parquet_of_text_and_broken_parquet(tmp_path: Path) -> None:
    texts = dict(zip(HEADER.split(","), ([cell] for cell in GOOD.split(",")), strict=True))
    pq.write_table(pa.table(texts), tmp_path / "p.parquet")
    asset = contract(tmp_path, path="p.parquet", format="parquet")
    _, kept, _ = admit_file(asset, tmp_path)
    assert (kept[0]["born"], kept[0]["cost"]) == (BORN, 12.5)
    (tmp_path / "p.parquet").write_bytes(b"PAR1 junk PAR1")
    with pytest.raises(DataError, match="FILE the file is not whole Parquet"):
        admit_file(asset, tmp_path)


CANARY = "Zebedee-Canary-9731"


@pytest.mark.parametrize(
    "text",
    [
        f"{CANARY},x,2000-01-01,F,1,1\n" * 3,
        f"{HEADER}\n" + f"{CANARY},4010232137,{CANARY},F,1,1\n" * 3,
        f"{HEADER}\n" + f'{CANARY},"{CANARY},F,1,1\n' * 3,
        f"{HEADER}\n" + f"{CANARY}\n" * 3,
        f"{HEADER}\n" + f"a,{CANARY},2000-01-01,{CANARY},{CANARY},{CANARY}\n" * 3,
        (f"{HEADER}\n" + f"{CANARY}\u00eb,,2000-01-01,F,1,1\n" * 3).encode("latin-1"),
    ],
)
def test_no_value_is_ever_in_a_message(
    tmp_path: Path, text: str | bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "patients.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(SharewellError) as caught:
        admit(duckdb.connect(), tolerant(contract(tmp_path), 0), tmp_path)
    error: BaseException | None = caught.value
    while error is not None:
        assert CANARY not in "".join(traceback.format_exception(error))
        error = error.__context__
    assert CANARY not in "".join(capfd.readouterr())


def test_an_engine_fault_keeps_duckdbs_text_to_itself() -> None:
    from sharewell.describe.sql import run

    con = duckdb.connect()
    with pytest.raises(SharewellError) as caught:
        run(con, f"SELECT CAST('{CANARY}' AS DATE)")
    assert caught.value.__context__ is None
    assert CANARY not in str(caught.value)


CELL = st.sampled_from(
    [
        "",
        " ",
        "a",
        "b2",
        "4010232137",
        "2000-01-01",
        "2023-02-30",
        "1",
        "-1",
        "1.5",
        "x y",
        "F\u00e9",
        '"',
        '"q"',
        '"a,b"',
        "nan",
    ]
)
ROW = st.lists(CELL, min_size=0, max_size=8).map(",".join)
TYPICAL = st.tuples(
    st.integers(0, 30).map(lambda i: f"id{i}"),
    st.sampled_from(["", "4010232137", "9434765919", "12"]),
    st.sampled_from(["2000-01-01", "2023-02-30", "1899-01-01", ""]),
    st.sampled_from(["F", '"M"', "unknown", ""]),
    st.sampled_from(["1", "-1", "x", ""]),
    st.sampled_from(["1", "1.5", ""]),
).map(",".join)


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows=st.lists(ROW | TYPICAL, max_size=12), end=st.sampled_from(["\n", "\r\n"]))
def test_every_row_is_admitted_or_quarantined(tmp_path: Path, rows: list[str], end: str) -> None:
    text = end.join([HEADER, "ok,,2000-01-01,F,1,1", *rows])
    con = duckdb.connect(config={"threads": 1})
    (tmp_path / "patients.csv").write_bytes(text.encode())
    outcome = admit(con, tolerant(contract(tmp_path), 100), tmp_path)
    assert outcome.read == outcome.rows + outcome.held
    assert outcome.held == con.sql("SELECT count(*) FROM quarantined").fetchall()[0][0]
    kept = con.table("admitted").to_arrow_table().to_pylist()
    assert len(kept) == outcome.rows
    ids = [row["local_id"] for row in kept]
    assert all(ids)
    assert len(set(ids)) == len(ids)
    numbers = [row["nhs_number"] for row in kept if row["nhs_number"] is not None]
    assert len(set(numbers)) == len(numbers)
    for row in kept:
        assert row["born"] >= dt.date(1900, 1, 1)
        assert row["nhs_number"] is None or (len(row["nhs_number"]) == 10 and row["nhs_number"].isdigit())
        assert row["cost"] is None or 0 <= row["cost"] < 1_000_000
        assert row["sex"] is None or len(row["sex"]) <= 6


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows=st.lists(TYPICAL, max_size=10))
def test_the_reader_by_line_agrees_with_duckdbs(tmp_path: Path, rows: list[str]) -> None:
    text = "\n".join([HEADER, "ok,,2000-01-01,F,1,1", *rows])
    fast = admit_text(tmp_path, text)
    by_line = admit_text(tmp_path, text, encoding="windows-1252")
    assert fast == by_line
