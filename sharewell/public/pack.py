"""The regulator's pack as a page: in the register's frame and style, but never part of the register."""

from __future__ import annotations

import hashlib
from itertools import groupby
from operator import itemgetter

from .blocks import Cell, Facts, Part, Rows, Section, Table, Text
from .pages import frame
from .site import canonical
from .words import day, said, slug


def pack_page(pack: Facts) -> bytes:
    """One page with the answers, what is missing, and the recipients; it fetches nothing."""
    held = canonical(pack)
    reference = str(pack["incident"])
    return frame(
        title=f"Notification of {reference}",
        kind="For the regulator",
        house="Personal data breach",
        up="",
        here="",
        ways=(),
        crumbs=[],
        feeds=False,
        synthetic=pack["synthetic"],
        digest=hashlib.sha256(held).hexdigest(),
        opening=_opening(pack),
        sections=tuple(_sections(pack)),
        foot=("Not for publication. It names recipients.",),
    )


def moment(text: str) -> str:
    """A moment in words: 3 June 2024, 09:00 UTC."""
    return f"{day(text)}, {text[11:16]} UTC"


def _opening(pack: Facts) -> tuple[Part, ...]:
    missing = [answer["question"] for answer in pack["answers"] if not answer["answers"]]
    left = pack["hours_left"]
    clock = f"{left:g} hours are left" if left >= 0 else f"late by {-left:g} hours: say why (Article 33(1))"
    rows = (
        ("Became aware", (moment(pack["found"]),)),
        (
            "Regulator is told by",
            (moment(pack["deadline"]), Cell(clock, state="open" if left >= 0 else "bad")),
        ),
        ("As of", (moment(pack["as_of"]),)),
        ("Closed", (moment(pack["closed"]) if pack["closed"] else "Not closed",)),
    )
    words = f"Still missing: {'; '.join(missing)}." if missing else "Nothing is missing."
    return Rows(rows), Text(words, "warning" if missing else "inset")


def _sections(pack: Facts) -> list[Section]:
    made = []
    for part, group in groupby(pack["answers"], key=itemgetter("part")):
        rows = tuple((a["question"], _answers(a["answers"])) for a in group)
        made.append(Section(slug(part), part, (Rows(rows),)))
    heads = ("Delivery", "What", "To", "When", "Form", "Fields", "State", "Certificate or reason")
    recipients = tuple(
        (
            str(row["delivery"]),
            f"{row['product']} of {row['agreement']}",
            row["recipient"],
            moment(row["released"]),
            said(row["form"], "Not known"),
            said(row["fields"], "Not known"),
            row["state"],
            row["certificate"][:16] or said(row["explanation"], "None"),
        )
        for row in pack["recipients"]
    )
    table = Table("Who received what", heads, recipients, empty="Nothing had been released.")
    return [*made, Section("recipients", "Recipients", (table,))]


def _answers(answers: list[str]) -> tuple[Cell | str, ...]:
    return tuple(answers) or (Cell("Missing", state="bad"),)
