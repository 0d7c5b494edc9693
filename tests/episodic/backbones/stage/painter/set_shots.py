"""Hand-made shots for the tests and the benchmark of the painter: requests and latents that need no model."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from episodic.backbones.request import Mark, Performer, PropOnSet, Setting, ShotRequest
from episodic.backbones.stage.model import latent
from episodic.looks.places import location_look
from memory.model.facts import FactValue
from planners.plan.vocabulary import CameraMove, ShotSize, Style, TimeOfDay, Weather

__all__ = ["FRAMINGS", "flat_track", "latent_for", "request_for"]

FRAMINGS: Mapping[ShotSize, tuple[float, float, float]] = {
    "wide": (3.6, 1.5, 1.8),
    "medium": (1.5, 1.2, 2.2),
    "close": (0.65, 1.5, 2.6),
}
"""Height of the picture at the focus plane in metres, height of its centre above the floor, lens."""
KELVIN: Mapping[TimeOfDay, float] = {"dawn": 4200, "day": 5600, "dusk": 3200, "night": 4200}


def flat_track(slot: str, time: int, **values: float | np.ndarray) -> np.ndarray:
    """Encode one slot of a latent: every channel rests at its offset except `values`."""
    tracks = {channel.name: np.full(time, channel.offset) for channel in latent.channels_of(slot)}
    tracks |= {name: np.broadcast_to(np.asarray(value, float), (time,)) for name, value in values.items()}
    return latent.encode(slot, tracks)


def latent_for(
    request: ShotRequest, *, key: float = -0.6, travel: float = 0.0, push: float = 0.0, roll: float = 0.0, **stage: float
) -> np.ndarray:
    """Write a latent in which two people face each other.

    The camera may travel sideways (`travel`, metres) or push in (`push`, halvings of the picture); `key`: azimuth of the key light,
    radians; `stage`: channels of the set.
    """
    time = int(np.ceil(request.seconds * latent.LATENT_HZ)) + 1
    t = np.linspace(0, 1, time)
    high, y, lens = FRAMINGS[request.size]
    setting = request.setting
    full = np.zeros((len(latent.SLOTS), time, latent.CHANNELS), np.float32)
    for i, x in enumerate((-0.8, 0.8, -1.8, 1.8)):
        full[i] = flat_track(f"actor{i}", time, x=x, z=2.5, turn=-0.5 * np.sign(x))
    full[4] = flat_track(
        "camera",
        time,
        x=travel * (t - 0.5) - (0.8 if request.size == "close" else 0),
        y=y,
        log2_height=np.log2(high) - push * t,
        lens=lens,
        focus_z=2.5,
        roll=roll,
    )
    full[5] = flat_track("light", time, azimuth=key, log2_temperature=np.log2(KELVIN[setting.time] / 5000))
    falls = setting.weather in ("rain", "storm", "snow")
    default = {"precipitation": 0.8 if falls else 0.0, "practical": 0.8 if setting.time in ("dusk", "night") else 0.35}
    full[6] = flat_track("set", time, **(default | stage))
    return full


def request_for(
    place: str,
    *,
    description: str = "",
    time: TimeOfDay = "day",
    weather: Weather = "clear",
    style: Style = "storybook",
    size: ShotSize = "wide",
    camera: CameraMove = "static",
    width: int = 320,
    height: int = 180,
    frames: int = 2,
    fps: int = 24,
    people: int = 0,
    seed: int = 1,
    shot: str = "s01.1",
    props: tuple[PropOnSet, ...] = (),
    looks: tuple[Mapping[str, FactValue], ...] = (),
) -> ShotRequest:
    """Request a shot at a location named `place`."""
    cast = tuple(
        Performer(
            id=f"p{i}",
            kind="human",
            look=looks[i] if i < len(looks) else {"kind": "human"},
            motion=(),
            start=Mark(x=0, z=2),
            end=Mark(x=0, z=2),
        )
        for i in range(people)
    )
    look = location_look(name=place, description=description, seed=seed)
    setting = Setting(location=place, look=look, time=time, weather=weather, props=props)
    return ShotRequest(
        shot_id=shot,
        seed=7,
        frames=frames,
        fps=fps,
        width=width,
        height=height,
        style=style,
        size=size,
        camera=camera,
        setting=setting,
        performers=cast,
    )
