"""Named needs: the artifacts that a task reads, each under the name by which its step asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Generic, TypeVar

from episodic.storage.artifacts import Stored

__all__ = ["NO_NEEDS", "Arity", "Need", "Needs", "Slot", "needs_to_json"]

T = TypeVar("T")
U = TypeVar("U")

Need = str | Stored
"""The id of the task that makes the artifact, or the key of an artifact that an earlier episode made."""


class Arity(Enum):
    """How many artifacts go under one name."""

    ONE = "exactly one"
    OPTIONAL = "one or none"
    LIST = "any number, in order"
    MAP = "any number, each under a name of its own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """What a step may be given under one name."""

    arity: Arity
    kinds: tuple[str, ...]
    """Kinds of steps that make it."""
    stored: bool = False
    """Whether an artifact of an earlier episode will do."""

    @classmethod
    def single(cls, *kinds: str) -> Slot:
        """Exactly one artifact."""
        return cls(arity=Arity.ONE, kinds=kinds)

    @classmethod
    def optional(cls, *kinds: str, stored: bool = False) -> Slot:
        """One artifact or none."""
        return cls(arity=Arity.OPTIONAL, kinds=kinds, stored=stored)

    @classmethod
    def ordered(cls, *kinds: str) -> Slot:
        """Any number of artifacts, in order."""
        return cls(arity=Arity.LIST, kinds=kinds)

    @classmethod
    def named(cls, *kinds: str, stored: bool = False) -> Slot:
        """Any number of artifacts, each under a name of its own."""
        return cls(arity=Arity.MAP, kinds=kinds, stored=stored)


@dataclass(frozen=True)
class Needs(Generic[T]):
    """Values by name: one, a tuple in order, or a mapping. What stands in the graph as `Need` reaches the step as a folder."""

    values: Mapping[str, T | tuple[T, ...] | Mapping[str, T]] = field(default_factory=dict)

    def single(self, name: str) -> T:
        """The single value under a name. Raises KeyError where there is none, TypeError where there are several."""
        value = self.values[name]
        if isinstance(value, tuple | Mapping):
            raise TypeError(f"{name} names several artifacts, not one")
        return value

    def optional(self, name: str) -> T | None:
        """The single value under a name; None where there is none."""
        return self.single(name) if name in self.values else None

    def ordered(self, name: str) -> tuple[T, ...]:
        """The values under a name, in order."""
        value = self.values.get(name, ())
        if not isinstance(value, tuple):
            raise TypeError(f"{name} names no list of artifacts")
        return value

    def named(self, name: str) -> Mapping[str, T]:
        """The values under a name, each by a name of its own."""
        value = self.values.get(name, {})
        if not isinstance(value, Mapping):
            raise TypeError(f"{name} names no mapping of artifacts")
        return value

    def arity(self, name: str) -> Arity:
        """How the values stand under a name that is there."""
        value = self.values[name]
        return Arity.LIST if isinstance(value, tuple) else Arity.MAP if isinstance(value, Mapping) else Arity.ONE

    def flat(self) -> Iterator[tuple[str, T]]:
        """Every value with its name; a value of a mapping as `name.key`."""
        for name, value in self.values.items():
            if isinstance(value, tuple):
                yield from ((name, element) for element in value)
            elif isinstance(value, Mapping):
                yield from ((f"{name}.{key}", element) for key, element in value.items())
            else:
                yield name, value

    def map(self, convert: Callable[[T], U]) -> Needs[U]:
        """The same names with other values."""
        values: dict[str, U | tuple[U, ...] | Mapping[str, U]] = {}
        for name, value in self.values.items():
            if isinstance(value, tuple):
                values[name] = tuple(convert(element) for element in value)
            elif isinstance(value, Mapping):
                values[name] = {key: convert(element) for key, element in value.items()}
            else:
                values[name] = convert(value)
        return Needs(values)


NO_NEEDS: Final[Needs[Need]] = Needs()


def needs_to_json(needs: Needs[Need]) -> Mapping[str, object]:
    """Needs as the ledger has them: a task by its id, a stored artifact as `artifact KEY`."""
    return needs.map(lambda need: f"artifact {need.key}" if isinstance(need, Stored) else need).values
