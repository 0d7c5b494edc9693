"""CogVideoX 1.0 and 1.5 (arXiv 2408.06072): text, a picture to begin with, or a rough of the whole video to work out."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np
from einops import rearrange

from episodic.backbones.diffusers.families.call_helpers import (
    StepCallback,
    ends,
    filled,
    frames_of,
    lacks_picture,
    pictures,
    same_parts,
    seeded,
    text_arguments,
)
from episodic.backbones.diffusers.family import Family, Frames, Joint, Loaded, Picture, Shown, Window
from episodic.backbones.diffusers.folder.load import quiet
from episodic.backbones.diffusers.rules import Rules, longest
from episodic.backbones.protocol import Capabilities

if TYPE_CHECKING:
    import torch

    from episodic.backbones.diffusers.folder.model_folder import ModelFolder

__all__ = ["CogVideoX"]

_TEXT: Final = "CogVideoXPipeline"
_IMAGE: Final = "CogVideoXImageToVideoPipeline"
_VIDEO: Final = "CogVideoXVideoToVideoPipeline"
_ENDING: Final = 1
"""Tokens that the tokenizer adds to a text."""
_STRENGTH: Final = 0.8
"""How much of a rough is given up for the model's own picture (SDEdit, Meng et al. 2021): its composition stays, its flat colours go."""


class CogVideoX(Family):
    """One call is one of its three pipelines; those for text and for video take the same weights."""

    name: ClassVar[str] = "cogvideox"
    classes: ClassVar[tuple[str, ...]] = (_TEXT, _IMAGE, _VIDEO)
    text_components: ClassVar[tuple[str, ...]] = ("tokenizer", "text_encoder")

    def capabilities(self, folder: ModelFolder) -> Capabilities:
        """The pipeline that takes a rough cannot do 1.5, whose latent frames go in pairs."""
        rules, image = self.rules(folder), folder.class_name == _IMAGE
        return Capabilities(
            name=self.name,
            max_performers=8,
            text_tokens=_text_rows(folder) - _ENDING,
            continuation_frames=int(image),
            first_frame=image,
            needs_first_frame=image,
            control=() if image or _pairs(folder) else ("layout",),
            max_seconds=rules.most_frames / rules.fps,
            heavy=True,
        )

    def rules(self, folder: ModelFolder) -> Rules:
        """49 frames at 8 per second, of 1.5 81 at 16. Frame counts are 8k + 1: the autoencoder decodes latent frames in pairs after the
        first, and gives another count for those that do not come out even."""
        newer, step = _pairs(folder), 2 * _time_step(folder)
        return Rules(
            fps=16 if newer else 8,
            frame_step=step,
            frame_offset=1,
            most_frames=longest(81 if newer else 49, step),
            side_multiple=_spatial(folder) * folder.whole("transformer", "patch_size", 2),
            size=(1360, 768) if newer else _trained(folder),
            least_frames=9,
            steps=50,
            guidance=6.0,
            draft_steps=15,
        )

    def known_frames(self, folder: ModelFolder) -> tuple[int, ...]:
        """The last frame, as the picture to begin with."""
        return (1,) if folder.class_name == _IMAGE else ()

    def hooks(self, folder: ModelFolder) -> bool:
        """All three call back."""
        del folder
        return True

    def joint(self, folder: ModelFolder) -> Joint | None:
        """Text models of 1.0, which go on from nothing."""
        if self.known_frames(folder) or _pairs(folder):
            return None
        return Joint(components=("transformer",), layout="b f c h w", frames_per_latent=_time_step(folder))

    def load(self, folder: ModelFolder, leave_out: Collection[str], dtype: torch.dtype) -> Any:
        """Its pipelines hand latents to the autoencoder as the transformer has them, and so both have one precision."""
        pipeline = super().load(folder, leave_out, dtype)
        if pipeline.vae is not None:
            with quiet():
                pipeline.vae.to(dtype)
        return pipeline

    def latents_of(self, loaded: Loaded, frames: Frames, device: torch.device) -> torch.Tensor:
        """Scaled as the pipeline has them; for a model of one size, of the frames as they lie in it."""
        import torch

        vae = loaded.pipeline.vae
        placed = _Placed(loaded.folder, frames.shape[2], frames.shape[1])
        clip = np.stack([placed.inside(frame) for frame in frames])
        video = rearrange(torch.from_numpy(clip), "f h w c -> 1 c f h w").to(device, vae.dtype) / 127.5 - 1
        with torch.no_grad():
            latents: torch.Tensor = vae.encode(video).latent_dist.mode().float() * vae.config.scaling_factor
        return latents

    def encode_prompt(self, loaded: Loaded, prompt: str, negative: str, device: torch.device) -> dict[str, torch.Tensor]:
        """`prompt_embeds` and `negative_prompt_embeds`, of the same shape: they go through the model side by side."""
        import torch

        rows = _text_rows(loaded.folder)
        with torch.no_grad():
            embeds, unwanted = loaded.pipeline.encode_prompt(
                prompt, negative, do_classifier_free_guidance=True, max_sequence_length=rows, device=device
            )
        return {"prompt_embeds": embeds, "negative_prompt_embeds": unwanted}

    def call(self, loaded: Loaded, window: Window, device: torch.device) -> Shown:
        """Raises BackboneError where an image model has no picture to begin with."""
        folder, pipeline = loaded.folder, loaded.pipeline
        placed = _Placed(folder, window.width, window.height)
        latent_frames = (window.frames - 1) // _time_step(folder) + 1
        spare = latent_frames % 2 if _pairs(folder) else 0
        wanted, shown, taken = _shown(folder, window, placed, spare)
        slots = 0 if wanted == _IMAGE else spare
        callback = None
        if window.on_step:
            callback = StepCallback(hook=window.on_step, first=slots, frames=latent_frames, order="frame channel")
        texts = {name: one.to(pipeline.transformer.dtype) for name, one in text_arguments(window, device).items()}
        with same_parts(pipeline, wanted) as called:
            video = called(
                height=placed.height,
                width=placed.width,
                # of a rough only this share of the steps is made: as many as were asked for shall be
                num_inference_steps=math.ceil(window.steps / shown.get("strength", 1.0)),
                guidance_scale=window.guidance,
                # as its authors shoot with this solver
                use_dynamic_cfg=type(pipeline.scheduler).__name__ == "CogVideoXDPMScheduler",
                generator=seeded(window.seed),
                callback_on_step_end=callback,
                latents=None
                if window.noise is None
                else rearrange(window.noise, "b c f h w -> b f c h w").to(texts["prompt_embeds"]),
                **texts,
                **shown,
            ).frames
            if shown["output_type"] == "latent":
                video = _decoded(called, video[:, :latent_frames])
        frames = np.stack([placed.outside(frame) for frame in frames_of(video)])
        return Shown(frames=frames, taken=frozenset({"prompt", *taken}), hooked=bool(callback and callback.called))


def _decoded(pipeline: Any, latents: torch.Tensor) -> np.ndarray:
    import torch

    with torch.no_grad():
        video: np.ndarray = pipeline.video_processor.postprocess_video(pipeline.decode_latents(latents), output_type="np")
    return video


def _shown(folder: ModelFolder, window: Window, placed: _Placed, spare: int) -> tuple[str, dict[str, Any], set[str]]:
    """The pipeline class, what of the window it is shown, and the names of that."""
    if folder.class_name == _IMAGE:
        begins, taken = ends(window, last=False)
        if not begins:
            raise lacks_picture(folder, "first")
        picture = placed.inside(np.asarray(begins["image"]))
        # of 1.5 the pipeline throws the first latent frame away where their count is odd, and with it the picture; made one frame
        # longer it does not, and what is too much at the end is not decoded
        frames = window.frames + spare * _time_step(folder)
        return (
            _IMAGE,
            {"image": pictures(picture[None])[0], "num_frames": frames, "output_type": "latent" if spare else "np"},
            taken,
        )
    rough = window.control.get("layout")
    if rough is not None and not _pairs(folder):
        clip = [placed.inside(frame) for frame in rough]
        return _VIDEO, {"video": pictures(np.stack(clip)), "strength": _STRENGTH, "output_type": "np"}, {"control:layout"}
    return _TEXT, {"num_frames": window.frames, "output_type": "np"}, set()


class _Placed:
    """How a window lies in what the model shoots: all of it, or for the one model of a single size (CogVideoX-5b-I2V) as large as fits
    into its middle. What is around it repeats its edges, and is cut off again."""

    def __init__(self, folder: ModelFolder, width: int, height: int) -> None:
        self._window = width, height
        fixed = bool(folder.config("transformer").get("use_learned_positional_embeddings", False))
        self.width, self.height = _trained(folder) if fixed else (width, height)
        scale = min(self.width / width, self.height / height)
        self._inner = round(width * scale), round(height * scale)
        self._left, self._top = (self.width - self._inner[0]) // 2, (self.height - self._inner[1]) // 2

    def inside(self, picture: Picture) -> Picture:
        """A picture of the window's size as it lies in what the model shoots."""
        if self._inner == self._window == (self.width, self.height):
            return picture
        small = np.asarray(filled(picture, *self._inner))
        right, bottom = self.width - self._left - self._inner[0], self.height - self._top - self._inner[1]
        return np.pad(small, ((self._top, bottom), (self._left, right), (0, 0)), "edge")

    def outside(self, picture: Picture) -> Picture:
        """The window's part of what the model shot, at the window's size."""
        (width, height), (left, top) = self._inner, (self._left, self._top)
        cut = picture[top : top + height, left : left + width]
        return cut if self._inner == self._window else np.asarray(filled(cut, *self._window))


def _pairs(folder: ModelFolder) -> bool:
    """Whether latent frames go in pairs, as in 1.5."""
    return folder.config("transformer").get("patch_size_t") is not None


def _time_step(folder: ModelFolder) -> int:
    """Frames of one latent frame."""
    return folder.whole("vae", "temporal_compression_ratio", 4)


def _text_rows(folder: ModelFolder) -> int:
    return folder.whole("transformer", "max_text_seq_length", 226)


def _trained(folder: ModelFolder) -> tuple[int, int]:
    """Width and height that the positions were made for, in pixels."""
    side = _spatial(folder)
    return folder.whole("transformer", "sample_width", 90) * side, folder.whole("transformer", "sample_height", 60) * side


def _spatial(folder: ModelFolder) -> int:
    """Pixels of one latent pixel's side."""
    levels: int = len(folder.entries("vae", "block_out_channels", (128, 256, 256, 512)))
    return 1 << (levels - 1)
