"""discrepancies: claims that other records contradict, each with its evidence, for a person to judge.

A claim says something of who lives in a home: a single-person discount, a tenancy, a school place. The
records say where somebody was known to live, and since when. A claim is listed where at least `least`
different services contradict it in the way that `conflict` names:

    others        people other than the claimant are recorded in the home
    elsewhere     the claimant is recorded in another home, and later than in this one
    replaced      both: the claimant elsewhere, and others in the home
    unregistered  people are recorded in a home that makes no claim for them

`excused` keeps out claims that are right after all (students, carers, a temporary move). Records older
than `within_days` before `at` count for nothing, because old addresses accuse the wrong people. Method:
matching between holdings as the National Fraud Initiative does it, with the evidence kept beside each
match.

Yields one row a claim: the subject, the columns shown, `services` (how many), `evidence` (which, in
words), and `latest` (the day of the newest).
"""

from __future__ import annotations

from ..plan.forms import IDENTIFIABLE
from ..plan.recipe import Given, Input, Parameter, Recipe, Signature, Takes
from ..plan.schema import Kind, Type
from .registry import RECIPES

_KEY = (Type.TEXT,)

SIGNATURE = Signature(
    name="discrepancies",
    question="Which {claim_as} are contradicted by {least} or more other services?",
    needs=IDENTIFIABLE,
    yields=IDENTIFIABLE,
    inputs=(
        Input("claims", "one row a claim"),
        Input("records", "one row a record of a person at a home, from other services"),
    ),
    parameters=(
        Parameter(
            "subject", Takes.COLUMN, "the reference by which the recipient knows it", True, of="claims"
        ),
        Parameter(
            "claimant",
            Takes.COLUMN,
            "the key of the person who claims",
            default="person",
            of="claims",
            types=_KEY,
        ),
        Parameter(
            "claimed",
            Takes.COLUMN,
            "the key of the home that the claim is about",
            default="home",
            of="claims",
            types=_KEY,
        ),
        Parameter("excused", Takes.EXPRESSION, "claims that the records cannot contradict", of="claims"),
        Parameter("show", Takes.COLUMNS, "columns to carry over", default=(), of="claims"),
        Parameter(
            "person",
            Takes.COLUMN,
            "the key of the person recorded",
            default="person",
            of="records",
            types=_KEY,
        ),
        Parameter(
            "home",
            Takes.COLUMN,
            "the key of the home where they were",
            default="home",
            of="records",
            types=_KEY,
        ),
        Parameter(
            "service",
            Takes.COLUMN,
            "the service that recorded it",
            default="service",
            of="records",
            types=(Type.TEXT,),
        ),
        Parameter(
            "since", Takes.COLUMN, "when it was recorded", default="since", of="records", types=(Type.DATE,)
        ),
        Parameter(
            "conflict",
            Takes.TEXT,
            "how a record contradicts a claim",
            True,
            choices=("others", "elsewhere", "replaced", "unregistered"),
        ),
        Parameter("least", Takes.INTEGER, "fewest services that contradict it", True, least=1, most=16),
        Parameter("at", Takes.DATE, "the day at which it is judged", True),
        Parameter("within_days", Takes.INTEGER, "oldest record that counts, in days", True, least=1),
        Parameter("claim_as", Takes.TEXT, "the claims in words", True),
        Parameter("thresholds", Takes.MAPPING, "the values that expressions call :name", default={}),
    ),
    fits=False,
    source="Cabinet Office, National Fraud Initiative",
    gives=(
        Given(named_by="subject"),
        Given(named_by="show"),
        Given("services", Type.INTEGER, Kind.SENSITIVE),
        Given("evidence", Type.TEXT, Kind.SENSITIVE),
        Given("latest", Type.DATE, Kind.SENSITIVE),
    ),
    subject="subject",
)

RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE))
