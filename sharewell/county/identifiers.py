"""Numbers that look right and can never be anyone's: NHS numbers, property references, meter points."""

from __future__ import annotations

import numpy as np

from .streams import Array

UPRN_BASE = 9_000_000_000_000
"""Real property references have at most 12 digits; these have 13."""


def nhs_numbers(count: int, rng: np.random.Generator) -> Array:
    """`count` distinct NHS numbers in random order, as int64.

    Ten digits, the last the modulus-11 check digit (NHS Data Dictionary). The first block, 999, is the one
    kept for tests and holds 909,091 valid numbers; beyond it 998, 997 and so on down, none of them issued.
    """
    held: list[Array] = []
    block = 999
    while sum(map(len, held)) < count:
        first = block * 1_000_000 + np.arange(1_000_000, dtype=np.int64)
        check = check_digits(first)
        held.append((first * 10 + check)[check < 10])
        block -= 1
    numbers = np.concatenate(held)[:count]
    return np.asarray(numbers[rng.permutation(count)])


def check_digits(first: Array) -> Array:
    """Check digit of nine-digit numbers: 11 - (sum of digit x weight 10..2) mod 11; 11 is 0, 10 invalid."""
    total = np.zeros(len(first), dtype=np.int64)
    for position in range(9):
        total += first // 10 ** (8 - position) % 10 * (10 - position)
    check = 11 - total % 11
    return np.where(check == 11, 0, check)


def uprns(count: int, rng: np.random.Generator) -> Array:
    """`count` distinct property references in random order, spaced so that a slip seldom hits another."""
    return np.asarray(UPRN_BASE + 7 * rng.permutation(count).astype(np.int64) + 3)


def mpans(homes: Array) -> Array:
    """Meter point numbers of homes: distributor 99 (never licensed), ten digits and the check digit."""
    core = 99 * 10**10 + homes.astype(np.int64) * 13 + 1_000_000
    total = np.zeros(len(core), dtype=np.int64)
    for position, weight in enumerate((3, 5, 7, 13, 17, 19, 23, 29, 31, 37, 41, 43)):
        total += core // 10 ** (11 - position) % 10 * weight
    return core * 10 + total % 11 % 10
