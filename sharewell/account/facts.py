"""The guard on what an event may say: names, counts and hashes; never a person's value.

It is a net under the code that writes events, not a licence: what looks like an NHS number or a postcode is
refused wherever it stands, and messages name the fact and never repeat it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping

from ..errors import Problem

LONGEST = 500
"""Characters in one text."""

DEEPEST = 8
"""Lists and mappings inside one another."""

LARGEST = 2**53
"""Integers beyond it are not the same number in every reader of JSON."""

QUANTITIES = frozenset({"bytes", "rows", "people", "pence", "seconds", "events"})
"""A fact whose name ends in one of these words is a quantity, so that a large one is no NHS number."""

Fault = tuple[str, str, str]
"""Where, what, and what to do."""

_TEN_DIGITS = re.compile(r"(?<![0-9A-Za-z])[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}(?![0-9A-Za-z])")

# The shapes of BS 7666 postcodes. Without its space one is only looked for in capitals: six letters and
# digits in lower case are more often part of a hash.
_AREA = "[A-PR-UWYZ](?:[0-9]{1,2}|[A-HK-Y][0-9][0-9ABEHMNPRV-Y]?|[0-9][A-HJKPS-UW])"
_POSTCODE = re.compile(
    rf"(?<![0-9A-Za-z])(?:(?i:(?:GIR|{_AREA})[ \u00a0]+[0-9][ABD-HJLNP-UW-Z]{{2}})"
    rf"|(?:GIR|{_AREA})[0-9][ABD-HJLNP-UW-Z]{{2}})(?![0-9A-Za-z])"
)


def is_nhs_number(digits: str) -> bool:
    """Ten digits whose last is the check digit (modulus 11, NHS Data Dictionary)."""
    if len(digits) != 10 or not (digits.isascii() and digits.isdigit()):
        return False
    check = 11 - sum(int(d) * weight for d, weight in zip(digits, range(10, 1, -1), strict=False)) % 11
    return check % 11 == int(digits[9])


def check_facts(facts: Mapping[str, object]) -> list[Problem]:
    """Every fault in an event's facts; empty if there is none."""
    return [
        Problem("FACT", f"{where} {what}", "the account never holds a person's value", fix)
        for where, what, fix in _faults(dict(facts), "facts", depth=0)
    ]


def check_word(name: str, value: str | None) -> list[Problem]:
    """The same for an actor, agreement or run: 1 to 500 characters, or None (but an actor has a name)."""
    if value is None and name != "actor":
        return []
    if value is None or not value:
        return [Problem("FACT", f"{name} is empty", fix=f"name the {name}")]
    return check_facts({name: value})


def _faults(value: object, where: str, depth: int) -> Iterator[Fault]:
    if depth > DEEPEST:
        yield where, "is nested too deeply", "flatten it"
    elif isinstance(value, dict):
        yield from _faults_of_mapping(value, where, depth)
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _faults(part, f"{where}[{number}]", depth + 1)
    elif fault := _scalar_fault(value, where):
        yield where, *fault


def _faults_of_mapping(value: dict[object, object], where: str, depth: int) -> Iterator[Fault]:
    for number, (name, part) in enumerate(value.items()):
        fault = _text_fault(name) if isinstance(name, str) else ("is not text", "use names")
        if fault:  # the name itself could be the value that must not be repeated
            yield f"{where}: name {number + 1}", *fault
        else:
            yield from _faults(part, f"{where}.{name}", depth + 1)


def _scalar_fault(value: object, where: str) -> tuple[str, str] | None:
    if isinstance(value, str):
        return _text_fault(value)
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        quantity = re.split(r"[^a-z]", where.lower())[-1] in QUANTITIES
        if abs(value) > LARGEST:
            return "is beyond 2**53", "give it as text"
        if not quantity and is_nhs_number(str(value)):
            return (
                "looks like an NHS number",
                f"end a quantity's name in one of {', '.join(sorted(QUANTITIES))}",
            )
        return None
    if isinstance(value, float):
        return None if math.isfinite(value) else ("is not finite", "leave it out")
    return f"is {type(value).__name__}", "use text, numbers, yes/no, lists and mappings of these"


def _text_fault(text: str) -> tuple[str, str] | None:
    if len(text) > LONGEST:
        return f"is longer than {LONGEST} characters", "give a hash or a count"
    if any("\ud800" <= character <= "\udfff" for character in text):
        return "is not valid Unicode", "give valid text"
    for match in _TEN_DIGITS.finditer(text):
        if is_nhs_number(re.sub("[ -]", "", match.group())):
            return "looks like an NHS number", "give a person reference"
    if _POSTCODE.search(text):
        return "looks like a postcode", "name the area's code, or count"
    return None
