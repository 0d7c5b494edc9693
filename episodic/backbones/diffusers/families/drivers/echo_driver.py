"""Runs the modular pipeline of JoyAI-Echo.

Its blocks are run one by one on the loaded components, for two reasons: the prompt was encoded before, and the library encodes the
sounds of memories with torchaudio, which has no build for some machines. `ltx2_sound.log_mel` is the same spectrogram without it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import numpy as np
import torch
from einops import rearrange
from torch import Tensor

from episodic.backbones.diffusers.driver import FamilyDriver, LoadedPipeline
from episodic.backbones.diffusers.families.drivers.call_helpers import contain, cpu_generator, end_images, to_frames
from episodic.backbones.diffusers.families.drivers.ltx2_driver import encoded_rows, pad_left, trim_left, video_latents
from episodic.backbones.diffusers.families.drivers.ltx2_sound import encode_sound, loudest_stretch, to_stereo
from episodic.backbones.diffusers.families.drivers.modular import modular_state
from episodic.backbones.diffusers.families.echo import MEMORY_SLOTS
from episodic.backbones.diffusers.families.ltx2 import TEXT_ROWS, distilled_sigmas
from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.window import SOUND_HZ, Frames, Memory, Window, WindowResult
from episodic.consistency.step_hook import StepHook

__all__ = ["EchoDriver"]

_LONGEST_SOUND_S: Final = 9.62


class EchoDriver(FamilyDriver):
    """Runs the blocks of `EchoModularPipeline`."""

    def latents_of(self, loaded: LoadedPipeline, frames: Frames, device: torch.device) -> Tensor:
        """Encode frames as LTX-2 does."""
        return video_latents(loaded.pipeline.vae, frames, device)

    def load(self, folder: ModelFolder, leave_out: Collection[str], dtype: torch.dtype) -> Any:
        """Load the tokenizer in any case: it says on which side prompts are padded."""
        return super().load(folder, set(leave_out) - {"tokenizer"}, dtype)

    def encode_prompt(self, loaded: LoadedPipeline, prompt: str, negative: str, device: torch.device) -> dict[str, Tensor]:
        """Encode `prompt_embeds`, [1, token, layer x channel], without padding. There is no guidance, so `negative` is not read."""
        del negative, device
        state = modular_state(prompt=prompt, max_sequence_length=TEXT_ROWS)
        text = loaded.pipeline.blocks.sub_blocks["text_encoder"].sub_blocks
        text["encode"](loaded.pipeline, state)
        return {"prompt_embeds": trim_left(state.get("prompt_embeds"), state.get("prompt_attention_mask"))}

    def call(self, loaded: LoadedPipeline, window: Window, device: torch.device) -> WindowResult:
        """Raises BackboneError where the prompt was encoded for another model."""
        pipeline, memories = loaded.pipeline, window.references[:MEMORY_SLOTS]
        embeds = encoded_rows(window, "prompt_embeds", loaded.folder)
        padded, mask = pad_left(embeds.to(device, pipeline.transformer.dtype), TEXT_ROWS)
        images, used = end_images(window, last=False)
        state = modular_state(
            prompt_embeds=padded,
            prompt_attention_mask=mask,
            image=images.get("image"),
            memory_images=[contain(memory.picture, window.width, window.height) for memory in memories] or None,
            width=window.width,
            height=window.height,
            num_frames=window.frames,
            frame_rate=float(window.fps),
            sigmas=[*distilled_sigmas(window.steps), 0.0],
            generator=cpu_generator(window.seed),
            output_type="np",
        )
        blocks = pipeline.blocks.sub_blocks
        loop = blocks["denoise"].sub_blocks["denoise_loop"]
        loop.set_progress_bar_config(disable=True)
        hook_block = None
        if window.on_step is not None:
            hook_block = loop.sub_blocks["after_denoiser"] = _HookBlock(loop.sub_blocks["after_denoiser"], window.on_step)
        blocks["text_encoder"].sub_blocks["connect"](pipeline, state)
        blocks["vae_encoder"](pipeline, state)
        if any(memory.sound is not None for memory in memories):
            state.set("memory_audio_latents", [_sound_latents(pipeline, memory.sound, device) for memory in memories])
        blocks["denoise"](pipeline, state)
        blocks["decode"](pipeline, state)
        hz = int(pipeline.vocoder.config.output_sampling_rate)
        return WindowResult(
            frames=to_frames(state.get("videos")),
            sound=to_stereo(state.get("audio"), hz, round(window.frames / window.fps * SOUND_HZ)),
            used=frozenset({"prompt", *used, *_memory_names(memories)}),
            hook_called=bool(hook_block and hook_block.called),
        )


def _memory_names(memories: tuple[Memory, ...]) -> set[str]:
    """Return the receipt's names of the memories' pictures and sounds."""
    pictures = {f"reference:{memory.name}" for memory in memories}
    return pictures | {f"sound:{memory.name}" for memory in memories if memory.sound is not None}


class _HookBlock:
    """The last block of the denoising loop, which adds noise to the prediction again, followed by the hook."""

    def __init__(self, block: Any, hook: StepHook) -> None:
        self._block, self._hook = block, hook
        self.called = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._block, name)

    def __call__(self, components: Any, state: Any, i: int, sigma: float) -> tuple[Any, Any]:
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


def _sound_latents(pipeline: Any, sound: np.ndarray | None, device: torch.device) -> Tensor | None:
    """Encode a memory's sound as normalised latents, [1, channel, time, bin]; None leaves the slot silent."""
    if sound is None:
        return None
    latents = encode_sound(pipeline.audio_vae, loudest_stretch(sound, _LONGEST_SOUND_S), device)
    mean, std = (
        rearrange(moment.to(latents), "(c m) -> 1 c 1 m", c=latents.shape[1])
        for moment in (pipeline.audio_latents_mean, pipeline.audio_latents_std)
    )
    normal: Tensor = (latents - mean) / std
    return normal
