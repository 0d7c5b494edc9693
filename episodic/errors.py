"""Errors of making an episode. The whole tree hangs from `memory.errors.EpisodicError`.

EpisodicError
├── InputError            the user's words are wrong: an unknown style, size, backbone, folder (exit code 2)
├── BackboneError         a backbone cannot be had, or cannot shoot what was asked
├── SpeechError           the speech engine or a voice cannot be had
├── SeriesBusy            another process is rendering this series
└── TaskFailed            a task of the production graph failed; carries which one and why
"""

from __future__ import annotations

from memory.errors import EpisodicError

__all__ = ["BackboneError", "InputError", "SeriesBusy", "SpeechError", "TaskFailed"]


class InputError(EpisodicError):
    """What the user asked for cannot be understood or does not exist."""

    exit_code = 2


class BackboneError(EpisodicError):
    """A backbone cannot be had, or cannot shoot what was asked."""


class SpeechError(EpisodicError):
    """The speech engine or a voice cannot be had."""


class SeriesBusy(EpisodicError):
    """Another process is rendering this series."""


class TaskFailed(EpisodicError):
    """A task of the production graph failed."""
