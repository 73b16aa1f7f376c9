"""The picture of who sends what to whom: places in four columns, left to right, an arrow for each form.

Each place stands in the columns of what it does (hold, link, study, receive), so that every arrow runs to
the right and the drawing is the same each time. Forms are told apart by the line, not by colour alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

COLUMNS = ("Who holds the data", "Who links", "Who studies", "Who receives")

WIDTH, HEIGHT, GAP, TOP = 190, 46, 14, 44
_ACROSS = 285
_LETTERS = 25
_STYLES = {
    "identifiable": ("#8a1c1c", "", 3.0),
    "yes/no": ("#b34700", "9 3", 2.5),
    "de-personalised": ("#12436d", "6 4", 2.0),
    "coded yes/no": ("#12436d", "2 4", 2.0),
    "aggregate": ("#00623b", "12 3 2 3", 2.0),
    "about places": ("#484949", "1 3", 1.5),
}


class Arrow(NamedTuple):
    """What crosses, from a place to one in a later column (0 to 3), in a form by its everyday word."""

    from_: tuple[int, str]
    to: tuple[int, str]
    form: str


def draw(title: str, arrows: Iterable[Arrow]) -> str:
    """The picture as SVG whose words are text."""
    told = sorted(set(arrows))
    spots = _spots(told)
    high = max((y for _, y in spots.values()), default=TOP) + HEIGHT + GAP
    forms = [form for form in _STYLES if any(arrow.form == form for arrow in told)]
    wide, tall = 3 * _ACROSS + WIDTH + 4, high + 26 * len(forms) + 10
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {tall}" role="img" '
        f'aria-label={quoteattr(title)} font-family="Helvetica, Arial, Libertinus Serif, serif" '
        f'font-size="14"><title>{escape(title)}</title>',
        f"<desc>{escape(describe(told))}</desc>",
        *_heads(),
        *(line for arrow in told for line in _arrow(arrow, spots)),
        *(line for (_, name), (x, y) in sorted(spots.items()) for line in _box(name, x, y)),
        *(line for number, form in enumerate(forms) for line in _key(form, high + 26 * number + 10)),
        "</svg>",
    ]
    return "".join(parts)


def describe(arrows: Iterable[Arrow]) -> str:
    """The picture in words."""
    told = [f"{arrow.from_[1]} sends {arrow.form} data to {arrow.to[1]}" for arrow in sorted(set(arrows))]
    return "; ".join(told) + "." if told else "Nothing crosses from one place to another."


def _spots(arrows: list[Arrow]) -> dict[tuple[int, str], tuple[int, int]]:
    """Where each place stands, columns centred on the longest."""
    nodes = sorted({node for arrow in arrows for node in (arrow.from_, arrow.to)})
    columns = {number: [n for n in nodes if n[0] == number] for number in range(len(COLUMNS))}
    longest = max((len(held) for held in columns.values()), default=0) * (HEIGHT + GAP)
    found = {}
    for number, held in columns.items():
        start = TOP + (longest - len(held) * (HEIGHT + GAP)) // 2
        start = TOP + (start - TOP) // 3 if number == 1 else start
        start = start + (start - TOP) // 2 if number == 2 else start
        for row, node in enumerate(held):
            found[node] = (2 + number * _ACROSS, start + row * (HEIGHT + GAP))
    return found


def _heads() -> Iterable[str]:
    for number, head in enumerate(COLUMNS):
        yield f'<text x="{2 + number * _ACROSS}" y="20" font-weight="bold" fill="#0b0c0c">{head}</text>'


def _box(name: str, x: int, y: int) -> Iterable[str]:
    yield (
        f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" fill="#f3f4f6" stroke="#12436d" '
        'stroke-width="1.5"/>'
    )
    rows = _wrapped(name)
    first = y + HEIGHT / 2 + 5 - 8 * (len(rows) - 1)
    for number, row in enumerate(rows):
        yield f'<text x="{x + 9}" y="{first + 16 * number:g}" fill="#0b0c0c">{escape(row)}</text>'


def _wrapped(name: str) -> list[str]:
    """A name on two rows at most, cut visibly beyond."""
    rows = [""]
    for word in name.split():
        longer = f"{rows[-1]} {word}".strip()
        if len(longer) <= _LETTERS or not rows[-1]:
            rows[-1] = longer
        else:
            rows.append(word)
    if len(rows) > 2:
        rows = [rows[0], rows[1][: _LETTERS - 2] + " …"]
    return [row if len(row) <= _LETTERS + 2 else row[:_LETTERS] + "…" for row in rows]


def _arrow(arrow: Arrow, spots: dict[tuple[int, str], tuple[int, int]]) -> Iterable[str]:
    colour, dashes, wide = _STYLES[arrow.form]
    (x1, y1), (x2, y2) = spots[arrow.from_], spots[arrow.to]
    step = list(_STYLES).index(arrow.form) * 4 - 8
    x1, y1, x2, y2 = x1 + WIDTH, y1 + HEIGHT // 2 + step, x2 - 9, y2 + HEIGHT // 2 + step
    bend = (x2 - x1) // 2
    yield (
        f'<path d="M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}" fill="none" '
        f'stroke="{colour}" stroke-width="{wide:g}"'
        + (f' stroke-dasharray="{dashes}"/>' if dashes else "/>")
    )
    yield f'<path d="M{x2 + 8} {y2}l-9 -5v10z" fill="{colour}"/>'


def _key(form: str, y: int) -> Iterable[str]:
    colour, dashes, wide = _STYLES[form]
    dash = f' stroke-dasharray="{dashes}"' if dashes else ""
    yield f'<path d="M2 {y}h60" fill="none" stroke="{colour}" stroke-width="{wide:g}"{dash}/>'
    yield f'<text x="74" y="{y + 5}" fill="#0b0c0c">{form}</text>'
