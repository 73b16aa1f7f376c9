"""A party leaves: the agreement stops; what it brought and what came of it follow `withdrawal:`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..account.events import JSON, Event, EventKind
from ..agree.entitled import party_of, signatories
from ..agree.status import Act
from ..errors import Problem, Refusal
from ..plan.fingerprint import step_digest
from ..plan.steps import Read, Step
from .enrolment import refused
from .linking import forget_party

if TYPE_CHECKING:
    from .agreement import LiveAgreement


@dataclass(frozen=True)
class Withdrawal:
    """What became of it: files at other places that rest on the party's records (destroyed, or to be
    returned), and outputs by product and recipient (withdrawn, or kept)."""

    party: str
    inputs: str
    files: tuple[Path, ...]
    outputs: str
    products: tuple[tuple[str, str], ...]


def withdraw(live: LiveAgreement, actor: str, reason: str) -> Withdrawal:
    """End the actor's party's part in an agreement, at once.

    Its signature counts no more from here, so that nothing runs, and a run stops at its next step. Then
    what it brought is destroyed or listed for return, and outputs that rest on it are withdrawn, as the
    text says. Done again, what was cut short is completed. Refusal ROLE for all but the party's
    signatories; RUNNING, with the withdrawal entered, while a run has yet to stop.
    """
    from ..run.turn import Turn

    agreement, party = live.agreement, party_of(live.agreement, actor)
    if not party or actor not in signatories(agreement, party):
        able = [
            f"{name}: {' or '.join(signatories(agreement, name))}" for name in agreement.text.agree.parties
        ]
        what = f"{actor} may not withdraw a party"
        raise refused("ROLE", what, "only who can bind a body can release it", "; ".join(able))
    life = live.life
    if party not in dict(life.withdrawn):
        life.check(Act.WITHDRAW)
        _enter(live, EventKind.AGREE_WITHDRAWN, actor, {"party": party, "reason": reason})
    turn = Turn.take(live.space.kept / "turns" / live.name)
    if turn is None:
        what, why = (
            f"{party} has withdrawn; a run is still stopping",
            "its files are in use until its next step",
        )
        raise Refusal(Problem("RUNNING", what, why, "in a minute, give the same command again"))
    try:
        return _settle(live, actor, party)
    finally:
        turn.give_up()


def _settle(live: LiveAgreement, actor: str, party: str) -> Withdrawal:
    from ..depersonalise.files import erase

    agreed = live.agreement.text.account.withdrawal
    files = tuple(_resting_on(live, party))
    # All that is to be told is read before anything is destroyed.
    products = _of(live, party)
    outputs = [event for event in _released(live) if event.facts["product"] in products]
    if agreed.inputs == "destroy":
        for path in files:
            erase(path)
        if files:
            _enter(
                live,
                EventKind.ACCOUNT_DESTROYED,
                actor,
                {"party": party, "what": "inputs", "files": len(files)},
            )
    if records := forget_party(live, party, actor):  # of names that the linker keeps, nobody keeps a copy
        _enter(
            live,
            EventKind.ACCOUNT_DESTROYED,
            actor,
            {"party": party, "what": "records in the index", "rows": records},
        )
    if agreed.outputs == "withdraw":
        for event in outputs:
            _withdraw_output(live, actor, event)
    told = tuple((str(event.facts["product"]), str(event.facts["recipient"])) for event in outputs)
    return Withdrawal(party, agreed.inputs, files, agreed.outputs, told)


def _own(step: Step, party: str) -> bool:
    """Whether a step rests on a table that the party brought."""
    return any(isinstance(part, Read) and part.shape.place == party for part in step.walk())


def _resting_on(live: LiveAgreement, party: str) -> Iterator[Path]:
    """What other places hold of an agreement and that is not known to be without this party's records.

    A table of an earlier text is known by nobody: it goes too.
    """
    digests: dict[Step, str] = {}
    without = [step for step in live.plan().steps if not _own(step, party)]
    known = {f"{step.verb}-{step_digest(step, digests)[:16]}" for step in without}
    for path in sorted((live.space.kept / "places").glob(f"*/{live.name}/*/*.parquet")):
        place = path.parent.parent.parent.name
        if place != party and path.stem not in known:
            yield path


def _of(live: LiveAgreement, party: str) -> frozenset[str]:
    """The products that rest on a party's records; one that this text does not know may."""
    without = {p.name for p in live.plan().products if not any(_own(d, party) for d in p.deliveries)}
    return frozenset({str(event.facts["product"]) for event in _released(live)} - without)


def _released(live: LiveAgreement) -> list[Event]:
    """Each output that is with its recipient and was not withdrawn."""
    account = live.space.account
    ended = {_output(e) for e in account.events(agreement=live.name, kind=EventKind.RELEASE_WITHDRAWN)}
    released: Iterable[Event] = account.events(agreement=live.name, kind=EventKind.RELEASE_RELEASED)
    return [event for event in released if _output(event) not in ended]


def _output(event: Event) -> tuple[object, ...]:
    return (event.run, event.facts["product"], event.facts["recipient"])


def _withdraw_output(live: LiveAgreement, actor: str, event: Event) -> None:
    """Move one release along its state table. The controllers agreed to it beforehand, in `withdrawal:`."""
    from ..release import Event as Happening
    from ..release import Role, State, move

    state = move(State(str(event.facts["state"])), Happening.WITHDRAW, Role.CONTROLLER)
    facts = {**event.facts, "state": str(state)}
    live.space.account.append(
        EventKind.RELEASE_WITHDRAWN,
        at=live.space.now,
        actor=actor,
        agreement=live.name,
        run=event.run,
        facts=facts,
    )


def _enter(live: LiveAgreement, kind: EventKind, actor: str, facts: dict[str, JSON]) -> None:
    live.space.account.append(kind, at=live.space.now, actor=actor, agreement=live.name, facts=facts)
