"""What a recipe hands to the gate: tables about groups, with the evidence the gate judges them by.

The gate reads `counts` (how many people stand behind a cell) and each measure's `evidence`, removes the
evidence, and only then may a table be released or drawn. A chart draws a table and holds no figure itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import pyarrow as pa

from .shapes import Shapes

ALL = "All"
"""The value of a dimension in the row that totals over it."""

UNKNOWN = "Not known"
"""The value of a dimension in the row of those of whom it is not known."""


class Output(StrEnum):
    """Kinds of output, after the ontology of ACRO (UK statistical disclosure control for research).

    `check.kinds` says of each what judges it. MODEL, RESIDUALS and TEXT never pass by rule: they are put
    before people.
    """

    FREQUENCY = "frequency table"
    MAGNITUDE = "magnitude table"
    ESTIMATE = "estimate"
    REGRESSION = "regression"
    BALANCE = "balance table"
    FLOW = "flow"
    SURVIVAL = "survival table"
    POSITION = "percentiles and extremes"
    MODE = "mode"
    SHAPE = "shape"
    CONCENTRATION = "concentration"
    MAP = "map"
    PATHWAY = "pathways"
    RISK = "risk"
    MODEL = "model"
    RESIDUALS = "residuals"
    TEXT = "free text"


@dataclass(frozen=True)
class Measure:
    """A figure in a table and what bears on its disclosure.

    `count` names the column with the number of people it rests on. `additive` says that the column is a
    total, so that margins constrain it; `share` that it is a proportion of `count`, so share x count is
    itself a number of people; `largest` names columns with the largest and second largest single
    contribution, for the dominance rule (of a figure that is no sum: as shares of the whole); `beyond`
    names columns with how many people lie at or below, and at or above, a percentile or an extreme (of the
    share that a top group has: how many are outside it, and in it).
    """

    column: str
    count: str
    additive: bool = False
    largest: tuple[str, str] | None = None
    share: bool = False
    beyond: tuple[str, str] | None = None


@dataclass(frozen=True)
class Fitted:
    """What bears on the disclosure of a fitted model as a whole; seen by the gate only.

    `people`: how many it was fitted to. `parameters`: how many were estimated, the intercept among them.
    `groups`: how many distinct groups its covariates tell apart, and `smallest` the number of people in the
    smallest of them, where every covariate is categorical; None where one is continuous. `explained`: the
    share of the variance that it explains (R squared), None where the model has none.
    """

    people: int
    parameters: int
    groups: int | None = None
    smallest: int | None = None
    explained: float | None = None


@dataclass(frozen=True)
class ResultTable:
    """A table about groups.

    `by`: dimension columns (text; ALL marks totals). `counts`: columns holding a number of people.
    `measures`: other figures. `zero_safe`: counts whose zero cannot disclose (structural).
    `overlapping`: dimensions along which one person may stand in several categories (services used), so
    that counts do not add along them: a total lies between its largest part and the sum of its parts.
    `fitted`: the model that the figures of a regression come from.
    `hierarchies`: dimension -> {category: the category it is part of}, such as ward -> district; a category
    that no entry names stands right under ALL. A category that has no row is passed over.
    A dimension that holds one value and never ALL says whom the whole table is about (sex: female), and so
    links it to tables that show that value among others.
    `cell_keys`: count -> the evidence column with the sum of the record keys of the people counted, for
    policies that perturb by cell key.
    Columns not named in any of these are labels (text fixed by the recipe, not data).
    """

    name: str
    title: str
    output: Output
    data: pa.Table
    by: tuple[str, ...] = ()
    counts: tuple[str, ...] = ()
    measures: tuple[Measure, ...] = ()
    notes: tuple[str, ...] = ()
    degrees_of_freedom: str | None = None
    zero_safe: tuple[str, ...] = ()
    overlapping: tuple[str, ...] = ()
    hierarchies: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fitted: Fitted | None = None
    cell_keys: Mapping[str, str] = field(default_factory=dict)

    @property
    def evidence(self) -> frozenset[str]:
        """Columns that only the gate may see."""
        held = [name for m in self.measures for name in (*(m.largest or ()), *(m.beyond or ()))]
        return frozenset([*held, *self.cell_keys.values()])


@dataclass(frozen=True)
class Chart:
    """A picture of one table. `kind` names a drawing of `release.charts`; `fields` maps its roles.

    `shapes` are the outlines that a map draws; None for the workspace's own boundaries.
    """

    kind: str
    table: str
    title: str
    fields: dict[str, str]
    alt: str
    shapes: Shapes | None = None


@dataclass(frozen=True)
class Finding:
    """All that a fit yields: tables for the gate, charts that draw them, and what to know of the method.

    The first chart is the one to show where there is room for one.
    """

    tables: tuple[ResultTable, ...]
    charts: tuple[Chart, ...] = ()
    method: str = ""
    source: str = ""
    caveats: tuple[str, ...] = field(default_factory=tuple)

    def table(self, name: str) -> ResultTable:
        return next(t for t in self.tables if t.name == name)
