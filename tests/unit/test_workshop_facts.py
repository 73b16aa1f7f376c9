"""How few facts it takes: held to counting by hand, to chance and to the clock; and words for everybody."""

from __future__ import annotations

import datetime as dt
import time
from itertools import combinations
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from sharewell.errors import DataError, DocumentError
from sharewell.papers.block import Paragraph
from sharewell.papers.reading import TARGET, readability, sentences
from sharewell.workshop.facts_needed import MOST, facts_needed
from sharewell.workshop.learning import WORDS, Shown, lessons
from sharewell.workshop.quiz import load_quiz, score


def drawn(rows: int, **values: int) -> pa.Table:
    rng = np.random.default_rng(1)
    return pa.table({name: rng.integers(0, many, rows) for name, many in values.items()})


def each(*facts: str) -> dict[str, tuple[str, ...]]:
    return {fact: (fact,) for fact in facts}


def test_it_is_what_counting_by_hand_gives() -> None:
    table = drawn(300, a=3, b=12, c=40)
    rows = table.to_pylist()
    for known in facts_needed(table, each("a", "b", "c")):
        found = {}
        for facts in combinations("abc", known.count):
            told = [tuple(row[fact] for fact in facts) for row in rows]
            crowds = [told.count(one) for one in told]
            found[facts] = (sum(c == 1 for c in crowds) / 300, float(np.median(crowds)))
        worst = max(found, key=lambda facts: found[facts][0])
        assert known.worst.unique == pytest.approx(found[worst][0])
        assert (known.worst.unique, known.worst.median) == pytest.approx(found[known.worst.facts])
        assert known.unique == pytest.approx(np.median([one for one, _ in found.values()]))


@pytest.mark.parametrize("cells", [500, 5000])
def test_by_chance_as_many_are_unique_as_balls_alone_in_their_urn(cells: int) -> None:
    """n rows in m equal cells: each is alone with probability (1 - 1/m)^(n - 1)."""
    (known,) = facts_needed(drawn(5000, a=cells), each("a"))
    assert known.worst.unique == pytest.approx((1 - 1 / cells) ** 4999, abs=0.02)


def test_what_is_not_recorded_is_a_value_and_not_everybody() -> None:
    (known,) = facts_needed(pa.table({"a": [1, 1, None]}), each("a"))
    assert known.worst.unique == pytest.approx(1 / 3)


def test_a_fact_that_the_table_does_not_tell_helps_nobody() -> None:
    one, two = facts_needed(drawn(50, a=2), {"a": ("a",), "b": ()})
    assert one.worst.facts == ("a",)
    assert two.worst.unique == one.worst.unique
    (none,) = facts_needed(drawn(50, a=2), {"b": ()})
    assert (none.worst.unique, none.worst.median) == (0.0, 50.0)


def test_of_very_many_combinations_some_are_drawn_and_it_is_said() -> None:
    names = [f"f{n}" for n in range(9)]
    table = drawn(200, **dict.fromkeys(names, 2))
    tried = {known.count: (known.tried, known.all_tried) for known in facts_needed(table, each(*names))}
    assert tried[2] == (36, True)
    assert tried[4] == (MOST, False)
    assert facts_needed(table, each(*names)) == facts_needed(table, each(*names))


def test_sixty_thousand_people_take_less_than_two_seconds() -> None:
    table = drawn(60_000, sex=2, year=90, month=12, day=31, area=80, practice=10)
    began = time.perf_counter()
    facts_needed(table, each(*table.column_names))
    assert time.perf_counter() - began < 2


def test_every_cause_is_told_at_once() -> None:
    with pytest.raises(DataError) as told:
        facts_needed(pa.table({"a": pa.array([], pa.int64())}), each("z"))
    assert [problem.code for problem in told.value.problems] == ["EMPTY", "COLUMNS"]


def paper_words() -> list[str]:
    known = facts_needed(drawn(500, a=9, b=99, c=99), each("a", "b", "c"))
    shown = Shown(500, "", "ward in place of area, the month of birth", known, None)
    body = lessons(shown, dt.date(2024, 6, 3)).body
    return [str(part) for block in body if isinstance(block, Paragraph) for part in block.words]


def test_everybody_can_read_the_lessons() -> None:
    assert len(paper_words()) > len(WORDS)
    for words in paper_words():
        assert readability(words).age <= TARGET, words
        assert max(len(sentence.split()) for sentence in sentences(words)) <= 20, words


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.0, "nobody"), (0.0002, "under 0.1%"), (0.023, "2.3%"), (0.999, "99%"), (1.0, "everybody")],
)
def test_a_share_is_never_rounded_to_none_or_all(share: float, said: str) -> None:
    from sharewell.workshop.facts_needed import Crowd, Known

    known = (Known(1, Crowd(("a",), share, 1), share, 1, 1, True),)
    assert f"single out {said};" in Shown(9, "", "", known, None).sentence()


def test_the_quiz_is_passed_by_the_right_answers_and_not_by_one_place() -> None:
    quiz = load_quiz()
    assert score(quiz, [asked.right for asked in quiz.questions]).passed
    for place in (1, 2, 3):
        assert not score(quiz, [place] * len(quiz.questions)).passed
    for wrong in ([1], [9] * len(quiz.questions)):
        with pytest.raises(DataError, match="ANSWERS"):
            score(quiz, wrong)


def test_every_fault_of_a_quiz_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "quiz.yaml"
    path.write_text(
        "sharewell-quiz: 1\npass: 2\nquestions:\n"
        "  - {ask: Why is it so?, answers: [This one, That one], right: 3, why: Because it is the one.}\n"
    )
    with pytest.raises(DocumentError) as told:
        load_quiz(path)
    assert [(p.code, p.where) for p in told.value.problems] == [
        ("PASS", "quiz.yaml:2"),
        ("RIGHT", "quiz.yaml:4"),
    ]
