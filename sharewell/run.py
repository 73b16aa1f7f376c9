"""Run a plan: walk its steps in order and ask each one's stage to do it, at its place, into the account.

Relational steps stay lazy; a table is written, encrypted, where it is read, linked or transferred. Those
files are the checkpoints: after a kill the same run goes on from them, if text and sources are still
the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING, Any

from .account.events import Entry, Event, EventKind
from .agree.decide import Decision, Quality, Request
from .agree.document import Role
from .errors import DataError, EngineError, Problem, Refusal, SharewellError, StorageError
from .places import Places
from .plan.fingerprint import step_digest
from .plan.plan import Plan
from .plan.steps import (
    RECORDS,
    REFERENCE,
    Check,
    Fit,
    Group,
    Join,
    Key,
    Link,
    Pick,
    Read,
    Stack,
    Step,
    Transfer,
)
from .reading import read
from .turn import Turn

if TYPE_CHECKING:
    import pyarrow as pa

    from .check import Policy
    from .describe import Admitted, Measured
    from .live import LiveAgreement
    from .release import Written

Tell = Callable[[str, float], None]
Handler = Callable[[Any], tuple[Any, dict[str, Any]]]
"""What does a step: to what it gives, and what the account is told of it."""


@dataclass
class Outcome:
    """What a run did. `checked` holds each product's gated result, `answers` the first
    sentence of its story; `releases` and `lists` say where they lie."""

    run: str
    agreement: str
    resumed: bool = False
    checked: dict[str, Any] = field(default_factory=dict)
    findings: dict[str, Any] = field(default_factory=dict)
    admitted: dict[str, Admitted] = field(default_factory=dict)
    measured: list[Measured] = field(default_factory=list)
    linked: dict[str, Any] = field(default_factory=dict)
    releases: dict[str, Path] = field(default_factory=dict)
    lists: dict[str, Path] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)


def run(live: LiveAgreement, request: Request, tell: Tell | None = None) -> Outcome:
    """Run every product of an agreement for an actor.

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
        raise Refusal(live.refuse(request, _running(live)).reasons)
    try:
        must_permit(live.decide(request))
        name, resumed = _run_name(live)
        runner = Runner(live, request, Outcome(name, live.name, resumed), tell, turn)
        runner.enter(EventKind.RUN_RESUMED if resumed else EventKind.RUN_STARTED, vars(live.fingerprints))
    except BaseException:
        turn.give_up()
        raise
    return runner


def _running(live: LiveAgreement) -> Problem:
    return Problem(
        "RUNNING",
        f"{live.name} is being run already",
        "two runs at once would write over each other",
        "wait until it has ended, then ask again",
    )


def must_permit(decision: Decision) -> None:
    """Raise the Refusal that a decision other than PERMIT is, with what would be allowed instead."""
    if not decision:
        allowed = [Problem("INSTEAD", decision.alternative)] if decision.alternative else []
        raise Refusal([*decision.reasons, *allowed])


def _run_name(live: LiveAgreement) -> tuple[str, bool]:
    """The run to go on with: one of this very text that neither finished nor failed; or the next number."""
    started: dict[str, Mapping[str, Any]] = {}
    ended: set[str] = set()
    for event in live.space.account.events(agreement=live.name):
        if event.run and event.kind is EventKind.RUN_STARTED:
            started[event.run] = event.facts
        elif event.run and event.kind in (EventKind.RUN_FINISHED, EventKind.RUN_FAILED):
            ended.add(event.run)
    hashes = vars(live.fingerprints)
    for name, facts in started.items():
        if name not in ended and facts == hashes:
            return name, True
    return f"{live.space.now.date().isoformat()}-{len(started) + 1:03d}", False


def _unforeseen(error: Exception) -> Problem:
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

    def __init__(
        self, live: LiveAgreement, request: Request, outcome: Outcome, tell: Tell, turn: Turn
    ) -> None:
        from .depersonalise import Use
        from .engines.duckdb import DuckDB

        self.live, self.space, self.request, self.outcome = live, live.space, request, outcome
        self.tell, self._turn = tell, turn
        self.plan: Plan = live.plan()
        self.engine = DuckDB([self.space.folder / "data", self.space.kept], spill=self.space.kept / "spill")
        self.space.keyring.issue(live.name, at=self.space.now)
        secret = self.space.keyring.secret
        self.key_secret, self.link_secret = secret(live.name, Use.PERSON_KEY), secret(live.name, Use.LINK)
        self.account_secret, data = secret(live.name, Use.ACCOUNT), secret(live.name, Use.DATA)
        self.places = Places(self.space.kept / "places", live.name, outcome.run, data, self.engine)
        self.values: dict[Step, Any] = {}
        self._digests: dict[Step, str] = {}
        self._readers = Counter(part for step in self.plan.steps for part in step.inputs)
        self._costly: set[Step] = set()
        self._entries: list[Entry] = []
        self._last = {d for product in self.plan.products for d in product.deliveries}
        self._handlers: dict[type[Step], Handler] = {
            Read: self._read,
            Link: self._link,
            Key: self._key,
            Fit: self._fit,
            Check: self._check,
            Transfer: self._transfer,
        }

    def close(self) -> None:
        """Let go of the engine and all that it holds in memory, and let the next run begin."""
        self.engine.close()
        self._turn.give_up()

    def go(self) -> None:
        """Walk and release; whatever stops it is in the account before it is raised.

        EngineError UNEXPECTED for a fault of the software, without its own text: it may quote a row.
        """
        unforeseen: Problem | None = None
        try:
            self.walk()
            self.release()
        except SharewellError as error:
            self._fail(error.problems)
            raise
        except Exception as error:
            unforeseen = _unforeseen(error)
        if unforeseen is not None:  # raised out here, so that no context leads to a row
            self._fail((unforeseen,))
            raise EngineError(unforeseen)
        self.enter(EventKind.RUN_FINISHED, {"steps": len(self.plan.steps)})
        self.space.account.checkpoint(at=self.space.now)

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

    def walk(self) -> None:
        """Do every step once, sources first, so that doubtful data stop the run before anything is
        linked."""
        reads = list(self.plan.reads)
        rest = [step for step in self.plan.steps if step not in set(reads)]
        for done, step in enumerate([*reads, *rest]):
            self.tell(f"{step.stage}: {step.verb}", done / len(self.plan.steps))
            if done == len(reads):
                self._judge_quality()
            handler: Handler = self._handlers.get(type(step), self._relational)
            self.values[step], facts = handler(step)
            told = {"step": self.plan.numbers[step], "do": step.verb, "at": step.shape.place, **facts}
            self._entries.append(self._entry(EventKind.STEP_DONE, told))
            if type(step) in self._handlers:
                self.space.account.append_all(self._entries)
                self._entries = []

    def _judge_quality(self) -> None:
        """Doubtful quality is a red line: the decision is taken again with what the contracts' rules
        measured."""
        found = tuple(Quality(m.asset, m.rule, m.holds, m.severity) for m in self.outcome.measured)
        failed = sorted({f"{m.asset}: {m.rule}" for m in found if not m.holds})
        self.enter(EventKind.DESCRIBE_PROFILED, {"rules": len(found), "failed": failed})
        must_permit(self.live.decide(self.request, quality=found, run=self.outcome.run))

    def _input(self, step: Step) -> Any:
        return self.values[step.inputs[0]]

    def _relational(self, step: Step) -> tuple[Any, dict[str, Any]]:
        """Lazy, but for what joins or groups and has several readers: that is computed once for all."""
        from .engines.duckdb import run as lower_step

        rules = {name: self.space.shelf.coarsenings[name].column for name in self.space.shelf.coarsenings}
        table = lower_step(step, [self.values[part] for part in step.inputs], rules)
        if isinstance(step, Join | Group | Pick | Stack) or any(
            part in self._costly for part in step.inputs
        ):
            if self._readers[step] > 1:
                return self.engine.settle(table), {}
            self._costly.add(step)
        return table, {}

    def checkpoint(self, step: Step, make: Callable[[], Any], *, fresh: bool = False) -> tuple[Any, bool]:
        """The step's table as written at its place: from an earlier attempt, unless `fresh`, or made
        now."""
        name = f"{step.verb}-{step_digest(step, self._digests)[:16]}"
        place = step.shape.place
        if not fresh and self.places.holds(place, name):
            return self.places.read(place, name), True
        return self.places.write(place, name, make()), False

    def _read(self, step: Read) -> tuple[Any, dict[str, Any]]:
        return read(self, step)

    def _link(self, step: Link) -> tuple[Any, dict[str, Any]]:
        from .link import Settings, link

        def make() -> Any:
            tables = {
                name: self.engine.to_arrow(self.values[table])
                for name, table in zip(step.names, step.tables, strict=True)
            }
            settings = Settings.of(self.link_secret, step.linker, step.parameters.plain())
            found = link(
                tables, settings=settings, progress=lambda text, _: self.tell(f"link: {text}", -1.0)
            )
            self.enter(EventKind.LINK_FINISHED, {"unit": step.unit, "sources": found.evidence["sources"]})
            table = found.table.select(["record", "cluster"]).rename_columns(["record", step.unit])
            return self.engine.from_arrow(table)

        table, _ = self.checkpoint(step, make)
        for event in self.events(EventKind.LINK_FINISHED):
            if event.facts["unit"] == step.unit:
                self.outcome.linked[step.unit] = event.facts["sources"]
        return table, {"unit": step.unit, "linker": step.linker}

    def _key(self, step: Key) -> tuple[Any, dict[str, Any]]:
        """Each distinct value is keyed once; the table then joins its keys, and the pairs are not kept."""
        from .depersonalise import key_column

        table = self._input(step)
        text = table[step.column].cast("string")
        distinct = self.engine.to_arrow(
            table.select(value=text).distinct().filter(lambda t: t.value.notnull())
        )
        keyed = distinct.append_column("keyed", key_column(distinct["value"], self.key_secret, step.unit))
        pairs = self.engine.from_arrow(keyed)
        joined = table.mutate(__value=text).left_join(pairs, [("__value", "value")])
        names = list(table.columns)
        made = joined.mutate(**{step.column: joined["keyed"]}).select(*names)
        if step.name != step.column:
            made = made.rename({step.name: step.column})
        return made, {"unit": step.unit, "column": step.name}

    def _fit(self, step: Fit) -> tuple[Any, dict[str, Any]]:
        recipe = self.space.shelf.recipes[step.recipe]
        table = self.engine.to_arrow(self._input(step))
        self.tell(f"analyse: {step.recipe}", -1.0)
        finding = recipe.fit(table, step.parameters.plain())
        return finding, {"recipe": step.recipe, "rows": table.num_rows}

    def _check(self, step: Check) -> tuple[Any, dict[str, Any]]:
        if step.policy == REFERENCE:
            return self._input(step), {"policy": step.policy}
        if step.policy == RECORDS:
            return self._check_rows(step), {"policy": step.policy, "fields": list(step.shape.schema.names)}
        from .check import gate

        finding = self._input(step)
        checked = gate(finding, self._policy(step))
        for product in self.plan.products:
            if product.result == step:
                self.outcome.findings[product.name], self.outcome.checked[product.name] = finding, checked
        withheld = Counter[str]()
        for line in checked.withheld:
            withheld[line.rule] += line.cells
        return checked, {"policy": step.policy, "withheld": dict(withheld)}

    def _policy(self, step: Check) -> Policy:
        """The named policy, with what the agreement changes of it."""
        from .check import POLICIES, Policy

        changes = step.parameters.plain()
        named = POLICIES[step.policy]
        return Policy.from_mapping({**named.as_mapping(), **changes}) if changes else named

    def _check_rows(self, step: Check) -> Any:
        """Rows in transit are held to their columns and, where they have one, to their subject."""
        from .check import gate_records

        table = self._input(step)
        subject = list(step.parameters.get("unique_by", ()))
        fields = list(step.parameters.get("fields", ()))
        if list(table.columns) != fields:
            raise DataError(Problem("FIELDS", "the table is not the one that was planned"))
        if subject:
            held: pa.Table = self.engine.to_arrow(table.select(*subject))
            gate_records(held, fields=subject, unique_by=subject, recipient="", recipients=("",))
        return table

    def _transfer(self, step: Transfer) -> tuple[Any, dict[str, Any]]:
        facts = {"to": step.to, "purpose": step.purpose, "form": str(step.form), "what": step.what}
        if step in self._last:
            return self._input(step), facts
        table, resumed = self.checkpoint(step, lambda: self._input(step))
        return table, facts | {"rows": self.rows(table), "resumed": resumed}

    def rows(self, table: Any) -> int:
        """How many rows a lazy table has."""
        return int(self.engine.to_arrow(table.count().name("rows").as_table())["rows"][0].as_py())

    def released(self, product: str, recipient: str, written: Written) -> None:
        """Move a release along its state table, and enter where it ended."""
        from .release import Event, State, move
        from .release.state import Role as Mover

        state = move(State.REQUESTED, Event.PERMIT, Mover.DECISION)
        facts = {"product": product, "recipient": recipient, "state": str(state), "digest": written.digest}
        if all(event.facts != facts for event in self.events(EventKind.RELEASE_RELEASED)):
            self.enter(EventKind.RELEASE_RELEASED, facts)

    def release(self) -> None:
        """Write what each recipient is owed, then destroy what the linker held."""
        from .publication import publish

        publish(self)
        self._destroy_linked()

    def _destroy_linked(self) -> None:
        """Names met only at the linker: nothing of them outlives the run, however it ended."""
        for name, party in self.live.agreement.text.agree.parties.items():
            if party.role is Role.LINKER:
                files = self.places.destroy(name)
                self.enter(EventKind.LINK_DESTROYED, {"place": name, "files": files})
