"""hot-spots: where and when incidents gather more than chance would have them.

Incidents are put on a grid, or by a gazetteer where they only come with the name of a place; each cell is
compared with its neighbourhood by the Getis-Ord Gi* statistic, with the false-discovery rate controlled
over all cells, since otherwise one cell in twenty is hot by chance. Counts by hour and weekday, and by
venue where there are venues, go with the map. The hit rate over the share of area (PAI) says how much a
map would have foretold of a later span, where one is held out.

Methods: Getis and Ord 1992 (Geographical Analysis 24:3), Ord and Getis 1995; Benjamini and Hochberg 1995
(JRSS B 57:1); Chainey, Tompson and Uhlig 2008 (Security Journal 21) for PAI. Yields cells with count,
Gi*, adjusted p and whether they are hot; times of the week; venues.
"""

from __future__ import annotations

from ..plan.forms import AGGREGATE, DEPERSONALISED
from ..plan.recipe import Input, Parameter, Recipe, Signature, Takes
from ..plan.schema import Type
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
        Parameter("venues", Takes.BOOLEAN, "count by venue as well", default=False),
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
        Parameter("incident_as", Takes.TEXT, "the incidents in words", True),
    ),
    source="Ord and Getis 1995; Benjamini and Hochberg 1995; Chainey, Tompson and Uhlig 2008",
)

RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE))
