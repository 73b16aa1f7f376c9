"""PersonIndex: the one door to the index."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType

import pyarrow as pa
import pyarrow.compute as pc

from ...errors import LinkError, Problem
from ..settings import Progress, Settings
from ..trained import Model
from . import (
    corrections,
    decisions,
    edges,
    erasure,
    history,
    intake,
    looks,
    resolve,
    rights,
    severance,
    undo,
)
from .decisions import Reference
from .intake import Delivery
from .learn import learn
from .match import Matched, Matcher
from .resolve import Work, Write
from .store import Store, guarded, pack, unpack
from .told import Act, Change, silently


class PersonIndex:
    """Who is who, kept in one encrypted file. `open` it, use it as a context manager, or `close` it."""

    def __init__(
        self, path: Path, reopen: Callable[[Path], Store], secret: bytes, uuids: random.Random | None
    ) -> None:
        self._store, self._reopen, self._secret, self._uuids = reopen(path), reopen, secret, uuids
        self._loaded: tuple[Model, Settings] | None = None
        self._matcher: Matcher | None = None

    @classmethod
    def open(
        cls, path: Path, *, key: bytes, secret: bytes, threads: int = 2, uuids: random.Random | None = None
    ) -> PersonIndex:
        """The index at `path`, made if there is none; `key` (32 bytes) opens the file, `secret` (16 or
        more) keys the digests by which a record is known again.

        `uuids` makes people's ids predictable, which only a test may want. Raises LinkError: KEY (wrong),
        BUSY (open elsewhere), FORMAT (no index, or a newer one), STORAGE.
        """
        if len(secret) < 16:
            raise LinkError(Problem("SECRET", "the index's secret is shorter than 16 bytes"))
        return cls(Path(path), partial(Store, key=key, threads=threads), secret, uuids)

    @property
    def model(self) -> Model:
        """The model in force. LinkError before the first is trained or adopted."""
        return self._in_force()[0]

    @property
    def settings(self) -> Settings:
        """The settings that the model in force was trained with. LinkError before there is one."""
        return self._in_force()[1]

    def train(
        self,
        tables: Mapping[str, pa.Table],
        settings: Settings,
        act: Act,
        *,
        allow_surge: bool = False,
        progress: Progress | None = None,
    ) -> Change:
        """Take in `tables`, learn a model from all that is then held, and link everything by it.

        A join that the last model made stands while its weight is within a margin of the new threshold. The
        first training of an index cannot be of nothing. `progress` is told each stage and the share done.
        Raises LinkError as `apply` does.
        """
        delivery = Delivery(tables, {}, allow_surge=allow_surge)
        return self._anew("train", delivery, settings, act, None, progress)

    def adopt(
        self,
        model: Model,
        settings: Settings,
        act: Act,
        *,
        tables: Mapping[str, pa.Table] | None = None,
        progress: Progress | None = None,
    ) -> Change:
        """Take in `tables`, if any, and link everything by a model trained elsewhere. Raises LinkError as
        `apply` does, and if the model compares what no record holds.
        """
        settings = replace(settings, threshold=model.threshold)
        return self._anew("adopt", Delivery(tables or {}, {}), settings, act, model, progress)

    def apply(
        self,
        tables: Mapping[str, pa.Table],
        *,
        act: Act,
        whole: bool = False,
        removed: Mapping[str, Sequence[str]] | None = None,
        allow_surge: bool = False,
        progress: Progress | None = None,
    ) -> Change:
        """Take in records that are new or changed, forget those `removed`, link again what that touches.

        `whole`: the tables are all that their sources hold, so that what is not in them goes. What was
        delivered before changes nothing. Raises LinkError, with nothing changed, for repeated or missing
        record ids, for a whole source that is empty or ten times larger than it was and a field lost on
        the way (unless `allow_surge`), and for an act before the last one.
        """
        model, settings = self._in_force()
        store = self._store
        with store.working() as con:
            resolve.prepare(con)
            told = progress or silently
            delivery = Delivery(tables, removed or {}, whole, allow_surge)
            counts = self._take_in(settings, delivery, told)
            if not counts["new"] + counts["changed"] + counts["removed"]:
                told("done", 1.0)
                return Change(counts | resolve.NOTHING, history.no_keys(), store.last_run())
            told("verifying NHS numbers", 0.13)
            resolve.alter(store, settings, everything=False)
            edges.find(con, model, settings, everything=False, told=told)
            return self._resolve(Work("apply", act, model, settings), counts, told)

    def people(self) -> pa.Table:
        """pa.Table(source, record, person): everyone as known now, in order of (source, record)."""
        return history.people(self._store)

    def person(self, uuid: str) -> str | None:
        """The id that this one now goes by, however many merges ago; None if nobody does any more.

        Raises LinkError for an id that this index never gave.
        """
        with guarded():
            return history.forward(self._store, uuid)

    def history(
        self, *, person: str | None = None, source: str | None = None, record: str | None = None
    ) -> pa.Table:
        """What happened to a person, or to one record, in order: pa.Table(seq, at, kind, person, other,
        source, record, weight, model, actor, agreement, reason). LinkError for what the index never held.
        """
        with guarded():
            return history.told(self._store, person, source, record)

    def scored(self, of: tuple[str, str] | None = None) -> pa.Table:
        """Pairs that the index keeps, for a review: pa.Table(source_l, record_l, source_r, record_r, rule,
        weight, joined); `of` a record, only those within its person, settled ones weighing infinitely much.
        """
        return looks.scored(self._store) if of is None else looks.within(self._store, *of)

    def held(self, wanted: Sequence[tuple[str, str]]) -> pa.Table:
        """What records (source, record) hold, for a reader's eyes: pa.Table(source, record, FIELDS...)."""
        return looks.held(self._store, wanted)

    def as_of(self, at: dt.datetime) -> pa.Table:
        """`people()` as it was when the last act at or before `at` had ended, from events alone."""
        return history.as_of(self._store, at)

    def match(self, identity: Mapping[str, str], *, act: Act, most: int = 5) -> Matched:
        """The people that a record of these identity columns may be of, by the model in force; the first
        call after a change reads the index into memory (`Matcher`).

        A read of people, not a change: nothing is written here, and the caller enters `act` and the
        answer's counts in its account. Raises LinkError.
        """
        return self.matcher().match(identity, most)

    def matcher(self) -> Matcher:
        """The session that answers `match` until the next change."""
        if self._matcher is None:
            self._matcher = Matcher(self._store, *self._in_force(), self._secret)
        return self._matcher

    def undo(self, seq: int, act: Act) -> Change:
        """Part again the two people whose merge is event `seq`, and keep them apart from now on; or take
        back the decision that event `seq` tells of.

        Everyone of the one side is decided, by the act's actor, to be different from the other side, and
        decisions that joined the sides end. Raises LinkError if the event is neither, or nobody of either
        side is left.
        """

        def prepare() -> Write:
            return decisions.withdraw(self._store, seq) or decisions.part(
                self._store, undo.part(self._store, seq)
            )

        return self._reconsider("undo", act, prepare)

    def same(self, left: Reference, right: Reference, act: Act) -> Change:
        """Decide that two records (source, record) are of one person, whatever they weigh; see `decisions`.

        Raises LinkError: RECORD, SAME. A contradiction raises nothing: see `attention`.
        """
        return self._reconsider("same", act, partial(decisions.decide, self._store, "same", left, right))

    def different(self, left: Reference, right: Reference, act: Act) -> Change:
        """Decide that two records (source, record) are of two people, as `same` does."""
        prepare = partial(decisions.decide, self._store, "different", left, right)
        return self._reconsider("different", act, prepare)

    def attention(self) -> pa.Table:
        """pa.Table(person, source, record, reason): who is frozen, since what was decided cannot be."""
        return decisions.attention(self._store, self.settings)

    def correct(self, source: str, record: str, fields: Mapping[str, str | None], act: Act) -> Change:
        """Follow the person's correction of identity columns of a record, over its source, until the source
        agrees or they correct again. Raises LinkError: FIELDS, RECORD.
        """
        prepare = partial(corrections.correct, self._store, source, record, fields)
        return self._reconsider("correct", act, prepare)

    def erase(self, source: str, record: str, act: Act) -> Change:
        """Erase all that a record said, and write the file anew so that no free page holds it; sent
        again it is not taken in. See `erasure` for what a model keeps. Raises LinkError: RECORD; BUSY,
        with the record erased, if another process took the file meanwhile.
        """
        held = self.people().filter(_is(source, record)).num_rows
        prepare = partial(erasure.erase, self._store, self._secret, source, record)
        gone = Delivery({}, {source: [record]} if held else {})
        change = self._reconsider("erase", act, prepare, gone)
        self._store = erasure.rewrite(self._store, self._reopen)
        return change

    def readmit(self, source: str, record: str, act: Act) -> Change:
        """Let an erased record be taken in when it is next sent. Raises LinkError: RECORD."""
        prepare = partial(erasure.lift, self._store, self._secret, source, record)
        return self._reconsider("readmit", act, prepare)

    def sever(self, source: str, record: str, act: Act, kind: str) -> Change:
        """Begin a record anew as another person, with nothing that ties it to who it was; `kind` is one of
        `severance.GROUNDS`. Neither it nor the act's reason is kept, and the file is written anew.
        Raises LinkError: GROUNDS, RECORD.
        """
        prepare = partial(severance.sever, self._store, source, record, kind)
        change = self._reconsider("apply", replace(act, reason=""), prepare)
        self._store = erasure.rewrite(self._store, self._reopen)
        return change

    def _anew(
        self,
        kind: str,
        delivery: Delivery,
        settings: Settings,
        act: Act,
        model: Model | None,
        progress: Progress | None,
    ) -> Change:
        if settings.linker not in ("nhs-then-splink", "splink"):
            what = f"an index cannot be kept by the linker {settings.linker}"
            raise LinkError(Problem("LINKER", what, fix="use nhs-then-splink or splink"))
        store, told = self._store, progress or silently
        with store.working() as con:
            resolve.prepare(con)
            counts = self._take_in(settings, delivery, told)
            told("verifying NHS numbers", 0.13)
            resolve.alter(store, settings, everything=True)
            if model is None:
                model = learn(con, settings, told)
            else:
                _check_held(model, history.held(con))
                edges.find(con, model, settings, everything=True, told=told)
            fresh = model

            def write(con: object, run: int) -> None:
                store.con.execute(
                    "INSERT INTO idx.models VALUES (?, ?, ?, ?)",
                    [fresh.version, run, fresh.to_bytes().decode(), pack(settings)],
                )

            work = Work(kind, act, model, settings, everything=True, write=write)
            change = self._resolve(work, counts, told)
        self._loaded = (model, settings)
        return change

    def _reconsider(
        self, kind: str, act: Act, prepare: Callable[[], Write], delivery: Delivery | None = None
    ) -> Change:
        """Link again what `prepare` enters in memory, and write what it answers with the act."""
        model, settings = self._in_force()
        with self._store.working() as con:
            resolve.prepare(con)
            counts = self._take_in(settings, delivery or Delivery({}, {}))
            write = prepare()
            resolve.alter(self._store, settings, everything=False)
            edges.find(con, model, settings, everything=False)
            return self._resolve(Work(kind, act, model, settings, write=write), counts)

    def _take_in(self, settings: Settings, delivery: Delivery, told: Progress = silently) -> dict[str, int]:
        counts = intake.take_in(self._store, settings, self._secret, delivery, told)
        rights.uphold(self._store.con)
        return counts

    def _resolve(self, work: Work, counts: Mapping[str, int], told: Progress = silently) -> Change:
        work = replace(work, write=rights.closing(work.write))
        change = resolve.resolve(self._store, work, self._uuids, told)
        if self._matcher is not None:
            self._matcher.close()
            self._matcher = None
        return replace(change, counts={**counts, **change.counts})

    def _in_force(self) -> tuple[Model, Settings]:
        if self._loaded is None:
            with guarded():
                rows = self._store.con.execute(
                    "SELECT model, settings FROM idx.models ORDER BY run DESC LIMIT 1"
                ).fetchall()
            if not rows:
                raise LinkError(Problem("MODEL", "the index has no model yet", fix="train it first"))
            self._loaded = (Model.of_bytes(rows[0][0].encode()), unpack(rows[0][1], self._secret))
        return self._loaded

    def close(self) -> None:
        """Let the file go; what was worked out in memory is gone."""
        self._store.close()

    def __enter__(self) -> PersonIndex:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _is(source: str, record: str) -> pc.Expression:
    return (pc.field("source") == source) & (pc.field("record") == record)


def _check_held(model: Model, held: Sequence[str]) -> None:
    """LinkError if there are records, and none says anything of what the model compares."""
    if held and not model.columns & set(held):
        told, there = (", ".join(sorted(names)) for names in (model.columns, held))
        what = f"the model compares {told}; the records hold {there}"
        raise LinkError(Problem("FIELDS", what, fix="train a model on these records"))
