"""outcome-groups: each patient in one group by a declared rule table, and the road of each group.

Of the rules in the order written, the first that holds decides. Who meets none is counted under "No rule",
who meets several is counted as well, so that a table with gaps or overlaps shows. By group: patients and
their share, paths through care (rare ones merged), days in hospital and cost for each year of follow-up.
Where more dates than `doubt` are impossible (death before diagnosis, a stay after death), every table
carries that caveat, and nobody with an impossible date of their own is put in a group.

Method: the outcome framework of Routes from Diagnosis (Macmillan Cancer Support and NCIN 2014).
"""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import PlanError, Problem
from ..plan.expressions import Col, Expression, Lit, Value, call
from ..plan.figure import Figure
from ..plan.forms import AGGREGATE, DEPERSONALISED
from ..plan.recipe import Input, Parameter, Params, Recipe, Signature, Takes
from ..plan.schema import Type
from ..plan.sql import parse_expression
from ..plan.steps import Derive, Join, Keep, Stack, Step
from .pathways.groups_report import NO_RULE, fit
from .pathways.groups_story import tell
from .registry import RECIPES

_DAY, _KEY, _TEXT, _WHOLE = (Type.DATE,), (Type.TEXT,), (Type.TEXT,), (Type.INTEGER,)
_EVENT = ("event_of", "event_on", "event_ended", "event_kind", "cost")

SIGNATURE = Signature(
    name="outcome-groups",
    question="What happens to people after {start_as}, and what does each road take?",
    needs=DEPERSONALISED,
    yields=AGGREGATE,
    inputs=(
        Input("patients", "one row a patient, with what the rules ask of"),
        Input("events", "one row a stay, test or treatment", optional=True),
    ),
    parameters=(
        Parameter("person", Takes.COLUMN, "the patient's key", True, of="patients", types=_KEY),
        Parameter("start", Takes.COLUMN, "the day it begins", True, of="patients", types=_DAY),
        Parameter("start_as", Takes.TEXT, "what it begins with, in words", True),
        Parameter("died", Takes.COLUMN, "the day of death, if any", True, of="patients", types=_DAY),
        Parameter("by", Takes.COLUMNS, "what groups are told apart by", True, of="patients"),
        Parameter(
            "groups", Takes.EXPRESSIONS, "the rule of each group; the first that holds", True, of="patients"
        ),
        Parameter("thresholds", Takes.MAPPING, "the values that the rules call :name", default={}),
        Parameter("years", Takes.NUMBER, "years of follow-up", True, least=0.1),
        Parameter("end_on", Takes.DATE, "the last day that is known of", True),
        Parameter("event_of", Takes.COLUMN, "whose event it was", of="events", types=_KEY),
        Parameter("event_on", Takes.COLUMN, "the day of the event", of="events", types=_DAY),
        Parameter("event_ended", Takes.COLUMN, "the last day in hospital", of="events", types=_DAY),
        Parameter("event_kind", Takes.COLUMN, "the step of a path", of="events", types=_TEXT),
        Parameter("cost", Takes.COLUMN, "its cost in whole pence", of="events", types=_WHOLE),
        Parameter(
            "before", Takes.INTEGER, "days that events may lie before it begins", default=365, least=0
        ),
        Parameter("steps", Takes.INTEGER, "most steps of a path", default=3, least=1, most=20),
        Parameter("rare", Takes.INTEGER, "paths of fewer patients are merged", default=10, least=2),
        Parameter(
            "doubt", Takes.NUMBER, "share of impossible dates to warn of", default=0.02, least=0, most=1
        ),
        Parameter(
            "promised", Takes.MAPPING, "the row that a benefit is promised of, by its columns", default={}
        ),
    ),
    source="Macmillan Cancer Support and NCIN 2014",
    figures=(Figure("share", "groups*", "share", {}, "low", "high", promised="promised"),),
)

_SAMPLE: dict[Type, Value] = {
    Type.TEXT: "", Type.INTEGER: 0, Type.NUMBER: 0.0, Type.BOOLEAN: False
}  # fmt: skip


def prepare(inputs: Mapping[str, Step], params: Params) -> Step:
    """A row a patient (person, group, place, met, lived, known, by_0 ...) and a row an event (person,
    begin, stay, kind, pence), told apart by `event`. Days count from the beginning.

    PlanError TYPE where a rule is not a yes/no, INPUT where events lack a setting.
    """
    patients, person = inputs["patients"], Col(params["person"], Type.TEXT)
    start = Col(params["start"], Type.DATE)
    schema, rules = patients.shape.schema, _rules(patients, params)
    told: dict[str, Expression] = {
        "event": Lit(False, Type.BOOLEAN),
        "person": person,
        **rules,
        "lived": call("days_between", start, Col(params["died"], Type.DATE)),
        "known": call("days_between", start, Lit(params["end_on"], Type.DATE)),
        **{f"by_{i}": Col(name, schema[name].type) for i, name in enumerate(params["by"])},
    }
    blank: dict[str, Expression] = {"begin": _none(Type.INTEGER), "stay": _none(Type.INTEGER)}
    blank |= {"kind": _none(Type.TEXT), "pence": _none(Type.INTEGER)}
    people = Keep(Derive(patients, tuple((told | blank).items())), tuple(told | blank))
    if "events" not in inputs:
        return people
    events = _events(inputs["events"], Keep(patients, (params["person"], params["start"])), params)
    nothing = {name: _none(people.shape.schema[name].type) for name in told}
    held = {name: Col(name, events.shape.schema[name].type) for name in ("person", *blank)}
    row = nothing | held | {"event": Lit(True, Type.BOOLEAN)}
    return Stack((people, Keep(Derive(events, tuple(row.items())), tuple(told | blank))))


def _rules(patients: Step, params: Params) -> dict[str, Expression]:
    """The group of the first rule that holds, its place among them, and how many hold."""
    holds = []
    for name, text in params["groups"].items():
        rule = parse_expression(text, patients.shape.schema, params["thresholds"])
        if rule.type is not Type.BOOLEAN:
            what = f"the rule of {name!r} is not a yes/no"
            raise PlanError(Problem("TYPE", what, fix="compare its value with a threshold"))
        holds.append((name, call("coalesce", rule, Lit(False, Type.BOOLEAN))))
    first = [part for name, rule in holds for part in (rule, Lit(name, Type.TEXT))]
    place = [part for i, (_, rule) in enumerate(holds) for part in (rule, Lit(i, Type.INTEGER))]
    met: Expression = Lit(0, Type.INTEGER)
    for _, rule in holds:
        met = call("+", met, call("case", rule, Lit(1, Type.INTEGER), Lit(0, Type.INTEGER)))
    return {
        "group": call("case", *first, Lit(NO_RULE, Type.TEXT)),
        "place": call("case", *place, Lit(len(holds), Type.INTEGER)),
        "met": met,
    }


def _events(events: Step, patients: Step, params: Params) -> Step:
    """Events of the patients, their days counted from the patient's beginning."""
    absent = [name for name in _EVENT if params[name] is None]
    if absent:
        what = f"events are given, and nothing says which of their columns are {', '.join(absent)}"
        raise PlanError(Problem("INPUT", what, fix="name them under `with:`"))
    on, ended = (Col(params[name], Type.DATE) for name in ("event_on", "event_ended"))
    named = {
        "person": Col(params["event_of"], Type.TEXT),
        "begins on": on,
        "stay": call("days_between", on, ended),
        "kind": Col(params["event_kind"], Type.TEXT),
        "pence": Col(params["cost"], Type.INTEGER),
    }
    kept = Keep(Derive(events, tuple(named.items())), tuple(named))
    day = Derive(patients, (("started on", Col(params["start"], Type.DATE)),))
    mine = Keep(day, (params["person"], "started on"))
    whole = Join(kept, mine, (("person", params["person"]),), "inner")
    begin = call("days_between", Col("started on", Type.DATE), Col("begins on", Type.DATE))
    return Keep(Derive(whole, (("begin", begin),)), ("person", "begin", "stay", "kind", "pence"))


def _none(kind: Type) -> Expression:
    """The language has no null constant: a case that never applies is one."""
    return call("case", Lit(False, Type.BOOLEAN), Lit(_SAMPLE[kind], kind))


RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE, prepare, fit, tell))
