"""Steps that touch identity: link records, key a column, make one less exposing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..errors import PlanError, Problem
from .parameters import Parameters
from .schema import Column, Kind, Schema, Type
from .step import About, Shape, Step


@dataclass(frozen=True, eq=False)
class Link(Step):
    """Which records are the same `unit` (person, home): `record` to an index id.

    The id never leaves `link` unkeyed. Unless told otherwise it is forgotten with the run. An agreement
    with a `standing` index of its own keeps it between runs. One that reads the index of another agreement
    names it as `index`, and in `known_as`, for each table, the source of that index whose records these
    are (none where it has no such source): a column of the name `known_by(index)` then says which.
    """

    tables: tuple[Step, ...]
    names: tuple[str, ...]
    unit: str
    linker: str
    parameters: Parameters = Parameters()
    standing: bool = False
    index: str = ""
    known_as: tuple[str, ...] = ()
    stage: ClassVar[str] = "link"

    def _shape(self) -> Shape:
        if (
            not self.tables
            or len(self.tables) != len(set(self.names))
            or len(self.tables) != len(self.names)
        ):
            what = f"{len(self.tables)} tables to link have {len(set(self.names))} names"
            raise PlanError(
                Problem("LINK", what, fix="give at least one table, each with a name of its own")
            )
        for table in self.tables:
            if table.shape.schema["record"].kind is not Kind.KEY:
                what, why = (
                    "a table to link needs a keyed `record`",
                    "the linker sees no party's own numbers",
                )
                raise PlanError(Problem("RECORD", what, why, "key it first"))
        self._check_index()
        columns = (
            Column("record", Type.TEXT, Kind.KEY, "", frozenset()),
            Column(self.unit, Type.TEXT, Kind.IDENTIFIER, "", frozenset()),
        )
        return Shape(Schema(columns), self.tables[0].shape.place, About.PEOPLE, ("record",))

    def _check_index(self) -> None:
        """An index is one's own or another's, and what it knows comes under its own number."""
        if self.standing and self.index:
            what = f"{self.unit} cannot be both an index of its own and that of {self.index}"
            raise PlanError(Problem("INDEX", what, fix="choose one"))
        if len(self.known_as) != (len(self.tables) if self.index else 0):
            raise PlanError(Problem("INDEX", f"{self.unit}: it is not said which sources the index has"))
        for table, known in zip(self.tables, self.known_as, strict=False):
            if known and known_by(self.index) not in table.shape.schema:
                what = f"a table known to {self.index} does not bring its number there"
                raise PlanError(Problem("RECORD", what, fix="key it for the index too"))


def known_by(index: str) -> str:
    """The column with the number by which another agreement's index knows a table's records."""
    return f"known_by_{index}"


@dataclass(frozen=True, eq=False)
class Key(Step):
    """`column` replaced by its keyed hash, named `name`: HMAC under the agreement's secret and `unit`.

    An integer is keyed by its decimal digits. `under` names another agreement whose secret it is: then the
    key is one that its standing index knows, and only the linker is ever sent it.
    """

    of: Step
    column: str
    unit: str
    name: str
    under: str = ""
    stage: ClassVar[str] = "depersonalise"

    def _shape(self) -> Shape:
        old = self.of.shape.schema[self.column]
        if old.type not in (Type.TEXT, Type.INTEGER):
            what = f"{self.column} is {old.type}; only text and integers can be keyed"
            raise PlanError(Problem("TYPE", what, fix="key the field that names the record"))
        return _replaced(self.of.shape, old, Column(self.name, Type.TEXT, Kind.KEY, old.party, old.origins))


@dataclass(frozen=True, eq=False)
class Coarsen(Step):
    """`column` replaced by a less exposing value, by a rule of `depersonalise`.

    `gives` is the type and kind of what the rule makes.
    """

    of: Step
    column: str
    rule: str
    name: str
    gives: tuple[Type, Kind]
    parameters: Parameters = Parameters()
    stage: ClassVar[str] = "depersonalise"

    def _shape(self) -> Shape:
        shape = self.of.shape
        old = shape.schema[self.column]
        if self.gives[1].rank > old.kind.rank:
            what = f"{self.rule} would make {self.column} {self.gives[1]}, which is {old.kind}"
            raise PlanError(Problem("KIND", what, "coarsening only lessens what a value exposes"))
        made = _replaced(shape, old, Column(self.name, *self.gives, old.party, old.origins))
        unique = () if self.column in shape.unique else shape.unique
        return Shape(made.schema, made.place, made.about, unique)


def _replaced(shape: Shape, old: Column, new: Column) -> Shape:
    """The shape with one column in another's stead."""
    columns = tuple(new if column is old else column for column in shape.schema)
    unique = tuple(new.name if name == old.name else name for name in shape.unique)
    return Shape(Schema(columns), shape.place, shape.about, unique)
