"""The published schema takes what we ship, and refuses what an editor should underline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from sharewell.agree.json_schema import json_schema
from sharewell.errors import DocumentError
from sharewell.text import load_yaml

ROOT = Path(__file__).parents[2]
AGREEMENTS = sorted((ROOT / "systems").glob("*.yaml"))
FRAMEWORKS = sorted((ROOT / "frameworks").glob("*.yaml"))


def faults(name: str, value: dict[str, Any]) -> list[str]:
    return [error.message for error in Draft202012Validator(json_schema(name)).iter_errors(value)]


@pytest.mark.parametrize("path", AGREEMENTS, ids=lambda path: path.stem)
def test_every_shipped_agreement_is_valid(path: Path) -> None:
    assert faults("agreement", load_yaml(path).value) == []


@pytest.mark.parametrize("path", FRAMEWORKS, ids=lambda path: path.stem)
def test_every_shipped_framework_is_valid(path: Path) -> None:
    assert faults("framework", load_yaml(path).value) == []


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("an unknown chapter", {"colour": "blue"}),
        ("a version of nought", {"version": 0}),
        ("another format", {"sharewell": 2}),
        ("a name in capitals", {"agreement": "LOUD NAME"}),
        ("a framework without its version", {"framework": "northshire"}),
        ("no sources", {"describe": {}}),
        ("a title that says nothing", {"title": "x"}),
    ],
    ids=lambda told: told if isinstance(told, str) else "",
)
def test_what_an_editor_underlines(what: str, change: dict[str, Any]) -> None:
    value = load_yaml(AGREEMENTS[0]).value | change
    assert len(faults("agreement", value)) == 1, what


def test_each_field_says_what_it_is() -> None:
    """What an editor shows beside the cursor: no chapter is silent."""
    schema = json_schema("agreement")
    silent = [name for name, part in schema["$defs"].items() if not part.get("description")]
    assert silent == []


def test_an_unknown_schema_is_refused() -> None:
    with pytest.raises(DocumentError, match="SCHEMA"):
        json_schema("novel")
