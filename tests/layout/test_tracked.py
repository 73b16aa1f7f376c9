"""What is kept in the repository: nothing unfinished, nothing of one machine, locks that name no host."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "locks").glob("*.txt"))


def tracked() -> list[Path]:
    """The files that git keeps or would keep; every file of an exported tree, which has no git."""
    ask = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    told = subprocess.run(ask, cwd=ROOT, capture_output=True, text=True, check=False)
    if told.returncode == 0:
        return [ROOT / line for line in told.stdout.splitlines() if (ROOT / line).is_file()]
    hidden = {".venv", "county", "build", "dist"}
    return [path for path in ROOT.rglob("*") if path.is_file() and not hidden & set(path.parts)]


def lines() -> list[tuple[str, str]]:
    """`file:line` and text of every tracked text file but this one."""
    found = []
    for path in tracked():
        if path == Path(__file__) or path.suffix in {".png", ".parquet", ".xlsx"}:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        where = path.relative_to(ROOT).as_posix()
        found += [(f"{where}:{number}", line) for number, line in enumerate(text.splitlines(), 1)]
    return found


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("unfinished", r"\b(TODO|FIXME|XXX)\b|\bNotImplementedError\b"),
        ("a path of one machine", r"(?<![\w.])/(home|Users|root|work|mnt)/\w"),
        ("a registry's host", r"pypi\.org|pythonhosted|index-url|(?i:artifactory|devpi|nexus)"),
    ],
)
def test_nothing_of_the_kind_is_kept(what: str, pattern: str) -> None:
    found = [
        where for where, line in lines() if re.search(pattern, line) and "--no-emit-index-url" not in line
    ]
    assert not found, what


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_lock_pins_every_package_by_hash(path: Path) -> None:
    entries = re.split(r"(?m)^(?=[a-z0-9])", path.read_text(encoding="utf-8"))
    packages = [entry for entry in entries if entry.strip()]
    assert packages
    loose = [entry.split()[0] for entry in packages if "==" not in entry or "--hash=sha256:" not in entry]
    assert not loose
    assert "://" not in path.read_text(encoding="utf-8")


def held(lock: str) -> dict[str, str]:
    """Package to version."""
    text = (ROOT / "locks" / f"{lock}.txt").read_text(encoding="utf-8")
    return dict(re.findall(r"(?m)^([a-z0-9-]+)==([^ ;\\]+)", text))


@pytest.mark.parametrize("lock", ["base", "build"])
def test_users_run_what_the_tests_ran(lock: str) -> None:
    tested = held("test")
    apart = {name: (version, tested[name]) for name, version in held(lock).items() if name in tested}
    assert {name: pair for name, pair in apart.items() if pair[0] != pair[1]} == {}, "run `make lock`"


def test_lock_holds_each_dependency_as_declared() -> None:
    import tomllib

    from packaging.requirements import Requirement

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {"base": project["dependencies"], "test": project["optional-dependencies"]["test"]}
    for name, declared in wanted.items():
        versions = held(name)
        for line in map(Requirement, declared):
            assert versions[line.name] in line.specifier, f"{line} in locks/{name}.txt: run `make lock`"
