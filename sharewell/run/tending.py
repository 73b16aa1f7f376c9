"""Bring a standing index up to date, or train its model anew: no product is made and nothing leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..account.events import EventKind
from ..agree.decide import Request
from ..errors import Refusal
from ..plan.steps import Link, walk
from .outcome import Outcome, Tell
from .starting import running
from .turn import Turn
from .walk import Runner, must_permit

if TYPE_CHECKING:
    from ..live import LiveAgreement


class Tender(Runner):
    """A walk of what an index rests on, and no further."""

    def walk(self) -> None:
        """Read, key and send the identities, and link them."""
        kept = [step for step in self.plan.steps if isinstance(step, Link) and step.standing]
        self.do(list(walk(kept)))

    def release(self) -> None:
        """Nothing is released: what the places hold of this goes, but for the index."""
        self._destroy_linked()
        self.clear()

    def clear(self) -> None:
        """Remove what any place holds of this walk, or of one of its name that was broken off."""
        for place in self.places.names():
            self.places.destroy(place)

    def finish(self) -> None:
        """What the linking found was entered with it; this was no run of a product."""


def tend(live: LiveAgreement, request: Request, tell: Tell | None = None, *, anew: bool = False) -> Outcome:
    """Bring the standing indexes of an agreement up to date; `anew` trains their models as well.

    Raises Refusal where the decision is not PERMIT or the agreement is being run, and what reading and
    linking raise. The account says which.
    """
    turn = Turn.take(live.space.kept / "turns" / live.name)
    if turn is None:
        raise Refusal(live.refuse(request, running(live)).reasons)
    try:
        must_permit(live.decide(request))
        outcome = Outcome(_name(live), live.name)
        tender = Tender(live, request, outcome, tell or (lambda _text, _done: None), turn)
    except BaseException:
        turn.give_up()
        raise
    try:
        tender.anew = anew
        tender.clear()
        tender.enter(
            EventKind.LINK_STARTED, {"anew": anew, "because": request.reason, **vars(live.fingerprints)}
        )
        tender.go()
    finally:
        tender.close()
    return outcome


def _name(live: LiveAgreement) -> str:
    """The next number of its kind: a walk that was killed leaves its number to the next."""
    ended = live.space.account.events(agreement=live.name, kind=EventKind.LINK_DESTROYED)
    done = {event.run for event in ended if event.run and event.run.startswith("link-")}
    return f"link-{len(done) + 1:03d}"
