"""The record of processing activities: UK GDPR Article 30(1) for controllers, 30(2) for processors."""

from __future__ import annotations

from ..agree.terms import Role
from .form import Ask, Each, Form, Section
from .views import CONTROLLERS, KINDS, PROCESSORS, RECIPIENTS, with_role

_JOINT = with_role("joint controllers", Role.JOINT_CONTROLLER)

PROCESSING_RECORD = Form(
    "processing-record",
    "Record of processing activities",
    "One entry for the register that each controller and each processor must keep.",
    "It holds what Article 30 of the UK GDPR asks for, as of 2026.",
    (
        Section(
            "Article 30(1): for each controller",
            (
                Ask(
                    "(a) Controllers and contacts",
                    (CONTROLLERS,),
                    ("30(1)(a) name and contact details of the controller",),
                ),
                Ask("(a) Joint controllers", (_JOINT,), ("30(1)(a) joint controller",)),
                Ask(
                    "(a) Data protection officers",
                    ("agree.parties.*.dpo",),
                    ("30(1)(a) data protection officer", "30(1)(a) representative"),
                ),
                Ask(
                    "(b) Purposes",
                    ("agree.purposes.*.statement",),
                    ("30(1)(b) purposes of the processing",),
                ),
                Ask("(c) People", ("agree.subjects.*.who",), ("30(1)(c) categories of data subjects",)),
                Ask("(c) Kinds of data", (KINDS,), ("30(1)(c) categories of personal data",)),
                Ask("(d) Recipients", (RECIPIENTS,), ("30(1)(d) categories of recipients",)),
                Ask(
                    "(e) Transfers abroad, and safeguards",
                    ("agree.abroad",),
                    (
                        "30(1)(e) transfers to third countries",
                        "30(1)(e) documentation of suitable safeguards",
                    ),
                ),
                Ask(
                    "(f) Time limits for erasure",
                    ("account.retain", "account.term.end", "account.exit", "release.*.keep"),
                    ("30(1)(f) time limits for erasure",),
                ),
                Ask(
                    "(g) Security measures",
                    ("agree.security",),
                    ("30(1)(g) technical and organisational security measures",),
                ),
            ),
        ),
        Section(
            "Article 30(2): for each processor",
            (
                Ask(
                    "(a) Processors and contacts",
                    (PROCESSORS,),
                    ("30(2)(a) name and contact details of the processors",),
                ),
                Ask(
                    "(a) Controllers for whom they act",
                    ("agree.processing.*.for", CONTROLLERS),
                    ("30(2)(a) each controller",),
                ),
                Each(
                    "(b) Categories of processing for them",
                    "agree.processing",
                    (
                        ("Processor", ""),
                        ("Terms", "terms"),
                        ("Engages", "subprocessors"),
                        ("At the end", "ends"),
                    ),
                    ("30(2)(b) categories of processing",),
                ),
                Ask("(c) Transfers abroad", ("agree.abroad",), ("30(2)(c) transfers to third countries",)),
                Ask(
                    "(d) Security measures",
                    ("agree.security",),
                    ("30(2)(d) technical and organisational security measures",),
                ),
            ),
        ),
        Section(
            "Where special rules apply (Data Protection Act 2018)",
            (
                Ask("Lawful basis", ("agree.law.article_6",), ("Schedule 1 paragraph 41 lawful basis",)),
                Ask(
                    "Schedule 1 condition relied on",
                    ("agree.law.dpa_schedule_1",),
                    ("Schedule 1 paragraph 41 condition relied on",),
                ),
                Ask(
                    "Policy document: whether data are kept and erased by it",
                    ("agree.law.policy_document",),
                    ("Schedule 1 paragraph 41 retention and erasure",),
                ),
                Ask("Law-enforcement processing (section 61)", ("agree.law.part_3",)),
            ),
        ),
    ),
)
