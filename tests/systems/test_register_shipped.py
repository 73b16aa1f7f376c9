"""The register of all shipped agreements is built, and any page can be made whatever of it is redacted."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from agreement_example import NAMES, compiled, text

from sharewell import workspace
from sharewell.agree import Agreement
from sharewell.agree.clauses import shown
from sharewell.live.public_facts import text_facts
from sharewell.live.register import build, verify
from sharewell.live.rehearsal import rehearse
from sharewell.public.agreement_page import agreement_view

WHY = "It would help somebody who means harm"
DONE = {
    "whole": True, "life": [], "signatures": [], "runs": [], "releases": [], "refusals": [],
    "registrations": [], "news": [],
    "status": {"word": "active", "why": ""}, "version": 1,
}  # fmt: skip


CHAPTERS = ("agree", "describe", "link", "depersonalise", "analyse", "check", "release", "account")


def parts(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place of a text down to four levels, a chapter itself among them."""
    if place:
        yield place
    if len(place) < 4 and isinstance(value, dict | list):
        entries = value.items() if isinstance(value, dict) else enumerate(value)
        for key, part in entries:
            yield from parts(part, (*place, key))


def at(value: Any, place: tuple[str | int, ...]) -> Any:
    for key in place:
        value = value[key]
    return value


def words(value: Any) -> Iterator[str]:
    """The texts below a place that are too long to stand anywhere by chance."""
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from words(part)
    elif isinstance(value, str) and len(value) > 15:
        yield value


def redacted(agreement: Agreement, part: str) -> Agreement:
    redaction = {"part": part, "why": WHY, "by": "chief officer"}
    agree = type(agreement.text.agree).model_validate(
        agreement.text.agree.model_dump(by_alias=True) | {"redactions": [redaction]}
    )
    return Agreement(agreement.text.model_copy(update={"agree": agree}), agreement.lines)


@pytest.mark.parametrize("name", NAMES)
def test_whatever_is_redacted_is_not_on_the_page_which_can_be_made(name: str) -> None:
    agreement, plan = compiled(text(name))
    said = agreement.text.model_dump(mode="json", by_alias=True)
    tried, whole = 0, json.dumps(said)
    for place in parts({chapter: said[chapter] for chapter in CHAPTERS}):
        facts = text_facts(redacted(agreement, shown(place)), plan, {}) | DONE | {"agreement": name}
        for benefit in facts["benefits"]:
            benefit |= {"claims": [], "verdict": "not measured yet"}
        for condition in facts["conditions"]:
            condition["claims"] = []
        written = json.dumps(facts)
        assert agreement_view(json.loads(written)), shown(place)
        assert not [word for word in words(at(said, place)) if whole.count(word) == 1 and word in written]
        tried += 1
    assert tried > 150


def test_the_register_of_all_fifteen_is_built_and_verified(tmp_path: Path) -> None:
    space = workspace.init(tmp_path / "space", synthetic=True, clock=dt.date(2024, 6, 3))
    for name in space.agreements():
        rehearse(space.agreement(name))
    folder = build(space, tmp_path / "site")
    assert verify(folder, space=space).holds
    for name in NAMES:
        assert (folder / "agreements" / name / "index.html").exists()
