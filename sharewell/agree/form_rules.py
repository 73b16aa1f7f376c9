"""Rules about form: the least identifying one, never more of it than a product uses."""

from __future__ import annotations

from collections.abc import Iterator

from ..plan.forms import FORMS, Form, Who
from ..plan.plan import LINKING, Plan, Product
from ..plan.schema import Kind
from ..plan.steps import About
from .document import Agreement
from .rules import PUBLIC, Found, Rule
from .shelf import Shelf
from .sources import content_of
from .weighing import Necessity


class Identifiable(Rule):
    """The least identifying form that serves is the only lawful one. The least form of a product is
    computed from its recipe, never declared; whatever is brought or released beyond it needs a signed
    necessity that says why, and which lesser form was tried. Rows that name people need one always. The
    workshop's fourth red line: identifiable data where other means would do.
    """

    code = "IDENTIFIABLE"
    why = "the least identifying form that serves is the only lawful one"
    source = "UK GDPR Article 5(1)(c), Caldicott principle 3; workshop red line 4"
    red_line = "identifiable data where other means would do"
    example = "asthma-gap: {to: [north-council, public], form: identifiable,"
    fix = "asthma-gap: {to: [north-council, public], form: aggregate,"

    def in_plan(self, agreement: Agreement, plan: Plan, shelf: Shelf) -> Iterator[Found]:
        for product in plan.products:
            signed = agreement.text.agree.necessity.get(product.name)
            needs = shelf.recipes[product.recipe].signature.needs
            yield from self._released(agreement, product, signed)
            yield from self._brought(agreement, product, signed, needs)

    def _released(
        self, agreement: Agreement, product: Product, signed: Necessity | None
    ) -> Iterator[Found]:
        form, least = product.form, product.needed
        if signed is not None and form <= FORMS[signed.form]:
            return
        where = agreement.at("release", product.name, "form")
        if not form <= least:
            what = (
                f"{product.name} is released as {_said(form)}; {product.recipe} needs only {_said(least)}"
            )
            fix = f"write `form: {least.word}`, or a signed `necessity: {product.name}:` for more"
            yield Found(what, fix, where)
        elif form.who is Who.NAMED:
            what = f"{product.name} is released as {_said(form)} without a signed necessity"
            yield Found(what, f"sign `necessity: {product.name}:`, or release counts about groups", where)

    def _brought(
        self, agreement: Agreement, product: Product, signed: Necessity | None, needs: Form
    ) -> Iterator[Found]:
        sources = {content_of(name): name for name in agreement.text.describe}
        for step in product.arrivals:
            form = step.shape.form
            if signed is not None and (form <= needs or form <= FORMS[signed.form]):
                continue
            named = ", ".join(c.name for c in step.shape.schema if c.kind is Kind.IDENTIFIER)
            where = agreement.at("describe", sources[step.what])
            if not form <= needs:
                what = f"{product.name} brings {named} to {step.to}; "
                what += f"{product.recipe} needs only {_said(needs)}"
                fix = "coarsen or leave out these fields, or write a signed `necessity:`"
                yield Found(what, fix, where)
            elif named:
                what = f"{product.name} brings {named} to {step.to} without a signed necessity"
                yield Found(what, f"sign `necessity: {product.name}:`, or leave out these fields", where)


def _said(form: Form) -> str:
    return form.word if form.word == str(form) else f"{form.word} {form}"


class Unused(Rule):
    """A field that arrives and that no product reads, a source that never leaves its holder, records that
    are linked for nothing: each is over-collection, and each is held ready for a use that nobody stated.
    What is used is recovered from the plan, not declared. The workshop's fifth red line: purpose creep.
    """

    code = "UNUSED"
    why = "what no product uses is over-collection"
    source = "UK GDPR Article 5(1)(c); workshop red line 5"
    red_line = "purpose creep"
    example = "use: [born, sex, area, asthma]"
    fix = "use: [born, area, asthma]"

    def in_plan(self, agreement: Agreement, plan: Plan, shelf: Shelf) -> Iterator[Found]:
        text = agreement.text
        arrived = {step.what: plan.live[step] for product in plan.products for step in product.arrivals}
        served = {
            source.of or name for name, source in text.describe.items() if content_of(name) in arrived
        }
        linked = {name for unit in text.link.values() for name in unit.of}
        for name, source in text.describe.items():
            live = arrived.get(content_of(name), frozenset())
            idle = [] if name in linked & served else list(source.link)
            idle += [field for field in (*source.use, *source.derive) if field not in live]
            if idle or (content_of(name) not in arrived and name not in served):
                what = f"{name}: no product uses {', '.join(dict.fromkeys(idle)) or 'it'}"
                yield Found(what, "leave out what is not used", agreement.at("describe", name))
        units = {name for step in plan.transfers if step.purpose == LINKING for name in plan.live[step]}
        for name in text.link:
            if name not in units:
                what = f"records are linked into {name}, and no product uses it"
                yield Found(what, "leave it out", agreement.at("link", name))


class Public(Rule):
    """What everyone may see can be about groups only. A row about one person, coded or not, is read by
    those who know something of that person already; once published it cannot be called back.
    """

    code = "PUBLIC"
    why = "what everyone may see can be about groups only"
    source = "ICO anonymisation guidance"
    example = "damp-homes: {to: [north-energy, public],"
    fix = "damp-homes: {to: [north-energy],"

    def in_plan(self, agreement: Agreement, plan: Plan, shelf: Shelf) -> Iterator[Found]:
        for product in plan.products:
            for delivery in product.deliveries:
                if delivery.to == PUBLIC and delivery.shape.about is About.PEOPLE:
                    where = agreement.at("release", product.name, "to")
                    yield Found(
                        f"{product.name} would publish rows about people",
                        "release it to a named party",
                        where,
                    )


class View(Rule):
    """A view shows one record at a time, to a person who asked for it and for a reason that is kept. It is
    never a file beside that, it is made at each request and at no other time, and there is one only of rows
    about named people: figures about groups are nobody's record.
    """

    code = "VIEW"
    why = "a view is one person's record at a time, asked for each time"
    source = "Caldicott principles 4 and 7; UK GDPR Article 5(1)(c); workshop: layers of access"
    example = "as: [csv, view], every: year"
    fix = "as: [csv], every: year"

    def in_text(self, agreement: Agreement) -> Iterator[Found]:
        for name, release in agreement.text.release.items():
            view, asked = "view" in release.as_, release.every == "request"
            if view and len(release.as_) > 1:
                where = agreement.at("release", name, "as")
                files = ", ".join(form for form in release.as_ if form != "view")
                what = f"{name} is a view, and a file as well ({files})"
                yield Found(what, "write `as: [view]`, or make the file a product of its own", where)
            elif view and not asked:
                where = agreement.at("release", name, "every")
                what = f"{name} is a view, and would be made every {release.every}"
                yield Found(what.replace("every once", "once"), "write `every: request`", where)
            if asked and not view:
                what = f"{name} is made at each request, and is no view"
                where = agreement.at("release", name, "every")
                yield Found(what, "write `as: [view]`, or how often it is made", where)

    def in_plan(self, agreement: Agreement, plan: Plan, shelf: Shelf) -> Iterator[Found]:
        for product in plan.products:
            people = product.result.shape.about is About.PEOPLE and product.form.who is Who.NAMED
            if "view" in agreement.text.release[product.name].as_ and not people:
                where = agreement.at("release", product.name, "as")
                what = f"{product.name} is a view, and its rows name nobody"
                yield Found(what, "release it as csv or report", where)
