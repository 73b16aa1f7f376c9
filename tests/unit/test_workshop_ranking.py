"""What a few tables' rankings can show: held to brute force, to published formulas and to simulation."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import friedmanchisquare

from sharewell.errors import DataError
from sharewell.workshop.ranking.comparing import Group, groups, mean_ranks
from sharewell.workshop.ranking.concordance import Concordance, concordance
from sharewell.workshop.ranking.kemeny import kemeny
from sharewell.workshop.ranking.order import Order, partly_ranked, ranked
from sharewell.workshop.ranking.paired import change
from sharewell.workshop.ranking.tiers import standings
from sharewell.workshop.ranking.weights import leads
from sharewell.workshop.ranking.worth import worths

ITEMS = tuple("ABCDEF")


def complete(by: str, text: str) -> Order:
    """`"A BC D"`: A first, then B and C level, then D."""
    tiers = [tuple(tier) for tier in text.split()]
    return ranked(by, tuple(sorted(text.replace(" ", ""))), tiers)


def drawn(rng: np.random.Generator, worth: np.ndarray, by: str) -> Order:
    """A ranking by Plackett and Luce's model."""
    order = np.argsort(-(np.log(worth) + rng.gumbel(size=len(worth))))
    return ranked(by, ITEMS[: len(worth)], [(ITEMS[i],) for i in order])


# An order is what was said, and nothing more.


def test_what_nobody_said_stays_unsaid() -> None:
    essex = partly_ranked("table-1", ITEMS, [(a, b) for a in "CE" for b in "BD"])
    assert essex.prefers("C", "B") is True
    assert essex.prefers("D", "E") is False
    assert essex.prefers("C", "E") is None
    assert essex.undecided == ("A", "F")
    assert not essex.is_complete


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: ranked("t", ITEMS, [("A",), ("A", "B")]), "more than once"),
        (lambda: ranked("t", ITEMS, [("A",)], ["A"]), "more than once"),
        (lambda: ranked("t", ITEMS, [("Z",)]), "was not given"),
        (lambda: partly_ranked("t", ITEMS, [("A", "B"), ("B", "C"), ("C", "A")]), "in a circle"),
        (lambda: partly_ranked("t", ITEMS, [("A", "Z")]), "was not given"),
    ],
)
def test_what_is_no_order_is_refused(make: object, said: str) -> None:
    with pytest.raises(DataError, match=said):
        make()  # type: ignore[operator]


def test_tables_that_shared_nothing_are_never_put_together() -> None:
    first, second = ranked("1", "AB", ["A", "B"]), ranked("2", "CD", ["C", "D"])
    bridge = ranked("3", "BC", ["B", "C"])
    assert [group.items for group in groups([first, second])] == [("A", "B"), ("C", "D")]
    assert [group.items for group in groups([first, second, bridge])] == [("A", "B", "C", "D")]


# The consensus, against every order there is.


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.permutations(list("ABCDE")), min_size=1, max_size=5), st.integers(2, 5))
def test_all_optima_are_those_of_brute_force(orders: list[list[str]], size: int) -> None:
    kept = [
        ranked(str(i), "ABCDE"[:size], [x for x in order if x in "ABCDE"[:size]])
        for i, order in enumerate(orders)
    ]
    (group,) = groups(kept)
    over = (group.told() == 1).sum(axis=0)
    at = {item: i for i, item in enumerate(group.items)}
    price = {
        order: sum(over[at[b], at[a]] for i, a in enumerate(order) for b in order[i + 1 :])
        for order in permutations(group.items)
    }
    least = min(price.values())
    best = [order for order in price if price[order] == least]
    found = kemeny(group)
    assert (found.against, found.optima) == (least, len(best))
    assert found.first in best
    for a in group.items:
        for b in group.items:
            share = sum(order.index(a) < order.index(b) for order in best) / len(best)
            assert found.before[at[a], at[b]] == pytest.approx(share)


def test_the_mean_rank_and_the_consensus_can_disagree_and_it_is_said() -> None:
    """Borda's own example: a majority's first is not the first by mean rank."""
    orders = [complete(str(i), "A B C D") for i in range(3)] + [
        complete(str(i + 3), "B C D A") for i in range(2)
    ]
    (group,) = groups(orders)
    found = kemeny(group)
    assert found.first == ("A", "B", "C", "D")
    assert mean_ranks(group.told().sum(axis=0))[1] < mean_ranks(group.told().sum(axis=0))[0]
    assert not found.agrees_with_mean


def test_two_tables_that_disagree_leave_every_order_between_them() -> None:
    (group,) = groups([complete("1", "A B C"), complete("2", "C B A")])
    found = kemeny(group)
    assert (found.optima, found.certain) == (6, frozenset())


def test_too_many_items_are_refused() -> None:
    items = [f"i{n}" for n in range(17)]
    with pytest.raises(DataError, match="MANY"):
        kemeny(Group(tuple(items), (ranked("1", items, [[item] for item in items]),)))


# Agreement, and what chance alone gives.


def test_w_is_the_friedman_statistic_in_another_dress() -> None:
    orders = [
        complete(str(i), text)
        for i, text in enumerate(["A B C D", "A BC D", "B A D C", "A C B D", "AB C D"])
    ]
    found = concordance(orders, draws=99)
    assert isinstance(found, Concordance)
    ranks = np.array(
        [
            [sum(b == x for _, b in o.over) + sum(a == x for a, _ in o.tied) / 2 for x in "ABCD"]
            for o in orders
        ]
    )
    chi2 = friedmanchisquare(*ranks.T).statistic
    assert found.w == pytest.approx(chi2 / (len(orders) * 3))


def test_by_chance_w_averages_one_over_the_number_of_rankers() -> None:
    rng = np.random.default_rng(1)
    orders = [drawn(rng, np.ones(6), str(i)) for i in range(8)]
    found = concordance(orders, draws=4000)
    assert isinstance(found, Concordance)
    assert found.by_chance == pytest.approx(1 / 8, abs=0.005)


def test_under_five_rankers_no_w_is_told() -> None:
    assert "no W is told" in str(concordance([complete(str(i), "A B C") for i in range(4)]))
    assert "different examples" in str(concordance([complete("1", "A B"), complete("2", "C D")] * 3))


@pytest.mark.parametrize("runs", [60, pytest.param(600, marks=pytest.mark.long)])
def test_p_is_as_often_small_by_chance_as_it_says(runs: int) -> None:
    rng = np.random.default_rng(2)
    small = 0
    for run in range(runs):
        found = concordance([drawn(rng, np.ones(5), str(i)) for i in range(6)], run, draws=199)
        assert isinstance(found, Concordance)
        small += found.p <= 0.10
    assert small / runs <= 0.10 + 3 * np.sqrt(0.09 / runs)


# Tiers and their intervals.


@pytest.mark.parametrize("runs", [40, pytest.param(400, marks=pytest.mark.long)])
@pytest.mark.parametrize("tables", [6, 20])
def test_intervals_cover_the_true_mean_rank_as_often_as_they_say(tables: int, runs: int) -> None:
    rng, worth = np.random.default_rng(3), np.array([6.0, 4.0, 3.0, 2.0, 1.5, 1.0])
    many = groups([drawn(rng, worth, str(i)) for i in range(3000)])[0].told().mean(axis=0)
    true = mean_ranks(many)
    covered = [
        found.low <= true[ITEMS.index(found.item)] <= found.high
        for run in range(runs)
        for found in standings(
            groups([drawn(rng, worth, str(i)) for i in range(tables)])[0], run, draws=400
        )
        if found.low is not None and found.high is not None
    ]
    assert len(covered) == 6 * runs
    assert 0.90 - 3 * np.sqrt(0.09 / len(covered)) - 0.03 <= np.mean(covered) <= 0.99


def test_tables_that_all_agree_give_as_many_tiers_as_items() -> None:
    found = standings(groups([complete(str(i), "A B C") for i in range(8)])[0])
    assert [(s.item, s.tier) for s in found] == [("A", 1), ("B", 2), ("C", 3)]


@pytest.mark.parametrize("runs", [40, pytest.param(400, marks=pytest.mark.long)])
def test_where_there_is_no_order_tiers_are_seldom_found(runs: int) -> None:
    rng = np.random.default_rng(4)
    split = sum(
        max(
            s.tier
            for s in standings(groups([drawn(rng, np.ones(5), str(i)) for i in range(10)])[0], run, 300)
        )
        > 1
        for run in range(runs)
    )
    assert split / runs <= 0.10 + 3 * np.sqrt(0.09 / runs)


def test_few_tables_have_no_interval_and_only_what_all_said_is_apart() -> None:
    found = standings(groups([complete("1", "A B C"), complete("2", "A C B")])[0])
    assert [(s.item, s.low, s.tier) for s in found] == [("A", None, 1), ("B", None, 2), ("C", None, 2)]


# Worth, weights, and minds that changed.


def test_a_worth_is_told_only_where_one_is_determined() -> None:
    assert "never put under" in str(worths(groups([complete("1", "A B C"), complete("2", "A C B")])[0]))
    rng, worth = np.random.default_rng(5), np.array([4.0, 2.0, 1.0])
    found = worths(groups([drawn(rng, worth, str(i)) for i in range(4000)])[0])
    assert isinstance(found, dict)
    assert list(found.values()) == pytest.approx(worth / worth.sum(), abs=0.03)


def test_an_example_that_is_best_by_every_criterion_always_leads() -> None:
    found = leads({"A": {"reach": 3, "proof": 5}, "B": {"reach": 2, "proof": 4}})
    assert [(lead.item, lead.share) for lead in found] == [("A", 1.0), ("B", 0.0)]


def test_with_two_criteria_and_two_mirror_examples_each_leads_half_the_time() -> None:
    found = {
        lead.item: lead for lead in leads({"A": {"reach": 1, "proof": 0}, "B": {"reach": 0, "proof": 1}})
    }
    assert found["A"].share == pytest.approx(0.5, abs=4 * found["A"].error)
    assert found["A"].weights["reach"] == pytest.approx(0.75, abs=0.02)


def test_a_missing_score_is_no_zero() -> None:
    with pytest.raises(DataError, match="CRITERIA"):
        leads({"A": {"reach": 1}, "B": {"proof": 1}})


def test_no_p_under_ten_people_and_the_exact_one_from_there() -> None:
    before = {str(i): 2 for i in range(9)}
    assert change(before, dict.fromkeys(before, 4)).p is None
    before = {str(i): 2 for i in range(12)}
    after = {str(i): 4 if i < 9 else 1 for i in range(12)}
    assert change(before, after).p == pytest.approx(2 * sum((220, 66, 12, 1)) / 2**12)


def test_who_answered_once_or_is_undecided_is_counted_and_left_out() -> None:
    found = change({"a": 1, "b": 2, "c": "undecided"}, {"a": 2, "c": 3, "d": 5})
    assert (found.up, found.only_before, found.only_after, found.undecided, found.paired) == (1, 1, 1, 1, 1)
