"""How a golden record is declared: which fields survive together, and whose value is preferred.

    address:
      fields: [address, postcode, uprn]
      by: [{recent: since}, {trusted: [council-tax, gp]}, complete]

Preferences apply in order, each where those before it leave it open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import LinkError, Problem

TRUSTED, RECENT, COMPLETE, COMMON = "trusted", "recent", "complete", "common"
_PLAIN = (COMPLETE, COMMON)


@dataclass(frozen=True)
class Preference:
    """One preference. `trusted`: earlier of `sources` first, all others last. `recent`: the latest date in
    `column` first. `complete`: most fields known, then the longest. `common`: said by the most sources.
    """

    kind: str
    sources: tuple[str, ...] = ()
    column: str = ""


@dataclass(frozen=True)
class Survivor:
    """Fields that survive together, out of one record, by preferences in order."""

    name: str
    fields: tuple[str, ...]
    by: tuple[Preference, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources that are trusted."""
        return tuple(name for preference in self.by for name in preference.sources)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of dates that tell what is recent."""
        return tuple(dict.fromkeys(p.column for p in self.by if p.column))


def survivors(told: Mapping[str, Mapping[str, Any]]) -> tuple[Survivor, ...]:
    """The rules that an agreement declares under `golden:`, in its order. LinkError with every fault."""
    faults: list[Problem] = []
    made = [_survivor(name, entry, faults) for name, entry in told.items()]
    if faults:
        raise LinkError(faults)
    return tuple(made)


def _survivor(name: str, entry: Mapping[str, Any], faults: list[Problem]) -> Survivor:
    fields, by = tuple(entry.get("fields", ())), tuple(entry.get("by", ()))
    if not fields or not by:
        faults.append(
            Problem("GOLDEN", f"{name} needs `fields:` and `by:`", fix="name at least one of each")
        )
    return Survivor(name, fields, tuple(_preference(name, one, faults) for one in by))


def _preference(name: str, told: str | Mapping[str, Any], faults: list[Problem]) -> Preference:
    if isinstance(told, str) and told in _PLAIN:
        return Preference(told)
    if isinstance(told, Mapping) and len(told) == 1:
        kind, value = next(iter(told.items()))
        if kind == TRUSTED and isinstance(value, Sequence) and not isinstance(value, str) and value:
            return Preference(TRUSTED, tuple(value))
        if kind == RECENT and isinstance(value, str) and value:
            return Preference(RECENT, column=value)
    fix = "write complete, common, {trusted: [SOURCE, ...]} or {recent: DATE_FIELD}"
    faults.append(Problem("GOLDEN", f"a preference of {name} is none that is known", fix=fix))
    return Preference(COMPLETE)
