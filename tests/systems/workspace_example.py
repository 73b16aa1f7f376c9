"""A small invented place for whole runs: a clinic's CSV, a council's Excel and Parquet, a fixed-width list.

300 people in 130 homes. Every identifier is a made-up word or number that stands nowhere else, so that any
of them found outside its holder's place is a leak.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import shutil
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from sharewell import workspace
from sharewell.account.events import Event
from sharewell.errors import SharewellError
from sharewell.link import is_nhs_number
from sharewell.live import LiveAgreement
from sharewell.live.rehearsal import rehearse
from sharewell.run import Outcome
from sharewell.workspace import Workspace

HERE = Path(__file__).parent / "warm-homes"
NAME, ACTOR = "warm-homes", "a.khan@north-host"
CLOCK = dt.date(2024, 6, 3)
PATIENTS, TENANTS = "data/patients.csv", "data/tenants.xlsx"
CUSTOMERS, AREAS = "data/customers.txt", "data/areas.parquet"
WARDS = ("Eastgate", "Westgate", "Southgate")
_HEADS = ("Quor", "Vexa", "Zimbr", "Throck", "Wyrb", "Jolpa", "Kresk", "Brynd", "Oxtro", "Fjell")
_TAILS = ("vanna", "dolph", "mirex", "stoke", "wicket", "purth", "lindra", "gomery", "battle", "quist")


@dataclass(frozen=True)
class Person:
    number: int
    nhs: str
    forename: str
    surname: str
    born: dt.date
    sex: str
    home: int
    asthma: bool

    @property
    def local_id(self) -> str:
        return f"CLN{self.number:06d}"

    @property
    def address(self) -> str:
        return f"{self.home + 1} {_word(self.home * 7 % 100)} Crescent"

    @property
    def postcode(self) -> str:
        return f"ZQ{self.home // 40 + 1} {self.home // 10 % 4 + 5}{'ABDEFGHJLN'[self.home % 10]}X"

    @property
    def area(self) -> str:
        return f"N{self.home % 6 + 1:02d}"


def _word(n: int) -> str:
    return _HEADS[n % 10] + _TAILS[n // 10 % 10]


def _nhs_number(n: int) -> str:
    first = 9_990_000_000 + n * 110
    return next(str(number) for number in range(first, first + 110) if is_nhs_number(str(number)))


def people() -> list[Person]:
    """The same 300 each time: two or three to a home, the older first."""
    rng = random.Random(11)
    made = []
    for number in range(300):
        home = number * 130 // 300
        born = dt.date(1940, 1, 1) + dt.timedelta(days=rng.randrange(25_000))
        forename, surname = _word(rng.randrange(100)), _word(home % 100)
        made.append(
            Person(
                number,
                _nhs_number(number),
                forename,
                surname,
                born,
                rng.choice("FM"),
                home,
                rng.random() < 0.3,
            )
        )
    return made


def identifiers() -> set[str]:
    """Every text that names or places somebody: none may be outside its holder's sources and the outbox."""
    held = people()
    found = {p.nhs for p in held} | {p.local_id for p in held} | {p.forename for p in held}
    found |= {p.surname for p in held} | {p.address for p in held} | {p.postcode for p in held}
    return found | {f"TEN{p.number:05d}" for p in held}


def make(folder: Path, clock: dt.date = CLOCK, *, signed: bool = True) -> Workspace:
    """The workspace with its sources, its agreement signed and published, or as yet a draft."""
    shutil.copytree(HERE, folder, dirs_exist_ok=True)
    (folder / "sharewell.toml").write_text(
        f'name = "north"\nsynthetic = true\nclock = {clock.isoformat()}\n'
    )
    (folder / "data").mkdir()
    held = people()
    write_patients(folder, [patient(p) for p in held])
    write_tenants(folder, [p for p in held if p.home < 70])
    write_customers(folder, held)
    write_areas(folder)
    space = workspace.open(folder)
    if signed:
        rehearse(space.agreement(NAME))
    return space


HEADER = "local_id,nhs_number,forename,surname,born,sex,address,postcode,area,asthma"


def patient(p: Person) -> str:
    where = f"{p.address},{p.postcode},{p.area}"
    return f"{p.local_id},{p.nhs},{p.forename},{p.surname},{p.born},{p.sex},{where},{str(p.asthma).lower()}"


def write_patients(folder: Path, rows: list[str], header: str = HEADER) -> None:
    (folder / PATIENTS).write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


def write_tenants(folder: Path, held: list[Person]) -> None:
    with xlsxwriter.Workbook(str(folder / TENANTS)) as book:
        sheet = book.add_worksheet("Tenants")
        dated = book.add_format({"num_format": "yyyy-mm-dd"})
        names = (
            "tenant_ref",
            "nhs_number",
            "forename",
            "surname",
            "born",
            "sex",
            "address",
            "postcode",
            "damp",
        )
        sheet.write_row(0, 0, names)
        for row, p in enumerate(held, 1):
            sheet.write_row(row, 0, (f"TEN{p.number:05d}", p.nhs, p.forename, p.surname))
            sheet.write_datetime(row, 4, dt.datetime.combine(p.born, dt.time()), dated)
            sheet.write_row(row, 5, (p.sex, p.address, p.postcode, p.home % 2 == 0))


def write_customers(folder: Path, held: list[Person]) -> None:
    """One customer a home, the oldest; who opened the account after the qualifying day is not eligible."""
    first = {p.home: p for p in reversed(held)}
    lines = [
        f"CUS{home:05d}{p.forename:<14}{p.surname:<14}{p.address:<30}{p.postcode:<10}"
        f"{'2024-05-01' if home % 9 == 0 else '2020-01-15'}"
        for home, p in sorted(first.items())
    ]
    (folder / CUSTOMERS).write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_areas(folder: Path) -> None:
    codes = [f"N{i:02d}" for i in range(1, 7)]
    pq.write_table(pa.table({"area": codes, "ward": [WARDS[i % 3] for i in range(6)]}), folder / AREAS)


def eligible() -> dict[str, bool]:
    """The planted truth of the list: council homes that are damp, of accounts opened in time."""
    return {f"CUS{home:05d}": home < 70 and home % 2 == 0 and home % 9 != 0 for home in range(130)}


@dataclass(frozen=True)
class Done:
    """A workspace after an undisturbed run."""

    space: Workspace
    outcome: Outcome


def run(space: Workspace, name: str = NAME, tell: Callable[[str, float], None] | None = None) -> Outcome:
    """Run as a new process would: nothing is remembered but what is on the disk."""
    return fresh(space, name).run(ACTOR, tell)


def fresh(space: Workspace, name: str = NAME) -> LiveAgreement:
    return workspace.open(space.folder).agreement(name)


def events(space: Workspace) -> list[Event]:
    return list(workspace.open(space.folder).account.events())


def kinds(space: Workspace) -> list[str]:
    return [str(event.kind) for event in events(space)]


def results(outcome: Outcome) -> dict[str, bytes]:
    """The bytes of every table that left, by recipient and file: what two runs must have in common."""
    folders = {**outcome.releases, **outcome.lists}
    return {
        f"{name}/{path.relative_to(folder)}": path.read_bytes()
        for name, folder in folders.items()
        for path in sorted(folder.rglob("*.csv"))
    }


def said(error: BaseException) -> str:
    """All that a screen or a log could show of an error: its message, its traceback and what led to it."""
    text = "".join(traceback.format_exception(error))
    if isinstance(error, SharewellError):
        text += json.dumps([vars(problem) for problem in error.problems])
    return text


def leaks(folder: Path, secrets: set[str], outside: tuple[str, ...] = ("data", "outbox")) -> Iterator[str]:
    """Each secret that stands in the bytes of a file below `folder`, but in the folders named `outside`."""
    coded = [secret.encode() for secret in secrets]
    starts = np.array([_fours(secret)[0] for secret in coded])
    halves = np.zeros(1 << 16, bool)
    halves[starts & 0xFFFF] = True
    for path in folder.rglob("*"):
        inside = path.relative_to(folder).parts
        if path.is_file() and not set(outside) & set(inside):
            held = path.read_bytes()
            for text in (held, held.replace(b"\0", b"")):  # the second finds UTF-16
                found = _fours(text)
                likely = np.flatnonzero(np.isin(starts, found[halves[found & 0xFFFF]]))
                yield from (f"{path.relative_to(folder)}: {coded[n]!r}" for n in likely if coded[n] in text)


def _fours(text: bytes) -> np.ndarray:
    """Every four bytes in a row, as a number: a thousand secrets are then sought at once."""
    whole = [np.frombuffer(text[at : len(text) - (len(text) - at) % 4], "<u4") for at in range(4)]
    return np.concatenate(whole)
