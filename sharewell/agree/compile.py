"""Agreement to plan: pure, without data, clock or network.

Every agreement is a split file. A party sends the linker its `link` fields and a keyed record number,
nothing else; it sends the host its `use` fields and the same keyed number, nothing else; the linker sends
the host which record is which keyed person. Nobody holds both halves. At the host, each product is a
branch: tables are put together, a recipe prepares and fits, the gate checks, and a transfer delivers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from ..errors import PlanError, Problem, SharewellError
from ..plan.parameters import Parameters
from ..plan.plan import Plan, Product
from ..plan.recipe import Recipe, Takes
from ..plan.schema import Kind
from ..plan.steps import RECORDS, REFERENCE, Check, Fit, Keep, Step, Transfer
from .document import Agreement, Role
from .shelf import Shelf
from .sources import Sources
from .tables import Tables

T = TypeVar("T")
Settings = dict[str, Any]


def compile_plan(agreement: Agreement, shelf: Shelf) -> Plan:
    """The plan of an agreement. PlanError with every fault of every product, each at its line."""
    faults: list[Problem] = []
    host = agreement.party(Role.HOST)
    if host is None:
        faults.append(
            Problem(
                "HOST",
                "no party is the host",
                "the tables must meet somewhere",
                "give one party `role: host`",
                agreement.at("agree", "parties"),
            )
        )
    compiler = _Compiler(agreement, shelf, host or "")
    products = [compiler.product(name, faults) for name in agreement.text.analyse]
    if faults:
        raise PlanError(dict.fromkeys(faults))
    made = tuple(product for product in products if product is not None)
    return Plan(agreement.name, host or "", made)


def collect(faults: list[Problem], make: Callable[[], T], where: str) -> T | None:
    """What `make` gives, or None with its problems added (placed at `where` if they are nowhere yet)."""
    try:
        return make()
    except SharewellError as error:
        faults += [Problem(p.code, p.what, p.why, p.fix, p.where or where) for p in error.problems]
        return None


class _Compiler:
    def __init__(self, agreement: Agreement, shelf: Shelf, host: str) -> None:
        self.agreement, self.shelf = agreement, shelf
        self.sources = Sources(agreement, shelf, host)
        self.tables = Tables(agreement, self.sources)

    def product(self, name: str, faults: list[Problem]) -> Product | None:
        """One branch; None where a fault stopped it."""
        where = self.agreement.at("analyse", name)
        text = self.agreement.text
        for chapter in ("release", "check"):
            if name not in getattr(text, chapter):
                faults.append(
                    Problem(
                        "PRODUCT",
                        f"{name} has no entry under `{chapter}:`",
                        fix=f"say how it is {chapter}ed, or leave it out",
                        where=where,
                    )
                )
        if name not in text.release or name not in text.check:
            return None
        return collect(faults, lambda: self._branch(name), where)

    def _branch(self, name: str) -> Product:
        recipe = self.shelf.recipes[self.agreement.text.analyse[name].recipe]
        table, settings = self._prepared(name, recipe)
        return self._delivered(name, recipe, self._checked(name, recipe, table, settings))

    def _prepared(self, name: str, recipe: Recipe) -> tuple[Step, Settings]:
        """What the recipe made of its tables, and its settings with their defaults."""
        analysis = self.agreement.text.analyse[name]
        where = self.agreement.at("analyse", name, "with")
        settings = recipe.signature.settle(self.tables.settled(analysis.with_), where)
        inputs = {role: self.tables.build(name, role) for role in analysis.tables}
        schemas = {role: step.shape.schema for role, step in inputs.items()}
        recipe.signature.check_columns(schemas, settings, where)
        for role, step in inputs.items():
            self.tables.use(step, recipe.signature.columns(settings, role))
            for parameter in recipe.signature:
                if parameter.takes is Takes.EXPRESSION and parameter.of == role:
                    self.tables.expression(settings[parameter.name], step, where)
        if recipe.prepare is None:
            raise PlanError(
                Problem(
                    "RECIPE",
                    f"recipe {recipe.name} has no {', '.join(recipe.missing)} in this version",
                    "its signature is registered so that an agreement may be written; it cannot run",
                    "use a later version",
                    where,
                )
            )
        return recipe.prepare(inputs, settings), settings

    def _checked(self, name: str, recipe: Recipe, table: Step, settings: Settings) -> Check:
        checking, release = self.agreement.text.check[name], self.agreement.text.release[name]
        where = self.agreement.at("check", name)
        if recipe.signature.fits:
            if checking.policy in (RECORDS, REFERENCE) or checking.policy not in self.shelf.policies:
                raise PlanError(
                    Problem(
                        "POLICY",
                        f"{checking.policy!r} is not a disclosure policy",
                        fix=f"use one of: {', '.join(self.shelf.policies)}",
                        where=where,
                    )
                )
            fit = Fit(table, recipe.name, Parameters.of(settings))
            return Check(fit, checking.policy, Parameters.of(checking.with_))
        kept = Keep(table, release.fields)
        self.tables.use(table, release.fields)
        subject = tuple(c.name for c in kept.shape.schema if c.kind in (Kind.IDENTIFIER, Kind.KEY))
        return Check(kept, checking.policy, Parameters.of({"fields": release.fields, "unique_by": subject}))

    def _delivered(self, name: str, recipe: Recipe, result: Check) -> Product:
        text = self.agreement.text
        analysis, release = text.analyse[name], text.release[name]
        agreed = self.agreement.form(name)
        deliveries = tuple(
            Transfer(result, recipient, analysis.purpose, agreed, name) for recipient in release.to
        )
        return Product(
            name,
            analysis.purpose,
            analysis.question,
            recipe.name,
            text.check[name].policy,
            agreed,
            recipe.signature.yields,
            deliveries,
        )
