"""Did people change their minds? The same people before and after, by exact tests, and no p for a handful.

Answers are from 1 to 5 and ordered, nothing more, so that only the direction of each change counts: the
exact sign test (Conover 1999, Practical Nonparametric Statistics, 3.4). Who answered only once, or is
undecided, is counted and left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LEAST = 10
"""People under whom no p is told."""
Answer = int | str


@dataclass(frozen=True)
class Change:
    """How many moved up, down or not; who could not be paired, and why; p where there are people enough.

    moved: (before, after) -> people, the table that everything else is counted from.
    """

    up: int
    down: int
    same: int
    only_before: int
    only_after: int
    undecided: int
    p: float | None
    moved: Mapping[tuple[Answer, Answer], int]

    @property
    def paired(self) -> int:
        return self.up + self.down + self.same


def change(before: Mapping[str, Answer], after: Mapping[str, Answer]) -> Change:
    """What changed, by the code on the sheet."""
    both = sorted(before.keys() & after.keys())
    moved: dict[tuple[Answer, Answer], int] = {}
    for code in both:
        pair = before[code], after[code]
        moved[pair] = moved.get(pair, 0) + 1
    known = {(a, b): n for (a, b), n in moved.items() if isinstance(a, int) and isinstance(b, int)}
    up = sum(n for (a, b), n in known.items() if int(b) > int(a))
    down = sum(n for (a, b), n in known.items() if int(b) < int(a))
    return Change(
        up,
        down,
        sum(known.values()) - up - down,
        len(before.keys() - after.keys()),
        len(after.keys() - before.keys()),
        sum(moved.values()) - sum(known.values()),
        _sign_test(up, down) if sum(known.values()) >= LEAST else None,
        moved,
    )


def _sign_test(up: int, down: int) -> float:
    """Two-sided exact p; 1 where nobody moved."""
    from scipy.stats import binomtest

    return float(binomtest(up, up + down, 0.5).pvalue) if up + down else 1.0
