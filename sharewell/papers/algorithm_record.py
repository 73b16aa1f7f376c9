"""A first draft of an algorithmic-transparency record (ATRS version 3), for the team to complete."""

from __future__ import annotations

from .flows import FLOWS
from .form import Ask, Each, Elsewhere, Form, Section, Show
from .views import CHECKS, DATA_SETS, FIELDS, HOSTS, KINDS, METHODS, PROCESSORS, PRODUCTS, after

_TEAM = "For the team that owns the tool to write; the agreement does not say it."
_REPORT = "Each run's report gives it, measured; an agreement says it before there is a figure."

ALGORITHM_RECORD = Form(
    "algorithm-record",
    "Algorithmic transparency record",
    "A first draft: what the agreement knows is filled in, and the rest is named.",
    "Its parts are those of the Algorithmic Transparency Recording Standard, version 3, as of 2026.",
    (
        Section(
            "Tier 1",
            (
                Ask("Name", ("title",), ("Tier 1 Name",)),
                Ask("Description", ("agree.transparency.summary",), ("Tier 1 Description",)),
                Ask("Website URL", ("agree.transparency.notice",), ("Tier 1 Website URL",)),
                Ask("Contact", ("agree.rights.contact",), ("Tier 1 Contact email",)),
            ),
        ),
        Section(
            "Tier 2, 1: Owner and responsibility",
            (
                Ask("1.1 Organisation or department", (HOSTS,), ("1.1 Organisation or department",)),
                Ask("1.2 Team", ("agree.users.*.role",), ("1.2 Team",)),
                Ask(
                    "1.3 Senior responsible owner",
                    ("agree.assessment.residual_by",),
                    ("1.3 Senior responsible owner",),
                ),
                Ask(
                    "1.4 Third party involvement",
                    (PROCESSORS, "agree.processing"),
                    ("1.4 Third party involvement",),
                ),
                Elsewhere(
                    "1.4 Company number, role, procurement and access terms of a supplier",
                    _TEAM,
                    (
                        "1.4.1 Third party",
                        "1.4.2 Companies House Number",
                        "1.4.3 Third party role",
                        "1.4.4 Procurement procedure type",
                        "1.4.5 Third party data access terms",
                    ),
                ),
            ),
        ),
        Section(
            "Tier 2, 2: Description and rationale",
            (
                Ask(
                    "2.1 Detailed description",
                    (METHODS, "analyse.*.question"),
                    ("2.1 Detailed description",),
                ),
                Ask("2.2 Scope", ("agree.purposes.*.statement", "agree.purposes.*.never"), ("2.2 Scope",)),
                Ask("2.3 Benefit", ("agree.benefits.*.claim",), ("2.3 Benefit",)),
                Elsewhere("2.4 Previous process", _TEAM, ("2.4 Previous process",)),
                Ask(
                    "2.5 Alternatives considered",
                    ("agree.necessity.*.rejected",),
                    ("2.5 Alternatives considered",),
                ),
            ),
        ),
        Section(
            "Tier 2, 3: Decision-making process",
            (
                Ask(
                    "3.1 Process integration", ("agree.automated.*.decision",), ("3.1 Process integration",)
                ),
                Show(PRODUCTS, ("3.2 Provided information",)),
                Ask(
                    "3.3 Frequency and scale of usage",
                    ("release.*.every", "agree.subjects.*.number"),
                    ("3.3 Frequency and scale of usage",),
                ),
                Ask(
                    "3.4 Human decisions and review",
                    ("agree.automated.*.human",),
                    ("3.4 Human decisions and review",),
                ),
                Ask("3.5 Required training", ("agree.users.*.training",), ("3.5 Required training",)),
                Ask(
                    "3.6 Appeals and review",
                    ("agree.automated.*.contest", "agree.rights.complaint"),
                    ("3.6 Appeals and review",),
                ),
            ),
        ),
        Section(
            "Tier 2, 4: Tool specification",
            (
                Show(FLOWS, ("4.1.1 System architecture",)),
                Elsewhere(
                    "4.1 Phase and maintenance",
                    "The account says which version is active, and when it is reviewed.",
                    ("4.1.2 Phase", "4.1.3 Maintenance"),
                ),
                Ask(
                    "4.1 Models",
                    (METHODS,),
                    ("4.1.4 Models", "4.2.1 Model name", "4.2.3 Model task", "4.2.6 Model architecture"),
                ),
                Ask("4.2 Version", ("version",), ("4.2.2 Model version",)),
                Ask(
                    "4.2 How it decides",
                    ("agree.automated.*.logic",),
                    ("4.2.4 Model input", "4.2.5 Model output"),
                ),
                Elsewhere("4.2 Performance", _REPORT, ("4.2.7 Model performance",)),
                Ask("4.2 Data sets and why", (DATA_SETS,), ("4.2.8 Datasets", "4.2.9 Dataset purposes")),
                Show(FIELDS, ("4.3.1 Source data name", "4.3.3 Data description")),
                Ask("4.3 Kinds of field", (KINDS,), ("4.3.5 Sensitive attributes", "4.3.2 Data modality")),
                Elsewhere(
                    "4.3 Quantity, completeness and representativeness",
                    _REPORT,
                    ("4.3.4 Data quantities", "4.3.6 Data completeness and representativeness"),
                ),
                Elsewhere(
                    "4.3 Where the source data can be found, how they were collected and cleaned",
                    "The catalogue holds a contract for each data set.",
                    ("4.3.7 Source data URL", "4.3.8 Data collection", "4.3.9 Data cleaning"),
                ),
                Ask(
                    "4.3 Sharing agreement",
                    ("agreement", "agree.law.gateway"),
                    ("4.3.10 Data sharing agreements",),
                ),
                Ask(
                    "4.3 Access and storage",
                    ("agree.users", "account.retain", CHECKS),
                    ("4.3.11 Data access and storage",),
                ),
            ),
        ),
        Section(
            "Tier 2, 5: Risks, mitigations and impact assessments",
            (
                Ask("5.1 Impact assessment", ("agree.assessment",), ("5.1 Impact assessments",)),
                Each(
                    "5.1 Equality",
                    "agree.equality",
                    (("Group", "group"), ("Effect", "effect"), ("Measure", "measure")),
                    ("5.1 Impact assessments",),
                ),
                Each(
                    "5.2 Risks and mitigations",
                    "agree.risks",
                    (
                        ("Risk", "text"),
                        ("Mitigation", "measure"),
                        ("Left after it", after),
                        ("Owner", "owner"),
                    ),
                    ("5.2 Risks and mitigations",),
                ),
            ),
        ),
    ),
)
