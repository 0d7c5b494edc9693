"""The largest and longest values that memory takes, on every database and in the exchange format. Pure: no database."""

from __future__ import annotations

import math
import re
from typing import Any, Final, NoReturn

__all__ = [
    "ARTIFACT_KEY",
    "ENTITY_ID",
    "FILE_NAME",
    "LAST_NUMBER",
    "MOST_DIMENSIONS",
    "MOST_LEVELS",
    "MOST_TEXT",
    "InvalidValueError",
    "check_json_size",
    "invalid",
]

LAST_NUMBER: Final = 999_999
"""The largest number of an episode, and of a scene within its episode."""
MOST_LEVELS: Final = 64
"""The deepest nesting of a JSON value."""
MOST_TEXT: Final = 1_000_000
"""The longest text, in characters."""
_MOST_VALUE: Final = 4_000_000
MOST_DIMENSIONS: Final = 65_536
"""The longest vector."""
ENTITY_ID: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
# both become parts of a path: neither may lead out of the folder of artifacts
ARTIFACT_KEY: Final = re.compile(r"[A-Za-z0-9_-]{1,128}")
FILE_NAME: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,79}")


class InvalidValueError(ValueError):
    """What is wrong with one value, and the remedy. The caller adds where it is."""


def invalid(what: str, remedy: str) -> NoReturn:
    """Raise InvalidValueError."""
    raise InvalidValueError(f"{what}; {remedy}")


def check_json_size(value: Any) -> Any:
    """Return a JSON value that is neither too large nor too deep. Raises InvalidValueError for one that is."""
    pending: list[tuple[Any, int]] = [(value, 1)]
    size = 0
    while pending:
        node, level = pending.pop()
        size += len(node) if isinstance(node, str) else 1
        if level > MOST_LEVELS:
            invalid(f"is nested deeper than {MOST_LEVELS} levels", "flatten it")
        if size > _MOST_VALUE:
            invalid(f"is larger than {_MOST_VALUE:,} characters and numbers", "shorten it")
        if isinstance(node, dict):
            pending += ((child, level + 1) for child in node.values())
            size += sum(map(len, node))
        elif isinstance(node, list):
            pending += ((child, level + 1) for child in node)
        elif isinstance(node, int) and abs(node) >= 10**300:
            invalid("holds a number of more than 300 digits", "shorten it")
        elif isinstance(node, float) and not math.isfinite(node):  # 1e999 is valid JSON
            invalid("holds a number that is not finite", "correct it")
    return value
