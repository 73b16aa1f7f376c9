"""A paper as one HTML file: nothing fetched, no script, real headings and tables; it prints well."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from typing import Any

from .block import Block, Bullets, Heading, Missing, Paper, Paragraph, Picture, Redacted, Said, Table

_KINDS: dict[type, str] = {
    Heading: "heading",
    Paragraph: "paragraph",
    Bullets: "bullets",
    Table: "table",
    Picture: "picture",
    Said: "said",
    Missing: "missing",
    Redacted: "redacted",
    str: "text",
}


def write_html(paper: Paper) -> bytes:
    """The paper as UTF-8 HTML; the same paper gives the same bytes."""
    css, template = _page()
    text: str = template.render(paper=paper, css=css, kind=kind, sections=_contents(paper))
    return text.encode()


def kind(part: object) -> str:
    """What a block or word is called in the template."""
    return _KINDS[type(part)]


def _contents(paper: Paper) -> list[Block]:
    return [block for block in paper.body if isinstance(block, Heading) and block.level == 2]


@lru_cache(maxsize=1)
def _page() -> tuple[Any, Any]:
    """The style sheet and the compiled template."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    here = resources.files(__package__)
    page = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    page.filters["drawn"] = Markup
    css = here.joinpath("paper.css").read_text(encoding="utf-8")
    return Markup(css), page.from_string(here.joinpath("paper.html.jinja").read_text(encoding="utf-8"))
