"""Agreements side by side: what each promises and has shown, whom it touches, what could go wrong, what
people said of it. Never one score.

A red line that is crossed is a veto: such an agreement is shown, and no weighting brings it back. Of the
others it is told in which share of all weightings of the criteria each would lead, because a ranking that
holds under one weighting alone is that weighting and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ..agree.realised import MET, Observed
from ..papers.block import Block, Bullets, Heading, Lines, Paper, Paragraph, Table
from .ranking.weights import Lead, leads

MOST_RESIDUAL = 25
"""Likelihood times severity at their highest."""


@dataclass(frozen=True)
class Gain:
    """A benefit as claimed, what it last came to (with its 95% interval where a run measured it), and the
    agreement's own verdict on that, in words: `agree.realised.came`."""

    claim: str
    to: str
    baseline: float | None
    target: float | None
    verdict: str
    observed: Observed | None = None
    on: date | None = None

    @property
    def met(self) -> bool:
        return self.verdict == MET

    def sentence(self) -> str:
        """What was promised and what came, for a cell."""
        aim = f"{self.claim} (from {_figure(self.baseline)} to {_figure(self.target)})"
        if self.observed is None:
            return f"{aim}: {self.verdict}."
        low, high = self.observed.low, self.observed.high
        sure = "" if low is None or high is None else f" ({_figure(low)} to {_figure(high)})"
        return f"{aim}: {_figure(self.observed.value)}{sure} on {self.on}, {self.verdict}."


@dataclass(frozen=True)
class Attacked:
    """How far an intruder got with a product beyond guessing: the estimate, the top of its 95% interval
    (shares; None where nothing could be tried), the verdict, and when."""

    product: str
    verdict: str
    above: float | None
    at_most: float | None
    on: date

    def sentence(self) -> str:
        if self.above is None or self.at_most is None:
            return f"{self.product}: no known attack reads it ({self.on})."
        return (
            f"{self.product}: {max(self.above, 0):.1%} above guessing, at most {self.at_most:.1%} "
            f"({self.verdict}, {self.on})."
        )


@dataclass(frozen=True)
class Given:
    """The place that one workshop gave an agreement, among how many, and how sure that is."""

    workshop: str
    question: str
    mean: float
    low: float | None
    high: float | None
    tier: int
    tiers: int
    among: int
    tables: int

    def sentence(self) -> str:
        sure = (
            "too few tables for an interval"
            if self.low is None or self.high is None
            else f"90% interval {self.low:.1f} to {self.high:.1f}"
        )
        tables = "1 table" if self.tables == 1 else f"{self.tables} tables"
        return (
            f"{self.workshop}, {self.question}: tier {self.tier} of {self.tiers}, mean rank"
            f" {self.mean:.1f} among {self.among} ({sure}; {tables})."
        )


@dataclass(frozen=True)
class Weighed:
    """All that is known of one agreement. `forms` are the forms in which its products leave; `crossed` the
    red lines that it crosses; `conditions` (text, whether met)."""

    name: str
    title: str
    people: int | None
    gains: tuple[Gain, ...]
    forms: tuple[str, ...]
    residual: int
    attacked: tuple[Attacked, ...] = ()
    crossed: tuple[str, ...] = ()
    conditions: tuple[tuple[str, bool], ...] = ()
    incidents: int = 0
    given: tuple[Given, ...] = ()


IDENTIFYING: Mapping[str, float] = {
    "aggregate": 1.0,
    "de-personalised": 0.5,
    "coded yes/no": 0.75,
    "yes/no": 0.25,
    "identifiable": 0.0,
}
"""How little the most identifying form of a product says of a person, for the weighting alone."""


def weighings(weighed: Sequence[Weighed]) -> tuple[Lead, ...]:
    """In which share of weightings each agreement that crosses no red line leads; none for fewer than two.

    Criteria, each from 0 to 1: benefit shown (of its claims, the share measured and met: what was not
    measured has shown nothing), risk left (1 less the highest residual of 25), and form.
    """
    held = [each for each in weighed if not each.crossed]
    if len(held) < 2:
        return ()
    return leads({each.name: dict(_criteria(each)) for each in held})


def _criteria(each: Weighed) -> Iterator[tuple[str, float]]:
    yield "benefit shown", sum(gain.met for gain in each.gains) / max(len(each.gains), 1)
    yield "risk left", 1 - each.residual / MOST_RESIDUAL
    yield "form", min((IDENTIFYING[form] for form in each.forms), default=1.0)


def balance(weighed: Sequence[Weighed], on: date) -> Paper:
    """The page, ready to be written in any format."""
    return Paper(
        name="balance",
        title="The balance: benefit and privacy, side by side",
        of=(", ".join(each.name for each in weighed),),
        about="Nothing here adds up to a score. Read each row across, and look at what is missing.",
        day=on.isoformat(),
        internal=False,
        left_out=(),
        body=tuple(_body(weighed)),
        gaps=tuple((words,) for words in _gaps(weighed)),
    )


def _gaps(weighed: Sequence[Weighed]) -> Iterator[str]:
    """What nobody knows yet of each: a benefit without a figure has shown nothing, good or bad."""
    for each in weighed:
        unmeasured = sum(gain.observed is None for gain in each.gains)
        lacking = (
            (not each.gains, "no benefit is claimed"),
            (unmeasured, f"{unmeasured} of {len(each.gains)} benefits were not measured"),
            (each.people is None, "how many people are touched is not stated"),
            (not each.attacked, "no product was attacked"),
            (not each.given, "no workshop gave it a place"),
        )
        if told := [words for lacks, words in lacking if lacks]:
            yield f"{each.name}: {'; '.join(told)}."


def _body(weighed: Sequence[Weighed]) -> Iterator[Block]:
    yield Heading(2, "Side by side")
    yield _side_by_side(weighed)
    yield Heading(2, "Red lines")
    crossing = [each for each in weighed if each.crossed]
    if crossing:
        yield Bullets(tuple((f"{each.name} crosses: {'; '.join(each.crossed)}.",) for each in crossing))
        yield Paragraph(("A red line is a veto. It was left out of what follows, whatever its benefit.",))
    else:
        yield Paragraph(("None of them crosses one of the six red lines that software can see.",))
    yield Heading(2, "If the criteria weighed differently")
    yield from _sensitivity(weighed)


def _side_by_side(weighed: Sequence[Weighed]) -> Table:
    rows = (
        ("What it is", lambda w: (f"{w.title}",)),
        ("Benefits: promised, and what came", lambda w: tuple(gain.sentence() for gain in w.gains)),
        ("People touched", lambda w: (f"{w.people:,}",) if w.people is not None else ()),
        ("Form in which products leave", lambda w: w.forms),
        ("Highest risk left", lambda w: (f"{w.residual} of {MOST_RESIDUAL}",)),
        ("Attacked: could somebody be found?", lambda w: tuple(a.sentence() for a in w.attacked)),
        ("Red lines crossed", lambda w: w.crossed or ("none",)),
        ("Conditions", lambda w: tuple(f"{t} ({'met' if met else 'OPEN'})" for t, met in w.conditions)),
        ("Incidents", lambda w: (f"{w.incidents}",)),
        ("Places given by workshops", lambda w: tuple(given.sentence() for given in w.given)),
    )
    told = tuple((_lines((name,)), *(_lines(of(each)) for each in weighed)) for name, of in rows)
    return Table("What is known of each", ("About", *(each.name for each in weighed)), told)


def _sensitivity(weighed: Sequence[Weighed]) -> Iterator[Block]:
    found = weighings(weighed)
    if not found:
        yield Paragraph(("Fewer than two agreements can be weighed, so there is nothing to compare.",))
        return
    yield Paragraph(
        (
            "Weights for benefit shown, risk left and form were drawn evenly from all that are possible."
            " Each row says in which share of them an agreement would lead, and what those weightings"
            " thought of.",
        )
    )
    rows = tuple(
        (
            _lines((lead.item,)),
            _lines((f"{lead.share:.0%}",)),
            _lines(
                tuple(f"{name} {weight:.0%}" for name, weight in lead.weights.items())
                if lead.share
                else ("no weighting",)
            ),
        )
        for lead in found
    )
    yield Table(
        "Who leads, under how many weightings",
        ("Agreement", "Leads in", "Mean weights where it leads"),
        rows,
    )


def _lines(texts: Sequence[str]) -> Lines:
    return tuple((text,) for text in texts) or (("not known yet",),)


def _figure(value: float | None) -> str:
    return "not stated" if value is None else f"{value:,g}"
