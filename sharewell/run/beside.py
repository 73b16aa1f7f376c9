"""The log that a recipient holds, as it was set beside rows, made ready to attack them with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..plan.plan import Product
from ..plan.steps import Beside

if TYPE_CHECKING:
    import pyarrow as pa

    from ..check.intruder.knowledge import Knowledge
    from ..check.intruder.log import Log
    from ..check.intruder.played import Played
    from ..check.microdata.hierarchy import Generalisation
    from .walk import Runner

FEWEST_TOLD = 10


def log_of(runner: Runner, product: Product) -> Log | None:
    """What the recipient of these rows is said to hold; None where nothing was agreed."""
    from ..check.intruder.log import Log

    step = next((part for part in product.result.walk() if isinstance(part, Beside)), None)
    if step is None:
        return None
    records, rows = (runner.engine.to_arrow(runner.values[part]) for part in (step.held, step.of))
    return Log(
        step.called, records, rows, step.compared, step.place, step.day, step.hour, step.days, step.hours
    )


def knowledge(
    log: Log,
    released: pa.Table,
    sensitive: list[str],
    hierarchies: Mapping[str, Generalisation],
    levels: Mapping[str, int],
) -> list[Knowledge]:
    """The log in the words of the release, with the row that each record is truly about."""
    from ..check.intruder.log import Recoding, knowledge_of

    return knowledge_of(log, released, Recoding(hierarchies, levels), sensitive)


def told_of(held: list[Knowledge], played: Played) -> tuple[str, ...]:
    """For the release: what was tried on it, how many of whom are in it where these are not few, and how
    often each attack with it named the right person, with the interval of that, never left out."""
    if not held:
        return ()
    records, inside = len(held[0].about), sum(row >= 0 for row in held[0].about)
    of = f"{inside:,}" if inside >= FEWEST_TOLD else f"fewer than {FEWEST_TOLD}"
    said = f"Tried with what the recipient holds: {held[0].name}, {records:,} records, {of} of them about"
    names = {knowledge.name for knowledge in held}
    tried = [a.sentence() for a in played.attempts if a.attack == "linkability" and a.knowledge in names]
    return (f"{said} somebody in these rows.", *tried)
