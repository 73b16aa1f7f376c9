"""Two registers of the same people, each with its own mistakes; numbers and places are invented.

The registry and the hospitals are a nation's, so their patients are not the county's people: NHS numbers
begin with 9, far below the block from which the county's are drawn, and the postcodes are of an area that
is not issued.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ..events import dated
from ..identifiers import check_digits
from ..noise import Words, digit_slip, some, text, wrong_dates
from ..records import numbers
from ..streams import Array

_BLOCK = 900_000_000
_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
_IN_POSTCODE = 16
_IMPOSSIBLE = 0.5
"""Of wrong dates, those that nobody could believe."""


@dataclass(frozen=True)
class Identity:
    """Who people are: NHS number, day of birth, sex, and position in `postcodes` by patient."""

    nhs: Array
    born: Array
    male: Array
    postcode: Array
    postcodes: list[str]


@dataclass(frozen=True)
class Kept:
    """Shares of a register's rows that are missing or wrong."""

    nhs_missing: float
    nhs_slip: float
    born_wrong: float
    born_missing: float
    sex_unknown: float
    postcode_wrong: float
    postcode_missing: float
    moved: float


REGISTRY = Kept(0.010, 0.0005, 0.003, 0.001, 0.002, 0.004, 0.006, 0.00)
HOSPITALS = Kept(0.020, 0.001, 0.005, 0.002, 0.003, 0.006, 0.010, 0.05)


def invent(born: Array, male: Array, rng: np.random.Generator) -> Identity:
    """People with these days of birth, under numbers that nobody has."""
    count = len(born)
    first = _BLOCK + np.arange(int(count * 1.11) + 20, dtype=np.int64)
    check = check_digits(first)
    nhs = (first * 10 + check)[check < 10][:count]
    places = -(-count // _IN_POSTCODE) + 1
    return Identity(
        nhs=rng.permutation(nhs),
        born=born,
        male=male,
        postcode=rng.integers(0, places, count),
        postcodes=[_postcode(number) for number in range(places)],
    )


def _postcode(number: int) -> str:
    outward, inward = divmod(number, 4_000)
    digit, letters = divmod(inward, 400)
    return f"QZ{outward + 1} {digit}{_LETTERS[letters // 20]}{_LETTERS[letters % 20]}"


def written(
    who: Identity, patient: Array, prefix: str, kept: Kept, slips: float, rng: np.random.Generator
) -> dict[str, pa.Array]:
    """The identity columns of a register of these patients, in its own order."""
    count = len(patient)
    number = who.nhs[patient].copy()
    wrong = some(rng, count, kept.nhs_slip * slips)
    digit = number[wrong] // 10 % 10
    number[wrong] += ((digit + rng.integers(1, 10, len(wrong))) % 10 - digit) * 10
    born = who.born[patient].copy()
    wrong = some(rng, count, kept.born_wrong * slips)
    born[wrong] = wrong_dates(born[wrong], rng)
    sex = who.male[patient].astype(np.int64)
    sex[some(rng, count, kept.sex_unknown * slips)] = 2
    place = who.postcode[patient].copy()
    moved = some(rng, count, kept.moved * slips)
    place[moved] = rng.integers(0, len(who.postcodes), len(moved))
    postcode = Words(who.postcodes, place)
    postcode.change(some(rng, count, kept.postcode_wrong * slips), digit_slip(rng))
    postcode.blank(some(rng, count, kept.postcode_missing * slips))
    return {
        "local_id": numbers(prefix, count),
        "nhs_number": pa.array(number, mask=rng.random(count) < kept.nhs_missing * slips).cast(pa.string()),
        "born": pa.array(born.astype(np.int32), mask=rng.random(count) < kept.born_missing * slips).cast(
            pa.date32()
        ),
        "sex": text(pa.array(["F", "M", "U"]), sex),
        "postcode": postcode.column(),
    }


def as_written(
    day: Array, wrong: float, rng: np.random.Generator, missing: Array | None = None
) -> pa.Array:
    """Days as somebody wrote them down: the share `wrong` of them is not what it was.

    Half of those cannot be (1 January 1900, a century too early or too late), half can (day and month
    exchanged, some days off, a year off).
    """
    held = day.astype(np.int64, copy=True)
    rows = some(rng, len(held), wrong)
    impossible = rng.random(len(rows)) < _IMPOSSIBLE
    mad, odd = rows[impossible], rows[~impossible]
    held[mad] = np.choose(
        rng.integers(0, 3, len(mad)), [np.full(len(mad), -25_567), held[mad] - 36_525, held[mad] + 36_525]
    )
    held[odd] = wrong_dates(held[odd], rng)
    if missing is None:
        return dated(held)
    return pa.array(held.astype(np.int32), mask=missing).cast(pa.date32())
