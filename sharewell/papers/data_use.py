"""A row of a data-use register in the 31 columns that HDR UK publishes."""

from __future__ import annotations

from .form import Ask, Elsewhere, Form, Section
from .views import CHECKS, CONTROLLERS, DATA_SETS, HOSTS, KINDS, LINKING, METHODS, RECIPIENTS

_APPLICANT = "Filled in by the body that keeps the register; the agreement does not say it."

DATA_USE = Form(
    "data-use",
    "Data-use register row",
    "One row of the register of data uses, to be sent as it is.",
    "Its 31 columns are those of the HDR UK standard, as of 2026.",
    (
        Section(
            "The organisation",
            (
                Ask("Organisation name", (HOSTS, CONTROLLERS), ("Organisation name",)),
                Ask("Organisation ID", ("agree.parties.*.registration",), ("Organisation ID",)),
                Elsewhere("Organisation sector", _APPLICANT, ("Organisation sector",)),
                Ask("Applicant name(s)", ("agree.users.*.who",), ("Applicant name(s)",)),
                Elsewhere("Funders/Sponsors", _APPLICANT, ("Funders/Sponsors",)),
                Ask(
                    "DEA accredited researcher?",
                    ("agree.users.*.training",),
                    ("DEA accredited researcher?",),
                ),
                Ask(
                    "Sub-licence arrangements (if any)?",
                    ("agree.onward",),
                    ("Sub-licence arrangements (if any)?",),
                ),
            ),
        ),
        Section(
            "The project",
            (
                Ask("Project title", ("title",), ("Project title",)),
                Ask("Project ID", ("agreement",), ("Project ID",)),
                Ask("Lay summary", ("agree.transparency.summary",), ("Lay summary",)),
                Ask("Public benefit statement", ("agree.benefits.*.claim",), ("Public benefit statement",)),
                Ask("Request category type", ("agree.purposes.*.codes",), ("Request category type",)),
                Ask("Technical summary", (METHODS, LINKING), ("Technical summary",)),
                Ask(
                    "Other approval committees",
                    ("agree.deliberation.event", "agree.law.section_251"),
                    ("Other approval committees",),
                ),
                Ask("Project start date", ("account.term.start",), ("Project start date",)),
                Ask("Project end date", ("account.term.end",), ("Project end date",)),
                Elsewhere(
                    "Latest approval date",
                    "The account holds the date of the last signature.",
                    ("Latest approval date",),
                ),
            ),
        ),
        Section(
            "The data",
            (
                Ask("Dataset(s) name", (DATA_SETS,), ("Dataset(s) name",)),
                Ask("Data sensitivity level", (RECIPIENTS,), ("Data sensitivity level",)),
                Ask(
                    "Legal basis for provision of data under Article 6",
                    ("agree.law.article_6",),
                    ("Legal basis for provision of data under Article 6",),
                ),
                Ask(
                    "Lawful conditions for provision of data under Article 9",
                    ("agree.law.article_9",),
                    ("Lawful conditions for provision of data under Article 9",),
                ),
                Ask(
                    "Common Law Duty of Confidentiality",
                    ("agree.law.confidentiality",),
                    ("Common Law Duty of Confidentiality",),
                ),
                Ask(
                    "National data opt-out applied?",
                    ("agree.law.opt_out",),
                    ("National data opt-out applied?",),
                ),
                Ask("Request frequency", ("release.*.every",), ("Request frequency",)),
                Ask(
                    "For linked datasets, specify how the linkage will take place",
                    (LINKING,),
                    ("For linked datasets, specify how the linkage will take place",),
                ),
                Ask(
                    "How the data will be used",
                    ("agree.purposes.*.statement", "analyse.*.question"),
                    ("Description of how the data will be used",),
                ),
                Ask(
                    "Description of the confidential data being used",
                    (KINDS,),
                    ("Description of the confidential data being used",),
                ),
            ),
        ),
        Section(
            "Access",
            (
                Ask("Release/Access date", ("account.term.start",), ("Release/Access date",)),
                Ask("Access type", ("release.*.form",), ("Access type",)),
                Ask(
                    "How has data been processed to enhance privacy?",
                    (CHECKS, "agree.security"),
                    ("How has data been processed to enhance privacy?",),
                ),
                Ask(
                    "Link to research outputs",
                    ("agree.transparency.notice",),
                    ("Link to research outputs",),
                ),
            ),
        ),
    ),
    row=True,
)
