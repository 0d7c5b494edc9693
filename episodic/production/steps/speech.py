"""Speech: every line is spoken before any picture is made, because its length sets the shot's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, ClassVar

from episodic.backbones.speech_cue import Spoken
from episodic.production.blueprint import ShotBlueprint
from episodic.production.files.speech_file import write_speech
from episodic.production.graph.step import Cost, Step, Task, register
from episodic.production.graph.step_run import StepRun
from episodic.production.steps.parts.shot_inputs import speech_ids
from episodic.sound import SPEECH_VERSION
from memory.model.canon import Voice
from planners.plan.durations import line_seconds
from planners.plan.vocabulary import Emotion

if TYPE_CHECKING:
    from episodic.sound.speech.engine import HibariSpeech

__all__ = ["Speech"]


@register
@dataclass(frozen=True, kw_only=True)
class Speech(Step):
    """Speak one line: samples, phonemes with their times, and the lips that go with them."""

    kind: ClassVar = "speech"
    flow: ClassVar = 30
    label: ClassVar = "speech"
    noun: ClassVar = "line"
    cost: ClassVar = Cost(seconds=0.1, per_second=0.12)

    text: str
    emotion: Emotion
    voice: Voice

    @classmethod
    def for_shot(cls, shot: ShotBlueprint) -> Iterator[Task]:
        """One task for each line of the shot."""
        for name, line in zip(speech_ids(shot.shot), shot.shot.lines, strict=True):
            step = cls(text=line.text, emotion=line.emotion, voice=shot.episode.cast.voice(line.speaker))
            length_s = line_seconds(line.text)
            yield Task(id=name, step=step, version=SPEECH_VERSION, scene=shot.scene.id, shot=shot.id, length_s=length_s)

    def perform(self, run: StepRun) -> None:
        """Write the spoken line."""
        from episodic.sound.speech.lips import lip_track  # the sound libraries stay out of planning

        utterance = _engine().say(self.text, self.voice, self.emotion)
        phonemes = ((phoneme.symbol, phoneme.start_s, phoneme.end_s) for phoneme in utterance.phonemes)
        write_speech(run.folder, Spoken(samples=utterance.samples, lips=lip_track(utterance)), phonemes)


@cache
def _engine() -> HibariSpeech:
    """The engine, kept for the life of the process: its voices are loaded once."""
    from episodic.sound.speech.engine import HibariSpeech

    return HibariSpeech()
