"""What a recipe declares, and what it is: relational preparation, then a fit on a bounded table.

A `Signature` is all that an agreement is checked against: it holds no method and imports none, so `lint`,
`explain` and the computation of the least form never load statistics. A `Recipe` adds the bodies:

    prepare(inputs, params) -> Step      relational steps, on any engine
    fit(table, params)      -> Finding   plain Python on one bounded table, on the driver
    tell(tables, params)    -> Story     sentences, computed only from tables that passed the gate

A recipe without `fit` (eligibility) ends with its prepared rows. A recipe whose bodies are absent is still
a name that an agreement may use: `missing` says so, and the decision at run time denies.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from ..errors import DocumentError, PlanError, Problem
from .forms import Form
from .schema import Schema, Type

if TYPE_CHECKING:
    import pyarrow as pa

    from .finding import Finding
    from .steps import Step

Params = Mapping[str, Any]


class Takes(StrEnum):
    """What a parameter holds. COLUMN(S) name columns of an input and count as use of those fields."""

    COLUMN = "column"
    COLUMNS = "columns"
    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    EXPRESSION = "expression"
    MAPPING = "mapping"


@dataclass(frozen=True)
class Parameter:
    """One setting. `of` names the input whose columns it names; `types` are the column types it accepts.

    `choices` lists the allowed words; `least` and `most` bound a number.
    """

    name: str
    takes: Takes
    doc: str
    required: bool = False
    default: Any = None
    of: str = ""
    types: tuple[Type, ...] = ()
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None

    def fault(self, value: Any) -> str:
        """Why `value` cannot be this parameter's; empty when it can. Never quotes the value."""
        if value is None:
            return "is required" if self.required else ""
        if not _FITS[self.takes](value):
            return f"is not {_ARTICLE[self.takes]}"
        if self.choices and value not in self.choices:
            return f"is none of {', '.join(self.choices)}"
        if self.least is not None and value < self.least:
            return f"is under {self.least:g}"
        if self.most is not None and value > self.most:
            return f"is over {self.most:g}"
        return ""


@dataclass(frozen=True)
class Input:
    """A table a recipe reads: its name in the recipe, what a row is, and whether it can be left out."""

    name: str
    row: str
    optional: bool = False


@dataclass(frozen=True)
class Signature:
    """What a recipe asks for and what it gives.

    `question` is a template in the names of the parameters. `needs` is the least form its inputs may have,
    `yields` the form of what it ends with. `fits` says that a fit follows the preparation.
    """

    name: str
    question: str
    needs: Form
    yields: Form
    inputs: tuple[Input, ...]
    parameters: tuple[Parameter, ...]
    fits: bool = True
    source: str = ""

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self.parameters)

    def __getitem__(self, name: str) -> Parameter:
        return next(parameter for parameter in self.parameters if parameter.name == name)

    def settle(self, given: Params, where: str = "") -> dict[str, Any]:
        """`given` with the defaults filled in; DocumentError with every fault of name, type and range."""
        names = tuple(parameter.name for parameter in self.parameters)
        problems = [
            Problem(
                "PARAMETER",
                f"recipe {self.name} has no parameter {name!r}",
                fix=f"use: {', '.join(names)}",
                where=where,
            )
            for name in given
            if name not in names
        ]
        for parameter in self.parameters:
            fault = parameter.fault(given.get(parameter.name, parameter.default))
            if fault:
                problems.append(
                    Problem(
                        "PARAMETER",
                        f"{self.name}: {parameter.name} {fault}",
                        fix=parameter.doc,
                        where=where,
                    )
                )
        if problems:
            raise DocumentError(problems)
        return {p.name: _settled(p, given.get(p.name, p.default)) for p in self.parameters}

    def columns(self, params: Params, of: str) -> tuple[str, ...]:
        """The columns of input `of` that these settings name: the fields that the recipe uses."""
        found: dict[str, None] = {}
        for parameter in self.parameters:
            value = params.get(parameter.name)
            if parameter.of != of or value is None:
                continue
            if parameter.takes is Takes.COLUMN:
                found[value] = None
            elif parameter.takes is Takes.COLUMNS:
                found.update(dict.fromkeys(value))
        return tuple(found)

    def check_columns(self, inputs: Mapping[str, Schema], params: Params, where: str = "") -> None:
        """Raise PlanError for each absent input, absent column, or column of a type that does not fit."""
        problems = [
            Problem(
                "INPUT",
                f"{self.name} is given no {need.name} ({need.row})",
                "it cannot answer without",
                f"add `{need.name}:` under `tables:`",
                where,
            )
            for need in self.inputs
            if need.name not in inputs and not need.optional
        ]
        for parameter in self.parameters:
            if parameter.of in inputs and parameter.takes in (Takes.COLUMN, Takes.COLUMNS):
                problems += _column_problems(parameter, inputs[parameter.of], params, where)
        if problems:
            raise PlanError(problems)

    def ask(self, params: Params) -> str:
        """The question in words, with the settings in place."""
        return self.question.format_map({name: _plain(value) for name, value in params.items()})


@dataclass(frozen=True)
class Story:
    """What may be said of the checked tables: sentences in reading order, and what limits them."""

    sentences: tuple[str, ...]
    caveats: tuple[str, ...] = ()


Prepare = Callable[[Mapping[str, "Step"], Params], "Step"]
Fit = Callable[["pa.Table", Params], "Finding"]
Tell = Callable[[Mapping[str, "pa.Table"], Params], Story]


@dataclass(frozen=True)
class Recipe:
    """A signature with its bodies. `missing` names the bodies it should have and has not."""

    signature: Signature
    prepare: Prepare | None = None
    fit: Fit | None = None
    tell: Tell | None = None

    @property
    def name(self) -> str:
        return self.signature.name

    @property
    def missing(self) -> tuple[str, ...]:
        due = ("prepare", "fit", "tell") if self.signature.fits else ("prepare",)
        return tuple(body for body in due if getattr(self, body) is None)


def _column_problems(parameter: Parameter, schema: Schema, params: Params, where: str) -> list[Problem]:
    value = params.get(parameter.name)
    names = () if value is None else (value,) if parameter.takes is Takes.COLUMN else tuple(value)
    problems = []
    for name in names:
        if name not in schema:
            problems.append(
                Problem(
                    "COLUMN",
                    f"{parameter.name}: {parameter.of} has no column {name!r}",
                    fix=f"there are: {', '.join(schema.names)}",
                    where=where,
                )
            )
        elif parameter.types and schema[name].type not in parameter.types:
            wanted = " or ".join(parameter.types)
            problems.append(
                Problem(
                    "TYPE",
                    f"{parameter.name}: {name} is {schema[name].type}, not {wanted}",
                    "the method could not use it",
                    "name another column, or derive one",
                    where,
                )
            )
    return problems


def _date(value: Any) -> dt.date | None:
    """A date, or the date that a text writes as YYYY-MM-DD."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    try:
        return dt.date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _settled(parameter: Parameter, value: Any) -> Any:
    return _date(value) if parameter.takes is Takes.DATE else value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value


def _is_texts(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


_FITS: dict[Takes, Callable[[Any], bool]] = {
    Takes.COLUMN: _is_text,
    Takes.COLUMNS: _is_texts,
    Takes.TEXT: _is_text,
    Takes.INTEGER: lambda value: isinstance(value, int) and not isinstance(value, bool),
    Takes.NUMBER: _is_number,
    Takes.BOOLEAN: lambda value: isinstance(value, bool),
    Takes.DATE: lambda value: _date(value) is not None,
    Takes.EXPRESSION: _is_text,
    Takes.MAPPING: lambda value: isinstance(value, Mapping),
}
_ARTICLE = {
    Takes.COLUMN: "the name of a column",
    Takes.COLUMNS: "a list of column names",
    Takes.TEXT: "text",
    Takes.INTEGER: "a whole number",
    Takes.NUMBER: "a number",
    Takes.BOOLEAN: "true or false",
    Takes.DATE: "a date (YYYY-MM-DD)",
    Takes.EXPRESSION: "an expression",
    Takes.MAPPING: "a mapping",
}


def _plain(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value)
    return str(value).replace("_", " ")
