"""Requests and takes of shots, for tests."""

from typing import Any

import numpy as np

from episodic.backbones.footage import Footage
from episodic.backbones.request import Mark, Performer, Setting, ShotRequest
from episodic.backbones.speech_cue import SpeechCue
from episodic.backbones.take import Take

__all__ = ["footage_of", "performer", "request_of", "speech_cue"]


def performer(name: str = "mara", **changes: Any) -> Performer:
    """Return a performer who stands in the middle."""
    fields: dict[str, Any] = {"kind": "human", "look": {}, "motion": (), "start": Mark(x=0, z=2), "end": Mark(x=0, z=2)}
    return Performer(id=name, **{**fields, **changes})


def speech_cue(speaker: str = "mara", start_s: float = 0.3, seconds: float = 0.5, samples: bool = False) -> SpeechCue:
    """Return a line: lips that open and close twice a second, and with `samples` a tone of that length."""
    ticks = np.arange(round(seconds * 24)) / 24
    opening = 0.5 - 0.5 * np.cos(4 * np.pi * ticks)
    lips = np.stack([opening, np.zeros_like(opening), opening], axis=1).astype(np.float32)
    tone = np.sin(np.arange(round(seconds * 48_000)) * 2 * np.pi * 220 / 48_000).astype(np.float32) * 0.2
    return SpeechCue(speaker=speaker, emotion="neutral", start_s=start_s, lips=lips, samples=tone if samples else None)


def request_of(shot_id: str = "s01.1", **changes: Any) -> ShotRequest:
    """Request a second of a medium shot of Mara at 12 frames per second."""
    fields: dict[str, Any] = {
        "seed": 7,
        "frames": 12,
        "fps": 12,
        "width": 96,
        "height": 64,
        "style": "storybook",
        "size": "medium",
        "camera": "static",
        "setting": Setting(location="shore", look={}),
        "performers": (performer(),),
        "focus": ("mara",),
    }
    return ShotRequest(shot_id=shot_id, **{**fields, **changes})


def footage_of(take: Take) -> Footage:
    """Return the frames of a take that was sampled as pixels."""
    assert take.footage is not None
    return take.footage
