"""The certificate of a gate's decision: what was promised of each table, so that `audit` can check it
again.

It is kept with the release. It holds which policy was applied, by which versions, to which published tables
(by hash), and how wide the interval of every withheld figure must be; never a withheld value.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from importlib.metadata import version
from typing import Any

from ..plan.released import CheckedTable, Withheld

SCHEMA = 1


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
class TableCertificate:
    """What was decided of one table. primary and secondary are numbers of rows."""

    table: str
    sha256: str
    rows: int
    primary: int
    secondary: int
    columns: tuple[ColumnCertificate, ...]
    overlapping: tuple[str, ...]
    zero_safe: tuple[str, ...]
    method: str


@dataclass(frozen=True)
class Certificate:
    """One decision of the gate over a finding."""

    policy: Mapping[str, Any]
    versions: Mapping[str, str]
    tables: tuple[TableCertificate, ...]
    schema: int = SCHEMA

    def as_mapping(self) -> dict[str, Any]:
        """JSON-ready; `from_mapping` reads it back."""
        return {
            "schema": self.schema,
            "policy": dict(self.policy),
            "versions": dict(self.versions),
            "tables": [asdict(table) for table in self.tables],
        }

    def as_json(self) -> str:
        return json.dumps(self.as_mapping(), sort_keys=True, indent=1)

    @classmethod
    def from_mapping(cls, given: Mapping[str, Any]) -> Certificate:
        tables = []
        for table in given["tables"]:
            values = {field.name: table[field.name] for field in fields(TableCertificate)}
            values["columns"] = tuple(ColumnCertificate(**column) for column in table["columns"])
            values["overlapping"] = tuple(table["overlapping"])
            values["zero_safe"] = tuple(table["zero_safe"])
            tables.append(TableCertificate(**values))
        return cls(given["policy"], given["versions"], tuple(tables), given["schema"])


@dataclass(frozen=True)
class Checked:
    """A finding after the gate: what may leave, the certificate of it, and all that was withheld."""

    tables: tuple[CheckedTable, ...]
    certificate: Certificate
    withheld: tuple[Withheld, ...]

    def table(self, name: str) -> CheckedTable:
        return next(table for table in self.tables if table.name == name)


def hash_table(table: CheckedTable) -> str:
    """SHA-256 of a published table: its columns, figures and marks, whatever file later holds them."""
    content = [table.name, table.output, table.by, table.data.to_pydict(), table.marks.to_pydict()]
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def used_versions() -> dict[str, str]:
    """The versions that bear on a decision."""
    return {name: version(name) for name in ("sharewell", "highspy", "numpy", "pyarrow")}
