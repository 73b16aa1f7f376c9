"""The JSON Schema of an agreement and of a framework, so that an editor completes and checks as one writes.

It is Pydantic's own, of the models that check the text: draft 2020-12. What an agreement leaves to its
framework is optional in the models, so one schema serves both tiers.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from ..errors import DocumentError, Problem, among
from .document import Text
from .framework import FrameworkText

SCHEMAS: dict[str, type[BaseModel]] = {"agreement": Text, "framework": FrameworkText}
"""The files that have one, by what they are called."""


def json_schema(name: str) -> dict[str, Any]:
    """The schema of one kind of file. DocumentError where it has none."""
    if name not in SCHEMAS:
        raise DocumentError(
            Problem("SCHEMA", f"there is no schema of {name!r}", fix=among(name, sorted(SCHEMAS)))
        )
    made = SCHEMAS[name].model_json_schema(by_alias=True)
    return {"$schema": GenerateJsonSchema.schema_dialect, **made, "title": f"Sharewell {name}"}


def written(name: str) -> str:
    """The schema as the text of a file: the same bytes each time."""
    return json.dumps(json_schema(name), indent=1, ensure_ascii=False) + "\n"
