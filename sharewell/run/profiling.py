"""What an asset holds and how good it is, as anybody may be told: profiled, then put through the gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..account.events import JSON, EventKind
from ..errors import Problem, UnknownName, among
from ..plan.finding import Finding

if TYPE_CHECKING:
    from ..check import Checked
    from ..workspace import Workspace

POLICY = "official-statistics"


def profile(space: Workspace, asset: str, actor: str) -> Checked:
    """The checked tables of an asset's profile and of its contract's quality rules.

    Nothing is kept but the event that it was looked at. UnknownName for an asset of no contract; what
    `describe.admit` raises where the data cannot be had; GateError where the gate stops.
    """
    from .. import describe
    from ..check import POLICIES, gate
    from ..engines.duckdb import DuckDB

    if asset not in space.contracts:
        what = f"{asset!r} is not in the catalogue"
        raise UnknownName(Problem("ASSET", what, fix=among(asset, space.contracts)))
    contract = space.contracts[asset]
    with DuckDB([space.folder / "data"], spill=space.kept / "spill") as engine:
        admitted = describe.admit(engine.con, contract, space.folder)
        measured = describe.measure(engine.con, "admitted", contract)
        tables = describe.profile(engine.con, "admitted", contract)
    if measured:
        tables = (describe.statement(measured, admitted.rows), *tables)
    facts: dict[str, JSON] = {"asset": asset, "rows": admitted.rows, "quarantined": admitted.held}
    space.account.append(EventKind.DESCRIBE_PROFILED, at=space.now, actor=actor, facts=facts)
    return gate(Finding(tables), POLICIES[POLICY])
