"""A register of the council: who is entered, perhaps twice, and how each entry is written and dated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .base import County, Part, Truth
from .events import constant, dated
from .faults import SECOND_ENTRY, UNEQUAL, Faults, Told, faults_told, groups
from .margins import ETHNICITIES
from .name_forms import NEWBORN, UNNAMED, spelt_otherwise
from .names import stock
from .noise import Words, some, text
from .population import TODAY
from .records import birth_days, exchange, name_words, numbers, places_of, sexes
from .streams import Array
from .tenure import FRESH, SNAPSHOT

_SURNAME_FIRST = tuple(ETHNICITIES.index(name) for name in ("south asian", "eastern european", "other"))
_NO_DATE = np.datetime64("1900-01-01").astype(np.int64)
_YEAR_DAYS = 365


@dataclass(frozen=True)
class Book:
    """A register: its asset, the letters before its numbers, how well it is kept, and what it holds.

    `earliest`: no entry is older than this day (days since 1970).
    """

    asset: str
    prefix: str
    faults: Faults
    born: bool = False
    sex: bool = False
    uprn: bool = False
    earliest: int = 14_610


@dataclass(frozen=True)
class Entries:
    """Rows of a register in order of its numbers: the person of each, the home it is held at, and `again`,
    the second entries. `stale`: the home is one the person has left. `sure`: known lately, at home.
    """

    person: Array
    home: Array
    again: Array
    stale: Array
    sure: Array

    @property
    def count(self) -> int:
        return len(self.person)


def enter(
    county: County, book: Book, known: Array, rng: np.random.Generator, *, sure: Array | None = None
) -> Entries:
    """Entries for these people, each as often as named and some twice, in random order."""
    lately = np.empty(0, dtype=np.int64) if sure is None else sure
    known = np.concatenate((known, np.setdiff1d(lately, known)))
    second = known[some(rng, len(known), book.faults.twice)]
    order = rng.permutation(len(known) + len(second))
    person = np.concatenate((known, second))[order].astype(np.int64)
    again = order >= len(known)
    certain = np.zeros(county.people.count, dtype=bool)
    certain[lately] = True
    household = county.people.household[person]
    previous = county.residence.previous[household]
    chance = np.where(again, SECOND_ENTRY, 1.0) * book.faults.stale
    lived = county.people.born[person] < county.residence.moved_on[household]
    stale = (previous >= 0) & lived & ~certain[person] & (rng.random(len(person)) < chance)
    home = np.where(stale, previous, county.residence.home[household])
    return Entries(person, home, again, stale, certain[person])


def first_days(
    county: County, book: Book, entries: Entries, rng: np.random.Generator, *, years: int = 0
) -> Array:
    """The day of each entry, not before the age of `years`: since the move, or before it where stale.

    An entry at a home that was left is from before `FRESH`: nobody is accused by a register that was merely
    slow, unless an agreement counts records that are older.
    """
    people, residence = county.people, county.residence
    moved = residence.moved_on[people.household[entries.person]].astype(np.int64)
    born = people.born[entries.person].astype(np.int64)
    high = np.where(entries.stale, np.minimum(moved, FRESH) - 1, SNAPSHOT - 1)
    low = np.where(entries.stale, book.earliest, np.maximum(moved, book.earliest))
    low = np.where(entries.sure, np.maximum(low, FRESH + 30), low)
    low = np.maximum(low, born + years * _YEAR_DAYS)
    low = np.minimum(low, high)
    # More entries are recent than old: members leave.
    share = rng.random(entries.count) ** 0.6
    drawn = low + (share * (high - low + 1)).astype(np.int64)
    return np.asarray(np.maximum(drawn, born))


def write(
    county: County, book: Book, entries: Entries, rng: np.random.Generator, further: dict[str, pa.Array]
) -> Iterator[Part | Truth]:
    """The register as a part, with these columns after its identity, and the truth about its faults."""
    person, faults = entries.person, book.faults
    weight = UNEQUAL.weight(*groups(county, person)) * np.where(entries.again, SECOND_ENTRY, 1.0)
    columns: dict[str, pa.Array] = {"local_id": numbers(book.prefix, entries.count)}
    columns |= _names(county, person, faults, rng, weight)
    nothing = np.zeros(entries.count, dtype=bool)
    told = Told(_differs(county, person, columns), nothing, nothing, entries.stale)
    if book.born:
        columns["born"], told = _births(county, person, faults, rng, weight, told)
    if book.sex:
        columns["sex"] = sexes(county, person, faults, rng)
    columns |= places_of(county, entries.home, faults, rng, uprn=book.uprn, weight=weight)
    yield Part(book.asset, pa.table(columns | further), person=person, identity=True)
    yield faults_told(county, book.asset, person, told)
    yield homes_told(book.asset, columns["local_id"], entries.home)


def homes_told(asset: str, local_id: pa.Array, home: Array) -> Truth:
    """The home that the address of each row is of, however it is written; perhaps one they left."""
    return Truth("written_homes", pa.table({
        "asset": constant(asset, len(home)), "local_id": local_id, "home_id": home.astype(np.int64),
    }))  # fmt: skip


def wards_of(county: County, home: Array) -> pa.Array:
    """The ward of each home, by name."""
    places = county.places
    ward = places.ward[county.homes.area[home]]
    return pa.array(places.ward_names).take(pa.array(ward))


def days_column(days: Array) -> dict[str, pa.Array]:
    """The column `since`."""
    return {"since": dated(days)}


def _names(
    county: County, person: Array, faults: Faults, rng: np.random.Generator, weight: Array
) -> dict[str, pa.Array]:
    """Names with every kind of fault, the ones of whole names last."""
    people, count = county.people, len(person)
    forename, surname = name_words(county, person, faults, rng, weight)
    for words in (forename, surname):
        _respell(words, some(rng, count, faults.spelling, weight), rng)
    _alias(county, person, surname, some(rng, count, faults.alias, weight), rng)
    languages = some(rng, count, faults.order, weight)
    exchange(forename, surname, languages[np.isin(people.ethnicity[person[languages]], _SURNAME_FIRST)])
    infants = some(rng, count, faults.newborn, weight)
    infants = infants[people.born[person[infants]] > TODAY - 366]
    forename.set(infants, _drawn(NEWBORN, len(infants), rng))
    nameless = some(rng, count, faults.unnamed, weight)
    forename.set(nameless, _drawn(UNNAMED, len(nameless), rng))
    both = nameless[rng.random(len(nameless)) < 0.5]
    surname.set(both, _drawn(UNNAMED, len(both), rng))
    return {"forename": forename.column(), "surname": surname.column()}


def _respell(words: Words, rows: Array, rng: np.random.Generator) -> None:
    words.change(rows, lambda word: spelt_otherwise(word, rng))


def _alias(county: County, person: Array, surname: Words, rows: Array, rng: np.random.Generator) -> None:
    """A second surname, the former one or else a neighbour's, beside the first or instead of it."""
    people, values = county.people, stock().surnames
    of = person[rows]
    other = people.surname[(of + 50 + rng.integers(0, 50, len(rows))) % people.count]
    alias = [values[code] for code in np.where(people.former[of] >= 0, people.former[of], other).tolist()]
    first = [surname.values[code] for code in surname.codes[rows].tolist()]
    beside = rng.random(len(rows)) < 0.5
    surname.set(rows, [
        f"{old} also known as {new}" if both else new
        for old, new, both in zip(first, alias, beside.tolist(), strict=True)
    ])  # fmt: skip


def _drawn(words: tuple[str, ...], count: int, rng: np.random.Generator) -> list[str]:
    return [words[at] for at in rng.integers(0, len(words), count).tolist()]


def _births(
    county: County, person: Array, faults: Faults, rng: np.random.Generator, weight: Array, told: Told
) -> tuple[pa.Array, Told]:
    """Dates of birth: wrong, somebody else's at home, 1 January 1900, or none."""
    people, count = county.people, len(person)
    born, missing = birth_days(county, person, faults, rng, weight)
    shared = some(rng, count, faults.shared, weight)
    household = people.household[person[shared]]
    place = (rng.random(len(shared)) * people.size[household]).astype(np.int64)
    born[shared] = people.born[people.first[household] + place]
    born[some(rng, count, faults.born_placeholder, weight)] = _NO_DATE
    wrong = (born != people.born[person]) & ~missing
    column = pa.array(born.astype(np.int32), mask=missing).cast(pa.date32())
    return column, replace(told, born=wrong, born_missing=missing)


def _differs(county: County, person: Array, held: dict[str, pa.Array]) -> Array:
    """Rows whose forename or surname is not the person's own."""
    people, names = county.people, stock()
    forename = text(pa.array(names.forenames), people.forename[person])
    surname = text(pa.array(names.surnames), people.surname[person])
    differs = pc.or_(pc.not_equal(held["forename"], forename), pc.not_equal(held["surname"], surname))
    return np.asarray(differs.to_numpy(zero_copy_only=False))
