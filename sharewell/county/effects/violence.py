"""What is planted about violence: where it gathers, and how little of it the police are told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Violence:
    """The county's hospitals treat `treated` assaults a year, whoever lives there: it is not a share of
    people.

    `spots` places gather `gathered` of them each, the first `hidden` of which the police hear of with
    probability `hidden_reported`, and of any other assault with `reported` (25-30% of treated assaults in
    Cardiff's model). `untreated`: recorded crimes a year of people who never came to hospital, over the
    same places in proportion to what is reported there. Of those treated, `unasked` name no place and
    `elsewhere` one that no gazetteer holds; `misspelt` and `shortened` are shares of the places named.
    """

    treated: int = 2_400
    untreated: int = 6_300
    spots: int = 5
    hidden: int = 2
    gathered: float = 0.06
    reported: float = 0.30
    hidden_reported: float = 0.03
    unasked: float = 0.12
    elsewhere: float = 0.06
    misspelt: float = 0.25
    shortened: float = 0.35
