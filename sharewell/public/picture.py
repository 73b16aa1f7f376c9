"""The picture of who sends what to whom: parties on the left, linker and host between, recipients right.

An SVG without script or style sheet; a table beside it says the same in words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from .style import COLOURS

_WIDE, _HIGH, _GAP, _TOP = 200, 54, 16, 34
_COLUMNS = (8, 330, 652)
"""Where each column of boxes begins."""

WIDTH = _COLUMNS[2] + _WIDE + 8
_HEADS = ("Who holds it", "Who works on it", "Who receives")
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
    parts = [_head(WIDTH, high, told, "tip")]
    for number, words in enumerate(_HEADS):
        parts.append(_text(_COLUMNS[number], 16, words, COLOURS["quiet"], bold=True))
    for arrow in dict.fromkeys(arrows):
        for at in (0, 1):
            if arrow.start in places[at] and arrow.end in places[at + 1]:
                parts.append(_arrow(at, places[at][arrow.start], places[at + 1][arrow.end], arrow.names))
                break
        else:
            if arrow.start in places[1] and arrow.end in places[1]:
                parts.append(_down(places[1][arrow.start], places[1][arrow.end], _COLUMNS[1] + _WIDE / 2))
    for number, column in enumerate(columns):
        parts += [_box(_COLUMNS[number], places[number][name], name, number == 1) for name in column]
    return "".join([*parts, "</svg>"])


_TALL_WIDE, _RAILS, _APART = 232, 254, 14
"""On a phone: how wide a box is with its left edge, where the first rail runs, and how far the next."""


def draw_tall(
    left: Sequence[str], middle: Sequence[str], right: Sequence[str], arrows: Sequence[Arrow], told: str
) -> str:
    """The same picture for a phone: columns stand one below another, and lines run on rails beside them.

    All that goes to one box shares its rail, so that many senders stay legible in a narrow space.
    """
    high, boxes = 0, list[str]()
    places: list[dict[str, float]] = []
    for words, column, strong in zip(_HEADS, (left, middle, right), (False, True, False), strict=True):
        boxes.append(_text(2, high + 16, words, COLOURS["quiet"], bold=True))
        places.append({name: high + 28 + n * (_HIGH + _GAP) for n, name in enumerate(column)})
        boxes += [_box(2, y, name, strong, _TALL_WIDE - 2) for name, y in places[-1].items()]
        high += 28 + len(column) * (_HIGH + _GAP) + 12
    # The lowest box has the rail nearest to the boxes, so that no rail crosses another.
    rails = {name: _RAILS + n * _APART for n, name in enumerate(reversed(middle))}
    lines = [line for name, x in rails.items() for line in _gathered(places, arrows, name, x)]
    lines += _onward(places, arrows)
    wide = _RAILS + len(middle) * _APART
    return "".join([_head(wide, high, told, "tip-tall"), *lines, *boxes, "</svg>"])


def _gathered(places: list[dict[str, float]], arrows: Sequence[Arrow], to: str, x: float) -> Iterator[str]:
    """Lines from every sender along one rail into a box: those with names, and those without."""
    for names in (False, True):
        sent = [a.start for a in arrows if a.end == to and a.start in places[0] and a.names is names]
        ys = [_side(places[0][name], names) for name in dict.fromkeys(sent)]
        yield from (_line(f"M{_TALL_WIDE} {y:g}H{x}", names, "") for y in ys)
        if ys:
            until = _side(places[1][to], names)
            yield _line(f"M{x} {min(ys):g}V{until:g}H{_TALL_WIDE + 3}", names, "tip-tall")


def _onward(places: list[dict[str, float]], arrows: Sequence[Arrow]) -> Iterator[str]:
    """Lines between the boxes of the middle, and from there to who receives."""
    for arrow in dict.fromkeys(arrows):
        if arrow.start not in places[1]:
            continue
        start = places[1][arrow.start]
        if arrow.end in places[2]:
            until = places[2][arrow.end] + _HIGH / 2
            path = f"M{_TALL_WIDE} {_side(start, True):g}H{_RAILS}V{until:g}H{_TALL_WIDE + 3}"
            yield _line(path, arrow.names, "tip-tall")
        elif arrow.end in places[1]:
            yield _down(start, places[1][arrow.end], _TALL_WIDE / 2, "tip-tall")


def _side(y: float, names: bool) -> float:
    """Where a line meets the side of a box: names below content, so that both are seen."""
    return y + _HIGH / 2 + (8 if names else -8)


def _head(wide: float, high: float, told: str, tip: str) -> str:
    return (
        f'<svg class="drawing" role="img" viewBox="0 0 {wide:g} {high:g}" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{escape(told)}</title>"
        f'<defs><marker id="{tip}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        f'orient="auto"><path d="M0 0 8 4 0 8z" fill="{COLOURS["brand"]}"/></marker></defs>'
    )


def _arrow(at: int, start: float, end: float, names: bool) -> str:
    x, to = _COLUMNS[at] + _WIDE, _COLUMNS[at + 1] - 3
    y, until = _side(start, names), end + _HIGH / 2
    bend = (x + to) / 2
    path = f"M{x} {y:g}C{bend:g} {y:g} {bend:g} {until:g} {to} {until:g}"
    return _line(path, names)


def _down(start: float, end: float, x: float, tip: str = "tip") -> str:
    """From one box of the middle column to another below or above it."""
    begin, until = (start + _HIGH, end - 3) if start < end else (start, end + _HIGH + 3)
    return _line(f"M{x:g} {begin:g}L{x:g} {until:g}", False, tip)


def _line(path: str, names: bool, tip: str = "tip") -> str:
    end = f' marker-end="url(#{tip})"' if tip else ""
    dash = ' stroke-dasharray="7 5"' if names else ""
    ink = f'fill="none" stroke="{COLOURS["brand"]}" stroke-width="2"'
    return f'<path d="{path}" {ink}{dash}{end}/>'


def _box(x: float, y: float, name: str, strong: bool, wide: float = _WIDE) -> str:
    fill, ink = (COLOURS["brand"], COLOURS["paper"]) if strong else (COLOURS["wash"], COLOURS["ink"])
    lines = _lines(name)
    first = y + _HIGH / 2 + 5 - 9 * (len(lines) - 1)
    words = "".join(_text(x + 12, first + 18 * n, line, ink) for n, line in enumerate(lines))
    return f'<rect x="{x}" y="{y:g}" width="{wide:g}" height="{_HIGH}" fill="{fill}"/>{words}'


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
