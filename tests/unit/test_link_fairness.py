"""Match rates by group: planted inequality is found, equal linkage seldom called so, words are true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from sharewell.errors import LinkError
from sharewell.link.fairness import (
    compare,
    expected_elsewhere,
    holm,
    merge_small,
    reweighted,
    spreads,
    wilson,
    with_totals,
)
from sharewell.link.fairness_words import told, warnings
from sharewell.link.group_errors import errors_by_group, labels_of_truth
from sharewell.plan.finding import ALL, Measure, Output
from sharewell.plan.released import CheckedTable
from sharewell.run.linkage import adjusted

SHARES = {"White": 0.82, "South Asian": 0.09, "Black": 0.05, "Mixed": 0.03, "Not known": 0.01}
FIFTHS = {"1": 0.26, "2": 0.22, "3": 0.2, "4": 0.17, "5": 0.15}


def tally(counts: Mapping[str, tuple[int, int]], source: str = "school") -> pa.Table:
    return with_totals(
        pa.table(
            {
                "source": [source] * len(counts),
                "group": list(counts),
                "records": [n for n, _ in counts.values()],
                "found": [k for _, k in counts.values()],
            }
        )
    )


def drawn(
    rng: np.random.Generator, shares: Mapping[str, float], size: int, rate: Mapping[str, float]
) -> pa.Table:
    sizes = rng.multinomial(size, list(shares.values()))
    return tally({g: (int(n), int(rng.binomial(n, rate[g]))) for g, n in zip(shares, sizes, strict=True)})


def rounded(table: pa.Table, to: int = 5) -> pa.Table:
    names = ("records", "found")
    columns = {n: pa.array([to * round(v / to) for v in table[n].to_pylist()]) for n in names}
    return pa.table({"source": table["source"], "group": table["group"], **columns})


@pytest.mark.parametrize("rounding", [0, 5])
def test_equal_noise_is_called_unequal_in_at_most_one_run_of_twenty(rounding: int) -> None:
    alarms = 0
    for seed in range(1000):
        rng = np.random.default_rng(seed)
        tables = {
            "ethnicity": drawn(rng, SHARES, 4000, dict.fromkeys(SHARES, 0.96)),
            "deprivation": drawn(rng, FIFTHS, 4000, dict.fromkeys(FIFTHS, 0.96)),
        }
        if rounding:
            tables = {by: rounded(table) for by, table in tables.items()}
        alarms += any(group.apart for group in compare(tables, rounding=rounding))
    assert alarms <= 50


def test_planted_inequality_is_found_and_the_right_group_is_named() -> None:
    rates = dict.fromkeys(SHARES, 0.97) | {"South Asian": 0.91}
    named = []
    for seed in range(30):
        table = drawn(np.random.default_rng(seed), SHARES, 8000, rates)
        worse = [g.group for g in compare({"ethnicity": rounded(table)}, rounding=5) if g.apart < 0]
        named += worse
        assert set(worse) <= {"South Asian"}
    assert len(named) >= 27


def test_a_difference_too_small_to_matter_is_not_warned_of_however_sure() -> None:
    (alike, _) = compare({"sex": tally({"F": (500_000, 485_000), "M": (500_000, 482_000)})})
    assert alike.p < 1e-9
    assert alike.apart == 0


def test_the_test_is_the_exact_one() -> None:
    from scipy.stats import hypergeom

    (group, _) = compare({"sex": tally({"F": (60, 40), "M": (940, 900)})})
    once = 2 * hypergeom.sf(19, 1000, 60, 60)
    assert group.p == pytest.approx(min(1, 2 * once))
    assert group.against == pytest.approx(900 / 940)


def test_rounding_is_never_the_reason_for_a_warning() -> None:
    """21 of 30 found where 24 were: within what rounding to 5 may do, so it is not held against them."""
    exact = {"sex": tally({"F": (30, 22), "M": (4000, 3900)})}
    assert any(g.apart < 0 for g in compare(exact))
    assert not any(g.apart < 0 for g in compare(exact, rounding=5))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_is_that_of_scipy(case: tuple[int, int]) -> None:
    found, of = case
    low, high = wilson([found], [of])
    want = binomtest(found, of).proportion_ci(method="wilson")
    assert (low[0], high[0]) == pytest.approx((want.low, want.high), abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_rejects_as_the_step_down_procedure_does(p: list[float]) -> None:
    adjusted = holm(p)
    for level in (0.01, 0.05, 0.3):
        rejected = set[int]()
        for step, at in enumerate(np.argsort(p)):
            if p[at] * (len(p) - step) >= level:
                break
            rejected.add(int(at))
        assert {at for at in range(len(p)) if adjusted[at] < level} == rejected


def test_small_groups_become_one_and_the_total_stays() -> None:
    small = tally({"White": (900, 890), "Roma": (6, 2), "Other": (7, 5), "Not known": (40, 30)})
    parts = small.filter(pa.array([g != ALL for g in small["group"].to_pylist()]))
    merged = with_totals(merge_small(parts, 10)).to_pylist()
    assert {row["group"]: (row["records"], row["found"]) for row in merged} == {
        ALL: (953, 927),
        "White": (900, 890),
        "Not known": (40, 30),
        "Other groups, too few to show": (13, 7),
    }


def test_what_was_withheld_is_left_out_and_a_source_without_its_total_is_too() -> None:
    table = tally({"F": (500, 480), "M": (500, 400)}).to_pylist()
    table[1]["records"] = table[1]["found"] = None
    assert [g.group for g in compare({"sex": pa.Table.from_pylist(table)})] == ["M"]
    table[0]["records"] = None
    assert compare({"sex": pa.Table.from_pylist(table)}) == ()


def test_of_a_register_of_everybody_no_warning_is_drawn() -> None:
    def counts(records: int, elsewhere: int) -> dict[str, int]:
        return {"records": records, "linked_elsewhere": elsewhere}

    told_of = {"gp": counts(10_000, 1_500), "care": counts(700, 660), "hospice": counts(90, 20)}
    assert expected_elsewhere(told_of) == {"care", "hospice"}
    assert expected_elsewhere({"a": counts(500, 100), "b": counts(500, 100)}) == {"a", "b"}
    assert expected_elsewhere({"gp": counts(1000, 950), "care": counts(960, 950)}) == {"gp", "care"}
    assert expected_elsewhere({"gp": counts(1000, 950), "care": counts(900, 890)}) == {"care"}


def test_the_words_say_the_figures() -> None:
    groups = compare({"ethnicity": tally({"White": (9000, 8820), "South Asian": (1000, 900)})})
    assert warnings(groups) == (
        "Records of school with ethnicity South Asian are found in another source 90.0% (88.0% to 91.7%) of"
        " the time, against 97.2% for all; anything counted here misses more of them.",
    )
    assert told(groups) == (
        "school by ethnicity: from 90.0% (South Asian) to 98.0% (White), a ratio of 0.92.",
    )
    (spread,) = spreads(groups)
    assert spread.ratio == pytest.approx(0.9 / 0.98)


def test_a_group_that_alone_is_linked_better_tells_who_is_not() -> None:
    many = {f"ward {n:02d}": (400, 376) for n in range(12)}
    (line,) = warnings(compare({"area": tally(many | {"ward 99": (400, 400)})}))
    assert "ward 99" in line
    assert "misses more of those" in line


def test_reweighting_by_the_match_rate_gives_back_what_missed_links_took() -> None:
    people, truth, rates = {"a": 800, "b": 200}, {"a": 0.2, "b": 0.4}, {"a": 0.98, "b": 0.7}
    seen = {name: truth[name] * rates[name] for name in people}
    is_, then = reweighted(people, seen, rates)
    assert then == pytest.approx((800 * 0.2 + 200 * 0.4) / 1000)
    assert is_ < then
    with pytest.raises(ValueError, match="match rate"):
        reweighted(people, seen, {"a": 0.98, "b": 0.0})


def test_a_share_by_a_judged_group_is_told_as_it_would_be_without_missed_links() -> None:
    groups = compare({"sex": tally({"F": (1000, 800), "M": (1000, 1000)})})
    people = Measure("share_known_to_care", "people", share=True)
    data = pa.table(
        {"sex": [ALL, "F", "M"], "people": [2000, 1000, 1000], "share_known_to_care": [0.19, 0.16, 0.22]}
    )
    marks = pa.table({name: [""] * 3 for name in data.column_names})
    shown = CheckedTable(
        "known", "Known to care", Output.FREQUENCY, data, marks, ("sex",), ("people",), (people,)
    )
    (line,) = adjusted([shown], groups)
    assert line.startswith("Known to care, share known to care: 19.0% as found; 21.0% if the unlinked of")
    (none,) = adjusted([replace(shown, by=("ward",))], groups)
    assert "not computed" in none


def planted(seed: int = 1) -> tuple[pa.Table, pa.Table, pa.Table]:
    """People of two groups with two records each; a fifth of group b are apart, some pairs are false."""
    rng = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []
    for person in range(3000):
        group = "b" if person % 3 == 0 else "a"
        apart = rng.random() < (0.2 if group == "b" else 0.02)
        for source in ("gp", "care"):
            cluster = f"{person}{source if apart else ''}"
            rows.append(
                {
                    "source": source,
                    "record": f"{source}{person}",
                    "person": person,
                    "cluster": cluster,
                    "group": group,
                }
            )
    for first in range(30, 300, 30):  # a false link of two people of group b
        for row in rows:
            if row["person"] == first + 3:
                row["cluster"] = f"{first}"
    held = pa.Table.from_pylist(rows)
    linked, truth = (
        held.select(["source", "record", "cluster"]),
        held.select(["source", "record", "person"]),
    )
    groups = held.select(["source", "record", "group"]).append_column(
        "by", pa.array(["ethnicity"] * len(held))
    )
    return linked, truth, groups


def test_errors_by_group_against_the_truth() -> None:
    linked, truth, groups = planted()
    a, b = errors_by_group(linked, labels_of_truth(linked, truth), groups).to_pylist()
    assert (a["group"], b["group"]) == ("a", "b")
    assert a["missed_low"] < 0.02 < a["missed_high"]
    assert b["missed_low"] < 0.2 < b["missed_high"]
    assert a["missed_high"] < b["missed_low"]
    assert a["false"] == 0
    assert b["false"] > 0
    assert a["pairs_same"] == 2000


def test_sampled_labels_give_the_same_rates_when_weighted() -> None:
    linked, truth, groups = planted()
    every = labels_of_truth(linked, truth)
    rng = np.random.default_rng(3)
    clusters = dict(zip(linked["record"].to_pylist(), linked["cluster"].to_pylist(), strict=True))
    joined = np.array([clusters[r["record_l"]] == clusters[r["record_r"]] for r in every.to_pylist()])
    chance = np.where(joined, 0.15, 0.8)  # reviewers look at what was not linked
    taken = rng.random(len(every)) < chance
    sample = every.append_column("probability", pa.array(chance)).filter(pa.array(taken))
    whole, part = (errors_by_group(linked, labels, groups).to_pylist() for labels in (every, sample))
    for full, some in zip(whole, part, strict=True):
        assert some["missed_low"] <= full["missed"] <= some["missed_high"]
        assert some["missed_high"] - some["missed_low"] > full["missed_high"] - full["missed_low"]
    unweighted = errors_by_group(linked, sample.drop_columns(["probability"]), groups).to_pylist()
    assert unweighted[1]["missed"] > 1.5 * whole[1]["missed"]


def test_labels_without_a_usable_probability_are_refused() -> None:
    linked, truth, groups = planted()
    labels = labels_of_truth(linked, truth)
    bad = labels.append_column("probability", pa.array([0.0, None] + [1.0] * (len(labels) - 2)))
    with pytest.raises(LinkError, match="2 labels"):
        errors_by_group(linked, bad, groups)
    with pytest.raises(LinkError, match="same"):
        errors_by_group(linked, labels.drop_columns(["same"]), groups)
