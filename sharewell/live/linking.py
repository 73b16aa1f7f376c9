"""Tending a standing index: who is who is looked at, explained and put right, and each look is entered.

Whoever tends an index sees no index id and no record number: people and records are shown by references
that only this agreement's account can make (`account.references`), which are of no use anywhere else. A
record can also be named as its holder numbers it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..account.events import JSON, EventKind
from ..account.references import PREFIX, person_reference
from ..agree.decide import Asked, Request
from ..errors import DocumentError, LinkError, Problem, among
from ..run.indexes import is_built, kept_units, opened
from ..run.superseded import hand_on
from ..run.walk import must_permit

if TYPE_CHECKING:
    import pyarrow as pa

    from ..link.index import Act, Change, PersonIndex
    from ..run.outcome import Outcome, Tell
    from .agreement import LiveAgreement

Named = tuple[str, str]
"""A record as it is asked for: its source, and its holder's own number or a reference shown before."""


@dataclass
class Reading:
    """An index, open for one look. `people` gathers the references of everyone who was shown."""

    live: LiveAgreement
    unit: str
    index: PersonIndex
    secret: bytes = field(repr=False)
    people: set[str] = field(default_factory=set)

    def person(self, uuid: str | None) -> str:
        """How a person is shown; counted among those who were."""
        if uuid is None:
            return ""
        shown = _reference(self.secret, uuid)
        self.people.add(shown)
        return shown

    def record(self, source: str | None, record: str | None) -> str:
        """How a record is shown: its source and a reference."""
        if source is None or record is None:
            return ""
        return f"{source}/{_reference(self.secret, record, f'record:{source}')}"

    def known(self, named: Named) -> tuple[str, str]:
        """A record as the index knows it. LinkError RECORD, without repeating it, where it holds none."""
        source, number = named
        sources = self.live.agreement.text.link[self.unit].of
        if source not in sources:
            raise LinkError(Problem("SOURCE", "the index has no such source", fix=among(source, sources)))
        held = _of_source(self.index, source)
        if not number.startswith(PREFIX):
            number = _keyed(self.live, source, number)
            found = number if number in set(held) else None
        else:
            found = next((r for r in held if self.record(source, r).endswith(number)), None)
        if found is None:
            what, fix = f"the index holds no such record of {source}", "check its number, or run the index"
            raise LinkError(Problem("RECORD", what, fix=fix))
        return source, found

    def uuid(self, reference: str) -> str:
        """The person that was shown by a reference. LinkError PERSON where there is none now."""
        people = self.index.people()["person"].unique().to_pylist()
        found = next((p for p in people if _reference(self.secret, p) == reference), None)
        if found is None:
            what, fix = "no person of the index has this reference now", "ask for one of its records"
            raise LinkError(Problem("PERSON", what, fix=fix))
        return str(found)


def _reference(secret: bytes, of: str, unit: str = "person") -> str:
    """An account's reference, cut to 64 bits: of a million people no two share one, and it can be typed."""
    return person_reference(secret, of, unit)[: len(PREFIX) + 16]


def only_unit(live: LiveAgreement) -> str:
    """The unit of which an agreement keeps an index. DocumentError INDEX where there is none."""
    kept = list(kept_units(live.agreement))
    if not kept:
        what, why = f"{live.name} keeps no index", "its linking is forgotten with each run"
        raise DocumentError(Problem("INDEX", what, why, where=live.agreement.at("link")))
    return kept[0]


@contextmanager
def reading(live: LiveAgreement, actor: str, asked: str, because: str) -> Iterator[Reading]:
    """The index of an agreement, for one permitted look; who looked, why, and at how many people is entered
    in the account as the look ends, whether or not it succeeded.

    Raises Refusal where the decision is not PERMIT; LinkError UNBUILT, BUSY.
    """
    unit = only_unit(live)
    with _open(live, actor, unit, because) as held:
        try:
            yield held
        finally:
            facts: dict[str, JSON] = {
                "unit": unit,
                "asked": asked,
                "because": because,
                "people": len(held.people),
            }
            enter(live, EventKind.LINK_READ, actor, facts)


@contextmanager
def deciding(
    live: LiveAgreement, actor: str, act: str, because: str
) -> Iterator[tuple[Reading, Act, list[Change]]]:
    """The index of an agreement, for one permitted act: the act to sign, and a list for what it changed.
    Afterwards that is entered in counts, and keys that no longer stand are handed on.
    """
    from ..link.index import Act

    unit = only_unit(live)
    changes: list[Change] = []
    with _open(live, actor, unit, because) as held:
        yield held, Act(actor, live.name, live.space.now, because), changes
    for change in changes:
        hand_keys_on(live, unit, change)
        counts: dict[str, JSON] = {name: int(count) for name, count in change.counts.items()}
        facts: dict[str, JSON] = {"unit": unit, "act": act, "because": because, "index": counts}
        enter(live, EventKind.LINK_DECIDED, actor, facts)


@contextmanager
def _open(live: LiveAgreement, actor: str, unit: str, because: str) -> Iterator[Reading]:
    from ..depersonalise import Use

    if not because.strip():
        raise DocumentError(Problem("BECAUSE", "it is not said why", "every look is accounted for"))
    must_permit(live.decide(Request(Asked.LINK, actor, reason=because)))
    place, space = live.agreement.text.link[unit].at, live.space
    space.keyring.issue(live.name, at=space.now)
    with opened(space, live.name, unit, place) as index:
        yield Reading(live, unit, index, space.keyring.secret(live.name, Use.ACCOUNT))


def forget_party(live: LiveAgreement, party: str, actor: str) -> int:
    """Take every record that a party brought out of the index, as it leaves the agreement: how many.

    Nobody need be permitted to: who has left is no longer held to anything.
    """
    from ..link.index import Act

    gone = 0
    for unit, told in kept_units(live.agreement).items():
        if not is_built(live.space, live.agreement, unit):
            continue
        theirs = [name for name in told.of if live.agreement.text.describe[name].from_ == party]
        act = Act(actor, live.name, live.space.now, f"{party} withdrew")
        with opened(live.space, live.name, unit, told.at) as index:
            removed = {name: _of_source(index, name) for name in theirs}
            change = index.apply({}, removed=removed, act=act)
        hand_keys_on(live, unit, change)
        gone += sum(map(len, removed.values()))
    return gone


def hand_keys_on(live: LiveAgreement, unit: str, change: Change) -> None:
    """Keys that no longer stand, to each who reads the index."""
    if not change.superseded.num_rows:
        return
    from ..engines.duckdb import DuckDB

    engine = DuckDB([live.space.kept], spill=live.space.kept / "spill")
    try:
        hand_on(live, unit, change, engine)
    finally:
        engine.close()


def update(
    live: LiveAgreement, actor: str, tell: Tell | None = None, *, anew: bool = False, because: str = ""
) -> Outcome:
    """Bring the index up to date from its sources, or train its model anew; see `run.tending`."""
    from ..run.tending import tend

    only_unit(live)
    return tend(live, Request(Asked.LINK, actor, reason=because), tell, anew=anew)


def history(held: Reading, *, record: Named | None = None, person: str = "") -> list[tuple[str, ...]]:
    """What happened to a person, or to a record, in order: number, time, kind, person, other, record, bits,
    by whom and why; all by reference."""
    if (record is None) is not bool(person):
        raise DocumentError(
            Problem("HISTORY", "ask for a record or for a person", fix="--record or --person")
        )
    if record is not None:
        source, number = held.known(record)
        told = held.index.history(source=source, record=number)
    else:
        told = held.index.history(person=held.uuid(person))
    return [_event(held, row) for row in told.to_pylist()]


def _event(held: Reading, row: dict[str, Any]) -> tuple[str, ...]:
    weight = "" if row["weight"] is None else f"{row['weight']:.1f}"
    return (
        str(row["seq"]), row["at"].strftime("%Y-%m-%d %H:%M"), row["kind"], held.person(row["person"]),
        held.person(row["other"]), held.record(row["source"], row["record"]), weight, row["actor"] or "",
        row["reason"] or "",
    )  # fmt: skip


@dataclass(frozen=True)
class AsOf:
    """An index as it was: records of each source, people, and who stood with the record asked for."""

    at: dt.datetime
    records: dict[str, int]
    people: int
    beside: tuple[str, ...] = ()


def as_of(held: Reading, at: dt.datetime, record: Named | None = None) -> AsOf:
    """The index as it was when the last act before a time had ended."""
    import pyarrow.compute as pc

    table = held.index.as_of(at)
    counted = table.group_by("source").aggregate([([], "count_all")]).sort_by("source").to_pylist()
    beside: tuple[str, ...] = ()
    if record is not None:
        source, number = held.known(record)
        mine = table.filter(pc.and_(pc.equal(table["source"], source), pc.equal(table["record"], number)))
        same = table.filter(pc.is_in(table["person"], mine["person"].combine_chunks()))
        beside = tuple(held.record(row["source"], row["record"]) for row in same.to_pylist())
        for person in mine["person"].to_pylist():
            held.person(person)
    sources = {row["source"]: row["count_all"] for row in counted}
    return AsOf(at, sources, len(table["person"].unique()), beside)


def undo(live: LiveAgreement, actor: str, seq: int, because: str) -> Change:
    """Part again two people whom the index took for one, and keep them apart. `seq` numbers that merge."""
    with deciding(live, actor, "undo", because) as (held, act, changes):
        changes.append(held.index.undo(seq, act))
    return changes[0]


def same(live: LiveAgreement, actor: str, left: Named, right: Named, because: str) -> Change:
    """Decide that two records are of one person; what the model thinks of it counts no more."""
    with deciding(live, actor, "same", because) as (held, act, changes):
        changes.append(held.index.same(held.known(left), held.known(right), act))
    return changes[0]


def different(live: LiveAgreement, actor: str, left: Named, right: Named, because: str) -> Change:
    """Decide that two records are of two people; what the model thinks of it counts no more."""
    with deciding(live, actor, "different", because) as (held, act, changes):
        changes.append(held.index.different(held.known(left), held.known(right), act))
    return changes[0]


def _keyed(live: LiveAgreement, source: str, number: str) -> str:
    """A holder's own number of a record as it reaches the linker."""
    import pyarrow as pa

    from ..depersonalise import Use, key_column

    root = live.agreement.text.describe[source].of or source
    secret = live.space.keyring.secret(live.name, Use.PERSON_KEY)
    return str(key_column(pa.array([number]), secret, f"record:{root}")[0].as_py())


def _of_source(index: PersonIndex, source: str) -> list[str]:
    import pyarrow.compute as pc

    people: pa.Table = index.people()
    held: list[str] = people.filter(pc.equal(people["source"], source))["record"].to_pylist()
    return held


def enter(live: LiveAgreement, kind: EventKind, actor: str, facts: dict[str, JSON]) -> None:
    """Enter an act upon the index in the account."""
    live.space.account.append(kind, at=live.space.now, actor=actor, agreement=live.name, facts=facts)
