"""What the account holds of agreements' lives and of keys, as the records that `agree.life` reads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..account.events import Event, EventKind
from ..agree.enrolment import Keys
from ..agree.life import Record, key_records
from ..agree.status import Act

if TYPE_CHECKING:
    from ..account import Account

OF_KEYS = {EventKind.AGREE_KEY_ENROLLED: Act.ENROL, EventKind.AGREE_KEY_REVOKED: Act.REVOKE}
OF_AGREEMENT = {
    EventKind.AGREE_ASSESSED: Act.ASSESS,
    EventKind.AGREE_DELIBERATED: Act.DELIBERATE,
    EventKind.AGREE_CONDITION_MET: Act.MEET,
    EventKind.AGREE_SIGNED: Act.SIGN,
    EventKind.AGREE_VOIDED: Act.VOID,
    EventKind.AGREE_PUBLISHED: Act.PUBLISH,
    EventKind.AGREE_SUSPENDED: Act.SUSPEND,
    EventKind.AGREE_RESUMED: Act.RESUME,
    EventKind.AGREE_WITHDRAWN: Act.WITHDRAW,
}


def records(account: Account, agreement: str) -> tuple[Record, ...]:
    """Every record of an agreement's life and of all keys, in the account's order."""
    found = [event for kind in OF_KEYS for event in account.events(kind=kind)]
    found += [event for kind in OF_AGREEMENT for event in account.events(agreement=agreement, kind=kind)]
    return tuple(map(_record, sorted(found, key=lambda event: event.index)))


def keys(account: Account) -> Keys:
    """Every key that was ever enrolled in the workspace."""
    found: Iterable[Event] = (event for kind in OF_KEYS for event in account.events(kind=kind))
    held = Keys()
    for event in sorted(found, key=lambda event: event.index):
        key_records(held, event.index, _record(event))
    return held


def _record(event: Event) -> Record:
    return Record((OF_KEYS | OF_AGREEMENT)[event.kind], event.at, event.actor, event.facts)
