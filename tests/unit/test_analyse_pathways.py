"""Outcome groups and paths: against counting by plain code, and what is said of bad dates and rules."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from pathways_example import event, group_settings, many, patient, rows

from sharewell.analyse.pathways.groups_report import SEVERAL, UNDATED, fit
from sharewell.analyse.pathways.groups_story import tell
from sharewell.analyse.pathways.paths import (
    Steps,
    first_times,
    in_order,
    layers,
    merge_repeats,
    sequences,
    variants,
)
from sharewell.analyse.pathways.tables import wilson
from sharewell.check import POLICIES, gate
from sharewell.errors import FitError
from sharewell.plan.finding import ALL, Finding


def told(finding: Finding, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = finding.table(name).data.to_pylist()
    return found


def some_events(seed: int, people: int = 60, kinds: int = 5, events: int = 1_500) -> Any:
    rng = np.random.default_rng(seed)
    person, kind = rng.integers(0, people, events), rng.integers(0, kinds, events)
    return person, rng.integers(0, 3_000, events), kind


def plain_sequences(person: Any, day: Any, kind: Any, people: int, merged: bool) -> list[tuple[int, ...]]:
    held: list[list[tuple[int, int]]] = [[] for _ in range(people)]
    for one, on, what in zip(person.tolist(), day.tolist(), kind.tolist(), strict=True):
        held[one].append((on, what))
    found = []
    for mine in held:
        path = [what for _, what in sorted(mine)]
        found.append(tuple(k for i, k in enumerate(path) if not merged or i == 0 or path[i - 1] != k))
    return found


def named(steps: Steps, people: Any) -> list[tuple[int, ...]]:
    return [tuple(map(int, path)) for path in sequences(steps, people, list("01234"))]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("merged", [True, False])
def test_variants_are_those_of_plain_counting(seed: int, merged: bool) -> None:
    """Sequences of up to forty steps, so that a code runs over several words."""
    person, day, kind = some_events(seed)
    day, kind = (np.concatenate([part, part]) for part in (day, kind))
    person = np.concatenate([person, person + 60])  # everybody has a twin, so that variants repeat
    steps = in_order(person, day, kind)
    steps = merge_repeats(steps) if merged else steps
    variant, sizes, example = variants(steps, 125)
    plain = plain_sequences(person, day, kind, 125, merged)
    assert Counter(plain) == {
        path: int(size) for path, size in zip(named(steps, example), sizes, strict=True)
    }
    assert [plain[int(example[code])] for code in variant] == plain
    assert (np.diff(sizes) <= 0).all()


def test_nobody_with_events_is_one_variant() -> None:
    none = np.zeros(0, np.int64)
    assert variants(in_order(none, none, none), 3)[1].tolist() == [3]


def test_days_between_steps_count_once_a_person() -> None:
    person, day, kind = np.array([0, 0, 0, 0, 1]), np.array([5, 9, 30, 90, 7]), np.array([0, 1, 0, 1, 1])
    before, after, days = first_times(merge_repeats(in_order(person, day, kind)))
    assert sorted(zip(before.tolist(), after.tolist(), days.tolist(), strict=True)) == [
        (-1, 0, 5), (-1, 1, 7), (0, 1, 4), (1, 0, 21),
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_rare_ways_are_merged_and_everybody_stays(seed: int) -> None:
    person, day, kind = some_events(seed, people=400, events=1_200)
    ends = np.random.default_rng(seed).integers(0, 4, 400)
    made = layers(merge_repeats(in_order(person, day, kind)), ends, 3, 10, 5, 6)
    assert made.shape == (400, 3)
    before = np.full(400, 5)
    for at in range(3):
        ways = Counter(zip(before.tolist(), made[:, at].tolist(), strict=True))
        assert all(n >= 10 for (_, to), n in ways.items() if to != 6)
        assert (made[before == 6, at] == 6).all() or at == 0, "who left the road stays off it"
        before = made[:, at]
    last = Counter(zip(before.tolist(), ends.tolist(), strict=True))
    assert all(n >= 10 for (of, _), n in last.items() if of != 6)


def test_the_first_rule_that_holds_decides_and_gaps_and_overlaps_are_said() -> None:
    people = [patient(f"p{n}", 10) for n in range(20)] + [patient(f"q{n}", None) for n in range(20)]
    people += [patient(f"r{n}", 400, met=2) for n in range(9)]
    people += [patient(f"s{n}", 400, group="No rule", place=3, met=0) for n in range(11)]
    params = group_settings()
    finding = fit(rows(*people), params)
    sizes = {r["group"]: r["patients"] for r in told(finding, "groups")}
    assert sizes == {ALL: 60, "died early": 20, "died later": 9, "living": 20, "No rule": 11}
    assert {r["rules"]: r["patients_seen"] for r in told(finding, "rules")}[SEVERAL] == 9
    said = " ".join(tell({t.name: t.data for t in finding.tables}, params).sentences)
    assert "For 11 patients no rule holds." in said
    assert "For 9 patients several rules hold; the first was taken." in said
    assert any("No rule of the table holds" in caveat for caveat in finding.caveats)
    assert any("More than one rule" in caveat for caveat in finding.caveats)


def test_a_group_that_is_empty_is_a_row_of_nobody() -> None:
    finding = fit(rows(*[patient(f"p{n}", 10) for n in range(30)]), group_settings())
    sizes = {r["group"]: r["patients"] for r in told(finding, "groups")}
    assert sizes == {ALL: 30, "died early": 30, "died later": 0, "living": 0}


def test_impossible_dates_are_counted_by_kind_and_never_used() -> None:
    people = [patient(f"p{n}", 500) for n in range(20)]
    people += [patient("backward", -1), patient("late", 2_800), patient("future", None, known=-5)]
    events = [
        event("p1", 600), event("p2", 2_900), event("p3", -400), event("p4", 3, stay=-2), event("p5", None),
        event("p6", -20), event("p7", 40, stay=6, pence=700), event("backward", 3),
    ]  # fmt: skip
    finding = fit(rows(*people, *events), group_settings())
    dates = {r["check"]: (r["found"], r["looked_at"]) for r in told(finding, "dates")}
    assert dates == {
        "Death before the beginning": (1, 22), "Death after the last day known of": (1, 22),
        "Beginning after the last day known of": (1, 23), "Event that ended before it began": (1, 7),
        "Event after death": (1, 7), "Event after the last day known of": (1, 7),
        "Event more than 365 days before the beginning": (1, 7), "Event without a day": (1, 7),
    }  # fmt: skip
    assert {r["rules"]: r["patients_seen"] for r in told(finding, "rules")}[UNDATED] == 3
    assert {r["group"]: r["patients"] for r in told(finding, "groups")}[ALL] == 20
    whole = told(finding, "care")[0]
    assert (whole["patients"], whole["days_in_hospital"], whole["cost"]) == (20, 6, 7.0)
    assert any("history" in caveat for caveat in finding.caveats)


def test_doubtful_dates_mark_every_table_and_good_ones_none() -> None:
    good = [patient(f"p{n}", 500) for n in range(98)]
    bad = [patient(f"b{n}", -9) for n in range(3)]
    doubted = fit(rows(*good, *bad), group_settings(doubt=0.02))
    assert all(t.notes[0].startswith("Doubtful dates") for t in doubted.tables if t.name != "dates")
    assert any(caveat.startswith("Doubtful dates") for caveat in doubted.caveats)
    trusted = fit(rows(*good, *bad), group_settings(doubt=0.04))
    assert not any("Doubtful" in note for t in trusted.tables for note in t.notes)
    assert any("are not used" in caveat for caveat in trusted.caveats)


@pytest.mark.parametrize(
    ("people", "code"),
    [
        ([], "EMPTY"),
        ([patient("p", 3), patient("p", 9)], "DUPLICATE"),
        ([patient("p", None, known=None)], "NO_START"),
    ],
)
def test_what_cannot_be_answered_is_refused(people: list[dict[str, Any]], code: str) -> None:
    with pytest.raises(FitError, match=code):
        fit(rows(*people), group_settings())


def test_as_many_come_to_a_place_as_leave_it_and_costs_add_up() -> None:
    table, params = many(600), group_settings(rare=10)
    finding = fit(table, params)
    into: Counter[str] = Counter()
    out: Counter[str] = Counter()
    for row in told(finding, "pathways"):
        out[row["from"]] += row["patients_going"]
        into[row["to"]] += row["patients_going"]
    assert out["a diagnosis"] == 600
    assert all(into[place] == out[place] for place in set(into) & set(out))
    sizes = {r["group"]: r["patients"] for r in told(finding, "groups")}
    assert {place: n for place, n in into.items() if place in sizes} == {
        name: n for name, n in sizes.items() if name != ALL and n
    }
    care = told(finding, "care")
    assert care[0]["cost"] == pytest.approx(sum(row["cost"] for row in care[1:]))
    assert sum(r["patients_following"] for r in told(finding, "paths")[1:]) == 600


def test_released_flows_do_not_betray_what_is_withheld() -> None:
    """What an attacker gets from balance: no single withheld flow is fixed by the others at its place."""
    finding = fit(many(600), group_settings(rare=2))
    checked = gate(Finding(finding.tables), POLICIES["sdap"])
    flows = next(t.data.to_pylist() for t in checked.tables if t.name == "pathways")
    withheld = [row for row in flows if row["patients_going"] is None]
    assert withheld
    inner = {row["from"] for row in flows} & {row["to"] for row in flows}
    for place in inner:
        beside = [row for row in withheld if place in (row["from"], row["to"])]
        assert len(beside) != 1, place


def test_the_story_says_shares_with_intervals_paths_and_costs() -> None:
    params = group_settings(rare=10)
    finding = fit(many(600), params)
    story = tell({t.name: t.data for t in finding.tables}, params)
    said = " ".join(story.sentences)
    assert "Of 600 people followed after a diagnosis" in said
    assert "most of lung" in said
    assert "The most frequent path is" in said
    assert "care costs most in the group" in said
    assert len(story.caveats) == 3


def test_wilson_is_the_published_interval() -> None:
    """15 of 148: 0.0624 to 0.1605 (Newcombe 1998, Statistics in Medicine 17:857, table I)."""
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson(0, 0) == (None, None)
