"""A step in the place of one that this version cannot do yet: it can be agreed, explained and never run."""

from __future__ import annotations

from dataclasses import dataclass

from .parameters import Parameters
from .schema import Column, Schema
from .step import Shape, Step, most_about


@dataclass(frozen=True, eq=False)
class Awaited(Step):
    """What a recipe without a body will make of its tables: `reads` are the columns it needs of each.

    No engine knows this step. A plan that holds one is denied at run time (RECIPE), never at lint. All
    settings are in it, so that what is signed binds them before there is anything to run.
    """

    tables: tuple[Step, ...]
    reads: tuple[tuple[str, ...], ...]
    recipe: str
    parameters: Parameters = Parameters()
    columns: tuple[Column, ...] = ()
    unique: tuple[str, ...] = ()

    def _shape(self) -> Shape:
        about = most_about(step.shape.about for step in self.tables)
        return Shape(Schema(self.columns), self.tables[0].shape.place, about, self.unique)
