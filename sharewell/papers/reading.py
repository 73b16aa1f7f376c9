"""How hard a text is to read: the Flesch-Kincaid grade (Kincaid, Fishburne, Rogers and Chissom 1975).

grade = 0.39 words / sentences + 11.8 syllables / words - 15.59; a reading age is the grade and five years.
Syllables are counted by the British hyphenation patterns (pyphen, en_GB), which leave out a break after
one letter, and by groups of vowels; the larger is taken, so that no text is judged easier than it is.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

TARGET = 13.0
"""The oldest reading age that a text for everybody may ask for, in years."""

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
_END = re.compile(r"(?<=[.!?:;])\s+|\n+")
_VOWELS = re.compile(r"[aeiouy]+")


class Readability(NamedTuple):
    """A text's grade and reading age, and how much of it there is."""

    grade: float
    words: int
    sentences: int

    @property
    def age(self) -> float:
        return self.grade + 5


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text that hold a word; a colon or a line's end closes one, as a reader pauses."""
    return tuple(part.strip() for part in _END.split(text) if _WORD.search(part))


def readability(text: str) -> Readability:
    """The grade of a text. A text without words has grade 0."""
    parts = sentences(text)
    words = [word for part in parts for word in _WORD.findall(part)]
    if not words:
        return Readability(0.0, 0, 0)
    spoken = sum(syllables(word) for word in words)
    grade = 0.39 * len(words) / len(parts) + 11.8 * spoken / len(words) - 15.59
    return Readability(grade, len(words), len(parts))


def hardest(text: str, most: int = 3) -> tuple[str, ...]:
    """The sentences that ask for the highest age above the target, hardest first, as they are written."""
    graded = [(readability(part).age, part) for part in sentences(text)]
    return tuple(part for age, part in sorted(graded, key=lambda pair: -pair[0])[:most] if age > TARGET)


@lru_cache(maxsize=20_000)
def syllables(word: str) -> int:
    """How many syllables an English word has; at least one."""
    low = word.casefold()
    groups = len(_VOWELS.findall(low))
    silent = low.endswith("e") and not low.endswith(("le", "ee", "ye")) and groups > 1
    silent = silent or (low.endswith("ed") and not low.endswith(("ted", "ded")) and groups > 1)
    silent = silent or (
        low.endswith("es")
        and not low.endswith(("ses", "ces", "ges", "xes", "zes", "ches", "shes"))
        and groups > 1
    )
    return max(1, groups - silent, len(_hyphens().positions(low)) + 1)


@lru_cache(maxsize=1)
def _hyphens() -> Any:
    from pyphen import Pyphen

    return Pyphen(lang="en_GB")
