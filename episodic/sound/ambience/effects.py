"""Foley and hits: footsteps by surface, doors, knocks, thuds and thunder, at the times of a take's impacts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, Literal, get_args

import numpy as np
from jaxtyping import Float

from episodic.sound.ambience.layers import thunderclap
from episodic.sound.ambience.noise import band, decay, hiss, ping, tone
from episodic.sound.audio import SAMPLE_RATE, Mono, Stereo, generator, pan
from memory.model.facts import FactValue
from planners.data_file import DataFile, read_data_file

__all__ = ["Hit", "Surface", "SurfaceTables", "effects_track", "footsteps", "hits", "surface_of"]

Surface = Literal["wood", "stone", "grass", "sand", "snow", "metal", "carpet", "water"]
Hit = Literal["step", "thud", "knock", "door", "thunder", "splash", "clang"]
Dice = np.random.Generator

SURFACES: Final[tuple[Surface, ...]] = get_args(Surface)
_LATENT_HZ: Final = 8
_HEARD: Final = 0.22
"""Impacts weaker than this are inaudible."""


class SurfaceTables(DataFile):
    """The tables of `data/surfaces.yaml`; each is described there."""

    floors: dict[Surface, tuple[str, ...]]
    places: dict[Surface, tuple[str, ...]]


_TABLES: Final = read_data_file(Path(__file__).with_name("data") / "surfaces.yaml", SurfaceTables)
_FLOORS: Final = {floor: surface for surface, floors in _TABLES.floors.items() for floor in floors}
_PLACES: Final = {place: surface for surface, places in _TABLES.places.items() for place in places}


def surface_of(place: Mapping[str, FactValue]) -> Surface:
    """The surface of a location, from its look: its floor if known, else its kind of place."""
    shape = place.get("shape")
    floor = shape.get("floor") if isinstance(shape, dict) else None
    return _FLOORS.get(str(floor), _PLACES.get(str(place.get("place", "")), "wood"))


def effects_track(
    impacts: Float[np.ndarray, " time"], *, seconds: float, place: Mapping[str, FactValue] | None = None, seed: int = 0
) -> Stereo:
    """Foley for a take's impact track: 0..1 at 8 Hz, whose peaks are steps, and blows where they are strong.

    Returns exactly `seconds`. Peaks under -12 dBFS.
    """
    samples = round(seconds * SAMPLE_RATE)
    out = np.zeros((samples, 2), np.float32)
    surface = surface_of(place or {})
    dice = generator("effects", seed)
    side = float(dice.choice([-1.0, 1.0]))
    for tick in _peaks(np.asarray(impacts, np.float64)):
        strength = float(min(1.0, impacts[tick]))
        side = -side
        sound = _BLOWS["thud"](dice) if strength > 0.85 else _step(surface, dice)
        _put(out, sound * np.float32(0.25 + 0.75 * strength), tick / _LATENT_HZ, 0.12 * side + float(dice.normal(0, 0.04)))
    return out


def footsteps(
    times_s: Sequence[float], surface: Surface, *, seconds: float, seed: int = 0, at: float = 0.0, weight: float = 0.6
) -> Stereo:
    """Steps at given times on a surface, left and right foot in turn. `at`: -1 left..1 right; `weight`: 0 light..1 heavy."""
    out = np.zeros((round(seconds * SAMPLE_RATE), 2), np.float32)
    dice = generator("steps", seed, surface)
    for number, time in enumerate(times_s):
        _put(out, _step(surface, dice) * np.float32(0.4 + 0.6 * weight), time, at + (0.08 if number % 2 else -0.08))
    return out


def hits(what: Hit, times_s: Sequence[float], *, seconds: float, seed: int = 0, at: float = 0.0) -> Stereo:
    """One kind of sound at given times."""
    out = np.zeros((round(seconds * SAMPLE_RATE), 2), np.float32)
    dice = generator("hits", seed, what)
    for time in times_s:
        _put(out, _BLOWS[what](dice), time, at)
    return out


def _peaks(impacts: Float[np.ndarray, " time"]) -> list[int]:
    """Local maxima that can be heard, a step's time apart."""
    out: list[int] = []
    padded = np.pad(impacts, 1, mode="constant")
    for tick in range(len(impacts)):
        left, here, right = padded[tick], padded[tick + 1], padded[tick + 2]
        if here > _HEARD and here >= left and here > right and (not out or tick - out[-1] >= 2):
            out.append(tick)
    return out


def _put(out: Stereo, sound: Mono, at_s: float, position: float) -> None:
    """Add a sound at a time and a stereo position."""
    start = round(at_s * SAMPLE_RATE)
    if 0 <= start < len(out):
        heard = sound[: len(out) - start]
        out[start : start + len(heard)] += pan(heard, position)


def _noise(dice: Dice, seconds: float, low: float, high: float, half_s: float, attack_s: float = 0.001) -> Mono:
    """Band-limited noise with an attack and an exponential decay."""
    return np.asarray(hiss(round(seconds * SAMPLE_RATE), dice, low, high, stereo=False) * decay(seconds, half_s, attack_s))


def _step(surface: Surface, dice: Dice) -> Mono:
    """Heel, then sole; no two alike."""
    heel = _GROUND[surface](dice)
    sole = _GROUND[surface](dice) * np.float32(dice.uniform(0.3, 0.55))
    gap = round(float(dice.uniform(0.055, 0.085)) * SAMPLE_RATE)
    out = np.zeros(gap + max(len(heel), len(sole)), np.float32)
    out[: len(heel)] += heel
    out[gap : gap + len(sole)] += sole
    return out * np.float32(dice.uniform(0.8, 1.0))


def _wood(dice: Dice) -> Mono:
    base = float(dice.uniform(85, 130))
    body = ping(((base, 1, 0.022), (base * 2.3, 0.5, 0.014), (base * 4.1, 0.2, 0.008)), 0.16)
    return body * np.float32(0.09) + _noise(dice, 0.16, 400, 2600, 0.008) * np.float32(0.02)


def _stone(dice: Dice) -> Mono:
    """A step on stone."""
    return _noise(dice, 0.12, 700, 4200, 0.009) * np.float32(0.06) + _noise(dice, 0.12, 90, 260, 0.016) * np.float32(0.04)


def _grass(dice: Dice) -> Mono:
    return _noise(dice, 0.2, 900, 5200, 0.035, 0.018) * np.float32(0.035) + _noise(dice, 0.2, 70, 200, 0.02) * np.float32(0.03)


def _sand(dice: Dice) -> Mono:
    return _noise(dice, 0.22, 500, 3600, 0.05, 0.025) * np.float32(0.04)


def _snow(dice: Dice) -> Mono:
    """A step in snow."""
    crunch = _noise(dice, 0.24, 700, 3800, 0.06, 0.012) * np.float32(0.05)
    grains = (dice.random(len(crunch)) < 0.012).astype(np.float32)
    return crunch * 0.5 + band(grains * decay(0.24, 0.07)[: len(crunch)], 900, 4500) * np.float32(0.25)


def _metal(dice: Dice) -> Mono:
    base = float(dice.uniform(210, 320))
    ring = ping(((base, 1, 0.05), (base * 2.41, 0.7, 0.06), (base * 4.9, 0.35, 0.03)), 0.35)
    return ring * np.float32(0.035) + _noise(dice, 0.35, 500, 3000, 0.008) * np.float32(0.04)


def _carpet(dice: Dice) -> Mono:
    """A step on carpet."""
    return _noise(dice, 0.14, 60, 380, 0.02, 0.006) * np.float32(0.05)


def _water(dice: Dice) -> Mono:
    return _noise(dice, 0.3, 400, 2600, 0.07, 0.02) * np.float32(0.05)


def _thud(dice: Dice) -> Mono:
    samples = round(0.5 * SAMPLE_RATE)
    drop = tone(samples, 70 * 0.5 ** (np.linspace(0, 1, samples) * 0.8)) * decay(0.5, 0.07)
    return np.asarray(drop * np.float32(0.2) + _noise(dice, 0.5, 120, 1400, 0.03) * np.float32(0.05))


def _knock(dice: Dice) -> Mono:
    base = float(dice.uniform(170, 220))
    return ping(((base, 1, 0.025), (base * 1.9, 0.5, 0.018), (base * 3.6, 0.3, 0.01)), 0.2) * np.float32(0.12)


def _door(dice: Dice) -> Mono:
    latch = _noise(dice, 0.9, 1500, 5000, 0.006) * np.float32(0.04)
    leaf = np.roll(_wood(dice), 0)
    latch[round(0.22 * SAMPLE_RATE) :][: len(leaf)] += 1.6 * leaf
    return latch + np.roll(_noise(dice, 0.9, 60, 300, 0.06), round(0.22 * SAMPLE_RATE)) * np.float32(0.05)


def _clang(dice: Dice) -> Mono:
    base = float(dice.uniform(260, 420))
    return ping(((base, 1, 0.3), (base * 2.76, 0.6, 0.2), (base * 5.4, 0.3, 0.1)), 1.5) * np.float32(0.08)


def _splash(dice: Dice) -> Mono:
    return _noise(dice, 0.9, 500, 6000, 0.14, 0.01) * np.float32(0.07)


_GROUND: Final[dict[Surface, Callable[[Dice], Mono]]] = {
    "wood": _wood,
    "stone": _stone,
    "grass": _grass,
    "sand": _sand,
    "snow": _snow,
    "metal": _metal,
    "carpet": _carpet,
    "water": _water,
}
_BLOWS: Final[dict[Hit, Callable[[Dice], Mono]]] = {
    "step": _wood,
    "thud": _thud,
    "knock": _knock,
    "door": _door,
    "thunder": thunderclap,
    "splash": _splash,
    "clang": _clang,
}
