"""Answer a question: walk its plan as any other, gate it, hold it against earlier answers, and keep it.

The tables at the host are those of a finished run of the same text over the same bytes, or of an earlier
question; only what is not there yet is read, linked and transferred. At the host are kept, encrypted under
the agreement's key and gone with it: those tables, and for each answer what each key added to each
figure put out. Without the latter nobody could tell that a second question singles somebody out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..account.events import EventKind
from ..agree.decide import Request
from ..errors import EngineError, GateError, Problem, SharewellError
from ..plan.plan import Plan
from ..plan.steps import Check, Fit, Link, Read, Step, Transfer
from .answer import Answer
from .deliveries import keyed
from .outcome import Outcome, Tell
from .places import Places
from .turn import Turn
from .walk import Runner, unforeseen

if TYPE_CHECKING:
    from ..check.ledger.pairs import Published
    from ..live import LiveAgreement

ANSWERS = "answers"
"""The folder, among the runs at the host's place, of what was published before."""


def source_digest(live: LiveAgreement, plan: Plan) -> str:
    """What the bytes of all assets that a plan reads come to, keyed. Reads files through, and no row.

    StorageError or DataError where one is missing, unreadable or empty.
    """
    return keyed("\n".join(sorted(_digests(live, plan).values())), _account_secret(live))


def _digests(live: LiveAgreement, plan: Plan) -> dict[str, str]:
    from ..describe.source import open_source

    secret, space = _account_secret(live), live.space
    names = {read.asset.name for read in plan.reads}
    return {
        name: keyed(open_source(space.contracts[name], space.folder).digest, secret)
        for name in sorted(names)
    }


def _account_secret(live: LiveAgreement) -> bytes:
    from ..depersonalise import Use

    live.space.keyring.issue(live.name, at=live.space.now)
    return live.space.keyring.secret(live.name, Use.ACCOUNT)


class Asker(Runner):
    """One walk over the plan of one question. `data` is the digest of what it reads."""

    def __init__(
        self, live: LiveAgreement, request: Request, plan: Plan, data: str, tell: Tell, turn: Turn
    ) -> None:
        super().__init__(live, request, Outcome(f"asked-{data[:16]}", live.name), tell, turn)
        self.plan = plan
        self.readers = Counter(part for step in plan.steps for part in step.inputs)
        self.last = {delivery for product in plan.products for delivery in product.deliveries}
        self.looked = False
        """Whether rows at the host were looked at: what is refused from then on tells something."""

    def places_of(self, run: str) -> Places:
        """What the places hold of another run of this agreement."""
        from ..depersonalise import Use

        secret = self.space.keyring.secret(self.live.name, Use.DATA)
        return Places(self.space.kept / "places", self.live.name, run, secret, self.engine)

    def answer(self, question: str) -> Answer:
        """The checked answer, kept under the question's fingerprint. Whatever stops it is raised.

        GateError FEW or DIFFERENCING where it would tell of a few people beside earlier answers;
        EngineError UNEXPECTED for a fault of the software, without its own words.
        """
        fault: Problem | None = None
        try:
            self.walk()
            return self._judged(question)
        except SharewellError:
            raise
        except Exception as error:
            fault = unforeseen(error)
        raise EngineError(fault)  # raised out here, so that no context leads to a row

    def walk(self) -> None:
        """Every step that is still needed, reads first; then the linker keeps nothing."""
        needed, held = self._needed()
        self.values.update(held)
        try:
            self.do(needed)
        finally:
            if any(isinstance(step, Link) for step in needed):
                self._destroy_linked()

    def begin(self, step: Step) -> None:
        """From the fit on, what stops the question tells something of the data."""
        self.looked = self.looked or isinstance(step, Fit)

    def done(self, step: Step, facts: Mapping[str, Any]) -> None:
        """Into the account: what was read, linked and brought to another place."""
        if isinstance(step, Read | Link | Transfer):
            self.enter(EventKind.STEP_DONE, facts)

    def _needed(self) -> tuple[list[Step], dict[Step, Any]]:
        """The steps to do, in order, and the tables that are at the host already."""
        places = list(self._at_hand())
        held: dict[Step, Any] = {}
        wanted: set[Step] = set(self.last)
        for step in reversed(self.plan.steps):
            if step not in wanted:
                continue
            found = self._held(step, places)
            if found is None:
                wanted |= set(step.inputs)
            else:
                held[step] = found
        return [step for step in self.plan.steps if step in wanted and step not in held], held

    def _held(self, step: Step, places: list[Places]) -> Any | None:
        if not isinstance(step, Transfer) or step in self.last or step.to != self.plan.host:
            return None
        name = f"{step.verb}-{step.digest[:16]}"
        at = next((place for place in places if place.holds(step.to, name)), None)
        return at.read(step.to, name) if at else None

    def _at_hand(self) -> Iterator[Places]:
        """The places of an earlier question, and of finished runs, over the very same bytes."""
        yield self.places
        wanted = _digests(self.live, self.plan)
        account, name = self.space.account, self.live.name
        finished = [e.run for e in account.events(agreement=name, kind=EventKind.RUN_FINISHED) if e.run]
        for run in reversed(finished):
            done = account.events(agreement=name, run=run, kind=EventKind.STEP_DONE)
            read = {str(e.facts["asset"]): e.facts["digest"] for e in done if "asset" in e.facts}
            if all(read.get(asset) == digest for asset, digest in wanted.items()):
                yield self.places_of(run)

    def _judged(self, question: str) -> Answer:
        """The answer, if it may join those given before; it is kept before it is told."""
        from ..check.ledger.pairs import check_differencing

        result = self.plan.products[0].result
        checked = self.values[result]
        published = self._published(result)
        held = self.places_of(ANSWERS)
        earlier = list(self._earlier(held))
        problems = check_differencing(published, earlier, int(checked.certificate.policy["minimum"]))
        if problems:
            raise GateError(problems)
        held.write(
            self.plan.host,
            f"{question[:16]}-{len(earlier):05d}",
            self.engine.from_arrow(published.as_table()),
        )
        return Answer.of(checked, self.plan.products[0])

    def _earlier(self, held: Places) -> Iterator[Published]:
        from ..check.ledger.pairs import Published

        folder = held.path(self.plan.host, "any").parent
        for path in sorted(folder.glob("*.parquet")):
            yield Published.from_table(self.engine.to_arrow(held.read(self.plan.host, path.stem)))

    def _published(self, result: Check) -> Published:
        """What each key adds to each figure, in the rows that the gate let through."""
        import numpy as np

        from ..analyse.tabulation import contribute, outputs
        from ..check.ledger.pairs import Published
        from ..plan.released import WITHHELD

        fit = result.of
        assert isinstance(fit, Fit)
        settings = fit.parameters.plain()
        held = contribute(self.engine.to_arrow(self.values[fit.of]), settings)
        table = self.values[result].tables[0]
        marks = table.marks[table.counts[0]].to_pylist()
        shown = np.array([mark not in WITHHELD for mark in marks], bool)[held.cell]
        values, supports = outputs(
            held, settings, rounded=bool(self.values[result].certificate.policy["rounding"])
        )
        kept = {name: column[shown] for name, column in values.items()}
        return Published(held.units, held.cell[shown], held.unit[shown], kept, supports)
