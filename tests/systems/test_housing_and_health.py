"""Housing regeneration and health, run whole on a small county: what each place holds, and what is told."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pytest

from sharewell.county import Effects
from sharewell.county.effects.works import WORKS, Works
from sharewell.proof.housing import SERVICES, folders
from sharewell.proof.stage import Staged, staged

pytestmark = pytest.mark.xdist_group("housing")


@pytest.fixture(scope="module")
def done() -> Iterator[Staged]:
    effects = Effects(works=Works(older=450))
    with staged("housing-and-health", 9_000, 4, SERVICES, effects, lambda *_: None) as held:
        yield held


def test_nobody_holds_more_than_their_role_needs(done: Staged) -> None:
    assert not [line.asked for line in folders(done) if not line.holds]
    host = done.held_at("northshire-insight")
    columns = {name: table[name] for table in host.values() for name in table.column_names}
    assert pa.types.is_date32(columns["born"].type)
    assert pa.types.is_date32(columns["registered_on"].type)
    assert not {"address", "postcode", "uprn", "nhs_number", "forename", "surname"} & columns.keys()


def test_each_product_comes_out_with_its_placebos_and_all_eight_kinds(done: Staged) -> None:
    for name in ("emergency-admissions", "emergency-attendances", "gp-contacts"):
        checked = {table.name: table for table in done.outcome.checked[name].tables}
        assert set(checked["ratios"].data["change"].to_pylist()) == set(WORKS)
        assert ("placebo_outcome" in checked) == (name != "gp-contacts")
        flow = {(row["group"], row["stage"]): row["number"] for row in checked["flow"].data.to_pylist()}
        assert all(number is None or number % 5 == 0 for number in flow.values())
        ratios = checked["ratios"].data.to_pylist()
        assert all(row["low"] < row["rate_ratio"] < row["high"] for row in ratios if row["low"] is not None)
    by_kind = done.outcome.findings["emergency-admissions"].table("ratios").data.to_pylist()
    electrics = next(row for row in by_kind if row["change"] == "electrics")
    assert electrics["low"] < 0.61 < electrics["high"]


def test_the_report_tells_the_effect_and_the_nulls(done: Staged) -> None:
    folder = next(path for path in done.outcome.releases.values() if "public" in path.parts)
    text = (folder / "report.html").read_text(encoding="utf-8")
    for told in ("kinds of change stand in one model", "Holm", "placebo", "per 1,000 person-years"):
        assert told in text
    assert text.count("<svg") >= 3
    tables = {path.name for path in folder.rglob("*.csv")}
    assert any("ratios" in name for name in tables)
