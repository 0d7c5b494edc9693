"""Stored JSON objects, read field by field as the types that their format states."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Self, TypeVar

from memory.model.facts import FactValue

__all__ = ["JsonObject"]

_Choice = TypeVar("_Choice", bound=str)


class JsonObject:
    """The fields of one JSON object. Every reader raises ValueError for a missing field, or one of another type.

    `default` is the value of a missing field; None: it must not be missing. Numbers stay as they are stored: 1 does not become 1.0.
    """

    __slots__ = ("_fields",)

    def __init__(self, fields: object) -> None:
        """Raises ValueError for anything but an object."""
        if not isinstance(fields, Mapping):
            raise ValueError(f"expected a JSON object, found {fields!r}")
        self._fields: Mapping[str, FactValue] = fields

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a JSON text. Raises ValueError for text that is no JSON object, RecursionError for one that is nested too deeply."""
        return cls(json.loads(text))

    def get(self, name: str) -> FactValue:
        """Return the value of a field as it is stored; None where it is missing."""
        return self._fields.get(name)

    def text(self, name: str, default: str | None = None) -> str:
        """Return a string."""
        value = self._fields.get(name, default)
        if not isinstance(value, str):
            raise _unexpected(name, "a string", value)
        return value

    def integer(self, name: str) -> int:
        """Return a whole number."""
        value = self._fields.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise _unexpected(name, "a whole number", value)
        return value

    def number(self, name: str) -> float:
        """Return a number."""
        return _number(name, self._fields.get(name))

    def flag(self, name: str, default: bool | None = None) -> bool:
        """Return true or false."""
        value = self._fields.get(name, default)
        if not isinstance(value, bool):
            raise _unexpected(name, "true or false", value)
        return value

    def choice(self, name: str, choices: Sequence[_Choice], default: _Choice | None = None) -> _Choice:
        """Return one of some strings."""
        value = self._fields.get(name, default)
        for choice in choices:
            if choice == value:
                return choice
        raise _unexpected(name, f"one of {', '.join(choices)}", value)

    def entries(self, name: str, *, optional: bool = False) -> Sequence[FactValue]:
        """Return a list as it is stored. `optional`: a missing list is empty."""
        value = self._fields.get(name, [] if optional else None)
        if not isinstance(value, list | tuple):
            raise _unexpected(name, "a list", value)
        return value

    def texts(self, name: str, *, optional: bool = False) -> tuple[str, ...]:
        """Return a list of strings. `optional`: a missing list is empty."""
        return tuple(_text(name, entry) for entry in self.entries(name, optional=optional))

    def numbers(self, name: str) -> tuple[float, ...]:
        """Return a list of numbers."""
        return tuple(_number(name, entry) for entry in self.entries(name))

    def objects(self, name: str, *, optional: bool = False) -> tuple[JsonObject, ...]:
        """Return a list of objects. `optional`: a missing list is empty."""
        return tuple(JsonObject(entry) for entry in self.entries(name, optional=optional))

    def values(self, name: str, *, optional: bool = False) -> dict[str, FactValue]:
        """Return an object as it is stored. `optional`: a missing object is empty."""
        value = self._fields.get(name, {} if optional else None)
        if not isinstance(value, Mapping):
            raise _unexpected(name, "an object", value)
        return dict(value)

    def object(self, name: str) -> JsonObject:
        """Return an object."""
        return JsonObject(self.values(name))

    def object_or_none(self, name: str) -> JsonObject | None:
        """Return an object; None where it is missing or null."""
        return None if self._fields.get(name) is None else self.object(name)

    def named_objects(self, name: str) -> dict[str, JsonObject]:
        """Return an object whose values are objects."""
        return {key: JsonObject(value) for key, value in self.values(name).items()}


def _text(name: str, value: FactValue) -> str:
    """Return an entry of a list of strings. Raises ValueError for anything else."""
    if not isinstance(value, str):
        raise _unexpected(name, "strings", value)
    return value


def _number(name: str, value: FactValue) -> float:
    """Return a number. Raises ValueError for anything else."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise _unexpected(name, "a number", value)
    return value


def _unexpected(name: str, expected: str, value: FactValue) -> ValueError:
    """Return the error for a field of another type."""
    return ValueError(f"expected {expected} in the field {name!r}, found {value!r}")
