"""Stored JSON objects: fields are read as the types that the format states, and anything else is refused by name."""

import json
from collections.abc import Callable
from typing import Final

import pytest

from episodic.storage.json_object import JsonObject

STORED: Final = {
    "name": "mara",
    "seed": 7,
    "x": 0,
    "z": 1.5,
    "shown": True,
    "focus": ["mara"],
    "motion": [0, 0.5],
    "look": {"hair": "grey"},
    "looks_at": None,
    "marks": [{"x": 1}],
    "by_name": {"mara": {"x": 2}},
}


def test_fields_are_read_as_they_are_stored() -> None:
    data = JsonObject.parse(json.dumps(STORED))
    assert (data.text("name"), data.integer("seed"), data.number("z"), data.flag("shown")) == ("mara", 7, 1.5, True)
    assert (data.texts("focus"), data.numbers("motion"), data.values("look")) == (("mara",), (0, 0.5), {"hair": "grey"})
    assert data.choice("name", ("pip", "mara")) == "mara"
    assert data.object("look").text("hair") == "grey"
    assert [mark.integer("x") for mark in data.objects("marks")] == [1]
    assert data.named_objects("by_name")["mara"].integer("x") == 2


def test_a_whole_number_stays_whole() -> None:
    assert json.dumps([JsonObject(STORED).number("x"), *JsonObject(STORED).numbers("motion")]) == "[0, 0, 0.5]"


def test_a_missing_field_takes_its_default() -> None:
    data = JsonObject({})
    assert (data.get("a"), data.text("a", ""), data.flag("a", False), data.choice("a", ("b", "c"), "c")) == (None, "", False, "c")
    assert (data.texts("a", optional=True), data.objects("a", optional=True), data.values("a", optional=True)) == ((), (), {})
    assert data.object_or_none("a") is None
    assert JsonObject(STORED).object_or_none("looks_at") is None


@pytest.mark.parametrize(
    "read",
    [
        lambda data: data.text("seed"),
        lambda data: data.text("missing"),
        lambda data: data.integer("shown"),
        lambda data: data.integer("z"),
        lambda data: data.number("shown"),
        lambda data: data.number("name"),
        lambda data: data.flag("seed"),
        lambda data: data.choice("name", ("pip",)),
        lambda data: data.entries("look"),
        lambda data: data.texts("motion"),
        lambda data: data.numbers("focus"),
        lambda data: data.values("focus"),
        lambda data: data.object("looks_at"),
        lambda data: data.objects("focus"),
        lambda data: data.named_objects("look"),
    ],
)
def test_a_field_of_another_type_is_refused(read: Callable[[JsonObject], object]) -> None:
    with pytest.raises(ValueError, match="expected"):
        read(JsonObject(STORED))


@pytest.mark.parametrize("text", ["[]", "3", '"text"', "{"])
def test_a_text_that_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected|Expecting"):
        JsonObject.parse(text)
