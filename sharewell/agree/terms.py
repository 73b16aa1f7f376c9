"""Who, why, and on what authority: the parties, the law and the duties between them.

The law is recorded as the parties state it. Sharewell never infers a legal basis: what is not said stays
missing, and is shown missing on every paper.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from .chapter import Actor, Address, Chapter, Day, Name, Names, Sentence, Stated


class Role(StrEnum):
    """What a party is to the agreement (UK GDPR Articles 4, 26, 28; `linker` is a trusted third party)."""

    CONTROLLER = "controller"
    JOINT_CONTROLLER = "joint controller"
    PROCESSOR = "processor"
    LINKER = "linker"
    HOST = "host"
    RECIPIENT = "recipient"


class Office(StrEnum):
    """The post in which somebody signs, or advises, for a body."""

    SIRO = "senior information risk owner"
    CALDICOTT = "caldicott guardian"
    CHIEF = "chief executive"
    CHIEF_CONSTABLE = "chief constable"
    ASSET_OWNER = "information asset owner"
    DPO = "data protection officer"


class Purpose(Chapter):
    """One purpose. Care, enforcement and evaluation are different purposes, even over the same data."""

    statement: Sentence
    """What it is for, in words that anyone can read."""
    codes: tuple[str, ...] = ()
    """W3C Data Privacy Vocabulary terms, as `dpv:PublicBenefit`."""
    never: tuple[Sentence, ...] = ()
    """What the data are not to be used for under this purpose."""


class Signatory(Chapter):
    """Somebody who may bind a body. The data protection officer advises, and cannot sign."""

    who: Actor
    """`name@body`: whose key signs."""
    as_: Office = Field(alias="as")
    """The post held."""


class Party(Chapter):
    """A body that takes part. What a framework says of it holds unless said otherwise here."""

    role: Role
    """What it is to this agreement."""
    name: str = ""
    """Its full name."""
    contact: str = ""
    """Where people and partners can reach it."""
    dpo: str = ""
    """Its data protection officer: a post or an address, not a person's name."""
    registration: str = ""
    """Its number in the Information Commissioner's register of fee payers."""
    signs: tuple[Signatory, ...] = ()
    """Who may sign for it. One signature of these binds it."""


class LawEnforcement(Chapter):
    """Part 3 of the Data Protection Act 2018: processing by a competent authority for law enforcement."""

    authority: Stated
    """Who is the competent authority, and under which power."""
    condition: Stated | None = None
    """The Schedule 8 condition, where the processing is sensitive (s35)."""
    logging: Sentence | None = None
    """How collection, alteration, consultation, disclosure and erasure are logged (s62)."""


class OptOut(Chapter):
    """How people's choice to stay out was applied."""

    scheme: Stated
    """Which scheme: the national data opt-out, a local objection."""
    by: Stated
    """Who removed the records of those who opted out."""
    when: Stated
    """At which point: before it sends, at every run."""

    def __str__(self) -> str:
        return f"{self.scheme}, applied by {self.by}, {self.when}"


class Law(Chapter):
    """The authority as the parties state it. Sharewell records it and never infers one."""

    gateway: Sentence
    """The statutory power or duty to share."""
    article_6: Stated
    """UK GDPR Article 6 lawful basis."""
    article_9: Stated | None
    """UK GDPR Article 9 condition for special-category data; `null` where there are none."""
    article_10: Stated | None
    """UK GDPR Article 10 authority for criminal-offence data; `null` where there are none."""
    dpa_schedule_1: Stated | None
    """Data Protection Act 2018 Schedule 1 condition."""
    policy_document: Stated | None = None
    """The appropriate policy document that Schedule 1 Part 4 asks for."""
    part_3: Literal[False] | LawEnforcement = False
    """Law-enforcement processing, or `false`."""
    section_251: Stated | None = None
    """Reference of support under s251 NHS Act 2006 (Confidentiality Advisory Group)."""
    confidentiality: Stated | None = None
    """How the common-law duty of confidence is met."""
    human_rights: Sentence | None = None
    """Why it is a proportionate interference with private life (Human Rights Act 1998, Article 8)."""
    opt_out: Stated | OptOut | None = None
    """The opt-out scheme and how it was applied."""
    consents: dict[Name, Sentence] = {}
    """Consents of those who own a restriction, by the name of the restriction."""


class JointControl(Chapter):
    """The arrangement of joint controllers (UK GDPR Article 26)."""

    arrangement: Sentence
    """Who answers for what, in substance."""
    contact: Name
    """The party that people can turn to."""
    published: Address | None = None
    """Where the essence of the arrangement is made available."""


class Processing(Chapter):
    """The terms on which a processor works (UK GDPR Article 28)."""

    for_: Names = Field((), alias="for")
    """The controllers that instruct it; all, unless said."""
    terms: Sentence
    """The contract, and that it works on documented instructions, in confidence and securely."""
    subprocessors: tuple[Stated, ...] = ()
    """Whom it engages in turn."""
    ends: Sentence | None = None
    """What it returns or deletes when the services end."""


class Abroad(Chapter):
    """A transfer outside the United Kingdom (UK GDPR Chapter V)."""

    to: Stated
    """The country, and who receives there."""
    safeguard: Sentence
    """Adequacy regulations, the IDTA or Addendum, binding rules, or a derogation."""


class Subjects(Chapter):
    """People whom the data are about."""

    who: Sentence
    """Which people."""
    number: Annotated[int, Field(ge=0)] | None = None
    """About how many."""
    children: bool = False
    """Whether there are children among them."""
    vulnerable: bool = False
    """Whether they may be unable to object or to protect themselves."""
    expect: Sentence | None = None
    """Whether they would expect this use, and why."""


class Rights(Chapter):
    """How each right of a person is served."""

    contact: Stated
    """Where to ask."""
    access: Sentence | None = None
    """How somebody sees what is held."""
    correction: Sentence | None = None
    """How a mistake is put right, also with those who received it."""
    objection: Sentence | None = None
    """How somebody objects, and what then happens."""
    erasure: Sentence | None = None
    """How and when it can be erased."""
    complaint: Sentence | None = None
    """How to complain, and to whom next."""


class Breach(Chapter):
    """What is done when something goes wrong."""

    report_to: Stated
    """Whom to tell first."""
    within_hours: Annotated[int, Field(ge=1, le=72)]
    """How soon partners are told; the regulator is told within 72 hours of awareness."""
    steps: Sentence
    """What is stopped and who decides."""


class User(Chapter):
    """People in a role, by account, and what they may do."""

    role: Name
    who: tuple[str, ...]
    may: tuple[Literal["run", "view", "ask", "review", "release", "reidentify", "link"], ...]
    """`link` is to tend the standing index: its records, its history, and who is who where it errs."""
    training: tuple[Stated, ...] = ()
    """What they must have completed before they are let in."""
    relationship: Sentence | None = None
    """What they must be to the person whose record they see: a professional caring for them, say."""


class Questions(Chapter):
    """An analyst's own questions in SQL, within what was agreed."""

    purpose: Name
    """The purpose that every question serves."""
    policy: Name
    """The disclosure policy that every answer passes."""
    with_: dict[str, int | float | str | bool] = Field(default_factory=dict, alias="with")
    """The policy's settings."""
    limit: Annotated[int, Field(ge=1, le=10_000)]
    """How many answers may leave under this version: what is asked again and again is fishing."""


class Reidentification(Chapter):
    """Under control: who may turn a code back into a person, when, and who approves."""

    by: Names
    """Roles of `users:`."""
    trigger: Sentence
    """What must have happened."""
    approver: Actor
    """Who approves each one."""
    relationship: Sentence | None = None
    """What the asker must be to the person."""


class Onward(Chapter):
    """A further sharing that is agreed from the start; any other is none."""

    what: Name
    """A product, or a unit of `link:`."""
    to: Stated
    """A body, or the name of another agreement."""
    for_: Annotated[Names, Field(alias="for")] = ()
    """The purposes of that agreement which it may serve; all, unless named."""
    why: Sentence


class Automated(Chapter):
    """A decision that a product makes or supports (UK GDPR Articles 22A-22D)."""

    decision: Sentence
    """What is decided, and what follows from it."""
    logic: Sentence
    """How, in plain words."""
    human: Sentence | None = None
    """Who decides, or checks, before anything follows; unsaid where nobody does."""
    contest: Sentence | None = None
    """How somebody can have it looked at again."""


class Transparency(Chapter):
    """What the public can read."""

    notice: Address | None = None
    """Where the notice is published."""
    summary: Sentence | None = None
    """What is joined, why, and who sees it, in plain English."""
    register_: Literal["public", "withheld"] = Field("withheld", alias="register")
    """Whether it stands in the public register."""


class Redaction(Chapter):
    """A part that published papers leave out, visibly."""

    part: Stated
    """Which part, as a path: `describe.incidents.use`."""
    why: Sentence
    """Why it would do harm to publish it."""
    by: Stated
    """Who decided."""
    until: Day | None = None
    """When this is looked at again."""
