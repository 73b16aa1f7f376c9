"""Names and birth dates of the sentenced, as the police wrote them down and as the charity did."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ..margins import ETHNICITIES
from ..names import draw_forenames, draw_surnames, stock
from ..noise import Words, nickname, slip, some, text, wrong_dates
from ..records import Rates
from ..streams import Array, choose

POLICE = Rates(
    forename=0.012, nickname=0.03, surname=0.012, born_missing=0.001, born_wrong=0.01, sex_unknown=0.002
)
CHARITY = Rates(
    forename=0.008, nickname=0.05, surname=0.008, born_missing=0.0, born_wrong=0.006, sex_unknown=0.004
)
_ORIGIN = np.array([0.78, 0.08, 0.08, 0.04, 0.02])
_YEAR = 365.25


@dataclass(frozen=True)
class Identities:
    """Who they are: positions in the stock of names, day of birth since 1970, whether male."""

    forename: Array
    surname: Array
    born: Array
    male: Array

    def taken(self, rows: Array) -> Identities:
        return Identities(self.forename[rows], self.surname[rows], self.born[rows], self.male[rows])

    def and_(self, others: Identities) -> Identities:
        """These and then the others."""
        return Identities(
            np.concatenate((self.forename, others.forename)),
            np.concatenate((self.surname, others.surname)),
            np.concatenate((self.born, others.born)),
            np.concatenate((self.male, others.male)),
        )


def draw_identities(age: Array, male: Array, on: Array, rng: np.random.Generator) -> Identities:
    """People of this age in whole years on these days (since 1970)."""
    born = (on - age * _YEAR - rng.random(len(age)) * _YEAR).astype(np.int64)
    origin = choose(rng, len(age), _ORIGIN)
    assert len(_ORIGIN) == len(ETHNICITIES)
    sex = male.astype(np.int64)
    year = born.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    return Identities(draw_forenames(rng, origin, sex, year), draw_surnames(rng, origin), born, male)


def written(
    who: Identities, local_id: pa.Array, rates: Rates, rng: np.random.Generator
) -> dict[str, pa.Array]:
    """Number, forename, surname, day of birth and sex as a register holds them."""
    names, count = stock(), len(who.born)
    forename, surname = Words(names.forenames, who.forename), Words(names.surnames, who.surname)
    forename.change(some(rng, count, rates.nickname), nickname)
    forename.change(some(rng, count, rates.forename), slip(rng))
    surname.change(some(rng, count, rates.surname), slip(rng))
    born = who.born.copy()
    wrong = some(rng, count, rates.born_wrong)
    born[wrong] = wrong_dates(born[wrong], rng)
    missing = rng.random(count) < rates.born_missing
    sex = who.male.astype(np.int32)
    sex[some(rng, count, rates.sex_unknown)] = 2
    return {
        "local_id": local_id,
        "forename": forename.column(),
        "surname": surname.column(),
        "born": pa.array(born.astype(np.int32), mask=missing).cast(pa.date32()),
        "sex": text(pa.array(["F", "M", "U"]), sex),
    }
