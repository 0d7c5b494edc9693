from itertools import combinations
from typing import get_args

import pytest

from episodic.sound.voices import BASE_VOICES, NARRATOR_VOICE, cast_voice, voice_distance
from memory.canon import Voice
from planners.vocabulary import VOICE_BASES, VoiceBase


def cast(description, kind="human", base=None, pitch=None, rate=None, seed=1, taken=()):
    return cast_voice(kind=kind, description=description, base=base, pitch=pitch, rate=rate, seed=seed, taken=taken)


def test_every_base_name_of_the_plan_is_a_voice():
    assert set(BASE_VOICES) == set(VOICE_BASES) == set(get_args(VoiceBase))


def test_a_voice_is_the_same_every_time_and_another_for_another_seed():
    assert cast("old keeper") == cast("old keeper")
    assert cast("old keeper") != cast("old keeper", seed=2)


def test_the_words_decide_how_somebody_sounds():
    assert cast("a boy of nine").pitch > 1.15 > cast("a grandfather, he is tall").pitch
    assert cast("an old woman").rate < cast("a young woman").rate
    assert cast("a giant of a man").formant < cast("a small woman").formant
    assert cast("the voice of a storm", kind="spirit").effect == "ghost"
    assert cast("a shy helper", kind="robot").effect == "robot"
    assert cast("a tiny mouse", kind="animal").effect == "tiny"


@pytest.mark.parametrize(
    ("name", "deep"), [("Rosa, a baker", False), ("Otto, a baker", True), ("Eleanor's maid", False), ("Sir Hugh", True)]
)
def test_a_name_or_title_tells_the_register_of_somebody_nobody_describes(name, deep):
    assert (cast(name).pitch < 0.8) is deep


def test_what_the_user_chose_is_kept_even_when_others_sound_alike():
    taken = [Voice(pitch=0.9), Voice(pitch=0.91, formant=1.01)]
    voice = cast("a woman", pitch=0.9, rate=1.0, taken=taken)
    assert voice.pitch == 0.9
    assert voice.rate == 1.0
    assert min(voice_distance(voice, other) for other in taken) > 0.9


def test_twelve_people_described_alike_are_told_apart():
    taken = [NARRATOR_VOICE]
    for number in range(12):
        taken.append(cast("a woman", seed=number, taken=tuple(taken)))
    assert min(voice_distance(a, b) for a, b in combinations(taken, 2)) > 0.8


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
        assert 0.45 <= voice.pitch <= 1.7
        assert 0.8 <= voice.formant <= 1.25
        assert 0.7 <= voice.rate <= 1.4
        assert 0.0 <= voice.breath <= 1.0
