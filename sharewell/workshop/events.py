"""The record of a workshop: events that are only ever added, on paper or live, in any order.

An event is known by its id alone. The same event twice is once; two records of one day put together are
the union of their events; nothing depends on the order in which they came. A correction is an event that
names the one it replaces, which stays.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..agree.chapter import Chapter
from ..errors import DataError, Problem, StorageError
from ..plan.canonical import digest
from .sayings import BODIES, Kind


@dataclass(frozen=True)
class Event:
    """Something that was said: in which session, at which table, by whom, and what.

    voice: the code on the sheet or device of the person who said it; empty where the table said it. sheet:
    the paper that it was typed from. entry: which typing of that sheet (1, or 2 where sheets are typed
    twice). replaces: the ids of those in whose place it stands, with spaces between. held: why the words
    wait for the facilitator; empty where they do not.
    """

    id: str
    session: str
    kind: Kind
    body: Mapping[str, Any]
    table: str = ""
    voice: str = ""
    sheet: str = ""
    entry: int = 1
    replaces: str = ""
    held: str = ""

    @property
    def said(self) -> Chapter:
        """The body as what it is. DataError BODY where it is not."""
        try:
            return BODIES[self.kind].model_validate(dict(self.body))
        except ValueError:
            what = f"event {self.id} is no {self.kind}"
            raise DataError(
                Problem("BODY", what, "its body is not of that kind", "enter it again")
            ) from None

    def as_mapping(self) -> dict[str, Any]:
        """JSON-ready, without what is empty; a session stays, empty where the whole day is meant."""
        told = {name: value for name, value in vars(self).items() if value not in ("", 1)}
        return {
            **told,
            "id": self.id,
            "session": self.session,
            "kind": str(self.kind),
            "body": dict(self.body),
        }


def event(session: str, kind: Kind, said: Chapter, *, id: str = "", **more: Any) -> Event:
    """An event; without an id of its own it is known by its content, so that it can be entered twice."""
    body = said.model_dump(mode="json", exclude_defaults=True)
    known = {"session": session, "kind": str(kind), "body": body, **more}
    return Event(id or digest(known)[:24], session, kind, body, **more)


@dataclass(frozen=True)
class Record:
    """All events of a workshop, by id."""

    events: Mapping[str, Event] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Event]:
        """Those that nothing replaces, in order of their ids."""
        gone = {id for each in self.events.values() for id in each.replaces.split()}
        return (self.events[id] for id in sorted(self.events) if id not in gone)

    def of(self, kind: Kind, session: str = "") -> list[Event]:
        """Those of a kind (and session) that nothing replaces and nobody holds back."""
        return [e for e in self if e.kind is kind and not e.held and session in ("", e.session)]

    def joined(self, more: Iterable[Event]) -> Record:
        """With more events. DataError CONFLICT where one id stands for two things."""
        known, problems = dict(self.events), []
        for each in more:
            if known.setdefault(each.id, each) != each:
                why = "an id stands for one thing for ever"
                problems.append(
                    Problem("CONFLICT", f"event {each.id} is two things", why, "give the second its own id")
                )
        if problems:
            raise DataError(problems)
        return Record(known)


def read_record(path: Path) -> Record:
    """The record kept in a file of one JSON object a line; no file is an empty one.

    DataError LINE for each line that cannot be read; StorageError FILE where the file cannot.
    """
    try:
        lines = path.read_bytes().split(b"\n") if path.exists() else []
    except OSError as error:
        what = f"{path.name}: {(error.strerror or 'it cannot be read').lower()}"
        raise StorageError(Problem("FILE", what, fix="check the path and its permissions")) from None
    found, problems = [], []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            held = json.loads(line)
            found.append(Event(**{**held, "kind": Kind(held["kind"])}))
            found[-1].said  # noqa: B018 - a body of another kind is a fault of its line
        except (ValueError, TypeError, KeyError, DataError):
            fix = "restore the file from its copy; nothing after this was lost"
            problems.append(Problem("LINE", "this is no event", fix=fix, where=f"{path.name}:{number}"))
    if problems:
        raise DataError(problems)
    return Record().joined(found)


def append(path: Path, events: Iterable[Event]) -> int:
    """Add the events that the file does not hold yet; how many those were. Written whole or not at all."""
    held = read_record(path)
    fresh = [each for each in held.joined(events).events.values() if each.id not in held.events]
    text = "".join(
        json.dumps(each.as_mapping(), sort_keys=True, ensure_ascii=False) + "\n" for each in fresh
    )
    if not fresh:
        return 0
    draft = path.with_suffix(".draft")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_bytes() if path.exists() else b""
        if before and not before.endswith(b"\n"):
            before += b"\n"
        with draft.open("wb") as file:
            file.write(before + text.encode())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        what, fix = f"{path.name} could not be written", "make room, or write where you may"
        raise StorageError(Problem("DISK", what, "nothing was added", fix)) from None
    return len(fresh)
