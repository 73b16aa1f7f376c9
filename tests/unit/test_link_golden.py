"""Golden records: by declared rules, out of one record each, with their provenance, in whatever order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharewell.errors import LinkError
from sharewell.link.golden import golden
from sharewell.link.golden_rules import Survivor, survivors

ADDRESS = ("address", "postcode", "uprn")
RULES = survivors(
    {
        "nhs": {"fields": ["nhs_number"], "by": ["common", {"trusted": ["gp"]}]},
        "name": {"fields": ["forename", "surname"], "by": [{"trusted": ["gp", "council"]}, "complete"]},
        "birth": {"fields": ["born"], "by": [{"trusted": ["gp"]}, "common"]},
        "address": {"fields": ADDRESS, "by": [{"recent": "since"}, "complete"]},
    }
)
COLUMNS = ("record", "nhs_number", "forename", "surname", "born", *ADDRESS, "since")


def table(*rows: Mapping[str, Any]) -> pa.Table:
    return pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in COLUMNS})


def one(
    sources: Mapping[str, pa.Table], rules: tuple[Survivor, ...] = RULES, **more: Any
) -> dict[str, Any]:
    """The golden record of everybody, taken for one person."""
    pairs = [(source, r) for source, held in sources.items() for r in held["record"].to_pylist()]
    clusters = pa.table(
        {"source": [s for s, _ in pairs], "record": [r for _, r in pairs], "cluster": ["p1"] * len(pairs)}
    )
    (made,) = golden(sources, clusters, rules, **more).to_pylist()
    return made


GP = table(
    {
        "record": "g1",
        "nhs_number": "9434765919",
        "forename": "Ann",
        "surname": "Okafor",
        "born": "1980-02-03",
    }
    | {"address": "1 Old Rd", "postcode": "AB1 2CD", "since": "2015-01-01"}
)
COUNCIL = table(
    {"record": "c1", "forename": "Anna", "surname": "Okafor-Bell", "born": "1980-02-03"}
    | {"address": "9 New Street", "postcode": "ZZ99 3VZ", "uprn": "77", "since": "2023-05-06"},
    {
        "record": "c2",
        "nhs_number": "9434765910",
        "forename": "UNKNOWN",
        "born": "1900-01-01",
        "since": "2024-01-01",
    },
)


def test_each_rule_picks_its_record_and_says_why() -> None:
    made = one({"gp": GP, "council": COUNCIL})
    assert (made["forename"], made["surname"]) == ("Ann", "Okafor")
    assert (made["name_source"], made["name_record"], made["name_rule"]) == ("gp", "g1", "trusted")
    assert made["name_conflict"]
    assert (made["birth_rule"], made["birth_conflict"]) == ("agreed", False)


def test_fields_of_one_rule_never_mix_two_records() -> None:
    """The newer address has a placeholder for a postcode; the older one's is not put beside it."""
    made = one({"gp": GP, "council": COUNCIL})
    assert [made[name] for name in ADDRESS] == ["9 New Street", None, "77"]
    assert (made["address_source"], made["address_record"], made["address_rule"]) == (
        "council",
        "c1",
        "recent",
    )


def test_a_placeholder_never_wins_however_recent_or_trusted() -> None:
    made = one({"gp": COUNCIL.slice(1), "council": GP})
    assert (made["nhs_number"], made["nhs_rule"]) == ("9434765919", "only"), (
        "the other's check digit is wrong"
    )
    assert (made["forename"], made["name_source"]) == ("Ann", "council")
    assert (made["born"], made["birth_rule"]) == ("1980-02-03", "only")


def test_nobody_who_says_anything_gives_nothing() -> None:
    made = one({"gp": table({"record": "g1", "forename": "UNKNOWN"}), "council": table({"record": "c1"})})
    assert {made[name] for name in ("forename", "surname", "name_source", "name_rule", "address")} == {None}
    assert made["name_conflict"] is False


def test_the_most_common_counts_sources_and_not_records() -> None:
    rules = survivors({"birth": {"fields": ["born"], "by": ["common"]}})
    many = table(*({"record": f"c{n}", "born": "1970-01-02"} for n in range(5)))
    sources = {"council": many, "gp": table({"record": "g", "born": "1971-03-04"})}
    sources["school"] = table({"record": "s", "born": "04/03/1971"})
    made = one(sources, rules)
    assert (made["born"], made["birth_source"], made["birth_rule"]) == ("1971-03-04", "gp", "common")


def test_a_date_that_is_yet_to_come_is_not_the_most_recent() -> None:
    rules = survivors({"address": {"fields": ["address"], "by": [{"recent": "since"}]}})
    sources = {
        "a": table({"record": "1", "address": "1 Past Way", "since": "2020-01-01"}),
        "b": table({"record": "1", "address": "2 Typing Error", "since": "2203-01-01"}),
    }
    assert one(sources, rules)["address"] == "2 Typing Error"
    assert one(sources, rules, at=dt.date(2024, 6, 3))["address"] == "1 Past Way"


def test_conflict_is_among_trusted_sources_only() -> None:
    rules = survivors({"birth": {"fields": ["born"], "by": [{"trusted": ["gp", "hospital"]}]}})
    sources = {
        "gp": table({"record": "1", "born": "1980-01-02"}),
        "hospital": table({"record": "1", "born": "02/01/1980"}),
        "gym": table({"record": "1", "born": "1999-09-09"}),
    }
    assert one(sources, rules)["birth_conflict"] is False
    sources["hospital"] = table({"record": "1", "born": "1980-01-03"})
    assert one(sources, rules)["birth_conflict"] is True


VALUES = {
    "forename": [None, "Ann", "ANN", "Bo", "UNKNOWN"],
    "surname": [None, "Li", "Okafor", "-"],
    "since": [None, "2020-01-01", "2021-02-03", "never"],
}


@st.composite
def county(draw: st.DrawFn) -> tuple[dict[str, pa.Table], pa.Table]:
    sources, rows = {}, []
    for source in ("a", "b", "c"):
        held = draw(
            st.lists(st.fixed_dictionaries({k: st.sampled_from(v) for k, v in VALUES.items()}), max_size=5)
        )
        sources[source] = table(*({"record": f"r{n}", **row} for n, row in enumerate(held)))
        rows += [
            {"source": source, "record": f"r{n}", "cluster": draw(st.sampled_from(["p", "q", None]))}
            for n in range(len(held))
        ]
    kinds = pa.schema([(name, pa.string()) for name in ("source", "record", "cluster")])
    return sources, pa.Table.from_pylist(rows, schema=kinds)


BY = ({"trusted": ["c", "a"]}, {"recent": "since"}, "complete", "common")
NAMED = {"fields": ("forename", "surname")}


def known(row: Mapping[str, Any]) -> tuple[str, str]:
    """What a row says, as the test's own few values may be said."""
    return (
        (row["forename"] or "").upper().replace("UNKNOWN", ""),
        (row["surname"] or "").upper().replace("-", ""),
    )


def expected(sources: Mapping[str, pa.Table], clusters: pa.Table, order: list[Any]) -> dict[str, Any]:
    """The winner of each cluster, by the plainest code there is."""
    rows = {(s, r["record"]): {**r, "source": s} for s, held in sources.items() for r in held.to_pylist()}
    found = {}
    for cluster in {c for c in clusters["cluster"].to_pylist() if c}:
        mine = [rows[c["source"], c["record"]] for c in clusters.to_pylist() if c["cluster"] == cluster]
        mine = [row for row in mine if any(known(row))]

        def key(row: Mapping[str, Any], mine: list[dict[str, Any]] = mine) -> tuple[Any, ...]:
            said = known(row)
            since = row["since"] if row["since"] not in (None, "never") else "0"
            kept = [row[f] for f, k in zip(NAMED["fields"], said, strict=True) if k]
            held = {
                "trusted": {"c": 0, "a": 1}.get(row["source"], 2),
                "recent": -int(since.replace("-", "")),
                "complete": (-len(kept), -sum(map(len, kept))),
                "common": -len({r["source"] for r in mine if known(r) == said}),
            }
            kinds = [by if isinstance(by, str) else next(iter(by)) for by in order]
            return (*(held[kind] for kind in kinds), row["source"], row["record"])

        best = min(mine, key=key, default=None)
        found[cluster] = (best["source"], best["record"]) if best else (None, None)
    return found


@settings(max_examples=10, deadline=None)
@given(county(), st.permutations(BY))
def test_it_is_what_plain_code_finds_in_whatever_order(
    made: tuple[dict[str, pa.Table], pa.Table], order: list[Any]
) -> None:
    sources, clusters = made
    rules = survivors({"name": {**NAMED, "by": order}})
    found = golden(sources, clusters, rules)
    got = {row["cluster"]: (row["name_source"], row["name_record"]) for row in found.to_pylist()}
    assert got == expected(sources, clusters, order)
    turned = {
        s: held.take(pa.array(range(len(held))[::-1], pa.int64())) for s, held in reversed(sources.items())
    }
    again = golden(turned, clusters.take(pa.array(range(len(clusters))[::-1], pa.int64())), rules)
    assert again.equals(found)


def test_every_fault_is_told_at_once() -> None:
    rules = survivors(
        {
            "name": {"fields": ["forename"], "by": [{"trusted": ["nobody"]}]},
            "call": {"fields": ["forename", "nickname"], "by": [{"recent": "moved"}]},
        }
    )
    clusters = pa.table({"source": ["gp"], "record": ["g1"], "cluster": ["p"]})
    with pytest.raises(LinkError) as refused:
        golden({"gp": GP}, clusters, rules)
    told = " ".join(problem.what for problem in refused.value.problems)
    assert all(word in told for word in ("nobody", "nickname", "moved", "forename is declared twice"))


@pytest.mark.parametrize(
    "by", ["newest", {"trusted": []}, {"recent": 3}, {"trusted": ["a"], "recent": "b"}]
)
def test_a_preference_that_is_none_is_refused(by: Any) -> None:
    with pytest.raises(LinkError, match="none that is known"):
        survivors({"name": {"fields": ["forename"], "by": [by]}})
