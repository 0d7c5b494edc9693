from functools import cache

import numpy as np
import pytest

from episodic.quality.recurrence import Appearance, find_recurrences
from episodic.quality.voice import VOICE_ENCODER, VoiceEncoder, hear, load_voice_encoder, voice_embedding, voice_of_lines
from episodic.sound.speech.engine import HibariSpeech
from episodic.sound.speech.voices import BASE_VOICES, cast_voice
from memory.model.canon import Voice
from memory.model.facts import StoryPosition

CAST = {name: BASE_VOICES[name] for name in ("warm-low", "bright", "gravel", "child", "metal", "airy", "crisp", "old")}
ONE, OTHER = "Bring the lamp and come with me.", "How many years has it been, I wonder?"


@cache
def engine():
    return HibariSpeech()


@cache
def said(text, voice, emotion="neutral"):
    return engine().say(text, voice, emotion).samples


def embedding(text, voice, emotion="neutral"):
    return voice_embedding(said(text, voice, emotion), emotion)


def recurrences(before, after):
    """Both map a name to a voice: who spoke in the first scene, and as who they speak in the second, in another mood."""
    shown = [
        Appearance(
            entity=who, position=StoryPosition(1, scene), kind="voice", vector=tuple(map(float, embedding(text, voice, mood)))
        )
        for scene, cast, text, mood in ((1, before, ONE, "neutral"), (2, after, OTHER, "happy"))
        for who, voice in cast.items()
    ]
    return find_recurrences(shown, [StoryPosition(1, 1), StoryPosition(1, 2)])


def test_a_vector_has_length_one_and_its_encoder_a_version():
    vector = embedding(ONE, Voice())
    assert vector.dtype == np.float32
    assert vector.shape == (load_voice_encoder().dimension,)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
    assert VoiceEncoder.name == VOICE_ENCODER


def test_the_same_line_gives_the_same_vector_at_any_level():
    samples = said(ONE, Voice())
    assert voice_embedding(samples) @ voice_embedding(samples * np.float32(0.2)) == pytest.approx(1, abs=0.01)


def test_somebody_is_known_again_by_another_line_in_another_mood():
    assert all(one.correct for one in recurrences(CAST, CAST))


def test_voices_that_were_swapped_are_found():
    swapped = {**CAST, "child": CAST["gravel"], "gravel": CAST["child"]}
    wrong = {one.entity: one.nearest for one in recurrences(CAST, swapped) if not one.correct}
    assert wrong == {"child": "gravel", "gravel": "child"}


def test_a_voice_cast_anew_is_less_alike():
    described = {"kind": "human", "description": "an old woman", "base": None, "pitch": None, "rate": None}
    voice, anew = cast_voice(**described, seed=1), cast_voice(**described, seed=1, taken=(cast_voice(**described, seed=1),))
    before = embedding(ONE, voice)
    assert before @ embedding(OTHER, voice) > before @ embedding(OTHER, anew) + 0.1


def test_pitch_alone_does_not_make_somebody_else_when_they_are_afraid():
    """Fear raises the pitch by 14 %; whose voice is that much higher anyway is still somebody else."""
    calm, afraid = embedding(ONE, Voice()), embedding(OTHER, Voice(), "afraid")
    higher = embedding(OTHER, Voice(pitch=1.14, formant=1.08))
    assert calm @ afraid > calm @ higher


def test_knowing_the_emotion_makes_two_lines_of_one_voice_more_alike():
    moods = ("happy", "sad", "afraid", "angry", "surprised", "tender")
    calm = embedding(ONE, Voice())
    told = [calm @ voice_embedding(said(OTHER, Voice(), mood), mood) for mood in moods]
    untold = [calm @ voice_embedding(said(OTHER, Voice(), mood)) for mood in moods]
    assert np.mean(told) > np.mean(untold) + 0.03


@pytest.mark.parametrize("mouth", [{"tilt": 1.5}, {"throat": 1.1}, {"nasal": 0.6}])
def test_the_shape_of_the_mouth_alone_makes_somebody_else(mouth):
    calm = embedding(ONE, Voice())
    assert calm @ embedding(OTHER, Voice(), "happy") > calm @ embedding(OTHER, Voice(**mouth), "happy") + 0.1


def test_all_lines_of_somebody_are_one_vector_that_tells_more_than_one_line():
    lines = [(said(text, Voice(), mood), mood) for text, mood in ((ONE, "sad"), (OTHER, "happy"), (ONE, "angry"))]
    together = voice_of_lines(lines)
    calm = embedding("I promised to be there before noon, and the clock has stopped.", Voice())
    assert np.linalg.norm(together) == pytest.approx(1, abs=1e-5)
    assert calm @ together > np.mean([calm @ voice_embedding(*one) for one in lines])
    assert voice_of_lines(lines[:1]) == pytest.approx(voice_embedding(*lines[0]), abs=1e-6)


def test_nobody_speaks_where_there_are_no_lines():
    with pytest.raises(ValueError, match="nothing is heard"):
        voice_of_lines([])


def test_a_single_short_word_is_enough_to_have_a_vector():
    assert np.linalg.norm(embedding("No.", Voice())) == pytest.approx(1, abs=1e-5)
    assert np.linalg.norm(voice_embedding(said(ONE, Voice())[4800:7200])) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("samples", [np.zeros(48_000, np.float32), np.zeros(0, np.float32)])
def test_silence_is_nobody(samples):
    with pytest.raises(ValueError, match="nothing is heard"):
        voice_embedding(samples)


def test_what_is_heard_is_finite_and_silence_is_left_out():
    samples = said(ONE, Voice())
    quiet = np.concatenate([samples, np.zeros(48_000, np.float32)])
    frames, longer = hear(samples), hear(quiet)
    assert frames.shape[1] == 51
    assert np.isfinite(frames).all()
    assert abs(len(longer) - len(frames)) <= 5


def test_only_the_beginning_of_a_long_speech_is_listened_to():
    long = np.tile(said(ONE, Voice()), 8)
    assert len(hear(long)) <= 301
