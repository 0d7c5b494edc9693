"""Model names, `FAMILY:PATH_OR_ID[@REVISION]`, and the folders they stand for on this machine. Never uses the network."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from episodic.backbones.diffusers.families.family_registry import (
    FAMILIES,
    GENERIC,
    KEYFRAME_FAMILIES,
    family_of,
    keyframe_family_of,
)
from episodic.backbones.diffusers.folder.inspect import INDEX_FILES, inspect_folder
from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.errors import BackboneError, InputError
from memory.suggestions import nearest_name

__all__ = ["DEFAULT_REVISION", "ModelSpec", "check_family", "hub_cache", "locate", "resolve"]

DEFAULT_REVISION: Final = "main"
"""The branch of a hub id without a revision: the snapshot that was last fetched from it is used."""
_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}")
_REVISION = re.compile(r"[A-Za-z0-9][\w./-]{0,99}")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_LONGEST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """The name of a model. `str()` returns text that `parse` reads as the same spec."""

    family: str
    place: str
    """OWNER/NAME on the hub, or a path that begins with `.`, `/` or `~`."""
    revision: str = ""
    """A branch, tag or commit of a hub id; empty where none is named."""

    @classmethod
    def parse(cls, text: str, families: Collection[str] = ()) -> ModelSpec:
        """Parse `FAMILY:PATH_OR_ID[@REVISION]`. An existing path is a path, even where it also looks like a hub id.

        `families`: the valid ones; by default those that shoot video. Raises InputError, with the nearest valid name.
        """
        family, colon, place = text.strip().partition(":")
        valid = tuple(families) or (*FAMILIES, GENERIC)
        if not colon or not place.strip() or len(text) > _LONGEST:
            shown = text if len(text) <= 80 else f"{text[:77]}…"
            raise InputError(
                f"{shown!r} names no model; expected FAMILY:PATH_OR_ID, such as {_example(valid)}; families: {', '.join(valid)}"
            )
        if family not in valid:
            nearest = nearest_name(family, valid)
            hint = f"; did you mean {nearest}:{place}?" if nearest else "."
            raise InputError(f"{text!r}: there is no model family {family!r}{hint} Valid: {', '.join(valid)}")
        place = place.strip()
        if place.startswith((".", "/", "~")):
            return cls(family=family, place=place)
        if _exists(place):
            return cls(family=family, place=f"./{place}")
        return cls._parse_hub_id(text, family, place)

    @classmethod
    def _parse_hub_id(cls, text: str, family: str, reference: str) -> ModelSpec:
        place, at, revision = reference.partition("@")
        if not _ID.fullmatch(place) or "--" in place or ".." in place or place.endswith(".git"):
            raise InputError(
                f"{text!r}: there is no folder {reference}, and {place!r} is no hub id either; "
                f"expected a folder such as {family}:./{reference.strip('/') or 'my-model'}, or {family}:OWNER/NAME"
            )
        if at and (not _REVISION.fullmatch(revision) or ".." in revision):
            raise InputError(
                f"{text!r}: {revision!r} is no revision; expected a branch, a tag, or a commit's 40 hex digits after @"
            )
        return cls(family=family, place=place, revision=revision)

    def __str__(self) -> str:
        return f"{self.family}:{self.place}" + (f"@{self.revision}" if self.revision else "")

    @property
    def is_hub(self) -> bool:
        """Whether it is a hub id, not a path."""
        return not self.place.startswith((".", "/", "~"))

    @property
    def is_pinned(self) -> bool:
        """Whether it names one commit, and therefore always the same weights."""
        return bool(_COMMIT.fullmatch(self.revision))

    @property
    def path(self) -> Path:
        """The folder of a spec that is a path."""
        return Path(self.place).expanduser()

    def pinned(self, revision: str) -> ModelSpec:
        """Return the same model at one commit; a path stays unchanged."""
        return dataclasses.replace(self, revision=revision) if self.is_hub else self

    def same_model(self, other: ModelSpec) -> bool:
        """Return whether both name one model, regardless of the revision and of the prefix (`diffusers:` or the family's)."""
        if self.is_hub or other.is_hub:
            # the hub's ids are not case-sensitive
            return self.is_hub and other.is_hub and self.place.lower() == other.place.lower()
        return self.path.resolve() == other.path.resolve()


def resolve(spec: ModelSpec, cache: Path | None = None) -> ModelFolder:
    """Return the model's folder: the user's own, or the one fetched from the hub at the spec's revision. `cache`: instead of the hub's.

    Raises InputError where the spec does not fit the folder, BackboneError where the model is missing or may not be loaded.
    """
    if not spec.is_hub:
        folder = inspect_folder(spec.path)
    else:
        root = locate(spec, cache)
        if root is None:
            named = f" at {spec.revision}" if spec.revision else ""
            raise BackboneError(
                f"{spec}: {spec.place}{named} is not on this machine, or incomplete; "
                f"fetch it with: episodic models fetch {spec} (looked in {cache or hub_cache()})"
            )
        folder = inspect_folder(root, revision=root.name)
    check_family(spec, folder.class_name)
    return folder


def locate(spec: ModelSpec, cache: Path | None = None) -> Path | None:
    """Return the spec's snapshot in the hub's cache; None where it was never fetched, or not completely.

    `episodic models fetch` writes a snapshot's index last, so a snapshot without it is incomplete.
    """
    store = (cache or hub_cache()) / f"models--{spec.place.replace('/', '--')}"
    revision = spec.revision or DEFAULT_REVISION
    if not spec.is_pinned:
        try:
            revision = (store / "refs" / revision).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return None
        if not _COMMIT.fullmatch(revision):
            return None
    snapshot = store / "snapshots" / revision
    return snapshot if any((snapshot / name).is_file() for name in INDEX_FILES) else None


def hub_cache() -> Path:
    """Return the hub's cache on this machine, as `huggingface_hub` finds it, without importing that library, which takes long."""
    if folder := os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE"):
        return Path(os.path.expandvars(folder)).expanduser()
    home = os.environ.get("HF_HOME") or f"{os.environ.get('XDG_CACHE_HOME') or '~/.cache'}/huggingface"
    return Path(os.path.expandvars(home)).expanduser() / "hub"


def check_family(spec: ModelSpec, class_name: str) -> None:
    """Raise InputError, naming the right family, where the spec's family does not know this pipeline class."""
    if spec.family in KEYFRAME_FAMILIES:
        _check_picture_family(spec, class_name)
        return
    keyframe_family = keyframe_family_of(class_name)
    if keyframe_family is not None:
        better = dataclasses.replace(spec, family=keyframe_family)
        raise InputError(
            f"{spec}: the model is a {class_name}, which makes pictures, not video; it cannot shoot, but it can make sheets and first "
            f"frames: name it in series.yaml as `keyframes: {better}` (to fetch and show it: {better}), and a video model as the backbone"
        )
    if spec.family == GENERIC or spec.family not in FAMILIES:
        return
    right = family_of(class_name)
    if right != spec.family:
        better = dataclasses.replace(spec, family=right or GENERIC)
        belongs = f"which belongs to family {right}" if right else "which no family knows"
        raise InputError(f"{spec}: the model is a {class_name}, {belongs}, not to {spec.family}; name it as: {better}")


def _check_picture_family(spec: ModelSpec, class_name: str) -> None:
    right = keyframe_family_of(class_name)
    if right is None:
        families = "; ".join(f"{name}: {', '.join(entry.pipelines)}" for name, entry in KEYFRAME_FAMILIES.items())
        raise InputError(f"{spec}: the model is a {class_name}, which makes no keyframes. Picture models are {families}")
    if right != spec.family:
        better = dataclasses.replace(spec, family=right)
        raise InputError(
            f"{spec}: the model is a {class_name}, which belongs to family {right}, not to {spec.family}; name it as: {better}"
        )


def _example(families: Collection[str]) -> str:
    return f"{next(iter(families))}:./my-model"


def _exists(place: str) -> bool:
    """Return whether a path exists; False for text that cannot be a path."""
    try:
        return Path(place).exists()
    except (OSError, ValueError):
        return False
