"""The account keeps every event whole and in order, also when two write at once or one is killed."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from sharewell.account import Account, Entry, EventKind, verifier_key, verify_consistency, verify_inclusion
from sharewell.account.merkle import EMPTY
from sharewell.depersonalise import Signer
from sharewell.errors import AccountError, StorageError

NOW = datetime(2026, 9, 1, tzinfo=UTC)
SIGNER = Signer("northshire-insight", b"s" * 32)


@pytest.fixture
def account(tmp_path):
    with Account.open(tmp_path / "place" / "account.db", SIGNER) as account:
        yield account


def fill(account, count, **named):
    entries = [Entry(EventKind.STEP_DONE, NOW, "a.khan", facts={"rows": n}, **named) for n in range(count)]
    return account.append_all(entries)


def test_an_empty_account(account):
    assert (len(account), list(account.events()), account.root()) == (0, [], EMPTY)
    assert account.append_all([]) == []
    assert account.verify().holds


def test_what_is_appended_is_what_is_read(account):
    later = NOW + timedelta(seconds=5, microseconds=7)
    made = account.append(
        EventKind.RUN_STARTED,
        at=later,
        actor="a.khan",
        agreement="kid",
        run="r1",
        facts={"assets": ["gp.patients"]},
    )
    (read,) = account.events()
    assert read == made == account.event(0)
    assert (read.index, read.at, read.kind, read.facts) == (
        0,
        later,
        EventKind.RUN_STARTED,
        {"assets": ["gp.patients"]},
    )


def test_events_are_found_by_agreement_run_kind_and_place(account):
    fill(account, 3, agreement="kid", run="r1")
    fill(account, 2, agreement="kid", run="r2")
    account.append(EventKind.RUN_FAILED, at=NOW, actor="a.khan", agreement="warm-home", run="r3")
    found = {
        "kid": list(account.events(agreement="kid")),
        "r2": list(account.events(agreement="kid", run="r2")),
        "failed": list(account.events(kind=EventKind.RUN_FAILED)),
        "later": list(account.events(agreement="kid", after=1)),
        "none": list(account.events(agreement="warm-home", run="r1")),
    }
    assert {name: [event.index for event in events] for name, events in found.items()} == {
        "kid": [0, 1, 2, 3, 4], "r2": [3, 4], "failed": [5], "later": [2, 3, 4], "none": [],
    }  # fmt: skip


def test_events_come_page_by_page_while_others_append(account):
    fill(account, 1500)
    seen = 0
    for event in account.events():
        assert event.index == seen
        seen += 1
        if seen == 10:
            fill(account, 700)
    assert seen == 2200


def test_a_refused_event_leaves_nothing_behind(account):
    with pytest.raises(AccountError):
        account.append_all(
            Entry(EventKind.STEP_DONE, NOW, "a.khan", facts={"person": who})
            for who in ("ref:1", "9434765919")
        )
    assert len(account) == 0


def test_proofs_convince_someone_who_holds_only_a_root(account):
    events = fill(account, 13)
    old_root = account.root()
    events += fill(account, 24)
    new_root = account.root()
    assert account.root(13) == old_root
    for event in events:
        assert verify_inclusion(event.leaf, account.inclusion(event.index), new_root)
    assert not verify_inclusion(events[4].leaf, account.inclusion(5), new_root)
    assert verify_inclusion(events[4].leaf, account.inclusion(4, 13), old_root)
    assert verify_consistency(account.consistency(13), old_root, new_root)
    assert not verify_consistency(account.consistency(12), old_root, new_root)


def test_proofs_that_cannot_be_given(account):
    fill(account, 3)
    for ask in (
        lambda: account.inclusion(3), lambda: account.inclusion(0, 4), lambda: account.consistency(2, 1),
        lambda: account.root(9), lambda: account.event(3),
    ):  # fmt: skip
        with pytest.raises(AccountError):
            ask()


def test_a_checkpoint_is_a_signed_note_that_verifies(account):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    fill(account, 5)
    first = account.checkpoint(at=NOW)
    fill(account, 1)
    account.checkpoint(at=NOW + timedelta(days=1))
    assert [(held.number, held.size) for held in account.checkpoints()] == [(1, 5), (2, 6)]
    assert (first.origin, first.root, first.at) == ("northshire-insight", account.root(5), NOW)
    text = first.note.split(b"\n\n")[0] + b"\n"
    assert text.decode().split("\n")[:2] == ["northshire-insight", "5"]
    assert text == first.text
    Ed25519PublicKey.from_public_bytes(SIGNER.public_key).verify(SIGNER.sign(text), first.text)
    verdict = account.verify(held=[first.note])
    assert (verdict.holds, verdict.size, verdict.root, verdict.checkpoints) == (True, 6, account.root(), 3)


def test_verification_needs_the_public_key(account, tmp_path):
    fill(account, 5)
    account.checkpoint(at=NOW)
    with Account.open(tmp_path / "place" / "account.db") as reader:
        assert [fault.code for fault in reader.verify().faults] == ["KEY"]
        assert reader.verify(keys=[verifier_key(SIGNER)]).holds
        stranger = verifier_key(Signer("northshire-insight", b"x" * 32))
        assert not reader.verify(keys=[stranger]).holds
        with pytest.raises(AccountError, match="without a signer"):
            reader.checkpoint(at=NOW)
        damaged = verifier_key(SIGNER)[:-5] + "AAAA="
        assert [fault.code for fault in reader.verify(keys=[damaged]).faults] == ["KEY"]


@pytest.mark.parametrize("table", ["account_event", "account_node", "account_checkpoint"])
@pytest.mark.parametrize(
    "change", ["UPDATE {} SET rowid = rowid", "UPDATE {} SET hash = hash", "DELETE FROM {}"]
)
def test_the_database_refuses_to_change_what_is_written(account, tmp_path, table, change):
    if ("hash" in change) == (table == "account_node") or "DELETE" in change:
        fill(account, 2)
        account.checkpoint(at=NOW)
        engine = sa.create_engine(f"sqlite:///{tmp_path}/place/account.db")
        with engine.connect() as connection, pytest.raises(sa.exc.IntegrityError, match="only grows"):
            connection.execute(sa.text(change.format(table)))
        engine.dispose()


def _append(job: tuple[Path, int]) -> None:
    path, worker = job
    with Account.open(path) as account:
        for number in range(40):
            account.append(EventKind.STEP_DONE, at=NOW, actor=f"w{worker}", facts={"n": number})
        fill(account, 20, run=f"w{worker}")


def test_processes_that_append_at_once_lose_and_mix_nothing(tmp_path):
    path = tmp_path / "account.db"
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pool.map(_append, [(path, worker) for worker in range(4)], chunksize=1)
    with Account.open(path) as account:
        verdict, events = account.verify(), list(account.events())
    assert verdict.faults == ()
    assert [event.index for event in events] == list(range(240))
    for worker in range(4):
        assert [e.facts["n"] for e in events if e.actor == f"w{worker}"] == list(range(40))
        batch = [event.index for event in events if event.run == f"w{worker}"]
        assert batch == list(range(batch[0], batch[0] + 20))


KILLED = """
import os, sys
from datetime import UTC, datetime
import sqlalchemy
from sharewell.account import Account, EventKind

account = Account.open(sys.argv[1])
def die(connection, cursor, statement, *rest):
    if "account_node" in statement and statement.startswith("INSERT"):
        os._exit(9)
account.append(EventKind.STEP_DONE, at=datetime(2026, 9, 1, tzinfo=UTC), actor="w")
sqlalchemy.event.listen(account._engine, "before_cursor_execute", die)
account.append(EventKind.STEP_DONE, at=datetime(2026, 9, 1, tzinfo=UTC), actor="w")
"""


def test_a_kill_between_event_and_tree_leaves_neither(tmp_path):
    path = tmp_path / "account.db"
    killed = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    assert killed.returncode == 9
    with Account.open(path) as account:
        assert len(account) == 1
        assert account.verify().holds
        fill(account, 3)
        assert account.verify().holds


def test_a_full_disk_is_told_without_the_body(account, tmp_path):
    fill(account, 50)
    sa.event.listen(
        account._engine, "connect", lambda connection, _: connection.execute("PRAGMA max_page_count = 1")
    )
    account._engine.dispose()
    with pytest.raises(StorageError) as stopped:
        account.append_all(
            Entry(EventKind.STEP_DONE, NOW, "a.khan", facts={"step": "telltale" * 50}) for _ in range(500)
        )
    assert "SQLITE_FULL" in str(stopped.value)
    assert "telltale" not in str(stopped.value)
    assert len(account) == 50
    assert account.verify().holds


@pytest.mark.parametrize("place", ["nothing://here", "postgresql+nodriver://x/y"])
def test_an_address_that_names_no_database(place):
    with pytest.raises(AccountError, match="URL"):
        Account.open(place)


def test_a_place_that_cannot_be_opened(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError):
        Account.open(tmp_path / "file" / "account.db")
    (tmp_path / "account.db").write_text("this is no database, however long it may be" * 100)
    with pytest.raises(StorageError):
        Account.open(tmp_path / "account.db")
