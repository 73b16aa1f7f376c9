"""The privacy notice in plain English (UK GDPR Articles 13 and 14), for a reading age of 13."""

from __future__ import annotations

from .form import Ask, Elsewhere, Form, Note, Section
from .views import CONTROLLERS, HOLDERS, KINDS, PROCESSORS, RECIPIENTS

PRIVACY_NOTICE = Form(
    "privacy-notice",
    "How we use data about you",
    "This page tells you what we do with data about you, and what you can do about it.",
    "It gives what Articles 13 and 14 of the UK GDPR ask for.",
    (
        Section("In short", (Ask("", ("agree.transparency.summary",)),), prose=True),
        Section(
            "Who we are",
            (
                Note("We are a group of bodies that share data. Each of us must look after it."),
                Ask(
                    "These bodies decide what is done with it:",
                    (CONTROLLERS,),
                    (
                        "The name and contact details of our organisation",
                        "The name and contact details of our representative",
                    ),
                ),
                Ask("These bodies work for us and must do as we say:", (PROCESSORS,)),
                Ask(
                    "You can write to a data protection officer here:",
                    ("agree.parties.*.dpo",),
                    ("The contact details of our data protection officer",),
                ),
                Ask("How we share this task:", ("agree.joint_control.arrangement",)),
            ),
            prose=True,
        ),
        Section(
            "Why we use your data",
            (
                Note("We may only use your data for a reason that we have told you."),
                Ask(
                    "These are our reasons:",
                    ("agree.purposes.*.statement",),
                    ("The purposes of the processing",),
                ),
                Ask("We must not use it for:", ("agree.purposes.*.never",)),
                Ask("The good that we hope for:", ("agree.benefits.*.claim",)),
            ),
            prose=True,
        ),
        Section(
            "What the law says",
            (
                Note(
                    "These are the parts of the law that we rely on. We set them down as we were told them."
                ),
                Ask(
                    "Our power to share:", ("agree.law.gateway",), ("The lawful basis for the processing",)
                ),
                Ask(
                    "Our lawful basis:", ("agree.law.article_6",), ("The lawful basis for the processing",)
                ),
                Ask("For data that need extra care, such as health:", ("agree.law.article_9",)),
                Ask("For data about crime:", ("agree.law.article_10",)),
                Elsewhere(
                    "Each of us has a notice of its own.",
                    "It says if you must give us your data, and if we rely on our own needs.",
                    (
                        "The legitimate interests for the processing",
                        "a statutory or contractual obligation to provide the personal data",
                    ),
                ),
            ),
            prose=True,
        ),
        Section(
            "What data we use",
            (
                Ask("The people that the data are about:", ("agree.subjects.*.who",)),
                Ask("Where the data come from:", (HOLDERS,), ("The source of the personal data",)),
                Ask("The kinds of data:", (KINDS,), ("The categories of personal data obtained",)),
            ),
            prose=True,
        ),
        Section(
            "Who sees it",
            (
                Note("Each list or table that leaves us is checked first."),
                Ask(
                    "These are all who get one, and in what form:",
                    (RECIPIENTS,),
                    ("The recipients or categories of recipients of the personal data",),
                ),
                Ask(
                    "Outside the United Kingdom:",
                    ("agree.abroad",),
                    ("The details of transfers of the personal data to any third countries",),
                ),
                Ask("Passed on to others:", ("agree.onward",)),
            ),
            prose=True,
        ),
        Section(
            "How long we keep it",
            (
                Ask("We start on:", ("account.term.start",)),
                Ask("We stop on:", ("account.term.end",), ("The retention periods for the personal data",)),
                Ask(
                    "We keep our working copy for:",
                    ("account.retain",),
                    ("The retention periods for the personal data",),
                ),
                Ask("When we stop, this is what we do with it:", ("account.exit",)),
            ),
            prose=True,
        ),
        Section(
            "Choices made by a computer",
            (
                Ask(
                    "What is decided:",
                    ("agree.automated.*.decision",),
                    ("The details of the existence of automated decision-making, including profiling",),
                ),
                Ask("Who checks it:", ("agree.automated.*.human",)),
                Ask("How you can ask us to look again:", ("agree.automated.*.contest",)),
            ),
            prose=True,
        ),
        Section(
            "Your rights",
            (
                Note("You have rights over data about you. You do not have to pay to use them."),
                Ask("To ask us:", ("agree.rights.contact",), ("The rights available to individuals",)),
                Ask(
                    "To see what we hold:",
                    ("agree.rights.access",),
                    ("The rights available to individuals",),
                ),
                Ask("To put a mistake right:", ("agree.rights.correction",)),
                Ask("To say no:", ("agree.rights.objection",), ("The right to withdraw consent",)),
                Ask(
                    "To stay out from the start:",
                    ("agree.law.opt_out",),
                    ("The right to withdraw consent",),
                ),
                Ask("To have it wiped:", ("agree.rights.erasure",)),
                Ask(
                    "To complain:",
                    ("agree.rights.complaint",),
                    ("The right to lodge a complaint with a supervisory authority",),
                ),
                Note("You can also go to the ICO, who guard your rights: ico.org.uk or 0303 123 1113."),
            ),
            prose=True,
        ),
        Section(
            "Find out more",
            (
                Ask("This notice is kept at:", ("agree.transparency.notice",)),
                Ask("We will look at all this again on:", ("account.term.review",)),
            ),
            prose=True,
        ),
    ),
)
