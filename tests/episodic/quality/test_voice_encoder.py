"""The voice encoder on lines of the speech engine."""

from functools import cache, partial

import numpy as np
import pytest

from episodic.quality.recurrence import Appearance, find_recurrences
from episodic.quality.voice import VOICE_ENCODER, VoiceEncoder, hear, load_voice_encoder, voice_embedding, voice_of_lines
from episodic.sound.speech.engine import HibariSpeech
from episodic.sound.speech.voices import BASE_VOICES, cast_voice
from memory.model.canon import Voice
from memory.model.facts import StoryPosition
from planners.plan.vocabulary import Emotion

CAST = {name: BASE_VOICES[name] for name in ("warm-low", "bright", "gravel", "child", "metal", "airy", "crisp", "old")}
FIRST_LINE, SECOND_LINE = "Bring the lamp and come with me.", "How many years has it been, I wonder?"


@cache
def engine():
    return HibariSpeech()


@cache
def speech(text, voice, emotion="neutral"):
    return engine().say(text, voice, emotion).samples


def embedding(text, voice, emotion="neutral"):
    return voice_embedding(speech(text, voice, emotion), emotion)


def recurrences(before, after):
    """Recurrences of speakers. `before`, `after`: each speaker's voice in the first scene, and in the second in another emotion."""
    shown = [
        Appearance(
            entity=speaker,
            position=StoryPosition(1, scene),
            kind="voice",
            vector=tuple(map(float, embedding(text, voice, emotion))),
        )
        for scene, cast, text, emotion in ((1, before, FIRST_LINE, "neutral"), (2, after, SECOND_LINE, "happy"))
        for speaker, voice in cast.items()
    ]
    return find_recurrences(shown, [StoryPosition(1, 1), StoryPosition(1, 2)])


def test_a_vector_has_unit_length_and_its_encoder_a_version():
    vector = embedding(FIRST_LINE, Voice())
    assert vector.dtype == np.float32
    assert vector.shape == (load_voice_encoder().dimension,)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
    assert VoiceEncoder.name == VOICE_ENCODER


def test_the_same_line_gives_the_same_vector_at_any_level():
    samples = speech(FIRST_LINE, Voice())
    assert voice_embedding(samples) @ voice_embedding(samples * np.float32(0.2)) == pytest.approx(1, abs=0.01)


def test_a_speaker_is_recognised_by_another_line_in_another_emotion():
    assert all(recurrence.correct for recurrence in recurrences(CAST, CAST))


def test_swapped_voices_are_detected():
    swapped = {**CAST, "child": CAST["gravel"], "gravel": CAST["child"]}
    wrong = {recurrence.entity: recurrence.nearest for recurrence in recurrences(CAST, swapped) if not recurrence.correct}
    assert wrong == {"child": "gravel", "gravel": "child"}


def test_a_newly_cast_voice_is_less_similar():
    cast = partial(cast_voice, kind="human", description="an old woman", base=None, pitch=None, rate=None, seed=1)
    voice = cast()
    anew = cast(taken=(voice,))
    before = embedding(FIRST_LINE, voice)
    assert before @ embedding(SECOND_LINE, voice) > before @ embedding(SECOND_LINE, anew) + 0.1


def test_a_frightened_voice_is_more_similar_than_another_voice_at_the_same_pitch():
    """Fear raises the pitch by 14 %; another voice that is always that much higher is still another voice."""
    calm, afraid = embedding(FIRST_LINE, Voice()), embedding(SECOND_LINE, Voice(), "afraid")
    higher = embedding(SECOND_LINE, Voice(pitch=1.14, formant=1.08))
    assert calm @ afraid > calm @ higher


def test_a_known_emotion_makes_two_lines_of_one_voice_more_similar():
    emotions: tuple[Emotion, ...] = ("happy", "sad", "afraid", "angry", "surprised", "tender")
    calm = embedding(FIRST_LINE, Voice())
    known = [calm @ voice_embedding(speech(SECOND_LINE, Voice(), emotion), emotion) for emotion in emotions]
    unknown = [calm @ voice_embedding(speech(SECOND_LINE, Voice(), emotion)) for emotion in emotions]
    assert np.mean(known) > np.mean(unknown) + 0.03


@pytest.mark.parametrize("mouth", [{"tilt": 1.5}, {"throat": 1.1}, {"nasal": 0.6}])
def test_another_shape_of_the_vocal_tract_is_another_voice(mouth):
    calm = embedding(FIRST_LINE, Voice())
    assert calm @ embedding(SECOND_LINE, Voice(), "happy") > calm @ embedding(SECOND_LINE, Voice(**mouth), "happy") + 0.1


def test_one_vector_of_several_lines_is_more_similar_than_those_of_single_lines():
    spoken: tuple[tuple[str, Emotion], ...] = ((FIRST_LINE, "sad"), (SECOND_LINE, "happy"), (FIRST_LINE, "angry"))
    lines = [(speech(text, Voice(), emotion), emotion) for text, emotion in spoken]
    together = voice_of_lines(lines)
    calm = embedding("I promised to be there before noon, and the clock has stopped.", Voice())
    assert np.linalg.norm(together) == pytest.approx(1, abs=1e-5)
    assert calm @ together > np.mean([calm @ voice_embedding(*line) for line in lines])
    assert voice_of_lines(lines[:1]) == pytest.approx(voice_embedding(*lines[0]), abs=1e-6)


def test_no_lines_have_no_vector():
    with pytest.raises(ValueError, match="nothing is heard"):
        voice_of_lines([])


def test_a_single_short_word_has_a_vector():
    assert np.linalg.norm(embedding("No.", Voice())) == pytest.approx(1, abs=1e-5)
    assert np.linalg.norm(voice_embedding(speech(FIRST_LINE, Voice())[4800:7200])) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("samples", [np.zeros(48_000, np.float32), np.zeros(0, np.float32)])
def test_silence_has_no_vector(samples):
    with pytest.raises(ValueError, match="nothing is heard"):
        voice_embedding(samples)


def test_features_are_finite_and_leave_out_silence():
    samples = speech(FIRST_LINE, Voice())
    quiet = np.concatenate([samples, np.zeros(48_000, np.float32)])
    frames, longer = hear(samples), hear(quiet)
    assert frames.shape[1] == 51
    assert np.isfinite(frames).all()
    assert abs(len(longer) - len(frames)) <= 5


def test_only_the_beginning_of_a_long_line_is_analysed():
    long = np.tile(speech(FIRST_LINE, Voice()), 8)
    assert len(hear(long)) <= 301
