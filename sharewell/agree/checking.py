"""What an agreement says under `check:`, held against the policies there are and the columns that leave.

    check:
      absence:   {policy: official-statistics, with: {minimum: 15}}
      incidents: {policy: records, with: {anonymity: isb-1523, suppress: 0.02, coarser: {hour: [6, 12]}}}

Rows about coded people may state how alike they must be: a named setting, what is changed of it, and, for
columns that may be made coarser, in which steps. Whole numbers get wider bands, codes fewer characters;
dates become months and years by themselves; a column of which nothing is said is exact or left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..errors import PlanError, Problem, SharewellError, among
from ..plan.schema import Column, Kind, Schema, Type
from ..plan.steps import RECORDS, REFERENCE
from .flow import Checking
from .shelf import Shelf

Settings = dict[str, Any]
ANONYMITY, COARSER = "anonymity", "coarser"


def check_policy(checking: Checking, shelf: Shelf, where: str) -> None:
    """PlanError where figures name no disclosure policy; DocumentError where they set what it has not."""
    name = checking.policy
    if name not in shelf.policies or name in (RECORDS, REFERENCE):
        what, why = f"{name!r} is not a disclosure policy", "figures about groups pass one"
        raise PlanError(Problem("POLICY", what, why, among(name, shelf.policies)))
    _changed(shelf.policies[name], checking.with_, where)


def policy_settings(policy: str, changes: Mapping[str, Any], shelf: Shelf) -> Settings:
    """What a plan holds of a policy: what the agreement changes of it; a workspace's own is held whole, so
    that whoever rewrites its file changes what was signed."""
    own = shelf.own_policies.get(policy)
    return {**own.as_mapping(), **changes} if own is not None else dict(changes)


def row_settings(name: str, checking: Checking, schema: Schema, shelf: Shelf, where: str) -> Settings:
    """How alike rows about coded people must be, as a plan holds it; empty where nothing is said.

    PlanError with every fault: rows about named people, an unknown setting, a column that cannot be made
    coarser so, no quasi-identifier for the settings to bind.
    """
    told = dict(checking.with_)
    if not told:
        return {}
    named = [column.name for column in schema if column.kind is Kind.IDENTIFIER]
    preset = told.pop(ANONYMITY, None)
    if named or preset is None:
        raise PlanError(_misplaced(name, named, shelf, where))
    if not isinstance(preset, str) or preset not in shelf.anonymities:
        what, why = f"{preset!r} is no setting of anonymity", "a number needs its source"
        raise PlanError(Problem("POLICY", what, why, among(str(preset), shelf.anonymities), where))
    coarser = told.pop(COARSER, {})
    faults = list(_coarser_faults(coarser, schema, where))
    quasi = [column.name for column in schema if column.kind is Kind.QUASI]
    if not quasi:
        what, why = f"{name} has settings and no quasi-identifier that leaves", "they would bind nobody"
        faults.append(Problem("POLICY", what, why, "leave `with:` out, or classify its columns", where))
    try:
        wanted = _changed(shelf.anonymities[preset], told, where)
    except PlanError as error:
        raise PlanError([*faults, *error.problems]) from None
    if faults:
        raise PlanError(faults)
    return {
        ANONYMITY: wanted.as_mapping(),
        COARSER: {column: list(steps) for column, steps in coarser.items()},
        "quasi": quasi,
        "sensitive": [column.name for column in schema if column.kind is Kind.SENSITIVE],
    }


def _changed(held: Any, changes: Mapping[str, Any], where: str) -> Any:
    """A policy or setting with what the agreement changes of it, which it checks itself."""
    try:
        return type(held).from_mapping({**held.as_mapping(), **changes}, where)
    except SharewellError as error:
        raise PlanError(
            Problem(p.code, p.what, p.why, p.fix, p.where or where) for p in error.problems
        ) from None


def _misplaced(name: str, named: list[str], shelf: Shelf, where: str) -> Problem:
    if named:
        what = f"{name} names people ({', '.join(named)}), and rows about named people have no settings"
        return Problem("POLICY", what, "no likeness hides a name", "leave `with:` out", where)
    what, why = f"{name} has settings and no `anonymity:`", "they would bind nobody"
    return Problem("POLICY", what, why, f"name one of: {', '.join(shelf.anonymities)}", where)


def _coarser_faults(coarser: Any, schema: Schema, where: str) -> Iterator[Problem]:
    if not isinstance(coarser, Mapping):
        yield Problem(
            "POLICY", "`coarser:` is not a mapping", fix="write `coarser: {hour: [6, 12]}`", where=where
        )
        return
    quasi = {column.name: column for column in schema if column.kind is Kind.QUASI}
    for name, steps in coarser.items():
        if name not in quasi:
            what, why = f"{name!r} is no quasi-identifier that leaves", "only those are made coarser"
            yield Problem("POLICY", what, why, among(name, quasi), where)
        elif fault := _steps_fault(quasi[name], steps):
            yield Problem("POLICY", f"{name} cannot be made coarser so: {fault[0]}", "", fault[1], where)


def _steps_fault(column: Column, steps: Any) -> tuple[str, str] | None:
    if column.type not in (Type.INTEGER, Type.TEXT):
        return f"it is {column.type}", "leave it out: dates become months and years by themselves"
    whole = isinstance(steps, list | tuple) and all(type(step) is int and step > 0 for step in steps)
    if not whole or not steps or list(steps) != sorted(set(steps), reverse=column.type is Type.TEXT):
        rising = column.type is Type.INTEGER
        return "its steps are not whole numbers in order", "say [5, 10, 20]" if rising else "say [4, 2]"
    return None
