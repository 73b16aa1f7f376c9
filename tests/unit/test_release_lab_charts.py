"""The Data Lab's pictures: figures that can be counted, and lights that are told by form too."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter

import pytest
from lab_charts_example import charts

from sharewell.release.charts import Width, draw
from sharewell.release.drawings.lights import TONES, light
from sharewell.release.palette import COLOURS, MAIN, SECOND, contrast

HUNDRED, LIGHTS = charts()


def fills(svg: str) -> Counter[str]:
    return Counter(re.findall(r'<path[^>]* fill="(#[0-9a-f]{6})"', svg))


def texts(svg: str) -> list[str]:
    return ["".join(n.itertext()) for n in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("width", Width)
def test_as_many_figures_are_filled_as_the_table_says(width: Width) -> None:
    svg = draw(*HUNDRED, width)
    found = fills(svg)
    assert (found[MAIN], found[SECOND], found[COLOURS["rule"]]) == (19, 26, 155)
    assert {"Took part", "Like them, did not", "19 of 100", "26 of 100"} <= set(texts(svg))


def test_filled_and_empty_figures_are_told_apart_without_colour() -> None:
    assert min(contrast(tone, COLOURS["rule"]) for tone in (MAIN, SECOND)) > 2


LIT = {0.0: "green", 0.05: "green", -0.05: "green", 0.0501: "amber", -0.1: "amber", 0.1001: "red"}


@pytest.mark.parametrize(("value", "name"), LIT.items())
def test_the_lights_change_just_beyond_their_limits(value: float, name: str) -> None:
    assert light(value, 0.05, 0.1) == name


@pytest.mark.parametrize("width", Width)
def test_each_light_has_its_colour_its_form_and_its_word(width: Width) -> None:
    svg = draw(*LIGHTS, width)
    # One mark of each, and a band of each behind them.
    assert {name: fills(svg)[tone] for name, tone in TONES.items()} == dict.fromkeys(TONES, 2)
    said = " ".join(texts(svg))
    assert all(word in said for word in ("green to 5%", "amber to 10%", "red", "before"))
    assert "prior offences" in said
    assert "drugs: true" not in said
