"""JoyAI-Echo on the LTX-2 transformer (modular only): picture and sound in eight steps, with memories in slots it was trained for.

Its blocks are run one by one on the loaded components, for two reasons: the prompt was encoded before, and the library encodes the
sounds of memories with torchaudio, which has no build for some machines. `ltx2_sound.log_mel` is the same spectrogram without it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np

from episodic.backbones.diffusers.families.call_helpers import contained, ends, frames_of, seeded
from episodic.backbones.diffusers.families.ltx2 import TEXT_ROWS, distilled_sigmas, pad_left, trim_left, video_latents
from episodic.backbones.diffusers.families.modular import modular_state
from episodic.backbones.diffusers.family import SOUND_HZ, Family, Frames, Loaded, Shown, StepHook, Window
from episodic.backbones.diffusers.rules import Rules, longest
from episodic.backbones.protocol import Capabilities
from episodic.errors import BackboneError

if TYPE_CHECKING:
    import torch

    from episodic.backbones.diffusers.folder.model_folder import ModelFolder

__all__ = ["Echo"]

_SLOTS: Final = 7
_LONGEST_SOUND_S: Final = 9.62
_STEPS: Final = 8


class Echo(Family):
    """Up to seven pictures of what is remembered, each with its sound where one is known, the most important in the first slot.

    It begins with one given frame: a picture made for the shot, or the last frame of what it goes on from. The sound's latents can be
    given as noise only, so our speech cannot be held. There is no step callback; the hook is called by a block around the loop's last.
    """

    name: ClassVar[str] = "echo"
    classes: ClassVar[tuple[str, ...]] = ("EchoModularPipeline",)
    text_components: ClassVar[tuple[str, ...]] = ("tokenizer", "text_encoder")

    def capabilities(self, folder: ModelFolder) -> Capabilities:
        """The same for every folder of this class."""
        rules = self.rules(folder)
        return Capabilities(
            name=self.name,
            max_performers=8,
            text_tokens=TEXT_ROWS - 1,
            reference_pictures=_SLOTS,
            continuation_frames=1,
            first_frame=True,
            memory_sounds=True,
            own_sound=True,
            max_seconds=rules.most_frames / rules.fps,
            heavy=True,
        )

    def rules(self, folder: ModelFolder) -> Rules:
        """About ten seconds at 25 frames per second, eight steps without guidance."""
        step = folder.whole("vae", "temporal_compression_ratio", 8)
        side = folder.whole("vae", "spatial_compression_ratio", 32)
        return Rules(
            fps=25,
            frame_step=step,
            frame_offset=1,
            most_frames=longest(241, step),
            side_multiple=side,
            least_side=2 * side,
            size=(704, 512),
            steps=_STEPS,
            guidance=1.0,
            draft_steps=_STEPS // 2,
        )

    def known_frames(self, folder: ModelFolder) -> tuple[int, ...]:
        """The last frame."""
        del folder
        return (1,)

    def hooks(self, folder: ModelFolder) -> bool:
        """Yes; a given first frame is not changed by the hook."""
        del folder
        return True

    def latents_of(self, loaded: Loaded, frames: Frames, device: torch.device) -> torch.Tensor:
        """As of LTX-2."""
        return video_latents(loaded.pipeline.vae, frames, device)

    def load(self, folder: ModelFolder, leave_out: Collection[str], dtype: torch.dtype) -> Any:
        """All but the text encoder's weights: which side prompts are padded on is asked of the tokenizer."""
        return super().load(folder, set(leave_out) - {"tokenizer"}, dtype)

    def encode_prompt(self, loaded: Loaded, prompt: str, negative: str, device: torch.device) -> dict[str, torch.Tensor]:
        """`prompt_embeds`, [1, token, layer x channel], without padding. There is no guidance, so `negative` is not read."""
        del negative, device
        state = modular_state(prompt=prompt, max_sequence_length=TEXT_ROWS)
        text = loaded.pipeline.blocks.sub_blocks["text_encoder"].sub_blocks
        text["encode"](loaded.pipeline, state)
        return {"prompt_embeds": trim_left(state.get("prompt_embeds"), state.get("prompt_attention_mask"))}

    def call(self, loaded: Loaded, window: Window, device: torch.device) -> Shown:
        """Raises BackboneError where the prompt was encoded for another model."""
        from episodic.backbones.diffusers.families.ltx2_sound import heard

        pipeline, memories = loaded.pipeline, window.references[:_SLOTS]
        embeds = window.encoded.get("prompt_embeds")
        if embeds is None or embeds.ndim != 3 or embeds.shape[1] > TEXT_ROWS:
            raise BackboneError(
                f"{loaded.folder.root}: expected prompt_embeds of up to {TEXT_ROWS} tokens in the encoded prompt, found "
                f"{'none' if embeds is None else list(embeds.shape)}; it is another model's, delete the artifact"
            )
        padded, mask = pad_left(embeds.to(device, pipeline.transformer.dtype), TEXT_ROWS)
        shown, taken = ends(window, last=False)
        state = modular_state(
            prompt_embeds=padded,
            prompt_attention_mask=mask,
            image=shown.get("image"),
            memory_images=[contained(one.picture, window.width, window.height) for one in memories] or None,
            width=window.width,
            height=window.height,
            num_frames=window.frames,
            frame_rate=float(window.fps),
            sigmas=[*distilled_sigmas(window.steps), 0.0],
            generator=seeded(window.seed),
            output_type="np",
        )
        blocks = pipeline.blocks.sub_blocks
        loop = blocks["denoise"].sub_blocks["denoise_loop"]
        loop.set_progress_bar_config(disable=True)
        hooked = None
        if window.on_step is not None:
            hooked = loop.sub_blocks["after_denoiser"] = _Hooked(loop.sub_blocks["after_denoiser"], window.on_step)
        blocks["text_encoder"].sub_blocks["connect"](pipeline, state)
        blocks["vae_encoder"](pipeline, state)
        if any(one.sound is not None for one in memories):
            state.set("memory_audio_latents", [_remembered(pipeline, one.sound, device) for one in memories])
        blocks["denoise"](pipeline, state)
        blocks["decode"](pipeline, state)
        hz = int(pipeline.vocoder.config.output_sampling_rate)
        return Shown(
            frames=frames_of(state.get("videos")),
            sound=heard(state.get("audio"), hz, round(window.frames / window.fps * SOUND_HZ)),
            taken=frozenset(
                {
                    "prompt",
                    *taken,
                    *(f"reference:{one.name}" for one in memories),
                    *(f"sound:{one.name}" for one in memories if one.sound is not None),
                }
            ),
            hooked=bool(hooked and hooked.called),
        )


class _Hooked:
    """The last block of the denoising loop, which makes the prediction noisy again, and the hook after it."""

    def __init__(self, block: Any, hook: StepHook) -> None:
        self._block, self._hook = block, hook
        self.called = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._block, name)

    def __call__(self, components: Any, state: Any, i: int, sigma: float) -> tuple[Any, Any]:
        from einops import rearrange

        components, state = self._block(components, state, i=i, sigma=sigma)
        noise = float(state.sigmas[i + 1])
        if noise > 0:
            size = {"h": state.latent_height, "w": state.latent_width}
            latents = rearrange(state.latents, "b (f h w) c -> b c f h w", **size)
            changed = self._hook(i, len(state.sigmas) - 1, 1 - noise, noise, latents.float()).to(latents)
            packed = rearrange(changed, "b c f h w -> b (f h w) c")
            packed[:, : state.first_frame_token_count] = state.latents[:, : state.first_frame_token_count]
            state.latents = packed
            self.called = True
        return components, state


def _remembered(pipeline: Any, sound: np.ndarray | None, device: torch.device) -> torch.Tensor | None:
    """A memory's sound as normalised latents, [1, channel, time, bin]; None: a silent slot."""
    from einops import rearrange

    from episodic.backbones.diffusers.families.ltx2_sound import encode_sound, loudest

    if sound is None:
        return None
    latents = encode_sound(pipeline.audio_vae, loudest(sound, _LONGEST_SOUND_S), device)
    mean, std = (
        rearrange(one.to(latents), "(c m) -> 1 c 1 m", c=latents.shape[1])
        for one in (pipeline.audio_latents_mean, pipeline.audio_latents_std)
    )
    normal: torch.Tensor = (latents - mean) / std
    return normal
