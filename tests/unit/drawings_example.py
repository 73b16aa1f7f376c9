"""One invented table and chart for each kind of drawing that a file of its own draws."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from release_example import checked

from sharewell.plan.finding import ALL, Chart, Output
from sharewell.plan.released import CheckedTable

WEEK = Chart(
    "week", "week", "When", {"day": "weekday", "hours": "hours", "value": "n"}, "A grid of the week."
)

MOVES = Chart(
    "moves",
    "w",
    "Moves",
    {"label": "practice", "value": "move_pc", "low": "low", "high": "high"},
    "By practice.",
)


def flow_table(
    columns: dict[str, list[Any]], by: tuple[str, ...], withheld: dict[str, list[int]]
) -> CheckedTable:
    rows = len(next(iter(columns.values())))
    marks: dict[str, Any] = {
        name: ["c" if i in withheld.get(name, []) else "" for i in range(rows)] for name in columns
    }
    data: dict[str, Any] = {
        n: [None if i in withheld.get(n, []) else v for i, v in enumerate(c)] for n, c in columns.items()
    }
    return CheckedTable("t", "Title", Output.PATHWAY, pa.table(data), pa.table(marks), by)


def roads(hidden: tuple[int, ...] = (3,)) -> tuple[Chart, CheckedTable]:
    columns: dict[str, list[Any]] = {
        "from": ["diagnosis", "diagnosis", "1 · surgery", "1 · surgery", "1 · drugs"],
        "to": ["1 · surgery", "1 · drugs", "living with recurrence or another cancer", "died", "died"],
        "people": [700, 300, 640, 60, 300],
    }
    fields = {"from": "from", "to": "to", "value": "people"}
    chart = Chart("sankey", "t", "From a diagnosis on", fields, "Flows.")
    return chart, flow_table(columns, ("from", "to"), {"people": list(hidden)})


def lives(panel: bool = False, withheld: tuple[int, ...] = ()) -> tuple[Chart, CheckedTable]:
    days = ["0", "365", "731", "2556"]
    columns: dict[str, list[Any]] = {
        "site": ["lung"] * 4 + ["breast"] * 4,
        "stage": ["3 or 4"] * 8,
        "day": [*days, *days],
        "followed": [900, 400, 200, 90, 950, 900, 870, 800],
        "survival": [1.0, 0.44, 0.22, 0.10, 1.0, 0.95, 0.91, 0.84],
        "low": [None, 0.40, 0.20, 0.08, None, 0.93, 0.89, 0.81],
        "high": [None, 0.48, 0.25, 0.12, None, 0.96, 0.93, 0.87],
    }
    fields = {"time": "day", "survival": "survival", "low": "low", "high": "high", "followed": "followed"}
    fields |= {"panel": "site", "label": "stage"} if panel else {"label": "site"}
    chart = Chart("curves", "t", "Alive", fields, "Curves.")
    hidden = {name: list(withheld) for name in ("followed", "survival", "low", "high")}
    return chart, flow_table(columns, ("site", "stage", "day"), hidden)


def week_table() -> CheckedTable:
    rows = [
        ("Monday", "00-03", None), ("Monday", "04-07", 20), ("Sunday", "00-03", 295),
        ("Sunday", "04-07", 15),
        (ALL, "00-03", 310), ("Monday", ALL, 35), (ALL, ALL, 345),
    ]  # fmt: skip
    day, hours, n = (list(part) for part in zip(*rows, strict=True))
    data = pa.table({"weekday": day, "hours": hours, "n": pa.array(n, pa.int64())})
    blank = [""] * len(rows)
    marks = pa.table({"weekday": blank, "hours": blank, "n": ["c", *blank[1:]]})
    return CheckedTable("week", "When", Output.FREQUENCY, data, marks, ("weekday", "hours"), ("n",))


def moves_table(count: int, reach: float = 1.0) -> CheckedTable:
    value = [(at - count / 2) / 4 for at in range(count)]
    low, high = ([v + way * reach for v in value] for way in (-1, 1))
    names = [f"P{at:03d}" for at in range(count)]
    columns = {
        "practice": [*names, "All"],
        "move_pc": [*value, None],
        "low": [*low, None],
        "high": [*high, None],
    }
    return checked("w", "Weights", columns, by=("practice",))


FAN = Chart(
    "fan",
    "years",
    "Children",
    {
        "time": "year", "value": "people", "low": "low", "high": "high", "state": "state",
        "inner_low": "inner_low", "inner_high": "inner_high",
    },
    "A line that goes on as a fan.",
)  # fmt: skip


def fan_table() -> CheckedTable:
    columns = {
        "year": ["2021", "2022", "2023", "2024", "2025"],
        "state": ["counted", "counted", "counted", "forecast", "forecast"],
        "people": [900.0, 930.0, 960.0, 985.0, 1010.0],
        "low": [None, None, None, 950.0, 940.0],
        "high": [None, None, None, 1020.0, 1080.0],
        "inner_low": [None, None, None, 970.0, 980.0],
        "inner_high": [None, None, None, 1000.0, 1040.0],
    }
    return checked("years", "Years", columns, by=("year", "state"))
