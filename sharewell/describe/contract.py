"""A data contract: what is held, by whom, in which shape and how good. One asset a file.

The shape is a subset of the Open Data Contract Standard 3.1 (Bitol, Linux Foundation): a field outside the
subset is refused with its nearest name, so that nothing is promised that is not checked. `customProperties`
are open; `restriction`, `category` (`criminal-offence`, `health`, `children`), `subject` (`places`: rows
about nobody), `vintage`, `person`, `quarantine_tolerance`, `privacy_budget` (an epsilon) and
`privacy_budget_per` (`month`, `quarter`, `year`) have a meaning here.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from ..plan.schema import CATEGORIES, Asset, Column, Kind, Schema, Type
from ..text import check_document, load_yaml
from .rules import Described, Metric, Options, Rule

Logical = Literal["string", "integer", "number", "boolean", "date", "timestamp"]
_TYPES: dict[Logical, Type] = {
    "string": Type.TEXT,
    "integer": Type.INTEGER,
    "number": Type.NUMBER,
    "boolean": Type.BOOLEAN,
    "date": Type.DATE,
    "timestamp": Type.MOMENT,
}
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=63)]
TOLERANCE = 5.0
"""The percentage of rows that may be quarantined, unless the contract says otherwise."""


class Property(Described):
    """A field: its type, kind, and what a value must satisfy. `physicalName` is its name in the source."""

    name: Name
    logical_type: Logical
    classification: Kind = Field(Kind.PLAIN, strict=False)
    description: str = ""
    business_name: str = ""
    physical_name: str = ""
    required: bool = False
    primary_key: bool = False
    primary_key_position: int = Field(0, ge=0)
    unique: bool = False
    logical_type_options: Options = Options()
    quality: list[Rule] = []
    tags: list[str] = []

    @property
    def type(self) -> Type:
        return _TYPES[self.logical_type]

    @property
    def header(self) -> str:
        """What the source calls it."""
        return self.physical_name or self.name

    @property
    def mandatory(self) -> bool:
        return self.required or self.primary_key

    @model_validator(mode="after")
    def _check(self) -> Property:
        told = self.logical_type_options
        if self.type is not Type.TEXT and (told.pattern or told.min_length or told.max_length):
            raise ValueError("pattern and lengths are for logicalType string")
        if told.format and self.type not in (Type.DATE, Type.MOMENT):
            raise ValueError("format is for logicalType date or timestamp")
        for bound in (told.minimum, told.maximum, told.exclusive_minimum, told.exclusive_maximum):
            if bound is not None and not _is_bound(bound, self.type):
                raise ValueError(f"minimum and maximum must be of logicalType {self.logical_type}")
        return self


def _is_bound(bound: int | float | str, of: Type) -> bool:
    if of in (Type.INTEGER, Type.NUMBER):
        return not isinstance(bound, str)
    if of not in (Type.DATE, Type.MOMENT) or not isinstance(bound, str):
        return False
    try:
        (date if of is Type.DATE else datetime).fromisoformat(bound)
    except ValueError:
        return False
    return True


class Server(Described):
    """Where the source lies and how it is written. `path` is inside the workspace."""

    server: str
    type: Literal["local"]
    path: Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_./ -]*$", max_length=300)]
    format: str
    description: str = ""
    delimiter: Annotated[str, Field(pattern=r'^[^"\r\n\x00]$')] = ","
    encoding: Literal["utf-8", "windows-1252", "iso-8859-1", "utf-16"] = "utf-8"
    sheet: str = ""
    widths: list[Annotated[int, Field(ge=1, le=10_000)]] = []

    @model_validator(mode="after")
    def _check(self) -> Server:
        if ".." in PurePosixPath(self.path).parts:
            raise ValueError("the path may not leave the workspace")
        if (self.format == "fixed") != bool(self.widths):
            raise ValueError("widths are for format fixed, which needs them")
        return self


class Table(Described):
    """The one table of a contract."""

    name: Name
    logical_type: Literal["object"] = "object"
    physical_name: str = ""
    description: str = ""
    properties: Annotated[list[Property], Field(min_length=1, max_length=2000)]
    quality: list[Rule] = []
    tags: list[str] = []

    @model_validator(mode="after")
    def _check(self) -> Table:
        for names in ([p.name for p in self.properties], [p.header for p in self.properties]):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"properties named twice: {', '.join(twice)}")
        known = {p.name for p in self.properties}
        for rule in self.rules:
            told = rule.arguments
            unknown = {*told.properties, *([told.property] if told.property else [])} - known
            if unknown:
                raise ValueError(f"the rule {rule.name!r} names no property: {', '.join(sorted(unknown))}")
            if not told.properties and self._needs_properties(rule.metric):
                raise ValueError(f"the rule {rule.name!r} needs arguments: properties")
        return self

    def _needs_properties(self, metric: Metric) -> bool:
        if metric is Metric.DUPLICATE:
            return not any(p.primary_key for p in self.properties)
        return metric not in (Metric.ROWS, Metric.VOLUME, Metric.TOTAL)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules of the table and of each property, the latter bound to theirs."""
        own = [
            rule.model_copy(
                update={
                    "arguments": rule.arguments.model_copy(
                        update={"properties": [p.name], "property": p.name}
                    )
                }
            )
            for p in self.properties
            for rule in p.quality
        ]
        return (*self.quality, *own)


class Description(Described):
    purpose: str = ""
    limitations: str = ""
    usage: str = ""


class Custom(Described):
    property: str
    value: str | int | float | bool | list[str | int | float | bool]
    description: str = ""


class ServiceLevel(Described):
    """A promise about delivery. `frequency` and `latency` count whole days, weeks, months ..."""

    property: str
    value: str | int | float
    unit: str = ""
    element: str = ""
    description: str = ""

    @model_validator(mode="after")
    def _check(self) -> ServiceLevel:
        if self.property in ("frequency", "latency"):
            if isinstance(self.value, bool) or not isinstance(self.value, int) or self.value < 0:
                raise ValueError(f"{self.property} is a whole number")
            if not re.fullmatch(r"h|d|w|mo|q|y|(hour|day|week|month|quarter|year)s?", self.unit.lower()):
                raise ValueError("unit is one of: hour, day, week, month, quarter, year")
        return self


class Contract(Described):
    """One asset, as its holder describes it. Made by `load_contract`; equal texts make equal digests."""

    api_version: Annotated[str, Field(pattern=r"^v3\.[01]\.\d+$")]
    kind: Literal["DataContract"]
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*\.[a-z][a-z0-9_]*$", max_length=120)]
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    status: Literal["proposed", "draft", "active", "deprecated", "retired"]
    name: str = ""
    domain: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    tags: list[str] = []
    description: Description = Description()
    servers: Annotated[list[Server], Field(min_length=1, max_length=1)]
    tables: Annotated[list[Table], Field(alias="schema", min_length=1, max_length=1)]
    sla_properties: list[ServiceLevel] = []
    custom_properties: list[Custom] = []

    @model_validator(mode="after")
    def _check(self) -> Contract:
        server, person = self.server, self.custom("person")
        if server.widths and len(server.widths) != len(self.properties):
            raise ValueError(f"there are {len(server.widths)} widths for {len(self.properties)} properties")
        if person and person[0] not in {p.name for p in self.properties}:
            raise ValueError("the custom property `person` names no property")
        exposing = [p.name for p in self.properties if p.classification is not Kind.PLAIN]
        if "places" in self.custom("subject") and exposing:
            raise ValueError(f"rows about places hold only plain fields, and {', '.join(exposing)} are not")
        unknown = sorted(str(value) for value in self.custom("category") if value not in CATEGORIES)
        if unknown:
            raise ValueError(
                f"category is one of {', '.join(sorted(CATEGORIES))}, not {', '.join(unknown)}"
            )
        told = self.custom("quarantine_tolerance")
        if told and (isinstance(told[0], (str, bool)) or not 0 <= told[0] <= 100):
            raise ValueError("quarantine_tolerance is a percentage, 0 to 100")
        self._check_budget()
        return self

    @property
    def server(self) -> Server:
        return self.servers[0]

    @property
    def properties(self) -> tuple[Property, ...]:
        return tuple(self.tables[0].properties)

    @property
    def rules(self) -> tuple[Rule, ...]:
        return self.tables[0].rules

    @property
    def key(self) -> tuple[str, ...]:
        """The unique key: the primary key in its order, or else the first required unique property."""
        keyed = sorted((p for p in self.properties if p.primary_key), key=lambda p: p.primary_key_position)
        if keyed:
            return tuple(p.name for p in keyed)
        return tuple(p.name for p in self.properties if p.unique and p.required)[:1]

    @property
    def person(self) -> str:
        """The property that tells people apart, for counting them; empty if the asset has none."""
        told = self.custom("person")
        if told:
            return str(told[0])
        named = [p.name for p in self.properties if p.classification in (Kind.IDENTIFIER, Kind.KEY)]
        required = [p.name for p in self.properties if p.mandatory and p.name in named]
        return next(iter(required or named), "")

    @property
    def restrictions(self) -> frozenset[str]:
        return frozenset(str(value) for value in self.custom("restriction"))

    @property
    def categories(self) -> frozenset[str]:
        """What it holds that the law treats apart."""
        return frozenset(str(value) for value in self.custom("category"))

    @property
    def vintage(self) -> str:
        """Of which edition reference data are (`2024-04`); empty for other data."""
        return str(next(iter(self.custom("vintage")), ""))

    @property
    def tolerance(self) -> float:
        """The percentage of rows that may be quarantined."""
        return float(next(iter(self.custom("quarantine_tolerance")), TOLERANCE))

    @property
    def privacy_budget(self) -> dict[str, Any] | None:
        """What noise may cost its people in all, {epsilon, per}; None where no noise may be drawn of it."""
        epsilon, per = self.custom("privacy_budget"), self.custom("privacy_budget_per")
        return {"epsilon": epsilon[0], "per": per[0] if per else None} if epsilon else None

    def _check_budget(self) -> None:
        spend = self.custom("privacy_budget")
        if spend and (isinstance(spend[0], (str, bool)) or not spend[0] > 0):
            raise ValueError("privacy_budget is an epsilon, a number above 0")
        if any(per not in ("month", "quarter", "year") for per in self.custom("privacy_budget_per")):
            raise ValueError("privacy_budget_per is month, quarter or year")

    def custom(self, name: str) -> tuple[Any, ...]:
        """The values of a custom property, in order."""
        held = [c.value for c in self.custom_properties if c.property == name]
        return tuple(leaf for value in held for leaf in (value if isinstance(value, list) else [value]))

    def asset(self) -> Asset:
        """What a plan needs to know: holder, labelled columns, unique key, restrictions."""
        columns = tuple(
            Column(p.name, p.type, p.classification, self.domain, frozenset({f"{self.id}.{p.name}"}))
            for p in self.properties
        )
        about_people = "places" not in self.custom("subject")
        return Asset(
            self.id,
            self.domain,
            Schema(columns),
            self.key,
            self.version,
            self.restrictions,
            about_people,
            self.categories,
        )

    @property
    def digest(self) -> str:
        """SHA-256 of what the contract binds; prose, tags, comments and order of keys do not change it."""
        bound = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        text = json.dumps(_without_prose(bound), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


_PROSE = frozenset({"description", "tags", "businessName"})


def _without_prose(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_prose(held) for key, held in value.items() if key not in _PROSE}
    return [_without_prose(held) for held in value] if isinstance(value, list) else value


def load_contract(path: Path, name: str = "") -> Contract:
    """Read a contract. Raises DocumentError with every fault and its line, StorageError if unreadable."""
    return check_document(Contract, load_yaml(path, name))
