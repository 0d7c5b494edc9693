"""The lines of a shot: as they are planned, as they are spoken, and as they are heard in the shot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float32

from episodic.storage.json_object import JsonObject
from memory.model.facts import FactValue
from planners.plan.vocabulary import EMOTIONS, Emotion

__all__ = ["LIP_HZ", "PlannedLine", "SpeechCue", "Spoken"]

LIP_HZ: Final = 24
"""Rate of lip tracks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLine:
    """One line of a shot before it is spoken."""

    speaker: str
    emotion: Emotion

    def to_json(self) -> dict[str, FactValue]:
        """The line as it is stored."""
        return {"speaker": self.speaker, "emotion": self.emotion}

    @classmethod
    def from_json(cls, data: JsonObject) -> PlannedLine:
        """Inverse of `to_json`."""
        return cls(speaker=data.text("speaker"), emotion=data.choice("emotion", EMOTIONS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A spoken line."""

    samples: Float32[np.ndarray, " sample"]
    """At 48 kHz."""
    lips: Float32[np.ndarray, "tick 3"]
    """As in `SpeechCue`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechCue:
    """One line as heard in a shot. `lips` at 24 Hz: [:, 0] jaw opening 0..1, [:, 1] width -1 round..+1 spread, [:, 2] energy 0..1."""

    speaker: str
    emotion: Emotion
    start_s: float
    lips: Float32[np.ndarray, "tick 3"]
    samples: Float32[np.ndarray, " sample"] | None = None
    """The line itself at 48 kHz, for a backbone that takes speech; never stored with the take."""

    @classmethod
    def of(cls, line: PlannedLine, start_s: float, spoken: Spoken) -> SpeechCue:
        """The cue of a line that has been spoken."""
        return cls(speaker=line.speaker, emotion=line.emotion, start_s=start_s, lips=spoken.lips, samples=spoken.samples)

    def to_json(self) -> dict[str, FactValue]:
        """The cue as a take stores it: without its arrays."""
        return {"speaker": self.speaker, "emotion": self.emotion, "start_s": self.start_s}

    @classmethod
    def from_json(cls, data: JsonObject, lips: Float32[np.ndarray, "tick 3"]) -> SpeechCue:
        """Inverse of `to_json`."""
        return cls(
            speaker=data.text("speaker"), emotion=data.choice("emotion", EMOTIONS), start_s=data.number("start_s"), lips=lips
        )
