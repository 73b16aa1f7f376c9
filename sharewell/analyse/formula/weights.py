"""Weights of practices, the same total shared out by them to the penny, and how sure each move is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .lists import Lists
from .workload import Workload

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Shared:
    """The money shared out anew, by practice.

    `weight`: for each patient, against the average patient; `pence`: its new payment; `move`: by what share
    of its payment it moves; `low`, `high`: a band that holds the moves of all practices at once with 95%
    confidence. `age_sex` and `deprivation`: the two factors of the modelled need.
    """

    weight: Floats
    weight_low: Floats
    weight_high: Floats
    pence: Ints
    move: Floats
    low: Floats
    high: Floats
    age_sex: Floats
    deprivation: Floats

    def moves(self, least: float) -> NDArray[np.bool_]:
        """Practices whose move is beyond its own uncertainty and at least `least`."""
        return ((self.low > 0) | (self.high < 0)) & (np.abs(self.move) >= least)

    def pence_moved(self, payment: Ints) -> int:
        """How much changes hands: what those who gain, gain."""
        return int(np.maximum(self.pence - payment, 0).sum())


def share_out(
    lists: Lists, model: Workload, kept: Floats, *, draws: int, seed: int, unmet: float = 0.0
) -> Shared:
    """Weights by the model's need times `kept`, the product of the indices that need does not replace.

    `unmet`: need of the most deprived fifth beyond what it consults, as a share; the fifths between have
    their part of it and the least deprived none. Bands are sup-t bands over `draws` of the coefficients
    (Montiel Olea and Plagborg-Moller 2019, Journal of Applied Econometrics 34:1).
    """
    hidden = np.log1p(unmet) * (5 - np.asarray(lists.fifths, np.float64)) / 4
    mix = _mix(lists)
    size, payment = lists.practices.size, lists.practices.payment
    shares = payment / payment.sum()

    def need(log_profile: Floats, log_fifth: Floats) -> Floats:
        cells = np.exp(log_profile)[:, :, None] * np.exp(log_fifth)[:, None, :]
        return np.asarray(cells.reshape(len(cells), -1) @ mix.T)

    def weigh(needs: Floats) -> Floats:
        raw = needs * kept
        return np.asarray(raw / (raw @ size / size.sum())[:, None])

    profiles, fifths = model.log_profile[None], model.log_fifth[None]
    mean = need(profiles, fifths + hidden)
    age_sex = need(profiles, np.zeros_like(fifths))[0]
    weight = weigh(mean)[0]
    drawn_profiles, drawn_fifths = model.draws(draws, seed)
    drawn = weigh(need(drawn_profiles, drawn_fifths + hidden))
    error = drawn.std(axis=0)
    reach = _reach(drawn, weight, error) * error
    move = weight * size / size.sum() / shares - 1
    scale = size / size.sum() / shares
    return Shared(
        weight,
        weight - reach,
        weight + reach,
        divide(lists.practices.total, weight * size),
        move,
        move - reach * scale,
        move + reach * scale,
        age_sex,
        mean[0] / age_sex,
    )


def divide(total: int, shares: Floats) -> Ints:
    """`total` whole pence in proportion to `shares`, none lost and none made: largest remainders
    (Hamilton's method), the earlier first where two are equal."""
    exact = total * (shares / shares.sum())
    pence = np.floor(exact).astype(np.int64)
    left = total - int(pence.sum())
    pence[np.argsort(-(exact - pence), kind="stable")[:left]] += 1
    return np.asarray(pence)


def _mix(lists: Lists) -> Floats:
    """The share of each practice's patients in each profile and fifth (practices, profiles x fifths)."""
    profiles, fifths, count = len(lists.profiles), len(lists.fifths), len(lists.practices.names)
    cell = (lists.practice * profiles + lists.profile) * fifths + lists.fifth
    held = np.bincount(cell, lists.patients, count * profiles * fifths).reshape(count, -1)
    return np.asarray(held / held.sum(axis=1, keepdims=True))


def _reach(drawn: Floats, weight: Floats, error: Floats) -> float:
    """How many errors wide a band must be to hold all practices at once, 95 times of 100."""
    sure = error <= 1e-12 * np.abs(weight)
    if sure.all():
        return 0.0
    apart = np.abs(drawn - weight)[:, ~sure] / error[~sure]
    return float(np.quantile(apart.max(axis=1), 0.95))
