"""Invented tables about people, places and homes' accounts, as questions see them."""

from __future__ import annotations

from sharewell.plan.query import Askable, Question
from sharewell.plan.query_answer import read_question
from sharewell.plan.schema import Asset, Column, Kind, Schema, Type
from sharewell.plan.steps import Read

PARAMETERS = {"at": 3}


def _askable(
    name: str, columns: dict[str, tuple[Type, Kind]], units: tuple[str, ...], unique: tuple[str, ...] = ()
) -> Askable:
    asset = f"x.{name}"
    made = [
        Column(called, kind, label, "host", frozenset({f"{asset}.{called}"}))
        for called, (kind, label) in columns.items()
    ]
    made += [Column(unit, Type.TEXT, Kind.KEY, "", frozenset()) for unit in units]
    read = Read(Asset(asset, "host", Schema(tuple(made)), unique, about_people=bool(units)))
    hidden = frozenset({"nhs_number", "surname", "postcode"}) if units else frozenset()
    return Askable(
        name, asset, read, units, hidden, frozenset({"religion"}) if units else frozenset(), bool(units)
    )


TABLES = {
    table.name: table
    for table in (
        _askable(
            "patients",
            {
                "born": (Type.DATE, Kind.QUASI),
                "age": (Type.INTEGER, Kind.QUASI),
                "area": (Type.TEXT, Kind.QUASI),
                "sex": (Type.TEXT, Kind.QUASI),
                "asthma": (Type.BOOLEAN, Kind.SENSITIVE),
                "weight": (Type.NUMBER, Kind.SENSITIVE),
            },
            ("person", "home"),
        ),
        _askable(
            "gp-visits",
            {
                "day": (Type.DATE, Kind.PLAIN),
                "place": (Type.TEXT, Kind.PLAIN),
                "cost": (Type.INTEGER, Kind.PLAIN),
            },
            ("person",),
        ),
        _askable(
            "accounts", {"opened": (Type.DATE, Kind.PLAIN), "use": (Type.NUMBER, Kind.PLAIN)}, ("home",)
        ),
        _askable(
            "areas", {"area": (Type.TEXT, Kind.PLAIN), "ward": (Type.TEXT, Kind.PLAIN)}, (), ("area",)
        ),
    )
}


def read(text: str) -> Question:
    """A question of these tables."""
    return read_question(text, TABLES, PARAMETERS)
