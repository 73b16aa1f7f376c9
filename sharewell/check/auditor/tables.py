"""An independent check of what the gate promised, from the published tables and the certificate alone.

It shares no code with the gate: it reads the published figures as any reader would, writes down again what
follows from them (totals, rounding, small numbers withheld), and bounds every withheld figure by linear
programming with `scipy.optimize.linprog`. It never sees a withheld value, so its answer is what an attacker
could get.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ...plan.finding import Output
from ...plan.released import WITHHELD, CheckedTable
from ..certificate import READ_BY_PEOPLE, Certificate, TableCertificate, hash_table
from .noised import audit_noised, shared_cost_faults
from .perturbed import perturbation_faults, shows_small
from .reader import Reader
from .relations import Key
from .ties import count_ties
from .together import joint_faults


@dataclass(frozen=True)
class TableVerdict:
    """What was found of one table: withheld cells examined, and every fault in words."""

    table: str
    cells: int
    faults: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """Whether every promise holds; if not, `tables` says which do not and how."""

    tables: tuple[TableVerdict, ...]

    @property
    def protected(self) -> bool:
        return not any(table.faults for table in self.tables)

    @property
    def faults(self) -> tuple[str, ...]:
        return tuple(f"{table.table}: {fault}" for table in self.tables for fault in table.faults)


def audit(tables: Sequence[CheckedTable], certificate: Certificate) -> Verdict:
    """Check each table against its certificate, and linked tables together; a table without a certificate,
    or one without its table, is a fault."""
    promised = {entry.table: entry for entry in certificate.tables}
    verdicts = []
    for table in tables:
        entry = promised.pop(table.name, None)
        if entry is None:
            verdicts.append(TableVerdict(table.name, 0, ("has no certificate",)))
        else:
            verdicts.append(_audit_table(table, entry, certificate.policy))
    verdicts += [TableVerdict(name, 0, ("is certified but absent",)) for name in promised]
    together = (*joint_faults(tables, certificate), *shared_cost_faults(certificate))
    if together:
        verdicts.append(TableVerdict("tables together", 0, together))
    return Verdict(tuple(verdicts))


def _audit_table(table: CheckedTable, entry: TableCertificate, policy: Mapping[str, Any]) -> TableVerdict:
    faults = [] if hash_table(table) == entry.sha256 else ["is not the table that was certified"]
    if entry.method == READ_BY_PEOPLE:
        return TableVerdict(table.name, 0, tuple(faults))
    if policy.get("noise"):
        faults += audit_noised(table, entry.noise or {})
        return TableVerdict(table.name, 0, tuple(dict.fromkeys(faults)))
    faults += _plain_faults(table, entry, policy)
    cells = 0
    if table.output is Output.FLOW:
        faults += _flow_faults(table, policy)
    else:
        faults += _promise_faults(table, entry, policy)
        for column in entry.columns:
            reader = Reader(table, column.column, entry, policy)
            cells += len(reader.withheld)
            faults += reader.faults(column.width, column.share)
        faults += _tie_faults(table, entry, policy)
        faults += perturbation_faults(table, entry, policy)
    return TableVerdict(table.name, cells, tuple(faults))


def _promise_faults(
    table: CheckedTable, entry: TableCertificate, policy: Mapping[str, Any]
) -> Iterator[str]:
    """A certificate must promise something of each count that it withholds, as much as its policy asks."""
    promised = {column.column: column.width for column in entry.columns}
    least = policy["minimum"] if policy.get("width") is None else policy["width"]
    for name in table.counts:
        if not any(mark in WITHHELD for mark in table.marks.column(name).to_pylist()):
            continue
        if name not in promised:
            yield f"{name} is withheld in places, and nothing is promised of it"
        elif promised[name] < least:
            yield f"{name} is promised an interval of {promised[name]:g}, where the policy asks {least:g}"


def _tie_faults(table: CheckedTable, entry: TableCertificate, policy: Mapping[str, Any]) -> Iterator[str]:
    """Small cells that give each other away must be no more than the gate has seen and found harmless."""
    if not table.by or not table.counts:
        return
    loose = not any(measure.additive for measure in table.measures)
    ties = count_ties(Reader(table, table.counts[0], entry, policy), loose)
    if ties > entry.ties:
        yield f"{ties - entry.ties} pairs of withheld figures give each other away to the people in them"


def _plain_faults(table: CheckedTable, entry: TableCertificate, policy: Mapping[str, Any]) -> Iterator[str]:
    for name in table.data.column_names:
        marks = table.marks.column(name).to_pylist()
        values = table.data.column(name).to_pylist()
        if any(mark in WITHHELD and value is not None for mark, value in zip(marks, values, strict=True)):
            yield f"{name} shows a figure that is marked as withheld"
    for name in table.counts:
        values = [value for value in table.data.column(name).to_pylist() if value is not None]
        zero = policy["zero_is_small"] and name not in entry.zero_safe
        least = policy["minimum"] - (policy["rounding"] or 1) // 2
        small = not shows_small(table, policy)
        if any((small and 0 < value < least) or (value == 0 and zero) for value in values):
            yield f"{name} shows a small number"


def _flow_faults(table: CheckedTable, policy: Mapping[str, Any]) -> Iterator[str]:
    """Steps between shown stages. Rounded stages can be nearer than the minimum by less than the base."""
    groups: dict[Key, list[int]] = defaultdict(list)
    columns = [table.data.column(name).to_pylist() for name in table.by[:-1]]
    for row in range(table.data.num_rows):
        groups[tuple(column[row] for column in columns)].append(row)
    slack = (policy["rounding"] or 1) - 1
    for name in table.counts:
        values = table.data.column(name).to_pylist()
        for rows in groups.values():
            shown = [values[row] for row in rows if values[row] is not None]
            steps = [abs(a - b) for a, b in pairwise(shown)]
            if any(0 < step < policy["minimum"] - slack for step in steps):
                yield f"{name}: the step between two stages is a small number"
