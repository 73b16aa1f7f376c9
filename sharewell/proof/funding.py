"""D, funding GP practices: its acceptance, line by line."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ..account.events import EventKind
from ..analyse.formula.analysis import Analysis, analyse
from ..analyse.formula.lists import INDEX, PAYMENT, read_lists
from ..analyse.formula.report import fifth_name
from ..county import Effects
from ..county.consultations import BANDS, SEXES, Lists, additional_needs, draw, payments
from ..county.effects.consultations import Consultations
from ..county.streams import stream
from ..plan.finding import ALL
from ..plan.steps import Fit
from .line import Line, at_least, at_most, exactly, within
from .stage import Staged, Tell, staged

PEOPLE = 400_000
SERVICES = ("consultations",)
PRODUCT = "weights"
NULL = Consultations(ratio=1.0)
Params = dict[str, Any]


def prove(seed: int, seeds: int, tell: Tell) -> list[Line]:
    """Every line of D. `seeds` new draws of consultations judge its rates, with the effect and without."""
    with staged("funding-practices", PEOPLE, seed, SERVICES, Effects(), tell) as done:
        lines = [*_weights(done), _registered(done), _account(done)]
        draws = _Draws(done, seed)
        lines.append(_null(draws(NULL, 0)))
        if seeds:
            lines += _rates(draws, seeds, tell)
    return lines


def _weights(done: Staged) -> list[Line]:
    finding = done.outcome.findings[PRODUCT]
    ratio = next(
        row["rate_ratio"]
        for row in finding.table("deprivation").data.to_pylist()
        if row["fifth"] == fifth_name(1)
    )
    left = next(table for table in done.outcome.checked[PRODUCT].tables if table.name == "weights")
    rows = left.data.to_pylist()
    practices = [row for row in rows if row["practice"] != ALL]
    new = sum(round(row["payment_new"] * 100) for row in practices)
    paid = int(pc.sum(done.truth["funding"]["payment"]).as_py())
    planted = _planted(done)
    found = [row["practice"] for row in practices][: len(planted)]
    share = len(planted.intersection(found)) / len(planted)
    return [
        within("planted IRR 1.30, most to least deprived, within 0.03", ratio, 1.27, 1.33),
        exactly("what is released adds up to the same total, to the penny", new, paid),
        within("planted under-funded practices ranked top >= 90%", share, 0.9, 1, "{:.0%}"),
    ]


def _planted(done: Staged) -> set[str]:
    told = done.truth["funding"]
    return set(told.filter(told["under_funded"])["practice"].to_pylist())


def _registered(done: Staged) -> Line:
    """The account holds what was registered, in the run itself and before anything was released."""
    account, name = done.live.space.account, done.live.name
    told = [e.index for e in account.events(agreement=name, kind=EventKind.ANALYSE_REGISTERED)]
    left = [e.index for e in account.events(agreement=name, kind=EventKind.RELEASE_RELEASED)]
    return exactly(
        "the run enters its hypothesis before it releases", bool(told) and told[0] < left[0], True
    )


def _account(done: Staged) -> Line:
    return exactly("the account holds", done.live.space.account.verify().holds, True)


def _null(made: Analysis) -> Line:
    far = float(np.abs(made.shared.move).max())
    return within("planted null (IRR 1.00): furthest that a practice moves <= 1%", far, 0, 0.01, "{:.2%}")


def _rates(draws: _Draws, seeds: int, tell: Tell) -> list[Line]:
    """New draws of consultations and practices' supply for the same lists, through the recipe's own fit."""
    near = covers = still = sure = certain = ranked = planted = 0
    for number in range(1, seeds + 1):
        tell(f"seed {number} of {seeds}", (number - 1) / seeds)
        held, null = draws(Consultations(), number), draws(NULL, number)
        ratio = held.most_deprived
        near += 1.27 <= ratio.value <= 1.33
        covers += ratio.low <= 1.30 <= ratio.high
        found, few = draws.ranked(held)
        ranked, planted = ranked + found, planted + few
        still += bool((np.abs(null.shared.move) <= 0.01).all())
        sure += bool(null.shared.moves(0.0).any())
        certain += null.most_deprived.p < 0.05
    return [
        at_least("IRR within 0.03 in 99 of 100", near, seeds, 0.99),
        at_least("its 95% interval holds 1.30 at its nominal rate", covers, seeds, 0.95),
        at_least("planted under-funded practices ranked top >= 90%", ranked, planted, 0.9),
        at_least("null: no practice moves by over 1% in 99 of 100", still, seeds, 0.99),
        at_most("null: some practice moves beyond its own uncertainty <= 5%", sure, seeds, 0.05),
        at_most("null: false positives of the ratio <= 5%", certain, seeds, 0.05),
    ]


class _Draws:
    """The county's lists with consultations drawn again, analysed as the recipe would."""

    def __init__(self, done: Staged, seed: int) -> None:
        self._seed, self._planted = seed, _planted(done)
        planned = done.live.plan().product(PRODUCT)
        assert planned is not None
        assert isinstance(planned.result.of, Fit)
        self._params: Params = planned.result.of.parameters.plain()
        rows = pq.read_table(done.folder / "data/gp/consultations.parquet")
        self._formula = pq.read_table(done.folder / "data/gp/formula.parquet")
        self._names = self._formula["practice"].to_pylist()
        self._lists = Lists(
            practice=_codes(rows["practice"], self._names),
            band=_codes(rows["age_band"], BANDS),
            sex=_codes(rows["sex"], SEXES),
            deprivation=rows["deprivation"].to_numpy().astype(np.int64),
            days=rows["days_registered"].to_numpy(),
            practices=len(self._names),
        )
        truth = done.truth["funding"]["under_funded"]
        self._stale = np.asarray(truth.to_numpy(zero_copy_only=False), dtype=bool)

    def __call__(self, effects: Consultations, number: int) -> Analysis:
        """One draw under these effects; under the null the formula in force pays what is needed."""
        counts = draw(self._lists, effects, stream(f"simulated consultations {number}", self._seed))
        components = self._params["components"]
        indices = {name: self._formula[name].to_numpy() for name in components}
        indices["additional_needs"] = additional_needs(self._lists, effects, self._stale)
        payment = payments(self._lists.size, indices, effects)
        table = _prepared(self._lists, counts, self._names)
        place = _codes(table["practice"], self._names)
        table = table.append_column(PAYMENT, pa.array(payment[place]))
        for name in components:
            table = table.append_column(INDEX + name, pa.array(indices[name][place]))
        return analyse(read_lists(table, self._params), self._params)

    def ranked(self, made: Analysis) -> tuple[int, int]:
        """How many of the planted practices are among as many that gain most, and how many there are."""
        order = np.argsort(-made.shared.move, kind="stable")[: len(self._planted)]
        names = {made.lists.practices.names[at] for at in order}
        return len(names & self._planted), len(self._planted)


def _codes(column: pa.ChunkedArray, names: Any) -> Any:
    found = pc.index_in(column.cast(pa.string()), pa.array(list(names)))
    return found.to_numpy().astype(np.int64)


def _prepared(lists: Lists, counts: Any, names: list[str]) -> pa.Table:
    """The table that `prepare` would give: counted cells."""
    sizes = (len(BANDS), len(SEXES), 5)
    cell = np.ravel_multi_index(
        (lists.practice, lists.band, lists.sex, lists.deprivation - 1), (lists.practices, *sizes)
    )
    length = lists.practices * int(np.prod(sizes))
    held, days, seen = (np.bincount(cell, weight, length) for weight in (None, lists.days, counts))
    used = np.flatnonzero(held)
    practice, band, sex, fifth = np.unravel_index(used, (lists.practices, *sizes))
    patients = pa.array(held[used].astype(np.int64))
    return pa.table(
        {
            "practice": pa.array(names).take(pa.array(practice)),
            "age_band": pa.array(BANDS).take(pa.array(band)),
            "sex": pa.array(SEXES).take(pa.array(sex)),
            "deprivation": pa.array(fifth + 1),
            "held": patients,
            "patients": patients,
            "days": pa.array(days[used].astype(np.int64)),
            "consultations": pa.array(seen[used].astype(np.int64)),
        }
    )
