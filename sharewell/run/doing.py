"""What does each kind of step: one function a kind, giving its value and what the account is told of it.

A value is a lazy table, a finding, or what the gate made of one. Each asks the step's stage to do the work.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import DataError, Problem
from ..plan.steps import (
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
from .linking import link
from .reading import read

if TYPE_CHECKING:
    import pyarrow as pa

    from ..check import Policy
    from .walk import Runner

Done = tuple[Any, dict[str, Any]]


def _input(runner: Runner, step: Step) -> Any:
    return runner.values[step.inputs[0]]


def relational(runner: Runner, step: Step) -> Done:
    """Lazy, but for what joins or groups and has several readers: that is computed once for all."""
    from ..engines.duckdb import run as lower_step

    rules = {name: runner.space.shelf.coarsenings[name].column for name in runner.space.shelf.coarsenings}
    table = lower_step(step, [runner.values[part] for part in step.inputs], rules)
    if isinstance(step, Join | Group | Pick | Stack) or any(part in runner.costly for part in step.inputs):
        if runner.readers[step] > 1:
            return runner.engine.settle(table), {}
        runner.costly.add(step)
    return table, {}


def key(runner: Runner, step: Key) -> Done:
    """Each distinct value is keyed once; the table then joins its keys, and the pairs are not kept."""
    from ..depersonalise import Use, key_column

    table = _input(runner, step)
    secret = runner.key_secret
    if step.under:  # the number by which another agreement's index knows the record, for the linker alone
        secret = runner.space.keyring.secret(step.under, Use.PERSON_KEY)
    text = table[step.column].cast("string")
    distinct = runner.engine.to_arrow(
        table.select(value=text).distinct().filter(lambda t: t.value.notnull())
    )
    keyed = distinct.append_column("keyed", key_column(distinct["value"], secret, step.unit))
    pairs = runner.engine.from_arrow(keyed)
    joined = table.mutate(__value=text).left_join(pairs, [("__value", "value")])
    names = list(table.columns)
    made = joined.mutate(**{step.column: joined["keyed"]}).select(*names)
    if step.name != step.column:
        made = made.rename({step.name: step.column})
    return made, {"unit": step.unit, "column": step.name}


def fit(runner: Runner, step: Fit) -> Done:
    """A recipe's body over its one bounded table."""
    recipe = runner.space.shelf.recipes[step.recipe]
    table = runner.engine.to_arrow(_input(runner, step))
    runner.tell(f"analyse: {step.recipe}", -1.0)
    finding = recipe.fit(table, step.parameters.plain())
    return finding, {"recipe": step.recipe, "rows": table.num_rows}


def check(runner: Runner, step: Check) -> Done:
    """The gate: rows as they were planned, or a finding under its policy, with how much was withheld."""
    if step.policy == REFERENCE:
        return _input(runner, step), {"policy": step.policy}
    if step.policy == RECORDS:
        return _check_rows(runner, step), {"policy": step.policy, "fields": list(step.shape.schema.names)}
    from ..check import gate

    finding = _input(runner, step)
    checked = gate(finding, _policy(step))
    for product in runner.plan.products:
        if product.result == step:
            runner.outcome.findings[product.name], runner.outcome.checked[product.name] = finding, checked
    withheld = Counter[str]()
    for line in checked.withheld:
        withheld[line.rule] += line.cells
    return checked, {"policy": step.policy, "withheld": dict(withheld)}


def _policy(step: Check) -> Policy:
    """The named policy, with what the agreement changes of it."""
    from ..check import POLICIES, Policy

    changes = step.parameters.plain()
    named = POLICIES[step.policy]
    return Policy.from_mapping({**named.as_mapping(), **changes}) if changes else named


def _check_rows(runner: Runner, step: Check) -> Any:
    """Rows in transit are held to their columns and, where they have one, to their subject."""
    from ..check import gate_records

    table = _input(runner, step)
    subject = list(step.parameters.get("unique_by", ()))
    fields = list(step.parameters.get("fields", ()))
    if list(table.columns) != fields:
        raise DataError(Problem("FIELDS", "the table is not the one that was planned"))
    if subject:
        held: pa.Table = runner.engine.to_arrow(table.select(*subject))
        gate_records(held, fields=subject, unique_by=subject, recipient="", recipients=("",))
    return table


def transfer(runner: Runner, step: Transfer) -> Done:
    """Written at the receiver's place; a product's last step is written by `publication` instead."""
    facts = {"to": step.to, "purpose": step.purpose, "form": str(step.form), "what": step.what}
    if step in runner.last:
        return _input(runner, step), facts
    table, resumed = runner.checkpoint(step, lambda: _input(runner, step))
    return table, facts | {"rows": runner.rows(table), "resumed": resumed}


DO: dict[type[Step], Callable[[Any, Any], Done]] = {
    Read: read,
    Link: link,
    Key: key,
    Fit: fit,
    Check: check,
    Transfer: transfer,
}
"""Every other step is relational."""
