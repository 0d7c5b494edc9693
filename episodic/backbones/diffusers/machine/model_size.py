"""How large a model is: its weights exactly, from the headers of its files, and what it needs to compute with, roughly. Imports no torch."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from episodic.backbones.diffusers.folder.load import kept_in_full
from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.folder.safe_files import read_json
from episodic.backbones.diffusers.folder.weight_files import component_weights
from episodic.errors import BackboneError

__all__ = ["BYTES_OF", "DENOISERS", "ModelSize"]

BYTES_OF: Final[Mapping[str, int]] = {"bfloat16": 2, "float16": 2, "float32": 4}
_LIVE: Final = 10
"""Hidden states alive at once in a transformer's block: its input, normalised in float32, query, key, value, attention's output, and
the widest layer of the feed-forward part."""
_LIVE_DECODING: Final = 5
"""Feature maps alive at once in the last block of an autoencoder."""
DENOISERS: Final = ("transformer", "unet")
"""Beginnings of the names of components that run at every step."""
_ONE_BY_ONE: Final = ("Wan", "SkyReels")
"""Pipelines that run the prompt and the negative prompt one after the other; others run both as one batch."""
_AT_ONCE: Final[Mapping[str, int]] = {"AutoencoderKLWan": 4, "AutoencoderKLCogVideoX": 8}
"""Frames that an autoencoder decodes at once where that is not all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSize:
    """One model, and one window of it."""

    name: str
    parameters: Mapping[str, int]
    """Of each component that has weights."""
    text_components: frozenset[str]
    """Those that encode prompts: loaded alone, released before the rest."""
    full: frozenset[str] = frozenset({"vae"})
    """Those kept in float32 whatever the others are."""
    blocks: int
    """Of the largest denoiser, in depth."""
    hidden: int
    """Width of its hidden states."""
    batch: int = 1
    """How many sequences it runs at once."""
    spatial: int
    """Pixels on a side of one of its tokens."""
    temporal: int
    """Frames of one of its tokens."""
    channels: float = 96.0
    """Of the autoencoder's last block, for each pixel."""
    at_once: int = 0
    """Frames that the autoencoder works on at once; 0: all."""
    tile_px: int = 256
    frames: int
    width: int
    height: int

    @classmethod
    def of(cls, folder: ModelFolder, text_components: Collection[str], *, frames: int, size: tuple[int, int]) -> ModelSize:
        """The size of a folder's model for a window. Reads configurations and headers; what they do not say is taken from Wan."""
        parameters = {name: _parameters(folder, name) for name, bytes_ in folder.weight_bytes.items() if bytes_}
        largest = max((name for name in parameters if name.startswith(DENOISERS)), key=lambda one: parameters[one], default="")
        denoiser, vae = folder.configs.get(largest, {}), folder.configs.get("vae", {})
        patch_t, patch_px = _patch(denoiser)
        levels = vae.get("block_out_channels")
        side = 2 ** (len(levels) - 1) if isinstance(levels, (list, tuple)) and levels else 8
        heads = _whole(denoiser, "num_attention_heads", 40) * _whole(denoiser, "attention_head_dim", 128)
        return cls(
            name=f"{folder.class_name} in {folder.root}",
            parameters=parameters,
            text_components=frozenset(text_components),
            full=frozenset(name for name, (_, class_name) in folder.components.items() if kept_in_full(class_name)),
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
        """The components that run at every step."""
        return tuple(name for name in self.parameters if name.startswith(DENOISERS))

    def bytes_of(self, name: str, dtype: str) -> int:
        """Weights of one component in memory."""
        return self.parameters.get(name, 0) * (4 if name in self.full else BYTES_OF[dtype])

    def text(self, dtype: str) -> int:
        """Weights of what encodes prompts."""
        return sum(self.bytes_of(name, dtype) for name in self.parameters if name in self.text_components)

    def shooting(self, dtype: str) -> int:
        """Weights of everything else."""
        return sum(self.bytes_of(name, dtype) for name in self.parameters if name not in self.text_components)

    def denoise(self, dtype: str) -> int:
        """Activations of one step, bytes."""
        deep = math.ceil((self.frames - 1) / self.temporal) + 1
        tokens = deep * math.ceil(self.width / self.spatial) * math.ceil(self.height / self.spatial)
        return tokens * self.hidden * self.batch * BYTES_OF[dtype] * _LIVE

    def decode(self, *, tiled: bool) -> int:
        """Activations of the autoencoder, bytes; it computes in float32."""
        area = self.width * self.height
        if tiled:
            area = min(area, self.tile_px**2)
        at_once = min(self.frames, self.at_once or self.frames)
        finished = self.frames * self.width * self.height * 3 * 4
        return int(at_once * area * self.channels * 4 * _LIVE_DECODING) + finished


def _whole(config: Mapping[str, Any], key: str, otherwise: int) -> int:
    value = config.get(key)
    return value if isinstance(value, int) and value > 0 else otherwise


def _channels(vae: Mapping[str, Any]) -> float:
    """Channels of the decoder's last block for each pixel: where it ends in patches, several pixels share them."""
    for key in ("decoder_base_dim", "base_dim"):
        if isinstance(vae.get(key), int):
            return float(vae[key] / _whole(vae, "patch_size", 1) ** 2)
    for key in ("decoder_block_out_channels", "block_out_channels"):
        levels = vae.get(key)
        if isinstance(levels, (list, tuple)) and levels and isinstance(levels[0], int):
            return float(levels[0] / _whole(vae, "patch_size", 1) ** 2)
    return 96.0


def _patch(denoiser: Mapping[str, Any]) -> tuple[int, int]:
    """Frames, and pixels on a side, of the latents that make one token."""
    said = denoiser.get("patch_size")
    sides = [one for one in said if isinstance(one, int) and one > 0] if isinstance(said, (list, tuple)) else []
    if sides:
        return sides[0] if len(sides) > 2 else 1, sides[-1]
    return _whole(denoiser, "patch_size_t", 1), _whole(denoiser, "patch_size", 2)


def _parameters(folder: ModelFolder, name: str) -> int:
    return _counted(name, folder.place(name), folder.fingerprint) or folder.weight_bytes[name] // 2


@cache
def _counted(name: str, place: Path, fingerprint: str) -> int:
    """Counted in the headers, because on disk weights may be wider than they are loaded; 0 where they cannot be read."""
    from safetensors import SafetensorError, safe_open

    del fingerprint  # tells folders apart whose weights were exchanged
    counted = 0
    try:
        for file in component_weights(name, place, list(place.iterdir()), read_json):
            with safe_open(file, framework="numpy") as weights:
                counted += sum(math.prod(weights.get_slice(key).get_shape()) for key in weights.keys())  # noqa: SIM118 - no mapping
    except (BackboneError, OSError, SafetensorError, ValueError, KeyError, TypeError, AttributeError):
        # whoever loads the component says what is wrong with it
        return 0
    return counted
