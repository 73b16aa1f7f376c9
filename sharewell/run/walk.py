"""The walk over a plan: every step in order, into the account, and then the releases.

Relational steps stay lazy; a table is written, encrypted, where it is read, linked or transferred. Those
files are the checkpoints: after a kill the same run goes on from them, if text and sources are the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from time import monotonic
from traceback import extract_tb
from typing import TYPE_CHECKING, Any

from ..account.events import Entry, Event, EventKind
from ..agree.decide import Decision, Quality, Request
from ..agree.terms import Role
from ..errors import EngineError, Problem, Refusal, SharewellError, StorageError
from ..plan.fingerprint import step_digest
from ..plan.plan import Plan
from ..plan.steps import Read, Step
from .doing import DO, relational
from .outcome import Outcome, Tell
from .places import Places
from .turn import Turn

if TYPE_CHECKING:
    from ..live import LiveAgreement
    from ..release import Written

LOOK_AGAIN = 10.0
"""Seconds after which a run asks once more, between two steps, whether it still may."""


def must_permit(decision: Decision) -> None:
    """Raise the Refusal that a decision other than PERMIT is, with what would be allowed instead."""
    if not decision:
        allowed = [Problem("INSTEAD", decision.alternative)] if decision.alternative else []
        raise Refusal([*decision.reasons, *allowed])


def unforeseen(error: Exception) -> Problem:
    """Where a fault of the software lies; its words and values are left out."""
    frames = [
        frame for frame in extract_tb(error.__traceback__) if "sharewell" in Path(frame.filename).parts
    ]
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    what = f"the software failed ({type(error).__name__})"
    return Problem(
        "UNEXPECTED", what, "its own words are withheld: they may quote a row", "report where it was", where
    )


class Runner:
    """One walk over one plan. `values` holds what each step gave: a lazy table, a finding, a checked
    result."""

    anew = False
    """Whether the model of a standing index is to be trained anew."""

    def __init__(
        self, live: LiveAgreement, request: Request, outcome: Outcome, tell: Tell, turn: Turn
    ) -> None:
        from ..depersonalise import Use
        from ..engines.duckdb import DuckDB

        self.live, self.space, self.request, self.outcome = live, live.space, request, outcome
        self.tell, self._turn = tell, turn
        self.plan: Plan = live.plan().only(request.named)
        self.engine = DuckDB([self.space.folder / "data", self.space.kept], spill=self.space.kept / "spill")
        self.space.keyring.issue(live.name, at=self.space.now)
        secret = self.space.keyring.secret
        self.key_secret, self.link_secret = secret(live.name, Use.PERSON_KEY), secret(live.name, Use.LINK)
        self.account_secret, data = secret(live.name, Use.ACCOUNT), secret(live.name, Use.DATA)
        self.places = Places(self.space.kept / "places", live.name, outcome.run, data, self.engine)
        self.values: dict[Step, Any] = {}
        self._digests: dict[Step, str] = {}
        self.readers = Counter(part for step in self.plan.steps for part in step.inputs)
        self.costly: set[Step] = set()
        self._entries: list[Entry] = []
        self._looked = monotonic()
        self.last = {d for product in self.plan.products for d in product.deliveries}

    def close(self) -> None:
        """Let go of the engine and all that it holds in memory, and let the next run begin."""
        self.engine.close()
        self._turn.give_up()

    def go(self) -> None:
        """Walk and release; whatever stops it is in the account before it is raised.

        EngineError UNEXPECTED for a fault of the software, without its own text: it may quote a row.
        """
        fault: Problem | None = None
        try:
            self.walk()
            self.release()
        except SharewellError as error:
            self._fail(error.problems)
            raise
        except Exception as error:
            fault = unforeseen(error)
        if fault is not None:  # raised out here, so that no context leads to a row
            self._fail((fault,))
            raise EngineError(fault)
        self.finish()
        self.space.account.checkpoint(at=self.space.now)

    def finish(self) -> None:
        """Enter that all is done."""
        self.enter(EventKind.RUN_FINISHED, {"steps": len(self.plan.steps)})

    def _fail(self, problems: Sequence[Problem]) -> None:
        """Enter why the run failed, and leave the linker nothing; with a full disk the run stays begun."""
        with suppress(StorageError):
            self._destroy_linked()
            self.enter(EventKind.RUN_FAILED, {"codes": sorted({problem.code for problem in problems})})

    def enter(self, kind: EventKind, facts: Mapping[str, Any]) -> None:
        """Enter an event of this run in the account, after the steps done so far."""
        self._entries.append(self._entry(kind, facts))
        self.space.account.append_all(self._entries)
        self._entries = []

    def events(self, kind: EventKind) -> Iterator[Event]:
        """The events of this run that are in the account already."""
        account, name = self.space.account, self.live.name
        return account.events(agreement=name, run=self.outcome.run, kind=kind)

    def _entry(self, kind: EventKind, facts: Mapping[str, Any]) -> Entry:
        actor = self.request.actor
        return Entry(kind, self.space.now, actor, self.live.name, self.outcome.run, dict(facts))

    @property
    def began(self) -> date:
        """The day on which the run began, which one that goes on keeps."""
        return next(event.at for event in self.events(EventKind.RUN_STARTED)).date()

    def walk(self) -> None:
        """Do every step once."""
        self.do(self.plan.steps)

    def do(self, steps: Sequence[Step]) -> None:
        """Do these steps, sources first, so that doubtful data stop the run before anything is linked."""
        reads = [step for step in steps if isinstance(step, Read)]
        rest = [step for step in steps if not isinstance(step, Read)]
        for done, step in enumerate([*reads, *rest]):
            self.tell(f"{step.stage}: {step.verb}", done / len(steps))
            self.begin(step)
            if reads and done == len(reads):
                self._judge_quality()
            self.values[step], facts = DO.get(type(step), relational)(self, step)
            self.done(
                step, {"step": self.plan.numbers[step], "do": step.verb, "at": step.shape.place, **facts}
            )

    def begin(self, _step: Step) -> None:
        """Before each step: may it go on?"""
        self._look_again()

    def done(self, step: Step, facts: Mapping[str, Any]) -> None:
        """After each step: into the account, at once where something was written."""
        self._entries.append(self._entry(EventKind.STEP_DONE, facts))
        if type(step) in DO:
            self.space.account.append_all(self._entries)
            self._entries = []

    def _look_again(self, *, at_once: bool = False) -> None:
        """What has ended since stops the run: a term, a signature, a party that leaves or suspends."""
        if not at_once and monotonic() - self._looked < LOOK_AGAIN:
            return
        self._looked = monotonic()
        if not self.live.foresee(self.request):
            must_permit(self.live.decide(self.request, run=self.outcome.run))

    def _judge_quality(self) -> None:
        """Doubtful quality is a red line: the decision is taken again with what the contracts' rules
        measured."""
        found = tuple(Quality(m.asset, m.rule, m.holds, m.severity) for m in self.outcome.measured)
        failed = sorted({f"{m.asset}: {m.rule}" for m in found if not m.holds})
        self.enter(EventKind.DESCRIBE_PROFILED, {"rules": len(found), "failed": failed})
        must_permit(self.live.decide(self.request, quality=found, run=self.outcome.run))

    def checkpoint(self, step: Step, make: Callable[[], Any], *, fresh: bool = False) -> tuple[Any, bool]:
        """The step's table as written at its place: from an earlier attempt, unless `fresh`, or made
        now."""
        name = f"{step.verb}-{step_digest(step, self._digests)[:16]}"
        place = step.shape.place
        if not fresh and self.places.holds(place, name):
            return self.places.read(place, name), True
        return self.places.write(place, name, make()), False

    def rows(self, table: Any) -> int:
        """How many rows a lazy table has."""
        return int(self.engine.to_arrow(table.count().name("rows").as_table())["rows"][0].as_py())

    def released(self, product: str, recipient: str, written: Written) -> None:
        """Move a release along its state table, and enter where it ended."""
        from ..release import Event, State, move
        from ..release.state import Role as Mover

        state = move(State.REQUESTED, Event.PERMIT, Mover.DECISION)
        facts = {"product": product, "recipient": recipient, "state": str(state), "digest": written.digest}
        if all(event.facts != facts for event in self.events(EventKind.RELEASE_RELEASED)):
            self.enter(EventKind.RELEASE_RELEASED, facts)

    def release(self) -> None:
        """Write what each recipient is owed, then destroy what the linker held."""
        from .publication import publish

        self._look_again(at_once=True)
        publish(self)
        self._destroy_linked()

    def _destroy_linked(self) -> None:
        """Names met only at the linker: nothing of them outlives the run, however it ended."""
        for name, party in self.live.agreement.text.agree.parties.items():
            if party.role is Role.LINKER:
                files = self.places.destroy(name)
                self.enter(EventKind.LINK_DESTROYED, {"place": name, "files": files})
