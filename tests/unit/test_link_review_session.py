"""A reader at the desk and at the screen: no weight, no value kept, two at once, sheets, figures."""

from __future__ import annotations

import datetime as dt
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
import typer
from link_example import asked, town
from link_review_example import pair_up, score, untrained
from typer.testing import CliRunner

from sharewell.cli import reviewing
from sharewell.errors import LinkError
from sharewell.link import standardise
from sharewell.link.review import Answer, Design, Desk, Reviews, State, Verdict, draw

KEY = b"a key of the linker, for tests.."
NOW = dt.datetime(2024, 6, 3, 9, tzinfo=dt.UTC)
PAIRS = 24


class World:
    """A linked town, its scored pairs, and who is who."""

    def __init__(self) -> None:
        self.town = town(homes=100)
        with duckdb.connect(config={"threads": 2}) as con:
            standardise.load(con, self.town.sources, asked().columns)
            self.model = untrained(con)
            pair_up(con, self.model)
            self.scored = score(con, self.model)
            self.records = con.sql("SELECT * EXCLUDE (rid) FROM records ORDER BY rid").to_arrow_table()

    def look(self, wanted: Sequence[tuple[str, str]]) -> pa.Table:
        keys = zip(self.records["source"].to_pylist(), self.records["record"].to_pylist(), strict=True)
        return self.records.filter(pa.array([key in set(wanted) for key in keys]))


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Desk:
    design = Design(world.model.least, budget=PAIRS)
    with Reviews.open(tmp_path / "reviews.db", KEY) as reviews:
        batch = reviews.add(draw(world.scored, design, KEY), design, NOW)
    return Desk(tmp_path / "reviews.db", KEY, batch, "ann", world.model, world.look, lambda: NOW)


def at(desk: Desk, reader: str) -> Desk:
    return Desk(desk.path, desk.key, desk.batch, reader, desk.model, desk.look, desk.now)


def right(world: World, desk: Desk) -> dict[str, str]:
    """What somebody who knows would answer to each pair."""
    truth = world.town.truth
    with Reviews.open(desk.path, desk.key) as reviews:
        held = reviews.take(desk.batch, desk.reader, NOW, most=999)
    return {each.pair: "same" if truth[each.left] == truth[each.right] else "different" for each in held}


def test_a_batch_read_by_two_tells_the_quality_that_is_so(world: World, desk: Desk) -> None:
    other = at(desk, "bob")
    one, two = desk.next(), other.next()
    assert one is not None
    assert two is not None
    for reader, question in ((desk, one), (other, two)):
        known = right(world, reader)
        assert reader.answer(question.pair, known.pop(question.pair)) in (State.ONE, State.AGREED)
        with Reviews.open(desk.path, KEY) as reviews:  # the rest at one go
            for pair, word in known.items():
                reviews.answer(Answer(reader.reader + pair, pair, reader.reader, Verdict(word), NOW))
        assert reader.next() is None
    figures = desk.figures()
    assert figures.progress["agreed"] == PAIRS
    assert figures.agreements[0].raw.value == 1.0
    assert figures.quality is not None
    rows, truth = world.scored.to_pylist(), world.town.truth
    same = [
        truth[row["source_l"], row["record_l"]] == truth[row["source_r"], row["record_r"]] for row in rows
    ]
    linked = [row["weight"] >= world.model.least for row in rows]
    both = sum(match and link for match, link in zip(same, linked, strict=True))
    assert figures.quality.precision.low <= both / sum(linked) <= figures.quality.precision.high
    assert figures.quality.recall.low <= both / sum(same) <= figures.quality.recall.high
    assert desk.facts() == {"batch": desk.batch, "reader": "ann", "answered": 1, "shown": 1}


def test_a_question_holds_both_records_and_no_weight(world: World, desk: Desk) -> None:
    question = desk.next()
    assert question is not None
    names = {line.comparison for line in question.lines}
    assert {"forename", "surname", "born", "home"} <= names
    held = {line.one for line in question.lines} | {line.other for line in question.lines}
    assert held & set(world.records["surname"].to_pylist())
    assert not any(value in repr(question) for value in held if len(value) > 4)
    assert all(not line.outcome.startswith(("a rare", "a common")) for line in question.lines)
    assert desk.key.decode() not in repr(desk)
    for wrong in (("Zelda", ""), ("same", "she is Zelda")):
        with pytest.raises(LinkError, match="write ") as caught:
            desk.answer(question.pair, *wrong)
        assert "Zelda" not in str(caught.value)


def test_pairs_of_which_a_record_is_gone_are_passed_over(world: World, desk: Desk) -> None:
    gone = desk.next()
    assert gone is not None
    with Reviews.open(desk.path, desk.key) as reviews:
        (pair,) = reviews.take(desk.batch, "ann", NOW)

    def look(wanted: Sequence[tuple[str, str]]) -> pa.Table:
        return world.look([each for each in wanted if each != pair.left])

    later = Desk(desk.path, desk.key, desk.batch, "ann", desk.model, look, desk.now)
    question = later.next()
    assert question is not None
    assert question.pair != pair.pair
    nobody = Desk(
        desk.path, desk.key, desk.batch, "ann", desk.model, lambda wanted: world.look([]), desk.now
    )
    assert nobody.next() is None


def test_sheets_go_out_and_come_back(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    assert desk.write_sheet(path, 5, encrypted=False) == 5
    lines = path.read_text().splitlines()
    filled = [lines[0], *(line.replace(",,", ",cannot tell,", 1) for line in lines[1:])]
    path.write_text("\n".join(filled))
    assert desk.read_sheet(path) == 5
    assert desk.read_sheet(path) == 5
    assert desk.progress()["answered by one"] == 5


@pytest.fixture
def app(desk: Desk) -> typer.Typer:
    made = typer.Typer()

    @contextmanager
    def desks(space: Path, name: str, reader: str, because: str) -> Iterator[Desk]:
        yield at(desk, reader)

    reviewing.add(made, desks)
    return made


def test_pairs_are_read_on_the_screen(app: typer.Typer) -> None:
    run = CliRunner().invoke
    told = run(
        app,
        ["review", "warm-homes", "--as", "ann", "--because", "it is due"],
        input="s\n\nx\nd\nnames\nq\n",
    )
    assert told.exit_code == 0, told.output
    assert told.output.count("Entered. The pair is answered by one.") == 2
    assert "Please answer with one of these letters" in told.output
    assert f"{PAIRS - 2} open" not in told.output, "the third is still with its reader"
    assert "1 taken, 2 answered by one" in told.output
    assert "bits" not in told.output
    wrong = run(
        app, ["review", "warm-homes", "--as", "ann", "--because", "it is due"], input="s\nZelda did it\n"
    )
    assert wrong.exit_code == 1
    few = run(
        app, ["review", "warm-homes", "--as", "bob", "--because", "it is due", "--most", "1"], input="c\n\n"
    )
    assert "1 read." in few.output


@pytest.mark.long
def test_sheets_and_metrics_from_the_command_line(app: typer.Typer, desk: Desk, tmp_path: Path) -> None:
    run = CliRunner().invoke
    before = run(app, ["metrics", "warm-homes", "--as", "ann", "--because", "it is due"])
    assert before.exit_code == 0, before.output
    assert "not known yet" in before.output
    for reader in ("ann", "bob"):
        path = tmp_path / f"{reader}.csv"
        arguments = ["review", "warm-homes", "--as", reader, "--because", "due", "--most", str(PAIRS)]
        out = run(app, [*arguments, "--sheet", str(path), "--plain"])
        assert f"Written: {PAIRS} pairs" in out.output
        lines = path.read_text().splitlines()
        path.write_text("\n".join([lines[0], *(line.replace(",,", ",same,", 1) for line in lines[1:])]))
        assert f"Taken in: {PAIRS} answers" in run(app, [*arguments, "--answers", str(path)]).output
    told = run(app, ["metrics", "warm-homes", "--as", "ann", "--because", "it is due"])
    assert told.exit_code == 0, told.output
    assert f"{PAIRS} agreed" in told.output
    assert "kappa is not defined" in " ".join(told.output.split())
    assert "precision" in told.output
    assert "By threshold" in told.output
    assert "recall is among compared pairs only" in told.output


def test_a_pair_is_explained_to_whoever_need_not_read_it_blind(
    app: typer.Typer, desk: Desk, world: World, tmp_path: Path
) -> None:
    run, path = CliRunner().invoke, tmp_path / "why.html"
    with Reviews.open(desk.path, KEY) as reviews:
        waiting = reviews.take(desk.batch, "cy", NOW, most=999)
    queued = {(pair.left, pair.right) for pair in waiting}
    rows = [row for row in world.scored.sort_by("weight").to_pylist() if row["weight"] > 20]
    free = next(
        ends
        for ends in (
            ((row["source_l"], row["record_l"]), (row["source_r"], row["record_r"])) for row in rows
        )
        if ends not in queued and ends[::-1] not in queued
    )
    who = ["--as", "ann", "--because", "a complaint", "--page", str(path)]
    told = run(app, ["explain", "warm-homes", *("/".join(end) for end in free[::-1]), *who])
    assert told.exit_code == 0, told.output
    assert "prior" in told.output
    assert "The threshold is +4.2 bits" in told.output
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (surname,) = {row["surname"] for row in world.look(free[:1]).to_pylist()}
    assert surname in told.output
    assert surname not in path.read_text()
    blind = run(app, ["explain", "warm-homes", *("/".join(end) for end in next(iter(queued))), *who])
    assert blind.exit_code == 1
    assert "waits to be read" in blind.output
    for wrong in ("a/none", "nothing"):
        assert run(app, ["explain", "warm-homes", "/".join(free[0]), wrong, *who[:4]]).exit_code in (1, 2)
