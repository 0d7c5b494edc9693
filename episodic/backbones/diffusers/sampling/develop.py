"""From a take's pixels, at the model's size and rate, to the film's frames; and who is where in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool, UInt8

from episodic.backbones.footage import Footage
from episodic.backbones.pictures import fit_picture
from episodic.backbones.previs import LABEL_HZ
from episodic.backbones.request import ShotRequest
from episodic.backbones.take import Sight, Take
from episodic.consistency.colour import ColourAnchor
from episodic.consistency.retime import retime
from episodic.errors import BackboneError

__all__ = ["anchor_in", "develop_take", "observe_take"]


def _footage(take: Take) -> Footage:
    if take.footage is None:
        raise BackboneError(f"shot {take.shot_id}: expected a take with footage, found none; shoot it again")
    return take.footage


def anchor_in(take: Take) -> ColourAnchor | None:
    """The colours that a take was held to, where it says so."""
    held: Any = take.notes.get("anchor")
    return ColourAnchor.from_json(held) if isinstance(held, dict) else None


def develop_take(request: ShotRequest, take: Take) -> Iterator[UInt8[np.ndarray, "height width 3"]]:
    """`request.frames` frames: at the film's rate by flow between the model's frames, scaled to cover the film's size."""
    footage = _footage(take)
    for picture in retime(footage, footage.fps, request.fps, request.frames):
        yield fit_picture(picture, request.width, request.height)


def observe_take(request: ShotRequest, take: Take, frames: Sequence[int], height_px: int) -> Iterator[Sight]:
    """The given film frames, `height_px` high. Masks come from the previsualisation that the take was controlled by; without one,
    whoever is alone in the frame has all of it, and of several nobody has any.
    """
    footage = _footage(take)
    width = max(2, round(request.width * height_px / request.height))
    wanted = [min(footage.frames - 1, int(frame / request.fps * footage.fps + 0.5)) for frame in frames]
    held = {number: picture for number, picture in enumerate(footage) if number in set(wanted)}
    for frame, number in zip(frames, wanted, strict=True):
        picture = fit_picture(held[number], width, height_px)
        yield Sight(frame=frame, picture=picture, masks=_masks(request, take, frame, width, height_px))


def _masks(request: ShotRequest, take: Take, frame: int, width: int, height: int) -> dict[str, Bool[np.ndarray, "height width"]]:
    visible = [one.id for one in request.performers if one.in_frame]
    labels, listed = take.arrays.get("labels"), take.notes.get("labelled")
    if labels is None or not isinstance(listed, list):
        return {visible[0]: np.ones((height, width), bool)} if len(visible) == 1 else {}
    tick = min(len(labels) - 1, int(frame / request.fps * LABEL_HZ + 0.5))
    rows = np.arange(height) * labels.shape[1] // height
    columns = np.arange(width) * labels.shape[2] // width
    spread = labels[tick][rows][:, columns]
    masks = {str(who): spread == number for number, who in enumerate(listed, 1) if str(who) in visible}
    return {who: mask for who, mask in masks.items() if mask.any()}
