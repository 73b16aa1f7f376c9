"""The cell key method: the same cells as the Office for National Statistics' own package, and its keys.

The package is an oracle only. To run that test, install `cell-key-perturbation` with pandas into an
environment of its own and name its interpreter in CELL_KEY_PYTHON.
"""

from __future__ import annotations

import json
import os
import subprocess

import numpy as np
import pyarrow as pa
import pytest

from sharewell.check import POLICIES, gate
from sharewell.check.perturbation.cell_key import KEYS, ROWS, TABLES, perturb, record_keys, ten_five
from sharewell.check.policy_limits import CELL_KEYS
from sharewell.plan.finding import Finding, Output, ResultTable

ORACLE = os.environ.get("CELL_KEY_PYTHON", "")
ASK = """
import json, sys
import pandas as pd
from cell_key_perturbation.create_perturbed_table import create_perturbed_table
from cell_key_perturbation.utils.generate_test_ptable import generate_ptable_10_5_rule
given = json.load(sys.stdin)
ptable = generate_ptable_10_5_rule()
data = pd.DataFrame({"place": given["place"], "sex": given["sex"], "record_key": given["keys"]})
table = create_perturbed_table(data, ptable, ["place"], ["sex"], "record_key", threshold=10)
cells = [[r["place"], r["sex"], None if pd.isna(r["count"]) else int(r["count"])]
         for r in table.to_dict("records")]
print(json.dumps({"cells": cells, "pvalues": ptable.sort_values(["pcv", "ckey"])["pvalue"].tolist()}))
"""


def people(size: int) -> tuple[list[str], list[str], list[int]]:
    random = np.random.default_rng(11)
    place = [f"p{i:02d}" for i in random.zipf(1.3, size).clip(1, 90)]
    sex = random.choice(["f", "m"], size).tolist()
    keys = record_keys([f"person {i}" for i in range(size)], b"a secret of thirty-two bytes long").tolist()
    return place, sex, keys


def count(place: list[str], sex: list[str], keys: list[int]) -> ResultTable:
    """Every combination, with its people and the sum of their record keys."""
    cells = {(p, s): [0, 0] for p in sorted(set(place)) for s in ("f", "m")}
    for p, s, key in zip(place, sex, keys, strict=True):
        cells[p, s][0] += 1
        cells[p, s][1] += key
    data = pa.table(
        {
            "place": [p for p, _ in cells],
            "sex": [s for _, s in cells],
            "people": [n for n, _ in cells.values()],
            "key": [key for _, key in cells.values()],
        }
    )
    return ResultTable(
        "t", "T", Output.FREQUENCY, data, ("place", "sex"), ("people",), cell_keys={"people": "key"}
    )


@pytest.mark.skipif(not ORACLE, reason="CELL_KEY_PYTHON names no interpreter with cell-key-perturbation")
def test_every_cell_is_the_one_of_the_official_package() -> None:
    place, sex, keys = people(20_000)
    given = json.dumps({"place": place, "sex": sex, "keys": keys})
    said = subprocess.run(
        [ORACLE, "-c", ASK], input=given, capture_output=True, text=True, check=True, timeout=120
    ).stdout
    answer = json.loads(said.splitlines()[-1])
    assert ten_five().ravel().tolist() == answer["pvalues"]
    shown = gate(Finding((count(place, sex, keys),)), POLICIES["cell-key"]).tables[0].data
    ours = {(row["place"], row["sex"]): row["people"] for row in shown.to_pylist()}
    theirs = {(p, s): n for p, s, n in answer["cells"]}
    assert ours == theirs
    assert len(ours) > 80
    assert None in ours.values()
    assert max(n for n in ours.values() if n) > ROWS


def test_ten_five_is_a_table_of_750_counts_and_256_keys() -> None:
    """Under ten nothing is left; 10 to 750 go to the nearest five, for every key alike."""
    table = ten_five()
    assert table.shape == (ROWS, KEYS)
    counts = np.arange(1, ROWS + 1)[:, None] + table
    assert (counts[:9] == 0).all()
    assert (counts[9:] % 5 == 0).all()
    assert (np.abs(table[9:]) <= 2).all()
    assert counts[9:15, 0].tolist() == [10, 10, 10, 15, 15, 15]


def test_rows_501_to_750_serve_for_greater_counts() -> None:
    table = np.tile(np.arange(1, ROWS + 1)[:, None] * 1000, (1, KEYS))
    counts = np.array([1.0, 500, 501, 750, 751, 1000, 1001, 1250])
    row = (perturb(counts, np.zeros(8), table) - counts) / 1000
    assert row.tolist() == [1, 500, 501, 750, 501, 750, 501, 750]
    assert perturb(np.array([0.0]), np.array([9.0]), table).tolist() == [0]


def test_the_key_chooses_the_column_and_wraps_at_256() -> None:
    table = np.tile(np.arange(KEYS), (ROWS, 1))
    shown = perturb(np.full(4, 100.0), np.array([0.0, 255, 256, 1000]), table)
    assert shown.tolist() == [100, 355, 100, 100 + 1000 % 256]


def test_the_same_people_give_the_same_key_in_any_order_and_another_secret_others() -> None:
    codes = [f"person {i}" for i in range(5000)]
    keys = record_keys(codes, b"one")
    assert record_keys(codes[::-1], b"one")[::-1].tolist() == keys.tolist()
    apart = record_keys(codes, b"two")
    assert abs(float((keys == apart).mean()) - 1 / KEYS) < 0.006
    assert (keys.min(), keys.max()) == (0, KEYS - 1)
    chi = ((np.bincount(keys, minlength=KEYS) - len(keys) / KEYS) ** 2).sum() / (len(keys) / KEYS)
    assert 170 < chi < 350


def test_neither_keys_nor_exact_counts_are_in_what_leaves() -> None:
    checked = gate(Finding((count(*people(3000)),)), POLICIES["cell-key"])
    table = checked.tables[0]
    assert table.data.column_names == ["place", "sex", "people"]
    assert all(value is None or value % 5 == 0 for value in table.data["people"].to_pylist())
    assert checked.certificate.tables[0].perturbations[0].method == "cell key 10-5"


def test_every_table_that_a_policy_may_name_is_here_and_keeps_to_its_base() -> None:
    assert set(TABLES) == set(CELL_KEYS)
    for name, base in CELL_KEYS.items():
        shown = np.arange(1, ROWS + 1)[:, None] + TABLES[name]()
        assert (shown % base == 0).all()
        assert (shown >= 0).all()
