"""The register's pages over all agreements: home, ways in, bodies, refusals, benefits, the log."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..account.events import stamp
from ..account.notes import Checkpoint, verifier_key
from ..public.site import Page
from ..public.words import field
from .public_facts import is_hidden

if TYPE_CHECKING:
    from ..account import Account

JSON = dict[str, Any]


def all_pages(
    account: Account, pages: list[Page], withheld: int, checkpoint: Checkpoint
) -> tuple[Page, ...]:
    """The pages of agreements, with all that lead to them or sum them up."""
    bodies = _bodies(pages)
    return (
        Page("", "home", "What is done with data about you", _home(pages, withheld)),
        *pages,
        *bodies,
        Page("a-z/", "list", "Agreements from A to Z", _a_to_z(pages)),
        Page("bodies/", "list", "Bodies that take part", _body_index(bodies)),
        Page("data/", "list", "Kinds of data", _data(pages)),
        Page("purposes/", "list", "Purposes", _purposes(pages)),
        Page("refusals/", "refusals", "What was asked and refused", _refused(pages)),
        Page("benefits/", "benefits", "What was promised, and whether it came", _benefits(pages)),
        Page("log/", "log", "The log, and how to check it", _log(account, checkpoint)),
    )


def _home(pages: list[Page], withheld: int) -> JSON:
    rows = [
        {
            "agreement": page.facts["agreement"],
            "title": page.title,
            "summary": page.facts["summary"],
            "status": page.facts["status"]["word"],
            "runs": len(page.facts["runs"]),
            "refusals": len(page.facts["refusals"]),
        }
        for page in pages
    ]
    return {"agreements": sorted(rows, key=lambda row: row["title"].casefold()), "withheld": withheld}


def _item(page: Page) -> JSON:
    return {"text": page.title, "href": page.path}


def _group(heading: str, note: str, pages: Iterable[Page]) -> JSON:
    return {"heading": heading, "note": note, "items": [_item(page) for page in pages]}


def _a_to_z(pages: list[Page]) -> JSON:
    letters: dict[str, list[Page]] = defaultdict(list)
    for page in sorted(pages, key=lambda page: page.title.casefold()):
        letters[page.title[0].upper()].append(page)
    return {
        "lead": "Every published agreement, by its title.",
        "groups": [_group(letter, "", held) for letter, held in sorted(letters.items())],
    }


def _body_index(bodies: list[Page]) -> JSON:
    letters: dict[str, list[Page]] = defaultdict(list)
    for page in sorted(bodies, key=lambda page: page.title.casefold()):
        letters[page.title[0].upper()].append(page)
    return {
        "lead": "Every body that takes part in a published agreement.",
        "groups": [_group(letter, "", held) for letter, held in sorted(letters.items())],
    }


def _data(pages: list[Page]) -> JSON:
    """By asset: who holds it, which details of it are used, and under which agreements."""
    titles: dict[str, str] = {}
    held: dict[str, set[str]] = defaultdict(set)
    used: dict[str, set[str]] = defaultdict(set)
    under: dict[str, list[Page]] = defaultdict(list)
    for page in pages:
        names = {party["id"]: party["name"] for party in page.facts["parties"]}
        for source in page.facts["sources"]:
            asset = source["asset"]
            if is_hidden(asset):
                continue
            titles[asset] = source["title"]
            held[asset] |= (
                set() if is_hidden(source["from"]) else {str(names.get(source["from"], source["from"]))}
            )
            for part in (source["link"], source["use"]):
                used[asset] |= set() if is_hidden(part) else set(part)
            if page not in under[asset]:
                under[asset].append(page)
    groups = []
    for asset, title in sorted(titles.items(), key=lambda pair: (str(pair[1]).casefold(), pair[0])):
        details = ", ".join(sorted(map(field, used[asset]))) or "not published"
        note = (
            f"Held by {', '.join(sorted(held[asset])) or 'a body not published'}. Details used: {details}."
        )
        groups.append(_group(title, note, under[asset]))
    return {"lead": "What is held about people and places, and which agreements use it.", "groups": groups}


def _purposes(pages: list[Page]) -> JSON:
    """By the purpose's code in the Data Privacy Vocabulary, in words; those without one stand last."""
    groups: dict[str, list[Page]] = defaultdict(list)
    for page in pages:
        for purpose in page.facts["purposes"]:
            codes = [] if is_hidden(purpose["codes"]) else list(purpose["codes"] or ())
            for heading in map(_spoken, codes or ["Other purposes"]):
                if page not in groups[heading]:
                    groups[heading].append(page)
    made = [_group(heading, "", held) for heading, held in sorted(groups.items())]
    return {
        "lead": "What agreements are for, by the terms of the W3C Data Privacy Vocabulary.",
        "groups": made,
    }


def _spoken(code: str) -> str:
    """dpv:PublicBenefit is "Public benefit"."""
    name = code.rpartition(":")[2]
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()
    return words[:1].upper() + words[1:]


def _bodies(pages: list[Page]) -> list[Page]:
    """A page for each body that takes part in a published agreement."""
    rows: dict[str, list[JSON]] = defaultdict(list)
    known: dict[str, JSON] = {}
    for page in pages:
        for party in page.facts["parties"]:
            name = party["id"]
            known.setdefault(name, party)
            rows[name].append(
                {
                    "agreement": page.facts["agreement"],
                    "title": page.title,
                    "role": party["role"],
                    "brings": [s["title"] for s in page.facts["sources"] if s["from"] == name],
                    "receives": [p["question"] for p in page.facts["products"] if name in (p["to"] or ())],
                }
            )
    return [
        Page(
            f"bodies/{name}/",
            "body",
            name if is_hidden(party["name"]) else party["name"],
            {
                "name": name if is_hidden(party["name"]) else party["name"],
                "contact": party["contact"],
                "agreements": rows[name],
            },
        )
        for name, party in sorted(known.items())
    ]


def _refused(pages: list[Page]) -> JSON:
    every = [claim for page in pages for claim in page.facts["refusals"]]
    by = [
        {"agreement": page.facts["agreement"], "title": page.title, "count": len(page.facts["refusals"])}
        for page in pages
    ]
    return {"refusals": sorted(every, key=lambda claim: -claim["event"]), "by": by}


def _benefits(pages: list[Page]) -> JSON:
    rows = [
        {"agreement": page.facts["agreement"], "title": page.title, "benefits": page.facts["benefits"]}
        for page in pages
        if page.facts["benefits"]
    ]
    counted = Counter(benefit["verdict"] for row in rows for benefit in row["benefits"])
    return {
        "agreements": rows,
        "counts": [{"verdict": verdict, "count": number} for verdict, number in sorted(counted.items())],
    }


def _log(account: Account, newest: Checkpoint) -> JSON:
    assert account.signer is not None
    rows = [
        {
            "number": checkpoint.number,
            "at": stamp(checkpoint.at),
            "size": checkpoint.size,
            "root": checkpoint.root.hex(),
            "signature": checkpoint.note.decode().rstrip("\n").rpartition(" ")[2],
        }
        for checkpoint in account.checkpoints()
        if checkpoint.number <= newest.number
    ]
    return {"checkpoints": rows, "note": newest.note.decode(), "key": verifier_key(account.signer)}
