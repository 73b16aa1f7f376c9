"""Harms to the text of any agreement, worked out from what it says: what was done, and the code for it.

Each generator is given an agreement and yields harmed copies of its values. Nothing here knows one
agreement from another: a harm is made wherever an agreement has the part that it harms.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import yaml
from agreement_example import compiled, frameworks, shelf, text

from sharewell.agree import Agreement
from sharewell.agree.sources import content_of
from sharewell.agree.terms import Role
from sharewell.plan.plan import Plan, Product
from sharewell.plan.schema import Kind
from sharewell.plan.setting import Takes
from sharewell.plan.steps import About
from sharewell.text import load_yaml

Values = dict[str, Any]


class Harm(NamedTuple):
    """What was done to the text, the code by which it must be refused, and what the text then holds."""

    what: str
    code: str
    values: Values
    rewrite: tuple[str, str] = ("", "")

    @property
    def written(self) -> str:
        """The harmed text; `rewrite` is what no values can say: marks that are only in writing."""
        made = dump(self.values)
        return made.replace(*self.rewrite, 1) if self.rewrite[0] else made


class _Plain(yaml.SafeDumper):
    """Writes every value in full: an agreement has no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def dump(values: Values) -> str:
    """The values as a text."""
    return yaml.dump(values, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=10_000)


@dataclass(frozen=True)
class Subject:
    """An agreement to harm, with all that is known of it."""

    name: str

    @cached_property
    def values(self) -> Values:
        return load_yaml(text(self.name), f"{self.name}.yaml").value

    @cached_property
    def _compiled(self) -> tuple[Agreement, Plan]:
        return compiled(dump(self.values))

    @property
    def agreement(self) -> Agreement:
        return self._compiled[0]

    @property
    def plan(self) -> Plan:
        return self._compiled[1]

    def rows(self) -> Iterator[Product]:
        """The products that are rows about people."""
        return (p for p in self.plan.products if p.result.shape.about is About.PEOPLE)

    def figures(self) -> Iterator[Product]:
        """The products that are tables about groups."""
        return (p for p in self.plan.products if p.result.shape.about is not About.PEOPLE)

    def harm(self, what: str, code: str, change: Callable[[Values], Any]) -> Harm:
        """The harm that a change of the values does."""
        values = copy.deepcopy(self.values)
        change(values)
        assert values != self.values, f"nothing was changed: {what}"
        return Harm(what, code, values)

    def put(self, what: str, code: str, value: Any, *place: str | int) -> Harm:
        """The harm of another value at a place; places that are not there are made."""

        def change(values: Values) -> None:
            held: Any = values
            for key in place[:-1]:
                held = held.setdefault(key, {}) if isinstance(held, dict) else held[key]
            held[place[-1]] = value

        return self.harm(what, code, change)

    def take(self, what: str, code: str, *place: str | int) -> Harm:
        """The harm of a value taken away."""

        def change(values: Values) -> None:
            held: Any = values
            for key in place[:-1]:
                held = held[key]
            del held[place[-1]]

        return self.harm(what, code, change)


def of_openness(s: Subject) -> Iterator[Harm]:
    """What the public could not read, and purposes that nobody stated."""
    yield s.put("no notice", "NO_NOTICE", None, "agree", "transparency", "notice")
    yield s.put("notice that is no address", "VALUE", "on the wall", "agree", "transparency", "notice")
    yield s.take("no summary", "NOT_TRANSPARENT", "agree", "transparency", "summary")
    yield s.put("kept off the register", "NOT_TRANSPARENT", "withheld", "agree", "transparency", "register")
    for name in s.values["agree"]["purposes"]:
        place = ("agree", "purposes", name, "statement")
        yield s.put(f"purpose {name} without words", "VALUE", "good", *place)
    for name in s.values["analyse"]:
        yield s.put(f"{name} for another purpose", "NO_PURPOSE", "marketing", "analyse", name, "purpose")


def of_recipients(s: Subject) -> Iterator[Harm]:
    """Wrong recipients."""
    parties = s.agreement.text.agree.parties
    for name in s.values["release"]:
        yield s.put(f"{name} to an advertiser", "RECIPIENT", ["advertiser"], "release", name, "to")
        for linker in s.agreement.parties(Role.LINKER):
            yield s.put(f"{name} to {linker}", "RECIPIENT", [linker], "release", name, "to")
    for product in s.rows():
        named = [c for c in product.result.shape.schema if c.kind is Kind.IDENTIFIER]
        signed = s.agreement.text.agree.necessity.get(product.name)
        to = [party for party in parties if parties[party].role is not Role.LINKER]
        strangers = [p for p in to if {c.party for c in named} - {p} and not (signed and p in signed.to)]
        yield s.put(f"{product.name} to everyone", "PUBLIC", ["public"], "release", product.name, "to")
        for party in strangers:
            place = ("release", product.name, "to")
            yield s.put(f"{product.name} to {party}", "STRANGER", [*product.recipients, party], *place)


def of_forms(s: Subject) -> Iterator[Harm]:
    """Identifiable where avoidable, and fields beyond what was agreed."""
    for product in s.figures():
        for form in ("de-personalised", "identifiable"):
            yield s.put(f"{product.name} {form}", "IDENTIFIABLE", form, "release", product.name, "form")
        yield s.put(f"fields of {product.name}", "FIELD", ["treated"], "release", product.name, "fields")
        yield s.put(f"{product.name} as rows", "POLICY", "records", "check", product.name, "policy")
    for product in s.rows():
        fields = s.values["release"][product.name]["fields"]
        place = ("release", product.name)
        yield s.put(f"further field of {product.name}", "FIELD", [*fields, "shoe_size"], *place, "fields")
        yield s.put(f"{product.name} called figures", "FORM", "aggregate", *place, "form")
        policy = ("check", product.name, "policy")
        yield s.put(f"{product.name} as figures", "POLICY", "official-statistics", *policy)
        for subject in product.result.inputs[0].inputs[0].shape.unique:  # what the recipe made, before Keep
            fewer = [field for field in fields if field != subject]
            yield s.put(f"{product.name} without {subject}", "FIELD", fewer, *place, "fields")
    for name, product in ((p.name, p) for p in s.rows() if p.name in s.agreement.text.agree.necessity):
        place = ("agree", "necessity", name)
        if any(c.kind is Kind.IDENTIFIER for c in product.result.shape.schema):
            yield s.take(f"necessity of {name} removed", "IDENTIFIABLE", *place)
            yield s.put(f"lesser necessity of {name}", "IDENTIFIABLE", "coded yes/no", *place, "form")
        yield s.take(f"necessity of {name} unsigned", "MISSING", *place, "signed")


def of_sources(s: Subject) -> Iterator[Harm]:
    """What parties bring: more than was agreed, or what is not theirs."""
    parties = list(s.values["agree"]["parties"])
    for name, source in s.values["describe"].items():
        place = ("describe", name)
        others = [party for party in parties if party != source["from"]]
        yield s.put(f"{name} of an unknown asset", "ASSET", "moon.craters", *place, "asset")
        yield s.put(f"{name} of nobody", "PARTY", "mallory", *place, "from")
        yield s.put(f"{name} of {others[0]}", "PARTY", others[0], *place, "from")
        use = source.get("use", [])
        yield s.put(f"{name} brings what is not held", "FIELD", [*use, "shoe_size"], *place, "use")
        yield from _wider(s, name, source)
        if source.get("link"):
            yield s.put(f"{name} unlinkable", "LINK", [], *place, "link")
        if "of" in source:
            yield s.put(f"{name} of unknown people", "SOURCE", "nobody", *place, "of")
    for name, coarse in s.values.get("depersonalise", {}).items():
        for field in coarse:
            place = ("depersonalise", name, field)
            held = shelf().assets[s.values["describe"][name]["asset"]].schema
            same = field in held and shelf().coarsenings[coarse[field]["to"]].gives is held[field].type
            code = "IDENTIFIABLE" if same else "TYPE"
            yield s.take(f"{name}.{field} uncoarsened", code, *place)
            yield s.put(f"{name}.{field} coarsened by nothing", "UNKNOWN", {"to": "moon"}, *place)
        yield s.put(
            f"{name} coarsens what it lacks", "COARSEN", {"to": "upper"}, "depersonalise", name, "x"
        )


def _wider(s: Subject, name: str, source: Values) -> Iterator[Harm]:
    """A source that brings a name it need not, content to the linker, or a field that serves nothing."""
    asset = shelf().assets[source["asset"]]
    use, link = source.get("use", []), source.get("link", [])
    if not asset.about_people:
        return
    spare = [c for c in asset.schema if c.name not in (*use, *link, *source.get("derive", {}))]
    content = [c.name for c in spare if c.kind in (Kind.SENSITIVE, Kind.PLAIN)]
    if link and content:
        yield s.put(f"{name} to the linker", "SPLIT", [*link, content[0]], "describe", name, "link")
    if content and _alone(s, name):
        yield s.put(f"{name} wider", "UNUSED", [*use, content[0]], "describe", name, "use")
    arriving = [p for p in s.plan.products if any(t.what == content_of(name) for t in p.arrivals)]
    unsigned = [p for p in arriving if p.name not in s.agreement.text.agree.necessity]
    if unsigned and _alone(s, name) and "surname" in link and "surname" not in use:
        yield s.put(f"{name} with names", "IDENTIFIABLE", [*use, "surname"], "describe", name, "use")


def _alone(s: Subject, name: str) -> bool:
    """Whether a further column of this source can clash with no other table's."""
    tables = [t for a in s.agreement.text.analyse.values() for t in a.tables.values()]
    looked = {n for t in tables for n in (*t.lookup, *(n for f in t.add.values() for n in f.lookup))}
    looking = {t.from_ for t in tables if t.lookup or t.add or t.derive}
    return name not in looked and name not in looking


def of_links(s: Subject) -> Iterator[Harm]:
    """Who links what, and where."""
    host = s.agreement.party(Role.HOST)
    for name, unit in s.values.get("link", {}).items():
        yield s.put(f"unit {name} linked by a guess", "UNKNOWN", "guess", "link", name, "linker")
        yield s.put(f"unit {name} linked at {host}", "SPLIT", host, "link", name, "at")
        yield s.put(f"unit {name} of nobody", "SOURCE", [*unit["of"], "nobody"], "link", name, "of")
    for linker in s.agreement.parties(Role.LINKER):
        yield s.put(f"{linker} no linker", "SPLIT", "processor", "agree", "parties", linker, "role")
    yield s.put("no host", "HOST", "processor", "agree", "parties", host or "", "role")
    bringer = next(iter(s.values["describe"].values()))["from"]
    yield s.put("a second host", "HOST", "host", "agree", "parties", bringer, "role")
    yield s.put("an owner", "VALUE", "owner", "agree", "parties", bringer, "role")


def of_parties(s: Subject) -> Iterator[Harm]:
    """Nobody to sign, nobody trained, nobody who answers for it."""
    for party in s.values["agree"]["parties"]:
        yield s.put(f"nobody signs for {party}", "SIGNATORY", [], "agree", "parties", party, "signs")
    party = next(iter(s.values["agree"]["parties"]))
    advises = [{"who": f"dpo@{party}", "as": "data protection officer"}]
    yield s.put("the adviser signs", "SIGNATORY", advises, "agree", "parties", party, "signs")
    for number, user in enumerate(s.values["agree"].get("users", [])):
        if {"view", "reidentify"} & set(user["may"]):
            place = ("agree", "users", number, "training")
            yield s.put(f"{user['role']} untrained", "TRAINING", [], *place)
    if s.agreement.parties(Role.JOINT_CONTROLLER):
        place = ("agree", "joint_control", "contact")
        yield s.put("joint control by a stranger", "JOINT_CONTROL", "mallory", *place)
    yield s.put("terms for a stranger", "PROCESSOR", {"terms": "By word of mouth only"},
                "agree", "processing", "mallory")  # fmt: skip


def of_law(s: Subject) -> Iterator[Harm]:
    """Authorities unsaid."""
    law = s.values["agree"]["law"]
    yield s.take("no legal gateway", "MISSING", "agree", "law", "gateway")
    yield s.put("empty Article 6", "VALUE", "", "agree", "law", "article_6")
    yield s.put("Article 6 misspelt", "FIELD", "6(1)(e)", "agree", "law", "artcle_6")
    columns = {c for step in s.plan.transfers for c in step.shape.schema}
    if any(c.kind is Kind.SENSITIVE for c in columns):
        yield s.put("sensitive without a condition", "ARTICLE_9", None, "agree", "law", "article_9")
    if law.get("consents"):
        yield s.take("consent of the owner removed", "RESTRICTED", "agree", "law", "consents")
    crimes = {r.asset.name for r in s.plan.reads if "criminal-offence" in r.asset.categories}
    if crimes:
        yield s.harm("crime without authority", "ARTICLE_10", lambda values: values["agree"]["law"].update(
            article_10=None, part_3=False))  # fmt: skip
    if law.get("part_3"):
        yield s.put("another authority", "PART_3", "Somebody", "agree", "law", "part_3", "authority")
    consents = {"consents": {**law.get("consents", {}), "nobody": "Nobody's consent to nothing"}}
    yield s.harm("consent for nothing", "ORPHAN", lambda values: values["agree"]["law"].update(consents))


def of_weighing(s: Subject) -> Iterator[Harm]:
    """Benefits, risks, deliberation."""
    agree = s.values["agree"]
    yield s.put("no benefit", "VALUE", [], "agree", "benefits")
    yield s.put("no risk", "VALUE", [], "agree", "risks")
    yield s.put("benefit of a ghost", "BENEFIT", "ghost.estimate", "agree", "benefits", 0, "measure")
    for number, risk in enumerate(agree["risks"]):
        more = risk["likelihood"] * risk["severity"] + 1
        if more <= 25:
            yield s.put(f"risk {number} grows", "RESIDUAL", more, "agree", "risks", number, "residual")
        place = ("agree", "risks", number, "owner")
        yield s.put(f"risk {number} of a stranger", "RISK_OWNER", "siro@mallory", *place)
    yield s.put("decision on nothing", "AUTOMATED", {"decision": "Who is seen", "logic": "By a thumb"},
                "agree", "automated", "ghost")  # fmt: skip
    further = [{"what": "ghost", "to": "anybody", "why": "Because they asked for it"}]
    yield s.put("onward of a ghost", "ONWARD", further, "agree", "onward")
    yield s.put("necessity of a ghost", "ORPHAN", {"form": "yes/no", "why": "Because we say so", "rejected":
                "Nothing else was tried", "signed": "nobody"}, "agree", "necessity", "ghost")  # fmt: skip
    for number, _ in enumerate(agree.get("deliberation", {}).get("findings", [])):
        place = ("agree", "deliberation", "findings", number, "clause")
        yield s.put(f"finding {number} changed nothing", "DELIBERATION", "describe.nowhere", *place)
    for name in agree.get("deliberation", {}).get("conditions", {}):
        place = ("agree", "deliberation", "conditions", name, "before")
        yield s.put(f"condition {name} after the end", "CONDITION", "2031-01-01", *place)


def of_analyses(s: Subject) -> Iterator[Harm]:
    """Recipes, their tables and settings."""
    for name, analysis in s.values["analyse"].items():
        place, signature = ("analyse", name), shelf().recipes[analysis["recipe"]].signature
        yield s.put(f"{name} by a horoscope", "UNKNOWN", "horoscope", *place, "recipe")
        yield s.put(f"{name} coloured", "PARAMETER", "blue", *place, "with", "colour")
        role, table = next(iter(analysis["tables"].items()))
        yield s.put(f"{name} of a source unknown", "SOURCE", {"from": "nowhere"}, *place, "tables", role)
        yield s.put(f"{name} of a table too many", "INPUT", table, *place, "tables", "extra")
        needed = [known.name for known in signature.inputs if not known.optional]
        if len(analysis["tables"]) > 1 and needed[0] in analysis["tables"]:
            yield s.take(f"{name} without {needed[0]}", "INPUT", *place, "tables", needed[0])
        for parameter in signature:
            told = analysis["with"].get(parameter.name)
            setting = (*place, "with", parameter.name)
            if told is not None and parameter.takes is Takes.COLUMN:
                yield s.put(f"{name} {parameter.name} unknown", "COLUMN", "shoe_size", *setting)
            if told is not None and parameter.required:
                yield s.take(f"{name} {parameter.name} unsaid", "PARAMETER", *setting)
            if told is not None and parameter.takes in (Takes.INTEGER, Takes.NUMBER, Takes.DATE):
                yield s.put(f"{name} {parameter.name} in words", "PARAMETER", "much", *setting)


def of_drafting(s: Subject) -> Iterator[Harm]:
    """Chapters that do not fit together, or are not of this format."""
    yield s.put("another format", "VALUE", 2, "sharewell")
    yield s.put("version nought", "VALUE", 0, "version")
    yield s.put("unknown chapter", "FIELD", "blue", "colour")
    yield s.put("unknown framework", "FRAMEWORK", "nowhere@1", "framework")
    for name in frameworks():
        yield s.put(f"another version of {name}", "FRAMEWORK", f"{name}@9", "framework")
    yield s.put("retention malformed", "VALUE", "90 days", "account", "retain")
    yield s.take("no exit", "MISSING", "account", "exit")
    yield s.put("kept for ever", "VALUE", "keep", "account", "exit")
    yield s.put("review after the end", "TERM", "2031-01-01", "account", "term", "review")
    yield s.put("impossible date", "VALUE", "2026-02-30", "account", "term", "end")
    yield s.put("idle parameter", "ORPHAN", 1, "agree", "parameters", "idle")
    for name in s.values["agree"].get("parameters", {}):
        yield s.take(f"parameter {name} removed", "PARAMETER", "agree", "parameters", name)
    for name in s.values["analyse"]:
        yield s.take(f"{name} unchecked", "PRODUCT", "check", name)
        yield s.take(f"{name} unreleased", "PRODUCT", "release", name)
        yield s.put(f"{name} by no policy", "POLICY", "none-at-all", "check", name, "policy")
        yield s.put(f"{name} sometimes", "VALUE", "sometimes", "release", name, "every")
    ghost = {"to": ["public"], "form": "aggregate", "as": ["csv"], "every": "once"}
    yield s.put("release of a ghost", "ORPHAN", ghost, "release", "ghost")
    yield Harm("a key twice", "TWICE", s.values, ("version: ", "version: 2\nversion: "))
    yield Harm("a tab", "TAB", s.values, ("version: ", "version:\t"))
    yield Harm("an anchor", "ANCHOR", s.values, ("version: ", "version: &v "))


KINDS = (
    of_openness,
    of_recipients,
    of_forms,
    of_sources,
    of_links,
    of_parties,
    of_law,
    of_weighing,
    of_analyses,
    of_drafting,
)


def harms(s: Subject) -> Iterator[Harm]:
    """Every harm to the text of an agreement."""
    for kind in KINDS:
        yield from kind(s)
