"""A model carried to microdata: each person's probability, and the mean of each small area.

    python -m benchmarks.microdata [--rows 2500000] [--areas 32844] [--json]

Three ways of the same arithmetic on the same Parquet file: ours (a look-up by pattern of covariates),
DuckDB with one CASE a predictor, and scikit-learn (one-hot columns, `predict_proba`, a pandas mean by
area). The answers must be equal, to 1e-9, before a time counts. Warm: the rows are in memory, each in its
own form (Arrow coded as the file codes it, a DuckDB table, a pandas frame with categories), best of five.
Cold: a new process that imports, reads the file and answers, best of two.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

LEVELS = {
    "marital": ["married", "single", "separated or divorced", "widowed"],
    "health": ["excellent", "very good", "good", "fair", "poor"],
    "band": ["65-74", "75-79", "80+"],
}
EFFECTS = {
    "marital": [0.0, 0.05, -0.02, 1.0317],
    "health": [0.0, -0.03, 0.9842, 1.5819, 2.0344],
    "band": [0.0, -0.3542, 0.04],
}
CONSTANT, SIZE = -2.62, -1.0402
WAYS = ("ours", "duckdb", "sklearn")
TEXT = ["area", *LEVELS]


def write_rows(path: Path, rows: int, areas: int, seed: int = 1) -> None:
    """People in random order; areas of uneven size, no two alike in health."""
    random = np.random.default_rng(seed)
    area = np.minimum((random.beta(1.3, 1.3, rows) * areas).astype(np.int64), areas - 1)
    ill = np.clip((random.normal(0, 1, areas)[area] + random.normal(1.8, 1, rows)).astype(np.int64), 0, 4)
    columns = {
        "area": pa.array([f"E{n:08d}" for n in range(areas)]).take(pa.array(area)),
        "marital": pa.array(LEVELS["marital"]).take(pa.array(random.integers(0, 4, rows))),
        "health": pa.array(LEVELS["health"]).take(pa.array(ill)),
        "band": pa.array(LEVELS["band"]).take(pa.array(random.integers(0, 3, rows))),
        "household_size": pa.array(np.minimum(random.geometric(0.55, rows), 8).astype(np.int32)),
    }
    pq.write_table(pa.table(columns), path, compression="zstd", store_schema=False)


def load_ours(path: Path) -> Any:
    return pq.read_table(path, read_dictionary=TEXT).unify_dictionaries().combine_chunks()


def score_ours(table: Any) -> dict[str, float]:
    from sharewell.analyse.areas.scoring import means, patterns_of
    from sharewell.analyse.areas.terms import Predictor, coded, indexed

    predictors = [Predictor(name, tuple(levels)) for name, levels in LEVELS.items()]
    predictors.append(Predictor("household_size"))
    patterns = patterns_of([coded(each, table[each.name]) for each in predictors])
    effects = [CONSTANT, *(effect for name in LEVELS for effect in EFFECTS[name][1:]), SIZE]
    area, names = indexed(table["area"])
    mean = means(patterns.chance(np.array(effects)), patterns.code, area, None, len(names))
    return dict(zip(names, mean.tolist(), strict=True))


def load_duckdb(path: Path) -> Any:
    import duckdb

    engine = duckdb.connect()
    engine.execute("set enable_progress_bar = false")
    engine.execute(f"create table people as select * from '{path}'")
    return engine


def score_duckdb(engine: Any) -> dict[str, float]:
    cases = [
        f"case {name} "
        + " ".join(f"when '{v}' then {e}" for v, e in zip(LEVELS[name], EFFECTS[name], strict=True))
        + " end"
        for name in LEVELS
    ]
    linear = f"{CONSTANT} + {SIZE} * household_size + " + " + ".join(cases)
    asked = f"select area, avg(1 / (1 + exp(-({linear})))) from people group by area"
    return dict(engine.execute(asked).fetchall())


def load_sklearn(path: Path) -> Any:
    frame = pq.read_table(path, read_dictionary=TEXT).to_pandas()
    return frame, _model()


def _model() -> Any:
    import pandas as pd
    from sklearn.compose import make_column_transformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    encoder = OneHotEncoder(categories=list(LEVELS.values()), drop="first")
    columns = make_column_transformer((encoder, list(LEVELS)), remainder="passthrough")
    model = make_pipeline(columns, LogisticRegression())
    rows = max(map(len, LEVELS.values()))
    small = {name: [levels[n % len(levels)] for n in range(rows)] for name, levels in LEVELS.items()}
    model.fit(pd.DataFrame(small | {"household_size": range(1, rows + 1)}), [n % 2 for n in range(rows)])
    model[-1].intercept_ = np.array([CONSTANT])
    model[-1].coef_ = np.array([[*(e for name in LEVELS for e in EFFECTS[name][1:]), SIZE]])
    return model


def score_sklearn(held: Any) -> dict[str, float]:
    frame, model = held
    chance = model.predict_proba(frame[[*LEVELS, "household_size"]])[:, 1]
    mean = frame["area"].to_frame().assign(chance=chance).groupby("area", observed=True)["chance"].mean()
    return {str(name): float(value) for name, value in mean.items()}


LOAD: dict[str, Callable[[Path], Any]] = {"ours": load_ours, "duckdb": load_duckdb, "sklearn": load_sklearn}
SCORE: dict[str, Callable[[Any], dict[str, float]]] = {
    "ours": score_ours, "duckdb": score_duckdb, "sklearn": score_sklearn,
}  # fmt: skip


def warm(held: Any, way: str, times: int = 5) -> float:
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        SCORE[way](held)
        seconds.append(time.perf_counter() - start)
    return round(min(seconds), 4)


def cold(path: Path, way: str) -> float:
    """A new process, from its start to its answer."""
    code = (
        "from pathlib import Path; from benchmarks import microdata as m; "
        f"m.SCORE[{way!r}](m.LOAD[{way!r}](Path({str(path)!r})))"
    )
    seconds = []
    for _ in range(2):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[1])
        seconds.append(time.perf_counter() - start)
    return round(min(seconds), 3)


def differ(one: dict[str, float], two: dict[str, float]) -> float:
    """The largest difference of an area's mean; infinite where the areas are not the same."""
    return max(abs(one[name] - two[name]) for name in one) if one.keys() == two.keys() else float("inf")


def run(rows: int, areas: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.parquet"
        write_rows(path, rows, areas)
        held = {way: LOAD[way](path) for way in WAYS}
        answers = {way: SCORE[way](held[way]) for way in WAYS}
        gaps = {way: differ(answers["ours"], answers[way]) for way in WAYS[1:]}
        if max(gaps.values()) > 1e-9:
            raise SystemExit(f"the answers differ: {gaps}")
        seconds = {way: warm(held[way], way) for way in WAYS}
        fresh = {way: cold(path, way) for way in WAYS}
    ratios = {way: round(seconds[way] / seconds["ours"], 1) for way in WAYS[1:]}
    return {
        "rows": rows, "areas": len(answers["ours"]), "largest_difference": gaps, "warm_seconds": seconds,
        "cold_seconds": fresh, "warm_times_ours": ratios,
        "cold_times_ours": {way: round(fresh[way] / fresh["ours"], 1) for way in WAYS[1:]},
        "processors": os.cpu_count(),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=2_500_000)
    parser.add_argument("--areas", type=int, default=32_844)
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    asked = parser.parse_args()
    found = run(asked.rows, asked.areas)
    print(json.dumps(found) if asked.json else json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
