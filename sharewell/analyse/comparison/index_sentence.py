"""From a charity's list, sentences and proven offences to one row a person: index sentence and outcome.

The index sentence of a participant is the last in the window on or before the day on which the programme
began; of anybody else the first in the window, as in the ministry's official statistics. An offence counts
if it was committed after the index day and within `follow_days` of it, and proven within those days and
`settle_days` more (Ministry of Justice, Guide to proven reoffending statistics).
"""

from __future__ import annotations

from collections.abc import Mapping

from ...errors import PlanError, Problem
from ...plan.expressions import Col, Expression, Lit, Value, call
from ...plan.recipe import Params
from ...plan.schema import Column, Type
from ...plan.steps import Aggregate, Derive, Filter, Group, Join, Keep, Pick, Stack, Step

_SAMPLE: dict[Type, Value] = {Type.TEXT: "", Type.INTEGER: 0, Type.NUMBER: 0.0, Type.BOOLEAN: False}
_LISTED, _BEGAN, _ON_RECORD = "times listed", "day it began", "sentences on record"
_FIRST, _LAST = "first in window", "last in window"
_COUNTED, _DAYS = "proven reoffences", "days to the first"

RESERVED = frozenset(
    (
        *("person", "participant", "sent", "recorded", "indexed", "reoffences", "days"),
        *("treated", "outcome", "home", "years", "excluded", "linked", "history"),
    )
)
"""Columns that the comparison knows by name: a covariate called so would be taken for them."""


def prepare(inputs: Mapping[str, Step], params: Params) -> Step:
    """One row a person with an index sentence, and one for each participant without.

    person, participant, sent (rows of the list, 0 for others), recorded (stands on the police record),
    indexed (has an index sentence), reoffences (proven), days (to the first; null where there is none),
    region and the covariates (null where not indexed). PlanError NAME where one of these has the name of
    something else that the comparison reads.
    """
    if taken := sorted({*_known(params)} & RESERVED):
        what, why = f"a covariate is called {', '.join(taken)}", "the comparison reads it as something else"
        raise PlanError(Problem("NAME", what, why, "derive it under another name"))
    listed = Group(
        inputs["participants"],
        (params["participant"],),
        (
            Aggregate(_LISTED, "rows"),
            Aggregate(_BEGAN, "least", Col(params["began"], Type.DATE)),
        ),
    )
    index = _index(inputs["sentences"], listed, params)
    whole = Join(
        index, _outcomes(inputs["offences"], index, params), ((params["person"], params["offence_of"]),)
    )
    known = _known(params)
    schema = index.shape.schema
    found: dict[str, Expression] = {
        "person": Col(params["person"], Type.TEXT),
        "participant": call("not", call("is_null", Col(_BEGAN, Type.DATE))),
        "sent": call("coalesce", Col(_LISTED, Type.INTEGER), _integer(0)),
        "recorded": _true(),
        "indexed": _true(),
        "reoffences": call("coalesce", Col(_COUNTED, Type.INTEGER), _integer(0)),
        "days": Col(_DAYS, Type.INTEGER),
        **{name: Col(name, schema[name].type) for name in known},
    }
    indexed = _told(whole, found)
    lost = Join(
        listed, Keep(index, (params["person"],)), ((params["participant"], params["person"]),), how="anti"
    )
    record = Group(inputs["sentences"], (params["person"],), (Aggregate(_ON_RECORD, "rows"),))
    lost = Join(lost, record, ((params["participant"], params["person"]),))
    blank = {name: _null(indexed.shape.schema[name]) for name in found}
    blank |= {
        "person": Col(params["participant"], Type.TEXT),
        "participant": _true(),
        "sent": Col(_LISTED, Type.INTEGER),
        "recorded": call("not", call("is_null", Col(_ON_RECORD, Type.INTEGER))),
        "indexed": Lit(False, Type.BOOLEAN),
    }
    return Stack((indexed, _told(lost, blank)))


def _index(sentences: Step, listed: Step, params: Params) -> Step:
    """The index sentence of each person who has one, with the programme's day beside it."""
    person, day = params["person"], Col(params["index_on"], Type.DATE)
    held = Keep(sentences, tuple(dict.fromkeys((person, params["index_on"], *_known(params)))))
    window = call(
        "and",
        call("<=", Lit(params["window_from"], Type.DATE), day),
        call("<=", day, Lit(params["window_to"], Type.DATE)),
    )
    beside = Join(Filter(held, window), listed, ((person, params["participant"]),))
    began = Col(_BEGAN, Type.DATE)
    # Null is not true: who took no part stays only by the first of the two.
    open_ = Filter(beside, call("or", call("is_null", began), call("<=", day, began)))
    ends = Group(open_, (person,), (Aggregate(_FIRST, "least", day), Aggregate(_LAST, "most", day)))
    both = Join(open_, ends, ((person, person),))
    chosen = call("case", call("is_null", began), Col(_FIRST, Type.DATE), Col(_LAST, Type.DATE))
    return Pick(Filter(both, call("=", day, chosen)), (person,))


def _outcomes(offences: Step, index: Step, params: Params) -> Step:
    """How many proven reoffences each person has that count, and the days to the first."""
    person, day = params["person"], params["index_on"]
    held = Keep(
        offences, tuple(dict.fromkeys((params["offence_of"], params["committed"], params["proven"])))
    )
    named = Keep(Derive(index, ((_FIRST, Col(day, Type.DATE)),)), (person, _FIRST))
    beside = Join(held, named, ((params["offence_of"], person),), how="inner")

    def after(name: str) -> Expression:
        return call("days_between", Col(_FIRST, Type.DATE), Col(params[name], Type.DATE))

    counts = call(
        "and",
        call("<", _integer(0), after("committed")),
        call("<=", after("committed"), _integer(params["follow_days"])),
        call("<=", after("proven"), _integer(params["follow_days"] + params["settle_days"])),
    )
    return Group(
        Filter(beside, counts),
        (params["offence_of"],),
        (Aggregate(_COUNTED, "rows"), Aggregate(_DAYS, "least", after("committed"))),
    )


def _known(params: Params) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*params["covariates"], *params["exact"], params["region"])))


def _told(step: Step, columns: dict[str, Expression]) -> Step:
    return Keep(Derive(step, tuple(columns.items())), tuple(columns))


def _integer(value: int) -> Lit:
    return Lit(value, Type.INTEGER)


def _true() -> Lit:
    return Lit(True, Type.BOOLEAN)


def _null(column: Column) -> Expression:
    """The language has no null constant: a case that never applies is one."""
    return call("case", Lit(False, Type.BOOLEAN), Lit(_SAMPLE[column.type], column.type))
