"""The report of a workshop written to files, and its findings held against the agreements they name."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..errors import DocumentError, Problem, among
from .papers import Format, store, write_paper

if TYPE_CHECKING:
    from ..workshop.day import WorkshopDay
    from ..workshop.figures import Figures
    from ..workspace import Workspace


def counted(space: Workspace, name: str) -> tuple[WorkshopDay, Figures]:
    """A workshop's day and the figures of its record. DocumentError where there is no such workshop."""
    from ..workshop.day import load_day
    from ..workshop.events import read_record
    from ..workshop.figures import figures

    folder = space.folder / "workshops"
    path = folder / f"{name}.yaml"
    if not path.is_file():
        known = [each.stem for each in sorted(folder.glob("*.yaml"))]
        what = f"there is no workshop {name!r}"
        raise DocumentError(Problem("WORKSHOP", what, fix=among(name, known), where=str(folder)))
    day = load_day(path, f"workshops/{name}.yaml")
    return day, figures(day.text, read_record(folder / name / "record.jsonl"))


def write_report(space: Workspace, name: str, formats: Iterable[Format] = ()) -> tuple[Path, ...]:
    """Write the report and, beside it, the same figures as JSON. The files that were written."""
    from ..workshop.report import build

    day, found = counted(space, name)
    paper, folder = build(day.text, found), space.folder / "workshops" / name / "report"
    chosen = tuple(formats) or (Format.HTML, Format.DOCX, Format.PDF)
    files = {folder / f"report.{each}": write_paper(paper, each) for each in chosen}
    told = json.dumps(found.as_mapping(), indent=1, ensure_ascii=False, default=str)
    files[folder / "report.json"] = f"{told}\n".encode()
    store(folder, files)
    return tuple(files)


class Concluded(NamedTuple):
    """An agreement, the lines to paste under its `agree:`, and where they go."""

    agreement: str
    where: str
    lines: str


def conclude(space: Workspace, name: str) -> Iterator[Concluded]:
    """What a workshop found, as the lines of each agreement. DocumentError where one is not there."""
    from ..workshop.concluding import as_yaml, conclusions

    day, found = counted(space, name)
    told = conclusions(day.text, found)
    known = space.agreements()
    if unknown := [each for each in told if each not in known]:
        what = f"{name} found something about {', '.join(unknown)}, which is no agreement here"
        raise DocumentError(Problem("AGREEMENT", what, fix=among(unknown[0], known)))
    for each, deliberation in told.items():
        live = space.agreement(each)
        yield Concluded(each, live.agreement.at("agree"), as_yaml(deliberation))
