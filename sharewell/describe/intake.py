"""A document of the Open Data Contract Standard by somebody else, taken into the form of the catalogue.

The catalogue's own reader is strict, so that nothing is promised that is not checked. Here a wider document
is read: what has a meaning in this house is kept, what has none is dropped, and every dropped part is named
with its line. What comes in is a draft for its holder to look through; nothing of it is taken for settled.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from ..errors import DocumentError, Problem
from ..plan.schema import Kind
from ..text import check_document, load_yaml
from ..text.loader import Located, Place
from .contract import Contract, Custom, Description, Property, Server, ServiceLevel, Table
from .export import ENGINE, SERVER, VERSION
from .rules import Options, Rule

UNJUDGED = Kind.IDENTIFIER
"""The kind of a field that nobody has judged here: the most exposing, until its holder says less."""


class Intake(NamedTuple):
    """A contract taken in, and what of its document was dropped or assumed, each at its line."""

    contract: Contract
    noted: tuple[Problem, ...]


def read_odcs(path: Path, name: str = "") -> tuple[Intake, ...]:
    """Read a document, one contract for each of its tables.

    DocumentError with every fault where it is no document of the standard, or nothing can be kept of it;
    StorageError if it cannot be read.
    """
    located = load_yaml(path, name)
    given = located.value
    if given.get("kind") != "DataContract" or not str(given.get("apiVersion", "")).startswith("v3."):
        what = "it is no data contract of the Open Data Contract Standard 3"
        fix = "it begins with `apiVersion: v3.1.0` and `kind: DataContract`"
        raise DocumentError(Problem("ODCS", what, "", fix, located.lines.at(())))
    tables = given.get("schema")
    if not isinstance(tables, list) or not tables:
        what = "it describes no table"
        raise DocumentError(Problem("ODCS", what, "", "add `schema:`", located.lines.at(("schema",))))
    return tuple(_Taking(located, number).contract() for number in range(len(tables)))


class _Taking:
    """The taking-in of one table of a document."""

    def __init__(self, document: Located, number: int) -> None:
        self.given, self.lines, self.number = document.value, document.lines, number
        self.noted: list[Problem] = []

    def contract(self) -> Intake:
        table = self._table()
        held: dict[str, Any] = {
            "apiVersion": self._fitting("apiVersion", r"v3\.[01]\.\d+", VERSION),
            "kind": "DataContract",
            **self._identity(table["name"]),
            "status": self._status(),
            "servers": [self._server(table["name"])],
            "schema": [table],
        }
        for key in ("name", "tags"):
            if key in self.given:
                held[key] = self.given[key]
        if "description" in self.given:
            held["description"] = self._only(Description, self.given["description"], ("description",))
        for key, model in (("slaProperties", ServiceLevel), ("customProperties", Custom)):
            held[key] = [*held.get(key, []), *self._those_that_fit(model, self.given.get(key), (key,))]
        if held["id"] != self.given.get("id"):
            held["customProperties"].append(
                {"property": "source_id", "value": str(self.given.get("id", ""))}
            )
        self._name_unknown(self.given, Contract, ())
        return Intake(check_document(Contract, Located(held, self.lines)), tuple(self.noted))

    def _note(self, place: Place, what: str, fix: str = "") -> None:
        self.noted.append(Problem("DROPPED" if not fix else "ASSUMED", what, "", fix, self.lines.at(place)))

    def _fitting(self, key: str, pattern: str, otherwise: str) -> str:
        said = str(self.given.get(key, ""))
        if re.fullmatch(pattern, said):
            return said
        self._note((key,), f"`{key}` does not fit the catalogue", f"it was set to {otherwise}: correct it")
        return otherwise

    def _identity(self, table: str) -> dict[str, str]:
        """Id, version and holder, in the shapes that the catalogue has."""
        said = str(self.given.get("domain") or self.given.get("tenant") or "unknown-holder")
        domain = said if re.fullmatch(r"[a-z][a-z0-9-]*", said) else slug(said, "-")
        if domain != self.given.get("domain"):
            self._note(("domain",), "the holder is not named as a party", f"`domain` was set to {domain}")
        numbers = re.findall(r"\d+", str(self.given.get("version", "")))[:3]
        version = ".".join([*numbers, "0", "0", "0"][:3])
        if version != self.given.get("version"):
            self._note(("version",), "the version is not of three numbers", f"it was set to {version}")
        said = str(self.given.get("id", ""))
        fits = re.fullmatch(r"[a-z][a-z0-9_-]*\.[a-z][a-z0-9_]*", said) and len(self.given["schema"]) == 1
        name = said if fits and len(said) <= 120 else f"{domain[:50]}.{table}"
        if name != said:
            self._note(("id",), "the id is not `service.table`", f"it was set to {name}")
        return {"id": name, "version": version, "domain": domain}

    def _status(self) -> str:
        said = str(self.given.get("status", ""))
        if said in ("proposed", "draft", "active", "deprecated", "retired"):
            return said
        self._note(("status",), "the status is not known here", "it was set to draft")
        return "draft"

    def _server(self, table: str) -> dict[str, Any]:
        """The first local server; where there is none, a place for the file that its holder is to bring."""
        servers = self.given.get("servers")
        listed = servers if isinstance(servers, list) else []
        taken: dict[str, Any] | None = None
        for number, server in enumerate(listed):
            place = ("servers", number)
            made = _flat(server) if isinstance(server, Mapping) else {}
            kept = {key: value for key, value in made.items() if key in _aliases(Server)}
            if taken is None and made.get("type") == "local" and _fits(Server, kept):
                taken = kept
                for key in sorted(set(made) - set(kept)):
                    self._note((*place, key), f"`{key}` of a server has no use here")
            else:
                self._note(place, "a server that is not a local file is not read from")
        if taken is None:
            path = f"data/{table}.csv"
            self._note(("servers",), "no local file is named", f"it is expected at {path}: correct it")
            taken = {"server": "workspace", "type": "local", "path": path, "format": "csv"}
        return taken

    def _table(self) -> dict[str, Any]:
        place: Place = ("schema", self.number)
        given = self.given["schema"][self.number]
        given = given if isinstance(given, Mapping) else {}
        name = _name(str(given.get("name") or "table"))
        if name != given.get("name"):
            self._note((*place, "name"), "the table's name does not fit", f"it was set to {name}")
        listed = given.get("properties")
        properties = [
            made
            for number, told in enumerate(listed if isinstance(listed, list) else [])
            if (made := self._property(told, (*place, "properties", number))) is not None
        ]
        self._name_unknown(given, Table, place)
        kept = {key: given[key] for key in ("description", "tags", "physicalName") if key in given}
        return {"name": name, **kept, "properties": properties, **self._quality(given, place)}

    def _property(self, told: Any, place: Place) -> dict[str, Any] | None:
        """One field; None where its type is none that a table of rows can have."""
        if not isinstance(told, Mapping):
            self._note(place, "a property is not a mapping")
            return None
        made = self._only(Property, told, place, beside=("quality", "logicalTypeOptions"))
        made |= self._quality(told, place)
        said = str(told.get("name", ""))
        made["name"] = _name(said)
        if made["name"] != said:
            self._note((*place, "name"), "the field's name does not fit", f"it was set to {made['name']}")
            made.setdefault("physicalName", said)
        if "logicalType" not in told:
            self._note(place, f"the type of `{made['name']}` is not said", "it was set to string")
        made.setdefault("logicalType", "string")
        if told.get("classification") not in tuple(Kind):
            what = f"how `{made['name']}` can expose a person is not said in this scheme"
            self._note((*place, "classification"), what, f"it was set to {UNJUDGED}: judge it")
            made["classification"] = str(UNJUDGED)
        if made.get("primaryKeyPosition") == -1:  # the standard's way of saying none
            del made["primaryKeyPosition"]
        made |= self._options(told, made, place)
        if not _fits(Property, made):
            self._note(place, f"the field `{made['name']}` is of no type that rows here can have")
            return None
        return made

    def _options(self, told: Mapping[str, Any], made: dict[str, Any], place: Place) -> dict[str, Any]:
        if "logicalTypeOptions" not in told:
            return {}
        here = (*place, "logicalTypeOptions")
        kept = self._only(Options, told["logicalTypeOptions"], here)
        if _fits(Property, {**made, "logicalTypeOptions": kept}):
            return {"logicalTypeOptions": kept}
        self._note(here, "the options do not fit the type")
        return {}

    def _quality(self, told: Mapping[str, Any], place: Place) -> dict[str, Any]:
        rules = []
        listed = told.get("quality")
        for number, rule in enumerate(listed if isinstance(listed, list) else []):
            here = (*place, "quality", number)
            made = _ruled(rule) if isinstance(rule, Mapping) else {}
            kept = {key: value for key, value in made.items() if key in _aliases(Rule)}
            kept.setdefault("name", f"rule {number + 1}")
            if _fits(Rule, kept):
                rules.append(kept)
                for key in sorted(set(made) - set(kept)):
                    self._note((*here, key), f"`{key}` of a rule has no use here")
            else:
                self._note(here, "a rule that cannot be measured here")
        return {"quality": rules} if rules else {}

    def _only(
        self, model: type[BaseModel], told: Any, place: Place, beside: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        """What of a mapping the model knows; the rest is named."""
        if not isinstance(told, Mapping):
            self._note(place, "it is not a mapping")
            return {}
        self._name_unknown(told, model, place)
        return {key: value for key, value in told.items() if key in _aliases(model) and key not in beside}

    def _those_that_fit(self, model: type[BaseModel], told: Any, place: Place) -> Iterator[dict[str, Any]]:
        for number, given in enumerate(told if isinstance(told, list) else []):
            here = (*place, number)
            kept = self._only(model, given, here)
            if _fits(model, kept):
                yield kept
            else:
                self._note(here, "an entry that has no use here")

    def _name_unknown(self, told: Mapping[str, Any], model: type[BaseModel], place: Place) -> None:
        for key in told:
            if key not in _aliases(model):
                self._note((*place, key), f"`{key}` has no use here")


def _aliases(model: type[BaseModel]) -> frozenset[str]:
    return frozenset(field.alias or name for name, field in model.model_fields.items())


def _fits(model: type[BaseModel], told: Mapping[str, Any]) -> bool:
    try:
        model.model_validate(told)
    except ValidationError:
        return False
    return True


def _flat(server: Mapping[str, Any]) -> dict[str, Any]:
    """A server with the settings that `export` put among its custom properties back in their place."""
    made = {key: value for key, value in server.items() if key != "customProperties"}
    for told in server.get("customProperties") or []:
        key = told.get("property") if isinstance(told, Mapping) else None
        if key in _aliases(Server) and key not in SERVER:
            made[str(key)] = told.get("value")
        else:
            made["customProperties"] = server["customProperties"]
    return made


def _ruled(rule: Mapping[str, Any]) -> dict[str, Any]:
    """A rule of the standard's library, or one of this house that `export` carried whole."""
    if rule.get("type") == "custom" and rule.get("engine") == ENGINE:
        carried = rule.get("implementation")
        return dict(carried) if isinstance(carried, Mapping) else {}
    return {key: value for key, value in rule.items() if key != "type" or value != "library"}


def _name(text: str) -> str:
    """A table's or field's name as it stands where it fits, or made to fit."""
    return text if re.fullmatch(r"[a-z][a-z0-9_]{0,62}", text) else slug(text, "_")


def slug(text: str, joint: str) -> str:
    """Text as a name: lower case letters and digits, joined; at most 63 characters, a letter first."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    name = joint.join(words)[:63].rstrip(joint)
    return name if name[:1].isalpha() else f"x{joint}{name}"[:63].rstrip(joint)
