"""The protocol of speech engines: from a line of text and a voice to samples and phoneme times.

`HibariSpeech` is the real engine, `ToneSpeech` the fake that ships.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from episodic.sound.speech.hibari import HibariSpeech
from episodic.sound.speech.tone import ToneSpeech
from episodic.sound.speech.utterance import Phoneme, Utterance
from memory.model.canon import Voice
from planners.plan.vocabulary import Emotion

__all__ = ["HibariSpeech", "Phoneme", "Speech", "ToneSpeech", "Utterance"]


@runtime_checkable
class Speech(Protocol):
    """Synthesises lines of dialogue."""

    @property
    def version(self) -> str:
        """Changes whenever the same line gets other samples."""
        ...

    def say(self, text: str, voice: Voice, emotion: Emotion) -> Utterance:
        """Synthesise `text`. Deterministic in its arguments. Raises SpeechError if the text contains no word or no engine is installed."""
        ...
