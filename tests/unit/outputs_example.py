"""Examples of every kind of output under the policy `sdap`, and what becomes of each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyarrow as pa

from sharewell.plan.finding import Fitted, Measure, Output, ResultTable


def table(
    output: Output, data: dict[str, list[Any]], by: str, counts: str, *measures: Measure, **more: Any
):
    made = pa.table(data)
    return ResultTable("t", "T", output, made, tuple(by.split()), tuple(counts.split()), measures, **more)


def counted(people: list[int], output: Output = Output.FREQUENCY) -> ResultTable:
    groups = [f"group {i}" for i in range(len(people))]
    return table(output, {"group": groups, "people": people}, "group", "people")


def cost(total: int, first: int, second: int) -> ResultTable:
    data = {"group": ["a", "b"], "people": [40, 40], "cost": [total, 4000], "c1": [first, 200]}
    measure = Measure("cost", "people", additive=True, largest=("c1", "c2"))
    return table(Output.MAGNITUDE, data | {"c2": [second, 200]}, "group", "people", measure)


def rate(share: float, people: int = 100) -> ResultTable:
    data = {"group": ["a", "b"], "people": [people, 100], "rate": [share, 0.5]}
    return table(Output.FREQUENCY, data, "group", "people", Measure("rate", "people", share=True))


def estimate(treated: int, free: int) -> ResultTable:
    data = {"term": ["a", "b"], "treated": [treated, 50], "ratio": [0.8, 1.1], "free": [free, 80]}
    measure = Measure("ratio", "treated")
    return table(Output.ESTIMATE, data, "", "treated", measure, degrees_of_freedom="free")


def regression(fitted: Fitted | None) -> ResultTable:
    people = fitted.people if fitted else 100
    free = max(people - fitted.parameters, 0) if fitted else 90
    data = {"term": ["a", "b"], "people": [people] * 2, "slope": [0.8, 1.1], "free": [free] * 2}
    measure = Measure("slope", "people")
    return table(Output.REGRESSION, data, "", "people", measure, degrees_of_freedom="free", fitted=fitted)


def balance(*people: int) -> ResultTable:
    data = {"covariate": ["age"] * len(people), "level": [f"{i}" for i in range(len(people))]}
    return table(Output.BALANCE, data | {"people": people}, "covariate level", "people")


def stages(*people: int) -> ResultTable:
    return table(Output.FLOW, {"stage": [f"{i}" for i in range(len(people))], "n": people}, "stage", "n")


def curve(at_risk: list[int], events: list[int]) -> ResultTable:
    data = {"day": [f"{i}" for i in range(len(events))], "at_risk": at_risk, "events": events}
    return table(Output.SURVIVAL, data, "day", "at_risk events")


def percentile(below: int, above: int, people: int = 100) -> ResultTable:
    data = {
        "group": ["a", "b"],
        "people": [people, 100],
        "median": [5, 6],
        "lo": [below, 60],
        "hi": [above, 60],
    }
    return table(Output.POSITION, data, "group", "people", Measure("median", "people", beyond=("lo", "hi")))


def mode(people: int, same: int) -> ResultTable:
    data = {"group": ["a", "b"], "people": [people, 100], "same": [same, 50], "mode": ["x", "y"]}
    return table(Output.MODE, data, "group", "people same")


def spread(people: int, deviation: float) -> ResultTable:
    data = {"group": ["a", "b"], "people": [people, 100], "sd": [deviation, 2.0]}
    return table(Output.SHAPE, data, "group", "people", Measure("sd", "people"))


def top(outside: int, within: int) -> ResultTable:
    data = {"group": ["a"], "people": [1000], "share": [0.4], "out": [outside], "in": [within]}
    return table(
        Output.CONCENTRATION, data, "group", "people", Measure("share", "people", beyond=("out", "in"))
    )


def gini(first: float, second: float) -> ResultTable:
    data = {"group": ["a"], "people": [1000], "gini": [0.4], "s1": [first], "s2": [second]}
    return table(
        Output.CONCENTRATION, data, "group", "people", Measure("gini", "people", largest=("s1", "s2"))
    )


def area(population: int, people: int) -> ResultTable:
    data = {"area": ["a", "b"], "population": [population, 900], "people": [people, 80]}
    return table(Output.MAP, data, "area", "population people")


def ranked(first: int, *figures: float) -> ResultTable:
    data = {"area": [f"{i}" for i in range(len(figures))], "risk": figures}
    people = {"people": [first] + [500] * (len(figures) - 1)}
    return table(Output.RISK, data | people, "area", "people", Measure("risk", "people"))


def paths(*steps: tuple[str, str, int]) -> ResultTable:
    start, end, people = zip(*steps, strict=True)
    return table(Output.PATHWAY, {"from": start, "to": end, "people": people}, "from to", "people")


PASSES, REVIEW = "passes", "review"
FIRST, ALL_ROWS = "withholds the first row", "withholds all rows"
NETWORK = [("in", "A", 60), ("in", "B", 40), ("A", "out", 75), ("B", "out", 25)]

TABLE: list[tuple[str, ResultTable, str, str]] = [
    ("nobody in a group", counted([0, 60]), PASSES, ""),
    ("9 people in a group", counted([9, 60]), FIRST, "fewer than 10 people"),
    ("10 people in a group", counted([10, 60]), PASSES, ""),
    ("a rate of 3 in 100", rate(0.03), FIRST, "fewer than 10 people, with or without"),
    ("a rate of 98 in 100", rate(0.98), FIRST, "fewer than 10 people, with or without"),
    ("a rate of 1 in 2", rate(0.5), PASSES, ""),
    ("a sum that many make up", cost(4000, 200, 200), PASSES, ""),
    ("a sum that one makes up", cost(4000, 3700, 200), FIRST, "one or two people"),
    (
        "a sum without its largest parts",
        replace(
            cost(1, 1, 0),
            measures=(
                Measure("cost", "people", additive=True),
                Measure("c1", "people"),
                Measure("c2", "people"),
            ),
        ),
        "refused EVIDENCE",
        "a sum without its largest contributions",
    ),
    ("an estimate of 50 people", estimate(50, 80), PASSES, ""),
    ("an estimate with an arm of 9", estimate(9, 80), FIRST, "fewer than 10"),
    (
        "an estimate with 9 degrees of freedom",
        estimate(50, 9),
        FIRST,
        "fewer than 10 residual degrees of freedom",
    ),
    ("a regression of 100 on 5", regression(Fitted(100, 5, None, None, 0.4)), PASSES, ""),
    (
        "a regression nobody describes",
        regression(None),
        "refused EVIDENCE",
        "the fit behind the figures is not described",
    ),
    (
        "a regression of 100 on 95",
        regression(Fitted(100, 95)),
        ALL_ROWS,
        "fewer than 10 residual degrees of freedom",
    ),
    (
        "a saturated one, smallest group 9",
        regression(Fitted(100, 6, 6, 9)),
        ALL_ROWS,
        "the model is saturated, so a table, and a group of it",
    ),
    ("a saturated one, smallest group 10", regression(Fitted(100, 6, 6, 10)), PASSES, ""),
    ("an additive one, smallest group 9", regression(Fitted(100, 4, 6, 9)), PASSES, ""),
    (
        "one that explains 99.5%",
        regression(Fitted(100, 5, explained=0.995)),
        ALL_ROWS,
        "the model explains nearly all, so it tells each person",
    ),
    (
        "more parameters than groups",
        regression(Fitted(100, 7, 6, 9)),
        "refused EVIDENCE",
        "no model is so fitted",
    ),
    ("a covariate of large levels", balance(50, 60), PASSES, ""),
    (
        "a covariate with one small level",
        balance(4, 50, 60),
        "withholds rows 1, 2",
        "it would give away, by subtraction, another level",
    ),
    ("a flow in large steps", stages(900, 700, 700), PASSES, ""),
    ("a flow with a step of 3", stages(903, 900, 700), FIRST, "the step"),
    ("a curve in large steps", curve([100, 80, 60], [0, 20, 40]), PASSES, ""),
    ("a curve with a step of 4", curve([100, 96, 60], [0, 4, 40]), "withholds row 2", "fewer than 10"),
    ("a curve with 9 left", curve([100, 60, 9], [0, 40, 91]), "withholds row 3", "fewer than 10"),
    ("a curve with 5 lost to view", curve([100, 75, 50], [0, 20, 45]), "withholds rows 2, 3", "the step"),
    (
        "a curve whose events fall",
        curve([100, 80, 60], [0, 20, 10]),
        "refused EVIDENCE",
        "the counts are not those of one cohort",
    ),
    ("a median of 100", percentile(55, 60), PASSES, ""),
    ("a maximum", percentile(100, 1), FIRST, "lie at or below, or at or above, the figure"),
    ("a minimum", percentile(1, 100), FIRST, "lie at or below, or at or above, the figure"),
    ("the 95th percentile of 100", percentile(95, 6), FIRST, "lie at or below, or at or above, the figure"),
    ("the value of everybody", percentile(100, 100), FIRST, "everybody in the group has this very value"),
    (
        "a percentile nobody is beyond",
        percentile(40, 40),
        "refused EVIDENCE",
        "the people beyond median are more than there are, or too few",
    ),
    (
        "a percentile without evidence",
        replace(percentile(1, 1), measures=tuple(Measure(n, "people") for n in ("median", "lo", "hi"))),
        "refused EVIDENCE",
        "nothing says how many people lie beyond it",
    ),
    ("a mode of 40 in 100", mode(100, 40), PASSES, ""),
    ("a mode of 95 in 100", mode(100, 95), FIRST, "fewer than 10 people of the group have another value"),
    ("a mode of everybody", mode(100, 100), FIRST, "fewer than 10 people of the group have another value"),
    (
        "a mode without who has it",
        counted([50, 60], Output.MODE),
        "refused EVIDENCE",
        "those of them who have its mode",
    ),
    ("a standard deviation of 50", spread(50, 3.1), PASSES, ""),
    ("a standard deviation of 10", spread(10, 3.1), FIRST, "fewer than 10 degrees of freedom"),
    ("a standard deviation of nothing", spread(50, 0.0), FIRST, "nobody in the group differs from another"),
    ("the share of the top 50", top(950, 50), PASSES, ""),
    ("the share of the top 5", top(995, 5), FIRST, "the top group, or all outside it, are fewer than 10"),
    (
        "a top group of other people",
        top(900, 50),
        FIRST,
        "the top group, or all outside it, are fewer than 10",
    ),
    ("a Gini coefficient of many", gini(0.02, 0.01), PASSES, ""),
    ("a Gini coefficient of one rich person", gini(0.93, 0.02), FIRST, "one or two people"),
    (
        "a concentration of nobody knows whom",
        replace(top(950, 50), measures=tuple(Measure(n, "people") for n in ("share", "out", "in"))),
        "refused EVIDENCE",
        "nothing says how many people share is about",
    ),
    ("an area of 500", area(500, 40), PASSES, ""),
    ("an area of 9", area(9, 0), FIRST, "fewer than 10 people"),
    ("all people of an area", area(40, 40), FIRST, "all people of the area, or all but fewer than 10"),
    ("all but 3 of an area", area(43, 40), FIRST, "all people of the area, or all but fewer than 10"),
    ("nobody of an area", area(500, 0), PASSES, ""),
    (
        "a map of more people than live there",
        area(30, 40),
        "refused EVIDENCE",
        "does not give the population of its areas",
    ),
    ("a risk of large areas", ranked(500, 0.1, 0.9, 0.3), PASSES, ""),
    ("a risk with an area of 4", ranked(4, 0.1, 0.9, 0.3), FIRST, "fewer than 10 people"),
    ("a risk with an area of nobody", ranked(0, 0.1, 0.9, 0.3), FIRST, "fewer than 10 people"),
    (
        "the same in the order of the risk",
        ranked(4, 0.1, 0.3, 0.9),
        "refused ORDER",
        "the rows are in the order of risk, or it numbers them",
    ),
    (
        "the same with ranks",
        ranked(4, 1, 3, 2),
        "refused ORDER",
        "the rows are in the order of risk, or it numbers them",
    ),
    ("pathways of many", paths(("A", "B", 60), ("B", "C", 60)), PASSES, ""),
    (
        "a rare edge that balance betrays",
        paths(("A", "B", 4), ("C", "B", 50), ("B", "D", 54)),
        "withholds rows 1, 2",
        "as many people come into a place as go out of it",
    ),
    (
        "3 people who end at a place",
        paths(("A", "B", 60), ("B", "C", 57)),
        "withholds row 2",
        "as many people come into a place as go out of it",
    ),
    (
        "pathways without a to",
        counted([50, 60], Output.PATHWAY),
        "refused EVIDENCE",
        "does not say from where to where each step goes",
    ),
    (
        "a model file",
        counted([500], Output.MODEL),
        REVIEW,
        "a model file can hold the rows that it was fitted to",
    ),
    ("residuals", counted([500], Output.RESIDUALS), REVIEW, "a residual is one person's own figure"),
    (
        "free text",
        counted([500], Output.TEXT),
        REVIEW,
        "what a sentence tells of a person no rule can read",
    ),
]


def as_text() -> str:
    """The table as a page shows it."""
    head = ("KIND OF OUTPUT", "SITUATION", "WHAT BECOMES OF IT", "BECAUSE")
    lines = [head, *((str(given.output), told, verdict, why) for told, given, verdict, why in TABLE)]
    widths = [max(len(line[i]) for line in lines) for i in range(4)]
    rows = [
        "  ".join(word.ljust(width) for word, width in zip(line, widths, strict=True)) for line in lines
    ]
    rows.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(row.rstrip() for row in rows)
