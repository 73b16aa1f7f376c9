"""placed-incidents: incidents with the place that was described put on the map, and nothing of who.

The description is matched with a gazetteer; what matches becomes the code of a venue or street, and what
does not is left as not known, since free text can hold a name. No number of a patient or a crime is
carried over. Rows that fewer than `alike` incidents share in the columns named by `rare` lose them,
because a rare means at a rare hour is as good as a name (k-anonymity: Sweeney 2002, International Journal
on Uncertainty, Fuzziness and Knowledge-Based Systems 10:5; local suppression).

Yields one row an incident: the columns shown and `place_code`.
"""

from __future__ import annotations

from ..plan.forms import DEPERSONALISED
from ..plan.recipe import Given, Input, Parameter, Recipe, Signature, Takes
from ..plan.schema import Kind, Type
from .registry import RECIPES

_TEXT = (Type.TEXT,)

SIGNATURE = Signature(
    name="placed-incidents",
    question="Where and when did each of {incident_as} happen?",
    needs=DEPERSONALISED,
    yields=DEPERSONALISED,
    inputs=(
        Input("incidents", "one row an incident"),
        Input("places", "one row a name of a place, with its code"),
    ),
    parameters=(
        Parameter("place", Takes.COLUMN, "the place as described", True, of="incidents", types=_TEXT),
        Parameter(
            "name", Takes.COLUMN, "the name that people give to a place", True, of="places", types=_TEXT
        ),
        Parameter("venue", Takes.COLUMN, "the code of the place", True, of="places", types=_TEXT),
        Parameter("show", Takes.COLUMNS, "columns to carry over", True, of="incidents"),
        Parameter("rare", Takes.COLUMNS, "columns that a rare row loses", default=(), of="incidents"),
        Parameter("alike", Takes.INTEGER, "fewest incidents that must be alike in these", True, least=2),
        Parameter("incident_as", Takes.TEXT, "the incidents in words", True),
    ),
    fits=False,
    source="Sweeney 2002",
    gives=(Given(named_by="show"), Given("place_code", Type.TEXT, Kind.QUASI)),
)

RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE))
