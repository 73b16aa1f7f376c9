"""The door: rows in, rows that may leave out, or every cause and the smallest changes that would do."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharewell.check.auditor.rows import audit_rows
from sharewell.check.microdata.anonymity import ANONYMITIES, Anonymity
from sharewell.check.microdata.hierarchy import Bands, Dates, Hierarchy, Postcodes, Suppressible
from sharewell.check.microdata.measure import measure
from sharewell.check.microdata.recode import Anonymised, anonymise
from sharewell.errors import GateError

RULES = {"age": Bands((5, 10, 20)), "sex": Suppressible()}


def people(rows: int = 400, seed: int = 1) -> pa.Table:
    random = np.random.default_rng(seed)
    return pa.table(
        {
            "age": random.integers(18, 90, rows),
            "sex": random.choice(["F", "M"], rows),
            "diagnosis": random.choice(["asthma", "angina", "ulcer", "none"], rows, p=[0.3, 0.2, 0.1, 0.4]),
            "income": random.integers(1, 6, rows),
        }
    )


def ask(table: pa.Table, **given: Any) -> Anonymised:
    settings = Anonymity(
        "asked", "test", **{k: v for k, v in given.items() if k in Anonymity.__annotations__}
    )
    rest = {k: v for k, v in given.items() if k not in Anonymity.__annotations__}
    rest = {"quasi": ["age", "sex"], "sensitive": ["diagnosis", "income"], "hierarchies": RULES} | rest
    return anonymise(table, wanted=settings, **rest)


def audited(found: Anonymised) -> tuple[str, ...]:
    return audit_rows(found.data, json.loads(json.dumps(found.certificate))).faults


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    st.integers(0, 10_000),
    st.integers(2, 12),
    st.sampled_from([None, 2, 3]),
    st.sampled_from([None, 0.2, 0.4]),
    st.sampled_from([None, 0.5, 1.5]),
    st.sampled_from([0.0, 0.05, 0.2]),
    st.booleans(),
)
def test_what_comes_out_passes_the_audit(
    seed: int,
    k: int,
    least: int | None,
    t: float | None,
    delta: float | None,
    suppress: float,
    cells: bool,
) -> None:
    table = people(60 + seed % 200, seed)
    found = ask(table, k=k, l=least, t=t, delta=delta, suppress=suppress, cells=cells)
    assert audited(found) == ()
    assert found.suppressed_rows <= suppress * table.num_rows
    assert found.data.num_rows + found.suppressed_rows == table.num_rows


def test_the_auditor_sees_what_is_not_so() -> None:
    found = ask(people(), k=5, l=2, t=0.3, delta=2.0)
    assert audited(found) == ()
    table = people()
    raw = {**found.certificate, "published": table.num_rows, "suppressed_rows": 0}
    faults = " ".join(audit_rows(table, raw).faults)
    for word in (
        "fewer than 5 rows",
        "values of diagnosis",
        "further than 0.3",
        "by 2.0 or more",
        "fewest",
    ):
        assert word in faults
    one_less = audit_rows(found.data.slice(1), found.certificate).faults
    assert any("more or fewer rows" in fault for fault in one_less)
    greedy = {**found.certificate, "suppressed_rows": 200}
    assert any("left out" in fault for fault in audit_rows(found.data, greedy).faults)
    stars = {**found.certificate, "suppressed_cells": {"age": 10_000, "sex": 0}}
    assert any("suppressed cells" in fault for fault in audit_rows(found.data, stars).faults)
    assert audit_rows(found.data, {}).faults
    assert audit_rows(found.data.drop_columns("sex"), found.certificate).faults
    risk = {**found.certificate, "wanted": found.certificate["wanted"] | {"risk": 0.01}}
    assert any("risk" in fault for fault in audit_rows(found.data, risk).faults)


def test_the_order_of_rows_says_nothing() -> None:
    table = people()
    one = ask(table, k=5)
    two = ask(table.take(np.random.default_rng(2).permutation(table.num_rows)), k=5)
    assert one.data.equals(two.data)
    other = table.append_column("visit", pa.array(np.random.default_rng(3).integers(0, 9, table.num_rows)))
    three = ask(other, k=5, other=["visit"])
    four = ask(other.take(np.random.default_rng(4).permutation(table.num_rows)), k=5, other=["visit"])
    assert three.data.equals(four.data)
    assert three.certificate == four.certificate


def test_exact_columns_keep_their_type_and_coarse_ones_are_labels() -> None:
    found = ask(people(2000), k=3, coarsest={"sex": 0}, suppress=0.0)
    assert found.node["age"] == 0
    assert found.data.schema.field("age").type == pa.int64()
    found = ask(people(), k=5, finest={"age": 2}, suppress=0.0)
    assert set(found.data.column("age").to_pylist()) <= {
        f"{low}-{low + 9}" for low in range(10, 90, 10)
    } | {f"{low}-{low + 19}" for low in range(0, 100, 20)} | {"*"}


def test_importance_spares_a_column() -> None:
    table = people(200)
    assert ask(table, k=5, suppress=0, importance={"sex": 100, "age": 1}).node["sex"] == 0
    free = ask(table, k=5, suppress=0, importance={"sex": 0, "age": 100})
    assert (free.node["age"], free.node["sex"]) == (1, 1)


def test_the_refusal_names_the_smallest_changes() -> None:
    with pytest.raises(GateError) as caught:
        ask(people(300), k=5, coarsest={"age": 0, "sex": 1}, suppress=0.01)
    (problem,) = caught.value.problems
    assert problem.code == "UNREACHABLE"
    assert "leave out" in problem.fix
    assert "allow age level 1 of 4" in problem.fix
    share = float(problem.fix.split("leave out ")[1].split("%")[0]) / 100
    found = ask(people(300), k=5, coarsest={"age": 0, "sex": 1}, suppress=share)
    assert found.suppressed_rows > 0
    assert ask(people(300), k=5, coarsest={"age": 1, "sex": 1}, suppress=0.01).node["age"] == 1


def test_every_cause_at_once() -> None:
    table = (
        people().append_column("note", pa.array(["x"] * 400)).append_column("bag", pa.array([[1]] * 400))
    )
    with pytest.raises(GateError) as caught:
        anonymise(
            table,
            quasi=["age", "sex", "absent"],
            sensitive=["age"],
            other=["bag"],
            hierarchies={"age": Bands(), "income": Suppressible()},
            wanted=Anonymity("a", "test", population=10),
            metric="beauty",
            importance={"age": float("nan")},
        )
    text = str(caught.value)
    for said in (
        "age is said to be two things",
        "absent: absent",
        "nothing says what note is",
        "bag holds values within values",
        "sex has no hierarchy",
        "income is no quasi-identifier",
        "importance of age",
        "'beauty'",
        "population",
    ):
        assert said in text, said
    with pytest.raises(GateError, match="no quasi-identifier is named"):
        anonymise(pa.table({}), quasi=[], hierarchies={}, wanted=ANONYMITIES["k-10"])
    with pytest.raises(GateError, match="no column is sensitive"):
        ask(people().select(["age", "sex"]), sensitive=[], l=2)


def test_too_few() -> None:
    with pytest.raises(GateError, match="fewer than 5 rows"):
        ask(people(4), k=5)
    with pytest.raises(GateError, match="diagnosis has fewer than 9 distinct"):
        ask(people(), l=9)
    with pytest.raises(GateError, match="levels 0 to 4"):
        ask(people(), coarsest={"age": 9})


def test_one_row_and_none() -> None:
    with pytest.raises(GateError, match="fewer than 2 rows"):
        ask(people(1), k=2)
    found = ask(people(10).slice(0, 0), k=5)
    assert found.data.num_rows == 0
    assert audited(found) == ()


def test_nulls_are_a_group_of_their_own() -> None:
    table = pa.table({"age": pa.array([30] * 6 + [None] * 2), "sex": ["F"] * 8})
    found = ask(table, k=3, sensitive=[], suppress=0.3, coarsest={"age": 3})
    assert found.suppressed_rows == 2
    found = ask(table, k=3, sensitive=[], suppress=0)
    assert found.node == {"age": 4, "sex": 0}
    assert set(found.data.column("age").to_pylist()) == {"*"}


def test_columns_of_nothing_but_nulls() -> None:
    table = pa.table({"age": pa.nulls(6, pa.int64()), "sex": pa.nulls(6)})
    found = ask(table, k=3, sensitive=[], suppress=0)
    assert found.node == {"age": 0, "sex": 0}
    assert audited(found) == ()
    with pytest.raises(GateError, match="fewer than 2 distinct values"):
        ask(pa.table({"age": [1] * 6, "sex": ["F"] * 6, "s": pa.nulls(6)}), sensitive=["s"], l=2)


def test_nulls_are_no_diversity() -> None:
    """Six alike with one known illness and nulls have one value, whatever the nulls hide."""
    table = pa.table(
        {
            "age": [20] * 6 + [60] * 6,
            "sex": ["F"] * 12,
            "s": ["flu", None] * 3 + ["flu", "cold"] * 3,
        }
    )
    found = ask(table, sensitive=["s"], k=3, l=2, suppress=0)
    assert found.node["age"] == 4
    assert audited(found) == ()


def test_dates_and_postcodes() -> None:
    random = np.random.default_rng(5)
    days = np.datetime64("2023-01-01") + random.integers(0, 700, 500)
    codes = [f"CB{1 + i % 3} {1 + i % 4}A{'AB'[i % 2]}" for i in random.integers(0, 1000, 500)]
    table = pa.table({"born": pa.array(days.astype("datetime64[D]")), "postcode": codes})
    found = anonymise(
        table,
        quasi=["born", "postcode"],
        hierarchies={"born": Dates(), "postcode": Postcodes()},
        wanted=ANONYMITIES["isb-1523"],
    )
    assert audited(found) == ()
    assert found.node["born"] > 0


def test_a_release_of_a_release() -> None:
    """Bands and `*` of an earlier release are values like others, and may be made coarser still."""
    first = ask(people(), k=3, cells=True, finest={"age": 1})
    shown = {value for value in first.data.column("age").to_pylist() if value != "*"}
    again = ask(
        first.data,
        k=20,
        hierarchies={
            "age": Hierarchy.from_rows([*((value, "banded") for value in sorted(shown)), ("*", "not")]),
            "sex": Suppressible(),
        },
    )
    assert audited(again) == ()


def test_a_lattice_too_large_is_refused() -> None:
    table = pa.table({f"c{i}": ["a", "b"] * 3 for i in range(25)})
    with pytest.raises(GateError, match="too many to search"):
        anonymise(
            table,
            quasi=table.column_names,
            hierarchies=dict.fromkeys(table.column_names, Suppressible()),
            wanted=Anonymity("a", "test", k=2),
        )


def test_no_value_of_a_person_in_a_message() -> None:
    table = people().set_column(0, "age", pa.array([f"secret{i}" for i in range(400)]))
    with pytest.raises(GateError) as caught:
        ask(table, k=5)
    assert "secret" not in str(caught.value)
    assert "400 distinct values of age" in str(caught.value)


def test_the_certificate_says_what_is_measured() -> None:
    """What the search attained is what measuring what came out finds, by other code."""
    found = ask(people(800, 7), k=4, l=2, t=0.35, delta=2.0, cells=True)
    measured = measure(found.data, ["age", "sex"], ["diagnosis", "income"])
    reached = found.certificate["reached"]
    of = measured.sensitive.values()
    assert measured.k == reached["k"]
    assert min(each.distinct for each in of) == reached["l"]
    assert max(each.t for each in of) == pytest.approx(reached["t"])
    assert max(each.delta for each in of) == pytest.approx(reached["delta"])


def test_one_row_a_person() -> None:
    """Rows alike protect nobody if they are one person's."""
    table = people(60).append_column("code", pa.array([f"c{i % 59}" for i in range(60)]))
    with pytest.raises(GateError, match="code is absent in a row, or the same in two"):
        ask(table, k=3, subject="code")
    table = table.set_column(4, "code", pa.array([f"c{i}" for i in range(60)]))
    found = ask(table, k=3, subject="code")
    assert audited(found) == ()
    assert found.certificate["subject"] == "code"
    doubled = found.data.set_column(4, "code", pa.array(["c0"] * found.data.num_rows))
    assert any("same in two" in fault for fault in audit_rows(doubled, found.certificate).faults)
