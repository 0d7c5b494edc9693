"""Any other video pipeline of diffusers: its inputs are read from its signature, its rules from its configurations.

It gets the text, a picture to begin and to end with, and a rough video of the whole video where it has arguments for them. It gets nothing
that needs a family of its own; `limits` lists that in words.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final, Literal

from episodic.backbones.diffusers.families.pipeline_source import REQUIRED, PipelineSource, read_pipeline
from episodic.backbones.diffusers.family import PICTURE_MAKERS, Family
from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.rules import Rules
from episodic.backbones.protocol import Capabilities
from episodic.errors import BackboneError
from episodic.series.shooting_settings import ControlKind

__all__ = ["FRAME_ARGUMENTS", "RATE_ARGUMENTS", "GenericFamily", "encodes_separately", "needs_argument", "video_source"]

FRAME_ARGUMENTS: Final = ("num_frames", "video_length", "frames")
"""Names under which pipelines take the number of frames."""
RATE_ARGUMENTS: Final = ("frame_rate", "fps")
"""Names under which pipelines take the frame rate."""
_TRAINED_FPS: Final[Mapping[str, int]] = {
    "AnimateDiffPipeline": 8,
    "HunyuanVideoImageToVideoPipeline": 24,
    "HunyuanVideoPipeline": 24,
    "LattePipeline": 8,
    "MochiPipeline": 30,
}
"""Rates from model cards, for pipelines whose source names no rate or another one."""
_SIZE = (832, 480)
_FPS = 24
_MOST_FRAMES = 81
_TEXT_TOKENS = 77
_NAME_PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "image": ("ImageToVideo", "Image2Video", "I2V"),
    "video": ("VideoToVideo", "Video2Video", "V2V"),
}
"""Parts of class names that mark an argument as necessary."""
_FILLABLE = frozenset(
    {"prompt", "negative_prompt", "image", "last_image", "video", "height", "width", *FRAME_ARGUMENTS, *RATE_ARGUMENTS}
)
"""Arguments without default that a window can fill."""
_CONDITIONS = frozenset(
    {
        "audio",
        "conditions",
        "control_video",
        "face_video",
        "ip_adapter_image",
        "mask",
        "mask_video",
        "pose_video",
        "reference_images",
        "ref_image",
    }
)
"""Arguments that condition a video and that only a family of their own can fill."""


class GenericFamily(Family):
    """Any pipeline that makes video, called by the names of its arguments."""

    name: ClassVar[str] = "diffusers"
    classes: ClassVar[tuple[str, ...]] = ()
    text_components: ClassVar[tuple[str, ...]] = (
        "tokenizer",
        "tokenizer_2",
        "tokenizer_3",
        "text_encoder",
        "text_encoder_2",
        "text_encoder_3",
    )
    driver_class: ClassVar[tuple[str, str]] = ("drivers.generic_driver", "GenericDriver")

    def capabilities(self, folder: ModelFolder) -> Capabilities:
        """Raises BackboneError where the pipeline makes no video, or has a required argument that nothing can fill."""
        source, rules = video_source(folder), self.rules(folder)
        return Capabilities(
            name=self.name,
            max_performers=8,
            text_tokens=_text_tokens(folder, source),
            continuation_frames=int("image" in source.parameters),
            first_frame="image" in source.parameters,
            last_frame="last_image" in source.parameters,
            needs_first_frame=needs_argument(source, "image"),
            max_seconds=rules.most_frames / rules.fps,
        )

    def control_kinds(self, folder: ModelFolder) -> tuple[ControlKind, ...]:
        """A pipeline with the argument `video` takes a rough video. Raises as `capabilities`."""
        return ("layout",) if "video" in video_source(folder).parameters else ()

    def rules(self, folder: ModelFolder) -> Rules:
        """The defaults of its call are its trained settings; frame counts and sides follow from its autoencoder and patches."""
        source = video_source(folder)
        defaults = source.parameters
        spatial, temporal = _token_size(folder, source)
        default_frames = next((count for name in FRAME_ARGUMENTS if isinstance(count := defaults.get(name), int)), 0)
        most = max(default_frames, source.example_frames or 0) or _MOST_FRAMES
        fixed = _configured(folder, "transformer", "video_length")
        if fixed is not None:
            temporal, most = 1, fixed
        side = math.lcm(spatial, source.side_multiple)
        width, height = (_number(defaults.get(name), usual) for name, usual in zip(("width", "height"), _SIZE, strict=True))
        steps = int(_number(defaults.get("num_inference_steps"), 50))
        return Rules(
            fps=_rate(source) or _FPS,
            frame_step=temporal,
            frame_offset=most % temporal,
            most_frames=most,
            side_multiple=side,
            size=(int(width) // side * side or side, int(height) // side * side or side),
            least_frames=1 if fixed is None else fixed,
            steps=steps,
            guidance=_number(defaults.get("guidance_scale"), 1.0),
            draft_steps=max(1, min(steps, 12)),
        )

    def known_frames(self, folder: ModelFolder) -> tuple[int, ...]:
        """The last frame, as the picture to begin with."""
        return (1,) if "image" in video_source(folder).parameters else ()

    def limits(self, folder: ModelFolder) -> tuple[str, ...]:
        """Return which memories and plan elements this model cannot take, one sentence each."""
        return tuple(_limits(video_source(folder)))


def video_source(folder: ModelFolder) -> PipelineSource:
    """Return the pipeline's source. Raises BackboneError where it cannot be called by its signature alone."""
    if folder.modular:
        raise BackboneError(
            f"{folder.root}: {folder.class_name} is a modular pipeline that no family knows; only pipelines with a call of their own can be "
            "used by their signature (`episodic models`)"
        )
    source = read_pipeline(folder.class_name)
    if not source.makes_video:
        raise BackboneError(f"{folder.root}: {folder.class_name} makes no video; choose a video model (`episodic models`)")
    if "prompt" not in source.parameters:
        raise BackboneError(
            f"{folder.root}: {folder.class_name} reads no text, so no plan can be shot with it; choose another model"
        )
    missing = [name for name, default in source.parameters.items() if default is REQUIRED and name not in _FILLABLE]
    if missing:
        raise BackboneError(
            f"{folder.root}: {folder.class_name} cannot be called without {', '.join(missing)}, and nothing here supplies that; "
            "choose another model (`episodic models`)"
        )
    return source


def needs_argument(source: PipelineSource, name: Literal["image", "video"]) -> bool:
    """Return whether the pipeline needs this argument; some need one although its default is None."""
    marked = any(part in source.class_name for part in _NAME_PARTS[name])
    return source.parameters.get(name) is REQUIRED or (name in source.parameters and marked)


def encodes_separately(source: PipelineSource) -> bool:
    """Return whether prompts can be encoded outside the call."""
    simple = {"prompt", "negative_prompt", "device", "do_classifier_free_guidance", "clean_caption", "max_sequence_length"}
    return bool(source.encodings) and all(
        default is not REQUIRED or name in simple for name, default in source.encode_parameters.items()
    )


def _limits(source: PipelineSource) -> Iterator[str]:
    """Yield a sentence for each input that the pipeline cannot take."""
    parameters = source.parameters
    yield "no pictures of who and what is in the shot: looks come from the text alone"
    if "image" not in parameters:
        yield "no picture to begin with: it continues nothing, and a shot longer than its window must be split"
    elif needs_argument(source, "image"):
        yield f"no shot without a picture to begin with: {PICTURE_MAKERS}"
    if "last_image" not in parameters:
        yield "no picture to end with"
    if "video" not in parameters:
        yield "nothing of the previsualisation: staging comes from the text alone"
    elif needs_argument(source, "video"):
        yield "no shot without a rough video: it elaborates what the previsualisation shows"
    yield "no speech and no sound of its own"
    yield "nothing between its steps: light and palette are matched in the finished frames"
    if not encodes_separately(source):
        yield "no prompt encoded beforehand: its text encoders stay in memory with the rest"
    if _rate(source) is None:
        yield f"no trained rate in its source: {_FPS} frames a second are assumed"
    unused = sorted(_CONDITIONS & set(parameters))
    if unused:
        yield f"other inputs of its call, which only a family of its own could fill: {', '.join(unused)}"


def _rate(source: PipelineSource) -> int | None:
    """Return the trained frame rate; None where the source names none."""
    default = next((rate for name in RATE_ARGUMENTS if isinstance(rate := source.parameters.get(name), int | float)), None)
    return round(default) if default else _TRAINED_FPS.get(source.class_name, source.example_fps)


def _number(value: Any, usual: float) -> float:
    """Return a number, `usual` for anything else."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else usual


def _text_tokens(folder: ModelFolder, source: PipelineSource) -> int:
    longest = source.parameters.get("max_sequence_length") or source.encode_parameters.get("max_sequence_length")
    if isinstance(longest, int):
        return longest - 1
    configured = folder.configs.get("tokenizer", {}).get("model_max_length")
    return min(configured, 512) - 1 if isinstance(configured, int) else _TEXT_TOKENS - 2


def _token_size(folder: ModelFolder, source: PipelineSource) -> tuple[int, int]:
    """Return the pixels on a side, and the frames, of one token."""
    spatial = _vae_ratio(folder, "spatial") or source.ratios.get("spatial") or 1 << (_vae_levels(folder) - 1)
    temporal = _vae_ratio(folder, "temporal") or source.ratios.get("temporal") or 1
    denoiser = "transformer" if "transformer" in folder.configs else "unet"
    patch = folder.configs.get(denoiser, {}).get("patch_size")
    if isinstance(patch, list):
        sides = folder.wholes(denoiser, "patch_size", ())
    else:
        sides = (_configured(folder, denoiser, "patch_size") or 1,)
    in_time = _configured(folder, denoiser, "patch_size_t") or (sides[0] if len(sides) == 3 else 1)
    return spatial * sides[-1], temporal * in_time


def _vae_levels(folder: ModelFolder) -> int:
    """Return the number of the autoencoder's resolutions, 4 where its configuration does not list them."""
    listed = folder.configs.get("vae", {}).get("block_out_channels")
    return len(folder.entries("vae", "block_out_channels", ())) if listed else 4


def _vae_ratio(folder: ModelFolder, axis: Literal["spatial", "temporal"]) -> int | None:
    """Return a compression ratio of the autoencoder; the configurations of diffusers name it in four ways."""
    for name in (f"{axis}_compression_ratio", f"scale_factor_{axis}"):
        if ratio := _configured(folder, "vae", name):
            return ratio
    config = folder.configs.get("vae", {})
    if config.get("spatio_temporal_scaling"):
        patch = _configured(folder, "vae", "patch_size" if axis == "spatial" else "patch_size_t") or 1
        return patch << sum(map(bool, folder.entries("vae", "spatio_temporal_scaling", ())))
    if config.get(f"{axis}_expansions"):
        return math.prod(folder.wholes("vae", f"{axis}_expansions", ()))
    return None


def _configured(folder: ModelFolder, component: str, key: str) -> int | None:
    """Return a whole number of a configuration; None where the component or the key is missing."""
    return folder.whole(component, key, 1) if folder.configs.get(component, {}).get(key) is not None else None
