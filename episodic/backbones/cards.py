"""The fake backbone that ships: flat colour cards, a fraction of a millisecond each. For tests, and to try the timing of plans."""

from __future__ import annotations

import colorsys
import hashlib
from collections.abc import Iterator, Sequence

import numpy as np
from jaxtyping import UInt8

from episodic.backbones.protocol import Capabilities
from episodic.backbones.request import ShotRequest
from episodic.backbones.take import Sight, Take
from memory.model.facts import FactValue

__all__ = ["Cards"]


class Cards:
    """Shoots every shot as one card in the colour of its shot id, with a bar that crosses the picture as the shot goes on."""

    capabilities = Capabilities(name="cards", max_performers=8)
    version = "1"
    develop_version = "1"

    def shoot(self, request: ShotRequest) -> Take:
        """The take is the card's colour."""
        draw = hashlib.sha256(f"{request.seed}/{request.shot_id}".encode()).digest()
        rgb = colorsys.hls_to_rgb(draw[0] / 255, 0.35 + draw[1] / 255 * 0.3, 0.6)
        # a card shows nobody: of all memories only the voices reach the film
        heard: list[FactValue] = [f"voice:{speaker}" for speaker in dict.fromkeys(cue.speaker for cue in request.speech)]
        colour = np.round(np.array(rgb) * 255).astype(np.uint8)
        return Take(shot_id=request.shot_id, arrays={"colour": colour}, notes={"received": {"heard": heard}})

    def develop(self, request: ShotRequest, take: Take) -> Iterator[UInt8[np.ndarray, "height width 3"]]:
        """The card, frame by frame."""
        card = np.empty((request.height, request.width, 3), np.uint8)
        card[:] = take.arrays["colour"]
        for frame in range(request.frames):
            picture = card.copy()
            picture[-8:, : request.width * (frame + 1) // request.frames] = 255
            yield picture

    def observe(self, request: ShotRequest, take: Take, frames: Sequence[int], height_px: int) -> Iterator[Sight]:
        """The card, with one column as the mask of each performer."""
        width = max(2, round(request.width * height_px / request.height))
        names = [performer.id for performer in request.performers_in_frame]
        for frame in frames:
            picture = np.empty((height_px, width, 3), np.uint8)
            picture[:] = take.arrays["colour"]
            masks = {}
            for number, name in enumerate(names):
                masks[name] = np.zeros((height_px, width), bool)
                masks[name][:, width * number // len(names) : width * (number + 1) // len(names)] = True
            yield Sight(frame=frame, picture=picture, masks=masks)
