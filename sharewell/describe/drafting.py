"""Drafts from a spreadsheet: a contract for each asset, and for a record of processing what it says of why.

A draft is where a holder begins. It says only what the list said: a field that nobody judged is of the most
exposing kind, a lawful basis is carried as the words that stood there, and what was empty is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ..errors import Problem, StorageError
from .contract import Contract
from .export import VERSION, write_yaml
from .headings import Listing
from .intake import UNJUDGED, slug
from .inventory import Held, Inventory, Row

_UNITS = {
    "dai": "day", "day": "day", "week": "week", "month": "month", "quarter": "quarter", "annual": "year",
    "year": "year", "hour": "hour",
}  # fmt: skip
_FILES = {"csv": "csv", "excel": "xlsx", "xlsx": "xlsx", "xls": "xlsx", "parquet": "parquet"}
_SPLIT = re.compile(r"[;,\n|/]|\band\b")


@dataclass(frozen=True)
class Draft:
    """What one row gives: a contract in the catalogue's form, and a part of an agreement if it has one."""

    line: int
    name: str
    contract: dict[str, Any]
    section: dict[str, Any] | None = None

    def files(self) -> Iterator[tuple[str, str]]:
        """The path below the workspace, and the text, of each file."""
        yield f"catalogue/{self.name}.yaml", write_yaml(self.contract)
        if self.section:
            yield f"drafts/{self.name}.yaml", write_yaml({"agree": self.section})


def drafts(inventory: Inventory, holder: str = "") -> tuple[tuple[Draft, ...], tuple[Held, ...]]:
    """A draft for each row that can give one, and every row that was held back, by line.

    `holder` is the party that holds everything; without it, the list's own column of owners says.
    """
    made: dict[str, Draft] = {}
    held = list(inventory.held)
    for row in inventory.rows:
        draft = _draft(row, inventory, holder)
        if isinstance(draft, str):
            held.append(Held(row.line, draft))
        elif draft.name in made:
            held.append(Held(row.line, f"it has the name of the row at line {made[draft.name].line}"))
        else:
            made[draft.name] = draft
    return tuple(made.values()), tuple(sorted(held))


def _draft(row: Row, inventory: Inventory, holder: str) -> Draft | str:
    """The draft of a row, or the reason why there is none."""
    assets = inventory.listing is Listing.ASSETS
    owner = row.said.get("owner" if assets else "function", "")
    title = row.said.get("name" if assets else "purpose", "")
    if not title:
        return "it has no asset name" if assets else "it states no purpose"
    if not (holder or owner):
        return "it names no owner" if assets else "it names no business function"
    party, table = slug(holder or owner, "-"), slug(title, "_")
    name = f"{party[:50].rstrip('-')}.{table}"
    contract = _contract(row, name, party, table, title)
    try:
        Contract.model_validate(contract)
    except ValidationError:
        return "no contract can be made of it"
    return Draft(row.line, name, contract, None if assets else _section(row, party))


def _contract(row: Row, name: str, party: str, table: str, title: str) -> dict[str, Any]:
    said = row.said
    form = next((f for word, f in _FILES.items() if word in said.get("format", "").lower()), "csv")
    server = {
        "server": "workspace",
        "type": "local",
        "path": f"data/{party}/{table}.{form}",
        "format": form,
    }
    told = {key: said[key] for key in ("location", "format", "classification", "frequency") if key in said}
    every = next((unit for word, unit in _UNITS.items() if word in said.get("frequency", "").lower()), None)
    contract: dict[str, Any] = {
        "apiVersion": VERSION,
        "kind": "DataContract",
        "id": name,
        "version": "0.1.0",
        "status": "draft",
        "name": title,
        "domain": party,
        "servers": [server],
        "schema": [{"name": table, "properties": _properties(said)}],
        "customProperties": [{"property": f"listed_{key}", "value": text} for key, text in told.items()],
    }
    purpose = said.get("description") or said.get("purpose")
    if purpose:
        contract["description"] = {"purpose": purpose}
    if every:
        contract["slaProperties"] = [{"property": "frequency", "value": 1, "unit": every}]
    return contract


def _properties(said: Mapping[str, str]) -> list[dict[str, Any]]:
    """A field for each that the list names, all of the most exposing kind until somebody judges them."""
    listed = _SPLIT.split(said.get("fields") or said.get("categories") or "")
    names = {slug(text, "_"): text.strip() for text in listed if re.search("[A-Za-z]", text)}
    names = names or {"not_described": "The list named no fields: describe them"}
    return [
        {"name": name, "logicalType": "string", "classification": str(UNJUDGED), "description": text}
        for name, text in names.items()
    ]


_LAW = {"article_6": "article_6", "article_9": "article_9", "schedule_1": "dpa_schedule_1"}


def _section(row: Row, party: str) -> dict[str, Any]:
    """What a record of processing says that an agreement asks for, in the agreement's words."""
    said = row.said
    section: dict[str, Any] = {"purposes": {slug(said["purpose"], "-"): {"statement": said["purpose"]}}}
    section["parties"] = {party: {"role": "controller", "name": said.get("function", party)}}
    if "joint_controller" in said:
        other = slug(said["joint_controller"], "-")
        section["parties"][other] = {"role": "joint controller", "name": said["joint_controller"]}
    law = {name: said[column] for column, name in _LAW.items() if column in said}
    parts: dict[str, Any] = {
        "law": law,
        "subjects": [{"who": said["subjects"]}] if "subjects" in said else [],
        "security": [said["security"]] if "security" in said else [],
        "transparency": {"notice": said["notice"]} if said.get("notice", "").startswith("https://") else {},
        "abroad": _abroad(said),
    }
    return section | {name: part for name, part in parts.items() if part}


def _abroad(said: Mapping[str, str]) -> list[dict[str, str]]:
    told = said.get("abroad", "")
    if not told or told.strip().lower() in ("none", "no", "n/a", "not applicable"):
        return []
    return [{"to": told, **({"safeguard": said["safeguard"]} if "safeguard" in said else {})}]


def write_drafts(made: Iterable[Draft], folder: Path) -> tuple[Path, ...]:
    """Write the files of every draft below a folder; see `write_files`."""
    return write_files([file for draft in made for file in draft.files()], folder)


def write_files(files: Iterable[tuple[str, str]], folder: Path) -> tuple[Path, ...]:
    """Write texts to paths below a folder: all of them, or none where a file is there already.

    StorageError EXISTS for each that is there; FILE where the folder cannot be written.
    """
    wanted = [(folder / path, text) for path, text in files]
    paths = [path for path, _ in wanted]
    taken = dict.fromkeys(path for path in paths if path.exists() or paths.count(path) > 1)
    there = [path.relative_to(folder).as_posix() for path in taken]
    if there:
        what, why = "the file is there already, or would be written twice", "nothing is overwritten"
        raise StorageError(Problem("EXISTS", what, why, "name another folder", path) for path in there)
    made: list[Path] = []
    try:
        for path, text in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                made.append(path)
                file.write(text)
    except OSError as error:
        for path in made:
            path.unlink(missing_ok=True)
        reason = (error.strerror or "cannot be written").lower()
        raise StorageError(Problem("FILE", reason, fix="free space, or check permissions")) from None
    return tuple(path for path, _ in wanted)
