"""The review's pages in a real browser: accessible, nothing fetched, nothing cut on a phone."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import pytest

from sharewell.link.review import Sides, Step, cluster, cluster_page, pair_page

sys.path.append(str(Path(__file__).parents[1] / "web"))
from looking import PHONE, SIDEWAYS, WIDE, faults, opened

FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")


def steps() -> list[Step]:
    told = [
        ("prior", "before anything is compared", -19.2),
        (
            "forename",
            "same by another form, or one that is nearly the same and is told at some length",
            5.1,
        ),
        ("surname", "same", 8.6),
        ("surname", "a rare value to share", 3.3),
        ("born", "one digit, or day and month swapped", 5.9),
        ("sex", "differs", -6.6),
        ("home", "a side does not say", 0.0),
    ]
    made, running = [], 0.0
    for comparison, outcome, weight in told:
        running += weight
        made.append(Step(comparison, outcome, weight, running, known=weight != 0))
    return made


def pages() -> dict[str, str]:
    shown = Sides(
        {"forename": ("URSULA", "URSLA"), "home": ("12 A-very-long-street-name, QN17FX", "not known")}
    )
    against = {(2, 3): steps()}
    links = {(1, 2): 14.0, (2, 3): 5.5, (3, 4): math.inf, (1, 5): 9.0, (2, 5): 12.5, (4, 6): 8.0}
    return {
        "pair": pair_page(steps(), 4.2),
        "pair-shown": pair_page(steps(), -9.0, shown=shown),
        "cluster": cluster_page(cluster(links, against)),
        "cluster-large": cluster_page(cluster({(0, at): 9.0 + at for at in range(1, 30)}, {})),
    }


@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize("name", list(pages()))
def test_page_is_read_by_everyone_and_asks_for_nothing(chromium: Any, tmp_path: Path, name: str) -> None:
    path = tmp_path / f"{name}.html"
    path.write_text(pages()[name], encoding="utf-8")
    for width in (WIDE, PHONE):
        with opened(chromium, path, tmp_path, width) as looked:
            assert faults(looked.page) == []
            told = looked.page.evaluate(SIDEWAYS)
            assert told["page"] <= width
            assert told["shut"] == []
            assert looked.wrong == []
            pictures = looked.page.locator("svg:visible")
            assert pictures.count() == 1
            assert pictures.first.get_attribute("role") == "img"
