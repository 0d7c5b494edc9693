"""What single values in a row of `episodic/memory@1` may be. Each check gives the value as memory takes it. Pure, no database."""

from __future__ import annotations

import base64
import binascii
import math
import re
import sys
from array import array
from collections import Counter
from collections.abc import Callable
from typing import Any, Final, NoReturn

from memory.model.facts import StoryPosition

__all__ = [
    "ARTIFACT_KEY",
    "ENTITY_ID",
    "FILE_NAME",
    "MOST_DIMENSIONS",
    "MOST_LEVELS",
    "MOST_TEXT",
    "Check",
    "WrongError",
    "any_value",
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
    "wrong",
]

MOST_LEVELS: Final = 64
"""A value may be nested so deep."""
MOST_TEXT: Final = 1_000_000
_MOST_VALUE: Final = 4_000_000
MOST_DIMENSIONS: Final = 65_536
_MOST_BASE64: Final = (MOST_DIMENSIONS * 4 + 2) // 3 * 4
_LAST: Final = 999_999
_POSITION: Final = re.compile(r"(0|[1-9]\d{0,5}):(0|[1-9]\d{0,5})")
ENTITY_ID: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
# both become parts of a path: neither may lead out of the folder of artifacts
ARTIFACT_KEY: Final = re.compile(r"[A-Za-z0-9_-]{1,128}")
FILE_NAME: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,79}")

Check = Callable[[Any], Any]
"""Takes a value from a document; gives it as memory takes it, or raises WrongError."""


class WrongError(ValueError):
    """What is wrong with one value, and the remedy; where it is, the caller knows."""


def wrong(what: str, remedy: str) -> NoReturn:
    """Raise WrongError."""
    raise WrongError(f"{what}; {remedy}")


def shown(value: Any) -> str:
    """A value as a message shows it: short."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def text_of(most: int = MOST_TEXT, least: int = 0) -> Check:
    """A text of `least` to `most` characters that every database takes."""

    def check(value: Any) -> str:
        if not isinstance(value, str):
            wrong(f"expected a text, found {shown(value)}", "put it in quotes")
        if not least <= len(value) <= most:
            wrong(f"expected {least} to {most:,} characters, found {len(value):,}", "shorten it" if value else "fill it in")
        if "\0" in value or not _encodable(value):
            wrong("holds a character that no database takes (NUL, or half of a pair)", "remove it")
        return value

    return check


def _encodable(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def matching(pattern: re.Pattern[str], expected: str) -> Check:
    """A text of a given form; `expected` says which."""

    def check(value: Any) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            wrong(f"expected {expected}, found {shown(value)}", "correct it")
        return value

    return check


def one_of(*choices: str | None) -> Check:
    """One of some texts, or of some texts and null."""

    def check(value: Any) -> str | None:
        if not (value is None or isinstance(value, str)) or value not in choices:
            wrong(f"expected one of {', '.join(map(str, choices))}, found {shown(value)}", "choose one of them")
        return value

    return check


def whole(least: int, most: int) -> Check:
    """A whole number within bounds."""

    def check(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            wrong(f"expected a whole number from {least} to {most}, found {shown(value)}", "correct it")
        return value

    return check


def finite(value: Any) -> float:
    """A number that is neither infinite nor undefined."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or abs(value) > 1e300 or not math.isfinite(value):
        wrong(f"expected a finite number, found {shown(value)}", "correct it")
    return float(value)


def truth(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        wrong(f"expected true or false, found {shown(value)}", "write one of them")
    return value


def position(value: Any) -> StoryPosition:
    """A position, spelled EPISODE:SCENE."""
    match = _POSITION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        wrong(f"expected a position EPISODE:SCENE such as 2:4, each up to {_LAST:,}, found {shown(value)}", "correct it")
    return StoryPosition(int(match[1]), int(match[2]))


def or_null(check: Check) -> Check:
    """What `check` takes, or null."""
    return lambda value: None if value is None else check(value)


def any_value(value: Any) -> Any:
    """Any JSON value, but not too large and not too deep."""
    waiting: list[tuple[Any, int]] = [(value, 1)]
    size = 0
    while waiting:
        one, level = waiting.pop()
        size += len(one) if isinstance(one, str) else 1
        if level > MOST_LEVELS:
            wrong(f"is nested deeper than {MOST_LEVELS} levels", "flatten it")
        if size > _MOST_VALUE:
            wrong(f"is larger than {_MOST_VALUE:,} characters and numbers", "shorten it")
        if isinstance(one, dict):
            waiting += ((each, level + 1) for each in one.values())
            size += sum(map(len, one))
        elif isinstance(one, list):
            waiting += ((each, level + 1) for each in one)
        elif isinstance(one, int) and abs(one) >= 10**300:
            wrong("holds a number of more than 300 digits", "shorten it")
        elif isinstance(one, float) and not math.isfinite(one):  # 1e999 is good JSON
            wrong("holds a number that is not finite", "correct it")
    return value


def json_object(value: Any) -> Any:
    """A JSON object, not too large and not too deep."""
    if not isinstance(value, dict):
        wrong(f"expected an object {{…}}, found {shown(value)}", "correct it")
    return any_value(value)


def entity_names(value: Any) -> Any:
    """A list of entities' ids, each once."""
    if not isinstance(value, list) or not all(isinstance(one, str) and ENTITY_ID.fullmatch(one) for one in value):
        wrong(f"expected a list of entities' ids, found {shown(value)}", "correct it")
    if len(set(value)) < len(value):
        wrong(f"names {Counter(value).most_common(1)[0][0]!r} twice", "remove one of them")
    return value


def vector(value: Any) -> bytes:
    """Base64 of little-endian float32."""
    if not isinstance(value, str) or len(value) > _MOST_BASE64:
        wrong(f"expected base64 of at most {MOST_DIMENSIONS:,} float32, found {shown(value)}", "export again")
    try:
        packed = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        wrong(f"is not base64: {shown(value)}", "export again")
    if not packed or len(packed) % 4 or base64.b64encode(packed).decode() != value:
        wrong(f"is {len(packed)} bytes; expected whole float32 of 4 bytes each, at least one", "export again")
    numbers = array("f", packed)
    if sys.byteorder == "big":
        numbers.byteswap()
    if not all(map(math.isfinite, numbers)):
        wrong("holds a number that is not finite", "export again, or remove the row")
    return packed


def _box(value: Any) -> Any:
    if not isinstance(value, list) or len(value) != 4:
        wrong(f"expected a box [left, top, right, bottom], found {shown(value)}", "correct it")
    for one in value:
        finite(one)
    return value


def sightings(value: Any) -> Any:
    """Entity id -> where it is and whether it is itself."""
    json_object(value)
    for entity, sighting in value.items():
        if not ENTITY_ID.fullmatch(entity):
            wrong(f"names {shown(entity)}, which is no entity's id", "correct it")
        if not isinstance(sighting, dict) or sorted(sighting) != ["box", "likeness", "verified"]:
            wrong(f"{entity}: expected an object with box, likeness and verified, found {shown(sighting)}", "correct it")
        _box(sighting["box"])
        or_null(finite)(sighting["likeness"])
        truth(sighting["verified"])
    return value
