"""Synthesised speech: samples and phoneme times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from episodic.sound.audio import SAMPLE_RATE

__all__ = ["Phoneme", "Utterance"]


@dataclass(frozen=True, slots=True)
class Phoneme:
    """One speech sound. `symbol` is IPA as the engine writes it, diphthongs as one capital letter (A I O W Y)."""

    symbol: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Utterance:
    """One spoken line, trimmed to its speech. Times count from the first sample; gaps between phonemes are pauses."""

    samples: Float32[np.ndarray, " sample"]
    phonemes: tuple[Phoneme, ...]

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return len(self.samples) / SAMPLE_RATE
