"""What is different between the inputs of a task last time and now, in words."""

from __future__ import annotations

import json
import re
from typing import Any, Final

__all__ = ["differences"]

_INTERNAL: Final = re.compile(r"^(?:inputs\.)?(?:source\.)?(?:timed\.)?(?:draft\.)?(?:performers\[([a-z]\w*)\])?")
"""The beginning of a path to an input that means nothing to the user, except the performer it names."""
_LONGEST: Final = 48


def differences(before: Any, now: Any) -> list[str]:
    """Sentences such as `mara.look.coat.color changed from "red" to "blue"`, for two JSON values."""
    return _differences(before, now, "")


def _differences(before: Any, now: Any, path: str) -> list[str]:
    if type(before) is type(now) and isinstance(before, dict):
        names = list(dict.fromkeys([*before, *now]))
        return [
            text for name in names for text in _differences(before.get(name), now.get(name), f"{path}.{name}" if path else name)
        ]
    if type(before) is type(now) and isinstance(before, list) and len(before) == len(now):
        pairs = enumerate(zip(before, now, strict=True))
        return [text for number, (old, new) in pairs for text in _differences(old, new, f"{path}[{_name(new, number)}]")]
    if before == now:
        return []
    return [f"{_readable(path)} changed from {_short(before)} to {_short(now)}"]


def _readable(path: str) -> str:
    """`inputs.timed.draft.performers[mara].look.coat.color` as `mara.look.coat.color`."""
    return _INTERNAL.sub(r"\1", path)


def _name(value: Any, number: int) -> str:
    """What stands for an element of a list: its id, where it has one."""
    return str(value.get("id", number)) if isinstance(value, dict) else str(number)


def _short(value: Any) -> str:
    """A JSON value in few characters."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "…"
