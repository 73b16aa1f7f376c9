"""Attacks on tables about groups, against bounds worked out by hand and by trying every table."""

from __future__ import annotations

from datetime import date
from itertools import product

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharewell.check import Policy, gate
from sharewell.check.intruder.play import play_tables
from sharewell.check.intruder.played import Verdict, joined
from sharewell.check.intruder.tables import Making, attack_table, narrow
from sharewell.errors import DataError
from sharewell.plan.finding import ALL, Finding, Output, ResultTable
from sharewell.plan.released import CheckedTable

TODAY = date(2026, 3, 1)


def make(counts: np.ndarray, hidden: set[tuple[int, int]], margins: bool = True) -> CheckedTable:
    """A two-way table of people; `hidden` holds the (row, column) withheld. Index -1 is a margin."""
    rows, columns = counts.shape
    cells = list(product(range(rows), range(columns)))
    if margins:
        cells += [(i, -1) for i in range(rows)] + [(-1, j) for j in range(columns)] + [(-1, -1)]
    values = [int(counts[slice(None) if i < 0 else i, slice(None) if j < 0 else j].sum()) for i, j in cells]
    withheld = [cell in hidden for cell in cells]
    return CheckedTable(
        "people",
        "People",
        Output.FREQUENCY,
        pa.table(
            {
                "a": [ALL if i < 0 else f"a{i}" for i, _ in cells],
                "b": [ALL if j < 0 else f"b{j}" for _, j in cells],
                "n": pa.array(
                    [None if w else v for v, w in zip(values, withheld, strict=True)], pa.int64()
                ),
            }
        ),
        pa.table(
            {
                "a": [""] * len(cells),
                "b": [""] * len(cells),
                "n": ["x" if w else "" for w in withheld],
            }
        ),
        by=("a", "b"),
        counts=("n",),
    )


def test_a_lone_withheld_cell_is_worked_out() -> None:
    counts = np.array([[3, 40], [50, 60]])
    found = narrow(make(counts, {(0, 0)}), "n")
    assert (found.lower[0], found.upper[0]) == (3, 3)
    narrowing, guessing, *_ = attack_table(make(counts, {(0, 0)}), width=10, truth=make(counts, set()))
    assert (narrowing.successes, narrowing.tries) == (1, 1)
    assert (guessing.successes, guessing.tries) == (1, 1)
    played = play_tables([make(counts, {(0, 0)})], name="r", on=TODAY, width=10)
    assert played.verdict is Verdict.BROKEN
    assert "none may" in played.sentences()[0]


def test_a_square_of_four_keeps_its_interval() -> None:
    counts = np.array([[3, 40, 5], [50, 60, 5], [5, 5, 5]])
    square = make(counts, {(0, 0), (0, 1), (1, 0), (1, 1)})
    found = narrow(square, "n")
    # The corner may fall to 0 and rise until its row, 43, is used up.
    assert (found.lower[0], found.upper[0]) == (0, 43)
    assert attack_table(square, width=10)[0].successes == 0
    assert attack_table(square, width=44)[0].successes == 4
    played = play_tables([square], name="r", on=TODAY, width=10)
    assert played.verdict is Verdict.HELD


@settings(max_examples=25, derandomize=True, deadline=None)
@given(
    st.lists(st.integers(0, 3), min_size=6, max_size=6),
    st.sets(st.tuples(st.integers(0, 1), st.integers(0, 2)), min_size=1, max_size=6),
)
def test_bounds_are_those_of_every_table_that_fits(cells: list[int], hidden: set[tuple[int, int]]) -> None:
    counts = np.array(cells).reshape(2, 3)
    found = narrow(make(counts, hidden), "n")
    places = sorted(hidden)
    fitting = []
    for values in product(range(int(counts.sum()) + 1), repeat=len(places)) if len(places) < 4 else ():
        tried = counts.copy()
        for place, value in zip(places, values, strict=True):
            tried[place] = value
        if (tried.sum(0) == counts.sum(0)).all() and (tried.sum(1) == counts.sum(1)).all():
            fitting.append(values)
    order = [i * 3 + j for i, j in places]
    for number, row in enumerate(order):
        assert found.lower[row] <= counts[places[number]] <= found.upper[row]
        if fitting:
            assert found.lower[row] == min(values[number] for values in fitting)
            assert found.upper[row] == max(values[number] for values in fitting)


def test_rounding_widens_what_can_be_known() -> None:
    rounded = make(np.array([[5, 40], [50, 60]]), {(0, 0)})
    found = narrow(rounded, "n", Making(within=2.5))
    # Total of the first row 45 and its other cell 40, each within 2.5.
    assert (found.lower[0], found.upper[0]) == (0, 10)
    assert narrow(rounded, "n").upper[0] == 5


def test_margins_bind_each_other_through_cells_that_nobody_shows() -> None:
    """Only the two one-way margins are published: both add up to the same people."""
    table = CheckedTable(
        "margins",
        "Margins",
        Output.FREQUENCY,
        pa.table(
            {
                "a": ["a0", "a1", ALL, ALL],
                "b": [ALL, ALL, "b0", "b1"],
                "n": pa.array([4, 110, None, 61], pa.int64()),
            }
        ),
        pa.table({"a": [""] * 4, "b": [""] * 4, "n": ["", "", "c", ""]}),
        by=("a", "b"),
        counts=("n",),
    )
    found = narrow(table, "n")
    assert (found.lower[2], found.upper[2]) == (53, 53)


def test_services_that_overlap_give_a_weaker_sum() -> None:
    """People may use both services: the total lies between the larger part and the sum of the parts."""
    table = CheckedTable(
        "use",
        "Use",
        Output.FREQUENCY,
        pa.table({"service": [ALL, "s1", "s2"], "n": pa.array([10, None, 4], pa.int64())}),
        pa.table({"service": [""] * 3, "n": ["", "c", ""]}),
        by=("service",),
        counts=("n",),
    )
    plain = narrow(table, "n")
    assert (plain.lower[1], plain.upper[1]) == (6, 6)
    loose = narrow(table, "n", Making(overlapping=("service",)))
    assert (loose.lower[1], loose.upper[1]) == (6, 10)


def test_a_hierarchy_ties_districts_to_their_wards() -> None:
    table = CheckedTable(
        "places",
        "Places",
        Output.FREQUENCY,
        pa.table(
            {
                "place": [ALL, "north", "south", "n1", "n2", "s1", "s2"],
                "n": pa.array([100, 40, 60, None, 33, 20, 40], pa.int64()),
            }
        ),
        pa.table({"place": [""] * 7, "n": ["", "", "", "c", "", "", ""]}),
        by=("place",),
        counts=("n",),
    )
    nested = Making(hierarchies={"place": {"n1": "north", "n2": "north", "s1": "south", "s2": "south"}})
    found = narrow(table, "n", nested)
    assert (found.lower[3], found.upper[3]) == (7, 7)


def test_groups_told_whole_and_all_but_one_are_counted() -> None:
    counts = np.array([[12, 0], [9, 1], [20, 20]])
    attempts = {
        a.how.split(" that ")[-1]: a for a in attack_table(make(counts, set()), width=10) if a.tries
    }
    whole = attempts["everybody of a group is alike"]
    but_one = attempts["all others of a group are alike"]
    # Rows, columns and the margins of each: 3 + 2 + 1 + 1 groups. Whole is a0; one apart are a1 and b1.
    assert (whole.successes, but_one.successes) == (1, 2)
    assert whole.tries == but_one.tries == 7


def test_an_absent_row_is_a_zero_that_tells_a_group_whole() -> None:
    full = make(np.array([[12, 0], [9, 10]]), set())
    kept = pa.array([True, False] + [True] * 7)
    shown = CheckedTable(
        "people",
        "People",
        Output.FREQUENCY,
        full.data.filter(kept),
        full.marks.filter(kept),
        by=("a", "b"),
        counts=("n",),
    )
    whole = next(a for a in attack_table(shown, width=10) if "everybody" in a.how)
    assert whole.successes == 2
    assert whole == next(a for a in attack_table(full, width=10) if "everybody" in a.how)


def test_a_flow_has_nothing_to_add_up() -> None:
    flow = CheckedTable(
        "flow",
        "Flow",
        Output.FLOW,
        pa.table({"stage": ["sent", "linked"], "n": pa.array([100, None], pa.int64())}),
        pa.table({"stage": ["", ""], "n": ["", "c"]}),
        by=("stage",),
        counts=("n",),
    )
    assert narrow(flow, "n").upper[1] == np.inf
    assert [a.successes for a in attack_table(flow, width=10)] == [0, 0, 0]


def test_contradicting_figures_are_refused() -> None:
    """Otherwise rounding that was not declared would look like protection."""
    table = make(np.array([[3, 40], [50, 60]]), {(0, 0)})
    figures = [None, 40, 50, 60, 20, 110, 53, 100, 153]
    wrong = table.data.set_column(2, "n", pa.array(figures, pa.int64()))
    broken = CheckedTable("t", "T", Output.FREQUENCY, wrong, table.marks, by=("a", "b"), counts=("n",))
    with pytest.raises(DataError, match="do not add up"):
        narrow(broken, "n")


def test_what_is_unbounded_stays_so() -> None:
    """A withheld total over a withheld part: only the other part bounds it, from below."""
    table = CheckedTable(
        "t",
        "T",
        Output.FREQUENCY,
        pa.table({"a": [ALL, "a0", "a1"], "n": pa.array([None, None, 7], pa.int64())}),
        pa.table({"a": [""] * 3, "n": ["x", "c", ""]}),
        by=("a",),
        counts=("n",),
    )
    found = narrow(table, "n")
    assert (found.lower[0], found.upper[0]) == (7, np.inf)
    assert (found.lower[1], found.upper[1]) == (0, np.inf)


def test_records_of_tables_and_people_join() -> None:
    table = make(np.array([[3, 40], [50, 60]]), {(0, 0)})
    played = play_tables([table], name="r", on=TODAY, width=10)
    assert joined(played, played.attempts).attempts == played.attempts * 2
    assert played.as_mapping()["attempts"][0]["interval"] == [1.0, 1.0]
    assert played.replay_by == date(2027, 3, 1)


@pytest.mark.parametrize("seed", range(4))
def test_what_the_gate_protects_is_not_narrowed(seed: int) -> None:
    """The same table, small counts alone withheld, is broken; gated, it holds."""
    random = np.random.default_rng(seed)
    counts = random.poisson(random.gamma(1.0, 25.0, (6, 5))) + 1
    plain = make(counts, set())
    small = {(i, j) for i, j in np.ndindex(6, 5) if counts[i, j] < 5}
    assert small
    assert attack_table(make(counts, small), width=5)[0].successes > 0
    policy = Policy(name="local", source="local", minimum=5)
    result = ResultTable("people", "People", Output.FREQUENCY, plain.data, ("a", "b"), ("n",))
    checked = gate(Finding((result,)), policy)
    played = play_tables(
        checked.tables, name="r", on=TODAY, width=policy.protection, truth={"people": plain}
    )
    assert played.attempts[0].tries > len(small)
    assert played.attempts[0].successes == 0
    assert played.attempts[0].judge(played.bar) is Verdict.HELD
