"""A new model for the index, from the records that it holds and those that have just arrived."""

from __future__ import annotations

from dataclasses import replace

import duckdb

from .. import blocking, collapse, training
from ..model import WIDE_UP_TO, blocks
from ..settings import Progress, Settings
from ..standardise import SAID
from ..trained import Model
from . import edges


def learn(con: duckdb.DuckDBPyConnection, settings: Settings, told: Progress) -> Model:
    """Train on all of `now`, find the pairs to weigh (`edges.pair`), and make the prior sure over them.

    Raises LinkError where there is nothing to compare.
    """
    held, lacking = _columns(con)
    wide = con.execute("SELECT count(*) FROM now").fetchall()[0][0] <= WIDE_UP_TO
    rules = blocks(held, lacking, wide=wide)
    told("gathering what is said", 0.15)
    edges.listen(con, SAID, settings)
    told("training the model", 0.25)
    trained = training.train(
        con, "now", "says", rules, held=held, threshold=settings.threshold, seed=settings.seed
    )
    trained = replace(trained, crowded=blocking.crowded(con, "says", trained.rules))
    edges.pair(con, trained, everything=True, told=told)
    told("making sure of the prior", 0.4)
    return training.settle(con, trained, "says", "sides", collapse.possible(con, "says"))


def _columns(con: duckdb.DuckDBPyConnection) -> tuple[set[str], set[str]]:
    """The columns in which at least two records say something, and which of those a source leaves empty."""
    counts = ", ".join(f"count({name})" for name in SAID)
    rows = con.execute(f"SELECT {counts} FROM now GROUP BY source").fetchall()
    held = {
        name for name, *counted in zip(SAID, *rows, strict=True) if sum(int(count) for count in counted) > 1
    }
    empty = {name for name, *counted in zip(SAID, *rows, strict=True) if 0 in counted}
    return held, held & empty
