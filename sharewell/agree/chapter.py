"""What every chapter of an agreement is made of: a strict model, and the kinds of value in it."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints


class Chapter(BaseModel):
    """Nothing unknown, nothing changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


_WRITTEN_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def taken(value: Any) -> Any:
    """A value as it is meant: text written YYYY-MM-DD is that day. ValueError for a day that never was.

    The loader keeps such text, so that nothing is guessed; here it is known where a date may stand.
    """
    if not isinstance(value, str) or not _WRITTEN_DATE.fullmatch(value):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("there is no such day in the calendar") from None


def _distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"{', '.join(twice)} is named twice; remove one")
    return names


Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*([-_.][a-z0-9]+)*$", max_length=80)]
Sentence = Annotated[str, StringConstraints(min_length=10, strip_whitespace=True)]
Stated = Annotated[str, StringConstraints(min_length=3, strip_whitespace=True)]
Actor = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.'_-]*@[a-z0-9][a-z0-9.-]*$", max_length=120)
]
Address = Annotated[str, StringConstraints(pattern=r"^https://\S+$")]
Span = Annotated[str, StringConstraints(pattern=r"^P[0-9]{1,5}[DWMY]$")]
Day = Annotated[date, BeforeValidator(taken)]
Setting = Annotated[str | int | float | bool | date, BeforeValidator(taken)]
ParameterName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=80)]
Fields = Annotated[tuple[str, ...], AfterValidator(_distinct)]
Names = Annotated[tuple[Name, ...], AfterValidator(_distinct)]
