"""Rules about who learns what of whom: lists of people, restrictions, names apart from content."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import among
from ..plan.plan import Plan, Product
from ..plan.schema import Kind
from ..plan.steps import Transfer
from .document import Agreement
from .rules import PUBLIC, Found, Rule
from .shelf import Shelf
from .terms import Role


class Stranger(Rule):
    """A list of people is for the party that already knows them by these names. Another body that receives
    it learns of people it never knew, and what is told of them besides; so it must be named under the
    product's signed necessity.
    """

    code = "STRANGER"
    why = "a list of people is for the party that already knows them by these names"
    source = "ICO data sharing code, data minimisation; common-law duty of confidence"
    example = "damp-homes: {to: [north-council],"
    fix = "damp-homes: {to: [north-energy],"

    def in_plan(self, agreement: Agreement, plan: Plan, shelf: Shelf) -> Iterator[Found]:
        for product in plan.products:
            signed = agreement.text.agree.necessity.get(product.name)
            for delivery in product.deliveries:
                named = [c for c in delivery.shape.schema if c.kind is Kind.IDENTIFIER]
                whose = sorted({column.party for column in named})
                allowed = delivery.to == PUBLIC or (signed is not None and delivery.to in signed.to)
                if allowed or whose in ([], [delivery.to]):
                    continue
                fields, holders = ", ".join(column.name for column in named), ", ".join(whose)
                fix = (
                    f"release it to {whose[0]}, or name {delivery.to} under "
                    f"`necessity: {product.name}: to:`"
                )
                where = agreement.at("release", product.name, "to")
                yield Found(
                    f"{product.name} tells {delivery.to} of people by {fields} of {holders}", fix, where
                )


class Restricted(Rule):
    """Some data may go no further than their owner consents to, whatever the gateway: those of HM Revenue
    and Customs, for one. The restriction stands in the asset's contract and follows its columns through
    every step, linking included. The consent is recorded by the restriction's name, in the owner's words.
    """

    code = "RESTRICTED"
    why = "data under a statutory restriction go no further than its owner consents to"
    source = "Digital Economy Act 2017 s42; Commissioners for Revenue and Customs Act 2005 s18"
    example = "consents: {}"
    fix = 'consents: {tenancy: "The landlord\'s consent NT-7: damp or not, to the own supplier only"}'

    def in_plan(self, agreement: Agreement, plan: Plan, shelf: Shelf) -> Iterator[Found]:
        consents, where = agreement.text.agree.law.consents, agreement.at("agree", "law")
        for product in plan.products:
            for name in sorted(crossing(product)):
                for restriction in sorted(shelf.assets[name].restrictions - set(consents)):
                    what = f"{product.name} discloses what comes from {name}, restricted by {restriction}"
                    fix = f"record the consent under `law: consents: {restriction}:`, or leave {name} out"
                    yield Found(what, fix, where)


def crossing(product: Product) -> set[str]:
    """The assets of which some column crosses a place on the way to a product."""
    steps = [step for step in product.steps if isinstance(step, Transfer)]
    return {o.rpartition(".")[0] for step in steps for c in step.shape.schema for o in c.origins}


class Split(Rule):
    """Who links must not see content, and who holds content must not see names: then nobody can know both
    who somebody is and what is told of them. The linker brings no data and gets identity only; the host
    brings nobody's identity; a field that tells of a life never goes to the linker.
    """

    code = "SPLIT"
    why = "who links must not see content, and who holds content must not see names"
    source = "ONS split-file practice; Health and Social Care Act 2012 s251 support"
    example = "link: [address, postcode, opened], use: [customer_ref, opened]"
    fix = "link: [address, postcode], use: [customer_ref, opened]"

    def in_text(self, agreement: Agreement) -> Iterator[Found]:
        parties = agreement.text.agree.parties
        for name, unit in agreement.text.link.items():
            if unit.at not in parties or parties[unit.at].role is not Role.LINKER:
                fix = (
                    f"link at a party with `role: linker`; {among(unit.at, agreement.parties(Role.LINKER))}"
                )
                yield Found(
                    f"{name} is linked at {unit.at}, which is not a linker", fix, agreement.at("link", name)
                )
        for name, source in agreement.text.describe.items():
            role = parties[source.from_].role if source.from_ in parties else None
            where = agreement.at("describe", name)
            if role is Role.LINKER:
                what = f"{name} comes from {source.from_}, which links and would know content"
                yield Found(what, "link at a party that brings no data", where)
            if role is Role.HOST and source.link:
                what = f"{name} comes from {source.from_}, which hosts and would know names"
                yield Found(what, "host at a party that brings no one's identity", where)

    def in_plan(self, agreement: Agreement, plan: Plan, shelf: Shelf) -> Iterator[Found]:
        for name, source in agreement.text.describe.items():
            schema = shelf.assets[source.asset].schema
            told = [f for f in source.link if schema[f].kind in (Kind.SENSITIVE, Kind.PLAIN)]
            if told:
                fields = ", ".join(told)
                what = f"{name} would send {fields} to the linker, which does not say who somebody is"
                yield Found(what, "move it to `use:`, or leave it out", agreement.at("describe", name))
