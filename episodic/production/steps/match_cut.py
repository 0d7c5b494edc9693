"""Match cuts in production: who both shots show, and the framing that makes them meet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
from jaxtyping import UInt8

from episodic.backbones.protocol import Backbone
from episodic.backbones.request import ShotRequest
from episodic.backbones.take import Sight, Take
from episodic.consistency.match_cut import Box, box_of, framing_to_match, head_of, reframe

__all__ = ["match_before"]

_HEIGHT_PX: Final = 180
Shot = tuple[ShotRequest, Take]


def match_before(
    backbone: Backbone, before: Shot, shot: Shot, frames: Iterable[UInt8[np.ndarray, "height width 3"]]
) -> Iterator[UInt8[np.ndarray, "height width 3"]] | None:
    """`frames` of `shot`, beginning with its subject where the end of the take before had its own. None where it is not known who is
    where in one of the two, so that there is nothing to match.
    """
    request = shot[0]
    (end,) = backbone.observe(*before, [before[0].frames - 1], _HEIGHT_PX)
    (start,) = backbone.observe(*shot, [0], _HEIGHT_PX)
    boxes = _subjects(before[0], end, request, start)
    if boxes is None:
        return None
    return reframe(frames, framing_to_match(*boxes, request.width / request.height), request.fps)


def _subjects(before: ShotRequest, end: Sight, after: ShotRequest, start: Sight) -> tuple[Box, Box] | None:
    """The box of whom both shots show, in focus first; else of the first in focus of each."""
    both = [one for one in (*after.focus, *start.masks) if one in start.masks and one in end.masks]
    pairs = [(one, one) for one in both] or [(a, b) for a in before.focus for b in after.focus]
    for one, other in pairs:
        masks = (end.masks.get(one), start.masks.get(other))
        # who fills the whole picture is alone in it, and nobody knows where
        if masks[0] is not None and masks[1] is not None and not masks[0].all() and not masks[1].all():
            # a near picture shows no feet: heads are what both have, of whom has one
            for part in (head_of, box_of):
                boxes = part(masks[0]), part(masks[1])
                if boxes[0] is not None and boxes[1] is not None:
                    return boxes[0], boxes[1]
    return None
