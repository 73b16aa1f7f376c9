"""hot-spots: where and when incidents gather more than chance would have them.

Incidents are put on a grid, or by a gazetteer where they only come with the name of a place; each cell is
compared with its neighbourhood by the Getis-Ord Gi* statistic, with the false-discovery rate controlled
over all cells, since otherwise one cell in twenty is hot by chance. Counts by hour and weekday go with the
map; with `venues`, counts by place take its stead. The hit rate over the share of area (PAI) says how much
a map would have foretold of a later span, where one is held out.

Methods: `places.gazetteer`, `places.gathering`, `places.density`. Yields how many could be placed, hot
ground against the rest, the hot cells, times of the week, what was foretold; or the places.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from ..plan.finding import Finding
from ..plan.forms import AGGREGATE, DEPERSONALISED
from ..plan.recipe import Input, Parameter, Params, Recipe, Signature, Story, Takes
from ..plan.schema import Type
from ..plan.steps import Step
from .registry import RECIPES

_NUMBER, _TEXT, _WHOLE = (Type.INTEGER, Type.NUMBER), (Type.TEXT,), (Type.INTEGER,)

SIGNATURE = Signature(
    name="hot-spots",
    question="Where and when do {incident_as} gather?",
    needs=DEPERSONALISED,
    yields=AGGREGATE,
    inputs=(
        Input("incidents", "one row an incident"),
        Input("places", "one row a name of a place, with where it is", optional=True),
    ),
    parameters=(
        Parameter("place", Takes.COLUMN, "the place as described", of="incidents", types=_TEXT),
        Parameter(
            "easting",
            Takes.COLUMN,
            "metres east, where an incident comes with it",
            of="incidents",
            types=_NUMBER,
        ),
        Parameter("northing", Takes.COLUMN, "metres north", of="incidents", types=_NUMBER),
        Parameter("weekday", Takes.COLUMN, "day of the week, 1 is Monday", of="incidents", types=_WHOLE),
        Parameter("hour", Takes.COLUMN, "hour of the day", of="incidents", types=_WHOLE),
        Parameter("name", Takes.COLUMN, "the name that people give to a place", of="places", types=_TEXT),
        Parameter("venue", Takes.COLUMN, "the code of the venue or street", of="places", types=_TEXT),
        Parameter("place_east", Takes.COLUMN, "metres east of a named place", of="places", types=_NUMBER),
        Parameter("place_north", Takes.COLUMN, "metres north of a named place", of="places", types=_NUMBER),
        Parameter("venues", Takes.BOOLEAN, "count by place, and nothing else", default=False),
        Parameter("cell", Takes.NUMBER, "side of a cell, metres", True, least=10, most=5000),
        Parameter(
            "reach", Takes.NUMBER, "how far a neighbourhood reaches, metres", True, least=10, most=20000
        ),
        Parameter(
            "false_discovery",
            Takes.NUMBER,
            "share of hot cells that may be chance",
            True,
            least=0.001,
            most=0.5,
        ),
        Parameter("hold_out_from", Takes.DATE, "first day of the span kept to see what the map foretold"),
        Parameter("on", Takes.COLUMN, "the day of the incident", of="incidents", types=(Type.DATE,)),
        Parameter("least", Takes.INTEGER, "fewest incidents that make a map", default=30, least=3),
        Parameter("block", Takes.INTEGER, "hours in a field of the week", default=4, least=1, most=24),
        Parameter("incident_as", Takes.TEXT, "the incidents in words", True),
    ),
    source="Ord and Getis 1995; Benjamini and Hochberg 1995; Chainey, Tompson and Uhlig 2008",
)


def prepare(inputs: Mapping[str, Step], params: Params) -> Step:
    """One row an incident, at its point, and one a place there is. PlanError POINT."""
    from .places.seen import prepare_seen

    return prepare_seen(inputs, params)


def fit(table: pa.Table, params: Params) -> Finding:
    """The tables and charts. FitError COORDINATES, FEW, ONE, SAME."""
    from .places.hot_report import report
    from .places.seen import read_seen

    return report(read_seen(table, params), params)


def tell(tables: Mapping[str, pa.Table], params: Params) -> Story:
    """Where and when, from the checked tables."""
    from .places.hot_story import tell as told

    return told(tables, params)


RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE, prepare, fit, tell))
