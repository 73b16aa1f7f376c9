"""Forms: who a table is about, and what it tells.

`group < coded < named` and `count < flag < fields`, compared component by component, so that
(named, flag) and (coded, fields) are simply different: neither is the lesser.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Who(IntEnum):
    """Whom a row is about: a group of people, a coded person, a named person."""

    GROUP = 0
    CODED = 1
    NAMED = 2


class What(IntEnum):
    """What a row tells: a count or estimate, one yes/no, or fields."""

    COUNT = 0
    FLAG = 1
    FIELDS = 2


@dataclass(frozen=True)
class Form:
    """A point of the two-dimensional order. `a <= b`: a is no more identifying than b in either respect."""

    who: Who
    what: What

    def __le__(self, other: Form) -> bool:
        return self.who <= other.who and self.what <= other.what

    def join(self, other: Form) -> Form:
        """The least form that covers both."""
        return Form(max(self.who, other.who), max(self.what, other.what))

    @property
    def word(self) -> str:
        """The everyday word, where there is one."""
        return next((word for word, form in FORMS.items() if form == self), str(self))

    def __str__(self) -> str:
        return f"({self.who.name.lower()}, {self.what.name.lower()})"


AGGREGATE = Form(Who.GROUP, What.COUNT)
DEPERSONALISED = Form(Who.CODED, What.FIELDS)
CODED_FLAG = Form(Who.CODED, What.FLAG)
YES_NO = Form(Who.NAMED, What.FLAG)
IDENTIFIABLE = Form(Who.NAMED, What.FIELDS)

FORMS: dict[str, Form] = {
    "aggregate": AGGREGATE,
    "de-personalised": DEPERSONALISED,
    "coded yes/no": CODED_FLAG,
    "yes/no": YES_NO,
    "identifiable": IDENTIFIABLE,
}
