"""The strategic assessment as a document: priorities by harm beside volume, last time's plan and what
came of it, levels by service, area and admission, and what comes back to the same place or near it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from ...plan.finding import ALL, UNKNOWN, Chart, Finding, Measure, Output, ResultTable
from ...plan.recipe import Params
from .assessment import ADMISSION, INCIDENT, PLACE, RESIDENTS, Rows, Span, cause
from .harm import Weighed, change, weigh
from .repeats import AGAIN, FEWEST, FIRST, count_repeats, knox

MET, MISSED, OPEN = "met", "not met", "not clear"
_METHOD = (
    "Harm is incidents times the days of the starting sentence. Change against the span of the same"
    " length right "
    "before. Near repeats by Knox's test with 999 permutations of the dates."
)


def report(span: Span, rows: dict[str, Rows], params: Params) -> Finding:
    """Every table of the document that its inputs can give, in reading order."""
    incidents = rows[INCIDENT]
    now, last = incidents.of(span.holds(incidents.day)), incidents.of(span.before.holds(incidents.day))
    kinds, before = Counter(now.kind), Counter(last.kind)
    weighed = weigh(kinds, before, params["harm"])
    tables = [_priorities(weighed, params)]
    if params["plan"]:
        tables.append(_plan(kinds, before, params))
    tables.append(_levels("services", "service", now.service, last.service, "By service"))
    tables.append(_areas(now, last, rows[RESIDENTS]))
    admitted = rows[ADMISSION]
    if len(admitted.day):
        ours, theirs = (admitted.of(part.holds(admitted.day)) for part in (span, span.before))
        causes = ([cause(code) for code in ours.kind], [cause(code) for code in theirs.kind])
        title = "Admissions for assault, drugs and alcohol"
        tables.append(_levels("admissions", "cause", *causes, title, "admissions"))
    tables += _coming_back(rows[PLACE], span, params)
    unweighed = sorted(set(kinds) - set(params["harm"]) - {UNKNOWN})
    caveats = (
        [f"No weight of harm was given to: {', '.join(unweighed)}. They are counted and not weighed."]
        if unweighed
        else []
    )
    return Finding(
        tuple(tables), tuple(_charts(tables)), _METHOD, str(params["harm_source"]), tuple(caveats)
    )


def _priorities(weighed: Sequence[Weighed], params: Params) -> ResultTable:
    """Kinds in order of harm, beside their order by volume and how they changed."""
    volume, harm = sum(w.incidents for w in weighed), sum(w.harm for w in weighed)
    changes = [change(w.incidents, w.last) for w in weighed]
    data = pa.table(
        {
            "kind": [w.kind for w in weighed],
            "incidents": [w.incidents for w in weighed],
            "last_time": [w.last for w in weighed],
            "change": pa.array([c.ratio - 1 if c else None for c in changes], pa.float64()),
            "harm_days": [w.harm for w in weighed],
            "share_of_harm": [w.harm / harm if harm else 0.0 for w in weighed],
            "share_of_volume": [w.incidents / volume for w in weighed],
            "place_by_harm": [f"{w.by_harm}" for w in weighed],
            "place_by_volume": [f"{w.by_volume}" for w in weighed],
        }
    )
    weighed_by = ("harm_days", "share_of_harm", "share_of_volume")
    measures = (Measure("change", "last_time"), *(Measure(name, "incidents") for name in weighed_by))
    notes = (f"Days of the starting sentence: {params['harm_source']}.",)
    return ResultTable(
        "priorities", "What comes first by harm, beside volume", Output.FREQUENCY, data, ("kind",),
        ("incidents", "last_time"), measures, notes,
    )  # fmt: skip


def _plan(kinds: Counter[str], before: Counter[str], params: Params) -> ResultTable:
    """What the last plan aimed at, and whether the figures now show that it came about."""
    rows = [
        _progress(kind, float(aim), kinds[kind], before[kind])
        for kind, aim in sorted(params["plan"].items())
    ]
    names = ("priority", "aimed", "last_time", "incidents", "change", "low", "high", "progress")
    data = pa.table({name: [row[i] for row in rows] for i, name in enumerate(names)})
    measures = tuple(Measure(name, "last_time") for name in ("change", "low", "high"))
    notes = (
        f"{MET.capitalize()}: the change is the aim or better. {MISSED.capitalize()}: its whole 95%"
        f" interval is "
        f"worse than the aim. {OPEN.capitalize()}: chance alone could be between the two.",
    )
    return ResultTable(
        "plan", "The last plan, and what came of it", Output.FREQUENCY, data, ("priority",),
        ("last_time", "incidents"), measures, notes,
    )  # fmt: skip


def _progress(kind: str, aim: float, now: int, last: int) -> tuple[Any, ...]:
    found = change(now, last)
    if found is None:
        return (kind, f"{aim:+.0%}", last, now, None, None, None, OPEN)
    low, high = found.low - 1, found.high - 1
    said = MET if found.ratio - 1 <= aim else MISSED if low > aim else OPEN
    return (kind, f"{aim:+.0%}", last, now, found.ratio - 1, low, high, said)


def _levels(
    name: str, by: str, now: Sequence[str], last: Sequence[str], title: str, what: str = "incidents"
) -> ResultTable:
    """How many, and how many last time, with the whole."""
    ours, theirs = Counter(now), Counter(last)
    keys = [ALL, *sorted({*ours, *theirs})]
    counts = [(len(now), len(last)) if key == ALL else (ours[key], theirs[key]) for key in keys]
    found = [change(*pair) for pair in counts]
    data = pa.table(
        {
            by: keys,
            what: [pair[0] for pair in counts],
            "last_time": [pair[1] for pair in counts],
            "change": pa.array([c.ratio - 1 if c else None for c in found], pa.float64()),
        }
    )
    return ResultTable(
        name, title, Output.FREQUENCY, data, (by,), (what, "last_time"), (Measure("change", "last_time"),)
    )


def _areas(now: Rows, last: Rows, residents: Rows) -> ResultTable:
    """By area, with a rate for each thousand residents where these are known."""
    table = _levels("areas", "area", now.area, last.area, "By area")
    people = Counter[str]()
    for area, number in zip(residents.area, residents.residents.tolist(), strict=True):
        people[area] += number
    if not people:
        return table
    people[ALL] = sum(people.values())
    keys, counts = table.data["area"].to_pylist(), table.data["incidents"].to_pylist()
    rates = [n / people[k] * 1_000 if people[k] else None for k, n in zip(keys, counts, strict=True)]
    data = table.data.append_column("residents", pa.array([people[key] for key in keys]))
    data = data.append_column("per_1000_residents", pa.array(rates, pa.float64()))
    measures = (
        *table.measures,
        Measure("residents", "incidents"),
        Measure("per_1000_residents", "incidents"),
    )
    notes = [
        "Residents are the denominator, and not those who pass through: a centre's rate is of few who"
        " live there."
    ]
    empty = sum(rate is None for rate in rates)
    if empty:
        notes.append(f"{empty} of the rows have nobody living there on record, and so no rate.")
    return ResultTable(
        table.name, table.title, table.output, data, table.by, table.counts, measures, tuple(notes)
    )


def _coming_back(places: Rows, span: Span, params: Params) -> Iterable[ResultTable]:
    """Repeats at one place, and near repeats, where places are coded and have points."""
    hit = places.of(span.holds(places.day) & np.array([key != UNKNOWN for key in places.key], bool))
    if not len(hit.day):
        return
    keys = {key: number for number, key in enumerate(dict.fromkeys(hit.key))}
    at = np.array([keys[key] for key in hit.key], np.int64)
    found = count_repeats(at, hit.day, params["repeat_days"])
    total = int(found.incidents.sum())
    counts = [total - found.repeats, found.repeats, total]
    data = pa.table(
        {"incident": [FIRST, AGAIN, ALL], "incidents": counts, "share": [n / total for n in counts]}
    )
    again, once = int(found.again.sum()), int((~found.again).sum())
    title = f"Incidents at a known place, by whether one came within {params['repeat_days']} days before"
    yield ResultTable(
        "repeats",
        title,
        Output.FREQUENCY,
        data,
        ("incident",),
        ("incidents",),
        (Measure("share", "incidents"),),
    )
    places_hit = pa.table(
        {"place": ["Hit again", "Not hit again", ALL], "places": [again, once, again + once]}
    )
    yield ResultTable(
        "places", "Places hit, and hit again", Output.FREQUENCY, places_hit, ("place",), ("places",)
    )
    yield from _near(hit, at, params)


def _near(hit: Rows, at: np.ndarray[Any, np.dtype[np.int64]], params: Params) -> Iterable[ResultTable]:
    """Knox's test for each kind that has incidents enough at known points."""
    rows = []
    for kind in sorted(set(hit.kind) - {UNKNOWN}):
        mine = (
            np.array([k == kind for k in hit.kind], bool) & np.isfinite(hit.east) & np.isfinite(hit.north)
        )
        if mine.sum() < FEWEST:
            continue
        found = knox(
            hit.east[mine], hit.north[mine], hit.day[mine], metres=float(params["near_metres"]),
            days=params["near_days"], place=at[mine],
        )  # fmt: skip
        if found.expected >= 1:
            rows.append((kind, int(mine.sum()), found.pairs, found.expected, found.ratio, found.p))
    if not rows:
        return
    names = ("kind", "incidents", "near_pairs", "expected_pairs", "ratio", "p")
    data = pa.table({name: [row[i] for row in rows] for i, name in enumerate(names)})
    title = f"Pairs within {params['near_metres']:g} m and {params['near_days']} days, against chance"
    measures = tuple(Measure(name, "near_pairs") for name in ("expected_pairs", "ratio", "p"))
    notes = (
        f"Kinds with fewer than {FEWEST} incidents at a known point are not tested, and pairs at one"
        f" place not counted.",
    )
    yield ResultTable(
        "near-repeats",
        title,
        Output.FREQUENCY,
        data,
        ("kind",),
        ("incidents", "near_pairs"),
        measures,
        notes,
    )


def _charts(tables: Sequence[ResultTable]) -> Iterable[Chart]:
    for table in tables:
        if table.name == "priorities":
            alt = "The share of harm of each kind, most first; the table has its share of volume beside it."
            fields = {"label": "kind", "value": "share_of_harm"}
            yield Chart("bar", "priorities", "Share of all harm, by kind", fields, alt)
            alt = "The share of incidents of each kind, in the order of their harm."
            fields = {"label": "kind", "value": "share_of_volume"}
            yield Chart("bar", "priorities", "Share of all incidents, in the same order", fields, alt)
        if table.name == "plan":
            fields = {
                "label": "priority",
                "estimate": "change",
                "low": "low",
                "high": "high",
                "scale": "difference",
            }
            alt = "The change of each priority of the last plan, with its 95% interval, about no change."
            yield Chart("forest", "plan", "What came of the last plan", fields, alt)
