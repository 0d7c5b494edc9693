"""`stage`, the embedded backbone: samples the motion of a staged scene and has the painter draw it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from jaxtyping import Float32, UInt8

from episodic.backbones.protocol import Auditions, Backbone, Capabilities, DrawsLooks
from episodic.backbones.request import ShotRequest
from episodic.backbones.stage.model.latent import ACTOR_SLOTS, CONTEXT, SLOTS
from episodic.backbones.stage.model.weights import WEIGHTS, weights_digest
from episodic.backbones.stage.painter.version import PAINTER_VERSION
from episodic.backbones.take import Sight, Take
from episodic.errors import BackboneError
from memory.model.canon import CharacterKind

__all__ = ["SAMPLER_VERSION", "Stage"]

SAMPLER_VERSION: Final = "6"
"""Changes whenever the same weights and the same request would give another take."""


class Stage(Backbone, Auditions, DrawsLooks):
    """The embedded backbone. Slots follow the order of the request's performers.

    Torch, scipy and skia load with the first take, audition or picture: naming versions and capabilities needs none of them.
    """

    def __init__(self, weights: Path = WEIGHTS) -> None:
        self._weights = weights

    @property
    def capabilities(self) -> Capabilities:
        """Four performers and continuation; a take of any length."""
        return Capabilities(name="stage", max_performers=ACTOR_SLOTS, continuation_frames=CONTEXT)

    @property
    def version(self) -> str:
        """Digest of the weights and version of the sampler. Raises BackboneError without weights."""
        return f"stage-{weights_digest(self._weights)}-{SAMPLER_VERSION}"

    @property
    def develop_version(self) -> str:
        """The painter's version."""
        return self.painter_version

    @property
    def painter_version(self) -> str:
        """The version of the painter, which draws looks as the request describes them."""
        return f"painter-{PAINTER_VERSION}"

    def shoot(self, request: ShotRequest) -> Take:
        """Sample a take.

        Its arrays: `latent`, float32 [slot, time, channel] at 8 Hz; `motion_embedding` of each performer and `light_embedding`
        of the place, as the encoder sees them in this take (the note `encoder` names its weights); `bed_level` and `impact`,
        the sound slot in the units that the mix takes.

        Raises BackboneError for more than four performers, or without weights.
        """
        from episodic.backbones.stage.take_sampler import sample_take

        return sample_take(request, self._weights, sampler=self.version)

    def develop(self, request: ShotRequest, take: Take) -> Iterator[UInt8[np.ndarray, "height width 3"]]:
        """Paint the take. Raises BackboneError if `stage` did not make it."""
        from episodic.backbones.stage.painter.film import paint_shot

        return paint_shot(request, _latent_of(take))

    def observe(self, request: ShotRequest, take: Take, frames: Sequence[int], height_px: int) -> Iterator[Sight]:
        """Paint frames of a take with a mask for each performer and a light probe. Raises BackboneError as `develop` does."""
        from episodic.backbones.stage.painter.passes.observe import observe_shot

        return observe_shot(request, _latent_of(take), frames, height_px)

    def audition(self, kind: CharacterKind, description: str, seed: int) -> tuple[float, ...]:
        """Embed how a new character moves: 64 numbers of unit length. Raises BackboneError without weights."""
        from episodic.backbones.stage.auditions import audition

        return audition(kind, description, seed, self._weights)

    def audition_light(self, description: str, seed: int) -> tuple[float, ...]:
        """Embed how a new place is lit: 64 numbers of unit length. Raises BackboneError without weights."""
        from episodic.backbones.stage.auditions import audition_light

        return audition_light(description, seed, self._weights)


def _latent_of(take: Take) -> Float32[np.ndarray, "slot time channel"]:
    """Return the latent of a take of `stage`. Raises BackboneError for a take without one."""
    latent = take.arrays.get("latent")
    if latent is None or latent.ndim != 3 or latent.shape[0] != len(SLOTS):
        shape = "none" if latent is None else str(list(latent.shape))
        raise BackboneError(
            f"shot {take.shot_id}: expected a take of stage with a latent [{len(SLOTS)}, time, 32], found {shape}; shoot it again"
        )
    return latent
