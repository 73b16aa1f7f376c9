"""Every kind of page in a real browser: axe finds nothing, it reads without scripts, and nothing is called.

Rules are axe-core's for WCAG 2.0 to 2.2, levels A and AA, and its best practice. What axe cannot decide of
contrast counts as a fault too, because nobody else would look.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from looking import EACH, PHONE, SOME, WIDE, faults, opened

pytestmark = pytest.mark.xdist_group("browser")
LOOKS = [
    pytest.param(*each.values, width, id=f"{each.id}-{width}", marks=each.marks)
    for width, pages in ((WIDE, EACH), (PHONE, SOME))
    for each in pages
]


@pytest.mark.parametrize(("path", "width"), LOOKS)
def test_nothing_shuts_anybody_out(chromium: Any, site: Path, path: str, width: int) -> None:
    with opened(chromium, site / path, site, width) as looked:
        assert looked.wrong == []
        assert faults(looked.page) == []


@pytest.mark.parametrize("path", SOME)
def test_it_reads_the_same_without_scripts(chromium: Any, site: Path, path: str) -> None:
    with opened(chromium, site / path, site) as scripted:
        text = scripted.page.inner_text("body")
    with opened(chromium, site / path, site, java_script_enabled=False) as plain:
        assert plain.page.inner_text("body") == text
        assert plain.wrong == []


def test_what_these_tests_look_for_is_found_where_it_is(chromium: Any, tmp_path: Path) -> None:
    """A page with one fault of each kind, so that silence elsewhere means something."""
    (tmp_path / "bad.html").write_text(
        "<!doctype html><html lang=en><title>Bad</title><main><h1>Bad</h1>"
        "<p style='color:#999'>pale</p><img src='http://203.0.113.1/a.png'>"
        "<svg width=200 height=40><rect width=200 height=40 fill='#12436d'/>"
        "<text x=9 y=25 fill='#0b0c0c'>dark</text></svg>"
        "<script>console.log('loud'); throw new Error('broken')</script></main>"
    )
    with opened(chromium, tmp_path / "bad.html", tmp_path) as looked:
        told, found = " ".join(looked.wrong), " ".join(faults(looked.page))
    for words in ("asked for http://203.0.113.1/a.png", "console: loud", "error: broken"):
        assert words in told
    for words in ("color-contrast: 1 places", "image-alt", "picture: dark"):
        assert words in found
