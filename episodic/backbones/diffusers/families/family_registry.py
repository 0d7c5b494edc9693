"""The families of open models by name: which pipeline classes belong to each, and where its module is.

`FAMILIES` names them all without importing any; `open_family` imports one.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from episodic.backbones.diffusers.lazy_class import lazy_class

if TYPE_CHECKING:
    from episodic.backbones.diffusers.family import Family
    from episodic.backbones.diffusers.picture_family import PictureFamily

__all__ = [
    "FAMILIES",
    "GENERIC",
    "KEYFRAME_FAMILIES",
    "FamilyEntry",
    "family_of",
    "keyframe_family_of",
    "open_family",
    "open_keyframe_family",
]


class FamilyEntry(NamedTuple):
    """Where a family is defined, and the pipeline classes that belong to it."""

    module: str
    class_name: str
    pipelines: tuple[str, ...]


_WAN: Final = ("WanPipeline", "WanImageToVideoPipeline", "WanVACEPipeline")
_LTX2: Final = ("LTX2Pipeline", "LTX2ImageToVideoPipeline", "LTX2ConditionPipeline", "LTX2InContextPipeline")
_SKYREELS: Final = (
    "SkyReelsV2DiffusionForcingPipeline",
    "SkyReelsV2DiffusionForcingImageToVideoPipeline",
    "SkyReelsV2DiffusionForcingVideoToVideoPipeline",
)
_HUNYUAN: Final = ("HunyuanVideo15Pipeline", "HunyuanVideo15ImageToVideoPipeline")
_COGVIDEOX: Final = ("CogVideoXPipeline", "CogVideoXImageToVideoPipeline", "CogVideoXVideoToVideoPipeline")

FAMILIES: Final[Mapping[str, FamilyEntry]] = {
    "wan": FamilyEntry("wan", "Wan", _WAN),
    "ltx2": FamilyEntry("ltx2", "Ltx2", _LTX2),
    "echo": FamilyEntry("echo", "Echo", ("EchoModularPipeline",)),
    "minimax-h3": FamilyEntry("minimax_h3", "MiniMaxH3", ("MiniMaxH3ModularPipeline",)),
    "skyreels": FamilyEntry("skyreels", "SkyReels", _SKYREELS),
    "hunyuan": FamilyEntry("hunyuan", "Hunyuan", _HUNYUAN),
    "cogvideox": FamilyEntry("cogvideox", "CogVideoX", _COGVIDEOX),
}
"""Families of video models."""
KEYFRAME_FAMILIES: Final[Mapping[str, FamilyEntry]] = {
    "flux2": FamilyEntry("flux2", "Flux2", ("Flux2Pipeline", "Flux2KleinPipeline")),
    "qwen-edit": FamilyEntry("qwen_edit", "QwenEdit", ("QwenImageEditPlusPipeline",)),
    "sdxl-ip": FamilyEntry("sdxl_ip", "SdxlIp", ("StableDiffusionXLPipeline",)),
}
"""Families of picture models, which make sheets, plates and first frames."""
GENERIC: Final = "diffusers"
"""The family of any other video pipeline: its capabilities are read from its signature."""
_GENERIC_ENTRY: Final = FamilyEntry("generic", "GenericFamily", ())


def family_of(class_name: str) -> str | None:
    """Return the video family of a pipeline class; None where no family knows it."""
    return next((name for name, entry in FAMILIES.items() if class_name in entry.pipelines), None)


def keyframe_family_of(class_name: str) -> str | None:
    """Return the family of picture models of a pipeline class; None where no family knows it."""
    return next((name for name, entry in KEYFRAME_FAMILIES.items() if class_name in entry.pipelines), None)


@cache
def open_family(name: str) -> Family:
    """Return the video family of that name, or the generic one. Raises KeyError for any other name."""
    entry = _GENERIC_ENTRY if name == GENERIC else FAMILIES[name]
    family: Family = lazy_class(entry.module, entry.class_name)()
    return family


@cache
def open_keyframe_family(name: str) -> PictureFamily:
    """Return the family of picture models of that name. Raises KeyError for any other name."""
    entry = KEYFRAME_FAMILIES[name]
    family: PictureFamily = lazy_class(entry.module, entry.class_name)()
    return family
