"""Memory embeddings: of auditions, for new characters and places, and of accepted takes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from jaxtyping import Float32

from episodic.backbones.request import ShotRequest
from episodic.backbones.stage.model.latent import LATENT_HZ, SLOTS, SOLO_FRAMES
from episodic.backbones.stage.model.pipeline import load_pipeline
from episodic.backbones.stage.model.weights import WEIGHTS
from episodic.backbones.stage.simulator.choreographer import choreograph
from episodic.backbones.stage.simulator.motion_style import light_style, motion_style, random_light_style
from episodic.backbones.stage.simulator.random_shots import RandomCast, random_cast, random_request
from episodic.backbones.stage.staging.staging import stage_shot
from memory.model.canon import CharacterKind
from planners.plan.vocabulary import Action

__all__ = ["audition", "audition_light", "light_embedding", "motion_embedding"]

_AUDITION_ACTIONS: Final[tuple[Action, ...]] = ("stand", "walk", "point", "think", "listen", "look_around")
_LIGHT_AUDITIONS: Final = 4


def audition(kind: CharacterKind, description: str, seed: int, weights: Path = WEIGHTS) -> tuple[float, ...]:
    """Embed the motion of a new character: the mean over a few takes in the style that `seed` and `description` give.

    64 numbers of unit length. Raises BackboneError without weights.
    """
    style = motion_style(kind, description, seed)
    rng = np.random.default_rng([seed & 0xFFFFFFFF, seed >> 32 & 0xFFFFFFFF, 41])
    cast = RandomCast((kind,), (style,), (1.7,), (random_light_style(rng),))
    takes = []
    for action in _AUDITION_ACTIONS:
        request = random_request(rng, cast, (0,), SOLO_FRAMES / LATENT_HZ)
        performer = replace(request.performers[0], action=action, emotion="neutral")
        request = replace(request, performers=(performer,))
        takes.append(choreograph(request, [style], cast.places[0], int(rng.integers(2**31)), SOLO_FRAMES)[0])
    return _unit(load_pipeline(weights).motion_embeddings(np.stack(takes)).mean(0))


def audition_light(description: str, seed: int, weights: Path = WEIGHTS) -> tuple[float, ...]:
    """Embed the light of a new location, as `audition` embeds motion. Raises BackboneError without weights."""
    style = light_style(description, seed)
    rng = np.random.default_rng([seed & 0xFFFFFFFF, seed >> 32 & 0xFFFFFFFF, 42])
    cast = random_cast(rng, 1, 1)
    deviations = []
    for _ in range(_LIGHT_AUDITIONS):
        request = random_request(rng, cast, (0,), SOLO_FRAMES / LATENT_HZ)
        latent = choreograph(request, list(cast.styles), style, int(rng.integers(2**31)), SOLO_FRAMES)
        deviations.append(latent - stage_shot(request, SOLO_FRAMES).base)
    return _unit(_light_embeddings(np.stack(deviations), weights).mean(0))


def motion_embedding(latent: Float32[np.ndarray, "slot time channel"], slot: int, weights: Path = WEIGHTS) -> tuple[float, ...]:
    """Embed how the performer in `slot` of an accepted take moves. Raises BackboneError without weights."""
    return _unit(load_pipeline(weights).motion_embeddings(latent[slot][None])[0])


def light_embedding(
    latent: Float32[np.ndarray, "slot time channel"], request: ShotRequest, weights: Path = WEIGHTS
) -> tuple[float, ...]:
    """Embed the light of an accepted take, as its deviation from the request. Raises BackboneError without weights."""
    return _unit(_light_embeddings((latent - stage_shot(request, latent.shape[1]).base)[None], weights)[0])


def _light_embeddings(
    deviations: Float32[np.ndarray, "take slot time channel"], weights: Path
) -> Float32[np.ndarray, "take memory"]:
    """Embed the light and set slots of takes, given as deviations from their staging."""
    return load_pipeline(weights).light_embeddings(deviations[:, SLOTS.index("light")], deviations[:, SLOTS.index("set")])


def _unit(embedding: Float32[np.ndarray, " memory"]) -> tuple[float, ...]:
    """Scale an embedding to unit length, rounded to five decimals."""
    length = float(np.linalg.norm(embedding))
    return tuple(round(float(number) / max(length, 1e-6), 5) for number in embedding)
