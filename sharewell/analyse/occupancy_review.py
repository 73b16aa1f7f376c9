"""occupancy-review: homes that are billed as empty although something says that somebody lives there.

A home is looked at where `coded_empty` holds, and listed where at least `least` of the named signs do.
Each sign is a yes/no over what councils already hold (an elector, a benefit claim, a bin put out), so
that every row comes with its evidence and a person can judge it. The list decides nothing: classes for
which `by_hand` holds (somebody detained, a death) are marked, and are never billed automatically. Method
of the council tax base reviews described by the Cabinet Office's National Fraud Initiative; the signs are
the agreement's.

Yields one row a home: the subject, the columns shown, `signs` (how many), `evidence` (which, in words)
and `by_hand`.
"""

from __future__ import annotations

from ..plan.forms import IDENTIFIABLE
from ..plan.recipe import Given, Input, Parameter, Recipe, Signature, Takes
from ..plan.schema import Kind, Type
from .registry import RECIPES

SIGNATURE = Signature(
    name="occupancy-review",
    question="Which {subject} are billed as empty although there are {least} or more signs of somebody?",
    needs=IDENTIFIABLE,
    yields=IDENTIFIABLE,
    inputs=(Input("homes", "one row a home, with the figures that its signs are read from"),),
    parameters=(
        Parameter(
            "subject", Takes.COLUMN, "the reference by which the recipient knows it", True, of="homes"
        ),
        Parameter("coded_empty", Takes.EXPRESSION, "whether a home is billed as empty", True, of="homes"),
        Parameter(
            "signs", Takes.EXPRESSIONS, "a yes/no for each sign of occupation, by name", True, of="homes"
        ),
        Parameter("least", Takes.INTEGER, "fewest signs for a home to be listed", True, least=1, most=20),
        Parameter("by_hand", Takes.EXPRESSION, "homes of which only a person may judge", True, of="homes"),
        Parameter("show", Takes.COLUMNS, "columns to carry over", default=(), of="homes"),
        Parameter("thresholds", Takes.MAPPING, "the values that expressions call :name", default={}),
    ),
    fits=False,
    source="Cabinet Office, National Fraud Initiative",
    gives=(
        Given(named_by="subject"),
        Given(named_by="show"),
        Given("signs", Type.INTEGER, Kind.SENSITIVE),
        Given("evidence", Type.TEXT, Kind.SENSITIVE),
        Given("by_hand", Type.BOOLEAN, Kind.SENSITIVE),
    ),
    subject="subject",
)

RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE))
