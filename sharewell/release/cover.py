"""The cover of a release: what each product asked, the first sentence of its answer, one picture.

It lies beside the report, drawn from the same checked tables, so that a page of many releases need not
draw them again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from .bundle import Bundle
from .palette import css_variables
from .report import Answer, Picture


@dataclass(frozen=True)
class Cover:
    """One product on a page of many: `picture` is SVG, empty where none may be drawn; `href` its report."""

    title: str
    question: str
    said: str
    headline: str
    headline_label: str
    picture: str
    picture_title: str
    caveat: str
    href: str
    made: str


def cover(bundle: Bundle, answers: Sequence[Answer]) -> bytes:
    """The covers of a release's products as JSON, for `Cover` to be read from."""
    of = {"title": bundle.title, "made": bundle.made}
    told = [{"product": a.product.name, "anchor": a.id, **of, **_told(a)} for a in answers]
    return (json.dumps(told, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _told(answer: Answer) -> dict[str, str]:
    story, first = answer.product.story, answer.headlines[:1]
    picture = _picture(answer)
    return {
        "question": answer.product.question,
        "said": story.sentences[0] if story.sentences else "",
        "headline": first[0][0] if first else "",
        "headline_label": first[0][1] if first else "",
        "picture": picture.narrow if picture else "",
        "picture_title": picture.title if picture else "",
        "caveat": story.caveats[0] if story.caveats else "",
    }


def _picture(answer: Answer) -> Picture | None:
    """The first of the product's charts that may be drawn."""
    drawn = {picture.title: picture for part in answer.parts for picture in part.pictures if picture.narrow}
    return next((drawn[chart.title] for chart in answer.product.charts if chart.title in drawn), None)


def render_gallery(title: str, covers: Sequence[Cover], synthetic: bool) -> str:
    """A page of covers, one a product, each with the way to its report; no script, nothing fetched."""
    css, template = _page()
    text: str = template.render(title=title, covers=covers, css=css, synthetic=synthetic)
    return text


@lru_cache(maxsize=1)
def _page() -> tuple[Any, Any]:
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    here = resources.files(__package__)
    page = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    page.filters["drawn"] = Markup
    sheets = [here.joinpath(name).read_text(encoding="utf-8") for name in ("report.css", "gallery.css")]
    return Markup(css_variables() + "".join(sheets)), page.from_string(
        here.joinpath("gallery.html.jinja").read_text(encoding="utf-8")
    )
