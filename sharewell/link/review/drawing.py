"""The waterfall and the cluster as SVG, drawn here: no script, nothing fetched, the same bytes each time.

Each picture has its table beside it on the page, so it is one image with a name to a screen reader. For
and against are told by sign and side of the line as well as by colour.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.sax.saxutils import escape

from .bridges import Cluster, Edge
from .waterfall import Step

INK, QUIET, RULE, PAPER = "#0b0c0c", "#484949", "#b1b4b6", "#ffffff"
FOR, AGAINST, BRAND = "#00623b", "#8c1d18", "#12436d"

WIDE, NARROW = 736, 272
"""Widths in CSS pixels: a desk's, and a telephone's of 320 less its margins."""

_ROW, _BAR = 44, 16


def bits(weight: float) -> str:
    """A weight with its sign, in words fit for a table."""
    if math.isinf(weight):
        return "settled"
    told = f"{weight:+.1f}".replace("-", "\u2212")
    return told[1:] if told[1:] == "0.0" else told


def waterfall(steps: Sequence[Step], threshold: float, width: int) -> str:
    """Bars from one running total to the next, each under its name; a dashed line at the threshold."""
    ends = [
        0.0,
        threshold,
        *(step.running for step in steps),
        *(step.running - step.weight for step in steps),
    ]
    low, high = min(ends), max(ends)
    scale = (width - 2) / (high - low or 1.0)

    def across(weight: float) -> float:
        return round(1 + (weight - low) * scale, 1)

    tall = _ROW * (len(steps) + 1) + 24
    parts = [
        line(across(0), 22, across(0), tall, RULE),
        line(across(threshold), 22, across(threshold), tall, INK, "4 3"),
        text(_within(across(threshold), width, 80), 14, "threshold", QUIET, "middle"),
    ]
    for at, step in enumerate(steps):
        top = 30 + at * _ROW
        start, end = across(step.running - step.weight), across(step.running)
        fill = QUIET if not at or not step.weight else FOR if step.weight > 0 else AGAINST
        parts += [
            text(1, top + 12, _short(f"{step.comparison}: {step.outcome}", width - 60), INK, "start"),
            text(width - 1, top + 12, bits(step.weight), INK, "end"),
            _bar(min(start, end), top + 18, max(abs(end - start), 1.5), fill),
        ]
    if steps:
        top = 30 + len(steps) * _ROW
        total = across(steps[-1].running)
        parts += [
            text(1, top + 12, "total", INK, "start", "700"),
            text(width - 1, top + 12, bits(steps[-1].running), INK, "end", "700"),
            _bar(min(across(0), total), top + 18, max(abs(total - across(0)), 1.5), BRAND),
        ]
    return svg(width, tall, f"Waterfall of {len(steps)} steps; the table below says the same", parts)


def cluster(graph: Cluster, width: int) -> str:
    """Members on a circle by number, links as lines; the weakest dashed and red, bridges thick."""
    middle, radius = width / 2, width / 2 - 24
    count = max(len(graph.members), 1)

    def place(at: int) -> tuple[float, float]:
        turn = 2 * math.pi * at / count - math.pi / 2
        return round(middle + radius * math.cos(turn), 1), round(middle + radius * math.sin(turn), 1)

    parts = [
        _link(edge, edge == graph.weakest, *place(edge.left), *place(edge.right)) for edge in graph.edges
    ]
    for at in range(len(graph.members)):
        x, y = place(at)
        parts.append(f'<circle cx="{x}" cy="{y}" r="14" fill="{BRAND}"/>')
        parts.append(text(x, y + 5, str(at + 1), PAPER, "middle", "700"))
    name = f"{len(graph.members)} records and {len(graph.edges)} links; the table below says the same"
    return svg(width, width, name, parts)


def _link(edge: Edge, weakest: bool, x1: float, y1: float, x2: float, y2: float) -> str:
    if weakest:
        return line(x1, y1, x2, y2, AGAINST, "6 4", 4)
    return line(x1, y1, x2, y2, INK if edge.bridge else QUIET, "", 3 if edge.bridge else 1)


def svg(width: int, height: float, name: str, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:g}" width="{width}"'
        f' height="{height:g}" role="img" aria-label="{escape(name)}" font-size="15">{"".join(parts)}</svg>'
    )


def line(
    x1: float, y1: float, x2: float, y2: float, colour: str, dashes: str = "", thick: float = 1
) -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    ends = f'x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"'
    return f'<line {ends} stroke="{colour}" stroke-width="{thick:g}"{dashed}/>'


def _bar(x: float, y: float, width: float, fill: str) -> str:
    return f'<rect x="{x:g}" y="{y:g}" width="{width:.1f}" height="{_BAR}" fill="{fill}"/>'


def text(x: float, y: float, words: str, colour: str, anchor: str, bold: str = "400") -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" fill="{colour}" text-anchor="{anchor}" font-weight="{bold}">'
        f"{escape(words)}</text>"
    )


def _short(words: str, width: float) -> str:
    """As much as fits at 15 px; the table has the whole."""
    most = max(int(width / 7.6), 4)
    return words if len(words) <= most else words[: most - 1] + "\u2026"


def _within(x: float, width: int, wide: float) -> float:
    return min(max(x, wide / 2), width - wide / 2)
