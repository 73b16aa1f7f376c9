"""People with events, small enough to count by hand or large enough for a rate: what the tests of
`analyse.pathways` start from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from sharewell.analyse.outcome_groups import SIGNATURE as GROUPS
from sharewell.analyse.survival import SIGNATURE as SURVIVAL

RULES = {"died early": "early", "died later": "dead", "living": "not dead"}
KINDS = ("surgery", "chemotherapy", "emergency")


def group_settings(**changed: Any) -> dict[str, Any]:
    given = {
        "person": "person", "start": "diagnosed", "start_as": "a diagnosis", "died": "died", "by": ["site"],
        "groups": RULES, "years": 7, "end_on": "2023-12-31", "event_of": "person", "event_on": "date",
        "event_ended": "ended", "event_kind": "kind", "cost": "cost", "rare": 2,
    }  # fmt: skip
    return GROUPS.settle({**given, **changed})


def survival_settings(**changed: Any) -> dict[str, Any]:
    given = {
        "start": "diagnosed", "start_as": "a diagnosis", "died": "died", "by": ["site"],
        "end_on": "2023-12-31", "years": 7, "landmarks": {"one month": 31, "seven years": 2556},
    }  # fmt: skip
    return SURVIVAL.settle({**given, **changed})


_EMPTY = {"begin": None, "stay": None, "kind": None, "pence": None}
_SCHEMA = pa.schema(
    [
        ("event", pa.bool_()), ("person", pa.string()), ("group", pa.string()), ("place", pa.int64()),
        ("met", pa.int64()), ("lived", pa.int64()), ("known", pa.int64()), ("by_0", pa.string()),
        ("begin", pa.int64()), ("stay", pa.int64()), ("kind", pa.string()), ("pence", pa.int64()),
    ]
)  # fmt: skip


def patient(person: str, lived: int | None, **changed: Any) -> dict[str, Any]:
    """A row of a patient as `prepare` makes it, followed for 2,700 days."""
    place = 2 if lived is None else 0 if lived <= 31 else 1
    row = {"event": False, "person": person, "group": list(RULES)[place], "place": place, "met": 1,
           "lived": lived, "known": 2_700, "by_0": "lung", **_EMPTY}  # fmt: skip
    return {**row, **changed}


def event(person: str, begin: int | None, kind: str = "surgery", stay: int = 0, pence: int = 100) -> Any:
    blank = dict.fromkeys(("group", "place", "met", "lived", "known", "by_0"))
    told = {"event": True, "person": person, "begin": begin, "stay": stay, "kind": kind, "pence": pence}
    return {**blank, **told}


def rows(*told: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(told), _SCHEMA)


def many(people: int, seed: int = 1) -> pa.Table:
    """A cohort with three events each, of two sites, one of which lives longer."""
    rng = np.random.default_rng(seed)
    told = []
    for number in range(people):
        site = "breast" if number % 2 else "lung"
        lived = int(rng.exponential(4_000 if site == "breast" else 400))
        mine = patient(f"p{number:05d}", lived if lived < 2_600 else None, by_0=site)
        told.append(mine)
        for begin in np.sort(rng.integers(0, max(min(lived, 2_000), 1), 3)).tolist():
            told.append(
                event(mine["person"], begin, KINDS[int(rng.integers(0, 3))], int(rng.integers(0, 9)))
            )
    return rows(*told)
