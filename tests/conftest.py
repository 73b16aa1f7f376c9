"""How tests run: examples drawn the same way each time, and every skip said aloud.

SHAREWELL_SKIP_FAILS=1 (continuous integration sets it) makes a skipped test fail the run, so that a tool
that is missing there cannot hide what it was to prove. Only data that nobody may hand on (`OWN_DATA`)
can be missing there: their tests run where somebody has them.
"""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer.testing
from hypothesis import settings

ROOT = Path(__file__).parents[1]

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip

OWN_DATA = "SHAREWELL_ADULT"
"""Names a folder with the Adult data and its hierarchies, which whoever tests brings along."""

ORACLES = ("CELL_KEY_PYTHON", "PYCANON_PYTHON", "PYTAUARGUS_PYTHON")
"""Name an interpreter that has these packages; `make oracles` makes one that has them all."""

_ORACLE = ROOT / ".oracles" / "bin" / "python"
for _name in ORACLES if _ORACLE.exists() else ():
    os.environ.setdefault(_name, str(_ORACLE))

typer.testing._get_command = cache(typer.testing._get_command)
"""The commands are read from their functions once, not at each of some thousand calls."""

gc.set_threshold(50_000, 20, 20)
"""Thousands of tests keep much that never dies; looking through it all so often was a tenth of the run."""

settings.register_profile("repeatable", derandomize=True, database=None, deadline=None, print_blob=True)
settings.register_profile("searching", database=None, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of a module that share something made once run in one process, or it would be made twice."""
    for item in items:
        if isinstance(item, pytest.Function) and item.get_closest_marker("xdist_group") is None:
            made = [each[-1].scope for each in item._fixtureinfo.name2fixturedefs.values()]
            if "module" in made:
                item.add_marker(pytest.mark.xdist_group(item.path.stem))


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A headless browser, if this machine has one; nothing is ever downloaded."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=found, args=list(FLAGS))
        yield browser
        browser.close()


def skipped(reporter: pytest.TerminalReporter) -> dict[str, list[str]]:
    """Reason to the tests that were skipped for it."""
    found: dict[str, list[str]] = {}
    for report in reporter.stats.get("skipped", []):
        told = report.longrepr
        reason = told[2] if isinstance(told, tuple) else str(told)
        found.setdefault(reason.removeprefix("Skipped: "), []).append(report.nodeid)
    return found


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List what was not tried, and for want of what."""
    found = skipped(terminalreporter)
    if not found:
        return
    terminalreporter.section("not tried")
    for reason, tests in sorted(found.items()):
        terminalreporter.line(f"{reason}: {len(tests)} test{'s' if len(tests) > 1 else ''}")
        for test in sorted(tests):
            terminalreporter.line(f"  {test}")
    if _strict() and _lacking(found):
        terminalreporter.line("SHAREWELL_SKIP_FAILS is set: the run fails.", red=True)


def _lacking(found: dict[str, list[str]]) -> bool:
    """Whether anything was skipped but for want of data that its tester brings along."""
    return any(not reason.startswith(OWN_DATA) for reason in found)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Turn a pass with skips into a failure, where that was asked."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    done = reporter is not None and exitstatus == pytest.ExitCode.OK
    if _strict() and done and _lacking(skipped(reporter)):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _strict() -> bool:
    return os.environ.get("SHAREWELL_SKIP_FAILS") == "1"
