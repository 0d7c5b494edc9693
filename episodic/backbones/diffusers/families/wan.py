"""Wan 2.1 and 2.2 (arXiv 2503.20314): text, first picture, first and last picture, and VACE (arXiv 2503.07598), which takes reference
pictures, known frames and control video."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np
from einops import rearrange

from episodic.backbones.diffusers.families.call_helpers import (
    StepCallback,
    contained,
    ends,
    filled,
    frames_of,
    lacks_picture,
    pictures,
    same_parts,
    seeded,
    text_arguments,
    umt5_prompt,
    uncorrected,
)
from episodic.backbones.diffusers.family import Family, Frames, Joint, Loaded, Shown, Window
from episodic.backbones.diffusers.rules import Rules, longest
from episodic.backbones.protocol import Capabilities
from episodic.series.shooting_settings import ControlKind

if TYPE_CHECKING:
    import torch

    from episodic.backbones.diffusers.folder.model_folder import ModelFolder

__all__ = ["Wan", "wan_latents"]

_TEXT_ROWS: Final = 512
"""Rows of an encoded prompt. Always all of them: the image model of 2.1 tells text from picture by counting them."""
_ENDING: Final = 1
"""Tokens that the tokenizer adds to a text."""
_REFERENCES: Final = 4
"""More reference pictures than these blur into each other."""
_CONTROL: Final[tuple[ControlKind, ...]] = ("depth", "pose", "layout")
_VACE_KNOWN: Final = (1, 5, 9, 13, 17)
_GREY: Final = 128
"""What VACE is shown where it is to make the picture from nothing."""


class Wan(Family):
    """One call is one of `WanPipeline`, `WanImageToVideoPipeline` and `WanVACEPipeline`."""

    name: ClassVar[str] = "wan"
    classes: ClassVar[tuple[str, ...]] = ("WanPipeline", "WanImageToVideoPipeline", "WanVACEPipeline")
    text_components: ClassVar[tuple[str, ...]] = ("tokenizer", "text_encoder")

    def capabilities(self, folder: ModelFolder) -> Capabilities:
        """As the pipeline's class and the transformer's configuration have it."""
        rules = self.rules(folder)
        vace = _is_vace(folder)
        return Capabilities(
            name=self.name,
            max_performers=8,
            text_tokens=_TEXT_ROWS - _ENDING,
            reference_pictures=_REFERENCES if vace else 0,
            continuation_frames=max(self.known_frames(folder), default=0),
            first_frame=vace or _takes_first(folder),
            last_frame=vace or _takes_last(folder),
            needs_first_frame=folder.class_name == "WanImageToVideoPipeline",
            needs_last_frame=_needs_last(folder),
            control=_CONTROL if vace else (),
            max_seconds=rules.most_frames / rules.fps,
            heavy=True,
        )

    def rules(self, folder: ModelFolder) -> Rules:
        """The small model of 2.2 runs at 24 frames per second and 1280x704, all others at 16 and, by their schedule, 480p or 720p."""
        side, step = wan_steps(folder, "transformer" if "transformer" in folder.components else "transformer_2")
        if folder.index.get("expand_timesteps"):
            return Rules(
                fps=24,
                frame_step=step,
                frame_offset=1,
                most_frames=longest(121, step),
                side_multiple=side,
                size=(1280, 704),
                steps=50,
                draft_steps=12,
            )
        two_stages = folder.index.get("boundary_ratio") is not None
        large = folder.number("scheduler", "flow_shift", 3.0) >= 5
        return Rules(
            fps=16,
            frame_step=step,
            frame_offset=1,
            most_frames=longest(81, step),
            side_multiple=side,
            size=(1280, 720) if large else (832, 480),
            steps=40 if two_stages else 50,
            guidance=5.0 if not two_stages else 3.5 if _takes_first(folder) else 4.0,
            draft_steps=12,
            # each reference picture of VACE takes a latent frame of the window's own
            least_frames=1 + step * (_REFERENCES - 1) if _is_vace(folder) else 1,
        )

    def known_frames(self, folder: ModelFolder) -> tuple[int, ...]:
        """VACE takes a clip, image models its last frame."""
        if _is_vace(folder):
            return _VACE_KNOWN
        return (1,) if _takes_first(folder) else ()

    def hooks(self, folder: ModelFolder) -> bool:
        """Every pipeline of Wan calls back."""
        del folder
        return True

    def joint(self, folder: ModelFolder) -> Joint | None:
        """Text models, which go on from nothing."""
        if self.known_frames(folder):
            return None
        return Joint(
            components=tuple(name for name in ("transformer", "transformer_2") if name in folder.components),
            frames_per_latent=self.rules(folder).frame_step,
        )

    def latents_of(self, loaded: Loaded, frames: Frames, device: torch.device) -> torch.Tensor:
        """Normalised as the pipeline has them."""
        return wan_latents(loaded.pipeline.vae, frames, device)

    def encode_prompt(self, loaded: Loaded, prompt: str, negative: str, device: torch.device) -> dict[str, torch.Tensor]:
        """`prompt_embeds` and `negative_prompt_embeds`, [1, 512, channel]; rows past the text are zeros, and are attended to."""
        return umt5_prompt(loaded.pipeline, prompt, negative, _TEXT_ROWS, device)

    def call(self, loaded: Loaded, window: Window, device: torch.device) -> Shown:
        """Raises BackboneError where an image model has no picture to begin with, or lacks the last picture that it needs."""
        folder = loaded.folder
        arguments: dict[str, Any] = {
            "height": window.height,
            "width": window.width,
            "num_frames": window.frames,
            "num_inference_steps": window.steps,
            "guidance_scale": window.guidance,
            "generator": seeded(window.seed),
            "output_type": "np",
            **text_arguments(window, device),
        }
        if window.noise is not None:
            arguments["latents"] = window.noise
        wanted = folder.class_name
        slots = 0
        if _is_vace(folder):
            shown, taken = _vace_arguments(window, self.rules(folder).frame_step)
            slots = len(shown.get("reference_images", ()))
        else:
            shown, taken = _image_arguments(window, folder)
            if shown:
                wanted = "WanImageToVideoPipeline"
        if wanted == "WanPipeline" and folder.index.get("boundary_ratio") is not None:
            # the text model of 2.2 is guided less in its second stage: 4 and 3 (arXiv 2503.20314, code of 2.2)
            arguments["guidance_scale_2"] = 1 + (window.guidance - 1) * 2 / 3
        callback = StepCallback(hook=window.on_step, first=slots) if window.on_step else None
        options = {"expand_timesteps": True} if wanted != folder.class_name else {}
        with same_parts(loaded.pipeline, wanted, **options) as called, uncorrected(called, window.on_step, window.steps):
            video = called(**arguments, **shown, callback_on_step_end=callback).frames
        return Shown(frames=frames_of(video), taken=frozenset({"prompt", *taken}), hooked=bool(callback and callback.called))


def wan_latents(vae: Any, frames: Frames, device: torch.device) -> torch.Tensor:
    """Frames as clean latents of `AutoencoderKLWan`, [1, channel, frame, height, width], normalised as its pipelines have them."""
    import torch

    video = rearrange(torch.from_numpy(frames.copy()), "f h w c -> 1 c f h w").to(device, vae.dtype) / 127.5 - 1
    with torch.no_grad():
        latents = vae.encode(video).latent_dist.mode().float()
    mean, std = (
        rearrange(torch.tensor(one), "c -> 1 c 1 1 1").to(latents) for one in (vae.config.latents_mean, vae.config.latents_std)
    )
    normal: torch.Tensor = (latents - mean) / std
    return normal


def wan_steps(folder: ModelFolder, transformer: str = "transformer") -> tuple[int, int]:
    """Pixels that sides are multiples of, and frames of one latent frame."""
    side = folder.whole("vae", "scale_factor_spatial", 8) * folder.wholes(transformer, "patch_size", (1, 2, 2))[-1]
    return side, folder.whole("vae", "scale_factor_temporal", 4)


def _is_vace(folder: ModelFolder) -> bool:
    return folder.class_name == "WanVACEPipeline"


def _transformer(folder: ModelFolder) -> Mapping[str, Any]:
    return folder.configs.get("transformer") or folder.configs.get("transformer_2") or {}


def _takes_first(folder: ModelFolder) -> bool:
    """The small model of 2.2 is one for text and for pictures."""
    return folder.class_name == "WanImageToVideoPipeline" or bool(folder.index.get("expand_timesteps"))


def _needs_last(folder: ModelFolder) -> bool:
    """Image models of 2.1 that were trained on first and last picture have positions for both, and cannot do with one."""
    return _takes_first(folder) and _transformer(folder).get("pos_embed_seq_len") is not None


def _takes_last(folder: ModelFolder) -> bool:
    """Those, and the large image model of 2.2. That of 2.1 has no place for a second picture, the small one of 2.2 ignores it."""
    if folder.index.get("expand_timesteps") or folder.class_name != "WanImageToVideoPipeline":
        return False
    return _needs_last(folder) or _transformer(folder).get("image_dim") is None


def _image_arguments(window: Window, folder: ModelFolder) -> tuple[dict[str, Any], set[str]]:
    """First and last picture, and which of the window's fields they are; nothing for a text model."""
    if not _takes_first(folder):
        return {}, set()
    shown, taken = ends(window, last=_takes_last(folder))
    if "image" not in shown and folder.class_name == "WanImageToVideoPipeline":
        raise lacks_picture(folder, "first")
    if "last_image" not in shown and _needs_last(folder):
        raise lacks_picture(folder, "last")
    return shown, taken


def _vace_arguments(window: Window, frame_step: int) -> tuple[dict[str, Any], set[str]]:
    """Video and its mask (black: keep), reference pictures, and which of the window's fields they are."""
    taken: set[str] = set()
    shown: dict[str, Any] = {}
    video = np.full((window.frames, window.height, window.width, 3), _GREY, np.uint8)
    made = np.ones(window.frames, bool)
    kind = next((one for one in _CONTROL if one in window.control), None)
    if kind:
        video[:] = window.control[kind]
        taken.add(f"control:{kind}")
    if window.known is not None:
        video[: len(window.known)] = window.known
        made[: len(window.known)] = False
        taken.add("known")
    elif window.first_frame is not None:
        video[0] = np.asarray(filled(window.first_frame, window.width, window.height))
        made[0] = False
        taken.add("first_frame")
    if window.last_frame is not None:
        video[-1] = np.asarray(filled(window.last_frame, window.width, window.height))
        made[-1] = False
        taken.add("last_frame")
    if taken:
        masks = np.broadcast_to(np.where(made, 255, 0).astype(np.uint8)[:, None, None, None], video.shape)
        shown |= {"video": pictures(video), "mask": pictures(np.ascontiguousarray(masks))}
    # each needs a latent frame of the window's own, and they come to lie before it in the reverse of the order they are given in
    references = window.references[: min(_REFERENCES, (window.frames - 1) // frame_step + 1)]
    if references:
        shown["reference_images"] = [contained(one.picture, window.width, window.height) for one in reversed(references)]
        taken.update(f"reference:{one.name}" for one in references)
    return shown, taken
