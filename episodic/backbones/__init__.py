"""Backbones: the models that shoot shots. Naming one costs nothing; opening one loads what it needs."""

from __future__ import annotations

import difflib
from functools import cache

from episodic.backbones.protocol import Backbone
from episodic.errors import InputError

__all__ = ["BACKBONES", "check_name", "open_backbone"]

BACKBONES = ("stage", "cards")
"""`stage` is the embedded diffusion model; `cards` shoots flat colour cards, to try a plan's sound and timing."""


@cache
def open_backbone(name: str) -> Backbone:
    """The backbone of that name. Raises InputError with the valid names."""
    check_name(name)
    if name == "cards":
        from episodic.backbones.cards import Cards

        return Cards()
    from episodic.backbones.stage.backbone import Stage

    return Stage()


def check_name(name: str) -> None:
    """Raise InputError, with the valid names, when there is no backbone of that name."""
    if name in BACKBONES:
        return
    near = difflib.get_close_matches(name, BACKBONES, 1)
    hint = f"; did you mean {near[0]}?" if near else "."
    raise InputError(f"there is no backbone {name!r}{hint} Valid: {', '.join(BACKBONES)}")
