"""The wheel holds what a user needs who has no checkout."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_wheel_ships_agreements_contracts_and_every_module(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    inside = set(zipfile.ZipFile(wheel).namelist())
    for part in ("systems", "catalogue"):
        assert {f"sharewell/{part}/{path.name}" for path in (ROOT / part).glob("*.yaml")} <= inside
    kept = [path for path in (ROOT / "sharewell").rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert {path.relative_to(ROOT).as_posix() for path in kept} <= inside
    assert not [name for name in inside if name.startswith(("tests/", "docs/", "benchmarks/", "locks/"))]
