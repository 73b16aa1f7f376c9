"""A recipe's setting: its name, what it takes, and why a value cannot be it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .schema import Type


class Takes(StrEnum):
    """What a parameter holds. COLUMN(S) name columns of an input and count as use of those fields.

    EXPRESSION(S) are of the columns of an input; EXPRESSIONS are named, as criteria are. Both call
    as `:name` what the parameter `thresholds` holds.
    """

    COLUMN = "column"
    COLUMNS = "columns"
    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    EXPRESSION = "expression"
    EXPRESSIONS = "expressions"
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


def _date(value: Any) -> dt.date | None:
    """A date, or the date that a text writes as YYYY-MM-DD."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    try:
        return dt.date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def settled(parameter: Parameter, value: Any) -> Any:
    """A value as the recipe reads it: a date written as text is that date."""
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
    Takes.EXPRESSIONS: lambda value: isinstance(value, Mapping) and all(map(_is_text, value.values())),
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
    Takes.EXPRESSIONS: "a mapping of names to expressions",
    Takes.MAPPING: "a mapping",
}
