"""The ambience bed of a scene: the sound of its place, time of day and weather. Synthesised, so that it neither repeats nor falls silent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
from jaxtyping import Float

from episodic.sound.ambience.layers import LAYERS
from episodic.sound.ambience.noise import band, hiss
from episodic.sound.audio import SAMPLE_RATE, Stereo, generator
from episodic.sound.mix.meter import level_to
from episodic.sound.mix.mix import Room
from memory.model.facts import FactValue
from planners.data_file import DataFile, read_data_file
from planners.plan.vocabulary import TimeOfDay, Weather

__all__ = ["BedTables", "Recipe", "ambience_bed", "room_of"]

_LEVEL_HZ: Final = 8
_SWING_DB: Final = 10.0
"""dB between a level of 0 and of 1."""
_FLOOR_DBFS: Final = -58.0


class Recipe(DataFile):
    """The bed of a kind of place."""

    layers: str
    """Layers with their level in dB, as `waves-4 wind-8`."""
    lufs: float = -36.0
    room: Room = "room"
    """The acoustics that answer a voice."""


class BedTables(DataFile):
    """The tables of `data/beds.yaml`; each is described there."""

    places: dict[str, Recipe]
    words: tuple[tuple[tuple[str, ...], str], ...]


_TABLES: Final = read_data_file(Path(__file__).with_name("data") / "beds.yaml", BedTables)
_INDOORS, _OUTDOORS = (_TABLES.places.get(name, Recipe(layers="room-2")) for name in ("room", "landscape"))
_NATURE: Final = frozenset({"birds", "gulls"})


def ambience_bed(
    *,
    place: Mapping[str, FactValue],
    description: str,
    time: TimeOfDay,
    weather: Weather,
    seconds: float,
    seed: int,
    level: Float[np.ndarray, " time"] | None = None,
) -> Stereo:
    """Synthesise the bed of one scene, at about -31 to -38 LUFS before `level`.

    `place`: the location's look, of which "place", "indoors" and the features' kinds are read; `level`: 0..1 at 8 Hz, where 0.5
    leaves the bed as it is. Deterministic in its arguments; every half second is well above -60 dBFS.
    """
    samples = round(seconds * SAMPLE_RATE)
    if samples <= 0:
        raise ValueError(f"a bed needs a length, got {seconds} s")
    recipe = _recipe(place)
    indoors = _indoors(place)
    levels = _with_hour(_levels(recipe, place, description), indoors, time)
    bed = _sum(levels, samples, seed)
    outside, extra_db = _weather(weather, indoors, str(place.get("place", "")))
    if outside:
        heard = _sum(outside, samples, seed)
        bed += _through_walls(heard) if indoors else heard
    bed = level_to(bed, recipe.lufs + extra_db)
    if level is not None and len(level):
        bed *= _follow(np.asarray(level, np.float64), samples)[:, None]
    return _never_silent(_rounded(bed), seed)


def room_of(place: Mapping[str, FactValue]) -> Room:
    """The acoustics of a place, from its look."""
    return _recipe(place).room


def _recipe(place: Mapping[str, FactValue]) -> Recipe:
    known = _TABLES.places.get(str(place.get("place", "")))
    return known or (_INDOORS if _indoors(place) else _OUTDOORS)


def _indoors(place: Mapping[str, FactValue]) -> bool:
    indoors = place.get("indoors")
    return indoors if isinstance(indoors, bool) else False


def _read(layers: str) -> dict[str, float]:
    """`waves-4 wind-8`: names with decibels."""
    return {name: -float(db) for name, db in (item.rsplit("-", 1) for item in layers.split())}


def _levels(recipe: Recipe, place: Mapping[str, FactValue], description: str) -> dict[str, float]:
    """Levels of a place's layers in dB, with those that its description and features add."""
    levels = _read(recipe.layers)
    features = place.get("features")
    kinds = [str(each.get("kind", "")) for each in features if isinstance(each, dict)] if isinstance(features, list) else []
    text = f"{description.lower()} {' '.join(kinds)}"
    for words, layer in _TABLES.words:
        if re.search(rf"\b(?:{'|'.join(words)})\b", text):
            for name, db in _read(layer).items():
                levels[name] = max(db, levels.get(name, -99.0))
    return levels


def _with_hour(levels: dict[str, float], indoors: bool, time: TimeOfDay) -> dict[str, float]:
    """Birds sing by day and most at dawn; at night there are crickets and an owl instead."""
    out = dict(levels)
    for name in _NATURE & set(levels):
        if time == "night":
            db = out.pop(name)
            if name == "birds" and not indoors:
                out |= {"crickets": db - 4, "owl": db - 6}
        else:
            out[name] += {"dawn": 3.0, "dusk": -6.0}.get(time, 0.0)
    if "city" in out and time == "night":
        out["city"] -= 3.0
    return out


def _weather(weather: Weather, indoors: bool, place: str) -> tuple[dict[str, float], float]:
    """Layers from the sky, and how much louder it makes the bed."""
    if place in ("spaceship", "space", "underwater", "sea_lab", "body"):
        return {}, 0.0
    layers: dict[Weather, tuple[str, float]] = {
        "clear": ("", 0.0),
        "rain": ("rain-0" if not indoors else "roof_rain-0", 3.0),
        "storm": ("rain-0 wind-2 thunder-0" if not indoors else "roof_rain-0 wind-0 thunder-0", 6.0),
        "snow": ("snow-2", 0.0),
        "fog": ("snow-8", -1.0),
        "wind": ("wind-0", 3.0),
    }
    names, louder = layers[weather]
    return _read(names), louder * (0.6 if indoors else 1.0)


def _sum(levels: dict[str, float], samples: int, seed: int) -> Stereo:
    out = np.zeros((samples, 2), np.float32)
    for name, db in sorted(levels.items()):
        # each layer has dice of its own: adding one does not change the others
        out += LAYERS[name](samples, generator("layer", name, seed)) * np.float32(10 ** (db / 20))
    return out


def _through_walls(sound: Stereo) -> Stereo:
    """What is left of the weather behind glass and brick."""
    return band(sound, 0, 900) + np.float32(0.12) * sound


def _follow(level: Float[np.ndarray, " time"], samples: int) -> Float[np.ndarray, " sample"]:
    """Gain from a loudness track, smoothed over half a second so that it is never heard as an edit."""
    db = (np.clip(level, 0, 1) - 0.5) * _SWING_DB
    kernel = np.hanning(7)[1:-1]
    smooth = np.convolve(np.pad(db, 2, mode="edge"), kernel / kernel.sum(), mode="valid")
    at = np.arange(samples) / SAMPLE_RATE * _LEVEL_HZ
    return np.asarray(10 ** (np.interp(at, np.arange(len(smooth)), smooth) / 20), np.float32)


def _rounded(bed: Stereo, knee: float = 0.3, ceiling: float = 0.6) -> Stereo:
    """A single near drop or clap must not be the loudest thing in the film."""
    room = ceiling - knee
    over = np.abs(bed) > knee
    bed[over] = np.sign(bed[over]) * (knee + room * np.tanh((np.abs(bed[over]) - knee) / room))
    return bed


def _never_silent(bed: Stereo, seed: int) -> Stereo:
    """Lift the quietest half seconds with room tone: digital silence sounds like a fault."""
    window = SAMPLE_RATE // 4
    whole = max(1, len(bed) // window)
    power = np.array([np.mean(np.square(part)) for part in np.array_split(bed, whole)])
    if 10 * np.log10(power.min() + 1e-20) >= _FLOOR_DBFS + 6:
        return bed
    floor = hiss(len(bed), generator("floor", seed), 80, 900) * np.float32(10 ** ((_FLOOR_DBFS + 9) / 20))
    return np.asarray(bed + floor)
