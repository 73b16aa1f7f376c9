"""A first draft of an agreement, from answers to questions that a governance lead can answer.

What is not answered stands as `null` at its place, and `lint` says of each what is still to be said: a
draft is never more than what its writer said. Nothing of the law is suggested.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import yaml
from pydantic import Field

from ..errors import DocumentError, Problem, among
from ..plan.forms import Who
from ..plan.recipe import Signature
from ..plan.schema import Asset, Kind
from ..plan.setting import Takes
from ..plan.steps import RECORDS
from .chapter import Actor, Address, Chapter, Day, Fields, Name, Names, Sentence, Stated
from .framework import Framework
from .shelf import Shelf

Kindred = Literal["one-way", "reciprocal", "joint-control"]
TEMPLATES: dict[str, str] = {
    "one-way": "some bring data, and others receive what comes of it",
    "reciprocal": "each brings data, and each receives",
    "joint-control": "several decide together why and how (UK GDPR Article 26)",
}
"""The kinds of sharing that a draft can begin from, and when to choose each."""


class Bringing(Chapter):
    """A table that is shared, and which of its fields say what about people."""

    asset: Name
    use: Fields = ()


class Answers(Chapter):
    """What was answered. Everything may be left out but the name."""

    agreement: Name
    kind: Kindred = "one-way"
    framework: str | None = None
    title: Sentence | None = None
    purpose: Name = "purpose"
    statement: Sentence | None = None
    never: tuple[Sentence, ...] = ()
    brings: tuple[Bringing, ...] = ()
    links: Name = "linking-service"
    hosts: Name = "analysis-service"
    unit: Name = "person"
    linker: Name = "nhs-then-splink"
    product: Name = "result"
    question: Sentence | None = None
    recipe: Name = "matched-cohort"
    to: Names = ()
    every: Literal["once", "day", "week", "month", "term", "quarter", "year"] = "once"
    gateway: Sentence | None = None
    article_6: Stated | None = None
    article_9: Stated | None = None
    article_10: Stated | None = None
    notice: Address | None = None
    summary: Sentence | None = None
    subjects: Sentence | None = None
    runs: tuple[Actor, ...] = ()
    gains: Literal["service-users", "public", "providers", "staff", "cross-cutting"] = "public"
    claim: Sentence | None = None
    measure: Stated | None = None
    bears: Literal["public", "providers"] = "public"
    harm: Sentence | None = None
    likelihood: Annotated[int, Field(ge=1, le=5)] | None = None
    severity: Annotated[int, Field(ge=1, le=5)] | None = None
    guard: Sentence | None = None
    residual: Annotated[int, Field(ge=1, le=25)] | None = None
    owner: Stated | None = None
    start: Day | None = None
    review: Day | None = None
    end: Day | None = None


@dataclass(frozen=True)
class Drafted:
    """A party or source as the draft writes it."""

    name: str
    party: str = ""
    role: str = ""
    asset: str = ""
    link: tuple[str, ...] = ()
    use: tuple[str, ...] = ()
    member: bool = False


class Given(NamedTuple):
    """A recipe's table, what a row of it is, and the source that it is drafted from."""

    name: str
    row: str
    source: str
    once: bool


class Slot(NamedTuple):
    """A setting of the recipe, to be filled in."""

    name: str
    value: Any
    doc: str


def draft(answers: Answers, shelf: Shelf, frameworks: Mapping[str, Framework]) -> str:
    """The text of a draft. DocumentError with every answer that names what there is not."""
    _check(answers, shelf, frameworks)
    sources = _sources(answers, shelf)
    signature: Signature = shelf.recipes[answers.recipe].signature
    linked = [s.name for s in sources if s.link]
    parties = _parties(answers, sources, frameworks, bool(linked))
    return _rendered(
        "agreement",
        a=answers,
        parties=parties,
        workers=[party for party in parties if party.role in ("linker", "host", "processor")],
        sources=sources,
        linked=linked,
        inputs=_inputs(signature, [s.name for s in sources]),
        settings=[Slot(p.name, p.default, p.doc) for p in signature if p.required or p.takes is Takes.DATE],
        rows=not signature.fits,
        named=signature.yields.who is Who.NAMED,
        form=signature.yields.word,
        policy="official-statistics" if signature.fits else RECORDS,
    )


def draft_framework(name: str, members: Collection[str]) -> str:
    """The text of a draft of a framework, with a line for each body that is to join."""
    return _rendered("framework", name=name, members=sorted(members) or ["first-body", "second-body"])


def _check(answers: Answers, shelf: Shelf, frameworks: Mapping[str, Framework]) -> None:
    """DocumentError with every answer that names what there is not."""
    faults = [
        Problem("ASSET", f"{b.asset!r} is not in the catalogue", fix=among(b.asset, sorted(shelf.assets)))
        for b in answers.brings
        if b.asset not in shelf.assets
    ]
    known: tuple[tuple[str, str, Collection[str]], ...] = (
        ("RECIPE", answers.recipe, tuple(shelf.recipes)),
        ("LINKER", answers.linker, tuple(shelf.linkers)),
    )
    faults += [
        Problem(code, f"there is no {code.lower()} {name!r}", fix=among(name, names))
        for code, name, names in known
        if name not in names
    ]
    if answers.framework and answers.framework not in versions(frameworks):
        what, fix = (
            f"there is no framework {answers.framework!r}",
            among(answers.framework, versions(frameworks)),
        )
        faults.append(Problem("FRAMEWORK", what, fix=fix))
    if faults:
        raise DocumentError(faults)


def versions(frameworks: Mapping[str, Framework]) -> tuple[str, ...]:
    """The frameworks as an agreement names them: `name@version`."""
    return tuple(f"{name}@{framework.text.version}" for name, framework in frameworks.items())


def _sources(answers: Answers, shelf: Shelf) -> list[Drafted]:
    """Each table with its identity fields for the linker, where several are to be joined."""
    if not answers.brings:
        return [Drafted(name="records", party="first-body")]
    several = sum(1 for b in answers.brings if shelf.assets[b.asset].about_people) > 1
    return [
        Drafted(
            name=b.asset.replace(".", "-").replace("_", "-"),
            party=shelf.assets[b.asset].holder,
            asset=b.asset,
            link=identity(shelf.assets[b.asset]) if several else (),
            use=b.use,
        )
        for b in answers.brings
    ]


def identity(asset: Asset) -> tuple[str, ...]:
    """The fields by which a linker can tell who a record is about; not the holder's own numbers."""
    own = set(asset.unique)
    return tuple(c.name for c in asset.schema if c.kind is Kind.IDENTIFIER and c.name not in own)


def _parties(
    answers: Answers, sources: list[Drafted], frameworks: Mapping[str, Framework], linked: bool
) -> list[Drafted]:
    """Who brings, who receives, who links and who hosts, each once, in that order."""
    bring = "joint controller" if answers.kind == "joint-control" else "controller"
    receive = "recipient" if answers.kind == "one-way" else bring
    roles = dict.fromkeys((s.party for s in sources), bring)
    to = tuple(name for name in answers.to if name != "public") or (
        () if answers.brings else ("second-body",)
    )
    roles |= {name: receive for name in to if name not in roles}
    roles |= {answers.links: "linker"} if linked else {}
    roles |= {answers.hosts: "host"}
    named = (answers.framework or "").partition("@")[0]
    members = frameworks[named].text.members if named else {}
    return [Drafted(name=name, role=role, member=name in members) for name, role in roles.items()]


def _inputs(signature: Signature, sources: list[str]) -> Iterator[Given]:
    """A source for each of the recipe's tables, in turn; the last for those that are left."""
    for number, need in enumerate(signature.inputs):
        source = sources[min(number, len(sources) - 1)]
        yield Given(need.name, need.row, source, need.row == "one row a person")


def _rendered(template: str, **values: Any) -> str:
    return str(_template(template).render(values))


@cache
def _template(name: str) -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # it writes YAML: each value goes through the filter `yaml`
    )
    made.filters["yaml"] = scalar
    return made.get_template(f"{name}.yaml.jinja")


_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 ._@/'()-]*(?<! )")
_WORDS = frozenset(
    {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}
)  # the last six to other readers


def scalar(value: Any) -> str:
    """A value as one line of YAML that the strict loader reads back as the same value."""
    if isinstance(value, tuple | list):
        return f"[{', '.join(scalar(part) for part in value)}]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {scalar(part)}" for name, part in value.items()) + "}"
    if isinstance(value, str):
        plain = _PLAIN.fullmatch(value) and value.casefold() not in _WORDS
        return value if plain else yaml.safe_dump(value, default_style='"', width=10**6).strip()
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
