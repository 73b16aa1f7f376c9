"""What is written: whole or not at all, never changed, and safe to open."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import stat
import subprocess
import sys
import textwrap
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from release_example import bundle, checked, eligibility, evaluation

from sharewell.errors import DataError, GateError, PlanError, StorageError
from sharewell.plan.finding import Measure
from sharewell.plan.forms import AGGREGATE, YES_NO
from sharewell.plan.released import CheckedList
from sharewell.release import RoadStep, tabular, write, write_list
from sharewell.release.folder import write_whole


def read(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


def rows_for(recipient: str = "brightwater-energy") -> CheckedList:
    data = pa.table({"customer_ref": ["C1", "=1+1"], "discount": [True, False]})
    return CheckedList("discount", recipient, "fuel poverty", YES_NO, data)


def test_a_bundle_is_written_with_true_sums_and_nothing_beside_it(tmp_path: Path) -> None:
    written = write(tmp_path / "out" / "run-0007", bundle(eligibility()))
    held = {str(p.relative_to(written.folder)) for p in written.folder.rglob("*") if p.is_file()}
    assert held == {file.path for file in written.files}
    assert {"report.html", "certificate.json", "SHA256SUMS"} <= held
    assert {
        "tables/discount/answers.csv",
        "tables/discount/answers.parquet",
        "quality/completeness.csv",
    } <= held
    for file in written.files:
        content = (written.folder / file.path).read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (file.sha256, file.bytes)
    sums = (written.folder / "SHA256SUMS").read_bytes()
    assert written.digest == hashlib.sha256(sums).hexdigest()
    assert len(sums.decode().splitlines()) == len(written.files) - 1
    assert [path.name for path in written.folder.parent.iterdir()] == ["run-0007"]


def test_the_same_bundle_gives_the_same_bytes(tmp_path: Path) -> None:
    one, two = (write(tmp_path / name, bundle(evaluation())) for name in ("one", "two"))
    assert one.digest == two.digest


def test_a_table_is_read_back_as_a_reader_has_it() -> None:
    held = next(table for table in evaluation().tables if table.name == "balance")
    table = replace(held, counts=("smd_after",), measures=(Measure("smd_before", "smd_after"),))
    marked = table.marks.set_column(
        1, "smd_before", pa.array(["c", "x", "r"] + [""] * (table.data.num_rows - 3))
    )
    table = replace(table, marks=marked)
    again = tabular.read_parquet(tabular.parquet(table))
    assert again.marks["smd_before"].to_pylist()[:4] == ["x", "x", "r", ""]
    assert again == replace(table, marks=again.marks, data=again.data)
    assert again.data.equals(table.data)


@pytest.mark.parametrize("spoil", ["cut", "other", "bare"])
def test_what_is_no_released_table_is_refused_without_its_words(spoil: str) -> None:
    whole = tabular.parquet(evaluation().tables[0])
    bare = tabular.parquet_of_rows(pa.table({"a": [1]}))
    with pytest.raises(DataError, match="not as it was released"):
        tabular.read_parquet({"cut": whole[: len(whole) // 2], "other": b"PAR1", "bare": bare}[spoil])


def test_files_are_read_only_and_lists_private(tmp_path: Path) -> None:
    written = write_whole(tmp_path / "open", {"a/b.txt": b"x"})
    private = write_whole(tmp_path / "private", {"b.txt": b"x"}, private=True)
    assert stat.S_IMODE((written.folder / "a/b.txt").stat().st_mode) == 0o444
    assert stat.S_IMODE((private.folder / "b.txt").stat().st_mode) == 0o400
    assert stat.S_IMODE(private.folder.stat().st_mode) == 0o700


def test_what_was_released_is_never_overwritten(tmp_path: Path) -> None:
    write_whole(tmp_path / "run", {"a.txt": b"first"})
    with pytest.raises(StorageError, match=r"EXISTS.*never changed.*withdraw"):
        write_whole(tmp_path / "run", {"a.txt": b"second"})
    assert (tmp_path / "run" / "a.txt").read_bytes() == b"first"
    (tmp_path / "empty").mkdir()
    with pytest.raises(StorageError, match="EXISTS"):
        write_whole(tmp_path / "empty", {"a.txt": b"x"})


def test_a_full_disk_leaves_nothing_and_says_so(tmp_path: Path) -> None:
    # A limit on file size is the nearest to a full disk that a test may make: the kernel refuses mid-write.
    code = textwrap.dedent(
        f"""
        import resource
        from pathlib import Path
        from sharewell.errors import StorageError
        from sharewell.release.folder import write_whole
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
        try:
            write_whole(Path({str(tmp_path)!r}) / "run", {{"a.txt": b"x" * 10_000, "b.txt": b"x" * 50_000}})
        except StorageError as error:
            print(error)
        """
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "FULL" in done.stdout
    assert "nothing of it was left half-written" in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("step", ["fsync", "rename"])
def test_a_fault_at_any_step_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "the system's own words, with a name in them")

    monkeypatch.setattr(*((os, "fsync") if step == "fsync" else (Path, "rename")), fail)
    with pytest.raises(StorageError, match="no room") as stopped:
        write_whole(tmp_path / "run", {"a.txt": b"x"})
    assert "own words" not in str(stopped.value)
    assert stopped.value.__cause__ is None
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_writer_left_is_cleared(tmp_path: Path) -> None:
    (tmp_path / ".run.writing").mkdir()
    (tmp_path / ".run.writing" / "half.txt").write_text("half")
    written = write_whole(tmp_path / "run", {"a.txt": b"x"})
    assert sorted(path.name for path in written.folder.iterdir()) == ["SHA256SUMS", "a.txt"]
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_csv_shows_every_withheld_figure_alike() -> None:
    table = checked(
        "t", "T", {"area": ["A", "B", "C"], "n": [None, None, None]}, held={"n": {0: "c", 1: "x"}}
    )
    assert read(tabular.csv(table)) == [["area", "n"], ["A", "[c]"], ["B", "[c]"], ["C", ""]]


def test_parquet_keeps_values_and_says_what_was_withheld() -> None:
    table = checked("t", "T", {"area": ["A", "B", "C"], "n": [None, 15, 7]}, held={"n": {0: "x", 1: "r"}})
    back = pq.read_table(io.BytesIO(tabular.parquet(table)))
    assert back.to_pydict() == {
        "area": ["A", "B", "C"],
        "n": [None, 15, 7],
        "n__mark": ["withheld", "rounded", ""],
    }


@given(st.lists(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0\r")), max_size=8))
def test_no_text_can_run_as_a_formula_and_no_other_text_changes(values: list[str]) -> None:
    data = pa.table({"name": pa.array(values, pa.string())})
    back = [row[0] if row else "" for row in read(tabular.csv_of_rows(data))[1:]]
    assert len(back) == len(values)
    for value, cell in zip(values, back, strict=True):
        assert cell == ("'" + value if value[:1] in tuple("=+-@\t") else value)


def test_numbers_below_zero_stay_numbers() -> None:
    data = pa.table({"-x": [-1.5], "day": ["2026-01-01"], "cost": [Decimal("-12.30")]})
    assert read(tabular.csv_of_rows(data)) == [["'-x", "day", "cost"], ["-1.5", "2026-01-01", "-12.30"]]


def test_a_list_goes_to_its_recipient_alone(tmp_path: Path) -> None:
    written = write_list(tmp_path, "warm-homes", "run-1", rows_for())
    assert written.folder == tmp_path / "brightwater-energy" / "warm-homes" / "run-1" / "discount"
    assert read((written.folder / "discount.csv").read_bytes()) == [
        ["customer_ref", "discount"],
        ["C1", "true"],
        ["'=1+1", "false"],
    ]
    assert pq.read_table(written.folder / "discount.parquet").to_pydict()["customer_ref"] == ["C1", "=1+1"]
    note = (written.folder / "README.txt").read_text()
    assert "yes/no, 2 rows" in note
    assert "For brightwater-energy only. Purpose: fuel poverty" in note


@pytest.mark.parametrize("recipient", ["../elsewhere", "", "a/b", ".hidden", "Ünder"])
def test_a_recipient_cannot_lead_out_of_the_outbox(tmp_path: Path, recipient: str) -> None:
    with pytest.raises(PlanError, match="cannot name a file"):
        write_list(tmp_path, "warm-homes", "run-1", rows_for(recipient))
    assert list(tmp_path.iterdir()) == []


def test_rows_about_groups_are_not_a_list(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="not rows about people"):
        write_list(tmp_path, "warm-homes", "run-1", replace(rows_for(), form=AGGREGATE))


def test_the_last_look_stops_what_the_gate_did_not_leave(tmp_path: Path) -> None:
    leaking = checked("leaking", "L", {"area": ["A"], "n": [3]}, held={"n": {0: "c"}})
    kept = checked("kept", "K", {"area": ["A"], "n": [30], "top": [9], "next": [8]})
    kept = replace(kept, measures=(Measure("n", "n", largest=("top", "next")),))
    unmarked = replace(leaking, name="unmarked", marks=pa.table({"area": ["", ""]}))
    product = replace(eligibility(), tables=(leaking, kept, unmarked))
    with pytest.raises(GateError) as stopped:
        write(tmp_path / "run", bundle(product))
    assert [p.code for p in stopped.value.problems] == ["WITHHELD", "EVIDENCE", "EVIDENCE", "MARKS"]
    assert list(tmp_path.iterdir()) == []


def test_every_fault_of_a_bundle_is_told_at_once(tmp_path: Path) -> None:
    product = evaluation()
    wrong = replace(
        product,
        name="../up",
        tables=(product.tables[0], product.tables[0]),
        headlines=(replace(product.headlines[0], column="nothing"),),
    )
    broken = replace(bundle(wrong), road=(RoadStep("publish", "It was published."),))
    with pytest.raises(PlanError) as stopped:
        write(tmp_path / "run", broken)
    assert {p.code for p in stopped.value.problems} == {"NAME", "TWICE", "CHART", "HEADLINE", "ROAD"}


def test_the_certificate_is_json_and_names_its_run(tmp_path: Path) -> None:
    written = write(tmp_path / "run", bundle(eligibility()))
    held = json.loads((written.folder / "certificate.json").read_text())
    assert (held["run"], held["certificate"]["policy"]) == ("run-0007", "official-statistics")
