"""Forenames by sex, birth cohort and origin, and surnames by origin, with a realistic long tail.

Frequencies follow a Zipf-Mandelbrot law over the written lists; a share of each goes to a tail made by
rule (stem and ending), so that rare names exist and common ones really are shared.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from . import name_lists as lists
from .margins import ETHNICITIES
from .streams import Array, choose

_FORENAME_TAIL, _SURNAME_TAIL = 0.12, 0.55


@dataclass(frozen=True)
class Names:
    """All names once, and for each group which of them occur with which weight."""

    forenames: list[str]
    surnames: list[str]
    by_group: dict[tuple[int, int, int], tuple[Array, Array]]
    by_origin: dict[int, tuple[Array, Array]]


@cache
def stock() -> Names:
    """The stock of names; built once a process."""
    forenames: dict[str, int] = {}
    surnames: dict[str, int] = {}
    by_group = {}
    for origin, ethnicity in enumerate(ETHNICITIES):
        for sex in (0, 1):
            for cohort in range(len(lists.COHORTS) + 1):
                head = _forenames(ethnicity, sex, cohort)
                by_group[(origin, sex, cohort)] = _weigh(
                    head, _forename_tail(sex), _FORENAME_TAIL, forenames
                )
    by_origin = {
        origin: _weigh(lists.SURNAMES[ethnicity].split(), _surname_tail(ethnicity), _SURNAME_TAIL, surnames)
        for origin, ethnicity in enumerate(ETHNICITIES)
    }
    return Names(list(forenames), list(surnames), by_group, by_origin)


def draw_forenames(rng: np.random.Generator, origin: Array, sex: Array, born_year: Array) -> Array:
    """A forename for each person, as positions in `stock().forenames` (int32)."""
    cohort = np.searchsorted(lists.COHORTS, born_year, side="right")
    group = (origin.astype(np.int64) * 2 + sex) * 8 + cohort
    drawn = np.empty(len(group), dtype=np.int32)
    for (o, s, c), (codes, weights) in stock().by_group.items():
        mine = np.flatnonzero(group == (o * 2 + s) * 8 + c)
        drawn[mine] = codes[choose(rng, len(mine), weights)]
    return drawn


def draw_surnames(rng: np.random.Generator, origin: Array) -> Array:
    """A surname for each person, as positions in `stock().surnames` (int32)."""
    drawn = np.empty(len(origin), dtype=np.int32)
    for code, (codes, weights) in stock().by_origin.items():
        mine = np.flatnonzero(origin == code)
        drawn[mine] = codes[choose(rng, len(mine), weights)]
    return drawn


def _forenames(ethnicity: str, sex: int, cohort: int) -> list[str]:
    if ethnicity == "british":
        return (lists.BRITISH_FEMALE, lists.BRITISH_MALE)[sex][cohort].split()
    return lists.FORENAMES[ethnicity][sex].split()


def _forename_tail(sex: int) -> list[str]:
    stems = (lists.FEMALE_STEMS, lists.MALE_STEMS)[sex].split()
    return [stem + end for stem in stems for end in (lists.FEMALE_ENDS, lists.MALE_ENDS)[sex].split()]


def _surname_tail(ethnicity: str) -> list[str]:
    """British tails are places; the others join two of their own names, which keeps their look."""
    if ethnicity == "british":
        return [stem + end for stem in lists.SURNAME_STEMS.split() for end in lists.SURNAME_ENDS.split()]
    own = lists.SURNAMES[ethnicity].split()
    return [f"{one}-{two}" for one in own for two in own if one != two]


def _weigh(
    head: list[str], tail: list[str], tail_share: float, codes: dict[str, int]
) -> tuple[Array, Array]:
    """Codes and weights: Zipf-Mandelbrot for the head, a flatter one for the tail; extends `codes`."""
    weight = 1 / (np.arange(len(head)) + 8.0) ** 0.9
    rest = 1 / (np.arange(len(tail)) + 60.0) ** 0.6
    weights = np.concatenate((weight / weight.sum() * (1 - tail_share), rest / rest.sum() * tail_share))
    numbers = [codes.setdefault(name, len(codes)) for name in head + tail]
    return np.array(numbers, dtype=np.int32), weights
