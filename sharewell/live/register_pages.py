"""The public register's pages, gathered from texts and account as they stood at one signed checkpoint.

Nothing after the checkpoint is told, so that every claim can be proved against it, and the same checkpoint
over the same texts gives the same site, byte for byte. What is counted are things that were done (runs,
refusals, releases); people and rows are not counted at all, because every number about people that leaves
has to pass the gate, and a page of this register is not a product.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..account.events import Event, EventKind, stamp
from ..account.notes import Checkpoint, verifier_key
from ..agree.conditions import day_of
from ..agree.life import Life, Record, live
from ..errors import DocumentError, StorageError
from ..public.site import Page, Site
from ..public.words import without_names
from . import public_events as told
from .public_facts import contacts, redacted, text_facts, verdict
from .public_registrations import registered
from .records import OF_AGREEMENT, OF_KEYS
from .register_indexes import all_pages

if TYPE_CHECKING:
    from ..workspace import Workspace
    from .agreement import LiveAgreement

JSON = dict[str, Any]

_WHY = {
    "draft": "It is being written. Nothing can be done under it.",
    "assessed": "Its impact was assessed. Nothing can be done under it until every body has signed.",
    "deliberated": "It was weighed in the open. Nothing can be done under it until every body has signed.",
    "signed": "Every body has signed. Nothing can be done under it until it is published.",
    "published": "It can be read, and not used yet: its first day has not come, or a condition is not met.",
    "active": "It may be used.",
    "suspended": "It was stopped. Nothing can be done under it until those who stopped it let it go on.",
    "withdrawn": "A body has left it. Nothing can be done under it.",
    "expired": "It has ended. Nothing can be done under it.",
}


@dataclass(frozen=True)
class Gathered:
    """The site, and the figures that the public was given, by path."""

    site: Site
    figures: dict[str, bytes]


def gather(space: Workspace, checkpoint: Checkpoint, address: str) -> Gathered:
    """Every page as of a checkpoint. `address` is where the site will stand, ending in "/", or "".

    DocumentError where a redaction names no part of its agreement.
    """
    events: dict[str, list[Event]] = defaultdict(list)
    keys: list[Event] = []
    for event in space.account.events():
        if event.index >= checkpoint.size:
            break
        if event.agreement and event.kind in told.KINDS:
            events[event.agreement].append(event)
        elif event.kind in OF_KEYS:
            keys.append(event)
    published, withheld = _texts(space, events)
    figures: dict[str, bytes] = {}
    pages = [
        _agreement(
            held, events[held.name], _life(held, keys, events[held.name], checkpoint), checkpoint, figures
        )
        for held in published
    ]
    site = Site(_about(space, checkpoint, address), all_pages(space.account, pages, withheld, checkpoint))
    return Gathered(site, figures)


def _about(space: Workspace, checkpoint: Checkpoint, address: str) -> JSON:
    assert space.account.signer is not None
    return {
        "name": f"Public register of {space.name}",
        "address": address,
        "as_of": stamp(checkpoint.at),
        "synthetic": space.synthetic,
        "key_id": verifier_key(space.account.signer).split("+")[1],
        "checkpoint": {"number": checkpoint.number, "size": checkpoint.size, "root": checkpoint.root.hex()},
    }


def _texts(space: Workspace, events: dict[str, list[Event]]) -> tuple[list[LiveAgreement], int]:
    """The agreements that were published and are public, and how many others are withheld.

    A text that cannot be read is withheld: nobody can say that it is public, and it cannot be run.
    """
    found: list[LiveAgreement] = []
    withheld = 0
    for name in space.agreements():
        try:
            held = space.agreement(name)
        except (DocumentError, StorageError):
            withheld += 1
            continue
        if held.agreement.text.agree.transparency.register_ != "public":
            withheld += 1
        elif any(event.kind is EventKind.AGREE_PUBLISHED for event in events[held.name]):
            found.append(held)
    return found, withheld


def _life(
    held: LiveAgreement, keys: list[Event], events: list[Event], checkpoint: Checkpoint
) -> Life | None:
    """Where an agreement stood at the checkpoint; None for a text that no longer gives a plan."""
    if held.linted[0] is None:
        return None
    acts = OF_KEYS | OF_AGREEMENT
    lived = sorted(
        [*keys, *(event for event in events if event.kind in acts)], key=lambda event: event.index
    )
    records = [Record(acts[event.kind], event.at, event.actor, event.facts) for event in lived]
    return live(held.agreement, held.fingerprints, records, checkpoint.at)


def _agreement(
    held: LiveAgreement,
    events: list[Event],
    life: Life | None,
    checkpoint: Checkpoint,
    figures: dict[str, bytes],
) -> Page:
    """The page of one agreement; only what was done, where the text is not the one that was published."""
    text, path = held.agreement.text, f"agreements/{held.name}/"
    whole = life is not None and _is_published(held, events)
    facts: JSON = {"agreement": held.name, "version": text.version, "whole": whole}
    if whole:
        facts |= text_facts(held.agreement, held.plan(), held.space.contracts)
        met = told.conditions_met(events, held.agreement)
        for condition in facts["conditions"]:
            condition["claims"] = met[condition["name"]]
        if (weighing := facts["deliberation"]) and "claims" in weighing:
            weighing["claims"] = told.weighed(events, held.fingerprints)
    else:
        facts |= {
            "summary": "",
            "notice": None,
            "benefits": [],
            "parties": [],
            "sources": [],
            "purposes": [],
        }
        facts |= {"term": dict.fromkeys(("start", "review", "end")), "products": []}
    for benefit in facts["benefits"]:
        benefit["claims"] = told.measured(events, str(benefit["measure"]))
        benefit["verdict"] = verdict(benefit, day_of(checkpoint.at))
    parties = frozenset(text.agree.parties) | {"public"}
    facts |= {
        "life": told.life_of(events),
        "signatures": told.signatures(events, held.agreement, held.fingerprints) if whole else [],
        "runs": told.runs(events),
        "releases": told.releases(events, parties),
        "refusals": told.refusals(events, frozenset(text.analyse)),
        "registrations": registered(events, redacted(text) if whole else None),
    }
    for release in facts["releases"]:
        release["figures"] = _figures(held, release, figures)
    facts["status"] = _status(life if whole else None)
    facts["news"] = told.news(facts)
    masked = without_names(facts, contacts(text))
    title = text.title if whole else held.name
    return Page(path, "agreement", title, masked)


def _is_published(held: LiveAgreement, events: list[Event]) -> bool:
    hashes = held.fingerprints
    return any(
        (event.facts.get("terms"), event.facts.get("flow")) == (hashes.terms, hashes.flow)
        for event in events
        if event.kind is EventKind.AGREE_PUBLISHED
    )


def _status(life: Life | None) -> JSON:
    if life is None:
        why = "Its text has changed since it was published. Nothing can be done under it."
        return {"word": "changed", "why": why}
    return {"word": str(life.status), "why": _WHY[str(life.status)]}


def _figures(held: LiveAgreement, release: JSON, figures: dict[str, bytes]) -> str:
    """Where the figures of a public release stand in the site, if they are still the ones that left."""
    if release["recipient"] != "public" or release["state"] != "released":
        return ""
    folder = held.space.kept / "releases" / "public" / held.name / release["run"]
    sums = folder / "SHA256SUMS"
    if not sums.exists() or hashlib.sha256(sums.read_bytes()).hexdigest() != release["digest"]:
        return ""
    home = f"figures/{held.name}/{release['run']}/"
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            figures[home + path.relative_to(folder).as_posix()] = path.read_bytes()
    return home + "report.html" if home + "report.html" in figures else home + "SHA256SUMS"
