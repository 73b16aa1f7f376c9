"""1, Routes from Diagnosis: its acceptance, line by line."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..analyse.pathways.curves_report import cohort_by
from ..analyse.pathways.durations import Z, kaplan_meier
from ..analyse.pathways.groups_report import group_people
from ..analyse.pathways.roads import YEAR, read_people
from ..analyse.pathways.tables import wilson
from ..county import Effects
from ..county.cancer.patients import FIRST, TRACED, draw_days, draw_outcomes
from ..county.effects.cancer import DEADLY, GROUPS, LONG, MONTH, Cancer
from ..county.streams import choose, stream
from ..depersonalise import key_column
from ..plan.finding import ALL
from ..plan.steps import Fit
from .line import Line, at_least, exactly, within
from .stage import Staged, Tell, staged

SYSTEM = "routes-from-diagnosis"
PEOPLE = 2_000
"""The county beside them: the registry's patients are their own."""
PATIENTS = 85_000
SMALLER = 20_000
"""For the runs on clean and on corrupted dates, whose lines do not rest on many."""
SERVICES = ("cancer",)
HOST = "northshire-insight"
WIDE = 3.5
"""Standard errors within which twelve survivals together lie in 99 runs of 100 (2.6 would be one's)."""


def prove(seed: int, seeds: int, tell: Tell) -> list[Line]:
    """Every line of 1: at full size with ordinary noise, on clean data, with one date in twenty corrupted.
    `seeds` new draws of the planted outcomes judge the coverage of the intervals."""
    planted = Cancer(patients=PATIENTS)
    with staged(SYSTEM, PEOPLE, seed, SERVICES, Effects(cancer=planted), tell) as done:
        right, of = _agreement(done)
        lines = [
            within("group agreement with the truth >= 98%", right / of, 0.98, 1),
            _shares(done),
            *_planted(done, planted),
            _survival(done, planted),
            exactly("quality gate: no date rule fails on ordinary data", _date_rules(done), ""),
            exactly("ordinary data: no product carries the caveat", _caveats(done), 0),
            exactly("the account holds", done.live.space.account.verify().holds, True),
        ]
    clean = replace(planted, patients=SMALLER, dates_wrong=0.0, slips=0.0)
    with staged(SYSTEM, PEOPLE, seed, SERVICES, Effects(cancer=clean), tell) as done:
        right, of = _agreement(done)
        said = f"{right:,} of {of:,}"
        lines.append(exactly("group agreement on clean data: 100%", (right, of), (of, SMALLER), said))
    corrupt = replace(planted, patients=SMALLER, dates_wrong=0.05)
    with staged(SYSTEM, PEOPLE, seed, SERVICES, Effects(cancer=corrupt), tell) as done:
        lines += _doubted(done)
    return lines + (_coverage(planted, seed, seeds, tell) if seeds else [])


def _prepared(done: Staged, product: str) -> tuple[pa.Table, dict[str, Any]]:
    """The table that a recipe was given, made again from what the host holds, and its settings."""
    planned = done.live.plan().product(product)
    assert planned is not None
    assert isinstance(planned.result.of, Fit)
    step = next(s for s in done.runner.values if isinstance(s, Fit) and s.recipe == planned.recipe)
    table = done.runner.engine.to_arrow(done.runner.values[step.inputs[0]])
    return table, planned.result.of.parameters.plain()


def _agreement(done: Staged) -> tuple[int, int]:
    """Patients of the cohort whom the rule table put where the truth has them, and how many there are.

    Somebody whom a wrong date took out of the cohort, or out of every group, is not where they belong.
    """
    table, params = _prepared(done, "groups")
    grouped, _ = group_people(table.filter(pc.invert(table["event"])), params)
    names = np.array([*grouped.names, "none"])
    found = pa.table({"person": grouped.people.key, "found": names[grouped.group]})
    truth = done.truth["cancer"].filter(done.truth["cancer"]["cohort"])
    record = key_column(truth["local_id"], done.runner.key_secret, "record:patients")
    told = pa.table({"record": record, "outcome": truth["outcome"].cast(pa.string())})
    index = next(t for t in done.held_at(HOST).values() if t.column_names == ["record", "person"])
    joined = told.join(index, "record", join_type="inner").join(found, "person", join_type="inner")
    return int(pc.sum(pc.equal(joined["outcome"], joined["found"])).as_py()), truth.num_rows


def _tables(done: Staged, product: str, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = done.outcome.findings[product].table(name).data.to_pylist()
    return rows


def _shares(done: Staged) -> Line:
    """The farthest that the share of a group, in all or of a site, is from the truth's."""
    truth = done.truth["cancer"].filter(done.truth["cancer"]["cohort"])
    site, outcome = (truth[name].cast(pa.string()).to_pylist() for name in ("site", "outcome"))
    size: dict[tuple[str, str], int] = {}
    for one, two in zip(site, outcome, strict=True):
        for cell in ((one, two), (one, ALL), (ALL, two), (ALL, ALL)):
            size[cell] = size.get(cell, 0) + 1
    farthest = max(
        abs(row["share"] - size.get((row["site"], row["group"]), 0) / size[row["site"], ALL])
        for row in _tables(done, "groups", "groups_by_site")
        if row["group"] in GROUPS
    )
    return within("shares by site +/- 1 point of the truth (the farthest)", farthest, 0, 0.01)


def _planted(done: Staged, planted: Cancer) -> list[Line]:
    """What was planted, within what so many patients can show: 3.3 standard errors, and a point."""
    share = {(row["site"], row["group"]): row for row in _tables(done, "groups", "groups_by_site")}
    lines = []
    for said, site, group in (
        ("1 in 5 lung patients die within a month", "lung", 0),
        ("1 in 5 breast patients live 7 years in good health", "breast", len(GROUPS) - 1),
    ):
        row, wanted = share[site, GROUPS[group]], planted.shares[site][group]
        lines.append(within(f"{said} (+/- 1 point)", row["share"], wanted - 0.01, wanted + 0.01))
    return lines


def _survival(done: Staged, planted: Cancer) -> Line:
    """At both landmarks of every site: how far the planted survival is from the curve, in standard errors
    on the scale of the intervals."""
    table, params = _prepared(done, "survival")
    cohort = cohort_by(read_people(table, len(params["by"]))[0], params["by"][:1], params["years"] * YEAR)
    farthest = 0.0
    for group, (site,) in enumerate(cohort.names):
        curve = kaplan_meier(*cohort.of(group))
        for day, wanted in zip((MONTH, LONG), survivals(planted.shares[site]), strict=True):
            value, low, high = curve.at(day)
            middle, reach = (np.log(-np.log(s)) for s in (value, low))
            farthest = max(farthest, abs(np.log(-np.log(wanted)) - middle) / (abs(reach - middle) / Z))
            assert low < value < high
    return within(
        "survival at 12 landmarks within its interval (standard errors)", farthest, 0, WIDE, "{:.2f}"
    )


def survivals(shares: tuple[float, ...]) -> tuple[float, float]:
    """Planted survival at the month and at seven years, of a site's shares."""
    return 1 - shares[0], 1 - sum(shares[:DEADLY])


def _date_rules(done: Staged) -> str:
    """The contract rules on dates that do not hold."""
    return ", ".join(m.asset for m in done.outcome.measured if "years held" in m.rule and not m.holds)


def _caveats(done: Staged) -> int:
    """Tables and products that say that dates are doubtful."""
    found = 0
    for finding in done.outcome.findings.values():
        found += any(caveat.startswith("Doubtful dates") for caveat in finding.caveats)
        found += sum(any(n.startswith("Doubtful dates") for n in t.notes) for t in finding.tables)
    return found


def _doubted(done: Staged) -> list[Line]:
    failed = _date_rules(done)
    tables = sum(len(f.tables) - 1 for f in done.outcome.findings.values())
    products = len(done.outcome.findings)
    said = f"{_caveats(done) - products} of {tables} tables, {products} products"
    return [
        exactly(
            "5% of dates corrupted: the quality gate flags each asset",
            failed.count(",") + 1 if failed else 0, 4, failed,
        ),
        exactly(
            "5% of dates corrupted: every product and table carries the caveat",
            _caveats(done), tables + products, said,
        ),
    ]  # fmt: skip


def _coverage(planted: Cancer, seed: int, seeds: int, tell: Tell) -> list[Line]:
    """New draws of outcome and days: how often the 95% intervals hold the planted survival of a site."""
    sites = tuple(planted.sites)
    shares = np.array([planted.shares[name] for name in sites])
    held = np.zeros(2, np.int64)
    near = 0
    for draw in range(seeds):
        tell(f"seed {draw + 1} of {seeds}", draw / seeds)
        rng = stream(f"routes {draw}", seed)
        site = choose(rng, SMALLER, np.array([planted.sites[name] for name in sites]))
        group = draw_outcomes(site, shares, rng)
        lived = draw_days(site, group, sites, rng)
        known = TRACED - rng.integers(FIRST, FIRST + 366, SMALLER)
        died = lived >= 0
        time = np.where(died, lived, np.minimum(known, 7 * YEAR)).astype(float)
        mine = site == sites.index("lung")
        curve = kaplan_meier(time[mine], died[mine])
        for place, (day, wanted) in enumerate(
            zip((MONTH, LONG), survivals(planted.shares["lung"]), strict=True)
        ):
            _, least, most = curve.at(day)
            held[place] += least <= wanted <= most
        breast = group[site == sites.index("breast")]
        low, high = wilson(int((breast == len(GROUPS) - 1).sum()), len(breast))
        assert low is not None
        assert high is not None
        near += low <= planted.shares["breast"][-1] <= high
    return [
        at_least(
            "lung: the 95% interval at one month holds the planted survival", int(held[0]), seeds, 0.95
        ),
        at_least(
            "lung: the 95% interval at seven years holds the planted survival", int(held[1]), seeds, 0.95
        ),
        at_least("breast: the 95% interval of the share in long good health holds it", near, seeds, 0.95),
    ]
