"""Spoken lines on disk. Format `episodic/speech@1`: one safetensors file with samples and lips, its phonemes in the metadata."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

from episodic.backbones.speech_cue import Spoken
from episodic.production.files.names import SPEECH_FILE

__all__ = ["SPEECH_FORMAT", "read_speech", "write_speech"]

SPEECH_FORMAT: Final = "episodic/speech@1"


def write_speech(folder: Path, spoken: Spoken, phonemes: Iterable[tuple[str, float, float]]) -> None:
    """Write a spoken line into an artifact's folder. `phonemes`: symbol, start and end in seconds."""
    record = json.dumps({"format": SPEECH_FORMAT, "phonemes": [list(phoneme) for phoneme in phonemes]})
    arrays = {"samples": spoken.samples, "lips": np.ascontiguousarray(spoken.lips)}
    save_file(arrays, folder / SPEECH_FILE, metadata={"episodic": record})


def read_speech(folder: Path) -> Spoken:
    """Read the spoken line in an artifact's folder."""
    with safe_open(folder / SPEECH_FILE, framework="np") as file:
        return Spoken(samples=file.get_tensor("samples"), lips=file.get_tensor("lips"))
