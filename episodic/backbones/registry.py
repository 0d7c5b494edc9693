"""Backbones by name. Naming one costs nothing, opening one reads its folder's configuration, shooting loads its weights."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from episodic.backbones.diffusers.families.family_registry import FAMILIES, GENERIC
from episodic.backbones.diffusers.folder.spec import ModelSpec, resolve
from episodic.errors import InputError
from episodic.series.machine_settings import DEFAULT_MACHINE, MachineSettings
from episodic.series.shooting_settings import DEFAULT_SHOOTING, Shooting
from memory.suggestions import nearest_name

if TYPE_CHECKING:
    from episodic.backbones.protocol import Backbone

__all__ = ["BACKBONES", "check_name", "open_backbone", "pinned", "same_backbone", "settled"]

BACKBONES = ("stage", "cards")
"""`stage` is the embedded diffusion model; `cards` shoots flat colour cards, to try a plan's sound and timing."""


@lru_cache(maxsize=8)
def open_backbone(name: str, shooting: Shooting = DEFAULT_SHOOTING, machine: MachineSettings | None = None) -> Backbone:
    """Open an embedded backbone, or `FAMILY:PATH_OR_ID` (`ModelSpec`). The only place where a backbone's code is loaded.

    Raises InputError for an unknown name, with the valid ones, and BackboneError where the model cannot be opened.
    """
    check_name(name)
    if name == "cards":
        from episodic.backbones.cards import Cards

        return Cards()
    if name == "stage":
        from episodic.backbones.stage.backbone import Stage

        return Stage()
    from episodic.backbones.diffusers.backbone import open_video_model

    return open_video_model(ModelSpec.parse(name), shooting, machine or DEFAULT_MACHINE)


def check_name(name: str) -> None:
    """Raise InputError, with the valid names, for an unknown name. Opens no model."""
    if name in BACKBONES:
        return
    if ":" in name:
        ModelSpec.parse(name)
        return
    nearest = nearest_name(name, [*BACKBONES, *FAMILIES])
    hint = f"; did you mean {nearest}{':PATH_OR_ID' if nearest in FAMILIES else ''}?" if nearest else "."
    models = f"{', '.join([*FAMILIES, GENERIC])} with a model's folder or hub id, such as wan:./my-model (`episodic models`)"
    raise InputError(f"there is no backbone {name!r}{hint} Valid: {', '.join(BACKBONES)}; and {models}")


def settled(name: str) -> str:
    """The name as a series stores it: with a folder's absolute path. Raises as `check_name`."""
    check_name(name)
    if name in BACKBONES:
        return name
    spec = ModelSpec.parse(name)
    return str(spec if spec.is_hub else replace(spec, place=str(spec.path.resolve())))


def same_backbone(first: str, second: str) -> bool:
    """Whether two names mean the same backbone, whatever the revision. Raises as `check_name`."""
    if first in BACKBONES or second in BACKBONES:
        return first == second
    return ModelSpec.parse(first).same_model(ModelSpec.parse(second))


def pinned(name: str) -> str:
    """The name of a hub model with the commit that is on this machine. Raises BackboneError where the model is not."""
    if name in BACKBONES:
        return name
    spec = ModelSpec.parse(name)
    return name if not spec.is_hub or spec.is_pinned else str(spec.pinned(resolve(spec).revision))
