"""A workspace's own policies: found by name, never in the place of a named one, faults told all at once."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from sharewell.check import POLICIES, gate
from sharewell.check.local import LocalPolicies
from sharewell.errors import SharewellError, UnknownName
from sharewell.plan.finding import Finding, Output, ResultTable

OURS = "name: northshire\nsource: Board minute 12\nminimum: 15\nrounding: 5\nfigures: 3\n"


def written(folder: Path, **files: str) -> LocalPolicies:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return LocalPolicies(POLICIES, folder)


def test_a_policy_of_ones_own_stands_beside_the_named_ones(tmp_path: Path) -> None:
    held = written(tmp_path / "policies", northshire=OURS)
    assert set(held) == {*POLICIES, "northshire"}
    assert held["northshire"].minimum == 15
    assert held["sdap"] is POLICIES["sdap"]
    assert not held.faults()
    table = ResultTable(
        "t",
        "T",
        Output.FREQUENCY,
        pa.table({"area": ["a", "b"], "people": [14, 31]}),
        ("area",),
        ("people",),
    )
    assert gate(Finding((table,)), held["northshire"]).tables[0].data["people"].to_pylist() == [None, 30]


def test_without_a_folder_there_are_the_named_ones_alone(tmp_path: Path) -> None:
    held = LocalPolicies(POLICIES, tmp_path / "none")
    assert set(held) == set(POLICIES)
    with pytest.raises(UnknownName):
        held["northshire"]


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("other", OURS, "lies in other.yaml"),
        ("sdap", OURS.replace("northshire", "sdap"), "a policy of Sharewell's own"),
        ("northshire", OURS.replace("minimum: 15\n", ""), "needs minimum"),
        ("northshire", OURS + "minimun: 3\n", "no setting 'minimun'"),
        ("northshire", OURS.replace("15", "1"), "not a whole number of at least 2"),
        ("northshire", "name: [", "policies/northshire.yaml:2"),
    ],
)
def test_a_faulty_file_names_nothing_and_is_told(tmp_path: Path, name: str, text: str, fault: str) -> None:
    held = written(tmp_path / "policies", **{name: text})
    assert fault in str(SharewellError(held.faults()))
    assert set(held) == set(POLICIES)
