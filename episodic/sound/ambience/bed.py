"""The bed of a scene: what its place, hour and weather sound like. Synthesised, so that no second of it repeats and none is silent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float

from episodic.sound.ambience.layers import LAYERS
from episodic.sound.ambience.noise import band, hiss
from episodic.sound.audio import SAMPLE_RATE, Stereo, generator
from episodic.sound.mix.loudness import level_to
from episodic.sound.mix.mix import Room
from memory.model.facts import FactValue
from planners.plan.vocabulary import TimeOfDay, Weather

__all__ = ["ambience_bed", "room_of"]

_LEVEL_HZ: Final = 8
_SWING_DB: Final = 10.0
"""Between a level of 0 and of 1."""
_FLOOR_DBFS: Final = -58.0


@dataclass(frozen=True, slots=True)
class _Recipe:
    """Layers with their levels in dB, the bed's loudness, and how the place answers to a voice."""

    layers: str
    lufs: float = -36.0
    room: Room = "room"


_PLACES: Final[dict[str, _Recipe]] = {
    "lamp_room": _Recipe("waves-4 wind-8 room-8 creaks-8 hum-14", -34, "small"),
    "bakery": _Recipe("fire-2 room-6 kitchenware-8 hum-14", -36),
    "kitchen": _Recipe("hum-6 kitchenware-4 room-6", -36, "small"),
    "living_room": _Recipe("room-2 clock-8 breeze-18"),
    "bedroom": _Recipe("room-2 clock-14 breeze-16", -38, "small"),
    "workshop": _Recipe("room-4 hum-8 creaks-14 clock-16", -36),
    "attic": _Recipe("room-4 creaks-6 wind-14", -37, "small"),
    "detective_office": _Recipe("room-4 city-8 clock-12 hum-16", -35),
    "office": _Recipe("room-4 hum-8 murmur-16"),
    "bar": _Recipe("murmur-2 kitchenware-10 room-8", -33),
    "courtroom": _Recipe("room-2 murmur-10 creaks-16 clock-18", -35, "hall"),
    "hotel_lobby": _Recipe("room-4 murmur-8 clock-14 kitchenware-20", -35, "hall"),
    "classroom": _Recipe("room-3 murmur-14 birds-18 clock-14", -35),
    "library": _Recipe("room-2 pages-8 clock-10", -38, "hall"),
    "theatre": _Recipe("room-2 murmur-9 creaks-14", -36, "hall"),
    "spaceship": _Recipe("ship_hum-0 blips-8", -33, "small"),
    "sea_lab": _Recipe("deep-2 hum-8 groans-4 blips-14", -34, "small"),
    "lab": _Recipe("hum-3 blips-10 stream-18", -35),
    "palace": _Recipe("room-2 wind-18 fire-14", -37, "hall"),
    "train": _Recipe("rails-0 creaks-10", -32, "small"),
    "room": _Recipe("room-2 clock-14 breeze-18"),
    "coast": _Recipe("waves-0 wind-9 gulls-8", -31, "outdoors"),
    "harbour": _Recipe("lapping-2 gulls-8 creaks-8 foghorn-10 murmur-16", -32, "outdoors"),
    "deck": _Recipe("waves-2 wind-5 creaks-5", -31, "outdoors"),
    "street": _Recipe("city-0 murmur-14", -32, "outdoors"),
    "alley": _Recipe("city-5 hum-12 room-10", -34, "outdoors"),
    "forest": _Recipe("breeze-3 birds-4", -34, "outdoors"),
    "meadow": _Recipe("breeze-2 birds-6", -34, "outdoors"),
    "garden": _Recipe("breeze-5 birds-4 stream-14", -35, "outdoors"),
    "mountain": _Recipe("wind-1 birds-20", -34, "outdoors"),
    "snow": _Recipe("snow-0 wind-10", -36, "outdoors"),
    "desert": _Recipe("wind-2 breeze-10", -35, "outdoors"),
    "planet": _Recipe("wind-2 ship_hum-10 chimes-18", -34, "outdoors"),
    "space": _Recipe("ship_hum-4 chimes-12", -37, "small"),
    "underwater": _Recipe("deep-0 groans-12", -33, "outdoors"),
    "leaf": _Recipe("stream-6 machinery-6 chimes-6 breeze-10", -33, "room"),
    "body": _Recipe("heartbeat-0 deep-8 machinery-12", -33, "cave"),
    "landscape": _Recipe("breeze-2 birds-8", -35, "outdoors"),
}
_INDOORS, _OUTDOORS = _PLACES["room"], _PLACES["landscape"]

_WORDS: Final = (
    (r"neon|arcade|sign", "neon-8"),
    (r"fire|fireplace|hearth|oven|furnace|campfire|brick_oven", "fire-7"),
    (r"crowd|market|party|audience|guests|cafe|fair|festival", "murmur-7"),
    (r"factory|machine|machines|machinery|engine|engines|mill|foundry", "machinery-6"),
    (r"sea|ocean|waves|beach|shore|lighthouse", "waves-9"),
    (r"harbour|harbor|dock|docks|pier|quay|port", "lapping-7"),
    (r"river|stream|brook|fountain|waterfall|creek", "stream-7"),
    (r"radio|transmitter", "static-14"),
    (r"clock|clocks|clockwork", "clock-8"),
    (r"server|generator|fridge|refrigerator", "hum-10"),
    (r"cave|tunnel|cellar|crypt|sewer", "deep-14"),
    (r"train|railway|subway|metro", "rails-12"),
    (r"windy|gale|cliff|summit|peak", "wind-7"),
)
"""Words of a description, or names of things in the set, that can be heard."""

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
    """The bed of one scene, about -31 to -38 LUFS before `level`.

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
    """How a place answers to a voice, from its look."""
    return _recipe(place).room


def _recipe(place: Mapping[str, FactValue]) -> _Recipe:
    known = _PLACES.get(str(place.get("place", "")))
    return known or (_INDOORS if _indoors(place) else _OUTDOORS)


def _indoors(place: Mapping[str, FactValue]) -> bool:
    indoors = place.get("indoors")
    return indoors if isinstance(indoors, bool) else False


def _read(layers: str) -> dict[str, float]:
    """`waves-4 wind-8`: names with decibels."""
    return {name: -float(db) for name, db in (item.rsplit("-", 1) for item in layers.split())}


def _levels(recipe: _Recipe, place: Mapping[str, FactValue], description: str) -> dict[str, float]:
    levels = _read(recipe.layers)
    features = place.get("features")
    things = [str(one.get("kind", "")) for one in features if isinstance(one, dict)] if isinstance(features, list) else []
    heard = f"{description.lower()} {' '.join(things)}"
    for pattern, layer in _WORDS:
        if re.search(rf"\b(?:{pattern})\b", heard):
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
