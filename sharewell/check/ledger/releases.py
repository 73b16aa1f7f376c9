"""A release as the ledger keeps it: whom each published cell counts, and what a reader knows of the count.

Predicates and published cells are public. True counts are never part of a release: the host works them out
again from the population each time it judges.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from ...errors import DataError, Problem
from .predicates import Predicate


@dataclass(frozen=True, order=True)
class Population:
    """Who could be counted, as they stood at `snapshot`.

    closed: its people and their values no longer change (a past cohort, a finished year), so that every
    snapshot is the same people and their releases are judged as one.
    """

    name: str
    snapshot: str
    closed: bool = False

    @property
    def system(self) -> tuple[str, str]:
        """Releases with the same one constrain the same counts."""
        return self.name, "" if self.closed else self.snapshot


@dataclass(frozen=True)
class PublishedCell:
    """One figure: at least `low` and at most `high` people are counted by `where`, as a reader knows it.

    Exact counts have low == high; a rounded or perturbed one has the run of counts that it stands for. A
    withheld one has what the policy's marks tell: mostly 0 or 1, and infinity.
    """

    where: Predicate
    low: float
    high: float
    withheld: bool = False

    def __post_init__(self) -> None:
        if not (0 <= self.low <= self.high) or math.isinf(self.low):
            fix = "give 0 <= low <= high, as a reader of the figure knows them"
            raise DataError(Problem("CELL", "a published cell has impossible bounds", fix=fix))

    @property
    def exact(self) -> bool:
        return self.low == self.high


@dataclass(frozen=True)
class Release:
    """What one table told of one count column: agreement, product and table that it left by, and when.

    Several count columns, or tables, of one product are several releases with the same `id`.
    small, width: what its policy promised of the counts that it withheld: those under `small` people are
    known at best to within an interval of `width`; 0 promised nothing beyond what a later policy asks.
    """

    id: str
    agreement: str
    product: str
    table: str
    made: date
    population: Population
    cells: tuple[PublishedCell, ...]
    count: str = "people"
    small: int = 0
    width: int = 0

    @property
    def name(self) -> str:
        """As a refusal names it."""
        return f"{self.id} ({self.agreement}, {self.product})"

    def as_json(self) -> dict[str, Any]:
        """Plain values; `from_json` reads them back."""
        population = self.population
        return {
            "id": self.id,
            "agreement": self.agreement,
            "product": self.product,
            "table": self.table,
            "made": self.made.isoformat(),
            "population": {
                "name": population.name,
                "snapshot": population.snapshot,
                "closed": population.closed,
            },
            "count": self.count,
            "promised": [self.small, self.width],
            "cells": [_cell(cell) for cell in self.cells],
        }

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Release:
        """What `as_json` wrote. DataError RELEASE where it is something else."""
        try:
            cells = tuple(
                PublishedCell(
                    Predicate.from_json(cell["where"]),
                    float(cell["low"]),
                    math.inf if cell["high"] is None else float(cell["high"]),
                    bool(cell.get("withheld", False)),
                )
                for cell in given["cells"]
            )
            id_, agreement, product, table = (
                str(given[name]) for name in ("id", "agreement", "product", "table")
            )
            made = date.fromisoformat(given["made"])
            small, width = (int(each) for each in given["promised"])
            population = Population(**given["population"])
            count = str(given["count"])
            return cls(id_, agreement, product, table, made, population, cells, count, small, width)
        except (KeyError, TypeError, ValueError, AttributeError):
            fix = "restore the ledger from its last good copy: nothing is released without it"
            raise DataError(Problem("RELEASE", "a release of the ledger cannot be read", fix=fix)) from None

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical text, for the account."""
        return sha256(self.text.encode()).hexdigest()

    @property
    def text(self) -> str:
        """Canonical JSON."""
        return json.dumps(self.as_json(), sort_keys=True, separators=(",", ":"), allow_nan=False)


def _cell(cell: PublishedCell) -> dict[str, Any]:
    high = None if math.isinf(cell.high) else float(cell.high)
    told = {"where": cell.where.as_json(), "low": float(cell.low), "high": high}
    return told | ({"withheld": True} if cell.withheld else {})
