"""Words that may say who somebody is: why a comment waits for the facilitator, who alone reads it.

Patterns see numbers, addresses and names that bear a title or are introduced as names. They cannot see a
name that stands alone, a nickname, or a story that everybody in a small place could put a name to: so the
facilitator reads every comment that is to be quoted, whatever is found here. A post or a body is no name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_NAME = r"[A-Z][a-zà-ÿ]+(?:[-'][A-Z]?[a-zà-ÿ]+)*"
_TITLES = r"(?:Mr|Mrs|Ms|Miss|Mx|Dr|Doctor|Prof|Professor|Sir|Dame|Lord|Lady|Rev|Cllr|Councillor|PC|Nurse)"
_ROADS = r"(?:Street|St|Road|Rd|Lane|Avenue|Ave|Close|Crescent|Drive|Way|Court|Gardens|Terrace|Place)"

PATTERNS: Mapping[str, re.Pattern[str]] = {
    "an e-mail address": re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b"),
    "a telephone number": re.compile(r"(?<![\w])(?:\+44|0)(?:[ ()-]*[0-9]){9,10}(?![0-9])"),
    "a number of ten digits, as an NHS number has": re.compile(
        r"(?<![0-9])[1-9][0-9]{2}[ -]?[0-9]{3}[ -]?[0-9]{4}(?![0-9])"
    ),
    "a National Insurance number": re.compile(
        r"\b[A-CEGHJ-PR-TW-Z][A-Z](?: ?[0-9]{2}){3} ?[A-D]\b", re.IGNORECASE
    ),
    "a postcode": re.compile(r"\b[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][ABD-HJLNP-UW-Z]{2}\b", re.IGNORECASE),
    "a street address": re.compile(rf"\b[0-9]+[A-Za-z]? (?:{_NAME} ){{1,3}}{_ROADS}\b"),
    "a whole date, as of birth": re.compile(r"\b[0-3]?[0-9][/.-][01]?[0-9][/.-](?:19|20)[0-9]{2}\b"),
    "a name with a title": re.compile(rf"\b{_TITLES}\.? (?:[A-Z]\.? )*{_NAME}"),
    "somebody called by name": re.compile(
        r"\b(?:called|named|[Mm]y name is|I am|I'm|[Nn]eighbour|[Cc]olleague|[Mm]anager|[Ss]on|[Dd]aughter)"
        rf",? (?!(?:I|The|A|An|Essex|Kent|Camden|Bristol|Hackney|NHS|GP)\b){_NAME}"
    ),
}
"""What is looked for, in words, and how."""


def identifying(texts: Iterable[str]) -> tuple[str, ...]:
    """What in these words may identify somebody, each kind once; nothing where no pattern sees anything."""
    held = tuple(texts)
    return tuple(what for what, pattern in PATTERNS.items() if any(pattern.search(text) for text in held))
