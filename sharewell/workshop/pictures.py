"""The report's drawings: narrow enough for a telephone, told apart by shape as well as by colour."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from ..release.palette import COLOURS, MAIN, SECOND
from .ranking.order import Order
from .ranking.paired import Answer, Change
from .ranking.tiers import Standing

WIDE = 340
_INK, _RULE, _WASH, _PAPER = (COLOURS[name] for name in ("ink", "rule", "wash", "paper"))
_BOX, _ROW = 44, 62


def draw_order(title: str, order: Order) -> str:
    """What one table put over what: higher is better, a line for each statement that others do not imply.
    What it left undecided stands beside, in no place."""
    layers = _layers(order)
    spots = {
        item: (WIDE * (i + 1) / (len(layer) + 1), 40 + _ROW * row)
        for row, layer in enumerate(layers)
        for i, item in enumerate(layer)
    }
    parts = [_text(8, 16, "Put over", "start")]
    direct = {
        (a, b)
        for a, b in order.over
        if not any((a, c) in order.over and (c, b) in order.over for c in spots)
    }
    for a, b in sorted(direct):
        (x1, y1), (x2, y2) = spots[a], spots[b]
        parts.append(
            f'<line x1="{x1:.1f}" y1="{y1 + 15}" x2="{x2:.1f}" y2="{y2 - 22}" '
            f'stroke="{MAIN}" stroke-width="2"/>'
            f'<path d="M{x2:.1f} {y2 - 15}l-5 -9h10z" fill="{MAIN}"/>'
        )
    for item, (x, y) in spots.items():
        parts += _box(item, x, y, "")
    tall = 40 + _ROW * len(layers)
    if order.undecided:
        parts.append(_text(8, tall + 5, "No place was given to", "start"))
        for number, item in enumerate(order.undecided):
            parts += _box(item, 34 + 54 * (number % 6), tall + 32 + 40 * (number // 6), "4 3")
        tall += 60 + 40 * ((len(order.undecided) - 1) // 6)
    return _svg(title, tall, parts)


def _layers(order: Order) -> list[list[str]]:
    """Items by the longest way down to them; those put level share a layer."""
    depth = dict.fromkeys(order.placed, 0)
    for _ in depth:
        for a, b in order.over:
            depth[b] = max(depth[b], depth[a] + 1)
        for a, b in order.tied:
            depth[a] = depth[b] = max(depth[a], depth[b])
    return [[item for item in depth if depth[item] == row] for row in sorted(set(depth.values()))]


def draw_tiers(title: str, standings: Sequence[Standing]) -> str:
    """Mean ranks by tier, with the interval of each where tables are enough; first is left."""
    count, parts, y = len(standings), [], 34
    left, right = 62, WIDE - 20

    def x(rank: float) -> float:
        return left + (right - left) * (rank - 1) / max(count - 1, 1)

    parts += [_text(left, 16, "ranked first", "start"), _text(right, 16, "last", "end")]
    tier = 0
    for each in standings:
        if each.tier != tier:
            tier = each.tier
            y += 8
            parts.append(f'<line x1="0" x2="{WIDE}" y1="{y - 8}" y2="{y - 8}" stroke="{_RULE}"/>')
            parts.append(_text(0, y + 10, f"Tier {tier}", "start", 12))
            y += 22
        parts.append(_text(left - 14, y + 5, each.item, "end"))
        parts.append(
            f'<line x1="{left}" x2="{right}" y1="{y}" y2="{y}" stroke="{_RULE}" stroke-dasharray="1 4"/>'
        )
        if each.low is not None and each.high is not None:
            parts.append(
                f'<line x1="{x(each.low):.1f}" x2="{x(each.high):.1f}" y1="{y}" y2="{y}" '
                f'stroke="{MAIN}" stroke-width="5" stroke-opacity="0.45"/>'
            )
        parts.append(f'<circle cx="{x(each.mean):.1f}" cy="{y}" r="5" fill="{MAIN}"/>')
        y += 24
    return _svg(title, y, parts)


def draw_slopes(title: str, changed: Change) -> str:
    """Each pair of answers as a line from before to after, as thick as people gave it."""
    parts = [_text(70, 18, "Before", "middle"), _text(WIDE - 70, 18, "After", "middle")]
    for value in range(1, 6):
        for x, anchor in ((56, "end"), (WIDE - 56, "start")):
            parts.append(_text(x, _height(value) + 5, str(value), anchor))
    parts += [_text(8, 38, "agree", "start", 12), _text(8, 252, "disagree", "start", 12)]
    for (a, b), people in sorted(_known(changed.moved)):
        colour, dashes = (MAIN, "") if b > a else (SECOND, "7 4") if b < a else (COLOURS["quiet"], "2 3")
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        wide = 1.5 + 8.0 * people / max(changed.paired, 1)
        parts.append(
            f'<line x1="70" y1="{_height(a)}" x2="{WIDE - 70}" y2="{_height(b)}" stroke="{colour}" '
            f'stroke-width="{wide:.1f}"{dashed}/>'
        )
    told = (
        (f"{changed.up} moved towards agreeing", MAIN, ""),
        (f"{changed.same} stayed", "#484949", "2 3"),
    )
    for number, (words, colour, dashes) in enumerate(
        (*told, (f"{changed.down} moved towards disagreeing", SECOND, "7 4"))
    ):
        y = 280 + 20 * number
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        parts.append(
            f'<line x1="20" x2="56" y1="{y}" y2="{y}" stroke="{colour}" stroke-width="3"{dashed}/>'
        )
        parts.append(_text(66, y + 5, words, "start"))
    return _svg(title, 340, parts)


def _known(moved: Mapping[tuple[Answer, Answer], int]) -> Iterator[tuple[tuple[int, int], int]]:
    for (a, b), people in moved.items():
        if isinstance(a, int) and isinstance(b, int):
            yield (a, b), people


def _height(value: int) -> int:
    return 284 - 46 * value


def draw_histogram(title: str, counts: Mapping[int, int], low: str, high: str) -> str:
    """How many gave each value, the count over each bar."""
    most, step = max(counts.values(), default=0), (WIDE - 20) / max(len(counts), 1)
    parts = [f'<line x1="10" x2="{WIDE - 10}" y1="140" y2="140" stroke="{_INK}"/>']
    for number, (value, people) in enumerate(counts.items()):
        x, high_ = 10 + step * number, 105 * people / most if most else 0
        parts.append(
            f'<rect x="{x + 5:.1f}" y="{140 - high_:.1f}" width="{step - 10:.1f}" height="{high_:.1f}" '
            f'fill="{MAIN}"/>'
        )
        parts.append(_text(x + step / 2, 134 - high_, str(people), "middle"))
        parts.append(_text(x + step / 2, 158, str(value), "middle"))
    parts += [_text(10, 178, low, "start"), _text(WIDE - 10, 178, high, "end")]
    return _svg(title, 186, parts)


def draw_counts(title: str, counts: Mapping[str, int]) -> str:
    """Points made for each group of people, a bar each under its name."""
    most, parts = max(counts.values(), default=0), []
    for number, (who, points) in enumerate(counts.items()):
        y, wide = 16 + 46 * number, (WIDE - 50) * points / most if most else 0
        parts.append(_text(4, y, who, "start"))
        parts.append(f'<rect x="4" y="{y + 7}" width="{wide:.1f}" height="16" fill="{MAIN}"/>')
        parts.append(_text(wide + 12, y + 20, str(points), "start"))
    return _svg(title, 46 * len(counts) + 6, parts)


def _box(words: str, x: float, y: float, dashes: str) -> Iterator[str]:
    """A label in a box that is as wide as it needs."""
    wide = max(_BOX, 9 * len(words) + 16)
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    yield (
        f'<rect x="{x - wide / 2:.1f}" y="{y - 15}" width="{wide}" height="30" fill="{_WASH}" '
        f'stroke="{MAIN}" stroke-width="1.5"{dashed}/>'
    )
    yield _text(x, y + 5, words, "middle")


def _svg(title: str, tall: float, parts: Iterable[str]) -> str:
    return "".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {tall:g}" role="img" '
            f'aria-label={quoteattr(title)} style="min-width:0;max-width:30rem" font-size="14" '
            'font-family="Helvetica, Arial, Libertinus Serif, serif">'
            f"<title>{escape(title)}</title>",
            *parts,
            "</svg>",
        )
    )


def _text(x: float, y: float, words: str, anchor: str, size: int = 14) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{_INK}">'
        f"{escape(words)}</text>"
    )
