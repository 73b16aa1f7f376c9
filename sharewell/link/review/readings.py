"""The queue: two people read each pair, blind to the weight and to each other; a third where they differ.

Nothing is ever overwritten: a pair is taken and answered by adding rows, and its state follows (`states`).
Answers belong to the pair and not to the batch, so that a later batch need not ask again.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from ...errors import LinkError, Problem
from . import store
from .sampling import Design, Sample
from .states import Reason, State, Verdict, outcome, state, wanted

LEASE = timedelta(hours=2)
"""How long a pair stays with the one who took it, if no answer comes."""


@dataclass(frozen=True)
class Pair:
    """What a reader is given: whom to look up, under an opaque id; no weight, stratum or answer."""

    pair: str
    left: tuple[str, str]
    right: tuple[str, str]


@dataclass(frozen=True)
class Answer:
    """One reader's verdict. `answer` is its own id: sent twice, it counts once."""

    answer: str
    pair: str
    reader: str
    verdict: Verdict
    at: datetime
    reason: Reason | None = None


@dataclass(frozen=True)
class Settled:
    """What a pair was found to be, and by whom, in the order of their answers."""

    pair: Pair
    verdict: Verdict
    readers: tuple[str, ...]


class Reviews:
    """The reviews of one index. Each call is one transaction; times are the caller's, with their zone."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con

    @classmethod
    @contextmanager
    def open(cls, path: Path, key: bytes, wait: float = 10.0) -> Iterator[Reviews]:
        """The reviews in the encrypted file at `path`. LinkError as `store.opened` says."""
        with store.opened(path, key, wait) as con:
            yield cls(con)

    def add(self, sample: Sample, design: Design, at: datetime) -> str:
        """Queue a sample as a batch and answer its id. The same sample again is the same batch."""
        text = repr((design, sample.pairs["pair"].to_pylist(), sample.strata.to_pylist()))
        batch = hashlib.sha256(text.encode()).hexdigest()[:12]
        with self._whole():
            if not self._rows("SELECT 1 FROM batches WHERE batch = ?", batch):
                made = [batch, _stamp(at), design.threshold, design.budget, design.seed]
                self._con.execute("INSERT INTO batches VALUES (?, ?, ?, ?, ?)", made)
                for name, table in (("strata", sample.strata), ("pairs", sample.pairs)):
                    self._con.register("told", table)
                    columns = ", ".join(table.column_names)
                    into = f"INSERT INTO {name} (batch, {columns})"
                    self._con.execute(f"{into} SELECT ?, {columns} FROM told", [batch])
                    self._con.unregister("told")
        return batch

    def batches(self) -> pa.Table:
        """(batch, made, threshold, budget, seed), oldest first."""
        return self._con.sql("FROM batches ORDER BY made, batch").to_arrow_table()

    def take(
        self, batch: str, reader: str, at: datetime, most: int = 1, lease: timedelta = LEASE
    ) -> list[Pair]:
        """Up to `most` pairs for this reader, those first that they hold already; none when none is left.

        Pairs half read come before fresh ones. LinkError for an unknown batch.
        """
        self._known(batch)
        with self._whole():
            held, free = self._choices(batch, reader, at)
            chosen = (held + free)[:most]
            fresh = [(pair, reader, _stamp(at), _stamp(at + lease)) for pair in chosen if pair not in held]
            if fresh:
                self._con.executemany("INSERT INTO taken VALUES (?, ?, ?, ?)", fresh)
            found = self._rows(
                "SELECT pair, source_l, record_l, source_r, record_r FROM pairs WHERE batch = ? AND pair IN"
                " (SELECT unnest(?))",
                batch,
                chosen,
            )
        by_pair = {row[0]: Pair(row[0], (row[1], row[2]), (row[3], row[4])) for row in found}
        return [by_pair[pair] for pair in chosen]

    def answer(self, given: Answer) -> State:
        """Add an answer; answers the pair's state. The same answer again changes nothing.

        LinkError if the id stands for another answer, the reader did not take the pair or has answered it,
        or the pair needs no more readers.
        """
        with self._whole():
            answers = self._answers([given.pair]).get(given.pair, [])
            before = self._rows(
                "SELECT pair, reader, verdict, coalesce(reason, '') FROM answers WHERE answer = ?",
                given.answer,
            )
            if before:
                _check_repeated(before[0], given)
                return state([verdict for _, verdict in answers], False)
            self._check_reader(given, answers)
            row = [
                given.answer,
                given.pair,
                given.reader,
                given.verdict.value,
                _reason(given),
                _stamp(given.at),
            ]
            self._con.execute("INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, ?)", [*row, len(answers)])
        return state([*(verdict for _, verdict in answers), given.verdict], False)

    def progress(self, batch: str, at: datetime) -> dict[str, int]:
        """How many pairs are in each state."""
        self._known(batch)
        pairs, answers = self._pairs(batch), self._answers(self._pairs(batch))
        busy = {row[0] for row in self._leases(batch, at)}
        states = Counter(state([v for _, v in answers.get(pair, [])], pair in busy) for pair in pairs)
        return {each.value: states[each] for each in State}

    def waits(self, left: tuple[str, str], right: tuple[str, str]) -> bool:
        """Whether two records are a pair that is queued and not done, whose weight is not to be shown."""
        one, two = sorted((left, right))
        found = self._rows(
            "SELECT DISTINCT pair FROM pairs WHERE source_l = ? AND record_l = ?"
            " AND source_r = ? AND record_r = ?",
            *one,
            *two,
        )
        answers = self._answers([row[0] for row in found])
        return any(outcome([verdict for _, verdict in answers.get(row[0], [])]) is None for row in found)

    def readings(self, batch: str) -> pa.Table:
        """(pair, stratum, reader, verdict, place) of every answer; `place` 0, 1 or 2 in order of coming."""
        self._known(batch)
        return self._con.execute(
            "SELECT pair, stratum, reader, verdict, place FROM answers JOIN pairs USING (pair)"
            " WHERE batch = ? ORDER BY pair, place",
            [batch],
        ).to_arrow_table()

    def labels(self, batch: str) -> pa.Table:
        """(pair, source_l, record_l, source_r, record_r, stratum, weight, joined, chance, verdict) of
        pairs that are done. Records that were erased since are null.
        """
        self._known(batch)
        answers = self._answers(self._pairs(batch))
        told = {pair: outcome([verdict for _, verdict in given]) for pair, given in answers.items()}
        done = {pair: verdict.value for pair, verdict in told.items() if verdict}
        kinds = [("pair", pa.string()), ("verdict", pa.string())]
        self._con.register("done", pa.table([list(done), list(done.values())], schema=pa.schema(kinds)))
        found = self._con.execute(
            "SELECT pair, source_l, record_l, source_r, record_r, stratum, weight, joined, chance,"
            " verdict FROM pairs JOIN done USING (pair) WHERE batch = ? ORDER BY pair",
            [batch],
        ).to_arrow_table()
        self._con.unregister("done")
        return found

    def strata(self, batch: str) -> pa.Table:
        """The strata of a batch, as `Sample.strata`."""
        self._known(batch)
        return self._con.execute(
            "SELECT * EXCLUDE (batch) FROM strata WHERE batch = ? ORDER BY stratum", [batch]
        ).to_arrow_table()

    def due(self) -> list[Settled]:
        """Pairs found to be the same or different that were not passed on yet, in order of their ids."""
        found = self._rows(
            "SELECT DISTINCT pair, source_l, record_l, source_r, record_r FROM pairs"
            " ANTI JOIN passed USING (pair) WHERE record_l IS NOT NULL AND pair IN"
            " (SELECT pair FROM answers) ORDER BY pair"
        )
        answers = self._answers([row[0] for row in found])
        told = [(row, answers.get(row[0], [])) for row in found]
        settled = [(row, given, outcome([verdict for _, verdict in given])) for row, given in told]
        return [
            Settled(Pair(row[0], (row[1], row[2]), (row[3], row[4])), verdict, tuple(by for by, _ in given))
            for row, given, verdict in settled
            if verdict in (Verdict.SAME, Verdict.DIFFERENT)
        ]

    def pass_on(self, pair: str, at: datetime) -> None:
        """Enter that what a pair was found to be has been passed on, so that it never is again."""
        with self._whole():
            self._con.execute("INSERT INTO passed VALUES (?, ?)", [pair, _stamp(at)])

    def erase(self, source: str, record: str) -> int:
        """Forget which record was meant wherever it was paired; answers how many pairs. They are closed."""
        with self._whole():
            mine = "(source_l = $s AND record_l = $r) OR (source_r = $s AND record_r = $r)"
            told = {"s": source, "r": record}
            count = self._con.execute(f"SELECT count(*) FROM pairs WHERE {mine}", told).fetchall()[0][0]
            self._con.execute(
                "UPDATE pairs SET source_l = NULL, record_l = NULL, source_r = NULL, record_r = NULL"
                f" WHERE {mine}",
                told,
            )
        return int(count)

    def _choices(self, batch: str, reader: str, at: datetime) -> tuple[list[str], list[str]]:
        """The pairs this reader holds, and those free for them, in an order that tells no weight."""
        pairs = self._pairs(batch, living=True)
        answers = self._answers(pairs)
        leases: dict[str, set[str]] = {}
        for pair, by in self._leases(batch, at):
            leases.setdefault(pair, set()).add(by)
        held: list[str] = []
        free: list[str] = []
        for pair in pairs:
            given = answers.get(pair, [])
            if reader in {by for by, _ in given}:
                continue
            others = leases.get(pair, set()) - {reader} - {by for by, _ in given}
            room = wanted([verdict for _, verdict in given]) > len(others)
            if room:
                (held if reader in leases.get(pair, set()) else free).append(pair)
        free.sort(key=lambda pair: (-len(answers.get(pair, [])), pair))
        return sorted(held), free

    def _check_reader(self, given: Answer, answers: list[tuple[str, Verdict]]) -> None:
        took = self._rows("SELECT 1 FROM taken WHERE pair = ? AND reader = ?", given.pair, given.reader)
        rules = (
            (not took, "NOT-TAKEN", "this reader never took the pair", "take it first"),
            (
                given.reader in {by for by, _ in answers},
                "READ-TWICE",
                "this reader has answered the pair",
                "",
            ),
            (
                not wanted([verdict for _, verdict in answers]),
                "SETTLED",
                "the pair needs no more readers",
                "",
            ),
        )
        problems = [Problem(code, what, fix=fix) for wrong, code, what, fix in rules if wrong]
        if problems:
            raise LinkError(problems)

    def _known(self, batch: str) -> None:
        if not self._rows("SELECT 1 FROM batches WHERE batch = ?", batch):
            known = ", ".join(self.batches()["batch"].to_pylist()) or "none"
            raise LinkError(Problem("BATCH", "no batch has this id", fix=f"there are: {known}"))

    def _pairs(self, batch: str, living: bool = False) -> list[str]:
        where = " AND record_l IS NOT NULL" if living else ""
        found = self._rows(f"SELECT pair FROM pairs WHERE batch = ?{where} ORDER BY pair", batch)
        return [row[0] for row in found]

    def _answers(self, pairs: list[str]) -> dict[str, list[tuple[str, Verdict]]]:
        found: dict[str, list[tuple[str, Verdict]]] = {}
        for pair, reader, verdict in self._rows(
            "SELECT pair, reader, verdict FROM answers WHERE pair IN (SELECT unnest(?))"
            " ORDER BY pair, place",
            pairs,
        ):
            found.setdefault(pair, []).append((reader, Verdict(verdict)))
        return found

    def _leases(self, batch: str, at: datetime) -> list[tuple[str, str]]:
        """(pair, reader) now held and not yet answered by that reader."""
        return [
            (row[0], row[1])
            for row in self._rows(
                "SELECT DISTINCT pair, reader FROM taken"
                " SEMI JOIN (SELECT pair FROM pairs WHERE batch = ?) p USING (pair)"
                " ANTI JOIN answers USING (pair, reader) WHERE until > ?",
                batch,
                _stamp(at),
            )
        ]

    def _rows(self, sql: str, *told: Any) -> list[tuple[Any, ...]]:
        return self._con.execute(sql, list(told)).fetchall()

    @contextmanager
    def _whole(self) -> Iterator[None]:
        self._con.begin()
        try:
            yield
        except BaseException:
            self._con.rollback()
            raise
        self._con.commit()


def _check_repeated(before: tuple[Any, ...], given: Answer) -> None:
    if before != (given.pair, given.reader, given.verdict.value, _reason(given) or ""):
        what = "this answer's id stands for another answer already"
        raise LinkError(Problem("ANSWER-ID", what, "answers are never changed", "give each answer an id"))


def _reason(given: Answer) -> str | None:
    return given.reason.value if given.reason else None


def _stamp(at: datetime) -> str:
    """UTC of one width, so that texts order as times do."""
    if at.tzinfo is None:
        raise LinkError(Problem("TIME", "a review's time must know its zone"))
    return at.astimezone(UTC).isoformat(timespec="microseconds")
