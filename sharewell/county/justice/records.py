"""The ministry's extract and the charity's list, and what is true of both."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import pyarrow as pa

from ..base import County, Part, Truth
from ..effects.justice import Justice
from ..events import coded, dated, days
from ..records import numbers
from ..streams import Array
from .identities import CHARITY, POLICE, draw_identities, written
from .programme import exactly, join, with_programme
from .reoffending import FOLLOW, offend
from .sentenced import DISPOSALS, NEEDS, OFFENCES, REGIONS, Sentenced, draw_sentenced

WINDOW = (date(2021, 1, 1), date(2022, 1, 1))
"""Half-open: the year of the index sentences."""

_OUTSIDE, _AGAIN, _BEFORE = 0.12, 0.05, 0.7
"""People whose only sentences lie outside the window; with a second one in it; mean number before it."""
_SOON = 29
"""The programme begins within four weeks of the index sentence."""


def keep(county: County, rng: np.random.Generator) -> Iterator[Part | Truth]:
    """Every table of both bodies, from one draw of the sentenced."""
    effects = county.effects.justice
    count = effects.sentenced if effects.sentenced is not None else round(0.6 * county.people.count)
    people = draw_sentenced(count, effects.rate, rng)
    outside = rng.random(count) < _OUTSIDE
    index = rng.integers(days(WINDOW[0]), days(WINDOW[1]), count)
    index[outside] -= rng.integers(366, 900, int(outside.sum()))
    listed = _listed(people, outside, effects, rng)
    treated = np.zeros(count, bool)
    treated[listed.eligible] = True
    reoffends = rng.random(count) < people.chance
    changed = with_programme(people.chance[treated], effects)
    many = round(float(changed.sum())) if effects.reoffenders is None else effects.reoffenders
    reoffends[treated] = exactly(changed, many, rng)
    local_id = numbers("D", count)
    identities = draw_identities(people.age, people.male, index, rng)
    yield Part("justice.offenders", pa.table(written(identities, local_id, POLICE, rng)))
    yield Part("justice.sentences", _sentences(people, local_id, index, outside | treated, rng))
    yield Part("justice.offences", _offences(people, local_id, index, reoffends, rng))
    yield Part("justice.needs", _needs(people, local_id, index, rng))
    yield Part("justice.employment", _employment(people, local_id, rng))
    order = rng.permutation(len(listed.rows) + listed.strangers)
    began = np.concatenate(
        (index[listed.rows], rng.integers(days(WINDOW[0]), days(WINDOW[1]), listed.strangers))
    )
    began += rng.integers(0, _SOON, len(began))
    unknown = draw_identities(
        rng.integers(18, 60, listed.strangers), rng.random(listed.strangers) < 0.8,
        began[len(listed.rows) :], rng,
    )  # fmt: skip
    listed_id = numbers("Q", len(order))
    everyone = identities.taken(listed.rows).and_(unknown).taken(order)
    columns = written(everyone, listed_id, CHARITY, rng)
    blank = rng.random(len(order))
    columns["began"] = dated(began[order])
    columns["index_on"] = pa.array((began[order] - 7).astype(np.int32), mask=blank < 0.4).cast(pa.date32())
    columns["convicted_on"] = pa.array((began[order] - 90).astype(np.int32), mask=blank > 0.3).cast(
        pa.date32()
    )
    yield Part("charity.participants", pa.table(columns))
    yield Truth("sentenced", _truth(people, local_id, index, outside, treated, reoffends))
    truly = np.append(listed.rows, np.full(listed.strangers, -1))[order]
    offender = local_id.take(pa.array(truly, mask=truly < 0))
    yield Truth("participants", pa.table({"local_id": listed_id, "offender": offender}))


class _Listed:
    """Whom the charity lists: people with a record, by row, and how many strangers to it."""

    def __init__(self, eligible: Array, others: Array, strangers: int) -> None:
        self.eligible, self.strangers = eligible, strangers
        self.rows = np.concatenate((eligible, others))


def _listed(people: Sentenced, outside: Array, effects: Justice, rng: np.random.Generator) -> _Listed:
    sent = effects.sent if effects.sent is not None else round(0.02 * people.count)
    known = round(sent * effects.on_record)
    eligible = round(known * effects.eligible)
    among = np.flatnonzero(~outside)
    chosen = join(people, among, eligible, effects.like, rng)
    others = rng.permutation(np.flatnonzero(outside))[: known - eligible]
    return _Listed(chosen, others, sent - known)


def _sentences(
    people: Sentenced, local_id: pa.Array, index: Array, once: Array, rng: np.random.Generator
) -> pa.Table:
    """The index sentence of each, some earlier ones, and a second in the window for a few of the others."""
    count = people.count
    again = np.flatnonzero((rng.random(count) < _AGAIN) & ~once)
    again = again[index[again] + 60 < days(WINDOW[1])]
    earlier = np.repeat(np.arange(count), np.minimum(rng.poisson(_BEFORE, count), people.prior_offences))
    who = np.concatenate((np.arange(count), again, earlier))
    main = len(who) - len(earlier)
    day = index[who]
    day[count:main] += 60
    gap = rng.integers(400, 2_000, len(earlier))
    day[main:] -= gap
    back = np.zeros(len(who), np.int32)
    back[main:] = gap // 365
    least = people.first_age[who]
    values = {
        "age": np.maximum(people.age[who] - back, least),
        "first_age": least,
        "prior_offences": people.prior_offences[who] - (back > 0),
        "prior_custody": np.minimum(people.prior_custody[who], people.prior_offences[who] - (back > 0)),
    }
    order = rng.permutation(len(who))
    disposal, offence = people.disposal[who], people.offence[who]
    return pa.table(
        {
            "record": pa.array(np.arange(1, len(who) + 1)),
            "local_id": local_id.take(pa.array(who[order])),
            "index_on": dated(day[order]),
            "disposal": coded(DISPOSALS, disposal[order]),
            "offence": coded(OFFENCES, offence[order]),
            "region": coded(REGIONS, people.region[who][order]),
            **{name: pa.array(column[order].astype(np.int32)) for name, column in values.items()},
        }
    )


def _offences(
    people: Sentenced, local_id: pa.Array, index: Array, reoffends: Array, rng: np.random.Generator
) -> pa.Table:
    found = offend(reoffends, rng)
    order = rng.permutation(len(found.person))
    who = found.person[order]
    return pa.table(
        {
            "record": pa.array(np.arange(1, len(who) + 1)),
            "local_id": local_id.take(pa.array(who)),
            "committed": dated(index[who] + found.committed[order]),
            "proven": dated(index[who] + found.proven[order]),
            "offence": coded(OFFENCES, people.offence[who]),
        }
    )


def _needs(people: Sentenced, local_id: pa.Array, index: Array, rng: np.random.Generator) -> pa.Table:
    who = rng.permutation(np.flatnonzero(people.assessed))
    return pa.table(
        {
            "record": pa.array(np.arange(1, len(who) + 1)),
            "local_id": local_id.take(pa.array(who)),
            "assessed": dated(index[who] - rng.integers(1, 60, len(who))),
            **{name: pa.array(people.needs[who, i]) for i, name in enumerate(NEEDS)},
        }
    )


def _employment(people: Sentenced, local_id: pa.Array, rng: np.random.Generator) -> pa.Table:
    """The tax year before the window, which bears on reoffending, and the one before, which does not."""
    who = np.tile(np.arange(people.count), 2)
    old = np.arange(len(who)) >= people.count
    return pa.table(
        {
            "record": pa.array(np.arange(1, len(who) + 1)),
            "local_id": local_id.take(pa.array(who)),
            "year": pa.array(np.where(old, 2019, 2020).astype(np.int32)),
            "employed": pa.array(people.worked[who] ^ (old & (rng.random(len(who)) < 0.3))),
            "benefit": pa.array(people.benefits[who] ^ (old & (rng.random(len(who)) < 0.3))),
        }
    )


def _truth(
    people: Sentenced, local_id: pa.Array, index: Array, outside: Array, treated: Array, reoffends: Array
) -> pa.Table:
    return pa.table(
        {
            "local_id": local_id,
            "index_on": dated(index),
            "in_window": ~outside,
            "treated": treated,
            "chance": people.chance,
            "reoffends": reoffends,
            "follow_days": np.full(people.count, FOLLOW),
        }
    )
