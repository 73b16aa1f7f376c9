"""The names that `import sharewell` gives: complete, lazy, and quick to reach."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import sharewell

HOUSE = Path(sharewell.__file__).parent
HEAVY = (
    "altair", "duckdb", "ibis", "numpy", "pandas", "pyarrow", "pydantic", "scipy", "splink", "sqlalchemy",
    "sqlglot", "statsmodels", "vl_convert",
)  # fmt: skip


def told(program: str) -> str:
    """What a fresh interpreter prints."""
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout


def test_public_names_are_complete_and_documented() -> None:
    names = sharewell.__all__
    assert {"open", "init", "Workspace", "Request", "Decision", "SharewellError"} <= set(names)
    assert list(names) == sorted(set(names))
    silent = [name for name in names if not getattr(sharewell, name).__doc__]
    assert not silent


def test_no_public_name_is_also_a_modules() -> None:
    """Python puts a submodule in the place of such a name once anything imports it."""
    modules = {path.stem for path in HOUSE.glob("*.py")} | {
        path.parent.name for path in HOUSE.glob("*/__init__.py")
    }
    assert not modules & set(sharewell.__all__)


def test_what_a_caller_meets_is_public() -> None:
    """What the public classes take and give can be named without reaching inside."""
    given = {"Workspace", "LiveAgreement", "Outcome", "Decision", "Problem", "Refusal", "Asked"}
    assert given <= set(sharewell.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        sharewell.nothing  # noqa: B018 - the look-up is the test


HELP = """
from typer.testing import CliRunner
import sharewell.cli
assert "describe" in CliRunner().invoke(sharewell.cli.app, ["--help"]).output
"""


@pytest.mark.parametrize(
    "program", ["import sharewell", "import sharewell.cli", HELP], ids=["api", "cli", "help"]
)
def test_is_quick_and_loads_nothing_heavy(program: str) -> None:
    lines = [
        "import sys, time",
        "began = time.process_time()",
        program,
        "print(time.process_time() - began)",
        f"print(*sorted(set(sys.modules) & {set(HEAVY)!r}))",
    ]
    answers = [told("\n".join(lines)).splitlines() for _ in range(3)]
    assert min(float(answer[0]) for answer in answers) < 0.3
    assert answers[0][1] == ""
