"""The sheets of a workshop entered into its record, and the comments that wait for its facilitator.

The record only grows, and holds no words that may say who somebody is: those lie in a file of their own,
which its owner alone can read, until they are released into the record or left out for good.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..depersonalise.files import read_private, replace_private
from ..errors import DataError, Problem, StorageError
from ..workshop.events import Event, append, read_record
from ..workshop.holding import dropped, hold, released
from ..workshop.holding import waiting as undecided
from ..workshop.sheet_columns import FILES
from .papers import store
from .workshops import Place, load, place_of

if TYPE_CHECKING:
    from ..workshop.sheets import Aside
    from ..workspace import Workspace

ASIDE = "set-aside.csv"


@dataclass(frozen=True)
class Entered:
    """What came of entering sheets: events that are new, rows set aside, rows that repeat another, and
    everything odd in the whole record."""

    fresh: int
    aside: tuple[Aside, ...]
    repeated: tuple[Problem, ...]
    doubts: tuple[Problem, ...]


def enter(space: Workspace, name: str, source: Path | None = None) -> Entered:
    """Enter the sheets in a folder (the workshop's own, unless named). Done again, it adds what is new.

    DataError where a file cannot be read at all; then nothing is entered.
    """
    from ..workshop.doubts import doubts
    from ..workshop.sheets import read_sheets

    place = place_of(space, name)
    day, record = load(place), read_record(place.record)
    sheets = read_sheets(day.text, _files(source or place.folder), record)
    kept, words = hold(sheets.events)
    fresh = [each for each in kept if each.id not in record.events]
    joined = record.joined(kept)
    store(place.folder, {place.folder / ASIDE: _set_aside(sheets.aside)})
    held = _held(place)
    new_words = {each.id: words[each.id] for each in fresh if each.id in words}
    if new_words:
        _keep(place, {**held, **new_words})
    append(place.record, fresh)
    return Entered(len(fresh), sheets.aside, sheets.repeated, doubts(day.text, joined))


def waiting(space: Workspace, name: str) -> list[tuple[Event, Mapping[str, Any]]]:
    """The comments that wait for the facilitator, each with its words."""
    place = place_of(space, name)
    held = _held(place)
    return [(each, held.get(each.id, {})) for each in undecided(read_record(place.record))]


def settle(space: Workspace, name: str, id: str, *, release: bool, instead: str = "") -> Event:
    """Let a comment into the record, as said or with other words, or leave it out for good."""

    place = place_of(space, name)
    record, held = read_record(place.record), _held(place)
    whole = next((each.id for each in undecided(record) if each.id.startswith(id)), id)
    if release and not instead and whole in record.events and whole not in held:
        what, why = "its words are not here", "whoever entered the sheet holds them"
        raise DataError(Problem("HELD", what, why, "give the words to print: --words"))
    made = released(record, id, held.get(whole, {}), instead) if release else dropped(record, id)
    append(place.record, [made])
    _keep(place, {key: words for key, words in held.items() if key != made.replaces})
    return made


def _files(folder: Path) -> dict[str, bytes]:
    """The sheets in a folder. DataError SHEETS where there is none; StorageError FILE."""
    try:
        found = {
            path.name: path.read_bytes() for path in sorted(folder.glob("*.csv")) if path.name != ASIDE
        }
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise StorageError(
            Problem("FILE", f"{folder.name}: {reason}", fix="check its permissions")
        ) from None
    if not found:
        what, fix = f"there is no sheet in {folder.name}", f"type some: {', '.join(FILES)}"
        raise DataError(Problem("SHEETS", what, fix=fix))
    return found


def _held(place: Place) -> dict[str, Mapping[str, Any]]:
    """The words that wait, by event. DataError HELD where the file is none of ours."""
    content = read_private(place.held) or b""
    try:
        lines = [json.loads(line) for line in content.splitlines() if line.strip()]
        return {line["id"]: line["words"] for line in lines}
    except (ValueError, TypeError, KeyError):
        what = f"{place.held.name} cannot be read"
        raise DataError(
            Problem("HELD", what, fix="restore it from its copy", where=place.held.name)
        ) from None


def _keep(place: Place, held: Mapping[str, Mapping[str, Any]]) -> None:
    """The words that wait, in a file that its owner alone can read."""
    lines = [json.dumps({"id": id, "words": dict(words)}, ensure_ascii=False) for id, words in held.items()]
    replace_private(place.held, "".join(f"{line}\n" for line in lines).encode())


def _set_aside(rows: Iterable[Aside]) -> bytes:
    """The rows that were not entered, with their reasons, as typed."""
    told = io.StringIO()
    writer = csv.writer(told)
    writer.writerow(("where", "code", "what", "why", "what to do", "the row as typed"))
    for each in rows:
        problem = each.problem
        writer.writerow(
            (problem.where, problem.code, problem.what, problem.why, problem.fix, *each.row.typed)
        )
    return told.getvalue().encode()
