"""B, predicting the prevalence of loneliness: its acceptance, line by line."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..analyse.areas.fitting import Model, fit_logistic
from ..analyse.areas.scoring import means, patterns_of, ranks
from ..analyse.areas.terms import Predictor, coded, matrix_of, names_of, predictor_of
from ..county import Effects
from ..county.effects.survey import Survey
from ..county.streams import stream
from ..county.survey import respondents
from ..plan.steps import Fit
from .line import Line, at_least, at_most, exactly, within
from .stage import Staged, Tell, staged

PEOPLE = 1_350_000
AREAS = 900
SERVICES = ("places", "survey", "census")
PRODUCT = "ranks"
LEAST = 10
_JUDGED = ("marital widowed", "health poor", "household size")


def prove(seed: int, seeds: int, tell: Tell) -> list[Line]:
    """Every line of B. `seeds` new surveys of the same country judge its rates on the one census."""
    with staged("predicting-loneliness", PEOPLE, seed, SERVICES, Effects(), tell) as done:
        lines = [*_ranking(done), *_few(done), _printed(done)]
        if seeds:
            lines += _rates(done, seed, seeds, tell)
    return lines


def _ranking(done: Staged) -> list[Line]:
    """The released ranks against the truth: each area's mean chance, by things not all in the census."""
    held = done.outcome.checked[PRODUCT].tables[0].data
    truth = dict(
        zip(*(done.truth["loneliness"][name].to_pylist() for name in ("area", "expected")), strict=True)
    )
    true = np.array([truth[area] for area in held["area"].to_pylist()])
    return [
        exactly("areas ranked", held.num_rows, AREAS),
        within("Spearman >= 0.98", spearman(-held["rank"].to_numpy(), true), 0.98, 1),
        within("overlap of the first tenth >= 85%", overlap(-held["rank"].to_numpy(), true), 0.85, 1),
        within("areas whose true rank is in its 95% interval >= 85%", _covered(held, true), 0.85, 1),
    ]


def _covered(held: pa.Table, true: Any) -> float:
    """Areas share one survey, so that the share swings about 95% from survey to survey."""
    rank = ranks(true)
    return float(np.mean((held["rank_low"].to_numpy() <= rank) & (rank <= held["rank_high"].to_numpy())))


def spearman(one: Any, two: Any) -> float:
    """The rank correlation."""
    from scipy.stats import spearmanr

    return float(spearmanr(one, two).statistic)


def overlap(one: Any, two: Any, share: float = 0.1) -> float:
    """How much of the first `share` by one is in that by the other."""
    first = max(1, round(share * len(one)))
    sets = [set(np.argsort(-np.asarray(each), kind="stable")[:first].tolist()) for each in (one, two)]
    return len(sets[0] & sets[1]) / first


def _few(done: Staged) -> list[Line]:
    """Whatever was released of fewer than ten people: nothing may have been."""
    found = 0
    for table in done.outcome.checked[PRODUCT].tables:
        for name in table.counts:
            figures = pc.drop_null(table.data[name])
            found += pc.sum(pc.and_(pc.greater(figures, 0), pc.less(figures, LEAST))).as_py() or 0
    return [exactly("cells under 10 released", found, 0)]


def _printed(done: Staged) -> Line:
    """The caveats stand in the very picture, so that whoever copies it copies them."""
    caveats = _params(done)["caveats"].values()
    missing = 0
    for folder in done.outcome.releases.values():
        page = (folder / "report.html").read_text(encoding="utf-8")
        pictures = [part.partition("</svg>")[0] for part in page.split("<svg")[1:]]
        # Lines are wrapped in the picture, so a caveat is there if its first words are.
        missing += sum(not any(caveat[:24] in picture for picture in pictures) for caveat in caveats)
    return exactly("caveats that are not printed on the map", missing, 0)


def _rates(done: Staged, seed: int, seeds: int, tell: Tell) -> list[Line]:
    """New surveys: is each planted log-odds within two standard errors, and the planted null not found?"""
    near = dict.fromkeys(_JUDGED, 0)
    null = orders = firsts = 0
    census, params = _census(done), _params(done)
    truth = done.truth["loneliness"].sort_by("area")["expected"].to_numpy()
    planted = Survey()
    wanted = {
        "marital widowed": planted.widowed,
        "health poor": planted.health["poor"],
        "household size": planted.household_size,
    }
    for draw in range(seeds):
        tell(f"seed {draw + 1} of {seeds}", draw / seeds)
        full, used, predictors = refit(
            respondents(planted, stream("survey again", seed * 100_003 + draw)), params
        )
        for term in _JUDGED:
            at = full.terms.index(term)
            near[term] += abs(full.coefficients[at] - wanted[term]) <= 2 * full.errors[at]
        null += full.p_value(full.terms.index("deprivation")) < 0.05
        mean = _carried(used, predictors, census)
        orders += spearman(mean, truth) >= 0.98
        firsts += overlap(mean, truth) >= 0.85
    lines = [
        at_least(f"{term} within 2 SE of what is planted", near[term], seeds, 0.95) for term in _JUDGED
    ]
    return [
        *lines,
        at_most("planted null of deprivation is significant", null, seeds, 0.05),
        at_least("Spearman >= 0.98 with another survey", orders, seeds, 0.99),
        at_least("overlap of the first tenth >= 85% with another survey", firsts, seeds, 0.99),
    ]


def _params(done: Staged) -> dict[str, Any]:
    planned = done.live.plan().product(PRODUCT)
    assert planned is not None
    assert isinstance(planned.result.of, Fit)
    return planned.result.of.parameters.plain()


def refit(survey: pa.Table, params: dict[str, Any]) -> tuple[Model, Model, tuple[Predictor, ...]]:
    """The recipe's own models on a survey as the county writes it: all that was asked, and what is used."""
    held = banded(survey)
    adl = held["adl"].to_numpy()
    held = held.append_column("eye_conditions_3_or_more", pc.greater_equal(held["eye_conditions"], 3))
    difficulties = np.where(adl >= 2, "2 or more", np.where(adl == 1, "1", "none"))
    held = held.append_column("adl_difficulties", pa.array(difficulties))
    columns = {name: held[name] for name in held.column_names}
    predictors, tested = (
        tuple(predictor_of(name, columns[name], params["references"].get(name)) for name in params[role])
        for role in ("predictors", "tested")
    )
    often = pc.equal(held["lonely"], "often").to_numpy().astype(float)
    weight = held["weight"].to_numpy()
    weight = weight / weight.mean()
    every = (*predictors, *tested)
    full = fit_logistic(names_of(every), matrix_of(every, columns), often, weight)
    used = fit_logistic(names_of(predictors), matrix_of(predictors, columns), often, weight)
    return full, used, predictors


def banded(table: pa.Table) -> pa.Table:
    """With the agreement's bands of age."""
    age = table["age"].to_numpy()
    band = np.where(age < 75, "65-74", np.where(age < 80, "75-79", "80+"))
    return table.append_column("aged", pa.array(band))


def _census(done: Staged) -> tuple[pa.Table, Any]:
    """People in households with their band and the place of their area in the order of names."""
    import pyarrow.parquet as pq

    people = pq.read_table(done.folder / "data/census/people.parquet")
    people = banded(people.filter(pc.invert(people["communal"])))
    areas = pa.array(sorted(done.truth["loneliness"]["area"].to_pylist()))
    return people, pc.index_in(people["area"], value_set=areas).to_numpy().astype(np.int64)


def _carried(used: Model, predictors: tuple[Predictor, ...], census: tuple[pa.Table, Any]) -> Any:
    people, area = census
    patterns = patterns_of([coded(one, people[one.name]) for one in predictors])
    return means(patterns.chance(used.coefficients), patterns.code, area, None, int(area.max()) + 1)
