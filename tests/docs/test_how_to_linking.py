"""The pages on linking are true: their commands are run in their order, and their code runs."""

from __future__ import annotations

import csv
import json
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from pyarrow.csv import write_csv

from .following import blocks, commands, say

ROOT = Path(__file__).parents[2]
HOW_TO = ROOT / "docs/how-to/one-index-from-sixteen-files.md"
EXPLANATION = ROOT / "docs/explanation/linking.md"
SPLIT = ROOT / "docs/how-to/link-without-seeing.md"
MERGED = re.compile(r"(?m)^ *(\d+) .* merged ")


def fill(sheet: Path) -> None:
    """What a reader does in a spreadsheet: of two at one home with like names, the same person."""
    with sheet.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["answer"] = "same" if row["home: outcome"] == "same home" else "different"
    with sheet.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


SHOWN = {
    "sharewell lint council-index": [r"\b0 faults"],
    "sharewell profile council.leisure --as": [r"born +date"],
    "sharewell link before": [r"forename and born"],
    "sharewell link run": [r"libraries +\d+ +\d+", r"What changed: \d+ new\. Model \w{16}"],
    "sharewell link explain council-index libraries": [r"prior", r"(?m)^ *born", r"PAULINE +PAULINE"],
    "sharewell link explain council-index --cluster": [r"\d+ records", r"1 +\S+", r"1 and 2"],
    "sharewell link review council-index --draw": [r"Written: 12 pairs"],
    "sharewell link metrics": [r"(?m)^ *precision", r"kappa"],
    "sharewell link history": [r"joined", r"split", r"left"],
    "sharewell link as-of": [r"Taken for one person"],
    "sharewell link same": [r"merged +1", r"1 keys no longer stand"],
    "sharewell link undo": [r"split +1"],
    "sharewell run library-reach": [r"Released"],
}
"""What a reader should see, by how the first command of that kind begins."""


@pytest.mark.long
def test_sixteen_files_become_one_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "docs/examples/sixteen-files", tmp_path / "sixteen-files")
    here, told, due = tmp_path, list[tuple[str, str]](), dict(SHOWN)
    for line in commands(HOW_TO):
        if line.startswith("cd "):
            here /= line.removeprefix("cd ")
            continue
        if "--answers" in line:
            fill(here / shlex.split(line)[shlex.split(line).index("--answers") + 1])
        if " EVENT " in line:
            line = line.replace("EVENT", MERGED.findall(told[-1][1])[-1])
        said = say(line, here, monkeypatch)
        told.append((line, said))
        for start in [start for start in due if line.startswith(start)]:
            for pattern in due.pop(start):
                assert re.search(pattern, said), f"{line}\n{said}"
    assert not due
    deliveries(told)
    reviewed(told)
    undone(told)
    read(told)


def of(told: list[tuple[str, str]], start: str) -> list[str]:
    return [said for line, said in told if line.startswith(start)]


def deliveries(told: list[tuple[str, str]]) -> None:
    """A second delivery is a change of the first, and a third, the same again, is none."""
    built, second, again, last = of(told, "sharewell link run")
    counts = {
        name: int(count) for count, name in re.findall(r"(\d+) (\w+)", second.split("What changed:")[1])
    }
    assert (counts["new"], counts["changed"], counts["removed"]) == (48, 16, 16)
    assert "What changed: nothing." in again
    assert "What changed: nothing." in last, "what was undone stays so"
    models = {re.findall(r"Model (\w{16})", said)[0] for said in (built, second, again, last)}
    assert len(models) == 1


def reviewed(told: list[tuple[str, str]]) -> None:
    first, second = (said for line, said in told if "--answers" in line)
    assert "Passed on" not in first, "one reader decides nothing"
    assert "Passed on to the index" in second
    assert "12 agreed" in second


def undone(told: list[tuple[str, str]]) -> None:
    before, after = of(told, "sharewell link history")
    assert "Marriage" in after
    assert "Marriage" not in before


def read(told: list[tuple[str, str]]) -> None:
    """Who reads the index is told of by its status, which a run of the reader changed."""
    *before, after = of(told, "sharewell link status")
    assert re.search(r"library-reach +1 +\d+", after)
    assert not any("library-reach" in said for said in before)


def test_the_explanations_code_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And says what the page says: nothing changes, and the model goes to Splink and back."""
    from splink import DuckDBAPI, Linker

    say("sharewell county space --people 1000", tmp_path, monkeypatch)
    (code,) = blocks(EXPLANATION, "python")
    monkeypatch.chdir(tmp_path)
    shown: list[str] = []
    held: dict[str, Any] = {"print": lambda *told: shown.append(" ".join(map(str, told)))}
    exec(compile(code, str(EXPLANATION), "exec"), held)
    assert shown[0] == "0 0 0"
    assert shown[-1] == "True"
    assert any(line.startswith("forename ") for line in shown)
    assert said_by_splink(held["settings"], Linker, DuckDBAPI) == len(held["settings"]["comparisons"])


def said_by_splink(settings: dict[str, Any], linker: Any, engine: Any) -> int:
    """How many comparisons Splink finds in settings that it was given."""
    import pyarrow as pa

    from sharewell.link.standardise import FIELDS

    api = engine()
    empty = pa.table({name: pa.array([None] * 2, pa.string()) for name in FIELDS})
    table = empty.append_column("rid", pa.array([0, 1])).append_column("source", pa.array(["a", "b"]))
    made = linker(api.register(table), settings, log_level=None)
    return len(made.misc.save_model_to_json()["comparisons"])


ROLES = ("gp", "council", "linker", "lab")


def test_nobody_sees_both_halves_as_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    two_lists(tmp_path, monkeypatch)
    said = ""
    for line in commands(SPLIT):
        if line.startswith("sharewell split keys share"):
            terms(tmp_path, encoded=True)
        elif line.startswith("sharewell split intersect ask"):
            terms(tmp_path, encoded=False)
        for each in played(line, tmp_path):
            said += say(each, tmp_path, monkeypatch)
        if " keys new " in line:
            for role in ROLES:
                shutil.copy(tmp_path / role / "card.json", tmp_path / f"{role}-card.json")
    joined = [pq.read_table(tmp_path / f"joined/{name}.parquet") for name in ("gp", "council")]
    common = set(joined[0]["key"].to_pylist()) & set(joined[1]["key"].to_pylist())
    both = len((tmp_path / "common.txt").read_text().split())
    assert len(common) > 100
    assert 100 < both <= 1.1 * len(common), "by exact names and dates, few that linking misses"
    assert not {"surname", "last", "family", "dob"} & {*joined[0].column_names, *joined[1].column_names}


def two_lists(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The terms of the page, and the two tables that they name, of one county's people."""
    terms(folder, encoded=False)
    say("sharewell county space --people 1000", folder, monkeypatch)
    names = ["local_id", "forename", "surname", "born"]
    gp = pq.read_table(folder / "space/data/gp/patients.parquet", columns=[*names, "nhs_number"])
    gp = gp.rename_columns(["patient_id", "first", "last", "dob", "nhs"])
    gp = gp.append_column("diagnosis", gp["patient_id"]).append_column("visits", gp["patient_id"])
    council = pq.read_table(folder / "space/data/council/travel.parquet", columns=names)
    council = council.rename_columns(["client_id", "given", "family", "birth"])
    council = council.append_column("package_of_care", council["client_id"])
    write_csv(gp, folder / "patients.csv")
    write_csv(council, folder / "clients.csv")


def terms(folder: Path, *, encoded: bool) -> None:
    (text,) = blocks(SPLIT, "json")
    (folder / "terms.json").write_text(
        json.dumps(json.loads(text) | {"encoded": encoded}), encoding="utf-8"
    )


def played(line: str, folder: Path) -> list[str]:
    """What each role does where the page shows what one of them does."""
    if " keys new " in line:
        return [line.replace("gp", role) for role in ROLES]
    if " keys trust " in line:
        pairs = [(one, other) for one in ROLES for other in ROLES if one != other]
        return [
            f"sharewell split keys trust {other}-card.json --folder {one} --yes" for one, other in pairs
        ]
    if " prepare " in line:
        return [
            line,
            line.replace("patients.csv", "clients.csv").replace("--folder gp", "--folder council"),
        ]
    if " intersect answer " in line:
        return [came("council", "ask", folder), line]
    if " intersect read " in line:
        return [came("gp", "answer", folder), line]
    if "PACKAGE" in line:
        to = shlex.split(line)[shlex.split(line).index("--folder") + 1]
        sent = sorted(str(path.relative_to(folder)) for path in folder.glob(f"*/outbox/*-to-{to}-*"))
        return [re.sub(r"\S*PACKAGE\S*", " ".join(sent), line)]
    return [line]


def came(to: str, what: str, folder: Path) -> str:
    (package,) = folder.glob(f"*/outbox/*-to-{to}-*-intersect-{what}.split")
    return f"sharewell split open {package} --folder {to} --terms terms.json"
