"""What each party brings, as steps: identity to the linker, content to the host, and who is who."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from ..errors import PlanError, Problem, SharewellError, among
from ..plan.expressions import Col
from ..plan.forms import DEPERSONALISED, IDENTIFIABLE, Form
from ..plan.parameters import Parameters
from ..plan.personal import known_by
from ..plan.plan import LINKING
from ..plan.schema import Asset, Kind
from ..plan.sql import parse_expression
from ..plan.steps import (
    RECORDS,
    REFERENCE,
    Check,
    Coarsen,
    Derive,
    Join,
    Keep,
    Key,
    Link,
    Read,
    Step,
    Transfer,
)
from .document import Agreement
from .flow import Coarse, Source, Unit
from .shelf import Shelf
from .standing_index import StandingIndex, standing_index

RECORD = "record"
"""The keyed number by which a row is known to linker and host alike, and to nobody else."""


def content_of(name: str) -> str:
    """What the transfer of a source's content is called."""
    return f"content of {name}"


def placed(error: SharewellError, where: str) -> tuple[Problem, ...]:
    """The problems of an error, those that are nowhere yet put at `where`."""
    return tuple(Problem(p.code, p.what, p.why, p.fix, p.where or where) for p in error.problems)


class Sources:
    """The tables of `describe:` and the units of `link:`, compiled on demand, each once."""

    def __init__(self, agreement: Agreement, shelf: Shelf, host: str) -> None:
        self.agreement, self.shelf, self.host = agreement, shelf, host
        self.asset = cache(self._asset)
        self.content = cache(self._content)
        self.identity = cache(self._identity)
        self.index = cache(self._index)
        self.table = cache(self._table)

    def faults(self) -> Iterator[Problem]:
        """Every fault of `describe`, `depersonalise` and `link`, used or not."""
        for name in self.agreement.text.describe:
            try:
                self.content(name)
            except SharewellError as error:
                yield from placed(error, self.agreement.at("describe", name))
        for unit in self.agreement.text.link:
            try:
                self.index(unit)
            except SharewellError as error:
                yield from placed(error, self.agreement.at("link", unit))

    def source(self, name: str, where: str = "") -> Source:
        """The entry of `describe:`; PlanError SOURCE where there is none."""
        sources = self.agreement.text.describe
        if name not in sources:
            what, why = f"{name!r} is not described", "nothing undescribed can be used"
            raise PlanError(Problem("SOURCE", what, why, among(name, sources), where))
        return sources[name]

    def _asset(self, name: str) -> Asset:
        """The contract behind a source. PlanError ASSET, PARTY or FIELD, all that apply."""
        source, where = self.source(name), self.agreement.at("describe", name)
        asset = self.shelf.assets.get(source.asset)
        if asset is None:
            what, why = (
                f"{source.asset!r} is not in the catalogue",
                "what was not described cannot be judged",
            )
            raise PlanError(
                Problem("ASSET", what, why, among(source.asset, sorted(self.shelf.assets)), where)
            )
        problems = [*self._party_faults(source, asset, where)]
        held = (*asset.schema.names, *source.derive)
        for field in sorted((set(source.link) - set(asset.schema.names)) | (set(source.use) - set(held))):
            what, why = f"{source.asset} has no field {field!r}", "its contract is all that there is"
            problems.append(Problem("FIELD", what, why, among(field, held), where))
        if problems:
            raise PlanError(problems)
        return asset

    def _party_faults(self, source: Source, asset: Asset, where: str) -> Iterator[Problem]:
        why = "only a party that signs can bring its own data"
        if asset.holder != source.from_:
            what = f"{source.asset} is held by {asset.holder}, not by {source.from_}"
            yield Problem("PARTY", what, why, f"write `from: {asset.holder}`", where)
        if source.from_ not in self.agreement.text.agree.parties:
            fix = among(source.from_, self.agreement.text.agree.parties)
            yield Problem(
                "PARTY", f"{source.from_} is no party", why, f"name it under `parties:`; {fix}", where
            )

    def root(self, name: str) -> str:
        """The source that gives the records of `name` their identity: itself, or the one it is `of`."""
        owner = self.source(name).of
        if owner is None:
            return name
        where = self.agreement.at("describe", name, "of")
        if self.source(owner, where).of is not None:
            what = f"{name} is `of` {owner}, which is itself of {self.source(owner).of}"
            raise PlanError(
                Problem("SOURCE", what, fix=f"write `of: {self.source(owner).of}`", where=where)
            )
        return owner

    def _read(self, name: str) -> Step:
        """A source's rows at its party, with what that party computes from them."""
        table: Step = Read(self.asset(name))
        for column, text in self.source(name).derive.items():
            where = self.agreement.at("describe", name, "derive", column)
            if column in table.shape.schema:
                what, why = f"{name} has a field {column!r} already", "one would hide the other"
                raise PlanError(Problem("TWICE", what, why, "call it by another name", where))
            made = parse_expression(text, table.shape.schema, self.agreement.parameters, where)
            table = Derive(table, ((column, made),))
        return table

    def _with_record(
        self, name: str, fields: tuple[str, ...], indexes: tuple[StandingIndex, ...] = ()
    ) -> Step:
        """The fields beside a keyed record number, the same for a patient and that patient's visits.

        Each of `indexes` that has these records knows them by a number of its own, which is added.
        """
        root = self.root(name)
        key = self._record_field(root)
        computed = set(fields) & set(self.source(name).derive)
        read = self._read(name) if computed else Read(self.asset(name))
        if key not in read.shape.schema:
            what = f"{self.source(name).asset} has no {key}, which tells the records of {root} apart"
            fix = "correct `of:`, or add the field to its contract"
            raise PlanError(Problem("RECORD", what, "its rows could not be told whose they are", fix))
        number = Col(key, read.shape.schema[key].type)
        asset = self.source(root).asset
        known = [(index.agreement.name, found[1]) for index in indexes if (found := index.known(asset))]
        columns = tuple((column, number) for column in (RECORD, *(known_by(held) for held, _ in known)))
        table: Step = Keep(Derive(read, columns), (*(column for column, _ in columns), *fields))
        for held, numbered in known:
            table = Key(table, known_by(held), f"record:{numbered}", known_by(held), held)
        return Key(table, RECORD, f"record:{root}", RECORD)

    def _record_field(self, root: str) -> str:
        asset = self.asset(root)
        if len(asset.unique) != 1:
            what = f"{asset.name} has no single field that tells its records apart"
            why, fix = (
                "records are linked by a number of their own",
                "mark one `primaryKey` in its contract",
            )
            raise PlanError(Problem("RECORD", what, why, fix, self.agreement.at("describe", root)))
        return asset.unique[0]

    def _transfer(self, table: Step, to: str, purpose: str, form: Form, what: str) -> Transfer:
        fields = table.shape.schema.names
        checked = Check(table, RECORDS, Parameters.of({"fields": fields, "unique_by": table.shape.unique}))
        return Transfer(checked, to, purpose, form, what)

    def _identity(self, name: str, to: str) -> Transfer:
        """The `link` fields of a source, at the place of a linker."""
        fields = self.source(name).link
        if not fields:
            what, why = (
                f"{name} is linked but has no `link:` fields",
                "nothing would tell whose its records are",
            )
            where = self.agreement.at("describe", name)
            raise PlanError(Problem("LINK", what, why, "list the fields that identify its records", where))
        table = self._with_record(name, fields, self._read_by(name, to))
        return self._transfer(table, to, LINKING, IDENTIFIABLE, f"identity of {name}")

    def _read_by(self, name: str, to: str) -> tuple[StandingIndex, ...]:
        """The indexes of other agreements against which a source is held at the place of a linker."""
        found = {
            told.from_: index
            for unit, told in sorted(self.agreement.text.link.items())
            if name in told.of and told.at == to and (index := standing_index(self.shelf, told, unit))
        }
        return tuple(index for _, index in sorted(found.items(), key=lambda pair: str(pair[0])))

    def _index(self, unit: str) -> Transfer:
        """Which record is which keyed person (or home), at the host."""
        told, where = self.agreement.text.link[unit], self.agreement.at("link", unit)
        for name in told.of:
            self.source(name, where)
        if told.linker is not None:  # whatever else is wrong with it
            self._check_linker(told.linker, where)
        index = self._foreign(unit, told, where)
        method = index.told if index else told
        linker = self._check_linker(method.linker or "", where)
        tables = tuple(self.identity(name, told.at) for name in told.of)
        linked = Link(
            tables,
            told.of,
            unit,
            linker,
            Parameters.of(method.with_),
            told.standing,
            index.agreement.name if index else "",
            tuple(self._known_as(name, index) for name in told.of) if index else (),
        )
        return self._transfer(
            Key(linked, unit, unit, unit), self.host, LINKING, DEPERSONALISED, f"index of {unit}"
        )

    def _check_linker(self, linker: str, where: str) -> str:
        if linker not in self.shelf.linkers:
            what, why = f"no linker is called {linker!r}", "only reviewed methods run near data"
            raise PlanError(Problem("UNKNOWN", what, why, among(linker, self.shelf.linkers), where))
        return linker

    def _foreign(self, unit: str, told: Unit, where: str) -> StandingIndex | None:
        """The index of another agreement that a unit is read from; None where it is linked here.

        PlanError LINK where a unit is both or neither; INDEX where there is no such index.
        """
        if told.from_ is None:
            if told.linker is None:
                what, fix = f"it is not said how {unit} is linked", "write `linker:`, or `from:` an index"
                raise PlanError(Problem("LINK", what, "nothing is linked by silence", fix, where))
            return None
        if told.linker is not None or told.with_ or told.standing:
            what = f"{unit} is read from the index of {told.from_}, and says how it is linked besides"
            fix = "leave out `linker:`, `with:` and `standing:`, or `from:`"
            raise PlanError(Problem("LINK", what, "the index has its own method", fix, where))
        index = standing_index(self.shelf, told, unit)
        if index is None:
            held = sorted(n for n, other in self.shelf.agreements.items() if unit in other.text.link)
            what, why = f"no agreement {told.from_!r} has an index of {unit}", "only an index can be read"
            raise PlanError(Problem("INDEX", what, why, among(told.from_, held), where))
        return index

    def _known_as(self, name: str, index: StandingIndex) -> str:
        """The source of an index that has the records of a source; empty where it has none."""
        known = index.known(self.source(self.root(name)).asset)
        return known[0] if known else ""

    def _content(self, name: str) -> Transfer:
        """The `use` fields of a source, coarsened, at the host."""
        source, asset = self.source(name), self.asset(name)
        self.root(name)
        if not asset.about_people:
            kept = Keep(self._read(name), source.use)
            return Transfer(
                Check(kept, REFERENCE), self.host, "reference", DEPERSONALISED, content_of(name)
            )
        coarse = self.agreement.text.depersonalise.get(name, {})
        faults = [
            problem
            for field in sorted(coarse)
            for problem in self._coarse_faults(name, field, coarse[field])
        ]
        if faults:
            raise PlanError(faults)
        table = self._with_record(name, source.use)
        for field in (
            field for field in source.use if field in coarse
        ):  # in one order, however they are written
            table = self._coarsened(table, field, coarse[field])
        named = any(column.kind is Kind.IDENTIFIER for column in table.shape.schema)
        return self._transfer(
            table, self.host, "content", IDENTIFIABLE if named else DEPERSONALISED, content_of(name)
        )

    def _coarse_faults(self, name: str, field: str, change: Coarse) -> tuple[Problem, ...]:
        where, source = self.agreement.at("depersonalise", name, field), self.source(name)
        if field not in source.use:
            what = f"{name}.{field} is coarsened but not used"
            return (
                Problem("COARSEN", what, "it says of the data what is not so", "remove this line", where),
            )
        try:
            self.shelf.coarsenings[change.to].check(self._read(name).shape.schema[field].type, change.with_)
        except SharewellError as error:
            return placed(error, where)
        return ()

    def _coarsened(self, table: Step, field: str, change: Coarse) -> Step:
        rule, old = self.shelf.coarsenings[change.to], table.shape.schema[field]
        gives = (rule.gives, rule.becomes(old.kind))
        return Coarsen(table, field, change.to, field, gives, Parameters.of(change.with_))

    def units(self, name: str) -> tuple[str, ...]:
        """The units that the records of a source are linked into, in one order however they are written."""
        return tuple(
            u for u, told in sorted(self.agreement.text.link.items()) if self.root(name) in told.of
        )

    def _table(self, name: str) -> Step:
        """A source at the host: its content beside the keys of its units, without the record number."""
        table: Step = self.content(name)
        if RECORD not in table.shape.schema:
            return table
        for unit in self.units(name):
            table = Join(table, self.index(unit), ((RECORD, RECORD),), "left")
        return Keep(table, tuple(n for n in table.shape.schema.names if n != RECORD))
