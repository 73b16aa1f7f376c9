"""A, the Kent Integrated Dataset: its acceptance, line by line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..analyse.comparison.cohort import read_cohort
from ..analyse.comparison.effect import compare
from ..analyse.comparison.rates import Estimate
from ..analyse.comparison.report import MAIN
from ..county import Effects, simulate_outcomes
from ..depersonalise import key_column
from ..plan.finding import ALL, Finding
from ..plan.steps import Fit
from .kent_planning import planning
from .line import Line, at_least, at_most, exactly, within
from .stage import Staged, Tell, staged

PEOPLE = 400_000
TREATED = 10_000
SERVICES = ("places", "gp", "ooh", "acute", "mental", "community", "social", "hospice", "fire", "works")
HOST = "northshire-insight"
IDENTITY_TABLES = (
    "gp.patients", "ooh.patients", "acute.patients", "mental.patients", "community.patients",
    "hospice.patients",
)  # fmt: skip
ROOTS = {
    "gp.patients": "patients",
    "ooh.patients": "ooh-patients",
    "acute.patients": "hospital-patients",
    "mental.patients": "mental-patients",
    "community.patients": "community-patients",
    "hospice.patients": "hospice-patients",
}


def prove(seed: int, seeds: int, tell: Tell) -> list[Line]:
    """Every line of A. `seeds` new draws of treatment and outcome judge its rates."""
    effects = Effects(visited=TREATED, referred=TREATED)
    with staged("kent-integrated-dataset", PEOPLE, seed, SERVICES, effects, tell) as done:
        lines = [*_effects(done), *_ledger(done), *_linkage(done), _no_identifier(done), _account(done)]
        lines += planning(done)
        if seeds:
            lines += _rates(done, seed, seeds, tell)
    return lines


def _estimate(done: Staged, product: str) -> dict[str, Any]:
    """The main row of a matched cohort's estimate, before the gate."""
    return main_analysis(done.outcome.findings[product])


def main_analysis(finding: Finding) -> dict[str, Any]:
    """The row of the effect that was declared, not one of its sensitivity analyses."""
    return next(row for row in finding.table("effect").data.to_pylist() if row["analysis"] == MAIN)


def _effects(done: Staged) -> list[Line]:
    null, falls = _estimate(done, "fire-visits"), _estimate(done, "falls-service")
    half = float(np.log(null["high"]) - np.log(null["low"])) / 2
    return [
        within("planted null: half-width of the interval on the log scale <= 0.06", half, 0, 0.06),
        within("planted falls service RR 0.80 recovered within 0.06", falls["rate_ratio"], 0.74, 0.86),
    ]


def _ledger(done: Staged) -> list[Line]:
    """To the penny, before the gate: what is assigned to practices and what is not are the ledger."""
    costs = done.outcome.findings["cost-per-head"].table("costs").data
    inner = costs.filter(
        pc.and_(pc.not_equal(costs["practice"], ALL), pc.not_equal(costs["point_of_care"], ALL))
    )
    found = {row["point_of_care"]: 0 for row in inner.to_pylist()}
    for row in inner.to_pylist():
        found[row["point_of_care"]] += round(row["cost"] * 100)
    ledger = done.truth["ledger"].group_by("point_of_care").aggregate([("pence", "sum")]).to_pylist()
    planted = {row["point_of_care"]: row["pence_sum"] for row in ledger}
    total = sum(planted.values())
    asked = "assigned + unlinked = planted ledger, to the penny, at every point of care"
    return [exactly(asked, found, planted, f"GBP {total / 100:,.2f} over {len(planted)} points of care")]


def _linkage(done: Staged) -> list[Line]:
    """Pairwise precision and recall of the index at the host, by the keys that the truth would have had."""
    person = _person_of_record(done)
    index = next(t for n, t in done.held_at(HOST).items() if t.column_names == ["record", "person"])
    joined = index.join(person, keys="record", join_type="inner")
    both = _pairs(joined.group_by(["person", "truth"]).aggregate([([], "count_all")])["count_all"])
    linked = _pairs(joined.group_by("person").aggregate([([], "count_all")])["count_all"])
    true = _pairs(joined.group_by("truth").aggregate([([], "count_all")])["count_all"])
    return [
        within("linkage precision >= 99.8%", both / linked, 0.998, 1),
        within("linkage recall >= 99%", both / true, 0.99, 1),
    ]


def _person_of_record(done: Staged) -> pa.Table:
    links = done.truth["links"]
    parts = []
    for asset in IDENTITY_TABLES:
        held = links.filter(pc.equal(links["asset"], asset))
        keys = key_column(held["local_id"], done.runner.key_secret, f"record:{ROOTS[asset]}")
        parts.append(pa.table({"record": keys, "truth": held["person_id"]}))
    return pa.concat_tables(parts)


def _pairs(sizes: Any) -> float:
    n = np.asarray(sizes.to_numpy(), float)
    return float((n * (n - 1) / 2).sum())


def _no_identifier(done: Staged) -> Line:
    """Every text and date the host holds, or anybody was sent, against every identifier in the data."""
    truth = done.truth["people"]
    secret = {*truth["nhs_number"].to_pylist(), *done.truth["links"]["local_id"].to_pylist()}
    secret |= {*done.truth["homes"]["address"].to_pylist(), *done.truth["homes"]["postcode"].to_pylist()}
    secret |= {str(uprn) for uprn in done.truth["homes"]["uprn"].to_pylist()}
    found = 0
    for table in done.held_at(HOST).values():
        for name in table.column_names:
            column = table[name]
            if pa.types.is_string(column.type):
                found += len(secret.intersection(pc.unique(column).to_pylist()))
            if name == "born":
                found += pc.sum(pc.not_equal(pc.day(column), 1)).as_py() or 0
    for folder in done.outcome.releases.values():
        for path in folder.rglob("*.csv"):
            found += len(
                secret.intersection(path.read_text(encoding="utf-8").replace("\n", ",").split(","))
            )
    return exactly("identifiers in any table an analyst can reach", found, 0)


def _account(done: Staged) -> Line:
    return exactly("the account holds", done.live.space.account.verify().holds, True)


def _rates(done: Staged, seed: int, seeds: int, tell: Tell) -> list[Line]:
    """New draws of treatment and outcome on the same people, null and effect, through the same recipe."""
    covers = wrong = near = 0
    fitted = _refit(done)
    for draw in range(seeds):
        tell(f"seed {draw + 1} of {seeds}", draw / seeds)
        drawn = simulate_outcomes(
            done.folder, seed * 100_003 + draw, Effects(visited=TREATED, referred=TREATED)
        )
        null = fitted("fire-visits", drawn.visited, drawn)
        falls = fitted("falls-service", drawn.referred, drawn)
        covers += null.low <= 1 <= null.high
        wrong += null.p < 0.05
        near += 0.74 <= falls.value <= 0.86
    return [
        at_least("planted null: the 95% interval contains 1 at its nominal rate", covers, seeds, 0.95),
        at_most("planted null: false positives <= 5%", wrong, seeds, 0.05),
        at_least("planted falls RR within 0.06 in 99 of 100", near, seeds, 0.99),
    ]


def _refit(done: Staged) -> Callable[[str, Any, Any], Estimate]:
    """The recipe's own fit over the truth's covariates, with each draw's treatment and outcomes."""
    people = done.truth["people"]
    born = people["born"].cast(pa.int32()).to_numpy()
    age = ((date(2023, 4, 1) - date(1970, 1, 1)).days - born) // 365.2425
    ids = people["person_id"].cast(pa.string())
    fixed = {
        "person": ids,
        "home": people["household_id"].cast(pa.string()),
        "excluded": pa.array(np.zeros(len(ids), bool)),
        "age": pa.array(age.astype(np.int64)),
        **{name: people[name] for name in ("sex", "deprivation", "conditions", "frailty")},
    }
    plan = done.live.plan()

    def fit(product: str, treated: Any, drawn: Any) -> Estimate:
        planned = plan.product(product)
        assert planned is not None
        assert isinstance(planned.result.of, Fit)
        params = planned.result.of.parameters.plain()
        table = pa.table({**fixed, "treated": treated, "history": drawn.history, "outcome": drawn.outcome})
        covariates = [*params["covariates"], "history"]
        return compare(read_cohort(table, covariates, [], 1.0, params["least"]), params).ratio()

    return fit
