"""The host: joins content on linkage keys. It never sees a name, and afterwards no pseudonym either."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...errors import LinkError, Problem
from . import exchange
from .keys import Role
from .pseudonyms import for_linker
from .terms import Terms


def join(
    role: Role, terms: Terms, tell: exchange.Tell = exchange.silent, *, keep: bool = False
) -> dict[str, pa.Table]:
    """For each party of this host its content under linkage keys: column `key`, then the content.

    Rows are sorted by key, so that no order remains to join by. What it took to turn pseudonyms into keys
    is then removed from the inbox, unless `keep`. Raises LinkError: HOST (not this role's work), MISSING,
    UNLINKED (content of records that the linker did not answer for: the two packages are not of one day).
    """
    if role.name not in terms.hosts:
        what = f"{role.name} is no host of these terms"
        raise LinkError(Problem("HOST", what, fix=f"hosts: {', '.join(terms.hosts)}"))
    links = exchange.latest(role, terms, "links", terms.linker).table
    joined = {}
    problems: list[Problem] = []
    mine = [name for name, party in terms.parties.items() if party.host == role.name]
    for nth, name in enumerate(mine):
        tell(f"joining {name}", nth / len(mine))
        try:
            joined[name] = _joined(exchange.latest(role, terms, "content", name), name, links)
        except LinkError as error:
            problems += error.problems
    if problems:
        raise LinkError(problems)
    if not keep:
        for purpose in ("links", "content"):
            exchange.forget(role, terms, purpose)
    tell("done", 1.0)
    return joined


def _joined(content: exchange.Delivery, name: str, links: pa.Table) -> pa.Table:
    coded = content.table["record"].combine_chunks().dictionary_encode()
    own = np.frombuffer(bytes.fromhex("".join(coded.dictionary.to_pylist())), np.uint8).reshape(-1, 16)
    theirs = pa.array(for_linker(bytes.fromhex(content.told["between"]), own), pa.string())
    answered = links.filter(pc.equal(links["party"], name))
    where = pc.index_in(theirs, value_set=answered["record"].combine_chunks())
    if where.null_count:
        what = f"the linker did not answer for {where.null_count} records of {name}"
        fix = "have the party prepare again, and the linker link again"
        raise LinkError(Problem("UNLINKED", what, "the two packages are not of one preparation", fix))
    keys = answered["key"].combine_chunks().take(where).take(coded.indices)
    return content.table.drop_columns("record").add_column(0, "key", keys).sort_by("key")
