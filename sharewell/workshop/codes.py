"""Codes on sheets: they join what one person answered before and after, and say nothing else of anybody.

A code is a number and a letter worked out from it, so that a digit typed wrong, or two that changed places,
give a code that no sheet bears. The letters are those that cannot be taken for a digit.
"""

from __future__ import annotations

import re

LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
"""23, a prime, so that every wrong digit and every exchange of two changes the letter."""
MOST = 9999
_CODE = re.compile(r"([0-9]{4})([A-Z])")


def code(number: int) -> str:
    """The code of the sheet with a number from 1 to `MOST`: `0014M`."""
    digits = f"{number:04d}"
    return digits + LETTERS[sum(w * int(d) for w, d in enumerate(digits, 2)) % len(LETTERS)]


def is_code(text: str) -> bool:
    """Whether a sheet can bear this code."""
    found = _CODE.fullmatch(text)
    return found is not None and code(int(found[1])) == text
