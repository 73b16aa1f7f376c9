"""Harms that any agreement must refuse, and those of each shipped one: what was done, and the code that says so."""

# ruff: noqa: E501 - a table reads best with a case a line
from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace

from agreement_example import ACTORS, FUEL, KENT, Case, Change, codes

from sharewell.agree.decide import Asked, Quality, Request, State, Verdict

__all__ = ["CASES", "codes"]


def pattern(old: str, new: str) -> Callable[[str], str]:
    """A change of the first place that a regular expression finds."""
    return lambda text: re.sub(old, new, text, count=1, flags=re.M)


def case(what: str, code: str, *changes: Change) -> Case:
    return Case(what, code, changes)


TEXT = (
    case("no notice", "NO_NOTICE", pattern(r"notice: \S+", "notice: null")),
    case("notice that is no address", "VALUE", pattern(r"notice: \S+", "notice: on the wall")),
    case("no summary", "NOT_TRANSPARENT", pattern(r"    summary: .*\n", "")),
    case("kept off the register", "NOT_TRANSPARENT", ("register: public", "register: withheld")),
    case("unknown register", "VALUE", ("register: public", "register: secret")),
    case("unknown purpose", "NO_PURPOSE", pattern(r"    purpose: \w+", "    purpose: marketing")),
    case("purpose without words", "VALUE", pattern(r"statement: [^,]+", "statement: good")),
    case("retention malformed", "VALUE", ("retain: P90D", "retain: 90 days")),
    case("no exit", "MISSING", pattern(r"(, |\n  )exit: destroy", "")),
    case("unknown exit", "VALUE", ("exit: destroy", "exit: keep")),
    case("term out of order", "TERM", ("review: 2025-04-01", "review: 2027-04-01")),
    case("review before the start", "TERM", ("review: 2025-04-01", "review: 2024-04-01")),
    case("impossible date", "VALUE", ("end: 2026-03-31", "end: 2026-02-30")),
    case("date of another calendar", "TYPE", ("end: 2026-03-31", "end: 31/03/2026")),
    case("no host", "HOST", ("role: host", "role: processor")),
    case("two hosts", "HOST", pattern(r"role: (joint )?controller", "role: host")),
    case("no linker", "SPLIT", ("role: linker", "role: processor")),
    case("a source is the linker", "SPLIT", pattern(r"role: (joint )?controller", "role: linker")),
    case("unknown role", "VALUE", pattern(r"role: (joint )?controller", "role: owner")),
    case("unknown chapter", "FIELD", ("\nagree:", "\ncolour: blue\nagree:")),
    case("unknown field", "FIELD", ("article_6:", "artcle_6:")),
    case("a key twice", "TWICE", ("version: 1\n", "version: 1\nversion: 2\n")),
    case("a tab", "TAB", ("version: 1", "version:\t1")),
    case("an anchor", "ANCHOR", ("version: 1", "version: &v 1")),
    case("version nought", "VALUE", ("version: 1\n", "version: 0\n")),
    case("another format", "VALUE", ("sharewell: 1", "sharewell: 2")),
    case("unknown recipe", "UNKNOWN", pattern(r"recipe: [\w-]+", "recipe: horoscope")),
    case("unknown setting", "PARAMETER", pattern(r"with: \{(person|subject)", r"with: {colour: blue, \1")),
    case("unknown parameter", "PARAMETER", pattern(r'": ?at"|":qualifying"', '":nowhere"')),
    case("idle parameter", "ORPHAN", ("parameters: {", "parameters: {idle: 1, ")),
    case("impossible parameter", "VALUE", ("parameters: {", "parameters: {day: 2023-02-29, ")),
    case("unknown frequency", "VALUE", pattern(r"every: \w+", "every: sometimes")),
    case("unknown format of release", "VALUE", pattern(r"as: \[", "as: [fax, ")),
    case("no legal gateway", "MISSING", pattern(r"    gateway: .*\n", "")),
    case("empty Article 6", "VALUE", pattern(r"article_6: .*", 'article_6: ""')),
    case("sensitive without a condition", "ARTICLE_9", pattern(r"article_9: .*", "article_9: null")),
    case("risk that grows", "RESIDUAL", pattern(r"residual: \d+", "residual: 20")),
    case("linker unknown", "UNKNOWN", pattern(r"linker: (nhs-then-splink|bills)", "linker: guess")),
    case("linking source unknown", "SOURCE", pattern(r"(home: +\{of: \[)", r"\1nobody, ")),
    case("linking unit for nothing", "UNUSED", pattern(r"^link:", "link:\n  street: {of: [UNIT], linker: homes, at: PLACE}")),
    case("asset unknown", "ASSET", pattern(r"asset: \w+\.\w+", "asset: moon.craters")),
    case("asset of another", "PARTY", pattern(r"from: (northshire-gp|dwp), asset", "from: SECOND, asset")),
    case("source that is no party", "PARTY", pattern(r"from: (northshire-gp|dwp), asset", "from: mallory, asset")),
    case("field unknown", "FIELD", pattern(r"use: \[", "use: [shoe_size, ")),
    case("field twice", "VALUE", pattern(r"link: \[(\w+)", r"link: [\1, \1")),
    case("no check", "PRODUCT", pattern(r"(check:.*?)fire-visits: \{policy: [\w-]+\}, |^  brightwater-rebate: \{policy: records\}\n", r"\1")),
    case("no release", "PRODUCT", pattern(r"^  (fire-visits|brightwater-rebate): +\{to: .*\n", "")),
    case("release of nothing known", "ORPHAN", pattern(r"^release:", "release:\n  ghost: {to: [public], form: aggregate, as: [csv], every: once}")),
    case("recipient unknown", "RECIPIENT", pattern(r"\{to: \[[\w-]+", "{to: [advertiser")),
    case("recipient is the linker", "RECIPIENT", pattern(r"\{to: \[[\w-]+", "{to: [PLACE")),
    case("necessity of nothing known", "ORPHAN", pattern(r"^  benefits:", "  NECESSITY\n  benefits:")),
)  # fmt: skip
"""Done to every agreement. UNIT, PLACE, SECOND and NECESSITY are filled in for each."""

_GHOST = "ghost: {form: yes/no, why: because we say so, rejected: nothing else was tried, signed: nobody}"
_FILLED = {
    KENT: {"UNIT": "visits", "PLACE": "northshire-linker", "SECOND": "northshire-fire"},
    FUEL: {"UNIT": "properties", "PLACE": "rebate-matching", "SECOND": "voa"},
}


def _filled(name: str) -> tuple[Case, ...]:
    def fill(change: Change) -> Change:
        def made(text: str) -> str:
            done = change(text) if callable(change) else text.replace(*change, 1)
            for word, meant in _FILLED[name].items():
                done = done.replace(word, meant)
            if "NECESSITY" in done and "  necessity:\n" in text:
                done = done.replace("  NECESSITY\n", "").replace(
                    "  necessity:\n", f"  necessity:\n    {_GHOST}\n"
                )
            return done.replace("NECESSITY", f"necessity:\n    {_GHOST}")

        return made

    return tuple(replace(told, changes=tuple(map(fill, told.changes))) for told in TEXT)


def _unpublished(state: State) -> State:
    return replace(state, published=())


def _published_later(state: State) -> State:
    return replace(state, published=tuple((t, f, dt.date(2024, 7, 1)) for t, f, _ in state.published))


def _failing(asset: str) -> Callable[[State], State]:
    return lambda state: replace(state, quality=(Quality(asset, "volume", False, "error"),))


def circumstances(name: str, asset: str) -> tuple[Case, ...]:
    """Harms of time, publication, quality and asking: the text is untouched."""
    ask = Request(Asked.RUN, ACTORS[name])
    return (
        Case("expired", "EXPIRED", now=dt.datetime(2026, 4, 1, 9, tzinfo=dt.UTC)),
        Case("not started", "NOT_STARTED", now=dt.datetime(2024, 3, 31, 9, tzinfo=dt.UTC)),
        Case(
            "review overdue",
            "REVIEW_DUE",
            now=dt.datetime(2025, 4, 2, 9, tzinfo=dt.UTC),
            verdict=Verdict.REVIEW,
        ),
        Case("unpublished", "UNPUBLISHED", state=_unpublished),
        Case("published only later", "UNPUBLISHED", state=_published_later),
        Case("suspended", "SUSPENDED", state=lambda state: replace(state, suspended="a party withdrew")),
        Case("doubtful quality", "QUALITY", state=_failing(asset)),
        Case("unknown actor", "ACTOR", request=replace(ask, actor="mallory@elsewhere")),
        Case("unknown kind", "KIND", request=replace(ask, kind="teleport")),  # type: ignore[arg-type]
        Case("unknown product", "PRODUCT", request=replace(ask, product="horoscope")),
        Case("another purpose", "PURPOSE", request=replace(ask, purpose="marketing")),
        Case("another recipient", "RECIPIENT_NOT_AGREED", request=replace(ask, recipient="advertiser")),
        Case("a further field", "FIELD", request=replace(ask, fields=("income",))),
        Case("a wider form", "FORM", request=replace(ask, form="identifiable")),
        Case("an unknown form", "FORM", request=replace(ask, form="hologram")),
    )


KENT_CASES = (
    case("wider field", "UNUSED", ("frailty, autism]", "frailty, autism, registered_on]")),
    case("birth date uncoarsened", "IDENTIFIABLE", ("{patients: {born: {to: month}}}", "{}")),
    case("name brought to the host", "IDENTIFIABLE", ("use: [practice,", "use: [surname, practice,")),
    case("unused identifier", "UNUSED", ("use: [practice,", "use: [surname, practice,")),
    case("unused field of activity", "UNUSED", ("of: hospital-patients, use: [date", "of: hospital-patients, use: [local_id, date")),
    case("release wider than needed", "IDENTIFIABLE", ("form: aggregate", "form: de-personalised")),
    case("release identifiable", "IDENTIFIABLE", ("form: aggregate", "form: identifiable")),
    case("unknown form", "VALUE", ("form: aggregate", "form: everything")),
    case("content to the linker", "SPLIT", ("link: [nhs_number, forename", "link: [conditions, nhs_number, forename")),
    case("linked at the host", "SPLIT", ("linker: homes, at: northshire-linker", "linker: homes, at: northshire-insight")),
    case("host brings names", "SPLIT", ("northshire-fire: {role: joint controller", "northshire-fire: {role: host")),
    case("coarsening unknown", "UNKNOWN", ("{to: month}", "{to: moon}")),
    case("coarsening of what is not used", "COARSEN", ("{born: {to: month}}", "{born: {to: month}, surname: {to: drop}}")),
    case("coarsening that does not fit", "TYPE", ("{born: {to: month}}", "{born: {to: band, with: {width: 5}}}")),
    case("policy unknown", "POLICY", ("fire-visits: {policy: official-statistics", "fire-visits: {policy: none-at-all")),
    case("policy of rows", "POLICY", ("fire-visits: {policy: official-statistics", "fire-visits: {policy: records")),
    case("table that no recipe reads", "INPUT", ("given: {from: visits}", "given: {from: visits}, extra: {from: ooh}")),
    case("table missing", "INPUT", (", given: {from: visits}", "")),
    case("covariate unknown", "COLUMN", ("covariates: [age,", "covariates: [shoe_size,")),
    case("covariate that is a date", "TYPE", ("covariates: [age,", "covariates: [born,")),
    case("ratio out of range", "PARAMETER", ("ratio: 3", "ratio: 300")),
    case("setting of another type", "PARAMETER", ("ratio: 3", "ratio: three")),
    case("required setting missing", "PARAMETER", ("given_on: date,", "")),
    case("impossible day in a setting", "DATE", ("history_from: 2022-01-01", "history_from: 2022-13-01")),
    case("expression unreadable", "SYNTAX", ("years_between(born, :at)", "years_between(born,")),
    case("expression of another type", "TYPE", ("years_between(born, :at)", "years_between(practice, :at)")),
    case("expression of an unknown column", "COLUMN", ("years_between(born, :at)", "years_between(birth, :at)")),
    case("operator unknown", "OPERATOR", ("years_between(born, :at)", "random()")),
    case("unit unknown", "UNIT", ("one_row: person", "one_row: parish")),
    case("lookup unknown", "SOURCE", ("lookup: {areas: area}", "lookup: {regions: area}")),
    case("lookup by an absent column", "COLUMN", ("lookup: {areas: area}", "lookup: {areas: parish}")),
    case("table of an unknown source", "SOURCE", ("given: {from: visits}", "given: {from: fires}")),
    case("visits of nobody known", "SOURCE", ("of: patients,", "of: people,")),
    case("chain of owners", "SOURCE", ("asset: acute.attendances, of: hospital-patients", "asset: acute.attendances, of: admissions")),
    case("linking fields missing", "LINK", ("asset: fire.visits, link: [address, postcode, uprn],", "asset: fire.visits,")),
    case("fields of a table about groups", "FIELD", ("as: [csv, parquet, report], every: once", "as: [csv, parquet, report], every: once, fields: [treated]")),
    case("public by another name", "RECIPIENT", ("council, public]", "council, pubic]")),
    case("source that no product uses", "UNUSED", ("mental, community,", "mental,")),
    Case(
        "hypothesis registered after the first run",
        "REGISTERED_LATE",
        (("registered: 2024-04-01", "registered: 2024-06-02"),),
        state=lambda state: replace(state, first_run=dt.date(2024, 6, 1)),
    ),
    case("consent for nothing", "ORPHAN", ("    article_6:", "    consents: {hmrc: consent of the Commissioners}\n    article_6:")),
)  # fmt: skip

FUEL_CASES = (
    case("consent of HMRC removed", "RESTRICTED", pattern(r"    consents: .*\n", "")),
    case("consent of somebody else", "RESTRICTED", ("consents: {hmrc:", "consents: {dwp:")),
    case("list to another supplier", "STRANGER", ("{to: [brightwater-energy]", "{to: [fenland-power]")),
    case("list to both suppliers", "STRANGER", ("{to: [brightwater-energy]", "{to: [brightwater-energy, fenland-power]")),
    case("list to the department", "STRANGER", ("{to: [brightwater-energy]", "{to: [dwp]")),
    case("list to everyone", "PUBLIC", ("{to: [brightwater-energy]", "{to: [public]")),
    case("wider field of the release", "FIELD", ("fields: [customer_ref, eligible]", "fields: [customer_ref, eligible, income]")),
    case("release without its subject", "FIELD", ("fields: [customer_ref, eligible]", "fields: [eligible]")),
    case("release of no field", "FIELD", ("fields: [customer_ref, eligible], ", "")),
    case("wider form", "IDENTIFIABLE", ("form: yes/no, fields", "form: identifiable, fields")),
    case("narrower form than the rows", "FORM", ("form: yes/no, fields", "form: aggregate, fields")),
    case("necessity removed", "IDENTIFIABLE", pattern(r"    brightwater-rebate: \{form: yes/no, why[^}]*\}\n", "")),
    case("necessity of a lesser form", "IDENTIFIABLE", ("{form: yes/no, why", "{form: coded yes/no, why")),
    case("necessity unsigned", "MISSING", (", signed: siro@rebate-office}", "}")),
    case("disclosure policy for rows", "POLICY", ("{policy: records}", "{policy: official-statistics}")),
    case("settings for rows", "POLICY", ("{policy: records}", "{policy: records, with: {minimum: 3}}")),
    case("wider field of a source", "UNUSED", ("use: [guarantee]", "use: [guarantee, role]")),
    case("income for nothing", "UNUSED", lambda text: text.replace("income < :income and score", "score")),
    case("supplier's customer by name", "UNUSED", ("use: [customer_ref, opened]", "use: [customer_ref, opened, surname]")),
    case("sensitive field to the linker", "SPLIT", ("uprn], use: [income]", "uprn, income], use: [income]")),
    case("rule that is no yes or no", "TYPE", ("opened <= :qualifying and (guaranteed or on_benefit or on_credits)", "opened")),
    case("rule of an unknown column", "COLUMN", ("guaranteed or on_benefit", "guarantied or on_benefit")),
    case("threshold unknown", "PARAMETER", ('rule: "opened <= :qualifying', 'rule: "opened <= :deadline')),
    case("subject unknown", "COLUMN", ("subject: customer_ref", "subject: customer_number")),
    case("figure of two kinds", "FIGURE", ("{any: pension-credit,", "{any: pension-credit, rows: pension-credit,")),
    case("figure of nothing", "FIGURE", ("{any: pension-credit, by", "{by")),
    case("figure of an unknown source", "SOURCE", ("{any: pension-credit,", "{any: pensions,")),
    case("figure by another unit", "UNIT", ("{any: pension-credit, by: payer", "{any: pension-credit, by: home")),
    case("sum of words", "TYPE", ("{any: pension-credit, by: payer, where: guarantee}", "{sum: benefits, of: benefit, by: payer}")),
    case("condition that is no yes or no", "TYPE", ("where: guarantee}", "where: payer}")),
    case("derived column that no product uses", "UNUSED", ("    derive:\n", '    derive:\n      spare: "floor_area"\n')),
    case("derived column twice", "TWICE", ("    derive:\n", '    derive:\n      type: "floor_area"\n')),
    case("derivation unreadable", "SYNTAX", ('score: "floor_area * (', 'score: "floor_area * ((')),
    case("derived column of an unknown field", "COLUMN", ('score: "floor_area', 'score: "flor_area')),
    case("linked at the office", "SPLIT", ("linker: homes, at: rebate-matching", "linker: homes, at: rebate-office")),
    case("linked at a supplier", "SPLIT", ("linker: homes, at: rebate-matching", "linker: homes, at: fenland-power")),
    case("a unit without its records", "UNIT", ("of: [benefits, tax-credits, properties]", "of: [benefits, tax-credits]")),
    case("type of a threshold", "TYPE", ("cost: 450", "cost: much")),
)  # fmt: skip

CASES = {
    KENT: (*_filled(KENT), *circumstances(KENT, "gp.patients"), *KENT_CASES),
    FUEL: (*_filled(FUEL), *circumstances(FUEL, "hmrc.tax_credits"), *FUEL_CASES),
}
