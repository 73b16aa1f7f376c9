"""What the workspace and its account know of several agreements, set side by side for people to weigh."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..account.events import Event, EventKind
from ..agree.conditions import condition_digest, day_of
from ..agree.lint import red_lines
from ..workshop.balance import Attacked, Gain, Given, Weighed, balance
from .benefits import realised
from .incident import incidents
from .papers import Format, store, write_paper

if TYPE_CHECKING:
    from ..workspace import Workspace
    from .agreement import LiveAgreement


def weigh(agreements: Iterable[LiveAgreement], folder: Path, formats: Iterable[Format]) -> tuple[Path, ...]:
    """Write the balance of these agreements to a folder, in each format; where it lies.

    StorageError where it cannot be written.
    """
    held = list(agreements)
    places = tuple(_places(held[0].space)) if held else ()
    paper = balance([weighed(live, places) for live in held], day_of(held[0].space.now))
    pages = [format_ for format_ in formats if format_ is not Format.CSV]
    files = {folder / f"balance.{format_}": write_paper(paper, format_) for format_ in pages}
    store(folder, files)
    return tuple(files)


def weighed(live: LiveAgreement, places: Iterable[tuple[str, Given]] | None = None) -> Weighed:
    """What is known of one agreement: its text, the rules of lint, the account, and the places that
    workshops gave (by agreement; all of the workspace where they are not handed over)."""
    given = _places(live.space) if places is None else places
    told = live.agreement.text.agree
    plan, faults = live.linted
    numbers = [each.number for each in told.subjects if each.number is not None]
    return Weighed(
        live.name,
        live.agreement.text.title,
        sum(numbers) if numbers else None,
        tuple(_gains(live)),
        tuple(sorted({product.form.word for product in plan.products})) if plan else (),
        max((risk.residual for risk in told.risks), default=0),
        tuple(_attacked(live)),
        tuple(dict.fromkeys(fault.what for fault in faults if fault.code in red_lines())),
        tuple(_conditions(live)),
        sum(1 for held in incidents(live.space) if live.name in held.agreements),
        tuple(place for name, place in given if name == live.name),
    )


def _places(space: Workspace) -> Iterator[tuple[str, Given]]:
    """(agreement, place) for each workshop, each ranking exercise and each group of tables by itself:
    people who never saw the same examples are not put together, and neither are two days."""
    from ..workshop.report_ranks import ASKED
    from .workshop_report import counted
    from .workshops import names

    for name in names(space):
        day, found = counted(space, name)
        title = f"{day.text.title} ({day.text.held.on})"
        for ranking in found.rankings:
            question = ranking.session.title or ASKED[ranking.session.exercise][0].lower()
            for group in ranking.groups:
                for each in group.standings:
                    example = day.text.examples.get(each.item)
                    if example is not None and example.agreement:
                        yield (
                            example.agreement,
                            Given(
                                title,
                                question,
                                each.mean,
                                each.low,
                                each.high,
                                each.tier,
                                max(s.tier for s in group.standings),
                                len(group.standings),
                                each.tables,
                            ),
                        )


def _gains(live: LiveAgreement) -> Iterator[Gain]:
    for held in realised(live):
        said, on = held.benefit, held.at.date() if held.at else None
        yield Gain(said.claim, said.to, said.baseline, said.target, held.verdict, held.observed, on)


def _attacked(live: LiveAgreement) -> Iterator[Attacked]:
    """The last attack on each product."""
    last: dict[str, Event] = {}
    for event in live.space.account.events(agreement=live.name, kind=EventKind.CHECK_ATTACKED):
        last[str(event.facts["product"])] = event
    for product, event in sorted(last.items()):
        above, most = event.facts.get("above"), event.facts.get("at_most")
        yield Attacked(
            product,
            str(event.facts["verdict"]),
            float(str(above)) if above is not None else None,
            float(str(most)) if most is not None else None,
            event.at.date(),
        )


def _conditions(live: LiveAgreement) -> Iterator[tuple[str, bool]]:
    deliberation, met = live.agreement.text.agree.deliberation, live.life.met
    for name, condition in (deliberation.conditions if deliberation else {}).items():
        yield condition.text, condition_digest(name, condition) in met
