"""Attacks on rows about coded people, against releases whose risk was planted."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from sharewell.check.intruder.inference import infer
from sharewell.check.intruder.intervals import difference, exact, of_room, wilson
from sharewell.check.intruder.knowledge import Knowledge
from sharewell.check.intruder.linkability import link
from sharewell.check.intruder.play import play
from sharewell.check.intruder.played import Attempt, Bar, Played, Verdict, add_months
from sharewell.check.intruder.singling_out import single_out
from sharewell.errors import DataError

TODAY = date(2026, 1, 31)
KNOWN = ("weekday", "hour", "place_type", "place_code")


def attendances(seed: int, null: bool, rows: int = 1500, log: int = 900) -> tuple[pa.Table, Knowledge]:
    """Emergency attendances, and a police log of which 28% are about the same people.

    null: the log is drawn apart from the attendances, so that its columns say nothing about who it is.
    """
    random = np.random.default_rng(seed)

    def draw(size: int) -> dict[str, np.ndarray]:
        return {
            "weekday": random.integers(0, 7, size),
            "hour": random.integers(0, 24, size),
            "place_type": random.integers(0, 3, size),
            "place_code": np.minimum(random.zipf(1.5, size), 60),
        }

    seen = draw(rows)
    released = pa.table(seen | {"method": [f"m{v}" for v in random.integers(0, 5, rows)]})
    about = np.full(log, -1)
    both = random.permutation(log)[: int(0.28 * log)]
    about[both] = random.permutation(rows)[: len(both)]
    held = draw(log)
    if not null:
        for name, values in held.items():
            values[both] = seen[name][about[both]]
    return released, Knowledge("the police log", pa.table(held), KNOWN, about.tolist())


def test_intervals_are_the_published_ones() -> None:
    assert wilson(10, 100) == pytest.approx((0.0552, 0.1744), abs=1e-4)
    assert wilson(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)
    assert exact(10, 100) == pytest.approx((0.0490, 0.1762), abs=1e-4)
    assert exact(0, 50)[1] == pytest.approx(1 - 0.025 ** (1 / 50))
    assert exact(7, 7)[1] == 1.0
    assert wilson(0, 0) == exact(0, 0) == (0.0, 1.0)


def test_excess_is_what_the_baseline_leaves() -> None:
    rate, (low, high) = of_room(difference((0.6, (0.5, 0.7)), (0.2, (0.2, 0.2))), 0.2)
    assert (rate, low, high) == pytest.approx((0.5, 0.375, 0.625))
    assert of_room((0.0, (0.0, 0.0)), 1.0) == (0.0, (0.0, 0.0))


def test_rows_that_are_alone_are_singled_out_at_the_planted_rate() -> None:
    """Of 600 rows 240 are alone on all columns together; the rest come in pairs."""
    alone = [(i % 20, i // 20, 100 + i % 7) for i in range(240)]
    pairs = [(50 + i % 20, 50 + i // 20, 7) for i in range(180)] * 2
    rows = pa.table({name: [row[d] for row in alone + pairs] for d, name in enumerate("abc")})
    _, described = single_out(rows, ["a", "b", "c"], tries=600)
    assert (described.successes, described.tries) == (240, 600)
    within = 0
    for seed in range(20):
        low, high = single_out(rows, ["a", "b", "c"], tries=150, seed=seed)[1].interval
        within += low <= 0.4 <= high
    assert within >= 18


def test_ten_alike_are_never_singled_out() -> None:
    rows = pa.table({"a": list(range(40)) * 10, "b": [i % 5 for i in range(40)] * 10})
    for attempt in single_out(rows, ["a", "b"]):
        assert attempt.successes == attempt.claims == 0
        assert attempt.above[1][0] <= 0
    assert single_out(rows, ["a", "b"])[1].judge(Bar()) is Verdict.HELD


def test_alone_in_the_release_is_not_alone_in_the_county() -> None:
    random = np.random.default_rng(4)
    county = pa.table({"age": random.integers(0, 90, 9000), "ward": random.integers(0, 10, 9000)})
    rows = county.slice(0, 60)
    inside = single_out(rows, ["age", "ward"])[1]
    outside = single_out(rows, ["age", "ward"], population=county)[1]
    assert inside.rate >= 0.9
    assert outside.successes == 0
    assert outside.claims == inside.claims


def test_people_outside_are_the_control_where_there_are_such() -> None:
    random = np.random.default_rng(8)
    rows = pa.table({"a": random.integers(0, 1000, 400)})
    others = pa.table({"a": random.integers(0, 1000, 400)})
    found = single_out(rows, ["a"], control=others)[1]
    assert found.control_of == "people not in the release"
    assert found.control is not None
    # A value that one of 400 has is had by exactly one of 400 others with chance 0.4 exp(-0.4).
    assert found.control[0] / found.control[1] == pytest.approx(0.4 * np.exp(-0.4), abs=0.07)


def test_the_police_log_links_at_the_rate_that_was_planted() -> None:
    """The careful intruder is right about exactly those in both whose row is alone on what is known."""
    within = tried = 0
    for seed in range(25):
        released, log = attendances(seed, null=False)
        keys = list(zip(*(released.column(name).to_pylist() for name in KNOWN), strict=True))
        counts = {key: keys.count(key) for key in set(keys)}
        right = sum(1 for row in log.about if row >= 0 and counts[keys[row]] == 1)
        careful, bold = link(released, log, tries=300, seed=seed)
        low, high = careful.interval
        within += low <= right / 900 <= high
        tried += 1
        assert bold.successes >= careful.successes
        assert careful.above[1][0] > 0
        if seed == 0:
            everything = link(released, log, tries=900)[0]
            assert everything.successes == right
            assert everything.judge(Bar()) is Verdict.BROKEN
    assert within / tried >= 0.9


def test_a_log_that_says_nothing_shows_no_risk() -> None:
    attempts = [
        attempt
        for seed in range(30)
        for released, log in [attendances(seed, null=True)]
        for attempt in (
            *link(released, log, tries=400, seed=seed),
            infer(released, log, "method", tries=200, seed=seed),
        )
    ]
    calm = [attempt.above[1][0] <= 0 for attempt in attempts]
    assert sum(calm) / len(calm) >= 0.92


def test_a_number_within_its_tolerance_and_a_null_still_link() -> None:
    released = pa.table({"hour": [1.0, 9.0, 20.0], "place": ["x", None, "z"]})
    records = pa.table({"hour": [1.5, 9.2, 15.0], "place": ["x", "y", "z"]})
    known = Knowledge("a log", records, ("hour", "place"), [0, 1, 2], {"hour": 1.0})
    careful, bold = link(released, known)
    assert (careful.claims, careful.successes) == (2, 2)
    assert bold.successes >= 2
    strict = Knowledge("a log", records, ("hour", "place"), [0, 1, 2])
    assert link(released, strict)[0].claims == 0


def test_what_all_share_is_not_the_doing_of_the_release() -> None:
    """A value that follows from what is known is guessed as well with one's own row left out."""
    random = np.random.default_rng(1)
    group = random.integers(0, 4, 2000)
    illness = np.where(random.random(2000) < 0.9, group, random.integers(0, 4, 2000))
    released = pa.table({"group": group, "illness": [f"i{v}" for v in illness]})
    known = Knowledge("neighbours", pa.table({"group": group}), ("group",), list(range(2000)))
    found = infer(released, known, "illness", tries=2000)
    assert found.rate > 0.85
    assert found.guess < 0.4
    assert found.above[1][0] <= 0
    assert found.judge(Bar()) is Verdict.HELD


def test_an_own_row_that_gives_the_value_away_is_found() -> None:
    random = np.random.default_rng(2)
    code = random.permutation(1000)
    released = pa.table({"code": code, "illness": [f"i{v}" for v in random.integers(0, 4, 1000)]})
    known = Knowledge("a register", pa.table({"code": code}), ("code",), list(range(1000)))
    found = infer(released, known, "illness", tries=300)
    assert found.rate == 1.0
    assert found.above[1][0] > 0.6
    assert found.judge(Bar()) is Verdict.BROKEN
    outsiders = pa.table({"code": code + 5000, "illness": ["i0", "i1"] * 500})
    assert infer(released, known, "illness", control=outsiders, tries=300).above[1][0] > 0.5


def test_a_number_is_inferred_to_within_its_tolerance_and_against_the_truth() -> None:
    released = pa.table({"group": ["a"] * 3 + ["b"] * 3, "pay": [10, 12, 14, 50, 52, 54]})
    known = Knowledge("colleagues", pa.table({"group": ["a", "b"]}), ("group",), [0, 5])
    assert infer(released, known, "pay", tolerance=2.0).successes == 2
    assert infer(released, known, "pay", tolerance=1.0).successes == 0
    truth = pa.chunked_array([[11, 12, 14, 50, 52, 90]])
    assert infer(released, known, "pay", tolerance=2.0, truth=truth).successes == 1


def test_what_is_played_can_be_read_kept_and_dated() -> None:
    released, log = attendances(3, null=False)
    secret = released.set_column(4, "method", pa.array(["hemlock"] * released.num_rows))
    found = play(secret, name="ISTV", on=TODAY, knowledge=[log], sensitive=["method"], months=13, tries=200)
    told = found.as_mapping()
    assert json.loads(json.dumps(told)) == told
    assert "hemlock" not in json.dumps(told)
    assert told["replay_by"] == "2027-02-28"
    assert told["verdict"] == "broken"
    assert [a["attack"] for a in told["attempts"]] == [
        "singling out",
        "singling out",
        "linkability",
        "linkability",
        "inference",
    ]
    again = play(secret, name="ISTV", on=TODAY, knowledge=[log], sensitive=["method"], months=13, tries=200)
    assert again == found
    assert "to be played again by 2027-02-28" in found.sentences()[-1]


def test_a_sentence_says_what_a_reader_needs() -> None:
    did = "named the right person"
    found = Attempt("linkability", "Linking", "a log", did, 1000, 40, 12, 0.003, names=True)
    assert found.sentence() == (
        "Linking: of 1,000 tries, 12 named the right person (0.7% to 2.1%); "
        "the intruder would have claimed 40; by guessing it would be 3."
    )
    nothing = Attempt("linkability", "Linking", "a log", did, 0, 0, 0)
    assert nothing.sentence() == "Linking: nothing to try."


def test_few_tries_show_nothing_and_sure_claims_break() -> None:
    few = Attempt("linkability", "", "", "", 10, 0, 0, names=True)
    assert few.judge(Bar()) is Verdict.NOT_SHOWN
    assert Attempt("linkability", "", "", "", 0, 0, 0).judge(Bar()) is Verdict.NOT_SHOWN
    rare_but_right = Attempt("linkability", "", "", "", 10_000, 30, 29, names=True)
    assert rare_but_right.judge(Bar()) is Verdict.BROKEN
    assert Attempt("linkability", "", "", "", 10_000, 300, 29, names=True).judge(Bar()) is Verdict.HELD
    nothing = Played("x", TODAY, TODAY, 0, Bar(), ())
    assert nothing.verdict is Verdict.NOT_SHOWN


def test_months_end_where_the_month_ends() -> None:
    assert add_months(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert add_months(date(2025, 10, 31), 1) == date(2025, 11, 30)
    assert add_months(date(2025, 12, 5), 12) == date(2026, 12, 5)


def test_knowledge_that_does_not_fit_is_refused() -> None:
    released, log = attendances(3, null=False)
    with pytest.raises(DataError, match="not one a record"):
        link(released, Knowledge("a log", log.records, KNOWN, [0]))
    beyond = Knowledge("a log", log.records, KNOWN, [10**6] * log.records.num_rows)
    with pytest.raises(DataError, match="not one a record"):
        link(released, beyond)
    with pytest.raises(DataError, match="nothing is known"):
        link(released, Knowledge("a log", log.records, (), log.about))
    with pytest.raises(DataError, match="no column 'shoe'"):
        link(released, Knowledge("a log", log.records, ("shoe",), log.about))
    with pytest.raises(DataError, match="held already"):
        infer(released, log, "hour")
    texts = log.records.set_column(0, "weekday", pa.array(["Monday"] * log.records.num_rows))
    with pytest.raises(DataError, match="another type"):
        link(released, Knowledge("a log", texts, KNOWN, log.about))
    with pytest.raises(DataError, match="at least one"):
        play(released, name="x", on=TODAY, months=0)


def test_a_release_of_nobody_can_be_played() -> None:
    released, log = attendances(3, null=True)
    nobody = Knowledge("a log", log.records, KNOWN, [-1] * log.records.num_rows)
    found = play(released.slice(0, 0), name="x", on=TODAY, knowledge=[nobody], sensitive=["method"])
    assert found.verdict is Verdict.NOT_SHOWN
    assert all(attempt.tries == 0 for attempt in found.attempts)


def test_several_rows_of_one_person_do_not_hide_them() -> None:
    """Each person has three rows that are alike: no row is alone, everybody is."""
    who = [f"p{i}" for i in range(100)] * 3
    place = list(range(100)) * 3
    rows = pa.table({"code": who, "place": place, "illness": ["i0", "i1"] * 150})
    known = Knowledge("a log", pa.table({"place": list(range(100))}), ("place",), list(range(100)))
    assert single_out(rows, ["place"])[1].successes == 0
    assert single_out(rows, ["place"], subject="code")[1].rate == 1.0
    assert link(rows, known)[0].claims == 0
    careful, bold = link(rows, known, subject="code")
    assert (careful.successes, bold.successes) == (100, 100)
    own = pa.table({"code": who, "place": place, "illness": [f"i{p % 4}" for p in place]})
    found = infer(own, known, "illness", subject="code")
    assert found.rate == 1.0
    assert found.control is not None
    assert found.control[0] < 60
    played = play(own, name="x", on=TODAY, knowledge=[known], sensitive=["illness"], subject="code")
    assert played.verdict is Verdict.BROKEN


def test_a_suppressed_value_tells_no_row_apart() -> None:
    rows = pa.table({"a": ["x", "x", "y", "y"], "b": ["1", None, "2", "2"]})
    described = single_out(rows, ["a", "b"], tries=4)[1]
    assert described.successes == 0
