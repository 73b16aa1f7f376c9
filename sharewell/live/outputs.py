"""Outputs that wait for people: who may read one, what each reader says, and what follows.

A reader must be named in the agreement with `may: [release]`, must not be who asked for the output, and
speaks once. Every look and every word is in the account, with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ..account.events import JSON, EventKind
from ..agree.decide import Asked, Request
from ..errors import DocumentError, Problem, Refusal, among
from ..release.state import Event, Role, State, move
from ..run.held import READERS, HeldOutput, held_outputs, read_held
from ..run.walk import must_permit

if TYPE_CHECKING:
    import pyarrow as pa

    from ..workspace import Workspace
    from .agreement import LiveAgreement

VERDICTS = {"approve": Event.APPROVE, "return": Event.RETURN, "refuse": Event.REFUSE}
"""What a reader may say."""


def waiting(space: Workspace) -> tuple[HeldOutput, ...]:
    """Every output that was held in this workspace, those in review first, then the latest."""
    known = held_outputs(space.account.events()).values()
    return tuple(sorted(known, key=lambda held: (held.state is not State.IN_REVIEW, -held.at.timestamp())))


def find(space: Workspace, item: str) -> HeldOutput:
    """The output of this name, or whose name begins so. DocumentError where there is none, or several."""
    known = held_outputs(space.account.events())
    fitting = [held for name, held in known.items() if item and name.startswith(item)]
    if len(fitting) != 1:
        what = (
            f"no output is called {item!r}"
            if not fitting
            else f"{len(fitting)} outputs begin with {item!r}"
        )
        raise DocumentError(Problem("OUTPUT", what, "each held output has a name", among(item, known)))
    return fitting[0]


def look(space: Workspace, item: str, reader: str, because: str) -> dict[str, pa.Table]:
    """The tables of a held output, for one who may release it. The look is entered in the account.

    Refusal with every reason where it may not be seen.
    """
    held = find(space, item)
    live = _allowed(space, held, reader, _unfit(held, reader, because))
    tables = read_held(live, held)
    _enter(live, held, reader, EventKind.RELEASE_VIEWED, {"item": held.item, "because": because})
    return tables


def say(space: Workspace, item: str, reader: str, verdict: str, because: str) -> HeldOutput:
    """Enter what a reader says of a held output; the output as it then stands.

    Refusal where the reader asked for it, has spoken already, may not release, or it is no longer in
    review; DocumentError for a word that is no verdict.
    """
    if verdict not in VERDICTS:
        what = f"{verdict!r} is no verdict"
        raise DocumentError(
            Problem("VERDICT", what, "a reader approves, returns or refuses", among(verdict, VERDICTS))
        )
    held = find(space, item)
    move(held.state, VERDICTS[verdict], Role.OUTPUT_CHECKER)
    reasons = [*_unfit(held, reader, because), *_spoken(held, reader)]
    live = _allowed(space, held, reader, reasons)
    facts: dict[str, JSON] = {"item": held.item, "verdict": str(VERDICTS[verdict]), "because": because}
    _enter(live, held, reader, EventKind.RELEASE_REVIEWED, facts)
    return find(space, held.item)


def next_step(held: HeldOutput) -> str:
    """What has to happen next, in one sentence."""
    approved = sum(word.verdict is Event.APPROVE for word in held.said)
    return {
        State.IN_REVIEW: f"It waits for {READERS - approved} of {READERS} readers.",
        State.RELEASED: f"Run {held.agreement} again: these very figures may leave.",
        State.REQUESTED: "It went back to who asked for it: change the analysis, and run again.",
        State.REFUSED: "Nothing of it leaves.",
    }[held.state]


def _allowed(space: Workspace, held: HeldOutput, reader: str, reasons: Iterable[Problem]) -> LiveAgreement:
    """The agreement, if it lets the reader release this product and nothing else stands against it."""
    live = space.agreement(held.agreement)
    if against := [live.refuse(_request(held, reader), reason).reasons[0] for reason in reasons]:
        raise Refusal(against)
    must_permit(live.decide(_request(held, reader)))
    return live


def _request(held: HeldOutput, reader: str) -> Request:
    return Request(Asked.RELEASE, reader, product=held.product)


def _unfit(held: HeldOutput, reader: str, because: str) -> Iterator[Problem]:
    if not because.strip():
        yield Problem(
            "REQUEST", "no reason is given", "who reads an output says why it may leave", "say why"
        )
    if reader in held.asked_by:
        what, why = "the reader asked for this output", "a second pair of eyes belongs to somebody else"
        yield Problem("SAME_PERSON", what, why, "ask somebody else who may release")


def _spoken(held: HeldOutput, reader: str) -> Iterator[Problem]:
    if reader in {word.who for word in held.said}:
        what, why = "the reader has spoken of this output already", "two pairs of eyes are two people"
        yield Problem("SAME_PERSON", what, why, "ask somebody else who may release")


def _enter(
    live: LiveAgreement, held: HeldOutput, reader: str, kind: EventKind, facts: dict[str, JSON]
) -> None:
    space = live.space
    space.account.append(kind, at=space.now, actor=reader, agreement=live.name, run=held.run, facts=facts)
