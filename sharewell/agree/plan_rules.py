"""Rules about what the text amounts to: who would hold which columns, in which form, at which place."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import among
from ..plan.forms import FORMS, Form, Who
from ..plan.plan import LINKING, Plan, Product
from ..plan.schema import Kind
from ..plan.steps import About, Transfer
from .document import Agreement
from .rules import PUBLIC, Found
from .shelf import Shelf
from .sources import content_of
from .weighing import Necessity


def least_form(agreement: Agreement, plan: Plan, shelf: Shelf) -> Iterator[Found]:
    """No more is released than the recipe yields, nor brought than it needs; names never unsigned."""
    for product in plan.products:
        signed = agreement.text.agree.necessity.get(product.name)
        yield from _release_form(agreement, product, signed)
        yield from _content_form(agreement, product, signed, shelf.recipes[product.recipe].signature.needs)


def _release_form(agreement: Agreement, product: Product, signed: Necessity | None) -> Iterator[Found]:
    form, least = product.form, product.needed
    if signed is not None and form <= FORMS[signed.form]:
        return
    where = agreement.at("release", product.name, "form")
    if not form <= least:
        what = f"{product.name} is released as {_said(form)}; {product.recipe} needs only {_said(least)}"
        yield Found(
            what, f"write `form: {least.word}`, or a signed `necessity: {product.name}:` for more", where
        )
    elif form.who is Who.NAMED:
        what = f"{product.name} is released as {_said(form)} without a signed necessity"
        yield Found(what, f"sign `necessity: {product.name}:`, or release counts about groups", where)


def _content_form(
    agreement: Agreement, product: Product, signed: Necessity | None, needs: Form
) -> Iterator[Found]:
    sources = {content_of(name): name for name in agreement.text.describe}
    for step in product.arrivals:
        form = step.shape.form
        if signed is not None and (form <= needs or form <= FORMS[signed.form]):
            continue
        named = ", ".join(c.name for c in step.shape.schema if c.kind is Kind.IDENTIFIER)
        where = agreement.at("describe", sources[step.what])
        if not form <= needs:
            what = f"{product.name} brings {named} to {step.to}; {product.recipe} needs only {_said(needs)}"
            yield Found(what, "coarsen or leave out these fields, or write a signed `necessity:`", where)
        elif named:
            what = f"{product.name} brings {named} to {step.to} without a signed necessity"
            yield Found(what, f"sign `necessity: {product.name}:`, or leave out these fields", where)


def _said(form: Form) -> str:
    return form.word if form.word == str(form) else f"{form.word} {form}"


def unused(agreement: Agreement, plan: Plan, shelf: Shelf) -> Iterator[Found]:
    """Fields that arrive and are not live; sources that never leave; records linked for nothing."""
    text = agreement.text
    arrived = {step.what: plan.live[step] for product in plan.products for step in product.arrivals}
    served = {source.of or name for name, source in text.describe.items() if content_of(name) in arrived}
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


def linking_fields(agreement: Agreement, plan: Plan, shelf: Shelf) -> Iterator[Found]:
    """Identity to the linker and nothing that tells of a person's life."""
    for name, source in agreement.text.describe.items():
        schema = shelf.assets[source.asset].schema
        told = [f for f in source.link if schema[f].kind in (Kind.SENSITIVE, Kind.PLAIN)]
        if told:
            what = f"{name} would send {', '.join(told)} to the linker, which does not say who somebody is"
            yield Found(what, "move it to `use:`, or leave it out", agreement.at("describe", name))


def public(agreement: Agreement, plan: Plan, shelf: Shelf) -> Iterator[Found]:
    """What everyone gets is about groups."""
    for product in plan.products:
        for delivery in product.deliveries:
            if delivery.to == PUBLIC and delivery.shape.about is About.PEOPLE:
                what = f"{product.name} would publish rows about people"
                yield Found(
                    what, "release it to a named party", agreement.at("release", product.name, "to")
                )


def strangers(agreement: Agreement, plan: Plan, shelf: Shelf) -> Iterator[Found]:
    """Rows that name people go to the party whose names they bear, unless another is signed for."""
    for product in plan.products:
        signed = agreement.text.agree.necessity.get(product.name)
        for delivery in product.deliveries:
            named = [c for c in delivery.shape.schema if c.kind is Kind.IDENTIFIER]
            whose = sorted({column.party for column in named})
            if (
                delivery.to == PUBLIC
                or whose in ([], [delivery.to])
                or (signed and delivery.to in signed.to)
            ):
                continue
            fields = ", ".join(column.name for column in named)
            what = f"{product.name} tells {delivery.to} of people by {fields} of {', '.join(whose)}"
            fix = f"release it to {whose[0]}, or name {delivery.to} under `necessity: {product.name}: to:`"
            yield Found(what, fix, agreement.at("release", product.name, "to"))


def restricted(agreement: Agreement, plan: Plan, shelf: Shelf) -> Iterator[Found]:
    """Restrictions follow the columns that cross a place on the way to a product, linking included."""
    consents, where = agreement.text.agree.law.consents, agreement.at("agree", "law")
    for product in plan.products:
        for name in sorted(_crossing(product)):
            for restriction in sorted(shelf.assets[name].restrictions - set(consents)):
                what = f"{product.name} discloses what comes from {name}, restricted by {restriction}"
                fix = f"record the consent under `law: consents: {restriction}:`, or leave {name} out"
                yield Found(what, fix, where)


def consents(agreement: Agreement, plan: Plan, shelf: Shelf) -> Iterator[Found]:
    """No consent is recorded to what restricts nothing here."""
    met = {r for p in plan.products for name in _crossing(p) for r in shelf.assets[name].restrictions}
    for name in sorted(set(agreement.text.agree.law.consents) - met):
        what = f"a consent is recorded for {name!r}, which restricts nothing here"
        where = agreement.at("agree", "law", "consents", name)
        yield Found(what, f"correct or remove it; {among(name, sorted(met))}", where)


def _crossing(product: Product) -> set[str]:
    """The assets of which some column crosses a place on the way to a product."""
    crossing = [step for step in product.steps if isinstance(step, Transfer)]
    return {o.rpartition(".")[0] for step in crossing for c in step.shape.schema for o in c.origins}


def special_category(agreement: Agreement, plan: Plan, shelf: Shelf) -> Iterator[Found]:
    """Sensitive fields cross a place only under a stated condition of Article 9."""
    sensitive = sorted(
        {c.name for step in plan.transfers for c in step.shape.schema if c.kind is Kind.SENSITIVE}
    )
    if sensitive and agreement.text.agree.law.article_9 is None:
        what = f"sensitive fields are used ({', '.join(sensitive)}) with `article_9: null`"
        yield Found(what, "state the condition, or leave the fields out", agreement.at("agree", "law"))
