"""The pages lead somewhere, show an agreement that is valid, and name the versions that are locked."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from urllib.parse import unquote

import pytest
from packaging.requirements import Requirement
from typer.testing import CliRunner

from sharewell import workspace
from sharewell.cli import app

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "decisions").glob("*.md")])


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def anchors(text: str) -> set[str]:
    """The anchors that a page's headings give, as GitHub makes them."""
    heads = re.findall(r"(?m)^#+ (.+)$", text)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_links_lead_somewhere(path: Path) -> None:
    text = re.sub(r"(?s)```.*?```", "", path.read_text(encoding="utf-8"))
    lost = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in link:
            continue
        target, _, anchor = unquote(link).partition("#")
        there = (path.parent / target).resolve() if target else path
        if not there.exists() or (anchor and anchor not in anchors(there.read_text(encoding="utf-8"))):
            lost.append(link)
    assert not lost


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return workspace.init(tmp_path_factory.mktemp("docs") / "space").folder


EXAMPLES = sorted((ROOT / "docs/examples").glob("*.yaml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_agreement_is_valid(path: Path, space: Path) -> None:
    told = CliRunner().invoke(app, ["lint", str(path), "--space", str(space)])
    assert told.exit_code == 0, told.output


def test_front_door_shows_that_agreement_and_the_two_commands() -> None:
    front = (ROOT / "README.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"(?s)```yaml\n(.*?)```", front)
    assert shown == (ROOT / "docs/examples/fire-visits.yaml").read_text(encoding="utf-8")
    assert "make demo" in front
    assert "make test" in front


def test_commands_that_pages_show_exist() -> None:
    from typer.main import get_command

    known = set(get_command(app).commands)  # type: ignore[attr-defined]
    for path in PAGES:
        shown = re.findall(r"(?m)^\s*(?:\S*/)?sharewell (\w+)", path.read_text(encoding="utf-8"))
        assert set(shown) <= known, path.name


def test_dependencies_are_told_with_their_locked_versions() -> None:
    page = (ROOT / "decisions/dependencies.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"(?m)^\| ([a-z0-9-]+) \| (\d\S*) \|", page))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    test = (ROOT / "locks/test.txt").read_text(encoding="utf-8")
    held = dict(re.findall(r"(?m)^([a-z0-9-]+)==([^ ;\\]+)", test))
    names = [
        Requirement(line).name
        for line in [*project["dependencies"], *project["optional-dependencies"]["test"]]
    ]
    assert {name: told.get(name) for name in names} == {name: held[name] for name in names}


def test_every_decision_is_listed() -> None:
    index = (ROOT / "decisions/README.md").read_text(encoding="utf-8")
    files = [path.name for path in (ROOT / "decisions").glob("*.md") if path.name != "README.md"]
    assert [name for name in files if f"({name})" not in index] == []
