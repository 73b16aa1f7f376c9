"""Rules about the bodies that take part: who binds them, and what they owe one another."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import among
from .document import Agreement
from .rules import Advice, Found, Rule
from .terms import Office, Role

CONTROLLERS = (Role.CONTROLLER, Role.JOINT_CONTROLLER)
INSTRUCTED = (Role.PROCESSOR, Role.LINKER, Role.HOST)
"""Roles that work on a controller's instructions."""


class SignatoryRule(Rule):
    """An agreement binds a body only by the hand of somebody who may bind it: its senior information risk
    owner, Caldicott Guardian, chief officer or asset owner. The data protection officer advises and
    monitors, and would judge their own decision by signing. Nobody signs for another body, so the part
    after `@` is the party's own name. A party for which nobody may sign can never be bound.
    """

    code = "SIGNATORY"
    why = "a body is bound only by somebody who may bind it"
    source = "UK GDPR Articles 5(2), 38(6) and 39; Caldicott principles; ICO data sharing code"
    example = "siro@north-council, as: data protection officer"
    fix = "siro@north-council, as: senior information risk owner"

    def in_text(self, agreement: Agreement) -> Iterator[Found]:
        for name, party in agreement.text.agree.parties.items():
            where = agreement.at("agree", "parties", name)
            if not party.signs:
                fix = f"name who may: `signs: [{{who: siro@{name}, as: {Office.SIRO}}}]`"
                yield Found(f"nobody may sign for {name}", fix, where)
            for number, signatory in enumerate(party.signs):
                where = agreement.at("agree", "parties", name, "signs", number, "as")
                body = signatory.who.rpartition("@")[2]
                if signatory.as_ is Office.DPO:
                    what = f"{signatory.who} would sign for {name} as its {Office.DPO}, who advises"
                    yield Found(
                        what, "name its senior information risk owner, or Caldicott Guardian", where
                    )
                elif body != name:
                    what = f"{signatory.who} of {body} would sign for {name}"
                    yield Found(what, f"name somebody of {name}: `NAME@{name}`", where)


class JointControlRule(Rule):
    """Bodies that decide together why and how data are used are joint controllers, and must arrange who
    answers for what, and tell people where to turn. An arrangement without two of them, or with a contact
    that is no party, arranges nothing.
    """

    code = "JOINT_CONTROL"
    why = "joint controllers arrange who answers for what, and say whom people can turn to"
    source = "UK GDPR Article 26"
    example = "contact: north-landlords, published:"
    fix = "contact: north-clinic, published:"

    def in_text(self, agreement: Agreement) -> Iterator[Found]:
        told, joint = agreement.text.agree, agreement.parties(Role.JOINT_CONTROLLER)
        if joint and told.joint_control is None:
            what = f"{', '.join(joint)} control jointly without an arrangement"
            fix = "write `joint_control: {arrangement: ..., contact: ...}`"
            yield Found(what, fix, agreement.at("agree", "parties", joint[0], "role"))
        if len(joint) == 1 or (told.sharing == "joint-control" and not joint):
            what = f"{len(joint)} party controls jointly" if joint else "no party controls jointly"
            fix = "give at least two parties `role: joint controller`, or none"
            yield Found(what, fix, agreement.at("agree", "sharing"))
        if told.joint_control is not None and told.joint_control.contact not in told.parties:
            contact = told.joint_control.contact
            where = agreement.at("agree", "joint_control", "contact")
            yield Found(
                f"people would turn to {contact}, which is no party", among(contact, told.parties), where
            )


class ProcessorRule(Rule):
    """A processor, a linker and a host work on the controllers' documented instructions, under a contract
    that says so. Without those terms a body that holds the data answers to nobody for what it does with
    them. `for:` may name the controllers that instruct it.
    """

    code = "PROCESSOR"
    why = "who works for a controller does so under a contract, on documented instructions"
    source = "UK GDPR Article 28"
    example = "for: [north-energy, north-linker],"
    fix = "for: [north-energy],"

    def in_text(self, agreement: Agreement) -> Iterator[Found]:
        told = agreement.text.agree
        controllers = [name for role in CONTROLLERS for name in agreement.parties(role)]
        for name, party in told.parties.items():
            if party.role in INSTRUCTED and name not in told.processing:
                fix = f"write `processing: {name}: {{terms: ...}}`: the contract and its instructions"
                where = agreement.at("agree", "parties", name)
                yield Found(f"{name} is a {party.role} without terms of processing", fix, where)
        for name, terms in told.processing.items():
            where = agreement.at("agree", "processing", name)
            if name not in told.parties:
                yield Found(
                    f"terms are given for {name}, which is no party", among(name, told.parties), where
                )
            for other in terms.for_:
                if other not in controllers:
                    what = f"{name} would be instructed by {other}, which is no controller"
                    yield Found(what, f"name controllers; {among(other, controllers)}", where)


class AbroadAdvice(Advice):
    """Whether data leave the United Kingdom is asked by every impact assessment, and by people. Saying
    nothing is not saying no: `abroad: []` says that there is no such transfer, and the papers then say so.
    """

    code = "ABROAD"
    why = "saying nothing about transfers abroad is not saying that there are none"
    source = "UK GDPR Chapter V and Article 13(1)(f); ICO DPIA template, step 2"
    example = "abroad: null"
    fix = "abroad: []"

    def in_text(self, agreement: Agreement) -> Iterator[Found]:
        if agreement.text.agree.abroad is None:
            what = "it is not said whether data leave the United Kingdom"
            yield Found(
                what, "write `abroad: []`, or each transfer with its safeguard", agreement.at("agree")
            )


class Independent(Advice):
    """A data protection officer may not decide on the very processing that they must monitor. One who owns
    a risk, or who signs a necessity, is both judge and party; name the post that runs the service.
    """

    code = "INDEPENDENT"
    why = "the data protection officer advises on a risk, and cannot own it"
    source = "UK GDPR Article 38(6); ICO guidance on data protection officers"
    example = "residual: 2, owner: dpo@north-host"
    fix = "residual: 2, owner: siro@north-host"

    def in_text(self, agreement: Agreement) -> Iterator[Found]:
        told, fix = agreement.text.agree, "name the post that answers for the service"
        for number, risk in enumerate(told.risks):
            if _advises(risk.owner):
                where = agreement.at("agree", "risks", number, "owner")
                yield Found(f"{risk.owner} would own a risk and advise on it", fix, where)
        for name, necessity in told.necessity.items():
            if _advises(necessity.signed):
                where = agreement.at("agree", "necessity", name, "signed")
                yield Found(
                    f"{necessity.signed} would sign the necessity of {name} and advise on it", fix, where
                )


def _advises(post: str) -> bool:
    return post.casefold().startswith(("dpo@", "dpo ", Office.DPO))
