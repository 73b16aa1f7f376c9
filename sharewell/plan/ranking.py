"""Rows in order of a figure, each with its place; at most so many of them."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import PlanError, Problem
from .schema import Column, Kind, Type
from .step import Shape, Step


@dataclass(frozen=True, eq=False)
class Rank(Step):
    """The rows with the greatest `by` first, `place` saying which (1 is first); `most` of them, or all.

    Ties, and rows where `by` is null (which come last), are in the order of all columns, nulls last: the
    same rows always have the same places.
    """

    of: Step
    by: str
    place: str
    most: int | None = None

    def _shape(self) -> Shape:
        shape = self.of.shape
        figure = shape.schema[self.by]
        if figure.type not in (Type.INTEGER, Type.NUMBER):
            what = f"{self.by} is {figure.type}"
            raise PlanError(Problem("TYPE", what, "rows are put in order by a number", "derive a number"))
        if self.place in shape.schema:
            what = f"the table has {self.place} already"
            raise PlanError(Problem("TWICE", what, "one would hide the other", "rename one"))
        if self.most is not None and self.most < 1:
            raise PlanError(Problem("RANK", f"a list of {self.most} rows", fix="ask for at least one"))
        made = Column(self.place, Type.INTEGER, Kind.SENSITIVE, figure.party, figure.origins)
        return Shape(shape.schema.add(made), shape.place, shape.about, shape.unique)
