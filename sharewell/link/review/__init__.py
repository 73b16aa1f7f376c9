"""link/review: people check what the model is unsure of, and say how good the linkage is.

    sampling   which pairs are read, by stratum and with known chances
    allocation how many of each stratum are read
    readings   the queue: two readers, blind to each other and to the weight, a third where they differ
    states     the states of a pair, and what a reader may answer
    store      the encrypted file that keeps them
    questions  what a reader sees, on the screen or in a sheet, and answers coming back
    session    a reader at the desk: the next pair, an answer, figures
    kappa      agreement between readers
    estimates  precision and recall with intervals, and by threshold (`intervals`: the limits)
    by_group   errors by age, sex and postcode district, from what readers settled
    waterfall  what a pair's weight is made of; `splink_chart` is Splink's own drawing of it
    bridges    a cluster's links, and the weakest that holds it together
    pages      all of it as self-contained pages (`drawing`, `curves`: their pictures)
    forecast   what blocking would do, and who could never be linked, before a run

Nothing here is imported until used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...lazy import loader

if TYPE_CHECKING:
    from .bridges import Cluster, cluster
    from .by_group import errors_by_group
    from .estimates import Quality, by_sources, curve, quality, strata
    from .forecast import Before, analyse, before, unlinkables
    from .intervals import Interval
    from .kappa import Agreement, agreements
    from .pages import cluster_page, pair_page, quality_page
    from .questions import Question, answer_all, answers, open_sheet, question, write_sheet
    from .readings import Answer, Pair, Reviews, Settled
    from .sampling import Design, Sample, draw
    from .session import Desk, Explained, Figures, explain
    from .splink_chart import splink_waterfall
    from .states import Reason, State, Verdict
    from .waterfall import Sides, Step, sides, waterfalls

_HOMES = {
    "Agreement": "kappa",
    "Answer": "readings",
    "Before": "forecast",
    "Cluster": "bridges",
    "Design": "sampling",
    "Desk": "session",
    "Explained": "session",
    "Figures": "session",
    "Interval": "intervals",
    "Pair": "readings",
    "Quality": "estimates",
    "Question": "questions",
    "Reason": "states",
    "Reviews": "readings",
    "Sample": "sampling",
    "Settled": "readings",
    "Sides": "waterfall",
    "State": "states",
    "Step": "waterfall",
    "Verdict": "states",
    "agreements": "kappa",
    "analyse": "forecast",
    "answer_all": "questions",
    "answers": "questions",
    "before": "forecast",
    "by_sources": "estimates",
    "cluster": "bridges",
    "cluster_page": "pages",
    "curve": "estimates",
    "draw": "sampling",
    "errors_by_group": "by_group",
    "explain": "session",
    "open_sheet": "questions",
    "pair_page": "pages",
    "quality": "estimates",
    "quality_page": "pages",
    "question": "questions",
    "sides": "waterfall",
    "splink_waterfall": "splink_chart",
    "strata": "estimates",
    "unlinkables": "forecast",
    "waterfalls": "waterfall",
    "write_sheet": "questions",
}

__all__ = [
    "Agreement",
    "Answer",
    "Before",
    "Cluster",
    "Design",
    "Desk",
    "Explained",
    "Figures",
    "Interval",
    "Pair",
    "Quality",
    "Question",
    "Reason",
    "Reviews",
    "Sample",
    "Settled",
    "Sides",
    "State",
    "Step",
    "Verdict",
    "agreements",
    "analyse",
    "answer_all",
    "answers",
    "before",
    "by_sources",
    "cluster",
    "cluster_page",
    "curve",
    "draw",
    "errors_by_group",
    "explain",
    "open_sheet",
    "pair_page",
    "quality",
    "quality_page",
    "question",
    "sides",
    "splink_waterfall",
    "strata",
    "unlinkables",
    "waterfalls",
    "write_sheet",
]

__getattr__ = loader(__name__, _HOMES)
