"""What a report says of attacks on it, in a real browser: there, in order, legible, and never sideways."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from looking import PHONE, SIDEWAYS, WIDE, faults, opened
from release_example import bundle, costs, eligibility, evaluation

from sharewell.release import render

pytestmark = pytest.mark.xdist_group("browser")

SECTION = "#withheld"
HEADING = "What an intruder could learn"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One report, of three products: of one something was learned, of the last nothing could be tried."""
    made = tmp_path_factory.mktemp("attacked")
    (made / "report.html").write_text(
        render(bundle(evaluation(), costs(), eligibility())), encoding="utf-8"
    )
    return made


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_it_is_seen_and_axe_is_sure_of_it(chromium: Any, folder: Path, width: int, scheme: str) -> None:
    with opened(chromium, folder / "report.html", folder, width, color_scheme=scheme) as looked:
        page = looked.page
        heading = page.locator(f"{SECTION} h3", has_text=HEADING)
        assert heading.is_visible()
        assert page.locator(f"{SECTION} h3 ~ ul li").count() == 3 + 3 + 2
        assert faults(page) == []
        told = page.evaluate(SIDEWAYS)
        assert (told["page"] <= width, told["shut"]) == (True, [])
        assert looked.wrong == []


def test_each_product_says_what_was_learned_and_when_it_is_tried_again(chromium: Any, folder: Path) -> None:
    with opened(chromium, folder / "report.html", folder) as looked:
        page = looked.page
        text = page.inner_text(SECTION)
        under = page.locator(f"{SECTION} h4").all_inner_texts()
    assert under == [evaluation().question, costs().question, eligibility().question]
    assert text.count("of 1,000 tries, 31 fitted exactly one person") == 2
    assert "No attack that is known reads an output of this kind" in text
    assert text.count("to be played again by 2027-09-01") == 3
    assert text.index("Figures withheld") < text.index(HEADING) < text.index("rule by rule")


def test_its_headings_are_in_order_for_whoever_hears_them(chromium: Any, folder: Path) -> None:
    with opened(chromium, folder / "report.html", folder) as looked:
        levels = looked.page.evaluate(
            "selector => [...document.querySelector(selector).querySelectorAll('h2, h3, h4')]"
            ".map(part => Number(part.tagName[1]))",
            SECTION,
        )
    assert levels == [2, 3, 4, 4, 4]
