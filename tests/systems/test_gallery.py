"""One page of all that was released and still stands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from workspace_example import ACTOR, NAME, fresh, make, run

from sharewell.errors import DataError
from sharewell.live.gallery import build_gallery
from sharewell.live.incident import open_incident, recall
from sharewell.release.output import COVER


def test_a_card_for_each_product_leads_to_its_report(tmp_path: Path) -> None:
    space = make(tmp_path / "north")
    assert "Nothing has been released yet" in build_gallery(space).read_text(encoding="utf-8")
    outcome = run(space)
    page = build_gallery(space)
    shown = page.read_text(encoding="utf-8")
    assert outcome.answers
    for product in fresh(space).plan().products:
        if product.name in outcome.checked:
            assert outcome.answers[product.name].replace("'", "&#39;") in shown
    folder = next(iter(outcome.releases.values()))
    for told in json.loads((folder / COVER).read_text(encoding="utf-8")):
        href = f"{folder.relative_to(page.parent).as_posix()}/report.html#{told['anchor']}"
        assert href in shown or f"/{NAME}/{outcome.run}/report.html#{told['anchor']}" in shown


def test_what_was_recalled_is_gone_and_what_was_changed_is_said(tmp_path: Path) -> None:
    space = make(tmp_path / "north")
    outcome = run(space)
    assert "report.html#" in build_gallery(space).read_text(encoding="utf-8")
    for folder in outcome.releases.values():
        (folder / COVER).chmod(0o600)
        (folder / COVER).write_text("{", encoding="utf-8")
    with pytest.raises(DataError, match="COVER"):
        build_gallery(space)
    held = open_incident(space, "A laptop was lost", space.now, ACTOR, asset="clinic.patients")
    recall(space, held.reference, ACTOR)
    assert "report.html#" not in build_gallery(space).read_text(encoding="utf-8")
