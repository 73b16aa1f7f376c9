"""Bounds on hidden bias: against the published table, against every case counted out, and bad sets."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from sharewell.analyse.comparison.bounds import MOST, Sets, tipping, worst_p
from sharewell.errors import FitError


def pairs(both: int, discordant: int, treated: int) -> Sets:
    """Matched pairs, of which `treated` of the discordant ones have the outcome in the treated person."""
    outcomes = np.concatenate([np.full(both, 2), np.ones(discordant)]).astype(int)
    hit = np.concatenate([np.ones(both, bool), np.arange(discordant) < treated])
    return Sets(np.full(both + discordant, 2), outcomes, hit)


PUBLISHED = {4: (0.0036, 0.0001), 5: (0.03, 0.005), 6: (0.1, 0.005)}
"""Smoking and lung cancer (Hammond 1964; Rosenbaum 2002, 4.3.2): in 110 of 122 discordant pairs the smoker.

The book looks its p-values up at a z of two decimals: 0.0036 at 2.69, where 2.6935 gives 0.0035.
"""


@pytest.mark.parametrize("gamma", PUBLISHED)
def test_the_published_table_is_met_by_its_own_approximation(gamma: float) -> None:
    p, near = PUBLISHED[gamma]
    assert worst_p(pairs(3, 122, 110), gamma, exact=False) == pytest.approx(p, abs=near)
    assert all(worst_p(pairs(3, 122, 110), g, exact=False) < 0.0001 for g in (1, 2, 3))


def test_the_exact_bound_is_the_binomial_tail() -> None:
    from scipy.stats import binom

    assert worst_p(pairs(0, 122, 110), 4) == pytest.approx(binom.sf(109, 122, 0.8), rel=1e-9)
    assert worst_p(pairs(0, 122, 12), 4) == pytest.approx(binom.cdf(12, 122, 0.2), rel=1e-9)


@pytest.mark.parametrize("gamma", [1.0, 1.7, 4.0])
@pytest.mark.parametrize("treated", [(True, True, False, True), (False, False, False, True)])
def test_sets_of_any_size_agree_with_every_case_counted_out(
    gamma: float, treated: tuple[bool, ...]
) -> None:
    people, outcomes = np.array([2, 3, 4, 6]), np.array([1, 2, 1, 4])
    sets = Sets(people, outcomes, np.array(treated))
    observed, even = sum(treated), (outcomes / people).sum()
    lean = gamma if observed >= even else 1 / gamma
    chance = [m * lean / (m * lean + n - m) for n, m in zip(people, outcomes, strict=True)]
    total = 0.0
    for case in product((0, 1), repeat=4):
        mass = float(np.prod([c if hit else 1 - c for hit, c in zip(case, chance, strict=True)]))
        total += mass if (sum(case) >= observed if observed >= even else sum(case) <= observed) else 0.0
    assert worst_p(sets, gamma) == pytest.approx(total)


def test_the_tipping_bias_is_the_last_that_holds() -> None:
    sets = pairs(10, 122, 110)
    bias = tipping(sets, 0.05)
    assert worst_p(sets, bias) <= 0.05 < worst_p(sets, bias + 0.01)
    assert tipping(pairs(0, 20, 11), 0.05) == 0.0
    assert tipping(pairs(0, 400, 400), 0.05) == MOST


def test_sets_that_do_not_differ_within_say_nothing() -> None:
    assert worst_p(pairs(5, 0, 0)) == 1.0


BAD = {
    "a person alone": ([1], [0], [False]),
    "more outcomes than people": ([2], [3], [True]),
    "the treated has it and nobody does": ([2], [0], [True]),
    "all have it but the treated": ([3], [3], [False]),
    "no set at all": ([], [], []),
}


@pytest.mark.parametrize("sets", BAD.values(), ids=BAD)
def test_sets_that_cannot_be_are_refused(sets: tuple[list[int], list[int], list[bool]]) -> None:
    people, outcomes, treated = sets
    with pytest.raises(FitError) as caught:
        Sets(np.array(people, int), np.array(outcomes, int), np.array(treated, bool))
    assert [problem.code for problem in caught.value.problems] == ["SETS"]


def test_a_bias_under_one_is_refused() -> None:
    with pytest.raises(FitError) as caught:
        worst_p(pairs(0, 4, 2), 0.5)
    assert caught.value.problems[0].code == "GAMMA"
