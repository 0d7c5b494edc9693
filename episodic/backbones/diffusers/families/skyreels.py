"""SkyReels-V2 with diffusion forcing (arXiv 2504.13074): any of its frames may be clean from the start.

Its three pipelines take the same weights, so that a folder of any of them is shot with whichever takes what a window has: text, a
first and a last picture, or the end of the clip that is gone on from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from episodic.backbones.diffusers.families.call_helpers import (
    StepCallback,
    ends,
    frames_of,
    pictures,
    same_parts,
    seeded,
    text_arguments,
    umt5_prompt,
    uncorrected,
)
from episodic.backbones.diffusers.families.wan import wan_latents, wan_steps
from episodic.backbones.diffusers.family import Family, Frames, Loaded, Shown, Window
from episodic.backbones.diffusers.rules import Rules, longest
from episodic.backbones.protocol import Capabilities

if TYPE_CHECKING:
    import torch

    from episodic.backbones.diffusers.folder.model_folder import ModelFolder

__all__ = ["SkyReels"]

_TEXT: Final = "SkyReelsV2DiffusionForcingPipeline"
_IMAGE: Final = "SkyReelsV2DiffusionForcingImageToVideoPipeline"
_VIDEO: Final = "SkyReelsV2DiffusionForcingVideoToVideoPipeline"
_TEXT_ROWS: Final = 512
_ENDING: Final = 1
"""Tokens that the tokenizer adds to a text."""


class SkyReels(Family):
    """A window is denoised at once (synchronously); longer takes are several windows."""

    name: ClassVar[str] = "skyreels"
    classes: ClassVar[tuple[str, ...]] = (_TEXT, _IMAGE, _VIDEO)
    text_components: ClassVar[tuple[str, ...]] = ("tokenizer", "text_encoder")

    def capabilities(self, folder: ModelFolder) -> Capabilities:
        """The same for all three classes."""
        rules = self.rules(folder)
        return Capabilities(
            name=self.name,
            max_performers=8,
            text_tokens=_TEXT_ROWS - _ENDING,
            continuation_frames=max(self.known_frames(folder)),
            first_frame=True,
            last_frame=True,
            max_seconds=rules.most_frames / rules.fps,
            heavy=True,
        )

    def rules(self, folder: ModelFolder) -> Rules:
        """97 frames at 24 per second; the models for 540p and for 720p cannot be told apart by their configurations."""
        side, step = wan_steps(folder)
        return Rules(
            fps=24,
            frame_step=step,
            frame_offset=1,
            most_frames=longest(97, step),
            side_multiple=side,
            size=(960, 544),
            least_frames=step + 1,
            guidance=6.0,
            draft_steps=10,
        )

    def known_frames(self, folder: ModelFolder) -> tuple[int, ...]:
        """Up to 17, the overlap that its authors recommend; they shot the longest takes with 37, which leaves few new frames."""
        del folder
        return 1, 5, 9, 13, 17

    def hooks(self, folder: ModelFolder) -> bool:
        """All three call back."""
        del folder
        return True

    def latents_of(self, loaded: Loaded, frames: Frames, device: torch.device) -> torch.Tensor:
        """Its autoencoder is that of Wan."""
        return wan_latents(loaded.pipeline.vae, frames, device)

    def encode_prompt(self, loaded: Loaded, prompt: str, negative: str, device: torch.device) -> dict[str, torch.Tensor]:
        """`prompt_embeds` and `negative_prompt_embeds`, [1, 512, channel]."""
        return umt5_prompt(loaded.pipeline, prompt, negative, _TEXT_ROWS, device)

    def call(self, loaded: Loaded, window: Window, device: torch.device) -> Shown:
        """A clip cannot be gone on from towards a last picture: with more than one known frame, the last picture is not taken."""
        wanted, shown, taken = _shown(window)
        step = self.rules(loaded.folder).frame_step
        clean = (len(window.known) - 1) // step + 1 if window.known is not None else int("image" in shown)
        callback = None
        if window.on_step:
            # a last picture is a latent frame more than the window has
            callback = StepCallback(hook=window.on_step, frames=(window.frames - 1) // step + 1, clean=clean)
        with same_parts(loaded.pipeline, wanted) as called, uncorrected(called, window.on_step, window.steps):
            video = called(
                prompt=None,
                height=window.height,
                width=window.width,
                num_frames=window.frames,
                # the window is all there is: otherwise a short one is taken for less than no part of a long one
                base_num_frames=window.frames,
                num_inference_steps=window.steps,
                guidance_scale=window.guidance,
                fps=window.fps,
                generator=seeded(window.seed),
                output_type="np",
                callback_on_step_end=callback,
                **text_arguments(window, device),
                **shown,
            ).frames
        # a clip comes back before the frames that were made, which begin with it once more
        frames = frames_of(video)[-window.frames :]
        return Shown(frames=frames, taken=frozenset({"prompt", *taken}), hooked=bool(callback and callback.called))


def _shown(window: Window) -> tuple[str, dict[str, Any], set[str]]:
    """The pipeline class, what of the window it is shown, and the names of that."""
    if window.known is not None and len(window.known) > 1:
        return _VIDEO, {"video": pictures(window.known), "overlap_history": len(window.known)}, {"known"}
    shown, taken = ends(window)
    # it ends with a picture only where it begins with one
    return (_IMAGE, shown, taken) if "image" in shown else (_TEXT, {}, set())
