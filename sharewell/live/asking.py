"""Questions under an agreement: decided before anything is touched, answered within a budget, on record.

`sharewell asked` shows the record, so that whoever asks until something turns up is seen to.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..account.facts import check_facts
from ..agree.ask import Asking, budget_fault, read_asking
from ..agree.decide import Asked, Decision, Request, Verdict
from ..errors import FitError, GateError, Problem, Refusal, SharewellError
from ..plan.expressions import Col
from ..plan.query import columns_of
from ..run.answer import Answer
from ..run.asked import Entered, enter, fingerprint, ledger, used

if TYPE_CHECKING:
    from ..plan.plan import Plan
    from ..plan.query import Question, Used
    from ..run.outcome import Tell
    from .agreement import LiveAgreement

__all__ = ["Answer", "Asking", "Entered", "ask", "asked", "foresee_question"]

INSTEAD = (
    "Ask for counts, sums or means by plain columns of the agreement's tables (sharewell ask --explain)."
)
"""The lawful alternative to a question that is no question."""


def foresee_question(live: LiveAgreement, text: str, as_: str) -> tuple[Asking, Decision]:
    """What a question would read and do, and whether it may; touches no data and leaves no trace."""
    asking = read_asking(text, "", as_, live.agreement, live.space.shelf)
    spent = budget_fault(live.agreement, used(live))
    decision = live.foresee(Request(Asked.ASK, as_))
    return asking, _joined(asking, decision, (spent,) if spent else ())


def asked(live: LiveAgreement) -> tuple[Entered, ...]:
    """Every question asked, answered or not, in order."""
    return ledger(live)


@dataclass(frozen=True)
class _Call:
    """One question by one actor, and what the account is told of it whatever becomes of it."""

    live: LiveAgreement
    asking: Asking
    actor: str
    facts: dict[str, Any]

    def enter(self, outcome: str, problems: tuple[Problem, ...] = (), **more: Any) -> None:
        codes = sorted({problem.code for problem in problems})
        enter(self.live, self.actor, **{**self.facts, **more, "outcome": outcome, "codes": codes})


def ask(live: LiveAgreement, text: str, as_: str, hypothesis: str = "", tell: Tell | None = None) -> Answer:
    """The checked answer to one SELECT. What was asked and answered before, of the same bytes, is free.

    Raises Refusal with every reason, before any row is read: not permitted, not bounded, or no answers
    left. GateError FEW or DIFFERENCING, FitError UNBOUNDED or NEGATIVE: refused after the data were looked
    at, which counts. Any other SharewellError as its stage raises it. All of it is in the account.
    """
    call = _read(live, text, as_, hypothesis)
    decision = _joined(call.asking, live.decide(Request(Asked.ASK, as_)), ())
    if call.asking.plan is None or not decision:
        raise _refused(call, decision)
    return _answered(call, call.asking.plan, tell or (lambda _text, _done: None))


def _read(live: LiveAgreement, text: str, as_: str, hypothesis: str) -> _Call:
    asking = read_asking(text, hypothesis, as_, live.agreement, live.space.shelf)
    faults = check_facts({"hypothesis": hypothesis})
    if faults:
        reasons = (*asking.reasons, *(Problem("HYPOTHESIS", p.what, p.why, p.fix, p.where) for p in faults))
        asking = Asking(asking.question, None, reasons)
    told = "" if any(p.code == "HYPOTHESIS" for p in asking.reasons) else hypothesis
    what = asking.plan.products[0].deliveries[0].digest if asking.plan else text
    facts = {
        "question": fingerprint(live, what),
        "data": "",
        "shape": asking.question.shape if asking.question else "",
        "fields": [str(used_) for used_ in asking.footprint],
        "hypothesis": told,
    }
    return _Call(live, asking, as_, facts)


def _joined(asking: Asking, decision: Decision, more: tuple[Problem, ...]) -> Decision:
    """The decision on the request together with what stands against the question itself."""
    reasons = tuple(dict.fromkeys((*asking.reasons, *more)))
    if not reasons:
        return decision
    instead = decision.alternative if not decision else INSTEAD
    return Decision(Verdict.DENY, (*decision.reasons, *reasons), instead)


def _refused(call: _Call, decision: Decision) -> Refusal:
    call.enter("refused", decision.reasons)
    allowed = [Problem("INSTEAD", decision.alternative)] if decision.alternative else []
    return Refusal([*decision.reasons, *allowed])


def _answered(call: _Call, plan: Plan, tell: Tell) -> Answer:
    """The kept answer, or a new one, one question at a time."""
    from ..run.asking import source_digest
    from ..run.turn import Turn

    live = call.live
    turn = Turn.take(live.space.kept / "turns" / live.name)
    if turn is None:
        what = f"{live.name} is being run"
        raise _refused(
            call, Decision(Verdict.DENY, (Problem("RUNNING", what, fix="wait until it has ended"),))
        )
    try:
        tell("ask: what was asked before", 0.0)
        data = source_digest(live, plan)
    except SharewellError as error:
        turn.give_up()
        call.enter("failed", error.problems)
        raise
    path = live.space.kept / "answers" / live.name / f"{call.facts['question'][:32]}-{data[:16]}.json"
    held = Answer.kept(path)
    limit = live.agreement.text.agree.questions.limit if live.agreement.text.agree.questions else 0
    if held is not None and _stands(call, data):
        turn.give_up()
        call.enter("repeated", data=data)
        return _shown(call, held.numbered(limit - used(live), limit, repeated=True))
    spent = budget_fault(live.agreement, used(live))
    if spent is not None:
        turn.give_up()
        raise _refused(call, Decision(Verdict.DENY, (spent,)))
    made = _asked_now(call, plan, data, tell, turn)
    made.keep(path)
    call.enter("answered", data=data)
    live.space.account.checkpoint(at=live.space.now)
    return _shown(call, made.numbered(limit - used(live), limit))


def _shown(call: _Call, answer: Answer) -> Answer:
    """The answer as it was asked to be set out, with what its figures are of."""
    question = call.asking.question
    assert question is not None
    return answer.told(question.read, tuple(_legend(call.live, question))).set_out(question.shown)


def _legend(live: LiveAgreement, question: Question) -> Iterator[str]:
    """What each sum and mean is of, in the words of the asset's contract, which say its unit."""
    assets = {f"{used_.source}.{used_.column}": used_ for used_ in question.footprint}
    for figure in question.figures:
        if figure.how not in ("sum", "mean") or figure.of is None:
            continue
        read = sorted(columns_of(figure.of, question.rows))
        told = ", ".join(f"{name}{_words(live, assets[name])}" for name in read if name in assets)
        over = "of" if isinstance(figure.of, Col) else "over"
        yield f"{figure.name}: {figure.how} {over} {told or 'a count'}"


def _words(live: LiveAgreement, column: Used) -> str:
    properties = live.space.contracts[column.asset].properties
    said = next((p.description for p in properties if p.name == column.column), "")
    return f" ({said.rstrip('.')})" if said else ""


def _stands(call: _Call, data: str) -> bool:
    """Whether the account says that this question was answered over these bytes, under this version."""
    question, version = call.facts["question"], call.live.agreement.text.version
    return any(
        (e.question, e.data, e.version, e.outcome) == (question, data, version, "answered")
        for e in ledger(call.live)
    )


def _asked_now(call: _Call, plan: Plan, data: str, tell: Tell, turn: Any) -> Answer:
    """Walk the plan; whatever stops it is in the account before it is raised."""
    from ..run.asking import Asker

    live = call.live
    try:
        _forget_older(live.space.kept / "places", live.name, data)
        runner = Asker(live, Request(Asked.ASK, call.actor), plan, data, tell, turn)
    except BaseException:
        turn.give_up()
        raise
    try:
        return runner.answer(call.facts["question"])
    except SharewellError as error:
        seen = runner.looked and isinstance(error, GateError | FitError)
        call.enter("withheld" if seen else "failed", error.problems, data=data)
        raise
    finally:
        runner.close()


def _forget_older(places: Path, agreement: str, data: str) -> None:
    """Remove the tables of earlier questions that were made from other bytes."""
    for folder in places.glob(f"*/{agreement}/asked-*"):
        if folder.name != f"asked-{data[:16]}":
            shutil.rmtree(folder, ignore_errors=True)
