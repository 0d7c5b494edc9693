"""Film frames from a take's frames, which have the model's size and rate; and the positions of the performers in them."""

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

__all__ = ["develop_take", "observe_take", "recorded_anchor"]


def _footage(take: Take) -> Footage:
    """Return the take's footage. Raises BackboneError where it has none."""
    if take.footage is None:
        raise BackboneError(f"shot {take.shot_id}: expected a take with footage, found none; shoot it again")
    return take.footage


def recorded_anchor(take: Take) -> ColourAnchor | None:
    """Return the colours that a take was matched to, from its notes; None where they record none."""
    anchor: Any = take.notes.get("anchor")
    return ColourAnchor.from_json(anchor) if isinstance(anchor, dict) else None


def develop_take(request: ShotRequest, take: Take) -> Iterator[UInt8[np.ndarray, "height width 3"]]:
    """Yield `request.frames` frames: at the film's rate by optical flow between the model's frames, scaled to cover the film's size."""
    footage = _footage(take)
    for picture in retime(footage, footage.fps, request.fps, request.frames):
        yield fit_picture(picture, request.width, request.height)


def observe_take(request: ShotRequest, take: Take, frames: Sequence[int], height_px: int) -> Iterator[Sight]:
    """Yield the given film frames, `height_px` high, with masks of the performers.

    Masks come from the previsualisation that controlled the take. Without one, a single performer's mask is the whole frame, and several
    performers have none.
    """
    footage = _footage(take)
    width = max(2, round(request.width * height_px / request.height))
    numbers = [min(footage.frames - 1, int(frame / request.fps * footage.fps + 0.5)) for frame in frames]
    pictures = {number: picture for number, picture in enumerate(footage) if number in set(numbers)}
    for frame, number in zip(frames, numbers, strict=True):
        picture = fit_picture(pictures[number], width, height_px)
        yield Sight(frame=frame, picture=picture, masks=_masks(request, take, frame, width, height_px))


def _masks(request: ShotRequest, take: Take, frame: int, width: int, height: int) -> dict[str, Bool[np.ndarray, "height width"]]:
    """Return the masks of the visible performers at a film frame."""
    visible = [performer.id for performer in request.performers if performer.in_frame]
    labels, entities = take.arrays.get("labels"), take.notes.get("labelled")
    if labels is None or not isinstance(entities, list):
        return {visible[0]: np.ones((height, width), bool)} if len(visible) == 1 else {}
    tick = min(len(labels) - 1, int(frame / request.fps * LABEL_HZ + 0.5))
    rows = np.arange(height) * labels.shape[1] // height
    columns = np.arange(width) * labels.shape[2] // width
    scaled = labels[tick][rows][:, columns]
    masks = {str(entity): scaled == number for number, entity in enumerate(entities, 1) if str(entity) in visible}
    return {entity: mask for entity, mask in masks.items() if mask.any()}
