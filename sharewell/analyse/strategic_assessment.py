"""strategic-assessment: levels, patterns and priorities of crime and disorder, by volume and by harm.

Incidents of several services side by side: counts by kind, area and quarter with their change; the harm
of each kind (days of the starting sentence, from the agreement) beside its volume, and how the order
changes; and how much of it comes back to the same coded place: repeats, and near repeats within a
distance and time (Knox's test). Methods: Sherman, Neyroud and Neyroud 2016 (Policing 10:3), the Cambridge
Crime Harm Index; Farrell and Pease 1993 on repeat victimisation; Knox 1964 (Applied Statistics 13:1),
with permutation of dates.

Yields the document: priorities by the weights agreed, the last plan and its progress, levels by service,
area and admission, repeats, near repeats.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from ..plan.figure import Figure
from ..plan.finding import Finding
from ..plan.forms import AGGREGATE, DEPERSONALISED
from ..plan.recipe import Input, Parameter, Params, Recipe, Signature, Story, Takes
from ..plan.schema import Type
from ..plan.steps import Step
from .places.repeats import AGAIN
from .registry import RECIPES

_TEXT, _NUMBER = (Type.TEXT,), (Type.INTEGER, Type.NUMBER)

SIGNATURE = Signature(
    name="strategic-assessment",
    question="What are the levels and patterns of crime and disorder, and what comes first?",
    needs=DEPERSONALISED,
    yields=AGGREGATE,
    inputs=(
        Input("incidents", "one row an incident of any service"),
        Input("admissions", "one row an admission", optional=True),
        Input("places", "one row a coded place and incident, for repeats", optional=True),
        Input("residents", "one row an area with its people, for rates", optional=True),
    ),
    parameters=(
        Parameter("on", Takes.COLUMN, "the day of an incident", True, of="incidents", types=(Type.DATE,)),
        Parameter("kind", Takes.COLUMN, "its kind", True, of="incidents", types=_TEXT),
        Parameter(
            "service", Takes.COLUMN, "the service that recorded it", True, of="incidents", types=_TEXT
        ),
        Parameter("area", Takes.COLUMN, "where", True, of="incidents", types=_TEXT),
        Parameter("admitted_on", Takes.COLUMN, "the day of admission", of="admissions", types=(Type.DATE,)),
        Parameter("admitted_for", Takes.COLUMN, "its code", of="admissions", types=_TEXT),
        Parameter("admitted_from", Takes.COLUMN, "the outward postcode", of="admissions", types=_TEXT),
        Parameter("place", Takes.COLUMN, "the key of a place", of="places", types=_TEXT),
        Parameter("place_on", Takes.COLUMN, "the day", of="places", types=(Type.DATE,)),
        Parameter("place_kind", Takes.COLUMN, "the kind of incident there", of="places", types=_TEXT),
        Parameter("easting", Takes.COLUMN, "metres east", of="places", types=_NUMBER),
        Parameter("northing", Takes.COLUMN, "metres north", of="places", types=_NUMBER),
        Parameter("resident_area", Takes.COLUMN, "the area", of="residents", types=_TEXT),
        Parameter("people", Takes.COLUMN, "who lives there", of="residents", types=(Type.INTEGER,)),
        Parameter(
            "plan",
            Takes.MAPPING,
            "change that the last plan aimed at, by kind; -0.1 a tenth fewer",
            default={},
        ),
        Parameter("harm", Takes.MAPPING, "days of the starting sentence, by kind", True),
        Parameter("harm_source", Takes.TEXT, "where the harm weights were published", True),
        Parameter("from_day", Takes.DATE, "first day", True),
        Parameter("to_day", Takes.DATE, "last day", True),
        Parameter("repeat_days", Takes.INTEGER, "days within which a place is hit again", True, least=1),
        Parameter("near_metres", Takes.NUMBER, "how near is near", True, least=1),
        Parameter("near_days", Takes.INTEGER, "how soon is near", True, least=1),
    ),
    source="Sherman, Neyroud and Neyroud 2016; Farrell and Pease 1993; Knox 1964",
    figures=(Figure("repeats", "repeats", "share", {"incident": AGAIN}),),
)


def prepare(inputs: Mapping[str, Step], params: Params) -> Step:
    """One row an incident, an admission, a place hit, or an area with its residents."""
    from .places.assessment import prepare_assessment

    return prepare_assessment(inputs, params)


def fit(table: pa.Table, params: Params) -> Finding:
    """The tables of the document. FitError SPAN, EMPTY, HARM, DENSE."""
    from .places.assessment import read_rows
    from .places.assessment_report import report

    return report(*read_rows(table, params), params)


def tell(tables: Mapping[str, pa.Table], params: Params) -> Story:
    """Priorities, plan and progress, from the checked tables."""
    from .places.assessment_story import tell as told

    return told(tables, params)


RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE, prepare, fit, tell))
