"""Described places put into the gazetteer's words at the host, and records set beside rows to be
attacked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..plan.steps import Beside, Recognise

if TYPE_CHECKING:
    from .walk import Runner

Done = tuple[Any, dict[str, Any]]


def recognise(runner: Runner, step: Recognise) -> Done:
    """Each distinct description is recognised once; the table then joins what was found."""
    import pyarrow as pa

    from ..analyse.places.gazetteer import recognise as recognised

    table, engine = runner.values[step.of], runner.engine
    runner.tell(f"analyse: recognising places in {step.column}", -1.0)
    said = engine.to_arrow(
        table.select(said=table[step.column]).distinct().filter(lambda t: t.said.notnull())
    )
    known = engine.to_arrow(runner.values[step.places]).sort_by(step.name)
    rows = [name is not None for name in known[step.name].to_pylist()]
    known = known.filter(pa.array(rows, pa.bool_()))
    found = recognised(
        said["said"].to_pylist(), known[step.name].to_pylist(), known[step.adds[0][0]].to_pylist()
    )
    at = pa.array(found.row, mask=found.row < 0)
    made = {f"made_{i}": known[theirs].take(at) for i, (theirs, _) in enumerate(step.adds)}
    pairs = engine.from_arrow(pa.table({"described_as": said["said"], **made}))
    joined = table.left_join(pairs, [(table[step.column], pairs["described_as"])])
    names = {mine: f"made_{i}" for i, (_, mine) in enumerate(step.adds)}
    kept = [joined[names.get(name, name)].name(name) for name in step.shape.schema.names]
    result = engine.settle(joined.select(kept))
    return result, {
        "column": step.column,
        "texts": said.num_rows,
        "recognised": int((found.row >= 0).sum()),
    }


def set_beside(runner: Runner, step: Beside) -> Done:
    """The rows as they are; what is held beside them is looked at only when they are attacked."""
    return runner.values[step.of], {"held": step.called, "compared": list(step.compared)}
