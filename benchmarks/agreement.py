"""Lint and explain of each shipped agreement, and lint of all: milliseconds from files, after import.

Each measure opens the workspace anew, so that it reads the agreement, its framework and the contracts that
it names, compiles, applies every rule and writes every line. No tool compared is known to do the same work;
the floor beneath it is reading the same files with PyYAML's C loader and validating with Pydantic.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

TARGET = 100.0
"""The most milliseconds for one agreement."""
TARGET_OF_ALL = 1000.0
"""The most milliseconds to lint them all."""


def milliseconds(work: Callable[[], Any], times: int) -> float:
    """The median of several runs, after one that fills Python's own caches."""
    work()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append((time.perf_counter() - start) * 1000)
    return round(statistics.median(taken), 1)


def ours(folder: Path, name: str, times: int) -> dict[str, Any]:
    """One agreement, linted and explained, from nothing but files."""
    from sharewell.plan.explain import summary
    from sharewell.workspace import Workspace

    def work() -> tuple[int, int, int]:
        live = Workspace(folder).agreement(name)
        plan, faults = live.linted
        assert plan is not None
        return len(faults), len(live.explain()), len(summary(plan))

    faults, steps, lines = work()
    return {
        "milliseconds": milliseconds(work, times),
        "steps": steps,
        "summary_lines": lines,
        "faults": faults,
    }


def floor(folder: Path, name: str, times: int) -> float:
    """The same files read by PyYAML, and the agreement held against the same Pydantic model."""
    import yaml

    from sharewell.agree.document import Text

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    first = folder / "systems" / f"{name}.yaml"
    said = yaml.load(first.read_text(encoding="utf-8"), Loader=loader)
    assets = sorted({source["asset"] for source in said["describe"].values()})
    files = [first, *(folder / "catalogue" / f"{asset}.yaml" for asset in assets)]
    files += (
        [folder / "frameworks" / f"{said['framework'].partition('@')[0]}.yaml"]
        if "framework" in said
        else []
    )

    def work() -> None:
        read = [yaml.load(path.read_text(encoding="utf-8"), Loader=loader) for path in files]
        Text.model_validate(_dates_as_text(read[0]))

    return milliseconds(work, times)


def all_linted(folder: Path, times: int) -> float:
    """Every agreement linted, from nothing but files."""
    from sharewell.workspace import Workspace

    def work() -> None:
        space = Workspace(folder)
        for name in space.agreements():
            assert space.agreement(name).linted[1] == ()

    return milliseconds(work, times)


def _dates_as_text(value: Any) -> Any:
    """PyYAML turns some plain text into dates; the model wants what was written."""
    if isinstance(value, dict):
        return {str(key): _dates_as_text(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_dates_as_text(part) for part in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def measure(times: int) -> dict[str, Any]:
    """Each shipped agreement: ours, the floor, their ratio, and whether the target is met."""
    from sharewell import workspace

    told: dict[str, Any] = {}
    together = 0.0
    with tempfile.TemporaryDirectory() as held:
        space = workspace.init(Path(held) / "space")
        for name in space.agreements():
            mine, least = ours(space.folder, name, times), floor(space.folder, name, times)
            told[name] = {
                **mine,
                "target_ms": TARGET,
                "met": mine["milliseconds"] < TARGET,
                "floor_ms": least,
                "ratio": round(mine["milliseconds"] / least, 2),
                "answers_agree": mine["faults"] == 0,
            }
        together = all_linted(space.folder, times)
    every = {
        "agreements": len(told),
        "milliseconds": together,
        "target_ms": TARGET_OF_ALL,
        "met": together < TARGET_OF_ALL,
    }
    peer = f"none comparable; floor: PyYAML {version('pyyaml')} + pydantic {version('pydantic')}"
    return {
        "work": "lint + explain of an agreement",
        "peer": peer,
        "repeats": times,
        "agreements": told,
        "lint_of_all": every,
    }


def main() -> None:
    """Print the table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=15, help="how often each is repeated")
    parser.add_argument("--json", action="store_true")
    told = parser.parse_args()
    found = measure(told.size)
    if told.json:
        print(json.dumps(found, indent=2))
        return
    for name, row in found["agreements"].items():
        print(f"{name}: {row['milliseconds']} ms ({row['steps']} steps), floor {row['floor_ms']} ms")
    every = found["lint_of_all"]
    print(f"lint of all {every['agreements']}: {every['milliseconds']} ms")


if __name__ == "__main__":
    main()
