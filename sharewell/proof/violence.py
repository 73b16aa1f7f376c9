"""6, tackling violence: its acceptance, line by line."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ..analyse.places.gathering import false_discovery, gi_star_grid, upper_tail
from ..analyse.places.gazetteer import recognise
from ..analyse.places.grid import lay, offsets
from ..analyse.places.hot_map import Map, draw_map
from ..analyse.places.reporting import Events, estimate, match
from ..analyse.places.seen import read_seen
from ..check.intruder.log import Log, Recoding, knowledge_of
from ..check.intruder.play import play
from ..check.microdata.hierarchy import Bands, Generalisation, Prefixes, Suppressible
from ..county import Effects
from ..county.base import County, found
from ..county.effects.violence import Violence
from ..county.streams import stream
from ..county.venues import Places, lay_places
from ..county.violence import Assaults, happen
from ..plan.steps import Fit
from .line import Line, at_least, at_most, exactly, within
from .stage import Staged, Tell, staged

PEOPLE = 20_000
SERVICES = ("violence",)
CELL, REACH, CHANCE = 250.0, 375.0, 0.05
DAYS, HOURS = 1, 6
Bools = NDArray[np.bool_]


def prove(seed: int, seeds: int, tell: Tell) -> list[Line]:
    """Every line of 6. `seeds` new draws of places and assaults judge its rates."""
    with staged("tackling-violence", PEOPLE, seed, SERVICES, Effects(), tell) as done:
        lines = [*_spots(done), *_placed(done), _reporting(done), *_attack(done), _account(done)]
    return [*lines, *_rates(seed, seeds, tell)] if seeds else lines


def _map(done: Staged, product: str) -> Map:
    """The map of a product, drawn again from the rows that it was fitted to."""
    planned = next(p for p in done.runner.plan.products if p.name == product)
    fit = planned.result.of
    assert isinstance(fit, Fit)
    params = fit.parameters.plain()
    return draw_map(read_seen(done.runner.engine.to_arrow(done.runner.values[fit.of]), params), params)


def _spots(done: Staged) -> list[Line]:
    hospital, police = _found(done, "hot-spots"), _found(done, "hot-spots-recorded")
    hidden = Violence().hidden
    return [
        exactly("planted hot spots that A&E finds, of 5", int(hospital.sum()), Violence().spots),
        exactly("hidden spots that police data find", int(police[:hidden].sum()), 0),
        exactly("other spots that police data find", int(police[hidden:].sum()), Violence().spots - hidden),
    ]


def _found(done: Staged, product: str) -> Bools:
    """By planted spot: whether a cell that holds a place of it is hot."""
    drawn, places = _map(done, product), done.truth["places"]
    row, column = drawn.grid.cell(*(places[name].to_numpy() for name in ("easting", "northing")))
    return _hit(places["spot"].fill_null(-1).to_numpy(), drawn.hot[row, column])


def _hit(spot: NDArray[np.int64], hot: Bools) -> Bools:
    return np.array([bool(hot[spot == number].any()) for number in range(Violence().spots)])


def _placed(done: Staged) -> list[Line]:
    """Descriptions against the place that was truly meant."""
    assaults, truth = _read(done, "acute/assaults"), done.truth["assaults"]
    said = assaults["place"].to_pylist()
    meant = dict(zip(truth["record"].to_pylist(), truth["venue"].to_pylist(), strict=True))
    codes = _codes(done, said)
    pairs = [
        (code, meant[record]) for code, record in zip(codes, assaults["record"].to_pylist(), strict=True)
    ]
    held = [code == true for code, true in pairs if code is not None]
    given = sum(text is not None for text in said)
    wrong = 1 - sum(held) / len(held)
    known = len(held) / given
    return [
        within("described places put at another place <= 0.5%", wrong, 0, 0.005),
        within("described places recognised >= 85%", known, 0.85, 1),
    ]


def _codes(done: Staged, said: list[str | None]) -> list[str | None]:
    venues = _read(done, "places/venues").sort_by("name")
    codes = venues["venue"].to_pylist()
    found = recognise(said, venues["name"].to_pylist(), codes)
    return [codes[row] if row >= 0 else None for row in found.row.tolist()]


def _read(done: Staged, asset: str) -> pa.Table:
    return pq.read_table(done.folder / "data" / f"{asset}.parquet")


def _reporting(done: Staged) -> Line:
    truth = done.truth["assaults"]
    share = 1 - truth["crime"].null_count / truth.num_rows
    rows = done.outcome.findings["reporting"].table("by-place-type").data.to_pylist()
    told = next(row["share"] for row in rows if row["place_type"] == "All")
    return within(
        f"reporting share within 2 points of the true {share:.4f}", told, share - 0.02, share + 0.02
    )


def _attack(done: Staged) -> list[Line]:
    """The police log on the rows that left, each record with its true row, against the risk that was
    stated."""
    told = done.outcome.attacked["incidents"]
    released = done.outcome.checked["incidents"].data
    log, about = _log(done)
    whole = pq.read_schema(done.outcome.lists["incidents"] / "incidents.parquet")
    assert whole.names == released.column_names
    step = next(p for p in done.runner.plan.products if p.name == "incidents").result
    levels = {name: _level(released, name) for name in released.column_names}
    made: dict[str, Generalisation] = {
        "weekday": Suppressible(),
        "hour": Bands((6, 12)),
        "place_type": Suppressible(),
        "place_code": Prefixes((1,)),
    }
    assert set(step.parameters.get("quasi")) == set(made)
    knowledge = knowledge_of(log, released, Recoding(made, levels), ["method"], about)
    played = play(released, name="truth", on=told.on, knowledge=knowledge, tries=len(about))
    stated = {(a.how, a.knowledge): a for a in told.attempts if a.attack == "linkability"}
    lines = []
    for attempt in played.attempts:
        if attempt.attack != "linkability":
            continue
        high = stated[attempt.how, attempt.knowledge].interval[1]
        asked = f"{attempt.how}: the true success is no more than the {high:.2%} stated on the release"
        lines.append(within(asked, attempt.rate, 0, high, "{:.4%}"))
    return lines


def _level(released: pa.Table, name: str) -> int:
    """The level at which a column was released, read off what it shows."""
    shown = set(released[name].to_pylist()) - {None}
    if shown == {"*"}:
        return {"hour": 3, "place_code": 2}.get(name, 1)
    if name == "hour" and any("-" in str(value) for value in shown):
        return 2 if "0-11" in shown else 1
    return 1 if name == "place_code" and all(len(value) == 1 for value in shown) else 0


def _log(done: Staged) -> tuple[Log, NDArray[np.int64]]:
    """The files as the recipient and the hospital hold them, and which record is truly about which row."""
    rows = _columns(done, _read(done, "acute/assaults"), "assaulted", "method")
    few = {v["values"] for v in pc.value_counts(rows["method"]).to_pylist() if v["counts"] < 5}
    method = [None if value in few else value for value in rows["method"].to_pylist()]
    rows = rows.set_column(rows.column_names.index("method"), "method", pa.array(method, pa.string()))
    records = _columns(done, _read(done, "police/violence"), "occurred", "weapon")
    crime = {crime: row for row, crime in enumerate(_crimes(done)) if crime is not None}
    about = np.array(
        [crime.get(number, -1) for number in _read(done, "police/violence")["record"].to_pylist()]
    )
    compared = ("weekday", "hour", "method", "place_type", "place_code")
    return Log("the police log", records, rows, compared, "place_code", "day", "hour", DAYS, HOURS), about


def _crimes(done: Staged) -> list[int | None]:
    truth = done.truth["assaults"]
    crimes = dict(zip(truth["record"].to_pylist(), truth["crime"].to_pylist(), strict=True))
    return [crimes[record] for record in _read(done, "acute/assaults")["record"].to_pylist()]


def _columns(done: Staged, table: pa.Table, at: str, method: str) -> pa.Table:
    when = table[at]
    return pa.table(
        {
            "day": when.cast(pa.date32()),
            "weekday": pc.day_of_week(when, count_from_zero=False),
            "hour": pc.hour(when),
            "method": table[method],
            "place_type": table["place_type"],
            "place_code": pa.array(_codes(done, table["place"].to_pylist()), pa.string()),
        }
    )


def _account(done: Staged) -> Line:
    return exactly("the account holds", done.live.space.account.verify().holds, True)


def _rates(seed: int, seeds: int, tell: Tell) -> list[Line]:
    """New towns, places, spots and assaults in each draw."""
    effects, county = Violence(), found(PEOPLE, seed, Effects())
    all_found = hidden_found = near = 0
    for draw in range(seeds):
        tell(f"seed {draw + 1} of {seeds}", draw / seeds)
        random = stream("violence", seed * 100_003 + draw)
        places, happened, named = _draw(county, effects, random)
        hospital = _simulated(places, happened, happened.treated & named)
        police = _simulated(places, happened, happened.recorded)
        all_found += bool(hospital.all())
        hidden_found += bool(police[: effects.hidden].any())
        near += abs(_share(happened, named) - happened.recorded[happened.treated].mean()) <= 0.02
    return [
        at_least("A&E finds 5 of 5 in 99 of 100", all_found, seeds, 0.99),
        at_most("police data find a hidden spot in <= 5% of seeds", hidden_found, seeds, 0.05),
        at_least("reporting share within 2 points in 99 of 100", near, seeds, 0.99),
    ]


def _draw(county: County, effects: Violence, random: np.random.Generator) -> tuple[Places, Assaults, Bools]:
    """What happened, and which of it a gazetteer could place."""
    places = lay_places(county, effects, random)
    happened = happen(places, effects, random)
    named = random.random(len(happened.place)) >= effects.unasked + effects.elsewhere
    return places, happened, named


def _simulated(places: Places, happened: Assaults, chosen: Bools) -> Bools:
    grid = lay(places.east, places.north, CELL, REACH)
    at = happened.place[chosen]
    z = gi_star_grid(grid.count(places.east[at], places.north[at]), grid.ground, offsets(CELL, REACH))
    hot = false_discovery(upper_tail(z.ravel())).reshape(z.shape) <= CHANCE
    row, column = grid.cell(places.east, places.north)
    return _hit(places.spot, hot[row, column])


def _share(happened: Assaults, named: Bools) -> float:
    treated, recorded = happened.treated, happened.recorded
    day, hour = happened.hour // 24, happened.hour % 24
    mine = Events(np.where(named[treated], happened.place[treated], -1), day[treated], hour[treated])
    theirs = Events(happened.place[recorded], day[recorded], hour[recorded])
    return estimate(match(mine, theirs, days=DAYS, hours=HOURS)).share
