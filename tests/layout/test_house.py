"""Modules are small, named for what they are, documented, and know only what they may."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STAGES = ("describe", "agree", "link", "depersonalise", "analyse", "check", "release", "account")
ROOMY = (*STAGES, "county", "workshop")
"""Where a folder may have rooms."""
PLANTED = ROOT / "sharewell/county/effects"
"""What is planted in the county: data that each of its services reads, in a file a service, and no room."""
MODULES = sorted(
    path for folder in ("sharewell", "benchmarks", "docs") for path in (ROOT / folder).rglob("*.py")
)
OWN = sorted((ROOT / "sharewell").rglob("*.py"))
VAGUE = {"utils", "util", "helpers", "helper", "common", "core", "manager", "misc", "base_utils"}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_module_is_a_room_with_one_purpose(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 400, "over 400 lines: which two purposes does it serve?"
    assert path.stem not in VAGUE, "a name that says nothing"
    assert ast.get_docstring(ast.parse(text)), "no docstring"


def test_folders_are_two_deep_and_few_have_rooms() -> None:
    parts = {name_of(path): path.relative_to(ROOT).parts for path in OWN}
    deep = [name for name, of in parts.items() if len(of) > (4 if of[1] in ROOMY else 3)]
    assert not deep


def test_rooms_of_one_folder_never_name_one_another() -> None:
    rooms = {path.parent for path in OWN if len(path.relative_to(ROOT).parts) == 4} - {PLANTED}
    crossing = {
        name_of(path): sorted(named)
        for room in rooms
        for path in room.glob("*.py")
        if (named := rooms_named(path) & {r.name for r in rooms if r.parent == room.parent} - {room.name})
    }
    assert not crossing


def rooms_named(path: Path) -> set[str]:
    """What a module of a room imports from the stage about it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    relative = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level == 2]
    return {
        name
        for node in relative
        for name in ([node.module.split(".")[0]] if node.module else [alias.name for alias in node.names])
    }


def public(tree: ast.Module) -> list[ast.FunctionDef | ast.ClassDef]:
    made = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    return [node for node in made if not node.name.startswith("_")]


def is_plain(node: ast.FunctionDef | ast.ClassDef) -> bool:
    """A function of one line, or an enumeration or record of named fields, can say it all by its name."""
    return all(isinstance(part, ast.Assign | ast.AnnAssign | ast.Return) for part in node.body)


def test_public_functions_and_classes_say_what_they_are() -> None:
    silent = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in OWN
        for node in public(ast.parse(path.read_text(encoding="utf-8")))
        if not ast.get_docstring(node) and not is_plain(node)
    ]
    assert not silent


def imported(path: Path) -> set[str]:
    """The packages of `sharewell` that a module names, lazily or not, types apart."""
    found: set[str] = set()
    package = path.relative_to(ROOT).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {part for alias in node.names for part in alias.name.split(".")[1:2]}
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else ()
            whole = [*start, *(node.module or "").split(".")]
            names = [whole[1]] if len(whole) > 1 and whole[1] else [alias.name for alias in node.names]
            found |= set(names) if whole[0] == "sharewell" else set()
    return found


@pytest.mark.parametrize("stage", STAGES)
def test_stage_never_names_another(stage: str) -> None:
    others = set(STAGES) - {stage} | {"county", "engines"}
    crossing = {
        name_of(path): sorted(imported(path) & others)
        for path in (ROOT / "sharewell" / stage).rglob("*.py")
        if imported(path) & others
    }
    assert not crossing


def test_import_linter_knows_every_part_of_the_house() -> None:
    told = (ROOT / ".importlinter").read_text(encoding="utf-8")
    layers = told.split("layers =")[1].split("[importlinter")[0]
    parts = {path.stem for path in (ROOT / "sharewell").glob("*.py")} - {"__init__", "__main__"}
    parts |= {path.parent.name for path in (ROOT / "sharewell").glob("*/__init__.py")}
    assert set(re.findall(r"sharewell\.(\w+)", layers)) == parts


RECIPES = [
    path
    for path in sorted((ROOT / "sharewell/analyse").glob("*.py"))
    if "RECIPES.add(" in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("path", RECIPES, ids=name_of)
def test_recipe_declares_and_leaves_the_method_to_a_room(path: Path) -> None:
    """Whoever reviews an agreement must be able to read a whole recipe: what it asks and what it reads."""
    assert path.read_text(encoding="utf-8").count("\n") <= 160, "move method code to a room of `analyse`"
