"""One record against the whole index, now: the same keys, model and weights as a delivery.

A verified NHS number names its person outright, unless a record that holds it plainly describes somebody
else. Nothing is written: to be asked after is no arrival.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ...errors import LinkError, Problem
from .. import numbers
from ..blocking import key_of
from ..settings import IDENTITY, Settings
from ..standardise import FIELDS
from ..trained import Model
from . import edges
from .holdings import Small, hold
from .reading import Face, Reader, widen
from .severance import walls
from .store import Store, guarded
from .touch import BY_NUMBER
from .weigher import Weigher

WHO = ("surname", "given", "forename", "born", "sex")
"""What tells that the holders of one number are two people (`numbers.DIFFERS`)."""


@dataclass(frozen=True)
class Candidate:
    """Someone the record may be of: `weight` in bits of the record of theirs that fits best (null where
    only the number names them), `probability` that it is theirs, how many `records` they have, and whether
    they are `frozen` for a steward to look at.
    """

    person: str
    weight: float | None
    probability: float
    records: int
    frozen: bool


@dataclass(frozen=True)
class Matched:
    """`candidates`, the likeliest first, and `counts` for the account: records weighed, people answered."""

    candidates: tuple[Candidate, ...]
    counts: Mapping[str, int]


class Matcher:
    """A session over the index as it is now; `size` is the bytes that it holds in memory.

    After an act that changes the index a new one must be made.
    """

    def __init__(self, store: Store, model: Model, settings: Settings, secret: bytes) -> None:
        with guarded():
            self._con = store.con.cursor()
            self._held = hold(self._con)
            self._apart = walls(self._con)
            self._reader = Reader(self._con, settings.columns)
            self._weigher = Weigher(store.con, model)
            self._con.execute(
                f"CREATE OR REPLACE TEMP TABLE face ({', '.join(f'{n} VARCHAR' for n in FIELDS)})"
            )
            self._con.execute(
                f"CREATE OR REPLACE TEMP TABLE holder ({', '.join(f'{n} VARCHAR' for n in WHO)})"
            )
            widen(self._con, "face", len(FIELDS))
            widen(self._con, "holder", len(WHO))
            keys = ", ".join(["0::UBIGINT", *(key_of(rule) for rule in model.rules)])
            self._con.execute(f"PREPARE face_keys AS SELECT {keys} FROM face")
            self._con.execute(f"PREPARE differs AS SELECT bool_or({numbers.DIFFERS}) FROM face l, holder r")
        self._by_number, self._secret = settings.linker == BY_NUMBER, secret
        self.size = self._held.size

    def match(self, identity: Mapping[str, str], most: int = 5) -> Matched:
        """The people that a record of these identity columns may be of, at most `most`.

        Never two people whom a severance parted. Raises LinkError if the engine fails, without its words.
        """
        unknown = sorted(set(identity) - {*IDENTITY, "record"})
        if unknown or not any(identity.values()):
            what = f"no identity columns: {', '.join(unknown)}" if unknown else "nothing is said of anybody"
            raise LinkError(Problem("FIELDS", what, fix=f"use {', '.join(IDENTITY)}"))
        with guarded():
            faces = self._reader.read(identity)
            # A number is judged by the main name alone, as in a delivery; keys are made of every name.
            self._fill("face", FIELDS, [[faces[0][name] for name in FIELDS]])
            number, holders = self._number(faces[0])
            self._fill("face", FIELDS, [[face[name] for name in FIELDS] for face in faces])
            rows = self._held.rows_of(np.union1d(self._rivals(number), holders))
            best = self._best(self._weigh(faces, rows))
        named = None
        if len(holders):
            named = int(self._held.person[np.searchsorted(self._held.rid, holders[0])])
            best.setdefault(named, None)
        candidates = self._candidates(best, named, most)
        counts = {"weighed": len(np.unique(self._held.rid[rows])), "people": len(candidates)}
        return Matched(candidates, counts)

    def close(self) -> None:
        """Let go of what is held in memory."""
        self._weigher.close()
        self._con.close()

    def _fill(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[str | None]]) -> None:
        self._con.execute(f"DELETE FROM {table}")
        marks = f"({', '.join('?' for _ in columns)})"
        values = [value for row in rows for value in row]
        self._con.execute(f"INSERT INTO {table} VALUES {', '.join([marks] * len(rows))}", values)

    def _number(self, face: Face) -> tuple[int, Small]:
        """The verified number of a record, 0 if it has none, and the records that hold it."""
        told, nobody = face["nhs"], np.zeros(0, np.int32)
        if not self._by_number or told is None or not numbers.is_nhs_number(told):
            return 0, nobody
        rows = self._held.holding(int(told))
        if len(rows) and (not self._held.verified[rows].all() or self._differs(rows)):
            return 0, nobody
        return int(told), np.unique(self._held.rid[rows])

    def _differs(self, rows: Small) -> bool:
        main = np.searchsorted(self._held.rid, np.unique(self._held.rid[rows])).astype(np.int32)
        said = self._held.fields(main, WHO)
        self._fill("holder", WHO, sorted({*zip(*said.values(), strict=True)}, key=str))
        return bool(self._con.execute("EXECUTE differs").fetchall()[0][0])

    def _rivals(self, number: int) -> Small:
        """The records that share a key that is not crowded, and that may be of one person with this one."""
        held = self._held
        keys = {
            (rule, key)
            for row in self._con.execute("EXECUTE face_keys").fetchall()
            for rule, key in enumerate(row[1:])
            if key is not None
        }
        shared = [
            found for key in sorted(keys) if len(found := np.unique(held.sharing(*key))) < edges.GROWN
        ]
        rids = np.unique(np.concatenate([*shared, np.zeros(0, np.int32)]))
        if not number:
            return rids
        at = np.searchsorted(held.rid, rids)
        kept: Small = rids[(held.verified[at] == 0) & np.isin(held.number[held.person[at]], (0, number))]
        return kept

    def _weigh(self, faces: Sequence[Face], rows: Small) -> list[tuple[int, float]]:
        """Rows of the index and what they weigh against the record: those of some weight, none held apart.

        Each pair is laid the way round that a delivery would lay it, by digest.
        """
        if not len(rows):
            return []
        said = self._held.fields(rows, FIELDS)
        digest = np.uint64(self._digest(faces))
        theirs = [dict(zip(said, row, strict=True)) for row in zip(*said.values(), strict=True)]
        sides = [
            (at, *((face, other) if digest < mac else (other, face)))
            for face in faces
            for at, other, mac in zip(rows.tolist(), theirs, self._held.mac[rows], strict=True)
        ]
        return self._weigher.weigh(sides)

    def _digest(self, faces: Sequence[Face]) -> int:
        """The first eight bytes of what `intake` would know this record by."""
        main, *others = ("".join(_spelt(face[name]) for name in FIELDS) for face in faces)
        text = f"content:{main}{'+'.join(others)}"
        return int.from_bytes(hmac.digest(self._secret, text.encode(), "sha256")[:8], "big")

    def _best(self, weighed: Sequence[tuple[int, float]]) -> dict[int, float | None]:
        """The best weight by person."""
        best: dict[int, float | None] = {}
        for row, weight in weighed:
            person = int(self._held.person[row])
            known = best.get(person)
            best[person] = weight if known is None else max(weight, known)
        return best

    def _candidates(
        self, best: Mapping[int, float | None], named: int | None, most: int
    ) -> tuple[Candidate, ...]:
        order = sorted(best, key=lambda who: (who != named, -(best[who] or 0.0), who))
        chosen: list[int] = []
        for who in order:
            if not any((who, other) in self._apart or (other, who) in self._apart for other in chosen):
                chosen.append(who)
        return tuple(self._candidate(who, best[who], who == named) for who in chosen[:most])

    def _candidate(self, who: int, weight: float | None, named: bool) -> Candidate:
        held = self._held
        probability = 1.0 if named else _probability(weight or 0.0)
        name, count = held.uuids[who].as_py(), int(held.records[who])
        return Candidate(name, weight, probability, count, bool(held.frozen[who]))


def _spelt(value: str | None) -> str:
    return "-" if value is None else f"{len(value)}:{value}"


def _probability(weight: float) -> float:
    return float(1 / (1 + 2.0 ** -max(weight, -1000.0)))
