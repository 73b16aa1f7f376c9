"""What a person may ask of an index: to be found, to be put right, to begin anew, to be forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .linking import Named, deciding, reading
from .reviewing import forget

if TYPE_CHECKING:
    from ..link.index import Change
    from .agreement import LiveAgreement


def found(
    live: LiveAgreement, actor: str, identity: Mapping[str, str], because: str
) -> list[tuple[str, float | None, float, int]]:
    """The people of the index whom somebody may be, the likeliest first: reference, weight in bits
    (None where a verified number says it), probability, and how many records. Entered in the account as
    a look at so many people.

    Raises as `live.linking.reading`; LinkError FIELDS for what is no identity column.
    """
    from ..link.index import Act

    with reading(live, actor, "match", because) as held:
        matched = held.index.match(identity, act=Act(actor, live.name, live.space.now, because))
        return [
            (held.person(each.person), each.weight, each.probability, each.records)
            for each in matched.candidates
        ]


def correct(
    live: LiveAgreement, actor: str, record: Named, fields: Mapping[str, str | None], because: str
) -> Change:
    """Follow a person's correction of what a record says, over its source, until the source agrees.

    Raises as `live.linking.deciding`; LinkError FIELDS, RECORD.
    """
    with deciding(live, actor, "correct", because) as (held, act, changes):
        changes.append(held.index.correct(*held.known(record), fields, act))
    return changes[0]


def sever(live: LiveAgreement, actor: str, record: Named, ground: str) -> Change:
    """Let a record be of a new person, whom nothing ties to who it was (Gender Recognition Act 2004 s22,
    adoption, witness protection). The account tells that this was done, and neither to whom nor why.

    Raises as `live.linking.deciding`; LinkError GROUNDS, RECORD.
    """
    with deciding(live, actor, "sever", "a right of the person") as (held, act, changes):
        source, number = held.known(record)
        forget(live, held.unit, (source, number))
        changes.append(held.index.sever(source, number, act, ground))
    return changes[0]


def erase(live: LiveAgreement, actor: str, record: Named, because: str) -> Change:
    """Erase a record from the index, and from its reviews: first there, so that a failure leaves nothing
    that the index no longer knows of. Raises as `live.linking.deciding`."""
    with deciding(live, actor, "erase", because) as (held, act, changes):
        source, number = held.known(record)
        forget(live, held.unit, (source, number))
        changes.append(held.index.erase(source, number, act))
    return changes[0]
