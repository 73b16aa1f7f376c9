"""A model that has been trained: Splink's settings, and what must stay as it was for answers to stay.

The same model gives the same weight to the same two records for ever: frequencies of names, the prior, the
guards that the data called for and the keys too common to block on are frozen with it, and its version is a
digest of them all.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import LinkError, Problem
from .model import Rule
from .standardise import FIELDS

_SIDE = re.compile(r'"?(\w+?)"?_[lr]\b')


@dataclass(frozen=True)
class Model:
    """How records are compared, weighed and blocked.

    `settings` is Splink's own dictionary, with every m and u and the prior. `threshold` is the probability
    from which two records are one person. `guards` are look-alikes held apart: a name, and SQL over columns
    that end in _l and _r and Splink's gamma_ columns. `frequencies` holds a table (value, share) for each
    column whose rare values say more: people's names, so it must not leave the linker unencrypted.
    `crowded` are the keys (rule, key) of blocks too large to help. `defaults` names comparisons that had
    too little to learn from.
    """

    settings: Mapping[str, Any]
    rules: tuple[Rule, ...]
    threshold: float
    guards: Mapping[str, str]
    frequencies: Mapping[str, pa.Table] = field(repr=False)
    crowded: pa.Table = field(repr=False)
    defaults: tuple[str, ...] = ()

    @property
    def least(self) -> float:
        """The threshold in bits."""
        return math.log2(self.threshold / (1 - self.threshold))

    @cached_property
    def columns(self) -> frozenset[str]:
        """The standard columns that comparisons and guards read."""
        said = json.dumps(self.settings["comparisons"]) + " ".join(self.guards.values())
        named = set(_SIDE.findall(said.replace('\\"', '"')))
        levels = [level for c in self.settings["comparisons"] for level in c["comparison_levels"]]
        named |= {level["tf_adjustment_column"] for level in levels if level.get("tf_adjustment_column")}
        return frozenset(named & set(FIELDS))

    @cached_property
    def version(self) -> str:
        """Sixteen hexadecimal digits that change when any part does."""
        digest = hashlib.sha256(self._told().encode())
        for name, table in sorted(self.frequencies.items()):
            digest.update(name.encode())
            for column in table.sort_by("value").columns:
                digest.update("\0".join(map(str, column.to_pylist())).encode())
        for column in self.crowded.sort_by([("rule", "ascending"), ("key", "ascending")]).columns:
            digest.update("\0".join(map(str, column.to_pylist())).encode())
        return digest.hexdigest()[:16]

    def with_prior(self, prior: float) -> Model:
        """The same with another chance that two random records match."""
        settings = {**self.settings, "probability_two_random_records_match": prior}
        return replace(self, settings=settings)

    def to_bytes(self) -> bytes:
        """All of it, to be kept encrypted: `of_bytes` reads it back, equal to the last bit."""
        told = json.loads(self._told())
        told["tables"] = {name: _packed(t) for name, t in {**self.frequencies, "": self.crowded}.items()}
        return json.dumps(told, sort_keys=True).encode()

    @classmethod
    def of_bytes(cls, content: bytes) -> Model:
        """The model that `to_bytes` wrote. LinkError if it is none."""
        try:
            told = json.loads(content)
            tables = {name: _unpacked(held) for name, held in told["tables"].items()}
            rules = tuple(Rule(tuple(keys), frozenset(needs)) for keys, needs in told["rules"])
            parts = (told["settings"], rules, told["threshold"], told["guards"])
            crowded, defaults = tables.pop(""), tuple(told["defaults"])
        except (ValueError, KeyError, TypeError, pa.ArrowException):
            raise LinkError(Problem("MODEL", "this is no linkage model", fix="train one")) from None
        return cls(*parts, tables, crowded, defaults)

    def as_splink(self) -> dict[str, Any]:
        """Settings that Splink loads: `Linker(table, settings)`; no person's value is in them."""
        rules = [{"blocking_rule": rule.as_splink(), "sql_dialect": "duckdb"} for rule in self.rules]
        return {**self.settings, "blocking_rules_to_generate_predictions": rules}

    def _told(self) -> str:
        rules = [[list(rule.keys), sorted(rule.needs)] for rule in self.rules]
        told = {"settings": self.settings, "rules": rules, "threshold": self.threshold}
        return json.dumps({**told, "guards": self.guards, "defaults": self.defaults}, sort_keys=True)


def of_splink(
    settings: Mapping[str, Any], *, threshold: float, frequencies: Mapping[str, pa.Table] | None = None
) -> Model:
    """The model in a settings dictionary of Splink's own, trained, over the standard columns.

    Raises LinkError for every column that no record is standardised into, every level without m or u, and
    every blocking rule that is not a set of equalities.
    """
    levels = [(c, level) for c in settings["comparisons"] for level in c["comparison_levels"]]
    told = " ".join(str(level["sql_condition"]) for _, level in levels)
    foreign = sorted(set(_SIDE.findall(told)) - set(FIELDS))
    problems = [
        Problem("FIELDS", f"the model compares {name}, which no record has", fix=f"use {', '.join(FIELDS)}")
        for name in foreign
    ]
    for comparison, level in levels:
        if not level.get("is_null_level") and not {"m_probability", "u_probability"} <= set(level):
            what = (
                f"{comparison['output_column_name']}: level {level.get('label_for_charts')} has no m or u"
            )
            problems.append(Problem("UNTRAINED", what, fix="train the model first"))
    rules, unread = [], []
    for told_rule in settings.get("blocking_rules_to_generate_predictions", ()):
        sql = told_rule["blocking_rule"] if isinstance(told_rule, Mapping) else told_rule
        rule = Rule.of_splink(sql)
        rules += [rule] if rule else []
        unread += [] if rule else [sql]
    problems += [
        Problem("RULE", f"a blocking rule is more than equalities: {sql}", fix="l.x = r.x AND l.y = r.y")
        for sql in unread
    ]
    if problems:
        raise LinkError(problems)
    return Model(dict(settings), tuple(rules), threshold, {}, dict(frequencies or {}), no_keys())


def no_keys() -> pa.Table:
    """No crowded keys."""
    return pa.table({"rule": pa.array([], pa.int32()), "key": pa.array([], pa.uint64())})


def _packed(table: pa.Table) -> str:
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue().hex()


def _unpacked(held: str) -> pa.Table:
    return pq.read_table(io.BytesIO(bytes.fromhex(held)))
