"""placed-incidents: incidents with the place that was described put on the map, and nothing of who.

The description is matched with a gazetteer; what matches becomes the code of a venue or street, and what
does not is left as not known, since free text can hold a name. No number of a patient or a crime is
carried over. A recipient that holds a `log` of its own is said to: that log, placed alike, is tried on the
rows before they leave, and what the attack found is written on the release. Rows that fewer than `alike`
incidents share in the columns named by `rare` lose them, because a rare means at a rare hour is as good
as a name (k-anonymity: Sweeney 2002, International Journal on Uncertainty, Fuzziness and Knowledge-Based
Systems 10:5; local suppression).

Yields one row an incident: the columns shown and `place_code`.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..plan.forms import DEPERSONALISED
from ..plan.recipe import Given, Input, Parameter, Params, Recipe, Signature, Takes
from ..plan.schema import Kind, Type
from ..plan.steps import Step
from .registry import RECIPES

_TEXT, _DAY = (Type.TEXT,), (Type.DATE,)

SIGNATURE = Signature(
    name="placed-incidents",
    question="Where and when did each of {incident_as} happen?",
    needs=DEPERSONALISED,
    yields=DEPERSONALISED,
    inputs=(
        Input("incidents", "one row an incident"),
        Input("places", "one row a name of a place, with its code"),
        Input("log", "one row a record that the recipient holds, in the same columns", optional=True),
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
        Parameter(
            "on", Takes.COLUMN, "the day, which leaves only if it is shown", of="incidents", types=_DAY
        ),
        Parameter("hour", Takes.COLUMN, "the hour", of="incidents", types=(Type.INTEGER,)),
        Parameter("known_as", Takes.TEXT, "what the log of the recipient is, in words"),
        Parameter("known_by", Takes.COLUMNS, "columns that both hold, place apart", default=(), of="log"),
        Parameter(
            "days", Takes.INTEGER, "days between two records of one incident", default=1, least=0, most=7
        ),
        Parameter("hours", Takes.INTEGER, "hours between two records of one", default=6, least=0, most=168),
        Parameter("incident_as", Takes.TEXT, "the incidents in words", True),
    ),
    fits=False,
    source="Sweeney 2002",
    gives=(Given(named_by="show"), Given("place_code", Type.TEXT, Kind.QUASI)),
)


def prepare(inputs: Mapping[str, Step], params: Params) -> Step:
    """One row an incident: what is shown, its day and hour, and the place's code. PlanError KNOWN."""
    from .places.placing import prepare_placed

    return prepare_placed(inputs, params)


RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE, prepare))
