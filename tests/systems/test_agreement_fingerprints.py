"""Two hashes bind every word that is understood, and nothing else: not comments, spacing or order."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from agreement_example import FUEL, KENT, NAMES, compiled, load, shelf, text
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sharewell.agree import lint
from sharewell.errors import SharewellError
from sharewell.plan.fingerprint import Fingerprints, digest, fingerprints, plan_json, step_digest
from sharewell.text import load_yaml

STARTS = re.compile(r"^$|^[a-z]|^ *[\w' -]+: |^ *- ")
"""A line at which something new is said; any other may go on with a text begun before."""
ALWAYS = ("kent-integrated-dataset", "tackling-fuel-poverty", "residents-index")
"""What is tried every time; the others are for the long run."""
CALLED = [pytest.param(name, id=name, marks=() if name in ALWAYS else pytest.mark.long) for name in NAMES]


def hashes(written: str) -> Fingerprints:
    agreement, plan = compiled(written)
    return fingerprints(agreement.text, plan)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.sampled_from(NAMES), seed=st.integers(0, 2**32))
def test_comments_and_blank_lines_change_neither(name: str, seed: int) -> None:
    chance, made = random.Random(seed), []
    lines = text(name).splitlines()
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        if STARTS.match(line) and chance.random() < 0.1:
            made.append(chance.choice(["", "  ", "# said aside", "      # deeper: {than: this}"]))
        made.append(line + (chance.choice(["", " ", "  # why"]) if STARTS.match(after) else ""))
    assert hashes("\n".join(made)) == hashes(text(name))


def shuffled(value: Any, chance: random.Random, place: tuple[str, ...] = ()) -> Any:
    """The same with named entries in another order, but for those that are done in order."""
    if isinstance(value, list):
        return [shuffled(part, chance, (*place, "-")) for part in value]
    if not isinstance(value, dict):
        return value
    items = [(key, shuffled(part, chance, (*place, key))) for key, part in value.items()]
    if not place or place[-1] not in ("derive", "add", "lookup", "groups"):
        chance.shuffle(items)
    return dict(items)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", CALLED)
def test_order_of_named_entries_changes_neither(name: str, seed: int) -> None:
    told = shuffled(load_yaml(text(name)).value, random.Random(seed))
    assert hashes(_dumped(told)) == hashes(text(name))


def _dumped(value: Any) -> str:
    """Block YAML whose texts stay texts."""
    return yaml.dump(value, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=10_000)


class _Plain(yaml.SafeDumper):
    """Without aliases, which the loader refuses."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def first(mapping: dict[str, Any]) -> Any:
    return next(iter(mapping.values()))


TERMS_ONLY: dict[str, Callable[[dict[str, Any]], Any]] = {
    "purpose's words": lambda said: first(said["agree"]["purposes"]).update(
        statement="Something else is meant"
    ),
    "party's name": lambda said: first(said["agree"]["parties"]).update(name="Another name of the body"),
    "basis": lambda said: said["agree"]["law"].update(gateway="Another Act of another year"),
    "review": lambda said: said["account"]["term"].update(review="2025-03-01"),
    "retention": lambda said: said["account"].update(retain="P29D"),
    "title": lambda said: said.update(title="About something else"),
    "version": lambda said: said.update(version=99),
    "framework": lambda said: said.update(framework=None if "framework" in said else "northshire@1"),
    "question": lambda said: first(said["analyse"]).update(question="Is something else asked?"),
    "how often": lambda said: first(said["release"]).update(
        every="quarter" if first(said["release"])["every"] == "term" else "term"
    ),
    "file format": lambda said: first(said["release"])["as"].append("parquet"),
    "how it is sent": lambda said: first(said["release"]).update(via="by carrier pigeon"),
    "how long it is kept": lambda said: first(said["release"]).update(keep="P99Y"),
    "users": lambda said: said["agree"]["users"][0]["may"].append("release"),
    "training": lambda said: said["agree"]["users"][0].update(training=["another course"]),
    "risk": lambda said: said["agree"]["risks"][0].update(text="Something else could happen"),
    "notice": lambda said: said["agree"]["transparency"].update(notice="https://elsewhere.example/"),
    "days of notice": lambda said: said["account"].update(notice_days=99),
}
FLOW_ONLY = {
    "parameter": (KENT, ("{at: 2023-04-01}", "{at: 2023-03-31}")),
    "field": (KENT, ("link: [address, postcode, uprn]", "link: [address, uprn]")),
    "coarsening": (KENT, ("{to: month}", "{to: week}")),
    "expression": (KENT, ("age < 45", "age < 46")),
    "setting": (KENT, ("ratio: 3", "ratio: 2")),
    "policy": (KENT, ("fire-visits: {policy: official-statistics", "fire-visits: {policy: sdap")),
    "linker": (KENT, ("linker: nhs-then-splink", "linker: splink")),
    "vintage": (KENT, ("vintage: 2023-04", "vintage: 2024-04")),
    "threshold": (FUEL, ("cost: 450", "cost: 451")),
    "rule": (FUEL, ("(guaranteed or on_benefit", "(on_benefit")),
    "derivation": (FUEL, ("then 6", "then 7")),
}


@pytest.mark.parametrize("name", CALLED)
@pytest.mark.parametrize("what", TERMS_ONLY)
def test_a_changed_term_changes_terms_alone(what: str, name: str) -> None:
    said = load_yaml(text(name)).value
    TERMS_ONLY[what](said)
    before, after = hashes(text(name)), _edited(text(name), lambda _: _dumped(said))
    assert after.terms != before.terms
    assert after.flow == before.flow


@pytest.mark.parametrize("what", FLOW_ONLY)
def test_a_changed_flow_changes_flow_alone(what: str) -> None:
    name, change = FLOW_ONLY[what]
    before, after = hashes(text(name)), _edited(text(name), change)
    assert after.flow != before.flow
    assert after.terms == before.terms


def test_a_recipient_changes_both() -> None:
    change = ("to: [northshire-council], form", "to: [northshire-council, northshire-gp], form")
    before, after = hashes(text(KENT)), _edited(text(KENT), change)
    assert after.terms != before.terms
    assert after.flow != before.flow


def _edited(written: str, change: Any) -> Fingerprints:
    made = change(written) if callable(change) else written.replace(*change, 1)
    assert made != written
    agreement = load(made)
    plan, _ = lint(agreement, shelf())
    assert plan is not None
    return fingerprints(agreement.text, plan)


def leaves(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    parts = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, part in parts:
        yield from leaves(part, (*place, key))
    if not isinstance(value, dict | list):
        yield place


@pytest.mark.parametrize("name", CALLED)
def test_every_word_is_bound_by_one_of_the_two(name: str) -> None:
    """Whatever leaf is changed: either the text is refused, or a hash tells. Every few leaves are tried."""
    before, places, told = hashes(text(name)), list(leaves(load_yaml(text(name)).value)), 0
    for place in places[:: len(places) // 70]:
        try:
            agreement = load(_dumped(_harmed(load_yaml(text(name)).value, place)))
            plan, faults = lint(agreement, shelf())
        except SharewellError:
            continue
        if plan is not None and not faults:
            told += 1
            assert fingerprints(agreement.text, plan) != before, place
    assert told >= 10


def _harmed(value: Any, place: tuple[Any, ...]) -> Any:
    """The value with the leaf at a place replaced by one like it."""
    holder = value
    for key in place[:-1]:
        holder = holder[key]
    old = holder[place[-1]]
    holder[place[-1]] = (
        old + 1 if isinstance(old, int | float) and not isinstance(old, bool) else f"{old} too"
    )
    if isinstance(old, bool):
        holder[place[-1]] = not old
    return value


@pytest.mark.parametrize("name", CALLED)
def test_plans_compiled_apart_are_equal_and_quick_to_compare(name: str) -> None:
    (_, one), (_, other) = compiled(text(name)), compiled(text(name))
    assert one == other
    assert hash(one) == hash(other)
    assert one.steps == other.steps
    assert len({*one.steps, *other.steps}) == len(one.steps)
    known: dict[Any, str] = {}
    assert [step_digest(s, known) for s in one.steps] == [s.digest for s in other.steps]


@pytest.mark.parametrize("name", CALLED)
def test_plan_is_json_and_names_its_inputs_by_number(name: str) -> None:
    _, plan = compiled(text(name))
    told = plan_json(plan)
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert [step["step"] for step in told] == list(range(1, len(told) + 1))
    for step in told:
        inputs = [step[key] for key in ("of", "left", "right") if key in step] + step.get("tables", [])
        assert all(number < step["step"] for number in inputs)


def test_hashes_and_json_are_the_same_in_every_process() -> None:
    program = (
        "import json, sys\nsys.path.insert(0, sys.argv[1])\n"
        "from agreement_example import NAMES, compiled, text\n"
        "from sharewell.plan.fingerprint import digest, fingerprints, plan_json\n"
        "for name in NAMES:\n"
        "    agreement, plan = compiled(text(name))\n"
        "    print(fingerprints(agreement.text, plan), digest(plan_json(plan)))\n"
    )
    here = str(Path(__file__).parent)
    told = subprocess.run(
        [sys.executable, "-c", program, here],
        env={**os.environ, "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    for name, line in zip(NAMES, told, strict=True):
        agreement, plan = compiled(text(name))
        assert line == f"{fingerprints(agreement.text, plan)} {digest(plan_json(plan))}"
