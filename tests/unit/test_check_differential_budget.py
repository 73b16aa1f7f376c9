"""A budget is one asset's, over every run and agreement; exhausted, it says so and lets nothing out."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharewell.account.events import Entry, EventKind
from sharewell.check.differential.budget import Budget, Spent, afford, left
from sharewell.check.differential.tables import add_noise
from sharewell.check.policy import Noise
from sharewell.errors import DocumentError, GateError
from sharewell.plan.finding import Output, ResultTable

AT = "2026-09-01T12:00:00+00:00"
NOW = datetime.fromisoformat(AT)


def spent(epsilon, agreement="kid", population="everybody", at=AT, asset="acute"):
    return Spent(asset, population, epsilon, 0.0, "discrete Laplace", agreement, "p", "run-1", at)


def facts(*all_spent):
    return [each.facts() for each in all_spent]


def test_epsilons_add_up_over_runs_and_agreements_as_decimals():
    budget = Budget("acute", "everybody", 1)
    events = facts(*(spent(0.1, agreement=f"a{n % 3}") for n in range(9)))
    standing = left(budget, events, NOW)
    assert standing.left == Decimal("0.1")
    assert standing.by == {"a0": Decimal("0.3"), "a1": Decimal("0.3"), "a2": Decimal("0.3")}
    afford(budget, events, spent(0.1))
    with pytest.raises(GateError, match="PRIVACY_BUDGET"):
        afford(budget, [*events, spent(0.1).facts()], spent(1e-9))


def test_a_refusal_says_what_is_left_who_spent_it_and_what_would_be_allowed():
    budget = Budget.from_mapping("acute", {"epsilon": 3, "per": "year"})
    with pytest.raises(GateError) as caught:
        afford(budget, facts(spent(2, "kid"), spent(0.75, "falls")), spent(0.5, "warm-home"))
    text = str(caught.value)
    for part in ("epsilon 0.5 is wanted and 0.25 of 3 is left", "kid 2", "falls 0.75", "at most 0.25"):
        assert part in text
    assert "wait until 2027-01-01" in text


def test_a_period_begins_anew_and_a_budget_without_one_never_does():
    events = facts(spent(3, at="2026-12-31T23:59:59+00:00"))
    yearly, ever = Budget("acute", "everybody", 3, "year"), Budget("acute", "everybody", 3)
    assert left(yearly, events, datetime(2026, 12, 31, tzinfo=UTC)).left == 0
    assert left(yearly, events, datetime(2027, 1, 1, tzinfo=UTC)).left == 3
    assert left(ever, events, datetime(2050, 1, 1, tzinfo=UTC)).left == 0
    # The zone counts: half past midnight on 1 January in Paris is still last year.
    edge = facts(spent(3, at="2027-01-01T00:30:00+01:00"))
    assert left(yearly, edge, datetime(2026, 6, 1, tzinfo=UTC)).left == 0
    quarter = Budget("acute", "everybody", 3, "quarter")
    assert quarter.period(datetime(2026, 11, 5, tzinfo=UTC)) == (
        datetime(2026, 10, 1, tzinfo=UTC),
        datetime(2027, 1, 1, tzinfo=UTC),
    )
    assert Budget("a", "e", 3, "month").period(datetime(2026, 12, 5, tzinfo=UTC))[1].year == 2027


def test_only_declared_parts_are_spent_side_by_side():
    budget = Budget(
        "acute", "everybody", 3, partitions={"district": ("north", "south"), "age": ("u65", "65+")}
    )
    events = facts(spent(2, population="district/north"), spent(1, population="district/south"))
    assert left(budget, events, NOW).left == 1
    assert left(budget, events, NOW, "district/south").left == 2
    assert left(budget, events, NOW, "district/north").left == 1
    # Somebody can be in the north and over 65: partitions add up.
    events += facts(spent(0.5, population="age/65+"))
    assert left(budget, events, NOW, "district/south").left == Decimal("1.5")
    # A group that is no declared part counts against everybody, and so does a part of another's.
    events += facts(spent(0.25, population="smokers"), spent(0.25, population="district/east"))
    assert left(budget, events, NOW, "district/south").left == 1
    assert left(budget, events, NOW, "smokers").left == 0


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["everybody", "d/n", "d/s", "e/x", "e/y", "odd"]),
            st.sampled_from([0.1, 0.5, 1.0]),
        ),
        max_size=12,
    )
)
@settings(derandomize=True, deadline=None, max_examples=150)
def test_what_is_left_is_what_the_worst_placed_person_has_left(history):
    """Against every person there can be: one part of each partition each."""
    budget = Budget("acute", "everybody", 20, partitions={"d": ("n", "s"), "e": ("x", "y")})
    events = facts(*(spent(cost, population=name) for name, cost in history))
    persons = [{f"d/{d}", f"e/{e}", "everybody", "odd"} for d in "ns" for e in "xy"]
    losses = [sum((Decimal(str(c)) for name, c in history if name in p), Decimal(0)) for p in persons]
    assert left(budget, events, NOW).spent == max(losses)
    north = [loss for loss, p in zip(losses, persons, strict=True) if "d/n" in p]
    assert left(budget, events, NOW, "d/n").spent == max(north)


def test_other_assets_have_other_budgets():
    budget = Budget("acute", "everybody", 1)
    assert left(budget, facts(spent(1, asset="gp")), NOW).left == 1
    with pytest.raises(GateError, match="gp has no budget here"):
        afford(budget, [], spent(0.1, asset="gp"))


@pytest.mark.parametrize(
    "change",
    [{"epsilon": -1}, {"epsilon": None}, {"epsilon": float("nan")}, {"at": "2026-09-01"}, {"at": None},
     {"epsilon": "much"}, {"delta": 0.1}],
)  # fmt: skip
def test_a_damaged_entry_stops_all_spending(change):
    events = [spent(0.1).facts() | change]
    with pytest.raises(GateError, match="SPENT"):
        left(Budget("acute", "everybody", 1), events, NOW)
    broken = spent(0.1).facts()
    del broken["asset"]
    with pytest.raises(GateError, match="SPENT"):
        left(Budget("acute", "everybody", 1), [broken], NOW)


@pytest.mark.parametrize(
    "given_",
    [{}, {"epsilon": 0}, {"epsilon": "3"}, {"epsilon": 3, "per": "week"}, {"epsilon": 3, "each": "year"},
     {"epsilon": 3, "partitions": {"d": []}}, {"epsilon": 3, "partitions": {"d": ["n", "n"]}},
     {"epsilon": float("inf")}, {"epsilon": True}],
)  # fmt: skip
def test_a_faulty_budget_is_refused_where_it_is_written(given_):
    with pytest.raises(DocumentError, match="PRIVACY_BUDGET"):
        Budget.from_mapping("acute", given_)


def test_the_account_takes_the_facts_and_gives_them_back():
    one = spent(0.25)
    entry = Entry(EventKind.CHECK_SPENT, NOW, "sharewell", "kid", "run-1", one.facts())
    assert Spent.from_facts(entry.facts) == one


def test_averaging_over_200_runs_is_stopped_by_the_budget():
    data = pa.table({"ward": ["a"], "people": [137]})
    table = ResultTable("t", "T", Output.FREQUENCY, data, ("ward",), ("people",))
    budget, events, seen = Budget("acute", "everybody", 3, "year"), [], []
    refusals = 0
    for run in range(200):
        wanted = Spent("acute", "everybody", 0.25, 0.0, "discrete Laplace", "kid", "p", f"run-{run}", AT)
        try:
            afford(budget, events, wanted)
        except GateError:
            refusals += 1
            continue
        noised = add_noise(table, Noise(0.25))
        cost = noised.spent(
            asset="acute", population="everybody", agreement="kid", product="p", run=f"run-{run}", at=AT
        )
        events.append(cost.facts())
        seen.append(noised.checked.data["people"][0].as_py())
    assert (len(seen), refusals) == (12, 188)
    # Without a budget the mean of 200 gives the count away: it is off by less than 3, all but certainly.
    free = [add_noise(table, Noise(0.25)).checked.data["people"][0].as_py() for _ in range(200)]
    assert abs(np.mean(free) - 137) < 3
