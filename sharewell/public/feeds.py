"""Feeds and indexes: Atom for the site and each agreement, JSON Feed, index.json, sitemap.

Atom (RFC 4287) and JSON Feed 1.1 give an entry for each thing that was done, newest first. Without an
address of the site, entries are named by `tag:` URIs, links are relative, and there is no sitemap.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from typing import Any

from .site import HTML, Page, Site, canonical

NEWEST = 100
"""Entries in a feed at most."""

_ATOM = "http://www.w3.org/2005/Atom"
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"


def feeds(site: Site) -> dict[str, bytes]:
    """Every feed and index of a site, by path."""
    agreements = [page for page in site.pages if page.kind == "agreement"]
    home = next((page for page in site.pages if page.kind == "home"), None)
    files = {page.path + "feed.atom": atom(site, page, _entries([page])) for page in agreements}
    if home is not None:
        files["feed.atom"] = atom(site, home, _entries(agreements))
        files["feed.json"] = json_feed(site, home, _entries(agreements))
    files["index.json"] = canonical(_index(site, agreements))
    if site.about["address"]:
        files["sitemap.xml"] = _sitemap(site)
    return files


def _entries(agreements: Sequence[Page]) -> list[dict[str, Any]]:
    """What was done, newest first."""
    found = [
        {"agreement": page.title, "path": page.path, **claim}
        for page in agreements
        for claim in page.facts["news"]
    ]
    return sorted(found, key=lambda entry: -entry["event"])[:NEWEST]


def atom(site: Site, page: Page, entries: Sequence[Mapping[str, Any]]) -> bytes:
    """An Atom feed of a page."""
    address, about = site.about["address"], site.about
    feed = ET.Element("feed", {"xmlns": _ATOM, "xml:lang": "en-GB"})
    _put(feed, "id", _id(site, page.path))
    _put(feed, "title", page.title)
    _put(feed, "updated", entries[0]["moment"] if entries else about["as_of"])
    _put(ET.SubElement(feed, "author"), "name", about["name"])
    ET.SubElement(feed, "link", {"rel": "alternate", "href": (address + page.path) or "./"})
    here = address + page.path + "feed.atom" if address else "feed.atom"
    ET.SubElement(feed, "link", {"rel": "self", "href": here})
    for entry in entries:
        one = ET.SubElement(feed, "entry")
        _put(one, "id", _id(site, f"event/{entry['event']}"))
        _put(one, "title", f"{entry['agreement']}: {entry['what']}")
        _put(one, "updated", entry["moment"])
        within = entry["path"].removeprefix(page.path)
        link = address + entry["path"] if address else within or "./"
        ET.SubElement(one, "link", {"rel": "alternate", "href": link})
        _put(one, "summary", f"{entry['what']}. Event {entry['event']} of the log, leaf {entry['leaf']}.")
    return _written(feed)


def json_feed(site: Site, home: Page, entries: Sequence[Mapping[str, Any]]) -> bytes:
    """The same as JSON Feed 1.1."""
    address = site.about["address"]
    items = [
        {
            "id": _id(site, f"event/{entry['event']}"),
            "url": (address or "./") + entry["path"],
            "title": f"{entry['agreement']}: {entry['what']}",
            "content_text": f"{entry['what']}. Event {entry['event']} of the log, leaf {entry['leaf']}.",
            "date_published": entry["moment"],
        }
        for entry in entries
    ]
    head = {"version": "https://jsonfeed.org/version/1.1", "title": home.title, "language": "en-GB"}
    return canonical({**head, "home_page_url": address or "./", "items": items})


def _index(site: Site, agreements: Sequence[Page]) -> dict[str, Any]:
    listed = [
        {
            "agreement": page.facts["agreement"],
            "title": page.title,
            "page": page.path,
            "facts": page.path + "facts.json",
            "proof": page.path + "proof.json",
            "version": page.facts["version"],
            "status": page.facts["status"]["word"],
            "summary": page.facts["summary"],
        }
        for page in agreements
    ]
    return {"site": site.about, "agreements": listed, "pages": [page.path for page in site.pages]}


def _sitemap(site: Site) -> bytes:
    urls = ET.Element("urlset", {"xmlns": _SITEMAP})
    for page in site.pages:
        one = ET.SubElement(urls, "url")
        _put(one, "loc", site.about["address"] + page.path + ("" if page.path else HTML))
        _put(one, "lastmod", site.about["as_of"][:10])
    return _written(urls)


def _written(root: ET.Element) -> bytes:
    ET.indent(root)
    text: str = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def _id(site: Site, path: str) -> str:
    """A name that stays: the site's address, or a tag URI (RFC 4151) of the key that signs it."""
    address = site.about["address"]
    if address:
        return str(address + path)
    return f"tag:sharewell.example,2026:{site.about['key_id']}/{path}"


def _put(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = text
