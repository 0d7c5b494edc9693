"""The speech step: its inputs and its files."""

import dataclasses

from episodic.production.files.speech_file import read_speech
from episodic.production.graph.needs import Needs
from episodic.production.graph.step_run import StepRun
from episodic.production.steps.speech import Speech
from episodic.sound.audio import SAMPLE_RATE
from episodic.sound.speech.voices import NARRATOR_VOICE
from episodic.storage.artifacts import TemporaryArtifacts

LINE = Speech(text="Not tonight.", emotion="afraid", voice=NARRATOR_VOICE)


def test_a_spoken_line_has_samples_and_lips(tmp_path):
    with TemporaryArtifacts() as store:
        LINE.perform(StepRun(folder=tmp_path, folders=Needs(), store=store))
    spoken = read_speech(tmp_path)
    assert spoken.samples.dtype.name == "float32"
    assert 0.4 < len(spoken.samples) / SAMPLE_RATE < 3
    assert spoken.lips.shape[1] == 3


def test_text_emotion_and_voice_determine_a_line():
    assert LINE.to_json().keys() <= {"text", "emotion", "voice"}
    for change in ({"text": "Tonight."}, {"emotion": "happy"}, {"voice": dataclasses.replace(NARRATOR_VOICE, rate=0.9)}):
        assert dataclasses.replace(LINE, **change).to_json() != LINE.to_json()
