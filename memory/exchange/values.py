"""Checks of single values in a row of `episodic/memory@1`. Each returns the value as memory takes it. Pure: no database."""

from __future__ import annotations

import base64
import binascii
import math
import re
import sys
from array import array
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

from memory.model.facts import StoryPosition
from memory.model.limits import ENTITY_ID, LAST_NUMBER, MOST_DIMENSIONS, MOST_TEXT, check_json_size, invalid

__all__ = [
    "Check",
    "entity_names",
    "finite",
    "json_object",
    "matching",
    "one_of",
    "or_null",
    "position",
    "shown",
    "sightings",
    "text_of",
    "truth",
    "vector",
    "whole",
]

_MOST_BASE64: Final = (MOST_DIMENSIONS * 4 + 2) // 3 * 4
_POSITION: Final = re.compile(r"(0|[1-9]\d{0,5}):(0|[1-9]\d{0,5})")

Check = Callable[[Any], Any]
"""Takes a value from a document and returns it as memory takes it, or raises InvalidValueError."""


def shown(value: Any) -> str:
    """A value as a message shows it: short."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def text_of(most: int = MOST_TEXT, least: int = 0) -> Check:
    """A text of `least` to `most` characters that every database takes."""

    def check(value: Any) -> str:
        if not isinstance(value, str):
            invalid(f"expected a text, found {shown(value)}", "put it in quotes")
        if not least <= len(value) <= most:
            invalid(f"expected {least} to {most:,} characters, found {len(value):,}", "shorten it" if value else "fill it in")
        if "\0" in value or not _encodable(value):
            invalid("holds a character that no database takes (NUL, or half of a pair)", "remove it")
        return value

    return check


def _encodable(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def matching(pattern: re.Pattern[str], expected: str) -> Check:
    """A text that matches a pattern; `expected` describes the pattern in messages."""

    def check(value: Any) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            invalid(f"expected {expected}, found {shown(value)}", "correct it")
        return value

    return check


def one_of(*choices: str | None) -> Check:
    """One of some texts, or of some texts and null."""

    def check(value: Any) -> str | None:
        if not (value is None or isinstance(value, str)) or value not in choices:
            invalid(f"expected one of {', '.join(map(str, choices))}, found {shown(value)}", "choose one of them")
        return value

    return check


def whole(least: int, most: int) -> Check:
    """A whole number within bounds."""

    def check(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            invalid(f"expected a whole number from {least} to {most}, found {shown(value)}", "correct it")
        return value

    return check


def finite(value: Any) -> float:
    """A finite number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or abs(value) > 1e300 or not math.isfinite(value):
        invalid(f"expected a finite number, found {shown(value)}", "correct it")
    return float(value)


def truth(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        invalid(f"expected true or false, found {shown(value)}", "write one of them")
    return value


def position(value: Any) -> StoryPosition:
    """A position, spelled EPISODE:SCENE."""
    match = _POSITION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        invalid(f"expected a position EPISODE:SCENE such as 2:4, each up to {LAST_NUMBER:,}, found {shown(value)}", "correct it")
    return StoryPosition(int(match[1]), int(match[2]))


def or_null(check: Check) -> Check:
    """A value that `check` accepts, or null."""
    return lambda value: None if value is None else check(value)


def json_object(value: Any) -> Any:
    """A JSON object, not too large and not too deep."""
    if not isinstance(value, dict):
        invalid(f"expected an object {{…}}, found {shown(value)}", "correct it")
    return check_json_size(value)


def entity_names(value: Any) -> Any:
    """A list of entities' ids, each once."""
    if not isinstance(value, list) or not all(isinstance(name, str) and ENTITY_ID.fullmatch(name) for name in value):
        invalid(f"expected a list of entities' ids, found {shown(value)}", "correct it")
    if len(set(value)) < len(value):
        invalid(f"names {Counter(value).most_common(1)[0][0]!r} twice", "remove one of them")
    return value


def vector(value: Any) -> bytes:
    """Base64 of little-endian float32."""
    if not isinstance(value, str) or len(value) > _MOST_BASE64:
        invalid(f"expected base64 of at most {MOST_DIMENSIONS:,} float32, found {shown(value)}", "export again")
    try:
        packed = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        invalid(f"is not base64: {shown(value)}", "export again")
    if not packed or len(packed) % 4 or base64.b64encode(packed).decode() != value:
        invalid(f"is {len(packed)} bytes; expected whole float32 of 4 bytes each, at least one", "export again")
    numbers = array("f", packed)
    if sys.byteorder == "big":
        numbers.byteswap()
    if not all(map(math.isfinite, numbers)):
        invalid("holds a number that is not finite", "export again, or remove the row")
    return packed


def _box(value: Any) -> Any:
    """Check a box [left, top, right, bottom]."""
    if not isinstance(value, list) or len(value) != 4:
        invalid(f"expected a box [left, top, right, bottom], found {shown(value)}", "correct it")
    for number in value:
        finite(number)
    return value


def sightings(value: Any) -> Any:
    """Sightings by entity id: where the entity is, its likeness to itself, and whether it was verified."""
    json_object(value)
    for entity, sighting in value.items():
        if not ENTITY_ID.fullmatch(entity):
            invalid(f"names {shown(entity)}, which is no entity's id", "correct it")
        if not isinstance(sighting, dict) or sorted(sighting) != ["box", "likeness", "verified"]:
            invalid(f"{entity}: expected an object with box, likeness and verified, found {shown(sighting)}", "correct it")
        _box(sighting["box"])
        or_null(finite)(sighting["likeness"])
        truth(sighting["verified"])
    return value
