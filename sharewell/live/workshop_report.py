"""The report of a workshop written to files, and its findings held against the agreements they name."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..errors import DocumentError, Problem, among
from .papers import Format, store, write_paper
from .workshops import place_of

if TYPE_CHECKING:
    from ..workshop.day import WorkshopDay
    from ..workshop.figures import Figures
    from ..workshop.sayings import Found
    from ..workspace import Workspace


def counted(space: Workspace, name: str) -> tuple[WorkshopDay, Figures]:
    """A workshop's day and the figures of its record. DocumentError where there is no such workshop."""
    from ..workshop.day import load_day
    from ..workshop.events import read_record
    from ..workshop.figures import figures

    place = place_of(space, name)
    day = load_day(place.day, f"workshops/{name}.yaml")
    return day, figures(day.text, read_record(place.record))


def write_report(space: Workspace, name: str, formats: Iterable[Format] = ()) -> tuple[Path, ...]:
    """Write the report and, beside it, the same figures as JSON. The files that were written."""
    from ..workshop.report import build

    day, found = counted(space, name)
    paper, folder = build(day.text, found), place_of(space, name).folder / "report"
    chosen = tuple(formats) or (Format.HTML, Format.DOCX, Format.PDF)
    files = {folder / f"report.{each}": write_paper(paper, each) for each in chosen}
    told = json.dumps(found.as_mapping(), indent=1, ensure_ascii=False, default=str)
    files[folder / "report.json"] = f"{told}\n".encode()
    store(folder, files)
    return tuple(files)


class Concluded(NamedTuple):
    """What a day adds to an agreement: the lines to paste and where they go, or none.

    event: that of the `deliberation:` which stands there, whose place the lines take and which they repeat;
    empty where there is none.
    fresh: how many findings and conditions are new. standing: how many of the day's stand there already.
    """

    agreement: str
    where: str
    lines: str
    event: str
    fresh: int
    standing: int


class Conclusions(NamedTuple):
    """What a day asks, by agreement; what it found about none of them; how many comments wait for the
    facilitator, findings perhaps among them; and what can be put nowhere."""

    agreements: tuple[Concluded, ...]
    about_none: tuple[str, ...]
    held: int
    faults: tuple[Problem, ...]


def conclude(space: Workspace, name: str) -> Conclusions:
    """What a workshop found, as the lines of each agreement.

    What names an agreement that is not here or cannot be read, no clause of it, or nobody to see to a
    condition, is among the faults, and all else is told. DocumentError where there is no such workshop.
    """
    from ..workshop.concluding import about_none, by_agreement

    day, counts = counted(space, name)
    found = by_agreement(counts.findings)
    whole = found.pop("", [])
    faults = about_none(whole)
    made = [
        each for about in found if (each := _concluded(space, day, counts, about, found[about], faults))
    ]
    return Conclusions(tuple(made), tuple(each.said for each in whole), counts.held, tuple(faults))


def _concluded(
    space: Workspace,
    day: WorkshopDay,
    counts: Figures,
    about: str,
    found: list[Found],
    faults: list[Problem],
) -> Concluded | None:
    """What is added to one agreement; None where it cannot be read, which is added to `faults`."""
    from ..workshop.concluding import as_yaml, conclusion

    known = space.agreements()
    if about not in known:
        what = f"{len(found)} of the findings are about {about!r}, which is no agreement here"
        faults.append(Problem("AGREEMENT", what, "they enter none", among(about, known), day.at()))
        return None
    try:
        agreement = space.agreement(about).agreement
    except DocumentError as error:
        faults += error.problems
        return None
    told = conclusion(day.text, counts, found, agreement.text)
    faults += [replace(each, where=agreement.at("agree")) for each in told.faults]
    held = agreement.text.agree.deliberation
    where = agreement.at("agree", "deliberation") if held else agreement.at("agree")
    lines = as_yaml(told.deliberation) if told.deliberation else ""
    return Concluded(about, where, lines, held.event if held else "", told.fresh, told.standing)
