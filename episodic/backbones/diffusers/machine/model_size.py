"""The size of a model: its weights exactly, from the headers of its files, and its activations roughly. Imports no torch."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from safetensors import SafetensorError, safe_open

from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.folder.safe_files import read_json
from episodic.backbones.diffusers.folder.weight_files import component_weights, stays_float32
from episodic.errors import BackboneError
from episodic.series.machine_settings import DType

__all__ = ["BYTES_OF", "DENOISERS", "ModelSize"]

BYTES_OF: Final[Mapping[DType, int]] = {"bfloat16": 2, "float16": 2, "float32": 4}
_LIVE: Final = 10
"""Hidden states alive at once in a transformer's block: its input, normalised in float32, query, key, value, attention's output, and
the widest layer of the feed-forward part."""
_LIVE_DECODING: Final = 5
"""Feature maps alive at once in the last block of an autoencoder."""
DENOISERS: Final = ("transformer", "unet")
"""Prefixes of the names of components that run at every step."""
_ONE_BY_ONE: Final = ("Wan", "SkyReels")
"""Prefixes of pipelines that run prompt and negative prompt one after the other; others run both as one batch."""
_AT_ONCE: Final[Mapping[str, int]] = {"AutoencoderKLWan": 4, "AutoencoderKLCogVideoX": 8}
"""Frames that an autoencoder decodes at once, where it does not decode all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSize:
    """Dimensions of one model and of one window."""

    name: str
    parameters: Mapping[str, int]
    """Number of parameters of each component that has weights."""
    text_components: frozenset[str]
    """Components that encode prompts: loaded alone, released before the rest."""
    full: frozenset[str] = frozenset({"vae"})
    """Components that stay in float32 whatever the others are."""
    blocks: int
    """Depth of the largest denoiser."""
    hidden: int
    """Width of its hidden states."""
    batch: int = 1
    """Number of sequences it runs at once."""
    spatial: int
    """Pixels on a side of one of its tokens."""
    temporal: int
    """Frames of one of its tokens."""
    channels: float = 96.0
    """Channels of the autoencoder's last block, per pixel."""
    at_once: int = 0
    """Frames that the autoencoder works on at once; 0: all."""
    tile_px: int = 256
    frames: int
    width: int
    height: int

    @classmethod
    def of(cls, folder: ModelFolder, text_components: Collection[str], *, frames: int, size: tuple[int, int]) -> ModelSize:
        """Measure a folder's model for a window of `frames` frames. Reads configurations and headers; missing values are those of Wan."""
        parameters = {name: _parameters(folder, name) for name, bytes_ in folder.weight_bytes.items() if bytes_}
        largest = max((name for name in parameters if name.startswith(DENOISERS)), key=lambda name: parameters[name], default="")
        denoiser, vae = folder.configs.get(largest, {}), folder.configs.get("vae", {})
        patch_t, patch_px = _patch(denoiser)
        levels = vae.get("block_out_channels")
        side = 2 ** (len(levels) - 1) if isinstance(levels, (list, tuple)) and levels else 8
        heads = _whole(denoiser, "num_attention_heads", 40) * _whole(denoiser, "attention_head_dim", 128)
        return cls(
            name=f"{folder.class_name} in {folder.root}",
            parameters=parameters,
            text_components=frozenset(text_components),
            full=frozenset(name for name, (_, class_name) in folder.components.items() if stays_float32(class_name)),
            blocks=_whole(denoiser, "num_layers", 30),
            hidden=_whole(denoiser, "hidden_size", heads),
            batch=1 if folder.class_name.startswith(_ONE_BY_ONE) else 2,
            spatial=_whole(vae, "scale_factor_spatial", _whole(vae, "spatial_compression_ratio", side)) * patch_px,
            temporal=_whole(vae, "scale_factor_temporal", _whole(vae, "temporal_compression_ratio", 4)) * patch_t,
            channels=_channels(vae),
            at_once=_AT_ONCE.get(folder.components.get("vae", ("", ""))[1], 0),
            frames=frames,
            width=size[0],
            height=size[1],
        )

    @property
    def denoisers(self) -> tuple[str, ...]:
        """Names of the components that run at every step."""
        return tuple(name for name in self.parameters if name.startswith(DENOISERS))

    def bytes_of(self, name: str, dtype: DType) -> int:
        """Return the size of one component's weights in memory, bytes."""
        return self.parameters.get(name, 0) * (4 if name in self.full else BYTES_OF[dtype])

    def text(self, dtype: DType) -> int:
        """Return the size of the text components' weights, bytes."""
        return sum(self.bytes_of(name, dtype) for name in self.parameters if name in self.text_components)

    def shooting(self, dtype: DType) -> int:
        """Return the size of all other weights, bytes."""
        return sum(self.bytes_of(name, dtype) for name in self.parameters if name not in self.text_components)

    def denoise(self, dtype: DType) -> int:
        """Return the size of the activations of one step, bytes."""
        deep = math.ceil((self.frames - 1) / self.temporal) + 1
        tokens = deep * math.ceil(self.width / self.spatial) * math.ceil(self.height / self.spatial)
        return tokens * self.hidden * self.batch * BYTES_OF[dtype] * _LIVE

    def decode(self, *, tiled: bool) -> int:
        """Return the size of the autoencoder's activations, bytes; it computes in float32."""
        area = self.width * self.height
        if tiled:
            area = min(area, self.tile_px**2)
        at_once = min(self.frames, self.at_once or self.frames)
        finished = self.frames * self.width * self.height * 3 * 4
        return int(at_once * area * self.channels * 4 * _LIVE_DECODING) + finished


def _whole(config: Mapping[str, object], key: str, default: int) -> int:
    """Return a positive whole number of a configuration, `default` where there is none."""
    value = config.get(key)
    return value if isinstance(value, int) and value > 0 else default


def _channels(vae: Mapping[str, object]) -> float:
    """Return the channels of the decoder's last block per pixel: where it ends in patches, several pixels share them."""
    for key in ("decoder_base_dim", "base_dim"):
        channels = vae.get(key)
        if isinstance(channels, int):
            return float(channels / _whole(vae, "patch_size", 1) ** 2)
    for key in ("decoder_block_out_channels", "block_out_channels"):
        levels = vae.get(key)
        if isinstance(levels, (list, tuple)) and levels and isinstance(levels[0], int):
            return float(levels[0] / _whole(vae, "patch_size", 1) ** 2)
    return 96.0


def _patch(denoiser: Mapping[str, object]) -> tuple[int, int]:
    """Return the frames, and the latent pixels on a side, of one token."""
    patch = denoiser.get("patch_size")
    sides = [side for side in patch if isinstance(side, int) and side > 0] if isinstance(patch, (list, tuple)) else []
    if sides:
        return sides[0] if len(sides) > 2 else 1, sides[-1]
    return _whole(denoiser, "patch_size_t", 1), _whole(denoiser, "patch_size", 2)


def _parameters(folder: ModelFolder, name: str) -> int:
    """Return the number of a component's parameters."""
    return _count_parameters(name, folder.place(name), folder.fingerprint) or folder.weight_bytes[name] // 2


@cache
def _count_parameters(name: str, place: Path, fingerprint: str) -> int:
    """Count parameters in the headers, because weights may be wider on disk than in memory; 0 where they cannot be read."""
    del fingerprint  # part of the cache's key: the weights of a folder may be exchanged
    count = 0
    try:
        for file in component_weights(name, place, list(place.iterdir()), read_json):
            with safe_open(file, framework="numpy") as weights:
                count += sum(math.prod(weights.get_slice(key).get_shape()) for key in weights.keys())  # noqa: SIM118 - no mapping
    except (BackboneError, OSError, SafetensorError, ValueError, KeyError, TypeError, AttributeError):
        # loading the component reports the error
        return 0
    return count
