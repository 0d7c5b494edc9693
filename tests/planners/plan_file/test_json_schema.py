"""The JSON Schema that ships for editors."""

from __future__ import annotations

import re

from planners.plan.model import EpisodePlan, Scene, Shot
from planners.plan_file.json_schema import SCHEMA_FILE, plan_schema, plan_schema_text


def test_the_shipped_schema_matches_the_models() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == plan_schema_text(), "run: python -m planners.plan_file.json_schema"


def test_lines_and_facts_are_described_as_written_in_the_file() -> None:
    parts = plan_schema()["$defs"]
    ((pattern, text),) = parts["Line"]["patternProperties"].items()
    assert all(re.search(pattern, key) for key in ("mara", "mara (afraid)", " old_tom( happy ) "))
    assert not any(re.search(pattern, key) for key in ("Mara", "mara (bored)", "mara afraid", ""))
    assert (text["type"], text["maxLength"]) == ("string", 500)
    assert re.search(parts["FactText"]["pattern"], "mara.wearing = yellow raincoat")
    assert not re.search(parts["FactText"]["pattern"], "mara.wearing = ")


def test_unknown_keys_are_refused_by_the_schema() -> None:
    schema = plan_schema()
    for part, model in ((schema, EpisodePlan), (schema["$defs"]["Scene"], Scene), (schema["$defs"]["Shot"], Shot)):
        assert set(part["properties"]) == set(model.model_fields)
        assert part["additionalProperties"] is False
    assert set(schema["required"]) == {"format", "title", "scenes"}
