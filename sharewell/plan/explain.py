"""A plan in words: one line a step, in the eight words, with its place and the form of what it yields."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .forms import Who
from .plan import Plan
from .steps import (
    RECORDS,
    REFERENCE,
    About,
    Aggregate,
    Check,
    Coarsen,
    Derive,
    Filter,
    Fit,
    Group,
    Join,
    Keep,
    Key,
    Link,
    Pick,
    Read,
    Stack,
    Step,
    Transfer,
)


@dataclass(frozen=True)
class Line:
    """A step as a reader sees it."""

    number: int
    stage: str
    place: str
    text: str
    form: str


def explain(plan: Plan) -> tuple[Line, ...]:
    """Every step of a plan; touches no data."""
    return tuple(
        Line(plan.numbers[step], step.stage, step.shape.place, say(step, plan), _form(step))
        for step in plan.steps
    )


Told = tuple[str, str, str, str, str]
"""Stage, what was done, place, form, and to whom."""


def summary(plan: Plan, products: frozenset[str] | set[str] | None = None) -> tuple[Told, ...]:
    """The plan of some products (all, unless named) as a short read: what matters of each stage, in its place."""
    chosen = [p for p in plan.products if products is None or p.name in products]
    steps = list(dict.fromkeys(step for product in chosen for step in product.result.walk()))
    told = [*_reads(steps), *_links(steps), *_lessened(steps)]
    for product in chosen:
        host = product.result.shape.place
        told.append(("analyse", f"{product.question} ({product.recipe})", host, product.form.word, ""))
        told.append(("check", f"{product.name}: {_check(product.result)}", host, product.form.word, ""))
    for product in chosen:
        for delivery in product.deliveries:
            told.append(
                ("release", product.name, product.result.shape.place, product.form.word, delivery.to)
            )
    return tuple(told)


def _reads(steps: list[Step]) -> list[Told]:
    assets: dict[str, list[str]] = {}
    for step in steps:
        if isinstance(step, Read):
            assets.setdefault(step.shape.place, []).append(step.asset.name)
    return [("describe", f"reads {', '.join(names)}", place, "", "") for place, names in assets.items()]


def _links(steps: list[Step]) -> list[Told]:
    told: list[Told] = []
    for step in steps:
        if isinstance(step, Transfer) and step.purpose == "link" and step.shape.form.who is Who.NAMED:
            names = [name for name in step.shape.schema.names if name != "record"]
            place = step.of.shape.place
            told.append(("link", f"sends {_columns(tuple(names))}", place, step.shape.form.word, step.to))
        elif isinstance(step, Link):
            what = f"finds which records are the same {step.unit} ({step.linker})"
            told.append(("link", what, step.shape.place, "", ""))
    return told


def _lessened(steps: list[Step]) -> list[Told]:
    """What crosses to the host, and how it was made less identifying."""
    told: list[Told] = []
    for step in steps:
        if isinstance(step, Transfer) and step.purpose != "link":
            coarse = [f"{part.column} to {part.rule}" for part in step.walk() if isinstance(part, Coarsen)]
            names = [name for name in step.shape.schema.names if name != "record"]
            how = f" ({', '.join(coarse)})" if coarse else ""
            what = f"sends {_columns(tuple(names))}{how}, under a key in place of a name"
            if step.shape.about is About.PLACES:
                what = f"sends {_columns(tuple(names))}, about places"
            told.append(("depersonalise", what, step.of.shape.place, _form(step), step.to))
    return told


def say(step: Step, plan: Plan) -> str:
    """One step in words, its inputs by number."""
    inputs = ", ".join(f"#{plan.numbers[part]}" for part in step.inputs)
    return f"{_WORDS[type(step)](step)} [{inputs}]" if inputs else _WORDS[type(step)](step)


def _form(step: Step) -> str:
    if step.shape.about is About.PLACES:
        return "about places"
    return f"{step.shape.form.word}"


def _columns(names: tuple[str, ...]) -> str:
    return ", ".join(names)


def _aggregate(figure: Aggregate) -> str:
    of = f" of {figure.of}" if figure.of is not None else ""
    where = f" where {figure.where}" if figure.where is not None else ""
    return f"{figure.name} = {figure.how}{of}{where}"


def _join(step: Join) -> str:
    on = ", ".join(a if a == b else f"{a} = {b}" for a, b in step.on)
    told = {
        "left": "join on",
        "inner": "join (matches only) on",
        "semi": "keep those found by",
        "anti": "leave out by",
    }
    return f"{told[step.how]} {on}"


def _check(step: Check) -> str:
    if step.policy == RECORDS:
        return f"check rows: only {_columns(step.shape.schema.names)}"
    return "check: about nobody" if step.policy == REFERENCE else f"check for disclosure by {step.policy}"


def _transfer(step: Transfer) -> str:
    return f"transfer {step.what} to {step.to}, purpose {step.purpose}, at most {step.form.word}"


_WORDS: dict[type[Step], Callable[[Any], str]] = {
    Read: lambda step: f"read {step.asset.name}",
    Keep: lambda step: f"keep {_columns(step.columns)}",
    Derive: lambda step: "derive " + "; ".join(f"{name} = {e}" for name, e in step.columns),
    Filter: lambda step: f"keep rows where {step.condition}",
    Join: _join,
    Stack: lambda step: "stack",
    Pick: lambda step: f"one row for each {_columns(step.by)}",
    Group: lambda step: (
        f"for each {_columns(step.by) or 'table'}: " + "; ".join(map(_aggregate, step.aggregates))
    ),
    Link: lambda step: f"link {_columns(step.names)} into {step.unit} by {step.linker}",
    Key: lambda step: f"key {step.column} as {step.name}",
    Coarsen: lambda step: f"coarsen {step.column} to {step.rule}",
    Fit: lambda step: f"fit {step.recipe}",
    Check: _check,
    Transfer: _transfer,
}
