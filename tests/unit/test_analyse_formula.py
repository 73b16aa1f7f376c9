"""A formula by need: equal to statsmodels and brute force, true to what is planted, plain in refusal."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import statsmodels.api as sm
from scipy import stats

from sharewell.analyse.formula.analysis import DEPRIVATION, analyse
from sharewell.analyse.formula.clusters import FEW
from sharewell.analyse.formula.components import MOST, correlations, decompose
from sharewell.analyse.formula.lists import INDEX, PAYMENT, Lists, read_lists
from sharewell.analyse.formula.report import IN_FORCE, fit
from sharewell.analyse.formula.story import tell
from sharewell.analyse.formula.weights import divide
from sharewell.analyse.formula.workload import fit_workload, slope
from sharewell.analyse.practice_weights import SIGNATURE
from sharewell.check import POLICIES, gate
from sharewell.errors import FitError
from sharewell.plan.finding import ALL

BANDS, SEXES = ("0-14", "15-64", "65+"), ("F", "M")
NAMED = {"practice": "practice", "consultations": "seen", "exposure": "days", "age_band": "age_band"}
NAMED |= {"sex": "sex", "deprivation": "deprivation", "paid_to": "practice", "payment": "payment"}


def settings(**changed: Any) -> dict[str, Any]:
    told = {"components": ("age", "need", "wages"), "replaces": ("age", "need"), "least_move": 0.01}
    told |= {"least": 100, "draws": 400, "hypothesis": "More where it is poor", **NAMED, **changed}
    return SIGNATURE.settle(told)


def prepared(practices: int = 40, ratio: float = 1.3, seed: int = 1, each: int = 60) -> pa.Table:
    """Cells as `prepare` gives them: need rises with deprivation, supply falls with it, wages differ."""
    rng = np.random.default_rng(seed)
    rows = []
    for practice in range(practices):
        poor = rng.dirichlet(np.ones(5) * 2)
        supply = math.exp(rng.normal(0, 0.1) - poor @ np.linspace(1.0, 0, 5))
        wages = round(rng.uniform(0.95, 1.05), 3)
        payment = 0.0
        cells = []
        for band, sex, fifth in itertools.product(range(3), range(2), range(5)):
            people = int(rng.poisson(each * 5 * poor[fifth] / 6)) + 1
            need = (2 + band) * (1.3 if sex == 0 else 1) * ratio ** ((4 - fifth) / 4)
            payment += 2_000 * people * (2 + band) * (1.3 if sex == 0 else 1) * wages
            days = int(people * 365 * rng.uniform(0.9, 1))
            seen = rng.negative_binomial(4, 1 / (1 + need * supply / 4), people).sum()
            cells.append(
                [f"P{practice:02d}", BANDS[band], SEXES[sex], fifth + 1, people, people, days, seen]
            )
        rows += [[*cell, round(payment), 1.0, 1.0, wages] for cell in cells]
    names = ["practice", "age_band", "sex", "deprivation", "held", "patients", "days", "consultations"]
    names += [PAYMENT, *(INDEX + name for name in ("age", "need", "wages"))]
    return pa.table(
        {name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}
    )


def changed(table: pa.Table, **columns: Any) -> pa.Table:
    """The table with columns made anew from each row."""
    rows = table.to_pylist()
    for name, make in columns.items():
        name = name if name in table.column_names else INDEX + name.removeprefix("index_")
        name = PAYMENT if name.endswith("payment") else name
        rows = [{**row, name: make(row)} for row in rows]
    return pa.Table.from_pylist(rows, schema=table.schema)


@pytest.fixture(scope="module")
def lists() -> Lists:
    return read_lists(prepared(), settings())


def glm(held: Lists, within: bool = True) -> Any:
    columns = [held.fifth == at for at in range(4)]
    columns += [held.profile == at for at in range(1, len(held.profiles))]
    if within:
        columns += [held.practice == at for at in range(1, len(held.practices.names))]
    matrix = sm.add_constant(np.column_stack(columns).astype(float))
    model = sm.GLM(held.consultations, matrix, sm.families.Poisson(), offset=np.log(held.years))
    clustered = {"groups": held.practice, "use_correction": False}
    return model.fit(cov_type="cluster", cov_kwds=clustered, tol=1e-14)


@pytest.mark.parametrize("within", [True, False])
def test_the_ratios_equal_statsmodels_and_errors_are_its_and_a_little_more(
    lists: Lists, within: bool
) -> None:
    theirs, ours = glm(lists, within), fit_workload(lists, 5, within=within)
    assert ours.log_fifth[:4] == pytest.approx(theirs.params[1:5], abs=1e-8)
    errors = np.sqrt([ours.covariance[term, term] for term in ours.fifth_term[:4]])
    assert np.all(errors >= theirs.bse[1:5])
    assert errors == pytest.approx(theirs.bse[1:5], rel=0.25), "the jackknife corrects for few clusters"
    ratio, half = ours.ratio(0), stats.t.ppf(0.975, 39) * errors[0]
    assert (ratio.low, ratio.high) == pytest.approx(ratio.value * np.exp([-half, half]))


def test_the_error_is_that_of_fitting_again_without_each_practice(lists: Lists) -> None:
    found = []
    for practice in range(40):
        held = lists.practice != practice
        place = lists.practice[held]
        small = Lists(
            lists.practices, place - (place > practice), lists.profile[held], lists.fifth[held],
            lists.profiles, lists.fifths, lists.patients[held], lists.years[held],
            lists.consultations[held], (), (),
        )  # fmt: skip
        columns = [small.fifth == 0, *(small.fifth == at for at in range(1, 4))]
        columns += [small.profile == at for at in range(1, 6)] + [
            small.practice == at for at in range(1, 39)
        ]
        matrix = sm.add_constant(np.column_stack(columns).astype(float))
        model = sm.GLM(small.consultations, matrix, sm.families.Poisson(), offset=np.log(small.years))
        found.append(model.fit().params[1])
    whole = fit_workload(lists, 5)
    jackknife = math.sqrt(((np.array(found) - whole.log_fifth[0]) ** 2).sum() * 39 / 40)
    term = whole.fifth_term[0]
    assert math.sqrt(whole.covariance[term, term]) == pytest.approx(jackknife, rel=0.02)


def test_supply_that_follows_deprivation_misleads_unless_practices_are_set_apart() -> None:
    held = read_lists(prepared(80, seed=4), settings())
    inside, between = (fit_workload(held, 5, within=within).ratio(0) for within in (True, False))
    assert inside.low < 1.3 < inside.high
    assert between.value < 1.25


def test_with_few_practices_no_direction_is_surer_than_the_cells_make_it() -> None:
    held = read_lists(prepared(6, seed=2), settings())
    ours = fit_workload(held, 5)
    theirs = glm(held)
    cells = len(held.patients)
    spread = ((held.consultations - theirs.mu) ** 2 / theirs.mu).sum() / (cells - 9 - 6)
    naive = (
        sm.GLM(held.consultations, theirs.model.exog, sm.families.Poisson(), offset=np.log(held.years))
        .fit()
        .cov_params()
    )
    order = [*ours.fifth_term[:4]]
    mine = ours.covariance[np.ix_(order, order)]
    assert np.linalg.eigvalsh(mine - spread * naive[1:5, 1:5]).min() > -1e-12
    assert len(held.practices.names) < FEW


def test_the_slope_is_that_of_a_rank_from_least_to_most_deprived(lists: Lists) -> None:
    relative, (value, low, high) = slope(lists, fit_workload(lists, 5))
    share = np.bincount(lists.fifth, lists.patients) / lists.patients.sum()
    rank = 1 - (np.cumsum(share) - share / 2)
    columns = [rank[lists.fifth], *(lists.profile == at for at in range(1, 6))]
    columns += [lists.practice == at for at in range(1, 40)]
    matrix = sm.add_constant(np.column_stack(columns).astype(float))
    model = sm.GLM(lists.consultations, matrix, sm.families.Poisson(), offset=np.log(lists.years)).fit()
    assert math.log(relative.value) == pytest.approx(model.params[1], abs=1e-8)
    level = lists.rate / (share @ relative.value**rank)
    assert value == pytest.approx(level * relative.value - level)
    assert low < value < high


@pytest.mark.parametrize("total", [0, 1, 99, 10_000_001])
def test_money_is_divided_to_the_penny_and_nobody_is_a_penny_off(total: int) -> None:
    shares = np.random.default_rng(3).uniform(1, 9, 37)
    pence = divide(total, shares)
    assert pence.sum() == total
    assert np.all(np.abs(pence - total * shares / shares.sum()) < 1)


def test_equal_remainders_go_to_the_earlier() -> None:
    assert divide(5, np.ones(3)).tolist() == [2, 2, 1]


def test_weights_are_need_times_the_indices_that_are_kept(lists: Lists) -> None:
    made = analyse(lists, settings())
    model, practices = made.model, lists.practices
    rate = np.exp(model.log_profile[lists.profile] + model.log_fifth[lists.fifth])
    need = np.bincount(lists.practice, rate * lists.patients) / np.bincount(lists.practice, lists.patients)
    raw = need * practices.indices[:, 2]
    weight = raw / (raw @ practices.size / practices.size.sum())
    assert made.shared.weight == pytest.approx(weight)
    assert made.shared.pence.sum() == practices.total
    assert made.shared.age_sex * made.shared.deprivation == pytest.approx(need)
    assert np.all((made.shared.low < made.shared.move) & (made.shared.move < made.shared.high))
    exact = made.shared.pence / practices.payment - 1
    assert made.shared.move == pytest.approx(exact, abs=1e-6)


def test_parts_are_the_mean_over_every_order_in_which_components_can_enter() -> None:
    rng = np.random.default_rng(5)
    base = rng.normal(size=(30, 4))
    logs = base @ rng.normal(size=(4, 4))
    weight, size = np.exp(logs.sum(axis=1) + rng.normal(0, 0.2, 30)), rng.uniform(1, 5, 30)

    def explained(chosen: tuple[int, ...]) -> float:
        matrix = sm.add_constant(logs[:, list(chosen)]) if chosen else np.ones((30, 1))
        return float(sm.WLS(np.log(weight), matrix, weights=size).fit().rsquared)

    brute = np.zeros(4)
    for order in itertools.permutations(range(4)):
        for at, part in enumerate(order):
            brute[part] += (explained(order[: at + 1]) - explained(order[:at])) / 24
    found = decompose(weight, np.exp(logs), size)
    assert found is not None
    assert found.share == pytest.approx(brute, abs=1e-9)
    assert found.share.sum() == pytest.approx(found.explained)
    assert found.alone == pytest.approx([explained((part,)) for part in range(4)])


def test_a_constant_component_explains_nothing_and_equal_weights_have_no_parts() -> None:
    rng = np.random.default_rng(6)
    columns = np.column_stack([rng.uniform(0.9, 1.1, 12), np.ones(12)])
    found = decompose(columns[:, 0], columns, np.ones(12))
    assert found is not None
    assert found.share == pytest.approx([1, 0])
    assert math.isnan(correlations(columns, np.ones(12))[0, 1])
    assert decompose(np.ones(12), columns, np.ones(12)) is None
    with pytest.raises(FitError, match="TOO_MANY"):
        decompose(columns[:, 0], np.ones((12, MOST + 1)), np.ones(12))


def test_the_finding_passes_the_gate_and_says_what_it_shows() -> None:
    params = settings(expected_shares={"need": 0.58}, unmet=0.1)
    finding = fit(prepared(), params)
    checked = gate(finding, POLICIES["sdap"])
    assert checked.withheld == ()
    tables = {table.name: table.data for table in checked.tables}
    story = " ".join(tell(tables, params).sentences)
    assert "more often than people in fifth 5" in story
    assert "The most deprived need 10% more than they consult" in story
    parts = tables["components"].to_pylist()
    assert {r["component"]: r["published_pc"] for r in parts if r["formula"] == IN_FORCE}["need"] == 58
    assert next(r for r in parts if r["component"] == DEPRIVATION)["share_pc"] > 5
    people = tables["people"].to_pylist()
    assert {row["of"] for row in people} == {"Age band", "Fifth of deprivation"}
    poorest = next(row for row in people if row["group"] == "1, most deprived")
    assert poorest["change_pc"] > 0


def test_a_story_of_withheld_tables_names_no_figure() -> None:
    params = settings()
    tables = {table.name: table.data.slice(0, 0) for table in fit(prepared(), params).tables}
    story = tell(tables, params).sentences
    assert "withheld" in story[0]
    assert not any(character.isdigit() for sentence in story for character in sentence)


def test_under_the_null_no_practice_moves_beyond_its_uncertainty() -> None:
    params = settings()
    finding = fit(prepared(60, ratio=1.0, seed=8), params)
    story = " ".join(tell({table.name: table.data for table in finding.tables}, params).sentences)
    assert "No significant difference was found" in story
    assert "No practice of 60 moves by more than its own uncertainty" in story


REFUSED = [
    ("a payment of zero", lambda t: changed(t, payment=lambda r: 0), "PAYMENT"),
    ("a negative payment", lambda t: changed(t, payment=lambda r: -5), "PAYMENT"),
    ("an index of zero", lambda t: changed(t, index_need=lambda r: 0.0), "INDEX"),
    ("no deprivation at all", lambda t: changed(t, deprivation=lambda r: None), "TOO_FEW"),
    ("one fifth only", lambda t: changed(t, deprivation=lambda r: 3), "CONSTANT"),
    ("no most deprived", lambda t: changed(t, deprivation=lambda r: max(2, r["deprivation"])), "QUINTILE"),
    ("no reference", lambda t: changed(t, deprivation=lambda r: min(4, r["deprivation"])), "QUINTILE"),
    (
        "a fifth that never consults",
        lambda t: changed(t, consultations=lambda r: r["consultations"] * (r["deprivation"] != 3)),
        "QUINTILE",
    ),
    ("no consultations", lambda t: changed(t, consultations=lambda r: 0), "TOO_FEW"),
    ("no index of any practice", lambda t: changed(t, index_wages=lambda r: None), "TOO_FEW"),
    (
        "a practice for each fifth",
        lambda t: changed(t, deprivation=lambda r: int(r["practice"][1:]) % 5 + 1),
        "SINGULAR",
    ),
]


@pytest.mark.parametrize(
    ("harm", "code"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_what_cannot_be_weighed_is_refused_with_what_to_do(harm: Any, code: str) -> None:
    with pytest.raises(FitError) as refused:
        fit(harm(prepared(12)), settings())
    problem = refused.value.problems[0]
    assert problem.code == code
    assert problem.fix
    assert problem.why


def test_a_component_that_is_to_be_replaced_must_be_one() -> None:
    with pytest.raises(FitError, match="COMPONENT"):
        fit(prepared(12), settings(components=("age", "need"), replaces=("age", "wages")))


ASIDE = [
    ("payment", lambda t: changed(t, payment=lambda r: None if r["practice"] == "P03" else r[PAYMENT]),
     "no payment is known"),
    ("index", lambda t: changed(t, index_need=lambda r: None if r["practice"] == "P03" else 1.0),
     "an index of the formula in force is not known"),
    ("silent", lambda t: changed(t, consultations=lambda r: r["consultations"] * (r["practice"] != "P03")),
     "none of their patients consulted"),
    ("unknown", lambda t: changed(t, sex=lambda r: None if r["practice"] == "P03" else r["sex"]),
     "of their patients can be used"),
]  # fmt: skip


@pytest.mark.parametrize(("harm", "why"), [case[1:] for case in ASIDE], ids=[case[0] for case in ASIDE])
def test_a_practice_that_lacks_something_keeps_what_it_has_and_that_is_said(harm: Any, why: str) -> None:
    finding = fit(harm(prepared(12)), settings())
    assert any(
        note.startswith("1 practice keeps what is paid now") and why in note for note in finding.caveats
    )
    rows = finding.table("weights").data.to_pylist()
    assert "P03" not in {row["practice"] for row in rows}
    whole = next(row for row in rows if row["practice"] == ALL)
    assert whole["payment_now"] == whole["payment_new"]


def test_a_practice_without_patients_is_set_aside() -> None:
    table = prepared(12)
    lone = {**dict.fromkeys(table.column_names), "practice": "P99", PAYMENT: 900_000}
    lone |= {INDEX + name: 1.0 for name in ("age", "need", "wages")}
    finding = fit(pa.concat_tables([table, pa.Table.from_pylist([lone], schema=table.schema)]), settings())
    assert any("they have no patients" in note for note in finding.caveats)
    assert finding.table("flow").data["patients"].to_pylist()[0] == sum(table["held"].to_pylist())


def test_an_empty_middle_fifth_and_a_constant_sex_are_said() -> None:
    table = changed(prepared(12), deprivation=lambda r: 2 if r["deprivation"] == 3 else r["deprivation"])
    finding = fit(changed(table, sex=lambda r: "F"), settings())
    assert any("No patient lives in fifth 3" in note for note in finding.caveats)
    assert any("of one sex or one age band" in note for note in finding.caveats)
    assert len(finding.table("deprivation").data) == 4


def test_a_profile_that_never_consults_needs_nothing_and_that_is_said() -> None:
    silent = changed(prepared(12), consultations=lambda r: r["consultations"] * (r["age_band"] != "0-14"))
    finding = fit(silent, settings())
    assert any("Nobody of some age and sex consulted" in note for note in finding.caveats)
    assert all(math.isfinite(row["weight_new"]) for row in finding.table("weights").data.to_pylist())
