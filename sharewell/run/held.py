"""Outputs that no rule can judge: kept at the host for two people to read, let through once both agree.

What is held is a finding as the recipe gave it, encrypted under the agreement's key and gone with it. An
item is named by a keyed digest of its content, words and recipients, so that what two people approved and
what leaves are one and the same: other figures, or a reader more, are another item.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..account.events import Event, EventKind
from ..errors import GateError, Problem
from ..release.state import Event as Moved
from ..release.state import Role, State, move
from .deliveries import keyed
from .places import Places

if TYPE_CHECKING:
    import pyarrow as pa

    from ..engines.duckdb import DuckDB
    from ..live import LiveAgreement
    from ..plan.finding import Finding
    from .walk import Runner

READERS = 2
"""Pairs of eyes: so many people, none of them the one who asked for it, must approve."""

HELD = "held"
"""The folder, among the runs at the host's place, of what waits to be read."""

REVIEW = "REVIEW"
"""The code of what a person may let through; every other refusal of the gate stands."""


@dataclass(frozen=True)
class Said:
    """What one reader said of an item, and why."""

    who: str
    at: datetime
    verdict: Moved
    because: str


@dataclass(frozen=True)
class HeldOutput:
    """One product that waits, or waited, for its readers. `why` and `instead` are sentences.

    `asked_by`: everybody who ran it and was refused, the first of them first.
    """

    item: str
    agreement: str
    product: str
    run: str
    asked_by: tuple[str, ...]
    at: datetime
    tables: tuple[str, ...]
    why: tuple[str, ...]
    instead: tuple[str, ...]
    said: tuple[Said, ...] = ()

    @property
    def state(self) -> State:
        """In review until it is refused or returned, or so many as are needed have approved."""
        state = move(State.REQUESTED, Moved.REVIEW, Role.DECISION)
        approved: set[str] = set()
        for word in self.said:
            approved |= {word.who} if word.verdict is Moved.APPROVE else set()
            if word.verdict is not Moved.APPROVE or len(approved) == READERS:
                state = move(state, word.verdict, Role.OUTPUT_CHECKER)
        return state


def held_outputs(events: Iterable[Event]) -> dict[str, HeldOutput]:
    """Every item, by its name, from an account's events in their order."""
    found: dict[str, HeldOutput] = {}
    for event in events:
        if event.kind is EventKind.CHECK_REFUSED:
            item = found.setdefault(str(event.facts["item"]), _begun(event))
            asked = tuple(dict.fromkeys((*item.asked_by, event.actor)))
            found[item.item] = replace(item, asked_by=asked)
        elif event.kind is EventKind.RELEASE_REVIEWED and event.facts["item"] in found:
            item = found[str(event.facts["item"])]
            because = str(event.facts["because"])
            said = Said(event.actor, event.at, Moved(str(event.facts["verdict"])), because)
            found[item.item] = replace(item, said=(*item.said, said))
    return found


def _begun(event: Event) -> HeldOutput:
    item, product = str(event.facts["item"]), str(event.facts["product"])
    tables, why, instead = (_words(event, name) for name in ("tables", "why", "instead"))
    agreement, run = event.agreement or "", event.run or ""
    return HeldOutput(item, agreement, product, run, (event.actor,), event.at, tables, why, instead)


def _words(event: Event, name: str) -> tuple[str, ...]:
    held = event.facts[name]
    return tuple(str(word) for word in held) if isinstance(held, list) else (str(held),)


def is_for_people(error: GateError) -> bool:
    """Whether people may let through what the gate did not: only where no rule knows the output."""
    return all(problem.code == REVIEW for problem in error.problems)


def is_approved(runner: Runner, product: str, finding: Finding) -> bool:
    """Whether enough people have read these very figures and let them through."""
    account = runner.space.account
    known = held_outputs(account.events(agreement=runner.live.name))
    item = known.get(item_of(runner, product, finding))
    return item is not None and item.state is State.RELEASED


def item_of(runner: Runner, product: str, finding: Finding) -> str:
    """The name of a finding of a product: 16 hexadecimal digits that only this agreement can make.

    It stands for all that would leave and for where to: tables with their words, purpose and recipients.
    """
    import pyarrow as pa

    planned = next(each for each in runner.plan.products if each.name == product)
    words = [repr(replace(table, data=pa.table({}))) for table in finding.tables]
    words += [repr((finding.charts, finding.method, finding.source, finding.caveats))]
    words += [repr((product, planned.purpose, planned.policy, sorted(planned.recipients)))]
    content = hashlib.sha256("\x00".join(words).encode())
    for table in finding.tables:
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.data.schema) as stream:
            stream.write_table(table.data.combine_chunks())
        content.update(table.name.encode() + b"\x00" + sink.getvalue().to_pybytes())
    return keyed(content.hexdigest(), runner.account_secret)[:16]


def hold(
    runner: Runner, product: str, finding: Finding, problems: Sequence[Problem], instead: Sequence[str]
) -> str:
    """Keep a finding at the host for its readers, and enter why; the item's name."""
    item = item_of(runner, product, finding)
    places = _places(runner.live, runner.engine)
    for table in finding.tables:
        if not places.holds(runner.plan.host, f"{item}.{table.name}"):
            places.write(runner.plan.host, f"{item}.{table.name}", runner.engine.from_arrow(table.data))
    facts = {
        "item": item,
        "product": product,
        "codes": [REVIEW],
        "tables": [table.name for table in finding.tables],
        "why": [f"{problem.where}: {problem.what}" for problem in problems],
        "instead": [*(problem.fix for problem in problems), *instead],
    }
    runner.enter(EventKind.CHECK_REFUSED, facts)
    return item


def read_held(live: LiveAgreement, item: HeldOutput) -> dict[str, pa.Table]:
    """The tables of an item as they lie at the host. StorageError or SecretError where they are gone."""
    from ..engines.duckdb import DuckDB

    with DuckDB([live.space.kept], spill=live.space.kept / "spill") as engine:
        places, host = _places(live, engine), live.plan().host
        return {name: engine.to_arrow(places.read(host, f"{item.item}.{name}")) for name in item.tables}


def _places(live: LiveAgreement, engine: DuckDB) -> Places:
    from ..depersonalise import Use

    secret: Any = live.space.keyring.secret(live.name, Use.DATA)
    return Places(live.space.kept / "places", live.name, HELD, secret, engine)
