"""Features, palettes and shapes keep their values on the way to a stored look and back."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from episodic.looks.place_catalog import PLACES
from episodic.looks.place_kinds import Feature
from episodic.looks.places import location_look, read_look
from memory.model.facts import FactValue


@pytest.mark.parametrize("place", sorted(PLACES))
def test_a_feature_of_the_catalogue_survives_its_json(place: str) -> None:
    for feature in PLACES[place].features:
        restored = Feature.from_json(json.loads(json.dumps(feature.to_json())))
        assert restored is not None
        assert restored.to_json() == feature.to_json()


@pytest.mark.parametrize("place", sorted(PLACES))
def test_a_stored_look_is_read_as_it_was_made(place: str) -> None:
    look = location_look(name=PLACES[place].words[0], description="", seed=5)
    checked = read_look(json.loads(json.dumps(look)), place)
    assert checked.place == look["place"]
    assert checked.palette.to_json() == look["palette"]
    assert checked.shape.to_json() == look["shape"]
    assert [feature.to_json() for feature in checked.features] == look["features"]


@pytest.mark.parametrize(
    "value",
    [
        None,
        3,
        {"x": 1.0},
        {"kind": 7},
        {"kind": "door", "x": "left"},
        {"kind": "door", "z": None},
        {"kind": "door", "w": float("nan")},
    ],
)
def test_a_damaged_feature_is_left_out(value: FactValue) -> None:
    assert Feature.from_json(value) is None


def test_a_feature_takes_defaults_for_missing_values() -> None:
    assert Feature.from_json({"kind": "door", "lit": 1, "seed": "many", "later": True}) == Feature(kind="door", lit=True)


def test_looks_load_no_drawing_library() -> None:
    code = (
        "import sys, episodic.looks.look, episodic.looks.places, episodic.looks.explain;"
        "print([name for name in sys.modules if name.split('.')[0] in ('skia', 'torch') or 'painter' in name])"
    )
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert loaded.strip() == "[]"
