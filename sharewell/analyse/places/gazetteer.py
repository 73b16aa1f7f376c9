"""A described place recognised by a gazetteer: words compared one by one, letters by edit distance.

`outside the Red Lyon, Fellbury` is read as its words without those that only point (`outside`, `the`), with
abbreviations written out. A word of the description stands for a word of a name where they differ by no
more slips than their length allows (optimal string alignment: a letter more, less, other, or two exchanged;
Damerau 1964, CACM 7:3). Rare words weigh more than common ones (inverse document frequency: Sparck Jones
1972, Journal of Documentation 28:1), so that `road` proves little. Likeness is Dice's coefficient of the
two sets of weighted words (Cohen, Ravikumar and Fienberg 2003 on soft token measures). A description that
fits two places equally well is of neither.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import FitError, Problem

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

LEAST, APART = 0.75, 0.04
"""The least likeness that counts, and how far the second place must lie behind the first."""

_POINTING_WORDS = """
    a an and at be behind by corner from front in inside just me my near next nr of off on opp opposite os
    outside over somewhere the there to towards up was with
"""
_POINTING = frozenset(_POINTING_WORDS.split())
_WHOLE = {
    "rd": "road", "st": "street", "str": "street", "ave": "avenue", "av": "avenue", "ln": "lane",
    "cl": "close", "dr": "drive", "gdns": "gardens", "tce": "terrace", "ter": "terrace", "cres": "crescent",
    "sq": "square", "stn": "station", "sta": "station", "pk": "park", "rec": "recreation", "grd": "ground",
}  # fmt: skip
_BLOCK = 4_000


@dataclass(frozen=True)
class Recognised:
    """By description: the row of the gazetteer (-1: none) and how alike the two are, 0 to 1."""

    row: Ints
    likeness: Floats


def recognise(
    described: Sequence[str | None], names: Sequence[str], codes: Sequence[Any], least: float = LEAST
) -> Recognised:
    """The place that each description means; -1 where none is like enough, or two places are.

    `codes` tell names of one place from those of another. FitError EMPTY for a gazetteer without a name.
    """
    known = [_words(name) for name in names]
    if not any(known):
        raise FitError(Problem("EMPTY", "the gazetteer holds no name", "no place could be recognised"))
    said = [_words(text) if text is not None else [] for text in described]
    words = sorted({word for name in known for word in name})
    weight, holds = _weights(known, words)
    spoken = sorted({word for text in said for word in text})
    alike = _alike(spoken, words)
    told = _told(alike, weight)
    owner = np.unique(np.asarray(codes, dtype=object).astype(str), return_inverse=True)[1]
    rows = np.full(len(said), -1, np.int64)
    best = np.zeros(len(said))
    of_names = np.asarray(holds @ weight).ravel()
    at = {word: number for number, word in enumerate(spoken)}
    for first in range(0, len(said), _BLOCK):
        block = said[first : first + _BLOCK]
        uses = _matrix([[at[word] for word in text] for text in block], len(spoken))
        scores = _scores(uses, alike, weight, told, holds, of_names)
        row, likeness = _choose(scores, owner, least)
        rows[first : first + len(block)], best[first : first + len(block)] = row, likeness
    return Recognised(rows, best)


def _words(text: str) -> list[str]:
    """The telling words of a text, each once, abbreviations written out."""
    plain = re.sub(r"['\u2019`.]", "", text.lower()).replace("o/s", " ").replace("c/o", " ")
    found = [_WHOLE.get(word, word) for word in re.findall(r"\w+", plain)]
    return list(dict.fromkeys(word for word in found if word not in _POINTING))


def _weights(known: list[list[str]], words: list[str]) -> tuple[Floats, Any]:
    """What each word of the gazetteer weighs, and which name holds which."""
    at = {word: number for number, word in enumerate(words)}
    holds = _matrix([[at[word] for word in name] for name in known], len(words))
    held = np.asarray(holds.sum(axis=0)).ravel()
    return np.log(1 + len(known) / held), holds


def _matrix(rows: list[list[int]], columns: int) -> Any:
    from scipy.sparse import csr_matrix

    lengths = [len(row) for row in rows]
    where = np.fromiter((number for row in rows for number in row), np.int64, sum(lengths))
    edges = np.concatenate(([0], np.cumsum(lengths, dtype=np.int64)))
    return csr_matrix((np.ones(len(where)), where, edges), shape=(len(rows), columns))


def _alike(spoken: list[str], words: list[str]) -> Any:
    """How alike each spoken word is to each word of the gazetteer: 1 where equal, 0 beyond a slip or
    two."""
    from scipy.sparse import coo_matrix

    at = {word: number for number, word in enumerate(words)}
    equal = [(number, at[word], 1.0) for number, word in enumerate(spoken) if word in at]
    other = [word for word in spoken if word not in at]
    place = {word: number for number, word in enumerate(spoken)}
    found = [(place[a], at[b], 1 - gap / max(len(a), len(b))) for a, b, gap in near_words(other, words)]
    held = np.array(equal + found, float).reshape(-1, 3)
    where = held[:, 0].astype(np.int64), held[:, 1].astype(np.int64)
    return coo_matrix((held[:, 2], where), shape=(len(spoken), len(words))).tocsr()


def slips_allowed(length: int) -> int:
    """How many slips a word may have: none under four letters, one under eight, else two."""
    return 0 if length < 4 else 1 if length < 8 else 2


def near_words(some: Sequence[str], others: Sequence[str]) -> list[tuple[str, str, int]]:
    """Pairs that differ by no more slips than the shorter's length allows, with how many."""
    found = []
    mine = [(length, list(group)) for length, group in groupby(sorted(some, key=len), len)]
    theirs = [(length, list(group)) for length, group in groupby(sorted(others, key=len), len)]
    for long, left in mine:
        for wide, right in theirs:
            most = slips_allowed(min(long, wide))
            if most == 0 or abs(long - wide) > most:
                continue
            gaps = distances(left, right)
            for i, j in zip(*np.nonzero(gaps <= most), strict=True):
                found.append((left[i], right[j], int(gaps[i, j])))
    return found


def distances(left: Sequence[str], right: Sequence[str]) -> NDArray[np.int16]:
    """Optimal string alignment of each of `left` (words of one length) with each of `right` (of
    another)."""
    a = np.array([[ord(letter) for letter in word] for word in left])[:, None, :]
    b = np.array([[ord(letter) for letter in word] for word in right])[None, :, :]
    shape = (len(left), len(right))
    high, wide = a.shape[2], b.shape[2]
    rows = [[np.full(shape, i + j, np.int16) for j in range(wide + 1)] for i in range(high + 1)]
    for i in range(1, high + 1):
        for j in range(1, wide + 1):
            other = (a[:, :, i - 1] != b[:, :, j - 1]).astype(np.int16)
            least = np.minimum(np.minimum(rows[i - 1][j], rows[i][j - 1]) + 1, rows[i - 1][j - 1] + other)
            if i > 1 and j > 1:
                swapped = (a[:, :, i - 1] == b[:, :, j - 2]) & (a[:, :, i - 2] == b[:, :, j - 1])
                least = np.where(swapped, np.minimum(least, rows[i - 2][j - 2] + 1), least)
            rows[i][j] = least
    return rows[high][wide]


def _told(alike: Any, weight: Floats) -> Floats:
    """What a spoken word weighs: as the word it stands for; one that stands for none, as a middling
    word."""
    from scipy.sparse import diags

    best = (
        np.asarray((alike @ diags(weight)).max(axis=1).todense()).ravel() if alike.shape[0] else np.zeros(0)
    )
    return np.where(best > 0, best, np.median(weight))


def _scores(uses: Any, alike: Any, weight: Floats, told: Floats, holds: Any, of_names: Floats) -> Any:
    """Dice's coefficient of every description with every name that shares a word with it."""
    shared = (uses @ alike).tocsr()
    shared.data = np.minimum(shared.data, 1.0)
    both = (shared.multiply(weight[None, :]).tocsr() @ holds.T).tocoo()
    own = np.asarray(uses @ told).ravel()
    both.data = 2 * both.data / (own[both.row] + of_names[both.col])
    return both.tocsr()


def _choose(scores: Any, owner: Ints, least: float) -> tuple[Ints, Floats]:
    """The best row of each description, unless another place is nearly as good."""
    count = scores.shape[0]
    whole = scores.tocoo()
    order = np.lexsort((whole.col, -whole.data, whole.row))
    row, column, value = whole.row[order], whole.col[order], np.minimum(whole.data[order], 1.0)
    chosen, best = np.full(count, -1, np.int64), np.zeros(count)
    first = np.unique(row, return_index=True)
    chosen[first[0]], best[first[0]] = column[first[1]], value[first[1]]
    rival = owner[column] != owner[np.maximum(chosen, 0)][row]
    second = np.zeros(count)
    np.maximum.at(second, row[rival], value[rival])
    fits = (best >= least) & (best - second >= APART)
    return np.where(fits, chosen, -1), best
