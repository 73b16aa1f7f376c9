"""public: what anyone may read. A visitor that turns plain facts into a site that needs no script.

It is given facts and gives bytes; it reads no workspace, account or clock, so that whoever holds the facts
of a page can render it again and compare.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import loader

if TYPE_CHECKING:
    from .pack import pack_page
    from .site import Page, Site, read_site, render_site

_HOME = {
    "Page": "site",
    "Site": "site",
    "pack_page": "pack",
    "read_site": "site",
    "render_site": "site",
}

__all__ = ["Page", "Site", "pack_page", "read_site", "render_site"]

__getattr__ = loader(__name__, _HOME)
