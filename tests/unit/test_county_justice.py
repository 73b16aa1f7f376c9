"""The sentenced and the charity's list: what is planted is there, and what must not count is there too."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest

from sharewell import county
from sharewell.county import Effects
from sharewell.county.effects.justice import Justice
from sharewell.county.justice.programme import exactly
from sharewell.county.justice.sentenced import draw_sentenced

MANY, SENT = 20_000, 800


def built(folder: Path, **changed: object) -> duckdb.DuckDBPyConnection:
    effects = Effects(justice=Justice(sentenced=MANY, sent=SENT, **changed))  # type: ignore[arg-type]
    county.build(folder, people=500, seed=4, services=("justice",), effects=effects)
    con = duckdb.connect()
    for path in folder.rglob("*.parquet"):
        kind = "t" if path.parent.name == "truth" else "d"
        con.execute(f"create view {kind}_{path.stem} as select * from '{path}'")
    return con


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    return built(tmp_path_factory.mktemp("justice"))


def one(con: duckdb.DuckDBPyConnection, sql: str) -> tuple:
    row = con.execute(sql).fetchone()
    assert row is not None
    return row


def test_who_joins_would_have_reoffended_less_and_the_programme_does_the_rest(
    con: duckdb.DuckDBPyConnection,
) -> None:
    treated, like, rate = one(
        con, "select count(*), avg(chance), avg(reoffends::int) from t_sentenced where treated"
    )
    assert treated == round(round(SENT * 0.9) * 0.9)
    assert like == pytest.approx(0.26, abs=0.005)
    assert rate == pytest.approx(0.19, abs=0.005)
    pool = one(con, "select avg(reoffends::int) from t_sentenced where in_window and not treated")[0]
    assert rate - pool == pytest.approx(-0.157, abs=0.015)


def test_who_reoffends_is_what_the_records_say_by_the_rule(con: duckdb.DuckDBPyConnection) -> None:
    """Committed within a year of the index day, proven within it or half a year more."""
    wrong = one(
        con,
        """with proven as (select distinct local_id from d_offences o join t_sentenced t using (local_id)
             where committed > index_on and committed <= index_on + 365 and proven <= index_on + 548)
           select count(*) from t_sentenced t left join proven p using (local_id)
           where reoffends != (p.local_id is not null)""",
    )[0]
    assert wrong == 0


def test_offences_that_must_not_count_are_there(con: duckdb.DuckDBPyConnection) -> None:
    late, after, before = one(
        con,
        """select count(*) filter (committed > index_on and committed <= index_on + 365
                                   and proven > index_on + 548),
                  count(*) filter (committed > index_on + 365), count(*) filter (committed < index_on)
           from d_offences join t_sentenced using (local_id)""",
    )
    assert min(late, after, before) > MANY / 50
    assert one(con, "select count(*) from d_offences where proven < committed")[0] == 0


def test_the_list_has_the_people_the_truth_says(con: duckdb.DuckDBPyConnection) -> None:
    sent, known, eligible = one(
        con,
        """select count(*), count(offender), count(*) filter (t.treated) from t_participants p
           left join t_sentenced t on t.local_id = p.offender""",
    )
    assert (sent, known, eligible) == (SENT, 720, 648)
    bad = one(
        con,
        """select count(*) from t_participants p join d_participants d using (local_id)
           join t_sentenced t on t.local_id = p.offender
           where t.treated and not (t.index_on <= d.began and d.began < t.index_on + 29)""",
    )[0]
    assert bad == 0


def test_most_names_agree_and_some_do_not(con: duckdb.DuckDBPyConnection) -> None:
    same = one(
        con,
        """select avg((d.forename = o.forename and d.surname = o.surname and d.born = o.born)::int)
           from t_participants p join d_participants d using (local_id)
           join d_offenders o on o.local_id = p.offender""",
    )[0]
    assert 0.8 < same < 0.95


def test_history_does_not_contradict_itself(con: duckdb.DuckDBPyConnection) -> None:
    bad = one(
        con,
        """select count(*) from d_sentences where first_age > age or prior_custody > prior_offences
           or prior_offences < 0 or age < 10""",
    )[0]
    assert bad == 0


def test_reoffenders_are_planted_to_the_person(tmp_path: Path) -> None:
    found = one(
        built(tmp_path, reoffenders=29), "select count(*) from t_sentenced where treated and reoffends"
    )
    assert found[0] == 29


def test_a_null_is_planted_as_none(tmp_path: Path) -> None:
    like, rate = one(
        built(tmp_path, difference=0.0),
        "select avg(chance), avg(reoffends::int) from t_sentenced where treated",
    )
    assert rate == pytest.approx(like, abs=0.001)


@pytest.mark.parametrize("many", [0, 1, 40, 97])
def test_a_systematic_draw_gives_exactly_as_many(many: int) -> None:
    rng = np.random.default_rng(many)
    assert exactly(rng.random(200), many, rng).sum() == many


def test_the_chances_have_the_mean_asked_for() -> None:
    people = draw_sentenced(5_000, 0.347, np.random.default_rng(1))
    assert people.chance.mean() == pytest.approx(0.347, abs=1e-6)
    assert np.corrcoef(people.risk, people.chance)[0, 1] > 0.9
