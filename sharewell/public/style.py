"""The site's colours, chosen once with the pairs that must be told apart, and its style sheet.

Text pairs meet WCAG 2.2 AA: 4.5 to 1. The sheet stands in every page and is named by its hash in the
page's content-security policy, so that nothing else can style or run.
"""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from importlib import resources

COLOURS: dict[str, str] = {
    "ink": "#0b0c0c",
    "quiet": "#484949",
    "paper": "#ffffff",
    "wash": "#f3f4f6",
    "rule": "#b1b4b6",
    "brand": "#12436d",
    "link": "#1a65a6",
    "visited": "#54319f",
    "focus": "#ffdd00",
    "good": "#00623b",
    "good-wash": "#e3f2ea",
    "bad": "#8c1d18",
    "bad-wash": "#fbe9e7",
    "open": "#5c3b00",
    "open-wash": "#fff4d6",
}

PAIRS: tuple[tuple[str, str], ...] = (
    ("ink", "paper"),
    ("ink", "wash"),
    ("ink", "focus"),
    ("quiet", "paper"),
    ("quiet", "wash"),
    ("link", "paper"),
    ("link", "wash"),
    ("visited", "paper"),
    ("visited", "wash"),
    ("brand", "paper"),
    ("paper", "brand"),
    ("good", "good-wash"),
    ("bad", "bad-wash"),
    ("open", "open-wash"),
)
"""Foreground and background, by name, of every text that a page can show."""


@lru_cache(maxsize=1)
def sheet() -> str:
    """The style sheet, colours first."""
    variables = ":root{" + "".join(f"--{name}:{value};" for name, value in COLOURS.items()) + "}"
    rules = resources.files(__package__).joinpath("register.css").read_text(encoding="utf-8")
    return (variables + rules).strip()


def policy() -> str:
    """The content-security policy of a page: this sheet, and nothing else at all."""
    digest = base64.b64encode(hashlib.sha256(sheet().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
