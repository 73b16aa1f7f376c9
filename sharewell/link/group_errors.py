"""Who is linked wrongly: false links and missed links by group, from the truth or from reviewed labels.

A false link joins records of two people, a missed link leaves one person's records apart. From labels that
were sampled with known probabilities, each counts for one over its probability (Horvitz and Thompson 1952),
and intervals are Wilson's at Kish's effective sample size (1965, Survey Sampling, 8.2).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..errors import LinkError, Problem
from .fairness import Floats, wilson
from .session import session

_LABEL = ("source_l", "record_l", "source_r", "record_r", "same")


def labels_of_truth(linked: pa.Table, truth: pa.Table) -> pa.Table:
    """Every pair that is linked or is one person: (source_l, record_l, source_r, record_r, same).

    `linked` is (source, record, cluster) and `truth` (source, record, person); records that only one of
    them holds are left out. Pairs of which neither is so tell nothing of either error.
    """
    _need(linked, ("source", "record", "cluster"), "linked")
    _need(truth, ("source", "record", "person"), "truth")
    with session(2, spills=False) as con:
        con.register("linked", linked)
        con.register("truth", truth)
        con.execute("CREATE TABLE held AS SELECT * FROM linked JOIN truth USING (source, record)")
        return con.sql(
            " UNION ".join(
                "SELECT a.source AS source_l, a.record AS record_l, b.source AS source_r,"
                " b.record AS record_r,"
                " a.person IS NOT DISTINCT FROM b.person AS same FROM held a JOIN held b"
                f" ON a.{key} = b.{key} AND (a.source, a.record) < (b.source, b.record)"
                for key in ("cluster", "person")
            )
            + " ORDER BY ALL"
        ).to_arrow_table()


def errors_by_group(linked: pa.Table, labels: pa.Table, groups: pa.Table) -> pa.Table:
    """False-link and missed-link rates of each group, with 95% intervals.

    `labels` holds pairs and whether they are the same person, and may hold `probability`, with which each
    was sampled (absent: all were); a pair of a record that is not in `linked` is left out. `groups` is
    (source, record, by, group), a row for each way to group a record. A pair of two groups counts in both:
    it is an error for both. Answers (by, group, pairs_linked, false, false_low, false_high, pairs_same,
    missed, missed_low, missed_high): `pairs_*` count labels, rates are weighted shares from 0 to 1, null
    where no label tells. Raises LinkError for absent columns or a probability outside (0, 1].
    """
    _need(linked, ("source", "record", "cluster"), "linked")
    _need(labels, _LABEL, "labels")
    _need(groups, ("source", "record", "by", "group"), "groups")
    with session(2, spills=False) as con:
        for name, table in (("linked", linked), ("labels", labels), ("groups", groups)):
            con.register(name, table)
        weight = "1.0::DOUBLE"
        if "probability" in labels.column_names:
            _check_probabilities(labels)
            weight = "1.0 / probability::DOUBLE"
        con.execute(f"CREATE TABLE pairs AS {_PAIRS.format(weight=weight)}")
        held = con.sql(_BY_GROUP).to_arrow_table()
    columns = {name: held[name] for name in ("by", "group")}
    for error, of in (("false", "linked"), ("missed", "same")):
        columns |= {f"pairs_{of}": held[f"pairs_{of}"], **_rates(held, error, of)}
    return pa.table(columns)


_PAIRS = """
    SELECT l.source_l, l.record_l, l.source_r, l.record_r, l.same, {weight} AS weight,
        a.cluster = b.cluster AS joined
    FROM labels l JOIN linked a ON a.source = source_l AND a.record = record_l
    JOIN linked b ON b.source = source_r AND b.record = record_r WHERE l.same IS NOT NULL
"""

# UNION drops repeats: a pair whose two records are of one group counts once in it.
_BY_GROUP = """
    WITH told AS (
        SELECT p.*, g."by", g."group" FROM pairs p JOIN groups g
        ON g.source = source_l AND g.record = record_l
        UNION SELECT p.*, g."by", g."group" FROM pairs p JOIN groups g
        ON g.source = source_r AND g.record = record_r)
    SELECT "by", "group",
        count(*) FILTER (joined) AS pairs_linked, sum(weight) FILTER (joined) AS of_linked,
        sum(weight * weight) FILTER (joined) AS squared_linked,
        sum(weight) FILTER (joined AND NOT same) AS false,
        count(*) FILTER (same) AS pairs_same, sum(weight) FILTER (same) AS of_same,
        sum(weight * weight) FILTER (same) AS squared_same,
        sum(weight) FILTER (same AND joined IS NOT TRUE) AS missed
    FROM told GROUP BY ALL ORDER BY ALL
"""


def _rates(held: pa.Table, error: str, of: str) -> dict[str, pa.Array]:
    def floats(name: str) -> Floats:
        return np.asarray(pc.fill_null(held[name].cast(pa.float64()), 0.0).to_numpy(), np.float64)

    whole, squared, wrong = floats(f"of_{of}"), floats(f"squared_{of}"), floats(error)
    with np.errstate(divide="ignore", invalid="ignore"):
        share, effective = wrong / whole, whole**2 / squared
    low, high = wilson(share * effective, effective)
    told = {error: share, f"{error}_low": low, f"{error}_high": high}
    return {name: pa.array(value, mask=whole == 0) for name, value in told.items()}


def _check_probabilities(labels: pa.Table) -> None:
    known = pc.fill_null(labels["probability"].cast(pa.float64()), 0.0)
    wrong = pc.sum(pc.invert(pc.and_(pc.greater(known, 0.0), pc.less_equal(known, 1.0)))).as_py()
    if wrong:
        what = f"{wrong} labels have no sampling probability between 0 and 1"
        raise LinkError(Problem("PROBABILITY", what, "their weight would be unknown", "give the one used"))


def _need(table: pa.Table, names: tuple[str, ...], called: str) -> None:
    absent = [name for name in names if name not in table.column_names]
    if absent:
        raise LinkError(Problem("COLUMN", f"`{called}` has no column {', '.join(absent)}", fix="add it"))
