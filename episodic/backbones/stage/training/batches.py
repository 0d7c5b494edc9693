"""Training batches, made when they are needed: every batch is a pure function of its seed and number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float32, Int64

from episodic.backbones.stage.model.latent import LATENT_HZ, SLOTS, SOLO_FRAMES, cast_slots
from episodic.backbones.stage.simulator.choreographer import choreograph
from episodic.backbones.stage.simulator.random_shots import RandomCast, random_cast, random_request
from episodic.backbones.stage.staging.staging import Staging, latent_frames, stage_shot

__all__ = ["Batch", "SoloTakes", "make_batch", "make_solo_takes"]

_SHOTS: Final = 8
"""Shots that one random cast plays in a batch."""
_MEMBERS: Final = 4
_PLACES: Final = 2


@dataclass(frozen=True, slots=True)
class SoloTakes:
    """Takes that characters and places are remembered by. Take k of person i is also take k of place i."""

    actor: Float32[np.ndarray, "person take time channel"]
    light: Float32[np.ndarray, "person take time channel"]
    """Deviation of the light slot from the staging."""
    scenery: Float32[np.ndarray, "person take time channel"]
    """Deviation of the set slot from the staging."""

    @classmethod
    def join(cls, parts: Sequence[SoloTakes]) -> SoloTakes:
        """Join the takes of several groups of people."""
        return cls(
            np.concatenate([part.actor for part in parts]),
            np.concatenate([part.light for part in parts]),
            np.concatenate([part.scenery for part in parts]),
        )


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows of shots that have the same number of performers and frames."""

    slots: tuple[int, ...]
    latent: Float32[np.ndarray, "batch slot time channel"]
    base: Float32[np.ndarray, "batch slot time channel"]
    cues: Float32[np.ndarray, "batch slot time cue"]
    facts: Float32[np.ndarray, "batch slot fact"]
    people: Int64[np.ndarray, "batch actor"]
    """Index into `solos` of every performer."""
    places: Int64[np.ndarray, " batch"]
    """Index into `solos` of the place."""
    solos: SoloTakes


def make_solo_takes(seed: int, people: int, takes: int) -> SoloTakes:
    """Make `takes` solo takes each of `people` new characters, each in a place of its own."""
    rng = np.random.default_rng([seed, 11])
    return SoloTakes.join([_solo_takes(rng, random_cast(rng, 1, 1), 0, 0, takes) for _ in range(people)])


def _solo_takes(rng: np.random.Generator, cast: RandomCast, member: int, place: int, takes: int) -> SoloTakes:
    """Make solo takes of one member of a cast in one of its places."""
    actors, lights, sceneries = [], [], []
    for _ in range(takes):
        request = random_request(rng, cast, (member,), SOLO_FRAMES / LATENT_HZ)
        latent = choreograph(request, [cast.styles[member]], cast.places[place], int(rng.integers(2**31)), SOLO_FRAMES)
        deviation = latent - stage_shot(request, SOLO_FRAMES).base
        actors.append(latent[0])
        lights.append(deviation[SLOTS.index("light")])
        sceneries.append(deviation[SLOTS.index("set")])
    return SoloTakes(np.stack(actors)[None], np.stack(lights)[None], np.stack(sceneries)[None])


def make_batch(seed: int, number: int, performers: int, frames: int, size: int) -> Batch:
    """Make batch `number`: `size` windows of `frames` latent frames with `performers` performers each."""
    rng = np.random.default_rng([seed, number, 12])
    latents: list[Float32[np.ndarray, "slot time channel"]] = []
    stagings: list[Staging] = []
    people: list[list[int]] = []
    places: list[int] = []
    solos: list[SoloTakes] = []
    while len(latents) < size:
        cast = random_cast(rng, _MEMBERS, _PLACES)
        first = len(solos)
        solos.extend(_solo_takes(rng, cast, member, member % _PLACES, 2) for member in range(_MEMBERS))
        for _ in range(min(_SHOTS, size - len(latents))):
            members = tuple(int(member) for member in rng.permutation(_MEMBERS)[:performers])
            place = int(rng.integers(_PLACES))
            latent, staging = _window(rng, cast, members, place, frames)
            latents.append(latent)
            stagings.append(staging)
            people.append([first + member for member in members])
            residents = [member for member in range(_MEMBERS) if member % _PLACES == place]
            places.append(first + int(rng.choice(residents)))
    slots = cast_slots(performers)
    chosen = list(slots)
    return Batch(
        slots=slots,
        latent=np.stack(latents)[:, chosen],
        base=np.stack([staging.base for staging in stagings])[:, chosen],
        cues=np.stack([staging.cues for staging in stagings])[:, chosen],
        facts=np.stack([staging.facts for staging in stagings])[:, chosen],
        people=np.array(people, np.int64),
        places=np.array(places, np.int64),
        solos=SoloTakes.join(solos),
    )


def _window(
    rng: np.random.Generator, cast: RandomCast, members: tuple[int, ...], place: int, frames: int
) -> tuple[Float32[np.ndarray, "slot time channel"], Staging]:
    """Cut a window out of a random shot: mostly its beginning, else from a random frame on."""
    request = random_request(rng, cast, members, float(rng.uniform(1.5, frames / LATENT_HZ + 3)))
    whole = max(latent_frames(request), frames)
    styles = [cast.styles[member] for member in members]
    latent = choreograph(request, styles, cast.places[place], int(rng.integers(2**31)), whole)
    staging = stage_shot(request, whole)
    start = 0 if rng.random() < 0.6 else int(rng.integers(0, whole - frames + 1))
    part = slice(start, start + frames)
    return latent[:, part], Staging(staging.base[:, part], staging.cues[:, part], staging.facts, staging.present)
