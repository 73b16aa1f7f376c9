"""What a linking noticed about its input, in counts and plain words: `evidence['doubts']`.

Bad input is seldom an error: one birth date in a fifth of a source, or two columns swapped, still links, to
the wrong people. Each such sign is a `Doubt`: where, how many records, why it matters, what the linking did
about it and what the source should do. Never a value. The thresholds stand with the checks that use them,
in `raw_signs`, `common_values` and `cross_source`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

from ..errors import LinkError, Problem
from . import common_values, cross_source, raw_signs
from .session import session
from .settings import Settings
from .standardise import Loaded


class _Words(NamedTuple):
    what: str
    why: str
    done: str
    fix: str


_LEFT = "nothing was changed"
_MISSING = "treated as missing in this source"
_WORDS = {
    "empty": _Words("the source holds no records", "it links to nobody", _LEFT, "check the delivery"),
    "alone": _Words(
        "it is the only source with records",
        "there is no other to link it to",
        "its own records were linked to each other",
        "check that every source was sent",
    ),
    "silent": _Words(
        "{field} says nothing in any of its records",
        "pairs are judged without it",
        _LEFT,
        "check that the column was mapped, or leave it out",
    ),
    "long": _Words(
        "{field} holds text too long for what it says in {share}",
        "notes or whole files were put in the wrong column",
        _MISSING,
        "send the field alone",
    ),
    "unread": _Words(
        "{field} cannot be read, or is a known placeholder, in {share}",
        "these records link by less, or not at all; another column may stand in its place",
        "treated as missing",
        "check the mapping of columns and the form of the values",
    ),
    "short_years": _Words(
        "{field} has years of two digits in {share}",
        "the century is not told",
        "treated as missing",
        "send years of four digits",
    ),
    "month_first": _Words(
        "{field} puts the month before the day in {share}",
        "half of such dates would be read wrong and the others not at all",
        "the dates of this source were read month first",
        "send dates as YYYY-MM-DD",
    ),
    "mixed_order": _Words(
        "{field} puts the month before the day in {share}, and after it in others",
        "where both are 12 or less none can tell which is meant",
        "read day first; what that cannot read is missing",
        "send dates as YYYY-MM-DD",
    ),
    "times": _Words(
        "{field} has a time of day in {share}",
        "a date that passed through another time zone may be a day out",
        "the time was left off",
        "send dates without times",
    ),
    "garbled": _Words(
        "{field} was read in the wrong encoding in {share}",
        "accented letters became two others, so these names agree with none",
        _LEFT,
        "read the file as UTF-8",
    ),
    "control": _Words(
        "{field} holds control characters in {share}",
        "the file may be cut or its columns shifted",
        "they were read as spaces",
        "check how the file was written",
    ),
    "misformed": _Words(
        "{field} fails its check digit in {share}",
        "the column may hold another number, or have lost digits",
        "those numbers were not used",
        "check the mapping of columns",
    ),
    "common": _Words(
        "one value of {field} stands in {share}, and other sources say otherwise of the same people",
        "it is a placeholder, not a fact, and would join strangers",
        _MISSING,
        "send nothing where nothing is known",
    ),
    "common_left": _Words(
        "one value of {field} stands in {share}",
        "it may be a placeholder; too few of these people are in other sources to tell",
        _LEFT,
        "look at that value; send nothing where nothing is known",
    ),
    "one_number": _Words(
        "one {field} stands for many people, in {share}",
        "it is a placeholder or was copied down a column",
        _MISSING,
        "send nothing where nothing is known",
    ),
    "other_numbers": _Words(
        "{field} differs from every other source in {share} of people with the same names and birth date",
        "the column is shifted or sorted apart from the rest of the row",
        _MISSING,
        "deliver the source again",
    ),
    "swapped_names": _Words(
        "{field} holds what every other source calls surnames in {share}",
        "forename and surname may have changed places",
        "names were compared both ways round, at a loss of certainty",
        "check the mapping of columns",
    ),
    "swapped_dates": _Words(
        "{field} has day and month the other way round than every other source in {share} where both fit",
        "the dates were read in the wrong order before they were sent",
        "such dates were compared as nearly the same",
        "send dates as YYYY-MM-DD from the first system on",
    ),
    "other_form": _Words(
        "{field} is no UK postcode in {share}, unlike in the other sources",
        "another column may stand in its place",
        _MISSING,
        "check the mapping of columns",
    ),
    "repeated": _Words(
        "{share} say the same as another record of the source",
        "a file may have been loaded twice",
        "alike records were linked as one person, unless the source promises each person once",
        "send each record once",
    ),
    "copied": _Words(
        "{share} say word for word what another source says, and the other way round",
        "one file may have been delivered under two names, which proves nothing twice",
        _LEFT,
        "check the delivery",
    ),
}


@dataclass(frozen=True)
class Doubt:
    """A sign in words. `records` of the `of` looked at; `about`: they are a sample of a larger source."""

    source: str
    field: str
    kind: str
    records: int
    of: int
    about: bool

    def told(self) -> dict[str, Any]:
        """As plain values for evidence: the counts, and what, why, what was done, what to do.

        The words go on to reports and the account, so they tell shares in whole percents and never a count.
        """
        percent = round(100 * self.records / max(self.of, 1))
        part = f"about {percent}% of its records" if percent else "under 1% of its records"
        share = f"{part}, by a sample" if self.about else part
        words = {
            name: text.format(field=self.field, share=share)
            for name, text in _WORDS[self.kind]._asdict().items()
        }
        counts = {"records": self.records, "of": self.of, "sampled": self.about}
        return {"source": self.source, "field": self.field, "kind": self.kind, **counts, **words}


def prepare(
    con: duckdb.DuckDBPyConnection, tables: Mapping[str, pa.Table], columns: tuple[str, ...]
) -> tuple[dict[str, pa.Table], list[Doubt]]:
    """Look at sources as they came; answers them without what cannot be meant, and doubts.

    Before `standardise.load`. Values too long are nulled; dates plainly month first are written day first.
    """
    clean, signs = raw_signs.look(con, tables, columns)
    return clean, [Doubt(*sign) for sign in signs]


def delivered(
    tables: Mapping[str, pa.Table], settings: Settings
) -> tuple[dict[str, pa.Table], list[dict[str, Any]]]:
    """`prepare` for a standing index, which takes whole sources: them as they are to be taken in, and the
    doubts as evidence.

    What only a comparison of sources would show is not looked for, since an answer must not depend on
    which sources came together. LinkError if the engine fails, without its words.
    """
    with session(settings.threads) as con:
        try:
            clean, found = prepare(con, tables, settings.columns)
        except duckdb.Error as error:
            what = f"the linking engine stopped ({type(error).__name__})"
            raise LinkError(Problem("ENGINE", what, "its text may quote a row")) from None
    return clean, told(found)


def notice(con: duckdb.DuckDBPyConnection, loaded: Loaded) -> tuple[Loaded, list[Doubt]]:
    """Look at what `standardise.load` filled; values that are plainly no facts become missing in `rows` and
    `identities`, each in its source alone. Answers what is then loaded, and doubts.
    """
    if not loaded.count:
        return loaded, []
    names = dict(con.execute("SELECT nth, source FROM sources").fetchall())
    # Common values go first: the other checks join on names and dates, which must be few.
    common, identities = common_values.look(con, loaded.identities)
    between, identities = cross_source.look(con, identities)
    found = [Doubt(names[sign.source], *sign[1:]) for sign in (*common, *between)]
    return replace(loaded, identities=identities), found


def told(doubts: list[Doubt]) -> list[dict[str, Any]]:
    """All doubts as evidence, in order of source, field and kind."""
    return [doubt.told() for doubt in sorted(doubts, key=lambda each: (each.source, each.field, each.kind))]
