"""What an agreement's chapters must say together: rules, each with a code, a reason and its source.

A rule looks at the text and, where it compiled, at the plan; never at data. A fault that is a red line of
the workshop is marked so: `decide` denies on it whatever else is in order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..errors import PlanError, Problem
from ..plan.forms import FORMS
from ..plan.plan import Plan, Product
from ..plan.schema import Kind
from ..plan.steps import About, Transfer
from .compile import compile_plan
from .document import Agreement, Role
from .shelf import Shelf
from ..plan.plan import LINKING

PUBLIC = "public"
"""The recipient that is everyone."""

Finder = Callable[[Agreement, Plan, Shelf], Iterator[Problem]]


@dataclass(frozen=True)
class Rule:
    """One thing that must hold. `red_line` names the workshop's veto that it serves, if any."""

    code: str
    why: str
    source: str
    find: Finder
    red_line: str = ""


RULES: list[Rule] = []


def rule(code: str, why: str, source: str, red_line: str = "") -> Callable[[Finder], Finder]:
    """Register a finder of faults under a code."""

    def register(find: Finder) -> Finder:
        RULES.append(Rule(code, why, source, find, red_line))
        return find

    return register


def lint(agreement: Agreement, shelf: Shelf) -> tuple[Plan | None, tuple[Problem, ...]]:
    """The plan, if there is one, and every fault. A text that does not compile is told its compile faults only."""
    try:
        plan = compile_plan(agreement, shelf)
    except PlanError as error:
        return None, error.problems
    faults = [
        Problem(rule.code, fault.what, rule.why, fault.fix, fault.where)
        for rule in RULES
        for fault in rule.find(agreement, plan, shelf)
    ]
    return plan, tuple(dict.fromkeys(faults))


def red_lines() -> frozenset[str]:
    """The codes that no benefit outweighs."""
    return frozenset(rule.code for rule in RULES if rule.red_line)


def _fault(what: str, fix: str, where: str) -> Problem:
    return Problem("", what, "", fix, where)


@rule(
    "NO_NOTICE",
    "people must be able to know that data about them are shared",
    "UK GDPR Articles 13-14; workshop red line 1",
    "no public awareness",
)
def _notice(agreement: Agreement, plan: Plan, shelf: Shelf) -> Iterator[Problem]:
    if agreement.text.agree.transparency.notice is None:
        yield _fault(
            "there is no public notice",
            "give `notice:` the address of the published notice",
            agreement.at("agree", "transparency"),
        )


@rule(
    "NO_PURPOSE",
    "a use without a purpose stated beforehand is a fishing expedition",
    "UK GDPR Article 5(1)(b); workshop red line 2",
    "no clear purpose",
)
def _purpose(agreement: Agreement, plan: Plan, shelf: Shelf) -> Iterator[Problem]:
    stated = agreement.text.agree.purposes
    for name, analysis in agreement.text.analyse.items():
        if analysis.purpose not in stated:
            yield _fault(
                f"{name} serves {analysis.purpose!r}, which is no stated purpose",
                f"state it under `purposes:`, or use one of: {', '.join(stated)}",
                agreement.at("analyse", name, "purpose"),
            )


@rule(
    "NOT_TRANSPARENT",
    "what is done must be open to those it is done to",
    "Digital Economy Act 2017 codes of practice; workshop red line 3",
    "no transparency",
)
def _transparent(agreement: Agreement, plan: Plan, shelf: Shelf) -> Iterator[Problem]:
    told = agreement.text.agree.transparency
    where = agreement.at("agree", "transparency")
    if told.register_ != "public":
        yield _fault("the agreement is kept out of the public register", "write `register: public`", where)
    if told.summary is None:
        yield _fault(
            "there is no plain summary", "say in `summary:` what is joined, why, and who sees it", where
        )


@rule(
    "IDENTIFIABLE",
    "the least identifying form that serves is the only lawful one",
    "UK GDPR Article 5(1)(c), Caldicott principle 3; workshop red line 4",
    "identifiable data where other means would do",
)
def _least_form(agreement: Agreement, plan: Plan, shelf: Shelf) -> Iterator[Problem]:
    for product in plan.products:
        signed = agreement.text.agree.necessity.get(product.name)
        if signed is not None and product.form <= FORMS[signed.form]:
            continue
        yield from _avoidable(agreement, product, shelf)


def _avoidable(agreement: Agreement, product: Product, shelf: Shelf) -> Iterator[Problem]:
    needs = shelf.recipes[product.recipe].signature.needs
    if not product.form <= product.needed:
        yield _fault(
            f"{product.name} is released as {product.form.word} {product.form}, but {product.recipe} "
            f"needs no more than {product.needed.word} {product.needed}",
            f"write `form: {product.needed.word}`, or a signed `necessity:`",
            agreement.at("release", product.name, "form"),
        )
    for step in product.result.walk():
        if isinstance(step, Transfer) and step.purpose != LINKING and not step.shape.form <= needs:
            named = [c.name for c in step.shape.schema if c.kind is Kind.IDENTIFIER]
            yield _fault(
                f"{product.name} brings {', '.join(named)} to the host, but {product.recipe} needs "
                f"{needs.word} {needs}",
                "coarsen or leave out these fields, or write a signed `necessity:`",
                agreement.at("analyse", product.name),
            )


@rule(
    "UNUSED",
    "a field that no product uses is over-collection",
    "UK GDPR Article 5(1)(c); workshop red line 5",
    "purpose creep",
)
def _unused(agreement: Agreement, plan: Plan, shelf: Shelf) -> Iterator[Problem]:
    read = {step.asset.name for step in plan.reads}
    for name, source in agreement.text.describe.items():
        idle = [field for field in source.use if f"{source.asset}.{field}" not in plan.used]
        if source.asset not in read:
            idle = [*source.link, *source.use]
        if idle:
            yield _fault(
                f"{name}: no product uses {', '.join(dict.fromkeys(idle))}",
                "leave it out",
                agreement.at("describe", name),
            )


@rule(
    "RECIPIENT",
    "a release reaches those who signed, or everyone, and nobody between",
    "ICO data sharing code; workshop red line 5",
    "purpose creep",
)
def _recipients(agreement: Agreement, plan: Plan, shelf: Shelf) -> Iterator[Problem]:
    for name, release in agreement.text.release.items():
        for to in release.to:
            if to != PUBLIC and to not in agreement.text.agree.parties:
                yield _fault(
                    f"{name} goes to {to!r}, which is no party",
                    "name it under `parties:`",
                    agreement.at("release", name, "to"),
                )


@rule("PUBLIC", "what everyone may see can be about groups only", "ICO anonymisation guidance")
def _public(agreement: Agreement, plan: Plan, shelf: Shelf) -> Iterator[Problem]:
    for product in plan.products:
        for delivery in product.deliveries:
            if delivery.to == PUBLIC and delivery.shape.about is About.PEOPLE:
                yield _fault(
                    f"{product.name} would publish rows about people",
                    "release it to a named party",
                    agreement.at("release", product.name, "to"),
                )


@rule(
    "RESTRICTED",
    "data under a statutory restriction go no further without the owner's consent",
    "Digital Economy Act 2017 s42; Commissioners for Revenue and Customs Act 2005 s18",
)
def _restricted(agreement: Agreement, plan: Plan, shelf: Shelf) -> Iterator[Problem]:
    consents = agreement.text.agree.law.consents
    for product in plan.products:
        for asset in {s.asset.name: s.asset for s in product.result.walk() if hasattr(s, "asset")}.values():
            for restriction in sorted(asset.restrictions - set(consents)):
                yield _fault(
                    f"{product.name} discloses what comes from {asset.name}, restricted by {restriction}",
                    f"record the consent under `law: consents: {restriction}:`, or leave it out",
                    agreement.at("agree", "law"),
                )


@rule(
    "SPLIT",
    "who links must not see content, and who holds content must not see names",
    "ONS split-file practice; Health and Social Care Act 2012 s251 support",
)
def _split(agreement: Agreement, plan: Plan, shelf: Shelf) -> Iterator[Problem]:
    for name, unit in agreement.text.link.items():
        where = agreement.at("link", name)
        party = agreement.text.agree.parties.get(unit.at)
        if party is None or party.role is not Role.LINKER:
            yield _fault(
                f"{name} is linked at {unit.at}, which is not a linker",
                "link at a party with `role: linker`",
                where,
            )
        if unit.linker not in shelf.linkers:
            yield _fault(
                f"no linker is called {unit.linker!r}", f"use one of: {', '.join(shelf.linkers)}", where
            )


@rule(
    "ARTICLE_9",
    "special-category data need a condition, stated and never inferred",
    "UK GDPR Article 9; Data Protection Act 2018 Schedule 1",
)
def _special(agreement: Agreement, plan: Plan, shelf: Shelf) -> Iterator[Problem]:
    sensitive = {
        column.name
        for step in plan.transfers
        for column in step.shape.schema
        if column.kind is Kind.SENSITIVE
    }
    if sensitive and agreement.text.agree.law.article_9 is None:
        yield _fault(
            f"sensitive fields are used ({', '.join(sorted(sensitive))}) with `article_9: null`",
            "state the condition, or leave the fields out",
            agreement.at("agree", "law"),
        )


@rule("ORPHAN", "an entry about nothing is a mistake in what was signed", "good drafting")
def _orphans(agreement: Agreement, plan: Plan, shelf: Shelf) -> Iterator[Problem]:
    text = agreement.text
    held: dict[str, tuple[set[str], set[str]]] = {
        "check": (set(text.check), set(text.analyse)),
        "release": (set(text.release), set(text.analyse)),
        "depersonalise": (set(text.depersonalise), set(text.describe)),
    }
    for chapter, (named, known) in held.items():
        for name in sorted(named - known):
            yield _fault(
                f"`{chapter}:` speaks of {name!r}, which is nowhere else",
                "correct the name or remove it",
                agreement.at(chapter, name),
            )
    for name in sorted(set(text.agree.necessity) - set(text.analyse)):
        yield _fault(
            f"necessity is signed for {name!r}, which is no product",
            "correct the name or remove it",
            agreement.at("agree", "necessity", name),
        )


@rule("TERM", "an agreement begins, is reviewed, and ends", "ICO data sharing code")
def _term(agreement: Agreement, plan: Plan, shelf: Shelf) -> Iterator[Problem]:
    term = agreement.text.account.term
    if not term.start < term.review <= term.end:
        yield _fault(
            "the term's dates are out of order",
            "start, then review, then end",
            agreement.at("account", "term"),
        )
