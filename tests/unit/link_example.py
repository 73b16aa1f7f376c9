"""A small invented town in which it is known who is who: people in families, held by several noisy
sources.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field

import pyarrow as pa

from sharewell.link import Linked, Settings, is_nhs_number

SECRET = b"a secret of the linker, for tests"
_FEMALE = [
    "ANNA", "BEATRICE", "CLARA", "DORIS", "EDITH", "FIONA", "GRACE", "HANNAH", "IVY",
    "JULIA", "KAREN", "LAURA", "MARTHA", "NINA", "PAULA", "RUTH", "STELLA", "URSULA",
]  # fmt: skip
_MALE = [
    "ALAN", "BRUCE", "COLIN", "DEREK", "ERNEST", "FELIX", "GORDON", "HUGO", "IVAN",
    "JASPER", "KEITH", "LUKE", "MILES", "NEIL", "OSCAR", "PAUL", "RUFUS", "SETH",
]  # fmt: skip
_HEADS = [
    "ASH", "BROOK", "CLAY", "DUN", "ELM", "FERN", "GLEN", "HOLT", "KEL",
    "LANG", "MARS", "NORTH", "OAK", "PEN", "RAVEN", "STAN", "THORN", "WHIT",
]  # fmt: skip
_TAILS = [
    "BY", "BURY", "COMBE", "FIELD", "FORD", "HAM", "HURST", "LEY", "MAN",
    "MORE", "SHAW", "STEAD", "TON", "WELL", "WICK", "WORTH",
]  # fmt: skip


@dataclass
class Person:
    number: int
    nhs: str
    forename: str
    surname: str
    maiden: str
    born: dt.date
    sex: str
    address: str
    postcode: str
    uprn: int


@dataclass
class Town:
    """Sources by name, and the person behind each of their records."""

    sources: dict[str, pa.Table]
    truth: dict[tuple[str, str], int]
    people: list[Person] = field(default_factory=list)


def settle(homes: int, rng: random.Random) -> list[Person]:
    """Families of one to four with one surname, one in sixty with twins."""
    people: list[Person] = []
    surnames = [head + tail for head in _HEADS for tail in _TAILS]
    for home in range(homes):
        surname, street = rng.choice(surnames).title(), rng.choice(surnames).title()
        postcode = (
            f"QN{home // 400 + 1} {home // 40 % 10}{'ABDEFGHJLN'[home // 4 % 10]}{'PQRSTUWXYZ'[home % 10]}"
        )
        twins = rng.randrange(60) == 0
        birth = dt.date(1990, 1, 1) + dt.timedelta(days=rng.randrange(7000))
        used: set[str] = set()
        for place in range(4 if twins else rng.choice((1, 2, 2, 3, 4))):
            sex = "FM"[place % 2] if place < 2 else rng.choice("FM")
            grown = dt.date(1930, 1, 1) + dt.timedelta(days=rng.randrange(18_000))
            child = birth if twins else birth + dt.timedelta(days=900 * place + rng.randrange(300))
            forename = rng.choice([name for name in (_FEMALE if sex == "F" else _MALE) if name not in used])
            used.add(forename)
            people.append(
                Person(
                    len(people),
                    nhs_number(len(people)),
                    forename.title(),
                    surname,
                    rng.choice(surnames).title() if sex == "F" and place < 2 else surname,
                    grown if place < 2 else child,
                    sex,
                    f"{home % 40 + 1} {street} {rng.choice(('Road', 'Street', 'Lane'))}",
                    postcode,
                    9_000_000_000_000 + home,
                )
            )
    return people


def nhs_number(at: int) -> str:
    """The valid number of the test range nearest above 999 000 0000 plus eleven times `at` hundreds."""
    first = 9_990_000_000 + at * 110
    return next(str(number) for number in range(first, first + 110) if is_nhs_number(str(number)))


def typo(word: str, rng: random.Random) -> str:
    at = rng.randrange(1, len(word))
    return rng.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + rng.choice("aeirst") + word[at + 1 :],
        )
    )


def record(person: Person, rng: random.Random, nhs_missing: float) -> dict[str, object]:
    """One source's view: 2% slips in names, 3% old names, 1% wrong dates, at times something missing."""
    surname = person.maiden if rng.random() < 0.03 else person.surname
    born = (
        person.born
        if rng.random() > 0.01
        else person.born + dt.timedelta(days=rng.choice((-10, -1, 1, 10)))
    )
    return {
        "nhs_number": None if rng.random() < nhs_missing else person.nhs,
        "forename": typo(person.forename, rng) if rng.random() < 0.02 else person.forename,
        "surname": typo(surname, rng) if rng.random() < 0.02 else surname,
        "born": None if rng.random() < 0.005 else born,
        "sex": person.sex,
        "address": person.address.upper() if rng.random() < 0.5 else person.address,
        "postcode": None if rng.random() < 0.01 else person.postcode,
        "uprn": None if rng.random() < 0.1 else person.uprn,
    }


def town(homes: int = 600, seed: int = 1, nhs_missing: tuple[float, ...] = (0.01, 0.1, 0.4)) -> Town:
    """Everyone at the first source, half of them at each of the others."""
    rng = random.Random(seed)
    people, sources, truth = settle(homes, rng), {}, {}
    for at, missing in enumerate(nhs_missing):
        known = [person for person in people if at == 0 or rng.random() < 0.5]
        rng.shuffle(known)
        rows = []
        for number, person in enumerate(known):
            rows.append({"record": f"{number:06d}", **record(person, rng, missing)})
            truth[("abcdef"[at], f"{number:06d}")] = person.number
        sources["abcdef"[at]] = pa.Table.from_pylist(rows)
    return Town(sources, truth, people)


def asked(**changed: object) -> Settings:
    return Settings(secret=SECRET, **changed)  # type: ignore[arg-type]


def quality(linked: Linked, truth: dict[tuple[str, str], int]) -> tuple[float, float]:
    """Pairwise precision and recall."""
    frame = linked.table.to_pandas()
    frame["person"] = [truth[key] for key in zip(frame["source"], frame["record"], strict=True)]

    def pairs(*keys: str) -> float:
        sizes = frame.groupby(list(keys)).size()
        return float((sizes * (sizes - 1) / 2).sum())

    both = pairs("cluster", "person")
    return both / max(pairs("cluster"), 1), both / max(pairs("person"), 1)


def partition(linked: Linked) -> dict[tuple[str, str], str]:
    table = linked.table
    columns = (table[name].to_pylist() for name in ("source", "record", "cluster"))
    return {(source, row): cluster for source, row, cluster in zip(*columns, strict=True)}
