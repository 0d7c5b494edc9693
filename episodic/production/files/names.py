"""Names of the files inside artifacts."""

from __future__ import annotations

from pathlib import Path
from typing import Final

__all__ = [
    "EMBEDDING_FILE",
    "FILM_FILE",
    "LOUDNESS_FILE",
    "MIX_FILE",
    "PICTURE_FILE",
    "RUSHES_FILE",
    "SPEECH_FILE",
    "STEMS",
    "SUBTITLE_FILES",
    "TAKE_FILE",
    "sound_beside",
    "stem_file",
]

EMBEDDING_FILE: Final = "embedding.json"
SPEECH_FILE: Final = "speech.safetensors"
RUSHES_FILE: Final = "rushes.safetensors"
TAKE_FILE: Final = "take.safetensors"
PICTURE_FILE: Final = "picture.mp4"
STEMS: Final = ("dialogue", "music", "ambience", "effects")
MIX_FILE: Final = "mix.flac"
LOUDNESS_FILE: Final = "loudness.json"
FILM_FILE: Final = "episode.mp4"
SUBTITLE_FILES: Final = ("episode.srt", "episode.vtt")


def stem_file(stem: str) -> str:
    """The file of a stem."""
    return f"{stem}.flac"


def sound_beside(picture: Path) -> Path:
    """The path of the sound that goes with a key frame, where there is one."""
    return picture.with_suffix(".safetensors")
