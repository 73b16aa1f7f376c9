"""Conditional Poisson by month: ours against statsmodels' ConditionalPoisson, and ours alone at full size.

python -m benchmarks.within_person [--people 300] [--full 32000] [--json]

Both fit the same months of the same people (those whose counts differ between months: statsmodels leaves
the others out) with the same columns; making the months is outside the times. The answers are compared
first. statsmodels walks over people in Python, so it is given a sample; the whole study (`--full` people,
half of them in changed homes, over ten years, from months to ratios with errors clustered by home, which
statsmodels does not give) is timed by itself.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from typing import Any

import numpy as np

from sharewell.analyse.within_person.conditional import Counts, fit_conditional
from sharewell.analyse.within_person.effect import analyse
from sharewell.analyse.within_person.study import NEVER, Happened, Study

MONTHS, KINDS = 120, 8
PARAMS = {"washout_months": 1, "season": True}


def study_of(people: int, others: int, seed: int = 1) -> Study:
    """Residents three a home, changed in up to eight ways over ten years, and people in other homes."""
    random = np.random.default_rng(seed)
    whole = people + others
    home = np.arange(whole) // 3
    homes = int(home[-1]) + 1
    changed = np.arange(homes) <= int(home[people - 1])
    month = np.where(random.random((homes, KINDS)) < 0.55, random.integers(4, 116, (homes, KINDS)), NEVER)
    month[~changed] = NEVER
    improved = np.asarray((month < NEVER).any(axis=1))
    starts = np.arange(np.datetime64("2014-01"), np.datetime64("2014-01") + MONTHS + 1)
    days = starts.astype("datetime64[D]").astype(np.int64)
    at = np.arange(MONTHS)
    done = (month[home][:, None, 3] <= at).astype(float)
    rate = random.gamma(2, 0.5, whole)[:, None] * 0.2 / 12 * np.exp(0.03 * at / 12 - 0.5 * done)
    events = random.poisson(rate)
    person, when = np.nonzero(events)
    return Study(
        home, random.integers(-14_000, -9_000, whole), np.full(whole, days[0]), np.full(whole, days[-1]),
        random.integers(0, 2, whole), improved[home],
        tuple(f"kind {i}" for i in range(KINDS)), month, days,
        Happened(person, when, events[person, when]), None, (), (0, 0), (),
    )  # fmt: skip


def sample(people: int) -> tuple[Counts, Any]:
    """Months of people whose counts differ between them, and the design of a whole study of that size."""
    from sharewell.analyse.within_person.panel import counts_of

    made = analyse(study_of(people, people), PARAMS)
    counts = counts_of(made.panel, made.design, made.happened)
    return counts.of(counts.happened), made.design.matrix


def peer(counts: Counts, design: Any, ours: Any) -> dict[str, float]:
    """Seconds of statsmodels, how far its coefficients are from `ours`, and by its own likelihood how steep
    it still is at both and how much higher it is at ours: its search may stop short of the top."""
    from statsmodels.discrete.conditional_models import ConditionalPoisson

    person = np.repeat(np.arange(counts.people), np.diff(counts.start))
    matrix, offset = design[counts.row], np.log(counts.exposure)
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = ConditionalPoisson(counts.events, matrix, groups=person, offset=offset)
        found = model.fit(method="bfgs", gtol=1e-7, disp=0, maxiter=2_000)
    return {
        "seconds": time.perf_counter() - start,
        "difference": float(np.abs(ours - found.params).max()),
        "slope_ours": float(np.abs(model.score(ours)).max()),
        "slope_theirs": float(np.abs(model.score(found.params)).max()),
        "higher": float(model.loglike(ours) - model.loglike(found.params)),
    }


def measure(people: int, full: int) -> dict[str, Any]:
    """Both on the sample, then ours on the whole."""
    counts, design = sample(people)
    times = []
    for _ in range(3):
        start = time.perf_counter()
        ours = fit_conditional(counts, design)
        times.append(time.perf_counter() - start)
    theirs = peer(counts, design, ours.coefficients)
    seconds = theirs.pop("seconds")
    study = study_of(full // 2, full - full // 2)
    start = time.perf_counter()
    whole = analyse(study, PARAMS)
    taken = time.perf_counter() - start
    return {
        "work": "conditional Poisson by month",
        "size": f"{counts.people} people with events, {len(counts.row)} months, {design.shape[1]} columns",
        "ours": {"cold": times[0], "warm": min(times)},
        "peer": {"name": "statsmodels ConditionalPoisson", "warm": seconds},
        "answers": {**theirs, "agree": theirs["slope_ours"] < 1e-6 and theirs["higher"] > -1e-6},
        "ratio": {"warm": seconds / min(times)},
        "whole": {
            "people": full,
            "months": len(whole.panel.months.person),
            "events": whole.fitted.events,
            "seconds": taken,
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--full", type=int, default=32_000)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    result = measure(chosen.people, chosen.full)
    if chosen.json:
        print(json.dumps(result))
        return
    print(f"{result['work']}, {result['size']}")
    print(f"  ours                            {result['ours']['warm']:8.3f} s")
    print(
        f"  {result['peer']['name']:30}  {result['peer']['warm']:8.3f} s   {result['ratio']['warm']:.0f}x"
    )
    print("  " + ", ".join(f"{name} {value:.1e}" for name, value in result["answers"].items()))
    whole = result["whole"]
    print(f"  whole study: {whole['people']:,} people, {whole['months']:,} months,")
    print(f"  {whole['events']:,} events: {whole['seconds']:.1f} s with errors clustered by home")


if __name__ == "__main__":
    main()
