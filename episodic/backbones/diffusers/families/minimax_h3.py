"""MiniMax-H3 (modular only): picture and sound from text, from a first and last picture, or from references.

A folder may hold one transformer or both: `transformer` takes text and pictures to begin and end with, `transformer_ref` takes
references. What a folder lacks it does not claim; the two together are twice as much to hold in memory.
"""

from __future__ import annotations

import importlib
import math
import warnings
from collections.abc import Callable, Collection
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np
from einops import rearrange

from episodic.backbones.diffusers.families.call_helpers import ends, frames_of, seeded
from episodic.backbones.diffusers.families.modular import modular_state
from episodic.backbones.diffusers.family import SOUND_HZ, Family, Frames, Loaded, Memory, Shown, StepHook, Window
from episodic.backbones.diffusers.rules import Rules
from episodic.backbones.protocol import Capabilities
from episodic.errors import BackboneError

if TYPE_CHECKING:
    import torch
    from PIL.Image import Image

    from episodic.backbones.diffusers.folder.model_folder import ModelFolder

__all__ = ["MiniMaxH3", "PictureReader", "within_four"]

_PICTURES: Final = 9
_SOUNDS: Final = 3
_TEXT_TOKENS: Final = 1024
_LEAST_S, _MOST_S = 5.0, 15.0
_SHAPE: Final = 4
"""References are at most this much longer than wide, or wider than long."""
_KIND: Final = {"<|image_pad|>": 1, "<|video_pad|>": 2}


class MiniMaxH3(Family):
    """Up to nine reference pictures, three of them with their sound; or one known frame or first picture, and a last one.

    Its conditioner, a language model that sees, reads the references and keyframes together with the prompt. So the prompt is stored as
    text, and the conditioner stays among what is loaded for shooting. What it has read once, for another seed or window, it does not read
    again: it is remembered by content.

    Of a reference video it takes motion and camera, and begins anew: it is no continuation, and reading one needs torchvision, so none is
    shown. A window with known or given frames is shot without references: the model has a transformer for either. Guidance is distilled
    into the weights. There is no step callback; the hook is called by a block around the loop's last.
    """

    name: ClassVar[str] = "minimax-h3"
    classes: ClassVar[tuple[str, ...]] = ("MiniMaxH3ModularPipeline",)
    text_components: ClassVar[tuple[str, ...]] = ("tokenizer",)

    def capabilities(self, folder: ModelFolder) -> Capabilities:
        """By which transformers there are."""
        rules = self.rules(folder)
        begins, refers = "transformer" in folder.components, "transformer_ref" in folder.components
        return Capabilities(
            name=self.name,
            max_performers=8,
            text_tokens=_TEXT_TOKENS,
            reference_pictures=_PICTURES if refers else 0,
            continuation_frames=max(self.known_frames(folder), default=0),
            frames_or_pictures=True,
            first_frame=begins,
            last_frame=begins,
            memory_sounds=refers,
            own_sound=True,
            max_seconds=rules.most_frames / rules.fps,
            heavy=True,
        )

    def rules(self, folder: ModelFolder) -> Rules:
        """17 n + 5 frames between 5 and 15 seconds at 24 frames per second."""
        chunk = folder.whole("vae", "clip_length", 17)
        rest, fps = 5, 24
        least = math.ceil((_LEAST_S * fps - rest) / chunk) * chunk + rest
        most = math.floor((_MOST_S * fps - rest) / chunk) * chunk + rest
        return Rules(
            fps=fps,
            frame_step=chunk,
            frame_offset=rest,
            least_frames=least,
            most_frames=most,
            side_multiple=32,
            size=(1344, 768),
            steps=49,
            guidance=1.0,
            draft_steps=12,
        )

    def known_frames(self, folder: ModelFolder) -> tuple[int, ...]:
        """The last frame, as the picture to begin with."""
        return (1,) if "transformer" in folder.components else ()

    def hooks(self, folder: ModelFolder) -> bool:
        """Yes; keyframes and references have rows of their own, which the hook does not see."""
        del folder
        return True

    def latents_of(self, loaded: Loaded, frames: Frames, device: torch.device) -> torch.Tensor:
        """Normalised as the pipeline has them: one frame is one latent frame, 17 n + 5 are 5 n + 2."""
        import torch

        pipeline, config = loaded.pipeline, loaded.pipeline.vae.config

        def spread(values: Any) -> torch.Tensor:
            return rearrange(torch.tensor(values, dtype=torch.float32), "c -> 1 c 1 1 1").to(device)

        pixels = rearrange(torch.from_numpy(frames.astype(np.float32) / 255), "f h w c -> 1 c f h w").to(device)
        with torch.no_grad():
            posterior = pipeline.vae.encode(
                (pixels - spread(pipeline.pixel_mean)) / spread(pipeline.pixel_std), return_dict=False
            )[0]
        normal: torch.Tensor = (posterior.mode().float() - spread(config.latents_mean)) / spread(config.latents_std)
        return normal

    def load(self, folder: ModelFolder, leave_out: Collection[str], dtype: torch.dtype) -> Any:
        """Its processor is loaded as a `PictureReader`; the tokenizer stays, since prompts are read at every call."""
        with warnings.catch_warnings():
            # diffusers' own: its sound autoencoder still uses the weight norm that torch has deprecated
            warnings.filterwarnings("ignore", message=r"`torch\.nn\.utils\.weight_norm`", category=FutureWarning)
            pipeline = super().load(folder, {*leave_out, "processor"} - {"tokenizer"}, dtype)
        if "processor" not in leave_out:
            pipeline.processor = PictureReader(folder, pipeline.tokenizer)
        if "text_encoder" not in leave_out:
            inside = pipeline.text_encoder.model
            inside.forward = _one_layer(inside.forward, int(pipeline.text_encoder_layer))
        return pipeline

    def encode_prompt(self, loaded: Loaded, prompt: str, negative: str, device: torch.device) -> dict[str, torch.Tensor]:
        """`prompt`: its text in UTF-8. There is no guidance, so `negative` is not read."""
        import torch

        del loaded, negative, device
        return {"prompt": torch.from_numpy(np.frombuffer(prompt.encode() or b" ", np.uint8).copy())}

    def call(self, loaded: Loaded, window: Window, device: torch.device) -> Shown:
        """Raises BackboneError where the folder lacks the transformer that this window needs, or the prompt is another model's."""
        from episodic.backbones.diffusers.families.ltx2_sound import heard

        del device
        pipeline = loaded.pipeline
        prompt = _prompt(loaded, window)
        keyframes, taken = ends(window)
        references = () if keyframes else window.references[:_PICTURES]
        _check_transformer(loaded, bool(references))
        given: dict[str, Any] = dict(keyframes)
        if references:
            said, shown = _references(references, int(pipeline.audio_sampling_rate))
            prompt, given = f"{said} {prompt}", {"references": shown}
            taken = {f"reference:{one.name}" for one in references} | {f"sound:{one.name}" for one in _sounding(references)}
        blocks = pipeline.blocks
        hooked = _prepare(blocks, pipeline, window, "ref2va" if references else "fl2va" if keyframes else "t2va")
        # the scheduler counts levels, and one level more than steps
        state = modular_state(
            prompt=prompt,
            width=window.width,
            height=window.height,
            num_frames=window.frames,
            num_inference_steps=window.steps + 1,
            generator=seeded(window.seed),
            output_type="np",
            **given,
        )
        blocks(pipeline, state)
        return Shown(
            frames=frames_of(state.get("videos")),
            sound=heard(state.get("audio"), int(state.get("sampling_rate")), round(window.frames / window.fps * SOUND_HZ)),
            taken=frozenset({"prompt", *taken}),
            hooked=bool(hooked and hooked.called),
        )


def _one_layer(forward: Callable[..., Any], layer: int) -> Callable[..., Any]:
    """The one hidden state that the blocks use of a pass: all of them together would be too much to remember."""
    outputs: Any = importlib.import_module("transformers.modeling_outputs")

    @wraps(forward)
    def read(*args: Any, **kwargs: Any) -> Any:
        states = forward(*args, **kwargs).hidden_states
        return outputs.BaseModelOutput(hidden_states=(*(None,) * layer, states[layer]))

    return read


class _Hooked:
    """The last block of the denoising loop, which steps the window's own rows, and the hook after it."""

    def __init__(self, block: Any, hook: StepHook, size: dict[str, int]) -> None:
        self._block, self._hook, self._size = block, hook, size
        self.called = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._block, name)

    def __call__(self, components: Any, state: Any, i: int, t: torch.Tensor) -> tuple[Any, Any]:
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


def _prepare(blocks: Any, pipeline: Any, window: Window, workflow: str) -> _Hooked | None:
    """The hook in the workflow's loop, and no progress bar."""
    loop = blocks.sub_blocks["denoise"].sub_blocks[workflow].sub_blocks["denoise"]
    loop.set_progress_bar_config(disable=True)
    if window.on_step is None:
        return None
    side, (deep, high, wide) = int(pipeline.vae_spatial_compression_ratio), pipeline.patch_size
    size = {"t": deep, "p": high, "q": wide, "h": window.height // side // high, "w": window.width // side // wide}
    hooked = loop.sub_blocks["update"] = _Hooked(loop.sub_blocks["update"], window.on_step, size)
    return hooked


class PictureReader:
    """What the pipeline's blocks use of its `Qwen3VLProcessor`, which cannot be had without torchvision: all but video.

    Raises BackboneError where the folder's processor does not load.
    """

    def __init__(self, folder: ModelFolder, tokenizer: Any) -> None:
        library: Any = importlib.import_module("transformers")
        place = folder.place("processor")
        try:
            reader: Any = library.Qwen2VLImageProcessorPil
            self.image_processor: Any = reader.from_pretrained(str(place), local_files_only=True, trust_remote_code=False)
        except (OSError, ValueError, KeyError, TypeError) as err:
            raise BackboneError(f"{place}: the component processor does not load ({err}); fetch the model again") from err
        self._kinds = {tokenizer.convert_tokens_to_ids(name): kind for name, kind in _KIND.items()}

    def create_mm_token_type_ids(self, input_ids: list[list[int]]) -> list[list[int]]:
        """0 for text, 1 for pictures, 2 for video."""
        return [[self._kinds.get(one, 0) for one in row] for row in input_ids]


def _prompt(loaded: Loaded, window: Window) -> str:
    stored = window.encoded.get("prompt")
    if stored is None or stored.ndim != 1:
        raise BackboneError(
            f"{loaded.folder.root}: expected the prompt's text, found {', '.join(window.encoded) or 'nothing'}; it was encoded for "
            "another model, delete the artifact"
        )
    return bytes(stored.cpu().numpy()).decode()


def _check_transformer(loaded: Loaded, refers: bool) -> None:
    name = "transformer_ref" if refers else "transformer"
    if getattr(loaded.pipeline, name, None) is None:
        why = "a shot with reference pictures needs it" if refers else "a shot without reference pictures needs it"
        raise BackboneError(f"{loaded.folder.root}: the component {name} is not in this folder, and {why}; fetch it too")


def _references(memories: tuple[Memory, ...], hz: int) -> tuple[str, list[Any]]:
    """Each picture followed by its sound, in the order of their importance; and in words which is whose, by the labels the model gives."""
    import torch
    from scipy.signal import resample_poly

    library: Any = importlib.import_module("diffusers.modular_pipelines.minimax_h3")
    found: list[Any] = []
    said: list[str] = []
    sounding, sounds = _sounding(memories), 0
    for number, one in enumerate(memories, 1):
        found.append(library.MiniMaxH3ImageReference(image=within_four(one.picture)))
        said.append(f"<Picture {number}> shows {_spoken(one.entity)}.")
        if one.sound is None or not any(one is each for each in sounding):
            continue
        sounds += 1
        common = math.gcd(hz, SOUND_HZ)
        # at the model's own rate: the pipeline would resample with torchaudio
        samples = resample_poly(one.sound[:2].astype(np.float32), hz // common, SOUND_HZ // common, axis=-1)
        waveform = torch.from_numpy(np.ascontiguousarray(samples, np.float32))
        found.append(library.MiniMaxH3AudioReference(audio=waveform, sample_rate=hz))
        said.append(f"<Audio {sounds}> is heard with {_spoken(one.entity)}.")
    return " ".join(said), found


def _sounding(memories: tuple[Memory, ...]) -> list[Memory]:
    """Those whose sound is heard: the most important, as many as there is room for."""
    return [one for one in memories if one.sound is not None][:_SOUNDS]


def _spoken(entity: str) -> str:
    return entity.replace("_", " ")


def within_four(picture: np.ndarray) -> Image:
    """A picture on white where it is more than four times as long as wide, or the other way round."""
    from PIL import Image, ImageOps

    image = Image.fromarray(picture)
    width, height = image.size
    wide, high = max(width, math.ceil(height / _SHAPE)), max(height, math.ceil(width / _SHAPE))
    if (wide, high) == (width, height):
        return image
    return ImageOps.pad(image, (wide, high), color=(255, 255, 255))
