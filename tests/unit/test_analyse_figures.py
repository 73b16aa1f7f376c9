"""The figures that benefits are held to: found where an agreement says, or not at all."""

from __future__ import annotations

import pyarrow as pa
import pytest

from sharewell.plan.figure import Figure, Measured, read_figure

TABLES = {
    "rows": pa.table({"group": ["well", "ill"], "share": [0.6, 0.4]}),
    "rows_by_site": pa.table(
        {
            "site": ["lung", "lung", "skin", "skin"],
            "day": ["31", "62", "31", "62"],
            "share": [0.8, 0.6, None, 0.9],
            "low": [0.7, 0.5, None, 0.8],
            "high": [0.9, 0.7, None, 1.0],
        }
    ),
}
SHARE = Figure("share", "rows*", "share", {}, "low", "high", promised="promised")


def test_an_agreement_says_of_which_row_it_promises() -> None:
    """Days are whole numbers in an agreement and labels in a checked table."""
    found = read_figure(TABLES, SHARE, {"promised": {"site": "lung", "day": 31}})
    assert found == Measured(0.8, 0.7, 0.9)


@pytest.mark.parametrize(
    "promised",
    [{}, {"site": "lung"}, {"site": "skin", "day": 31}, {"site": "liver", "day": 31}, {"town": "lung"}],
    ids=["none", "two rows", "withheld", "no row", "no column"],
)
def test_where_no_one_row_is_promised_nothing_is_measured(promised: dict[str, object]) -> None:
    assert read_figure(TABLES, SHARE, {"promised": promised}) is None
