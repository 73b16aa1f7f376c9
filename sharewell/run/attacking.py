"""Each product attacked before it leaves, as somebody would who wants to know about one person.

At the host the truth is at hand, so that success is measured and not supposed. What was found is written on
the release, entered in the account in counts, and dated for the next try.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ..account.events import EventKind
from ..errors import GateError, Problem
from ..plan.finding import ResultTable
from ..plan.released import CheckedTable

if TYPE_CHECKING:
    from ..check.intruder.played import Played
    from ..check.intruder.tables import Making
    from .walk import Runner


def attack(runner: Runner, product: str) -> Played | None:
    """Every attack on one product's tables; None where noise or cell keys answer for all of them.

    GateError ATTACKED where a withheld figure was worked out: the gate and the intruder then disagree, and
    nothing leaves.
    """
    from ..check.intruder.play import play_tables

    checked, finding = runner.outcome.checked[product], runner.outcome.findings[product]
    policy = checked.certificate.policy
    within = within_of(policy)
    if within is None:
        return None
    made = {table.name: table for table in finding.tables}
    runner.tell(f"check: attacking {product}", -1.0)
    played = play_tables(
        checked.tables,
        name=f"{product} of {runner.live.name}",
        on=runner.began,
        width=policy["minimum"] if policy["width"] is None else policy["width"],
        making={entry.table: making_of(asdict(entry), within) for entry in checked.certificate.tables},
        truth=dict(_truths(checked.tables, made)),
    )
    enter(runner, product, played)
    if any(attempt.never and attempt.successes for attempt in played.attempts):
        what, why = (
            "a withheld figure could be worked out from the others",
            "the gate promised that none can",
        )
        raise GateError(
            Problem("ATTACKED", what, why, "report it: nothing of this product has left", product)
        )
    return played


def told(played: Played) -> tuple[str, ...]:
    """For the report: what succeeded, how much was tried, the verdict, and when it is tried again."""
    tried = sum(attempt.tries for attempt in played.attempts)
    worked = [a.sentence() for a in played.attempts if a.successes]
    made, failed = len(played.attempts), len(played.attempts) - len(worked)
    rest = f"Attacks made: {made}, with {tried:,} tries in all. Attacks that found nothing: {failed}."
    if not tried:
        rest = "No attack that is known reads an output of this kind, so none could be tried."
    return (*worked, rest, played.sentences()[-1])


def enter(runner: Runner, product: str, played: Played) -> None:
    """Enter that a product was attacked, and with which verdict; once a run."""
    facts: dict[str, Any] = {
        "product": product,
        "attacks": len(played.attempts),
        "tries": sum(attempt.tries for attempt in played.attempts),
        "verdict": str(played.verdict),
        "again": played.replay_by.isoformat(),
    }
    tried = [attempt.above for attempt in played.attempts if attempt.tries]
    if tried:
        found, (_, most) = max(tried, key=lambda above: above[1][1])
        facts |= {"above": round(found, 4), "at_most": round(most, 4)}
    if all(event.facts != facts for event in runner.events(EventKind.CHECK_ATTACKED)):
        runner.enter(EventKind.CHECK_ATTACKED, facts)


def within_of(policy: Mapping[str, Any]) -> float | None:
    """How far a published count may lie from the true one; None where it is noised, and no bound holds."""
    if policy.get("noise") or policy.get("cell_key"):
        return None
    base = policy["rounding"] or 1
    return float(base - 1 if policy.get("rounding_method") == "controlled" else base // 2)


def making_of(entry: Mapping[str, Any], within: float) -> Making:
    """What everybody knows of how a table was made, from its entry in the certificate."""
    from ..check.intruder.tables import Making

    return Making(within, tuple(entry["overlapping"]), entry.get("hierarchies") or {})


def _truths(shown: tuple[CheckedTable, ...], made: Mapping[str, ResultTable]) -> Any:
    """The same rows with every count, for tables to which the gate added no row."""
    for table in shown:
        true = made[table.name].data
        if true.num_rows == table.data.num_rows:
            data = true.select([name for name in true.column_names if name in table.data.column_names])
            yield (
                table.name,
                CheckedTable(
                    table.name, table.title, table.output, data, table.marks, table.by, table.counts
                ),
            )
