"""The table of memories and models in the documentation equals the adapters' capabilities."""

from pathlib import Path

import pytest

from episodic.backbones.cards import Cards
from episodic.backbones.stage.backbone import Stage
from episodic.lab.backbone_bench.capability_table import (
    capability_forms,
    capability_table,
    delivered_forms,
    open_tiny_models,
    with_table,
)
from episodic.lab.backbone_bench.models import TINY_MODELS

DOCUMENT = Path(__file__).parents[3] / "docs" / "backbones.md"


def record(*deliveries: dict[str, str]) -> dict[str, object]:
    defaults = {"delivered": None, "dropped": None, "error": ""}
    return {"shots": [{"deliveries": [{**defaults, **delivery} for delivery in deliveries]}]}


def test_the_table_in_the_documentation_equals_the_capabilities_of_the_adapters(tmp_path: Path) -> None:
    text = DOCUMENT.read_text("utf-8")
    models = open_tiny_models(tmp_path)
    table = capability_table(models)
    assert {name: model.capabilities.needs_first_frame for name, model in models.items()} == {
        name: model.begins_with_picture for name, model in TINY_MODELS.items()
    }
    assert text == with_table(text, table), "python -m episodic.lab.backbone_bench.capability_table docs/backbones.md"


def test_a_document_without_marks_for_the_table_is_rejected() -> None:
    with pytest.raises(ValueError, match="begin"):
        with_table("no marks", ["| a |"])


def test_stage_takes_looks_as_drawings_and_movement_as_tokens() -> None:
    forms = capability_forms(Stage())
    assert (forms["look"], forms["motion"], forms["picture"]) == ("drawn", "tokens", None)
    assert {form for kind, form in capability_forms(Cards()).items() if kind != "voice"} == {None}


def test_a_delivery_record_gives_the_channel_of_each_kind_of_memory() -> None:
    look = {"kind": "look", "delivered": "text"}
    lost = {"kind": "frames", "delivered": "frames", "error": "the take did not receive it"}
    full = {"kind": "thread", "dropped": "budget"}
    assert delivered_forms(record(look, look, lost, full, {"kind": "light", "dropped": "no slot"})) == {
        "look": "text",
        "frames": None,
        "light": None,
    }


def test_one_kind_of_memory_by_two_channels_is_an_error() -> None:
    with pytest.raises(ValueError, match="look"):
        delivered_forms(record({"kind": "look", "delivered": "text"}, {"kind": "look", "delivered": "drawn"}))
