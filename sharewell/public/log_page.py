"""The page of the log: its signed checkpoints, the key, and how anyone can check the register."""

from __future__ import annotations

from .blocks import Cell, Code, Facts, Links, Part, Section, Table, Text
from .words import day


def log_view(facts: Facts) -> tuple[tuple[Part, ...], tuple[Section, ...]]:
    """Checkpoints, oldest first, the newest one as it was signed, and the commands."""
    lead = (
        "Everything that is done is entered in a log to which one can only add. Each entry and each page "
        "here is tied to it by hashes. A checkpoint is the log's size and hash, signed."
    )
    rows = tuple(
        (
            str(c["number"]),
            day(c["at"]),
            f"{c['size']:,}",
            Cell(c["root"], hashed=True),
            Cell(c["signature"], hashed=True),
        )
        for c in facts["checkpoints"]
    )
    key = (
        "This is the public key that checkpoints and this register are signed with. Get it once from "
        "somewhere else than this site, such as a printed notice, and compare."
    )
    sections = (
        Section(
            "checkpoints",
            "Checkpoints",
            (
                Table(
                    "Every signed checkpoint", ("Number", "When", "Entries", "Root hash", "Signature"), rows
                ),
                Text("Each page of this register is proved against this one:"),
                Code(facts["note"], "The newest checkpoint as it was signed"),
            ),
        ),
        Section("key", "The public key", (Text(key), Code(facts["key"], "The public key, in full"))),
        Section(
            "how",
            "How to check it yourself",
            (
                Text("With a copy of this folder and no access to the log:"),
                Code("sharewell register verify FOLDER --key KEY", "The command without the log"),
                Links(
                    (
                        "every file is the one that was signed, and none is missing or added;",
                        "every page says exactly what its facts say;",
                        "every fact that names an entry has a proof that this entry is in the log.",
                    )
                ),
                Text("An auditor who may read the log also checks that each fact is what its entry says:"),
                Code("sharewell register verify FOLDER --space WORKSPACE", "The command with the log"),
                Text(
                    "An entry names who acted, so it is not published. Its hash (the leaf) is, beside each "
                    "fact, and the path of hashes from it to the checkpoint is in the page's proof.json "
                    "(RFC 6962)."
                ),
            ),
        ),
    )
    return (Text(lead, "lead"),), sections
