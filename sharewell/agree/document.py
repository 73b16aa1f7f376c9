"""The agreement as text says it: one model a chapter, in the order of the eight words.

The models hold what was written and nothing computed. What a chapter may not leave unsaid is required here;
what the chapters must say *together* is in `lint`; what they amount to is in `compile`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from ..plan.forms import FORMS, Form
from ..text import Lines, check_document, load_yaml


class Chapter(BaseModel):
    """Nothing unknown, nothing changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*([-_.][a-z0-9]+)*$", max_length=80)]
Sentence = Annotated[str, StringConstraints(min_length=10, strip_whitespace=True)]


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


def _distinct(fields: tuple[str, ...]) -> tuple[str, ...]:
    twice = sorted({name for name in fields if fields.count(name) > 1})
    if twice:
        raise ValueError(f"{', '.join(twice)} is named twice; remove one")
    return fields


Day = Annotated[date, BeforeValidator(taken)]
Setting = Annotated[str | int | float | bool | date, BeforeValidator(taken)]
ParameterName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=80)]
Fields = Annotated[tuple[str, ...], AfterValidator(_distinct)]
Stated = Annotated[str, StringConstraints(min_length=3, strip_whitespace=True)]


class Role(StrEnum):
    """What a party is to the agreement (UK GDPR Articles 4, 26, 28; `linker` is a trusted third party)."""

    CONTROLLER = "controller"
    JOINT_CONTROLLER = "joint controller"
    PROCESSOR = "processor"
    LINKER = "linker"
    HOST = "host"
    RECIPIENT = "recipient"


class Purpose(Chapter):
    statement: Sentence
    codes: tuple[str, ...] = ()


class Party(Chapter):
    role: Role
    name: str = ""
    contact: str = ""


class Law(Chapter):
    """The authority as the parties state it. Sharewell records it and never infers one."""

    gateway: Sentence
    article_6: Stated
    article_9: Stated | None
    article_10: Stated | None
    dpa_schedule_1: Stated | None
    part_3: bool = False
    confidentiality: Stated | None = None
    opt_out: Stated | None = None
    consents: dict[Name, Sentence] = {}


class Transparency(Chapter):
    notice: Annotated[str, StringConstraints(pattern=r"^https://\S+$")] | None = None
    summary: Sentence | None = None
    register_: Literal["public", "withheld"] = Field("withheld", alias="register")


class Benefit(Chapter):
    to: Literal["service-users", "public", "providers", "staff", "cross-cutting"]
    claim: Sentence
    measure: str
    baseline: float | None = None
    target: float | None = None
    due: Day | None = None


class Risk(Chapter):
    to: Literal["public", "providers"]
    text: Sentence
    likelihood: Annotated[int, Field(ge=1, le=5)]
    severity: Annotated[int, Field(ge=1, le=5)]
    measure: Sentence
    residual: Annotated[int, Field(ge=1, le=25)]
    owner: str


class Necessity(Chapter):
    """Why a product must name people, or exceed what its recipe needs, and what lesser form was tried.

    `to` names recipients who are told of people by another party's identifiers.
    """

    form: Literal[tuple(FORMS)]  # type: ignore[valid-type]
    why: Sentence
    rejected: Sentence
    signed: Stated
    to: tuple[Name, ...] = ()


class User(Chapter):
    role: Name
    who: tuple[str, ...]
    may: tuple[Literal["run", "view", "ask", "review", "release"], ...]


class Agree(Chapter):
    purposes: Annotated[dict[Name, Purpose], Field(min_length=1)]
    parties: Annotated[dict[Name, Party], Field(min_length=2)]
    law: Law
    transparency: Transparency
    users: tuple[User, ...] = ()
    necessity: dict[Name, Necessity] = {}
    benefits: Annotated[tuple[Benefit, ...], Field(min_length=1)]
    risks: Annotated[tuple[Risk, ...], Field(min_length=1)]
    parameters: dict[ParameterName, Setting] = {}


class Source(Chapter):
    """A table that a party brings: `link` fields go to the linker only, `use` fields to the host only.

    `of` names the source whose records these rows belong to (a hospital's visits to its patients). `derive`
    are columns that the party itself computes from its rows before it sends them: `use` may name these too.
    """

    from_: Name = Field(alias="from")
    asset: Name
    link: Fields = ()
    use: Fields = ()
    derive: dict[ParameterName, str] = {}
    of: str | None = None
    vintage: str | None = None


class Unit(Chapter):
    """What records are linked into (a person, a home), by which linker, at whose place."""

    of: Annotated[tuple[Name, ...], Field(min_length=1), AfterValidator(_distinct)]
    linker: Name
    at: Name
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")


class Coarse(Chapter):
    to: Name
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")


class Figure(Chapter):
    """A column made from another table's rows: exactly one of rows, any, sum, least, most, by a unit."""

    rows: Name | None = None
    any: Name | None = None
    sum: Name | None = None
    least: Name | None = None
    most: Name | None = None
    of: str | None = None
    by: Name
    where: str | None = None
    lookup: dict[Name, str] = {}


class Table(Chapter):
    """How a recipe's input is put together at the host, in this order."""

    from_: Name | tuple[Name, ...] = Field(alias="from")
    one_row: Name | None = None
    lookup: dict[Name, str] = {}
    where: str | None = None
    add: dict[str, Figure] = {}
    derive: dict[str, str] = {}
    keep: str | None = None


class Analysis(Chapter):
    purpose: Name
    question: Sentence
    recipe: Name
    tables: Annotated[dict[Name, Table], Field(min_length=1)]
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")
    registered: Day | None = None


class Checking(Chapter):
    policy: Name
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")


class Release(Chapter):
    to: Annotated[tuple[Name, ...], Field(min_length=1), AfterValidator(_distinct)]
    form: Literal[tuple(FORMS)]  # type: ignore[valid-type]
    as_: Annotated[tuple[Literal["csv", "parquet", "report"], ...], Field(alias="as", min_length=1)]
    fields: Fields = ()
    every: Literal["once", "day", "week", "month", "term", "quarter", "year"]


class Term(Chapter):
    start: Day
    review: Day
    end: Day


class Accounting(Chapter):
    term: Term
    retain: Annotated[str, StringConstraints(pattern=r"^P\d+[DWMY]$")]
    exit: Literal["destroy", "return"]


class Text(Chapter):
    """The whole file."""

    sharewell: Literal[1]
    agreement: Name
    version: Annotated[int, Field(ge=1)]
    title: Sentence
    agree: Agree
    describe: Annotated[dict[Name, Source], Field(min_length=1)]
    link: dict[Name, Unit] = {}
    depersonalise: dict[Name, dict[str, Coarse]] = {}
    analyse: Annotated[dict[Name, Analysis], Field(min_length=1)]
    check: dict[Name, Checking]
    release: dict[Name, Release]
    account: Accounting


class Agreement:
    """A text with the line of each of its parts, so that anything said of it can point at it."""

    def __init__(self, text: Text, lines: Lines) -> None:
        self.text, self.lines = text, lines

    @property
    def name(self) -> str:
        return self.text.agreement

    def at(self, *place: str | int) -> str:
        """`file:line` of a part, such as at("describe", "patients")."""
        return self.lines.at(place)

    def parties(self, role: Role) -> tuple[str, ...]:
        """The parties with a role, as they are listed."""
        return tuple(name for name, party in self.text.agree.parties.items() if party.role is role)

    def party(self, role: Role) -> str | None:
        """The first party with a role."""
        return next(iter(self.parties(role)), None)

    def form(self, product: str) -> Form:
        """The form that a product is released in."""
        return FORMS[self.text.release[product].form]

    @property
    def parameters(self) -> Mapping[str, Setting]:
        """`agree: parameters:`, by the names that expressions and settings call as `:name`."""
        return self.text.agree.parameters


def load_agreement(source: Path | str, name: str = "") -> Agreement:
    """Read an agreement. DocumentError with every fault at its `file:line`; StorageError if unreadable."""
    located = load_yaml(source, name)
    return Agreement(check_document(Text, located), located.lines)
