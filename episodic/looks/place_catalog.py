"""The kinds of place that the painter knows, read from `data/places`: their words, palettes, shapes and features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Final

from episodic.looks.data_files import DATA, TableError, parse_color, read_documents, read_table
from episodic.looks.place_kinds import Feature, Palette, PlaceKind, Shape

__all__ = ["PLACES", "PLACE_FILES", "read_places"]

PLACE_FILES: Final = ("places/rooms.yaml", "places/lands.yaml")
_ENTRIES: Final = frozenset(field.name for field in fields(PlaceKind))
_FLAGS: Final = frozenset({"curtains", "lamp", "blinds", "screen", "lit", "tall", "plain"})
_NUMBERS: Final = {
    "z": "z",
    "maybe": "chance",
    "half_width": "half_width",
    "height": "height",
    "shore_z": "shore_z",
    "canyon": "canyon",
}
_COLORS: Final = frozenset({"air", "tint"})
_OPTIONS_OF_FEATURE: Final = _FLAGS | {"z", "maybe", "on", "items", "front"}
_OPTIONS_OF_SHAPE: Final = frozenset(field.name for field in fields(Shape))


def read_places(folder: Path = DATA) -> dict[str, PlaceKind]:
    """Read all kinds of place, rooms first. TableError names the file, the place and what does not fit."""
    known_palettes = read_table("places/palettes.tsv", Palette, folder)
    places: dict[str, PlaceKind] = {}
    for file in PLACE_FILES:
        for name, entry in read_documents(file, folder).items():
            try:
                if name in places:
                    raise ValueError("this name is taken")
                if not isinstance(entry, Mapping) or set(entry) != _ENTRIES:
                    raise ValueError(f"expected the entries {', '.join(sorted(_ENTRIES))}")
                places[name] = _place(known_palettes, **entry)
            except ValueError as err:
                raise TableError(f"{folder / file}: {name}: {err}") from err
    return places


def _place(
    known_palettes: Mapping[str, Palette], *, words: object, indoors: object, palettes: object, shape: object, features: object
) -> PlaceKind:
    """A kind of place from the values of its entry. ValueError says what does not fit."""
    names = _listed(palettes)
    if unknown := [name for name in names if name not in known_palettes]:
        raise ValueError(f"palettes.tsv has no palette '{unknown[0]}'")
    if not isinstance(indoors, bool):
        raise ValueError("indoors is neither true nor false")
    if not isinstance(features, str):
        raise ValueError("features is no text with one feature a line")
    return PlaceKind(
        words=_listed(words),
        indoors=indoors,
        palettes=tuple(known_palettes[name] for name in names),
        shape=_shape(str(shape)),
        features=tuple(_feature(line) for line in features.splitlines()),
    )


def _listed(value: object) -> tuple[str, ...]:
    """The parts of a list written with commas."""
    if not isinstance(value, str) or not all(parts := tuple(value.split(", "))):
        raise ValueError(f"expected words separated by a comma and a space, not '{value}'")
    return parts


def _shape(text: str) -> Shape:
    """A shape from `name=value` pairs."""
    return Shape(**_options(text.split(), _OPTIONS_OF_SHAPE))  # type: ignore[arg-type]


def _feature(text: str) -> Feature:
    """A feature from `kind x y width height` and its options, in which a name without value is a flag."""
    kind, *parts = text.split()
    if len(parts) < 4:
        raise ValueError(f"expected a kind, x, y, width and height, not '{text}'")
    x, y, w, h = (_number(part, text) for part in parts[:4])
    options = _options(parts[4:], _OPTIONS_OF_FEATURE)
    return Feature(kind=kind, x=x, y=y, w=w, h=h, **options)  # type: ignore[arg-type]


def _options(parts: list[str], known: frozenset[str]) -> dict[str, object]:
    """Fields and values of `name=value` pairs and flags. ValueError for a name that is not in `known`."""
    options: dict[str, object] = {}
    for part in parts:
        name, _, value = part.partition("=")
        if name not in known or bool(value) == (name in _FLAGS):
            raise ValueError(f"'{part}' is no option here; known are {', '.join(sorted(known))}")
        if name in _NUMBERS:
            options[_NUMBERS[name]] = _number(value, part)
        elif name in _COLORS:
            options[name] = parse_color(value)
        else:
            options[name] = value or True
    return options


def _number(text: str, where: str) -> float:
    """A number; a whole number stays an int, because looks store it so."""
    try:
        return float(text) if "." in text else int(text)
    except ValueError as err:
        raise ValueError(f"'{text}' in '{where}' is no number") from err


PLACES: Final[Mapping[str, PlaceKind]] = read_places()
"""Kind of place to its description, rooms first."""
