"""The table of memories and models in the documentation equals the adapters' capabilities."""

from pathlib import Path

import pytest

from episodic.backbones.cards import Cards
from episodic.backbones.stage.backbone import Stage
from episodic.lab.backbone_bench.capability_table import (
    capability_forms,
    capability_table,
    delivered_forms,
    tiny_capabilities,
    with_table,
)
from episodic.lab.backbone_bench.models import TINY_MODELS

DOCUMENT = Path(__file__).parents[3] / "docs" / "backbones.md"


def record(*deliveries):
    defaults = {"delivered": None, "dropped": None, "error": ""}
    return {"shots": [{"deliveries": [{**defaults, **delivery} for delivery in deliveries]}]}


def test_the_table_in_the_documentation_is_of_these_adapters(tmp_path):
    text = DOCUMENT.read_text("utf-8")
    capabilities = tiny_capabilities(tmp_path)
    table = capability_table(capabilities)
    assert {name: can.needs_first_frame for name, can in capabilities.items()} == {
        name: model.begins_with_picture for name, model in TINY_MODELS.items()
    }
    assert text == with_table(text, table), "python -m episodic.lab.backbone_bench.capability_table docs/backbones.md"


def test_a_document_without_a_place_for_the_table_is_refused():
    with pytest.raises(ValueError, match="begin"):
        with_table("no marks", ["| a |"])


def test_what_draws_and_plays_takes_looks_as_drawings_and_movement_as_tokens():
    ways = capability_forms(Stage().capabilities)
    assert (ways["look"], ways["motion"], ways["picture"]) == ("drawn", "tokens", None)
    assert {way for kind, way in capability_forms(Cards().capabilities).items() if kind != "voice"} == {None}


def test_a_record_tells_as_what_each_kind_arrived():
    look = {"kind": "look", "delivered": "text"}
    lost = {"kind": "frames", "delivered": "frames", "error": "the take did not receive it"}
    full = {"kind": "thread", "dropped": "budget"}
    assert delivered_forms(record(look, look, lost, full, {"kind": "light", "dropped": "no slot"})) == {
        "look": "text",
        "frames": None,
        "light": None,
    }


def test_one_kind_that_arrived_in_two_ways_is_an_error():
    with pytest.raises(ValueError, match="look"):
        delivered_forms(record({"kind": "look", "delivered": "text"}, {"kind": "look", "delivered": "drawn"}))
