"""What a location looks like: words to a look, once, when the location is cast; and a look made safe to paint.

The look is JSON and lives in memory as the location's fact, so that a room keeps its windows where they are for the whole series.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from episodic.looks.place_catalog import PALETTE_KEYS, PLACES, PlaceKind
from episodic.looks.place_substitutes import NEAR_PLACES, SAME_PLACES
from episodic.looks.words import has, heads_of, said_first, said_last, words_of
from memory.model.facts import FactValue

__all__ = ["PLACE_KINDS", "SetLook", "location_look", "read_look", "read_place"]

PLACE_KINDS: Final = tuple(PLACES)
LOOK_FORMAT: Final = 1
_PLAIN: Final = ("room", "landscape")
"""What a place is of which no more is known than whether it has walls."""
_ONE_SIDED: Final = frozenset({"bed", "boat", "crane", "flag", "headland", "ladder", "ship", "stack_machine"})
"""What faces one way and is turned round in a mirrored place."""

_PHRASES: Final = SAME_PLACES | {one: place for one, place in NEAR_PLACES.items() if " " in one}
_INDOOR_HINTS = (
    "room",
    "hall",
    "inside",
    "house",
    "shop",
    "kitchen",
    "cabin",
    "hut",
    "station",
    "floor",
    "door",
    "wall",
    "desk",
    "table",
    "chamber",
    "tent",
    "vault",
    "basement",
)
_WORD = re.compile(r"[a-z0-9']+")
_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_COLORS: Final[dict[str, str]] = {
    "red": "#b5483a", "blue": "#5f86a8", "green": "#7f9f6a", "yellow": "#e0bd62", "pink": "#dfa6a4", "purple": "#80689a",
    "white": "#ece6d8", "black": "#3c3a40", "orange": "#d98a4a", "brown": "#8a5f40", "grey": "#94949a", "gray": "#94949a",
    "golden": "#d9ac52", "turquoise": "#5fa6a2", "violet": "#7d6aa0",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLook:
    """A location's look, checked: every key a painter reads is there."""

    place: str
    indoors: bool
    seed: int
    palette: Mapping[str, str]
    shape: Mapping[str, Any]
    features: tuple[Mapping[str, Any], ...]

    def random(self, salt: int) -> np.random.Generator:
        """Numbers that are the same in every shot at this location."""
        return np.random.default_rng([self.seed & 0x7FFFFFFF, salt])


def location_look(*, name: str, description: str, seed: int) -> dict[str, FactValue]:
    """The look of a location from its name and description; `seed` makes two kitchens differ. Never fails: unknown words fall
    back to a plain room or a landscape by their hints."""
    text = f"{name} . {description}".lower().replace("_", " ")
    place, _ = read_place(name=name, description=description)
    kind = PLACES[place]
    mixed = int.from_bytes(hashlib.blake2b(f"{seed}/{name}".encode(), digest_size=4).digest(), "big") & 0x7FFFFFFF
    random = np.random.default_rng(mixed)
    return {
        "format": LOOK_FORMAT,
        "place": place,
        "indoors": kind.indoors,
        "seed": mixed,
        "palette": _palette(kind, description.lower(), random),
        "shape": _shape(kind, text),
        "features": _features(kind, random),
    }


def read_look(look: Mapping[str, FactValue], location: str) -> SetLook:
    """A stored look, with whatever is missing or wrong in it taken from the location's own name."""
    place = look.get("place")
    if not isinstance(place, str) or place not in PLACES or not isinstance(look.get("features"), list):
        base: Mapping[str, Any] = location_look(name=str(place or location), description=location, seed=0)
    else:
        base = look
    kind = PLACES[str(base["place"])]
    colors = base.get("palette")
    plain = dict(zip(PALETTE_KEYS, kind.palettes[0].split(), strict=True))
    if isinstance(colors, Mapping):
        plain |= {key: str(value) for key, value in colors.items() if _HEX.fullmatch(str(value))}
    shape = base.get("shape")
    seed = base.get("seed")
    return SetLook(
        place=str(base["place"]),
        indoors=kind.indoors,
        seed=seed if isinstance(seed, int) else 0,
        palette=plain,
        shape=kind.shape | (dict(shape) if isinstance(shape, Mapping) else {}),
        features=tuple(one for one in (_read_feature(raw) for raw in base["features"]) if one is not None),
    )


def _read_feature(raw: Any) -> Mapping[str, Any] | None:
    if not isinstance(raw, Mapping) or not isinstance(raw.get("kind"), str):
        return None
    numbers = {key: raw.get(key, default) for key, default in (("x", 0.0), ("y", 0.0), ("w", 1.0), ("h", 1.0))}
    if "z" in raw:
        numbers["z"] = raw["z"]
    if not all(isinstance(value, (int, float)) and math.isfinite(value) for value in numbers.values()):
        return None
    return {**raw, **{key: float(value) for key, value in numbers.items()}}


def read_place(*, name: str, description: str) -> tuple[str, str | None]:
    """The kind of place whose words fit best, and the word that says so; None where none does, and only hints decide.

    What the name says counts more than the description. A word of `NEAR_PLACES` counts where nothing the painter knows is named.
    """
    called, about = name.lower().replace("_", " "), description.lower().replace("_", " ")
    names, heads = words_of(called), heads_of(words_of(about))
    text = f"{called} . {about}"
    if phrase := said_last(names, _PHRASES):
        return _PHRASES[phrase], phrase
    place, word = _best(called, text)
    if place and has(names, word) and place not in _PLAIN:
        return place, word
    near = said_last(names, NEAR_PLACES) or (said_first(heads, NEAR_PLACES) if place in _PLAIN or not has(heads, word) else None)
    if near is None and (not place or place in _PLAIN):
        near = said_first(words_of(text), NEAR_PLACES)
    if near is not None and not (place and NEAR_PLACES[near] in _PLAIN):
        return NEAR_PLACES[near], near
    if place:
        return place, word
    padded = f" {' '.join(_WORD.findall(text))} "
    indoor = any(f" {hint} " in padded or f" {hint}s " in padded for hint in _INDOOR_HINTS)
    return "room" if indoor else "landscape", None


def _best(name: str, text: str) -> tuple[str, str]:
    """The kind of place whose words fit best and the word that weighs most in it: the name counts more than the description, long
    words more than short ones."""
    padded_name, padded = f" {' '.join(_WORD.findall(name))} ", f" {' '.join(_WORD.findall(text))} "
    best, best_word, best_score = "", "", 0.0
    for place, kind in PLACES.items():
        score, heaviest, said = 0.0, 0.0, ""
        for word in kind.words:
            plain = word.replace("-", " ")
            for form in (plain, plain + "s"):
                weight, part = 1 + 0.5 * plain.count(" ") + 0.02 * len(plain), 0.0
                if f" {form} " in padded_name:
                    # the last word of a name is what the place is; those before it say which
                    part += (3.4 if padded_name.endswith(f" {form} ") else 2.2) * weight
                if f" {form} " in padded:
                    part += weight
                score += part
                if part > heaviest:
                    heaviest, said = part, plain
        if score > best_score + 1e-9:
            best, best_word, best_score = place, said, score
    return best, best_word


def _palette(kind: PlaceKind, words: str, random: np.random.Generator) -> dict[str, FactValue]:
    chosen = kind.palettes[int(random.integers(len(kind.palettes)))].split()
    palette: dict[str, FactValue] = dict(zip(PALETTE_KEYS, (_nudged(one, random) for one in chosen), strict=True))
    for word in _WORD.findall(words):
        if word in _COLORS and kind.indoors:
            palette["wall"] = _COLORS[word]
            break
    return palette


def _nudged(color: str, random: np.random.Generator) -> str:
    """The same colour a shade warmer, cooler, lighter or darker."""
    channels = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)], float)
    channels = channels * random.uniform(0.95, 1.05) + random.uniform(-6, 6, 3)
    return "#" + "".join(f"{round(one):02x}" for one in np.clip(channels, 0, 255))


def _shape(kind: PlaceKind, text: str) -> dict[str, FactValue]:
    shape: dict[str, FactValue] = dict(kind.shape)
    outside = {
        "sea": ("sea", "ocean", "harbour", "harbor", "coast", "lighthouse"),
        "city": ("city", "street", "chicago", "town"),
        "mountains": ("mountain", "alps", "peak"),
        "space": ("space", "orbit", "stars", "astronaut"),
        "deep": ("deep-sea", "underwater", "submarine"),
        "forest": ("forest", "woods"),
    }
    for view, words in outside.items():
        if kind.indoors and any(word in text for word in words) and shape.get("outside") not in ("space", "deep"):
            shape["outside"] = view
            break
    for size, words in (
        ((0.88), ("small", "tiny", "cramped", "narrow")),
        ((1.12), ("large", "huge", "grand", "vast", "great hall")),
    ):
        if kind.indoors and any(f" {word}" in f" {text}" for word in words):
            shape["half_width"] = float(kind.shape["half_width"]) * size
            shape["height"] = float(kind.shape["height"]) * size
            break
    return shape


def _features(kind: PlaceKind, random: np.random.Generator) -> list[FactValue]:
    """The catalogue's features, mirrored or not, each nudged a little, the optional ones drawn by lot."""
    side = -1.0 if random.random() < 0.5 else 1.0
    swap = {"left": "right", "right": "left"}
    features: list[FactValue] = []
    for template in kind.features:
        kept = random.random() < float(template.get("maybe", 1.0))
        drift, grow, seed = random.uniform(-0.12, 0.12), random.uniform(0.95, 1.06), int(random.integers(1 << 20))
        if not kept:
            continue
        feature = {key: value for key, value in template.items() if key != "maybe"}
        centred = feature["x"] == 0
        if feature.get("on") in swap:
            feature["on"] = swap[feature["on"]] if side < 0 else feature["on"]
        else:
            feature["x"] = round(feature["x"] * side + (0.0 if centred else drift), 2)
        if not centred:
            feature["h"] = round(feature["h"] * grow, 2)
        feature["seed"] = seed
        if side < 0 and feature["kind"] in _ONE_SIDED:
            feature["flip"] = True
        features.append(feature)
    return features
