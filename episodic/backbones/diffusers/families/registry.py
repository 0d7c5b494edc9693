"""One module per family of open video models: what it takes, its rules, and how its pipeline is called.

`FAMILIES` names them all without importing any; `open_family` imports the one that is wanted.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from episodic.backbones.diffusers.family import Family
    from episodic.backbones.diffusers.picture_family import PictureFamily

__all__ = ["FAMILIES", "GENERIC", "KEYFRAME_FAMILIES", "family_of", "open_family", "open_keyframe_family"]

_WAN: Final = ("WanPipeline", "WanImageToVideoPipeline", "WanVACEPipeline")
_LTX2: Final = ("LTX2Pipeline", "LTX2ImageToVideoPipeline", "LTX2ConditionPipeline", "LTX2InContextPipeline")
_SKYREELS: Final = (
    "SkyReelsV2DiffusionForcingPipeline",
    "SkyReelsV2DiffusionForcingImageToVideoPipeline",
    "SkyReelsV2DiffusionForcingVideoToVideoPipeline",
)
_HUNYUAN: Final = ("HunyuanVideo15Pipeline", "HunyuanVideo15ImageToVideoPipeline")
_COGVIDEOX: Final = ("CogVideoXPipeline", "CogVideoXImageToVideoPipeline", "CogVideoXVideoToVideoPipeline")

FAMILIES: Final[Mapping[str, tuple[str, str, tuple[str, ...]]]] = {
    "wan": ("wan", "Wan", _WAN),
    "ltx2": ("ltx2", "Ltx2", _LTX2),
    "echo": ("echo", "Echo", ("EchoModularPipeline",)),
    "minimax-h3": ("minimax_h3", "MiniMaxH3", ("MiniMaxH3ModularPipeline",)),
    "skyreels": ("skyreels", "SkyReels", _SKYREELS),
    "hunyuan": ("hunyuan", "Hunyuan", _HUNYUAN),
    "cogvideox": ("cogvideox", "CogVideoX", _COGVIDEOX),
}
"""Name to module, class, and the pipeline classes that are the family's."""
KEYFRAME_FAMILIES: Final[Mapping[str, tuple[str, str, tuple[str, ...]]]] = {
    "flux2": ("flux2", "Flux2", ("Flux2Pipeline", "Flux2KleinPipeline")),
    "qwen-edit": ("qwen_edit", "QwenEdit", ("QwenImageEditPlusPipeline",)),
    "sdxl-ip": ("sdxl_ip", "SdxlIp", ("StableDiffusionXLPipeline",)),
}
"""The same for families of picture models, which make sheets, plates and first frames."""
GENERIC: Final = "diffusers"
"""Any other video pipeline: what it takes is read from its signature."""


def family_of(class_name: str) -> str | None:
    """The family that knows a pipeline class; None: no family of ours does."""
    return next((name for name, (_, _, classes) in FAMILIES.items() if class_name in classes), None)


@cache
def open_family(name: str) -> Family:
    """The family of that name, or the generic one. Raises KeyError for a name that is none."""
    module, family, _ = ("generic", "Signature", ()) if name == GENERIC else FAMILIES[name]
    found: Family = getattr(importlib.import_module(f"episodic.backbones.diffusers.families.{module}"), family)()
    return found


@cache
def open_keyframe_family(name: str) -> PictureFamily:
    """The family of picture models of that name. Raises KeyError for a name that is none."""
    module, family, _ = KEYFRAME_FAMILIES[name]
    found: PictureFamily = getattr(importlib.import_module(f"episodic.backbones.diffusers.families.{module}"), family)()
    return found
