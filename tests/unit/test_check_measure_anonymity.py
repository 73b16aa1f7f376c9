"""k, l, t and their kin against published figures, pyCANON and the definitions written out in full."""

from __future__ import annotations

import hashlib
import json
import math
import os
import subprocess
from collections import Counter, defaultdict
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharewell.check.microdata.measure import frequencies, measure
from sharewell.check.microdata.risk import individual_risk
from sharewell.errors import DataError

EIGHT = {
    "age": ["20s", "30s", "20s", "20s", "30s", "30s", "10s", "20s"],
    "work": ["c", "c", "c", "c", "c", "c", "d", "c"],
    "area": ["x", "z", "x", "y", "x", "x", "x", "x"],
    "w": [18.0, 45.5, 39.0, 17.0, 92.0, 8.0, 123.5, 51.0],
}
"""The eight records of sdcMicro's tests, under other labels."""
ADULT_SHA = "c700df9304fbf3c4d4db5938bffc510561bd4a2dfad285a3feef9a20619391c5"


def table(**changes: list[str | None]) -> pa.Table:
    return pa.table(EIGHT | changes)


def test_frequencies_are_those_of_sdcmicro() -> None:
    found = frequencies(table(), ["age", "work", "area"], weights="w")
    assert found.sample.tolist() == [3, 1, 3, 1, 2, 2, 1, 3]
    assert found.weighted.tolist() == [108.0, 45.5, 108.0, 17.0, 100.0, 100.0, 123.5, 108.0]


def test_a_missing_value_matches_anything_as_in_sdcmicro() -> None:
    area = ["x", "z", None, "y", "x", "x", None, "x"]
    found = frequencies(table(area=area), ["age", "work", "area"], weights="w")
    assert found.sample.tolist() == [3, 1, 4, 2, 2, 2, 1, 3]
    assert found.weighted.tolist() == [108.0, 45.5, 125.0, 56.0, 100.0, 100.0, 123.5, 108.0]


def test_a_row_without_values_matches_everybody() -> None:
    hidden = table(
        age=["20s", "30s", None, "20s", "30s", "30s", "10s", "20s"],
        work=["c", "c", None, "c", "c", "c", "d", "c"],
        area=[None] * 8,
    )
    found = frequencies(hidden, ["age", "work", "area"], weights="w")
    assert found.sample.tolist() == [4, 4, 8, 4, 4, 4, 2, 4]
    assert found.weighted[:3].tolist() == [125.0, 184.5, 394.0]
    assert measure(hidden, ["age", "work", "area"], wildcards=True).k == 2
    assert measure(hidden, ["age", "work", "area"]).k == 1


def test_individual_risk_is_that_of_sdcmicro() -> None:
    found = individual_risk(frequencies(table(), ["age", "work", "area"], weights="w"))
    expected = [0.01355297, 0.08579129, 0.01355297, 0.17707583, 0.01877883, 0.01877883, 0.03931625]
    assert found[:7] == pytest.approx(expected, abs=1e-8)


def written_out(rows: list[tuple[int, int]], numbers: bool) -> dict[str, float]:
    """The definitions, one class at a time, of the sensitive value in (quasi-identifier, value)."""
    groups = defaultdict(list)
    for key, value in rows:
        groups[key].append(value)
    overall = Counter(value for _, value in rows)
    values = sorted(overall)
    share = {v: overall[v] / len(rows) for v in values}
    found = {
        "k": math.inf,
        "l": math.inf,
        "entropy": math.inf,
        "t": 0.0,
        "delta": 0.0,
        "beta": 0.0,
        "c": 0.0,
    }
    for held in groups.values():
        n, counts = len(held), Counter(held)
        p = {v: counts[v] / n for v in values}
        found["k"] = min(found["k"], n)
        found["l"] = min(found["l"], len(counts))
        entropy = -sum(q * math.log(q) for q in p.values() if q)
        found["entropy"] = min(found["entropy"], math.exp(entropy))
        if numbers:
            steps = [abs(sum(p[v] - share[v] for v in values[: i + 1])) for i in range(len(values))]
            distance = sum(steps) / (len(values) - 1) if len(values) > 1 else 0.0
        else:
            distance = sum(abs(p[v] - share[v]) for v in values) / 2
        found["t"] = max(found["t"], distance)
        found["delta"] = max(found["delta"], *(abs(math.log(p[v] / share[v])) for v in counts))
        found["beta"] = max(found["beta"], *(p[v] / share[v] - 1 for v in counts))
        often = sorted(counts.values(), reverse=True)
        found["c"] = max(found["c"], often[0] / sum(often[1:]) if len(often) > 1 else math.inf)
    return found


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), min_size=1, max_size=40), st.booleans())
def test_measures_are_their_definitions(rows: list[tuple[int, int]], numbers: bool) -> None:
    expected = written_out(rows, numbers)
    values = [v for _, v in rows]
    held = pa.table({"q": [k for k, _ in rows], "s": values if numbers else [f"v{v}" for v in values]})
    found = measure(held, ["q"], ["s"])
    told = found.sensitive["s"]
    assert found.k == expected["k"]
    assert told.distinct == expected["l"]
    assert told.entropy == pytest.approx(expected["entropy"])
    assert told.t == pytest.approx(expected["t"], abs=1e-12)
    assert told.delta == pytest.approx(expected["delta"], abs=1e-12)
    assert told.beta == pytest.approx(expected["beta"], abs=1e-12)
    if told.distinct >= 2:
        assert told.recursive[2] == pytest.approx(expected["c"])


@settings(max_examples=40, derandomize=True, deadline=None)
@given(
    st.lists(
        st.tuples(*[st.sampled_from([None, "a", "b"])] * 3, st.integers(1, 4)), min_size=1, max_size=25
    )
)
def test_wildcards_are_every_pair_compared(rows: list[tuple[str | None, ...]]) -> None:
    names = ["x", "y", "z"]
    held = pa.table(
        {name: pa.array([row[d] for row in rows], pa.string()) for d, name in enumerate(names)}
        | {"n": [row[3] for row in rows]}
    )

    def agree(one: tuple[str | None, ...], other: tuple[str | None, ...]) -> bool:
        return all(a is None or b is None or a == b for a, b in zip(one[:3], other[:3], strict=True))

    expected = [sum(1 for other in rows if agree(one, other)) for one in rows]
    assert frequencies(held, names).sample.tolist() == expected
    least = min(sum(int(o[3] or 0) for o in rows if agree(one, o)) for one in rows)
    assert measure(held, names, people="n", wildcards=True).k == least


def test_tuples_of_a_relation_tell_the_same_as_rows() -> None:
    random = np.random.default_rng(5)
    rows = pa.table(
        {
            'a "b"': random.integers(0, 4, 500),
            "c": pa.array([None if v == 3 else f"v{v}" for v in random.integers(0, 4, 500)]),
            "s": random.integers(0, 50, 500),
        }
    )
    from_rows = measure(rows, ['a "b"', "c"], ["s"])
    from_tuples = measure(duckdb.connect().from_arrow(rows), ['a "b"', "c"], ["s"])
    assert (from_tuples.k, from_tuples.by_size) == (from_rows.k, from_rows.by_size)
    one, other = from_tuples.sensitive["s"], from_rows.sensitive["s"]
    assert (one.distinct, one.recursive) == (other.distinct, other.recursive)
    assert (one.t, one.entropy, one.delta) == pytest.approx((other.t, other.entropy, other.delta))
    assert json.loads(json.dumps(from_rows.as_mapping()))["sensitive"]["s"]["t_distance"] == "ordered"
    assert from_rows.rows == 500
    assert from_rows.rows_under(10**6) == 500


def test_nulls_and_not_a_number_are_one_category() -> None:
    rows = pa.table({"q": [1.0, float("nan"), None, 1.0]})
    assert measure(rows, ["q"]).k == 2


def test_bad_input_is_refused_and_no_rows_show_nothing() -> None:
    with pytest.raises(DataError, match="no column 'nobody'"):
        measure(table(), ["nobody"])
    with pytest.raises(DataError, match="no columns are named"):
        measure(table(), [])
    with pytest.raises(DataError, match="named twice"):
        measure(table(), ["age", "age"])
    with pytest.raises(DataError, match="not whole"):
        measure(table(), ["age"], people="w")
    with pytest.raises(DataError, match="values within values"):
        measure(pa.table({"q": [[1], [2]]}), ["q"])
    empty = measure(table().slice(0, 0), ["age"], ["area"])
    assert (empty.k, empty.rows) == (0, 0)
    nobody = measure(table().append_column("n", pa.array([0] * 8)), ["age"], people="n")
    assert nobody.k == 0


def test_more_combinations_than_can_be_numbered_at_once() -> None:
    random = np.random.default_rng(2)
    wide = {f"q{i}": random.integers(0, 10**6, 300) for i in range(6)}
    twice = pa.concat_tables([pa.table(wide)] * 2)
    assert measure(twice, list(wide)).by_size == {2: 600}


def test_many_rows_of_one_person_are_one_person() -> None:
    rows = pa.table({"code": ["p", "p", "p", "q", "r", None, None], "area": list("xxxyyyy")})
    found = measure(rows, ["area"], subject="code")
    assert (found.k, found.by_size) == (1, {1: 3, 3: 4})
    assert measure(rows, ["area"]).k == 3
    assert measure(duckdb.connect().from_arrow(rows), ["area"], subject="code").by_size == found.by_size
    with pytest.raises(DataError, match="counted by subject"):
        measure(rows, ["area"], subject="code", wildcards=True)


def adult() -> pa.Table:
    folder = os.environ.get("SHAREWELL_ADULT")
    if not folder:
        pytest.skip("SHAREWELL_ADULT does not name a folder with adult.csv")
    path = Path(folder) / "adult.csv"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == ADULT_SHA
    return pyarrow.csv.read_csv(path, parse_options=pyarrow.csv.ParseOptions(delimiter=";"))


def test_adult_is_measured_as_pycanon_measures_it() -> None:
    """pyCANON 1.3.6, k_anonymity, t_closeness, delta_disclosure, basic_beta_likeness (gen=True)."""
    found = measure(adult(), ["sex", "race", "marital-status", "education"], ["occupation", "age"])
    assert found.k == 1
    work, age = found.sensitive["occupation"], found.sensitive["age"]
    assert (work.distinct, age.distinct) == (1, 1)
    assert work.t == pytest.approx(0.9952589350838804, abs=1e-12)
    assert work.delta == pytest.approx(5.351493502660723, abs=1e-12)
    assert work.beta == pytest.approx(209.92307692307693, rel=1e-12)
    assert age.t == pytest.approx(0.6138266506405318, abs=1e-12)
    assert age.delta == pytest.approx(8.368427983865317, abs=1e-12)


_PEER = """
import json, sys
import pandas as pd
from pycanon.anonymity import *
data = pd.read_csv(sys.argv[1])
qi = ["a", "b"]
out = {"k": int(k_anonymity(data, qi))}
for s in ("s", "x"):
    out[s] = [int(l_diversity(data, qi, [s])), int(entropy_l_diversity(data, qi, [s])),
              float(t_closeness(data, qi, [s])), float(delta_disclosure(data, qi, [s])),
              float(basic_beta_likeness(data, qi, [s]))]
print(json.dumps(out))
"""


def test_pycanon_says_the_same(tmp_path: Path) -> None:
    peer = os.environ.get("PYCANON_PYTHON")
    if not peer:
        pytest.skip("PYCANON_PYTHON does not name an interpreter with pycanon")
    random = np.random.default_rng(11)
    rows = pa.table(
        {
            "a": [f"a{v}" for v in random.integers(0, 4, 600)],
            "b": random.integers(0, 3, 600),
            "s": [f"s{v}" for v in random.integers(0, 6, 600)],
            "x": random.integers(0, 30, 600),
        }
    )
    pyarrow.csv.write_csv(rows, tmp_path / "rows.csv")
    answer = subprocess.run(
        [peer, "-c", _PEER, str(tmp_path / "rows.csv")], capture_output=True, check=True, text=True
    )
    said = json.loads(answer.stdout)
    found = measure(rows, ["a", "b"], ["s", "x"])
    assert found.k == said["k"]
    for name, told in found.sensitive.items():
        ours = [told.distinct, int(told.entropy + 1e-9), told.t, told.delta, told.beta]
        assert ours == pytest.approx(said[name])
