"""The contract's quality rules, measured on admitted rows.

They are the cells of the Kent Integrated Dataset's data-quality matrix: stable volumes, agreement with
external totals, completeness, code consistency, costs present, no duplicates. A rule that cannot be
measured does not hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from ..plan.finding import Measure, Output, ResultTable
from .contract import Contract
from .rules import Metric, Rule
from .sql import literal, name, rows


@dataclass(frozen=True)
class Measured:
    """One rule's figure; null where it could not be had, and `note` then says what was wanting."""

    rule: str
    asset: str
    metric: Metric
    fields: tuple[str, ...]
    dimension: str
    measured: float | None
    limit: str
    holds: bool
    severity: str
    rows: int
    note: str = ""

    @property
    def share(self) -> float | None:
        """The proportion of rows at fault; null for a rule that is not about rows."""
        if self.metric in _WHOLE or self.measured is None or not self.rows:
            return None
        return self.measured / (100 if self.limit.endswith("percent") else self.rows)


_WHOLE = (Metric.ROWS, Metric.TOTAL, Metric.VOLUME)


def measure(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    contract: Contract,
    *,
    totals: Mapping[str, float] | None = None,
    earlier: Sequence[int] = (),
    references: Mapping[str, str] | None = None,
) -> tuple[Measured, ...]:
    """Measure every rule on the table or view `relation`.

    `totals`: figures from outside, by the name that a rule's `totalOf` gives. `earlier`: the rows of
    earlier feeds. `references`: relations of `con` that hold reference assets, by asset.

    nullValues, missingValues, invalidValues and duplicateValues count rows (or percent of rows);
    externalTotal and stableVolume are a difference in percent, of the outside total and of the mean of
    earlier feeds.
    """
    ruler = _Ruler(con, relation, contract, totals or {}, earlier, references or {})
    return tuple(ruler.measured(rule) for rule in contract.rules)


def statement(measured: Sequence[Measured], people: int) -> ResultTable:
    """The data-quality statement as a table for the gate: a rule a row, each figure resting on `people`.

    `at_fault` is the share of rows at fault; `measured` the figure of a rule about the asset as a whole.
    """
    data = pa.table(
        {
            "asset": pa.array([m.asset for m in measured], pa.string()),
            "rule": pa.array([m.rule for m in measured], pa.string()),
            "limit": pa.array([m.limit for m in measured], pa.string()),
            "holds": pa.array(["yes" if m.holds else "no" for m in measured], pa.string()),
            "severity": pa.array([m.severity for m in measured], pa.string()),
            "at_fault": pa.array([m.share for m in measured], pa.float64()),
            "measured": pa.array(
                [m.measured if m.metric in _WHOLE else None for m in measured], pa.float64()
            ),
            "people": pa.array([people] * len(measured), pa.int64()),
        }
    )
    return ResultTable(
        "data-quality",
        "How good the data are: each rule of the data contract, measured",
        Output.ESTIMATE,
        data,
        by=("asset", "rule"),
        counts=("people",),
        measures=(Measure("at_fault", "people", share=True), Measure("measured", "people")),
        overlapping=("asset", "rule"),
    )


@dataclass(frozen=True)
class _Ruler:
    con: duckdb.DuckDBPyConnection
    relation: str
    contract: Contract
    totals: Mapping[str, float]
    earlier: Sequence[int]
    references: Mapping[str, str]

    def measured(self, rule: Rule) -> Measured:
        figure, note = self._figure(rule)
        # The first feed has nothing to be stable against.
        first = rule.metric is Metric.VOLUME and not self.earlier
        holds = first if figure is None else rule.holds(figure)
        return Measured(
            rule.name,
            self.contract.id,
            rule.metric,
            tuple(rule.arguments.properties),
            rule.dimension,
            figure,
            rule.limit,
            holds,
            rule.severity,
            self._rows(),
            note,
        )

    def _figure(self, rule: Rule) -> tuple[float | None, str]:
        match rule.metric:
            case Metric.ROWS:
                return float(self._rows()), ""
            case Metric.VOLUME:
                return self._volume()
            case Metric.TOTAL:
                return self._total(rule)
            case Metric.DUPLICATE:
                return self._scaled(rule, self._duplicates(rule)), ""
        if rule.metric is Metric.INVALID and (asset := self._unheld(rule)):
            return None, f"the reference asset {asset} was not supplied"
        broken = " OR ".join(self._broken(rule, field) for field in rule.arguments.properties)
        return self._scaled(rule, self._count(f"coalesce({broken}, false)")), ""

    def _scaled(self, rule: Rule, count: float) -> float:
        held = self._rows()
        return 100.0 * count / held if rule.unit == "percent" and held else count

    def _rows(self) -> int:
        return int(self._count("true"))

    def _count(self, condition: str) -> float:
        query = f"SELECT count(*) FILTER ({condition}) FROM {name(self.relation)}"
        return float(rows(self.con, query, "measuring quality")[0][0])

    def _duplicates(self, rule: Rule) -> float:
        """Rows beyond the first of each value; a row with a null in it repeats nothing."""
        fields = rule.arguments.properties or [p.name for p in self.contract.properties if p.primary_key]
        listed = ", ".join(map(name, fields))
        whole = " AND ".join(f"{name(field)} IS NOT NULL" for field in fields)
        query = f"SELECT count(*) - count(DISTINCT ({listed})) FROM {name(self.relation)} WHERE {whole}"
        return float(rows(self.con, query, "measuring quality")[0][0])

    def _broken(self, rule: Rule, field: str) -> str:
        told, text = rule.arguments, f"CAST({name(field)} AS VARCHAR)"
        if rule.metric is Metric.NULL:
            return f"{name(field)} IS NULL"
        if rule.metric is Metric.MISSING:
            listed = ", ".join(literal(value) for value in told.missing_values) or "''"
            return f"({name(field)} IS NULL OR {text} IN ({listed}))"
        broken = []
        if told.valid_values:
            valid = ", ".join(literal(str(value)) for value in told.valid_values)
            broken.append(f"{text} NOT IN ({valid})")
        if told.pattern:
            broken.append(f"NOT regexp_matches({text}, {literal(told.pattern)})")
        if told.reference:
            asset, _, column = told.reference.rpartition(".")
            known = f"SELECT CAST({name(column)} AS VARCHAR) FROM {name(self.references[asset])}"
            broken.append(f"{text} NOT IN ({known} WHERE {name(column)} IS NOT NULL)")
        return f"({name(field)} IS NOT NULL AND ({' OR '.join(broken)}))"

    def _unheld(self, rule: Rule) -> str:
        asset = (rule.arguments.reference or "").rpartition(".")[0]
        return asset if asset and asset not in self.references else ""

    def _volume(self) -> tuple[float | None, str]:
        usual = sum(self.earlier) / len(self.earlier) if self.earlier else 0.0
        if not usual:
            return None, "there is no earlier feed"
        return 100.0 * (self._rows() - usual) / usual, ""

    def _total(self, rule: Rule) -> tuple[float | None, str]:
        told = rule.arguments
        total = float(told.total) if told.total is not None else self.totals.get(told.total_of or "")
        if not total:
            return None, f"the outside total {told.total_of or rule.name} was not supplied, or is zero"
        figure = f"coalesce(sum({name(told.property)}), 0)" if told.property else "count(*)"
        held = float(
            rows(self.con, f"SELECT {figure} FROM {name(self.relation)}", "measuring quality")[0][0]
        )
        return 100.0 * abs(held - total) / abs(total), ""
