"""Which model is meant: `FAMILY:PATH_OR_ID[@REVISION]`, and where its folder lies on this machine. Never touches the network."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from episodic.backbones.diffusers.folder.inspect import INDEX_FILES, inspect_folder
from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.errors import BackboneError, InputError
from memory.suggestions import nearest_name

__all__ = ["DEFAULT_REVISION", "ModelSpec", "check_family", "hub_cache", "locate", "resolve"]

DEFAULT_REVISION: Final = "main"
"""What a hub id means that names no revision: what was fetched last from this branch."""
_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}")
_REVISION = re.compile(r"[A-Za-z0-9][\w./-]{0,99}")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_LONGEST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """What somebody named. `str()` gives text that `parse` reads as the same."""

    family: str
    place: str
    """OWNER/NAME of the hub, or a path that begins with `.`, `/` or `~`."""
    revision: str = ""
    """A branch, tag or commit of a hub id; empty: none was named."""

    @classmethod
    def parse(cls, text: str, families: Collection[str] = ()) -> ModelSpec:
        """Read `FAMILY:PATH_OR_ID[@REVISION]`. What exists as a path is a path, even where it also looks like a hub id.

        `families`: the valid ones; by default those that shoot video. Raises InputError, with the nearest that is valid.
        """
        family, colon, rest = text.strip().partition(":")
        valid = tuple(families) or _video_families()
        if not colon or not rest.strip() or len(text) > _LONGEST:
            shown = text if len(text) <= 80 else f"{text[:77]}…"
            raise InputError(
                f"{shown!r} names no model; expected FAMILY:PATH_OR_ID, such as {_example(valid)}; families: {', '.join(valid)}"
            )
        if family not in valid:
            nearest = nearest_name(family, valid)
            hint = f"; did you mean {nearest}:{rest}?" if nearest else "."
            raise InputError(f"{text!r}: there is no model family {family!r}{hint} Valid: {', '.join(valid)}")
        rest = rest.strip()
        if rest.startswith((".", "/", "~")):
            return cls(family=family, place=rest)
        if _exists(rest):
            return cls(family=family, place=f"./{rest}")
        return cls._of_hub(text, family, rest)

    @classmethod
    def _of_hub(cls, text: str, family: str, rest: str) -> ModelSpec:
        place, at, revision = rest.partition("@")
        if not _ID.fullmatch(place) or "--" in place or ".." in place or place.endswith(".git"):
            raise InputError(
                f"{text!r}: there is no folder {rest}, and {place!r} is no hub id either; "
                f"expected a folder such as {family}:./{rest.strip('/') or 'my-model'}, or {family}:OWNER/NAME"
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
        """Whether it names one commit, so that it means the same weights for ever."""
        return bool(_COMMIT.fullmatch(self.revision))

    @property
    def path(self) -> Path:
        """The folder, for a spec that is a path."""
        return Path(self.place).expanduser()

    def pinned(self, revision: str) -> ModelSpec:
        """The same model at one commit; a path stays as it is."""
        return dataclasses.replace(self, revision=revision) if self.is_hub else self

    def same_model(self, other: ModelSpec) -> bool:
        """Whether both name one model, whatever the revision, and whichever of its prefixes (`diffusers:` or the family's) is used."""
        if self.is_hub or other.is_hub:
            # The hub's ids are not case-sensitive.
            return self.is_hub and other.is_hub and self.place.lower() == other.place.lower()
        return self.path.resolve() == other.path.resolve()


def resolve(spec: ModelSpec, cache: Path | None = None) -> ModelFolder:
    """The model's folder: one's own, or what was fetched of the hub at the spec's revision. `cache`: another cache than the hub's.

    Raises InputError where the spec does not fit the folder, BackboneError where the model is not there or may not be loaded.
    """
    if not spec.is_hub:
        folder = inspect_folder(spec.path)
    else:
        root = locate(spec, cache)
        if root is None:
            named = f" at {spec.revision}" if spec.revision else ""
            raise BackboneError(
                f"{spec}: {spec.place}{named} is not on this machine, or not all of it; "
                f"fetch it with: episodic models fetch {spec} (looked in {cache or hub_cache()})"
            )
        folder = inspect_folder(root, revision=root.name)
    check_family(spec, folder.class_name)
    return folder


def locate(spec: ModelSpec, cache: Path | None = None) -> Path | None:
    """Where the hub's cache has the spec's snapshot; None: it was never fetched, or not to the end.

    `episodic models fetch` writes a snapshot's index last, so one without is not complete.
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
    """The hub's cache on this machine, as `huggingface_hub` finds it; read here without importing it, which takes long."""
    if place := os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE"):
        return Path(os.path.expandvars(place)).expanduser()
    home = os.environ.get("HF_HOME") or f"{os.environ.get('XDG_CACHE_HOME') or '~/.cache'}/huggingface"
    return Path(os.path.expandvars(home)).expanduser() / "hub"


def check_family(spec: ModelSpec, class_name: str) -> None:
    """Raise InputError, naming the right one, where the spec's family does not know this pipeline class."""
    from episodic.backbones.diffusers.families.registry import FAMILIES, GENERIC, KEYFRAME_FAMILIES, family_of

    if spec.family in KEYFRAME_FAMILIES:
        _check_picture_family(spec, class_name)
        return
    draws = _picture_family(class_name)
    if draws is not None:
        better = dataclasses.replace(spec, family=draws)
        raise InputError(
            f"{spec}: the model is a {class_name}, which makes pictures, not video; it cannot shoot, but it can make sheets and first "
            f"frames: name it in series.yaml as `keyframes: {better}` (to fetch and show it: {better}), and a video model as the backbone"
        )
    if spec.family == GENERIC or spec.family not in FAMILIES:
        return
    right = family_of(class_name)
    if right != spec.family:
        better = dataclasses.replace(spec, family=right or GENERIC)
        known = f"one of family {right}" if right else "one that no family knows"
        raise InputError(f"{spec}: the model is a {class_name}, {known}, not of family {spec.family}; name it as: {better}")


def _check_picture_family(spec: ModelSpec, class_name: str) -> None:
    from episodic.backbones.diffusers.families.registry import KEYFRAME_FAMILIES

    right = _picture_family(class_name)
    if right is None:
        families = "; ".join(f"{name}: {', '.join(classes)}" for name, (_, _, classes) in KEYFRAME_FAMILIES.items())
        raise InputError(f"{spec}: the model is a {class_name}, which makes no keyframes. Picture models are {families}")
    if right != spec.family:
        better = dataclasses.replace(spec, family=right)
        raise InputError(
            f"{spec}: the model is a {class_name}, one of family {right}, not of {spec.family}; name it as: {better}"
        )


def _picture_family(class_name: str) -> str | None:
    from episodic.backbones.diffusers.families.registry import KEYFRAME_FAMILIES

    return next((name for name, (_, _, classes) in KEYFRAME_FAMILIES.items() if class_name in classes), None)


def _video_families() -> tuple[str, ...]:
    from episodic.backbones.diffusers.families.registry import FAMILIES, GENERIC

    return (*FAMILIES, GENERIC)


def _example(families: Collection[str]) -> str:
    return f"{next(iter(families))}:./my-model"


def _exists(place: str) -> bool:
    try:
        return Path(place).exists()
    except (OSError, ValueError):
        return False
