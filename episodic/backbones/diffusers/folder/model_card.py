"""A description of one model on this machine: its parts, rules, the memories it takes and does not take, and its machine plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from episodic.backbones.diffusers.families.family_registry import (
    FAMILIES,
    GENERIC,
    KEYFRAME_FAMILIES,
    family_of,
    keyframe_family_of,
    open_family,
    open_keyframe_family,
)
from episodic.backbones.diffusers.folder.catalogue import Published, catalogue, memory_words, picture_words
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
"""The prefixes of model names: families that shoot, and those that make keyframes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """The description of one model."""

    spec: ModelSpec
    """The name that `--backbone` takes, pinned to a commit for a hub model."""
    folder: ModelFolder
    family: str
    rules: Rules | PictureRules
    takes: tuple[str, ...]
    """The memories and plan elements it can take, one phrase each."""
    size: ModelSize
    """Its size for the longest window, or the picture, that it was made for."""
    limits: tuple[str, ...]
    """What it cannot take, in words; only for models of the generic family."""
    catalogue: Published | None
    """Its entry in the catalogue, for a published model."""
    terms: tuple[str, ...]
    """Licence files in its folder."""

    def machine(self, machine: Machine | None = None) -> tuple[str, Mapping[str, tuple[str, str]]]:
        """Describe the machine, and return the value and reason of every lever. Without levers where nothing fits: then the text says why."""
        if machine is None:
            from episodic.backbones.diffusers.machine.detect import detect_machine  # imports torch

            machine = detect_machine()
        try:
            plan = plan_machine(machine, self.size)
        except BackboneError as err:
            return f"{machine}: {err.message}", {}
        return str(machine), {name: (choice.value, choice.reason) for name, choice in plan.choices()}

    def to_json(self) -> dict[str, FactValue]:
        """Return the description for programs."""
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
    """Describe the model `FAMILY:PATH_OR_ID[@REVISION]`, or the one in a folder given by its path alone.

    Raises InputError or BackboneError as `resolve` does; also where the model can be read but not used.
    """
    spec, folder = _resolve_text(text)
    name = _family_of(folder)
    rules: Rules | PictureRules
    if name in KEYFRAME_FAMILIES:
        picture_family = open_keyframe_family(name)
        folder = picture_family.complete(folder)
        rules, limits = picture_family.rules(folder), None
        takes = picture_words(rules)
        size = ModelSize.of(folder, picture_family.text_components, frames=1, size=rules.size_for(1, 1))
    else:
        family = open_family(name)
        rules, limits = family.rules(folder), getattr(family, "limits", None)
        takes = memory_words(family.capabilities(folder), family.control_kinds(folder), speech=family.speech_hz is not None)
        size = ModelSize.of(folder, family.text_components, frames=rules.most_frames, size=rules.size)
    return ModelCard(
        spec=spec,
        folder=folder,
        family=name,
        rules=rules,
        takes=takes,
        size=size,
        limits=limits(folder) if limits else (),
        catalogue=published(spec),
        terms=tuple(sorted(file.name for file in folder.root.iterdir() if file.name.startswith(("LICENSE", "NOTICE")))),
    )


def _rules_json(rules: Rules | PictureRules) -> dict[str, FactValue]:
    common: dict[str, FactValue] = {"side_multiple": rules.side_multiple, "steps": rules.steps, "guidance": rules.guidance}
    if isinstance(rules, PictureRules):
        return {"area": rules.area, **common}
    return {
        "fps": rules.fps,
        "frames": f"{rules.frame_step} k + {rules.frame_offset}",
        "most_frames": rules.most_frames,
        "size": list(rules.size),
        **common,
    }


def published(spec: ModelSpec) -> Published | None:
    """Return the catalogue's entry of a hub id; None where there is none."""
    return next((model for model in catalogue() if spec.is_hub and model.id.lower() == spec.place.lower()), None)


def _resolve_text(text: str) -> tuple[ModelSpec, ModelFolder]:
    """Return the spec and folder of a model's name, or of a path."""
    family, colon, _ = text.partition(":")
    if colon and (family in EVERY_FAMILY or not _is_folder(text)):
        spec = ModelSpec.parse(text, families=EVERY_FAMILY)
        root = locate(spec) if spec.is_hub else None
        return (spec.pinned(root.name) if root else spec), resolve(spec)
    folder = inspect_folder(Path(text))
    return ModelSpec(family=_family_of(folder), place=str(folder.root)), folder


def _family_of(folder: ModelFolder) -> str:
    return family_of(folder.class_name) or keyframe_family_of(folder.class_name) or GENERIC


def _is_folder(text: str) -> bool:
    """Return whether the text is a folder's path; False for text that cannot be a path."""
    try:
        return Path(text).expanduser().is_dir()
    except (OSError, RuntimeError, ValueError):
        return False
