"""What was done under an agreement: whether benefits came, its life, runs, releases and refusals."""

from __future__ import annotations

from collections import Counter

from .blocks import Cell, Facts, Part, Section, Shown, Table, Text, proof
from .words import GAINS, count, day, reason, said, worded

BENEFIT_HEADS = ("Benefit", "Who gains", "Before", "Hoped for", "Measured", "Due", "Did it come?", "Proof")
BENEFITS_TOLD = (
    "What came of each promise, whether or not it was kept. A range is where the figure may well lie by"
    " chance alone (95%): where it includes the figure from before, there is no evidence of change."
)


def benefit_row(benefit: Facts) -> tuple[Shown, ...]:
    """A benefit with what was promised and what was measured; a miss is as plain as a hit."""
    last = benefit["claims"][-1] if benefit["claims"] else None
    return (
        said(benefit["claim"]),
        worded(GAINS, benefit["to"]),
        said(benefit["baseline"]),
        said(benefit["target"]),
        _measured(last) if last else "Not measured",
        day(benefit["due"]) if benefit["due"] else "Not stated",
        Cell(benefit["verdict"], state=VERDICT_STATES.get(benefit["verdict"], "open")),
        proof(last) if last else "None yet",
    )


def _measured(last: Facts) -> str:
    """What it came to, with its range where a run gave one, and who says so."""
    span = f" ({said(last['low'])} to {said(last['high'])})" if last["low"] is not None else ""
    by = f"by run {last['run']}" if last["run"] else "entered by hand"
    return f"{said(last['value'])}{span} on {day(last['at'])}, {by}"


STATUS_STATES = {
    "active": "good",
    "published": "good",
    "suspended": "bad",
    "withdrawn": "bad",
    "expired": "open",
}
VERDICT_STATES = {
    "met": "good",
    "missed": "bad",
    "not measured, and due": "bad",
    "worse than before": "bad",
    "no evidence of change": "bad",
}


def body_names(facts: Facts) -> dict[str, str]:
    """The full name of each body by the name that the software calls it."""
    return {"public": "The public", **{party["id"]: said(party["name"]) for party in facts["parties"]}}


def done_sections(facts: Facts) -> list[Section]:
    """Signatures and life, runs and releases, refusals: each with the event that proves it."""
    names = body_names(facts)

    def name(body: str) -> str:
        return names.get(body, body)

    signed = tuple(
        (name(c["body"]), said(c["office"]), day(c["at"]), proof(c)) for c in facts["signatures"]
    )
    life = tuple((day(c["at"]), c["what"], name(c["by"]), proof(c)) for c in facts["life"])
    runs = tuple(
        (c["run"], day(c["at"]), c["outcome"], proof(c), proof(c["ended"]) if c["ended"] else "None yet")
        for c in facts["runs"]
    )
    released = tuple(
        (
            day(c["at"]),
            c["product"],
            name(c["recipient"]),
            c["state"],
            _figures(c),
            proof(c),
        )
        for c in facts["releases"]
    )
    return [
        Section(
            "life",
            "Who signed it, and its life so far",
            (
                Table(
                    "Signatures", ("Body", "Post", "When", "Proof"), signed, empty="Nobody has signed it."
                ),
                Table("What happened to it", ("When", "What", "By", "Proof"), life, empty="Nothing yet."),
            ),
        ),
        Section(
            "runs",
            "Runs and releases",
            (
                Table(
                    "Every run",
                    ("Run", "When", "How it ended", "Proof", "Proof of its end"),
                    runs,
                    empty="It has never been run.",
                ),
                Table(
                    "Every release",
                    ("When", "What", "To", "State", "Figures", "Proof"),
                    released,
                    empty="Nothing has been released.",
                ),
            ),
        ),
        _registrations(facts["registrations"]),
        Section("refusals", "What was asked and refused", refusal_parts(facts["refusals"])),
    ]


def _registrations(found: list[Facts]) -> Section:
    """What was expected before the data were seen, what came of it, and what was changed afterwards."""
    rows = tuple(
        (
            c["product"],
            said(c["question"]),
            said(c["hypothesis"]),
            _when(c),
            Cell(*_became(c)),
            proof(c["looked"]) if c["looked"] else "None yet",
        )
        for c in found
    )
    changed = tuple(
        (
            c["product"],
            day(part["at"]),
            part["what"],
            said(part["before"]),
            said(part["after"]),
            proof(part),
        )
        for c in found
        for part in c["changes"]
    )
    heads = ("Analysis", "Question", "What was expected", "Registered", "What became of it", "Proof")
    told = "What each analysis expected before the data were seen"
    parts = [Table(told, heads, rows, empty="No analysis here tests a hypothesis.")]
    if found:
        parts.append(
            Table(
                "What was changed after the data were first looked at",
                ("Analysis", "First run with it", "What", "Before", "After", "Proof"),
                changed,
                empty="Nothing was changed after the first look.",
            )
        )
    return Section("registered", "What was expected beforehand", tuple(parts))


def _when(analysis: Facts) -> str:
    if not analysis["registered"]:
        return "Not registered: it is exploratory" if analysis["question"] else "Not stated"
    late = "; but it was first entered after the data were first looked at" if analysis["late"] else ""
    return day(analysis["registered"]) + late


def _became(analysis: Facts) -> tuple[str, str, str]:
    """In words, and how that stands out: nobody looked, it was looked at and released, or was not."""
    looked, released = analysis["looked"], analysis["released"]
    if looked is None:
        return "Nobody has looked at the data yet", "", "open"
    first = f"looked at on {day(looked['at'])}"
    if released is None:
        return f"{first}, not released".capitalize(), "", "bad"
    return f"{first}, released on {day(released['at'])}".capitalize(), "", "good"


def _figures(claim: Facts) -> Shown:
    if claim["figures"]:
        return Cell("Read the figures", href=claim["figures"])
    return "Not for the public" if claim["recipient"] != "public" else "Not at hand"


def refusal_parts(refusals: list[Facts]) -> tuple[Part, ...]:
    """Refusals by reason, and one by one; by whom is nobody's business."""
    counted = Counter(reason(code) for claim in refusals for code in claim["codes"])
    by_reason = tuple(
        (words, str(number)) for words, number in sorted(counted.items(), key=lambda p: (-p[1], p[0]))
    )
    each = tuple(
        (
            day(c["at"]),
            said(c["asked"]),
            said([reason(code) for code in c["codes"]], "No reason was entered"),
            proof(c),
        )
        for c in refusals
    )
    if not refusals:
        return (Text("Nothing was refused so far.", "inset"),)
    total = count(len(refusals), "request was", "requests were")
    return (
        Text(f"{total} refused. One refusal can have several reasons."),
        Table("How often, by reason", ("Reason", "Refusals"), by_reason),
        Table("Each refusal", ("When", "What was asked", "Why not", "Proof"), each),
    )
