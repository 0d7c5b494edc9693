"""What can be said of one model on this machine: its parts, rules, what of memory it takes and what not, and how it would be run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from episodic.backbones.diffusers.families.registry import (
    FAMILIES,
    GENERIC,
    KEYFRAME_FAMILIES,
    family_of,
    open_family,
    open_keyframe_family,
)
from episodic.backbones.diffusers.folder.catalogue import CATALOGUE, Published, memory_words, picture_words
from episodic.backbones.diffusers.folder.inspect import inspect_folder
from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.folder.spec import ModelSpec, locate, resolve
from episodic.backbones.diffusers.machine.model_size import ModelSize
from episodic.backbones.diffusers.machine.plan import Machine, plan_machine
from episodic.backbones.diffusers.picture_family import PictureRules
from episodic.backbones.diffusers.rules import Rules
from episodic.errors import BackboneError
from memory.model.facts import FactValue

__all__ = ["EVERY_FAMILY", "ModelCard", "card_of", "published"]

EVERY_FAMILY: Final = (*FAMILIES, GENERIC, *KEYFRAME_FAMILIES)
"""What a model can be named by: families that shoot, and those that make keyframes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """One model that is on this machine."""

    spec: ModelSpec
    """As `--backbone` takes it, pinned where it is of the hub."""
    folder: ModelFolder
    family: str
    rules: Rules | PictureRules
    takes: tuple[str, ...]
    """What of memory and plan it can take, one phrase each."""
    size: ModelSize
    """For the longest window, or the picture, that it was made for."""
    limits: tuple[str, ...]
    """What it cannot take, in words; only of models that no family knows."""
    catalogue: Published | None
    """What is known of it where it is a published model."""
    terms: tuple[str, ...]
    """Licence files in its folder."""

    def machine(self, machine: Machine | None = None) -> tuple[str, Mapping[str, tuple[str, str]]]:
        """The machine in words, and for every lever what would be chosen on it and why; no levers where nothing fits, and why in words."""
        here = machine or Machine.here()
        try:
            plan = plan_machine(here, self.size)
        except BackboneError as err:
            return f"{here}: {err.message}", {}
        return str(here), {name: (choice.value, choice.reason) for name, choice in plan.choices()}

    def to_json(self) -> dict[str, FactValue]:
        """For programs."""
        return {
            "spec": str(self.spec),
            "folder": str(self.folder.root),
            "class": self.folder.class_name,
            "family": self.family,
            "fingerprint": self.folder.fingerprint,
            "revision": self.folder.revision,
            "components": {
                name: {
                    "class": f"{library}.{kind}",
                    "bytes": self.folder.weight_bytes[name],
                    "parameters": self.size.parameters.get(name, 0),
                }
                for name, (library, kind) in self.folder.components.items()
            },
            "rules": _rules_json(self.rules),
            "takes": list(self.takes),
            "limits": list(self.limits),
            "licence": self.catalogue.licence if self.catalogue else None,
            "licence_limits": self.catalogue.limits if self.catalogue else None,
            "licence_files": list(self.terms),
        }


def card_of(text: str) -> ModelCard:
    """The card of `FAMILY:PATH_OR_ID[@REVISION]`, or of a folder's path alone.

    Raises InputError or BackboneError as `resolve` does; also where the model can be read but not shot with.
    """
    spec, folder = _found(text)
    name = _family_of(folder)
    rules: Rules | PictureRules
    if name in KEYFRAME_FAMILIES:
        draws = open_keyframe_family(name)
        folder = draws.complete(folder)
        rules, limits = draws.rules(folder), None
        takes = picture_words(rules)
        size = ModelSize.of(folder, draws.text_components, frames=1, size=rules.size_for(1, 1))
    else:
        shoots = open_family(name)
        rules, limits = shoots.rules(folder), getattr(shoots, "limits", None)
        takes = memory_words(shoots.capabilities(folder))
        size = ModelSize.of(folder, shoots.text_components, frames=rules.most_frames, size=rules.size)
    return ModelCard(
        spec=spec,
        folder=folder,
        family=name,
        rules=rules,
        takes=takes,
        size=size,
        limits=limits(folder) if limits else (),
        catalogue=published(spec),
        terms=tuple(sorted(one.name for one in folder.root.iterdir() if one.name.startswith(("LICENSE", "NOTICE")))),
    )


def _rules_json(rules: Rules | PictureRules) -> dict[str, FactValue]:
    found: dict[str, FactValue] = {"side_multiple": rules.side_multiple, "steps": rules.steps, "guidance": rules.guidance}
    if isinstance(rules, PictureRules):
        return {"area": rules.area, **found}
    return {
        "fps": rules.fps,
        "frames": f"{rules.frame_step} k + {rules.frame_offset}",
        "most_frames": rules.most_frames,
        "size": list(rules.size),
        **found,
    }


def published(spec: ModelSpec) -> Published | None:
    """What the catalogue has of a hub id."""
    return next((one for one in CATALOGUE if spec.is_hub and one.id.lower() == spec.place.lower()), None)


def _found(text: str) -> tuple[ModelSpec, ModelFolder]:
    family, colon, _ = text.partition(":")
    if colon and (family in EVERY_FAMILY or not _is_folder(text)):
        spec = ModelSpec.parse(text, families=EVERY_FAMILY)
        root = locate(spec) if spec.is_hub else None
        return (spec.pinned(root.name) if root else spec), resolve(spec)
    folder = inspect_folder(Path(text))
    return ModelSpec(family=_family_of(folder), place=str(folder.root)), folder


def _family_of(folder: ModelFolder) -> str:
    keyframes = (name for name, (_, _, classes) in KEYFRAME_FAMILIES.items() if folder.class_name in classes)
    return family_of(folder.class_name) or next(keyframes, GENERIC)


def _is_folder(text: str) -> bool:
    try:
        return Path(text).expanduser().is_dir()
    except (OSError, RuntimeError, ValueError):
        return False
