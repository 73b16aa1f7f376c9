"""The certificate of a gate's decision: what was promised of each table, so that `audit` can check it
again.

It is kept with the release. It holds which policy was applied, by which versions, to which published tables
(by hash), and how wide the interval of every withheld figure must be; never a withheld value.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from importlib.metadata import version
from typing import Any

from ..plan.released import WITHHELD, CheckedTable, Withheld

SCHEMA = 2
READ_BY_PEOPLE = "no rule knows this kind of output: it was read and approved by two people"
"""The method of a table that no rule judged."""


@dataclass(frozen=True)
class ColumnCertificate:
    """What holds for the withheld cells of one column.

    width: each is known at best to within an interval so wide (people, or the unit of the sum). share: a
    cell that broke a rule is known at best to within this share of its interval's upper end. narrowest: the
    narrowest interval proven, as a multiple of width; at least 1 (null where nothing is withheld).
    """

    column: str
    width: float
    share: float
    narrowest: float | None


@dataclass(frozen=True)
class PerturbationCertificate:
    """How one column of counts was changed.

    method: nearest, midpoint, controlled, or cell key and its table. base: what the figures are multiples
    of (midpoints of runs of). further: under controlled rounding, totals that are not one of the two
    multiples around the truth; reach: how far the furthest is, in multiples begun (1: all are adjacent).
    """

    column: str
    method: str
    base: int
    further: int = 0
    reach: int = 1


@dataclass(frozen=True)
class TableCertificate:
    """What was decided of one table. primary and secondary are numbers of rows.

    ties: pairs of cells that broke a rule of which each follows from the other, so that whoever is alone in
    one would learn the other; the gate has seen that nobody is (within the policy's coalition). noise: of
    a noised table, its scales, half-widths and cost (`differential.tables`).
    """

    table: str
    sha256: str
    rows: int
    primary: int
    secondary: int
    columns: tuple[ColumnCertificate, ...]
    overlapping: tuple[str, ...]
    zero_safe: tuple[str, ...]
    method: str
    hierarchies: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    ties: int = 0
    perturbations: tuple[PerturbationCertificate, ...] = ()
    noise: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Link:
    """Tables whose `column` counts the same people, and which were certified together; a table of which it
    was found that it tells of others stands in a link of its own. hidden: whether together with the cells
    beneath all of them, which no table shows."""

    column: str
    tables: tuple[str, ...]
    hidden: bool


@dataclass(frozen=True)
class Certificate:
    """One decision of the gate over a finding."""

    policy: Mapping[str, Any]
    versions: Mapping[str, str]
    tables: tuple[TableCertificate, ...]
    links: tuple[Link, ...] = ()
    schema: int = SCHEMA

    def as_mapping(self) -> dict[str, Any]:
        """JSON-ready; `from_mapping` reads it back."""
        return {
            "schema": self.schema,
            "policy": dict(self.policy),
            "versions": dict(self.versions),
            "tables": [asdict(table) for table in self.tables],
            "links": [asdict(link) for link in self.links],
        }

    def as_json(self) -> str:
        return json.dumps(self.as_mapping(), sort_keys=True, indent=1)

    @classmethod
    def from_mapping(cls, given: Mapping[str, Any]) -> Certificate:
        tables = []
        for table in given["tables"]:
            told = {"noise": None, **table}
            values = {each.name: told[each.name] for each in fields(TableCertificate)}
            values["columns"] = tuple(ColumnCertificate(**column) for column in table["columns"])
            values["overlapping"] = tuple(table["overlapping"])
            values["zero_safe"] = tuple(table["zero_safe"])
            values["perturbations"] = tuple(
                PerturbationCertificate(**column) for column in table["perturbations"]
            )
            tables.append(TableCertificate(**values))
        links = tuple(
            Link(link["column"], tuple(link["tables"]), link["hidden"]) for link in given["links"]
        )
        return cls(given["policy"], given["versions"], tuple(tables), links, given["schema"])


@dataclass(frozen=True)
class Checked:
    """A finding after the gate: what may leave, the certificate of it, and all that was withheld."""

    tables: tuple[CheckedTable, ...]
    certificate: Certificate
    withheld: tuple[Withheld, ...]

    def table(self, name: str) -> CheckedTable:
        return next(table for table in self.tables if table.name == name)


def hash_table(table: CheckedTable) -> str:
    """SHA-256 of a table as its reader has it: columns, figures, and which were withheld or rounded.

    Which withheld figure was small is not told to a reader, so that it is not hashed either.
    """
    marks = {
        name: ["w" if mark in WITHHELD else mark for mark in column]
        for name, column in table.marks.to_pydict().items()
    }
    content = [table.name, table.output, table.by, table.data.to_pydict(), marks]
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def used_versions() -> dict[str, str]:
    """The versions that bear on a decision."""
    return {name: version(name) for name in ("sharewell", "highspy", "numpy", "pyarrow")}
