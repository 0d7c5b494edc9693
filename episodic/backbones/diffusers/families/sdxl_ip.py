"""SDXL with IP-Adapter (Ye et al. 2023, arXiv 2308.06721): pictures from text, with reference pictures as image prompts."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import ClassVar, Final

from episodic.backbones.diffusers.folder.digests import fingerprint
from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.folder.safe_files import SMALL_FILES, FolderFiles, component_config, read_json, refuse_code
from episodic.backbones.diffusers.folder.weight_files import check_weights, component_weights
from episodic.backbones.diffusers.picture_family import PictureFamily, PictureRules
from episodic.errors import BackboneError

__all__ = ["ADAPTER_FOLDER", "SdxlIp", "adapter_file"]

ADAPTER_FOLDER: Final = "ip_adapter"
"""Folder of the adapter's weights within the model's folder: one safetensors file of any name."""
_ENCODER: Final = "image_encoder"
_ENCODER_CLASS: Final = ("transformers", "CLIPVisionModelWithProjection")
_TOKENS: Final = 75
_REMEDY: Final = (
    "expected a folder of SDXL that contains ip_adapter/*.safetensors (one file, such as ip-adapter_sdxl.safetensors of h94/IP-Adapter) and "
    "image_encoder/ with config.json and model.safetensors (the image encoder that the adapter was trained with)"
)


class SdxlIp(PictureFamily):
    """The adapter reads any number of pictures at once; beyond four, each of them has little influence."""

    name: ClassVar[str] = "sdxl-ip"
    classes: ClassVar[tuple[str, ...]] = ("StableDiffusionXLPipeline",)
    driver_class: ClassVar[tuple[str, str]] = ("drivers.sdxl_ip_driver", "SdxlIpDriver")

    def rules(self, folder: ModelFolder) -> PictureRules:
        """Thirty steps, guidance 5, a megapixel; the text encoders read 77 tokens, two of which are their own."""
        levels = folder.entries("vae", "block_out_channels", (128, 256, 512, 512))
        latent_pixel = 2 ** (len(levels) - 1)
        side = folder.whole("unet", "sample_size", 128) * latent_pixel
        return PictureRules(
            references=4, text_tokens=_TOKENS, side_multiple=latent_pixel * 8, area=side * side, steps=30, guidance=5.0
        )

    def complete(self, folder: ModelFolder) -> ModelFolder:
        """Add the image encoder to the components and the adapter to the fingerprint. Raises BackboneError where one is missing."""
        inside = FolderFiles(folder.root)
        parts: list[str | Path] = [folder.fingerprint, adapter_file(inside)]
        if _ENCODER in folder.components:
            return dataclasses.replace(folder, fingerprint=fingerprint(folder.root, parts))
        place = folder.root / _ENCODER
        if not ((place / "config.json").is_file() and any(place.glob("*.safetensors"))):
            raise BackboneError(f"{folder.root}: the IP-Adapter's image encoder is missing, or not in safetensors; {_REMEDY}")
        files = inside.files(place)
        refuse_code(_ENCODER, files)
        weights = component_weights(_ENCODER, place, files, read_json)
        parts += [*(file for file in files if file.suffix.lower() in SMALL_FILES), *weights]
        return dataclasses.replace(
            folder,
            components={**folder.components, _ENCODER: _ENCODER_CLASS},
            configs={**folder.configs, _ENCODER: component_config(place, files)},
            weight_bytes={**folder.weight_bytes, _ENCODER: sum(check_weights(file) for file in weights)},
            fingerprint=fingerprint(folder.root, parts),
        )


def adapter_file(inside: FolderFiles) -> Path:
    """Return the adapter's file. Raises BackboneError where there is none, several, or only pickled ones."""
    folder = inside.root / ADAPTER_FOLDER
    adapters = sorted(folder.glob("*.safetensors"))
    if len(adapters) == 1:
        check_weights(inside.file(adapters[0]))
        return adapters[0]
    if adapters:
        names = ", ".join(file.name for file in adapters[:4])
        raise BackboneError(f"{folder}: expected one adapter, found {names}; leave only one there")
    pickled = sorted(file.name for file in folder.glob("*") if file.suffix in (".bin", ".pt", ".pth", ".ckpt"))
    if pickled:
        raise BackboneError(
            f"{folder}: {pickled[0]} is a pickle file, which can run any code when opened; only safetensors are loaded; {_REMEDY}"
        )
    raise BackboneError(f"{inside.root}: it contains no IP-Adapter; {_REMEDY}")
