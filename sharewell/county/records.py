"""A service's register: who is on it, under the service's own number, with the service's own mistakes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .base import County, Part
from .names import stock
from .noise import Words, digit_slip, nickname, slip, some, text, wrong_dates
from .streams import Array


@dataclass(frozen=True)
class Rates:
    """How often each thing is missing or wrong on a register, as shares of its rows.

    `stale`: of people who moved since 2020, those still held at the home before. `former`: of people who
    changed their surname, those held under the old one. `short`: addresses in capitals with abbreviations.
    `nhs_shared`: another person's number; `nhs_slip`: one digit wrong.
    """

    nhs_missing: float = 0.0
    nhs_shared: float = 0.0
    nhs_slip: float = 0.0
    forename: float = 0.01
    nickname: float = 0.02
    surname: float = 0.01
    swapped: float = 0.002
    former: float = 0.01
    born_missing: float = 0.003
    born_wrong: float = 0.008
    sex_unknown: float = 0.002
    stale: float = 0.10
    short: float = 0.0
    address: float = 0.005
    postcode_missing: float = 0.01
    postcode: float = 0.01
    uprn_missing: float = 0.03
    uprn_wrong: float = 0.001


@dataclass(frozen=True)
class Register:
    """The people of a service in the order of its own numbers (a random one), and those numbers."""

    person: Array
    local_id: pa.Array

    @property
    def count(self) -> int:
        return len(self.person)


def enrol(known: Array, prefix: str, rng: np.random.Generator) -> Register:
    """A register of the people marked in `known`, in random order."""
    person = rng.permutation(np.flatnonzero(known)).astype(np.int32)
    return Register(person, numbers(prefix, len(person)))


def numbers(prefix: str, count: int) -> pa.Array:
    """`count` consecutive numbers as text: prefix and seven digits."""
    digits = pc.utf8_lpad(pa.array(np.arange(1, count + 1)).cast(pa.string()), 7, "0")
    return pc.binary_join_element_wise(prefix, digits, "")


def identity(
    county: County,
    register: Register,
    home: Array,
    rates: Rates,
    rng: np.random.Generator,
    *,
    nhs: bool = False,
    uprn: bool = False,
) -> dict[str, pa.Array]:
    """The identity columns of a register, as the service holds them; `home` as of `held_homes`."""
    held: dict[str, pa.Array] = {"local_id": register.local_id}
    person = register.person
    if nhs:
        held["nhs_number"] = _nhs(county, person, rates, rng)
    held |= names_of(county, person, rates, rng)
    held["born"] = _born(county, person, rates, rng)
    held["sex"] = sexes(county, person, rates, rng)
    held |= places_of(county, home, rates, rng, uprn=uprn)
    return held


def enrolled(
    county: County, asset: str, register: Register, rates: Rates, rng: np.random.Generator
) -> Part:
    """The patient index of a health service that holds NHS numbers and no property references."""
    home = held_homes(county, register.person, rates.stale, rng)
    table = pa.table(identity(county, register, home, rates, rng, nhs=True))
    return Part(asset, table, person=register.person, identity=True)


def held_homes(county: County, person: Array, stale: float, rng: np.random.Generator) -> Array:
    """The home at which a service holds each person: the one before, for some who moved."""
    household = county.people.household[person]
    previous = county.residence.previous[household]
    old = (previous >= 0) & (rng.random(len(person)) < stale)
    return np.where(old, previous, county.residence.home[household])


def places_of(
    county: County,
    home: Array,
    rates: Rates,
    rng: np.random.Generator,
    *,
    uprn: bool,
    weight: Array | None = None,
) -> dict[str, pa.Array]:
    """Address, postcode and property reference of these homes as written on a record.

    `weight` (here and below) is by row: how many times as often as in `rates` things go wrong.
    """
    homes, count = county.homes, len(home)
    spelt = pa.concat_arrays([homes.address, homes.short])
    style = (rng.random(count) < rates.short) * homes.count
    address = Words([], np.full(count, -1))
    rows = some(rng, count, rates.address, weight)
    address.set(rows, spelt.take(pa.array(home[rows] + style[rows])).to_pylist())
    address.change(rows, slip(rng))
    plain = text(spelt, home + style)
    held = {"address": pc.coalesce(address.column(), plain) if len(rows) else plain}
    postcode = Words(homes.postcodes, homes.postcode[home])
    postcode.change(some(rng, count, rates.postcode, weight), digit_slip(rng))
    postcode.blank(some(rng, count, rates.postcode_missing, weight))
    held["postcode"] = postcode.column()
    if uprn:
        number = homes.uprn[home].copy()
        wrong = some(rng, count, rates.uprn_wrong, weight)
        number[wrong] = homes.uprn[np.minimum(home[wrong] + 1, homes.count - 1)]
        held["uprn"] = pa.array(number, mask=rng.random(count) < _share(rates.uprn_missing, weight))
    return held


def _nhs(county: County, person: Array, rates: Rates, rng: np.random.Generator) -> pa.Array:
    number = county.nhs[person].copy()
    shared = some(rng, len(person), rates.nhs_shared)
    number[shared] = county.nhs[rng.integers(0, county.people.count, len(shared))]
    slipped = some(rng, len(person), rates.nhs_slip)
    place = 10 ** rng.integers(0, 7, len(slipped))
    digit = number[slipped] // place % 10
    number[slipped] += ((digit + rng.integers(1, 10, len(slipped))) % 10 - digit) * place
    return pa.array(number, mask=rng.random(len(person)) < rates.nhs_missing).cast(pa.string())


def names_of(county: County, person: Array, rates: Rates, rng: np.random.Generator) -> dict[str, pa.Array]:
    """Forename and surname of these people as written on a record."""
    forename, surname = name_words(county, person, rates, rng)
    return {"forename": forename.column(), "surname": surname.column()}


def name_words(
    county: County, person: Array, rates: Rates, rng: np.random.Generator, weight: Array | None = None
) -> tuple[Words, Words]:
    """Forename and surname with their slips, still open to further ones."""
    names, people, count = stock(), county.people, len(person)
    forename = Words(names.forenames, people.forename[person])
    forename.change(some(rng, count, rates.nickname, weight), nickname)
    forename.change(some(rng, count, rates.forename, weight), slip(rng))
    old = people.former[person]
    still = (old >= 0) & (rng.random(count) < _share(rates.former, weight))
    surname = Words(names.surnames, np.where(still, old, people.surname[person]))
    surname.change(some(rng, count, rates.surname, weight), slip(rng))
    exchange(forename, surname, some(rng, count, rates.swapped, weight))
    return forename, surname


def exchange(forename: Words, surname: Words, rows: Array) -> None:
    """Write the forename where the surname belongs, and the other way round."""
    first = [forename.values[code] for code in forename.codes[rows].tolist()]
    last = [surname.values[code] for code in surname.codes[rows].tolist()]
    forename.set(rows, last)
    surname.set(rows, first)


def birth_days(
    county: County, person: Array, rates: Rates, rng: np.random.Generator, weight: Array | None = None
) -> tuple[Array, Array]:
    """Days of birth as written on a record, and which of them are missing."""
    born = county.people.born[person].astype(np.int64)
    wrong = some(rng, len(person), rates.born_wrong, weight)
    born[wrong] = wrong_dates(born[wrong], rng)
    return born, rng.random(len(person)) < _share(rates.born_missing, weight)


def _born(county: County, person: Array, rates: Rates, rng: np.random.Generator) -> pa.Array:
    born, missing = birth_days(county, person, rates, rng)
    return pa.array(born.astype(np.int32), mask=missing).cast(pa.date32())


def _share(rate: float, weight: Array | None) -> float | Array:
    return rate if weight is None else rate * weight


def sexes(county: County, person: Array, rates: Rates, rng: np.random.Generator) -> pa.Array:
    """F, M, and U where it was not asked."""
    codes = county.people.sex[person].astype(np.int32)
    codes[some(rng, len(person), rates.sex_unknown)] = 2
    return text(pa.array(["F", "M", "U"]), codes)
