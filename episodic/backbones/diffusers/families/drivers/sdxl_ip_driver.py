"""Runs the pipeline of SDXL with an IP-Adapter."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import torch
from PIL import Image
from safetensors.torch import load_file
from torch import Tensor

from episodic.backbones.diffusers.driver import LoadedPipeline, PictureDriver
from episodic.backbones.diffusers.families.drivers.picture_call_helpers import draw, fit_reference
from episodic.backbones.diffusers.families.sdxl_ip import adapter_file
from episodic.backbones.diffusers.folder.load import quiet
from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.folder.safe_files import FolderFiles
from episodic.backbones.diffusers.picture_request import PictureRequest
from episodic.backbones.diffusers.window import Picture
from episodic.errors import BackboneError

__all__ = ["SdxlIpDriver"]

_SCALE: Final = 0.6
"""Weight of the reference pictures beside the text: the value that the adapter's authors advise for using both."""


class SdxlIpDriver(PictureDriver):
    """Runs `StableDiffusionXLPipeline` with the adapter's layers in its denoiser."""

    def load(self, folder: ModelFolder, leave_out: Collection[str], dtype: torch.dtype) -> Any:
        """Load the pipeline and the adapter. Raises BackboneError where the adapter does not fit the denoiser."""
        adapter = adapter_file(FolderFiles(folder.root))
        weights: dict[str, dict[str, Tensor]] = {"image_proj": {}, "ip_adapter": {}}
        for key, tensor in load_file(adapter).items():
            group, _, name = key.partition(".")
            if group in weights:
                weights[group][name] = tensor.to(dtype)
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

    def call(self, loaded: LoadedPipeline, request: PictureRequest, device: torch.device) -> Picture:
        """Make the picture. Without references a black picture takes their place at scale 0."""
        del device
        references = [fit_reference(picture, 1 << 20) for picture in request.references] or [Image.new("RGB", (64, 64))]
        loaded.pipeline.set_ip_adapter_scale(_SCALE if request.references else 0.0)
        return draw(loaded.pipeline, request, ip_adapter_image=[references], guidance_scale=request.guidance)
