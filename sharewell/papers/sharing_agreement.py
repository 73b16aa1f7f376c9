"""The information-sharing agreement in two tiers: the framework above, the purpose protocol below.

Arranged after the ICO's data sharing code (what to put in an agreement) and in the manner of the Wales
Accord and the Whole Essex framework; words and layout are this project's own.
"""

from __future__ import annotations

from .flows import FLOWS
from .form import Ask, Each, Elsewhere, Form, Section, Show
from .views import CHECKS, FIELDS, FINDINGS, FRAMEWORK, LINKING, PRODUCTS, RECIPIENTS

SHARING_AGREEMENT = Form(
    "sharing-agreement",
    "Information-sharing agreement",
    "Part A is agreed by every member of the framework. Part B is for this purpose, and comes first.",
    "It covers what the ICO's data sharing code asks an agreement to say, as of 2026.",
    (
        Section("Part A: the framework", (Ask("Framework", ("framework", FRAMEWORK)),)),
        Section(
            "B1: the parties",
            (
                Each(
                    "Who takes part",
                    "agree.parties",
                    (
                        ("Party", ""),
                        ("Full name", "name"),
                        ("Role", "role"),
                        ("Contact", "contact"),
                        ("Data protection officer", "dpo"),
                        ("ICO registration", "registration"),
                        ("Signs for it", "signs"),
                    ),
                    (
                        "Which organisations will be involved in the data sharing?",
                        "contact details of the data protection officer",
                    ),
                ),
                Ask(
                    "Kind of sharing",
                    ("agree.sharing",),
                    ("Are we sharing data along with another controller?",),
                ),
                Ask(
                    "Joint control (Article 26)",
                    ("agree.joint_control",),
                    ("Are we sharing data along with another controller?",),
                ),
                Each(
                    "Terms of those who process for others (Article 28)",
                    "agree.processing",
                    (
                        ("Party", ""),
                        ("For", "for"),
                        ("Terms", "terms"),
                        ("Engages", "subprocessors"),
                        ("At the end", "ends"),
                    ),
                ),
            ),
        ),
        Section(
            "B2: the purpose",
            (
                Each(
                    "Purposes",
                    "agree.purposes",
                    (
                        ("Purpose", ""),
                        ("What it is for", "statement"),
                        ("Never for", "never"),
                        ("Codes", "codes"),
                    ),
                    ("What is the purpose of the data sharing initiative?",),
                ),
                Each(
                    "Benefits that were promised",
                    "agree.benefits",
                    (
                        ("Who gains", "to"),
                        ("What gets better", "claim"),
                        ("Measured by", "measure"),
                        ("Before", "baseline"),
                        ("Hoped for", "target"),
                        ("By", "due"),
                    ),
                    ("What are the aims and benefits",),
                ),
            ),
        ),
        Section(
            "B3: the law",
            (
                Ask(
                    "Power or duty to share",
                    ("agree.law.gateway",),
                    ("What is our lawful basis for sharing?", "key legislative provisions"),
                ),
                Ask(
                    "Lawful basis (Article 6)",
                    ("agree.law.article_6",),
                    ("What is our lawful basis for sharing?",),
                ),
                Ask(
                    "Special-category data (Article 9)",
                    ("agree.law.article_9",),
                    ("Is there any special category data, sensitive data or criminal offence data?",),
                ),
                Ask(
                    "Criminal-offence data (Article 10)",
                    ("agree.law.article_10",),
                    ("Is there any special category data, sensitive data or criminal offence data?",),
                ),
                Ask("Schedule 1 condition", ("agree.law.dpa_schedule_1",)),
                Ask("Its policy document", ("agree.law.policy_document",)),
                Ask("Law enforcement (Part 3)", ("agree.law.part_3",)),
                Ask("Support under section 251", ("agree.law.section_251",)),
                Ask("Duty of confidence", ("agree.law.confidentiality",)),
                Ask("Private life", ("agree.law.human_rights",)),
                Ask("Opt-out", ("agree.law.opt_out",)),
                Ask("Consents of those who restrict their data", ("agree.law.consents",)),
            ),
        ),
        Section(
            "B4: the data",
            (
                Each(
                    "People",
                    "agree.subjects",
                    (
                        ("Who", "who"),
                        ("About how many", "number"),
                        ("Children", "children"),
                        ("Vulnerable", "vulnerable"),
                        ("Would they expect it", "expect"),
                    ),
                ),
                Show(FIELDS, ("What data items are we going to share?",)),
                Ask("How records are joined", (LINKING,)),
                Show(FLOWS),
                Ask("Values that the rules use", ("agree.parameters",)),
            ),
        ),
        Section(
            "B5: what is made, and who receives it",
            (
                Show(PRODUCTS, ("What data items are we going to share?",)),
                Ask("Recipients", (RECIPIENTS,)),
                Ask("Checked before it leaves by", (CHECKS,)),
                Each(
                    "Why a product names people, or exceeds what its recipe needs",
                    "agree.necessity",
                    (
                        ("Product", ""),
                        ("Form", "form"),
                        ("Why", "why"),
                        ("Lesser form tried, and why not", "rejected"),
                        ("Told by another party's identifiers", "to"),
                        ("Signed by", "signed"),
                    ),
                ),
                Each(
                    "Re-identification",
                    "agree.reidentification",
                    (
                        ("Product", ""),
                        ("By", "by"),
                        ("When", "trigger"),
                        ("Approved by", "approver"),
                        ("Relationship", "relationship"),
                    ),
                ),
                Each(
                    "Further sharing",
                    "agree.onward",
                    (("What", "what"), ("To", "to"), ("For", "for"), ("Why", "why")),
                ),
                Each(
                    "Transfers outside the United Kingdom",
                    "agree.abroad",
                    (("To", "to"), ("Safeguard", "safeguard")),
                ),
                Each(
                    "Decisions about people",
                    "agree.automated",
                    (
                        ("Product", ""),
                        ("Decision", "decision"),
                        ("How", "logic"),
                        ("Who checks", "human"),
                        ("Contest", "contest"),
                    ),
                ),
            ),
        ),
        Section(
            "B6: who may use it",
            (
                Each(
                    "Users",
                    "agree.users",
                    (
                        ("Role", "role"),
                        ("Who", "who"),
                        ("May", "may"),
                        ("Must have completed", "training"),
                        ("Relationship to the person", "relationship"),
                    ),
                    ("What are our information governance arrangements?",),
                ),
                Ask("Analysts' own questions", ("agree.questions",)),
            ),
        ),
        Section(
            "B7: people's rights",
            (
                Ask(
                    "How each right is served",
                    ("agree.rights",),
                    ("What about access and individual rights?",),
                ),
                Ask("What people are told", ("agree.transparency.notice", "agree.transparency.summary")),
                Ask("Public register", ("agree.transparency.register",)),
                Each(
                    "Equality",
                    "agree.equality",
                    (("Group", "group"), ("Effect", "effect"), ("What is done", "measure")),
                ),
            ),
        ),
        Section(
            "B8: how it is governed",
            (
                Ask(
                    "Security", ("agree.security",), ("What are our information governance arrangements?",)
                ),
                Ask(
                    "If something goes wrong", ("agree.breach",), ("procedures for dealing with breaches",)
                ),
                Each(
                    "Risks",
                    "agree.risks",
                    (
                        ("Risk", "text"),
                        ("Who bears it", "to"),
                        ("Likelihood", "likelihood"),
                        ("Severity", "severity"),
                        ("Measure", "measure"),
                        ("Residual", "residual"),
                        ("Owner", "owner"),
                    ),
                ),
                Each(
                    "Who was asked",
                    "agree.consulted",
                    (
                        ("Who", "who"),
                        ("When", "when"),
                        ("What they said", "said"),
                        ("What changed", "changed"),
                    ),
                ),
                Ask(
                    "Deliberation",
                    ("agree.deliberation.event", "agree.deliberation.when", "agree.deliberation.who"),
                ),
                Show(FINDINGS),
                Each(
                    "Conditions",
                    "agree.deliberation.conditions",
                    (
                        ("Condition", ""),
                        ("What must be done", "text"),
                        ("Before", "before"),
                        ("Owner", "owner"),
                    ),
                ),
                Ask("Impact assessment", ("agree.assessment",), ("data protection impact assessment",)),
            ),
        ),
        Section(
            "B9: how long, and what then",
            (
                Ask("Starts", ("account.term.start",)),
                Ask("Reviewed", ("account.term.review",), ("review of the agreement",)),
                Ask("Ends", ("account.term.end",), ("termination of the data sharing initiative",)),
                Ask(
                    "Working tables kept for", ("account.retain",), ("retention and deletion of the data",)
                ),
                Ask(
                    "At the end",
                    ("account.exit",),
                    ("retention and deletion of the data", "termination of the data sharing initiative"),
                ),
                Ask("Public for so many days before the first run", ("account.notice_days",)),
                Ask("If a party leaves", ("account.withdrawal.inputs", "account.withdrawal.outputs")),
                Elsewhere(
                    "Signatures",
                    "Each party signs the agreement's two hashes with its own key; the account holds them.",
                    ("signatures of the parties",),
                ),
            ),
        ),
    ),
)
