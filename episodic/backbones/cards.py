"""The fake backbone that ships: flat colour cards, a fraction of a millisecond each. For tests and for trying out plans' timing."""

from __future__ import annotations

import colorsys
import hashlib
from collections.abc import Iterator

import numpy as np
from jaxtyping import UInt8

from episodic.backbones.protocol import Capabilities, ShotRequest, Take

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
        return Take(shot_id=request.shot_id, arrays={"colour": np.round(np.array(rgb) * 255).astype(np.uint8)})

    def develop(self, request: ShotRequest, take: Take) -> Iterator[UInt8[np.ndarray, "height width 3"]]:
        """The card, frame by frame."""
        card = np.empty((request.height, request.width, 3), np.uint8)
        card[:] = take.arrays["colour"]
        for frame in range(request.frames):
            picture = card.copy()
            picture[-8:, : request.width * (frame + 1) // request.frames] = 255
            yield picture
