"""E, the Justice Data Lab: its acceptance, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pyarrow as pa

from ..analyse.comparison.lab_choices import NAIVE
from ..analyse.comparison.lab_report import ANALYSED, DECLARED, RECORDED, SENT, fit
from ..analyse.comparison.lab_story import INCONCLUSIVE, tell
from ..analyse.comparison.reoffending import RATE, TIME, measures, read_lab
from ..county import Effects
from ..county.effects.justice import Justice
from ..county.events import coded
from ..county.justice.programme import join, with_programme
from ..county.justice.sentenced import DISPOSALS, OFFENCES, REGIONS, draw_sentenced
from ..depersonalise import key_column
from ..errors import FitError
from ..live.ending import destroy, ended
from ..plan.finding import Finding
from ..plan.steps import Fit
from .line import Line, at_least, at_most, exactly, within
from .stage import Staged, Tell, staged

PEOPLE = 2_000
"""Of the county: the sentenced are the whole country's, and drawn apart."""
SENTENCED, SENT_MANY = 260_000, 3_853
"""So that about 3,085 are analysed."""
FEW = 12_000
"""Sentenced people where the list is short."""
SYSTEM, PRODUCT, HOST, OWNER = "justice-data-lab", "reoffending", "moj-lab", "owner@moj-lab"
POOL, TREATED = 60_000, 1_000
"""Of each new draw by which a rate is judged."""


def prove(seed: int, seeds: int, tell: Tell) -> list[Line]:
    """Every line of E. `seeds` new draws of people, programme and outcome judge its rates."""
    with _staged(seed, Justice(sentenced=SENTENCED, sent=SENT_MANY), tell) as done:
        params = _params(done)
        lines = [*_effects(done), *_linkage(done), *_destroyed(done)]
    lines += [
        *_inconclusive(seed, tell),
        *_refused(seed, tell),
        *_untimed(seed, tell),
        *_attrition(seed, tell),
    ]
    if seeds:
        lines += _rates(params, seed, seeds, tell)
    return lines


@contextmanager
def _staged(seed: int, effects: Justice, tell: Tell) -> Iterator[Staged]:
    with staged(SYSTEM, PEOPLE, seed, ("justice",), Effects(justice=effects), tell) as done:
        yield done


def _params(done: Staged) -> dict[str, Any]:
    planned = done.live.plan().product(PRODUCT)
    assert planned is not None
    assert isinstance(planned.result.of, Fit)
    return dict(planned.result.of.parameters.plain())


def _rows(finding: Finding, table: str, by: str) -> dict[str, dict[str, Any]]:
    return {row[by]: row for row in finding.table(table).data.to_pylist()}


def _effects(done: Staged) -> Iterator[Line]:
    finding = done.outcome.findings[PRODUCT]
    choices = _rows(finding, "choices", "analysis")
    main, people = choices[DECLARED], choices[DECLARED]["people"]
    worst = max(abs(row["smd_after"]) for row in finding.table("balance").data.to_pylist())
    planted = f"-7 points planted with confounding, {people:,} analysed"
    yield within(f"{planted}: naive about -15.7", choices[NAIVE]["difference"], -17.7, -13.7, "{:.2f}")
    yield within(f"{planted}: matched within 2 of -7", main["difference"], -9, -5, "{:.2f}")
    yield within(f"{planted}: largest standardised difference < 0.05", worst, 0, 0.05)


def _linkage(done: Staged) -> Iterator[Line]:
    """Whether each participant was linked to their own police record, by the keys that the truth has."""
    index = next(t for t in done.held_at(HOST).values() if t.column_names == ["record", "person"])
    person = dict(zip(index["record"].to_pylist(), index["person"].to_pylist(), strict=True))

    def keys(local_id: Any, root: str) -> list[str]:
        found: list[str] = key_column(local_id, done.runner.key_secret, f"record:{root}").to_pylist()
        return found

    truth = done.truth["participants"]
    known = truth.filter(pa.compute.is_valid(truth["offender"]))
    ours, theirs = keys(known["local_id"], "participants"), keys(known["offender"], "offenders")
    everybody = keys(done.truth["sentenced"]["local_id"], "offenders")
    on_record = {person[key] for key in everybody if key in person}
    right = sum(person.get(a) == person.get(b, "") for a, b in zip(ours, theirs, strict=True))
    linked = sum(person.get(key) in on_record for key in keys(truth["local_id"], "participants"))
    yield within("links to a police record that are somebody else's <= 0.5%", 1 - right / linked, 0, 0.005)
    yield within("participants with a record who are linked to it >= 98%", right / len(ours), 0.98, 1)


def _destroyed(done: Staged) -> Iterator[Line]:
    """The exit, carried out: nothing is left at any place, and the account proves that it was done."""
    done.runner.close()
    before = ended(done.live)
    destroy(done.live, OWNER)
    proof = ended(done.live)
    said = f"event {proof.event}: {before.files} files before, {proof.files} after"
    yield exactly("inputs destroyed after the analysis, proven by the account", proof.holds, True, said)
    yield exactly("the account holds", done.live.space.account.verify().holds, True)


def _inconclusive(seed: int, tell: Tell) -> Iterator[Line]:
    """By chance some draws of so few people are significant all the same: what is exact is that the words
    say what the p-value does. How often it is inconclusive is a rate."""
    effects = Justice(sentenced=FEW, sent=203, on_record=0.95, eligible=0.74, difference=-0.04)
    with _staged(seed, effects, tell) as done:
        finding = done.outcome.findings[PRODUCT]
        many = _rows(finding, "list", "stage")[ANALYSED]["people"]
        p = _rows(finding, "measures", "measure")[RATE]["p_value"]
        wanted = p > _params(done)["significance"]
        found = _inconclusive_in(_report(done))
        asked = f"{many} of 203 analysed, -4 points: told as inconclusive where p > 0.05, and only there"
        said = f"p = {p:.3f}, told as {'inconclusive' if found else 'significant'}"
        yield exactly(asked, found, wanted, said)


def _report(done: Staged) -> str:
    return (done.outcome.releases["public"] / "report.html").read_text(encoding="utf-8")


def _inconclusive_in(text: str) -> bool:
    return INCONCLUSIVE in text and "there is evidence" not in text


def _refused(seed: int, tell: Tell) -> Iterator[Line]:
    codes: list[str] = []
    try:
        with _staged(seed, Justice(sentenced=FEW, sent=59, on_record=1.0, eligible=1.0), tell):
            pass
    except FitError as error:
        codes = sorted({problem.code for problem in error.problems})
    yield exactly("59 sent: refused", codes, ["TOO_SMALL"])


def _untimed(seed: int, tell: Tell) -> Iterator[Line]:
    for reoffenders, told in ((29, False), (36, True)):
        with _staged(seed, Justice(sentenced=FEW, sent=220, reoffenders=reoffenders), tell) as done:
            rows = _rows(done.outcome.findings[PRODUCT], "measures", "measure")
            found = _rows(done.outcome.findings[PRODUCT], "groups", "group")
            many = next(iter(found.values()))["reoffenders"]
            asked = f"{many} treated reoffenders: the time to the first is {'told' if told else 'left out'}"
            yield exactly(asked, (TIME in rows) == told, True)


def _attrition(seed: int, tell: Tell) -> Iterator[Line]:
    effects = Justice(sentenced=FEW, sent=321, on_record=287 / 321, eligible=73 / 287)
    with _staged(seed, effects, tell) as done:
        stages = {
            k: row["people"] for k, row in _rows(done.outcome.findings[PRODUCT], "list", "stage").items()
        }
    yield exactly("321 sent", stages[SENT], 321)
    yield within(
        "287 of them on the police record, but for missed links", stages[RECORDED], 279, 290, "{:.0f}"
    )
    yield within("about 72 of them analysed", stages[ANALYSED], 68, 73, "{:.0f}")


def _rates(params: dict[str, Any], seed: int, seeds: int, told: Tell) -> list[Line]:
    """New people, programme and outcomes through the same fit, with and without an effect, many and few."""
    wrong = covers = inconclusive = odd = 0
    for draw in range(seeds):
        told(f"seed {draw + 1} of {seeds}", draw / seeds)
        rng = np.random.default_rng([seed, draw])
        null, _ = _measured(Justice(difference=0.0), POOL, TREATED, params, rng)
        wrong += null.p <= params["significance"]
        effect, planted = _measured(Justice(), POOL, TREATED, params, rng)
        covers += effect.low <= planted <= effect.high
        table, _ = drawn(Justice(difference=-0.04), FEW, 142, rng)
        finding = fit(table, params)
        said = " ".join(tell({t.name: t.data for t in finding.tables}, params).sentences)
        p = _rows(finding, "measures", "measure")[RATE]["p_value"]
        inconclusive += INCONCLUSIVE in said
        odd += (INCONCLUSIVE in said) != (p > params["significance"])
    return [
        at_most("zero effect: significant in <= 8% of seeds", wrong, seeds, 0.08),
        at_least("-7 points: the 95% interval contains what was planted", covers, seeds, 0.95),
        at_least("142 analysed, -4 points: inconclusive in at least 70%", inconclusive, seeds, 0.70),
        exactly("142 analysed: seeds whose words and p-value do not agree", odd, 0),
    ]


def _measured(
    effects: Justice, pool: int, many: int, params: dict[str, Any], rng: np.random.Generator
) -> tuple[Any, float]:
    table, planted = drawn(effects, pool, many, rng)
    return next(measures(read_lab(table, params), params)).difference, planted


def drawn(effects: Justice, pool: int, many: int, rng: np.random.Generator) -> tuple[pa.Table, float]:
    """New people as the recipe's preparation would give them, and the planted difference in points."""
    people = draw_sentenced(pool, effects.rate, rng)
    treated = np.zeros(pool, bool)
    treated[join(people, np.arange(pool), many, effects.like, rng)] = True
    chance = people.chance.copy()
    chance[treated] = with_programme(chance[treated], effects)
    reoffends = rng.random(pool) < chance
    needs = dict(zip(("accommodation", "drugs", "alcohol", "thinking"), people.needs.T, strict=False))
    table = pa.table(
        {
            "person": pa.array(np.arange(pool)).cast(pa.string()),
            "participant": treated,
            "sent": treated.astype(np.int64),
            "recorded": np.ones(pool, bool),
            "indexed": np.ones(pool, bool),
            "reoffences": reoffends * (1 + rng.poisson(1.6, pool)),
            "days": pa.array(rng.integers(1, 366, pool), mask=~reoffends),
            "region": coded(REGIONS, people.region).cast(pa.string()),
            "disposal": coded(DISPOSALS, people.disposal).cast(pa.string()),
            "offence": coded(OFFENCES, people.offence).cast(pa.string()),
            "age": people.age,
            "first_age": people.first_age,
            "prior_offences": people.prior_offences,
            "prior_custody": people.prior_custody,
            **{name: pa.array(column) for name, column in needs.items()},
            "worked": people.worked,
            "benefits": people.benefits,
        }
    )
    return table, float((chance - people.chance)[treated].mean()) * 100
