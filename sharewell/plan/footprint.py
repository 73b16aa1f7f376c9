"""What a plan reads, exactly: the columns of each step that something downstream needs, found backwards.

Column liveness, as compilers compute it (Aho et al. 2007, Compilers, 9.2.5). A field that arrives but is
not live is over-collection, however often an expression whose result nobody reads may mention it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .expressions import Expression
from .steps import (
    Awaited,
    Beside,
    Coarsen,
    Derive,
    Filter,
    Fit,
    Group,
    Join,
    Key,
    Link,
    Pick,
    Rank,
    Recognise,
    Step,
    walk,
)

Names = frozenset[str]


def live_columns(ends: Iterable[Step]) -> dict[Step, Names]:
    """For each step beneath `ends`, the columns that they need of it. All columns of an end are needed."""
    found = tuple(ends)
    live: dict[Step, Names] = {step: frozenset(step.shape.schema.names) for step in found}
    for step in reversed(tuple(walk(found))):
        wanted = live.get(step, frozenset())
        for part, names in zip(step.inputs, _NEEDS.get(type(step), _same)(step, wanted), strict=True):
            live[part] = live.get(part, frozenset()) | names
    return live


def _same(step: Step, wanted: Names) -> Iterable[Names]:
    """What is needed of the step is needed of each that it rests on: keep, stack, check, transfer."""
    return [wanted for _ in step.inputs]


def _everything(step: Step, wanted: Names) -> Iterable[Names]:
    """A fit and a link read all columns that they are given."""
    return [frozenset(part.shape.schema.names) for part in step.inputs]


def _reads(*expressions: Expression | None) -> Names:
    return frozenset[str]().union(*(e.columns() for e in expressions if e is not None))


def _derive(step: Derive, wanted: Names) -> Iterable[Names]:
    made = dict(step.columns)
    return [(wanted - set(made)) | _reads(*(made[name] for name in wanted & set(made)))]


def _join(step: Join, wanted: Names) -> Iterable[Names]:
    mine, theirs = (frozenset(pair) for pair in zip(*step.on, strict=True))
    right = wanted - set(step.left.shape.schema.names)
    return [(wanted - right) | mine, right | theirs]


def _group(step: Group, wanted: Names) -> Iterable[Names]:
    figures = [figure for figure in step.aggregates if figure.name in wanted]
    return [frozenset(step.by) | _reads(*(part for f in figures for part in (f.of, f.where)))]


def _recognise(step: Recognise, wanted: Names) -> Iterable[Names]:
    made = {mine: theirs for theirs, mine in step.adds}
    return [
        (wanted - set(made)) | {step.column},
        frozenset({step.name, *(made[name] for name in wanted & set(made))}),
    ]


def _beside(step: Beside, wanted: Names) -> Iterable[Names]:
    told = frozenset({*step.compared, step.place, step.day, step.hour})
    return [wanted | told, told]


def _renamed(step: Coarsen | Key, wanted: Names) -> Iterable[Names]:
    return [(wanted - {step.name}) | {step.column} if step.name in wanted else wanted]


_NEEDS: dict[type[Step], Callable[[Any, Names], Iterable[Names]]] = {
    Awaited: lambda step, wanted: [frozenset(names) for names in step.reads],
    Fit: _everything,
    Link: _everything,
    Derive: _derive,
    Filter: lambda step, wanted: [wanted | _reads(step.condition)],
    Join: _join,
    Pick: lambda step, wanted: [wanted | frozenset(step.by)],
    Rank: lambda step, wanted: [(wanted - {step.place}) | {step.by}],
    Group: _group,
    Recognise: _recognise,
    Beside: _beside,
    Coarsen: _renamed,
    Key: _renamed,
}
