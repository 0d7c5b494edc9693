"""Match the look of a take to the first take of its scene: the layers of `episodic.consistency`, applied to its frames."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from jaxtyping import UInt8

from episodic.backbones.diffusers.sampling.develop import recorded_anchor
from episodic.backbones.protocol import Backbone
from episodic.backbones.request import ShotRequest
from episodic.backbones.take import Take
from episodic.consistency.colour import ColourAnchor, anchor_of
from episodic.consistency.finish import finish
from episodic.consistency.grain import GrainProfile, profile_of
from episodic.production.files.take_file import ShotTake
from episodic.series.shooting_settings import Layer

__all__ = ["match_scene_look"]

_SMALL_PX: Final = 180
"""Height at which colours are measured."""
_PROFILED: Final = 8
"""Frames of the anchor from which its grain is measured."""


def match_scene_look(
    backbone: Backbone, shot: ShotTake, anchor: ShotTake, layers: Sequence[Layer]
) -> Iterator[UInt8[np.ndarray, "height width 3"]]:
    """Yield the film frames of `shot`, corrected by `layers`. `anchor`: the scene's first take, which may be the shot itself."""
    request, take = shot
    own = request.shot_id == anchor[0].shot_id
    return finish(
        lambda: backbone.develop(request, take),
        layers,
        anchor=None if own else _colours(backbone, *anchor),
        joins=_joins(request, take),
        grain=None if own or "grain" not in layers else _grain(backbone, *anchor),
        seed=request.seed,
    )


def _colours(backbone: Backbone, request: ShotRequest, take: Take) -> ColourAnchor:
    """The colours of the anchor: those noted with its take, else measured."""
    noted = recorded_anchor(take)
    if noted is not None:
        return noted
    width = max(2, round(request.width * _SMALL_PX / request.height / 2) * 2)
    return anchor_of(backbone.develop(dataclasses.replace(request, width=width, height=_SMALL_PX), take))


def _grain(backbone: Backbone, request: ShotRequest, take: Take) -> GrainProfile:
    """The grain of the anchor, from some of its frames."""
    step = max(1, request.frames // _PROFILED)
    return profile_of(picture for number, picture in enumerate(backbone.develop(request, take)) if number % step == 0)


def _joins(request: ShotRequest, take: Take) -> list[int]:
    """Film frames at which a window of the take begins."""
    joins, fps = take.notes.get("joins"), take.notes.get("fps")
    if not isinstance(joins, list) or not isinstance(fps, int):
        return []
    return [round(float(str(join)) / fps * request.fps) for join in joins]
