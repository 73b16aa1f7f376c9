"""Two energy suppliers' customers: one name on each bill, and the truth of who is due the discount."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .awards import draw_awards, entitled
from .base import County, Part, Service, Truth
from .effects import QUALIFYING
from .events import dated, days, pick
from .identifiers import mpans
from .noise import text
from .population import CARE_HOME
from .records import Rates, names_of, numbers, places_of
from .streams import Array, choose

RATES = Rates(
    forename=0.008, nickname=0.015, surname=0.008, former=0.02, swapped=0.001, short=0.4, address=0.004,
    postcode=0.004, postcode_missing=0.003, uprn_missing=0.05, uprn_wrong=0.0005,
)  # fmt: skip
SUPPLIERS = ("brightwater.customers", "fenland.customers")
_SHARE = np.array([0.45, 0.40, 0.15])
_INITIAL = 0.2
_TITLES = ("Mr", "Mrs", "Miss", "Ms")
_GROUPS = ("no", "core group 1", "core group 2")


@dataclass(frozen=True)
class _Bills:
    """By household: the person named, and whether that is its reference person or partner (who claim)."""

    person: Array
    claims: Array


def keep(county: County, rng: np.random.Generator) -> Iterator[Part | Truth]:
    """Every household with a bill from either supplier; a third supplier's customers are not shared."""
    people = county.people
    group = entitled(county, draw_awards(county))
    supplier = choose(rng, people.households, _SHARE)
    bills = _bills(county, rng)
    truths = []
    for number, asset in enumerate(SUPPLIERS):
        household = rng.permutation(np.flatnonzero((supplier == number) & (people.kind != CARE_HOME)))
        table = _customers(county, household, bills.person[household], "BF"[number], rng)
        yield Part(asset, table, person=bills.person[household], household=household, identity=True)
        due = np.where(bills.claims[household], group[household], 0)
        truths.append(
            pa.table(
                {
                    "asset": pa.array([asset] * len(household)),
                    "customer_ref": table["customer_ref"],
                    "household_id": household,
                    "eligible": pa.array(_GROUPS).take(pa.array(due)),
                    "entitled": pa.array(_GROUPS).take(pa.array(group[household])),
                }
            )
        )
    yield Truth("eligibility", pa.concat_tables(truths))


def _bills(county: County, rng: np.random.Generator) -> _Bills:
    """62% name the reference person, 30% a partner, 8% another adult of the home or an outsider."""
    people = county.people
    first, size = people.first, people.size
    second = np.minimum(first + 1, people.count - 1)
    couple = (size > 1) & (people.role[second] == 1)
    kind = choose(rng, people.households, np.array([62, 30, 8]))
    person = np.where((kind == 1) & couple, second, first)
    last = first + size - 1
    lodger = (people.role[last] == 2) & (people.age[last] >= 18) & (rng.random(people.households) < 0.5)
    outsider = rng.integers(0, people.count, people.households)
    person = np.where(kind == 2, np.where(lodger, last, outsider), person)
    claims = (people.household[person] == np.arange(people.households)) & (people.role[person] < 2)
    return _Bills(person, claims)


def _customers(
    county: County, household: Array, person: Array, prefix: str, rng: np.random.Generator
) -> pa.Table:
    count = len(household)
    home = county.residence.home[household]
    names = names_of(county, person, RATES, rng)
    initial = pa.array(rng.random(count) < _INITIAL)
    moved = county.residence.moved_on[household]
    opened = np.where(moved > 0, moved, rng.integers(12_000, 18_200, count))
    opened = np.minimum(opened + rng.integers(0, 120, count), days(QUALIFYING) - 1)
    columns = {
        "customer_ref": numbers(prefix, count),
        "title": text(pa.array(_TITLES), _titles(county, person, rng)),
        "forename": pc.if_else(
            initial, pc.utf8_slice_codeunits(names["forename"], 0, 1), names["forename"]
        ),
        "surname": names["surname"],
        **places_of(county, home, RATES, rng, uprn=True),
        "mpan": pa.array(mpans(home)).cast(pa.string()),
        "opened": dated(opened),
        "payment": pick(("direct debit", "prepayment", "on receipt"), (0.72, 0.14, 0.14), count, rng),
    }
    return pa.table(columns)


def _titles(county: County, person: Array, rng: np.random.Generator) -> Array:
    """Positions in _TITLES by sex and marriage; 4% hold none (-1)."""
    people = county.people
    married = people.former[person] >= 0
    unmarried = 2 + (rng.random(len(person)) < 0.4)
    title = np.where(people.sex[person] == 1, 0, np.where(married, 1, unmarried))
    return np.where(rng.random(len(person)) < 0.04, -1, title)


SERVICE = Service("energy", SUPPLIERS, keep)
