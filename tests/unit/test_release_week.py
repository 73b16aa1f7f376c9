"""The week as a grid: in order, in words as well as shades, and honest about what was withheld."""

from __future__ import annotations

import re

from drawings_example import WEEK, week_table

from sharewell.plan.finding import ALL
from sharewell.release.charts import Width, draw
from sharewell.release.drawings.week import _field, _mixed
from sharewell.release.palette import contrast


def words(width: Width) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]+)</text>", draw(WEEK, week_table(), width))


def test_every_field_is_written_and_totals_are_not() -> None:
    said = words(Width.WIDE)
    assert {"20", "295", "15", "[c]"} <= set(said)
    assert not {"310", "35", "345", ALL} & set(said)
    assert [word for word in said if word in ("Monday", "Sunday")] == ["Monday", "Sunday"]
    # Midnight comes first although its first field was withheld.
    assert [word for word in said if "-0" in word] == ["00-03", "04-07"]


def test_a_telephone_gets_short_days_and_the_same_figures() -> None:
    said = words(Width.NARROW)
    assert {"Mon", "Sun", "295", "[c]"} <= set(said)
    assert "Monday" not in said


def test_figures_can_be_read_on_every_shade() -> None:
    for value in range(101):
        field = _field({"day": "Monday", "hours": "00-03", "value": value}, 100, narrow=False)
        assert contrast(field["ink"], field["shade"]) >= 4.5
    assert _mixed(0) != _mixed(1)


def test_the_same_table_gives_the_same_bytes() -> None:
    assert draw(WEEK, week_table(), Width.WIDE) == draw(WEEK, week_table(), Width.WIDE)
