"""The queue: two blind readers, a third where they differ; nothing twice, nothing lost, nothing clear."""

from __future__ import annotations

import datetime as dt
import random
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import pyarrow as pa
import pytest

from sharewell.errors import LinkError, StorageError
from sharewell.link.review import (
    Answer,
    Design,
    Pair,
    Reason,
    Reviews,
    Sides,
    State,
    Step,
    Verdict,
    agreements,
    answer_all,
    answers,
    draw,
    open_sheet,
    question,
    write_sheet,
)
from sharewell.link.review.kappa import agreement
from sharewell.link.review.states import outcome, state, wanted

KEY = b"a key of the linker, for tests.."
NOW = dt.datetime(2024, 6, 3, 9, tzinfo=dt.UTC)
DESIGN = Design(3.0, budget=12)
SAME, DIFFERENT, UNSURE = Verdict.SAME, Verdict.DIFFERENT, Verdict.UNSURE


def sample(count: int = 60, seed: int = 1) -> object:
    rng = random.Random(seed)
    rows = [
        {
            "source_l": "clinic",
            "record_l": f"secretl{at}",
            "source_r": "school",
            "record_r": f"secretr{at}",
            "rule": "born",
            "weight": rng.gauss(2, 6),
        }
        for at in range(count)
    ]
    return draw(pa.Table.from_pylist(rows), DESIGN, KEY)


@pytest.fixture
def reviews(tmp_path: Path) -> Iterator[Reviews]:
    with Reviews.open(tmp_path / "reviews.db", KEY) as held:
        yield held


def said(pair: Pair, reader: str, verdict: Verdict) -> Answer:
    return Answer(f"{reader}-{pair.pair}", pair.pair, reader, verdict, NOW)


def test_states_follow_from_the_answers() -> None:
    cases = (
        ((), State.OPEN, 2, None),
        ((SAME,), State.ONE, 1, None),
        ((SAME, SAME), State.AGREED, 0, SAME),
        ((SAME, UNSURE), State.DISAGREED, 1, None),
        ((SAME, DIFFERENT, SAME), State.SETTLED, 0, SAME),
        ((SAME, DIFFERENT, UNSURE), State.SETTLED, 0, UNSURE),
    )
    for given, named, more, found in cases:
        assert (state(given, False), wanted(given), outcome(given)) == (named, more, found)
    assert state((), True) is State.TAKEN


def test_two_read_each_pair_and_a_third_settles_what_they_dispute(reviews: Reviews) -> None:
    batch = reviews.add(sample(), DESIGN, NOW)
    first = reviews.take(batch, "ann", NOW, most=99)
    assert len(first) == 12
    for pair in first:
        assert reviews.answer(said(pair, "ann", SAME)) is State.ONE
    assert reviews.take(batch, "ann", NOW, most=99) == [], "nobody reads a pair twice"
    second = reviews.take(batch, "bob", NOW, most=99)
    assert {pair.pair for pair in second} == {pair.pair for pair in first}
    for at, pair in enumerate(second):
        reviews.answer(said(pair, "bob", DIFFERENT if at < 3 else SAME))
    assert reviews.progress(batch, NOW) == {
        "open": 0, "taken": 0, "answered by one": 0, "agreed": 9, "disagreed": 3, "settled": 0,
    }  # fmt: skip
    assert len(reviews.labels(batch)) == 9
    third = reviews.take(batch, "cy", NOW, most=99)
    assert {pair.pair for pair in third} == {pair.pair for pair in second[:3]}
    for pair in third:
        assert reviews.answer(said(pair, "cy", DIFFERENT)) is State.SETTLED
    labels = {row["pair"]: row["verdict"] for row in reviews.labels(batch).to_pylist()}
    assert [labels[pair.pair] for pair in second] == ["different"] * 3 + ["same"] * 9
    assert reviews.take(batch, "dee", NOW, most=99) == []
    found = agreements(reviews.readings(batch))
    assert (found[0].who, found[0].pairs, found[0].raw.value) == ("all", 12, 0.75)
    assert not any("cy" in each.who for each in found), "who settles a dispute is no second reader"


def test_what_a_reader_is_given_says_nothing_of_weight_or_others(reviews: Reviews) -> None:
    assert {field.name for field in fields(Pair)} == {"pair", "left", "right"}
    batch = reviews.add(sample(), DESIGN, NOW)
    told = sample()
    weights = {row["pair"]: row["weight"] for row in told.pairs.to_pylist()}  # type: ignore[attr-defined]
    order = [weights[pair.pair] for pair in reviews.take(batch, "ann", NOW, most=99)]
    assert order not in (sorted(order), sorted(order, reverse=True))


def test_no_more_people_hold_a_pair_than_it_needs_until_they_let_go(reviews: Reviews) -> None:
    batch = reviews.add(sample(), DESIGN, NOW)
    (mine,) = reviews.take(batch, "ann", NOW)
    assert reviews.take(batch, "ann", NOW) == [mine], "whoever comes back finds it again"
    for reader in ("ann", "bob"):
        assert len(reviews.take(batch, reader, NOW, most=99)) == 12
    assert reviews.take(batch, "cy", NOW) == []
    assert reviews.progress(batch, NOW)["taken"] == 12
    later = NOW + dt.timedelta(hours=3)
    assert reviews.progress(batch, later)["open"] == 12
    assert len(reviews.take(batch, "cy", later, most=99)) == 12


def test_answers_are_added_once_and_never_changed(reviews: Reviews) -> None:
    batch = reviews.add(sample(), DESIGN, NOW)
    (pair,) = reviews.take(batch, "ann", NOW)
    given = replace(said(pair, "ann", SAME), reason=Reason.NAMES)
    assert reviews.answer(given) is State.ONE
    assert reviews.answer(given) is State.ONE
    assert len(reviews.readings(batch)) == 1
    refused = (
        (replace(given, verdict=DIFFERENT), {"ANSWER-ID"}),
        (replace(given, reason=None), {"ANSWER-ID"}),
        (replace(given, answer="another"), {"READ-TWICE"}),
        (said(pair, "bob", SAME), {"NOT-TAKEN"}),
    )
    for wrong, codes in refused:
        with pytest.raises(LinkError) as caught:
            reviews.answer(wrong)
        assert {problem.code for problem in caught.value.problems} == codes
    assert len(reviews.readings(batch)) == 1
    with pytest.raises(LinkError, match="know its zone"):
        reviews.take(batch, "ann", NOW.replace(tzinfo=None))
    with pytest.raises(LinkError, match="no batch"):
        reviews.take("nothing", "ann", NOW)


def test_a_late_answer_to_a_settled_pair_is_refused(reviews: Reviews) -> None:
    batch = reviews.add(sample(), DESIGN, NOW)
    later = NOW + dt.timedelta(hours=3)
    pairs = {reader: reviews.take(batch, reader, at, 99) for reader, at in (("ann", NOW), ("bob", NOW))}
    pairs["cy"] = reviews.take(batch, "cy", later, 99)
    shared = pairs["cy"][0]
    for reader in ("ann", "cy"):
        reviews.answer(said(shared, reader, SAME))
    with pytest.raises(LinkError, match="needs no more readers"):
        reviews.answer(said(shared, "bob", DIFFERENT))


def test_a_batch_added_again_is_the_same_and_answers_serve_the_next(reviews: Reviews) -> None:
    batch = reviews.add(sample(), DESIGN, NOW)
    assert reviews.add(sample(), DESIGN, NOW + dt.timedelta(days=1)) == batch
    assert len(reviews.batches()) == 1
    for reader in ("ann", "bob"):
        for pair in reviews.take(batch, reader, NOW, most=99):
            reviews.answer(said(pair, reader, SAME))
    wider = replace(DESIGN, budget=60)
    rows = [
        {name: row[name] for name in ("source_l", "record_l", "source_r", "record_r", "rule", "weight")}
        for row in sample().pairs.to_pylist()  # type: ignore[attr-defined]
    ]
    second = reviews.add(draw(pa.Table.from_pylist(rows), wider, KEY), wider, NOW)
    assert second != batch
    assert reviews.progress(second, NOW)["agreed"] == 12
    assert reviews.take(second, "ann", NOW) == []


def test_file_is_private_encrypted_and_survives(tmp_path: Path) -> None:
    path = tmp_path / "reviews.db"
    with Reviews.open(path, KEY) as held:
        batch = held.add(sample(), DESIGN, NOW)
        (pair,) = held.take(batch, "ann", NOW)
        held.answer(said(pair, "ann", SAME))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    content = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert not any(word in content for word in (b"secretl", b"clinic", b"record_l"))
    with Reviews.open(path, KEY) as held:
        assert held.progress(batch, NOW)["answered by one"] == 1
    with pytest.raises(LinkError, match="REVIEW-KEY"), Reviews.open(path, KEY[::-1]):
        pass


def test_a_second_opening_waits_and_then_says_so_and_a_lost_folder_is_named(tmp_path: Path) -> None:
    path = tmp_path / "reviews.db"
    with (
        Reviews.open(path, KEY),
        pytest.raises(LinkError, match="BUSY another"),
        Reviews.open(path, KEY, wait=0.1),
    ):
        pass
    with pytest.raises(LinkError, match="STORAGE"), Reviews.open(tmp_path / "none" / "reviews.db", KEY):
        pass


def test_readers_in_two_processes_take_turns(tmp_path: Path) -> None:
    path = tmp_path / "reviews.db"
    code = (
        "import sys, time, pathlib; from sharewell.link.review import Reviews\n"
        f"with Reviews.open(pathlib.Path(sys.argv[1]), {KEY!r}) as held:\n"
        "    print('in', flush=True); time.sleep(0.5)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"in\n"
        with pytest.raises(LinkError, match="BUSY"), Reviews.open(path, KEY, wait=0.0):
            pass
        with Reviews.open(path, KEY, wait=20.0) as held:
            assert len(held.batches()) == 0
    assert other.returncode == 0


def test_erasure_forgets_who_and_keeps_the_count(reviews: Reviews) -> None:
    batch = reviews.add(sample(), DESIGN, NOW)
    pair = reviews.take(batch, "ann", NOW)[0]
    reviews.answer(said(pair, "ann", SAME))
    assert reviews.erase(*pair.left) == 1
    assert reviews.erase(*pair.left) == 0
    assert sum(reviews.progress(batch, NOW).values()) == 12
    assert pair.pair not in {other.pair for other in reviews.take(batch, "bob", NOW, most=99)}


def test_kappa_is_that_of_fleiss_cohen_and_everitt() -> None:
    # 20, 5, 10, 15: kappa 0.4, and by hand from their formula an error of 0.1285.
    answers_ = [(SAME, SAME)] * 20 + [(SAME, DIFFERENT)] * 5 + [(DIFFERENT, SAME)] * 10
    found = agreement("both", answers_ + [(DIFFERENT, DIFFERENT)] * 15)
    assert found.kappa is not None
    assert (found.raw.value, round(found.kappa.value, 9)) == (0.7, 0.4)
    p, row, column = (0.4, 0.1, 0.2, 0.3), (0.5, 0.5), (0.6, 0.4)
    chance = 0.5
    a = p[0] * (1 - (row[0] + column[0]) * 0.6) ** 2 + p[3] * (1 - (row[1] + column[1]) * 0.6) ** 2
    b = 0.36 * (p[1] * (column[0] + row[1]) ** 2 + p[2] * (column[1] + row[0]) ** 2)
    error = ((a + b - (0.4 - chance * 0.6) ** 2) / (1 - chance) ** 2 / 50) ** 0.5
    assert abs(found.kappa.high - 0.4 - 1.959964 * error) < 1e-9
    assert found.note == ""


def test_kappa_says_when_it_misleads_or_is_not_defined() -> None:
    skewed = agreement("both", [(SAME, SAME)] * 96 + [(SAME, DIFFERENT)] * 2 + [(DIFFERENT, SAME)] * 2)
    assert skewed.kappa is not None
    assert skewed.kappa.value < 0 < 0.9 < skewed.raw.low
    assert "nearly all answers are the same" in skewed.note
    alike = agreement("both", [(SAME, SAME)] * 50)
    assert alike.kappa is None
    assert "not defined" in alike.note
    assert "rough" in agreement("both", [(SAME, SAME), (DIFFERENT, DIFFERENT)]).note
    assert "no pair" in agreement("both", []).note


def asked(pair: str) -> object:
    steps = [Step("prior", "before", -10.0, -10.0), Step("forename", "same", 7.5, -2.5)]
    steps.append(Step("forename", "a rare value to share", 4.25, 1.75))
    return question(pair, steps, Sides({"forename": ("=ZELDA", "ZELDA")}))


@pytest.mark.parametrize("key", [None, KEY])
def test_a_sheet_goes_out_private_and_comes_back_as_answers(
    reviews: Reviews, tmp_path: Path, key: bytes | None
) -> None:
    batch = reviews.add(sample(), DESIGN, NOW)
    pairs = reviews.take(batch, "ann", NOW, most=3)
    path = tmp_path / "sheet.csv"
    write_sheet(path, [asked(pair.pair) for pair in pairs], key)  # type: ignore[misc]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (b"ZELDA" in path.read_bytes()) is (key is None)
    with pytest.raises(StorageError):
        write_sheet(path, [], key)
    sheet = open_sheet(path, key)
    assert "'=ZELDA" in sheet, "no cell may run as a formula"
    assert "7.5" not in sheet
    assert "rare" not in sheet
    lines = sheet.splitlines()
    lines[1] = lines[1].replace(",,,", ",Same,names,", 1)
    lines[2] = lines[2].replace(",,,", ", different ,,", 1)
    found = answers("\n".join(lines), "ann", NOW)
    assert [(each.verdict, each.reason) for each in found] == [(SAME, Reason.NAMES), (DIFFERENT, None)]
    assert answer_all(reviews, found) == {State.ONE: 2}
    assert answer_all(reviews, found) == {State.ONE: 2}
    assert len(reviews.readings(batch)) == 2
    if key:
        with pytest.raises(LinkError, match="another key"):
            open_sheet(path, KEY[::-1])
        with pytest.raises(LinkError, match="is encrypted"):
            open_sheet(path)


def test_a_faulty_sheet_is_told_line_by_line_without_a_word_of_it(reviews: Reviews) -> None:
    sheet = "pair,answer,reason\nab,Zelda,\n,same,\ncd,same,she is Zelda\nef,,\n"
    with pytest.raises(LinkError) as caught:
        answers(sheet, "ann", NOW)
    assert [problem.where for problem in caught.value.problems] == ["line 2", "line 3", "line 4"]
    assert "elda" not in str(caught.value)
    with pytest.raises(LinkError, match="lacks the columns answer, reason"):
        answers("pair\nab\n", "ann", NOW)
    batch = reviews.add(sample(), DESIGN, NOW)
    (pair,) = reviews.take(batch, "ann", NOW)
    stray = answers(f"pair,answer,reason\nstray,same,\n{pair.pair},same,\n", "ann", NOW)
    with pytest.raises(LinkError, match="answer 1 NOT-TAKEN"):
        answer_all(reviews, stray)
    assert len(reviews.readings(batch)) == 1, "what was sound is in"


def test_values_have_no_printed_form() -> None:
    shown = Sides({"forename": ("ZELDA", "ZELDA")})
    assert "ZELDA" not in repr(shown) + repr(asked("ab")) + str(asked("ab"))
    with pytest.raises(TypeError, match="not kept"):
        shown.__reduce__()
