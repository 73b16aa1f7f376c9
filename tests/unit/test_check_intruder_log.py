"""A recipient's own log held against released rows: which are one event, and what it tells."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pyarrow as pa

from sharewell.check.intruder.linkability import link
from sharewell.check.intruder.log import Log, Recoding, knowledge_of, same_events
from sharewell.check.microdata.hierarchy import Bands, Suppressible

DAY = dt.date(2024, 3, 1)


def rows(*told: tuple[str | None, int, int | None, str]) -> pa.Table:
    place, day, hour, method = zip(*told, strict=True)
    return pa.table(
        {
            "at": pa.array(place, pa.string()),
            "day": pa.array([DAY + dt.timedelta(d) for d in day], pa.date32()),
            "hour": pa.array(hour, pa.int64()),
            "method": pa.array(method, pa.string()),
        }
    )


ROWS = rows(("A", 0, 23, "fist"), ("A", 0, 20, "fist"), ("B", 3, None, "knife"), ("C", 9, 4, "fist"))
RECORDS = rows(
    ("A", 1, 0, "fist"),
    ("A", 0, 21, "fist"),
    ("B", 3, 5, "knife"),
    ("C", 9, 20, "fist"),
    (None, 9, 4, "fist"),
)
LOG = Log("the log", RECORDS, ROWS, ("at", "hour", "method"), "at", "day", "hour", 1, 6)
EXACT = Recoding({}, {})


def test_one_event_is_the_nearest_at_the_place_each_used_once() -> None:
    assert same_events(LOG).tolist() == [0, 1, 2, -1, -1]
    assert same_events(replace(LOG, hours=20)).tolist() == [0, 1, 2, 3, -1]
    assert same_events(replace(LOG, days=0)).tolist() == [-1, 1, 2, -1, -1]


def test_values_are_shown_as_the_release_shows_them() -> None:
    recoding = Recoding({"hour": Bands((6, 12)), "at": Suppressible()}, {"hour": 1, "at": 1})
    assert recoding.shown("hour", [0, 23, None]) == ["0-5", "18-23", None]
    assert recoding.shown("at", ["A", None]) == ["*", "*"]
    assert recoding.shown("method", ["fist"]) == ["fist"]


def test_an_exact_release_is_named_and_one_made_alike_is_not() -> None:
    released = ROWS.drop_columns(["day"])
    held = knowledge_of(LOG, released, EXACT, ["method"])
    assert [knowledge.columns for knowledge in held] == [("at", "hour", "method"), ("at", "hour")]
    assert list(held[0].about) == [0, 1, 2, -1, -1]
    exact, bold = link(released, replace(held[0], tolerance={"hour": 6}))
    assert exact.successes >= 1
    assert bold.successes >= exact.successes
    recoding = Recoding({"hour": Bands((6, 12)), "at": Suppressible()}, {"hour": 3, "at": 1})
    alike = pa.table({"at": ["*"] * 4, "hour": ["*"] * 4, "method": ROWS["method"]})
    careful = link(alike, knowledge_of(LOG, alike, recoding, [])[0])[0]
    assert careful.successes <= 1  # only the one knife stands alone


def test_a_row_that_was_left_out_can_not_be_named() -> None:
    released = ROWS.drop_columns(["day"]).slice(1)
    assert list(knowledge_of(LOG, released, EXACT, [])[0].about) == [-1, 0, 1, -1, -1]
