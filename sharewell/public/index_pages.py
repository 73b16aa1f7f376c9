"""The pages that lead to agreements, and those over all of them: bodies, refusals, benefits."""

from __future__ import annotations

from .blocks import Cell, Facts, Links, Part, Section, Table, Text
from .done import BENEFIT_HEADS, STATUS_STATES, benefit_row, refusal_parts
from .words import ROLES, count, said, slug, worded

View = tuple[tuple[Part, ...], tuple[Section, ...]]


def home_view(facts: Facts) -> View:
    """What this is, every agreement at a glance, and the ways in."""
    listed = tuple(
        (
            Cell(row["title"], href=f"agreements/{row['agreement']}/"),
            said(row["summary"]),
            Cell(row["status"], state=STATUS_STATES.get(row["status"], "open")),
            count(row["runs"], "run"),
            count(row["refusals"], "refusal"),
        )
        for row in facts["agreements"]
    )
    opening: list[Part] = [
        Text(
            "Public bodies sometimes need to bring together what they hold about people. They may do so "
            "only under an agreement that says why, which details, for how long and who sees what. Here "
            "you can read every agreement that is published, what was done under it, and what was refused.",
            "lead",
        ),
        Text("No page here says anything about one person. Numbers of people are not shown."),
    ]
    if facts["withheld"]:
        opening.append(Text(_withheld(facts["withheld"]), "inset"))
    heads = ("Agreement", "In plain words", "Status", "Used", "Refused")
    ways = (
        Cell("All agreements from A to Z", href="a-z/"),
        Cell("By body: who takes part in what", href="bodies/"),
        Cell("By kind of data: what is used, and where", href="data/"),
        Cell("By purpose: what it is for", href="purposes/"),
        Cell("What was promised, and whether it came", href="benefits/"),
        Cell("What was asked and refused", href="refusals/"),
        Cell("The log, and how to check all of this yourself", href="log/"),
        Cell("Follow what is done (Atom feed)", href="feed.atom"),
        Cell("Everything as data (JSON)", href="index.json"),
    )
    table = Table("Every published agreement", heads, listed, empty="No agreement is published yet.")
    return tuple(opening), (
        Section("agreements", "Agreements", (table,)),
        Section("ways", "Find what concerns you", (Links(ways),)),
    )


def _withheld(number: int) -> str:
    return (
        f"{count(number, 'agreement is', 'agreements are')} withheld from this register. An agreement "
        "that is withheld cannot be run: nothing is done under it."
    )


def list_view(facts: Facts) -> View:
    """Groups of links under headings: A to Z, bodies, kinds of data, purposes."""
    sections = tuple(
        Section(
            slug(group["heading"]) or "other",
            group["heading"],
            tuple(
                part
                for part in (
                    Text(group["note"], "quiet") if group["note"] else None,
                    Links(tuple(Cell(item["text"], href=item["href"]) for item in group["items"])),
                )
                if part
            ),
        )
        for group in facts["groups"]
    )
    return (Text(facts["lead"], "lead"),), sections


def body_view(facts: Facts) -> View:
    """One body: what it takes part in, what it brings and what it receives."""
    rows = tuple(
        (
            Cell(row["title"], href=f"agreements/{row['agreement']}/"),
            worded(ROLES, row["role"]),
            said(row["brings"], "Nothing"),
            said(row["receives"], "Nothing"),
        )
        for row in facts["agreements"]
    )
    lead = f"{facts['name']} takes part in {count(len(rows), 'published agreement')}."
    heads = ("Agreement", "What it is there", "What it brings", "What it receives")
    table = Table(f"Agreements of {facts['name']}", heads, rows)
    return (Text(lead, "lead"), Text(f"Contact: {said(facts['contact'])}")), (
        Section("agreements", "What it takes part in", (table,)),
    )


def refusals_view(facts: Facts) -> View:
    """What was asked and refused, over all agreements."""
    lead = "Every request that was refused is entered in the log, with its reasons. Who asked is not shown."
    parts = refusal_parts(facts["refusals"])
    by = tuple(
        (Cell(r["title"], href=f"agreements/{r['agreement']}/"), str(r["count"])) for r in facts["by"]
    )
    table = Table(
        "Refusals by agreement", ("Agreement", "Refusals"), by, empty="No agreement is published yet."
    )
    return (Text(lead, "lead"),), (
        Section("all", "What was refused", parts),
        Section("by-agreement", "By agreement", (table,)),
    )


def benefits_view(facts: Facts) -> View:
    """What was promised and whether it came, over all agreements."""
    lead = "Each agreement says what it should make better. Here is whether it did."
    sections = tuple(
        Section(
            slug(row["agreement"]),
            row["title"],
            (
                Text(Cell("Read the agreement", href=f"agreements/{row['agreement']}/")),
                Table(
                    f"Benefits of {row['title']}", BENEFIT_HEADS, tuple(map(benefit_row, row["benefits"]))
                ),
            ),
        )
        for row in facts["agreements"]
    )
    counted = Table(
        "All benefits, by whether they came",
        ("Did it come?", "Benefits"),
        tuple((row["verdict"], str(row["count"])) for row in facts["counts"]),
        empty="No benefit is stated yet.",
    )
    return (Text(lead, "lead"), counted), sections
