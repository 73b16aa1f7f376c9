"""Characters that make two texts look alike, or one text look like another.

What people sign must read as it compiles: so text is UTF-8 in normal form C, without tabs, control
characters or invisible marks (Unicode Technical Report 36), and a name never mixes scripts (UTS 39,
"single script" level).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice

from ..errors import Problem

LIMIT = 1_000_000
"""The most bytes that a document may hold: forty times the largest agreement that a person has written."""

MOST = 100
"""The most faults told of one document at once: more of the same teach no more, and cost time."""

_UNFIT = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\uffff\ud800-\udfff]"
)
_BOMS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}

# Cyrillic and Greek letters drawn like a Latin one (from the confusables table of UTS 39).
_LOOKALIKE = str.maketrans(
    "АВЕКМНОРСТУХаеорсухіјѕԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορυχ",
    "ABEKMHOPCTYXaeopcyxijsdqwABEZHIKMNOPTYXaikvopux",
)


def decode(data: bytes, name: str) -> tuple[str, list[Problem]]:
    """The text of `data` with `\\n` line ends, and every fault of its characters; empty if unreadable."""
    if len(data) > LIMIT:
        return "", [
            Problem(
                "SIZE",
                f"the file has over {LIMIT:,} bytes",
                "nobody reads that before signing",
                "split it",
                name,
            )
        ]
    if (wide := _BOMS.get(data[:2])) is not None:
        return "", [Problem("ENCODING", f"the file is {wide}", fix="save it as UTF-8", where=f"{name}:1")]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return "", [_undecodable(data, error.start, name)]
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text, list(_faults(text, name))


def _undecodable(data: bytes, start: int, name: str) -> Problem:
    before = data[:start]
    line = before.count(b"\n") + 1
    column = start - before.rfind(b"\n")
    what = f"byte {start} (column {column}) is not UTF-8: 0x{data[start]:02x}"
    return Problem("ENCODING", what, fix="save the file as UTF-8", where=f"{name}:{line}")


def _faults(text: str, name: str) -> Iterator[Problem]:
    line, counted = 1, 0
    for found in islice(_UNFIT.finditer(text), MOST):
        line, counted = line + text.count("\n", counted, found.start()), found.start()
        mark, where = found.group(), f"{name}:{line}"
        if mark == "\t":
            yield Problem(
                "TAB", "there is a tab", "its width differs by reader", "indent with spaces", where
            )
        else:
            what = f"there is an unfit character, U+{ord(mark):04X}"
            yield Problem(
                "CHARACTER", what, "it is invisible or has no meaning in text", "remove it", where
            )
    if not unicodedata.is_normalized("NFC", text):
        numbered = enumerate(text.split("\n"), 1)
        for number in islice(
            (n for n, told in numbered if not unicodedata.is_normalized("NFC", told)), MOST
        ):
            why = "the same word could then be written in two ways"
            what = "the text is not in Unicode normal form C"
            yield Problem("NORMAL_FORM", what, why, "retype the accented letters", f"{name}:{number}")


def unfit_mark(value: str) -> str:
    """The first character of a quoted value that may not stand there even as an escape, as `U+202E`."""
    found = None if value.isascii() and value.isprintable() else _UNFIT.search(value.replace("\t", ""))
    return f"U+{ord(found.group()):04X}" if found else ""


def script_fault(key: str) -> str:
    """What is wrong with the scripts of a name, in a sentence; empty if nothing is."""
    if key.isascii():
        return ""
    scripts = {_script(letter) for letter in key if letter.isalpha()}
    if len(scripts) > 1:
        odd = next(letter for letter in key if letter.isalpha() and not letter.isascii())
        mixed = " and ".join(sorted(script.capitalize() for script in scripts))
        return f"the name {key!a} mixes {mixed} letters (U+{ord(odd):04X})"
    if unicodedata.normalize("NFKC", key) != unicodedata.normalize("NFC", key):
        return f"the name {key!a} holds compatibility letters"
    return ""


def skeleton(key: str) -> str:
    """What a reader sees: two names with one skeleton cannot be told apart."""
    return key if key.isascii() else unicodedata.normalize("NFKC", key).translate(_LOOKALIKE)


def _script(letter: str) -> str:
    return unicodedata.name(letter, "UNKNOWN").split(" ", 1)[0]
