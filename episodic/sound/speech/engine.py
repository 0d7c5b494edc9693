"""Speech: a line of text and a voice go in, samples and phoneme times come out.

`Speech` is the edge; `HibariSpeech` is the real engine and `ToneSpeech` the fake that ships.
"""

from __future__ import annotations

from typing import Protocol

from episodic.sound.speech.hibari import HibariSpeech
from episodic.sound.speech.tone import ToneSpeech
from episodic.sound.speech.utterance import Phoneme, Utterance
from memory.model.canon import Voice
from planners.plan.vocabulary import Emotion

__all__ = ["HibariSpeech", "Phoneme", "Speech", "ToneSpeech", "Utterance"]


class Speech(Protocol):
    """Says lines."""

    @property
    def version(self) -> str:
        """Changes whenever the same line would sound otherwise."""
        ...

    def say(self, text: str, voice: Voice, emotion: Emotion) -> Utterance:
        """Speak `text`. Deterministic in its arguments. Raises SpeechError if there is nothing to say or no engine."""
        ...
