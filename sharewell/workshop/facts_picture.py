"""The picture of how few facts it takes: two lines, told apart by dashes as well as colour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from ..release.palette import COLOURS, MAIN, SECOND

_WIDE, _TALL = 290, 290
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 282, 54, 240


def draw(title: str, before: Sequence[float], after: Sequence[float]) -> str:
    """The shares (0 to 1) by number of facts, as SVG whose words are text; narrow, so that a telephone
    shows it whole.
    """
    count = len(before)
    lines = (*_axes(count), *_line(before, MAIN, ""), *_line(after, SECOND, "6 4"))
    return "".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {_TALL}" role="img" '
            f'aria-label={quoteattr(title)} style="min-width:0;max-width:30rem" font-size="14" '
            'font-family="Helvetica, Arial, Libertinus Serif, serif">'
            f"<title>{escape(title)}</title>",
            *lines,
            *_key(),
            "</svg>",
        )
    )


def _x(number: int, count: int) -> float:
    return _LEFT + (_RIGHT - _LEFT) * (number - 0.5) / count


def _y(share: float) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * share


def _axes(count: int) -> Iterator[str]:
    for tenth in (0, 25, 50, 75, 100):
        y = _y(tenth / 100)
        yield f'<line x1="{_LEFT}" x2="{_RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{COLOURS["rule"]}"/>'
        yield _text(_LEFT - 6, y + 4, f"{tenth}%", "end")
    for number in range(1, count + 1):
        yield _text(_x(number, count), _BOTTOM + 18, str(number), "middle")
    yield _text((_LEFT + _RIGHT) / 2, _BOTTOM + 40, "Facts known", "middle")


def _line(shares: Sequence[float], colour: str, dashes: str) -> Iterator[str]:
    spots = [(_x(n, len(shares)), _y(share)) for n, share in enumerate(shares, start=1)]
    along = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    yield f'<polyline points="{along}" fill="none" stroke="{colour}" stroke-width="2.5"{dashed}/>'
    for x, y in spots:
        fill = COLOURS["paper"] if dashes else colour
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{fill}" stroke="{colour}" stroke-width="2"/>'


def _key() -> Iterator[str]:
    told = ((16, "All details, no names", MAIN, ""), (34, "Less exact, no names", SECOND, "6 4"))
    for y, words, colour, dashes in told:
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        drawn = f'stroke="{colour}" stroke-width="2.5"{dashed}'
        yield f'<line x1="{_LEFT}" x2="{_LEFT + 30}" y1="{y}" y2="{y}" {drawn}/>'
        yield _text(_LEFT + 38, y + 4, words, "start")


def _text(x: float, y: float, words: str, anchor: str) -> str:
    ink = COLOURS["ink"]
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{ink}">{escape(words)}</text>'
