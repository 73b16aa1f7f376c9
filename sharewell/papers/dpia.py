"""The data protection impact assessment, in the seven steps of the ICO's template."""

from __future__ import annotations

from .flows import FLOWS
from .form import Ask, Each, Elsewhere, Form, Note, Section, Show
from .views import CONTROLLERS, FIELDS, FINDINGS, HOSTS, KINDS, LINKING, PRODUCTS, RECIPIENTS, after, before

_JUDGED = "The controllers judge this themselves and write it here; an agreement has no place for it."

DPIA = Form(
    "dpia",
    "Data protection impact assessment",
    "Made from the agreement itself, so that it cannot say anything else than what the software enforces.",
    "It follows the seven steps of the ICO's template, as of 2026.",
    (
        Section(
            "The project",
            (
                Ask("Controllers", (CONTROLLERS,), ("Name of controller",)),
                Ask(
                    "Data protection officers",
                    ("agree.parties.*.dpo",),
                    ("Name of controller contact /DPO",),
                ),
                Ask("Subject", ("title",), ("Subject/title of DPO",)),
                Ask("Who carried out the assessment", ("agree.assessment.lead",)),
            ),
        ),
        Section(
            "Step 1: Identify the need",
            (
                Ask(
                    "What the project aims to achieve, and what kind of processing it involves",
                    ("agree.transparency.summary", "agree.purposes.*.statement"),
                    ("Explain broadly what project aims to achieve", "what type of processing it involves"),
                ),
                Ask(
                    "Why an assessment was needed",
                    ("agree.assessment.need",),
                    ("Summarise why you identified the need for a DPIA",),
                ),
            ),
        ),
        Section(
            "Step 2: Describe the processing, its nature",
            (
                Show(
                    FLOWS,
                    (
                        "You might find it useful to refer to a flow diagram",
                        "Will you be sharing data with anyone?",
                    ),
                ),
                Show(FIELDS, ("What is the source of the data?",)),
                Show(PRODUCTS, ("How will you collect, use, store and delete data?",)),
                Ask("How records are joined", (LINKING,)),
                Ask("Where it is studied", (HOSTS,)),
                Ask(
                    "What happens to the data at the end",
                    ("account.exit", "account.retain"),
                    ("How will you collect, use, store and delete data?",),
                ),
                Elsewhere(
                    "Types of processing likely to be high risk",
                    _JUDGED,
                    ("What types of processing identified as likely high risk are involved?",),
                ),
            ),
        ),
        Section(
            "Step 2: Scope",
            (
                Ask(
                    "The data, as the catalogue classes each field",
                    (KINDS,),
                    ("What is the nature of the data",),
                ),
                Ask(
                    "Special-category data",
                    ("agree.law.article_9",),
                    ("Does it include special category data",),
                ),
                Ask(
                    "Criminal-offence data",
                    ("agree.law.article_10",),
                    ("Does it include criminal offence data",),
                ),
                Ask("How often", ("release.*.every",), ("How often?",)),
                Ask(
                    "From when, and until when",
                    ("account.term.start", "account.term.end"),
                    ("How long will you keep it?",),
                ),
                Ask(
                    "About how many people",
                    ("agree.subjects.*.number",),
                    (
                        "How many individuals are affected?",
                        "How much data will you be collecting and using?",
                    ),
                ),
                Elsewhere("Which area it covers", _JUDGED, ("What geographical area does it cover?",)),
            ),
            level=3,
        ),
        Section(
            "Step 2: Context",
            (
                Ask(
                    "Who the people are",
                    ("agree.subjects.*.who",),
                    ("What is the nature of your relationship with the individuals?",),
                ),
                Ask(
                    "How much control they have",
                    ("agree.rights.objection", "agree.law.opt_out"),
                    ("How much control will they have?",),
                ),
                Ask(
                    "Whether they would expect it",
                    ("agree.subjects.*.expect",),
                    ("Would they expect you to use their data in this way?",),
                ),
                Ask(
                    "Whether there are children among them",
                    ("agree.subjects.*.children",),
                    ("Do they include children",),
                ),
                Ask(
                    "Whether there are vulnerable people among them",
                    ("agree.subjects.*.vulnerable",),
                    ("or other vulnerable groups?",),
                ),
                Elsewhere(
                    "Earlier concerns, how new it is, public concern, codes of conduct",
                    _JUDGED,
                    (
                        "Are there prior concerns over this type of processing or security flaws?",
                        "Is it novel in any way?",
                        "What is the current state of technology in this area?",
                        "Are there any current issues of public concern?",
                        "Are you signed up to any approved code of conduct or certification scheme?",
                    ),
                ),
            ),
            level=3,
        ),
        Section(
            "Step 2: Purposes",
            (
                Ask("What it is for", ("agree.purposes.*.statement",), ("What do you want to achieve?",)),
                Ask(
                    "Who gains, and what",
                    ("agree.benefits.*.claim",),
                    ("What is the intended effect on individuals?",),
                ),
                Each(
                    "Benefits, measured",
                    "agree.benefits",
                    (
                        ("Who gains", "to"),
                        ("What gets better", "claim"),
                        ("Measured by", "measure"),
                        ("Before", "baseline"),
                        ("Hoped for", "target"),
                        ("By", "due"),
                    ),
                    ("What are the benefits of the processing, for you and more broadly?",),
                ),
            ),
            level=3,
        ),
        Section(
            "Step 3: Consultation",
            (
                Each(
                    "Who was asked",
                    "agree.consulted",
                    (
                        ("Who", "who"),
                        ("When", "when"),
                        ("What they said", "said"),
                        ("What changed", "changed"),
                    ),
                    (
                        "when and how you will seek individuals' views",
                        "Who else do you need to involve within your organisation?",
                        "Do you need to ask your processors to assist?",
                        "Do you plan to consult information security experts, or any other experts?",
                    ),
                ),
                Ask(
                    "The deliberation",
                    ("agree.deliberation.event", "agree.deliberation.when", "agree.deliberation.who"),
                ),
                Show(FINDINGS),
                Each(
                    "Conditions that the deliberation made",
                    "agree.deliberation.conditions",
                    (
                        ("Condition", ""),
                        ("What must be done", "text"),
                        ("Before", "before"),
                        ("Who sees to it", "owner"),
                    ),
                ),
            ),
        ),
        Section(
            "Step 4: Necessity and proportionality",
            (
                Ask(
                    "Lawful basis",
                    ("agree.law.article_6", "agree.law.gateway"),
                    ("What is your lawful basis for processing?",),
                ),
                Ask(
                    "Schedule 1 condition, and its policy document",
                    ("agree.law.dpa_schedule_1", "agree.law.policy_document"),
                ),
                Ask("Law-enforcement processing (Part 3)", ("agree.law.part_3",)),
                Ask("Support under section 251", ("agree.law.section_251",)),
                Ask("Duty of confidence", ("agree.law.confidentiality",)),
                Ask("Private life (Human Rights Act)", ("agree.law.human_rights",)),
                Ask("Consents of those who restrict their data", ("agree.law.consents",)),
                Ask(
                    "Whether it serves the purpose, and how creep is prevented",
                    ("agree.assessment.proportionate", "agree.purposes.*.never"),
                    (
                        "Does the processing actually achieve your purpose?",
                        "Is there another way to achieve the same outcome?",
                        "How will you prevent function creep?",
                        "How will you ensure data quality and data minimisation?",
                    ),
                ),
                Each(
                    "Why each product has the form it has",
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
                Ask(
                    "What people are told",
                    ("agree.transparency.notice", "agree.transparency.summary"),
                    ("What information will you give individuals?",),
                ),
                Ask(
                    "How their rights are served",
                    ("agree.rights",),
                    ("How will you help to support their rights?",),
                ),
                Each(
                    "Terms of those who process for others",
                    "agree.processing",
                    (
                        ("Party", ""),
                        ("For", "for"),
                        ("Terms", "terms"),
                        ("Engages", "subprocessors"),
                        ("At the end", "ends"),
                    ),
                    ("What measures do you take to ensure processors comply?",),
                ),
                Ask(
                    "Transfers outside the United Kingdom",
                    ("agree.abroad",),
                    ("How do you safeguard any international transfers?",),
                ),
            ),
        ),
        Section(
            "Step 5: Identify and assess risks",
            (
                Note("Likelihood and severity run from 1 to 5; a score is their product."),
                Each(
                    "Risks",
                    "agree.risks",
                    (
                        ("What could happen", "text"),
                        ("Who bears it", "to"),
                        ("Likelihood", "likelihood"),
                        ("Severity", "severity"),
                        ("Overall", before),
                    ),
                    (
                        "Describe source of risk and nature of potential impact on individuals",
                        "Likelihood of harm",
                        "Severity of harm",
                        "Overall risk",
                    ),
                ),
                Each(
                    "Decisions about people that a product makes or supports",
                    "agree.automated",
                    (
                        ("Product", ""),
                        ("Decision", "decision"),
                        ("How", "logic"),
                        ("Who checks", "human"),
                        ("How to contest it", "contest"),
                    ),
                ),
                Each(
                    "Equality: groups with a protected characteristic",
                    "agree.equality",
                    (
                        ("Group", "group"),
                        ("What it may gain or suffer", "effect"),
                        ("What is done, or watched", "measure"),
                    ),
                ),
            ),
        ),
        Section(
            "Step 6: Measures to reduce risk",
            (
                Each(
                    "Measures",
                    "agree.risks",
                    (
                        ("Risk", "text"),
                        ("Measure", "measure"),
                        ("Left after it", after),
                        ("Who answers for it", "owner"),
                    ),
                    ("Risk", "Options to reduce or eliminate risk", "Effect on risk", "Residual risk"),
                ),
                Ask("Security", ("agree.security",)),
                Ask("If something goes wrong", ("agree.breach",)),
                Ask("Measures approved by", ("agree.assessment.measures_by",), ("Measure approved",)),
            ),
        ),
        Section(
            "Step 7: Sign off and record outcomes",
            (
                Ask("Measures approved by", ("agree.assessment.measures_by",), ("Measures approved by",)),
                Ask(
                    "Residual risks approved by",
                    ("agree.assessment.residual_by",),
                    ("Residual risks approved by",),
                ),
                Ask(
                    "Advice of the data protection officer",
                    ("agree.assessment.dpo_advice",),
                    ("DPO advice provided", "Summary of DPO advice"),
                ),
                Ask(
                    "Whether it was followed; if not, who overruled it and why",
                    ("agree.assessment.dpo_followed", "agree.assessment.overruled"),
                    ("DPO advice accepted or overruled by",),
                ),
                Ask("What the regulator said", ("agree.assessment.regulator",)),
                Elsewhere(
                    "Who reviewed the answers of those consulted",
                    "The signatures in the account bind whoever did.",
                    ("Consultation responses reviewed by",),
                ),
                Ask(
                    "Kept under review by, and reviewed on",
                    ("agree.assessment.kept_by", "account.term.review"),
                    ("This DPIA will kept under review by",),
                ),
                Ask("Who receives what, in the end", (RECIPIENTS,)),
            ),
        ),
    ),
)
