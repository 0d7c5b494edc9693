"""Sample a take of a request: memory and context in, the latent, its embeddings and its receipt out."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np
import torch
from jaxtyping import Float32

from episodic.backbones.request import ShotRequest
from episodic.backbones.stage.auditions import light_embedding, motion_embedding
from episodic.backbones.stage.model.latent import ACTOR, ACTOR_SLOTS, CONTEXT, LATENT_HZ, MEMORY, SLOTS, SOUND
from episodic.backbones.stage.model.pipeline import load_pipeline, padded_frames
from episodic.backbones.stage.model.ranges import clamp_to_ranges
from episodic.backbones.stage.model.weights import weights_digest
from episodic.backbones.stage.staging.framing import ease
from episodic.backbones.stage.staging.set_light import light_as_set
from episodic.backbones.stage.staging.staging import latent_frames, stage_shot
from episodic.backbones.take import Take
from episodic.errors import BackboneError
from memory.model.facts import FactValue

__all__ = ["sample_take"]

_STEPS: Final = 8
_GUIDANCE: Final = 1.5
_SEAM_S: Final = 0.75
"""Seconds in which a continued take leaves the last pose of the take before."""
_PATH_BEND_S: Final = 1.2
"""Seconds in which a path that starts beside the performer's last position joins its own course."""
_LARGEST_GAP_M: Final = 0.8
"""A performer last seen farther than this from the mark is not continued."""


def sample_take(request: ShotRequest, weights: Path, *, sampler: str) -> Take:
    """Sample a take of `request`. `sampler` is the version that its notes name.

    Raises BackboneError for more than four performers, for embeddings of the wrong length, or without weights.
    """
    frames = latent_frames(request)
    staging = stage_shot(request, padded_frames(frames))
    context, carried = _context(request, staging.base)
    memory = _memory(request)
    seed = int.from_bytes(sha256(f"{request.shot_id}|{request.seed}".encode()).digest()[:8], "big") >> 1
    latent = load_pipeline(weights)(
        staging,
        memory,
        torch.Generator().manual_seed(seed),
        steps=_STEPS,
        guidance=_GUIDANCE,
        context=context,
        carried=carried,
    )
    latent = light_as_set(latent[:, :frames], request, weights)
    if context is not None:
        # Removing the seam moves the means of the light a little, so they are set a second time.
        latent = light_as_set(_without_seam(latent, context, carried), request, weights)
    latent = np.ascontiguousarray(latent)
    motions = [motion_embedding(latent, slot, weights) for slot in range(len(request.performers))]
    return Take(
        shot_id=request.shot_id,
        arrays={
            "latent": latent,
            "motion_embedding": np.array(motions, np.float32).reshape(len(motions), MEMORY),
            "light_embedding": np.array(light_embedding(latent, request, weights), np.float32),
            "bed_level": _sound_level(latent, "ambience"),
            "impact": _sound_level(latent, "impact"),
        },
        notes={
            "performers": [performer.id for performer in request.performers],
            "framing": _framing(request),
            "sampler": sampler,
            "encoder": f"stage-{weights_digest(weights)}",
            "received": _receipt(request, memory, continued=context is not None),
        },
    )


def _sound_level(latent: Float32[np.ndarray, "slot time channel"], name: str) -> Float32[np.ndarray, " time"]:
    """Return one channel of the sound slot, 0..1 at 8 Hz."""
    index = next(index for index, channel in enumerate(SOUND) if channel.name == name)
    level = latent[SLOTS.index("sound"), :, index] * SOUND[index].scale + SOUND[index].offset
    return np.clip(level, 0.0, 1.0).astype(np.float32)


def _framing(request: ShotRequest) -> str:
    """Name the framing. The camera continues without a cut only from a take of the same framing."""
    return f"{request.size}:{','.join(request.focus)}"


def _memory(request: ShotRequest) -> dict[int, Float32[np.ndarray, " memory"]]:
    """Return the embeddings that the request hands over, by slot. A slot whose memory is withheld is left out."""
    memory = {
        slot: np.array(performer.motion, np.float32) for slot, performer in enumerate(request.performers) if performer.motion
    }
    if request.setting.light:
        light = np.array(request.setting.light, np.float32)
        memory |= dict.fromkeys(range(ACTOR_SLOTS, len(SLOTS)), light)
    for slot, embedding in memory.items():
        if embedding.shape != (MEMORY,):
            raise BackboneError(
                f"shot {request.shot_id}: expected a memory embedding of memory=64 numbers for {SLOTS[slot]}, "
                f"found {embedding.size}; cast it again"
            )
    return memory


def _receipt(
    request: ShotRequest, memory: Mapping[int, Float32[np.ndarray, " memory"]], *, continued: bool
) -> dict[str, FactValue]:
    """List what this take was sampled from, and what the painter receives to draw it."""
    performers, setting = request.performers, request.setting
    motions: list[FactValue] = [f"motion:{performer.id}" for slot, performer in enumerate(performers) if slot in memory]
    light: list[FactValue] = [f"light:{setting.location}"] if ACTOR_SLOTS in memory else []
    emotions: list[FactValue] = [f"emotion:{performer.id}" for performer in performers]
    looks: list[FactValue] = [f"look:{performer.id}" for performer in performers]
    props: list[FactValue] = [f"prop:{prop.id}" for prop in setting.props]
    takes: list[FactValue] = [f"take:{request.continues.shot_id}"] if request.continues is not None and continued else []
    return {
        "tokens": [*motions, *light, *emotions],
        "drawn": [*looks, f"layout:{setting.location}", *props],
        "frames": takes,
        "heard": [f"voice:{speaker}" for speaker in dict.fromkeys(cue.speaker for cue in request.speech)],
    }


def _without_seam(
    latent: Float32[np.ndarray, "slot time channel"], context: Float32[np.ndarray, "slot past channel"], carried: frozenset[int]
) -> Float32[np.ndarray, "slot time channel"]:
    """Fade out the remaining difference to the last pose of the take before (inertialisation, Bollo 2016).

    Lips and lids are exempt.
    """
    fade = 1 - ease((np.arange(latent.shape[1]) + 1) / (_SEAM_S * LATENT_HZ + 1))
    exempt = [index for index, channel in enumerate(ACTOR) if channel.name.startswith("mouth_") or channel.name == "lid"]
    smooth = latent.copy()
    for slot in carried:
        gap = context[slot, -1] - latent[slot, 0]
        if slot < ACTOR_SLOTS:
            gap[exempt] = 0
        smooth[slot] += fade[:, None] * gap
    return clamp_to_ranges(smooth)


def _context(
    request: ShotRequest, base: Float32[np.ndarray, "slot time channel"]
) -> tuple[Float32[np.ndarray, "slot past channel"] | None, frozenset[int]]:
    """Return the end of the take that is continued, in this shot's slots, and the slots that it fills.

    Bends the paths in `base` so that they start where their performer was last seen. A performer last seen too far away starts
    afresh.
    """
    before = request.continues
    before_latent = before.arrays["latent"] if before is not None else None
    if before is None or before_latent is None or before_latent.shape[1] < 3:
        return None, frozenset()
    # The last latent frame of a take lies on the first of the next.
    past = np.asarray(before_latent, np.float32)[:, :-1][:, -CONTEXT:]
    listed = before.notes.get("performers")
    names = [str(name) for name in listed][:ACTOR_SLOTS] if isinstance(listed, list) else []
    context = np.zeros_like(past)
    carried = set(range(ACTOR_SLOTS, len(SLOTS)))
    if before.notes.get("framing") != _framing(request):
        carried.discard(SLOTS.index("camera"))
    context[ACTOR_SLOTS:] = past[ACTOR_SLOTS:]
    for slot, performer in enumerate(request.performers):
        if performer.id in names and _bend_path(base[slot], last_seen := past[names.index(performer.id)]):
            context[slot] = last_seen
            carried.add(slot)
    return context, frozenset(carried)


def _bend_path(path: Float32[np.ndarray, "time channel"], last_seen: Float32[np.ndarray, "past channel"]) -> bool:
    """Bend a staged path, in place, to start where `last_seen` ends. Return False, unchanged, if that is too far away."""
    gap = last_seen[-1, :2] - path[0, :2]
    if any(abs(float(gap[axis])) * ACTOR[axis].scale > _LARGEST_GAP_M for axis in (0, 1)):
        return False
    fade = 1 - ease(np.arange(len(path)) / (_PATH_BEND_S * LATENT_HZ))
    path[:, :2] += fade[:, None] * gap
    return True
