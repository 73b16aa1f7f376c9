"""Every page can be used by keyboard, on a phone, with large text, in strong contrast and on paper."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from looking import EACH, PHONE, PICTURES, SHEET, SIDEWAYS, SOME, STOPS, WIDE, opened

pytestmark = pytest.mark.xdist_group("browser")


@pytest.mark.parametrize("path", EACH)
def test_a_phone_scrolls_down_and_never_sideways(chromium: Any, site: Path, path: str) -> None:
    """But for a picture that has a name and that the keyboard can scroll (WCAG 1.4.10)."""
    with opened(chromium, site / path, site, PHONE) as looked:
        told = looked.page.evaluate(SIDEWAYS)
    assert told["page"] <= PHONE
    assert told["shut"] == []
    assert [part for part in told["cut"] if "<table" in part] == [], "tables turn into blocks"


@pytest.mark.parametrize("path", SOME)
def test_twice_the_text_still_fits(chromium: Any, site: Path, path: str) -> None:
    """Text at 200% in a window of 1,280: nothing is lost sideways (WCAG 1.4.4)."""
    with opened(chromium, site / path, site) as looked:
        looked.page.evaluate("document.documentElement.style.fontSize = '200%'")
        told = looked.page.evaluate(SIDEWAYS)
    assert told["page"] <= WIDE
    assert told["shut"] == []


@pytest.mark.parametrize("path", SOME)
def test_the_keyboard_reaches_everything_and_is_seen_there(chromium: Any, site: Path, path: str) -> None:
    with opened(chromium, site / path, site) as looked:
        page = looked.page
        stops = page.evaluate(STOPS)
        page.keyboard.press("Tab")
        skip = page.evaluate("document.activeElement.getAttribute('href')")
        for _ in range(stops - 1):
            page.keyboard.press("Tab")
        missed = page.evaluate("[...window.before.keys()].map(part => part.outerHTML.slice(0, 120))")
        assert missed == []
        assert page.evaluate("window.plain") == [], "a stop that looks as if it were none"
        assert skip.startswith("#"), "the first stop leads past the head"
        page.focus(f"a[href='{skip}']")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate(f"document.querySelector('{skip}').contains(document.activeElement)")


@pytest.mark.parametrize("path", SOME)
def test_nothing_is_cut_on_paper(chromium: Any, site: Path, path: str) -> None:
    with opened(chromium, site / path, site, SHEET) as looked:
        looked.page.emulate_media(media="print")
        told = looked.page.evaluate(SIDEWAYS)
        folded = looked.page.evaluate(
            "[...document.querySelectorAll('details td')].filter(cell => !cell.checkVisibility()).length"
        )
    assert told["page"] <= SHEET
    assert told["cut"] == []
    assert folded == 0, "what is folded on the screen is unfolded on paper"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", SOME)
def test_colours_of_the_readers_own_choice_hold(chromium: Any, site: Path, path: str, scheme: str) -> None:
    """Forced colours: pictures stay legible, and the focus has a line of its own where shadows are gone."""
    with opened(chromium, site / path, site, forced_colors="active", color_scheme=scheme) as looked:
        page = looked.page
        assert page.evaluate(PICTURES) == []
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        assert page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)") >= 2
