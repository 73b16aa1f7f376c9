"""What crosses from place to place, as a picture and as a table: a visitor over the plan's transfers."""

from __future__ import annotations

from collections.abc import Iterator

from ..plan.plan import LINKING
from ..plan.steps import About, Transfer
from ..text import Place
from .block import Block, Lines, Picture, Redacted, Table, Words, plain
from .clauses import Clauses
from .flow_picture import Arrow, describe, draw
from .form import View
from .naming import PUBLIC, Origins, listed, party

TITLE = "Who sends what to whom"

_WORDS = {
    LINKING: "to find which records belong together",
    "content": "to answer the questions",
    "reference": "to describe places",
}


def transfers(clauses: Clauses) -> tuple[Block, ...]:
    """The picture of all transfers, and the table of each one with its fields, form and purpose."""
    arrows = [arrow for transfer in clauses.plan.transfers if (arrow := _arrow(clauses, transfer))]
    picture = Picture(TITLE, describe(arrows), draw(TITLE, arrows))
    rows = tuple(dict.fromkeys(_row(clauses, Origins(clauses), t) for t in clauses.plan.transfers))
    head = ("What", "From", "To", "Fields", "Form", "For")
    return (picture, Table("Every transfer from one place to another", head, rows))


def _row(clauses: Clauses, origins: Origins, transfer: Transfer) -> tuple[Lines, ...]:
    what, release = transfer.what, ("release", transfer.what)
    delivered = clauses.at(release) is not None
    places: tuple[Place, ...] = (release,) if delivered else (_clause(clauses, transfer),)
    form: tuple[Place, ...] = ((*release, "form"),) if delivered else places
    return (
        (clauses.computed(what, *places),),
        (_from(clauses, transfer),),
        (_to(clauses, transfer),),
        (_columns(clauses, origins, transfer),),
        (clauses.computed(_form(transfer), *form),),
        (_purpose(clauses, transfer),),
    )


def _clause(clauses: Clauses, transfer: Transfer) -> Place:
    """The clause that a transfer between parties comes from: a source, or a unit of `link:`."""
    name = transfer.what.rpartition(" of ")[2]
    if transfer.what.startswith("index of "):
        return ("link", name)
    return ("describe", name)


def _from(clauses: Clauses, transfer: Transfer) -> Words:
    place, clause = transfer.of.shape.place, _clause(clauses, transfer)
    more = ((*clause, "from"),) if clause[0] == "describe" and clauses.at(clause) else ()
    return party(clauses, place, *more)


def _to(clauses: Clauses, transfer: Transfer) -> Words:
    listed_at = ("release", transfer.what, "to")
    found = [place for place in clauses.entries(listed_at) if clauses.at(place) == transfer.to]
    return party(clauses, transfer.to, *found)


def _columns(clauses: Clauses, origins: Origins, transfer: Transfer) -> Words:
    """The columns by name, each where it was agreed; a table about groups has none to name."""
    named = ("release", transfer.what, "fields")
    agreed = {str(clauses.at(place)): place for place in clauses.entries(named)}
    found = [
        origins.column(column, agreed.get(column.name, _clause(clauses, transfer)))
        for column in transfer.shape.schema
    ]
    return listed(found) if found else ("figures about groups only",)


def _purpose(clauses: Clauses, transfer: Transfer) -> Words:
    stated = ("agree", "purposes", transfer.purpose)
    if clauses.at(stated) is not None:
        return clauses.computed(transfer.purpose, ("analyse", transfer.what, "purpose"), stated)
    return (_WORDS.get(transfer.purpose, transfer.purpose),)


def _form(transfer: Transfer) -> str:
    return "about places" if transfer.shape.about is About.PLACES else transfer.shape.form.word


def _arrow(clauses: Clauses, transfer: Transfer) -> Arrow | None:
    """The transfer in the picture. What is left out of it is shown as left out, not as absent."""
    host, linkers = clauses.plan.host, set(_linkers(clauses))
    sender = transfer.of.shape.place
    delivered = clauses.at(("release", transfer.what)) is not None
    start = 2 if delivered and sender == host else 1 if sender in linkers else 0
    end = 3 if delivered else 1 if transfer.purpose == LINKING and transfer.to in linkers else 2
    if sender == transfer.to or start >= end:
        return None
    row = _row(clauses, Origins(clauses), transfer)
    if any(isinstance(word, Redacted) for cell in (row[0], row[4]) for words in cell for word in words):
        return None
    return Arrow((start, _short(row[1])), (end, _short(row[2])), _form(transfer))


def _linkers(clauses: Clauses) -> Iterator[str]:
    return (str(clauses.at((*unit, "at"))) for unit in clauses.entries(("link",)))


def _short(cell: Lines) -> str:
    """A name for a box: what stands before any bracket."""
    if any(isinstance(word, Redacted) for word in cell[0]):
        return "(left out)"
    name = plain(cell[0]).partition(" (")[0]
    return "The public" if name == f"the {PUBLIC}" else name


FLOWS = View(
    "transfers of the plan",
    (
        "describe.*.from",
        "describe.*.use",
        "describe.*.link",
        "release.*.to",
        "release.*.form",
        "release.*.fields",
        "agree.parties.*.name",
        "link.*.at",
    ),
    transfers,
)
