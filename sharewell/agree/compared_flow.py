"""How each place from `describe:` to `account:` is judged when two versions are compared.

What is not listed is judged wider: an expression, a setting or a method cannot be put in an order.
"""

from __future__ import annotations

from collections.abc import Mapping

from .comparers import NARROWER, Amount, Entries, Judge, Members, OfForm, Said, Scale

_FREQUENCIES = ("once", "year", "term", "quarter", "month", "week", "day", "request")

FLOW: Mapping[str, Judge] = {
    "describe": Entries("sources"),
    "describe.*.from": Judge("party that brings {0}"),
    "describe.*.asset": Judge("asset behind {0}"),
    "describe.*.link": Members("fields of {0} that go to the linker"),
    "describe.*.use": Members("fields of {0} that go to the host"),
    "describe.*.derive": Entries("columns that are computed of {0}"),
    "link": Entries("units that records are linked into"),
    "link.*.of": Members("sources linked into {0}"),
    "link.*.linker": Judge("method that links {0}"),
    "link.*.at": Judge("party that links {0}"),
    "link.*.from": Judge("agreement whose index of {0} is read"),
    "link.*.standing": Scale("whether the index of {0} is kept between runs", (False, True)),
    "depersonalise": Entries("sources made less telling", NARROWER),
    "depersonalise.*": Entries("fields of {0} made less telling", NARROWER),
    "depersonalise.*.*.to": Judge("how {1} of {0} is made less telling"),
    "analyse": Entries("products"),
    "analyse.*.purpose": Judge("purpose of {0}"),
    "analyse.*.question": Judge("question of {0}"),
    "analyse.*.recipe": Judge("recipe of {0}"),
    "analyse.*.registered": Said("registration of {0}"),
    "analyse.*.tables": Entries("tables of {0}"),
    "analyse.*.tables.*.lookup": Entries("columns looked up for {1} of {0}"),
    "analyse.*.tables.*.add": Entries("figures added to {1} of {0}"),
    "analyse.*.tables.*.derive": Entries("columns computed for {1} of {0}"),
    "check": Entries("checks", NARROWER),
    "check.*.policy": Judge("policy that {0} passes"),
    "check.*.with.minimum": Amount("least number of people behind a figure of {0}", NARROWER, default=True),
    "release": Entries("releases"),
    "release.*.to": Members("recipients of {0}"),
    "release.*.form": OfForm("form of {0}"),
    "release.*.as": Members("file formats of {0}"),
    "release.*.fields": Members("fields of {0} that leave"),
    "release.*.every": Scale("how often {0} is released", _FREQUENCIES),
    "release.*.keep": Amount("how long recipients keep {0}"),
    "account.term.start": Amount("start of the term", NARROWER),
    "account.term.review": Amount("review"),
    "account.term.end": Amount("end of the term"),
    "account.retain": Amount("how long intermediate tables are kept"),
    "account.exit": Scale("what is done at the end", ("destroy", "return")),
    "account.notice_days": Amount("days of notice before the first run", NARROWER),
    "account.withdrawal.inputs": Scale("records of a party that leaves", ("destroy", "return")),
    "account.withdrawal.outputs": Scale(
        "products that a party that leaves is part of", ("withdraw", "keep")
    ),
}
