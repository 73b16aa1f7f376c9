"""A Data Lab report, preparation's table to findings: ours against statsmodels and scikit-learn.

python -m benchmarks.justice [--treated 3085] [--pool 250000] [--json]

Ours is the whole fit of matched-comparison: score, match five to one within a caliper, three measures,
nine sensitivity analyses with their ten draws of ties, bounds on hidden bias. The peer does the part that
there are libraries for, once: a logit by statsmodels, and scikit-learn's nearest neighbours with a greedy
loop over them. Both get the same covariates in memory. Their answers are compared: the scores, the total
distance of the matches, and the difference, which may move by what ties decide: the peer takes equally near
people in another order. Cold is the first run in a new process with its imports, warm the second.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from typing import Any

import numpy as np

COVARIATES = (
    "disposal", "offence", "age", "first_age", "prior_offences", "prior_custody", "accommodation", "drugs",
    "alcohol", "thinking", "worked", "benefits",
)  # fmt: skip
CALIPER, RATIO, NEIGHBOURS = 0.2, 5, 400


def settings() -> dict[str, Any]:
    """The settings of the shipped agreement."""
    from datetime import date

    from sharewell.analyse.matched_comparison import SIGNATURE

    return SIGNATURE.settle(
        {
            "participant": "person", "began": "began", "person": "person", "index_on": "index_on",
            "covariates": COVARIATES, "region": "region", "offence_of": "person", "committed": "committed",
            "proven": "proven", "controls": "national", "caliper": CALIPER, "ratio": RATIO, "green": 0.05,
            "amber": 0.1, "window_from": date(2021, 1, 1), "window_to": date(2021, 12, 31),
            "follow_days": 365, "settle_days": 183, "least": 60, "least_for_time": 30, "least_expected": 10,
            "significance": 0.05, "programme_as": "the programme",
        }
    )  # fmt: skip


def people(treated: int, pool: int) -> Any:
    """The table that the preparation gives, with seven points planted."""
    from sharewell.county.effects.justice import Justice
    from sharewell.proof.justice import drawn

    return drawn(Justice(), treated + pool, treated, np.random.default_rng(20240404))[0]


def ours(table: Any) -> tuple[float, dict[str, float]]:
    """Seconds of the whole fit, and the answers to compare."""
    from sharewell.analyse.comparison.lab_report import DECLARED, fit
    from sharewell.analyse.comparison.reoffending import read_lab

    start = time.perf_counter()
    finding = fit(table, settings())
    took = time.perf_counter() - start
    lab = read_lab(table, settings())
    rows = {row["analysis"]: row for row in finding.table("choices").data.to_pylist()}
    found = lab.made.matches
    apart = np.abs(lab.made.scores[found.treated[found.sets]] - lab.made.scores[found.matched_controls])
    return took, {
        "score": float(lab.made.scores.sum()),
        "distance": float(apart.sum()),
        "difference": rows[DECLARED]["difference"],
    }


def theirs(table: Any) -> tuple[float, dict[str, float]]:
    """Seconds of a logit, nearest neighbours and one difference; the design is ours, and not timed."""
    import pyarrow.compute as pc
    import statsmodels.api as sm
    from sklearn.neighbors import NearestNeighbors

    from sharewell.analyse.comparison.propensity import design

    table = table.take(pc.sort_indices(table, [("person", "ascending")]))
    treated = table["participant"].to_numpy()
    outcome = table["reoffences"].to_numpy() > 0
    matrix = design(table.select(list(COVARIATES)), treated).matrix
    start = time.perf_counter()
    score = matrix @ sm.Logit(treated.astype(float), matrix).fit(disp=False, tol=1e-10).params
    width = CALIPER * score.std(ddof=1)
    ours_at, pool = np.flatnonzero(treated), np.flatnonzero(~treated)
    search = NearestNeighbors(n_neighbors=NEIGHBOURS).fit(score[pool][:, None])
    order = ours_at[np.argsort(-score[ours_at], kind="stable")]
    near = search.kneighbors(score[order][:, None], return_distance=False)
    free = np.ones(len(pool), bool)
    found: list[list[int]] = [[] for _ in order]
    for _turn in range(RATIO):
        for place, row in enumerate(order):
            left = near[place][free[near[place]]]
            if len(left) and abs(score[pool[left[0]]] - score[row]) <= width:
                free[left[0]] = False
                found[place].append(int(left[0]))
    sets = [(row, pool[chosen]) for row, chosen in zip(order, found, strict=True) if chosen]
    difference = np.mean([outcome[a] - outcome[b].mean() for a, b in sets]) * 100
    took = time.perf_counter() - start
    distance = sum(float(np.abs(score[a] - score[b]).sum()) for a, b in sets)
    return took, {"score": float(score.sum()), "distance": distance, "difference": float(difference)}


def child(which: str, treated: int, pool: int) -> None:
    """Two runs in this process; its times and answers as JSON."""
    table = people(treated, pool)
    run = {"ours": ours, "theirs": theirs}[which]
    (first, _), (second, answers) = run(table), run(table)
    print(json.dumps({"cold": first, "warm": second, **answers}))


def main() -> None:
    """Compare, then time."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--treated", type=int, default=3_085)
    parser.add_argument("--pool", type=int, default=250_000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--child", choices=("ours", "theirs"))
    told = parser.parse_args()
    if told.child:
        child(told.child, told.treated, told.pool)
        return
    sizes = ["--treated", str(told.treated), "--pool", str(told.pool)]
    found = {}
    for which in ("ours", "theirs"):
        command = [sys.executable, "-m", "benchmarks.justice", "--child", which, *sizes]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found[which] = json.loads(done.stdout)
    a, b = found["ours"], found["theirs"]
    equal = {
        "scores differ by": abs(a["score"] / b["score"] - 1),
        "distance, ours over theirs": a["distance"] / b["distance"],
        "difference, ours less theirs": a["difference"] - b["difference"],
    }
    if told.json:
        print(json.dumps({"treated": told.treated, "pool": told.pool, **found, "equal": equal}, indent=2))
        return
    print(f"{told.treated:,} x {told.pool:,}")
    for name, value in equal.items():
        print(f"  {name}: {value:.3g}")
    for name, held in (("ours, the whole report", a), ("statsmodels and scikit-learn, one analysis", b)):
        print(f"  {name}: cold {held['cold']:.2f} s, warm {held['warm']:.2f} s")


if __name__ == "__main__":
    main()
