"""Suggestions for a misspelt name in an error message."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = ["did_you_mean", "nearest_name"]


def nearest_name(name: str, names: Iterable[str]) -> str | None:
    """The one of `names` most like `name`; None where none is near."""
    return next(iter(difflib.get_close_matches(name, list(names), 1)), None)


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """The end of an error message's first sentence: `; did you mean mara?`, or a full stop where no name is near."""
    nearest = nearest_name(name, names)
    return "." if nearest is None else f"; did you mean {nearest}?"
