"""The agreement as text says it: one model a chapter, in the order of the eight words.

The models hold what was written and nothing computed. What a chapter may not leave unsaid is required here;
what the chapters must say *together* is in `lint`; what they amount to is in `compile`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from ..plan.forms import FORMS, Form
from ..text import Lines, check_document, load_yaml
from .chapter import Chapter, Name, ParameterName, Sentence, Setting
from .flow import Accounting, Analysis, Checking, Coarse, Release, Source, Unit
from .framework import Framework, under
from .terms import (
    Abroad,
    Automated,
    Breach,
    JointControl,
    Law,
    Onward,
    Party,
    Processing,
    Purpose,
    Questions,
    Redaction,
    Reidentification,
    Rights,
    Role,
    Subjects,
    Transparency,
    User,
)
from .weighing import Assessment, Benefit, Consulted, Deliberation, Equality, Necessity, Risk


class Agree(Chapter):
    """Who may do what, for which purpose, on what authority, at what benefit and risk."""

    sharing: Literal["one-way", "reciprocal", "joint-control"] | None = None
    """The kind of sharing."""
    purposes: Annotated[dict[Name, Purpose], Field(min_length=1)]
    parties: Annotated[dict[Name, Party], Field(min_length=2)]
    law: Law
    transparency: Transparency
    subjects: tuple[Subjects, ...] = ()
    users: tuple[User, ...] = ()
    questions: Questions | None = None
    joint_control: JointControl | None = None
    processing: dict[Name, Processing] = {}
    """The terms of each processor, linker and host, by party."""
    abroad: tuple[Abroad, ...] | None = None
    """Transfers outside the United Kingdom; `[]` says that there are none."""
    necessity: dict[Name, Necessity] = {}
    """By product."""
    reidentification: dict[Name, Reidentification] = {}
    """By product; where there is none, nobody is ever re-identified."""
    onward: tuple[Onward, ...] | None = None
    """Further sharing; `[]` says that there is none."""
    automated: dict[Name, Automated] = {}
    """Decisions made or supported, by product."""
    rights: Rights | None = None
    security: tuple[Sentence, ...] = ()
    """How the data are kept safe, beside what the engine enforces."""
    breach: Breach | None = None
    benefits: Annotated[tuple[Benefit, ...], Field(min_length=1)]
    risks: Annotated[tuple[Risk, ...], Field(min_length=1)]
    equality: tuple[Equality, ...] = ()
    consulted: tuple[Consulted, ...] = ()
    deliberation: Deliberation | None = None
    assessment: Assessment | None = None
    redactions: tuple[Redaction, ...] = ()
    parameters: dict[ParameterName, Setting] = {}
    """Values that expressions and settings call as `:name`."""


FrameworkVersion = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*@[1-9][0-9]*$", max_length=80)
]


class Text(Chapter):
    """The whole file."""

    sharewell: Literal[1]
    """The version of this format."""
    agreement: Name
    """Its name, as that of its file."""
    version: Annotated[int, Field(ge=1)]
    """Counted up with every change of what is agreed."""
    framework: FrameworkVersion | None = None
    """The overarching framework whose terms it inherits, as `name@version`."""
    title: Sentence
    """What it is, in one line."""
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


def load_agreement(
    source: Path | str, name: str = "", frameworks: Mapping[str, Framework] | None = None
) -> Agreement:
    """Read an agreement, with what it inherits of the framework that it names.

    DocumentError with every fault at its `file:line`; StorageError if unreadable.
    """
    located = under(load_yaml(source, name), frameworks or {})
    return Agreement(check_document(Text, located), located.lines)
