from dataclasses import fields
from itertools import combinations
from typing import get_args

import numpy as np
import pytest

from episodic.sound.speech.voices import BASE_VOICES, NARRATOR_VOICE, VOICE_LIMITS, cast_voice, voice_distance
from memory.model.canon import Character, Voice
from memory.model.entities import entity_of
from memory.model.facts import FactValue
from memory.model.records import EntityRecord
from planners.plan.vocabulary import VOICE_BASES, VoiceBase


def cast(description, kind="human", base=None, pitch=None, rate=None, seed=1, taken=()):
    return cast_voice(kind=kind, description=description, base=base, pitch=pitch, rate=rate, seed=seed, taken=taken)


def test_every_base_name_of_the_plan_is_a_voice():
    assert set(BASE_VOICES) == set(VOICE_BASES) == set(get_args(VoiceBase))


def test_casting_is_deterministic_and_depends_on_the_seed():
    assert cast("old keeper") == cast("old keeper")
    assert cast("old keeper") != cast("old keeper", seed=2)


def test_the_words_of_a_description_shape_the_voice():
    assert cast("a boy of nine").pitch > 1.15 > cast("a grandfather, he is tall").pitch
    assert cast("an old woman").rate < cast("a young woman").rate
    assert cast("a giant of a man").formant < cast("a small woman").formant
    assert cast("the voice of a storm", kind="spirit").effect == "ghost"
    assert cast("a shy helper", kind="robot").effect == "robot"
    assert cast("a tiny mouse", kind="animal").effect == "tiny"


@pytest.mark.parametrize(
    ("name", "deep"), [("Rosa, a baker", False), ("Otto, a baker", True), ("Eleanor's maid", False), ("Sir Hugh", True)]
)
def test_a_name_or_title_sets_the_register_of_an_undescribed_character(name, deep):
    assert (cast(name).pitch < 0.8) is deep


def test_user_values_are_kept_even_if_other_voices_are_close():
    taken = [Voice(pitch=0.9), Voice(pitch=0.91, formant=1.01)]
    voice = cast("a woman", pitch=0.9, rate=1.0, taken=taken)
    assert voice.pitch == 0.9
    assert voice.rate == 1.0
    assert min(voice_distance(voice, other) for other in taken) > 2.0


def test_twelve_equal_descriptions_get_distinct_voices():
    taken = [NARRATOR_VOICE]
    for number in range(12):
        taken.append(cast("a woman", seed=number, taken=tuple(taken)))
    assert min(voice_distance(a, b) for a, b in combinations(taken, 2)) > 1.8


def test_a_base_is_recognisable_after_casting():
    voice = cast("a little girl", base="deep")
    assert voice.pitch < 0.6
    assert voice_distance(voice, BASE_VOICES["deep"]) < 0.5


def test_no_voice_leaves_its_limits():
    for seed in range(30):
        voice = cast(
            "an old tiny little mouse with a high voice, shy and gentle",
            kind="animal",
            seed=seed,
            taken=[BASE_VOICES["tiny"]] * 3,
        )
        for name, (least, most) in VOICE_LIMITS.items():
            assert least <= getattr(voice, name) <= most


def test_every_quality_of_a_voice_has_its_limits():
    assert {field.name for field in fields(Voice)} - {"effect"} == set(VOICE_LIMITS)


def test_the_words_of_a_description_shape_the_mouth():
    assert cast("a woman, brassy and loud").tilt > 0.5 > cast("a shy woman").tilt
    assert cast("a gruff man").throat < cast("a tall man").throat
    assert cast("a pompous man", seed=3).nasal > cast("a man", seed=3).nasal


def test_two_dozen_voices_are_clearly_apart_and_men_stay_lower_than_women():
    taken = [NARRATOR_VOICE]
    for number in range(24):
        taken.append(
            cast(("a tall man", "a young woman", "an old man", "a small woman")[number % 4], seed=number, taken=tuple(taken))
        )
    assert min(voice_distance(a, b) for a, b in combinations(taken, 2)) > 2.2
    men, women = taken[1::2], taken[2::2]
    assert np.mean([voice.pitch for voice in men]) < 0.75 * np.mean([voice.pitch for voice in women])


def test_a_stored_voice_without_mouth_qualities_gets_neutral_ones():
    stored: FactValue = {"pitch": 0.8, "formant": 0.9, "rate": 1.0, "range": 1.0, "breath": 0.1, "effect": "none"}
    known = entity_of(EntityRecord(id="mara", kind="character", character_kind="human"), {"name": "Mara", "voice": stored})
    assert isinstance(known, Character)
    assert (known.voice.tilt, known.voice.throat, known.voice.nasal) == (0.0, 1.0, 0.0)
    assert known.voice.pitch == 0.8
