"""How the difference in reoffending moves with the choices made, and with what the linkage may miss."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from ...errors import FitError
from ...plan.recipe import Params
from .effect import DRAWS, match_by
from .matching import Matches
from .rates import Estimate
from .reoffending import Lab, times

Choice = tuple[str, Estimate, int]
"""A label, the difference in percentage points, and how many treated people it rests on."""

NAIVE = "Everybody sentenced, not matched"


def choices(lab: Lab, main: Estimate, params: Params) -> Iterator[Choice]:
    """No matching, other ties, calipers and pool, and wrong or missed links."""
    made, many = lab.made, len(lab.made.matches.treated)
    yield NAIVE, lab.naive(), int(made.treated.sum())
    exact = made.cohort.exact[made.given.kept]
    drawn = []
    for seed in range(DRAWS):
        with suppress(FitError):
            changed = {**params, "tie": "random", "seed": seed}
            drawn.append(lab.difference(match_by(made.scores, made.treated, exact, changed)))
    if drawn:
        drawn.sort(key=lambda found: found.value)
        yield f"Ties at random: lowest of {len(drawn)} draws", drawn[0], many
        yield f"Ties at random: highest of {len(drawn)} draws", drawn[-1], many
    for label, found in _rematched(lab, params):
        with suppress(FitError):  # a choice that leaves too little to estimate is no alternative
            yield label, lab.difference(found), len(found.treated)
    yield from _linkage(lab, main, params)


def _rematched(lab: Lab, params: Params) -> Iterator[tuple[str, Matches]]:
    made = lab.made
    exact = made.cohort.exact[made.given.kept]
    caliper = params["caliper"]
    if caliper is None:
        yield "A caliper of 0.2", match_by(made.scores, made.treated, exact, {**params, "caliper": 0.2})
    else:
        for changed in (caliper / 2, None):
            label = "No caliper" if changed is None else f"A caliper of {changed:g}"
            yield label, match_by(made.scores, made.treated, exact, {**params, "caliper": changed})
    other = lab.other[made.given.kept]
    label = "People of any region" if params["controls"] == "regional" else "People of the same region only"
    yield label, match_by(made.scores, made.treated, other, params)


def _linkage(lab: Lab, main: Estimate, params: Params) -> Iterator[Choice]:
    """What the difference would be had the links been right.

    Of a treated group of which a share f was linked to somebody else, the difference observed is (1 - f)
    times the true one, the wrong people being like the comparison. A share m of participants who were not
    found may stand in the comparison group, at worst all of them matched: the difference is then 1 - c
    times the true one, where c is their share of the group.
    """
    many = len(lab.made.matches.treated)
    false, missed = params["false_links"], params["missed_links"]
    if false > 0:
        yield f"If {false:.1%} of links were to somebody else", times(main, 1 / (1 - false)), many
    if missed > 0:
        hidden = min(missed * lab.listed.sent / max(len(lab.made.matches.matched_controls), 1), 0.5)
        yield f"If {missed:.1%} of the list were missed, all compared", times(main, 1 / (1 - hidden)), many
