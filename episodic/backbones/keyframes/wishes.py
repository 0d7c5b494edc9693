"""Wishes for pictures that are made before any take exists: character sheets, props, place plates, a shot's first and last frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from episodic.backbones.request import ReferencePicture, Setting, ShotRequest
from memory.model.canon import CharacterKind
from memory.model.facts import FactValue
from planners.plan.vocabulary import Style

__all__ = ["CharacterWanted", "FramesWanted", "PlaceWanted", "PropWanted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterWanted:
    """A character sheet."""

    kind: CharacterKind
    look: Mapping[str, FactValue]
    style: Style
    prompts: Mapping[str, str] = field(default_factory=dict)
    """The prompt of each view (`conditioning.prompt.picture_prompt.view_prompts`); for picture models only."""
    seed: int = 0
    like: Path | None = None
    """The same character in other clothes, from the front; for picture models only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PropWanted:
    """A picture of a prop by itself."""

    look: Mapping[str, FactValue]
    style: Style
    prompt: str = ""
    """For picture models only (`conditioning.prompt.picture_prompt.prop_prompt`)."""
    seed: int = 0
    like: Path | None = None
    """The same prop as it looked before; for picture models only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceWanted:
    """The plate of a place."""

    setting: Setting
    style: Style
    prompt: str = ""
    size: tuple[int, int] = (1280, 720)
    """Width and height, or for picture models its shape."""
    seed: int = 0
    like: Path | None = None
    """The same place at another hour or in other weather; for picture models only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FramesWanted:
    """The first frame of a shot, the last, or both."""

    shot_id: str
    prompt: str
    references: tuple[ReferencePicture, ...]
    """Most important first."""
    size: tuple[int, int]
    """The film's width and height, which give its shape."""
    seed: int
    first: bool = True
    last: bool = False
    last_prompt: str = ""
    """Prompt of the last frame, whose last reference is the first frame; empty: the same as for the first."""
    played: ShotRequest | None = None
    """The shot as `stage` plays it; for the painter only."""
