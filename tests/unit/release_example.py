"""A bundle like that of a real run, small enough to read: an evaluation, costs and a list of yes and no."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pyarrow as pa

from sharewell.check.intruder.played import Attempt, Bar, Played
from sharewell.plan.finding import ALL, Chart, Output
from sharewell.plan.forms import YES_NO
from sharewell.plan.recipe import Story
from sharewell.plan.released import CheckedTable, Headline, Product, Withheld
from sharewell.release import Bundle, Proof, RoadStep
from sharewell.run.attacking import told


def checked(
    name: str,
    title: str,
    columns: Mapping[str, list[Any]],
    *,
    held: Mapping[str, Mapping[int, str]] | None = None,
    output: Output = Output.ESTIMATE,
    by: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
) -> CheckedTable:
    """A checked table; `held` gives the marks, column -> row -> letter, of a table otherwise unmarked."""
    data = pa.table(dict(columns))
    marks = {column: [""] * data.num_rows for column in columns}
    for column, cells in (held or {}).items():
        for row, mark in cells.items():
            marks[column][row] = mark
    types = pa.schema([(column, pa.string()) for column in columns])
    return CheckedTable(name, title, output, data, pa.table(marks, schema=types), by=by, notes=notes)


COVARIATES = (
    "Age",
    "Female",
    "Lives alone",
    "Home older than 1919",
    "A&E visits, year before",
    "Admissions, year before",
    "Frailty score",
    "Smokes",
    "Respiratory illness",
    "Deprivation, fifth",
)
BEFORE = [0.42, 0.08, 0.51, 0.19, 0.33, 0.28, 0.37, 0.12, 0.24, 0.31]
AFTER = [0.021, 0.012, 0.034, 0.008, 0.017, 0.026, 0.011, 0.006, 0.015, 0.019]


def evaluation() -> Product:
    balance = checked(
        "balance",
        "How alike the two groups were, before and after matching",
        {"characteristic": list(COVARIATES), "smd_before": BEFORE, "smd_after": AFTER},
        output=Output.BALANCE,
        by=("characteristic",),
        notes=("Standardised difference in means. Under 0.1, groups are held to be alike.",),
    )
    effect = checked(
        "effect",
        "A&E attendances in the year after a visit, visited against not visited",
        {
            "estimate": [
                "All visited",
                "Lives alone",
                "Aged 75 and over",
                "Respiratory illness",
                "Aged 16 to 24",
            ],
            "rate_ratio": [1.012, 0.981, 1.034, 1.057, None],
            "ci_low": [0.957, 0.902, 0.949, 0.931, None],
            "ci_high": [1.070, 1.067, 1.126, 1.200, None],
            "people_visited": [9874, 4120, 3655, 1730, None],
        },
        held={name: {4: "c"} for name in ("rate_ratio", "ci_low", "ci_high", "people_visited")},
        by=("estimate",),
        notes=("95% confidence intervals. Counts are rounded to the nearest 5.",),
    )
    flow = checked(
        "flow",
        "From the visits sent in to the people compared",
        {
            "stage": ["Visits sent in", "Linked to a person", "Eligible", "Matched"],
            "people": [10240, 10010, 9940, 9875],
        },
        output=Output.FLOW,
        by=("stage",),
    )
    return Product(
        "fire-visits",
        "Do home-safety visits by the fire service change how often people go to A&E?",
        Story(
            (
                "We found no difference: people who were visited went to A&E as often as similar people who"
                " were not.",
                "The rate was 1.01 times that of the comparison group (95% confidence interval 0.96 to "
                "1.07).",
                "A fall or rise of more than about 7 per cent is unlikely.",
            ),
            (
                "People were not visited at random. Matching makes the groups alike in what was recorded, "
                "and in nothing else.",
                "A&E attendance is one purpose of a visit, and not its main one: fewer fires and falls are "
                "not measured here.",
            ),
        ),
        (effect, balance, flow),
        charts=(
            Chart(
                "forest",
                "effect",
                "Rate of A&E attendance, visited against not visited",
                {"label": "estimate", "estimate": "rate_ratio", "low": "ci_low", "high": "ci_high"},
                "Each interval includes 1, the line of no difference.",
            ),
            Chart(
                "love",
                "balance",
                "How alike the two groups were",
                {"label": "characteristic", "before": "smd_before", "after": "smd_after"},
                "Every characteristic is under 0.1 after matching.",
            ),
            Chart(
                "flow",
                "flow",
                "How many people the comparison rests on",
                {"label": "stage", "value": "people"},
                "10,240 visits were sent in, 9,875 people matched.",
            ),
        ),
        headlines=(
            Headline(
                "rate of A&E attendance, against the comparison group",
                "effect",
                "rate_ratio",
                {"estimate": "All visited"},
                "\N{MULTIPLICATION SIGN}",
            ),
            Headline("people visited who could be compared", "flow", "people", {"stage": "Matched"}),
        ),
        withheld=(
            Withheld(
                "effect",
                "minimum count of 10 in each arm",
                4,
                "Fewer than 10 people of this age were visited.",
            ),
        ),
        method=(
            "Nearest-neighbour matching on the propensity score, 1 to 3, caliper 0.2 standard "
            "deviations; ties broken by lowest key. Rate ratio by Poisson regression with standard "
            "errors clustered on the matched set."
        ),
        source="Fire-service home-safety visits and A&E attendances, April 2023 to March 2025.",
        purpose="evaluation",
        to=("northshire-insight", "public"),
    )


def costs(practices: int = 32) -> Product:
    names = [f"Practice {number:02}" for number in range(1, practices + 1)]
    patients = [2200 + (i * 977) % 9000 for i in range(practices)]
    centre = 1432.5
    spread = [9000 / size**0.5 for size in patients]
    heads = [
        centre + ((i * 37) % 19 - 9) / 9 * s * (1.9 if i in (3, 17) else 0.95) for i, s in enumerate(spread)
    ]
    funnel = checked(
        "by-practice",
        "Cost per head by practice, standardised for age and sex",
        {
            "practice": [ALL, *names],
            "patients": [sum(patients), *patients],
            "pounds_per_head": [centre, *heads],
            "centre": [None] + [centre] * practices,
            "limit_low": [None, *[centre - 1.2 * s for s in spread]],
            "limit_high": [None, *[centre + 1.2 * s for s in spread]],
        },
        output=Output.MAGNITUDE,
        by=("practice",),
        notes=("Limits are at 99.8%. Price year 2024 to 2025.",),
    )
    shares = {
        "Admissions": 612.4,
        "Outpatients": 301.2,
        "Community": 180.9,
        "Mental health": 142.0,
        "A&E": 96.1,
    }
    areas = ("Coast", "Downs", "Fen", "Town")
    points = [(a, p, v * (0.85 + 0.1 * i)) for i, a in enumerate(areas) for p, v in shares.items()]
    by_point = checked(
        "by-point-of-care",
        "Cost per head by point of care and district",
        {
            "district": [a for a, _, _ in points],
            "point_of_care": [p for _, p, _ in points],
            "pounds_per_head": [None if (a, p) == ("Fen", "A&E") else v for a, p, v in points],
        },
        held={"pounds_per_head": {[(a, p) for a, p, _ in points].index(("Fen", "A&E")): "x"}},
        output=Output.MAGNITUDE,
        by=("district", "point_of_care"),
    )
    needs = checked(
        "needs-gap",
        "Adults with autism known to a service, against what is expected",
        {
            "district": list(areas),
            "known_per_1000": [6.1, 7.9, 4.2, 8.8],
            "ci_low": [5.2, 6.8, 3.3, 7.9],
            "ci_high": [7.1, 9.1, 5.3, 9.8],
            "expected": [9.4, 9.1, 9.3, 9.6],
        },
        by=("district",),
    )
    return Product(
        "cost-per-head",
        "What does care cost per head, and where is need unmet?",
        Story(
            ("Care costs £1,433 a head; two practices lie outside what chance would give.",),
            ("Cost is what was recorded at a price list, not what was paid.",),
        ),
        (funnel, by_point, needs),
        charts=(
            Chart(
                "funnel",
                "by-practice",
                "Cost per head by practice and its size",
                {
                    "label": "practice",
                    "size": "patients",
                    "value": "pounds_per_head",
                    "centre": "centre",
                    "low": "limit_low",
                    "high": "limit_high",
                },
                "Two practices lie outside the limits.",
            ),
            Chart(
                "bar",
                "by-point-of-care",
                "Where the money goes, pounds per head",
                {"label": "district", "value": "pounds_per_head", "group": "point_of_care"},
                "Admissions are the largest part in every district.",
            ),
            Chart(
                "gap",
                "needs-gap",
                "Known to a service, for each 1,000 adults",
                {
                    "label": "district",
                    "value": "known_per_1000",
                    "low": "ci_low",
                    "high": "ci_high",
                    "target": "expected",
                },
                "In Fen, fewer than half of those expected are known.",
            ),
        ),
        headlines=(
            Headline(
                "a head, over all practices", "by-practice", "pounds_per_head", {"practice": ALL}, "£"
            ),
        ),
        withheld=(
            Withheld(
                "by-point-of-care",
                "protection of another figure",
                1,
                "It would give away, by subtraction, a withheld one.",
            ),
        ),
        method=(
            "Sum of recorded activity at the price list, direct standardisation, funnel limits after "
            "Spiegelhalter (2005)."
        ),
        source="Ledgers of six services, 2024 to 2025.",
        purpose="evaluation",
        to=("northshire-insight",),
    )


def eligibility() -> Product:
    counts = checked(
        "answers",
        "Answers sent",
        {"answer": ["yes", "no"], "customers": [4210, 18395]},
        output=Output.FREQUENCY,
        by=("answer",),
    )
    return Product(
        "discount",
        "Which customers have the discount?",
        Story(("4,210 customers have the discount without having to ask.",)),
        (counts,),
        method="Rule of the scheme.",
        source="Benefits, property and customer records.",
        purpose="fuel poverty",
        to=("brightwater-energy",),
        form=YES_NO,
    )


def attacked(*products: Product) -> dict[str, dict[str, Any]]:
    """What an intruder learned: something, next to nothing, and nothing that could be tried."""
    on, bar = date(2026, 9, 1), Bar()
    one = Attempt(
        "tables",
        "Working out withheld people_visited of effect by adding and subtracting",
        "all that is published",
        "were worked out",
        tries=1,
        claims=0,
        successes=0,
        all_tried=True,
        never=True,
    )
    two = Attempt(
        "singling out",
        "Describing by several columns",
        "the release alone",
        "fitted exactly one person",
        tries=1000,
        claims=31,
        successes=31,
        control=(44, 1000),
        control_of="random descriptions",
        names=True,
    )
    tried = ((one, two), (two,), ())
    played = [
        Played(p.name, on, date(2027, 9, 1), 0, bar, t) for p, t in zip(products, tried, strict=False)
    ]
    return {
        p.name: {"told": told(each), "played": each.as_mapping()}
        for p, each in zip(products, played, strict=False)
    }


def bundle(*products: Product) -> Bundle:
    completeness = checked(
        "completeness",
        "What came in, and how complete and current it was",
        {
            "asset": ["gp.patients", "acute.attendances", "fire.visits"],
            "rows": [50120, 18245, 10240],
            "complete_per_cent": [99.1, 97.4, 95.2],
            "quarantined": [12, None, 40],
            "newest_record": ["31 March 2025", "30 March 2025", "28 March 2025"],
        },
        held={"quarantined": {1: "c"}, "rows": {0: "r", 1: "r", 2: "r"}},
        output=Output.FREQUENCY,
        by=("asset",),
    )
    matched = checked(
        "match-rate",
        "How many records could be linked to a person, by group",
        {
            "group": ["All", "Aged under 25", "Aged 75 and over"],
            "records": [28485, 4015, 7930],
            "linked_per_cent": [97.8, 95.1, 98.9],
        },
        output=Output.FREQUENCY,
        by=("group",),
    )
    held = products or (evaluation(), costs())
    hashed = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    return Bundle(
        agreement="northshire-integrated-dataset",
        title="The Northshire Integrated Dataset",
        purpose=(
            "Plan health and care for the whole county from what its services already hold, without "
            "anyone being identified."
        ),
        run="run-0007",
        made="2026-09-01",
        products=held,
        road=(
            RoadStep(
                "describe",
                "Eight services described 14 tables; 52 rows that broke their contract were set aside.",
                "each holder",
            ),
            RoadStep(
                "agree", "Six parties signed version 3; the decision was PERMIT.", "northshire-insight"
            ),
            RoadStep(
                "link",
                "Records were linked on the NHS number, and the rest by name, birth date and address.",
                "the linker",
                "named, fields",
            ),
            RoadStep(
                "depersonalise",
                "NHS numbers became keys that work in no other agreement; birth dates became years.",
                "the linker",
                "coded, fields",
                "northshire-insight",
            ),
            RoadStep(
                "analyse",
                "Visited people were compared with similar people who were not.",
                "northshire-insight",
                "coded, fields",
            ),
            RoadStep(
                "check",
                "Small counts were withheld, and the figures that would give them away.",
                "northshire-insight",
                "group, count",
            ),
            RoadStep(
                "release",
                "The tables in this report were released.",
                "northshire-insight",
                "group, count",
                "public",
            ),
            RoadStep("account", "Every step was entered in the account.", "northshire-insight"),
        ),
        authority={
            "Law": (
                "Health and Social Care Act 2012, section 251B",
                "UK GDPR Article 6(1)(e) and Article 9(2)(h)",
            ),
            "Parties": (
                "northshire-gp (controller)",
                "northshire-fire (controller)",
                "northshire-insight (processor)",
            ),
            "Signed": "6 of 6 parties, on 14 August 2026",
            "Public notice": "https://northshire.example/notices/integrated-dataset",
            "Dates": "1 September 2026 to 31 August 2027; reviewed 1 March 2027",
            "Confidentiality": (),
        },
        proof=Proof(212, 214, hashed, "sharewell account verify --root " + hashed[:16]),
        quality=(completeness, matched),
        certificate={"policy": "official-statistics", "tables": 7, "primary": 1, "secondary": 1},
        synthetic=True,
        attacked=attacked(*held),
    )
