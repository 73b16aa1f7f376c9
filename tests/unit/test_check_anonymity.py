"""Settings of anonymity: presets with sources, limits, what an agreement may write."""

from __future__ import annotations

import json

import pytest

from sharewell.check.microdata.anonymity import ANONYMITIES, PRESETS, Anonymity
from sharewell.errors import DocumentError, UnknownName


def test_presets_have_sources_and_come_back() -> None:
    assert list(ANONYMITIES) == ["ema-0070", "isb-1523", "k-10", "strict"]
    for preset in PRESETS:
        assert len(preset.source) > 40
        assert Anonymity.from_mapping(json.loads(json.dumps(preset.as_mapping()))) == preset


def test_defaults() -> None:
    assert ANONYMITIES["isb-1523"].k == 5
    assert ANONYMITIES["isb-1523"].suppress == 0.05


def test_risk_asks_for_as_many_as_it_takes() -> None:
    assert ANONYMITIES["ema-0070"].smallest == 12
    assert Anonymity("a", "b", k=2, risk=0.1).smallest == 10
    assert Anonymity("a", "b", k=2, risk=0.2).smallest == 5
    assert Anonymity("a", "b", k=30, risk=0.2).smallest == 30


def test_the_share_is_taken_as_written() -> None:
    assert Anonymity("a", "b", suppress=0.29).budget(100) == 29
    assert Anonymity("a", "b", suppress=0.04).budget(30162) == 1206
    assert Anonymity("a", "b", suppress=0).budget(30162) == 0


def test_every_fault_at_once() -> None:
    with pytest.raises(DocumentError) as caught:
        Anonymity.from_mapping(
            {"name": "", "k": 1, "l": 1, "t": 0, "delta": -1, "suppress": 1, "risk": 2, "odd": 3}
            | {"population": True}
        )
    text = str(caught.value)
    for word in ("name", "source", "k ", "l ", "t ", "delta", "suppress", "risk", "'odd'", "population"):
        assert word in text
    assert len(caught.value.problems) == 10


@pytest.mark.parametrize("setting", [{"k": 2.5}, {"k": True}, {"suppress": -0.1}, {"suppress": None},
                                     {"t": 1.1}, {"l": 0}, {"risk": 0}])  # fmt: skip
def test_bad_settings_are_refused(setting: dict[str, object]) -> None:
    with pytest.raises(DocumentError):
        Anonymity("a", "b", **setting)  # type: ignore[arg-type]


def test_unknown_preset() -> None:
    with pytest.raises(UnknownName, match="isb-1523"):
        ANONYMITIES["isb"]
