"""From a page's facts to its HTML: the view of its kind, in the one frame that all pages share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib import resources
from typing import Any

from ..errors import AccountError, Problem
from .agreement_page import agreement_view
from .blocks import Cell, Facts, Part, Section, Shown
from .index_pages import benefits_view, body_view, home_view, list_view, refusals_view
from .log_page import log_view
from .site import Page
from .style import policy, sheet
from .words import day

View = Callable[[Facts], tuple[tuple[Part, ...], tuple[Section, ...]]]
"""From facts to what opens a page and its sections."""

VIEWS: dict[str, View] = {
    "home": home_view,
    "list": list_view,
    "agreement": agreement_view,
    "body": body_view,
    "refusals": refusals_view,
    "benefits": benefits_view,
    "log": log_view,
}

WAYS: tuple[tuple[str, str], ...] = (
    ("", "Home"),
    ("a-z/", "A to Z"),
    ("bodies/", "By body"),
    ("data/", "By kind of data"),
    ("purposes/", "By purpose"),
    ("benefits/", "Benefits"),
    ("refusals/", "Refusals"),
    ("log/", "The log"),
)
"""The ways in, on every page."""

KIND = "What is done with data about you"
_ABOVE = {"agreements/": ("a-z/", "A to Z"), "bodies/": ("bodies/", "By body")}


def page_html(about: Mapping[str, Any], page: Page, digest: str) -> bytes:
    """One page of the site, whole. `digest` is the SHA-256 of its facts, in hexadecimal.

    AccountError FACTS for a kind of page that there is not.
    """
    if page.kind not in VIEWS:
        raise AccountError(Problem("FACTS", "is of no kind of page that we know", where=page.path))
    opening, sections = VIEWS[page.kind](page.facts)
    parent = page.path.partition("/")[0] + "/"
    crumbs = [("", "Home")] if page.path else []
    if page.path.count("/") > 1 and parent in _ABOVE:
        crumbs.append(_ABOVE[parent])
    return frame(
        title=page.title,
        kind=KIND,
        house=about["name"],
        up="../" * page.path.count("/"),
        here=page.path,
        ways=WAYS,
        crumbs=crumbs,
        feeds=page.kind in ("home", "agreement"),
        synthetic=about["synthetic"],
        digest=digest,
        opening=opening,
        sections=sections,
        foot=_foot(about, page),
    )


def _foot(about: Mapping[str, Any], page: Page) -> tuple[Shown, ...]:
    rests = f"As of {day(about['as_of'])}, checkpoint {about['checkpoint']['number']} of the log."
    return (
        rests,
        Cell("What this page says, as data (JSON)", page.path + "facts.json"),
        Cell("The proof that it stands in the log (JSON)", page.path + "proof.json"),
        Cell("How to check it yourself", "log/#how"),
    )


def frame(**told: Any) -> bytes:
    """The frame of every page, filled in. What it is given is escaped, but for our own drawings."""
    text: str = _template().render(policy=policy(), css=sheet(), **told)
    return f"{text}\n".encode()


@lru_cache(maxsize=1)
def _template() -> Any:
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    page = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    page.filters["drawn"] = Markup
    source = resources.files(__package__).joinpath("page.html.jinja").read_text(encoding="utf-8")
    return page.from_string(source)
