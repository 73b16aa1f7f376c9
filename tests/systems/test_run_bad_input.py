"""Bad input through a whole run: the right code, at the right place, nothing lost, nothing let out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from workspace_example import (
    ACTOR,
    AREAS,
    CUSTOMERS,
    HEADER,
    NAME,
    PATIENTS,
    TENANTS,
    Done,
    events,
    fresh,
    identifiers,
    kinds,
    leaks,
    patient,
    people,
    results,
    run,
    said,
    write_patients,
)

from sharewell.describe import Reason
from sharewell.errors import DataError, DocumentError, Refusal, SharewellError, StorageError
from sharewell.workspace import Workspace

CANARY = "Zqcanaryzq"
SECRETS = {CANARY, *identifiers()}


def _with(row: str, field: int, value: str) -> str:
    fields = row.split(",")
    return ",".join([*fields[:field], value, *fields[field + 1 :]])


def rows(harm: Callable[[str], str], every: int = 1) -> Callable[[Path], None]:
    """The clinic's CSV with every nth row harmed."""

    def make(folder: Path) -> None:
        held = [patient(p) for p in people()]
        write_patients(folder, [harm(row) if n % every == 0 else row for n, row in enumerate(held)])

    return make


def wrong_encoding(folder: Path) -> None:
    text = "\n".join([HEADER, *(patient(p) for p in people())]).replace("Quorvanna", CANARY)
    (folder / PATIENTS).write_bytes(text.encode("utf-16"))


def other_columns(folder: Path) -> None:
    write_patients(folder, [f"{patient(p)},{CANARY}" for p in people()], f"{HEADER},ethnicity")


def no_header(folder: Path) -> None:
    write_patients(folder, [patient(p) for p in people()[1:]], patient(people()[0]))


def edited(path: str, old: str, new: str) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        text = (folder / path).read_text(encoding="utf-8")
        assert old in text
        (folder / path).write_text(text.replace(old, new), encoding="utf-8")

    return make


def bytes_of(path: str, content: bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / path).write_bytes(content) and None


def other_type(folder: Path) -> None:
    codes = pa.array([CANARY] * 6).dictionary_encode()
    pq.write_table(pa.table({"area": codes, "parish": codes}), folder / AREAS)


@dataclass(frozen=True)
class Case:
    """What is done to the workspace, what it must raise, and where that must be said to lie."""

    name: str
    harm: Callable[[Path], None]
    error: type[SharewellError]
    codes: set[str]
    where: str
    kinds: list[str] = field(default_factory=lambda: ["link.destroyed", "run.failed"])


QUARANTINED = ["describe.quarantined", "link.destroyed", "run.failed"]
CASES = [
    Case(
        "broken quotes",
        rows(lambda row: _with(row, 6, f'"{CANARY}')),
        DataError,
        {"QUARANTINE"},
        PATIENTS,
        QUARANTINED,
    ),
    Case("wrong encoding", wrong_encoding, DataError, {"ENCODING"}, f"{PATIENTS}:1"),
    Case(
        "repeated keys",
        rows(lambda row: _with(row, 0, CANARY), 3),
        DataError,
        {"QUARANTINE"},
        PATIENTS,
        QUARANTINED,
    ),
    Case(
        "impossible dates",
        rows(lambda row: _with(_with(row, 4, "2001-02-30"), 6, CANARY), 4),
        DataError,
        {"QUARANTINE"},
        PATIENTS,
        QUARANTINED,
    ),
    Case("no bytes", bytes_of(PATIENTS, b""), DataError, {"EMPTY"}, PATIENTS),
    Case("no rows", lambda folder: write_patients(folder, []), DataError, {"EMPTY"}, PATIENTS),
    Case("another column", other_columns, DataError, {"COLUMNS"}, f"{PATIENTS}:1"),
    Case("a person's row for a header", no_header, DataError, {"COLUMNS"}, f"{PATIENTS}:1"),
    Case("no file", lambda folder: (folder / PATIENTS).unlink(), StorageError, {"FILE"}, PATIENTS),
    Case("no workbook", bytes_of(TENANTS, CANARY.encode()), DataError, {"FILE"}, TENANTS),
    Case(
        "lines cut short",
        lambda folder: bytes_of(CUSTOMERS, f"{CANARY}\n".encode() * 50)(folder),
        DataError,
        {"QUARANTINE"},
        CUSTOMERS,
        QUARANTINED,
    ),
    Case("no Parquet", bytes_of(AREAS, f"PAR1{CANARY}PAR1".encode()), DataError, {"FILE"}, AREAS),
    Case("other Parquet", other_type, DataError, {"COLUMNS"}, AREAS),
    Case(
        "another edition of the areas",
        edited("catalogue/council.areas.yaml", "'2024-04'", "'2011-03'"),
        DataError,
        {"VINTAGE"},
        "systems/warm-homes.yaml:33",
    ),
    Case(
        "too few rows for the contract",
        lambda folder: write_patients(folder, [patient(p) for p in people()[:40]]),
        Refusal,
        {"QUALITY", "INSTEAD"},
        "",
        ["describe.profiled", "decide.refused", "link.destroyed", "run.failed"],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_input_stops_the_run_and_tells_nothing(
    space: Workspace, case: Case, capfd: pytest.CaptureFixture[str]
) -> None:
    before = len(events(space))
    case.harm(space.folder)
    with pytest.raises(case.error) as stopped:
        run(space)
    assert {problem.code for problem in stopped.value.problems} == case.codes
    assert stopped.value.problems[0].where.startswith(case.where)
    held = events(space)[before:]
    told = [str(event.kind) for event in held if event.kind not in ("step.done", "describe.added")]
    assert told == ["decide.permitted", "run.started", *case.kinds]
    assert set(held[-1].facts["codes"]) == case.codes
    assert space.account.verify().holds
    assert not list(space.kept.glob("releases/*")) + list(space.kept.glob("outbox/*"))
    assert not list(space.kept.rglob(".*.part"))
    screen = capfd.readouterr()
    for shown in (said(stopped.value), screen.out, screen.err):
        assert not [secret for secret in SECRETS if secret in shown]
    assert not list(leaks(space.folder, SECRETS))


def test_what_was_put_right_runs_anew(space: Workspace, done: Done) -> None:
    """A failed run is over: the next is another, over all of the data, with an undisturbed one's result."""
    write_patients(space.folder, [])
    with pytest.raises(DataError, match="EMPTY"):
        run(space)
    write_patients(space.folder, [patient(p) for p in people()])
    outcome = run(space)
    assert (outcome.run, outcome.resumed) == ("2024-06-03-002", False)
    assert results(outcome) == results(done.outcome)


@pytest.mark.parametrize(
    ("harm", "reason", "where"),
    [
        (rows(lambda row: _with(_with(row, 4, "2001-02-30"), 6, CANARY), 100), Reason.DATE, "born"),
        (rows(lambda row: _with(row, 6, f'"{CANARY}'), 100), Reason.QUOTES, ""),
    ],
    ids=["impossible dates", "broken quotes"],
)
def test_a_few_bad_rows_are_set_aside_and_told_of_in_counts(
    space: Workspace,
    harm: Callable[[Path], None],
    reason: Reason,
    where: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    harm(space.folder)
    outcome = run(space)
    admitted = outcome.admitted["clinic.patients"]
    assert (admitted.read, admitted.rows, admitted.held) == (300, 297, 3)
    assert dict(admitted.reasons) == {(reason, where): 3}
    told = [
        e.facts for e in events(space) if e.facts.get("asset") == "clinic.patients" and "step" in e.facts
    ]
    assert [(facts["rows"], facts["quarantined"]) for facts in told] == [(297, 3)]
    assert list(space.kept.glob("places/north-clinic/warm-homes/*/quarantine-clinic.patients.parquet"))
    assert not list(leaks(space.folder, SECRETS))
    assert CANARY not in "".join(capfd.readouterr())


YAML = [
    ("a key twice", "version: 1\n", "version: 1\nversion: 2\n", "systems/warm-homes.yaml:4"),
    ("an alias", "title: Asthma", "title: &a Asthma", "systems/warm-homes.yaml:4"),
    ("an unknown field", "retain: P90D", "retain: P90D\n  retian: P90D", "systems/warm-homes.yaml:"),
    ("an impossible date", "start: 2024-04-01", "start: 2024-02-30", "systems/warm-homes.yaml:"),
    ("a field that the asset has not", "use: [damp]", "use: [dampness]", "systems/warm-homes.yaml:"),
]


@pytest.mark.parametrize(
    ("old", "new", "where"), [case[1:] for case in YAML], ids=[case[0] for case in YAML]
)
def test_a_faulty_text_never_becomes_a_run(space: Workspace, old: str, new: str, where: str) -> None:
    edited(f"systems/{NAME}.yaml", old, new)(space.folder)
    before = kinds(space)
    with pytest.raises((DocumentError, Refusal)) as stopped:
        run(space)
    assert stopped.value.problems[0].where.startswith(where)
    assert [kind for kind in kinds(space)[len(before) :] if kind != "decide.refused"] == []


def test_a_fault_of_the_software_is_told_without_its_words(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A recipe that stumbles quotes the row it stumbled on; the run says only what failed and where."""
    live = fresh(space)

    def stumble(*_: object) -> None:
        raise ValueError(f"could not convert {CANARY}")

    monkeypatch.setattr("sharewell.analyse.gap.report._by", stumble)
    with pytest.raises(SharewellError, match=r"UNEXPECTED the software failed \(ValueError\)") as stopped:
        live.run(ACTOR)
    assert CANARY not in said(stopped.value)
    assert stopped.value.__context__ is None
    assert events(space)[-1].facts == {"codes": ["UNEXPECTED"]}
