"""The picture of who sends what to whom: parties on the left, linker and host between, recipients right.

An SVG without script or style sheet; a table beside it says the same in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from .style import COLOURS

_WIDE, _HIGH, _GAP, _TOP = 200, 54, 16, 34
_COLUMNS = (8, 330, 652)
"""Where each column of boxes begins."""

WIDTH = _COLUMNS[2] + _WIDE + 8
_LETTERS = 24
"""Letters in one line of a box."""


@dataclass(frozen=True)
class Arrow:
    """From one box to another. `names` says that names travel, so that it is dashed."""

    start: str
    end: str
    names: bool


def draw(
    left: Sequence[str], middle: Sequence[str], right: Sequence[str], arrows: Sequence[Arrow], told: str
) -> str:
    """The picture. Columns are of names; an arrow runs between boxes of neighbouring columns.

    A body that both sends and receives stands on both sides. `told` is what a reader hears in its place.
    """
    columns = (tuple(left), tuple(middle), tuple(right))
    most = max(len(column) for column in columns)
    high = _TOP + most * (_HIGH + _GAP)
    places = [
        {
            name: _TOP + (most - len(column)) * (_HIGH + _GAP) / 2 + n * (_HIGH + _GAP)
            for n, name in enumerate(column)
        }
        for column in columns
    ]
    parts = [_head(high, told)]
    for number, words in enumerate(("Who holds it", "Who works on it", "Who receives")):
        parts.append(_text(_COLUMNS[number], 16, words, COLOURS["quiet"], bold=True))
    for arrow in dict.fromkeys(arrows):
        for at in (0, 1):
            if arrow.start in places[at] and arrow.end in places[at + 1]:
                parts.append(_arrow(at, places[at][arrow.start], places[at + 1][arrow.end], arrow.names))
                break
        else:
            if arrow.start in places[1] and arrow.end in places[1]:
                parts.append(_down(places[1][arrow.start], places[1][arrow.end]))
    for number, column in enumerate(columns):
        parts += [_box(_COLUMNS[number], places[number][name], name, number == 1) for name in column]
    return "".join([*parts, "</svg>"])


def _head(high: float, told: str) -> str:
    return (
        f'<svg class="drawing" role="img" viewBox="0 0 {WIDTH} {high:g}" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{escape(told)}</title>"
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        f'orient="auto"><path d="M0 0 8 4 0 8z" fill="{COLOURS["brand"]}"/></marker></defs>'
    )


def _arrow(at: int, start: float, end: float, names: bool) -> str:
    x, to = _COLUMNS[at] + _WIDE, _COLUMNS[at + 1] - 3
    y, until = start + _HIGH / 2 + (8 if names else -8), end + _HIGH / 2
    bend = (x + to) / 2
    path = f"M{x} {y:g}C{bend:g} {y:g} {bend:g} {until:g} {to} {until:g}"
    return _line(path, names)


def _down(start: float, end: float) -> str:
    """From one box of the middle column to another below or above it."""
    x = _COLUMNS[1] + _WIDE / 2
    begin, until = (start + _HIGH, end - 3) if start < end else (start, end + _HIGH + 3)
    return _line(f"M{x:g} {begin:g}L{x:g} {until:g}", names=False)


def _line(path: str, names: bool) -> str:
    dash = ' stroke-dasharray="7 5"' if names else ""
    ink = f'fill="none" stroke="{COLOURS["brand"]}" stroke-width="2"'
    return f'<path d="{path}" {ink}{dash} marker-end="url(#tip)"/>'


def _box(x: float, y: float, name: str, strong: bool) -> str:
    fill, ink = (COLOURS["brand"], COLOURS["paper"]) if strong else (COLOURS["wash"], COLOURS["ink"])
    lines = _lines(name)
    first = y + _HIGH / 2 + 5 - 9 * (len(lines) - 1)
    words = "".join(_text(x + 12, first + 18 * n, line, ink) for n, line in enumerate(lines))
    return f'<rect x="{x}" y="{y:g}" width="{_WIDE}" height="{_HIGH}" fill="{fill}"/>{words}'


def _text(x: float, y: float, words: str, fill: str, bold: bool = False) -> str:
    weight = ' font-weight="700"' if bold else ""
    face = 'font-family="Helvetica Neue,Helvetica,Arial,sans-serif" font-size="15"'
    return f'<text x="{x:g}" y="{y:g}" {face}{weight} fill="{fill}">{escape(words)}</text>'


def _lines(name: str) -> list[str]:
    """A name in at most two lines; what is longer ends in dots, and stands whole in the table."""
    lines = [""]
    for word in name.split():
        if len(lines[-1]) + len(word) + 1 > _LETTERS and lines[-1]:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    if len(lines) > 2:
        lines = [lines[0], lines[1][: _LETTERS - 3] + "..."]
    return lines
