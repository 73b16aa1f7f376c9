"""What the engine makes of the linked tables: people, changes and events in one narrow table.

Months are not written out here, since the steps know no calendar to join: the engine filters, joins and
counts, so that what reaches the fit is a row a person, a row a change, and a row a person and month with an
event, never a row an event or a row a month at risk.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from ...plan.expressions import Col, Expression, Lit, Value, call
from ...plan.recipe import Params
from ...plan.schema import Type
from ...plan.steps import Aggregate, Derive, Filter, Group, Join, Keep, Stack, Step

PEOPLE, CHANGES, EVENTS, PLACEBO = "people", "changes", "events", "placebo"

_SAMPLE: dict[Type, Value] = {Type.TEXT: "", Type.INTEGER: 0, Type.DATE: dt.date(1970, 1, 1)}
COLUMNS: dict[str, Type] = {
    "part": Type.TEXT,
    "person": Type.TEXT,
    "home": Type.TEXT,
    "born": Type.DATE,
    "since": Type.DATE,
    "ended": Type.DATE,
    "region": Type.TEXT,
    "sex": Type.TEXT,
    "kind": Type.TEXT,
    "changed": Type.DATE,
    "month": Type.INTEGER,
    "number": Type.INTEGER,
}
"""Of the table that `prepare` gives. `part` says what a row is: a person (person to sex), a change (home,
kind, changed, number of records), or events of the outcome or placebo (person, month, number); columns that
are not of its part are null. `month` counts from January of year 0."""


def prepare(inputs: Mapping[str, Step], params: Params) -> Step:
    """One table with the columns of COLUMNS: everybody old enough by the end, all changes, and events."""
    people = Filter(inputs["people"], _old_enough(params))
    parts = [_people(people, inputs.get("ends"), params), _changes(inputs["changes"], params)]
    for part in (EVENTS, PLACEBO):
        events = inputs.get("outcomes" if part == EVENTS else "placebo")
        if events is not None:
            parts.append(_events(part, events, people, params))
    return Stack(tuple(parts))


def _old_enough(params: Params) -> Expression:
    """Whoever reaches the age before the end, and whoever's birth is not known (to be counted as such)."""
    born = Col(params["born"], Type.DATE)
    latest = params["follow_to"] - dt.timedelta(days=int(params["from_age"] * 365.2425))
    return call("or", call("is_null", born), call("<=", born, _day(latest)))


def _people(people: Step, ends: Step | None, params: Params) -> Step:
    named = {
        name: params[name]
        for name in ("person", "home", "born", "since", "region", "sex")
        if params[name] is not None
    }
    if ends is None or not params["ended_of"]:
        return _part(PEOPLE, people, named)
    first = Group(
        ends, (params["ended_of"],), (Aggregate("first end", "least", Col(params["ended_on"], Type.DATE)),)
    )
    kept = Keep(people, tuple(dict.fromkeys(named.values())))
    joined = Join(kept, first, ((params["person"], params["ended_of"]),))
    return _part(PEOPLE, joined, {**named, "ended": "first end"})


def _changes(changes: Step, params: Params) -> Step:
    """The first change of each kind to each home; the others only count as records."""
    by = (params["changed"], params["kind"])
    day = Col(params["changed_on"], Type.DATE)
    firsts = Group(changes, by, (Aggregate("first change", "least", day), Aggregate("records", "rows")))
    named = {"home": by[0], "kind": by[1], "changed": "first change", "number": "records"}
    return _part(CHANGES, firsts, named)


def _events(part: str, events: Step, people: Step, params: Params) -> Step:
    """How many events each of these people had in each month of the study."""
    whose, day = params["outcome_of"], Col(params["outcome_on"], Type.DATE)
    inside = call(
        "and", call("<=", _day(params["follow_from"]), day), call("<=", day, _day(params["follow_to"]))
    )
    kept = Join(
        Filter(events, inside), Keep(people, (params["person"],)), ((whose, params["person"]),), "semi"
    )
    month = call(
        "+", call("*", call("year", day), Lit(12, Type.INTEGER)),
        call("-", call("month", day), Lit(1, Type.INTEGER)),
    )  # fmt: skip
    dated = Keep(Derive(kept, (("event month", month),)), (whose, "event month"))
    counted = Group(dated, (whose, "event month"), (Aggregate("events", "rows"),))
    return _part(part, counted, {"person": whose, "month": "event month", "number": "events"})


def _part(part: str, of: Step, named: Mapping[str, str]) -> Step:
    made: dict[str, Expression] = {"part": Lit(part, Type.TEXT)}
    for column, kind in list(COLUMNS.items())[1:]:
        made[column] = Col(named[column], kind) if column in named else _null(kind)
    # Columns are made under names that no input can have, because one may be called as another is here.
    wide = Derive(of, tuple((f"~{column}", expression) for column, expression in made.items()))
    narrow = Keep(wide, tuple(f"~{column}" for column in made))
    return Keep(
        Derive(narrow, tuple((column, Col(f"~{column}", kind)) for column, kind in COLUMNS.items())),
        tuple(COLUMNS),
    )


def _day(value: dt.date) -> Lit:
    return Lit(value, Type.DATE)


def _null(kind: Type) -> Expression:
    """The language has no null constant: a case that never applies is one."""
    return call("case", Lit(False, Type.BOOLEAN), Lit(_SAMPLE[kind], kind))
