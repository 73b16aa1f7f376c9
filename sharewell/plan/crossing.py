"""Steps towards a recipient: fit, check, transfer. What was not checked cannot be transferred."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..errors import PlanError, Problem
from .forms import Form
from .parameters import Parameters
from .schema import Schema
from .step import About, Shape, Step


@dataclass(frozen=True, eq=False)
class Fit(Step):
    """A recipe's body over one bounded table; its finding is about groups, and still unchecked."""

    of: Step
    recipe: str
    parameters: Parameters = Parameters()

    def _shape(self) -> Shape:
        return Shape(Schema(()), self.of.shape.place, About.GROUPS)


RECORDS = "records"
"""The policy for rows about people: exactly the fields agreed, one row a subject, objections kept out."""

REFERENCE = "reference"
"""The policy for tables about nobody."""


@dataclass(frozen=True, eq=False)
class Check(Step):
    """The gate: a disclosure policy for findings, RECORDS for rows about people, REFERENCE for places."""

    of: Step
    policy: str
    parameters: Parameters = Parameters()
    stage: ClassVar[str] = "check"

    def _shape(self) -> Shape:
        shape = self.of.shape
        special = {About.PEOPLE: RECORDS, About.PLACES: REFERENCE}.get(shape.about)
        fits = self.policy == special if special else self.policy not in (RECORDS, REFERENCE)
        if not fits:
            raise PlanError(
                Problem(
                    "POLICY",
                    f"a table about {shape.about} cannot be checked by {self.policy!r}",
                    "the gate judges rows about people, groups and places by different rules",
                    f"write `policy: {special}`" if special else "use a disclosure policy",
                )
            )
        return shape


@dataclass(frozen=True, eq=False)
class Transfer(Step):
    """The one step that crosses places: a checked table only, in no more than the form agreed."""

    of: Check
    to: str
    purpose: str
    form: Form
    what: str = ""
    stage: ClassVar[str] = "release"

    def _shape(self) -> Shape:
        if not isinstance(self.of, Check):
            what, why = "only a checked table can be transferred", "what leaves a place passes the gate"
            raise PlanError(Problem("UNCHECKED", what, why, "check it first"))
        shape = self.of.shape
        if not shape.form <= self.form:
            raise PlanError(
                Problem(
                    "FORM",
                    f"{self.what or 'the table'} is {shape.form.word} {shape.form}, "
                    f"more than {self.form.word} {self.form} allows",
                    "what leaves is never more identifying than was agreed",
                    "key, coarsen or drop columns before it is transferred",
                )
            )
        return Shape(shape.schema, self.to, shape.about, shape.unique)
