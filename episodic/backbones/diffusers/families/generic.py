"""Any other video pipeline of diffusers: what it takes is read from its signature, its rules from its configurations.

It gets the text, a picture to begin and to end with, and a rough of the whole video where it has arguments for them, and nothing
that only its own family could know. `limits` says in words what it cannot take.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np

from episodic.backbones.diffusers.families.call_helpers import (
    FRAMES_MADE,
    ends,
    frames_of,
    lacks_picture,
    pictures,
    seeded,
    text_arguments,
)
from episodic.backbones.diffusers.families.pipeline_source import REQUIRED, PipelineSource, read_pipeline
from episodic.backbones.diffusers.family import Family, Frames, Loaded, Shown, Window
from episodic.backbones.diffusers.folder.load import quiet
from episodic.backbones.diffusers.machine.model_size import DENOISERS
from episodic.backbones.diffusers.rules import Rules
from episodic.backbones.protocol import Capabilities
from episodic.errors import BackboneError

if TYPE_CHECKING:
    import torch

    from episodic.backbones.diffusers.folder.model_folder import ModelFolder

__all__ = ["Signature"]

_FRAMES = ("num_frames", "video_length", "frames")
_RATES = ("frame_rate", "fps")
_TRAINED_FPS: Final[Mapping[str, int]] = {
    "AnimateDiffPipeline": 8,
    "HunyuanVideoImageToVideoPipeline": 24,
    "HunyuanVideoPipeline": 24,
    "LattePipeline": 8,
    "MochiPipeline": 30,
}
"""By their model cards, where the source names no rate, or another."""
_SIZE = (832, 480)
_FPS = 24
_MOST_FRAMES = 81
_TEXT_TOKENS = 77
_STRENGTH: Final = 0.8
"""How much of a rough is given up for the model's own picture (SDEdit, Meng et al. 2021)."""
_NEEDING: Final[Mapping[str, tuple[str, ...]]] = {
    "image": ("ImageToVideo", "Image2Video", "I2V"),
    "video": ("VideoToVideo", "Video2Video", "V2V"),
}
_GIVEN = frozenset({"prompt", "negative_prompt", "image", "last_image", "video", "height", "width", *_FRAMES, *_RATES})
"""What a window has for an argument without default."""
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
"""Arguments that condition a video, that only a family of their own can fill."""


class Signature(Family):
    """Whatever makes video, by the names of its arguments."""

    name: ClassVar[str] = "diffusers"
    classes: ClassVar[tuple[str, ...]] = ()
    text_components: ClassVar[tuple[str, ...]] = (
        "tokenizer", "tokenizer_2", "tokenizer_3", "text_encoder", "text_encoder_2", "text_encoder_3",
    )  # fmt: skip

    def capabilities(self, folder: ModelFolder) -> Capabilities:
        """Raises BackboneError where the pipeline makes no video, or wants what nobody can give it."""
        source, rules = _source(folder), self.rules(folder)
        return Capabilities(
            name=self.name,
            max_performers=8,
            text_tokens=_text_tokens(folder, source),
            continuation_frames=int("image" in source.parameters),
            first_frame="image" in source.parameters,
            last_frame="last_image" in source.parameters,
            needs_first_frame=_needs(source, "image"),
            control=("layout",) if "video" in source.parameters else (),
            max_seconds=rules.most_frames / rules.fps,
            heavy=True,
        )

    def rules(self, folder: ModelFolder) -> Rules:
        """The defaults of its call are what it was made for; frame counts and sides come from its autoencoder and patches."""
        source = _source(folder)
        asked = source.parameters
        spatial, temporal = _ratios(folder, source)
        usual = next((found for name in _FRAMES if isinstance(found := asked.get(name), int)), 0)
        most = max(usual, source.example_frames or 0) or _MOST_FRAMES
        fixed = _said(folder, "transformer", "video_length")
        if fixed is not None:
            temporal, most = 1, fixed
        side = math.lcm(spatial, source.side_multiple)
        width, height = (_number(asked.get(name), usual) for name, usual in zip(("width", "height"), _SIZE, strict=True))
        steps = int(_number(asked.get("num_inference_steps"), 50))
        return Rules(
            fps=_rate(source) or _FPS,
            frame_step=temporal,
            frame_offset=most % temporal,
            most_frames=most,
            side_multiple=side,
            size=(int(width) // side * side or side, int(height) // side * side or side),
            least_frames=1 if fixed is None else fixed,
            steps=steps,
            guidance=_number(asked.get("guidance_scale"), 1.0),
            draft_steps=max(1, min(steps, 12)),
        )

    def known_frames(self, folder: ModelFolder) -> tuple[int, ...]:
        """The last frame, as the picture to begin with."""
        return (1,) if "image" in _source(folder).parameters else ()

    def limits(self, folder: ModelFolder) -> tuple[str, ...]:
        """What of memory and plan this model cannot take, one sentence each."""
        return tuple(_limits(_source(folder)))

    def load(self, folder: ModelFolder, leave_out: Collection[str], dtype: torch.dtype) -> Any:
        """Where encoded prompts cannot be handed over, the text encoders are always loaded; and more than was asked for where the
        pipeline cannot be made without it. All parts have one precision: not every pipeline casts between them.
        """
        if not _hands_over(_source(folder)):
            leave_out = [one for one in leave_out if one not in self.text_components]
        denoisers = [one for one in leave_out if one.startswith(DENOISERS)]
        reasons: list[BackboneError] = []
        for left_out in (leave_out, denoisers, ()):
            try:
                pipeline = super().load(folder, left_out, dtype)
            except BackboneError as err:
                reasons.append(err)
                continue
            if (vae := getattr(pipeline, "vae", None)) is not None:
                with quiet():
                    vae.to(dtype)
            return pipeline
        raise reasons[0]

    def encode_prompt(self, loaded: Loaded, prompt: str, negative: str, device: torch.device) -> dict[str, torch.Tensor]:
        """The results of `encode_prompt` by the names its own call gives them; where it has no such arguments, the texts as UTF-8."""
        import torch

        source = _source(loaded.folder)
        if not _hands_over(source):
            texts = {"prompt": prompt, "negative_prompt": negative}
            return {
                f"text:{name}": torch.frombuffer(bytearray(text.encode() or b" "), dtype=torch.uint8)
                for name, text in texts.items()
            }
        known = {
            "device": device,
            "do_classifier_free_guidance": True,
            "clean_caption": False,
            "max_sequence_length": source.parameters.get("max_sequence_length"),
        }
        arguments = {name: value for name, value in known.items() if name in source.encode_parameters and value is not None}
        found: dict[str, torch.Tensor] = {}
        for encoding in source.encodings:
            texts = {"prompt": negative if encoding.negative else prompt}
            if "negative_prompt" in source.encode_parameters:
                texts["negative_prompt"] = negative
            with torch.no_grad(), _by_signature(loaded.folder):
                results = loaded.pipeline.encode_prompt(**texts, **arguments)
            results = results if isinstance(results, tuple | list) else (results,)
            found |= {name: one for name, one in zip(encoding.results, results, strict=True) if one is not None}
        odd = [name for name, one in found.items() if not isinstance(one, torch.Tensor)]
        if odd:
            raise BackboneError(
                f"{loaded.folder.root}: {source.class_name} encodes prompts as {', '.join(odd)}, which cannot be kept on disk"
            )
        return found

    def call(self, loaded: Loaded, window: Window, device: torch.device) -> Shown:
        """Raises BackboneError where the model needs a picture or a rough, and the window has none."""
        source = _source(loaded.folder)
        shown, taken = _pictures(loaded.folder, source, window)
        sizes = {
            "height": window.height,
            "width": window.width,
            **dict.fromkeys(_FRAMES, window.frames),
            **dict.fromkeys(_RATES, window.fps),
        }
        steps = {
            "num_inference_steps": window.steps,
            "guidance_scale": window.guidance,
            "clean_caption": False,
            "output_type": "np",
        }
        arguments = {name: value for name, value in (sizes | steps).items() if name in source.parameters}
        with _by_signature(loaded.folder):
            given = {**arguments, **_texts(loaded, window, device), **shown}
            video = loaded.pipeline(**given, generator=seeded(window.seed)).frames
        frames = _checked(loaded.folder, frames_of(video), window)
        return Shown(frames=frames, taken=frozenset({"prompt", *taken}))


@contextmanager
def _by_signature(folder: ModelFolder) -> Iterator[None]:
    """What a pipeline refuses that is called by nothing but the names of its arguments is no bug of ours."""
    try:
        yield
    except NameError as err:
        # Packages that diffusers only imports where they are there.
        raise BackboneError(
            f"{folder.root}: {folder.class_name} needs a package that is not here ({err}); install it, then the same command goes on"
        ) from err
    except (AttributeError, TypeError, ValueError) as err:
        reason = " ".join(str(err).split())[:300]
        raise BackboneError(
            f"{folder.root}: {folder.class_name} cannot be called by its signature alone: {reason}; it needs a family of its own"
        ) from err


def _source(folder: ModelFolder) -> PipelineSource:
    """The pipeline, if it is one that can be shot with by its signature."""
    if folder.modular:
        raise BackboneError(
            f"{folder.root}: {folder.class_name} is a modular pipeline that no family knows; only pipelines with a call of their own are "
            "shot with by their signature (`episodic models`)"
        )
    source = read_pipeline(folder.class_name)
    if not source.makes_video:
        raise BackboneError(f"{folder.root}: {folder.class_name} makes no video; choose a video model (`episodic models`)")
    if "prompt" not in source.parameters:
        raise BackboneError(
            f"{folder.root}: {folder.class_name} reads no text, so no plan can be shot with it; choose another model"
        )
    wanting = [name for name, default in source.parameters.items() if default is REQUIRED and name not in _GIVEN]
    if wanting:
        raise BackboneError(
            f"{folder.root}: {folder.class_name} cannot be called without {', '.join(wanting)}, and nothing here gives it that; "
            "choose another model (`episodic models`)"
        )
    return source


def _needs(source: PipelineSource, name: str) -> bool:
    """Whether the pipeline does nothing without this argument; some have None as its default all the same."""
    named = any(word in source.class_name for word in _NEEDING[name])
    return source.parameters.get(name) is REQUIRED or (name in source.parameters and named)


def _hands_over(source: PipelineSource) -> bool:
    """Whether prompts are encoded apart from the call."""
    simple = {"prompt", "negative_prompt", "device", "do_classifier_free_guidance", "clean_caption", "max_sequence_length"}
    return bool(source.encodings) and all(
        default is not REQUIRED or name in simple for name, default in source.encode_parameters.items()
    )


def _limits(source: PipelineSource) -> Iterator[str]:
    asked = source.parameters
    yield "no pictures of who and what is in the shot: looks come from the text alone"
    if "image" not in asked:
        yield "no picture to begin with: it goes on from nothing, and a shot longer than its window must be split"
    elif _needs(source, "image"):
        yield f"no shot without a picture to begin with: {FRAMES_MADE}"
    if "last_image" not in asked:
        yield "no picture to end with"
    if "video" not in asked:
        yield "nothing of the previsualisation: staging comes from the text alone"
    elif _needs(source, "video"):
        yield "no shot without a rough: it works out what the previsualisation shows"
    yield "no speech and no sound of its own"
    yield "nothing between its steps: light and palette are matched in the finished frames"
    if not _hands_over(source):
        yield "no prompt encoded beforehand: its text encoders stay in memory with the rest"
    if _rate(source) is None:
        yield f"no rate that it was made for is written anywhere: {_FPS} frames a second are taken for it"
    unused = sorted(_CONDITIONS & set(asked))
    if unused:
        yield f"what else its call takes, which only a family of its own could fill: {', '.join(unused)}"


def _rate(source: PipelineSource) -> int | None:
    default = next((found for name in _RATES if isinstance(found := source.parameters.get(name), int | float)), None)
    return round(default) if default else _TRAINED_FPS.get(source.class_name, source.example_fps)


def _number(found: Any, usual: float) -> float:
    return found if isinstance(found, int | float) and not isinstance(found, bool) else usual


def _text_tokens(folder: ModelFolder, source: PipelineSource) -> int:
    longest = source.parameters.get("max_sequence_length") or source.encode_parameters.get("max_sequence_length")
    if isinstance(longest, int):
        return longest - 1
    written = folder.configs.get("tokenizer", {}).get("model_max_length")
    return min(written, 512) - 1 if isinstance(written, int) else _TEXT_TOKENS - 2


def _ratios(folder: ModelFolder, source: PipelineSource) -> tuple[int, int]:
    """Pixels on a side, and frames, of one token."""
    spatial = _vae_ratio(folder, "spatial") or source.ratios.get("spatial") or 1 << (_listed(folder, "block_out_channels", 4) - 1)
    temporal = _vae_ratio(folder, "temporal") or source.ratios.get("temporal") or 1
    denoiser = "transformer" if "transformer" in folder.configs else "unet"
    patch = folder.configs.get(denoiser, {}).get("patch_size")
    sides = (
        folder.wholes(denoiser, "patch_size", ()) if isinstance(patch, list) else (_said(folder, denoiser, "patch_size") or 1,)
    )
    in_time = _said(folder, denoiser, "patch_size_t") or (sides[0] if len(sides) == 3 else 1)
    return spatial * sides[-1], temporal * in_time


def _vae_ratio(folder: ModelFolder, kind: str) -> int | None:
    """As the configurations of diffusers' autoencoders have it, which name it in four ways."""
    for name in (f"{kind}_compression_ratio", f"scale_factor_{kind}"):
        if found := _said(folder, "vae", name):
            return found
    config = folder.configs.get("vae", {})
    if config.get("spatio_temporal_scaling"):
        patch = _said(folder, "vae", "patch_size" if kind == "spatial" else "patch_size_t") or 1
        return patch << sum(map(bool, folder.entries("vae", "spatio_temporal_scaling", ())))
    if config.get(f"{kind}_expansions"):
        return math.prod(folder.wholes("vae", f"{kind}_expansions", ()))
    return None


def _said(folder: ModelFolder, component: str, key: str) -> int | None:
    """A whole number in a configuration; None where there is no such component, or it says none."""
    return folder.whole(component, key, 1) if folder.configs.get(component, {}).get(key) is not None else None


def _listed(folder: ModelFolder, key: str, usual: int) -> int:
    """How many entries a list of the autoencoder has."""
    return len(folder.entries("vae", key, ())) if folder.configs.get("vae", {}).get(key) else usual


def _pictures(folder: ModelFolder, source: PipelineSource, window: Window) -> tuple[dict[str, Any], set[str]]:
    """The arguments that show the model something, and what of the window is in them."""
    shown, taken = ends(window, first="image" in source.parameters, last="last_image" in source.parameters)
    rough = window.control.get("layout")
    if "video" in source.parameters and rough is not None:
        shown["video"] = pictures(rough)
        if "strength" in source.parameters:
            shown |= {"strength": _STRENGTH, "num_inference_steps": math.ceil(window.steps / _STRENGTH)}
        taken.add("control:layout")
    if _needs(source, "image") and "image" not in shown:
        raise lacks_picture(folder, "first")
    if _needs(source, "video") and "video" not in shown:
        raise BackboneError(
            f"{folder.root}: {source.class_name} shoots nothing without a rough to work out, and this window has none; choose a model "
            "that begins with text (`episodic models`)"
        )
    return shown, taken


def _texts(loaded: Loaded, window: Window, device: torch.device) -> dict[str, Any]:
    """The encoded prompts, or the texts themselves."""
    if any(name.startswith("text:") for name in window.encoded):
        texts = {name.removeprefix("text:"): bytes(one.tolist()).decode() for name, one in window.encoded.items()}
        return {name: text for name, text in texts.items() if name in read_pipeline(loaded.folder.class_name).parameters}
    dtype = next(
        part.dtype for name in ("transformer", "unet", "vae") if (part := getattr(loaded.pipeline, name, None)) is not None
    )
    return {name: one.to(dtype) if one.is_floating_point() else one for name, one in text_arguments(window, device).items()}


def _checked(folder: ModelFolder, frames: Frames, window: Window) -> Frames:
    """Some pipelines give a frame more than was asked for; fewer, or of another size, are no take."""
    expected = (window.frames, window.height, window.width)
    if frames.shape[0] < window.frames or frames.shape[1:3] != expected[1:]:
        raise BackboneError(
            f"{folder.root}: {folder.class_name} gave {'x'.join(map(str, frames.shape[:3]))} (frames, height, width), "
            f"asked for {'x'.join(map(str, expected))}; this pipeline needs a family of its own"
        )
    return np.ascontiguousarray(frames[: window.frames])
