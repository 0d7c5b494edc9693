"""The JSON Schema of the plan file, for editors: `planners/plan_file/plan.schema.json`, made from the models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from planners.plan.model import PLAN_FORMAT, EpisodePlan, Line
from planners.plan.vocabulary import EMOTIONS

__all__ = ["SCHEMA_FILE", "plan_schema", "plan_schema_text"]

SCHEMA_FILE: Final = Path(__file__).parent / "plan.schema.json"
"""The schema as it ships. Point an editor at it: `# yaml-language-server: $schema=…`."""

_ID: Final = "[a-z][a-z0-9_]{0,39}"


def plan_schema() -> dict[str, Any]:
    """The JSON Schema of the file as written: lines as `{speaker (emotion): text}`, facts as texts."""
    schema = EpisodePlan.model_json_schema()
    parts = schema["$defs"]
    text = {key: value for key, value in parts["Line"]["properties"]["text"].items() if key != "title"}
    parts["Line"] = {
        "title": "Line",
        "description": _one_line(Line.__doc__),
        "type": "object",
        "patternProperties": {rf"^\s*{_ID}\s*(\(\s*({'|'.join(EMOTIONS)})\s*\))?\s*$": text},
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }
    parts["FactText"] = {
        "title": "Fact",
        "description": "`entity.attribute = value`: true from its scene on.",
        "type": "string",
        "pattern": rf"^\s*{_ID}\.{_ID}\s*=\s*\S",
    }
    schema["required"] = ["format", *schema["required"]]
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": PLAN_FORMAT, "title": "A plan of episodic"}
    return head | {key: value for key, value in schema.items() if key != "title"}


def plan_schema_text() -> str:
    """The contents of `SCHEMA_FILE`."""
    return json.dumps(plan_schema(), indent=2, ensure_ascii=False) + "\n"


def _one_line(docstring: str | None) -> str:
    """A docstring as one line."""
    return " ".join((docstring or "").split())


if __name__ == "__main__":
    SCHEMA_FILE.write_text(plan_schema_text(), encoding="utf-8")
