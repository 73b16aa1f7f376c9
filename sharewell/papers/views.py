"""What papers compute over the plan: fields by party, products, kinds of data, parties by role, risks."""

from __future__ import annotations

from collections.abc import Iterable

from ..agree.clauses import clause as clause_at
from ..agree.clauses import shown
from ..agree.terms import Role
from ..plan.schema import Kind
from ..text import Place
from .block import Block, Lines, Paragraph, Table, Words, plain
from .clauses import Clauses
from .form import View
from .naming import Origins, fields, listed, party


def _fields(clauses: Clauses) -> tuple[Block, ...]:
    rows: list[tuple[Lines, ...]] = []
    for source in clauses.entries(("describe",)):
        holder = str(clauses.at((*source, "from")))
        computed = fields(clauses, (*source, "derive"))
        if computed != ("-",) and not clauses.redacted((*source, "derive")):
            computed = listed([clauses.name(place) for place in clauses.entries((*source, "derive"))])
        rows.append(
            (
                (clauses.name(source),),
                (party(clauses, holder, (*source, "from")),),
                clauses.said((*source, "asset"), "data set"),
                (fields(clauses, (*source, "link")),),
                (fields(clauses, (*source, "use")),),
                (computed,),
                (_coarser(clauses, str(source[-1])),),
            )
        )
    asked = ("Only to find the person or home", "To answer the question", "Worked out before it is sent")
    head = ("Table", "Held by", "Data set", *asked, "Made less exact first")
    return (Table("Every field, who holds it, and what it is for", head, tuple(rows)),)


def _coarser(clauses: Clauses, source: str) -> Words:
    found = [
        (*clauses.name(place), " to ", *clauses.computed(str(clauses.at((*place, "to"))), (*place, "to")))
        for place in clauses.entries(("depersonalise", source))
    ]
    return listed(found) if found else ("-",)


FIELDS = View(
    "fields of each party",
    ("describe.*.from", "describe.*.asset", "describe.*.link", "describe.*.use", "describe.*.derive"),
    _fields,
)


def _products(clauses: Clauses) -> tuple[Block, ...]:
    rows = []
    for product in clauses.plan.products:
        name, release = product.name, ("release", product.name)
        to = [party(clauses, str(clauses.at(p)), p) for p in clauses.entries((*release, "to"))]
        made = ("analyse", name)
        rows.append(
            (
                (clauses.name(release),),
                clauses.said((*made, "purpose")),
                clauses.said((*made, "question")),
                (clauses.computed(product.needed.word, (*release, "form")),),
                clauses.said((*release, "form")),
                (listed(to),) if not clauses.redacted((*release, "to")) else clauses.said((*release, "to")),
                clauses.said((*release, "every")),
                clauses.said((*release, "via"), "how it is sent"),
                clauses.said((*release, "keep"), "how long recipients keep it"),
            )
        )
    head = ("Product", "Purpose", "Question", "Least form that serves", "Form agreed", "Recipients")
    return (Table("What is made, and for whom", (*head, "How often", "Sent by", "Kept for"), tuple(rows)),)


PRODUCTS = View(
    "products of the plan",
    (
        "analyse.*.purpose",
        "analyse.*.question",
        "release.*.form",
        "release.*.to",
        "release.*.every",
        "release.*.via",
        "release.*.keep",
    ),
    _products,
)


def _kinds(clauses: Clauses) -> Lines:
    """The fields that are read, by how they can expose a person, as the catalogue classes them."""
    origins, found = Origins(clauses), dict[Kind, list[Words]]()
    used = clauses.plan.used
    for read in clauses.plan.reads:
        linked = {
            str(clauses.at(place))
            for source in clauses.entries(("describe",))
            if clauses.at((*source, "asset")) == read.asset.name
            for place in clauses.entries((*source, "link"))
        }
        for column in read.shape.schema:
            if f"{read.asset.name}.{column.name}" in used or column.name in linked:
                found.setdefault(column.kind, []).append(origins.column(column, ("describe",)))
    return tuple((f"{kind}: ", *listed(found[kind])) for kind in Kind if kind in found)


KINDS = View("kinds of field", ("describe.*.use", "describe.*.link"), lines=_kinds)


def _data_sets(clauses: Clauses) -> Lines:
    return tuple(
        dict.fromkeys(
            (
                *clauses.computed(str(clauses.at((*source, "asset"))), (*source, "asset")),
                ", from ",
                *party(clauses, str(clauses.at((*source, "from"))), (*source, "from")),
            )
            for source in clauses.entries(("describe",))
        )
    )


def _holders(clauses: Clauses) -> Lines:
    found = [
        party(clauses, str(clauses.at((*source, "from"))), (*source, "from"))
        for source in clauses.entries(("describe",))
    ]
    return tuple({plain(words): words for words in found}.values())


HOLDERS = View("holders", ("describe.*.from",), lines=_holders)
DATA_SETS = View("data sets", ("describe.*.asset", "describe.*.from"), lines=_data_sets)


def _recipients(clauses: Clauses) -> Lines:
    """Each recipient once, with the forms that it receives."""
    found: dict[str, tuple[Words, list[Words]]] = {}

    def receives(who: Words, form: Words) -> None:
        found.setdefault(plain(who), (who, []))[1].append(form)

    for release in clauses.entries(("release",)):
        form = clauses.computed(str(clauses.at((*release, "form"))), (*release, "form"))
        if redaction := clauses.redacted((*release, "to")):
            receives((redaction,), form)
            continue
        for place in clauses.entries((*release, "to")):
            receives(party(clauses, str(clauses.at(place)), place), form)
    return tuple((*who, ": ", *listed(forms)) for who, forms in found.values())


RECIPIENTS = View("recipients and forms", ("release.*.to", "release.*.form"), lines=_recipients)


def with_role(name: str, *roles: Role) -> View:
    """The parties of some roles, with what is known of them."""

    def lines(clauses: Clauses) -> Lines:
        return tuple(_line(clauses, place) for place in _parties(clauses, roles)) or (("None",),)

    return View(
        name, ("agree.parties.*.role", "agree.parties.*.name", "agree.parties.*.contact"), lines=lines
    )


def _parties(clauses: Clauses, roles: Iterable[Role]) -> list[Place]:
    wanted = set(roles)
    return [
        place for place in clauses.entries(("agree", "parties")) if clauses.at((*place, "role")) in wanted
    ]


def _line(clauses: Clauses, place: Place) -> Words:
    who = party(clauses, str(place[-1]), (*place, "role"))
    contact = clauses.at((*place, "contact"))
    return (*who, ", ", *clauses.computed(str(contact), (*place, "contact"))) if contact else who


CONTROLLERS = with_role("controllers", Role.CONTROLLER, Role.JOINT_CONTROLLER)
PROCESSORS = with_role("processors", Role.PROCESSOR, Role.LINKER, Role.HOST)
HOSTS = with_role("host", Role.HOST)


def _linking(clauses: Clauses) -> Lines:
    found: list[Words] = []
    for unit in clauses.entries(("link",)):
        of = fields(clauses, (*unit, "of"))
        where = party(clauses, str(clauses.at((*unit, "at"))), (*unit, "at"))
        how = _method(clauses, unit)
        found.append(("records of the same ", *clauses.name(unit), " in ", *of, *how, ", at ", *where))
    return tuple(found) or (("No records are linked",),)


def _method(clauses: Clauses, unit: Place) -> Words:
    """By which linker or whose index, and whether who is who is remembered."""
    if index := clauses.at((*unit, "from")):
        read = clauses.computed(str(index), (*unit, "from"))
        return (", by the standing index of ", *read, " (which keeps nothing of them)")
    method = clauses.computed(str(clauses.at((*unit, "linker"))), (*unit, "linker"))
    kept = clauses.at((*unit, "standing"))
    how = "kept as a standing index until the agreement ends" if kept else "forgotten with each run"
    return (", by ", *method, " (", *clauses.computed(how, (*unit, "standing")), ")")


LINKING = View(
    "linkage",
    ("link.*.of", "link.*.linker", "link.*.from", "link.*.standing", "link.*.at"),
    lines=_linking,
)


def _methods(clauses: Clauses) -> Lines:
    return tuple(
        (
            *clauses.name(place),
            ": ",
            *clauses.computed(str(clauses.at((*place, "recipe"))), (*place, "recipe")),
        )
        for place in clauses.entries(("analyse",))
    )


METHODS = View("methods", ("analyse.*.recipe",), lines=_methods)


def _checks(clauses: Clauses) -> Lines:
    return tuple(
        (
            *clauses.name(place),
            ": ",
            *clauses.computed(str(clauses.at((*place, "policy"))), (*place, "policy")),
        )
        for place in clauses.entries(("check",))
    )


CHECKS = View("disclosure policies", ("check.*.policy",), lines=_checks)


def before(clauses: Clauses, place: Place) -> Lines:
    """A risk before its measure: likelihood times severity."""
    parts = (*place, "likelihood"), (*place, "severity")
    score = int(clauses.at(parts[0])) * int(clauses.at(parts[1]))
    return (clauses.computed(banded(score), *parts),)


def after(clauses: Clauses, place: Place) -> Lines:
    """What is left of a risk."""
    part = (*place, "residual")
    return (clauses.computed(banded(int(clauses.at(part))), part),)


def banded(score: int) -> str:
    """A score of 1 to 25 with its word. Low is to 5, medium to 12: this project's bands."""
    return f"{score} of 25, {'low' if score <= 5 else 'medium' if score <= 12 else 'high'}"


def _findings(clauses: Clauses) -> tuple[Block, ...]:
    place = ("agree", "deliberation", "findings")
    entries = clauses.entries(place)
    if not entries or clauses.redacted(place):
        lines = clauses.said(place, "Findings of the deliberation") if clauses.at(place[:2]) else ()
        words = (
            lines[0]
            if lines
            else (clauses.silence("agree.deliberation.findings", "Findings of the deliberation"),)
        )
        return (Paragraph(("Findings of the deliberation: ", *words)),)
    rows = tuple(
        (
            clauses.said((*part, "said")),
            clauses.said((*part, "clause")),
            _now(clauses, str(clauses.at((*part, "clause"))), part),
        )
        for part in entries
    )
    head = ("What was found", "The clause that it changed", "What that clause says now")
    return (Table("Findings of the deliberation", head, rows),)


def _now(clauses: Clauses, clause: str, part: Place) -> Lines:
    """What a clause says today; a clause that is not there is said to be none."""
    place = clause_at(clauses.values, clause)
    if place is None:
        return (clauses.computed("there is no such clause", (*part, "clause")),)
    return clauses.said(place, shown(place))


FINDINGS = View("findings", ("agree.deliberation.findings",), _findings)


def _framework(clauses: Clauses) -> Lines:
    framework = clauses.framework
    if framework is None:
        return (("This agreement stands under no framework",),)
    text, where = framework.text, framework.located.lines.at(())
    head = f"{text.title} ({text.framework}, version {text.version}; {where})"
    return tuple(clauses.computed(told, ("framework",)) for told in (head, *text.principles))


FRAMEWORK = View("framework", ("framework",), lines=_framework)
