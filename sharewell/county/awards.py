"""Which households receive which benefits: a base stage, drawn alike for every service that needs it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from .base import County, Part
from .homes import AGE_BANDS, HOME_TYPES
from .margins import TYPES
from .population import CARE_HOME
from .records import Rates, Register, held_homes, identity, numbers
from .streams import Array, choose, stream

BENEFITS = (
    "universal credit",
    "income support",
    "jobseekers allowance",
    "employment and support allowance",
    "carers allowance",
)
CREDITS = ("child tax credit", "working tax credit")
PENSION_AGE = 66
RATES = Rates(
    forename=0.004,
    nickname=0.006,
    surname=0.005,
    swapped=0.001,
    born_missing=0.0,
    born_wrong=0.003,
    stale=0.03,
    address=0.003,
    postcode=0.003,
    postcode_missing=0.002,
    uprn_wrong=0.0005,
)


@dataclass(frozen=True)
class Awards:
    """By household. `pension`: 0 none, 1 with guarantee credit, 2 savings credit only.

    `benefit` and `credit`: positions in BENEFITS and CREDITS, or -1. `paid`: the benefit is in payment.
    `income`: pounds a year.
    """

    pension: Array
    benefit: Array
    paid: Array
    credit: Array
    income: Array


def draw_awards(county: County) -> Awards:
    """Awards by age, kind of household and deprivation."""
    rng = stream("awards", county.seed)
    people = county.people
    age, kind = people.age[people.first], people.kind
    level = county.places.deprivation[people.area] - 1
    private = kind != CARE_HOME
    old = private & (age >= PENSION_AGE)
    luck = rng.random(people.households)
    guarantee = np.array([0.30, 0.20, 0.12, 0.07, 0.04])[level]
    pension = np.where(old & (luck < guarantee), 1, np.where(old & (luck < guarantee + 0.04), 2, 0))
    alone = np.where(kind == TYPES.index("lone parent"), 1.8, 1.0)
    young = private & ~old
    chance = np.array([0.30, 0.21, 0.14, 0.09, 0.05])[level] * alone
    has_benefit = young & (rng.random(people.households) < chance)
    benefit = np.where(has_benefit, choose(rng, people.households, np.array([62, 8, 7, 15, 8])), -1)
    families = young & np.isin(kind, [TYPES.index("couple with children"), TYPES.index("lone parent")])
    has_credit = families & (rng.random(people.households) < np.array([0.16, 0.13, 0.1, 0.07, 0.04])[level])
    credit = np.where(has_credit, choose(rng, people.households, np.array([60, 40])), -1)
    income = np.rint(15_500 * np.exp(rng.normal(0, 0.35, people.households))).astype(np.int32)
    return Awards(pension, benefit, rng.random(people.households) < 0.94, credit, income)


def cost_score(county: County, home: Array) -> Array:
    """The property cost score of homes: floor area times the points of type and age (see `Effects`)."""
    effects, homes = county.effects, county.homes
    kind = np.array([effects.type_points[name] for name in HOME_TYPES])
    band = np.array([effects.age_points[name] for name in AGE_BANDS])
    return np.asarray(homes.floor_area[home] * (kind[homes.kind[home]] + band[homes.age_band[home]]))


def entitled(county: County, awards: Awards) -> Array:
    """Core group of each household on what is true: 1, 2 or 0, whoever is named on its bill."""
    effects = county.effects
    qualifies = np.array([name in effects.qualifying_benefits for name in BENEFITS] + [False])
    means = (qualifies[awards.benefit] & awards.paid) | (
        (awards.credit >= 0) & (awards.income < effects.income_limit)
    )
    costly = cost_score(county, county.residence.home) > effects.cost_threshold
    return np.where(awards.pension == 1, 1, np.where(means & costly, 2, 0))


def award_rows(
    county: County, asset: str, held: Array, prefix: str, rng: np.random.Generator
) -> tuple[Part, Array]:
    """Claimants and partners of the households marked in `held`; and the household of each row."""
    people = county.people
    household = rng.permutation(np.flatnonzero(held))
    award_number = np.arange(len(household))
    first = people.first[household]
    second = np.minimum(first + 1, people.count - 1)
    couple = (people.size[household] > 1) & (people.role[second] == 1) & (rng.random(len(household)) < 0.97)
    person = np.concatenate((first, second[couple]))
    award = np.concatenate((award_number, award_number[couple]))
    order = np.lexsort((np.arange(len(person)), award))
    person, award = person[order], award[order]
    register = Register(person.astype(np.int32), numbers(prefix, len(person)))
    home = held_homes(county, person, RATES.stale, rng)
    columns = identity(county, register, home, RATES, rng, uprn=True)
    role = pa.array(["claimant", "partner"]).take(pa.array((people.role[person] == 1).astype(np.int32)))
    leading = {
        "local_id": columns.pop("local_id"),
        "award": numbers(f"{prefix}A", len(household)).take(pa.array(award)),
        "role": role,
    }
    part = Part(asset, pa.table(leading | columns), person=person, identity=True)
    return part, household[award]


def with_columns(part: Part, columns: dict[str, pa.Array]) -> Part:
    """The part with further columns after its own."""
    table = part.table
    for name, values in columns.items():
        table = table.append_column(name, values)
    return Part(part.asset, table, part.person, part.household, part.identity)
