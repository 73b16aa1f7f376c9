"""Begin a run: one at a time, only if it is permitted, and from where the last one was broken off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..account.events import EventKind
from ..agree.decide import Request
from ..errors import Problem, Refusal
from .outcome import Outcome, Tell
from .registering import register
from .turn import Turn
from .walk import Runner, must_permit

if TYPE_CHECKING:
    from ..live import LiveAgreement


def run(live: LiveAgreement, request: Request, tell: Tell | None = None) -> Outcome:
    """Run every product of an agreement for an actor, or those alone that the request names.

    Raises Refusal where the decision is not PERMIT (before any row is read, or after, when quality fails);
    any other SharewellError as its stage raises it. The account says which.
    """
    runner = start(live, request, tell or (lambda _text, _done: None))
    try:
        runner.go()
    finally:
        runner.close()
    return runner.outcome


def start(live: LiveAgreement, request: Request, tell: Tell) -> Runner:
    """A runner for a permitted request: of the run that was broken off, or of a new one. Refusal
    otherwise."""
    turn = Turn.take(live.space.kept / "turns" / live.name)
    if turn is None:
        raise Refusal(live.refuse(request, running(live)).reasons)
    try:
        must_permit(live.decide(request))
        facts = {**vars(live.fingerprints), **({"products": [*request.named]} if request.named else {})}
        name, resumed = _run_name(live, facts)
        runner = Runner(live, request, Outcome(name, live.name, resumed), tell, turn)
        runner.enter(EventKind.RUN_RESUMED if resumed else EventKind.RUN_STARTED, facts)
        register(runner)
    except BaseException:
        turn.give_up()
        raise
    return runner


def running(live: LiveAgreement) -> Problem:
    return Problem(
        "RUNNING",
        f"{live.name} is being run already",
        "two runs at once would write over each other",
        "wait until it has ended, then ask again",
    )


def _run_name(live: LiveAgreement, facts: Mapping[str, Any]) -> tuple[str, bool]:
    """The run to go on with: one of this very text and these products that neither finished nor failed; or
    the next number.
    """
    started: dict[str, Mapping[str, Any]] = {}
    ended: set[str] = set()
    for event in live.space.account.events(agreement=live.name):
        if event.run and event.kind is EventKind.RUN_STARTED:
            started[event.run] = event.facts
        elif event.run and event.kind in (EventKind.RUN_FINISHED, EventKind.RUN_FAILED):
            ended.add(event.run)
    for name, told in started.items():
        if name not in ended and told == facts:
            return name, True
    return f"{live.space.now.date().isoformat()}-{len(started) + 1:03d}", False
