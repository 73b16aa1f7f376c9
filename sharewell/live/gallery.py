"""A page of all that a workspace has released and not taken back: one card a product, its newest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..account.events import Event, EventKind
from ..agree.rules import PUBLIC
from ..errors import DataError, Problem
from ..release.cover import Cover, render_gallery
from ..release.output import COVER, REPORT
from .folders import write_file

if TYPE_CHECKING:
    from ..workspace import Workspace

PAGE = "index.html"


def build_gallery(space: Workspace) -> Path:
    """Write the page beside the releases, in the place of an earlier one; where it lies.

    DataError where a cover cannot be read; StorageError where the page cannot be written.
    """
    folder = space.kept / "releases"
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / PAGE
    covers = [cover for event in _standing(space) for cover in _covers(folder, event)]
    covers.sort(key=lambda cover: not cover.picture)
    write_file(page, render_gallery(f"What was shared in {space.name}", covers, space.synthetic), over=True)
    return page


def _standing(space: Workspace) -> list[Event]:
    """The last release of each product that still stands: the public's, where the public has it."""
    ended = {EventKind.RELEASE_WITHDRAWN, EventKind.RELEASE_RECALLED}
    held: dict[tuple[str, str, str], Event] = {}
    for event in space.account.events():
        key = (event.agreement or "", str(event.facts.get("product")), str(event.facts.get("recipient")))
        if event.kind is EventKind.RELEASE_RELEASED:
            held[key] = event
        elif event.kind in ended:
            held.pop(key, None)
    newest: dict[tuple[str, str], Event] = {}
    for key in sorted(held, key=lambda key: (held[key].run or "", key[2] == PUBLIC)):
        newest[key[:2]] = held[key]
    return [newest[key] for key in sorted(newest)]


def _covers(folder: Path, event: Event) -> Iterator[Cover]:
    """The cover of one product; none where it left as a list, which has no page to look at."""
    place = f"{event.facts['recipient']}/{event.agreement}/{event.run}"
    path = folder / place / COVER
    if not path.exists():
        return
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        for each in told:
            if each.pop("product") == event.facts["product"]:
                yield Cover(href=f"{place}/{REPORT}#{each.pop('anchor')}", **each)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        what, fix = f"the cover of {event.agreement}, run {event.run}, cannot be read", "audit the release"
        raise DataError(Problem("COVER", what, "it was changed, or cut short", fix)) from None
