"""Runs the modular pipeline of MiniMax-H3."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Collection, Sequence
from functools import wraps
from typing import Any, Final

import numpy as np
import torch
from diffusers.modular_pipelines import minimax_h3
from einops import rearrange
from PIL import Image, ImageOps
from scipy.signal import resample_poly
from torch import Tensor
from transformers import Qwen2VLImageProcessorPil
from transformers.modeling_outputs import BaseModelOutput

from episodic.backbones.diffusers.driver import FamilyDriver, LoadedPipeline
from episodic.backbones.diffusers.families.drivers.call_helpers import cpu_generator, end_images, load_reader, to_frames
from episodic.backbones.diffusers.families.drivers.ltx2_sound import to_stereo
from episodic.backbones.diffusers.families.drivers.modular import modular_state
from episodic.backbones.diffusers.families.minimax_h3 import PICTURES
from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.window import SOUND_HZ, Frames, Memory, Picture, Window, WindowResult
from episodic.consistency.step_hook import StepHook
from episodic.errors import BackboneError

_H3: Final[Any] = minimax_h3
__all__ = ["MiniMaxH3Driver", "PictureReader", "limit_shape"]

_SOUNDS: Final = 3
_SHAPE: Final = 4
"""Greatest ratio of a reference's longer side to its shorter one."""
_TOKEN_TYPES: Final = {"<|image_pad|>": 1, "<|video_pad|>": 2}


class MiniMaxH3Driver(FamilyDriver):
    """Runs the blocks of `MiniMaxH3ModularPipeline`."""

    def latents_of(self, loaded: LoadedPipeline, frames: Frames, device: torch.device) -> Tensor:
        """Encode frames with the pipeline's normalisation: one frame is one latent frame, 17 n + 5 are 5 n + 2."""
        pipeline, config = loaded.pipeline, loaded.pipeline.vae.config

        def by_channel(values: Sequence[float]) -> Tensor:
            return rearrange(torch.tensor(values, dtype=torch.float32), "c -> 1 c 1 1 1").to(device)

        pixels = rearrange(torch.from_numpy(frames.astype(np.float32) / 255), "f h w c -> 1 c f h w").to(device)
        with torch.no_grad():
            posterior = pipeline.vae.encode(
                (pixels - by_channel(pipeline.pixel_mean)) / by_channel(pipeline.pixel_std), return_dict=False
            )[0]
        normal: Tensor = (posterior.mode().float() - by_channel(config.latents_mean)) / by_channel(config.latents_std)
        return normal

    def load(self, folder: ModelFolder, leave_out: Collection[str], dtype: torch.dtype) -> Any:
        """Load its processor as a `PictureReader`. The tokenizer is always loaded, since prompts are read at every call."""
        with warnings.catch_warnings():
            # diffusers' own: its sound autoencoder still uses the weight norm that torch has deprecated
            warnings.filterwarnings("ignore", message=r"`torch\.nn\.utils\.weight_norm`", category=FutureWarning)
            pipeline = super().load(folder, {*leave_out, "processor"} - {"tokenizer"}, dtype)
        if "processor" not in leave_out:
            pipeline.processor = PictureReader(folder, pipeline.tokenizer)
        if "text_encoder" not in leave_out:
            language_model = pipeline.text_encoder.model
            language_model.forward = _one_layer(language_model.forward, int(pipeline.text_encoder_layer))
        return pipeline

    def encode_prompt(self, loaded: LoadedPipeline, prompt: str, negative: str, device: torch.device) -> dict[str, Tensor]:
        """Return `prompt` as its text in UTF-8. There is no guidance, so `negative` is not read."""
        del loaded, negative, device
        return {"prompt": torch.from_numpy(np.frombuffer(prompt.encode() or b" ", np.uint8).copy())}

    def call(self, loaded: LoadedPipeline, window: Window, device: torch.device) -> WindowResult:
        """Raises BackboneError where the folder lacks the transformer that this window needs, or the prompt is another model's."""
        del device
        pipeline = loaded.pipeline
        prompt = _prompt(loaded, window)
        keyframes, used = end_images(window)
        references = () if keyframes else window.references[:PICTURES]
        _check_transformer(loaded, bool(references))
        inputs: dict[str, object] = dict(keyframes)
        if references:
            captions, pictures_and_sounds = _references(references, int(pipeline.audio_sampling_rate))
            prompt, inputs = f"{captions} {prompt}", {"references": pictures_and_sounds}
            used = {f"reference:{memory.name}" for memory in references}
            used |= {f"sound:{memory.name}" for memory in _sounding(references)}
        blocks = pipeline.blocks
        hook_block = _prepare_loop(blocks, pipeline, window, "ref2va" if references else "fl2va" if keyframes else "t2va")
        # the scheduler counts levels, and there is one level more than steps
        state = modular_state(
            prompt=prompt,
            width=window.width,
            height=window.height,
            num_frames=window.frames,
            num_inference_steps=window.steps + 1,
            generator=cpu_generator(window.seed),
            output_type="np",
            **inputs,
        )
        blocks(pipeline, state)
        samples = round(window.frames / window.fps * SOUND_HZ)
        return WindowResult(
            frames=to_frames(state.get("videos")),
            sound=to_stereo(state.get("audio"), int(state.get("sampling_rate")), samples),
            used=frozenset({"prompt", *used}),
            hook_called=bool(hook_block and hook_block.called),
        )


def _one_layer(forward: Callable[..., Any], layer: int) -> Callable[..., Any]:
    """Return only the hidden state that the blocks use: caching all of them would take too much memory."""

    @wraps(forward)
    def one_state(*args: Any, **kwargs: Any) -> Any:
        states = forward(*args, **kwargs).hidden_states
        unused: list[Any] = [None] * layer
        return BaseModelOutput(hidden_states=(*unused, states[layer]))

    return one_state


class _HookBlock:
    """The last block of the denoising loop, which steps the window's own rows, followed by the hook."""

    def __init__(self, block: Any, hook: StepHook, size: dict[str, int]) -> None:
        self._block, self._hook, self._size = block, hook, size
        self.called = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._block, name)

    def __call__(self, components: Any, state: Any, i: int, t: Tensor) -> tuple[Any, Any]:
        components, state = self._block(components, state, i=i, t=t)
        steps = len(components.scheduler.timesteps)
        if i + 1 < steps:
            noise = float(components.scheduler.sigmas[i + 1])
            own = state.latents[state.num_condition_video_rows :]
            latents = rearrange(own, "(f h w) (c t p q) -> 1 c (f t) (h p) (w q)", **self._size)
            changed = self._hook(i, steps, 1 - noise, noise, latents).to(latents)
            own[:] = rearrange(changed, "1 c (f t) (h p) (w q) -> (f h w) (c t p q)", **self._size)
            self.called = True
        return components, state


def _prepare_loop(blocks: Any, pipeline: Any, window: Window, workflow: str) -> _HookBlock | None:
    """Put the hook into the workflow's loop, and switch off its progress bar."""
    loop = blocks.sub_blocks["denoise"].sub_blocks[workflow].sub_blocks["denoise"]
    loop.set_progress_bar_config(disable=True)
    if window.on_step is None:
        return None
    side, (deep, high, wide) = int(pipeline.vae_spatial_compression_ratio), pipeline.patch_size
    size = {"t": deep, "p": high, "q": wide, "h": window.height // side // high, "w": window.width // side // wide}
    hook_block = loop.sub_blocks["update"] = _HookBlock(loop.sub_blocks["update"], window.on_step, size)
    return hook_block


class PictureReader:
    """The part of `Qwen3VLProcessor` that the pipeline's blocks use, without video; the whole processor needs torchvision.

    Raises BackboneError where the folder's processor does not load.
    """

    def __init__(self, folder: ModelFolder, tokenizer: Any) -> None:
        self.image_processor: Any = load_reader(Qwen2VLImageProcessorPil, folder.place("processor"))
        self._types = {tokenizer.convert_tokens_to_ids(name): number for name, number in _TOKEN_TYPES.items()}

    def create_mm_token_type_ids(self, input_ids: list[list[int]]) -> list[list[int]]:
        """Return the type of each token: 0 for text, 1 for pictures, 2 for video."""
        return [[self._types.get(token, 0) for token in row] for row in input_ids]


def _prompt(loaded: LoadedPipeline, window: Window) -> str:
    stored = window.encoded.get("prompt")
    if stored is None or stored.ndim != 1:
        raise BackboneError(
            f"{loaded.folder.root}: expected the prompt's text, found {', '.join(window.encoded) or 'nothing'}; it was encoded for "
            "another model, delete the artifact"
        )
    return bytes(stored.cpu().numpy()).decode()


def _check_transformer(loaded: LoadedPipeline, refers: bool) -> None:
    name = "transformer_ref" if refers else "transformer"
    if getattr(loaded.pipeline, name, None) is None:
        shot = "a shot with reference pictures" if refers else "a shot without reference pictures"
        raise BackboneError(
            f"{loaded.folder.root}: the component {name} is not in this folder, and {shot} needs it; fetch it too"
        )


def _references(memories: tuple[Memory, ...], hz: int) -> tuple[str, list[Any]]:
    """Return captions by the labels that the model gives, and each picture followed by its sound, most important first."""
    references: list[Any] = []
    captions: list[str] = []
    sounding, sounds = _sounding(memories), 0
    for number, memory in enumerate(memories, 1):
        references.append(_H3.MiniMaxH3ImageReference(image=limit_shape(memory.picture)))
        captions.append(f"<Picture {number}> shows {_spoken(memory.entity)}.")
        if memory.sound is None or not any(memory is audible for audible in sounding):
            continue
        sounds += 1
        common = math.gcd(hz, SOUND_HZ)
        # at the model's own rate: the pipeline would resample with torchaudio
        samples = resample_poly(memory.sound[:2].astype(np.float32), hz // common, SOUND_HZ // common, axis=-1)
        waveform = torch.from_numpy(np.ascontiguousarray(samples, np.float32))
        references.append(_H3.MiniMaxH3AudioReference(audio=waveform, sample_rate=hz))
        captions.append(f"<Audio {sounds}> is heard with {_spoken(memory.entity)}.")
    return " ".join(captions), references


def _sounding(memories: tuple[Memory, ...]) -> list[Memory]:
    """Return the memories whose sound is used: the most important ones that fit."""
    return [memory for memory in memories if memory.sound is not None][:_SOUNDS]


def _spoken(entity: str) -> str:
    """Return an entity's id as words."""
    return entity.replace("_", " ")


def limit_shape(picture: Picture) -> Image.Image:
    """Pad a picture with white where one side is more than four times as long as the other."""
    image = Image.fromarray(picture)
    width, height = image.size
    wide, high = max(width, math.ceil(height / _SHAPE)), max(height, math.ceil(width / _SHAPE))
    if (wide, high) == (width, height):
        return image
    return ImageOps.pad(image, (wide, high), color=(255, 255, 255))
