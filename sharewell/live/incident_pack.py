"""The pack for the regulator's 72 hours: what the ICO's breach form asks, as far as known.

UK GDPR Article 33(3): the nature of the breach, with categories and approximate numbers of people and
records; likely consequences; measures taken; a contact. All is taken from agreements and account. What they
do not say stays visibly missing, because Article 33(4) lets it follow later. The pack is not published: it
names recipients and mailboxes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..account.events import stamp
from ..agree.document import Agree
from ..agree.terms import Role
from ..public.pack import moment, pack_page
from ..public.site import canonical
from .affected import affected, band, most_people, readable, rows_held
from .folders import replace_folder
from .incident import Delivery, Incident, incident

if TYPE_CHECKING:
    from ..workspace import Workspace

JSON = dict[str, Any]

COLUMNS = (
    *("delivery", "agreement", "product", "recipient", "run", "released"),
    *("form", "fields", "state", "certificate", "explanation"),
)
"""Of the CSV of recipients."""

CONTROLLERS = (Role.CONTROLLER, Role.JOINT_CONTROLLER)


def pack(space: Workspace, reference: str) -> JSON:
    """Everything in the pack as plain values. `answers` are (part, question, answers); none is missing."""
    held = incident(space, reference)
    agreed = [live.agreement.text.agree for name in held.agreements if (live := readable(space, name))]
    return {
        "incident": held.reference,
        "as_of": stamp(space.now),
        "found": stamp(held.found_at),
        "deadline": stamp(held.deadline),
        "hours_left": held.hours_left,
        "closed": stamp(held.closed) if held.closed else None,
        "synthetic": space.synthetic,
        "answers": [
            {"part": part, "question": question, "answers": answers}
            for part, question, answers in _answers(space, held, agreed)
        ],
        "recipients": [_row(space, delivery, held.asset) for delivery in held.deliveries],
    }


def write_pack(space: Workspace, reference: str, out: Path | None = None) -> Path:
    """Write the pack (HTML, JSON, CSV of recipients) whole, by default under `.sharewell/incidents`."""
    told = pack(space, reference)
    files = {
        "pack.html": pack_page(told),
        "pack.json": canonical(told),
        "recipients.csv": _csv(told["recipients"]),
    }
    return replace_folder(out or space.kept / "incidents" / reference, files, "pack.json")


Answer = tuple[str, str, list[str]]
_SEE = "See the table of recipients."


def _answers(space: Workspace, held: Incident, agreed: list[Agree]) -> Iterator[Answer]:
    yield from _happened(held)
    yield from _people(space, held, agreed)
    part = "Consequences and measures"
    yield (
        part,
        "Likely consequences for people",
        _each(risk.text for agree in agreed for risk in agree.risks),
    )
    yield (
        part,
        "Measures that were in place",
        _each(risk.measure for agree in agreed for risk in agree.risks),
    )
    yield part, "What was done since", list(_since(held))
    yield (
        part,
        "What partners do, and how soon they are told",
        _each(
            f"{agree.breach.steps} (within {agree.breach.within_hours} hours)"
            for agree in agreed
            if agree.breach
        ),
    )
    part = "Telling people"
    yield part, "Whether a person could be named by what left", [_naming(space, held)]
    yield part, "Whether the risk to people is high, so that they are told (Article 34), and how", []
    part = "Who to ask"
    yield (
        part,
        "Data protection officers of the controllers",
        _each(
            f"{party.name or name}: {party.dpo}"
            for agree in agreed
            for name, party in agree.parties.items()
            if party.role in CONTROLLERS and party.dpo
        ),
    )
    yield (
        part,
        "Whom partners tell first",
        _each(agree.breach.report_to for agree in agreed if agree.breach),
    )
    yield (
        part,
        "Numbers in the register of fee payers",
        _each(
            f"{party.name or name}: {party.registration}"
            for agree in agreed
            for name, party in agree.parties.items()
            if party.registration
        ),
    )


def _happened(held: Incident) -> Iterator[Answer]:
    part = "What happened"
    yield part, "What happened", [held.what]
    yield part, "When it happened", []
    yield part, "How it was found", []
    yield part, "When the bodies became aware", [_moment(held.found_at)]
    touched = f"the asset {held.asset}" if held.asset else "a whole agreement"
    yield part, "What it touches", [touched, *(f"agreement {name}" for name in held.agreements)]


def _people(space: Workspace, held: Incident, agreed: list[Agree]) -> Iterator[Answer]:
    part = "People and records"
    subjects = [subject for agree in agreed for subject in agree.subjects]
    yield part, "Categories of people", _each(subject.who for subject in subjects)
    told = [
        f"{subject.who}: {' and '.join(words)}"
        for subject in subjects
        if (
            words := [
                w
                for w, holds in (("children", subject.children), ("vulnerable", subject.vulnerable))
                if holds
            ]
        )
    ]
    yield part, "Children or vulnerable people", _each(told)
    most = most_people(space, held.agreements, held.asset)
    yield part, "Approximate number of people", [f"{band(most)} at most"] if most is not None else []
    rows = rows_held(space, held.agreements)
    chosen = [held.asset] if held.asset else sorted(rows)
    yield (
        part,
        "Approximate number of records",
        [f"{name}: {band(rows[name])}" for name in chosen if name in rows],
    )
    yield part, "Categories of data", list(_fields(space, held))


def _fields(space: Workspace, held: Incident) -> Iterator[str]:
    """The fields of what is touched, by how they can expose a person: from the catalogue."""
    chosen = [held.asset] if held.asset else sorted(rows_held(space, held.agreements))
    for name in chosen:
        contract = space.contracts.get(name)
        kinds: dict[str, list[str]] = {}
        for column in contract.asset().schema if contract else ():
            kinds.setdefault(str(column.kind), []).append(column.name)
        yield from (f"{name}, {kind}: {', '.join(fields)}" for kind, fields in sorted(kinds.items()))


def _since(held: Incident) -> Iterator[str]:
    names = ", ".join(held.agreements) or "none"
    yield f"agreements stopped on {_moment(held.opened)}: {names}"
    counted = dict.fromkeys(("released", "withdrawn", "recalled", "certified", "explained"), 0)
    for delivery in held.deliveries:
        counted[delivery.state] += 1
    words = {
        "released": "not recalled yet",
        "withdrawn": "withdrawn, not recalled yet",
        "recalled": "recalled, no certificate of deletion yet",
        "certified": "recalled, certified as deleted",
        "explained": "explained",
    }
    yield from (f"deliveries {words[state]}: {number}" for state, number in counted.items() if number)


def _naming(space: Workspace, held: Incident) -> str:
    from ..plan.forms import Who

    for name in held.agreements:
        live = readable(space, name)
        left = {d.product for d in held.deliveries if d.agreement == name}
        named = [p.name for p in live.plan().products if p.form.who is Who.NAMED] if live else []
        if live is None or left & set(named) or left - {p.name for p in live.plan().products}:
            return "Yes, or it cannot be told: rows about named people left. " + _SEE
    return "No: only figures about groups, or nothing, left. " + _SEE


def _moment(at: datetime) -> str:
    return moment(stamp(at))


def _each(found: Any) -> list[str]:
    return list(dict.fromkeys(found))


def _row(space: Workspace, delivery: Delivery, asset: str) -> JSON:
    live = readable(space, delivery.agreement)
    fields = affected(live, asset).fields.get(delivery.product, ())
    product = live.plan().product(delivery.product) if live else None
    return {
        "delivery": delivery.number,
        "agreement": delivery.agreement,
        "product": delivery.product,
        "recipient": delivery.recipient,
        "run": delivery.run,
        "released": stamp(delivery.released),
        "form": product.form.word if product else "",
        "fields": list(fields),
        "state": delivery.state,
        "certificate": delivery.certificate,
        "explanation": delivery.explanation,
    }


def _csv(rows: list[JSON]) -> bytes:
    """One line a delivery; a cell that a spreadsheet would take for a formula is led by a quote."""
    out = io.StringIO()
    written = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    written.writeheader()
    for row in rows:
        flat = {**row, "fields": " ".join(row["fields"])}
        written.writerow({name: _plain(flat[name]) for name in COLUMNS})
    return out.getvalue().encode()


def _plain(value: Any) -> str:
    text = str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
