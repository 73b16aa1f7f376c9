"""A reader at the desk: the next pair with what its records hold, the answer, and how far the batch is.

The review's file is opened for each step and let go, so that two people can read at once. Values come from
`look`, pair by pair, and go no further than the question. What was done is told in counts, for the account.
"""

from __future__ import annotations

import json
import math
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from ...errors import LinkError, Problem
from ..session import session
from ..trained import Model
from ..weigh import evidence, weigh
from . import questions
from .bridges import Cluster, cluster
from .by_group import errors_by_group
from .estimates import Quality, by_sources, curve, quality, strata
from .kappa import Agreement, agreements
from .pages import cluster_page, pair_page, quality_page
from .questions import Question
from .readings import Answer, Pair, Reviews
from .splink_chart import splink_waterfall
from .states import Reason, State, Verdict
from .waterfall import Ends, Sides, Step, sides, waterfalls

Look = Callable[[Sequence[tuple[str, str]]], pa.Table]
"""From (source, record) pairs to a table (source, record, FIELDS...) of those that are still held."""

Within = Callable[[tuple[str, str]], pa.Table]
"""From a record to the pairs within its cluster: (source_l, record_l, source_r, record_r, weight)."""


def _none() -> str:
    return ""


def _nothing(_record: tuple[str, str]) -> pa.Table:
    ends = ("source_l", "record_l", "source_r", "record_r")
    return pa.table(
        {**{name: pa.array([], pa.string()) for name in ends}, "weight": pa.array([], pa.float64())}
    )


@dataclass(frozen=True)
class Figures:
    """What a batch has shown so far. `quality` and `curve` are None until a link and a label are there."""

    progress: dict[str, int]
    agreements: list[Agreement]
    quality: Quality | None
    curve: pa.Table | None
    sources: dict[str, Quality] = field(default_factory=dict)
    groups: pa.Table | None = None


@dataclass(frozen=True)
class Explained:
    """Why a pair weighs what it does. `shown` is for the reader's eyes; `apart` names the guard that holds
    the two apart whatever they weigh.
    """

    steps: list[Step]
    shown: Sides
    apart: str | None = None


@dataclass
class Desk:
    """One batch, one reader. `now` is the caller's clock; `key` opens the file and any encrypted sheet;
    `known` turns a record as people name it into (source, record) as `look` knows it.

    Where `batch` is empty, `begin` draws one as soon as a pair is asked for. `within` answers what holds a
    cluster together. `scope` says in words of which pairs the recall is, where the caller knows it better.
    Errors are told by group where `band` names the age band of a birth, of no fewer than `least` pairs.
    """

    path: Path
    key: bytes = field(repr=False)
    batch: str
    reader: str
    model: Model = field(repr=False)
    look: Look = field(repr=False)
    now: Callable[[], datetime]
    known: Callable[[tuple[str, str]], tuple[str, str]] = lambda record: record
    begin: Callable[[], str] = _none
    within: Within = _nothing
    scope: str = ""
    band: Callable[[date], str] | None = None
    least: int = 10
    done: Counter[str] = field(default_factory=Counter)
    figured: bool = False

    def next(self) -> Question | None:
        """The next pair for this reader, or None. A pair whose record is no longer held is passed over."""
        return next(iter(self._asked(1)), None)

    def answer(self, pair: str, verdict: str, reason: str = "") -> State:
        """Enter this reader's answer, in the words of `Verdict` and `Reason`. LinkError for other words, or
        as `Reviews.answer` says.
        """
        said, why = _checked(verdict, reason)
        given = Answer(uuid.uuid4().hex, pair, self.reader, said, self.now(), why)
        with Reviews.open(self.path, self.key) as reviews:
            state = reviews.answer(given)
        self.done["answered"] += 1
        return state

    def write_sheet(self, path: Path, most: int, *, encrypted: bool = True) -> int:
        """Put up to `most` pairs into a new sheet; answers how many."""
        asked = self._asked(most)
        questions.write_sheet(path, asked, self.key if encrypted else None)
        return len(asked)

    def read_sheet(self, path: Path) -> int:
        """Take in a sheet; answers how many answers it held. The same sheet again adds nothing."""
        given = questions.answers(questions.open_sheet(path, self.key), self.reader, self.now())
        with Reviews.open(self.path, self.key) as reviews:
            questions.answer_all(reviews, given)
        self.done["answered"] += len(given)
        return len(given)

    def explain(self, left: tuple[str, str], right: tuple[str, str]) -> Explained:
        """Why two records weigh what they weigh. LinkError if one is not held, or the pair still waits for
        a reader, who must not see its weight.
        """
        pair = self._unread(left, right)
        found = explain(self.model, pair, self.look)
        if found is None:
            raise LinkError(_ABSENT)
        self.done["explained"] += 1
        return found

    def write_splink(self, path: Path, left: tuple[str, str], right: tuple[str, str]) -> None:
        """Splink's own waterfall of two records, without values, in a new file that is its owner's alone.
        LinkError as `explain` raises, StorageError.
        """
        pair = self._unread(left, right)
        held = self.look([pair.left, pair.right])
        if len(held) < 2:
            raise LinkError(_ABSENT)
        with _on(held) as con:
            chart = splink_waterfall(con, self.model, "held", 0, 1)
        questions.write_new(path, json.dumps(chart).encode())

    def cluster(self, record: tuple[str, str]) -> Cluster:
        """What holds the records together that are taken for one person with this one. LinkError if it is
        not held, or one of the links still waits for a reader.
        """
        mine = self.known(record)
        links = self.within(mine).to_pylist()
        weights = {
            ((row["source_l"], row["record_l"]), (row["source_r"], row["record_r"])): row["weight"]
            for row in links
        }
        self._check_unread(weights)
        names = sorted({name for pair in weights for name in pair})
        if not names:
            what, why = "this record stands alone", "no other is taken for the same person"
            raise LinkError(Problem("ALONE", what, why))
        place = {name: at for at, name in enumerate(names)}
        ends = {(place[one], place[two]): weight for (one, two), weight in weights.items()}
        self.done["explained"] += 1
        return cluster(ends, _evidence(self.model, names, ends, self.look))

    def write_page(self, path: Path, found: Explained | Cluster | Figures) -> None:
        """What was found as a page without values, in a new file, its owner's alone. StorageError."""
        if isinstance(found, Explained):
            page = pair_page(found.steps, self.model.least, apart=found.apart)
        elif isinstance(found, Cluster):
            page = cluster_page(found)
        else:
            page = quality_page(found.quality, found.curve, found.sources, found.agreements)
        questions.write_new(path, page.encode())

    def progress(self) -> dict[str, int]:
        """How many pairs of the batch are in each state; none before one is drawn."""
        if not self.batch:
            return {}
        with Reviews.open(self.path, self.key) as reviews:
            return reviews.progress(self.batch, self.now())

    def figures(self, reached: tuple[int, int] | None = None) -> Figures:
        """Agreement between readers, and precision and recall; `reached` as for `quality`."""
        self.figured = True
        if not self.batch:
            return Figures({}, [], None, None)
        with Reviews.open(self.path, self.key) as reviews:
            progress = reviews.progress(self.batch, self.now())
            readings = reviews.readings(self.batch)
            design, labels = reviews.strata(self.batch), reviews.labels(self.batch)
        read = strata(design, labels)
        agreed = agreements(readings)
        if not (any(each.linked for each in read) and any(each.told for each in read)):
            return Figures(progress, agreed, None, None)
        found = quality(read, reached)
        scoped = replace(found, note=self.scope or found.note)
        groups = errors_by_group(labels, self.look, self.band, self.least) if self.band else None
        return Figures(progress, agreed, scoped, curve(read), by_sources(design, labels), groups)

    def facts(self) -> dict[str, int | str]:
        """What the account may be told of this session: who, which batch, how many."""
        return {"batch": self.batch, "reader": self.reader, **dict(sorted(self.done.items()))}

    def _asked(self, most: int) -> list[Question]:
        self.batch = self.batch or self.begin()
        found: list[Question] = []
        seen: set[str] = set()
        while len(found) < most:
            with Reviews.open(self.path, self.key) as reviews:
                pairs = reviews.take(self.batch, self.reader, self.now(), most=most + 2 * len(seen))
            fresh = [pair for pair in pairs if pair.pair not in seen]
            if not fresh:
                break
            chosen = fresh[: most - len(found)]
            seen |= {pair.pair for pair in chosen}
            look = _kept(self.look(sorted({end for pair in chosen for end in (pair.left, pair.right)})))
            for pair in chosen:
                if shown := explain(self.model, pair, look):
                    found.append(questions.question(pair.pair, shown.steps, shown.shown))
        self.done["shown"] += len(found)
        return found

    def _unread(self, left: tuple[str, str], right: tuple[str, str]) -> Pair:
        pair = Pair("", self.known(left), self.known(right))
        if pair.left == pair.right:
            raise LinkError(Problem("RECORD", "a record is not compared with itself", fix="name two"))
        self._check_unread([(pair.left, pair.right)])
        return pair

    def _check_unread(self, pairs: Iterable[tuple[tuple[str, str], tuple[str, str]]]) -> None:
        with Reviews.open(self.path, self.key) as reviews:
            if any(reviews.waits(left, right) for left, right in pairs):
                what, why = "this pair waits to be read", "whoever knows its weight cannot read it blind"
                raise LinkError(Problem("BLIND", what, why, "read it first, or ask when it is done"))


_ANY = -1e9
"""Bits that every pair weighs."""
_ABSENT = Problem("RECORD", "one of the two records is not held", fix="check both names")


def explain(model: Model, pair: Pair, look: Look) -> Explained | None:
    """The waterfall of a pair and what its records hold; None if one of them is no longer held."""
    held = look([pair.left, pair.right])
    keys = _keys(held)
    if not {pair.left, pair.right} <= set(keys):
        return None
    left, right = keys.index(pair.left), keys.index(pair.right)
    with _on(held, [(left, right)]) as con:
        evidence(con, model, "held", "pairs", "told")
        steps = waterfalls(con.sql("FROM told").to_arrow_table())[(left, right)]
        weigh(con, model, "held", "pairs", "weighed", least=_ANY)
        apart = con.execute("SELECT apart FROM weighed").fetchall()[0][0]
        return Explained(steps, sides(con, model.settings, "held", left, right), apart)


def _evidence(
    model: Model, names: Sequence[tuple[str, str]], weights: Mapping[Ends, float], look: Look
) -> dict[Ends, list[Step]]:
    """The waterfalls of those links that were weighed, by the places of their ends in `names`."""
    held = look(names)
    at = {key: rid for rid, key in enumerate(_keys(held))}
    ends = {
        (at[names[one]], at[names[two]]): (one, two)
        for (one, two), weight in weights.items()
        if math.isfinite(weight) and {names[one], names[two]} <= set(at)
    }
    with _on(held, list(ends)) as con:
        evidence(con, model, "held", "pairs", "told")
        found = waterfalls(con.sql("FROM told").to_arrow_table())
    return {ends[pair]: steps for pair, steps in found.items()}


def _kept(held: pa.Table) -> Look:
    """A look at what was looked up already."""
    place = {key: at for at, key in enumerate(_keys(held))}
    return lambda wanted: held.take(pa.array([place[key] for key in wanted if key in place], pa.int64()))


def _keys(held: pa.Table) -> list[tuple[str, str]]:
    return list(zip(held["source"].to_pylist(), held["record"].to_pylist(), strict=True))


@contextmanager
def _on(held: pa.Table, pairs: Sequence[Ends] = ()) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with `held`, its rows numbered as `rid`, and `pairs(l, r)`. LinkError ENGINE."""
    with session(1) as con:
        try:
            con.register("held", held.append_column("rid", pa.array(range(len(held)), pa.int64())))
            ends = {"l": [pair[0] for pair in pairs], "r": [pair[1] for pair in pairs]}
            con.register(
                "pairs", pa.table({name: pa.array(each, pa.int64()) for name, each in ends.items()})
            )
            yield con
        except duckdb.Error as error:
            kind = type(error).__name__
            why = "its text may quote a row"
            raise LinkError(Problem("ENGINE", f"a pair could not be explained ({kind})", why)) from None


def _checked(verdict: str, reason: str) -> tuple[Verdict, Reason | None]:
    """What was typed is not quoted: it may be a name."""
    told = (
        (verdict in set(Verdict), "ANSWER", "the answer is none of the three", Verdict),
        (not reason or reason in set(Reason), "REASON", "the reason is not of the list", Reason),
    )
    problems = [
        Problem(code, what, fix="write " + ", ".join(word.value for word in words))
        for right, code, what, words in told
        if not right
    ]
    if problems:
        raise LinkError(problems)
    return Verdict(verdict), Reason(reason) if reason else None
