"""The upper tier: a framework whose standing terms every purpose protocol under it inherits.

A framework says once who the members are, who signs for them, and the terms that do not change from one
purpose to the next. An agreement names it with its version; what the agreement says itself comes first.
What is inherited is part of the agreement's terms, so that it is hashed and signed with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field

from ..errors import DocumentError, Problem, among
from ..text import Located, Place, check_document, load_yaml
from .chapter import Chapter, Name, Sentence
from .flow import Term
from .terms import Abroad, Breach, JointControl, Processing, Rights, Signatory


class Member(Chapter):
    """A body that has joined the framework, and who may sign for it."""

    name: str
    """Its full name."""
    contact: str = ""
    """Where people and partners can reach it."""
    dpo: str = ""
    """Its data protection officer: a post or an address, not a person's name."""
    registration: str = ""
    """Its number in the Information Commissioner's register of fee payers."""
    signs: tuple[Signatory, ...] = ()
    """Who may sign for it."""


class Standing(Chapter):
    """Terms that hold in every agreement under the framework, unless it says otherwise."""

    joint_control: JointControl | None = None
    processing: dict[Name, Processing] = {}
    abroad: tuple[Abroad, ...] | None = None
    rights: Rights | None = None
    security: tuple[Sentence, ...] = ()
    breach: Breach | None = None


class FrameworkText(Chapter):
    """The whole file of a framework."""

    sharewell: Literal[1]
    framework: Name
    version: Annotated[int, Field(ge=1)]
    title: Sentence
    principles: tuple[Sentence, ...] = ()
    """What its members commit themselves to."""
    members: Annotated[dict[Name, Member], Field(min_length=1)]
    standing: Standing = Standing()
    term: Term


class Framework(NamedTuple):
    """A framework, with its values as written and the line of each."""

    text: FrameworkText
    located: Located


def load_framework(source: Path | str, name: str = "") -> Framework:
    """Read a framework. DocumentError with every fault at its `file:line`; StorageError if unreadable."""
    located = load_yaml(source, name)
    return Framework(check_document(FrameworkText, located), located)


def under(agreement: Located, frameworks: Mapping[str, Framework]) -> Located:
    """The agreement's values with what it leaves to its framework filled in, and where each stands.

    DocumentError FRAMEWORK where there is no such framework, or another version of it.
    """
    named = agreement.value.get("framework")
    if not isinstance(named, str):
        return agreement
    name, _, version = named.partition("@")
    framework = frameworks.get(name)
    where = agreement.lines.at(("framework",))
    if framework is None:
        why = "what it would inherit cannot be read"
        raise DocumentError(
            Problem("FRAMEWORK", f"there is no framework {name!r}", why, among(name, frameworks), where)
        )
    if version != str(framework.text.version):
        what = (
            f"{name} is at version {framework.text.version}, and this was written under {version or 'none'}"
        )
        why, fix = (
            "its terms are part of what is signed",
            f"read what changed, then write {name}@{framework.text.version}",
        )
        raise DocumentError(Problem("FRAMEWORK", what, why, fix, where))
    return _joined(agreement, framework)


def _joined(agreement: Located, framework: Framework) -> Located:
    agree = agreement.value.get("agree")
    if not isinstance(agree, dict):
        return agreement
    theirs, lines = framework.located.value, framework.located.lines
    parties, members = _mapping(agree, "parties"), theirs["members"]
    standing = {**theirs.get("standing", {})}
    standing["processing"] = {
        **{name: part for name, part in _mapping(standing, "processing").items() if name in parties},
        **_mapping(agree, "processing"),
    }
    joined = {**standing, **agree}
    if standing["processing"]:
        joined["processing"] = standing["processing"]
    inherited: dict[Place, str] = {
        ("agree", term): lines.at(("standing", term)) for term in standing if term not in agree
    }
    for name, party in parties.items():
        if isinstance(party, dict) and name in members:
            joined["parties"] = {**joined["parties"], name: {**members[name], **party}}
            for key in members[name].keys() - party.keys():
                inherited["agree", "parties", name, key] = lines.at(("members", name, key))
    return Located({**agreement.value, "agree": joined}, replace(agreement.lines, elsewhere=inherited))


def _mapping(held: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = held.get(name)
    return value if isinstance(value, dict) else {}
