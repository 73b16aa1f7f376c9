"""What a workshop's record does not hold, in sentences: nobody has to find it out from an empty place."""

from __future__ import annotations

from collections.abc import Iterator

from .day import DayText
from .figures import Figures
from .rank_figures import Ranking
from .report_ranks import ASKED, joined, named


def gaps_of(text: DayText, figures: Figures) -> Iterator[str]:
    """What was not written down, or is not shown, and where to read what was reconstructed."""
    if figures.people is None:
        yield "How many people came was not written down."
    for group in text.invited:
        if group.came is None:
            yield f"How many came was not written down of: {group.who}."
    for each in figures.rankings:
        yield from _places(each)
    yield from _words(figures)
    yield from _answers(figures)
    if text.notes:
        yield "What was reconstructed, and how this record was made, is told below how the day was done."


def _places(ranking: Ranking) -> Iterator[str]:
    title = ranking.session.title or ASKED[ranking.session.exercise][0]
    for table in ranking.given.unfinished:
        yield f"{title}: no ranking of {named('table', [table])}."
    for order in ranking.given.orders:
        if order.undecided:
            yield f"{title}: {named('table', [order.by])} gave no place to {joined(order.undecided)}."


def _words(figures: Figures) -> Iterator[str]:
    if unlifted := sum(not line.lifted_by for line in figures.red_lines):
        of = len(figures.red_lines)
        yield f"Of {unlifted} of {of} red lines it was not written down what would lift them."
    if unsaid := sum(note.quoted and not note.role for note in figures.notes):
        yield f"The role of who said it was not written down of {unsaid} of the words quoted."
    if figures.held:
        yield f"Comments that wait for the facilitator and are not shown: {figures.held}."


def _answers(figures: Figures) -> Iterator[str]:
    for poll in figures.polls:
        if not poll.changed.paired:
            yield f"Nobody answered both before and after: {poll.statement.rstrip('.')}."
    if blank := [rating.words for rating in figures.form.ratings if not rating.answered]:
        yield f"No marks were written down for: {' '.join(blank)}"
