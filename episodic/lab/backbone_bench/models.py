"""Tiny models with random weights for every adapter, to measure and test it with."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["TINY_MODELS", "TinyModel", "build_tiny", "build_tiny_keyframer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TinyModel:
    """One variant of a family's models."""

    family: str
    """As in `--backbone FAMILY:PATH`."""
    module: str
    """Module of `episodic.lab.tiny_models`; it has a function `build_…` of the same name."""
    variant: str | None
    size: str
    """Size of its takes, pixels: about the smallest that it can shoot."""
    begins_with_picture: bool = False
    """Whether it needs a picture to begin with, which a picture model has to make."""


def _models(
    family: str, module: str, *variants: str, pictured: tuple[str, ...] = (), size: str = "64x32"
) -> dict[str, TinyModel]:
    return {
        f"{family}-{variant}": TinyModel(
            family=family, module=module, variant=variant, size=size, begins_with_picture=variant in pictured
        )
        for variant in variants
    }


TINY_MODELS: Final[Mapping[str, TinyModel]] = {
    **_models("wan", "wan", "vace", "t2v", "t2v-a14b", "ti2v", "i2v", "i2v-2.2", "flf", pictured=("i2v", "i2v-2.2", "flf")),
    **_models("ltx2", "ltx2", "condition", "text", "image", "in-context", size="128x64"),
    "echo": TinyModel(family="echo", module="echo", variant=None, size="128x64"),
    "minimax-h3": TinyModel(family="minimax-h3", module="minimax_h3", variant=None, size="64x32"),
    **_models("skyreels", "skyreels", "t2v", "i2v", "v2v"),
    **_models("hunyuan", "hunyuan", "t2v", "i2v", pictured=("i2v",)),
    **_models(
        "cogvideox", "cogvideox", "t2v", "v2v", "t2v-1.5", "i2v", "i2v-fixed", "i2v-1.5", pictured=("i2v", "i2v-fixed", "i2v-1.5")
    ),
    **_models("diffusers", "ltx_video", "text", "image", pictured=("image",)),
}
"""Tiny models by name. The first of each family takes most memories."""


def build_tiny_keyframer(folder: Path) -> str:
    """Write the tiny picture model into `folder`, unless it is there; return its name for `keyframes:`."""
    root = folder / "flux2"
    if not root.is_dir():
        _builder("flux2")(root)
    return f"flux2:{root}"


def build_tiny(name: str, folder: Path) -> str:
    """Write the tiny model of that name into a new folder in `folder`, unless it is there; return its name for `--backbone`."""
    model, root = TINY_MODELS[name], folder / name
    if not root.is_dir():
        build = _builder(model.module)
        build(root) if model.variant is None else build(root, model.variant)
    return f"{model.family}:{root}"


def _builder(module: str) -> Callable[..., Path]:
    """Import the function that builds the tiny models of a module: it imports torch."""
    build: Callable[..., Path] = getattr(importlib.import_module(f"episodic.lab.tiny_models.{module}"), f"build_{module}")
    return build
