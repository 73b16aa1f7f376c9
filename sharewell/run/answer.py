"""An answer as it is shown and kept: a table that passed the gate, in plain values."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import Problem, StorageError
from ..plan.finding import ALL, UNKNOWN
from ..plan.plan import Product
from ..plan.query import Order, Shown
from ..plan.released import WITHHELD

if TYPE_CHECKING:
    from ..check import Checked

WITHHELD_SIGN = "[c]"
UNLISTED = "Groups of which nothing can be shown are not listed: their names alone would tell of somebody."


@dataclass(frozen=True)
class Answer:
    """Columns and rows; a figure that is withheld is WITHHELD_SIGN, one that does not exist is None.

    The first `labels` columns name the groups. `withheld` says how many figures were held back and why;
    `certificate` is the gate's. `left` of `limit` answers may still be asked; `repeated` says that this one
    was given before and cost nothing. `read` is what the question read, and what for.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    notes: tuple[str, ...]
    withheld: tuple[str, ...]
    certificate: dict[str, Any]
    to: str
    purpose: str
    left: int = 0
    limit: int = 0
    repeated: bool = False
    labels: int = 0
    read: str = ""

    @classmethod
    def of(cls, checked: Checked, product: Product) -> Answer:
        """The one table of a checked question."""
        table = checked.tables[0]
        columns = tuple(table.data.column_names)
        cells = [
            [WITHHELD_SIGN if mark in WITHHELD else cell for cell, mark in _pairs(table, name)]
            for name in columns
        ]
        every = list(zip(*cells, strict=True))
        rows = tuple(_listed(every, len(table.by)))
        lines = [
            f"{line.cells} figures, because {line.why}" if line.cells else line.why
            for line in checked.withheld
        ]
        policy = checked.certificate.policy
        unlisted = (UNLISTED,) if len(rows) < len(every) else ()
        notes = (*table.notes, *unlisted, _promise(policy))
        return cls(
            columns, rows, notes, tuple(lines), checked.certificate.as_mapping(), product.recipients[0],
            product.purpose, labels=len(table.by),
        )  # fmt: skip

    def numbered(self, left: int, limit: int, *, repeated: bool = False) -> Answer:
        """The same, with how many more may be asked."""
        return replace(self, left=left, limit=limit, repeated=repeated)

    def told(self, read: str, legend: Sequence[str]) -> Answer:
        """The same, with what the question read and what its figures are of."""
        return replace(self, read=read, notes=(*legend, *self.notes))

    def set_out(self, shown: Shown) -> Answer:
        """The rows in the order asked, the first so many of them, and then their totals."""
        rows = list(self.rows)
        for order in reversed(shown.order):
            rows = _in_order(rows, self.columns.index(order.column), order, self.labels)
        groups = [row for row in rows if not self.is_total(row)]
        totals = sorted(filter(self.is_total, rows), key=lambda row: _level(row, self.labels))
        if shown.limit is None or shown.limit >= len(groups):
            return replace(self, rows=(*groups, *totals))
        first = groups[: shown.limit]
        named = [{row[d] for row in first} | {ALL} for d in range(self.labels)]
        kept = [row for row in totals if all(row[d] in names for d, names in enumerate(named))]
        note = f"The first {len(first)} of {len(groups)} groups are shown. Totals are of all of them."
        return replace(self, rows=(*first, *kept), notes=(*self.notes, note))

    def is_total(self, row: Sequence[Any]) -> bool:
        """Whether a row is of several groups together."""
        return ALL in row[: self.labels]

    def as_json(self) -> str:
        """All of it."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    def as_records(self) -> list[dict[str, Any]]:
        """One mapping a row."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def keep(self, path: Path) -> None:
        """Write it whole or not at all. StorageError where it cannot be written."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(".part")
            part.write_text(self.as_json(), encoding="utf-8")
            part.replace(path)
        except OSError as error:
            reason = (error.strerror or "cannot be written").lower()
            raise StorageError(
                Problem("FILE", f"the answer: {reason}", fix="free space, then ask again")
            ) from None

    @classmethod
    def kept(cls, path: Path) -> Answer | None:
        """An answer that was kept, or None where there is none that can be read."""
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            told |= {name: tuple(told[name]) for name in ("columns", "notes", "withheld")}
            return cls(**{**told, "rows": tuple(map(tuple, told["rows"]))})
        except (OSError, ValueError, KeyError, TypeError):
            return None


def _listed(rows: list[tuple[Any, ...]], dimensions: int) -> Iterator[tuple[Any, ...]]:
    """The rows that may be named: a withheld one only if each of its labels stands in one that is shown.

    Else the label alone would tell that there is somebody of whom it is true.
    """
    shown = [row for row in rows if row[dimensions] != WITHHELD_SIGN]
    told = [{row[d] for row in shown} | {ALL} for d in range(dimensions)]
    for row in rows:
        if all(row[d] in told[d] for d in range(dimensions)):
            yield row


def _in_order(rows: list[tuple[Any, ...]], at: int, order: Order, labels: int) -> list[tuple[Any, ...]]:
    """Stable. What is withheld has no place in an order, and comes last, as a total does."""
    none, last = (UNKNOWN if at < labels else None), (ALL if at < labels else WITHHELD_SIGN)
    known = [row for row in rows if row[at] not in (none, last)]
    known.sort(key=lambda row: int(row[at]) if order.number else row[at], reverse=order.descending)
    unknown = [row for row in rows if row[at] == none]
    held = [row for row in rows if row[at] == last]
    return [*unknown, *known, *held] if order.nulls_first else [*known, *unknown, *held]


def _level(row: Sequence[Any], labels: int) -> tuple[int, tuple[bool, ...]]:
    """Totals over fewer columns come first, the total of everything last."""
    over = tuple(label == ALL for label in row[:labels])
    return sum(over), over


def _pairs(table: Any, name: str) -> Sequence[tuple[Any, str]]:
    return list(zip(table.data[name].to_pylist(), table.marks[name].to_pylist(), strict=True))


def _promise(policy: Any) -> str:
    rounded = f", counts to the nearest {policy['rounding']}" if policy["rounding"] else ""
    return f"Checked by policy {policy['name']}: nothing on fewer than {policy['minimum']} people{rounded}."
