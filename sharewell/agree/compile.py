"""Agreement to plan: pure, without data, clock or network.

Every agreement is a split file. A party sends the linker its `link` fields and a keyed record number,
nothing else; it sends the host its `use` fields and the same keyed number, nothing else; the linker sends
the host which record is which keyed person. Nobody holds both halves. At the host, each product is a
branch: tables are put together, a recipe prepares and fits, the gate checks, and a transfer delivers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ..errors import PlanError, Problem, SharewellError, among
from ..plan.parameters import Parameters
from ..plan.plan import Plan, Product
from ..plan.recipe import Recipe
from ..plan.schema import Kind
from ..plan.steps import Check, Fit, Keep, Step, Transfer
from .checking import check_policy, policy_settings, row_settings
from .document import Agreement
from .shelf import Shelf
from .sources import Sources, placed
from .tables import Tables
from .terms import Role

T = TypeVar("T")
Settings = dict[str, Any]


def compile_plan(agreement: Agreement, shelf: Shelf) -> Plan:
    """The plan of an agreement. PlanError with every fault of sources, units and products, by line."""
    hosts = agreement.parties(Role.HOST)
    host = hosts[0] if hosts else ""
    compiler = _Compiler(agreement, shelf, host)
    if len(hosts) != 1:
        what = f"{len(hosts)} parties are the host" if hosts else "no party is the host"
        why, fix = "the tables must meet somewhere, and at one place", "give exactly one party `role: host`"
        compiler.faults.append(Problem("HOST", what, why, fix, agreement.at("agree", "parties")))
    compiler.faults += compiler.sources.faults()
    made = [compiler.product(name) for name in agreement.text.analyse]
    if compiler.faults:
        raise PlanError(dict.fromkeys(compiler.faults))
    return Plan(agreement.name, host, tuple(product for product in made if product is not None))


class _Compiler:
    """Compiles product by product and gathers `faults`, so that one does not hide another."""

    def __init__(self, agreement: Agreement, shelf: Shelf, host: str) -> None:
        self.agreement, self.shelf = agreement, shelf
        self.sources = Sources(agreement, shelf, host)
        self.tables = Tables(agreement, self.sources)
        self.faults: list[Problem] = []

    def attempt(self, make: Callable[[], T], where: str) -> T | None:
        """What `make` gives, or None with its problems added, at `where` if they are nowhere yet."""
        try:
            return make()
        except SharewellError as error:
            self.faults += placed(error, where)
            return None

    def product(self, name: str) -> Product | None:
        """One branch; None where a fault stopped it."""
        text, analysis = self.agreement.text, self.agreement.text.analyse[name]
        where = self.agreement.at("analyse", name)
        for chapter, past in (("check", "checked"), ("release", "released")):
            if name not in getattr(text, chapter):
                what, why = (
                    f"{name} has no entry under `{chapter}:`",
                    "nothing leaves unchecked or to nobody",
                )
                fix = f"say how it is {past}; {among(name, getattr(text, chapter))}"
                self.faults.append(Problem("PRODUCT", what, why, fix, where))
        recipe = self.attempt(
            lambda: self._recipe(analysis.recipe), self.agreement.at("analyse", name, "recipe")
        )
        if recipe is None:
            return None
        if name in text.check:
            self.attempt(lambda: self._check_policy(name, recipe), self.agreement.at("check", name))
        settings = self.attempt(
            lambda: self._settings(name, recipe), self.agreement.at("analyse", name, "with")
        )
        inputs = self._inputs(name, recipe)
        if settings is None or inputs is None or name not in text.check or name not in text.release:
            return None
        table = self.attempt(
            lambda: self._prepared(name, recipe, inputs, settings),
            self.agreement.at("analyse", name, "with"),
        )
        if table is None:
            return None
        checked = self.attempt(
            lambda: self._checked(name, recipe, table, settings), self.agreement.at("check", name)
        )
        if checked is None:
            return None
        return self.attempt(
            lambda: self._delivered(name, recipe, checked), self.agreement.at("release", name)
        )

    def _recipe(self, name: str) -> Recipe:
        recipe: Recipe = self.shelf.recipes[name]
        return recipe

    def _check_policy(self, name: str, recipe: Recipe) -> None:
        if recipe.signature.fits:
            where = self.agreement.at("check", name)
            check_policy(self.agreement.text.check[name], self.shelf, where)

    def _settings(self, name: str, recipe: Recipe) -> Settings:
        where = self.agreement.at("analyse", name, "with")
        settled = self.tables.settled(self.agreement.text.analyse[name].with_, where)
        return recipe.signature.settle(settled, where)

    def _inputs(self, name: str, recipe: Recipe) -> Mapping[str, Step] | None:
        """The recipe's tables by role; None where one could not be built."""
        told, before = self.agreement.text.analyse[name].tables, len(self.faults)
        roles = [known.name for known in recipe.signature.inputs]
        built = {}
        for role in told:
            where = self.agreement.at("analyse", name, "tables", role)
            if role not in roles:
                what, why = f"{recipe.name} reads no table {role!r}", "it would be collected for nothing"
                self.faults.append(Problem("INPUT", what, why, among(role, roles), where))
            built[role] = self.attempt(lambda role=role: self.tables.build(name, role), where)  # type: ignore[misc]
        return {k: v for k, v in built.items() if v is not None} if len(self.faults) == before else None

    def _prepared(self, name: str, recipe: Recipe, inputs: Mapping[str, Step], settings: Settings) -> Step:
        """What the recipe made of its tables."""
        schemas = {role: step.shape.schema for role, step in inputs.items()}
        recipe.signature.check_columns(schemas, settings, self.agreement.at("analyse", name, "with"))
        if recipe.prepare is None:
            return recipe.signature.awaited(inputs, settings)
        return recipe.prepare(inputs, settings)

    def _checked(self, name: str, recipe: Recipe, table: Step, settings: Settings) -> Check:
        checking, release = self.agreement.text.check[name], self.agreement.text.release[name]
        if not recipe.signature.fits:
            return self._checked_rows(name, table)
        if release.fields:
            what, why = f"{name} releases tables, which have no `fields:`", "nobody would hold it to them"
            raise PlanError(
                Problem("FIELD", what, why, "leave `fields:` out", self.agreement.at("release", name))
            )
        fit = Fit(table, recipe.name, Parameters.of(settings))
        settings = policy_settings(checking.policy, checking.with_, self.shelf)
        return Check(fit, checking.policy, Parameters.of(settings))

    def _checked_rows(self, name: str, table: Step) -> Check:
        """Rows about people: only the fields agreed, among them what tells a reader whose row it is."""
        checking, release = self.agreement.text.check[name], self.agreement.text.release[name]
        where = self.agreement.at("release", name, "fields")
        schema = table.shape.schema
        faults = [
            Problem(
                "FIELD",
                f"{name} has no field {field!r}",
                "only what it yields can leave",
                among(field, schema.names),
                where,
            )
            for field in release.fields
            if field not in schema
        ]
        subject = [name for name in table.shape.unique if name not in release.fields]
        if subject and not faults:
            what, why = (
                f"{name} leaves without {', '.join(subject)}",
                "its reader could not tell whose row is whose",
            )
            faults.append(Problem("FIELD", what, why, f"add {', '.join(subject)} to `fields:`", where))
        if faults:
            raise PlanError(faults)
        kept = Keep(table, release.fields)
        unique = tuple(c.name for c in kept.shape.schema if c.kind in (Kind.IDENTIFIER, Kind.KEY))
        alike = row_settings(
            name, checking, kept.shape.schema, self.shelf, self.agreement.at("check", name)
        )
        told = {"fields": release.fields, "unique_by": unique, **alike}
        return Check(kept, checking.policy, Parameters.of(told))

    def _delivered(self, name: str, recipe: Recipe, result: Check) -> Product:
        analysis, release = self.agreement.text.analyse[name], self.agreement.text.release[name]
        agreed = self.agreement.form(name)
        return Product(
            name,
            analysis.purpose,
            analysis.question,
            recipe.name,
            self.agreement.text.check[name].policy,
            agreed,
            recipe.signature.yields,
            tuple(Transfer(result, to, analysis.purpose, agreed, name) for to in release.to),
            recipe.missing,
        )
