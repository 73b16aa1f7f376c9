"""Steps about places that people describe, and about what a recipient knows besides what it is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..errors import PlanError, Problem
from .labels import merged
from .schema import Column, Kind, Type
from .step import Shape, Step


@dataclass(frozen=True, eq=False)
class Recognise(Step):
    """The place that `column` describes, found in a gazetteer, in the description's stead.

    `places` has a row a name, in its column `name`; of the row found, `adds` gives columns and what they
    are called here. What is not recognised gets nulls. The description itself goes no further: free text
    can hold a name.
    """

    of: Step
    column: str
    places: Step
    name: str
    adds: tuple[tuple[str, str], ...]

    def _shape(self) -> Shape:
        shape, known = self.of.shape, self.places.shape.schema
        described = shape.schema[self.column]
        texts = {self.column: described.type, self.name: known[self.name].type}
        if wrong := [name for name, kind in texts.items() if kind is not Type.TEXT]:
            what, why = f"{' and '.join(wrong)} is no text", "a place is recognised by the words for it"
            raise PlanError(Problem("TYPE", what, why, "name the columns with the words"))
        if not self.adds:
            raise PlanError(Problem("PLACE", "nothing is wanted of the places", fix="name its code"))
        made = tuple(self._made(described, known[theirs], mine) for theirs, mine in self.adds)
        kept = shape.schema.drop((self.column,))
        if clash := sorted({column.name for column in made} & set(kept.names)):
            what = f"the table has {', '.join(clash)} already"
            raise PlanError(Problem("TWICE", what, "one would hide the other", "call it otherwise"))
        unique = () if self.column in shape.unique else shape.unique
        return Shape(kept.add(*made), shape.place, shape.about, unique)

    @staticmethod
    def _made(described: Column, known: Column, name: str) -> Column:
        """Where somebody was tells something of them, however public the place."""
        both = merged((described, known), name, known.type)
        return Column(name, known.type, Kind.QUASI, described.party, both.origins)


@dataclass(frozen=True, eq=False)
class Beside(Step):
    """The rows of `of` unchanged, and beside them what their recipient holds, for the attack before
    release.

    `held` are the recipient's own records under the names that `of` uses. `called` says what they are.
    `compared` are the columns by which an intruder would look for somebody; by `place`, `day` and `hour`
    of both, within `days` and `hours`, the host tells which record and which row are one event, so that
    success is measured and not supposed. Nothing of `held` is ever sent on.
    """

    of: Step
    held: Step
    called: str
    compared: tuple[str, ...]
    place: str
    day: str
    hour: str
    days: int
    hours: int
    stage: ClassVar[str] = "check"

    def _shape(self) -> Shape:
        mine, theirs = self.of.shape.schema, self.held.shape.schema
        for name in dict.fromkeys((*self.compared, self.place, self.day, self.hour)):
            if mine[name].type is not theirs[name].type:
                what = f"{name} is {mine[name].type} here and {theirs[name].type} in {self.called}"
                raise PlanError(Problem("TYPE", what, "they could not be compared", "derive it alike"))
        if not self.compared:
            what = f"{self.called} is compared by nothing"
            raise PlanError(Problem("KNOWN", what, "no attack could be tried", "name what both hold"))
        return self.of.shape
