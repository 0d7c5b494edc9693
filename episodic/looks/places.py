"""What a location looks like: a look made from words when the location is cast, and a stored look made safe to paint.

The look is JSON. Memory keeps it as a fact of the location, so that a room keeps its windows where they are for the whole series.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np

from episodic.looks.data_files import Color, parse_color, read_pairs, read_words
from episodic.looks.place_catalog import PLACES
from episodic.looks.place_kinds import NUMBERS_OF_SHAPE, PALETTE_KEYS, Feature, Palette, PlaceKind, Shape
from episodic.looks.substitutes import NEAR_PLACES, SAME_PLACES
from episodic.looks.words import first_named, has, heads_of, last_named, words_of
from memory.model.facts import FactValue

__all__ = ["PLACE_KINDS", "SetLook", "location_look", "read_look", "read_place"]

PLACE_KINDS: Final = tuple(PLACES)
LOOK_FORMAT: Final = 1
_PLAIN: Final = ("room", "landscape")
"""The kinds of place of which only the walls, or their absence, are known."""
_ONE_SIDED: Final = frozenset({"bed", "boat", "crane", "flag", "headland", "ladder", "ship", "stack_machine"})
"""Features that face one way and are turned round in a mirrored place."""
_PHRASES: Final = {**SAME_PLACES, **{phrase: place for phrase, place in NEAR_PLACES.items() if " " in phrase}}
_INDOOR_HINTS: Final = read_words("places/indoor_hints.txt")
_WALL_COLORS: Final[Mapping[str, str]] = read_pairs("places/wall_colors.tsv", parse_color)
_WORD: Final = re.compile(r"[a-z0-9']+")
_HEX: Final = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLook:
    """A location's look with every value that a painter reads, checked."""

    place: str
    indoors: bool
    seed: int
    palette: Palette
    shape: Shape
    features: tuple[Feature, ...]

    def random(self, salt: int) -> np.random.Generator:
        """A generator of numbers that are the same in every shot at this location."""
        return np.random.default_rng([self.seed & 0x7FFFFFFF, salt])


def location_look(*, name: str, description: str, seed: int) -> dict[str, FactValue]:
    """The look of a location as JSON, from its name and description; `seed` makes two kitchens differ.

    Never fails: unknown words give a plain room or a plain landscape.
    """
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
    """Check a stored look. What is missing or wrong in it comes from the location's own name and from its kind of place."""
    place = look.get("place")
    if not isinstance(place, str) or place not in PLACES or not isinstance(look.get("features"), list):
        look = location_look(name=str(place or location), description=location, seed=0)
    place = str(look.get("place"))
    kind = PLACES[place]
    seed = look.get("seed")
    features = look.get("features")
    stored = [Feature.from_json(feature) for feature in features] if isinstance(features, list) else []
    return SetLook(
        place=place,
        indoors=kind.indoors,
        seed=seed if isinstance(seed, int) else 0,
        palette=_read_palette(look.get("palette"), kind.palettes[0]),
        shape=_read_shape(look.get("shape"), kind.shape),
        features=tuple(feature for feature in stored if feature is not None),
    )


def _read_palette(stored: FactValue, usual: Palette) -> Palette:
    """The usual palette with the stored colours that are colours."""
    if not isinstance(stored, Mapping):
        return usual
    colors = {key: Color(str(value)) for key, value in stored.items() if key in PALETTE_KEYS and _HEX.fullmatch(str(value))}
    return replace(usual, **colors)


def _read_shape(stored: FactValue, usual: Shape) -> Shape:
    """The usual shape with the stored values that have the right type."""
    if not isinstance(stored, Mapping):
        return usual
    known = {field.name: stored[field.name] for field in fields(Shape) if field.name in stored}
    fitting = {
        name: value for name, value in known.items() if isinstance(value, (int, float) if name in NUMBERS_OF_SHAPE else str)
    }
    return replace(usual, **fitting)  # type: ignore[arg-type]


def read_place(*, name: str, description: str) -> tuple[str, str | None]:
    """The kind of place whose words fit best, and the word that decided; None if no word did and only hints decide.

    The name counts more than the description. A word of `NEAR_PLACES` counts if the painter has no set that the words name.
    """
    title, about = name.lower().replace("_", " "), description.lower().replace("_", " ")
    names, heads = words_of(title), heads_of(words_of(about))
    text = f"{title} . {about}"
    if phrase := last_named(names, _PHRASES):
        return _PHRASES[phrase], phrase
    place, word = _best(title, text)
    if place and has(names, word) and place not in _PLAIN:
        return place, word
    near = last_named(names, NEAR_PLACES) or (
        first_named(heads, NEAR_PLACES) if place in _PLAIN or not has(heads, word) else None
    )
    if near is None and (not place or place in _PLAIN):
        near = first_named(words_of(text), NEAR_PLACES)
    if near is not None and not (place and NEAR_PLACES[near] in _PLAIN):
        return NEAR_PLACES[near], near
    if place:
        return place, word
    padded = f" {' '.join(_WORD.findall(text))} "
    indoor = any(f" {hint} " in padded or f" {hint}s " in padded for hint in _INDOOR_HINTS)
    return "room" if indoor else "landscape", None


def _best(name: str, text: str) -> tuple[str, str]:
    """The kind of place whose words fit best, and its heaviest word.

    The name counts more than the description, and a long word more than a short one.
    """
    padded_name, padded = f" {' '.join(_WORD.findall(name))} ", f" {' '.join(_WORD.findall(text))} "
    best, best_word, best_score = "", "", 0.0
    for place, kind in PLACES.items():
        score, heaviest, heaviest_word = 0.0, 0.0, ""
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
                    heaviest, heaviest_word = part, plain
        if score > best_score + 1e-9:
            best, best_word, best_score = place, heaviest_word, score
    return best, best_word


def _palette(kind: PlaceKind, words: str, random: np.random.Generator) -> dict[str, FactValue]:
    """One of the palettes, each colour moved a little; the walls of a room take the first colour that the words name."""
    chosen = kind.palettes[int(random.integers(len(kind.palettes)))]
    palette: dict[str, FactValue] = {key: _nudged(str(color), random) for key, color in chosen.to_json().items()}
    for word in _WORD.findall(words):
        if word in _WALL_COLORS and kind.indoors:
            palette["wall"] = _WALL_COLORS[word]
            break
    return palette


def _nudged(color: str, random: np.random.Generator) -> str:
    """The same colour a shade warmer, cooler, lighter or darker."""
    channels = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)], float)
    channels = channels * random.uniform(0.95, 1.05) + random.uniform(-6, 6, 3)
    return "#" + "".join(f"{round(channel):02x}" for channel in np.clip(channels, 0, 255))


_VIEWS: Final = {
    "sea": ("sea", "ocean", "harbour", "harbor", "coast", "lighthouse"),
    "city": ("city", "street", "chicago", "town"),
    "mountains": ("mountain", "alps", "peak"),
    "space": ("space", "orbit", "stars", "astronaut"),
    "deep": ("deep-sea", "underwater", "submarine"),
    "forest": ("forest", "woods"),
}
"""What is seen through a window: the words that say so."""
_SIZES: Final = ((0.88, ("small", "tiny", "cramped", "narrow")), (1.12, ("large", "huge", "grand", "vast", "great hall")))
"""Factors of a room's width and height, and the words that ask for them."""


def _shape(kind: PlaceKind, text: str) -> dict[str, FactValue]:
    """The shape of a place; for a room with the view and the size that the words name."""
    shape = kind.shape
    if not kind.indoors:
        return shape.to_json()
    for view, words in _VIEWS.items():
        if shape.outside not in ("space", "deep") and any(word in text for word in words):
            shape = replace(shape, outside=view)
            break
    for factor, words in _SIZES:
        if shape.half_width and shape.height and any(f" {word}" in f" {text}" for word in words):
            shape = replace(shape, half_width=shape.half_width * factor, height=shape.height * factor)
            break
    return shape.to_json()


def _features(kind: PlaceKind, random: np.random.Generator) -> list[FactValue]:
    """The features of the catalogue, mirrored or not, each moved and scaled a little, the optional ones drawn by lot."""
    mirrored = random.random() < 0.5
    sides = {"left": "right", "right": "left"}
    features: list[FactValue] = []
    for template in kind.features:
        kept = random.random() < template.chance
        drift, growth, seed = random.uniform(-0.12, 0.12), random.uniform(0.95, 1.06), int(random.integers(1 << 20))
        if not kept:
            continue
        centred = template.x == 0
        feature = replace(template, seed=seed, flip=mirrored and template.kind in _ONE_SIDED)
        if template.on in sides:
            feature = replace(feature, on=sides[template.on] if mirrored else template.on)
        else:
            feature = replace(feature, x=round(template.x * (-1.0 if mirrored else 1.0) + (0.0 if centred else drift), 2))
        if not centred:
            feature = replace(feature, h=round(template.h * growth, 2))
        features.append(feature.to_json())
    return features
