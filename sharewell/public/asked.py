"""What people asked, and what was done: a deliberation's findings, the clause that each changed, and its
conditions with what became of them.
"""

from __future__ import annotations

from .blocks import Cell, Facts, Part, Section, Shown, Table, Text, proof
from .words import day, said

_CONDITION = "agree.deliberation.conditions."
_PLACES: tuple[tuple[str, str, str], ...] = (
    ("agree.purposes", "why", "Why it is done"),
    ("agree.parties", "who", "Who takes part"),
    ("agree.users", "who", "Who takes part"),
    ("agree.law", "law", "By which law"),
    ("agree.rights", "rights", "Your rights, and how to object"),
    ("agree.automated", "decisions", "Decisions about people"),
    ("agree.benefits", "benefits", "What came of it"),
    ("agree.risks", "risks", "What it risks"),
    ("agree.necessity", "risks", "Why people must be named"),
    *(
        (chapter, "data", "Which data go where")
        for chapter in ("describe", "link", "depersonalise", "release")
    ),
    ("agree.transparency", "", "What the public are told"),
    ("agree.consulted", "", "Who else was asked"),
    ("agree.questions", "", "Which questions may be asked"),
    ("agree.reidentification", "", "When somebody may be named again"),
    ("agree.parameters", "", "A value that it works with"),
    ("analyse", "", "How the answers are worked out"),
    ("check", "", "How figures are checked before they leave"),
    ("account", "", "How long it lasts, and what is kept"),
)
"""A clause or what it is part of, the section of the page that tells it, if one does, and its words."""


def asked_section(facts: Facts) -> Section:
    """The section; where nothing was weighed, it says so."""
    told = facts["deliberation"]
    if told is None:
        return _section((Text("It names no event at which people weighed it.", "inset"),))
    if "withheld" in told:
        return _section((Text(said(told), "inset"),))
    weighed = told["claims"][-1] if told["claims"] else None
    return _section(
        (
            Text(f"It was weighed at this event: {said(told['event'])}, on {day(told['when'])}."),
            Text(f"Who came: {said(told['who'])}"),
            _findings(facts, proof(weighed) if weighed else "None yet"),
            _conditions(facts),
            Text(
                "A condition that is not met stops the agreement from the day on which it is due.", "quiet"
            ),
        )
    )


def _section(parts: tuple[Part, ...]) -> Section:
    return Section("asked", "What people asked, and what was done", parts)


def _findings(facts: Facts, shown: Shown) -> Table:
    """Each finding with the clause; the event that proves it is that of the weighing of this very text."""
    found = facts["deliberation"]["findings"]
    page = f"agreements/{facts['agreement']}/"
    asked = {part["name"]: said(part["text"]) for part in facts["conditions"]}
    rows = tuple(
        (said(part["said"]), _told_at(part["clause"], asked, page), said(part["clause"]), shown)
        for part in (found if isinstance(found, list) else ())
    )
    heads = ("What people said", "What it changed", "Its place in the agreement", "Proof")
    return Table(
        "What people said, and what it changed", heads, rows, empty=_empty(found, "Nothing was noted.")
    )


def _told_at(path: object, asked: dict[str, str], page: str) -> Shown:
    """What a clause is on this page, and where; a condition by its own words."""
    if not isinstance(path, str):
        return said(path)
    if path.startswith(_CONDITION):
        return f"The condition: {asked.get(path.removeprefix(_CONDITION), 'not published')}"
    for whole, section, words in _PLACES:
        if path == whole or path.startswith((f"{whole}.", f"{whole}[")):
            return Cell(words, href=f"{page}#{section}") if section else words
    return "Another part of the agreement"


def _conditions(facts: Facts) -> Table:
    rows = tuple(
        (
            said(part["text"]),
            _due(part["before"]),
            said(part["owner"]),
            _became(part["claims"]),
            proof(part["claims"][0]) if part["claims"] else "None yet",
        )
        for part in facts["conditions"]
    )
    heads = ("What must be done", "Before", "Seen to by", "What was done", "Proof")
    empty = _empty(facts["deliberation"]["conditions"], "No condition was set.")
    return Table("What must have been done", heads, rows, empty=empty)


def _due(before: object) -> str:
    return day(before) if isinstance(before, str) and before[:1].isdigit() else said(before)


def _became(claims: list[Facts]) -> Cell:
    """The evidence was written by staff for the account, and is told nowhere; its event is the proof."""
    if not claims:
        return Cell("Not met yet", state="open")
    return Cell(f"Met on {day(claims[0]['at'])}", state="good")


def _empty(part: object, otherwise: str) -> str:
    return said(part) if isinstance(part, dict) else otherwise
