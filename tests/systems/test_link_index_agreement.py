"""A standing index of people belongs to one agreement; another reads it only where that one says so."""

# ruff: noqa: E501 - a table reads best with a case a line
from __future__ import annotations

import datetime as dt
import re
import shutil
from pathlib import Path

import pyarrow as pa
import pytest
from index_example import (
    ANALYST,
    INDEX,
    KEPT,
    LINKER,
    OWN,
    READ,
    READER,
    SECOND,
    STEWARD,
    edited,
    index_text,
    make_indexed,
    reader_text,
    write,
)
from workspace_example import (
    Person,
    eligible,
    events,
    fresh,
    identifiers,
    leaks,
    patient,
    people,
    write_patients,
)

from sharewell import workspace
from sharewell.agree import load_agreement
from sharewell.agree.compare import Direction, compare
from sharewell.agree.decide import Asked, Request, Verdict
from sharewell.agree.index_rules import KEPT as LINKERS
from sharewell.agree.lint import lint
from sharewell.agree.terms import Role
from sharewell.depersonalise import Use
from sharewell.errors import DocumentError, LinkError, Refusal, SecretError
from sharewell.link.index import PersonIndex
from sharewell.live.linking import update
from sharewell.live.signing import suspend
from sharewell.live.withdrawal import withdraw
from sharewell.plan.explain import explain, summary
from sharewell.plan.steps import Key, Link, Transfer
from sharewell.run.indexes import host_keys, index_path, is_built, opened
from sharewell.run.superseded import superseded
from sharewell.workspace import Workspace


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two agreements beside an index that was built. To be copied, not changed."""
    space = make_indexed(tmp_path_factory.mktemp("indexed") / "north")
    update(fresh(space, INDEX), STEWARD)
    return space.folder


@pytest.fixture
def space(built: Path, tmp_path: Path) -> Workspace:
    return workspace.open(shutil.copytree(built, tmp_path / "north"))


@pytest.fixture(scope="module")
def both(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A copy in which both readers have run once. To be looked at, not changed."""
    held = workspace.open(shutil.copytree(built, tmp_path_factory.mktemp("both") / "north"))
    for name in (READER, SECOND):
        fresh(held, name).run(ANALYST)
    return held


def codes(space: Workspace, name: str, kind: Asked = Asked.RUN, actor: str = ANALYST) -> set[str]:
    decision = fresh(space, name).foresee(Request(kind, actor))
    assert (decision.verdict is Verdict.DENY) is bool(decision.alternative)
    return {reason.code for reason in decision.reasons}


def index_of(space: Workspace) -> pa.Table:
    with opened(space, INDEX, "person", LINKER) as index:
        return index.people()


def keys_of(space: Workspace, name: str) -> set[str]:
    """The keys of people at the host of an agreement, as its run wrote them there."""
    from sharewell.engines.duckdb import DuckDB
    from sharewell.run.places import Places

    engine = DuckDB([space.kept], spill=space.kept / "spill")
    found: set[str] = set()
    try:
        for path in (space.kept / "places/north-host" / name).glob("*/transfer-*.parquet"):
            places = Places(
                space.kept / "places", name, path.parent.name, space.keyring.secret(name, Use.DATA), engine
            )
            table = engine.to_arrow(places.read("north-host", path.stem))
            if table.column_names == ["record", "person"]:
                found |= set(table["person"].to_pylist())
    finally:
        engine.close()
    assert found
    return found


# --- the text ----------------------------------------------------------------------------------------------


def faults(text: str, folder: Path) -> list[str]:
    shelf = workspace.open(folder).shelf
    _, found = lint(load_agreement(text, "reader.yaml"), shelf)
    return [f"{problem.code} {problem.what}" for problem in found]


def test_the_two_are_sound(built: Path) -> None:
    assert faults(index_text(), built) == []
    assert faults(reader_text(), built) == []


REFUSED = [
    ("no such agreement", "INDEX no agreement 'peple-index' has an index of person", ("from: people-index", "from: peple-index")),
    ("another unit", "INDEX no agreement 'people-index' has an index of patient", ("  person: {of: [patients, tenants], from", "  patient: {of: [patients, tenants], from"), ("one_row: person", "one_row: patient")),
    ("not kept", "INDEX people-index does not keep its index of home", ("home:   {of: [tenants, customers], linker: homes, at", "home:   {of: [tenants, customers], from: people-index, at")),
    ("not offered", "INDEX people-index does not offer its index of person to stranger", ("agreement: warm-homes", "agreement: stranger")),
    ("at another linker", "INDEX the index of people-index is kept at north-linker, not at north-host", (f"{READ}", READ.replace("at: north-linker", "at: north-host"))),
    ("beyond its term", "INDEX the index of people-index is there from 2024-04-01 to 2026-03-31 only", ("end: 2026-03-31", "end: 2027-03-31")),
    ("before its term", "INDEX the index of people-index is there from 2024-04-01 to 2026-03-31 only", ("start: 2024-04-01", "start: 2024-03-31")),
    ("with a method besides", "LINK person is read from the index of people-index, and says how it is linked besides", ("from: people-index, at", "from: people-index, linker: splink, at")),
    ("kept as well", "LINK person is read from the index of people-index, and says how it is linked besides", ("from: people-index, at: north-linker", "from: people-index, at: north-linker, standing: true")),
    ("without any method", "LINK it is not said how person is linked", ("from: people-index, at", "at")),
]  # fmt: skip


@pytest.mark.parametrize(("what", "said", "edits"), [(r[0], r[1], r[2:]) for r in REFUSED], ids=[r[0] for r in REFUSED])  # fmt: skip
def test_another_agreement_reads_it_only_as_agreed(
    what: str, said: str, edits: tuple[tuple[str, str], ...], built: Path
) -> None:
    text = reader_text()
    for old, new in edits:
        text = edited(text, old, new)
    assert said in faults(text, built)


def test_a_field_that_the_index_does_not_hold_is_refused(built: Path) -> None:
    lacking = re.sub(r"link: \[nhs_number, ", "link: [", index_text())
    folder = built.parent / "lacking"
    shutil.copytree(built, folder)
    write(folder, INDEX, lacking)
    assert [f for f in faults(reader_text(), folder) if f.startswith("INDEX")] == [
        "INDEX patients is linked by nhs_number, which the index does not hold",
        "INDEX tenants is linked by nhs_number, which the index does not hold",
    ]


def test_it_is_read_for_the_purposes_that_are_named_alone(built: Path) -> None:
    folder = built.parent / "repairs-only"
    shutil.copytree(built, folder)
    write(folder, INDEX, edited(index_text(), "for: [planning, repairs]", "for: [repairs]"))
    assert faults(reader_text(SECOND), folder) == [
        "INDEX asthma-gap serves planning, for which the index is not offered"
    ]
    assert faults(reader_text(), folder) == []


def test_only_people_are_kept_by_those_who_are_named_and_nothing_is_given_back(built: Path) -> None:
    text = edited(
        index_text(), "linker: homes, at: north-linker}", "linker: homes, at: north-linker, standing: true}"
    )
    assert "STANDING home is linked by homes, and only people can be kept in an index" in faults(
        text, built
    )
    text = edited(index_text(), "exit: destroy", "exit: return")
    assert "STANDING the index of person would be given back at the end" in faults(text, built)
    text = edited(index_text(), "may: [link]", "may: [review]")
    assert "STANDING nobody may put the index of person right" in faults(text, built)
    text = edited(index_text(), KEPT, OWN)
    assert "STANDING steward may tend an index, and none is kept" in faults(text, built)


def test_the_linkers_of_a_kept_index_are_linkers_of_people() -> None:
    from sharewell.link.methods import METHODS

    assert set(LINKERS) <= set(METHODS)


def test_what_widens() -> None:
    def said(old: str, new: str) -> dict[str, Direction]:
        found = compare(load_agreement(old, "old.yaml"), load_agreement(new, "new.yaml"))
        return {change.path: change.direction for change in found}

    ephemeral = edited(edited(index_text(), KEPT, OWN), "may: [link]", "may: [review]")
    kept = edited(index_text(), "may: [link]", "may: [review]")
    assert said(ephemeral, kept) == {"link.person.standing": Direction.WIDER}
    assert said(kept, ephemeral) == {"link.person.standing": Direction.NARROWER}
    third = edited(
        kept, "  onward: [", "  onward: [{what: person, to: a-third, why: It too would read it}, "
    )
    assert said(kept, third) == {"agree.onward[1]": Direction.WIDER}
    fewer = edited(kept, "for: [planning, repairs]", "for: [planning]")
    assert said(kept, fewer) == {"agree.onward[2].for": Direction.NARROWER}
    own = reader_text().replace(READ, OWN)
    assert said(own, reader_text())["link.person.from"] is Direction.WIDER


def test_keeping_and_reading_are_in_the_flow_that_is_signed(built: Path) -> None:
    space = workspace.open(built)
    hashes = space.agreement(READER).fingerprints.flow
    folder = built.parent / "otherwise"
    shutil.copytree(built, folder)
    write(folder, READER, reader_text().replace(READ, OWN))
    assert workspace.open(folder).agreement(READER).fingerprints.flow != hashes
    write(folder, READER, reader_text())
    write(folder, INDEX, index_text().replace("linker: nhs-then-splink", "linker: splink"))
    assert workspace.open(folder).agreement(READER).fingerprints.flow != hashes, "it signed for the method"


def test_the_plan_says_who_keeps_and_who_reads(built: Path) -> None:
    space = workspace.open(built)
    own, reads = space.agreement(INDEX).plan(), space.agreement(READER).plan()
    assert any("and keeps that as a standing index" in what for _, what, *_ in summary(own))
    assert any("by the standing index of people-index" in what for _, what, *_ in summary(reads))
    assert any(
        "and known_by_people-index, by which people-index knows it" in what
        for _, what, *_ in summary(reads)
    )
    assert any("key known_by_people-index" in line.text for line in explain(reads))
    (link,) = [step for step in reads.steps if isinstance(step, Link) and step.index]
    assert link.known_as == ("patients", "tenants")
    foreign = [step for step in reads.steps if isinstance(step, Key) and step.under]
    carried = [t.to for t in reads.steps if isinstance(t, Transfer) and set(t.shape.schema.names) & {k.name for k in foreign}]  # fmt: skip
    linkers = set(space.agreement(READER).agreement.parties(Role.LINKER))
    assert foreign
    assert set(carried) == linkers, "the number that the index knows goes to the linker alone"


# --- the run -----------------------------------------------------------------------------------------------


def test_it_is_kept_encrypted_at_the_linker_and_nothing_else_is(space: Workspace) -> None:
    path = index_path(space, INDEX, "person", LINKER)
    held = {p for p in (space.kept / "places").rglob("*") if p.is_file()}
    assert held == {path}
    assert path.stat().st_mode & 0o077 == 0
    assert list(leaks(space.folder, identifiers())) == []
    with pytest.raises(LinkError, match="KEY"):
        PersonIndex.open(path, key=space.keyring.secret(INDEX, Use.DATA), secret=bytes(32))


def test_a_second_run_is_a_change_of_the_first(space: Workspace) -> None:
    before = index_of(space)
    moved = [patient(p) for p in people() if p.number != 7]
    write_patients(space.folder, moved)
    update(fresh(space, INDEX), STEWARD)
    after = index_of(space)
    told = [dict(e.facts) for e in events(space) if e.kind == "link.finished" and "index" in e.facts]
    assert [(t["index"]["new"], t["index"]["removed"]) for t in told] == [(462, 0), (0, 1)]
    assert told[0]["model"] == told[1]["model"], "the model is not trained anew"
    left = set(zip(*before.to_pydict().values(), strict=True)) - set(
        zip(*after.to_pydict().values(), strict=True)
    )
    assert len(left) == 1
    assert after.num_rows == before.num_rows - 1


def test_what_each_reader_holds_is_told_by_no_other_and_by_no_index(both: Workspace) -> None:
    one, two = keys_of(both, READER), keys_of(both, SECOND)
    people_of = index_of(both)["person"].unique()
    own = set(host_keys(both, INDEX, "person", pa.chunked_array([people_of])).to_pylist())
    assert len(one) == len(two) == 300
    assert one == set(host_keys(both, READER, "person", pa.chunked_array([people_of])).to_pylist())
    assert not one & two
    assert not own & (one | two)
    ids = {str(p) for p in people_of.to_pylist()}
    assert not ids & (one | two | own)
    assert not any(uuid in "".join(map(str, (e.facts for e in events(both)))) for uuid in list(ids)[:50])


def test_both_find_what_one_that_links_anew_finds(both: Workspace) -> None:
    lists = sorted(both.folder.rglob("damp-homes.csv"))
    assert lists, "the last of two lists of one day stands in the outbox"
    for path in lists:
        rows = [line.replace('"', "").split(",") for line in path.read_text().splitlines()[1:]]
        assert {ref: yes == "true" for ref, yes in rows} == eligible()
    linked = [e for e in events(both) if e.kind == "link.finished" and e.facts["unit"] == "person"]
    counts = {e.agreement: e.facts["sources"] for e in linked}
    assert counts[READER] == counts[SECOND] == counts[INDEX]
    assert counts[INDEX]["tenants"] == {"records": 162, "linked_elsewhere": 162}


def test_the_accounts_of_both_tell_who_read_it(both: Workspace) -> None:
    told = [(e.agreement, dict(e.facts)) for e in events(both) if e.kind == "link.read"]
    counts = {"unit": "person", "people": 300, "rows": 462}
    assert told == [
        (READER, {"index": INDEX, **counts}),
        (INDEX, {"by": READER, **counts}),
        (SECOND, {"index": INDEX, **counts}),
        (INDEX, {"by": SECOND, **counts}),
    ]
    assert both.account.verify().holds


def test_a_record_that_the_index_has_not_is_matched_against_it_and_not_kept(space: Workspace) -> None:
    """One is a known person under another number; one is nobody that it knows."""
    known = next(p for p in people() if p.home >= 70)
    again = Person(902, "", known.forename, known.surname, known.born, known.sex, known.home, False)
    stranger = Person(900, "", "Zephyra", "Unheardof", dt.date(1999, 9, 9), "F", 120, False)
    write_patients(space.folder, [patient(p) for p in (*people(), again, stranger)])
    before = index_of(space)
    fresh(space, READER).run(ANALYST)
    (told,) = [
        e.facts
        for e in events(space)
        if e.agreement == READER and e.kind == "link.finished" and e.facts["unit"] == "person"
    ]
    assert (told["not_in_index"], told["people"], told["rows"]) == (1, 300, 463)
    assert told["sources"]["patients"] == {"records": 302, "linked_elsewhere": 162}
    first = keys_of(space, READER)
    assert len(first) == 301, "300 that it knows, and the stranger"
    assert index_of(space).equals(before)
    assert list((space.kept / "places" / LINKER).rglob("copy-*")) == []
    fresh(space, READER).run(ANALYST)
    assert keys_of(space, READER) == first, "a stranger has the same key in the next run"


# --- when it may not ---------------------------------------------------------------------------------------


def test_it_waits_until_the_index_is_built(tmp_path: Path) -> None:
    space = make_indexed(tmp_path / "north")
    assert codes(space, READER) == {"INDEX_UNBUILT"}
    with pytest.raises(Refusal, match="has not been built"):
        fresh(space, READER).run(ANALYST)
    assert codes(space, INDEX) == set()


def test_it_stops_with_the_agreement_of_the_index(space: Workspace) -> None:
    assert codes(space, READER) == set()
    suspend(fresh(space, INDEX), "siro@north-linker", "an error in it")
    assert codes(space, READER) == {"INDEX_STOPPED"}
    assert codes(space, INDEX, Asked.LINK, STEWARD) == {"SUSPENDED"}
    with pytest.raises(Refusal, match="people-index is suspended"):
        fresh(space, READER).run(ANALYST)
    (told,) = [e for e in events(space) if e.agreement == READER and e.kind == "decide.refused"]
    assert told.facts["codes"] == ["INDEX_STOPPED"]


def test_it_stops_when_the_index_text_is_no_longer_what_was_signed(space: Workspace) -> None:
    write(space.folder, INDEX, edited(index_text(), "retain: P90D", "retain: P91D"))
    assert codes(space, READER) == {"INDEX_STOPPED"}


def test_a_party_that_withdraws_takes_its_records_out_of_the_index(space: Workspace) -> None:
    withdraw(fresh(space, INDEX), "siro@north-council", "we leave")
    held = index_of(space)
    assert set(held["source"].to_pylist()) == {"patients"}
    assert held.num_rows == 300
    assert codes(space, READER) == {"INDEX_STOPPED"}
    (told,) = [e.facts for e in events(space) if e.facts.get("what") == "records in the index"]
    assert told["rows"] == 162


def test_it_is_destroyed_with_its_agreement(space: Workspace) -> None:
    live = fresh(space, INDEX)
    live.destroy(STEWARD)
    assert not index_path(space, INDEX, "person", LINKER).exists()
    assert not is_built(space, live.agreement, "person")
    assert codes(space, READER) == {"INDEX_UNBUILT"}
    with pytest.raises(SecretError, match="DESTROYED"), opened(space, INDEX, "person", LINKER, create=True):
        pass


def test_keys_that_no_longer_stand_are_handed_to_each_reader_in_its_own_keys(
    both: Workspace, tmp_path: Path
) -> None:
    """Two records of one person lose what joined them: the reader learns which key is now another."""
    space = workspace.open(shutil.copytree(both.folder, tmp_path / "north"))
    before = {name: keys_of(space, name) for name in (READER, SECOND)}
    twin = next(p for p in people() if p.home >= 70)
    other = next(p for p in people() if p.home >= 70 and p.number != twin.number)
    as_one = Person(
        other.number, twin.nhs, twin.forename, twin.surname, twin.born, twin.sex, twin.home, False
    )
    write_patients(
        space.folder, [patient(as_one) if p.number == other.number else patient(p) for p in people()]
    )
    update(fresh(space, INDEX), STEWARD)
    maps = {name: superseded(space, name, "person", LINKER) for name in (READER, SECOND)}
    for name, table in maps.items():
        old = set(table["old"].to_pylist())
        assert old, "one of the two keys is superseded"
        assert old <= before[name]
    assert not set(maps[READER]["old"].to_pylist()) & set(maps[SECOND]["old"].to_pylist())


def test_a_kept_index_is_no_excuse_for_a_workspace_that_lacks_it(space: Workspace) -> None:
    (space.folder / "systems" / f"{INDEX}.yaml").unlink()
    with pytest.raises(DocumentError, match="no agreement 'people-index'"):
        fresh(space, READER).check_faultless()
    assert "INDEX" in codes(space, READER)
