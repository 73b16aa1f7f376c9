"""The reference pages say what the code says."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.make import PAGES, REFERENCE, page


@pytest.mark.parametrize("name", PAGES)
def test_page_is_what_the_code_says(name: str) -> None:
    written = (REFERENCE / name).read_text(encoding="utf-8")
    assert written == page(name), "stale: run `make docs`"


def test_each_page_is_made_or_reachable(root: Path) -> None:
    index = (root / "docs/README.md").read_text(encoding="utf-8")
    missing = [path.name for path in REFERENCE.glob("*.md") if f"reference/{path.name}" not in index]
    assert not missing, f"docs/README.md does not lead to {missing}"
