"""How tests run: examples drawn the same way each time, and every skip said aloud.

SHAREWELL_SKIP_FAILS=1 (continuous integration sets it) makes a skipped test fail the run, so that a tool
that is missing there cannot hide what it was to prove.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[1]

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip

settings.register_profile("repeatable", derandomize=True, database=None, deadline=None, print_blob=True)
settings.register_profile("searching", database=None, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


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
    if _strict():
        terminalreporter.line("SHAREWELL_SKIP_FAILS is set: the run fails.", red=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Turn a pass with skips into a failure, where that was asked."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if _strict() and reporter is not None and exitstatus == pytest.ExitCode.OK and skipped(reporter):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _strict() -> bool:
    return os.environ.get("SHAREWELL_SKIP_FAILS") == "1"
