"""The tutorial is true: its commands are run in their order, in a shell, and do what the page says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/tutorials/first-agreement.md"
SAID = {
    "sharewell lint fire-visits": "1 checked, 0 faults",
    "sharewell rule IDENTIFIABLE": "least identifying form",
    "sharewell diff fire-visits ../wider.yaml": "cost",
    "sharewell papers fire-visits": "Not stated",
    "sharewell status fire-visits": "assess",
    "sharewell publish fire-visits --as a.khan@northshire-insight": "Published fire-visits version 1.",
    "sharewell decide fire-visits --as a.khan@northshire-insight": "PERMIT",
    "sharewell register verify ../register --space .": "The register holds",
}
"""What a reader should see, by the command that shows it."""


@pytest.mark.xdist_group("tutorial")
def test_the_tutorial_can_be_followed(tmp_path: Path) -> None:
    shutil.copy(ROOT / "docs/examples/fire-visits.yaml", tmp_path)
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "COLUMNS": "150"}
    here, shown = tmp_path, set[str]()
    for block in re.findall(r"(?s)```sh\n(.*?)```", PAGE.read_text(encoding="utf-8")):
        for line in block.splitlines():
            if line.startswith("cd "):
                here = here / line.removeprefix("cd ")
                continue
            done = subprocess.run(line, shell=True, cwd=here, env=env, capture_output=True, text=True)
            assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
            if line in SAID:
                shown.add(line)
                assert SAID[line] in done.stdout, line
    assert shown == set(SAID)
