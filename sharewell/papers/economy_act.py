"""The entry in the register of sharing agreements under the Digital Economy Act 2017, Part 5."""

from __future__ import annotations

from .form import Ask, Elsewhere, Form, Section
from .views import CONTROLLERS, DATA_SETS, LINKING, PROCESSORS, RECIPIENTS

ECONOMY_ACT = Form(
    "economy-act",
    "Digital Economy Act register entry",
    "One entry of the public register of information-sharing agreements.",
    "Its fields are those of the register, as of 2026.",
    (
        Section(
            "Register entry",
            (
                Ask("ID", ("agreement",), ("id",)),
                Ask("Name", ("title",), ("name",)),
                Ask("Purpose", ("agree.purposes.*.statement",), ("purpose",)),
                Ask("Benefits", ("agree.benefits.*.claim",), ("benefits",)),
                Ask("Disclosed information", (DATA_SETS, RECIPIENTS), ("disclosed information",)),
                Ask("Method", (LINKING, "release.*.via"), ("method",)),
                Ask("Contact", ("agree.rights.contact",), ("contact",)),
                Ask("Start date", ("account.term.start",), ("start",)),
                Ask("End date", ("account.term.end",), ("end",)),
                Ask("Review date", ("account.term.review",), ("review",)),
                Ask("Retention", ("account.retain", "account.exit"), ("retention",)),
                Elsewhere(
                    "Status",
                    "The account says whether it is published, active, suspended or ended.",
                    ("status",),
                ),
                Ask("Notes", ("agree.transparency.notice", "agree.transparency.summary"), ("notes",)),
                Ask("Powers", ("agree.law.gateway",), ("powers",)),
                Ask("Controllers", (CONTROLLERS,), ("controllers",)),
                Ask("Processors", (PROCESSORS,), ("processors",)),
            ),
        ),
    ),
    row=True,
)
