"""An agreement in its workspace: what can be asked of it, published, decided, run and shown."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from ..account.events import JSON, EventKind
from ..agree.ask import COUNTED_OUTCOMES
from ..agree.conditions import day_of, outstanding
from ..agree.decide import Asked, Decision, Quality, Request, State, Verdict, decide
from ..agree.document import Agreement
from ..agree.life import Life, live, state_of
from ..agree.lint import lint
from ..agree.request import IndexState
from ..agree.standing import unmet, unsigned
from ..agree.status import Act, Status
from ..errors import DocumentError, Problem, Refusal
from ..plan.explain import Line, explain
from ..plan.fingerprint import Fingerprints, fingerprints
from ..plan.plan import Plan
from .records import records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..depersonalise import Certificate
    from ..run import Outcome
    from ..workspace import Workspace

VERDICTS = {
    Verdict.PERMIT: EventKind.DECIDE_PERMITTED,
    Verdict.REVIEW: EventKind.DECIDE_REVIEW,
    Verdict.DENY: EventKind.DECIDE_REFUSED,
}


CAN_SIGN = (Status.ASSESSED, Status.DELIBERATED)
"""Before, it is too early to say who has not signed; after, everybody has."""


class LiveAgreement:
    """A text bound to a workspace's catalogue, clock and account."""

    def __init__(self, space: Workspace, agreement: Agreement) -> None:
        self.space, self.agreement = space, agreement

    @property
    def name(self) -> str:
        return self.agreement.name

    @property
    def operator(self) -> str:
        """The first of those who may run it."""
        return next(user.who[0] for user in self.agreement.text.agree.users if "run" in user.may)

    @cached_property
    def linted(self) -> tuple[Plan | None, tuple[Problem, ...]]:
        """The plan, if the text compiles, and every fault."""
        return lint(self.agreement, self.space.shelf)

    def plan(self) -> Plan:
        """The plan. DocumentError with every fault where there is none."""
        plan, faults = self.linted
        if plan is None:
            raise DocumentError(faults)
        return plan

    def explain(self) -> tuple[Line, ...]:
        """Every step with its place and form; touches no data."""
        return explain(self.plan())

    @property
    def fingerprints(self) -> Fingerprints:
        return fingerprints(self.agreement.text, self.plan())

    def check_faultless(self) -> None:
        """DocumentError with every fault, if the text has any."""
        _, faults = self.linted
        if faults:
            raise DocumentError(faults)

    @property
    def life(self) -> Life:
        """Where it stands, worked out from the account. A text without a plan was never signed."""
        hashes = self.fingerprints if self.linted[0] else Fingerprints("", "")
        return live(self.agreement, hashes, records(self.space.account, self.name), self.space.now)

    def status(self) -> Status:
        """Draft, assessed, deliberated, signed, published, active, suspended, withdrawn or expired."""
        return self.life.status

    def publish(self, actor: str) -> Fingerprints:
        """Enter the text's two hashes in the account, as published; done again, it changes nothing.

        DocumentError if it has faults; Refusal with every reason where somebody has not signed, a condition
        is not met, or the actor is not named in it.
        """
        from .editions import keep
        from .signing import check_named

        self.check_faultless()
        check_named(self, actor)
        life, hashes = self.life, self.fingerprints
        if life.published is not None and life.status in (Status.PUBLISHED, Status.ACTIVE):
            return hashes
        state, today = self.state(), day_of(self.space.now)
        reasons = [*unsigned(self.agreement, hashes, state)] if life.beneath in CAN_SIGN else []
        due = outstanding(self.agreement, life.met, today, publishing=True)
        if reasons := [*reasons, *unmet(self.agreement, due)]:
            raise Refusal(reasons)
        life.check(Act.PUBLISH)
        facts: dict[str, JSON] = {
            "terms": hashes.terms,
            "flow": hashes.flow,
            "version": self.agreement.text.version,
        }
        keep(self)
        self.space.account.append(
            EventKind.AGREE_PUBLISHED, at=self.space.now, actor=actor, agreement=self.name, facts=facts
        )
        return hashes

    def state(self, quality: tuple[Quality, ...] = ()) -> State:
        """What the account says of this agreement; `quality` is what was measured since.

        The first run is the first time that anybody learnt from the data: also by a question.
        """
        from .benefits import unmeasured

        account = self.space.account
        started = account.events(agreement=self.name, kind=EventKind.RUN_STARTED)
        asked = account.events(agreement=self.name, kind=EventKind.ANALYSE_ASKED)
        seen = (event for event in asked if event.facts["outcome"] in COUNTED_OUTCOMES)
        first = [event.at.date() for events in (started, seen) for event in islice(events, 1)]
        told = state_of(self.life, min(first, default=None), quality)
        return replace(told, indexes=tuple(self._indexes()), unmeasured=unmeasured(self))

    def _indexes(self) -> Iterator[IndexState]:
        """The standing indexes that it reads, as they are now."""
        from ..run.indexes import is_built

        for unit, told in self.agreement.text.link.items():
            if told.from_ is not None and told.from_ in self.space.shelf.agreements:
                other = self.space.agreement(told.from_)
                built = is_built(self.space, other.agreement, unit)
                yield IndexState(other.name, unit, other.status(), built)

    def decide(
        self, request: Request, *, quality: tuple[Quality, ...] = (), run: str | None = None
    ) -> Decision:
        """The decision on a request, entered in the account whatever it is."""
        decision = self.foresee(request, quality=quality)
        return self._entered(request, decision, run)

    def refuse(self, request: Request, reason: Problem) -> Decision:
        """A denial for a reason that lies outside the agreement, entered in the account like any other."""
        return self._entered(request, Decision(Verdict.DENY, (reason,)), None)

    def foresee(self, request: Request, *, quality: tuple[Quality, ...] = ()) -> Decision:
        """The same decision without a trace of it, for whoever asks again and again."""
        plan, faults = self.linted
        return decide(request, self.agreement, plan, faults, self.state(quality), self.space.now)

    def _entered(self, request: Request, decision: Decision, run: str | None) -> Decision:
        codes: list[JSON] = [*sorted({reason.code for reason in decision.reasons})]
        facts: dict[str, JSON] = {
            "asked": str(request.kind),
            "product": ", ".join(request.named) or "all",
            "codes": codes,
        }
        self.space.account.append(
            VERDICTS[decision.verdict],
            at=self.space.now,
            actor=request.actor,
            agreement=self.name,
            run=run,
            facts=facts,
        )
        return decision

    def destroy(self, as_: str) -> Certificate:
        """Erase the agreement's secret: what any place holds of it is noise from then on, and is removed.

        What was released stays with its recipients. The certificate is entered in the account, once.
        Refusal RUNNING while it is being run; SecretError where there never was a secret.
        """
        from ..run.places import remove
        from ..run.turn import Turn

        turn = Turn.take(self.space.kept / "turns" / self.name)
        if turn is None:
            raise Refusal(Problem("RUNNING", f"{self.name} is being run", fix="wait until it has ended"))
        try:
            account = self.space.account  # opened first: an erasure that cannot be entered is none
            known = list(account.events(agreement=self.name, kind=EventKind.ACCOUNT_KEY_DESTROYED))
            certificate = self.space.keyring.destroy(self.name, at=self.space.now)
            files = remove(self.space.kept / "places", self.name)
            if not known:
                facts: dict[str, JSON] = {**certificate.facts(), "files": files}
                account.append(
                    EventKind.ACCOUNT_KEY_DESTROYED,
                    at=self.space.now,
                    actor=as_,
                    agreement=self.name,
                    facts=facts,
                )
                account.checkpoint(at=self.space.now)
        finally:
            turn.give_up()
        return certificate

    def run(
        self,
        as_: str,
        tell: Callable[[str, float], None] | None = None,
        *,
        products: Sequence[str] = (),
    ) -> Outcome:
        """Run every product, or these alone. Refusal with all reasons where the decision is not PERMIT."""
        from ..run import run

        return run(self, Request(Asked.RUN, as_, products=tuple(products)), tell)
