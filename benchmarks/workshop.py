"""What a workshop costs: Kemeny's consensus, and the figures and report of a day with 200 people.

    python -m benchmarks.workshop [--people 200] [--tables 20] [--json]

The rankings are of tables that see one true order through noise, so that there is dissent to search. The
consensus of 8 items is first held against all 40,320 orders, one by one: a time counts only if the fewest
statements contradicted, and how many orders contradict no more, are the same.
"""

from __future__ import annotations

import argparse
import datetime as dt
import itertools
import json
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from sharewell.papers.docx import write_docx
from sharewell.papers.html import write_html
from sharewell.papers.pdf import write_pdf
from sharewell.workshop.day import DayText
from sharewell.workshop.events import Event, Record
from sharewell.workshop.figures import figures
from sharewell.workshop.ranking.comparing import Group, groups
from sharewell.workshop.ranking.kemeny import kemeny
from sharewell.workshop.ranking.order import ranked
from sharewell.workshop.report import build
from sharewell.workshop.sayings import Kind

NOISE = 3.0
SEED = 7


def rankings(items: int, tables: int, seed: int = SEED) -> Group:
    """Full rankings of `items` by `tables`, one group."""
    random, labels = np.random.default_rng(seed), [f"X{i:02}" for i in range(items)]
    orders = []
    for table in range(tables):
        places = np.argsort(np.arange(items) + random.normal(0, NOISE, items))
        orders.append(ranked(f"t{table:02}", labels, [(labels[i],) for i in places], ()))
    (group,) = groups(tuple(orders))
    return group


def by_hand(group: Group) -> tuple[float, int]:
    """The fewest statements that any order contradicts, and how many orders do, by trying each."""
    against = (group.told() == 1.0).sum(axis=0).T
    costs = [
        sum(int(against[a, b]) for a, b in itertools.combinations(order, 2))
        for order in itertools.permutations(range(len(group.items)))
    ]
    return float(min(costs)), costs.count(min(costs))


def a_day(people: int, tables: int, seed: int = SEED) -> tuple[DayText, Record]:
    """A day of one ranking, a poll before and after and one rating; 6 of 12 examples a table."""
    random = np.random.default_rng(seed)
    held = {f"t{i:02}": [f"X{j:02}" for j in sorted(random.permutation(12)[:6])] for i in range(tables)}
    text = DayText.model_validate(
        {
            "sharewell-workshop": 1,
            "workshop": "a-day",
            "title": "A day in the county",
            "purpose": "To weigh uses of data.",
            "held": {
                "on": dt.date(2024, 6, 3),
                "where": "a hall",
                "starts": "10:00",
                "ends": "16:00",
                "host": "the county",
            },
            "people": people,
            "roles": ["resident"],
            "examples": {f"X{j:02}": {"title": f"Use {j}"} for j in range(12)},
            "tables": {name: {} for name in held},
            "sessions": {
                "benefit": {"exercise": "rank-by-benefit", "minutes": 30, "examples": held},
                "poll": {"exercise": "poll", "minutes": 5, "statement": "Sharing is worth it."},
            },
            "feedback": {"ratings": {"venue": {"question": "How was the venue?"}}},
        }
    )
    events = []
    for i, (name, labels) in enumerate(held.items()):
        order = sorted(labels, key=lambda label: int(label[1:]) + random.normal(0, NOISE))
        tiers = {"tiers": [[label] for label in order]}
        events.append(Event(f"r{i:05}", "benefit", Kind.RANKED, tiers, table=name))
    for i in range(people):
        mark = {"question": "venue", "value": int(random.integers(1, 7))}
        events.append(Event(f"m{i:05}", "poll", Kind.RATED, mark, voice=f"v{i}"))
        for when in ("before", "after"):
            answer = {"when": when, "answer": int(random.integers(1, 6))}
            events.append(Event(f"p{when}{i:05}", "poll", Kind.POLLED, answer, voice=f"v{i}"))
    return text, Record().joined(events)


def seconds(work: Callable[[], Any], times: int = 3) -> float:
    """The fastest of several runs."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--tables", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    small = rankings(8, 5)
    found = kemeny(small)
    same = (float(found.against), found.optima) == by_hand(small)
    told: dict[str, Any] = {"answers agree": same, "seconds": {}}
    for items in (12, 15):
        group = rankings(items, args.tables)
        told["seconds"][f"Kemeny, {items} items"] = seconds(lambda group=group: kemeny(group))  # type: ignore[misc]
    text, record = a_day(args.people, args.tables)
    counted = figures(text, record)
    paper = build(text, counted)
    told["seconds"]["figures of the day"] = seconds(lambda: figures(text, record))
    write = lambda: [made(build(text, counted)) for made in (write_html, write_docx, write_pdf)]  # noqa: E731
    told["seconds"]["report in HTML, DOCX and PDF"] = seconds(write)
    told["pages of PDF, bytes"] = len(write_pdf(paper))
    if args.json:
        print(json.dumps(told, indent=1))
        return
    for name, taken in told["seconds"].items():
        print(f"{name}: {taken:.3f} s")
    print(f"answers agree: {same}")


if __name__ == "__main__":
    main()
