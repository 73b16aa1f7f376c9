"""A site as a value: pages of plain facts, and the bytes that they are shown as.

A page's HTML is a pure function of its facts, which stand beside it as `facts.json`; feeds and indexes are
functions of the facts of the pages they tell of. So whoever has the facts can render the site again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import AccountError, Problem

FACTS = "facts.json"
HTML = "index.html"


@dataclass(frozen=True)
class Page:
    """One page: its folder ("" for the first, else ending in "/"), its kind, title and facts."""

    path: str
    kind: str
    title: str
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Site:
    """What holds for every page (`name`, `address`, `as_of`, `synthetic`), and the pages."""

    about: Mapping[str, Any]
    pages: tuple[Page, ...]


def canonical(value: object) -> bytes:
    """JSON with sorted keys, in UTF-8, one value a line: the same facts are the same bytes."""
    return (
        json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    ).encode()


def facts_of(site: Site, page: Page) -> bytes:
    """The facts file of a page: all that its HTML is made from."""
    told = {"site": site.about, "path": page.path, "kind": page.kind, "title": page.title}
    return canonical({**told, "facts": page.facts})


def digest(held: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(held).hexdigest()


def render_site(site: Site) -> dict[str, bytes]:
    """Every file of the site by its path: pages, facts, feeds and indexes. No clock, no network."""
    from .feeds import feeds
    from .pages import page_html

    files: dict[str, bytes] = {}
    for page in site.pages:
        held = facts_of(site, page)
        # What is rendered is what was written down, so that a reader of the file renders the same.
        read = _page(json.loads(held))
        files[page.path + FACTS] = held
        files[page.path + HTML] = page_html(site.about, read, digest(held))
    return files | feeds(read_site(files))


def read_site(files: Mapping[str, bytes]) -> Site:
    """The site that facts files tell of. AccountError FACTS for one that is none of ours."""
    about: Mapping[str, Any] = {}
    pages: list[Page] = []
    for path in sorted(name for name in files if name.rpartition("/")[2] == FACTS):
        try:
            told = json.loads(files[path])
            page = _page(told)
            about = told["site"]
        except (ValueError, KeyError, TypeError):
            raise AccountError(Problem("FACTS", "cannot be read as facts of a page", where=path)) from None
        if page.path + FACTS != path:
            raise AccountError(Problem("FACTS", "is filed under another address than it says", where=path))
        pages.append(page)
    return Site(about, tuple(pages))


def _page(told: Mapping[str, Any]) -> Page:
    return Page(told["path"], told["kind"], told["title"], dict(told["facts"]))
