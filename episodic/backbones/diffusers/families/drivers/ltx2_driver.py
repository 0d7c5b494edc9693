"""Runs the pipelines of LTX-2, and the parts of them that JoyAI-Echo shares."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Collection
from typing import Any, Final

import numpy as np
import torch
from diffusers.pipelines import ltx2
from einops import rearrange
from torch import Tensor

from episodic.backbones.diffusers.driver import FamilyDriver, LoadedPipeline
from episodic.backbones.diffusers.families.drivers.call_helpers import cover, cpu_generator, to_frames, to_images
from episodic.backbones.diffusers.families.drivers.ltx2_lora import add_lora, check_lora
from episodic.backbones.diffusers.families.drivers.ltx2_sound import (
    ContinuedSound,
    FixedSound,
    encode_sound,
    sound_tokens,
    to_stereo,
    whole_tokens,
)
from episodic.backbones.diffusers.families.ltx2 import TEXT_ROWS, distilled_sigmas, is_distilled
from episodic.backbones.diffusers.families.ltx2_control import IcLora, find_ic_lora
from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.window import SOUND_HZ, Frames, Sound, Window, WindowResult
from episodic.consistency.step_hook import StepHook
from episodic.errors import BackboneError

_LTX2: Final[Any] = ltx2
__all__ = ["Ltx2Driver", "encoded_rows", "pad_left", "trim_left", "video_latents"]

_PICTURE_CRF: Final = {"gemma4_unified": 18, "gemma4": 18}
"""Compression of pictures to begin with, by the text encoder's type (LTX-2.5), as in training: a still that is cleaner than any frame
of a film stays a still."""
_CRF: Final = 33
"""The same for versions before 2.5."""
_SHORTEST: Final = 480
"""Samples of one spectrum: shorter sound cannot be encoded."""
_TAIL: Final = 4800
"""More samples than two latents have."""
_UNUSED: Final = ("processor", "prompt_enhancer", "duration_head")
"""Components that are never loaded: prompts are composed from memory, and lengths are planned."""


class Ltx2Driver(FamilyDriver):
    """Runs `LTX2ConditionPipeline` or `LTX2InContextPipeline` on the weights of any of the four classes.

    Speech is fixed as the window's whole sound: clean from the first step to the last, at timestep 0, and returned unchanged, as in
    Lightricks' own pipeline from sound to picture (`A2VidPipelineTwoStage` of ltx-pipelines). Known sound without speech is put back
    after every step at that step's noise level. The step callback of diffusers sees no audio latents, but a pipeline may have a
    scheduler of its own for sound, which is used for both.
    """

    def load(self, folder: ModelFolder, leave_out: Collection[str], dtype: torch.dtype) -> Any:
        """Load the components as `LTX2ConditionPipeline` or `LTX2InContextPipeline`."""
        control = find_ic_lora(folder.root)
        unused = [name for name in _UNUSED if name in folder.components]
        loaded = super().load(folder, {*leave_out, *unused}, dtype)
        pipeline_class = _LTX2.LTX2InContextPipeline if control else _LTX2.LTX2ConditionPipeline
        if control and loaded.transformer is not None:
            add_lora(loaded.transformer, control.path)
        if is_distilled(folder) and loaded.scheduler is not None:
            # its noise levels are used as they are
            config = dict(loaded.scheduler.config) | {"use_dynamic_shifting": False, "shift": 1.0, "shift_terminal": None}
            loaded.scheduler = type(loaded.scheduler).from_config(config)
        if type(loaded) is pipeline_class:
            return loaded
        parameters = inspect.signature(pipeline_class.__init__).parameters
        pipeline = pipeline_class(**{name: part for name, part in loaded.components.items() if name in parameters})
        pipeline.set_progress_bar_config(disable=True)
        return pipeline

    def latents_of(self, loaded: LoadedPipeline, frames: Frames, device: torch.device) -> Tensor:
        """Encode frames with the pipeline's normalisation; 8 k + 1 frames are k + 1 latent frames."""
        return video_latents(loaded.pipeline.vae, frames, device)

    def encode_prompt(self, loaded: LoadedPipeline, prompt: str, negative: str, device: torch.device) -> dict[str, Tensor]:
        """Encode the states of all the text encoder's layers, [1, token, layer x channel], without the padding, which is most of them."""
        positive_embeds, positive_mask, negative_embeds, negative_mask = loaded.pipeline.encode_prompt(
            prompt, negative, do_classifier_free_guidance=True, max_sequence_length=TEXT_ROWS, device=device
        )
        return {
            "prompt_embeds": trim_left(positive_embeds, positive_mask),
            "negative_prompt_embeds": trim_left(negative_embeds, negative_mask),
        }

    def call(self, loaded: LoadedPipeline, window: Window, device: torch.device) -> WindowResult:
        """Raises BackboneError where the prompt was encoded for another model."""
        return _Call(loaded, window, device, find_ic_lora(loaded.folder.root)).run()


class _Call:
    """One call, step by step."""

    def __init__(self, loaded: LoadedPipeline, window: Window, device: torch.device, control: IcLora | None) -> None:
        self._pipeline, self._folder = loaded.pipeline, loaded.folder
        self._window, self._device, self._control = window, device, control
        self._used = {"prompt"}

    def run(self) -> WindowResult:
        """Call the pipeline."""
        window, pipeline = self._window, self._pipeline
        if self._control is not None:
            check_lora(pipeline.transformer, self._control)
        generator = cpu_generator(window.seed)
        latents = self._noise(generator)
        sound, scheduler = self._sound(generator)
        callback = _PackedCallback(window.on_step, self._latent_size, self._fixed_frames()) if window.on_step else None
        own_scheduler = pipeline.audio_scheduler
        if scheduler is not None:
            pipeline.audio_scheduler = scheduler
        try:
            video, audio = pipeline(
                **self._text(),
                **self._guidance(),
                **self._control_video(),
                conditions=self._conditions() or None,
                width=window.width,
                height=window.height,
                num_frames=window.frames,
                frame_rate=float(window.fps),
                **self._noise_levels(),
                noise_scale=0.0,
                latents=latents,
                audio_latents=sound,
                generator=generator,
                use_cross_timestep=self._newer,
                callback_on_step_end=callback,
                output_type="np",
                return_dict=False,
            )
        finally:
            pipeline.audio_scheduler = own_scheduler
        samples = round(window.frames / window.fps * SOUND_HZ)
        speech = self._given_sound() if window.speech is not None else None
        return WindowResult(
            frames=to_frames(video),
            sound=to_stereo(audio, int(pipeline.vocoder.config.output_sampling_rate), samples)
            if speech is None
            else speech[:, :samples],
            used=frozenset(self._used),
            hook_called=bool(callback and callback.called),
        )

    @property
    def _newer(self) -> bool:
        """Whether the model is LTX-2.3 or later: each branch has its own projection of the text, and sees the other's noise level."""
        return bool(self._folder.configs.get("connectors", {}).get("per_modality_projections", False))

    @property
    def _latent_size(self) -> tuple[int, int, int]:
        """Frames, height and width of the window's latents."""
        pipeline, window = self._pipeline, self._window
        frames = (window.frames - 1) // pipeline.vae_temporal_compression_ratio + 1
        side = pipeline.vae_spatial_compression_ratio
        return frames, window.height // side, window.width // side

    def _text(self) -> dict[str, Tensor]:
        """Return the encoded prompts and their masks, padded."""
        arguments: dict[str, Tensor] = {}
        for name in ("prompt_embeds", "negative_prompt_embeds"):
            embeds = encoded_rows(self._window, name, self._folder)
            padded, mask = pad_left(embeds.to(self._device, self._pipeline.transformer.dtype), TEXT_ROWS)
            arguments[name] = padded
            arguments[name.replace("embeds", "attention_mask")] = mask.to(torch.int64)
        return arguments

    def _noise_levels(self) -> dict[str, object]:
        """Return the number of steps, or the noise levels of a distilled model."""
        if not is_distilled(self._folder):
            return {"num_inference_steps": self._window.steps}
        sigmas = distilled_sigmas(self._window.steps)
        return {"num_inference_steps": len(sigmas), "sigmas": sigmas}

    def _guidance(self) -> dict[str, object]:
        """Return the authors' guidance with the library's values, or none at all: a scale of 0 would fall back to the picture's."""
        layers = int(self._pipeline.transformer.config.num_layers)
        if self._window.guidance > 1:
            # 28 of 48 in LTX-2.3, 29 in LTX-2.0
            block = min(layers - 1, round(layers * (28 if self._newer else 29) / 48))
            return {"guidance_scale": self._window.guidance, "spatio_temporal_guidance_blocks": [block]}
        unguided = {"guidance_scale": 1.0, "stg_scale": 0.0, "modality_scale": 1.0, "guidance_rescale": 0.0}
        return {**unguided, **{f"audio_{name}": value for name, value in unguided.items()}}

    def _conditions(self) -> list[Any]:
        """Return known frames and pictures as conditions. An index counts latent frames; -1 is the last."""
        window = self._window
        conditions: list[Any] = []
        size = window.width, window.height
        crf = _PICTURE_CRF.get(str(self._folder.configs.get("text_encoder", {}).get("model_type")), _CRF)
        if window.known is not None:
            conditions.append(_LTX2.LTX2VideoCondition(frames=window.known, index=0, strength=1.0, crf=0))
            self._used.add("known")
        elif window.first_frame is not None:
            conditions.append(_LTX2.LTX2VideoCondition(frames=cover(window.first_frame, *size), index=0, strength=1.0, crf=crf))
            self._used.add("first_frame")
        if window.last_frame is not None:
            conditions.append(_LTX2.LTX2VideoCondition(frames=cover(window.last_frame, *size), index=-1, strength=1.0, crf=crf))
            self._used.add("last_frame")
        return conditions

    def _fixed_frames(self) -> int:
        """Return the number of latent frames at the beginning that the pipeline itself fixes."""
        if self._window.known is not None:
            return (len(self._window.known) - 1) // int(self._pipeline.vae_temporal_compression_ratio) + 1
        return int(self._window.first_frame is not None)

    def _control_video(self) -> dict[str, object]:
        """Return the control videos that the IC-LoRA follows."""
        if self._control is None:
            return {}
        conditions = []
        for kind, frames in self._window.control.items():
            if kind in self._control.kinds:
                conditions.append(_LTX2.LTX2ReferenceCondition(frames=to_images(frames), strength=1.0))
                self._used.add(f"control:{kind}")
        return {"reference_conditions": conditions or None, "reference_downscale_factor": self._control.downscale}

    def _noise(self, generator: torch.Generator) -> Tensor:
        """Return noise for the picture as the pipeline takes latents: not normalised."""
        pipeline, vae = self._pipeline, self._pipeline.vae
        shape = (1, int(pipeline.transformer.config.in_channels), *self._latent_size)
        noise = torch.randn(shape, generator=generator).to(self._device)
        latents: Tensor = pipeline._denormalize_latents(noise, vae.latents_mean, vae.latents_std, vae.config.scaling_factor)
        return latents

    def _sound(self, generator: torch.Generator) -> tuple[Tensor, FixedSound | None]:
        """Return the audio latents to begin with, not normalised, and the scheduler that keeps given ones; None for the usual one."""
        pipeline, window, vae = self._pipeline, self._window, self._pipeline.audio_vae
        tokens = sound_tokens(window.frames / window.fps, vae)
        bins = int(vae.config.mel_bins) // int(vae.mel_compression_ratio)
        width = int(vae.config.latent_channels) * bins
        start = torch.randn((1, tokens, width), generator=generator).to(self._device)
        given = self._given_sound()
        scheduler: FixedSound | None = None
        if given is not None:
            encoded = encode_sound(vae, given, self._device)
            clean = pipeline._normalize_audio_latents(pipeline._pack_audio_latents(encoded), vae.latents_mean, vae.latents_std)
            schedule = copy.deepcopy(pipeline.audio_scheduler or pipeline.scheduler)
            if window.speech is not None:
                scheduler, start = FixedSound(schedule), clean[:, :tokens]
            else:
                known = min(tokens, whole_tokens(given.shape[1] / SOUND_HZ, vae))
                scheduler = ContinuedSound(schedule, clean[:, :known], start[:, :known].clone())
        packed = pipeline._denormalize_audio_latents(start, vae.latents_mean, vae.latents_std)
        return rearrange(packed, "b l (c m) -> b c l m", m=bins), scheduler

    def _given_sound(self) -> Sound | None:
        """Return the speech of the whole window with the known sound over its beginning; without speech the known sound alone."""
        window, known = self._window, self._window.known_sound
        if window.known is None or known is None or known.shape[1] < _SHORTEST:
            known = None
        else:
            self._used.add("known_sound")
        if window.speech is None:
            return known
        self._used.add("speech")
        # silence behind it, so that the last latent is complete
        whole = np.zeros((2, window.speech.shape[1] + _TAIL), np.float32)
        whole[:, : window.speech.shape[1]] = window.speech
        if known is not None:
            length = min(known.shape[1], window.speech.shape[1])
            whole[:, :length] = known[:, :length]
        return whole


class _PackedCallback:
    """The pipeline's step callback. Its latents are packed, with tokens of conditions behind the window's own."""

    def __init__(self, hook: StepHook, size: tuple[int, int, int], fixed_frames: int) -> None:
        self._hook, self._size, self._fixed_frames = hook, size, fixed_frames
        self.called = False

    def __call__(self, pipeline: Any, step: int, timestep: Tensor, tensors: dict[str, Tensor]) -> dict[str, object]:
        del timestep
        steps = int(pipeline.num_timesteps)
        if step + 1 >= steps:
            return {}
        frames, height, width = self._size
        own = frames * height * width
        packed = tensors["latents"]
        latents = rearrange(packed[:, :own], "b (f h w) c -> b c f h w", f=frames, h=height, w=width)
        sigma = float(pipeline.scheduler.sigmas[step + 1])
        changed = self._hook(step, steps, 1 - sigma, sigma, latents).to(latents)
        whole = torch.cat([latents[:, :, : self._fixed_frames], changed[:, :, self._fixed_frames :]], dim=2)
        self.called = True
        return {"latents": torch.cat([rearrange(whole, "b c f h w -> b (f h w) c"), packed[:, own:]], dim=1)}


def encoded_rows(window: Window, name: str, folder: ModelFolder) -> Tensor:
    """Return an encoded prompt of the window, [1, token, channel]. Raises BackboneError where it was encoded for another model."""
    embeds = window.encoded.get(name)
    if embeds is None or embeds.ndim != 3 or embeds.shape[1] > TEXT_ROWS:
        raise BackboneError(
            f"{folder.root}: expected {name} of up to {TEXT_ROWS} tokens in the encoded prompt, found "
            f"{'none' if embeds is None else list(embeds.shape)}; it belongs to another model, delete the artifact"
        )
    return embeds


def video_latents(vae: Any, frames: Frames, device: torch.device) -> Tensor:
    """Encode 8 k + 1 frames as k + 1 normalised latent frames, [1, channel, frame, height, width]."""
    pixels = torch.from_numpy(frames.astype(np.float32) / 127.5 - 1)
    with torch.no_grad():
        latents = vae.encode(rearrange(pixels, "f h w c -> 1 c f h w").to(device, vae.dtype)).latent_dist.mode().float()
    mean, std = (rearrange(moment.to(latents), "c -> 1 c 1 1 1") for moment in (vae.latents_mean, vae.latents_std))
    normal: Tensor = (latents - mean) * vae.config.scaling_factor / std
    return normal


def trim_left(embeds: Tensor, mask: Tensor) -> Tensor:
    """Remove the padding on the left of [1, row, channel]; at least one row stays."""
    kept = max(1, int(mask[0].sum()))
    return embeds[:, -kept:].contiguous()


def pad_left(embeds: Tensor, rows: int) -> tuple[Tensor, Tensor]:
    """Restore the padding that `trim_left` removed as zeros, and return it with the mask [1, row] that hides them."""
    padding = rows - embeds.shape[1]
    mask = torch.ones((1, rows), dtype=torch.int64, device=embeds.device)
    mask[:, :padding] = 0
    return torch.nn.functional.pad(embeds, (0, 0, padding, 0)), mask
