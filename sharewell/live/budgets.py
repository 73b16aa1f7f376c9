"""Privacy budgets: what noise may still cost the people of each asset, who spent the rest, and until when.

Contracts say what may be spent, the account what was. No data file is opened.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..account.events import EventKind
from ..errors import Problem, UnknownName, among

if TYPE_CHECKING:
    from ..check.differential.budget import Spent, Standing
    from ..workspace import Workspace


def standings(space: Workspace, asset: str = "") -> tuple[Standing, ...]:
    """What is left now of every budget, or of one asset's (nothing where its contract declares none).

    UnknownName where no contract describes the asset; GateError SPENT where the account's entries of what
    was spent cannot be read.
    """
    from ..check.differential.budget import left
    from ..run.spending import budget_of

    if asset and asset not in space.contracts:
        raise UnknownName(
            Problem("ASSET", f"{asset[:80]!r} is not in the catalogue", fix=among(asset, space.contracts))
        )
    contracts = [space.contracts[name] for name in sorted([asset] if asset else space.contracts)]
    events = [event.facts for event in space.account.events(kind=EventKind.CHECK_SPENT)]
    budgets = [budget for contract in contracts if (budget := budget_of(contract)) is not None]
    return tuple(left(budget, events, space.now) for budget in budgets)


def spendings(space: Workspace, asset: str) -> Iterator[Spent]:
    """Every time that an asset's budget was spent, in order. GateError SPENT for an unreadable entry."""
    from ..check.differential.budget import Spent

    for event in space.account.events(kind=EventKind.CHECK_SPENT):
        spent = Spent.from_facts(event.facts)
        if spent.asset == asset:
            yield spent
