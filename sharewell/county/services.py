"""Every service of the county, one a file. A new service is a module and a line here."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import Problem, UnknownName
from . import (
    acute,
    cancer,
    census,
    children,
    community,
    consultations,
    council,
    dwp,
    energy,
    fire,
    front_doors,
    gp,
    hmrc,
    hospice,
    housing,
    justice,
    mental,
    offending,
    ooh,
    places,
    revenues,
    safety,
    schools,
    social,
    survey,
    violence,
    voa,
    works,
)
from .base import Service

SERVICES: tuple[Service, ...] = (
    places.SERVICE,
    gp.SERVICE,
    consultations.SERVICE,
    ooh.SERVICE,
    acute.SERVICE,
    mental.SERVICE,
    community.SERVICE,
    social.SERVICE,
    hospice.SERVICE,
    fire.SERVICE,
    dwp.SERVICE,
    hmrc.SERVICE,
    voa.SERVICE,
    energy.SERVICE,
    *revenues.SERVICES,
    *housing.SERVICES,
    *front_doors.SERVICES,
    cancer.SERVICE,
    *schools.SERVICES,
    *council.SERVICES,
    justice.SERVICE,
    violence.SERVICE,
    survey.SERVICE,
    census.SERVICE,
    safety.SERVICE,
    offending.SERVICE,
    works.SERVICE,
    children.SERVICE,
)


def chosen(names: Sequence[str] | None) -> tuple[Service, ...]:
    """The services of these names in order of the tuple (None: all); UnknownName lists what there is."""
    if names is None:
        return SERVICES
    held = {service.name for service in SERVICES}
    unknown = sorted(set(names) - held)
    if unknown:
        raise UnknownName(
            Problem(
                "UNKNOWN",
                f"the county has no service {', '.join(map(repr, unknown))}",
                fix=f"use some of: {', '.join(service.name for service in SERVICES)}",
            )
        )
    return tuple(service for service in SERVICES if service.name in names)
