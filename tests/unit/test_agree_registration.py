"""What is registered, what is said to have changed, and that leaving it unsaid is a change too."""

from __future__ import annotations

from pathlib import Path

import pytest

from sharewell import workspace
from sharewell.agree.registration import Amendment, Registration, histories, registrations

NAME = "kent-integrated-dataset"
STATED = "hypothesis: People visited attend A&E less often"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return workspace.init(tmp_path_factory.mktemp("registered") / "county", synthetic=True).folder


def read(folder: Path, *edits: tuple[str, str], known: tuple[str, ...] = ()) -> dict[str, Registration]:
    """The registrations of the shipped agreement with some words replaced, by product."""
    path = folder / "systems" / f"{NAME}.yaml"
    text = whole = path.read_text(encoding="utf-8")
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    try:
        live = workspace.open(folder).agreement(NAME)
        return {found.product: found for found in registrations(live.agreement, live.plan(), known)}
    finally:
        path.write_text(whole, encoding="utf-8")


def test_only_what_expects_something_is_registered(folder: Path) -> None:
    found = read(folder)
    assert "fire-visits" in found
    assert "cost-per-head" not in found
    assert found["fire-visits"].hypothesis == "People visited attend A&E less often"
    assert Registration.read(found["fire-visits"].facts) == found["fire-visits"]


def test_what_is_left_unsaid_is_a_change_of_what_once_was_said(folder: Path) -> None:
    before = read(folder)["fire-visits"]
    after = read(folder, (f", {STATED}", ""), known=("fire-visits",))["fire-visits"]
    assert list(before.amended(after)) == [Amendment("hypothesis", before.hypothesis, "")]


def test_which_rows_are_taken_is_part_of_what_was_registered(folder: Path) -> None:
    one, other = read(folder), read(folder, ("version: 1", "version: 2"))
    assert one == other, "a version alone changes nothing"
    fewer = read(folder, ("given_as: a home-safety visit", "given_as: a visit"))
    (changed,) = one["fire-visits"].amended(fewer["fire-visits"])
    assert (changed.what, changed.after) == ("setting given_as", "a visit")


def test_a_history_tells_each_change_with_the_look_that_first_used_it() -> None:
    first, second = (Registration("p", "2024-01-01", "Q?", text, {"a": "1"}) for text in ("More", "Less"))
    held = histories(enumerate(found.facts for found in (first, first, second, second, first)))["p"]
    assert held.first == 0
    assert list(held.amendments) == [
        (2, Amendment("hypothesis", "More", "Less")),
        (4, Amendment("hypothesis", "Less", "More")),
    ]
