"""LTX-2 (arXiv 2601.03233): picture and sound in one pass.

Whichever of its four pipeline classes a folder names, the weights are the same, and windows are shot with the class that takes most:
`LTX2InContextPipeline` where an IC-LoRA lies in the folder, else `LTX2ConditionPipeline`.
"""

from __future__ import annotations

import copy
import importlib
import inspect
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np
from jaxtyping import Float32

from episodic.backbones.diffusers.families.call_helpers import filled, frames_of, pictures, seeded
from episodic.backbones.diffusers.families.ltx2_control import IcLora, add_lora, check_lora, find_ic_lora
from episodic.backbones.diffusers.family import SOUND_HZ, Family, Frames, Loaded, Shown, StepHook, Window
from episodic.backbones.diffusers.rules import Rules, longest
from episodic.backbones.protocol import Capabilities
from episodic.errors import BackboneError

if TYPE_CHECKING:
    import torch

    from episodic.backbones.diffusers.folder.model_folder import ModelFolder

__all__ = ["TEXT_ROWS", "Ltx2", "distilled_sigmas", "pad_left", "trim_left", "video_latents"]

Sound = Float32[np.ndarray, "channel sample"]

TEXT_ROWS: Final = 1024
"""Rows of an encoded prompt as the connectors take it; they fill what the text leaves free with learnt registers by position."""
_KNOWN: Final = (1, 9, 17, 25)
_MADE_PICTURE_CRF: Final = {"gemma4_unified": 18, "gemma4": 18}
"""By the text encoder's kind (LTX-2.5). Pictures to begin with are compressed as those of the training were (33 before 2.5): a still that
is cleaner than any frame of a film is held still."""
_CRF: Final = 33
_DISTILLED: Final = (1.0, 0.99375, 0.9875, 0.98125, 0.975, 0.909375, 0.725, 0.421875)
"""The levels that the distilled models were trained on, as in `diffusers.pipelines.ltx2.utils`, which imports torch."""
_SHORTEST: Final = 480
"""Samples of one spectrum: less cannot be encoded."""
_TAIL: Final = 4800
"""More samples than two latents have."""
_BESIDE: Final = ("processor", "prompt_enhancer", "duration_head")
"""Never used here: prompts are composed from memory, lengths are planned."""


class Ltx2(Family):
    """Goes on from up to 25 frames and their sound, begins and ends with pictures, follows control video where it has an IC-LoRA.

    Our speech is held as the window's whole sound: clean from the first step to the last, at timestep 0, and given back as it came, as
    in Lightricks' own pipeline from sound to picture (`A2VidPipelineTwoStage` of ltx-pipelines). Known sound alone is put back after
    every step at that step's level of noise. diffusers takes neither in its step callback, which sees no audio latents, but lets a
    pipeline have a scheduler of its own for sound, which is used for both.

    Distilled models are told by a scheduler without dynamic shifting, or by `distilled` in the name of the folder or repository; they
    are sampled in eight levels of noise without guidance.
    """

    name: ClassVar[str] = "ltx2"
    classes: ClassVar[tuple[str, ...]] = (
        "LTX2Pipeline",
        "LTX2ImageToVideoPipeline",
        "LTX2ConditionPipeline",
        "LTX2InContextPipeline",
    )
    text_components: ClassVar[tuple[str, ...]] = ("tokenizer", "text_encoder")

    def capabilities(self, folder: ModelFolder) -> Capabilities:
        """The same for all four classes; control video with an IC-LoRA only."""
        rules, control = self.rules(folder), find_ic_lora(folder.root)
        return Capabilities(
            name=self.name,
            max_performers=8,
            text_tokens=TEXT_ROWS - 1,
            continuation_frames=max(_KNOWN),
            first_frame=True,
            last_frame=True,
            control=control.kinds if control else (),
            own_sound=True,
            speech=True,
            max_seconds=rules.most_frames / rules.fps,
            heavy=True,
        )

    def rules(self, folder: ModelFolder) -> Rules:
        """Up to ten seconds at 24 frames per second: half of what its position embedding reaches."""
        control = find_ic_lora(folder.root)
        step = folder.whole("vae", "temporal_compression_ratio", 8)
        side = folder.whole("vae", "spatial_compression_ratio", 32)
        distilled = _is_distilled(folder)
        return Rules(
            fps=24,
            frame_step=step,
            frame_offset=1,
            most_frames=longest(241, step),
            side_multiple=side * (control.downscale if control else 1),
            # its autoencoder mirrors the edges of what it decodes, which takes two latent pixels
            least_side=2 * side,
            size=(768, 512),
            steps=len(_DISTILLED) if distilled else 30,
            guidance=1.0 if distilled else 3.0,
            draft_steps=len(_DISTILLED) // 2 if distilled else 10,
        )

    def known_frames(self, folder: ModelFolder) -> tuple[int, ...]:
        """Whole latent frames, up to a second."""
        del folder
        return _KNOWN

    def hooks(self, folder: ModelFolder) -> bool:
        """Yes; what the pipeline itself holds (known frames, pictures, control) is not changed by the hook."""
        del folder
        return True

    def load(self, folder: ModelFolder, leave_out: Collection[str], dtype: torch.dtype) -> Any:
        """The components as `LTX2ConditionPipeline` or `LTX2InContextPipeline`."""
        control = find_ic_lora(folder.root)
        unused = [name for name in _BESIDE if name in folder.components]
        loaded = super().load(folder, {*leave_out, *unused}, dtype)
        wanted = _library("LTX2InContextPipeline" if control else "LTX2ConditionPipeline")
        if control and loaded.transformer is not None:
            add_lora(loaded.transformer, control.path)
        if _is_distilled(folder) and loaded.scheduler is not None:
            # its levels of noise are used as they are
            kept = dict(loaded.scheduler.config) | {"use_dynamic_shifting": False, "shift": 1.0, "shift_terminal": None}
            loaded.scheduler = type(loaded.scheduler).from_config(kept)
        if type(loaded) is wanted:
            return loaded
        taken = inspect.signature(wanted.__init__).parameters
        pipeline = wanted(**{name: part for name, part in loaded.components.items() if name in taken})
        pipeline.set_progress_bar_config(disable=True)
        return pipeline

    def latents_of(self, loaded: Loaded, frames: Frames, device: torch.device) -> torch.Tensor:
        """Normalised as the pipeline has them; 8 k + 1 frames are k + 1 latent frames."""
        return video_latents(loaded.pipeline.vae, frames, device)

    def encode_prompt(self, loaded: Loaded, prompt: str, negative: str, device: torch.device) -> dict[str, torch.Tensor]:
        """Embeddings of all the text encoder's layers, [1, token, layer x channel], without the padding, which is most of them."""
        embeds, mask, unwanted, unwanted_mask = loaded.pipeline.encode_prompt(
            prompt, negative, do_classifier_free_guidance=True, max_sequence_length=TEXT_ROWS, device=device
        )
        return {"prompt_embeds": trim_left(embeds, mask), "negative_prompt_embeds": trim_left(unwanted, unwanted_mask)}

    def call(self, loaded: Loaded, window: Window, device: torch.device) -> Shown:
        """Raises BackboneError where the prompt was encoded for another model."""
        return _Call(loaded, window, device, find_ic_lora(loaded.folder.root)).run()


class _Call:
    """One call, step by step."""

    def __init__(self, loaded: Loaded, window: Window, device: torch.device, control: IcLora | None) -> None:
        self._pipeline, self._folder = loaded.pipeline, loaded.folder
        self._window, self._device, self._control = window, device, control
        self._taken = {"prompt"}

    def run(self) -> Shown:
        from episodic.backbones.diffusers.families.ltx2_sound import heard

        window, pipeline = self._window, self._pipeline
        if self._control is not None:
            check_lora(pipeline.transformer, self._control)
        generator = seeded(window.seed)
        latents = self._noise(generator)
        sound, scheduler = self._sound(generator)
        hook = _Hook(window.on_step, self._latent_size, self._held()) if window.on_step else None
        before = pipeline.audio_scheduler
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
                **self._levels(),
                noise_scale=0.0,
                latents=latents,
                audio_latents=sound,
                generator=generator,
                use_cross_timestep=self._newer,
                callback_on_step_end=hook,
                output_type="np",
                return_dict=False,
            )
        finally:
            pipeline.audio_scheduler = before
        samples = round(window.frames / window.fps * SOUND_HZ)
        spoken = self._given_sound() if window.speech is not None else None
        return Shown(
            frames=frames_of(video),
            sound=heard(audio, int(pipeline.vocoder.config.output_sampling_rate), samples)
            if spoken is None
            else spoken[:, :samples],
            taken=frozenset(self._taken),
            hooked=bool(hook and hook.called),
        )

    @property
    def _newer(self) -> bool:
        """LTX-2.3 and later: each branch has its own projection of the text, and sees the other's level of noise."""
        return bool(self._folder.configs.get("connectors", {}).get("per_modality_projections", False))

    @property
    def _latent_size(self) -> tuple[int, int, int]:
        pipeline, window = self._pipeline, self._window
        frames = (window.frames - 1) // pipeline.vae_temporal_compression_ratio + 1
        side = pipeline.vae_spatial_compression_ratio
        return frames, window.height // side, window.width // side

    def _text(self) -> dict[str, Any]:
        import torch

        found: dict[str, Any] = {}
        for name in ("prompt_embeds", "negative_prompt_embeds"):
            embeds = self._window.encoded.get(name)
            if embeds is None or embeds.ndim != 3 or embeds.shape[1] > TEXT_ROWS:
                raise BackboneError(
                    f"{self._folder.root}: expected {name} of up to {TEXT_ROWS} tokens in the encoded prompt, found "
                    f"{'none' if embeds is None else list(embeds.shape)}; it is another model's, delete the artifact"
                )
            padded, mask = pad_left(embeds.to(self._device, self._pipeline.transformer.dtype), TEXT_ROWS)
            found[name] = padded
            found[name.replace("embeds", "attention_mask")] = mask.to(torch.int64)
        return found

    def _levels(self) -> dict[str, Any]:
        """How many steps, or at which levels of noise."""
        if not _is_distilled(self._folder):
            return {"num_inference_steps": self._window.steps}
        sigmas = distilled_sigmas(self._window.steps)
        return {"num_inference_steps": len(sigmas), "sigmas": sigmas}

    def _guidance(self) -> dict[str, Any]:
        """The authors' guidance with the library's values, or none at all: a scale of 0 would fall back to the picture's."""
        layers = int(self._pipeline.transformer.config.num_layers)
        if self._window.guidance > 1:
            # 28 of 48 in LTX-2.3, 29 in LTX-2.0
            block = min(layers - 1, round(layers * (28 if self._newer else 29) / 48))
            return {"guidance_scale": self._window.guidance, "spatio_temporal_guidance_blocks": [block]}
        none = {"guidance_scale": 1.0, "stg_scale": 0.0, "modality_scale": 1.0, "guidance_rescale": 0.0}
        return {**none, **{f"audio_{name}": value for name, value in none.items()}}

    def _conditions(self) -> list[Any]:
        """Known frames and pictures. An index counts latent frames; -1 is the last."""
        window, found = self._window, []
        condition = _library("LTX2VideoCondition")
        size = window.width, window.height
        crf = _MADE_PICTURE_CRF.get(str(self._folder.configs.get("text_encoder", {}).get("model_type")), _CRF)
        if window.known is not None:
            found.append(condition(frames=window.known, index=0, strength=1.0, crf=0))
            self._taken.add("known")
        elif window.first_frame is not None:
            found.append(condition(frames=filled(window.first_frame, *size), index=0, strength=1.0, crf=crf))
            self._taken.add("first_frame")
        if window.last_frame is not None:
            found.append(condition(frames=filled(window.last_frame, *size), index=-1, strength=1.0, crf=crf))
            self._taken.add("last_frame")
        return found

    def _held(self) -> int:
        """Latent frames at the beginning that the pipeline itself holds."""
        if self._window.known is not None:
            return (len(self._window.known) - 1) // int(self._pipeline.vae_temporal_compression_ratio) + 1
        return int(self._window.first_frame is not None)

    def _control_video(self) -> dict[str, Any]:
        if self._control is None:
            return {}
        reference = _library("LTX2ReferenceCondition")
        found = []
        for kind, frames in self._window.control.items():
            if kind in self._control.kinds:
                found.append(reference(frames=pictures(frames), strength=1.0))
                self._taken.add(f"control:{kind}")
        return {"reference_conditions": found or None, "reference_downscale_factor": self._control.downscale}

    def _noise(self, generator: torch.Generator) -> torch.Tensor:
        """Noise for the picture, as the pipeline takes latents: not normalised."""
        import torch

        pipeline, vae = self._pipeline, self._pipeline.vae
        shape = (1, int(pipeline.transformer.config.in_channels), *self._latent_size)
        noise = torch.randn(shape, generator=generator).to(self._device)
        found: torch.Tensor = pipeline._denormalize_latents(noise, vae.latents_mean, vae.latents_std, vae.config.scaling_factor)
        return found

    def _sound(self, generator: torch.Generator) -> tuple[torch.Tensor, Any]:
        """The audio latents to begin with, not normalised, and the scheduler that holds what is given of them; None: the usual one."""
        import torch
        from einops import rearrange

        from episodic.backbones.diffusers.families.ltx2_sound import (
            ContinuedSound,
            HeldSound,
            encode_sound,
            sound_tokens,
            whole_tokens,
        )

        pipeline, window, vae = self._pipeline, self._window, self._pipeline.audio_vae
        tokens = sound_tokens(window.frames / window.fps, vae)
        bins = int(vae.config.mel_bins) // int(vae.mel_compression_ratio)
        width = int(vae.config.latent_channels) * bins
        start = torch.randn((1, tokens, width), generator=generator).to(self._device)
        given = self._given_sound()
        scheduler: Any = None
        if given is not None:
            encoded = encode_sound(vae, given, self._device)
            clean = pipeline._normalize_audio_latents(pipeline._pack_audio_latents(encoded), vae.latents_mean, vae.latents_std)
            schedule = copy.deepcopy(pipeline.audio_scheduler or pipeline.scheduler)
            if window.speech is not None:
                scheduler, start = HeldSound(schedule), clean[:, :tokens]
            else:
                known = min(tokens, whole_tokens(given.shape[1] / SOUND_HZ, vae))
                scheduler = ContinuedSound(schedule, clean[:, :known], start[:, :known].clone())
        packed = pipeline._denormalize_audio_latents(start, vae.latents_mean, vae.latents_std)
        return rearrange(packed, "b l (c m) -> b c l m", m=bins), scheduler

    def _given_sound(self) -> Sound | None:
        """Speech over the whole window, with what was heard during the known frames over its beginning; or that alone."""
        window, known = self._window, self._window.known_sound
        if window.known is None or known is None or known.shape[1] < _SHORTEST:
            known = None
        else:
            self._taken.add("known_sound")
        if window.speech is None:
            return known
        self._taken.add("speech")
        # silence behind it, so that the last latent is whole
        whole = np.zeros((2, window.speech.shape[1] + _TAIL), np.float32)
        whole[:, : window.speech.shape[1]] = window.speech
        if known is not None:
            length = min(known.shape[1], window.speech.shape[1])
            whole[:, :length] = known[:, :length]
        return whole


def distilled_sigmas(steps: int) -> list[float]:
    """The levels of noise of the distilled models, or `steps` of them spread over all, the first and the last among them."""
    count = max(1, min(steps, len(_DISTILLED)))
    chosen = np.rint(np.linspace(0, len(_DISTILLED) - 1, count)).astype(int)
    return [_DISTILLED[one] for one in chosen]


def _is_distilled(folder: ModelFolder) -> bool:
    """In the hub's cache a repository's name stands two folders above its snapshots."""
    root = folder.root.parents[1] if folder.root.parent.name == "snapshots" else folder.root
    return "distilled" in root.name.lower() or folder.configs.get("scheduler", {}).get("use_dynamic_shifting") is False


def _library(name: str) -> Any:
    """A class of the pipelines of LTX-2; imported when wanted."""
    return getattr(importlib.import_module("diffusers.pipelines.ltx2"), name)


class _Hook:
    """The pipeline's step callback: its latents are packed, with tokens of conditions behind the window's own."""

    def __init__(self, hook: StepHook, size: tuple[int, int, int], held: int) -> None:
        self._hook, self._size, self._held = hook, size, held
        self.called = False

    def __call__(self, pipeline: Any, step: int, timestep: torch.Tensor, tensors: dict[str, torch.Tensor]) -> dict[str, Any]:
        import torch
        from einops import rearrange

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
        whole = torch.cat([latents[:, :, : self._held], changed[:, :, self._held :]], dim=2)
        self.called = True
        return {"latents": torch.cat([rearrange(whole, "b c f h w -> b (f h w) c"), packed[:, own:]], dim=1)}


def video_latents(vae: Any, frames: Frames, device: torch.device) -> torch.Tensor:
    """8 k + 1 frames as k + 1 normalised latent frames, [1, channel, frame, height, width]."""
    import torch
    from einops import rearrange

    pixels = torch.from_numpy(frames.astype(np.float32) / 127.5 - 1)
    with torch.no_grad():
        latents = vae.encode(rearrange(pixels, "f h w c -> 1 c f h w").to(device, vae.dtype)).latent_dist.mode().float()
    mean, std = (rearrange(one.to(latents), "c -> 1 c 1 1 1") for one in (vae.latents_mean, vae.latents_std))
    normal: torch.Tensor = (latents - mean) * vae.config.scaling_factor / std
    return normal


def trim_left(embeds: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """[1, row, channel] without the padding on the left; at least one row stays."""
    kept = max(1, int(mask[0].sum()))
    return embeds[:, -kept:].contiguous()


def pad_left(embeds: torch.Tensor, rows: int) -> tuple[torch.Tensor, torch.Tensor]:
    """What `trim_left` took away, as zeros, which the mask hides; and the mask [1, row]."""
    import torch

    padding = rows - embeds.shape[1]
    mask = torch.ones((1, rows), dtype=torch.int64, device=embeds.device)
    mask[:, :padding] = 0
    return torch.nn.functional.pad(embeds, (0, 0, padding, 0)), mask
