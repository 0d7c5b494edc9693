"""Match cuts: the subject that both shots show, and the framing that makes them meet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
from jaxtyping import UInt8

from episodic.backbones.protocol import Backbone
from episodic.backbones.request import ShotRequest
from episodic.backbones.take import Sight
from episodic.consistency.match_cut import Box, box_of, framing_to_match, head_of, reframe
from episodic.production.files.take_file import ShotTake

__all__ = ["match_before"]

_HEIGHT_PX: Final = 180


def match_before(
    backbone: Backbone, before: ShotTake, shot: ShotTake, frames: Iterable[UInt8[np.ndarray, "height width 3"]]
) -> Iterator[UInt8[np.ndarray, "height width 3"]] | None:
    """Yield `frames` of `shot`, reframed so that its subject begins where the take before ended with its own.

    None where nothing is known of who is where in one of the two takes.
    """
    request = shot[0]
    (end,) = backbone.observe(*before, [before[0].frames - 1], _HEIGHT_PX)
    (start,) = backbone.observe(*shot, [0], _HEIGHT_PX)
    boxes = _subjects(before[0], end, request, start)
    if boxes is None:
        return None
    return reframe(frames, framing_to_match(*boxes, request.width / request.height), request.fps)


def _subjects(before: ShotRequest, end: Sight, after: ShotRequest, start: Sight) -> tuple[Box, Box] | None:
    """The boxes of a subject that both shots show, one in focus first; else of the first in focus of each."""
    both = [entity for entity in (*after.focus, *start.masks) if entity in start.masks and entity in end.masks]
    pairs = [(entity, entity) for entity in both] or [(first, second) for first in before.focus for second in after.focus]
    for first, second in pairs:
        ending, beginning = end.masks.get(first), start.masks.get(second)
        # a mask that covers the whole picture carries no position
        if ending is not None and beginning is not None and not ending.all() and not beginning.all():
            # close shots show no feet: heads are compared where both have one
            for part in (head_of, box_of):
                boxes = part(ending), part(beginning)
                if boxes[0] is not None and boxes[1] is not None:
                    return boxes[0], boxes[1]
    return None
