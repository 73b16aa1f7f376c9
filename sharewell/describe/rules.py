"""The part of a data contract that bounds values and quality: options of a type, and measured rules."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

Number = Annotated[int | float, Field(allow_inf_nan=False)]


class Described(BaseModel):
    """A part of a contract: frozen, strict, in the standard's camelCase, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, alias_generator=to_camel)


def _check_pattern(pattern: str) -> str:
    """A pattern must run in linear time in every engine: RE2 has no look-around and no back-reference."""
    if re.search(r"\(\?[=!<]|\\[1-9]", pattern):
        raise ValueError("a pattern may not look around or back: write it without (?= (?! (?< or \\1")
    try:
        re.compile(pattern)
    except re.error:
        raise ValueError("it is not a regular expression") from None
    return pattern


Pattern = Annotated[str, Field(max_length=500), AfterValidator(_check_pattern)]


class Options(Described):
    """What bounds a value (`logicalTypeOptions`). Dates bound dates; `format` is like dd/MM/yyyy."""

    pattern: Pattern | None = None
    min_length: Annotated[int, Field(ge=0)] | None = None
    max_length: Annotated[int, Field(ge=0)] | None = None
    minimum: Number | str | None = None
    maximum: Number | str | None = None
    exclusive_minimum: Number | str | None = None
    exclusive_maximum: Number | str | None = None
    format: Annotated[str, Field(pattern=r"^[yMdHmsT/:. -]+$", max_length=40)] | None = None


class Metric(StrEnum):
    """What a rule measures: the standard's five, and two that compare with outside figures."""

    ROWS = "rowCount"
    NULL = "nullValues"
    MISSING = "missingValues"
    INVALID = "invalidValues"
    DUPLICATE = "duplicateValues"
    TOTAL = "externalTotal"
    VOLUME = "stableVolume"


class Arguments(Described):
    """What a metric needs: the properties it reads, and valid values, a pattern or a reference column."""

    properties: list[str] = []
    property: str | None = None
    valid_values: list[str | Number] = []
    missing_values: list[str] = []
    pattern: Pattern | None = None
    reference: Annotated[str, Field(pattern=r"^[a-z0-9_.-]+\.[a-z0-9_]+$")] | None = None
    total: Number | None = None
    total_of: str | None = None


_OPERATORS = {
    "must_be": "= {0}",
    "must_not_be": "not {0}",
    "must_be_greater_than": "> {0}",
    "must_be_greater_or_equal_to": ">= {0}",
    "must_be_less_than": "< {0}",
    "must_be_less_or_equal_to": "<= {0}",
    "must_be_between": "{0} to {1}",
    "must_not_be_between": "outside {0} to {1}",
}
Pair = Annotated[list[Number], Field(min_length=2, max_length=2)]


class Rule(Described):
    """One quality rule: a metric, exactly one `must...`, and how much it matters (`severity`)."""

    name: str
    description: str = ""
    dimension: str = ""
    metric: Metric = Field(strict=False)
    arguments: Arguments = Arguments()
    must_be: Number | None = None
    must_not_be: Number | None = None
    must_be_greater_than: Number | None = None
    must_be_greater_or_equal_to: Number | None = None
    must_be_less_than: Number | None = None
    must_be_less_or_equal_to: Number | None = None
    must_be_between: Pair | None = None
    must_not_be_between: Pair | None = None
    unit: Literal["rows", "percent"] = "rows"
    severity: Literal["error", "warning", "info"] = "error"

    @model_validator(mode="after")
    def _check(self) -> Rule:
        if sum(getattr(self, name) is not None for name in _OPERATORS) != 1:
            raise ValueError("a rule has exactly one of mustBe, mustBeLessThan, mustBeBetween ...")
        if self.metric is Metric.INVALID and not self._has_valid():
            raise ValueError("invalidValues needs arguments: validValues, pattern or reference")
        if self.metric is Metric.TOTAL and self.arguments.total is None and not self.arguments.total_of:
            raise ValueError("externalTotal needs arguments: total, or totalOf with the name of a figure")
        return self

    def _has_valid(self) -> bool:
        told = self.arguments
        return bool(told.valid_values or told.pattern or told.reference)

    @property
    def limit(self) -> str:
        """The limit in words: `< 5 percent`."""
        name, bound = self._operator()
        words = _OPERATORS[name].format(*(bound if isinstance(bound, list) else [bound]))
        percent = self.unit == "percent" or self.metric in (Metric.TOTAL, Metric.VOLUME)
        return f"{words} percent" if percent else words

    def holds(self, measured: float) -> bool:
        """Whether a measured figure is within the limit; both ends of a range are within it."""
        name, bound = self._operator()
        if isinstance(bound, list):
            return (bound[0] <= measured <= bound[1]) is (name == "must_be_between")
        outcomes: dict[str, bool] = {
            "must_be": measured == bound,
            "must_not_be": measured != bound,
            "must_be_greater_than": measured > bound,
            "must_be_greater_or_equal_to": measured >= bound,
            "must_be_less_than": measured < bound,
            "must_be_less_or_equal_to": measured <= bound,
        }
        return outcomes[name]

    def _operator(self) -> tuple[str, Any]:
        return next((name, getattr(self, name)) for name in _OPERATORS if getattr(self, name) is not None)
