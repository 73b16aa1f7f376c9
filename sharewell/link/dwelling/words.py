"""Addresses brought to one spelling, word by word: capitals, one abbreviation a street type, slips mended.

Each distinct word is looked at once, however many addresses hold it. A word that the gazetteer does not
know, but that is one slip away from exactly one word that it knows, is read as that word when candidates
are sought (never when they are weighed); known neighbours are found by deleting letters, as SymSpell does
(Garbe 2012).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_SPELT = {
    "RD": "ROAD", "ST": "STREET STR SAINT", "AVE": "AVENUE AV AVN", "LN": "LANE LA", "CL": "CLOSE CLO",
    "DR": "DRIVE DRV", "CT": "COURT CRT", "CRES": "CRESCENT CRESC CR", "PL": "PLACE PLC",
    "TCE": "TERRACE TER TERR", "GDNS": "GARDENS GDN GDS GRDNS", "SQ": "SQUARE", "WAY": "WY",
    "GRO": "GROVE GR GRV", "PK": "PARK", "HSE": "HOUSE HO", "BLDGS": "BUILDINGS BLDG BUILDING",
    "HL": "HILL", "MWS": "MEWS", "WLK": "WALK", "GRN": "GREEN", "VW": "VIEW", "ROW": "", "RISE": "",
    "PDE": "PARADE", "EST": "ESTATE", "MT": "MOUNT", "COTT": "COTTAGE COT CTG", "GT": "GREAT",
    "UPR": "UPPER", "LWR": "LOWER", "APP": "APPROACH", "BDWY": "BROADWAY",
    "FLAT": "FLT APARTMENT APT APPT UNIT MAISONETTE SUITE", "ROOM": "RM BEDSIT STUDIO",
    "BASEMENT": "BSMT LGF", "GROUND": "GRD GND GFF", "FIRST": "1ST FFF", "SECOND": "2ND SFF",
    "THIRD": "3RD TFF", "FOURTH": "4TH", "TOP": "", "FLOOR": "FLR", "AND": "",
}  # fmt: skip
ABBREVIATED = {long: short for short, longs in _SPELT.items() for long in (short, *longs.split())}
"""Every spelling of a common word of addresses, and the one that is kept."""

STREET_TYPES = (
    "RD|ST|AVE|LN|CL|DR|CT|CRES|PL|TCE|GDNS|SQ|WAY|GRO|PK|HL|MWS|WLK|GRN|VW|ROW|RISE|PDE|EST|APP|BDWY"
)
_DROPPED = frozenset({"THE", "NO", "NUMBER", "NUM"})
_LONG = sorted(word for word in ABBREVIATED if len(word) >= 5)
_MISREAD = str.maketrans("OIL", "011")
_AS_LETTERS = str.maketrans("01", "OL")
_LEAST_MENDED = 4
"""Shorter words are too near one another to be mended."""


def postcode_of(text: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Postcodes in capitals without spaces; null for what cannot be one (no digit, or the health
    service's ZZ99: no fixed abode, overseas, unknown)."""
    upper = pc.replace_substring_regex(pc.utf8_upper(_flat(text).cast(pa.string())), r"[^A-Z0-9]+", "")
    fits = pc.match_substring_regex(upper, r"^[A-Z]{1,2}[0-9][A-Z0-9]?[0-9O][A-Z]{2}$")
    pseudo = pc.starts_with(upper, "ZZ99")
    return pc.if_else(pc.and_(fits, pc.invert(pseudo)), upper, pa.scalar(None, pa.string()))


def tidy(text: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Addresses as canonical words with one space between; '' where nothing was written.

    A range keeps its hyphen as '~' ('12 - 14' is '12~14'), a slash between numbers stays, a number and the
    one letter after it are one word.
    """
    out = pc.utf8_normalize(pc.utf8_upper(pc.fill_null(_flat(text).cast(pa.string()), "")), form="NFKD")
    for pattern, into in (
        (r"\p{M}+|['`.\x{2019}]", ""),
        (r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\s*$", " "),
        (r"\b(\d+[A-Z]?)\s*[-\x{2013}]\s*(\d+[A-Z]?)\b", r"\1~\2"),
        (r"&", " AND "),
        (r"\b([A-Z]) ?/ ?F\b", r"\1FF "),
        (r"[^\p{L}\p{N}~/]+", " "),
        (r"\b(\d+) ([A-HJ-Z])\b", r"\1\2"),
    ):
        out = pc.replace_substring_regex(out, pattern, into)
    words = pc.split_pattern(pc.utf8_trim_whitespace(out), " ")
    return _joined(words, lambda word: _canonical(word))


def mended(tidied: pa.Array, known: Iterable[str]) -> pa.Array:
    """Tidied addresses with each unknown word read as the one known word that is a slip away, if one is."""
    held = {word for word in known if word.isalpha()}
    words = _words(tidied)
    strange = [
        word
        for word in pc.unique(words.flatten()).to_pylist()
        if word.isalpha() and len(word) >= _LEAST_MENDED and word not in held
    ]
    found = _neighbours(strange, held)
    return _joined(words, lambda word: found.get(word, word)) if found else tidied


def _neighbours(strange: list[str], held: set[str]) -> dict[str, str]:
    wanted = {cut for word in strange for cut in _cuts(word)}
    shelves: dict[str, set[str]] = {}
    for word in held:
        if len(word) >= _LEAST_MENDED - 1:
            for cut in _cuts(word) & wanted:
                shelves.setdefault(cut, set()).add(word)
    found = {}
    for word in strange:
        near = set().union(*(shelves.get(cut, ()) for cut in _cuts(word)))
        if len(near) == 1:
            found[word] = near.pop()
    return found


def _cuts(word: str) -> set[str]:
    """The word, and the word without any one of its letters: two words that share one are at most a
    letter left out, put in, changed, or moved apart."""
    return {word} | {word[:at] + word[at + 1 :] for at in range(len(word))}


def _canonical(word: str) -> str:
    """One word as it is kept; '' if it tells nothing, several with spaces if they ran together."""
    if word in _DROPPED:
        return ""
    if word in ABBREVIATED:
        return ABBREVIATED[word]
    if word.isalpha():
        return ABBREVIATED[near] if (near := _misspelt(word)) else word
    if word.isdigit():
        return word.lstrip("0") or "0"
    if re.fullmatch(r"[0-9OIL]+", word) and word[0] in "0123456789":
        return word.translate(_MISREAD)
    if run := re.fullmatch(r"(\d+[~/]?\d*)([A-Z]{2,})", word):
        return f"{run[1]} {_canonical(run[2])}"
    if run := re.fullmatch(r"(FLAT|UNIT|APT|ROOM)(\d+[A-Z]?)", word):
        return f"FLAT {run[2]}"
    if re.fullmatch(r"[A-Z01]{3,}", word):
        return _canonical(word.translate(_AS_LETTERS))
    return word


def _misspelt(word: str) -> str | None:
    """The long street word of which this is a misspelling with all its letters ('RAOD' is too short)."""
    if len(word) < 5:
        return None
    return next((long for long in _LONG if sorted(long) == sorted(word) and long[0] == word[0]), None)


def _words(tidied: pa.Array) -> pa.ListArray:
    return pc.split_pattern(tidied, " ")


def _joined(words: pa.ListArray, change: object) -> pa.Array:
    """Lists of words joined by spaces, each distinct word changed once."""
    coded = pc.dictionary_encode(words.flatten())
    new = pa.array([change(word) for word in coded.dictionary.to_pylist()], pa.string())  # type: ignore[operator]
    rebuilt = pa.ListArray.from_arrays(_offsets(words), new.take(coded.indices))
    spaced = pc.binary_join(rebuilt, " ")
    return pc.utf8_trim_whitespace(pc.replace_substring_regex(spaced, " {2,}", " "))


def _offsets(words: pa.ListArray) -> pa.Array:
    lengths = pc.fill_null(pc.list_value_length(words), 0).to_numpy(zero_copy_only=False)
    return pa.array(np.concatenate(([0], np.cumsum(lengths))).astype(np.int32))


def _flat(text: pa.ChunkedArray | pa.Array) -> pa.Array:
    return text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text
