"""What was promised, measured by the run that releases it: read from checked tables and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..account.events import EventKind
from ..plan.figure import read_figure
from ..plan.steps import Fit

if TYPE_CHECKING:
    from .walk import Runner


def measure(runner: Runner) -> None:
    """Enter each benefit whose figure this run released, with its interval; once a run.

    A figure that the gate withheld measures nothing, and nothing is entered.
    """
    entered = {event.facts["measure"] for event in runner.events(EventKind.ACCOUNT_BENEFIT_MEASURED)}
    for name in dict.fromkeys(b.measure for b in runner.live.agreement.text.agree.benefits):
        facts = None if name in entered else _measured(runner, name)
        if facts is not None:
            runner.enter(EventKind.ACCOUNT_BENEFIT_MEASURED, facts)


def _measured(runner: Runner, name: str) -> dict[str, Any] | None:
    told, _, asked = name.strip().partition(".")
    product = runner.plan.product(told)
    if product is None or told not in runner.outcome.checked or told not in runner.outcome.findings:
        return None
    signature = runner.space.shelf.recipes[product.recipe].signature
    figure = next((figure for figure in signature.figures if figure.name == asked), None)
    if figure is None:
        return None
    tables = {table.name: table.data for table in runner.outcome.checked[told].tables}
    fit = product.result.of
    params = fit.parameters.plain() if isinstance(fit, Fit) else {}
    found = read_figure(tables, figure, params)
    if found is None:
        return None
    facts: dict[str, Any] = {"measure": name, "value": found.value, "product": told}
    if found.low is not None and found.high is not None:
        facts |= {"low": found.low, "high": found.high}
    return facts
