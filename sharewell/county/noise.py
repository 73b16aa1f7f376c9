"""What happens to a fact on its way into a record: slips of the hand, ear and eye.

Kinds after pseudopeople (typographic, phonetic and optical errors, nicknames, swapped and missing fields).
Each works on the few rows drawn for it; the rest of a column is only codes into a list of values.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from .effects import REFERENCE
from .name_lists import NICKNAMES
from .streams import Array

_LAST = np.datetime64(REFERENCE, "D").astype(np.int64) - 1
_KEYS = "abcdefghijklmnopqrstuvwxyz"
_BESIDE = "s v xf ed wr dg fh gj uo hk jl ko n bm ip ol wa et ad ry yi cb qe zc tu ax"
_NEAR = dict(zip(_KEYS, _BESIDE.split(), strict=True))
_SOUNDS = (
    ("ph", "f"), ("ck", "k"), ("mac", "mc"), ("ie", "y"), ("y", "ie"), ("ee", "ea"), ("ou", "ow"),
    ("s", "z"), ("c", "k"), ("ll", "l"), ("tt", "t"), ("nn", "n"), ("ss", "s"), ("a", "e"), ("e", "a"),
    ("i", "y"),
)  # fmt: skip
_SHAPES = (
    ("rn", "m"),
    ("cl", "d"),
    ("m", "rn"),
    ("l", "1"),
    ("o", "0"),
    ("e", "c"),
    ("h", "b"),
    ("u", "v"),
)


class Words:
    """A text column: codes into values, -1 for missing. Changing some rows touches no others."""

    def __init__(self, values: list[str], codes: Array) -> None:
        self.values, self.codes = values, codes.astype(np.int32, copy=True)

    def change(self, rows: Array, how: Callable[[str], str]) -> None:
        """Rewrite these rows, each by `how`; a row that is missing stays so."""
        rows = rows[self.codes[rows] >= 0]
        new = [how(self.values[code]) for code in self.codes[rows].tolist()]
        start = len(self.values)
        self.values = self.values + new
        self.codes[rows] = np.arange(start, start + len(new), dtype=np.int32)

    def set(self, rows: Array, values: list[str]) -> None:
        """Put these texts in these rows."""
        start = len(self.values)
        self.values = self.values + values
        self.codes[rows] = np.arange(start, start + len(values), dtype=np.int32)

    def blank(self, rows: Array) -> None:
        self.codes[rows] = -1

    def column(self) -> pa.Array:
        """As Arrow text."""
        return text(pa.array(self.values, pa.string()), self.codes)


def text(values: pa.Array, codes: Array) -> pa.Array:
    """Text from codes into values; -1 is null."""
    return values.take(pa.array(codes, mask=codes < 0))


def some(rng: np.random.Generator, count: int, share: float, weight: Array | None = None) -> Array:
    """The rows to which something happens, each with this chance, times its weight if it has one."""
    if weight is not None:
        return _weighted(rng, count, share, weight)
    if share <= 0 or count == 0:
        return np.empty(0, dtype=np.int64)
    hits = rng.binomial(count, share)
    return np.sort(rng.permutation(count)[:hits]) if hits > count // 50 else _few(rng, count, hits)


def _few(rng: np.random.Generator, count: int, hits: int) -> Array:
    return np.unique(rng.integers(0, count, hits))


def _weighted(rng: np.random.Generator, count: int, share: float, weight: Array) -> Array:
    """Drawn at the greatest weight, then thinned to each row's own."""
    most = float(weight.max()) if count else 0.0
    rows = some(rng, count, min(share * most, 1.0))
    return np.asarray(rows[rng.random(len(rows)) * most < weight[rows]])


def slip(rng: np.random.Generator) -> Callable[[str], str]:
    """One slip in a word: half typing, a third hearing, the rest reading."""

    def change(word: str) -> str:
        kind = rng.random()
        if kind < 0.5:
            return typo(word, rng)
        table = _SOUNDS if kind < 0.83 else _SHAPES
        return replaced(word, table, rng)

    return change


def typo(word: str, rng: np.random.Generator) -> str:
    """A letter left out, doubled, exchanged with the next, or with its neighbour on the keyboard."""
    if len(word) < 2:
        return word
    at = int(rng.integers(1, len(word)))
    kind = int(rng.integers(0, 4))
    letter = word[at]
    if kind == 0:
        return word[:at] + word[at + 1 :]
    if kind == 1:
        return word[:at] + letter + word[at:]
    if kind == 2:
        return (
            word[: at - 1] + (letter + word[at - 1]).capitalize() + word[at + 1 :]
            if at == 1
            else _swap(word, at)
        )
    near = _NEAR.get(letter.lower(), letter)
    return word[:at] + near[int(rng.integers(0, len(near)))] + word[at + 1 :]


def _swap(word: str, at: int) -> str:
    return word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :]


def replaced(word: str, table: tuple[tuple[str, str], ...], rng: np.random.Generator) -> str:
    """One pair of the table applied once, if any fits beyond the first letter; else a typing slip."""
    fits = [(old, new) for old, new in table if old in word[1:]]
    if not fits:
        return typo(word, rng)
    old, new = fits[int(rng.integers(0, len(fits)))]
    return word[0] + word[1:].replace(old, new, 1)


def nickname(word: str) -> str:
    """The everyday form of a forename, where it has one."""
    return NICKNAMES.get(word, word)


def digit_slip(rng: np.random.Generator) -> Callable[[str], str]:
    """One digit of a number changed."""

    def change(word: str) -> str:
        at = [i for i, letter in enumerate(word) if letter.isdigit()]
        where = at[int(rng.integers(0, len(at)))]
        return word[:where] + str((int(word[where]) + int(rng.integers(1, 10))) % 10) + word[where + 1 :]

    return change


def wrong_dates(born: Array, rng: np.random.Generator) -> Array:
    """Dates with one mistake: day and month exchanged, day or year off, or the first of January."""
    whole = born.astype("datetime64[D]")
    months = whole.astype("datetime64[M]")
    day = (whole - months).astype(np.int64) + 1
    month = months.astype(np.int64) % 12 + 1
    years = whole.astype("datetime64[Y]").astype(np.int64)
    swapped = (
        ((years * 12 + day - 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64))
        + month
        - 1
    )
    kind = rng.random(len(born))
    off_day = born + rng.choice(np.array([-10, -2, -1, 1, 2, 10]), len(born))
    off_year = born + rng.choice(np.array([-3653, -365, 365, 3652]), len(born))
    new_year = years.astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)
    can_swap = (day <= 12) & (day != month)
    wrong = np.where(kind < 0.35, np.where(can_swap, swapped, off_day), off_day)
    wrong = np.where(kind > 0.7, off_year, wrong)
    return np.minimum(np.where(kind > 0.93, new_year, wrong), int(_LAST))
