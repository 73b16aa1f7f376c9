"""I, the residents' index: what it forecasts and what it finds to go together, line by line.

Its checks of claims and its journeys await their methods; this holds the two products that have one.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from ..analyse.association_model.mixed import Slope, fit_slope
from ..analyse.association_model.report import MAIN
from ..analyse.association_model.rows import Rows, read_rows
from ..analyse.forecasting.backtest import OUTER, percentage_error
from ..analyse.forecasting.ward_report import OVERALL, Forecast, column_of, forecast
from ..county import Effects
from ..county.base import County, Part, Truth, found
from ..county.children import keep
from ..county.effects.residents import Residents
from ..county.services import SERVICES as ALL_SERVICES
from ..county.streams import stream
from ..live.rehearsal import runnable
from ..plan.steps import Fit
from .line import Line, at_least, at_most, exactly, within
from .stage import Staged, Tell, staged

PEOPLE = 120_000
PRODUCTS = ("young-children", "attainment")
_HOLDERS = ("places", "revenues", "council", "housing", "social", "schools", "children")
SERVICES = tuple(s.name for s in ALL_SERVICES if s.name.split(".")[0] in _HOLDERS)
FIRST, LAST, AHEAD = 2016, 2024, 3
PLANTED = Residents()


def prove(seed: int, seeds: int, tell: Tell) -> list[Line]:
    """Every line of the two products. `seeds` new draws of children, and of points, judge their rates."""
    with staged("residents-index", PEOPLE, seed, SERVICES, Effects(), tell, PRODUCTS) as done:
        lines = [_refused(done), *_children(done), *_attainment(done)]
        if seeds:
            county = found(PEOPLE, seed, Effects())
            lines += [*_forecasts(county, seed, seeds, tell), *_slopes(done, seed, seeds, tell)]
    return lines


def _refused(done: Staged) -> Line:
    """What has no method yet is refused by name, and what has one runs all the same."""
    known, refused = runnable(done.live)
    said = f"{len(known)} run, {len(refused)} refused in words"
    return exactly("products that run", (known, len(refused)), (PRODUCTS, 5), said)


def _table(done: Staged, product: str) -> pa.Table:
    """What a recipe's fit was given."""
    planned = done.live.plan().product(product)
    assert planned is not None
    fit = planned.result.of
    assert isinstance(fit, Fit)
    table: pa.Table = done.runner.engine.to_arrow(done.runner.values[fit.inputs[0]])
    return table


def _children(done: Staged) -> list[Line]:
    table = _table(done, "young-children")
    counted = {
        (ward, FIRST + year): sum(row[column_of(year, age)] for age in range(6))
        for row in table.to_pylist()
        for ward in (row["area"],)
        for year in range(LAST - FIRST + 1)
    }
    truth = _by_year(done.truth["ward_children"])
    planted = {key: number for key, number in truth.items() if FIRST <= key[1] <= LAST}
    finding = done.outcome.findings["young-children"]
    wards = finding.table("wards").data.to_pylist()
    there = [row["low"] <= truth[row["ward"], LAST + AHEAD] <= row["high"] for row in wards]
    total = next(r for r in finding.table("years").data.to_pylist() if r["year"] == str(LAST + AHEAD))
    true = sum(truth[row["ward"], LAST + AHEAD] for row in wards)
    whole = next(r for r in finding.table("accuracy").data.to_pylist() if r["ahead"] == OVERALL)
    return [
        exactly("children by ward and year = those planted", counted, planted, f"{len(counted)} counts"),
        within("error less than that of the last count carried forward", whole["better"], 0, 1),
        within("children in 2027, as a ratio of those to come", total["people"] / true, 0.92, 1.08),
        within("wards whose number to come is in its 80% range >= 50%", float(np.mean(there)), 0.5, 1),
    ]


def _by_year(table: pa.Table) -> dict[tuple[str, int], int]:
    return {(row["ward"], row["year"]): row["children"] for row in table.to_pylist()}


def _attainment(done: Staged) -> list[Line]:
    """Registers miss people of a home, so that the slope on what they hold is nearer nought than
    planted.
    """
    estimate = done.outcome.findings["attainment"].table("estimate").data.to_pylist()
    main = next(row for row in estimate if row["analysis"] == MAIN)
    planted = PLANTED.crowding
    asked = "released slope of points on crowding, planted -2 on the people who are there"
    return [
        within(asked, main["difference"], planted - 1.2, 0.6),
        exactly("the account holds", done.live.space.account.verify().holds, True),
    ]


def _forecasts(county: County, seed: int, seeds: int, tell: Tell) -> list[Line]:
    """New children in the same county, growing as planted and not growing at all."""
    beats = inside = judged = worse = 0
    still = replace(county, effects=replace(county.effects, residents=Residents(growth=0, spread=0)))
    for draw in range(seeds):
        tell(f"children, seed {draw + 1} of {seeds}", draw / seeds / 2)
        made, truth = _drawn(county, seed * 100_003 + draw)
        low, high = made.wards(OUTER)
        came = np.array([truth[ward, LAST + AHEAD] for ward in made.areas])
        inside += int(((low <= came) & (came <= high)).sum())
        judged += came.size
        beats += _beats(made)
        worse += not _beats(_drawn(still, seed * 100_003 + draw)[0])
    share = inside / judged
    return [
        at_least("planted growth: beats the naive forecast", beats, seeds, 0.99),
        at_least("no growth: told as no better than the last count", worse, seeds, 0.8),
        within("80% ranges of wards that hold what came", share, 0.75, 0.95),
    ]


def _beats(made: Forecast) -> bool:
    tested = made.tested
    error = percentage_error(tested.forecast, tested.actual)
    return error < percentage_error(tested.naive, tested.actual)


def _drawn(county: County, seed: int) -> tuple[Forecast, dict[tuple[str, int], int]]:
    """A register of new children through the method, and what is true of them."""
    told: dict[type, pa.Table] = {type(p): p.table for p in keep(county, stream("children", seed))}
    rows, truth = told[Part], _by_year(told[Truth])
    wards = sorted(set(county.places.ward_names))
    place = {ward: i for i, ward in enumerate(wards)}
    at = np.array([place[ward] for ward in rows["ward"].to_pylist()])
    born, since, until = (
        rows[name].cast(pa.int32()).fill_null(2**31 - 1).to_numpy() for name in ("born", "since", "until")
    )
    counts = np.zeros((len(wards), LAST - FIRST + 1, 6))
    for year in range(FIRST, LAST + 1):
        on = (date(year, 3, 31) - date(1970, 1, 1)).days
        age = np.minimum((on - born) // 365.25, 5).astype(np.int64)
        there = (since <= on) & (until > on) & (born <= on)
        np.add.at(counts, (at[there], year - FIRST, age[there]), 1)
    return forecast(wards, counts, AHEAD), truth


def _slopes(done: Staged, seed: int, seeds: int, tell: Tell) -> list[Line]:
    """New points for the same homes, with the planted slope and with none, through the recipe's own fit."""
    planted, rows = PLANTED, read_rows(_table(done, "attainment"), ["bedrooms"], 60)
    covers = wrong = 0
    for draw in range(seeds):
        tell(f"points, seed {draw + 1} of {seeds}", 0.5 + draw / seeds / 2)
        rng = stream("points", seed * 100_003 + draw)
        effect = _refit(rows, planted, rng)
        covers += effect.low <= planted.crowding <= effect.high
        wrong += _refit(rows, replace(planted, crowding=0.0), rng).p < 0.05
    return [
        at_least("planted slope in its 95% interval", covers, seeds, 0.95),
        at_most("planted null significant in <= 8%", wrong, seeds, 0.08),
    ]


def _refit(rows: Rows, planted: Residents, rng: Any) -> Slope:
    assert rows.cluster is not None
    homes = rng.normal(0, planted.home, int(rows.cluster.max()) + 1)[rows.cluster]
    mean = planted.crowding * rows.factor + planted.bedroom * rows.matrix[:, 0] + homes
    points = np.clip(np.rint(101.5 + mean + rng.normal(0, 7, len(mean))), 80, 120)
    return fit_slope(points, np.column_stack([rows.factor, rows.matrix]), rows.cluster)
