"""How characters and places enter memory as `stage` knows them: auditions, and looks at accepted takes."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from jaxtyping import Float32

from episodic.backbones.request import ShotRequest
from episodic.backbones.stage.model.latent import SLOTS
from episodic.errors import BackboneError
from memory.model.canon import CharacterKind
from planners.plan.vocabulary import Action

if TYPE_CHECKING:
    from episodic.backbones.stage.model.pipeline import StagePipeline

__all__ = [
    "WEIGHTS",
    "audition",
    "audition_light",
    "light_embedding",
    "load_pipeline",
    "motion_embedding",
    "weights_digest",
]

WEIGHTS: Final = Path(__file__).parent / "weights"
"""The weights that ship in the package."""
_AUDITION: Final[tuple[Action, ...]] = ("stand", "walk", "point", "think", "listen", "look_around")
_WEIGHT_FILES: Final = ("denoiser/diffusion_pytorch_model.safetensors", "encoder/diffusion_pytorch_model.safetensors")


def audition(kind: CharacterKind, description: str, seed: int, weights: Path = WEIGHTS) -> tuple[float, ...]:
    """The motion embedding of a new character: a few takes with the habits that seed and description give, seen by the encoder.

    64 numbers of unit length. Raises BackboneError without weights.
    """
    from episodic.backbones.stage.simulator.choreographer import choreograph
    from episodic.backbones.stage.simulator.habits import motion_habits, random_light_habits
    from episodic.backbones.stage.simulator.random_shots import Company, random_request
    from episodic.backbones.stage.training.batches import SOLO_FRAMES

    habits = motion_habits(kind, description, seed)
    rng = np.random.default_rng([seed & 0xFFFFFFFF, seed >> 32 & 0xFFFFFFFF, 41])
    company = Company((kind,), (habits,), (1.7,), (random_light_habits(rng),))
    takes = []
    for action in _AUDITION:
        request = random_request(rng, company, (0,), SOLO_FRAMES / 8)
        performer = replace(request.performers[0], action=action, emotion="neutral")
        request = replace(request, performers=(performer,))
        takes.append(choreograph(request, [habits], company.places[0], int(rng.integers(2**31)), SOLO_FRAMES)[0])
    return _unit(_see_motion(np.stack(takes), weights).mean(0))


def audition_light(description: str, seed: int, weights: Path = WEIGHTS) -> tuple[float, ...]:
    """The light embedding of a new location, as `audition`. Raises BackboneError without weights."""
    from episodic.backbones.stage.simulator.choreographer import choreograph
    from episodic.backbones.stage.simulator.habits import light_habits
    from episodic.backbones.stage.simulator.random_shots import random_request, recruit
    from episodic.backbones.stage.staging.staging import stage_shot
    from episodic.backbones.stage.training.batches import SOLO_FRAMES

    habits = light_habits(description, seed)
    rng = np.random.default_rng([seed & 0xFFFFFFFF, seed >> 32 & 0xFFFFFFFF, 42])
    company = recruit(rng, 1, 1)
    apart = []
    for _ in range(4):
        request = random_request(rng, company, (0,), SOLO_FRAMES / 8)
        latent = choreograph(request, list(company.habits), habits, int(rng.integers(2**31)), SOLO_FRAMES)
        apart.append(latent - stage_shot(request, SOLO_FRAMES).base)
    return _unit(_see_light(np.stack(apart), weights).mean(0))


def motion_embedding(latent: Float32[np.ndarray, "slot time channel"], slot: int, weights: Path = WEIGHTS) -> tuple[float, ...]:
    """How the performer in `slot` of an accepted take moves. Raises BackboneError without weights."""
    return _unit(_see_motion(latent[slot][None], weights)[0])


def light_embedding(
    latent: Float32[np.ndarray, "slot time channel"], request: ShotRequest, weights: Path = WEIGHTS
) -> tuple[float, ...]:
    """How the place of an accepted take is lit, apart from what its request asked for. Raises BackboneError without weights."""
    from episodic.backbones.stage.staging.staging import stage_shot

    return _unit(_see_light((latent - stage_shot(request, latent.shape[1]).base)[None], weights)[0])


@lru_cache(maxsize=2)
def load_pipeline(weights: Path = WEIGHTS) -> StagePipeline:
    """The pipeline, in float32 on the CPU. Raises BackboneError if there are no weights or they do not load."""
    import torch

    from episodic.backbones.stage.model.pipeline import StagePipeline

    if not (weights / "model_index.json").exists():
        raise BackboneError(
            f"{weights}: expected the weights of stage, found none; run `episodic train stage` or install the package again"
        )
    try:
        pipeline: StagePipeline = StagePipeline.open(weights, torch.float32)
    except (OSError, ValueError, RuntimeError, json.JSONDecodeError) as err:
        raise BackboneError(
            f"{weights}: the weights of stage do not load ({err}); run `episodic train stage` to make them again"
        ) from err
    return pipeline


@lru_cache(maxsize=2)
def weights_digest(weights: Path = WEIGHTS) -> str:
    """SHA-256 over the weight files, shortened. Raises BackboneError without weights."""
    digest = sha256()
    for name in _WEIGHT_FILES:
        if not (weights / name).exists():
            raise BackboneError(f"{weights / name}: expected the weights of stage, found none; run `episodic train stage`")
        digest.update((weights / name).read_bytes())
    return digest.hexdigest()[:16]


def _see_motion(takes: Float32[np.ndarray, "take time channel"], weights: Path) -> Float32[np.ndarray, "take memory"]:
    import torch

    with torch.no_grad():
        seen: Float32[np.ndarray, "take memory"] = load_pipeline(weights).encoder.motion(torch.from_numpy(takes)).numpy()
    return seen


def _see_light(apart: Float32[np.ndarray, "take slot time channel"], weights: Path) -> Float32[np.ndarray, "take memory"]:
    import torch

    light, scenery = (torch.from_numpy(np.ascontiguousarray(apart[:, SLOTS.index(one)])) for one in ("light", "set"))
    with torch.no_grad():
        seen: Float32[np.ndarray, "take memory"] = load_pipeline(weights).encoder.light(light, scenery).numpy()
    return seen


def _unit(embedding: Float32[np.ndarray, " memory"]) -> tuple[float, ...]:
    length = float(np.linalg.norm(embedding))
    return tuple(round(float(v) / max(length, 1e-6), 5) for v in embedding)
