"""SDXL with IP-Adapter (Ye et al. 2023, arXiv 2308.06721): pictures from text, and reference pictures as image prompts."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np
from jaxtyping import UInt8

from episodic.backbones.diffusers.families.call_helpers import seeded
from episodic.backbones.diffusers.families.picture_call_helpers import picture_of, within
from episodic.backbones.diffusers.family import Loaded
from episodic.backbones.diffusers.folder.digests import fingerprint
from episodic.backbones.diffusers.folder.load import quiet
from episodic.backbones.diffusers.folder.safe_files import SMALL_FILES, FolderFiles, component_config, read_json, refuse_code
from episodic.backbones.diffusers.folder.weight_files import check_weights, component_weights
from episodic.backbones.diffusers.picture_family import PictureFamily, PictureRules, PictureWanted
from episodic.errors import BackboneError

if TYPE_CHECKING:
    import torch

    from episodic.backbones.diffusers.folder.model_folder import ModelFolder

__all__ = ["ADAPTER_FOLDER", "SdxlIp"]

ADAPTER_FOLDER: Final = "ip_adapter"
"""Where the adapter's weights lie in the model's folder: one safetensors file of any name."""
_ENCODER: Final = "image_encoder"
_ENCODER_CLASS: Final = ("transformers", "CLIPVisionModelWithProjection")
_SCALE: Final = 0.6
"""How much the reference pictures count beside the text: what the adapter's authors advise where both are to be heard."""
_TOKENS: Final = 75
_HOW: Final = (
    "expected a folder of SDXL in which lie ip_adapter/*.safetensors (one file, such as ip-adapter_sdxl.safetensors of h94/IP-Adapter) and "
    "image_encoder/ with config.json and model.safetensors (the image encoder that the adapter was trained with)"
)


class SdxlIp(PictureFamily):
    """The adapter reads any number of pictures at once; beyond four each of them counts for little."""

    name: ClassVar[str] = "sdxl-ip"
    classes: ClassVar[tuple[str, ...]] = ("StableDiffusionXLPipeline",)

    def rules(self, folder: ModelFolder) -> PictureRules:
        """Thirty steps, guidance 5, a megapixel; the text encoders read 77 tokens, two of which are their own."""
        levels = folder.entries("vae", "block_out_channels", (128, 256, 512, 512))
        spatial = 2 ** (len(levels) - 1)
        side = folder.whole("unet", "sample_size", 128) * spatial
        return PictureRules(
            references=4, text_tokens=_TOKENS, side_multiple=spatial * 8, area=side * side, steps=30, guidance=5.0
        )

    def complete(self, folder: ModelFolder) -> ModelFolder:
        """With the image encoder among the components, and the adapter in the fingerprint. Raises BackboneError where one is missing."""
        inside = FolderFiles(folder.root)
        adapter = _adapter(inside)
        read: list[str | Path] = [folder.fingerprint, adapter]
        if _ENCODER in folder.components:
            return dataclasses.replace(folder, fingerprint=fingerprint(folder.root, read))
        place = folder.root / _ENCODER
        if not ((place / "config.json").is_file() and any(place.glob("*.safetensors"))):
            raise BackboneError(f"{folder.root}: the IP-Adapter's image encoder is missing, or not in safetensors; {_HOW}")
        files = inside.files(place)
        refuse_code(_ENCODER, files)
        weights = component_weights(_ENCODER, place, files, read_json)
        read += [*(one for one in files if one.suffix.lower() in SMALL_FILES), *weights]
        return dataclasses.replace(
            folder,
            components={**folder.components, _ENCODER: _ENCODER_CLASS},
            configs={**folder.configs, _ENCODER: component_config(place, files)},
            weight_bytes={**folder.weight_bytes, _ENCODER: sum(check_weights(one) for one in weights)},
            fingerprint=fingerprint(folder.root, read),
        )

    def load(self, folder: ModelFolder, leave_out: Collection[str], dtype: torch.dtype) -> Any:
        """As all families, with the adapter's layers in the denoiser. Raises BackboneError where they do not fit it."""
        import torch
        from safetensors.torch import load_file

        adapter = _adapter(FolderFiles(folder.root))
        weights: dict[str, dict[str, torch.Tensor]] = {"image_proj": {}, "ip_adapter": {}}
        for key, value in load_file(adapter).items():
            group, _, name = key.partition(".")
            if group in weights:
                weights[group][name] = value.to(dtype)
        pipeline = super().load(folder, leave_out, dtype)
        try:
            with quiet():
                pipeline.load_ip_adapter([weights], subfolder="", weight_name="", image_encoder_folder=None)
        except (KeyError, ValueError, RuntimeError, IndexError, AttributeError) as err:
            raise BackboneError(
                f"{adapter}: these weights do not fit the model in {folder.root} ({str(err).splitlines()[0]}); take an IP-Adapter that was "
                "trained for SDXL"
            ) from err
        torch.nn.Module.to(pipeline.unet, dtype)
        return pipeline

    def call(self, loaded: Loaded, wanted: PictureWanted, device: torch.device) -> UInt8[np.ndarray, "height width 3"]:
        """Without references a black picture stands in for them, and does not count."""
        del device
        import PIL.Image

        pipeline = loaded.pipeline
        shown = [within(one, 1 << 20) for one in wanted.references] or [PIL.Image.new("RGB", (64, 64))]
        pipeline.set_ip_adapter_scale(_SCALE if wanted.references else 0.0)
        made = pipeline(
            prompt=wanted.prompt,
            ip_adapter_image=[shown],
            width=wanted.width,
            height=wanted.height,
            num_inference_steps=wanted.steps,
            guidance_scale=wanted.guidance,
            generator=seeded(wanted.seed),
            output_type="np",
        )
        return picture_of(made.images)


def _adapter(inside: FolderFiles) -> Path:
    """The adapter's file. Raises BackboneError where there is none, several, or only pickled ones."""
    folder = inside.root / ADAPTER_FOLDER
    found = sorted(folder.glob("*.safetensors"))
    if len(found) == 1:
        check_weights(inside.file(found[0]))
        return found[0]
    if found:
        raise BackboneError(f"{folder}: expected one adapter, found {', '.join(one.name for one in found[:4])}; leave one there")
    pickled = sorted(one.name for one in folder.glob("*") if one.suffix in (".bin", ".pt", ".pth", ".ckpt"))
    if pickled:
        raise BackboneError(
            f"{folder}: {pickled[0]} is a pickle file, which can run any code when opened; only safetensors are loaded; {_HOW}"
        )
    raise BackboneError(f"{inside.root}: there is no IP-Adapter in it; {_HOW}")
