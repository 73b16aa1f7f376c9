"""Whatever is changed in the account is found, and the verdict says in which event."""

from __future__ import annotations

import random
import re
import shutil
import sqlite3
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharewell.account import Account, Entry, EventKind, merkle
from sharewell.account.events import canonical
from sharewell.depersonalise import Signer
from sharewell.errors import AccountError, SharewellError

NOW = datetime(2026, 9, 1, tzinfo=UTC)
SIGNER = Signer("northshire-insight", b"s" * 32)
SIZE = 45
SIGNED = (20, 40)


@pytest.fixture(scope="session")
def honest(tmp_path_factory):
    """An account of 45 events with checkpoints over 20 and 40, in one file."""
    path = tmp_path_factory.mktemp("honest") / "account.db"
    with Account.open(path, SIGNER) as account:
        for number in range(SIZE):
            if number in SIGNED:
                account.checkpoint(at=NOW)
            entry = {"agreement": "kid", "run": f"r{number % 3}", "facts": {"rows": number, "step": "link"}}
            account.append(EventKind.STEP_DONE, at=NOW, actor="a.khan", **entry)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return path


class Tampered:
    """A copy of the honest account, changed by someone who takes the guards away and puts them back."""

    def __init__(self, honest, folder):
        self.path = folder / "account.db"
        shutil.copy(honest, self.path)

    def change(self, *statements):
        with sqlite3.connect(self.path) as connection:
            guards = connection.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
            ).fetchall()
            for name, _ in guards:
                connection.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                connection.execute(*((statement,) if isinstance(statement, str) else statement))
            for _, sql in guards:
                connection.execute(sql)
        connection.close()
        return self

    def value(self, query):
        connection = sqlite3.connect(self.path)
        (found,) = connection.execute(query).fetchone()
        connection.close()
        return found

    def verdict(self, **options):
        with Account.open(self.path, SIGNER) as account:
            return account.verify(**options)

    def where(self, **options):
        return [fault.where for fault in self.verdict(**options).faults]


@pytest.fixture
def tampered(honest, tmp_path):
    return Tampered(honest, tmp_path)


def test_the_honest_account_holds(tampered):
    verdict = tampered.verdict()
    assert (verdict.faults, verdict.size, verdict.checkpoints) == ((), SIZE, 2)
    verdict.check()
    assert tampered.change().verdict().holds, "taking the guards away and putting them back is no change"


def flipped(value: bytes, place: int) -> bytes:
    at = place % len(value)
    return value[:at] + bytes([value[at] ^ (1 << place % 8)]) + value[at + 1 :]


@settings(max_examples=40, deadline=None)
@given(index=st.integers(0, SIZE - 1), place=st.integers(0, 10**6))
def test_a_changed_byte_of_a_body_names_its_event(honest, tmp_path_factory, index, place):
    tampered = Tampered(honest, tmp_path_factory.mktemp("t"))
    body = tampered.value(f"SELECT body FROM account_event WHERE position = {index}")
    tampered.change(("UPDATE account_event SET body = ? WHERE position = ?", (flipped(body, place), index)))
    assert tampered.where() == [f"event {index}"]


@settings(max_examples=40, deadline=None)
@given(data=st.data(), place=st.integers(0, 10**6))
def test_a_changed_byte_of_the_tree_names_an_event_under_it(honest, tmp_path_factory, data, place):
    level = data.draw(st.integers(0, 5))
    position = data.draw(st.integers(0, (SIZE >> level) - 1))
    tampered = Tampered(honest, tmp_path_factory.mktemp("t"))
    where = f"level = {level} AND position = {position}"
    value = tampered.value(f"SELECT hash FROM account_node WHERE {where}")
    tampered.change((f"UPDATE account_node SET hash = ? WHERE {where}", (flipped(value, place),)))
    assert tampered.where() == [f"event {position << level}"]


@settings(max_examples=40, deadline=None)
@given(number=st.integers(1, 2), place=st.integers(0, 10**6))
def test_a_changed_byte_of_a_checkpoint_is_found(honest, tmp_path_factory, number, place):
    tampered = Tampered(honest, tmp_path_factory.mktemp("t"))
    note = tampered.value(f"SELECT note FROM account_checkpoint WHERE number = {number}")
    tampered.change(
        ("UPDATE account_checkpoint SET note = ? WHERE number = ?", (flipped(note, place), number))
    )
    (fault,) = tampered.verdict().faults
    assert f"checkpoint {number}" in fault.what
    assert fault.where == f"event {(0, 20)[number - 1]} and on"


@pytest.mark.parametrize(
    ("statements", "where"),
    [
        (["UPDATE account_event SET agreement = 'other' WHERE position = 7"], ["event 7"]),
        (["UPDATE account_event SET run = NULL WHERE position = 7"], ["event 7"]),
        (["UPDATE account_event SET kind = 'run.failed' WHERE position = 7"], ["event 7"]),
        (["UPDATE account_event SET kind = CAST(x'ff' AS TEXT) WHERE position = 7"], ["event 7"]),
        (["UPDATE account_event SET body = 'text' WHERE position = 7"], ["event 7"]),
        (["DELETE FROM account_event WHERE position = 7"], ["event 7"]),
        (["DELETE FROM account_event WHERE position BETWEEN 7 AND 9"], ["event 7 to 9"]),
        (["DELETE FROM account_event WHERE position = 44"], ["event 44"]),
        (["DELETE FROM account_node WHERE level = 0 AND position = 7"], ["event 7"]),
        (["DELETE FROM account_node WHERE level = 2 AND position = 3"], ["event 12"]),
        (["UPDATE account_node SET hash = 'text' WHERE level = 1 AND position = 3"], ["event 6"]),
        (["UPDATE account_node SET position = 1 << 50 WHERE level = 1 AND position = 3"],
         ["event 6", "event 45"]),
        (["UPDATE account_event SET position = 1 << 50 WHERE position = 44"], ["event 44", "event 45"]),
        (["UPDATE account_checkpoint SET size = 21 WHERE number = 1"], ["event 20"]),
        (["DELETE FROM account_checkpoint WHERE number = 1"], ["event 40"]),
        (["UPDATE account_checkpoint SET number = 3 WHERE number = 2"], ["event 40"]),
        (["UPDATE account_event SET position = 100 WHERE position = 7",
          "UPDATE account_event SET position = 7 WHERE position = 8",
          "UPDATE account_event SET position = 8 WHERE position = 100"], ["event 7", "event 8"]),
        (["DELETE FROM account_event WHERE position > 42",
          "DELETE FROM account_node WHERE level = 0 AND position > 42"], ["event 43"]),
    ],
)  # fmt: skip
def test_a_change_by_someone_with_the_database(tampered, statements, where):
    assert tampered.change(*statements).where() == where


def rebuilt(tampered, bodies):
    """Someone who knows the code: other bodies, and a whole new tree over them."""
    frontier, statements = merkle.Frontier(), ["DELETE FROM account_event", "DELETE FROM account_node"]
    for index, body in enumerate(bodies):
        row = (index, "step.done", "kid", f"r{index % 3}", body)
        statements.append(("INSERT INTO account_event VALUES (?, ?, ?, ?, ?)", row))
        statements += [
            ("INSERT INTO account_node VALUES (?, ?, ?)", node)
            for node in frontier.add(merkle.leaf_hash(body))
        ]
    return tampered.change(*statements)


def bodies_of(tampered, keep=SIZE, changed=None):
    connection = sqlite3.connect(tampered.path)
    held = [row[0] for row in connection.execute("SELECT body FROM account_event ORDER BY position")]
    connection.close()
    return [
        body.replace(b'"link"', b'"read"') if index == changed else body
        for index, body in enumerate(held[:keep])
    ]


@pytest.mark.parametrize(
    ("changed", "where"), [(3, ["event 0 to 19", "event 0 to 39"]), (30, ["event 20 to 39"])]
)
def test_a_whole_new_tree_does_not_fit_the_checkpoints(tampered, changed, where):
    assert rebuilt(tampered, bodies_of(tampered, changed=changed)).where() == where


def test_last_events_removed_with_their_tree(tampered):
    assert rebuilt(tampered, bodies_of(tampered, keep=33)).where() == ["event 33 to 39"]


def test_a_checkpoint_kept_elsewhere_finds_what_the_account_forgot(tampered):
    """Events and every checkpoint over them are gone: only a note that someone else holds can tell."""
    kept = tampered.value("SELECT note FROM account_checkpoint WHERE number = 2")
    rebuilt(tampered, bodies_of(tampered, keep=33)).change(
        "DELETE FROM account_checkpoint WHERE number = 2"
    )
    assert tampered.verdict().holds
    assert tampered.where(held=[kept]) == ["event 33 to 39"]


def test_a_forged_body_under_another_number(tampered):
    """The tree fits, the body says that it is another event."""
    bodies = bodies_of(tampered, keep=42)
    body = canonical({"index": 9, "kind": "step.done", "agreement": "kid", "run": "r2"})
    assert rebuilt(tampered, [*bodies[:41], body]).where() == ["event 41"]


def test_guards_taken_away_are_missed(tampered):
    connection = sqlite3.connect(tampered.path)
    connection.execute("DROP TRIGGER account_event_no_delete")
    connection.close()
    (fault,) = tampered.verdict().faults
    assert (fault.code, "account_event_no_delete" in fault.what) == ("GUARD", True)


def content(path):
    """Everything that the account says, or None if SQLite can no longer say it."""
    connection = sqlite3.connect(path)
    tables = ("account_event", "account_node", "account_checkpoint")
    try:
        return [connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in tables]
    except (sqlite3.Error, UnicodeError):
        return None
    finally:
        connection.close()


def test_any_changed_byte_of_the_file_is_found_or_means_nothing(honest, tmp_path):
    """300 bytes of the file, each changed alone: either a fault, or an account that says the very same."""
    before, whole = content(honest), honest.read_bytes()
    chosen, found = random.Random(6962).sample(range(len(whole)), 300), 0
    path = tmp_path / "account.db"
    for place in chosen:
        path.write_bytes(flipped(whole, place))
        for journal in tmp_path.glob("account.db-*"):
            journal.unlink()
        after = content(path)
        try:
            with Account.open(path, SIGNER) as account:
                faults = account.verify().faults
        except SharewellError as error:
            faults = error.problems
        assert faults or after == before, f"byte {place}"
        found += bool(faults)
    assert found > 50


def test_every_fault_is_told_at_once_and_none_quotes_a_fact(tampered):
    tampered.change(
        "UPDATE account_event SET body = x'7b7d' WHERE position IN (3, 30)",
        "DELETE FROM account_event WHERE position = 12",
        "UPDATE account_checkpoint SET note = 'text' WHERE number = 2",
    )
    with pytest.raises(AccountError) as told:
        tampered.verdict().check()
    assert [problem.where for problem in told.value.problems] == [
        "event 3",
        "event 12",
        "event 30",
        "event 20 and on",
    ]
    assert not re.search("link|a.khan", str(told.value))


def test_appending_to_a_broken_tree_is_refused(tampered):
    tampered.change("DELETE FROM account_node WHERE level = 5")
    with Account.open(tampered.path) as account, pytest.raises(AccountError, match="verify the account"):
        account.append_all([Entry(EventKind.STEP_DONE, NOW, "a.khan")])
