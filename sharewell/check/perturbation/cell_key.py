"""The cell key method: a count is changed by a fixed table, looked up by the count and by who is counted.

Every person has a *record key*, 0 to 255, uniform and secret. The key of a cell is the sum of the record
keys of its people modulo 256, so the same people give the same key, and the same published figure, in
whichever table, order or question they are counted: nothing is gained by asking again. (Thompson,
Broadfoot and Elazar, Methodology for the automatic confidentialisation of statistical outputs from remote
servers at the Australian Bureau of Statistics, 2013; Office for National Statistics, Cell Key Perturbation
user guide.)

A table of perturbations has a row for each count up to 750; greater counts use the rows 501 to 750 again
(period 250). The one known here is the ONS 10-5 rule: counts under 10 become nothing and are withheld, all
others go to the nearest multiple of 5. In it the change is the same for every key, so it protects as
rounding does and no more; the keys matter for tables of perturbations with noise, which a custodian adds.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt

from ...errors import GateError, Problem
from ..evidence import Evidence
from ..structure import Floats, Ints

KEYS = 256
ROWS = 750
PERIOD = 250
PURPOSE = b"sharewell record key\x00"
"""Kept apart from every other use of the same secret."""

Perturbations = npt.NDArray[np.int64]


def ten_five() -> Perturbations:
    """The 10-5 rule of the Office for National Statistics as perturbations, 750 counts x 256 keys."""
    counts = np.arange(1, ROWS + 1)
    shown = np.where(counts < 10, 0, (counts + 2) // 5 * 5)
    return np.broadcast_to((shown - counts)[:, None], (ROWS, KEYS))


TABLES: dict[str, Callable[[], Perturbations]] = {"10-5": ten_five}


def record_keys(people: Iterable[str], secret: bytes) -> Ints:
    """A record key for each person code: the first byte of HMAC-SHA-256 under the agreement's secret.

    Another agreement has another secret, so neither keys nor perturbed cells can be compared across them.
    """
    keys = [hmac.digest(secret, PURPOSE + person.encode(), "sha256")[0] for person in people]
    return np.array(keys, dtype=np.int64)


def perturb(people: Floats, keys: Floats, perturbations: Perturbations) -> Floats:
    """Counts as they are published. keys: the sums of the record keys; nobody stays nobody."""
    counts = people.astype(np.int64)
    row = np.where(counts > ROWS, (counts - 1) % PERIOD + (ROWS - PERIOD + 1), counts)
    change = perturbations[np.maximum(row, 1) - 1, keys.astype(np.int64) % KEYS]
    shown: Floats = np.where(counts > 0, counts + change, 0).astype(np.float64)
    return shown


def read_keys(evidence: Evidence, count: str) -> Floats:
    """The cell keys of one count. GateError EVIDENCE where the table lacks them or they are not keys."""
    table = evidence.table
    name = table.cell_keys.get(count)
    if name is None:
        raise GateError(
            Problem(
                "EVIDENCE",
                f"{count} comes without cell keys",
                "the policy perturbs a count by who is counted, which cannot be known from the count",
                "let the recipe sum the record keys of each group and name that column in `cell_keys`",
                f"table {table.name}",
            )
        )
    keys: Floats = np.asarray(table.data.column(name).to_numpy(zero_copy_only=False), dtype=np.float64)
    if not np.isfinite(keys).all() or (keys < 0).any() or (keys != np.floor(keys)).any():
        raise GateError(
            Problem(
                "EVIDENCE",
                f"the cell keys of {count} are not whole numbers",
                fix="sum the record keys, which are whole numbers from 0 to 255",
                where=f"table {table.name}",
            )
        )
    return keys
