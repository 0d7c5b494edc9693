"""What a take shows, for measuring: frames with the pixels of each performer, and a light probe as film sets use.

The masks come from the painter itself: every figure is drawn once more as one flat colour, in the order of the picture, and what
stands nearer to the camera takes away from what is behind it. The probe (a matt grey ball and a white card, never in the film) is
drawn in the light of the shot.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import skia
from jaxtyping import Bool, Float, UInt8

from episodic.backbones.protocol import PROBE_PX, ShotRequest, Sight
from episodic.backbones.stage.painter.film import Shot, upright
from episodic.backbones.stage.painter.light import ShotLight
from episodic.backbones.stage.painter.palette import mix, multiply, style_color
from episodic.backbones.stage.painter.sets_plates import Plate

__all__ = ["observe_shot", "probe_picture"]

_CHANNELS: Final = (0xFFFF0000, 0xFF00FF00, 0xFF0000FF, 0xFF000000)
"""One channel for each of the first three figures; alpha counts all four."""
_GREY: Final = (0.5, 0.5, 0.5)


def observe_shot(
    request: ShotRequest, latent: Float[np.ndarray, "slot time channel"], frames: Sequence[int], height_px: int
) -> Iterator[Sight]:
    """Paint `frames` of a take at `height_px` with a mask for each performer. Deterministic. Raises IndexError for a frame beyond."""
    width = max(2, round(request.width * height_px / request.height))
    shot = Shot.of(replace(request, width=width, height=height_px), latent)
    for frame in frames:
        if not 0 <= frame < request.frames:
            raise IndexError(f"shot {request.shot_id}: there is no frame {frame} of {request.frames}")
        yield Sight(
            frame=frame,
            picture=shot.paint(frame),
            masks=_masks(shot, frame),
            probe=probe_picture(shot.light, shot.flicker(frame)),
            eyes={who: float(np.clip(np.nan_to_num(motion.values["lid"][frame]), 0, 1)) for who, _, motion in shot.actors},
        )


def _masks(shot: Shot, frame: int) -> Mapping[str, Bool[np.ndarray, "height width"]]:
    view, moment = shot.path.views[frame], shot.moment(frame)
    height, width = shot.pixels.shape[:2]
    pixels = np.zeros((height, width, 4), np.uint8)
    info = skia.ImageInfo.Make(width, height, skia.ColorType.kBGRA_8888_ColorType, skia.AlphaType.kPremul_AlphaType)
    surface = skia.Surface.MakeRasterDirect(info, pixels)
    canvas = surface.getCanvas()
    names = [who for who, _, _ in shot.actors]
    queue = shot.layers(frame)
    for drawable in shot.drawables:
        while queue and queue[0].z >= drawable.order:
            layer = queue.pop(0)
            _stamp(canvas, None if layer.who is None else _CHANNELS[names.index(layer.who)])
            upright(canvas, view, layer.body)
            canvas.restore()
        # rain, glow and haze are seen through: only what stands there hides
        if isinstance(drawable, Plate) and len(queue) < len(names):
            _stamp(canvas, None)
            shot.draw(drawable, canvas, view, moment)
            canvas.restore()
    for layer in queue:
        _stamp(canvas, None if layer.who is None else _CHANNELS[names.index(layer.who)])
        upright(canvas, view, layer.body)
        canvas.restore()
    surface.flushAndSubmit()
    fourth = pixels[..., 3].astype(np.int16) - pixels[..., :3].sum(2, dtype=np.int16)
    shares = (pixels[..., 2], pixels[..., 1], pixels[..., 0], fourth)
    return {who: shares[i] > 127 for i, who in enumerate(names)}


def _stamp(canvas: skia.Canvas, color: int | None) -> None:
    """Begin a layer that leaves one flat colour, or (None) takes away what it covers."""
    if color is None:
        canvas.saveLayer(None, skia.Paint(BlendMode=skia.BlendMode.kDstOut))
        return
    canvas.saveLayer(None, skia.Paint(ColorFilter=skia.ColorFilters.Blend(color, skia.BlendMode.kSrcIn)))


def probe_picture(light: ShotLight, flicker: float) -> UInt8[np.ndarray, "height width 3"]:
    """A light probe in the light of a shot, [PROBE_PX, 2 PROBE_PX, 3]: on the left a matt grey ball in the set's light, on the
    right a white card in the light that performers stand in.

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
    red, green, blue = (min(1.0, a + b) for a, b in zip(fill, key, strict=True))
    return red, green, blue
