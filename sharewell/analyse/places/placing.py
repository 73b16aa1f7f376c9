"""The preparation of recipes that put descriptions on the map: rows with a place's code, and nothing of
who."""

from __future__ import annotations

from collections.abc import Mapping

from ...errors import PlanError, Problem
from ...plan.expressions import Col, Expression, Lit, Value, call
from ...plan.recipe import Params
from ...plan.schema import Type
from ...plan.steps import Aggregate, Beside, Derive, Group, Join, Keep, Recognise, Stack, Step

CODE = "place_code"
TREATED, RECORDED = "treated", "recorded"
_SAMPLE: dict[Type, Value] = {Type.TEXT: "", Type.INTEGER: 0, Type.NUMBER: 0.0, Type.BOOLEAN: False}


def prepare_placed(inputs: Mapping[str, Step], params: Params) -> Step:
    """One row an incident: the columns shown, and the code of the place that was described.

    Values that fewer than `alike` incidents share in the columns `rare` are left out. Where the recipient
    holds a log of its own, that log stands beside the rows, placed by the same gazetteer.
    """
    timed = tuple(name for name in (params["on"], params["hour"]) if name)
    rows = _placed(inputs["incidents"], inputs["places"], params, tuple(params["show"]), timed)
    rows = _rare_left_out(rows, tuple(params["rare"]), params["alike"])
    if "log" not in inputs:
        return rows
    if not params["known_by"] or len(timed) < 2 or not params["known_as"]:
        what, why = "a log is given, and not how it could be used", "no attack with it could be played"
        raise PlanError(Problem("KNOWN", what, why, "name `known_as`, `known_by`, `on` and `hour`"))
    compared = tuple(params["known_by"])
    log = _placed(inputs["log"], inputs["places"], params, compared, timed)
    return Beside(
        rows, log, params["known_as"], (*compared, CODE), CODE, params["on"], params["hour"],
        params["days"], params["hours"],
    )  # fmt: skip


def _placed(
    rows: Step, places: Step, params: Params, shown: tuple[str, ...], timed: tuple[str, ...]
) -> Step:
    kept = Keep(rows, tuple(dict.fromkeys((*shown, *timed, params["place"]))))
    return Recognise(kept, params["place"], places, params["name"], ((params["venue"], CODE),))


def _rare_left_out(rows: Step, rare: tuple[str, ...], alike: int) -> Step:
    """The columns `rare` are null where fewer than `alike` rows share what they say together."""
    if not rare:
        return rows
    schema, count = rows.shape.schema, "alike"
    held = Join(rows, Group(rows, rare, (Aggregate(count, "rows"),)), tuple((n, n) for n in rare))
    enough = call("<=", Lit(alike, Type.INTEGER), Col(count, Type.INTEGER))
    made = tuple((name, call("case", enough, Col(name, schema[name].type))) for name in rare)
    return Keep(Derive(held, made), schema.names)


def prepare_two(inputs: Mapping[str, Step], params: Params) -> Step:
    """One row an incident of either service: role, place, day, hour, and the groups of those treated.

    The place is the gazetteer's code where there is a gazetteer; otherwise the words as they are written.
    """
    by = tuple(params["by"])
    treated = _one(inputs, params, TREATED, by)
    schema = treated.shape.schema
    recorded = _one(inputs, params, RECORDED, ())
    blank = tuple((name, _null(schema[name].type)) for name in by)
    both = (treated, Keep(Derive(recorded, blank), schema.names) if blank else recorded)
    return Stack(both)


def _one(inputs: Mapping[str, Step], params: Params, role: str, by: tuple[str, ...]) -> Step:
    rows, place, hour = inputs[role], params[f"{role}_at"], params[f"{role}_hour"]
    schema = rows.shape.schema
    found: dict[str, Expression] = {
        "role": Lit(role, Type.TEXT),
        "day": Col(params[f"{role}_on"], schema[params[f"{role}_on"]].type),
        "hour": Col(hour, schema[hour].type) if hour else _null(Type.INTEGER),
        "said": Col(place, Type.TEXT),
        **{name: Col(name, schema[name].type) for name in by},
    }
    kept = Keep(Derive(rows, tuple(found.items())), tuple(found))
    if "places" not in inputs:
        return Keep(Derive(kept, ((CODE, Col("said", Type.TEXT)),)), ("role", "day", "hour", *by, CODE))
    known = Recognise(kept, "said", inputs["places"], params["name"], ((params["venue"], CODE),))
    return Keep(known, ("role", "day", "hour", *by, CODE))


def _null(kind: Type) -> Expression:
    return call("case", Lit(False, Type.BOOLEAN), Lit(_SAMPLE[kind], kind))
