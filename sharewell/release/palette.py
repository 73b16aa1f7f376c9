"""The colours of reports and charts, chosen once, with the pairs that must be told apart.

Text pairs meet WCAG 2.2 AA (4.5 to 1) and graphics 3 to 1; the series are the colours of Okabe and Ito
(2008), which stay distinct under the common colour-vision deficiencies, darkened where white lay too
near.
"""

from __future__ import annotations

COLOURS: dict[str, str] = {
    "ink": "#0b0c0c",
    "quiet": "#484949",
    "paper": "#ffffff",
    "wash": "#f3f4f6",
    "rule": "#b1b4b6",
    "brand": "#12436d",
    "link": "#1a65a6",
    "visited": "#54319f",
    "focus": "#ffdd00",
    "good": "#00623b",
    "good-wash": "#e3f2ea",
    "notice": "#5c3b00",
    "notice-wash": "#fff4d6",
}

SERIES: tuple[str, ...] = ("#12436d", "#c25700", "#00806a", "#8a4b94", "#6b6b6b", "#a8336b")
"""Colours of data, in order of use."""

MAIN, SECOND, FAINT = SERIES[0], SERIES[1], "#8a9199"

_TINTS = ("#e8eef4", "#6c9fd0", MAIN)

TEXT_PAIRS: tuple[tuple[str, str], ...] = (
    ("ink", "paper"),
    ("ink", "wash"),
    ("ink", "focus"),
    ("quiet", "paper"),
    ("quiet", "wash"),
    ("link", "paper"),
    ("link", "wash"),
    ("visited", "paper"),
    ("visited", "wash"),
    ("brand", "paper"),
    ("brand", "wash"),
    ("paper", "brand"),
    ("good", "paper"),
    ("good", "good-wash"),
    ("notice", "notice-wash"),
)
"""Foreground and background, by name, of every text that the report can show."""


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours "#rrggbb" (WCAG 2.2, relative luminance of sRGB)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def tints(count: int) -> tuple[str, ...]:
    """From pale to dark in one hue, each darker than the last by the same contrast ratio."""
    anchors = [[_linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5)] for colour in _TINTS]
    light = [_luminance(colour) + 0.05 for colour in _TINTS]
    made = []
    for place in range(count):
        wanted = light[0] * (light[-1] / light[0]) ** (place / max(count - 1, 1))
        part = next((i for i in range(1, len(light)) if wanted >= light[i]), len(light) - 1)
        share = (light[part - 1] - wanted) / (light[part - 1] - light[part])
        ends = zip(anchors[part - 1], anchors[part], strict=True)
        made.append("#" + "".join(f"{round(_seen(a + (b - a) * share) * 255):02x}" for a, b in ends))
    return tuple(made)


def css_variables() -> str:
    """The colours as CSS custom properties."""
    return ":root{" + "".join(f"--{name}:{value};" for name, value in COLOURS.items()) + "}"


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _seen(channel: float) -> float:
    """The inverse of `_linear`."""
    return channel * 12.92 if channel <= 0.0031308 else float(1.055 * channel ** (1 / 2.4) - 0.055)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
