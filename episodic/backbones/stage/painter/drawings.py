"""A table of drawing procedures, filled by decorating each procedure with the names that looks use for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

__all__ = ["Drawings"]

Procedure = TypeVar("Procedure", bound=Callable[..., object])


class Drawings(dict[str, Procedure]):
    """Name to drawing procedure: `@CHAIRS.draws("stool")` above the procedure that draws a stool."""

    def draws(self, *names: str) -> Callable[[Procedure], Procedure]:
        """Decorate the procedure that draws what has these names. ValueError if a name has a procedure already."""

        def enter(procedure: Procedure) -> Procedure:
            for name in names:
                if name in self:
                    raise ValueError(f"'{name}' is drawn by {self[name]} already")
                self[name] = procedure
            return procedure

        return enter
