"""Reading: an asset is admitted under its contract, entered as a delivery, and written at its holder's.

Rows that break the contract go to a quarantine that only their holder's place holds, whether the run then
goes on without them or stops because there are too many.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..account.events import EventKind
from ..errors import DataError, Problem
from ..plan.steps import Read
from .deliveries import judge, keyed

if TYPE_CHECKING:
    from ..describe import Admitted, Contract
    from .walk import Runner


def read(runner: Runner, step: Read) -> tuple[Any, dict[str, Any]]:
    """The admitted rows as written at the holder's place, and what the account is told of them.

    Raises DataError (VINTAGE, CHANGED, and what `describe.admit` raises), StorageError, EngineError.
    """
    from .. import describe

    contract = runner.space.contracts[step.asset.name]
    _check_vintage(runner, step)
    number = runner.plan.numbers[step]
    table, quarantined = f"admitted_{number}", f"quarantined_{number}"
    con, place = runner.engine.con, step.shape.place
    try:
        admitted = describe.admit(
            con, contract, runner.space.folder, admitted=table, quarantined=quarantined
        )
    except DataError as error:
        problems = _quarantined(runner, error, place, contract, quarantined)
    else:
        problems = ()
    if problems:
        raise DataError(problems)
    known = _same_source(runner, step, contract, admitted)
    runner.outcome.admitted[contract.id] = admitted
    _deliver(runner, contract, admitted)
    if admitted.held:
        runner.places.write(place, f"quarantine-{contract.id}", runner.engine.held(quarantined))
    columns = step.shape.schema.names
    written = runner.checkpoint(step, lambda: runner.engine.held(table).select(*columns), fresh=not known)
    con.execute(f'DROP TABLE "{table}"')
    con.execute(f'DROP TABLE "{quarantined}"')
    facts = {"asset": contract.id, "rows": admitted.rows, "quarantined": admitted.held}
    digests = {"digest": _digest(runner, admitted), "contract": contract.digest}
    return written[0], facts | digests | {"vintage": admitted.vintage}


def _digest(runner: Runner, admitted: Admitted) -> str:
    return keyed(admitted.digest, runner.account_secret)


def _check_vintage(runner: Runner, step: Read) -> None:
    from ..describe import check_vintage

    contract = runner.space.contracts[step.asset.name]
    agreement = runner.live.agreement
    problems = [
        problem
        for name, source in agreement.text.describe.items()
        if source.asset == step.asset.name and source.vintage
        for problem in check_vintage(contract, source.vintage, agreement.at("describe", name))
    ]
    if problems:
        raise DataError(problems)


def _quarantined(
    runner: Runner, error: DataError, place: str, contract: Contract, table: str
) -> tuple[Problem, ...]:
    """The problems of an asset that was not admitted; where rows were at fault, its holder keeps them."""
    if all(problem.code != "QUARANTINE" for problem in error.problems):
        return error.problems
    held = runner.engine.held(table)
    runner.places.write(place, f"quarantine-{contract.id}", held)
    runner.enter(EventKind.DESCRIBE_QUARANTINED, {"asset": contract.id, "rows": runner.rows(held)})
    fix = f"its holder finds them, encrypted, at the place {place}: correct them at the source"
    return tuple(Problem(p.code, p.what, p.why, fix, p.where) for p in error.problems)


def _deliver(runner: Runner, contract: Contract, admitted: Admitted) -> None:
    """Measure the contract's rules, hold the delivery against earlier ones, and enter it."""
    from .. import describe

    space, key = runner.space, _digest(runner, admitted)
    delivery = judge(space.account, runner.live.name, contract, admitted, key, space.now.date())
    runner.outcome.measured += delivery.measured
    runner.outcome.measured += describe.measure(
        runner.engine.con, admitted.admitted, contract, earlier=delivery.rows
    )
    if delivery.new:
        facts = {"digest": key, "as_of": delivery.feed.as_of.isoformat(), "rows": admitted.rows}
        runner.enter(EventKind.DESCRIBE_ADDED, {"asset": contract.id, **facts})


def _same_source(runner: Runner, step: Read, contract: Contract, admitted: Admitted) -> bool:
    """Whether the run that goes on has read this asset; DataError CHANGED if it then was another."""
    from ..describe import check_described

    if not runner.outcome.resumed:
        return False
    done = runner.events(EventKind.STEP_DONE)
    told = [event.facts for event in done if event.facts.get("asset") == contract.id]
    problems = [problem for facts in told for problem in check_described(contract, str(facts["contract"]))]
    if any(facts["digest"] != _digest(runner, admitted) for facts in told):
        problems.append(
            Problem(
                "CHANGED",
                f"{contract.id} changed since the run that was broken off began",
                "half of its results would rest on other data",
                "run again: a new run starts from the beginning",
                contract.server.path,
            )
        )
    if problems:
        raise DataError(dict.fromkeys(problems))
    return bool(told)
