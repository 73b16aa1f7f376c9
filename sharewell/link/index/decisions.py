"""What stewards decide, pair by pair: one person, or two. It wins over any weight and outlives every model.

A later decision about two records supersedes an earlier one about them, and with it the whole undoing of
a merge that the earlier was part of; nothing is deleted. Decisions that contradict a verified number, a
source's promise or one another are not followed but shown, by `attention`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import partial

import duckdb
import pyarrow as pa

from ...errors import LinkError, Problem
from ..settings import Settings
from .resolve import Write
from .store import Store, guarded

Reference = tuple[str, str]
"""A record by its source and its id there."""


def decide(store: Store, kind: str, left: Reference, right: Reference) -> Write:
    """Enter in memory that two records are the 'same' person, or 'different' ones; answers what must be
    written with the act.

    Raises LinkError: RECORD for a record that the index never held, SAME for one record twice.
    """
    if left == right:
        raise LinkError(Problem("SAME", "a decision is about two records, and this is one twice"))
    con = store.con
    rids = [rid_of(store, *side, gone=True) for side in (left, right)]
    sides = [*left, *right]
    found = con.execute(_LIFTED, {"kind": kind, **dict(zip(_SIDES, sides, strict=True))}).fetchall()
    lifted = [int(row[0]) for row in found]
    _lift(con, lifted)
    con.execute("INSERT INTO decisions VALUES (NULL, ?, ?, ?, ?, ?, NULL, NULL)", [kind, *sides])
    con.execute("INSERT INTO reopened SELECT unnest(?::BIGINT[])", [rids])
    return partial(_write, kind, sides, rids, lifted)


def withdraw(store: Store, seq: int) -> Write | None:
    """Take back the decision that event `seq` tells of; None if it tells of none. What the decision had
    superseded stays so. LinkError if it is in force no more.
    """
    con = store.con
    rows = con.execute(
        "SELECT run, kind FROM idx.events WHERE seq = ? AND kind IN ('same', 'different')", [seq]
    ).fetchall()
    if not rows:
        return None
    run, kind = rows[0]
    found = con.execute("SELECT decision FROM decisions WHERE run = ? AND kind = ?", [run, kind]).fetchall()
    if not found:
        raise LinkError(Problem("UNDO", f"the decision of event {seq} is no longer in force"))
    lifted = [int(row[0]) for row in found]
    rids = [
        int(row[0])
        for row in con.execute(
            "SELECT rid FROM idx.events WHERE run = ? AND kind = ? ORDER BY seq", [run, kind]
        ).fetchall()
    ]
    _lift(con, lifted)
    return partial(_write, "withdrawn", None, rids, lifted)


def part(store: Store, write: Write) -> Write:
    """With the undoing of a merge (see `undo.part`) take back the decisions that made it: each `same` of
    two records that it parts."""
    found = store.con.execute(
        "SELECT decision FROM decisions d JOIN parted a ON a.source = source_l AND a.record = record_l"
        " JOIN parted b ON b.source = source_r AND b.record = record_r WHERE kind = 'same'"
        " AND a.person <> b.person"
    ).fetchall()
    lifted = [int(row[0]) for row in found]
    _lift(store.con, lifted)

    def both(con: duckdb.DuckDBPyConnection, run: int) -> None:
        write(con, run)
        _withdraw(con, run, lifted)

    return both


def rid_of(store: Store, source: str, record: str, *, gone: bool = False) -> int:
    """The number within the index of a record that it holds, or (`gone`) held. LinkError: RECORD."""
    held = "SELECT rid, source, record FROM idx.records"
    past = " UNION ALL SELECT rid, source, record FROM idx.gone" if gone else ""
    rows = store.con.execute(
        f"SELECT rid FROM ({held}{past}) WHERE source = ? AND record = ?", [source, record]
    ).fetchall()
    if not rows:
        what = f"the index {'never held' if gone else 'does not hold'} this record of source {source}"
        raise LinkError(Problem("RECORD", what))
    return int(rows[0][0])


_SIDES = ("source_l", "record_l", "source_r", "record_r")
# An undone merge was written as many pairs: one word against any of them is against all. A severance is not
# undone by a decision.
_LIFTED = """
SELECT decision FROM decisions d JOIN (
    SELECT run, kind, bool_or(source_l = $source_l AND record_l = $record_l) AND
        bool_or(source_r = $source_r AND record_r = $record_r) AS straight,
        bool_or(source_l = $source_r AND record_l = $record_r) AND
        bool_or(source_r = $source_l AND record_r = $record_l) AS turned
    FROM decisions WHERE run NOT IN (SELECT run FROM idx.severed) GROUP BY run, kind
) r ON r.run = d.run AND r.kind = d.kind AND (straight OR turned)
WHERE d.kind <> $kind OR (source_l, record_l, source_r, record_r) IN (
    ($source_l, $record_l, $source_r, $record_r), ($source_r, $record_r, $source_l, $record_l))
"""


def _lift(con: duckdb.DuckDBPyConnection, lifted: list[int]) -> None:
    """Decisions are in force no more, and their records are looked at again."""
    con.execute(
        "INSERT INTO reopened SELECT rid FROM idx.records r JOIN decisions d ON (r.source = source_l AND"
        " r.record = record_l) OR (r.source = source_r AND r.record = record_r)"
        " WHERE decision IN (SELECT unnest(?::BIGINT[]))",
        [lifted],
    )
    con.execute("DELETE FROM decisions WHERE decision IN (SELECT unnest(?::BIGINT[]))", [lifted])


def _write(
    kind: str,
    sides: list[str] | None,
    rids: list[int],
    lifted: list[int],
    con: duckdb.DuckDBPyConnection,
    run: int,
) -> None:
    _withdraw(con, run, lifted)
    if sides is not None:
        con.execute(
            "INSERT INTO idx.decisions SELECT (SELECT coalesce(max(decision), 0) + 1 FROM"
            " idx.decisions), ?, ?,"
            f" ?, ?, ?, {run}, NULL",
            [kind, *sides],
        )
    for rid in rids:
        enter(con, run, kind, rid)


def _withdraw(con: duckdb.DuckDBPyConnection, run: int, lifted: list[int]) -> None:
    con.execute(
        f"UPDATE idx.decisions SET withdrawn = {run} WHERE decision IN (SELECT unnest(?::BIGINT[]))",
        [lifted],
    )


def enter(con: duckdb.DuckDBPyConnection, run: int, kind: str, rid: int, person: int | None = None) -> None:
    """Within the transaction of an act: an event of one record, at the person that it is with now."""
    con.execute(
        "INSERT INTO idx.events SELECT (SELECT coalesce(max(seq), 0) + 1 FROM idx.events), ?, ?,"
        " coalesce(?::BIGINT, (SELECT person FROM idx.members WHERE rid = ?)), NULL, ?, NULL",
        [run, kind, person, rid, rid],
    )


def attention(store: Store, settings: Settings) -> pa.Table:
    """pa.Table(person, source, record, reason): the records of those groups that stewards have made and
    that cannot be, a row for each record and reason.
    """
    with guarded():
        groups = _groups(store.con)
        different = store.con.execute(
            "SELECT l, r FROM (" + _DECIDED + ") WHERE kind = 'different'"
        ).fetchall()
    apart = [{int(left), int(right)} for left, right in different]
    rows = [
        {"person": who, "source": source, "record": record, "reason": reason}
        for group in groups
        for reason in _reasons(group, settings.one_per_source, apart)
        for _, source, record, _, who in group
    ]
    schema = pa.schema([(name, pa.string()) for name in ("person", "source", "record", "reason")])
    return pa.Table.from_pylist(rows, schema=schema).sort_by(
        [(name, "ascending") for name in ("reason", "source", "record")]
    )


Member = tuple[int, str, str, int | None, str]
"""rid, source, record, verified number, person."""

_DECIDED = """
SELECT d.kind, a.rid AS l, b.rid AS r FROM idx.decisions d
JOIN idx.records a ON a.source = d.source_l AND a.record = d.record_l
JOIN idx.records b ON b.source = d.source_r AND b.record = d.record_r WHERE withdrawn IS NULL
"""


def _groups(con: duckdb.DuckDBPyConnection) -> list[list[Member]]:
    """The records that `same` and verified numbers make one, where a `same` is part of it."""
    same = con.execute(f"SELECT l, r FROM ({_DECIDED}) WHERE kind = 'same' ORDER BY ALL").fetchall()
    members: list[Member] = con.execute(
        f"WITH told AS (SELECT l AS rid FROM ({_DECIDED}) WHERE kind = 'same' UNION SELECT r"
        f" FROM ({_DECIDED})"
        " WHERE kind = 'same') SELECT rid, source, record, verified, uuid::VARCHAR FROM idx.records"
        " JOIN idx.members USING (rid) JOIN idx.persons USING (person) WHERE rid IN (SELECT"
        " rid FROM told) OR"
        " verified IN (SELECT verified FROM idx.records WHERE rid IN (SELECT rid FROM told)) ORDER BY rid"
    ).fetchall()
    up: dict[object, object] = {}

    def root(at: object) -> object:
        while (above := up.setdefault(at, at)) != at:
            at = above
        return at

    for rid, _, _, verified, _ in members:
        if verified is not None:
            up[root(rid)] = root(("number", verified))
    for left, right in same:
        up[root(left)] = root(right)
    groups: dict[object, list[Member]] = defaultdict(list)
    for member in members:
        groups[root(member[0])].append(member)
    return list(groups.values())


def _reasons(group: list[Member], promised: frozenset[str], apart: Iterable[set[int]]) -> list[str]:
    rids = {member[0] for member in group}
    counts = Counter(member[1] for member in group)
    reasons = {
        "decided to be one, with two verified numbers": len({m[3] for m in group} - {None}) > 1,
        "decided to be one, with two records of a source that holds everyone once": any(
            counts[source] > 1 for source in promised
        ),
        "decided to be one and to be two": any(pair <= rids for pair in apart),
    }
    return [reason for reason, so in reasons.items() if so]
