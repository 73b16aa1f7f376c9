"""What each place holds after a run: the split file, encryption, destruction, keys that never meet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pytest
from workspace_example import (
    ACTOR,
    HEADER,
    NAME,
    PATIENTS,
    Done,
    eligible,
    events,
    fresh,
    identifiers,
    kinds,
    leaks,
    patient,
    people,
    run,
)

from sharewell import workspace
from sharewell.depersonalise import Use
from sharewell.engines.duckdb import DuckDB
from sharewell.errors import Refusal, SecretError, SharewellError
from sharewell.live.rehearsal import rehearse
from sharewell.run.places import Places
from sharewell.workspace import Workspace

PARTIES = ("north-clinic", "north-council", "north-energy")


@contextmanager
def opened(space: Workspace, run_name: str, agreement: str = NAME) -> Iterator[Places]:
    """The places of a run, for one who holds the agreement's key."""
    secret = workspace.open(space.folder).keyring.secret(agreement, Use.DATA)
    with DuckDB([space.kept]) as engine:
        yield Places(space.kept / "places", agreement, run_name, secret, engine)


def tables(space: Workspace, run_name: str, place: str, agreement: str = NAME) -> list[pa.Table]:
    with opened(space, run_name, agreement) as places:
        names = sorted(path.stem for path in places.path(place, "x").parent.glob("*.parquet"))
        return [places._engine.to_arrow(places.read(place, name)) for name in names]


def texts(held: list[pa.Table]) -> set[str]:
    """Every value, as text."""
    return {
        str(value) for table in held for column in table.columns for value in column.unique().to_pylist()
    }


def test_the_host_sees_content_and_never_names(done: Done) -> None:
    held = tables(done.space, done.outcome.run, "north-host")
    assert {name for table in held for name in table.column_names} == {
        "record", "born", "area", "asthma", "damp", "customer_ref", "opened", "ward", "person", "home",
    }  # fmt: skip
    assert not texts(held) & identifiers()
    born = next(table["born"] for table in held if "born" in table.column_names)
    assert {day.day for day in born.to_pylist()} == {1}


def test_each_holder_keeps_its_own_and_the_linker_nothing(done: Done) -> None:
    for party, own in zip(PARTIES, ("local_id", "tenant_ref", "customer_ref"), strict=True):
        held = tables(done.space, done.outcome.run, party)
        assert any(own in table.column_names for table in held)
    assert not list((done.space.kept / "places" / "north-linker").rglob("*.parquet"))
    told = [event.facts for event in events(done.space) if event.kind == "link.destroyed"]
    assert [facts["place"] for facts in told] == ["north-linker"]
    assert told[0]["files"] >= 5


def test_nothing_at_rest_names_anybody(done: Done) -> None:
    """Raw bytes of places, quarantine, account, keys, releases; the outbox is the only plain list."""
    assert not list(leaks(done.space.folder, identifiers()))
    for path in done.space.kept.rglob("places/**/*.parquet"):
        held = path.read_bytes()
        assert held[:4] == held[-4:] == b"PARE", "the footer is encrypted, so all of it is"


def test_the_outbox_is_the_list_that_was_agreed(done: Done) -> None:
    folder = done.outcome.lists["damp-homes"]
    assert [path.name for path in (done.space.kept / "outbox").iterdir()] == ["north-energy"]
    rows = (folder / "damp-homes.csv").read_text().splitlines()
    assert rows[0] == '"customer_ref","eligible"'
    told = {row.split(",")[0].strip('"'): row.split(",")[1].strip('"') == "true" for row in rows[1:]}
    wrong = {ref for ref, due in eligible().items() if told[ref] != due}
    assert told.keys() == eligible().keys()
    assert len(wrong) == 0
    assert folder.stat().st_mode & 0o077 == 0


def test_releases_hold_only_what_the_gate_let_through(done: Done) -> None:
    assert set(done.outcome.releases) == {"north-council", "public", "north-host"}
    public = done.outcome.releases["public"]
    assert not list(public.rglob("*damp*")), "the public learns nothing of the list"
    for name, checked in done.outcome.checked.items():
        if name in done.outcome.findings:
            gated = {table.name: table.data.num_rows for table in checked.tables}
            written = {
                p.stem: len(p.read_text().splitlines()) - 1 for p in public.glob(f"tables/{name}/*.csv")
            }
            assert written == gated


def test_quarantined_rows_are_only_at_their_holders_and_encrypted(space: Workspace) -> None:
    canary = "Zqcanaryzq"
    rows = [patient(p) for p in people()]
    rows[7] = f"{canary},{rows[7]}"
    (space.folder / PATIENTS).write_text("\n".join([HEADER, *rows]) + "\n")
    outcome = run(space)
    assert not list(leaks(space.folder, {canary}))
    (held,) = [t for t in tables(space, outcome.run, "north-clinic") if "_reason" in t.column_names]
    assert held["_reason"].to_pylist() == ["FIELDS"]
    assert canary in held["_original"][0].as_py()
    for place in {*PARTIES, "north-host"} - {"north-clinic"}:
        assert not any(canary in text for text in texts(tables(space, outcome.run, place)))


def test_one_places_key_opens_nothing_of_anothers(done: Done) -> None:
    with opened(done.space, done.outcome.run) as places:
        path = next(iter(places.path("north-clinic", "x").parent.glob("*.parquet")))
        places._key("north-host")
        with pytest.raises(SharewellError):
            places._engine.to_arrow(places._engine.read(path, "key_north_host"))


def test_destroying_the_key_makes_every_place_unreadable(space: Workspace) -> None:
    outcome = run(space)
    kept = {path: path.read_bytes() for path in space.kept.rglob("places/**/*.parquet")}
    released = sorted(path for path in space.kept.rglob("releases/**/*") if path.is_file())
    certificate = fresh(space).destroy(ACTOR)
    assert (certificate.agreement, certificate.destroyed[:10]) == (NAME, "2024-06-03")
    assert not list(space.kept.rglob("places/**/*.parquet"))
    for path, held in kept.items():  # a copy that somebody kept
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(held)
    with pytest.raises(SecretError, match="DESTROYED"):
        tables(space, outcome.run, "north-clinic")
    with pytest.raises(SecretError, match="DESTROYED"):
        run(space)
    last = [event for event in events(space) if event.kind == "account.key-destroyed"]
    assert [event.facts["wrapped"] for event in last] == [certificate.wrapped]
    assert last[0].facts["files"] == len(kept)
    assert workspace.open(space.folder).account.verify().holds
    assert released == sorted(path for path in space.kept.rglob("releases/**/*") if path.is_file())
    assert fresh(space).destroy(ACTOR) == certificate
    assert len([event for event in events(space) if event.kind == "account.key-destroyed"]) == 1


def test_keys_of_two_agreements_never_join(space: Workspace) -> None:
    """The same people, the same text under another name: not one key in common."""
    text = (space.folder / "systems" / f"{NAME}.yaml").read_text()
    (space.folder / "systems" / "other-homes.yaml").write_text(text.replace(NAME, "other-homes"))
    rehearse(fresh(space, "other-homes"))
    keys = []
    for name in (NAME, "other-homes"):
        outcome = run(space, name)
        held = tables(space, outcome.run, "north-host", name)
        chosen = [t[c] for t in held for c in ("record", "person", "home") if c in t.column_names]
        keys.append({key for column in chosen for key in column.drop_null().to_pylist()})
    assert len(keys[0]) == len(keys[1]) > 500
    assert not keys[0] & keys[1]


DELIVERY = """\
customProperties:
  - {{property: as_of, value: '{day}'}}
  - {{property: feed_severity, value: {severity}}}
"""


def deliver(space: Workspace, day: str, severity: str = "warning", drop: int = 0) -> None:
    """The clinic's next delivery: what it says of its day, and other rows where `drop` is given."""
    path = space.folder / "catalogue" / "clinic.patients.yaml"
    text = path.read_text().split("customProperties:")[0]
    path.write_text(text + DELIVERY.format(day=day, severity=severity))
    rows = [patient(p) for p in people()[drop:]]
    (space.folder / PATIENTS).write_text("\n".join([HEADER, *rows]) + "\n")


@pytest.mark.long
def test_a_delivery_is_held_against_earlier_ones(space: Workspace) -> None:
    """A warning in the data-quality statement; where the contract says so, a red line."""
    for day, drop in (("2024-05-31", 0), ("2024-05-31", 0), ("2024-06-30", 5)):
        deliver(space, day, "error", drop)
        run(space)
    deliver(space, "2024-07-31", "warning", 5)
    outcome = run(space)
    failed = [m for m in outcome.measured if m.asset == "clinic.patients" and not m.holds]
    assert [(m.rule, m.note[:5]) for m in failed] == [("no delivery is supplied twice", "TWICE")]
    statement = (outcome.releases["north-host"] / "quality" / "data-quality.csv").read_text()
    assert '"no delivery is supplied twice","as promised","no","warning"' in statement
    refused = [
        ("2024-07-31", 5, "no delivery is supplied twice"),
        ("2024-07-31", 5, "no delivery is supplied twice"),
        ("2024-04-30", 9, "no delivery is older than one held"),
        ("2024-12-31", 7, "no delivery is missing or late"),
        ("2024-12-31", 7, "no delivery is missing or late"),
    ]
    for day, drop, rule in refused:
        deliver(space, day, "error", drop)
        with pytest.raises(Refusal) as stopped:
            run(space)
        assert stopped.value.problems[0].what == f"clinic.patients fails its rule {rule!r}"
    assert kinds(space).count("describe.added") == 3 + 1 + 1 + 1 + 2, "the same delivery is entered once"


@pytest.mark.long
def test_bytes_that_are_still_there_after_the_next_were_due(space: Workspace) -> None:
    """Without a stated day, it is the day on which they first came; a month later they came twice."""
    settings = space.folder / "sharewell.toml"
    failed = []
    for day in (dt.date(2024, 6, 3), dt.date(2024, 6, 20), dt.date(2024, 7, 20)):
        settings.write_text(f'name = "north"\nsynthetic = true\nclock = {day}\n')
        measured = run(space).measured
        failed.append({m.asset for m in measured if m.rule == "no delivery is supplied twice"})
    assert failed == [set(), set(), {"clinic.patients", "council.tenants", "energy.customers"}]


def test_the_account_holds_no_bare_hash_of_a_source(done: Done) -> None:
    """A file of a few people can be guessed; its digest is therefore keyed."""
    bare = {admitted.digest for admitted in done.outcome.admitted.values()}
    database = b"".join(Path(p).read_bytes() for p in done.space.kept.glob("account.db*"))
    assert len(bare) == 4
    assert not [digest for digest in bare if digest.encode() in database]
