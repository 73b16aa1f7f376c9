"""What outcome groups say, computed only from tables that passed the gate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from ...plan.finding import ALL, UNKNOWN
from ...plan.recipe import Params, Story
from ..result_table import rows_of
from .groups_report import NO_RULE, SEVERAL, UNDATED
from .roads_report import NOTHING, REST

Row = Mapping[str, Any]
_ASIDE = (ALL, NO_RULE)


def tell(tables: Mapping[str, pa.Table], params: Params) -> Story:
    """Where people ended, for whom most often, by which road and at what cost; what is withheld is said."""
    groups = {row["group"]: row for row in rows_of(tables, "groups")}
    sentences = [_first(groups, params)]
    by = params["by"][0] if params["by"] else ""
    sentences += [_most(name, row, rows_of(tables, f"groups_by_{by}"), by) for name, row in _told(groups)]
    sentences += [*_path(rows_of(tables, "paths")), *_gap(rows_of(tables, "gaps"), params)]
    sentences += _cost([row for row in rows_of(tables, "care") if row["group"] not in _ASIDE])
    sentences += _rules({row["rules"]: row["patients_seen"] for row in rows_of(tables, "rules")}, groups)
    return Story(
        tuple(sentences),
        (
            "Groups are by what is recorded: an illness that no hospital wrote down is not seen.",
            "Who was diagnosed late looks as if the disease were worse; groups are not compared for care.",
            "A path is what followed what. It does not show that one step caused the next.",
        ),
    )


def _told(groups: Mapping[str, Row]) -> list[tuple[str, Row]]:
    return [(name, row) for name, row in groups.items() if name not in _ASIDE]


def _first(groups: Mapping[str, Row], params: Params) -> str:
    whole = groups.get(ALL, {}).get("patients")
    shown = [(row["share"], name) for name, row in _told(groups) if row["share"] is not None]
    people = f"{_number(whole)} people followed after {params['start_as']}"
    if not shown:
        return f"Of {people}, the groups were withheld."
    share, name = max(shown)
    return f"Of {people}, the largest group is {name!r}: {share:.1%}."


def _most(name: str, row: Row, rows: list[dict[str, Any]], by: str) -> str:
    """A group's share, and of whom it is the largest and the least."""
    if None in (row["share"], row["low"], row["high"]):
        return f"{_capital(name)}: withheld."
    said = f"{_capital(name)}: {row['share']:.1%} ({row['low']:.1%} to {row['high']:.1%})"
    mine = [
        r for r in rows if r["group"] == name and r[by] not in (ALL, UNKNOWN) and r["share"] is not None
    ]
    if len(mine) < 2:
        return said + "."
    most, least = (pick(mine, key=lambda r: r["share"]) for pick in (max, min))
    return f"{said}; most of {most[by]} ({most['share']:.1%}), least of {least[by]} ({least['share']:.1%})."


def _path(rows: list[dict[str, Any]]) -> list[str]:
    shown = [
        (r["share"], r["path"]) for r in rows if r["path"] not in (ALL, REST) and r["share"] is not None
    ]
    if not shown:
        return ["No path was frequent enough to be told."]
    share, path = max(shown)
    told = "no care recorded" if path == NOTHING else path.replace(" > ", ", then ")
    return [f"The most frequent path is {told}: {share:.1%} of patients."]


def _gap(rows: list[dict[str, Any]], params: Params) -> list[str]:
    mine = [r for r in rows if r["earlier"] == params["start_as"] and r["median"] is not None]
    if not mine:
        return []
    row = max(mine, key=lambda r: r["patients_waiting"] or 0)
    return [
        f"To {row['later']}, the step most come to first, half waited {row['median']:,.0f} days or less;"
        f" the middle half {row['lower_quarter']:,.0f} to {row['upper_quarter']:,.0f}."
        if None not in (row["lower_quarter"], row["upper_quarter"])
        else f"To {row['later']}, half waited {row['median']:,.0f} days or less."
    ]


def _cost(rows: list[dict[str, Any]]) -> list[str]:
    shown = [row for row in rows if row["cost_per_year"] is not None]
    if len(shown) < 2:
        return []
    most, least = (pick(shown, key=lambda r: r["cost_per_year"]) for pick in (max, min))
    one, two = (f"{row['group']!r} (£{row['cost_per_year']:,.0f})" for row in (most, least))
    return [f"For each year of follow-up, care costs most in the group {one} and least in {two}."]


def _rules(found: Mapping[str, int | None], groups: Mapping[str, Row]) -> list[str]:
    """For whom no rule holds, for whom several, and whose dates cannot be right."""
    said = []
    if NO_RULE in groups:
        said.append(f"For {_number(groups[NO_RULE]['patients'])} patients no rule holds.")
    if found.get(SEVERAL) != 0:
        said.append(f"For {_number(found.get(SEVERAL))} patients several rules hold; the first was taken.")
    if found.get(UNDATED) != 0:
        left = _number(found.get(UNDATED))
        said.append(f"For {left} patients a date cannot be right: they are in no group.")
    return said or ["Every patient is in one group, by one rule."]


def _number(value: int | None) -> str:
    return "a withheld number of" if value is None else f"{value:,}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
