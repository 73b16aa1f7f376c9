"""Keys that no longer stand, for each who reads an index: when two people turn out to be one, or one two.

The map lies at the linker, under each reader's own folder and key, in keys that only that reader holds: the
ids of the index are in none of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .indexes import FOLDER, host_keys
from .places import Places

if TYPE_CHECKING:
    import pyarrow as pa

    from ..engines.duckdb import DuckDB
    from ..link.index import Change
    from ..live import LiveAgreement
    from ..workspace import Workspace


def hand_on(live: LiveAgreement, unit: str, change: Change, engine: DuckDB) -> None:
    """Write what has changed for the agreement itself, and for each that its `onward:` names and that has
    read the index before: who never ran holds no key of it.
    """
    import pyarrow as pa

    if not change.superseded.num_rows:
        return
    space, text = live.space, live.agreement.text
    readers = {live.name, *(o.to for o in text.agree.onward or () if o.what == unit)}
    for reader in sorted(readers & set(space.agreements())):
        if space.keyring.holds(reader):
            keys = {
                name: host_keys(space, reader, unit, change.superseded[name]) for name in ("old", "new")
            }
            places, name = _places(space, reader, engine), f"superseded-{unit}-{change.run:06d}"
            places.write(text.link[unit].at, name, engine.from_arrow(pa.table(keys)))


def superseded(space: Workspace, agreement: str, unit: str, place: str) -> pa.Table:
    """(old, new) of every key of an agreement that was superseded so far; a null `new` is nobody's now."""
    import pyarrow as pa

    from ..engines.duckdb import DuckDB

    if not space.keyring.holds(agreement):
        return _none()
    engine = DuckDB([space.kept], spill=space.kept / "spill")
    try:
        return pa.concat_tables([_none(), *_read(space, agreement, unit, place, engine)])
    finally:
        engine.close()


def _read(space: Workspace, agreement: str, unit: str, place: str, engine: DuckDB) -> Iterator[pa.Table]:
    places = _places(space, agreement, engine)
    folder = places.path(place, "any").parent
    for path in sorted(folder.glob(f"superseded-{unit}-*.parquet")):
        held = engine.to_arrow(places.read(place, path.stem))
        yield held.select(["old", "new"]).cast(_none().schema)


def _none() -> pa.Table:
    import pyarrow as pa

    return pa.schema([("old", pa.string()), ("new", pa.string())]).empty_table()


def _places(space: Workspace, agreement: str, engine: DuckDB) -> Places:
    from ..depersonalise import Use

    secret = space.keyring.secret(agreement, Use.DATA)
    return Places(space.kept / "places", agreement, FOLDER, secret, engine)
