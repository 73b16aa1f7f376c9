"""Rules about an index that is kept: what an agreement may keep, and who else may read it."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import among
from ..plan.footprint import live_columns
from ..plan.plan import Plan, Product
from ..plan.steps import Link
from .document import Agreement
from .flow import Unit
from .rules import Found, Rule
from .shelf import Shelf
from .standing_index import StandingIndex, standing_index

KEPT = ("nhs-then-splink", "splink")
"""The linkers whose finding can be kept: each finds people, by one model that decides on every record."""


class StandingRule(Rule):
    """An index of people that outlives a run follows them for years. So only people are kept in one, never
    who shares a home; it is destroyed with its agreement and given back to nobody; and somebody is named
    who puts it right where it takes two people for one, or one for two.
    """

    code = "STANDING"
    why = "an index that is kept follows people for years, so it is tended, bounded and destroyed"
    source = "UK GDPR Articles 5(1)(d), 5(1)(e) and 16; ONS split-file practice"
    example = "home:   {of: [tenants, customers], linker: homes, at: north-linker, standing: true}"
    fix = "home:   {of: [tenants, customers], linker: homes, at: north-linker}"

    def in_text(self, agreement: Agreement) -> Iterator[Found]:
        text = agreement.text
        kept = {name: unit for name, unit in text.link.items() if unit.standing}
        for name, unit in kept.items():
            if unit.linker is not None and unit.linker not in KEPT:
                what = f"{name} is linked by {unit.linker}, and only people can be kept in an index"
                fix = f"leave out `standing:`, or link by {' or '.join(KEPT)}"
                yield Found(what, fix, agreement.at("link", name, "standing"))
        if kept and text.account.exit != "destroy":
            what = f"the index of {', '.join(kept)} would be given back at the end"
            fix = "write `exit: destroy`: no one body may hold it"
            yield Found(what, fix, agreement.at("account", "exit"))
        tending = [user.role for user in text.agree.users if "link" in user.may]
        if kept and not tending:
            what = f"nobody may put the index of {', '.join(kept)} right"
            yield Found(what, "give somebody `may: [link]`", agreement.at("agree", "users"))
        if tending and not kept:
            what = f"{', '.join(tending)} may tend an index, and none is kept"
            yield Found(what, "take `link` away, or write `standing: true`", agreement.at("agree", "users"))


class IndexRule(Rule):
    """Who is who, found under one agreement, is read under another only where the first says so in
    `onward:`, while both are in force, for the purposes that it names, at the linker that keeps it, and by
    the fields that it was built on. Otherwise an index made for one thing would quietly serve everything.
    """

    code = "INDEX"
    why = "an index serves another agreement only where its own agreement says so"
    source = "UK GDPR Article 5(1)(b); ICO data sharing code, further sharing; workshop red line 5"
    example = "person: {of: [patients, tenants], from: residents-index, at: north-linker}"
    fix = "person: {of: [patients, tenants], linker: nhs-then-splink, at: north-linker}"
    red_line = "purpose creep"

    def in_plan(self, agreement: Agreement, plan: Plan, shelf: Shelf) -> Iterator[Found]:
        for unit, told in agreement.text.link.items():
            index = standing_index(shelf, told, unit)
            if index is None:
                continue  # linked here; or no such index, which compiling has told
            where = agreement.at("link", unit)
            for what, fix in (
                *_offered(agreement, index),
                *_same_linker(told, index),
                *_within_term(agreement, index),
                *_same_fields(agreement, told, index),
                *_purposes(agreement, plan, index),
            ):
                yield Found(what, fix, where)


Told = Iterator[tuple[str, str]]


def _offered(agreement: Agreement, index: StandingIndex) -> Told:
    """It is kept, and its agreement names this one."""
    name = index.agreement.name
    if not index.told.standing:
        yield f"{name} does not keep its index of {index.unit}", "link anew: write `linker:`"
    if index.onward_to(agreement.name) is None:
        entry = f"{{what: {index.unit}, to: {agreement.name}}}"
        fix = f"agree `{entry}` under its `onward:` first, or write `linker:`"
        yield f"{name} does not offer its index of {index.unit} to {agreement.name}", fix


def _same_linker(told: Unit, index: StandingIndex) -> Told:
    if told.at != index.told.at:
        what = f"the index of {index.agreement.name} is kept at {index.told.at}, not at {told.at}"
        yield what, f"write `at: {index.told.at}`, and make it a party as linker"


def _within_term(agreement: Agreement, index: StandingIndex) -> Told:
    """Before it begins there is no index, and after its end it is destroyed."""
    mine, theirs = agreement.text.account.term, index.agreement.text.account.term
    if mine.start < theirs.start or mine.end > theirs.end:
        what = f"the index of {index.agreement.name} is there from {theirs.start} to {theirs.end} only"
        yield what, "bring the term within it, or agree the next version of the index first"


def _same_fields(agreement: Agreement, told: Unit, index: StandingIndex) -> Told:
    """What its model has never seen it cannot weigh, so that the linker would be sent it for nothing."""
    known = index.fields()
    for name in told.of:
        further = [field for field in agreement.text.describe[name].link if field not in known]
        if further:
            what = f"{name} is linked by {', '.join(further)}, which the index does not hold"
            yield what, f"leave it out of `link:`; {among(further[0], sorted(known))}"


def _purposes(agreement: Agreement, plan: Plan, index: StandingIndex) -> Told:
    onward = index.onward_to(agreement.name)
    for product in plan.products:
        if onward and onward.for_ and product.purpose not in onward.for_ and _reads(product, index):
            what = f"{product.name} serves {product.purpose}, for which the index is not offered"
            yield what, f"it is offered for {', '.join(onward.for_)}"


def _reads(product: Product, index: StandingIndex) -> bool:
    """Whether anything of the product rests on who is who by this index."""
    live = live_columns(product.deliveries)
    links = [step for step in product.steps if isinstance(step, Link)]
    return any(step.index == index.agreement.name and index.unit in live[step] for step in links)
