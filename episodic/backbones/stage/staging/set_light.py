"""One light for a whole scene: its shots are sampled separately, but a crew lights a set once.

Every sampled shot deviates a little from the light that its setting and the place's memory ask for: little in colour, up to fifteen
degrees in the height of the key. The light of the set is therefore sampled once by itself, with a stand-in for the performers, from
what all shots of the scene share, and the means of each shot are moved there. Changes of light within a shot (drift, fire, lightning)
are kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np
import torch
from jaxtyping import Float32

from episodic.backbones.request import Mark, Performer, Setting, ShotRequest
from episodic.backbones.stage.model.latent import SLOTS, channels_of
from episodic.backbones.stage.model.pipeline import load_pipeline
from episodic.backbones.stage.model.ranges import clamp_to_ranges
from episodic.backbones.stage.staging.staging import stage_shot

__all__ = ["light_as_set"]

_SET_UP: Final[Mapping[str, tuple[str, ...]]] = {
    "light": ("azimuth", "elevation", "intensity", "ambient", "log2_temperature", "haze", "contrast"),
    "set": ("practical",),
}
"""The channels that a lighting set-up decides, by their means over a shot."""
_FRAMES: Final = 64
_STEPS: Final = 8
_GUIDANCE: Final = 1.5


def light_as_set(
    latent: Float32[np.ndarray, "slot time channel"], request: ShotRequest, weights: Path
) -> Float32[np.ndarray, "slot time channel"]:
    """Move a sampled take to the light of its scene's set. A take without memory of the place is unchanged."""
    setting = request.setting
    if not setting.light:
        return latent
    # The light must not depend on the props or on the shot.
    bare = replace(setting, location="", look={}, props=())
    means = _sampled_means(weights, request.style, bare.light, json.dumps(_facts(bare)))
    moved = latent.copy()
    for slot, names in _SET_UP.items():
        row, channels = SLOTS.index(slot), [channel.name for channel in channels_of(slot)]
        for name in names:
            column = channels.index(name)
            moved[row, :, column] += means[slot, name] - moved[row, :, column].mean()
    return clamp_to_ranges(moved)


def _facts(setting: Setting) -> dict[str, str | int | float]:
    """Return what the light of a set depends on, by the names of `Setting`. The seed hashes its JSON, so the order matters."""
    return {
        "time": setting.time,
        "weather": setting.weather,
        "mood": setting.mood,
        "key": setting.key,
        "temperature_k": setting.temperature_k,
        "contrast": setting.contrast,
    }


@lru_cache(maxsize=64)
def _sampled_means(weights: Path, style: str, light: tuple[float, ...], facts: str) -> Mapping[tuple[str, str], float]:
    """Return the means of the set-up's channels, in stored units, over a take of a stand-in that stands still."""
    mark = Mark(x=0.0, z=2.5)
    request = ShotRequest(
        shot_id="set-up",
        seed=0,
        frames=_FRAMES * 3,
        fps=24,
        width=1280,
        height=720,
        style=style,  # type: ignore[arg-type]
        size="wide",
        camera="static",
        setting=Setting(location="", look={}, light=light, **json.loads(facts)),
        performers=(Performer(id="stand_in", kind="human", look={}, motion=(), start=mark, end=mark),),
    )
    seed = int.from_bytes(sha256(f"{style}|{facts}|{light}".encode()).digest()[:8], "big") >> 1
    place = np.array(light, np.float32)
    memory = {SLOTS.index(slot): place for slot in SLOTS if not slot.startswith("actor")}
    generator = torch.Generator().manual_seed(seed)
    latent = load_pipeline(weights)(stage_shot(request, _FRAMES), memory, generator, steps=_STEPS, guidance=_GUIDANCE)
    means = {}
    for slot, names in _SET_UP.items():
        channels = [channel.name for channel in channels_of(slot)]
        for name in names:
            means[slot, name] = float(latent[SLOTS.index(slot), :, channels.index(name)].mean())
    return means
