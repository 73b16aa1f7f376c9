"""What is done with the data: the chapters from `describe` to `account`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from ..plan.forms import FORMS
from .chapter import Chapter, Day, Fields, Name, Names, ParameterName, Sentence, Span, Stated


class Source(Chapter):
    """A table that a party brings: `link` fields go to the linker only, `use` fields to the host only.

    `of` names the source whose records these rows belong to (a hospital's visits to its patients). `derive`
    are columns that the party itself computes from its rows before it sends them: `use` may name these too.
    """

    from_: Name = Field(alias="from")
    """The party that holds it."""
    asset: Name
    """Its name in the catalogue."""
    link: Fields = ()
    """Fields that say who a record is about."""
    use: Fields = ()
    """Fields that say what about them."""
    derive: dict[ParameterName, str] = {}
    """Columns that the party computes before it sends."""
    of: str | None = None
    """The source whose records these rows belong to."""
    vintage: str | None = None
    """The edition of reference data."""


class Preferred(Chapter):
    """A preference that needs a name: exactly one of the two."""

    trusted: Annotated[Names, Field(min_length=1)] | None = None
    """These sources, the most trusted first, before all others."""
    recent: Stated | None = None
    """The latest date in this field."""


class Survivor(Chapter):
    """Fields that survive together, out of one record."""

    fields: Annotated[Fields, Field(min_length=1)]
    by: Annotated[tuple[Literal["complete", "common"] | Preferred, ...], Field(min_length=1)]
    """Preferences, each where those before it leave it open."""


class Unit(Chapter):
    """What records are linked into (a person, a home), by which linker, at whose place.

    Who is who is forgotten with each run, unless the index is `standing`: then it is this agreement's own,
    kept at the linker's place until the agreement ends. `from` reads the standing index of another
    agreement, whose `onward:` names this one; nothing of these records is kept there.
    """

    of: Annotated[Names, Field(min_length=1)]
    """The sources."""
    linker: Name | None = None
    """The method; none where the index of another agreement is read."""
    from_: Name | None = Field(default=None, alias="from")
    """The agreement whose standing index is read."""
    at: Name
    """The party that links."""
    standing: bool = False
    """Whether the index is kept between runs."""
    golden: dict[Name, Survivor] = {}
    """Whose value survives where records differ. The golden record stays at the linker."""
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")
    """The method's settings."""


class Coarse(Chapter):
    """A field made less telling before it leaves its holder."""

    to: Name
    """The rule."""
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")
    """The rule's settings."""


class Figure(Chapter):
    """A column made from another table's rows: exactly one of rows, any, sum, least, most, by a unit."""

    rows: Name | None = None
    """How many rows of this source."""
    any: Name | None = None
    """Whether any row of this source."""
    sum: Name | None = None
    least: Name | None = None
    most: Name | None = None
    of: str | None = None
    """The expression that is summed or compared."""
    by: Name
    """The unit that the rows share."""
    where: str | None = None
    """Which rows count."""
    lookup: dict[Name, str] = {}


class Table(Chapter):
    """How a recipe's input is put together at the host, in this order."""

    from_: Name | tuple[Name, ...] = Field(alias="from")
    """A source, or several whose shared columns are stacked."""
    one_row: Name | None = None
    """Keep one row for each of this unit."""
    lookup: dict[Name, str] = {}
    """Columns of other sources, by the column that both have."""
    where: str | None = None
    """Which rows are taken, before anything is added."""
    add: dict[str, Figure] = {}
    """Figures from other tables' rows."""
    derive: dict[str, str] = {}
    """Columns computed from those there are."""
    keep: str | None = None
    """Which rows are kept, at the end."""


class Analysis(Chapter):
    """One product: a question, and the recipe that answers it."""

    purpose: Name
    """One of the purposes stated."""
    question: Sentence
    recipe: Name
    tables: Annotated[dict[Name, Table], Field(min_length=1)]
    """The recipe's inputs, by the name that it gives them."""
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")
    """The recipe's settings."""
    registered: Day | None = None
    """When it was registered, before the data were seen; unsaid for an exploratory analysis."""


class Checking(Chapter):
    """The gate that a product passes."""

    policy: Name
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")
    """The policy's settings."""


class Release(Chapter):
    """Who receives a product, in which form."""

    to: Annotated[Names, Field(min_length=1)]
    """Parties, or `public`."""
    form: Literal[tuple(FORMS)]  # type: ignore[valid-type]
    """The most identifying form that it may have."""
    as_: Annotated[tuple[Literal["csv", "parquet", "report", "view"], ...], Field(alias="as", min_length=1)]
    """File formats; `view` is no file: one record at a time, to the person who asked for it."""
    fields: Fields = ()
    """Exactly the columns of rows about people; none for tables about groups."""
    every: Literal["once", "day", "week", "month", "term", "quarter", "year", "request"]
    """How often; `request` is each time that a view is asked for."""
    via: Stated | None = None
    """How it is sent."""
    keep: Span | None = None
    """How long its recipients may keep it."""


class Term(Chapter):
    """When it begins, is looked at again, and ends."""

    start: Day
    review: Day
    end: Day


class Withdrawal(Chapter):
    """What happens to what a party brought, when it leaves before the end."""

    inputs: Literal["destroy", "return"] = "destroy"
    """Its own records at the other places."""
    outputs: Literal["keep", "withdraw"] = "keep"
    """Products already released that its records are part of."""


class Accounting(Chapter):
    """How long, and what then."""

    term: Term
    retain: Span
    """How long intermediate tables are kept."""
    exit: Literal["destroy", "return"]
    """What is done with the data at the end."""
    notice_days: Annotated[int, Field(ge=0, le=365)] = 0
    """How many days it must have been public before its first run."""
    withdrawal: Withdrawal = Withdrawal()
