"""What passed the gate: the nouns that `check` yields and the only ones that `release` writes.

A checked table holds no figure that may not leave: what was withheld is null, and its mark says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import pyarrow as pa

from .finding import Chart, Measure, Output
from .forms import AGGREGATE, Form
from .recipe import Story


class Mark(StrEnum):
    """Why a cell is as it is.

    Release tells a reader only "withheld" or "rounded": which cells are primary would itself say "this one
    is small".
    """

    PLAIN = ""
    CONFIDENTIAL = "c"
    """Withheld because the cell itself breaks a rule (primary suppression)."""
    PROTECTING = "x"
    """Withheld because, with its neighbours, it would give another cell away (secondary suppression)."""
    ROUNDED = "r"


WITHHELD = (Mark.CONFIDENTIAL.value, Mark.PROTECTING.value)
"""The marks of a figure that does not leave."""


@dataclass(frozen=True)
class CheckedTable:
    """A table about groups after the gate. `marks` has the columns and rows of `data`, as text.

    A withheld figure is null in `data` and marked "c" or "x"; a null marked "" is a figure that does not
    exist. Columns that only the gate may see (`ResultTable.evidence`) are gone.
    """

    name: str
    title: str
    output: Output
    data: pa.Table
    marks: pa.Table
    by: tuple[str, ...] = ()
    counts: tuple[str, ...] = ()
    measures: tuple[Measure, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class CheckedList:
    """Rows about people that a Transfer lets one recipient have, for one purpose; nobody else.

    `certificate`: of rows about coded people, what was done to make them alike, and what risk is left.
    """

    name: str
    recipient: str
    purpose: str
    form: Form
    data: pa.Table
    notes: tuple[str, ...] = ()
    certificate: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Withheld:
    """What did not leave, in one line: which table, by which rule, how many cells, and why in plain words.

    `cells` 0 says that there are too few to count aloud.
    """

    table: str
    rule: str
    cells: int
    why: str


@dataclass(frozen=True)
class Headline:
    """A figure worth showing large: one cell of a checked table, pointed at rather than copied.

    `where` picks the row by its labels. `unit` "£" is written before the figure, any other after it.
    """

    label: str
    table: str
    column: str
    where: Mapping[str, str] = field(default_factory=dict)
    unit: str = ""


@dataclass(frozen=True)
class Product:
    """One product of an agreement as it leaves: question, answer, tables, pictures and what was held back.

    A product whose `form` is about named people shows gated counts here; its rows are a CheckedList.
    `registered`: whether and when it was written down what it would show, and what was changed since.
    """

    name: str
    question: str
    story: Story
    tables: tuple[CheckedTable, ...]
    charts: tuple[Chart, ...] = ()
    headlines: tuple[Headline, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    method: str = ""
    source: str = ""
    purpose: str = ""
    to: tuple[str, ...] = ()
    form: Form = AGGREGATE
    registered: tuple[str, ...] = ()
