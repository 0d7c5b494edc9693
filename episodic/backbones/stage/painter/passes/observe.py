"""Pictures of a take for measuring: frames with the pixels of each performer, and a light probe as film sets use.

The masks come from the painter itself (`passes.masks`). The probe, a matt grey ball and a white card, is drawn in the light of the shot and
never in the film.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from jaxtyping import Float, UInt8

from episodic.backbones.request import ShotRequest
from episodic.backbones.stage.painter.film import Shot
from episodic.backbones.stage.painter.light import ShotLight
from episodic.backbones.stage.painter.palette import mix, multiply, style_color
from episodic.backbones.stage.painter.passes.masks import entity_masks
from episodic.backbones.take import PROBE_PX, Sight

__all__ = ["observe_shot", "probe_picture"]

_GREY: Final = (0.5, 0.5, 0.5)


def observe_shot(
    request: ShotRequest, latent: Float[np.ndarray, "slot time channel"], frames: Sequence[int], height_px: int
) -> Iterator[Sight]:
    """Paint `frames` of a take at `height_px` with a mask for each performer. Deterministic. IndexError for a frame that the take does not have."""
    width = max(2, round(request.width * height_px / request.height))
    shot = Shot.of(replace(request, width=width, height=height_px), latent)
    for frame in frames:
        if not 0 <= frame < request.frames:
            raise IndexError(f"shot {request.shot_id}: there is no frame {frame} of {request.frames}")
        yield Sight(
            frame=frame,
            picture=shot.paint(frame),
            masks=entity_masks(shot, frame, [performer for performer, _, _ in shot.actors]),
            probe=probe_picture(shot.light, shot.flicker(frame)),
            eyes={
                performer: float(np.clip(np.nan_to_num(motion.values["lid"][frame]), 0, 1))
                for performer, _, motion in shot.actors
            },
        )


def probe_picture(light: ShotLight, flicker: float) -> UInt8[np.ndarray, "height width 3"]:
    """A light probe in the light of a shot, [PROBE_PX, 2 PROBE_PX, 3].

    On the left is a matt grey ball in the set's light, on the right a white card in the light of the performers.

    The ball is shaded by Lambert's law: ambient light in the set's tint, and a key from where the shot's key stands.
    """
    y, x = (np.mgrid[0:PROBE_PX, 0:PROBE_PX].astype(np.float64) + 0.5) / PROBE_PX * 2 - 1
    inside = x * x + y * y < 1
    z = np.sqrt(np.maximum(0.0, 1 - x * x - y * y))
    azimuth, elevation = light.key_x * math.pi / 2, light.elevation * math.pi / 2
    toward = (math.cos(elevation) * math.sin(azimuth), math.sin(elevation), math.cos(elevation) * math.cos(azimuth))
    facing = np.maximum(0.0, x * toward[0] - y * toward[1] + z * toward[2])
    gain = 1 + 0.22 * flicker * (0.4 + light.dark)
    shade = mix(light.tint, light.haze, 0.15)
    fill = multiply(_GREY, tuple(channel * (0.35 + 0.5 * light.ambient) for channel in shade))  # type: ignore[arg-type]
    key = multiply(_GREY, tuple(channel * (0.25 + 0.5 * light.intensity) * gain for channel in light.key_color))  # type: ignore[arg-type]
    ball = np.array(fill) + facing[..., None] * np.array(key)
    probe = np.zeros((PROBE_PX, 2 * PROBE_PX, 3))
    dark = np.array(style_color((float(fill[0]), float(fill[1]), float(fill[2])), light.style))
    lit = np.array(style_color(_most(fill, key), light.style))
    share = (ball - np.array(fill)) / np.maximum(np.array(key), 1e-6)
    probe[:, :PROBE_PX] = np.where(inside[..., None], dark + (lit - dark) * share, 0.0)
    probe[:, PROBE_PX:] = light.figure(0.0, 0.0, 100.0, flicker).key_color
    return np.round(np.clip(probe, 0, 1) * 255).astype(np.uint8)


def _most(fill: tuple[float, float, float], key: tuple[float, float, float]) -> tuple[float, float, float]:
    """The sum of two colours, no brighter than white."""
    red, green, blue = (min(1.0, a + b) for a, b in zip(fill, key, strict=True))
    return red, green, blue
