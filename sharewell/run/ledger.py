"""Every table that leaves is held against all that left before, whichever agreement it left by.

Whom a figure counts is told in words that all agreements share (`plan.population`): the assets its rows
come from, the conditions they passed, the columns they are grouped by. A release is entered before it is
written, so that a run that is killed in between has told too much rather than too little.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..account.events import EventKind
from ..errors import GateError
from ..plan.finding import ALL, Output, ResultTable
from ..plan.plan import Product
from ..plan.population import Meaning, meaning, population
from ..plan.released import CheckedTable
from ..plan.steps import Fit, Read, Step
from .deliveries import keyed
from .turn import Turn

if TYPE_CHECKING:
    import pyarrow as pa

    from ..check import Policy
    from ..check.ledger.releases import Release
    from .walk import Runner

SECRET = "release-ledger"
"""The name of the secret that snapshots of assets are told apart by, the same for all agreements."""

COUNTED = (Output.FREQUENCY, Output.MAGNITUDE, Output.MAP)
"""Kinds of table whose dimensions share people out; of others each row is by itself."""

ROW = "row: "
PERSON, PEOPLE = "person", "people"
"""How a recipe's rows name who they are of, or how many."""

_AGES = ("age", "age-band")


def record(runner: Runner) -> None:
    """Judge every product's tables and enter what was not told before. GateError DIFFERENCING, naming the
    earlier releases."""
    from ..check import Policy
    from ..check.ledger.book import Ledger

    ledger = Ledger(runner.space.kept / "ledger")
    for product in runner.plan.products:
        if product.name not in runner.outcome.findings:
            continue
        runner.tell(f"check: {product.name} beside earlier releases", -1.0)
        policy = Policy.from_mapping(runner.outcome.checked[product.name].certificate.policy)
        # Two runs that both looked first would both be let through.
        turn = Turn.take(runner.space.kept / "turns" / SECRET, wait=True)
        try:
            known = {(release.population, release.cells) for release in ledger.releases()}
            told = _releases(runner, product, policy)
            new = [release for release in told if (release.population, release.cells) not in known]
            if problems := ledger.judge(new, policy):
                raise GateError(problems)
            digests = [ledger.enter(release) for release in new]
        finally:
            if turn is not None:
                turn.give_up()
        facts: dict[str, Any] = {"product": product.name, "ledger": digests}
        if all(event.facts != facts for event in runner.events(EventKind.CHECK_CERTIFIED)):
            runner.enter(EventKind.CHECK_CERTIFIED, facts)


def _releases(runner: Runner, product: Product, policy: Policy) -> Iterator[Release]:
    """One for each count of each table; what is noised tells of no count."""
    from ..check.ledger.reading import Reading, read_cells
    from ..check.ledger.releases import Population, Release

    fit = product.result.of
    assert isinstance(fit, Fit)
    if policy.noise is not None:
        return
    made = {table.name: table for table in runner.outcome.findings[product.name].tables}
    counted = population(fit.of)
    for shown in runner.outcome.checked[product.name].tables:
        table = shown if shown.output in COUNTED else _apart(shown)
        columns = {name: _named(fit.of, name, product, table) for name in table.by}
        reading = Reading(
            {name: _column(held) for name, held in columns.items()},
            _under(counted.conditions),
            made[table.name].hierarchies,
            made[table.name].overlapping if table.output in COUNTED else (),
            *_method(runner, product, table),
        )
        snapshot = _snapshot(
            runner, product, counted.sources, list(columns.values()), bool(counted.conditions)
        )
        for count in table.counts:
            whom = _counting(runner, product, made[table.name], count)
            yield Release(
                id=f"{runner.live.name}/{runner.outcome.run}",
                agreement=runner.live.name,
                product=product.name,
                table=table.name,
                made=runner.began,
                population=Population(f"{counted.name}: {whom}", snapshot),
                cells=read_cells(table, count, policy, reading),
                count=count,
                small=policy.minimum,
                width=policy.protection,
            )


def _apart(table: CheckedTable) -> CheckedTable:
    """A table whose rows do not share people out: each row is told by itself, and only held against the
    same row of another time."""
    import pyarrow as pa

    keys = [ROW + " / ".join(map(str, key)) for key in _keys(table.data, list(table.by))]
    rows = keys or [ROW + str(row) for row in range(table.data.num_rows)]
    return replace(
        table,
        data=table.data.append_column(ROW, pa.array(rows, pa.string())),
        marks=table.marks.append_column(ROW, pa.array([""] * len(rows), pa.string())),
        by=(ROW,),
    )


def _under(conditions: frozenset[str]) -> Any:
    from ..check.ledger.predicates import Predicate

    return Predicate.of({}, conditions)


def _counting(runner: Runner, product: Product, table: ResultTable, count: str) -> str:
    """What is counted: the population itself, by that name in every agreement, where the counts are those
    of the recipe's own rows; anything else by the recipe's name for it."""
    fit = product.result.of
    assert isinstance(fit, Fit)
    if table.output in COUNTED and set(table.by) <= set(fit.of.shape.schema.names):
        rows = runner.engine.to_arrow(runner.values[fit.of].select(*_needed(fit.of, table)))
        if counts_everybody(table, count, rows):
            return "everybody"
    return f"{product.recipe}.{table.name}.{count}"


def _needed(step: Step, table: ResultTable) -> list[str]:
    return [name for name in step.shape.schema.names if name in {*table.by, PEOPLE, PERSON}]


def counts_everybody(table: ResultTable, count: str, rows: pa.Table) -> bool:
    """Whether a count is exactly how many people the rows hold in each finest group of the table: rows of
    persons, or of groups with the number of their people."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if table.overlapping or not table.by:
        return False
    by = list(table.by)
    text = {name: rows.column(name).cast(pa.string()) for name in by}
    if PERSON in rows.column_names:
        held = (
            pa.table({**text, "n": rows.column(PERSON)}).group_by(by).aggregate([("n", "count_distinct")])
        )
    elif PEOPLE in rows.column_names:
        held = pa.table({**text, "n": rows.column(PEOPLE)}).group_by(by).aggregate([("n", "sum")])
    else:
        return False
    finest = table.data
    for name in by:
        finest = finest.filter(pc.not_equal(finest.column(name), ALL))
    told = dict(zip(_keys(finest, by), finest.column(count).to_pylist(), strict=True))
    found = dict(zip(_keys(held, by), held.columns[-1].to_pylist(), strict=True))
    return bool(told) and {key: n for key, n in told.items() if n} == found


def _keys(table: pa.Table, by: list[str]) -> list[tuple[str, ...]]:
    return list(zip(*(table.column(name).to_pylist() for name in by), strict=True))


def _named(step: Step, name: str, product: Product, table: CheckedTable) -> Meaning:
    """What a dimension is; one that the recipe made is known by the recipe's own name for it."""
    if name in step.shape.schema and table.output in COUNTED:
        return meaning(step, name)
    return Meaning(f"{product.recipe}.{table.name}.{name}")


def _column(held: Meaning) -> str:
    """A column's name in the ledger. Bands of one column are conditions on it; ages depend on the day."""
    if not held.coarsened:
        return held.base
    rule, settings = held.coarsened[-1]
    if len(held.coarsened) == 1 and rule == "band":
        return held.base
    if len(held.coarsened) == 1 and rule in _AGES:
        return f"{held.base}, age at {json.loads(settings).get('at')}"
    return str(held)


def _method(runner: Runner, product: Product, table: CheckedTable) -> tuple[str | None, int]:
    """How the counts of a table were changed, as its certificate says."""
    entries = runner.outcome.checked[product.name].certificate.tables
    done = next(entry for entry in entries if entry.table == table.name).perturbations
    first = next((each for each in done if each.method in ("nearest", "midpoint", "controlled")), None)
    return (first.method, first.reach) if first else (None, 1)


def _snapshot(
    runner: Runner, product: Product, sources: tuple[str, ...], columns: list[Meaning], conditions: bool
) -> str:
    """The bytes that the figures rest on. Where a condition or a made column may rest on any asset that
    was read, on all of them."""
    read = {step.asset.name for step in product.steps if isinstance(step, Read)}
    known = {column.base.rpartition(".")[0] for column in columns}
    wanted = read if conditions or not known <= read else {*sources, *known} & read
    runner.space.keyring.issue(SECRET, at=runner.space.now)
    from ..depersonalise import Use

    secret = runner.space.keyring.secret(SECRET, Use.ACCOUNT)
    digests = sorted(f"{name} {runner.outcome.admitted[name].digest}" for name in wanted)
    return keyed("\n".join(digests), secret)[:16]
