"""A pair or a cluster explained as one self-contained page: no script, nothing fetched, no value unasked.

With `Sides` the page shows what both records hold. Such a page is for the session of the reader who asked,
and whoever makes it must not keep it; it says so itself, and forbids caches and referrers.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from . import curves, drawing
from .bridges import Cluster
from .kappa import EVERYBODY
from .sampling import SEVERAL
from .waterfall import Sides, Step

if TYPE_CHECKING:
    import pyarrow as pa

    from .estimates import Quality
    from .intervals import Interval
    from .kappa import Agreement


def pair_page(
    steps: Sequence[Step],
    threshold: float,
    *,
    title: str = "Why two records are, or are not, one person",
    shown: Sides | None = None,
    apart: str | None = None,
) -> str:
    """The waterfall of one pair as HTML. `threshold` in bits; `shown` only within a review session; `apart`
    is the guard that holds the pair apart whatever it weighs, as `weigh` names it.
    """
    total = steps[-1].running if steps else 0.0
    rows = [
        (step.comparison, step.outcome, drawing.bits(step.weight), drawing.bits(step.running))
        for step in steps
    ]
    return _page(
        title=title,
        verdict=_verdict(total, threshold, apart),
        linked=total >= threshold and not apart,
        pictures=[drawing.waterfall(steps, threshold, width) for width in (drawing.WIDE, drawing.NARROW)],
        caption="Evidence in bits, one comparison after another: one bit doubles the odds",
        heads=("comparison", "how it came out", "bits", "total so far"),
        rows=rows,
        held=_held(shown),
        facts=(),
    )


def cluster_page(graph: Cluster, *, title: str = "What holds these records together") -> str:
    """All links of a cluster as HTML, the weakest first. Records are numbered; no value is shown."""
    rows = [
        (
            f"{edge.left + 1} and {edge.right + 1}",
            drawing.bits(edge.weight),
            _role(edge == graph.weakest, edge.bridge),
            ", ".join(edge.differs) or "nothing",
        )
        for edge in graph.edges
    ]
    facts = [
        ("Records", str(len(graph.members))),
        ("Links", f"{len(graph.edges)}, of them {graph.bridges} alone between two parts (bridges)"),
        ("Density", f"{graph.density:.0%} of the links there could be"),
    ]
    if graph.weakest:
        facts.append(("Without the weakest link", " and ".join(map(str, graph.parts)) + " records"))
    facts += [(f"Disagree on {name}", _links(count)) for name, count in graph.disputed.items()]
    return _page(
        title=title,
        verdict="",
        linked=False,
        pictures=[drawing.cluster(graph, width) for width in (440, drawing.NARROW)],
        caption="Every link, weakest first",
        heads=("records", "bits", "place in the cluster", "disagree on"),
        rows=rows,
        held=(),
        facts=facts,
    )


def quality_page(
    found: Quality | None,
    curve: pa.Table | None,
    sources: Mapping[str, Quality],
    agreements: Sequence[Agreement],
    *,
    title: str = "How good the linkage is, by those who read it",
) -> str:
    """Precision and recall, their curve by threshold, and how well readers agree, as HTML: shares alone."""
    facts = [("Readers agree on", _kappa(each)) for each in agreements if each.who == EVERYBODY]
    if found is None or curve is None:
        facts.append(("Precision and recall", "not known yet: no pair is done, or no link was sampled"))
        return _page(
            title=title,
            verdict="",
            linked=False,
            pictures=[],
            facts=facts,
            caption="",
            heads=(),
            rows=[],
            held=(),
        )
    facts = [("Precision", _between(found.precision)), ("Recall", _between(found.recall)), *facts]
    facts += [
        (f"Precision, {'other sources' if name == SEVERAL else name}", _between(each.precision))
        for name, each in sources.items()
    ]
    facts.append(("What the recall is of", found.note))
    rows = [
        (drawing.bits(row["threshold"]), *(_share(row, name) for name in ("precision", "recall")))
        for row in curve.to_pylist()
    ]
    return _page(
        title=title,
        verdict="",
        linked=False,
        pictures=[curves.by_threshold(curve, width) for width in (drawing.WIDE, drawing.NARROW)],
        caption="Precision and recall if the threshold were another, with 95% intervals",
        heads=("threshold, bits", "precision", "recall"),
        rows=rows,
        held=(),
        facts=facts,
    )


def _between(each: Interval) -> str:
    return f"{each.value:.1%} (95% interval {each.low:.1%} to {each.high:.1%})"


def _share(row: Mapping[str, float], name: str) -> str:
    return f"{row[name]:.1%} ({row[name + '_low']:.1%} to {row[name + '_high']:.1%})"


def _kappa(each: Agreement) -> str:
    kappa = f"kappa {each.kappa.value:.2f}" if each.kappa else "kappa is not defined"
    return f"{each.raw.value:.0%} of {each.pairs} pairs, {kappa}"


def _verdict(total: float, threshold: float, apart: str | None) -> str:
    side = "reaches" if total >= threshold else "does not reach"
    held = f" They are held apart whatever they weigh, because they look like {apart}." if apart else ""
    return (
        f"{drawing.bits(total)} bits in all, a chance of {_chance(total)} that they are one person. That"
        f" {side} the threshold of {drawing.bits(threshold)} bits.{held}"
    )


def _chance(total: float) -> str:
    chance = 1 / (1 + 2.0 ** -max(min(total, 60.0), -60.0))
    if chance > 0.999:
        return "more than 99.9%"
    return "less than 0.1%" if chance < 0.001 else f"{chance:.1%}"


def _role(weakest: bool, bridge: bool) -> str:
    if weakest:
        return "the weakest, and a bridge" if bridge else "the weakest that holds it together"
    return "a bridge" if bridge else "one of several ways"


def _links(count: int) -> str:
    return f"{count} link{'' if count == 1 else 's'}"


def _held(shown: Sides | None) -> tuple[tuple[str, str, str], ...]:
    return tuple((name, *both) for name, both in shown.by_comparison.items()) if shown else ()


def _page(**told: Any) -> str:
    sheet = _read("pages.css")
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return str(_template().render(sheet=sheet, policy=policy, **told))


@lru_cache(maxsize=1)
def _template() -> Any:
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    room = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    room.filters["drawn"] = Markup  # drawn here, every word in it escaped
    return room.from_string(_read("pages.html.jinja"))


@lru_cache(maxsize=2)
def _read(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8").strip()
