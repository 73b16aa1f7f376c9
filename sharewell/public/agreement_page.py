"""The page of one agreement: why, who, which data, by which law, at what worth and risk, what was done.

What the agreement does not say is shown as not stated; what it does not publish, as not published and why.
"""

from __future__ import annotations

from .asked import asked_section
from .blocks import Cell, Facts, Links, Part, Picture, Rows, Section, Shown, Table, Text
from .done import BENEFIT_HEADS, BENEFITS_TOLD, STATUS_STATES, benefit_row, body_names, done_sections
from .picture import Arrow, draw, draw_tall
from .words import EVERY, FORMS, GAINS, MAY, ROLES, day, field, fields, lawful, said, span, worded


def agreement_view(facts: Facts) -> tuple[tuple[Part, ...], tuple[Section, ...]]:
    """What opens the page, and its sections in the order in which a resident asks."""
    status = facts["status"]
    opening: list[Part] = [
        Text(said(facts["summary"], "There is no summary in plain words."), "lead"),
        Rows(
            (
                (
                    "Status",
                    (Cell(status["word"], state=STATUS_STATES.get(status["word"], "open")), status["why"]),
                ),
                ("Version", (str(facts["version"]),)),
                ("Term", (_term(facts["term"]),)),
                ("Notice", (_link(facts["notice"]),)),
            )
        ),
    ]
    if not facts["whole"]:
        why = "The text at hand is not the one that was published, so only what was done is shown here."
        return (*opening, Text(why, "warning")), tuple(done_sections(facts))
    sections = [*_meaning(facts), *_data(facts), *_standing(facts), *_worth(facts), *done_sections(facts)]
    return tuple(opening), (*sections, _redactions(facts))


def _term(term: Facts) -> str:
    return f"{day(term['start'])} to {day(term['end'])}; looked at again by {day(term['review'])}"


def _link(address: object) -> Shown:
    text = said(address, "No notice is published")
    return Cell(text, href=text) if text.startswith("https://") else text


def _meaning(facts: Facts) -> list[Section]:
    names = body_names(facts)
    why: list[Part] = []
    for purpose in facts["purposes"]:
        why.append(Text(said(purpose.get("statement"))))
        never = purpose.get("never") or []
        if never and isinstance(never, list):
            why += [Text("It is never used for this:"), Links(tuple(said(part) for part in never))]
    who = [
        (
            Cell(said(party["name"]), href=f"bodies/{party['id']}/"),
            worded(ROLES, party["role"]),
            said(party["contact"]),
        )
        for party in facts["parties"]
    ]
    users = [
        (
            spaced(user["role"]),
            named(user["bodies"], names),
            said([worded(MAY, part) for part in user["may"]]),
            said(user["training"]),
        )
        for user in facts["users"]
    ]
    return [
        Section("why", "Why it is done", tuple(why)),
        Section(
            "who",
            "Who takes part",
            (
                Table("Bodies that take part", ("Body", "What it is here", "Contact"), tuple(who)),
                Table(
                    "Staff who may use it, by role",
                    ("Role", "Of", "May", "Training"),
                    tuple(users),
                    empty="No staff may use it.",
                ),
            ),
        ),
    ]


def _data(facts: Facts) -> list[Section]:
    names = body_names(facts)
    brought = [
        (
            said(source["title"]),
            named(source["from"], names),
            fields(source["link"], "Nothing"),
            _used(source),
            worded(FORMS, source["form"]),
        )
        for source in facts["sources"]
    ]
    released = [
        (
            said(product["question"]),
            named(product["to"], names),
            worded(FORMS, product["form"]),
            fields(product["fields"], "Tables only"),
            worded(EVERY, product["every"]),
        )
        for product in facts["products"]
    ]
    heads = (
        "Data",
        "Held by",
        "Used to find the same person or home, by the linker only",
        "Used to answer the questions",
        "Arrives as",
    )
    told = "What leaves: each question, who is told the answer, and in which form"
    return [
        Section(
            "data",
            "Which data go where",
            (
                _picture(facts, names),
                Table("What each body brings, and in which form it arrives", heads, tuple(brought)),
                Table(told, ("Question", "Told to", "Form", "Details", "How often"), tuple(released)),
                Rows(
                    (
                        ("Kept for", (f"Tables in between: {span(facts['retain'])}",)),
                        ("At the end", (f"The data are {_exit(facts['exit'])}",)),
                        ("Who is who", _remembered(facts["remembered"])),
                        ("Sent abroad", (_none(facts["abroad"]),)),
                        ("Shared further", (_none(facts["onward"]),)),
                    )
                ),
            ),
        )
    ]


def named(value: object, names: dict[str, str]) -> str:
    """Bodies by their full names; why they are not published, where they are not."""
    if isinstance(value, list):
        return said([worded(names, name) for name in value])
    return worded(names, value)


_CAPTION = (
    "Dashed lines carry names and addresses, for linking only. Solid lines carry what is needed to answer "
    "the questions, and what leaves. The tables below say the same."
)


def _used(source: Facts) -> str:
    """The details that answer the questions; of one that is made coarser, only the part that is kept."""
    coarse, use = source["coarse"], source["use"]
    if not isinstance(use, list):
        return said(use)
    told = [
        f"{field(name)} ({said(coarse[name])} only)" if isinstance(name, str) and name in coarse else name
        for name in use
    ]
    return fields(told, "Nothing")


def spaced(name: object) -> str:
    """What was named for software, as words."""
    return name.replace("-", " ") if isinstance(name, str) else said(name)


def _exit(told: object) -> str:
    return worded({"destroy": "destroyed", "return": "returned"}, told)


def _remembered(units: list[Facts]) -> tuple[str, ...]:
    """For each unit that records are linked into, whether that is kept, and whose list it is."""
    return tuple(f"{told['unit']}: {_memory(told)}" for told in units) or ("Nothing is linked",)


def _memory(told: Facts) -> str:
    kept, index = told["standing"], told["from"]
    if kept is True:
        return "remembered from one use to the next, until the agreement ends"
    if isinstance(index, str):
        return f"looked up in the list kept under {index}, which keeps nothing of these records"
    return said(kept) if isinstance(kept, dict) else "found anew each time, then forgotten"


def _none(parts: object) -> str:
    if isinstance(parts, list):
        return "; ".join(map(_pair, parts)) or "No"
    return said(parts)


def _pair(part: Facts) -> str:
    return said(part) if "withheld" in part else ": ".join(said(told) for told in part.values() if told)


def _picture(facts: Facts, names: dict[str, str]) -> Picture:
    """Who sends to whom, for a wide page and for a phone. What is not published is not drawn."""

    def short(party: str) -> str:
        return names.get(party, party).partition(" (")[0]

    host = short(facts["host"])
    sources = [source for source in facts["sources"] if isinstance(source["from"], str)]
    at = [(short(source["from"]), short(place)) for source in sources for place in source["linked_at"]]
    linkers = list(dict.fromkeys(place for _, place in at))
    lists = [product["to"] for product in facts["products"] if isinstance(product["to"], list)]
    to = [name for names_told in lists for name in names_told if isinstance(name, str)]
    arrows = [Arrow(party, place, names=True) for party, place in at]
    arrows += [Arrow(short(source["from"]), host, names=False) for source in sources if source["use"]]
    arrows += [Arrow(linker, host, names=False) for linker in linkers]
    arrows += [Arrow(host, short(name), names=False) for name in to]
    left = list(dict.fromkeys(short(source["from"]) for source in sources))
    right = list(dict.fromkeys(short(name) for name in to))
    drawn = (left, [*linkers, host], right, arrows, "Who sends data to whom")
    return Picture(draw(*drawn), draw_tall(*drawn), _CAPTION)


def _standing(facts: Facts) -> list[Section]:
    law = tuple((label, (lawful(value),)) for label, value in facts["law"])
    rights = tuple((label, (said(value),)) for label, value in facts["rights"])
    automated = tuple(
        (
            said(part["decision"]),
            said(part["logic"]),
            said(part["human"], "Nobody decides before it follows"),
            said(part["contest"]),
        )
        for part in facts["automated"]
    )
    return [
        Section(
            "law", "By which law", (Text("This is the law as the bodies state it.", "quiet"), Rows(law))
        ),
        Section("rights", "Your rights, and how to object", (Rows(rights),)),
        Section(
            "decisions",
            "Decisions about people",
            (
                Table(
                    "Decisions that it makes or supports",
                    ("Decision", "How", "Who decides", "How to contest it"),
                    automated,
                    empty="None is stated.",
                ),
            ),
        ),
    ]


def _worth(facts: Facts) -> list[Section]:
    benefits = tuple(benefit_row(benefit) for benefit in facts["benefits"])
    risks = tuple(
        (
            said(risk["text"]),
            worded(GAINS, risk["to"]),
            said(risk["measure"]),
            f"{said(risk['likelihood'])} by {said(risk['severity'])}",
            f"{said(risk['residual'])} of 25",
            said(risk["owner"]),
        )
        for risk in facts["risks"]
    )
    asked = {product["product"]: said(product["question"]) for product in facts["products"]}
    necessity = tuple(
        (worded(asked, part["product"]), said(part["why"]), said(part["rejected"]), said(part["signed"]))
        for part in facts["necessity"]
    )
    return [
        Section(
            "benefits",
            "What came of it",
            (Text(BENEFITS_TOLD), Table("Benefits, and whether they came", BENEFIT_HEADS, benefits)),
        ),
        Section(
            "risks",
            "What it risks",
            (
                Table(
                    "Risks",
                    (
                        "What could happen",
                        "To",
                        "What is done about it",
                        "Likelihood by severity, each of 5",
                        "What is left",
                        "Answered for by",
                    ),
                    risks,
                ),
                Table(
                    "Why people must be named",
                    ("For", "Why", "The lesser form, and why it does not serve", "Answered for by"),
                    necessity,
                    empty="Nothing leaves that names a person.",
                ),
            ),
        ),
        asked_section(facts),
    ]


def _redactions(facts: Facts) -> Section:
    rows = tuple(
        (
            said(part["part"]),
            said(part["why"]),
            said(part["by"]),
            day(part["until"]) if part["until"] else "Not stated",
        )
        for part in facts["redactions"]
    )
    heads = ("Part", "Why it would do harm", "Decided by", "Looked at again")
    table = Table("What is left out of this page", heads, rows, empty="Nothing is left out of this page.")
    return Section("left-out", "What is not published", (table,))
