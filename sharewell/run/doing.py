"""What does each kind of step: one function a kind, giving its value and what the account is told of it.

A value is a lazy table, a finding, or what the gate made of one. Each asks the step's stage to do the work.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import DataError, GateError, Problem
from ..plan.steps import (
    RECORDS,
    REFERENCE,
    Beside,
    Check,
    Fit,
    Group,
    Join,
    Key,
    Link,
    Pick,
    Read,
    Recognise,
    Stack,
    Step,
    Transfer,
)
from .held import hold, is_approved, is_for_people
from .linking import link
from .reading import read
from .recognising import recognise, set_beside
from .spending import noised

if TYPE_CHECKING:
    import pyarrow as pa

    from ..check import Checked, Policy
    from ..plan.finding import Finding
    from .walk import Runner

Done = tuple[Any, dict[str, Any]]
TRIED_UP_TO = 2_000
"""Rows of a finding up to which changes are tried, each of which runs the gate once more."""


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
    finding, names = _input(runner, step), [p.name for p in runner.plan.products if p.result == step]
    policy = _policy(runner, step)
    try:
        if policy.noise is not None:
            checked = noised(runner, step, finding, _policy)
        else:
            checked = _judged(runner, finding, policy, names)
    except GateError as error:
        ways = instead(finding, policy) if policy.noise is None else ()
        if not names or not is_for_people(error):
            raise GateError([*error.problems, *(Problem("INSTEAD", way) for way in ways)]) from None
        for name in names:
            runner.outcome.held[name] = hold(runner, name, finding, error.problems, ways)
        return None, {"policy": step.policy, "held": sorted(names)}
    for name in names:
        runner.outcome.findings[name], runner.outcome.checked[name] = finding, checked
    withheld = Counter[str]()
    for line in checked.withheld:
        withheld[line.rule] += line.cells
    return checked, {"policy": step.policy, "withheld": dict(withheld)}


def instead(finding: Finding, policy: Policy) -> tuple[str, ...]:
    """The smallest changes by which more of a finding would pass; none for one too large to try on."""
    from ..check import gate
    from ..check.suggestions import suggest

    if sum(table.data.num_rows for table in finding.tables) > TRIED_UP_TO:
        return ()
    return tuple(suggestion.text for suggestion in suggest(finding, policy, gate))


def _judged(runner: Runner, finding: Finding, policy: Policy, names: list[str]) -> Checked:
    """What the gate lets through; an output that no rule knows passes once two people have read it."""
    from ..check import gate

    read = bool(names) and all(is_approved(runner, name, finding) for name in names)
    return gate(finding, policy, read_by_people=read)


def _policy(runner: Runner, step: Check) -> Policy:
    """The named policy, with what the agreement changes of it."""
    from ..check import Policy

    changes = step.parameters.plain()
    named = runner.space.policies[step.policy]
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
        table = _input(runner, step)
        return table, facts | ({"held": True} if table is None else {})
    table, resumed = runner.checkpoint(step, lambda: _input(runner, step))
    return table, facts | {"rows": runner.rows(table), "resumed": resumed}


DO: dict[type[Step], Callable[[Any, Any], Done]] = {
    Read: read,
    Link: link,
    Key: key,
    Recognise: recognise,
    Beside: set_beside,
    Fit: fit,
    Check: check,
    Transfer: transfer,
}
"""Every other step is relational."""
