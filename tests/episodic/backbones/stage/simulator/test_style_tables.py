"""The tables of motion styles, light styles and expressions are complete and consistent."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from episodic.backbones.stage.simulator import motion_style
from episodic.backbones.stage.simulator.motion_style import LightStyle, MotionStyle, random_light_style, random_motion_style
from episodic.backbones.stage.simulator.pose_library import FACES, KEY_POSES
from episodic.looks.data_files import read_rows
from memory.model.canon import CHARACTER_KINDS, CharacterKind
from planners.plan.vocabulary import ACTIONS, EMOTIONS

DATA = Path(motion_style.__file__).with_name("data")
MOTION = {field.name for field in fields(MotionStyle)}
LIGHT = {field.name for field in fields(LightStyle)}


def test_every_parameter_has_a_range() -> None:
    rows = read_rows("style_ranges.tsv", motion_style._Range, DATA)
    assert {owner for owner, _ in rows} <= {"anyone", "place", *CHARACTER_KINDS}
    assert [row.parameter for owner, row in rows if owner == "anyone"] == [field.name for field in fields(MotionStyle)]
    assert [row.parameter for owner, row in rows if owner == "place"] == [field.name for field in fields(LightStyle)]
    assert all(row.low <= row.high for _, row in rows)
    assert {row.parameter for owner, row in rows if owner in CHARACTER_KINDS} <= MOTION


def test_words_are_patterns_that_pull_known_parameters() -> None:
    rows = read_rows("style_words.tsv", motion_style._Pull, DATA)
    for owner, row in rows:
        re.compile(row.words)
        assert row.parameter in (MOTION if owner == "character" else LIGHT)


@pytest.mark.parametrize("kind", CHARACTER_KINDS)
def test_random_styles_lie_in_the_ranges_of_their_kind(kind: CharacterKind) -> None:
    style = random_motion_style(np.random.default_rng(1), kind)
    ranges = {**motion_style._ranges("anyone"), **motion_style._ranges(kind)}
    assert all(low <= getattr(style, name) <= high for name, (low, high) in ranges.items())
    assert 0 <= random_light_style(np.random.default_rng(1)).haze <= 0.55


def test_every_emotion_has_an_expression_and_every_action_key_poses() -> None:
    assert set(FACES) == set(EMOTIONS)
    assert set(KEY_POSES) == set(ACTIONS)
    assert not FACES["neutral"]
    assert all(FACES[emotion] for emotion in EMOTIONS if emotion != "neutral")
