"""Words that may say who somebody is: why a comment waits for the facilitator, who alone reads it.

Patterns see numbers, addresses, dates, ages and names that bear a title or are introduced as names. They
cannot see a name that stands alone, a nickname, a number in words, or a story that everybody in a small
place could put a name to: so the facilitator reads every comment that is to be quoted, whatever is found
here. A post or a body is no name. Too much is held rather than too little.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

_WORD = r"[^\W\d_]{1,40}(?:[-'][^\W\d_]{1,40}){0,3}"
_CAPITAL = r"(?=[^\W\d_a-zß-öø-ÿ])"
_NAME = _CAPITAL + _WORD
_TITLES = r"\b(?i:mrs?|mx|dr|prof|cllr)\b\.? ?"
_CAPITAL_TITLES = (
    r"\b(?:Ms|MS|Miss|MISS|Doctor|Professor|Sir|Dame|Lord|Lady|Rev|Reverend|Councillor|PC|PCSO|Sgt|DC|Nurse"
    r"|Sister|Father|Auntie|Uncle)\b\.? "
)
_ROADS = (
    r"(?i:Street|St|Road|Rd|Lane|Ln|Avenue|Ave|Close|Crescent|Drive|Way|Court|Gardens|Terrace|Place|Grove"
    r"|Hill|Park|Row|Walk|Mews|House|Square|Green)"
)
_MONTHS = r"(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*"
_KIN = (
    r"[Nn]eighbour|[Cc]olleague|[Mm]anager|[Ss]on|[Dd]aughter|[Hh]usband|[Ww]ife|[Pp]artner|[Mm]um|[Dd]ad"
    r"|[Mm]other|[Ff]ather|[Bb]rother|[Ss]ister|[Ff]riend|[Aa]unt|[Uu]ncle|[Cc]lient|[Pp]atient|[Cc]arer"
)
_NO_NAME = (
    r"(?!(?:I|The|A|An|It|In|We|They|He|She|This|That|Not|And|But)\b"
    r"|(?:Essex|Kent|Camden|Bristol|Hackney|NHS|GPs?)\b)"
)

PATTERNS: Mapping[str, re.Pattern[str]] = {
    "an e-mail address": re.compile(r"(?<![\w.+-])[\w.+-]{1,64} ?@ ?[\w-]{1,64}(?:\.[\w-]{1,64})+"),
    "a telephone number": re.compile(r"(?<!\w)(?:\+[0-9]{1,3}|00?)(?:[ ().-]*[0-9]){8,12}(?![0-9])"),
    "a number of ten digits, as an NHS number has": re.compile(
        r"(?<![0-9])[0-9]{3}[ .-]*[0-9]{3}[ .-]*[0-9]{4}(?![0-9])"
    ),
    "a National Insurance number": re.compile(
        r"\b[A-CEGHJ-PR-TW-Z][A-Z](?: ?[0-9]{2}){3} ?[A-D]\b", re.IGNORECASE
    ),
    "a postcode": re.compile(r"\b[A-Z]{1,2}[0-9][A-Z0-9]? {0,2}[0-9][ABD-HJLNP-UW-Z]{2}\b", re.IGNORECASE),
    "a street address": re.compile(
        rf"(?:(?<![0-9])[0-9]{{1,5}}[A-Za-z]?,? (?:{_WORD} ){{1,3}}{_ROADS}\b|\b(?i:flat|apartment) [0-9]+)"
    ),
    "a whole date, as of birth": re.compile(
        r"(?<![0-9])(?:[0-3]?[0-9]([/.-])[01]?[0-9]\1(?:[0-9]{2}){1,2}|(?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9])"
        rf"(?![0-9])|\b[0-3]?[0-9](?i:st|nd|rd|th)? (?:of )?{_MONTHS},? (?:19|20)[0-9]{{2}}\b"
        rf"|\b{_MONTHS} [0-3]?[0-9](?i:st|nd|rd|th)?,? (?:19|20)[0-9]{{2}}\b"
    ),
    "a birth": re.compile(
        rf"(?i:\bborn (?:on |in )?(?:{_MONTHS} )?(?:19|20)[0-9]{{2}}\b|\bdob\b|date of birth:)"
    ),
    "somebody's age": re.compile(
        r"(?i:\b[0-9]{1,3}[- ]?(?:years?|yrs?|months?)[- ]?old\b|\b[0-9]{1,3} ?y/?o\b"
        r"|\b(?:aged?|age of) [0-9]{1,3}\b(?! ?(?:and (?:over|above|under|older)|or (?:over|older|under)"
        r"|to |-|\+))|\b(?:he|she|who) (?:is|was) [0-9]{2,3}\b)"
    ),
    "a name with a title": re.compile(rf"{_TITLES}{_WORD}|{_CAPITAL_TITLES}(?:[A-Z]\.? ){{0,4}}{_NAME}"),
    "somebody called by name": re.compile(
        rf"(?i:\bmy name(?: is|'s)) {_WORD}"
        rf"|\b(?:called|named|I am|I'm|{_KIN}),? {_NO_NAME}{_NAME}"
    ),
}
"""What is looked for, in words, and how."""


def identifying(texts: Iterable[str]) -> tuple[str, ...]:
    """What in these words may identify somebody, each kind once; nothing where no pattern sees anything."""
    held = tuple(_plain(text) for text in texts)
    return tuple(what for what, pattern in PATTERNS.items() if any(pattern.search(text) for text in held))


def _plain(text: str) -> str:
    """The words with the spaces, hyphens and digits of a keyboard: word processors put in others."""
    plain = unicodedata.normalize("NFKC", text).replace("\u2019", "'")
    dashed = "".join("-" if unicodedata.category(c) == "Pd" or c == "\u2212" else c for c in plain)
    return " ".join("".join(c for c in dashed if unicodedata.category(c) != "Cf").split())
