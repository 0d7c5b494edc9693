"""Simulate the crew: camera, light, set and sound of a training take."""

from __future__ import annotations

from typing import Final

import numpy as np
from jaxtyping import Float

from episodic.backbones.request import ShotRequest
from episodic.backbones.speech_cue import LIP_HZ
from episodic.backbones.stage.simulator.motion_style import LightStyle
from episodic.backbones.stage.staging.framing import frame_shot
from episodic.backbones.stage.staging.staging import FINE, Script, lighting_of, set_state_of
from planners.plan.vocabulary import Style

__all__ = ["shoot_crew"]

Track = Float[np.ndarray, " time"]

_LIFE: Final[dict[Style, float]] = {"drama": 0.5, "noir": 0.25, "scifi": 0.3, "neon": 0.4, "sitcom": 0.15, "classroom": 0.1}
"""Idle movement of the camera in each style."""


def shoot_crew(
    request: ShotRequest, script: Script, speed: Float[np.ndarray, "performer tick"], place: LightStyle, rng: np.random.Generator
) -> dict[str, dict[str, Track]]:
    """Return the channels of camera, light, set and sound of a shot at 8 Hz, in units."""
    t = script.seconds[::FINE]
    gusts = _gusts(request, place, t, rng)
    strokes = _lightning(request, t, rng)
    return {
        "camera": _camera(request, script, t, rng),
        "light": _lighting(request, place, t, strokes, rng),
        "set": _scenery(request, place, t, gusts, rng),
        "sound": _sound_levels(request, script, speed, gusts, strokes),
    }


def _wander(t: Track, hz: float, rng: np.random.Generator) -> Track:
    """Draw a smooth wander of about unit size: three sines of incommensurable rates."""
    total = np.zeros_like(t)
    for k, share in ((1.0, 0.7), (1.83, 0.45), (2.71, 0.25)):
        total += share * np.sin(2 * np.pi * hz * k * t + rng.uniform(0, 2 * np.pi))
    return total


def _camera(request: ShotRequest, script: Script, t: Track, rng: np.random.Generator) -> dict[str, Track]:
    """Follow the framing with an operator's lag, drift and shake."""
    framing = frame_shot(request, t, script.x[:, ::FINE], script.z[:, ::FINE])
    height = 2**framing.log2_height
    life = _LIFE.get(request.style, 0.12)
    hands = 1.0 if request.camera == "handheld" else 0.12 * life
    late = np.concatenate([np.repeat(framing.x[0], 2), framing.x[:-2]])
    drift = 0.02 * life * height
    return {
        "x": 0.55 * framing.x + 0.45 * late + drift * _wander(t, 0.09, rng),
        "y": framing.y + 0.5 * drift * _wander(t, 0.07, rng),
        "log2_height": framing.log2_height + 0.02 * life * _wander(t, 0.06, rng),
        "focus_z": framing.focus_z.copy(),
        "lens": framing.lens.copy(),
        "roll": hands * 0.012 * _wander(t, 0.4, rng),
        "shake_x": hands * 0.014 * height * _wander(t, 0.55, rng),
        "shake_y": hands * 0.012 * height * _wander(t, 0.62, rng),
    }


def _lightning(request: ShotRequest, t: Track, rng: np.random.Generator) -> Track:
    """Draw the strokes of a storm: flashes that die away within half a second."""
    flash = np.zeros_like(t)
    if request.setting.weather != "storm":
        return flash
    at = float(rng.uniform(0.3, 3.5))
    while at < t[-1]:
        flash += np.where(t >= at, np.exp(-(t - at) * 4.5), 0.0)
        at += float(rng.uniform(2.0, 5.5))
    struck: Track = np.clip(flash, 0, 1)
    return struck


def _lighting(request: ShotRequest, place: LightStyle, t: Track, strokes: Track, rng: np.random.Generator) -> dict[str, Track]:
    """Add the place's style, its flicker and the lightning to the requested lighting."""
    requested = lighting_of(request)
    still = np.ones_like(t)
    flicker = place.flicker * np.clip(0.75 * _wander(t, place.flicker_hz * 0.6, rng), -1, 1)
    drift = 0.03 * _wander(t, 0.08, rng)
    return {
        "azimuth": np.clip(requested.azimuth + place.azimuth, -1, 1) * still + drift,
        "elevation": np.clip(requested.elevation + place.elevation, 0.05, 1) * still,
        "intensity": np.clip(requested.intensity + place.intensity + 0.12 * flicker + 0.4 * strokes, 0.1, 1.2),
        "ambient": np.clip(requested.ambient + place.ambient + 0.25 * strokes, 0.03, 1),
        "log2_temperature": (requested.log2_temperature + place.temperature) * still + 0.4 * strokes,
        "haze": np.clip(requested.haze + place.haze + 0.03 * _wander(t, 0.1, rng), 0, 1),
        "flicker": np.clip(flicker + strokes, -1, 1),
        "contrast": np.clip(requested.contrast + place.contrast, 0, 1) * still,
    }


def _gusts(request: ShotRequest, place: LightStyle, t: Track, rng: np.random.Generator) -> Track:
    """Draw the wind, -1..1."""
    force = {"wind": 0.55, "storm": 0.75, "rain": 0.3, "snow": 0.2}.get(request.setting.weather, 0.12)
    steady = 0.35 * force * (1 if place.azimuth >= 0 else -1)
    return np.clip(steady + (0.5 * force + 0.6 * place.draught) * 0.6 * _wander(t, place.draught_hz, rng), -1, 1)


def _scenery(request: ShotRequest, place: LightStyle, t: Track, gusts: Track, rng: np.random.Generator) -> dict[str, Track]:
    """Add the place's style and the weather's variation to the requested state of the set."""
    requested = set_state_of(request)
    return {
        "wind": gusts,
        "precipitation": np.clip(requested.precipitation * (1 + 0.15 * _wander(t, 0.2, rng)), 0, 1),
        "drift": np.clip(requested.drift + 0.2 * place.draught + 0.03 * _wander(t, 0.1, rng), 0, 1.5),
        "activity": np.clip(0.5 * (requested.activity + place.activity) + 0.06 * _wander(t, 0.15, rng), 0, 1),
        "practical": np.clip(
            0.6 * requested.practical + 0.5 * place.practical + 0.1 * place.flicker * _wander(t, place.flicker_hz * 0.6, rng),
            0,
            1,
        ),
        "water": np.clip(0.5 * requested.water + 0.6 * place.water + 0.08 * _wander(t, 0.22, rng), 0, 1),
        "particles": np.clip(0.5 * requested.particles + 0.7 * place.particles + 0.08 * np.abs(gusts), 0, 1),
    }


def _sound_levels(
    request: ShotRequest, script: Script, speed: Float[np.ndarray, "performer tick"], gusts: Track, strokes: Track
) -> dict[str, Track]:
    """Return the loudness of speech, ambience and impacts (steps, blows, thunder)."""
    loud = np.maximum(script.lips[:, :, 2].max(0) if len(script.lips) else 0, script.off_screen)
    loud = np.broadcast_to(loud, script.seconds.shape)
    weather = {"storm": 0.35, "rain": 0.22, "wind": 0.2, "snow": -0.1, "fog": -0.08}.get(request.setting.weather, 0.0)
    impact = np.zeros(len(gusts))
    for performer, pace in zip(request.performers, speed, strict=False):
        steps = np.clip(pace[::FINE] / 2.2, 0, 1)
        beat = 0.5 + 0.5 * np.sin(2 * np.pi * np.cumsum(1.6 * pace)[::FINE] / LIP_HZ)
        knock = 0.35 if performer.action in ("jump", "fall", "push", "work", "dance") else 0.0
        impact = np.maximum(impact, steps * beat * 0.8 + knock * beat)
    speech = np.minimum(np.stack([loud[k::FINE] for k in range(FINE)]).mean(0), 1)
    return {
        "speech": speech,
        "ambience": np.clip(0.5 + weather + 0.15 * gusts - 0.18 * speech, 0, 1),
        "impact": np.clip(impact + 0.9 * np.concatenate([np.zeros(3), strokes[:-3]]), 0, 1),
    }
