"""Typed inputs as JSON, for keys and the ledger."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from enum import Enum
from typing import Any, Protocol, runtime_checkable

from pydantic import BaseModel

from memory.model.facts import FactValue

__all__ = ["fields_to_json", "to_json"]


@runtime_checkable
class _HasJson(Protocol):
    def to_json(self) -> Any:
        """The value as JSON."""
        ...


def fields_to_json(inputs: Any) -> dict[str, FactValue]:
    """The fields of a dataclass object as JSON, without those that have their default."""
    return {
        field.name: to_json(getattr(inputs, field.name))
        for field in dataclasses.fields(inputs)
        if getattr(inputs, field.name) != _default(field)
    }


def _default(field: dataclasses.Field[Any]) -> Any:
    return field.default if field.default_factory is dataclasses.MISSING else field.default_factory()


def to_json(value: Any) -> Any:
    """One input as JSON. Raises TypeError for a type that has no JSON."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_defaults=True)
    if isinstance(value, _HasJson):
        return value.to_json()
    if dataclasses.is_dataclass(value):
        return fields_to_json(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(name): to_json(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(entry) for entry in value]
    if value is None or isinstance(value, str | int | float):
        return value
    raise TypeError(f"a step takes no {type(value).__name__}")
