"""What a recipe declares, and what it is: relational preparation, then a fit on a bounded table.

A `Signature` is all that an agreement is checked against: it holds no method and imports none, so `lint`,
`explain` and the computation of the least form never load statistics. A `Recipe` adds the bodies:

    prepare(inputs, params) -> Step      relational steps, on any engine
    fit(table, params)      -> Finding   plain Python on one bounded table, on the driver
    tell(tables, params)    -> Story     sentences, computed only from tables that passed the gate

A recipe without `fit` (eligibility) ends with its prepared rows. A recipe whose bodies are absent is still
a name that an agreement may use: it compiles to an `Awaited` step of the columns that it will give,
`missing` says so, and the decision at run time denies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import DocumentError, PlanError, Problem
from .figure import Figure
from .forms import Form
from .parameters import Parameters
from .schema import Column, Kind, Schema, Type
from .setting import Parameter, Takes, settled

if TYPE_CHECKING:
    import pyarrow as pa

    from .finding import Finding
    from .steps import Step

Params = Mapping[str, Any]


@dataclass(frozen=True)
class Input:
    """A table a recipe reads: its name in the recipe, what a row is, and whether it can be left out."""

    name: str
    row: str
    optional: bool = False


@dataclass(frozen=True)
class Given:
    """A column of the rows that a recipe without a fit ends with.

    Either a new one (`name`, `type`, `kind`), or those that the parameter `named_by` names of its input,
    with their own type, kind and origins.
    """

    name: str = ""
    type: Type = Type.TEXT
    kind: Kind = Kind.PLAIN
    named_by: str = ""


@dataclass(frozen=True)
class Signature:
    """What a recipe asks for and what it gives.

    `question` is a template in the names of the parameters. `needs` is the least form its inputs may have,
    `yields` the form of what it ends with. `fits` says that a fit follows the preparation; where none does,
    `gives` are the columns of its rows and `subject` the parameter that tells one row from another.
    `figures` are those that a benefit may be held to.
    """

    name: str
    question: str
    needs: Form
    yields: Form
    inputs: tuple[Input, ...]
    parameters: tuple[Parameter, ...]
    fits: bool = True
    source: str = ""
    gives: tuple[Given, ...] = ()
    subject: str = ""
    figures: tuple[Figure, ...] = ()

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
        return {p.name: settled(p, given.get(p.name, p.default)) for p in self.parameters}

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

    def awaited(self, inputs: Mapping[str, Step], params: Params) -> Step:
        """What stands for its preparation until there is one: columns it reads, columns it gives."""
        from .awaited import Awaited

        tables = {need.name: inputs[need.name] for need in self.inputs if need.name in inputs}
        reads = tuple(
            tuple(sorted({*self.columns(params, role), *self._mentioned(step, params, role)}))
            for role, step in tables.items()
        )
        unique = (params[self.subject],) if self.subject else ()
        settings, columns = Parameters.of(params), self._given(tables, params)
        return Awaited(tuple(tables.values()), reads, self.name, settings, columns, unique)

    def _given(self, inputs: Mapping[str, Step], params: Params) -> tuple[Column, ...]:
        """The columns of the rows that it ends with, each once."""
        columns: dict[str, Column] = {}
        for given in self.gives:
            if given.named_by:
                schema, value = inputs[self[given.named_by].of].shape.schema, params[given.named_by] or ()
                columns |= {n: schema[n] for n in ((value,) if isinstance(value, str) else value)}
            else:
                columns[given.name] = Column(given.name, given.type, given.kind)
        return tuple(columns.values())

    def _mentioned(self, step: Step, params: Params, role: str) -> Iterator[str]:
        """The columns that expressions over an input read. PlanError where one cannot be read."""
        from .sql import parse_expression

        for parameter in self.parameters:
            value = params.get(parameter.name)
            if parameter.of != role or value is None:
                continue
            texts = (value,) if parameter.takes is Takes.EXPRESSION else ()
            texts = tuple(value.values()) if parameter.takes is Takes.EXPRESSIONS else texts
            for text in texts:
                named = params.get("thresholds") or {}
                yield from sorted(parse_expression(text, step.shape.schema, named).columns())

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
    """What may be said of the checked tables: sentences in reading order, and what limits them.

    `can` and `cannot`: what a reader may repeat, and what the figures do not bear.
    """

    sentences: tuple[str, ...]
    caveats: tuple[str, ...] = ()
    can: tuple[str, ...] = ()
    cannot: tuple[str, ...] = ()


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


def _plain(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value)
    return str(value).replace("_", " ")


__all__ = ["Given", "Input", "Parameter", "Params", "Recipe", "Signature", "Story", "Takes"]
