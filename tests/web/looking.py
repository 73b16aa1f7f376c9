"""How a page is looked at: which pages there are, how one is opened, and what is asked of it there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

PAGES = {
    "register, home": "register/index.html",
    "register, an agreement": "register/agreements/warm-homes/index.html",
    "register, refusals": "register/refusals/index.html",
    "register, benefits": "register/benefits/index.html",
    "register, the log": "register/log/index.html",
    "register, kinds of data": "register/data/index.html",
    "register, a body": "register/bodies/north-clinic/index.html",
    "register, redacted": "shipped-register/agreements/community-safety/index.html",
    "impact assessment": "papers/dpia.html",
    "notice": "papers/privacy-notice.html",
    "data-use row": "papers/data-use.html",
    "processing record": "papers/processing-record.html",
    "algorithm record": "papers/algorithm-record.html",
    "business case": "papers/economy-act.html",
    "sharing agreement, redacted": "shipped-papers/sharing-agreement.html",
    "sharing agreement, internal": "shipped-papers/sharing-agreement.internal.html",
    "incident pack": "pack/pack.html",
    "report of a run": "report.html",
    "report of a workshop": "shipped/workshops/essex/report/report.html",
    "balance": "balance/balance.html",
    "gallery": "north/.sharewell/releases/index.html",
}
EACH = [pytest.param(path, id=name) for name, path in PAGES.items()]
OF_A_KIND = (
    "register, home", "register, an agreement", "register, the log", "notice",
    "sharing agreement, redacted", "report of a run", "report of a workshop", "balance", "gallery",
)  # fmt: skip
"""One page of each make; the others are of the same parts, and looked at so closely in the long run."""
SOME = [
    pytest.param(path, id=name, marks=() if name in OF_A_KIND else pytest.mark.long)
    for name, path in PAGES.items()
]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDE, PHONE = 1280, 320
SHEET = 658
"""A4 on end within margins of 18 mm, in CSS pixels."""

PICTURES = """() => {
  const parts = text => text.match(/[0-9.]+/g).map(Number)
  const over = (above, below) => {
    const [r, g, b, a = 1] = parts(above)
    return [r, g, b].map((value, at) => value * a + below[at] * (1 - a))
  }
  const light = colour => {
    const [r, g, b] = colour.map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const shapes = 'rect, path, circle, polygon'
  const poor = []
  for (const svg of document.querySelectorAll('svg')) {
    if (!svg.getClientRects().length) continue
    const around = []
    for (let at = svg; at; at = at.parentElement) around.unshift(getComputedStyle(at).backgroundColor)
    const page = around.reduce((below, above) => over(above, below), [255, 255, 255])
    const drawn = [...svg.querySelectorAll(shapes + ', text')]
    for (const text of drawn.filter(part => part.tagName === 'text' && part.textContent.trim())) {
      const box = text.getBoundingClientRect()
      let ground = page
      for (const shape of drawn.slice(0, drawn.indexOf(text)).filter(part => part.matches(shapes))) {
        const style = getComputedStyle(shape), to = shape.getScreenCTM()
        if (!style.fill.startsWith('rgb') || !to || shape.closest('defs, clipPath, marker')) continue
        const middle = new DOMPoint(box.x + box.width / 2, box.y + box.height / 2)
        if (shape.isPointInFill(middle.matrixTransform(to.inverse()))) ground = over(style.fill, ground)
      }
      const ink = light(over(getComputedStyle(text).fill, ground)), paper = light(ground)
      const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05)
      if (ratio < 4.5) poor.push(`${text.textContent.trim()}: ${ratio.toFixed(1)}`)
    }
  }
  return poor
}"""
"""Each text of a picture that is told from what it is drawn on by less than 4.5 to 1."""

SIDEWAYS = """() => {
  const wide = [...document.querySelectorAll('body *')].filter(part =>
    part.scrollWidth > part.clientWidth + 1 && ['auto', 'scroll', 'hidden', 'clip'].includes(
      getComputedStyle(part).overflowX) && part.clientWidth > 1)
  return { page: document.scrollingElement.scrollWidth,
           shut: wide.filter(part => part.tabIndex < 0 || part.getAttribute('role') !== 'region' ||
             !(part.getAttribute('aria-label') || part.getAttribute('aria-labelledby')))
             .map(part => part.outerHTML.slice(0, 120)),
           cut: wide.map(part => part.outerHTML.slice(0, 120)) }
}"""
"""How wide the page is; what is `cut` at a side; and what of that has no name or no keyboard: `shut`."""

STOPS = """() => {
  const look = part => { const s = getComputedStyle(part)
    return [s.outlineStyle, s.outlineColor, s.boxShadow, s.backgroundColor].join() }
  const stops = [...document.querySelectorAll('a[href], summary, [tabindex="0"]')].filter(
    part => part.getClientRects().length && part.checkVisibility())
  window.before = new Map(stops.map(part => [part, look(part)]))
  window.plain = []
  document.addEventListener('focusin', told => {
    const at = told.target, box = at.getBoundingClientRect()
    if (look(at) === window.before.get(at) || box.width < 2) window.plain.push(at.outerHTML.slice(0, 120))
    window.before.delete(at)
  })
  return stops.length
}"""
"""Note every stop of the keyboard and how it looks; `plain` are those that look the same at it."""


@dataclass
class Looked:
    """A page that is open, and what went wrong since: messages of the console, and calls off its folder."""

    page: Any
    wrong: list[str] = field(default_factory=list)


@contextmanager
def opened(browser: Any, path: Path, folder: Path, width: int = WIDE, **options: Any) -> Iterator[Looked]:
    """A page in a context of its own. Whatever is not a file of `folder` is refused and told."""
    context = browser.new_context(viewport={"width": width, "height": 900}, **options)
    looked = Looked(context.new_page())

    def gate(route: Any) -> None:
        if route.request.url.startswith(folder.as_uri() + "/"):
            route.continue_()
        else:
            looked.wrong.append(f"asked for {route.request.url}")
            route.abort()

    context.route("**/*", gate)
    looked.page.on("console", lambda told: looked.wrong.append(f"console: {told.text}"))
    looked.page.on("pageerror", lambda told: looked.wrong.append(f"error: {told}"))
    try:
        looked.page.goto(path.as_uri())
        yield looked
    finally:
        context.close()


def faults(page: Any) -> list[str]:
    """What axe finds, and what of contrast it cannot decide; text in pictures is measured in its place."""
    from axe_playwright_python.sync_playwright import Axe

    rules = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations", "incomplete"]}
    told = Axe().run(page, options=rules).response
    unsure = [rule for rule in told["incomplete"] if rule["id"] == "color-contrast"]
    for rule in unsure:
        rule["nodes"] = [node for node in rule["nodes"] if not node["html"].startswith(("<text", "<tspan"))]
    found = [
        f"{rule['id']}: {len(rule['nodes'])} places, first {rule['nodes'][0]['html'][:120]}"
        for rule in (*told["violations"], *unsure)
        if rule["nodes"]
    ]
    return found + [f"picture: {text}" for text in page.evaluate(PICTURES)]
