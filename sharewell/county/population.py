"""People, made household first: who lives together, of which ages, under which names."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .effects import REFERENCE
from .geography import Geography
from .margins import AGE_BANDS, TYPES, households
from .names import draw_forenames, draw_surnames
from .streams import Array, choose, stream

TODAY = np.datetime64(REFERENCE, "D").astype(np.int64)
YEAR = 365.25
CARE_HOME = TYPES.index("care home")
_COUPLES = (2, 3, 4, 7)
_PARENTS = (4, 5, 7)
_SHARERS = 6
_CARE_SHARE, _CARE_SIZE = 0.004, 40


@dataclass(frozen=True)
class People:
    """Every resident at the reference date, in order of area and household. Dates are days since 1970.

    `role`: 0 reference person, 1 partner, 2 child or other. `sex`: 0 F, 1 M. `former`: a surname given up
    on marriage, or -1. Household arrays (`area`, `kind`, `first`, `size`) are by household.
    """

    household: Array
    role: Array
    sex: Array
    born: Array
    ethnicity: Array
    forename: Array
    surname: Array
    former: Array
    area: Array
    kind: Array
    first: Array
    size: Array

    @property
    def count(self) -> int:
        return len(self.household)

    @property
    def households(self) -> int:
        return len(self.area)

    @property
    def age(self) -> Array:
        """Age at the reference date, whole years."""
        return ((TODAY - self.born) / YEAR).astype(np.int32)


@dataclass
class _Draft:
    """Households and members while they are being drawn."""

    area: Array
    kind: Array
    band: Array
    ethnicity: Array
    size: Array


def populate(places: Geography, people: int, seed: int) -> People:
    """Exactly `people` residents in private households and care homes."""
    rng = stream("population", seed)
    draft = _cut(_drafted(places, people, rng), people, rng)
    first = np.concatenate(([0], np.cumsum(draft.size)[:-1]))
    household = np.repeat(np.arange(len(draft.size)), draft.size)
    position = np.arange(people) - first[household]
    kind = draft.kind[household]
    role = np.where(position == 0, 0, np.where((position == 1) & np.isin(kind, _COUPLES), 1, 2))
    sex = _sexes(kind, role, household, first, rng)
    born = _births(draft, household, position, role, sex, first, rng)
    ethnicity = draft.ethnicity[household]
    surname, former = _surnames(kind, role, sex, born, ethnicity, household, first, rng)
    forename = _forenames(ethnicity, sex, born, kind, role, household, first, rng)
    return People(
        household=household.astype(np.int32),
        role=role.astype(np.int8),
        sex=sex.astype(np.int8),
        born=born.astype(np.int32),
        ethnicity=ethnicity,
        forename=forename,
        surname=surname,
        former=former,
        area=draft.area,
        kind=draft.kind,
        first=first,
        size=draft.size,
    )


def _drafted(places: Geography, people: int, rng: np.random.Generator) -> _Draft:
    """More private households than needed, and the care homes, with their sizes."""
    area, kind, band, ethnicity = households(places, int(people / 2.1) + 50, rng)
    size = 1 + np.isin(kind, _COUPLES).astype(np.int64)
    parents = np.flatnonzero(np.isin(kind, _PARENTS))
    size[parents] += 1 + choose(rng, len(parents), np.array([0.42, 0.41, 0.13, 0.04]))
    sharers = np.flatnonzero(kind == _SHARERS)
    size[sharers] += 1 + choose(rng, len(sharers), np.array([0.35, 0.35, 0.2, 0.1]))
    homes = max(1, round(people * _CARE_SHARE / _CARE_SIZE))
    care = np.full(homes, CARE_HOME, dtype=np.int8)
    care_area = rng.integers(0, places.count, homes).astype(np.int32)
    care_size = rng.integers(int(_CARE_SIZE * 0.6), int(_CARE_SIZE * 1.4), homes)
    return _Draft(
        np.concatenate((care_area, area)),
        np.concatenate((care, kind)),
        np.concatenate((np.full(homes, 7, dtype=np.int8), band)),
        np.concatenate((np.zeros(homes, dtype=np.int8), ethnicity)),
        np.concatenate((care_size, size)),
    )


def _cut(draft: _Draft, people: int, rng: np.random.Generator) -> _Draft:
    """Care homes, then households in random order up to the number of people; the last may lose members."""
    care = int((draft.kind == CARE_HOME).sum())
    order = np.concatenate((np.arange(care), care + rng.permutation(len(draft.size) - care)))
    total = np.cumsum(draft.size[order])
    if total[-1] < people:
        raise ValueError("too few households drafted")
    last = int(np.searchsorted(total, people))
    order = order[: last + 1]
    size = draft.size[order].copy()
    size[-1] -= total[last] - people
    by_area = np.argsort(draft.area[order], kind="stable")
    order, size = order[by_area], size[by_area]
    return _Draft(draft.area[order], draft.kind[order], draft.band[order], draft.ethnicity[order], size)


def _sexes(kind: Array, role: Array, household: Array, first: Array, rng: np.random.Generator) -> Array:
    """Partners are of the other sex in 97.5% of couples; most lone parents and old residents are women."""
    male = np.full(len(kind), 0.5)
    reference = role == 0
    male[reference & (kind == TYPES.index("lone parent"))] = 0.12
    male[reference & (kind == TYPES.index("one older person"))] = 0.33
    male[kind == CARE_HOME] = 0.3
    sex = (rng.random(len(kind)) < male).astype(np.int64)
    partner = np.flatnonzero(role == 1)
    other = 1 - sex[first[household[partner]]]
    sex[partner] = np.where(rng.random(len(partner)) < 0.975, other, 1 - other)
    return sex


def _births(
    draft: _Draft,
    household: Array,
    position: Array,
    role: Array,
    sex: Array,
    first: Array,
    rng: np.random.Generator,
) -> Array:
    """Dates of birth: by age band, partners by age gap, children by a parent's age and spacing."""
    low, high = np.array(AGE_BANDS)[draft.band], np.array(AGE_BANDS)[draft.band + 1]
    reference_age = low + rng.random(len(low)) ** np.where(draft.band == 7, 2.0, 1.0) * (high - low)
    age = reference_age[household]
    kind = draft.kind[household]
    partner = role == 1
    gap = rng.normal(2.3, 4.0, len(age)) * np.where(sex == 1, 1, -1)
    floor = np.where(kind == TYPES.index("older couple"), 60, 18.2)
    age = np.where(partner, np.clip(age + gap, floor, 101), age)
    child = np.isin(kind, _PARENTS) & (role == 2)
    age = np.where(child, _child_ages(draft, household, position, reference_age, rng), age)
    sharer = (kind == _SHARERS) & (role == 2)
    age = np.where(sharer, np.clip(age + rng.normal(0, 4, len(age)), 18.1, 60), age)
    resident = kind == CARE_HOME
    age = np.where(resident, 74 + 26 * rng.beta(2.2, 2.0, len(age)), age)
    born = TODAY - 1 - np.floor(age * YEAR).astype(np.int64)
    return _twins(born, child, position, rng)


def _child_ages(
    draft: _Draft, household: Array, position: Array, parent_age: Array, rng: np.random.Generator
) -> Array:
    """The youngest child's age fits a birth at 18 to 42; each older one comes 1.2 to 4 years before."""
    grown = draft.kind == TYPES.index("parents with grown children")
    low = np.where(grown, 18.1, np.maximum(0.02, parent_age - 42))
    high = np.where(grown, np.maximum(18.5, parent_age - 24), np.clip(parent_age - 18, 0.5, 17.9))
    youngest = np.minimum(low, high) + rng.random(len(low)) ** 1.7 * np.abs(high - low)
    spacing = rng.uniform(1.2, 4.0, len(low))
    rank = position - 1 - np.isin(draft.kind, _COUPLES)[household]
    age = youngest[household] + rank * spacing[household]
    return np.asarray(np.minimum(age, parent_age[household] - 16 - 0.8 * rng.random(len(age))))


def _twins(born: Array, child: Array, position: Array, rng: np.random.Generator) -> Array:
    """In 1.5% of steps from one child to the next they are twins."""
    next_too = np.flatnonzero(child[1:] & child[:-1] & (position[1:] > position[:-1])) + 1
    twin = next_too[rng.random(len(next_too)) < 0.015]
    born[twin] = born[twin - 1]
    return born


def _surnames(
    kind: Array,
    role: Array,
    sex: Array,
    born: Array,
    ethnicity: Array,
    household: Array,
    first: Array,
    rng: np.random.Generator,
) -> tuple[Array, Array]:
    """Older couples more often share a surname; children take their father's or lone parent's."""
    own = draw_surnames(rng, ethnicity)
    surname, former = own.copy(), np.full(len(own), -1, dtype=np.int32)
    partner = np.flatnonzero(role == 1)
    reference = first[household[partner]]
    age = (TODAY - born[partner]) / YEAR
    shares = rng.random(len(partner)) < np.clip(0.35 + age / 120, 0.4, 0.95)
    takes = np.where(sex[partner] == 0, partner, reference)[shares]
    gives = np.where(sex[partner] == 0, reference, partner)[shares]
    surname[takes] = own[gives]
    former[takes] = own[takes]
    child = np.flatnonzero(np.isin(kind, _PARENTS) & (role == 2))
    head = first[household[child]]
    has_partner = np.isin(kind[child], _COUPLES)
    second = np.minimum(head + 1, len(own) - 1)
    father = np.where(has_partner & (sex[head] == 0), second, head)
    surname[child] = surname[father]
    return surname, former


def _forenames(
    ethnicity: Array,
    sex: Array,
    born: Array,
    kind: Array,
    role: Array,
    household: Array,
    first: Array,
    rng: np.random.Generator,
) -> Array:
    """By sex, cohort and origin; 3% of sons at home have the name of the man who heads the household."""
    year = 1970 + born / YEAR
    forename = draw_forenames(rng, ethnicity, sex, year.astype(np.int32))
    son = np.flatnonzero(np.isin(kind, _PARENTS) & (role == 2) & (sex == 1))
    head = first[household[son]]
    named_after = (rng.random(len(son)) < 0.03) & (sex[head] == 1)
    forename[son[named_after]] = forename[head[named_after]]
    return forename
