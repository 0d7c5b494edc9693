"""`stage`, the embedded backbone: samples the staged scene in motion and has the painter draw it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np
from jaxtyping import Float32, UInt8

from episodic.backbones.protocol import Auditions, Backbone, Capabilities
from episodic.backbones.request import ShotRequest
from episodic.backbones.stage.auditions import (
    WEIGHTS,
    audition,
    audition_light,
    light_embedding,
    load_pipeline,
    motion_embedding,
    weights_digest,
)
from episodic.backbones.stage.model.latent import ACTOR_SLOTS, CONTEXT, SLOTS, SOUND
from episodic.backbones.stage.painter.version import PAINTER_VERSION
from episodic.backbones.take import Sight, Take
from episodic.errors import BackboneError
from memory.model.canon import CharacterKind
from memory.model.facts import FactValue

__all__ = ["SAMPLER_VERSION", "Stage"]

SAMPLER_VERSION: Final = "6"
"""Changes whenever the same weights and the same request would give another take."""
_STEPS: Final = 8
_GUIDANCE: Final = 1.5
_EMBEDDING: Final = 64


class Stage(Backbone, Auditions):
    """The embedded backbone. Slots follow the order of the request's performers."""

    def __init__(self, weights: Path = WEIGHTS) -> None:
        self._weights = weights

    @property
    def capabilities(self) -> Capabilities:
        """Four performers, motion embeddings, continuation; a take of any length."""
        return Capabilities(
            name="stage", max_performers=ACTOR_SLOTS, draws=True, motion_embeddings=True, continuation_frames=CONTEXT
        )

    @property
    def version(self) -> str:
        """Weights and sampler. Raises BackboneError without weights."""
        return f"stage-{weights_digest(self._weights)}-{SAMPLER_VERSION}"

    @property
    def develop_version(self) -> str:
        """The painter's version."""
        return f"painter-{PAINTER_VERSION}"

    def shoot(self, request: ShotRequest) -> Take:
        """Sample a take: `arrays["latent"]`, float32 [slot, time, channel] at 8 Hz, each performer's `motion_embedding` and
        the place's `light_embedding` as seen in it; the note `encoder` names what wrote the two. `bed_level` and `impact` are
        the sound slot in the units that the mix takes.

        Raises BackboneError for more than four performers, or without weights.
        """
        import torch

        from episodic.backbones.stage.model.pipeline import padded_frames
        from episodic.backbones.stage.staging.set_light import light_as_set
        from episodic.backbones.stage.staging.staging import latent_frames, stage_shot

        frames = latent_frames(request)
        staging = stage_shot(request, padded_frames(frames))
        context, carried = _context(request, staging.base)
        seed = int.from_bytes(sha256(f"{request.shot_id}|{request.seed}".encode()).digest()[:8], "big") >> 1
        memory = _memory(request)
        latent = load_pipeline(self._weights)(
            staging,
            memory,
            torch.Generator().manual_seed(seed),
            steps=_STEPS,
            guidance=_GUIDANCE,
            context=context,
            carried=carried,
        )
        latent = light_as_set(latent[:, :frames], request, self._weights)
        if context is not None:
            # letting go of the pose before moves the means again, a little
            latent = light_as_set(_without_seam(latent, context, carried), request, self._weights)
        notes: dict[str, FactValue] = {
            "performers": [one.id for one in request.performers],
            "framing": _framing(request),
            "sampler": self.version,
            "encoder": f"stage-{weights_digest(self._weights)}",
            "received": _received(request, memory, context is not None),
        }
        latent = np.ascontiguousarray(latent)
        seen = [motion_embedding(latent, slot, self._weights) for slot in range(len(request.performers))]
        arrays = {
            "latent": latent,
            "motion_embedding": np.array(seen, np.float32).reshape(len(seen), _EMBEDDING),
            "light_embedding": np.array(light_embedding(latent, request, self._weights), np.float32),
            "bed_level": _loudness(latent, "ambience"),
            "impact": _loudness(latent, "impact"),
        }
        return Take(shot_id=request.shot_id, arrays=arrays, notes=notes)

    def develop(self, request: ShotRequest, take: Take) -> Iterator[UInt8[np.ndarray, "height width 3"]]:
        """Paint the take. Raises BackboneError if it was not made by `stage`."""
        from episodic.backbones.stage.painter.film import paint_shot

        return paint_shot(request, _latent_of(take))

    def observe(self, request: ShotRequest, take: Take, frames: Sequence[int], height_px: int) -> Iterator[Sight]:
        """Paint frames of a take with a mask for each performer and a light probe. Raises BackboneError as `develop`."""
        from episodic.backbones.stage.painter.passes.observe import observe_shot

        return observe_shot(request, _latent_of(take), frames, height_px)

    def audition(self, kind: CharacterKind, description: str, seed: int) -> tuple[float, ...]:
        """How a new character moves: 64 numbers of unit length. Raises BackboneError without weights."""
        return audition(kind, description, seed, self._weights)

    def audition_light(self, description: str, seed: int) -> tuple[float, ...]:
        """How a new place is lit: 64 numbers of unit length. Raises BackboneError without weights."""
        return audition_light(description, seed, self._weights)


def _loudness(latent: Float32[np.ndarray, "slot time channel"], name: str) -> Float32[np.ndarray, " tick"]:
    """One channel of the sound slot, 0..1 at 8 Hz."""
    index = next(i for i, one in enumerate(SOUND) if one.name == name)
    level = latent[SLOTS.index("sound"), :, index] * SOUND[index].scale + SOUND[index].offset
    return np.clip(level, 0.0, 1.0).astype(np.float32)


def _latent_of(take: Take) -> Float32[np.ndarray, "slot time channel"]:
    latent = take.arrays.get("latent")
    if latent is None or latent.ndim != 3 or latent.shape[0] != len(SLOTS):
        found = "none" if latent is None else str(list(latent.shape))
        raise BackboneError(
            f"shot {take.shot_id}: expected a take of stage with a latent [{len(SLOTS)}, time, 32], found {found}; shoot it again"
        )
    return latent


def _framing(request: ShotRequest) -> str:
    """What must be the same for the camera to go on without a cut."""
    return f"{request.size}:{','.join(request.focus)}"


def _memory(request: ShotRequest) -> dict[int, Float32[np.ndarray, " memory"]]:
    """The embeddings that were handed over, by slot; withheld ones are left out."""
    found = {i: np.array(one.motion, np.float32) for i, one in enumerate(request.performers) if one.motion}
    if request.setting.light:
        light = np.array(request.setting.light, np.float32)
        found |= dict.fromkeys(range(ACTOR_SLOTS, len(SLOTS)), light)
    for slot, embedding in found.items():
        if embedding.shape != (_EMBEDDING,):
            raise BackboneError(
                f"shot {request.shot_id}: expected a memory embedding of {_EMBEDDING} numbers for {SLOTS[slot]}, found {embedding.size}; cast it again"
            )
    return found


def _received(request: ShotRequest, memory: Mapping[int, Float32[np.ndarray, " memory"]], carried: bool) -> dict[str, FactValue]:
    """The receipt: what this take was sampled from, and what the painter has to draw it with."""
    people, setting = request.performers, request.setting
    motions: list[FactValue] = [f"motion:{one.id}" for slot, one in enumerate(people) if slot in memory]
    light: list[FactValue] = [f"light:{setting.location}"] if ACTOR_SLOTS in memory else []
    emotions: list[FactValue] = [f"emotion:{one.id}" for one in people]
    looks: list[FactValue] = [f"look:{one.id}" for one in people]
    props: list[FactValue] = [f"prop:{one.id}" for one in setting.props]
    continued: list[FactValue] = [f"take:{request.continues.shot_id}"] if request.continues is not None and carried else []
    return {
        "tokens": [*motions, *light, *emotions],
        "drawn": [*looks, f"layout:{setting.location}", *props],
        "frames": continued,
        "heard": [f"voice:{one}" for one in dict.fromkeys(cue.speaker for cue in request.speech)],
    }


def _without_seam(
    latent: Float32[np.ndarray, "slot time channel"], context: Float32[np.ndarray, "slot past channel"], carried: frozenset[int]
) -> Float32[np.ndarray, "slot time channel"]:
    """Let go of what is left of the pose before within three quarters of a second (inertialisation, Bollo 2016); lips and lids are free."""
    from episodic.backbones.stage.model.latent import ACTOR, LATENT_HZ
    from episodic.backbones.stage.model.ranges import clamp_to_ranges
    from episodic.backbones.stage.staging.framing import ease

    fade = 1 - ease((np.arange(latent.shape[1]) + 1) / (0.75 * LATENT_HZ + 1))
    free = [i for i, c in enumerate(ACTOR) if c.name.startswith("mouth_") or c.name == "lid"]
    smooth = latent.copy()
    for slot in carried:
        gap = context[slot, -1] - latent[slot, 0]
        if slot < ACTOR_SLOTS:
            gap[free] = 0
        smooth[slot] += fade[:, None] * gap
    return clamp_to_ranges(smooth)


def _context(
    request: ShotRequest, base: Float32[np.ndarray, "slot time channel"]
) -> tuple[Float32[np.ndarray, "slot past channel"] | None, frozenset[int]]:
    """The end of the take that is continued, in this shot's slots, and which slots it is of.

    Paths that would begin elsewhere are bent in `base` to begin where the performer was seen last; who was seen too far away starts afresh.
    """
    from episodic.backbones.stage.model.latent import ACTOR, LATENT_HZ
    from episodic.backbones.stage.staging.framing import ease

    before = request.continues
    if before is None or before.arrays["latent"].shape[1] < 3:
        return None, frozenset()
    # The last latent frame of a take lies on the first of the next.
    past = np.asarray(before.arrays["latent"], np.float32)[:, :-1][:, -CONTEXT:]
    listed = before.notes.get("performers")
    names = [str(one) for one in listed] if isinstance(listed, list) else []
    context = np.zeros_like(past)
    carried = set(range(ACTOR_SLOTS, len(SLOTS)))
    if before.notes.get("framing") != _framing(request):
        carried.discard(SLOTS.index("camera"))
    context[ACTOR_SLOTS:] = past[ACTOR_SLOTS:]
    fade = 1 - ease(np.arange(base.shape[1]) / (1.2 * LATENT_HZ))
    for slot, one in enumerate(request.performers):
        if one.id not in names[:ACTOR_SLOTS]:
            continue
        seen = past[names.index(one.id)]
        gap = seen[-1, :2] - base[slot, 0, :2]
        if abs(float(gap[0])) * ACTOR[0].scale > 0.8 or abs(float(gap[1])) * ACTOR[1].scale > 0.8:
            continue
        base[slot, :, :2] += fade[:, None] * gap
        context[slot] = seen
        carried.add(slot)
    return context, frozenset(carried)
