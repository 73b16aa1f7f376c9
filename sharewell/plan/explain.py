"""A plan in words: one line a step, in the eight words, with its place and the form of what it yields."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from .forms import Who
from .plan import LINKING, Plan, Product
from .schema import Kind
from .steps import (
    RECORDS,
    REFERENCE,
    About,
    Aggregate,
    Awaited,
    Beside,
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
    Rank,
    Read,
    Recognise,
    Stack,
    Step,
    Transfer,
    walk,
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
    """The plan of some products (all, unless named) as a short read, in the eight words.

    Who brings what; who sends which names to the linker; what reaches the host and how it was lessened;
    each question, its check and its recipients. No transfer is left out; those of one place with the same
    columns share a line.
    """
    chosen = [p for p in plan.products if products is None or p.name in products]
    steps = tuple(walk(product.result for product in chosen))
    told = [*_reads(steps), *_links(steps), *_arrivals(steps)]
    for stage in ("analyse", "check", "release"):
        told += [_told(stage, product, plan.host) for product in chosen]
    return tuple(told)


def _told(stage: str, product: Product, host: str) -> Told:
    """A product's line in one of the last stages."""
    what = {
        "analyse": f"{product.question} ({product.recipe})",
        "check": f"{product.name}: {_gate(product.result)}",
        "release": product.name,
    }[stage]
    to = ", ".join(product.recipients) if stage == "release" else ""
    return (stage, what, host, product.form.word, to)


def _reads(steps: tuple[Step, ...]) -> list[Told]:
    assets: dict[str, list[str]] = {}
    for step in steps:
        if isinstance(step, Read):
            assets.setdefault(step.shape.place, []).append(step.asset.name)
    return [("describe", f"brings {', '.join(names)}", place, "", "") for place, names in assets.items()]


def _links(steps: tuple[Step, ...]) -> list[Told]:
    """Names to the linker, what it finds, and the keys that it sends to the host."""
    told: list[Told] = []
    for step in steps:
        if isinstance(step, Link):
            of = f"{len(step.names)} source{'s' if len(step.names) > 1 else ''}"
            what = f"finds which records of {of} are the same {step.unit}, {_method(step)}"
            told.append(("link", what, step.shape.place, "", ""))
        elif isinstance(step, Transfer) and step.purpose == LINKING:
            names = _columns(column.name for column in step.shape.schema if column.kind is not Kind.KEY)
            what = f"sends the {step.what}: {names}, and {_numbers(step)}"
            if step.shape.form.who is not Who.NAMED:
                names = _columns(name for name in step.shape.schema.names if name != "record")
                what = f"sends the {step.what}: which keyed record is which keyed {names}"
            told.append(("link", what, step.of.shape.place, step.form.word, step.to))
    return told


def _method(step: Link) -> str:
    """By which linker, and whether anything of it is kept."""
    if step.standing:
        return f"by {step.linker}, and keeps that as a standing index"
    if step.index:
        return f"by the standing index of {step.index} ({step.linker}), which keeps nothing of them"
    return f"by {step.linker}"


def _numbers(step: Transfer) -> str:
    """The keyed numbers beside an identity; some are known to another agreement's index."""
    known = {part.name: part.under for part in step.walk() if isinstance(part, Key) and part.under}
    more = (f", and {name}, by which {index} knows it" for name, index in sorted(known.items()))
    return f"a keyed record number{''.join(more)}"


def _arrivals(steps: tuple[Step, ...]) -> list[Told]:
    """What crosses to the host, and how it was made less identifying; alike transfers in one line."""
    alike: dict[tuple[str, str, str, str], list[str]] = {}
    for step in steps:
        if isinstance(step, Transfer) and step.purpose != LINKING:
            line = (_sent(step), step.of.shape.place, _form(step), step.to)
            alike.setdefault(line, []).append(step.what.removeprefix("content of "))
    return [
        ("depersonalise", f"sends the content of {', '.join(names)}: {what}", place, form, to)
        for (what, place, form, to), names in alike.items()
    ]


def _sent(step: Transfer) -> str:
    """The columns of a transfer, each coarsened one with what it became, and how people are known in it."""
    coarse = {part.name: part.rule for part in step.walk() if isinstance(part, Coarsen)}
    shown = _columns(
        f"{c.name} as {coarse[c.name]}" if c.name in coarse else c.name
        for c in step.shape.schema
        if c.name != "record"
    )
    named = [c.name for c in step.shape.schema if c.kind is Kind.IDENTIFIER]
    if step.shape.about is About.PLACES:
        return shown or "rows only"
    known = f"people known by {_columns(named)}" if named else "people known by a key"
    return f"{shown}; {known}" if shown else known


def _gate(step: Check) -> str:
    if step.policy == RECORDS:
        return f"only {_columns(step.shape.schema.names)}, one row a subject"
    return f"small and revealing figures withheld, by {step.policy}"


def say(step: Step, plan: Plan) -> str:
    """One step in words, its inputs by number."""
    inputs = ", ".join(f"#{plan.numbers[part]}" for part in step.inputs)
    return f"{_WORDS[type(step)](step)} [{inputs}]" if inputs else _WORDS[type(step)](step)


def _form(step: Step) -> str:
    if step.shape.about is About.PLACES:
        return "about places"
    return step.shape.form.word


def _columns(names: Iterable[str]) -> str:
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
    Rank: lambda step: (
        f"in order of {step.by}, greatest first" + (f", the first {step.most}" if step.most else "")
    ),
    Group: lambda step: (
        f"for each {_columns(step.by) or 'table'}: " + "; ".join(map(_aggregate, step.aggregates))
    ),
    Link: lambda step: f"link {_columns(step.names)} into {step.unit} {_method(step)}",
    Key: lambda step: f"key {step.column} as {step.name}{f', under {step.under}' if step.under else ''}",
    Coarsen: lambda step: f"coarsen {step.column} to {step.rule}",
    Awaited: lambda step: f"prepare {step.recipe} (not in this version)",
    Recognise: lambda step: (
        f"recognise the place in {step.column}: {_columns(mine for _, mine in step.adds)};"
        " its words go no further"
    ),
    Beside: lambda step: f"set beside it {step.called}, by {_columns(step.compared)}, to be attacked with",
    Fit: lambda step: f"fit {step.recipe}",
    Check: _check,
    Transfer: _transfer,
}
