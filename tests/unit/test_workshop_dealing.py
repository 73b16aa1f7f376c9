"""Examples dealt to tables: even, together evenly, and never a table by itself."""

from __future__ import annotations

import pytest

from sharewell.errors import DataError
from sharewell.workshop.dealing import deal


def names(letter: str, count: int) -> list[str]:
    return [f"{letter}{i}" for i in range(1, count + 1)]


@pytest.mark.parametrize(
    ("examples", "tables", "size", "together"),
    [(7, 7, 3, 1), (4, 6, 2, 1), (5, 10, 3, 3), (6, 10, 3, 2), (4, 4, 3, 2)],
)
def test_a_balanced_design_is_found_where_there_is_one(
    examples: int, tables: int, size: int, together: int
) -> None:
    dealt = deal(names("E", examples), names("T", tables), size)
    assert set(dealt.together.values()) == {together}
    assert len(dealt.together) == examples * (examples - 1) // 2


@pytest.mark.parametrize(("examples", "tables", "size"), [(15, 5, 6), (15, 20, 6), (6, 2, 4)])
def test_elsewhere_it_is_as_even_as_can_be_and_connected(examples: int, tables: int, size: int) -> None:
    dealt = deal(names("E", examples), names("T", tables), size)
    assert {len(labels) for labels in dealt.tables.values()} == {size}
    assert max(dealt.times.values()) - min(dealt.times.values()) <= 1
    assert len(dealt.times) == examples
    assert dealt.is_connected


def test_the_same_day_is_dealt_the_same_way() -> None:
    assert deal(names("E", 6), names("T", 2), 4) == deal(names("E", 6), names("T", 2), 4)


@pytest.mark.parametrize(("examples", "tables", "size"), [(6, 2, 3), (12, 2, 6), (3, 2, 4)])
def test_tables_that_could_share_nothing_are_refused(examples: int, tables: int, size: int) -> None:
    with pytest.raises(DataError, match="DEAL"):
        deal(names("E", examples), names("T", tables), size)
