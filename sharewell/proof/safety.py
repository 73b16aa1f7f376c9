"""III, community safety: its acceptance, line by line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ..analyse.places.density import foretell
from ..analyse.places.hot_map import Map, draw_map
from ..analyse.places.repeats import count_repeats
from ..analyse.places.seen import Seen, read_seen
from ..county import Effects
from ..county.base import County, found
from ..county.effects.safety import HARM, VOLUME, Safety
from ..county.incidents import NOW, happen, spot_points
from ..county.streams import stream
from ..depersonalise import key_column
from ..describe import admit
from ..plan.steps import Fit
from .line import Line, at_least, exactly, within
from .stage import Staged, Tell, staged

PEOPLE = 100_000
SERVICES = ("places", "safety", "offending")
HOST = "northshire-insight"
ASSET = "acute.harm_admissions"
INWARD = "QN4 0PT"
Bools = NDArray[np.bool_]


def prove(seed: int, seeds: int, tell: Tell) -> list[Line]:
    """Every line of III. `seeds` new draws of incidents judge its rates."""
    county = found(PEOPLE, seed, Effects())
    with staged("community-safety", PEOPLE, seed, SERVICES, Effects(), tell) as done:
        seen, params = _seen(done)
        lines = [
            *_inward(done),
            *_spots(done, county, seen, params),
            *_harm(done),
            _repeats(done),
            _account(done),
        ]
    return [*lines, *_rates(county, seed, seeds, params, tell)] if seeds else lines


def _inward(done: Staged) -> list[Line]:
    """A row with a whole postcode, among the hospital's own: it stays out, and the rest come in."""
    contract = done.runner.space.contracts[ASSET]
    rows = pq.read_table(done.folder / contract.server.path)
    whole = pa.array([INWARD, *rows["outward"].to_pylist()[1:]])
    tampered = rows.set_column(rows.column_names.index("outward"), "outward", whole)
    with TemporaryDirectory() as folder:
        path = Path(folder) / contract.server.path
        path.parent.mkdir(parents=True)
        pq.write_table(tampered, path)
        with duckdb.connect() as con:
            admitted = admit(con, contract, Path(folder), admitted="kept", quarantined="held")
            left = con.sql("SELECT count(*) FROM kept WHERE contains(outward, ' ')").fetchall()[0][0]
    return [
        exactly("rows with an inward postcode set aside by the schema", admitted.held, 1),
        exactly("inward postcodes among the rows admitted", left, 0),
    ]


def _seen(done: Staged) -> tuple[Seen, dict[str, Any]]:
    planned = next(p for p in done.runner.plan.products if p.name == "hot-spots")
    fit = planned.result.of
    assert isinstance(fit, Fit)
    params = fit.parameters.plain()
    return read_seen(done.runner.engine.to_arrow(done.runner.values[fit.of]), params), params


def _spots(done: Staged, county: County, seen: Seen, params: dict[str, Any]) -> list[Line]:
    drawn = draw_map(seen, params)
    told = done.outcome.findings["hot-spots"].table("foretold").data.to_pylist()[0]
    true = _true_index(county, drawn, stream("truth", county.seed))
    asked = f"PAI on the span held out within 10% of the planted {true:.2f}"
    return [
        exactly("planted hot spots recovered", int(_recovered(county, drawn).sum()), Safety().spots),
        within(asked, told["accuracy_index"], 0.9 * true, 1.1 * true),
    ]


def _recovered(county: County, drawn: Map) -> Bools:
    east, north, _ = (np.array(part, float) for part in zip(*spot_points(county, Safety()), strict=True))
    row, column = drawn.grid.cell(east, north)
    return drawn.hot[row, column]


def _true_index(county: County, drawn: Map, random: np.random.Generator) -> float:
    """The index of this map under the planted intensities, from many times the county's incidents."""
    happened = happen(county, replace(Safety(), rate=Safety().rate * 5), random)
    chosen = np.array(happened.kinds)[happened.kind] != "deliberate fire"
    later = drawn.grid.count(happened.east[chosen].astype(float), happened.north[chosen].astype(float))
    return foretell(drawn.hot, drawn.grid.ground, later).index


def _harm(done: Staged) -> list[Line]:
    """The order by volume and that by harm, each exactly as planted."""
    rows = done.outcome.findings["assessment"].table("priorities").data.to_pylist()
    by_volume = [row["kind"] for row in sorted(rows, key=lambda row: int(row["place_by_volume"]))]
    by_harm = [row["kind"] for row in sorted(rows, key=lambda row: int(row["place_by_harm"]))]
    planted = {kind: VOLUME[kind] * HARM[kind] for kind in HARM}
    volume = sorted(HARM, key=lambda kind: -VOLUME[kind])
    harm = sorted(HARM, key=lambda kind: -planted[kind])
    return [
        exactly("order by volume as planted", by_volume, volume, ", ".join(by_volume[:3])),
        exactly("order by harm as planted", by_harm, harm, ", ".join(by_harm[:3])),
    ]


def _repeats(done: Staged) -> Line:
    """Of homes truly hit again within the year, those found again by their linked key."""
    truth = done.truth["incidents"]
    inside = pc.and_(pc.greater_equal(truth["date"], NOW[0]), pc.is_valid(truth["household_id"]))
    held = truth.filter(inside)
    keys = key_column(held["local_id"], done.runner.key_secret, "record:crimes")
    index = next(t for t in done.held_at(HOST).values() if t.column_names == ["record", "home"])
    joined = pa.table({"record": keys, "true": held["household_id"], "day": held["date"].cast(pa.int32())})
    joined = joined.join(index, keys="record", join_type="left outer")
    day = joined["day"].to_numpy()
    true = joined["true"].to_numpy()
    home = np.array(
        [f"none {i}" if key is None else key for i, key in enumerate(joined["home"].to_pylist())]
    )
    victims = count_repeats(true, day, 365)
    again = set(victims.places[victims.again].tolist())
    numbers = np.unique(home, return_inverse=True)[1]
    found_again = count_repeats(numbers, day, 365)
    hit = set(found_again.places[found_again.again].tolist())
    caught = {
        person for person, number in zip(true.tolist(), numbers.tolist(), strict=True) if number in hit
    }
    return within(
        f"repeat victims found, of {len(again):,}: recall >= 95%", len(again & caught) / len(again), 0.95, 1
    )


def _account(done: Staged) -> Line:
    return exactly("the account holds", done.live.space.account.verify().holds, True)


def _rates(county: County, seed: int, seeds: int, params: dict[str, Any], tell: Tell) -> list[Line]:
    """New incidents in each draw, through the same map."""
    recovered = near = 0
    for draw in range(seeds):
        tell(f"seed {draw + 1} of {seeds}", draw / seeds)
        random = stream("safety", seed * 100_003 + draw)
        seen = _drawn(county, params, random)
        drawn = draw_map(seen, params)
        later = drawn.grid.count(seen.east[seen.later], seen.north[seen.later])
        index = foretell(drawn.hot, drawn.grid.ground, later).index
        true = _true_index(county, drawn, random)
        recovered += bool(_recovered(county, drawn).all())
        near += abs(index / true - 1) <= 0.1
    return [
        at_least("all planted hot spots recovered in 99 of 100", recovered, seeds, 0.99),
        at_least("PAI within 10% of the planted in 99 of 100", near, seeds, 0.99),
    ]


def _drawn(county: County, params: dict[str, Any], random: np.random.Generator) -> Seen:
    """The rows of a map as the recipe reads them, from a new draw."""
    happened = happen(county, Safety(), random)
    kept = np.array(happened.kinds)[happened.kind] != "deliberate fire"
    east, north, day = (
        happened.east[kept].astype(float),
        happened.north[kept].astype(float),
        happened.day[kept],
    )
    later = day >= np.datetime64(params["hold_out_from"], "D").astype(np.int64)
    none = np.full(len(east), -1, np.int64)
    nothing = np.zeros(0)
    told = np.ones(len(east), bool)
    return Seen(east, north, none, none, [""] * len(east), told, later, nothing, nothing, [], {}, False)
