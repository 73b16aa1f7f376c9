"""What noise costs: tables are noised once, kept, paid for out of each asset's budget, and only then shown.

Noise that is drawn again and again averages away. So each drawing is kept at the host, encrypted, before it
is paid for, and a run that was broken off shows what it had drawn. A payment names the very figures that it
is for: these are never paid for twice, and others are another payment. Everybody in an asset is charged,
because a figure about some tells of who is not among them.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..account.events import Entry, EventKind
from ..errors import GateError, Problem
from ..plan.plan import Product
from ..plan.steps import RECORDS, REFERENCE, Check, Read
from .turn import Turn

if TYPE_CHECKING:
    from ..check import Checked, Policy
    from ..check.differential.budget import Budget, Spent
    from ..describe import Contract
    from ..plan.finding import Finding
    from .walk import Runner

PolicyOf = Callable[["Runner", Check], "Policy"]

EVERYBODY = "everybody"
LOCK = "privacy.budget"
"""The turn that whoever spends takes, beside those of agreements, whose names have no full stop."""


def noised(runner: Runner, step: Check, finding: Finding, policy_of: PolicyOf) -> Checked:
    """The finding's tables with noise, as drawn when they were first asked for in this run.

    GateError PRIVACY_BUDGET, with every asset that cannot pay, before anything is drawn: for this product
    or for one that the run has yet to come to. Whatever `noised_gate` refuses costs nothing.
    """
    from ..check.differential.gate import noised_gate
    from .asking import Asker

    if isinstance(runner, Asker):
        what, why = "noise is not drawn for questions", "each would have to be paid for out of a budget"
        raise GateError(Problem("QUESTIONS", what, why, "name a policy without noise under `questions:`"))

    def draw() -> Any:
        ahead = [p for p in runner.plan.products if p.result not in runner.values]
        _must_afford(runner, [cost for p in ahead for cost in _costs(runner, p, policy_of)])
        return runner.engine.from_arrow(_packed(noised_gate(finding, policy_of(runner, step))))

    with _alone(runner):
        kept, _ = runner.checkpoint(step, draw)
        checked, item = _unpacked(runner.engine.to_arrow(kept))
        products = [p for p in runner.plan.products if p.result == step]
        _pay(runner, [cost for p in products for cost in _costs(runner, p, policy_of)], item)
    return checked


def budget_of(contract: Contract) -> Budget | None:
    """What noise may cost the people of an asset; None where its contract does not say."""
    from ..check.differential.budget import Budget

    told = contract.privacy_budget
    return None if told is None else Budget.from_mapping(contract.id, told)


def _costs(runner: Runner, product: Product, policy_of: PolicyOf) -> Iterator[Spent]:
    """What a product costs each asset about people that it is made of; nothing without noise."""
    from ..check.differential.budget import Spent
    from ..check.differential.mechanism import MECHANISM

    if product.result.policy in (RECORDS, REFERENCE):
        return
    noise = policy_of(runner, product.result).noise
    if noise is None:
        return
    assets = {s.asset.name for s in product.steps if isinstance(s, Read) and s.asset.about_people}
    told = (MECHANISM, runner.live.name, product.name, runner.outcome.run, runner.space.now.isoformat())
    for asset in sorted(assets):
        yield Spent(asset, EVERYBODY, noise.epsilon, 0.0, *told)


def _must_afford(runner: Runner, wanted: Iterable[Spent]) -> None:
    """GateError PRIVACY_BUDGET with each asset that cannot pay for all of it, one after the other."""
    from ..check.differential.budget import afford

    events = [event.facts for event in runner.space.account.events(kind=EventKind.CHECK_SPENT)]
    problems: dict[Problem, None] = {}
    for cost in wanted:
        budget = budget_of(runner.space.contracts[cost.asset])
        if budget is None:
            problems[_undeclared(cost.asset)] = None
            continue
        try:
            afford(budget, events, cost)
        except GateError as error:
            problems |= dict.fromkeys(error.problems)
        events.append(cost.facts())
    if problems:
        raise GateError(list(problems))


def _pay(runner: Runner, costs: Sequence[Spent], item: str) -> None:
    """Enter, all or none, what is not paid yet of these very figures."""
    entered = runner.events(EventKind.CHECK_SPENT)
    paid = {(e.facts["asset"], e.facts["product"], e.facts.get("item")) for e in entered}
    due = [cost for cost in costs if (cost.asset, cost.product, item) not in paid]
    _must_afford(runner, due)
    runner.space.account.append_all(
        Entry(
            EventKind.CHECK_SPENT,
            runner.space.now,
            runner.request.actor,
            runner.live.name,
            runner.outcome.run,
            {**cost.facts(), "item": item},
        )
        for cost in due
    )


def _undeclared(asset: str) -> Problem:
    return Problem(
        "PRIVACY_BUDGET",
        "its contract does not say what noise may cost its people",
        "noise wears off when it is asked for again and again, so its holder caps the sum",
        "add to customProperties of the contract: {property: privacy_budget, value: 3} and"
        " {property: privacy_budget_per, value: year}",
        f"asset {asset}",
    )


@contextmanager
def _alone(runner: Runner) -> Iterator[None]:
    """One run of the workspace at a time asks what is left and spends it: two would both be told yes."""
    turn = Turn.take(runner.space.kept / "turns" / LOCK, wait=True)
    try:
        yield
    finally:
        if turn is not None:
            turn.give_up()


def _packed(checked: Checked) -> Any:
    """Noised tables and their certificate as one table, so that they are kept together or not at all."""
    import pyarrow as pa

    from ..release.tabular import parquet

    parts = {table.name: parquet(table) for table in checked.tables}
    certificate = checked.certificate.as_json().encode()
    coded = [b64encode(content).decode() for content in (certificate, *parts.values())]
    return pa.table({"table": pa.array([None, *parts], pa.string()), "content": coded})


def _unpacked(kept: Any) -> tuple[Checked, str]:
    """What was packed, and the name of these very figures: 16 hexadecimal digits of the certificate's
    hash, which holds the hash of each table."""
    from ..check import Certificate, Checked
    from ..release.tabular import read_parquet

    coded = zip(kept["table"].to_pylist(), kept["content"].to_pylist(), strict=True)
    parts = {name: b64decode(content) for name, content in coded}
    certificate = Certificate.from_mapping(json.loads(parts[None]))
    tables = tuple(read_parquet(parts[entry.table]) for entry in certificate.tables)
    return Checked(tables, certificate, ()), hashlib.sha256(parts[None]).hexdigest()[:16]
