"""The tables of the index, and why each is as it is.

Ids are integers inside (`rid` a record, `person` a person), given once and never used again; the uuid of a
person is looked up only at the door. Nothing is indexed: DuckDB reads six million integers faster than it
keeps a tree of them, and `keys` is laid out in order of rule and key at training, so that a few of its row
groups answer for one record.
"""

from __future__ import annotations

from ..standardise import FIELDS

FORMAT = 1
"""Raised when a table changes; a file of a higher format is refused rather than misread."""

_FIELDS = ", ".join(f"{name} VARCHAR" for name in FIELDS)

TABLES: dict[str, str] = {
    # format, the next rid and person
    "meta": "name VARCHAR, value BIGINT",
    # every act in order (times are UTC): events refer to it rather than repeat it
    "runs": "run BIGINT, kind VARCHAR, moment TIMESTAMP, actor VARCHAR, agreement VARCHAR, reason VARCHAR,"
    " model VARCHAR",
    # one row a model version; the last is in force
    "models": "version VARCHAR, run BIGINT, model VARCHAR, settings VARCHAR",
    # what is held now; `mac` tells whether a delivery says anything new
    "records": f"rid BIGINT, source VARCHAR, record VARCHAR, mac BLOB, {_FIELDS}, verified BIGINT",
    # what a record is also known as; a pair of records weighs what its best pair of names does
    "aliases": f"rid BIGINT, nth INTEGER, {_FIELDS}",
    # records that were removed keep their rid, for history, and their person: a source that drops somebody
    # one day and sends them the next must not make a stranger of them
    "gone": "rid BIGINT, source VARCHAR, record VARCHAR, person BIGINT",
    "keys": "rule UTINYINT, key UBIGINT, rid BIGINT",
    # every pair that may matter to a reviewer or to the next model; `kept`: an old join held by hysteresis
    "edges": "l BIGINT, r BIGINT, weight DOUBLE, kept BOOLEAN",
    "persons": "person BIGINT, uuid UUID, since BIGINT, superseded_by BIGINT, retired BIGINT, frozen"
    " BOOLEAN",
    # `component`: all that edges, numbers and words link, people apart or not (named by one of its rids)
    "members": "rid BIGINT, person BIGINT, component BIGINT",
    "events": "seq BIGINT, run BIGINT, kind VARCHAR, person BIGINT, other BIGINT, rid BIGINT, weight"
    " DOUBLE",
    "sources": "source VARCHAR, rows BIGINT, run BIGINT",
    # by (source, record), not rid: a decision outlives the record's removal and return
    "decisions": "decision BIGINT, kind VARCHAR, source_l VARCHAR, record_l VARCHAR, source_r VARCHAR,"
    " record_r VARCHAR, run BIGINT, withdrawn BIGINT",
    # `name` is a MAC of (source, record): an erased record is known again if it is sent again, not read
    "tombstones": "name BLOB, run BIGINT",
    # what a person has corrected, over what the source says; `value` is standardised
    "corrections": "source VARCHAR, record VARCHAR, field VARCHAR, value VARCHAR, run BIGINT",
    # records that began anew: their person's past is another's to no reader
    "severed": "rid BIGINT, run BIGINT",
}
