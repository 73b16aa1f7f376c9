"""Why rows cannot be made alike enough within the levels allowed, and what small change would do."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal

from ...errors import Problem
from .classes import Grouping, Node


def explain(grouping: Grouping, coarsest: Node, budget: int) -> list[Problem]:
    """The cause, and each single change that would do: more rows left out, or one column made coarser."""
    tuples = grouping.tuples
    changes = [*_more_rows(grouping, coarsest), *_coarser(grouping, coarsest, budget)]
    if not changes:
        changes = ["allow every column its coarsest level"]
    wanted = grouping.wanted
    asked = [f"k = {wanted.smallest}"]
    asked += [
        f"{name} = {value}"
        for name, value in (("l", wanted.l), ("t", wanted.t), ("delta", wanted.delta))
        if value
    ]
    return [
        Problem(
            "UNREACHABLE",
            f"{', '.join(asked)} cannot be had with {wanted.suppress:.4g} of the rows left out",
            f"at the coarsest levels allowed, {_left_out(grouping, coarsest)} of {tuples.rows} rows fail",
            "; or ".join(changes),
        )
    ]


def _left_out(grouping: Grouping, node: Node) -> int:
    return grouping.judge(grouping.classes(node)).left_out


def _more_rows(grouping: Grouping, coarsest: Node) -> Iterator[str]:
    """The share rounded up to a tenth of a per cent: at the coarsest node fewest fail on k and l."""
    gone = _left_out(grouping, coarsest)
    if gone < grouping.tuples.rows:
        share = 100 * Decimal(gone) / Decimal(grouping.tuples.rows)
        yield f"leave out {share.quantize(Decimal('0.1'), ROUND_CEILING)}% of the rows"


def _coarser(grouping: Grouping, coarsest: Node, budget: int) -> Iterator[str]:
    for column, quasi in enumerate(grouping.tuples.quasi):
        for level in range(coarsest[column] + 1, quasi.levels):
            node = (*coarsest[:column], level, *coarsest[column + 1 :])
            if _left_out(grouping, node) <= budget:
                yield f"allow {quasi.name} level {level} of {quasi.levels - 1}"
                break
