"""What each party brings, as steps: identity to the linker, content to the host, and who is who between them."""

from __future__ import annotations

from functools import cache

from ..errors import PlanError, Problem
from ..plan.expressions import Col
from ..plan.forms import DEPERSONALISED, IDENTIFIABLE, Form
from ..plan.parameters import Parameters
from ..plan.schema import Asset, Kind
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
from .document import Agreement, Coarse, Source
from .shelf import Shelf

LINKING = "link"
"""The purpose of a transfer to the linker: to find which records are the same, and nothing else."""


class Sources:
    """The tables of `describe:` and the units of `link:`, compiled on demand, each once."""

    def __init__(self, agreement: Agreement, shelf: Shelf, host: str) -> None:
        self.agreement, self.shelf, self.host = agreement, shelf, host
        self.content = cache(self._content)
        self.index = cache(self._index)
        self.table = cache(self._table)

    def source(self, name: str) -> Source:
        """The entry of `describe:`; PlanError SOURCE where there is none."""
        sources = self.agreement.text.describe
        if name not in sources:
            raise PlanError(
                Problem(
                    "SOURCE",
                    f"{name!r} is not described",
                    "nothing undescribed can be used",
                    f"there are: {', '.join(sources)}",
                )
            )
        return sources[name]

    def asset(self, name: str) -> Asset:
        """The contract behind a source; PlanError if it is unknown, or another party's."""
        source, where = self.source(name), self.agreement.at("describe", name)
        asset = self.shelf.assets.get(source.asset)
        if asset is None:
            raise PlanError(
                Problem(
                    "ASSET",
                    f"{source.asset!r} is not in the catalogue",
                    fix="describe it first",
                    where=where,
                )
            )
        if asset.holder != source.from_ or source.from_ not in self.agreement.text.agree.parties:
            raise PlanError(
                Problem(
                    "PARTY",
                    f"{source.asset} is held by {asset.holder}, which this agreement does not bind here",
                    "only a party that signs can be the source of its own data",
                    f"write `from: {asset.holder}` and name it under `parties:`",
                    where,
                )
            )
        missing = sorted({*source.link, *source.use} - set(asset.schema.names))
        if missing:
            raise PlanError(
                Problem(
                    "FIELD",
                    f"{source.asset} has no field {', '.join(missing)}",
                    fix=f"it has: {', '.join(asset.schema.names)}",
                    where=where,
                )
            )
        return asset

    def root(self, name: str) -> str:
        """The source that gives the records of `name` their identity: itself, or the one it is `of`."""
        return self.source(name).of or name

    def _with_record(self, name: str, fields: tuple[str, ...]) -> Step:
        """The fields beside a keyed record number, the same for a patient and that patient's visits."""
        root = self.root(name)
        (key,) = self._record_field(root)
        read = Read(self.asset(name))
        numbered = Derive(read, (("record", Col(key, read.shape.schema[key].type)),))
        kept = Keep(numbered, ("record", *fields))
        return Key(kept, "record", f"record:{root}", "record")

    def _record_field(self, root: str) -> tuple[str]:
        asset = self.asset(root)
        if len(asset.unique) != 1:
            raise PlanError(
                Problem(
                    "RECORD",
                    f"{asset.name} has no single field that tells its records apart",
                    "records are linked by a number of their own",
                    "mark one `primaryKey` in its contract",
                    self.agreement.at("describe", root),
                )
            )
        return (asset.unique[0],)

    def _transfer(self, table: Step, to: str, purpose: str, form: Form, what: str) -> Transfer:
        fields = table.shape.schema.names
        checked = Check(table, RECORDS, Parameters.of({"fields": fields, "unique_by": table.shape.unique}))
        return Transfer(checked, to, purpose, form, what)

    def identity(self, name: str, unit: str) -> Transfer:
        """The `link` fields of a source, at the place of a unit's linker."""
        source = self.source(name)
        if not source.link:
            raise PlanError(
                Problem(
                    "LINK",
                    f"{name} is linked into {unit} but has no `link:` fields",
                    fix="list the fields that identify its records",
                    where=self.agreement.at("describe", name),
                )
            )
        table = self._with_record(name, source.link)
        return self._transfer(
            table, self.agreement.text.link[unit].at, LINKING, IDENTIFIABLE, f"identity of {name}"
        )

    def _index(self, unit: str) -> Transfer:
        """Which record is which keyed person (or home), at the host."""
        told = self.agreement.text.link[unit]
        tables = tuple(self.identity(name, unit) for name in told.of)
        linked = Link(tables, told.of, unit, told.linker, Parameters.of(told.with_))
        keyed = Key(linked, unit, unit, unit)
        return self._transfer(keyed, self.host, LINKING, DEPERSONALISED, f"index of {unit}")

    def _content(self, name: str) -> Transfer:
        """The `use` fields of a source, coarsened, at the host."""
        source, asset = self.source(name), self.asset(name)
        coarse = self.agreement.text.depersonalise.get(name, {})
        if not asset.about_people:
            kept = Keep(Read(asset), source.use)
            return Transfer(Check(kept, REFERENCE), self.host, "reference", DEPERSONALISED, name)
        table = self._with_record(name, source.use)
        for field, change in coarse.items():
            table = self._coarsened(name, table, field, change)
        named = any(column.kind is Kind.IDENTIFIER for column in table.shape.schema)
        return self._transfer(
            table, self.host, "content", IDENTIFIABLE if named else DEPERSONALISED, f"content of {name}"
        )

    def _coarsened(self, name: str, table: Step, field: str, change: Coarse) -> Step:
        if field not in self.source(name).use:
            where = self.agreement.at("depersonalise", name, field)
            raise PlanError(Problem("COARSEN", f"{field} is not used", fix="remove this line", where=where))
        rule, old = self.shelf.coarsenings[change.to], table.shape.schema[field]
        rule.check(old.type, change.with_)
        gives = (rule.gives, rule.becomes(old.kind))
        return Coarsen(table, field, change.to, field, gives, Parameters.of(change.with_))

    def units(self, name: str) -> tuple[str, ...]:
        """The units that the records of a source are linked into."""
        return tuple(unit for unit, told in self.agreement.text.link.items() if self.root(name) in told.of)

    def _table(self, name: str) -> Step:
        """A source at the host: its content beside the keys of its person, home and so on, no record number."""
        table: Step = self.content(name)
        if "record" not in table.shape.schema:
            return table
        for unit in self.units(name):
            table = Join(table, self.index(unit), (("record", "record"),), "left")
        return Keep(table, tuple(n for n in table.shape.schema.names if n != "record"))
