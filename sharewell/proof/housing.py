"""5, housing regeneration and health: its acceptance, line by line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..analyse.within_person.effect import Analysis, analyse
from ..analyse.within_person.preparing import CHANGES, COLUMNS, EVENTS, PEOPLE
from ..analyse.within_person.study import read_study
from ..county import Effects
from ..county.base import County, found
from ..county.effects.works import WORKS, Works
from ..county.streams import stream
from ..county.works.care import Lives, draw_care, lead_lives
from ..county.works.keeping import ADMISSIONS
from ..county.works.programme import MONTHS, NEVER, STARTS, Programme, is_older, plan_works
from ..plan.recipe import Params
from ..plan.schema import Type
from ..plan.steps import Fit, Transfer
from .line import Line, at_least, at_most, exactly, within
from .stage import Staged, Tell, staged

PEOPLE_BUILT = 200_000
OLDER = 7_054
SERVICES = ("gp", "acute", "works")
PRODUCT = "emergency-admissions"
HOST, LINKER = "northshire-insight", "northshire-linker"
PROVIDERS = ("northshire-gp", "northshire-acute", "northshire-council", "northshire-housing")
LEAST, MOST = 0.53, 0.72
_ARROW = {Type.TEXT: pa.string(), Type.DATE: pa.date32(), Type.INTEGER: pa.int64()}


def prove(seed: int, seeds: int, tell: Tell) -> list[Line]:
    """Every line of 5. `seeds` new draws of admissions judge its rates."""
    effects = Effects(works=Works(older=OLDER))
    with staged("housing-and-health", PEOPLE_BUILT, seed, SERVICES, effects, tell) as done:
        lines = [_planted(done), *_effect(done), *folders(done), _account(done)]
        if seeds:
            lines += _rates(_params(done), seed, seeds, effects, tell)
    return lines


def _planted(done: Staged) -> Line:
    truth = done.truth["works"]
    older = pc.sum(pc.and_(truth["older"], truth["improved"])).as_py()
    return exactly("people aged 60 or over in improved homes", older, OLDER)


def _effect(done: Staged) -> list[Line]:
    finding = done.outcome.findings[PRODUCT]
    ratios = {row["change"]: row for row in finding.table("ratios").data.to_pylist()}
    flow = {(row["group"], row["stage"]): row["number"] for row in finding.table("flow").data.to_pylist()}
    electrics = ratios["electrics"]
    inside = electrics["low"] <= 0.61 <= electrics["high"]
    span = f"{electrics['low']:.3f} to {electrics['high']:.3f}"
    second = {
        row["change"]: row["rate_ratio"]
        for row in finding.table("models").data.to_pylist()
        if row["analysis"].startswith("Negative binomial")
    }
    return [
        within("electrics, planted 0.61: estimate in [0.53, 0.72]", electrics["rate_ratio"], LEAST, MOST),
        exactly("electrics: the 95% interval covers 0.61", inside, True, span),
        within("electrics by the negative binomial model", second["electrics"], LEAST, MOST),
        within(
            "share of them who are linked to their home and looked at >= 95%",
            flow["People in changed homes", "Looked at"] / OLDER, 0.95, 1.05,
        ),
    ]  # fmt: skip


def folders(done: Staged) -> list[Line]:
    """What each role's folder holds: the host no identity, the third party no content, others their own."""
    truth = done.truth
    addresses = {*truth["homes"]["address"].to_pylist(), *truth["homes"]["postcode"].to_pylist()}
    addresses |= {str(uprn) for uprn in truth["homes"]["uprn"].to_pylist()}
    persons = {*truth["people"]["nhs_number"].to_pylist(), *truth["links"]["local_id"].to_pylist()}
    host, linker = done.held_at(HOST), done.held_at(LINKER)
    births = [column for name, column in _columns(host) if name == "born"]
    days = sum(pc.sum(pc.not_equal(pc.day_of_week(column), 0)).as_py() or 0 for column in births)
    sent = _sent_to(done, LINKER)
    told = sorted(sent & CONTENT)
    return [
        exactly(
            "addresses, postcodes or property numbers at the analysts' place", _found(host, addresses), 0
        ),
        exactly("NHS or local numbers at the analysts' place", _found(host, persons), 0),
        exactly("births at the analysts' place that are not a Monday", days, 0),
        exactly("a birth is there at all, as a week", bool(births), True),
        exactly("columns of content sent to the third party", told, [], ", ".join(told) or "none"),
        exactly("the third party was sent names and addresses", {"surname", "address"} <= sent, True),
        exactly("tables left at the third party's place after the run", len(linker), 0),
        *_each_its_own(done),
    ]


CONTENT = {"date", "point_of_care", "died", "work", "completed", "area", "registered_on", "number", "month"}
"""Columns of content in the agreement: what happened to somebody or to a home, and when."""


def _sent_to(done: Staged, place: str) -> set[str]:
    """Columns of every table that the plan takes to a place, which is all that a place can be given."""
    steps = {step for product in done.live.plan().products for step in product.steps}
    moves = [step for step in steps if isinstance(step, Transfer) and step.shape.place == place]
    return {name for step in moves for name in step.shape.schema.names}


def _each_its_own(done: Staged) -> Iterator[Line]:
    """No provider of care or of homes is handed anything back that another sent."""
    for place in PROVIDERS:
        names = {name for name, _ in _columns(done.held_at(place))}
        strange = sorted(names & {"work", "completed"}) if place != "northshire-housing" else sorted(
            names & {"nhs_number", "born", "died", "date", "point_of_care"}
        )  # fmt: skip
        said = ", ".join(strange) or "none"
        yield exactly(f"columns of others at {place}", strange, [], said)


def _columns(tables: dict[str, pa.Table]) -> Iterator[tuple[str, pa.ChunkedArray]]:
    for table in tables.values():
        yield from zip(table.column_names, table.columns, strict=True)


def _found(tables: dict[str, pa.Table], secret: set[str]) -> int:
    found = 0
    for _, column in _columns(tables):
        if pa.types.is_string(column.type) or pa.types.is_integer(column.type):
            found += len(secret.intersection(map(str, pc.unique(column).to_pylist())))
    return found


def _account(done: Staged) -> Line:
    return exactly("the account holds", done.live.space.account.verify().holds, True)


def _params(done: Staged) -> Params:
    planned = done.live.plan().product(PRODUCT)
    assert planned is not None
    assert isinstance(planned.result.of, Fit)
    return planned.result.of.parameters.plain()


def _rates(params: Params, seed: int, seeds: int, effects: Effects, tell: Tell) -> list[Line]:
    """New draws of admissions on the same people, homes and works, through the recipe's own analysis."""
    near = covers = wrong = early = 0
    drawn = redraw(params, seed, effects)
    for draw in range(seeds):
        tell(f"seed {draw + 1} of {seeds}", draw / seeds)
        ratios = {ratio.change: ratio for ratio in drawn(draw).ratios}
        electrics, kitchen = ratios["electrics"], ratios["kitchen"]
        near += LEAST <= electrics.value <= MOST
        covers += electrics.low <= 0.61 <= electrics.high
        wrong += kitchen.p < 0.05
        early += ratios["bathroom"].p < 0.05
    return [
        at_least("electrics in [0.53, 0.72] in 99 of 100", near, seeds, 0.99),
        at_least("electrics: the 95% interval covers 0.61 at its nominal rate", covers, seeds, 0.95),
        at_most("planted null, kitchens: significant in <= 8% of seeds", wrong, seeds, 0.08),
        at_most("planted null, bathrooms: significant in <= 8% of seeds", early, seeds, 0.08),
    ]


def redraw(
    params: Params, seed: int, effects: Effects, people: int = PEOPLE_BUILT
) -> Callable[[int], Analysis]:
    """The analysis of a draw, by its number, of the older people of a county and the works done there."""
    county = found(people, seed, effects)
    programme = plan_works(county, stream("works", seed))
    lives = lead_lives(county, np.zeros(people, np.int64), stream("works, lives", seed))
    held = pa.concat_tables([_people(county, lives), _changes(programme)])

    def drawn(draw: int) -> Analysis:
        events = _events(county, lives, programme, stream("works, care", seed * 100_003 + draw))
        return analyse(read_study(pa.concat_tables([held, events]), params), params)

    return drawn


def _people(county: County, lives: Lives) -> pa.Table:
    ids = np.flatnonzero(is_older(county))
    return _part(
        PEOPLE,
        len(ids),
        person=_keys(ids),
        home=_keys(county.home[ids]),
        born=_dates(county.people.born[ids]),
        since=_dates(np.maximum(lives.moved[ids], lives.begin[ids])),
        region=pa.array(county.area[ids]),
        sex=pa.array(np.where(county.people.sex[ids] == 1, "M", "F")),
    )


def _changes(programme: Programme) -> pa.Table:
    home, kind = np.nonzero(programme.month < NEVER)
    return _part(
        CHANGES,
        len(home),
        home=_keys(home),
        kind=pa.array(np.array(WORKS)[kind]),
        changed=_dates(STARTS.astype(np.int64)[programme.month[home, kind]]),
        number=pa.array(np.ones(len(home), np.int64)),
    )


def _events(county: County, lives: Lives, programme: Programme, rng: np.random.Generator) -> pa.Table:
    care = draw_care(county, lives, programme, ADMISSIONS, county.effects.works.admissions, rng)
    rows = is_older(county)[care.person]
    month = np.searchsorted(STARTS.astype(np.int64), care.day[rows], side="right") - 1
    cell, number = np.unique(care.person[rows].astype(np.int64) * MONTHS + month, return_counts=True)
    first = STARTS[0].astype(dt.date)
    return _part(
        EVENTS,
        len(cell),
        person=_keys(cell // MONTHS),
        month=pa.array(cell % MONTHS + first.year * 12 + first.month - 1),
        number=pa.array(number),
    )


def _part(part: str, rows: int, **columns: Any) -> pa.Table:
    held = {"part": pa.array([part] * rows), **columns}
    return pa.table(
        {
            name: held[name].cast(_ARROW[kind]) if name in held else pa.nulls(rows, _ARROW[kind])
            for name, kind in COLUMNS.items()
        }
    )


def _keys(numbers: Any) -> pa.Array:
    return pc.utf8_lpad(pa.array(numbers).cast(pa.string()), 9, "0")


def _dates(days: Any) -> pa.Array:
    return pa.array(np.asarray(days).astype(np.int32)).cast(pa.date32())
