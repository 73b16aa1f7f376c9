"""A strict reader of YAML, over the events of PyYAML's parser (the C one where it is built).

Only what one can read aloud: mappings with text keys, lists, text, `true`, `false`, `null`, decimal
numbers. `no` is text, `2026-09-01` is text, `007` is text. Aliases, anchors, tags, merge keys, directives,
several documents, repeated or look-alike keys, tabs and deep nesting are refused: none can hide what is
signed, or grow when read.
"""

from __future__ import annotations

import math
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from ..errors import DocumentError, Problem, StorageError
from .characters import LIMIT, MOST, decode, script_fault, skeleton, unfit_mark

DEPTH = 40
"""The deepest nesting that a document may have."""
VALUES = 30_000
"""The most values that a document may hold: a contract of 2,000 fields has some 20,000."""

Key = str | int
Place = tuple[Key, ...]

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})\.[0-9]{1,30}([eE][+-]?[0-9]{1,3})?")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(frozen=True)
class Lines:
    """Where each value of a document stands. A place is a path of keys and list positions from the root.

    `elsewhere` are places whose values were taken from another document, as `file:line` there.
    """

    name: str
    numbers: Mapping[Place, int]
    elsewhere: Mapping[Place, str] = field(default_factory=dict)

    def at(self, place: tuple[Key, ...] | list[Key]) -> str:
        """`file:line` of a place, or of its nearest ancestor that was written."""
        known = tuple(place)
        while known and known not in self.numbers:
            if known in self.elsewhere:
                return self.elsewhere[known]
            known = known[:-1]
        return f"{self.name}:{self.numbers.get(known, 1)}"


class Located(NamedTuple):
    """A document's values and their lines."""

    value: dict[str, Any]
    lines: Lines


def load_yaml(source: Path | str | bytes, name: str = "") -> Located:
    """Read one document, a mapping. A `Path` is a file; `str` and `bytes` are the text itself.

    `name` is how messages call it (a path, unless told). Raises DocumentError with every fault found,
    StorageError where the file cannot be read.
    """
    name = name or (source.as_posix() if isinstance(source, Path) else "text")
    text, problems = decode(_bytes(source, name), name)
    if any(p.code != "NORMAL_FORM" for p in problems):
        raise DocumentError(problems)
    builder = _Builder(name)
    problems += builder.read(text)
    if problems:
        raise DocumentError(sorted(problems, key=lambda p: int(p.where.rpartition(":")[2])))
    return Located(builder.root, Lines(name, builder.numbers))


def _bytes(source: Path | str | bytes, name: str) -> bytes:
    if isinstance(source, Path):
        try:
            return _read(source, name)
        except OSError as error:
            reason = error.strerror or "it cannot be read"
            raise StorageError(Problem("FILE", reason.lower(), fix="check the path", where=name)) from None
    return source.encode("utf-8", "surrogatepass") if isinstance(source, str) else source


def _read(source: Path, name: str) -> bytes:
    """A file's bytes, one past the limit at most; never a pipe or a device, which may not end."""
    mode = source.stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise StorageError(Problem("FILE", "it is no ordinary file", fix="check the path", where=name))
    with source.open("rb") as file:
        return file.read(LIMIT + 1)


class _Enough(Exception):  # noqa: N818 - never leaves this module
    """Reading stops: what follows has no meaning, or teaches no more."""


class _Builder:
    """Builds values from parser events; collects faults instead of stopping at the first."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.root: dict[str, Any] = {}
        self.numbers: dict[Place, int] = {}
        self.problems: list[Problem] = []
        self.values = 0

    def read(self, text: str) -> list[Problem]:
        try:
            self._document(yaml.parse(text, Loader=_LOADER))
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            what = " ".join(filter(None, (error.context, error.problem))) or "the text is not YAML"
            self._fault("SYNTAX", what, mark, fix="check the indentation, colons and quotes")
        except yaml.YAMLError:
            self._fault("SYNTAX", "the text is not YAML", None)
        except _Enough:
            pass
        return self.problems

    def _document(self, events: Iterator[Any]) -> None:
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._fault(
                        "DOCUMENTS", "there is a second document", event.start_mark, fix="one a file"
                    )
                    return
                if event.version or event.tags:
                    self._fault("DIRECTIVE", "there is a % directive", event.start_mark, fix="remove it")
            elif isinstance(event, (yaml.NodeEvent)):
                value = self._value(event, events, ())
                if isinstance(value, dict):
                    self.root = value
                elif value is not None:
                    what = "the document is not a mapping"
                    self._fault("SHAPE", what, event.start_mark, fix="begin with `name: value`")
        if documents < 2 and not self.root and not self.problems:
            self._fault("EMPTY", "the document is empty", None)

    def _value(self, event: Any, events: Iterator[Any], place: Place) -> Any:
        self._check_size(event)
        self._check_node(event)
        if isinstance(event, yaml.ScalarEvent):
            self._check_escapes(event)
            return _scalar(event.value) if event.implicit[0] and event.style in (None, "") else event.value
        if isinstance(event, yaml.AliasEvent):
            return None
        if len(place) >= DEPTH:
            self._fault("DEPTH", f"the nesting is deeper than {DEPTH}", event.start_mark, fix="flatten it")
            raise _Enough
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, place)
        return self._mapping(events, place)

    def _check_size(self, event: Any) -> None:
        self.values += 1
        if self.values > VALUES:
            why = "nobody reads that before signing"
            self._fault("SIZE", f"there are over {VALUES:,} values", event.start_mark, why, "split it")
        if self.values > VALUES or len(self.problems) >= MOST:
            raise _Enough

    def _check_node(self, event: Any) -> None:
        if isinstance(event, yaml.AliasEvent):
            what, why = "there is an alias", "what is signed must stand where it is read"
            self._fault("ALIAS", what, event.start_mark, why, "write the value out")
        elif event.anchor:
            self._fault("ANCHOR", "there is an anchor", event.start_mark, fix="write the values out")
        if getattr(event, "tag", None):
            why = "a tag changes what a value means"
            self._fault("TAG", "there is a tag", event.start_mark, why, "remove the `!...`")

    def _check_escapes(self, event: Any) -> None:
        if event.style == '"' and (mark := unfit_mark(event.value)):
            what = f"an escape stands for an unfit character, {mark}"
            self._fault("CHARACTER", what, event.start_mark, fix="remove it")

    def _sequence(self, events: Iterator[Any], place: Place) -> list[Any]:
        held: list[Any] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            here = (*place, len(held))
            self.numbers[here] = event.start_mark.line + 1
            held.append(self._value(event, events, here))
        return held

    def _mapping(self, events: Iterator[Any], place: Place) -> dict[str, Any]:
        held: dict[str, Any] = {}
        seen: dict[str, str] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._key(event, events, place)
            self._check_key(key, event, held, seen, place)
            here = (*place, key)
            self.numbers.setdefault(here, event.start_mark.line + 1)
            held[key] = self._value(next(events), events, here)
        return held

    def _key(self, event: Any, events: Iterator[Any], place: Place) -> str:
        if isinstance(event, yaml.ScalarEvent):
            self._check_node(event)
            self._check_escapes(event)
            return str(event.value)
        if not isinstance(event, yaml.AliasEvent):
            self._fault("KEY", "a key is not a word", event.start_mark, fix="use a plain name")
        self._value(event, events, (*place, "?"))
        return "?"

    def _check_key(
        self, key: str, event: Any, held: dict[str, Any], seen: dict[str, str], place: Place
    ) -> None:
        mark, shown = event.start_mark, ascii(key[:40])
        seems = skeleton(key)
        if key == "<<" and isinstance(event, yaml.ScalarEvent) and event.style in (None, ""):
            self._fault("MERGE", "there is a merge key `<<`", mark, fix="write the values out")
        elif key == "":
            self._fault("KEY", "a key is empty", mark, fix="name it")
        elif key in held and isinstance(event, yaml.ScalarEvent):
            first = self.numbers[(*place, key)]
            what, why = f"the key {shown} is written twice", f"it stands first at line {first}"
            self._fault("TWICE", what, mark, why, "remove one")
        elif fault := script_fault(key):
            self._fault("CONFUSABLE", fault, mark, "it can be taken for another name", "retype it")
        elif seems in seen:
            what = f"the key {shown} looks like {seen[seems][:40]!a}"
            self._fault("CONFUSABLE", what, mark, "a reader cannot tell them apart", "rename one")
        seen.setdefault(seems, key)

    def _fault(self, code: str, what: str, mark: Any, why: str = "", fix: str = "") -> None:
        line = mark.line + 1 if mark is not None else 1
        self.problems.append(Problem(code, what, why, fix, f"{self.name}:{line}"))


def _scalar(text: str) -> bool | int | float | str | None:
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    return text
