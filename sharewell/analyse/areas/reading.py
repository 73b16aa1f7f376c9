"""The prepared table taken apart: respondents, and people counted by area and pattern.

Rows with a missing value are left out of what they would enter, and counted. Whatever makes the rest
unusable is refused here, all causes at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...errors import FitError, Problem
from ...plan.finding import UNKNOWN
from ...plan.recipe import Params
from .terms import Codes, Floats, Predictor, predictor_of

SURVEYED, OUTCOME, WEIGHT, PEOPLE, AREA = "surveyed", "outcome", "weight", "people", "area"
PREDICTED, TESTED, WITHIN = "predictor ", "tested ", "within "


@dataclass(frozen=True)
class Respondents:
    """Those with every answer: `columns` by the survey's names; `missing` were left out."""

    columns: dict[str, pa.ChunkedArray]
    outcome: Floats
    weight: Floats
    predictors: tuple[Predictor, ...]
    tested: tuple[Predictor, ...]
    missing: int


@dataclass(frozen=True)
class Counted:
    """People counted, a row each area and pattern. `area` is a place in `areas`, which are in the order of
    their names; `within` holds the larger areas of each. `few` areas had under the least people, or none
    with every value, and are left out; so are `missing` people."""

    columns: dict[str, pa.ChunkedArray]
    people: Floats
    area: Codes
    areas: list[str]
    size: Codes
    within: dict[str, list[str]]
    few: int
    missing: int


def read(table: pa.Table, params: Params) -> tuple[Respondents, Counted]:
    """Both parts. FitError with every cause: SAMPLE (too few respondents), EMPTY (a column without an
    answer, nobody counted), WEIGHT (none positive), AREAS (fewer than two large enough), CONSTANT,
    REFERENCE."""
    asked, found = table.filter(table[SURVEYED]), table.filter(pc.invert(table[SURVEYED]))
    problems = [
        *_sample(asked, params),
        *_empty(asked, "respondent", params),
        *_empty(found, "person counted", params),
    ]
    if problems:
        raise FitError(problems)
    return _respondents(asked, params), _counted(found, params)


def _sample(asked: pa.Table, params: Params) -> list[Problem]:
    wanted = params["sample"] or 100
    if asked.num_rows >= wanted:
        return []
    what = f"the survey holds {asked.num_rows:,} respondents, fewer than the {wanted:,} that it must"
    return [Problem("SAMPLE", what, "the model would rest on too few", "check that the whole wave came")]


def _empty(part: pa.Table, who: str, params: Params) -> list[Problem]:
    """Columns in which nobody has a value."""
    if not part.num_rows:
        return [Problem("EMPTY", f"there is no {who}", fix="check the table and its conditions")]
    names = dict(zip(_columns(PREDICTED, part), params["predictors"], strict=True))
    if who == "respondent":
        names |= dict(zip(_columns(TESTED, part), params["tested"], strict=True)) | {
            OUTCOME: params["outcome"]
        }
    found = [name for column, name in names.items() if part[column].null_count == part.num_rows]
    return [
        Problem("EMPTY", f"no {who} has a {name}", "nothing can be told by it", "leave it out", name)
        for name in found
    ]


def _columns(prefix: str, table: pa.Table) -> list[str]:
    return [name for name in table.column_names if name.startswith(prefix)]


def _respondents(asked: pa.Table, params: Params) -> Respondents:
    names = [*params["predictors"], *params["tested"]]
    columns = [*_columns(PREDICTED, asked), *_columns(TESTED, asked)]
    whole = asked.select([OUTCOME, WEIGHT, *columns]).drop_null()
    held = {name: whole[column] for name, column in zip(names, columns, strict=True)}
    weight = whole[WEIGHT].to_numpy().astype(np.float64)
    problems = []
    if not len(weight) or not (weight > 0).all():
        what, fix = (
            "a weight is not above nought, or nobody answered everything",
            "leave such respondents out",
        )
        problems.append(Problem("WEIGHT", what, "they cannot stand for anyone", fix))
    made: dict[str, Predictor] = {}
    for name in held if not problems else ():
        try:
            made[name] = predictor_of(name, held[name], params["references"].get(name))
        except FitError as error:
            problems += error.problems
    if problems:
        raise FitError(problems)
    return Respondents(
        held,
        whole[OUTCOME].to_numpy(zero_copy_only=False).astype(np.float64),
        weight / weight.mean(),
        tuple(made[name] for name in params["predictors"]),
        tuple(made[name] for name in params["tested"]),
        asked.num_rows - whole.num_rows,
    )


def _counted(found: pa.Table, params: Params) -> Counted:
    columns, levels = _columns(PREDICTED, found), _columns(WITHIN, found)
    whole = found.select([AREA, PEOPLE, *columns]).drop_null()
    sizes = whole.group_by(AREA).aggregate([(PEOPLE, "sum")])
    kept = sizes.filter(pc.greater_equal(sizes[f"{PEOPLE}_sum"], params["least"])).sort_by(AREA)
    if kept.num_rows < 2:
        what = f"{kept.num_rows} areas have {params['least']} people or more"
        raise FitError(
            Problem("AREAS", what, "there is nothing to rank", "join areas, or count more people")
        )
    areas = kept[AREA].combine_chunks()
    rows = whole.filter(pc.is_in(whole[AREA], value_set=areas))
    larger = found.group_by(AREA).aggregate([(level, "min") for level in levels])
    place = pc.index_in(areas, value_set=larger[AREA].combine_chunks())
    return Counted(
        {name: rows[column] for name, column in zip(params["predictors"], columns, strict=True)},
        rows[PEOPLE].to_numpy().astype(np.float64),
        pc.index_in(rows[AREA], value_set=areas).to_numpy().astype(np.int64),
        areas.to_pylist(),
        kept[f"{PEOPLE}_sum"].to_numpy().astype(np.int64),
        {
            name: pc.fill_null(larger[f"{level}_min"].take(place), UNKNOWN).to_pylist()
            for name, level in zip(params["within"], levels, strict=True)
        },
        len(pc.unique(found[AREA].drop_null())) - len(areas),
        int(pc.sum(found[PEOPLE]).as_py() - (pc.sum(whole[PEOPLE]).as_py() or 0)),
    )
