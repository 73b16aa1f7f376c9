"""Every kind of page in a real browser: axe finds nothing, it reads without scripts, and fits a phone.

Rules are axe-core's for WCAG 2.0 to 2.2, levels A and AA, and its best practice. What axe cannot decide of
contrast counts as a fault too, because nobody else would look.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

PAGES = {
    "register, home": "register/index.html",
    "register, an agreement": "register/agreements/warm-homes/index.html",
    "register, refusals": "register/refusals/index.html",
    "register, benefits": "register/benefits/index.html",
    "register, the log": "register/log/index.html",
    "register, bodies": "register/bodies/index.html",
    "register, redacted": "shipped-register/agreements/community-safety/index.html",
    "impact assessment": "papers/dpia.html",
    "notice": "papers/privacy-notice.html",
    "data-use row": "papers/data-use.html",
    "sharing agreement, redacted": "shipped-papers/sharing-agreement.html",
    "incident pack": "pack/pack.html",
    "report of a run": "report.html",
}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDE, PHONE = 1280, 320
EACH = [pytest.param(path, id=name) for name, path in PAGES.items()]
pytestmark = pytest.mark.xdist_group("browser")


def opened(browser: Any, path: Path, width: int = WIDE, **options: Any) -> tuple[Any, list[str]]:
    """A page and what went wrong while it opened: messages of the console, and calls beyond its folder."""
    page = browser.new_context(viewport={"width": width, "height": 900}, **options).new_page()
    wrong: list[str] = []
    page.on("console", lambda told: wrong.append(f"console: {told.text}"))
    page.on("pageerror", lambda told: wrong.append(f"error: {told}"))
    page.on("request", lambda r: None if r.url.startswith(("file:", "data:")) else wrong.append(r.url))
    page.goto(path.as_uri())
    return page, wrong


def faults(page: Any, width: int) -> list[str]:
    """What axe finds, and what of contrast it could not decide.

    It cannot decide on text that is scrolled out of sight, so that is asked of the wide page; nor on text
    in a picture, whose colours a test of the style sheets holds.
    """
    from axe_playwright_python.sync_playwright import Axe

    rules = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations", "incomplete"]}
    told = Axe().run(page, options=rules).response
    unsure = [rule for rule in told["incomplete"] if rule["id"] == "color-contrast" and width == WIDE]
    for rule in unsure:
        rule["nodes"] = [node for node in rule["nodes"] if not node["html"].startswith(("<text", "<tspan"))]
    return [
        f"{rule['id']}: {len(rule['nodes'])} places, first {rule['nodes'][0]['html'][:120]}"
        for rule in (*told["violations"], *unsure)
        if rule["nodes"]
    ]


@pytest.mark.parametrize("width", [WIDE, PHONE])
@pytest.mark.parametrize("path", EACH)
def test_nothing_shuts_anybody_out(chromium: Any, site: Path, path: str, width: int) -> None:
    page, wrong = opened(chromium, site / path, width)
    assert wrong == []
    assert faults(page, width) == []


@pytest.mark.parametrize("path", EACH)
def test_a_phone_scrolls_down_and_never_sideways(chromium: Any, site: Path, path: str) -> None:
    page, _ = opened(chromium, site / path, PHONE)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= PHONE


@pytest.mark.parametrize("path", EACH)
def test_it_reads_the_same_without_scripts(chromium: Any, site: Path, path: str) -> None:
    plain, wrong = opened(chromium, site / path, java_script_enabled=False)
    scripted, _ = opened(chromium, site / path)
    assert plain.inner_text("body") == scripted.inner_text("body")
    assert wrong == []


@pytest.mark.parametrize("path", EACH)
def test_the_first_tab_leads_past_the_head_and_can_be_seen(chromium: Any, site: Path, path: str) -> None:
    page, _ = opened(chromium, site / path)
    page.keyboard.press("Tab")
    focused = page.evaluate(
        """() => {
          const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect()
          const clear = style.backgroundColor === 'rgba(0, 0, 0, 0)'
          return { href: at.getAttribute('href'), seen: box.width > 1 && box.height > 1,
                   marked: style.outlineStyle !== 'none' || style.boxShadow !== 'none' || !clear }
        }"""
    )
    assert focused["href"].startswith("#"), "the first stop is a link past the head"
    assert page.query_selector(focused["href"]) is not None
    assert focused["seen"]
    assert focused["marked"]


@pytest.mark.parametrize("path", EACH)
def test_twice_the_text_still_fits(chromium: Any, site: Path, path: str) -> None:
    """Text at 200% in a window of 1,280: nothing is lost sideways (WCAG 1.4.4)."""
    page, _ = opened(chromium, site / path)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= WIDE
