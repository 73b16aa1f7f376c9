"""alerts: tell the one who cares for a person that something happened, or did not, while it matters.

Three conditions, one a product:

- `more than`: more than `count` events in any `days` that end by the run;
- `again within`: an event begins within `days` of the end of the one before;
- `nothing within`: an event ended and no `follow_up` came within `days`.

A row goes to the holder of `send_to` and to nobody else; a person who objects is never told of. Each row
has its reason and the day of the event that set it off.

Method: Hospital Episode Statistics' readmission within 30 days (NHS England, Compendium indicators), and
the frequent-attendance rule of the Royal College of Emergency Medicine (2017), as settings.
"""

from __future__ import annotations

from ..plan.forms import IDENTIFIABLE
from ..plan.recipe import Given, Input, Parameter, Recipe, Signature, Takes
from ..plan.schema import Kind, Type
from .registry import RECIPES

_DAY, _KEY = (Type.DATE,), (Type.TEXT,)
CONDITIONS = ("more than", "again within", "nothing within")

SIGNATURE = Signature(
    name="alerts",
    question="Whose {event_as} should the professional who cares for them hear of now?",
    needs=IDENTIFIABLE,
    yields=IDENTIFIABLE,
    inputs=(
        Input("people", "one row a person who may be told of"),
        Input("events", "one row an event"),
        Input("follow_up", "one row a contact that would have followed", optional=True),
    ),
    parameters=(
        Parameter("person", Takes.COLUMN, "the person's key", True, of="people", types=_KEY),
        Parameter(
            "subject", Takes.COLUMN, "the reference by which the recipient knows them", True, of="people"
        ),
        Parameter(
            "send_to", Takes.COLUMN, "who has the person in their care", True, of="people", types=_KEY
        ),
        Parameter(
            "objects", Takes.COLUMN, "whether the person objects", True, of="people", types=(Type.BOOLEAN,)
        ),
        Parameter("event_of", Takes.COLUMN, "whose event it was", True, of="events", types=_KEY),
        Parameter("event_on", Takes.COLUMN, "the day it began", True, of="events", types=_DAY),
        Parameter("event_ended", Takes.COLUMN, "the day it ended", of="events", types=_DAY),
        Parameter("event_as", Takes.TEXT, "the event, in words", True),
        Parameter("followed_of", Takes.COLUMN, "whose contact it was", of="follow_up", types=_KEY),
        Parameter("followed_on", Takes.COLUMN, "the day of the contact", of="follow_up", types=_DAY),
        Parameter("when", Takes.TEXT, "the condition", True, choices=CONDITIONS),
        Parameter("count", Takes.INTEGER, "events that it takes more than", default=0, least=0),
        Parameter("days", Takes.INTEGER, "the length of the window", True, least=1),
        Parameter("expires_days", Takes.INTEGER, "days after which an alert lapses", default=30, least=1),
    ),
    fits=False,
    source="NHS England, Compendium of population health indicators; RCEM 2017",
    gives=(
        Given(named_by="subject"),
        Given(named_by="send_to"),
        Given("alert", Type.TEXT, Kind.SENSITIVE),
        Given("events", Type.INTEGER, Kind.SENSITIVE),
        Given("set_off_on", Type.DATE, Kind.SENSITIVE),
        Given("lapses_on", Type.DATE),
    ),
    subject="subject",
)

RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE))
