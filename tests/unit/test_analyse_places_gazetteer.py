"""Descriptions as people write them, and those that must stay unplaced."""

from __future__ import annotations

import numpy as np
import pytest

from sharewell.analyse.places.gazetteer import distances, recognise, slips_allowed
from sharewell.errors import FitError

NAMES = [
    "the red lion fellbury", "the red lion ashton", "the golden anchor fellbury", "the golden anchor",
    "thornbury road ashton", "thornbury road", "station parade fellbury", "dunwick recreation ground"
    " ashton",
]  # fmt: skip
CODES = ["A1", "B1", "A2", "A2", "B2", "B2", "A3", "B3"]


def place(text: str) -> str | None:
    row = recognise([text], NAMES, CODES).row[0]
    return CODES[row] if row >= 0 else None


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("The Red Lion, Fellbury", "A1"),
        ("outside red lyon, ashton", "B1"),
        ("o/s the GOLDEN ANCHOR", "A2"),
        ("golden anhcor", "A2"),
        ("Thornbury Rd", "B2"),
        ("by the thornbuury rd in ashton", "B2"),
        ("dunwick rec ground", "B3"),
        ("the red lion", None),  # there are two
        ("at john smiths house", None),
        ("in town", None),
        ("", None),
        ("road", None),
        ("fellbury", None),
        ("the golden anchor with my brother peter from number nine", None),  # too much else is said
    ],
)
def test_a_description_is_placed_or_left(said: str, meant: str | None) -> None:
    assert place(said) == meant


def test_nothing_described_is_nowhere_and_the_order_of_others_changes_nothing() -> None:
    said = ["Thornbury Rd", None, "golden anhcor"]
    found = recognise(said, NAMES, CODES)
    assert found.row[1] == -1
    assert found.likeness[1] == 0
    assert (recognise(said[::-1], NAMES, CODES).row == found.row[::-1]).all()


def test_a_gazetteer_without_a_name_is_refused() -> None:
    with pytest.raises(FitError, match="EMPTY"):
        recognise(["somewhere"], ["the", ""], ["A", "B"])


def osa(a: str, b: str) -> int:
    """Optimal string alignment written out letter by letter."""
    d = [[i + j if not i or not j else 0 for j in range(len(b) + 1)] for i in range(len(a) + 1)]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            d[i][j] = min(d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1]))
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                d[i][j] = min(d[i][j], d[i - 2][j - 2] + 1)
    return d[-1][-1]


def test_distances_are_those_of_the_plain_recursion() -> None:
    random = np.random.default_rng(2)
    words = {n: ["".join(random.choice(list("abc"), n)) for _ in range(12)] for n in (3, 5, 6)}
    for n, left in words.items():
        for right in words.values():
            found = distances(left, right)
            assert found.tolist() == [[osa(a, b) for b in right] for a in left], n
    assert [slips_allowed(n) for n in (3, 4, 7, 8)] == [0, 1, 1, 2]
