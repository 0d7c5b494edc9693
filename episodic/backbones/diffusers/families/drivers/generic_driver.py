"""Runs any video pipeline of diffusers by the names of its arguments."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor

from episodic.backbones.diffusers.driver import FamilyDriver, LoadedPipeline
from episodic.backbones.diffusers.families.drivers.call_helpers import (
    cpu_generator,
    end_images,
    missing_picture,
    text_arguments,
    to_frames,
    to_images,
)
from episodic.backbones.diffusers.families.generic import (
    FRAME_ARGUMENTS,
    RATE_ARGUMENTS,
    GenericFamily,
    encodes_separately,
    needs_argument,
    video_source,
)
from episodic.backbones.diffusers.families.pipeline_source import PipelineSource, read_pipeline
from episodic.backbones.diffusers.folder.load import quiet
from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.machine.model_size import DENOISERS
from episodic.backbones.diffusers.window import Frames, Window, WindowResult
from episodic.errors import BackboneError

__all__ = ["GenericDriver"]

_STRENGTH: Final = 0.8
"""Share of a rough video that the model replaces (SDEdit, Meng et al. 2021)."""
_TEXT_PREFIX: Final = "text:"
"""Marks prompts that are stored as UTF-8 instead of embeddings."""


class GenericDriver(FamilyDriver):
    """Calls a pipeline with the arguments that its signature has."""

    def load(self, folder: ModelFolder, leave_out: Collection[str], dtype: torch.dtype) -> Any:
        """Load the pipeline with one precision for all parts, because not every pipeline casts between them.

        Text encoders are always loaded where prompts cannot be encoded separately, and so are other parts that the pipeline's
        constructor needs.
        """
        if not encodes_separately(video_source(folder)):
            leave_out = [name for name in leave_out if name not in GenericFamily.text_components]
        denoisers = [name for name in leave_out if name.startswith(DENOISERS)]
        errors: list[BackboneError] = []
        for names in (leave_out, denoisers, ()):
            try:
                pipeline = super().load(folder, names, dtype)
            except BackboneError as err:
                errors.append(err)
                continue
            if (vae := getattr(pipeline, "vae", None)) is not None:
                with quiet():
                    vae.to(dtype)
            return pipeline
        raise errors[0]

    def encode_prompt(self, loaded: LoadedPipeline, prompt: str, negative: str, device: torch.device) -> dict[str, Tensor]:
        """Return the results of `encode_prompt` by the names that the call gives them; without such arguments, the texts as UTF-8."""
        source = video_source(loaded.folder)
        if not encodes_separately(source):
            texts = {"prompt": prompt, "negative_prompt": negative}
            return {
                f"{_TEXT_PREFIX}{name}": torch.frombuffer(bytearray(text.encode() or b" "), dtype=torch.uint8)
                for name, text in texts.items()
            }
        known = {
            "device": device,
            "do_classifier_free_guidance": True,
            "clean_caption": False,
            "max_sequence_length": source.parameters.get("max_sequence_length"),
        }
        arguments = {name: value for name, value in known.items() if name in source.encode_parameters and value is not None}
        encoded: dict[str, Tensor] = {}
        for encoding in source.encodings:
            texts = {"prompt": negative if encoding.negative else prompt}
            if "negative_prompt" in source.encode_parameters:
                texts["negative_prompt"] = negative
            with torch.no_grad(), _signature_errors(loaded.folder):
                results = loaded.pipeline.encode_prompt(**texts, **arguments)
            results = results if isinstance(results, tuple | list) else (results,)
            encoded |= {name: value for name, value in zip(encoding.results, results, strict=True) if value is not None}
        not_tensors = [name for name, value in encoded.items() if not isinstance(value, Tensor)]
        if not_tensors:
            raise BackboneError(
                f"{loaded.folder.root}: {source.class_name} encodes prompts as {', '.join(not_tensors)}, which cannot be stored on disk"
            )
        return encoded

    def call(self, loaded: LoadedPipeline, window: Window, device: torch.device) -> WindowResult:
        """Raises BackboneError where the model needs a picture or a rough video, and the window has none."""
        source = video_source(loaded.folder)
        inputs, used = _picture_arguments(loaded.folder, source, window)
        settings = {
            "height": window.height,
            "width": window.width,
            **dict.fromkeys(FRAME_ARGUMENTS, window.frames),
            **dict.fromkeys(RATE_ARGUMENTS, window.fps),
            "num_inference_steps": window.steps,
            "guidance_scale": window.guidance,
            "clean_caption": False,
            "output_type": "np",
        }
        accepted = {name: value for name, value in settings.items() if name in source.parameters}
        with _signature_errors(loaded.folder):
            arguments = {**accepted, **_prompt_arguments(loaded, window, device), **inputs}
            video = loaded.pipeline(**arguments, generator=cpu_generator(window.seed)).frames
        frames = _checked_frames(loaded.folder, to_frames(video), window)
        return WindowResult(frames=frames, used=frozenset({"prompt", *used}))


@contextmanager
def _signature_errors(folder: ModelFolder) -> Iterator[None]:
    """Turn the errors of a pipeline that is called by argument names alone into BackboneError: they are not bugs of ours."""
    try:
        yield
    except NameError as err:
        # packages that diffusers only imports where they are installed
        raise BackboneError(
            f"{folder.root}: {folder.class_name} needs a package that is not installed ({err}); install it and run the same command again"
        ) from err
    except (AttributeError, TypeError, ValueError) as err:
        reason = " ".join(str(err).split())[:300]
        raise BackboneError(
            f"{folder.root}: {folder.class_name} cannot be called by its signature alone: {reason}; it needs a family of its own"
        ) from err


def _picture_arguments(folder: ModelFolder, source: PipelineSource, window: Window) -> tuple[dict[str, object], set[str]]:
    """Return the arguments that show the model something, and the window's fields that they use."""
    arguments, used = end_images(window, first="image" in source.parameters, last="last_image" in source.parameters)
    rough = window.control.get("layout")
    if "video" in source.parameters and rough is not None:
        arguments["video"] = to_images(rough)
        if "strength" in source.parameters:
            arguments |= {"strength": _STRENGTH, "num_inference_steps": math.ceil(window.steps / _STRENGTH)}
        used.add("control:layout")
    if needs_argument(source, "image") and "image" not in arguments:
        raise missing_picture(folder, "first")
    if needs_argument(source, "video") and "video" not in arguments:
        raise BackboneError(
            f"{folder.root}: {source.class_name} cannot shoot without a rough video to elaborate, and this window has none; choose a model "
            "that begins with text (`episodic models`)"
        )
    return arguments, used


def _prompt_arguments(loaded: LoadedPipeline, window: Window, device: torch.device) -> dict[str, object]:
    """Return the encoded prompts, or the texts themselves."""
    if any(name.startswith(_TEXT_PREFIX) for name in window.encoded):
        texts = {name.removeprefix(_TEXT_PREFIX): bytes(tensor.tolist()).decode() for name, tensor in window.encoded.items()}
        return {name: text for name, text in texts.items() if name in read_pipeline(loaded.folder.class_name).parameters}
    dtype = next(
        part.dtype for name in ("transformer", "unet", "vae") if (part := getattr(loaded.pipeline, name, None)) is not None
    )
    return {
        name: tensor.to(dtype) if tensor.is_floating_point() else tensor
        for name, tensor in text_arguments(window, device).items()
    }


def _checked_frames(folder: ModelFolder, frames: Frames, window: Window) -> Frames:
    """Drop the extra frame that some pipelines return. Raises BackboneError for fewer frames, or another size."""
    expected = (window.frames, window.height, window.width)
    if frames.shape[0] < window.frames or frames.shape[1:3] != expected[1:]:
        raise BackboneError(
            f"{folder.root}: {folder.class_name} returned {'x'.join(map(str, frames.shape[:3]))} (frames, height, width), "
            f"expected {'x'.join(map(str, expected))}; this pipeline needs a family of its own"
        )
    return np.ascontiguousarray(frames[: window.frames])
