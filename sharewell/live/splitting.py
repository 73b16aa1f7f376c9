"""The roles of a split file, each in its own folder: what the command line asks, files in and files out.

There is no workspace here: a party, a linker and a host share terms and packages, and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import LinkError, Problem
from ..link import split
from ..link.split import exchange, intersect

if TYPE_CHECKING:
    import pyarrow as pa

    from ..link.split.envelope import Header
    from ..link.split.intersect import Common
    from ..link.split.keys import Card, Role
    from ..link.split.linker import Answered
    from ..link.split.party import Prepared
    from ..link.split.terms import Terms

Tell = exchange.Tell


def read_terms(path: Path) -> Terms:
    """The agreed terms. LinkError TERMS with every fault."""
    return split.Terms.read(path)


def new_role(folder: Path, name: str) -> Role:
    """Keys for a role in a folder of its own."""
    return split.create(folder, name)


def read_card(path: Path) -> Card:
    """Another role's card. LinkError CARD."""
    try:
        return split.Card.of(path.read_bytes())
    except OSError:
        raise LinkError(Problem("CARD", "the card cannot be read", fix="name its card.json")) from None


def trust(folder: Path, card: Card) -> None:
    """Enter a card whose fingerprint was compared."""
    split.trust(split.load(folder), card)


def share_key(folder: Path, terms: Terms) -> list[Path]:
    """Packages with the parties' encoding key, for each of the others."""
    return split.share_key(split.load(folder), terms)


def prepare(folder: Path, terms: Terms, data: Path, tell: Tell) -> Prepared:
    """A party's two packages, out of a CSV or Parquet file."""
    role = split.load(folder)
    tell("reading the table", 0.0)
    return split.prepare(role, terms, read_table(data, terms, role.name), tell)


def accept(folder: Path, terms: Terms, package: Path, tell: Tell) -> Header:
    """Verify a package and keep it; an encoding key is taken at once."""
    role = split.load(folder)
    header = split.accept(role, terms, package, tell)
    if header.purpose == "encoding-key":
        split.take_key(role, terms, header.sender)
    return header


def link(folder: Path, terms: Terms, tell: Tell, *, keep: bool) -> Answered:
    """The linker's answer to each host."""
    return split.answer(split.load(folder), terms, tell, keep=keep)


def join(folder: Path, terms: Terms, out: Path, tell: Tell, *, keep: bool) -> dict[str, int]:
    """Write each party's content under linkage keys as OUT/PARTY.parquet (mode 0600); answers the rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from ..link.split.keys import private_folder, write_private

    role = split.load(folder)
    # What joined them is kept until the files stand.
    joined = split.join(role, terms, tell, keep=True)
    for name, table in joined.items():
        held = pa.BufferOutputStream()
        pq.write_table(table, held)
        write_private(private_folder(out) / f"{name}.parquet", held.getvalue())
    if not keep:
        for purpose in ("links", "content"):
            exchange.forget(role, terms, purpose)
    return {name: len(table) for name, table in joined.items()}


def ask(
    folder: Path, terms: Terms, other: str, data: Path, fields: Sequence[str], tell: Tell, *, count: bool
) -> Path:
    """Ask which, or how many, of the records in a file `other` holds too."""
    role = split.load(folder)
    table = read_table(data, terms, role.name)
    return intersect.ask(role, terms, other, table, tuple(fields), tell, count=count)


def answer(
    folder: Path, terms: Terms, other: str, data: Path, most: int, tell: Tell, *, count: bool
) -> Path:
    """Answer what was asked, out of a file of one's own."""
    role = split.load(folder)
    table = read_table(data, terms, role.name)
    return intersect.answer(role, terms, other, table, tell, count=count, most=most)


def read_common(folder: Path, terms: Terms, other: str, tell: Tell) -> Common:
    """What is common, once the answer was opened."""
    return intersect.read(split.load(folder), terms, other, tell)


def write_lines(path: Path, lines: Sequence[str]) -> None:
    """A file of one's own record numbers, mode 0600."""
    from ..link.split.keys import write_private

    write_private(path, "".join(f"{line}\n" for line in lines).encode())


def read_table(path: Path, terms: Terms, name: str) -> pa.Table:
    """A party's table. Identifiers are text, so no number loses its leading noughts. LinkError DATA."""
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet as pq

    party = terms.party(name)
    text = dict.fromkeys((party.record, *party.identifiers.values()), pa.string())
    try:
        if path.suffix == ".parquet":
            return pq.read_table(path)
        # An empty cell says that nothing is known, and not that a name is empty.
        options = pa.csv.ConvertOptions(column_types=text, strings_can_be_null=True)
        return pa.csv.read_csv(path, convert_options=options)
    except (OSError, pa.ArrowException) as error:
        # Its text may quote a cell.
        what = f"the table cannot be read ({type(error).__name__})"
        raise LinkError(Problem("DATA", what, fix="name a CSV file with a header, or Parquet")) from None
