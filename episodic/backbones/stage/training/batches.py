"""Batches to learn from, made as they are needed: every batch is a pure function of its seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float32, Int64

from episodic.backbones.stage.model.latent import SLOTS, SOLO_FRAMES, cast_slots
from episodic.backbones.stage.simulator.choreographer import choreograph
from episodic.backbones.stage.simulator.random_shots import Company, random_request, recruit
from episodic.backbones.stage.staging.staging import latent_frames, stage_shot

__all__ = ["Lesson", "Solos", "make_lesson", "make_solos"]

_SHOTS: Final = 8
_MEMBERS: Final = 4
_PLACES: Final = 2


@dataclass(frozen=True, slots=True)
class Solos:
    """Takes to know people and places by. Take k of person i is also take k of place i."""

    actor: Float32[np.ndarray, "person take time channel"]
    light: Float32[np.ndarray, "person take time channel"]
    """Deviation of the light slot from what was asked."""
    scenery: Float32[np.ndarray, "person take time channel"]
    """Deviation of the set slot."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One batch of windows that have the same number of performers and frames."""

    slots: tuple[int, ...]
    latent: Float32[np.ndarray, "batch slot time channel"]
    base: Float32[np.ndarray, "batch slot time channel"]
    cues: Float32[np.ndarray, "batch slot time cue"]
    facts: Float32[np.ndarray, "batch slot fact"]
    who: Int64[np.ndarray, "batch actor"]
    """Index into `solos` of every performer."""
    where: Int64[np.ndarray, " batch"]
    """Index into `solos` of the place."""
    solos: Solos


def make_solos(seed: int, people: int, takes: int) -> Solos:
    """`takes` solo takes each of `people` new characters, each in a place of its own."""
    rng = np.random.default_rng([seed, 11])
    made = [_solos_of(rng, recruit(rng, 1, 1), 0, 0, takes) for _ in range(people)]
    return _stack_solos(made)


def _solos_of(rng: np.random.Generator, company: Company, member: int, place: int, takes: int) -> Solos:
    actors, lights, sceneries = [], [], []
    for _ in range(takes):
        request = random_request(rng, company, (member,), SOLO_FRAMES / 8)
        latent = choreograph(request, [company.habits[member]], company.places[place], int(rng.integers(2**31)), SOLO_FRAMES)
        apart = latent - stage_shot(request, SOLO_FRAMES).base
        actors.append(latent[0])
        lights.append(apart[SLOTS.index("light")])
        sceneries.append(apart[SLOTS.index("set")])
    return Solos(np.stack(actors)[None], np.stack(lights)[None], np.stack(sceneries)[None])


def _stack_solos(made: list[Solos]) -> Solos:
    return Solos(
        np.concatenate([one.actor for one in made]),
        np.concatenate([one.light for one in made]),
        np.concatenate([one.scenery for one in made]),
    )


def make_lesson(seed: int, number: int, performers: int, frames: int, size: int) -> Lesson:
    """Batch `number`: `size` windows of `frames` latent frames with `performers` performers each."""
    rng = np.random.default_rng([seed, number, 12])
    latents: list[np.ndarray] = []
    stagings: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    who: list[list[int]] = []
    where: list[int] = []
    solos: list[Solos] = []
    while len(latents) < size:
        company = recruit(rng, _MEMBERS, _PLACES)
        first = len(solos)
        solos.extend(_solos_of(rng, company, member, member % _PLACES, 2) for member in range(_MEMBERS))
        for _ in range(min(_SHOTS, size - len(latents))):
            cast = tuple(int(i) for i in rng.permutation(_MEMBERS)[:performers])
            place = int(rng.integers(_PLACES))
            latent, staging = _window(rng, company, cast, place, frames)
            latents.append(latent)
            stagings.append(staging)
            who.append([first + member for member in cast])
            same = [member for member in range(_MEMBERS) if member % _PLACES == place]
            where.append(first + int(rng.choice(same)))
    slots = cast_slots(performers)
    chosen = list(slots)
    return Lesson(
        slots=slots,
        latent=np.stack(latents)[:, chosen],
        base=np.stack([s[0] for s in stagings])[:, chosen],
        cues=np.stack([s[1] for s in stagings])[:, chosen],
        facts=np.stack([s[2] for s in stagings])[:, chosen],
        who=np.array(who, np.int64),
        where=np.array(where, np.int64),
        solos=_stack_solos(solos),
    )


def _window(
    rng: np.random.Generator, company: Company, cast: tuple[int, ...], place: int, frames: int
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """A window of a random shot: mostly its beginning, otherwise from anywhere."""
    request = random_request(rng, company, cast, float(rng.uniform(1.5, frames / 8 + 3)))
    whole = max(latent_frames(request), frames)
    latent = choreograph(request, [company.habits[i] for i in cast], company.places[place], int(rng.integers(2**31)), whole)
    staging = stage_shot(request, whole)
    start = 0 if rng.random() < 0.6 else int(rng.integers(0, whole - frames + 1))
    part = slice(start, start + frames)
    return latent[:, part], (staging.base[:, part], staging.cues[:, part], staging.facts)
