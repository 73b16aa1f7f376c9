"""What is planted about the work of general practices, and about the formula that pays them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Consultations:
    """Parameters of consultations and payments.

    `ratio`: rate ratio of consultations in the most against the least deprived fifth, at the same age and
    sex in the same practice (1.0: the planted null); the fifths between lie evenly on the log scale.
    `paid`: the share of that gradient, on the log scale, that the formula's index of additional needs pays.
    `stale`: the share of practices whose index was never measured again and pays nothing of it: the planted
    under-funded, drawn from the quarter with the most deprived lists.
    `supply`: standard deviation of the log of how much each practice offers, whoever asks.
    `scarcity`: how much less is offered where need is higher: the log of supply falls by this many times
    the log of need, so that a comparison between practices hides what deprivation brings.
    `dispersion`: variance of a gamma frailty with mean 1 on each person's rate.
    `per_head`: pence that an average patient brings a practice in the year.
    """

    ratio: float = 1.30
    paid: float = 0.7
    stale: float = 0.10
    supply: float = 0.10
    scarcity: float = 1.5
    dispersion: float = 0.5
    per_head: int = 10_500
