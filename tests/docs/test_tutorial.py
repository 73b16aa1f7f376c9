"""The tutorial is true: its commands are run in their order, and do what the page says."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .following import commands, say

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


def test_the_tutorial_can_be_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(ROOT / "docs/examples/fire-visits.yaml", tmp_path)
    here, shown = tmp_path, set[str]()
    for line in commands(PAGE):
        if line.startswith("cd "):
            here = here / line.removeprefix("cd ")
            continue
        said = say(line, here, monkeypatch)
        if line in SAID:
            shown.add(line)
            assert SAID[line] in said, line
    assert shown == set(SAID)
