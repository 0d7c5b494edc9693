"""Films for tests of chained takes, each with the drift of an imagined model: half to develop on, half held out.

Every second film of `FILMS` is held out, only by its position in the list: no constant of `episodic.consistency` was chosen by its
results on `HELD_OUT`. Both halves contain the same kinds of camera move; places, people, seeds, directions and strengths of drift,
sizes and grain differ.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from episodic.backbones.request import Mark, Performer, Setting, ShotRequest
from episodic.backbones.stage.backbone import Stage
from episodic.backbones.stage.painter.film import paint_shot
from memory.model.canon import CharacterKind
from planners.plan.vocabulary import Action, CameraMove, ShotSize, Style, TimeOfDay, Weather
from tests.episodic.backbones.stage.painter.set_shots import FRAMINGS, flat_track, latent_for, request_for
from tests.episodic.consistency import consistency_faults as faults

__all__ = ["DEVELOPED_ON", "FILMS", "HELD_OUT", "KNOWN", "LENGTH", "TAKES", "DriftFilm"]

TAKES, KNOWN, LENGTH = 20, 5, 20
"""Takes of a chain, frames that neighbours share, new frames of a take."""
_Cast = tuple[tuple[CharacterKind, Action, float, float], ...]
"""Kind, action, begin and end of the way in metres to the right, of each performer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftFilm:
    """A film without fault, and how a model drifts when it shoots that film as a chain of takes."""

    name: str
    make: Callable[[int], faults.Frames]
    """Draw the film with this number of frames."""
    steady: faults.Fault
    """Drift of a steady model at each take."""
    seed: int
    """Seed of the drift of a wandering model."""
    grain: float = 0.0
    """Standard deviation of the grain of every take, steps of 255."""

    def film(self, takes: int = TAKES) -> faults.Frames:
        """Draw `takes` chained takes of `LENGTH` frames, and the frames that the first of them continues."""
        return self.make(takes * LENGTH + KNOWN)

    def faults(self, takes: int = TAKES) -> dict[str, faults.Fault | list[tuple[faults.Fault, faults.Fault]]]:
        """Return ways to drift, by name.

        `steady`: the same at every take, and half as much again by its end. `wandering`: each take has its own, and its growth does
        not depend on its beginning. `pinned`: the known frames return unchanged, and all drift comes after them. `curved`: a steady
        change of gamma and of the balance of red and blue, which is not affine in any colour space used here.
        """
        draw = np.random.default_rng(self.seed)
        begins, grows = draw.standard_normal((2, 4))
        each = [(_drawn(begins + draw.standard_normal(4)), _drawn(0.5 * (grows + draw.standard_normal(4)))) for _ in range(takes)]
        curved = {"gamma": 1 + 0.015 * float(np.sign(grows[0])), "warmth": 0.01 * float(np.clip(grows[1], -1, 1))}
        return {"steady": self.steady, "wandering": each, "pinned": [({}, self.steady)] * takes, "curved": curved}


def _drawn(by: np.ndarray) -> faults.Fault:
    """Scale four standard normal numbers to a fault."""
    return {
        "saturation": 1 + 0.015 * float(by[0]),
        "contrast": 1 + 0.01 * float(by[1]),
        "hue": 0.4 * float(by[2]),
        "brightness": 0.6 * float(by[3]),
    }


def _set(
    place: str,
    *,
    size: tuple[int, int] = (160, 90),
    x: float = 0.0,
    y: float = 0.0,
    push: float = 0.0,
    roll: float = 0.0,
    time: TimeOfDay = "day",
    weather: Weather = "clear",
    people: int = 0,
    framing: ShotSize = "wide",
    style: Style = "storybook",
) -> Callable[[int], faults.Frames]:
    """Return a painter of a set whose camera travels `x` metres right and `y` metres up, and comes nearer by `push` halvings."""

    def make(frames: int) -> faults.Frames:
        request = request_for(
            place,
            frames=frames,
            width=size[0],
            height=size[1],
            people=people,
            weather=weather,
            time=time,
            size=framing,
            style=style,
        )
        latent = latent_for(request, travel=x, push=push, roll=roll)
        if y:
            ticks = latent.shape[1]
            t = np.linspace(0, 1, ticks)
            high, level, lens = FRAMINGS[framing]
            latent[4] = flat_track(
                "camera", ticks, x=x * (t - 0.5), y=level + y * t, log2_height=np.log2(high) - push * t, lens=lens, focus_z=2.5
            )
        return np.stack(list(paint_shot(request, latent)))

    return make


def _acted(
    place: str,
    cast: _Cast,
    *,
    seed: int,
    camera: CameraMove = "static",
    time: TimeOfDay = "day",
    size: tuple[int, int] = (160, 90),
    framing: ShotSize = "wide",
) -> Callable[[int], faults.Frames]:
    """Return a sampler of a take of `stage`."""

    def make(frames: int) -> faults.Frames:
        people = tuple(
            Performer(
                id=f"p{i}",
                kind=kind,
                look={"kind": kind},
                motion=(),
                start=Mark(x=begin, z=2.0),
                end=Mark(x=end, z=2.6),
                action=action,
            )
            for i, (kind, action, begin, end) in enumerate(cast)
        )
        setting = Setting(location=place, look={}, time=time)
        request = ShotRequest(
            shot_id=f"s{seed:02}.1",
            seed=seed,
            frames=frames,
            fps=24,
            width=size[0],
            height=size[1],
            style="storybook",
            size=framing,
            camera=camera,
            setting=setting,
            performers=people,
        )
        stage = Stage()
        return np.stack(list(stage.develop(request, stage.shoot(request))))

    return make


def _cloth(seed: int, speed: tuple[float, float], size: tuple[int, int] = (160, 90)) -> Callable[[int], faults.Frames]:
    """Return a painter of the textured film, whose mirrored border never comes into view."""
    return lambda frames: faults.textured(frames, *size, speed, seed, margin=2 * frames)


def _film(name: str, make: Callable[[int], faults.Frames], seed: int, *, grain: float = 0.0, **steady: float) -> DriftFilm:
    return DriftFilm(name=name, make=make, steady=steady, seed=seed, grain=grain)


FILMS: Final = (
    # the camera travels
    _film("harbour, pan left 4 m", _set("harbour", x=-4.0), 101, saturation=1.03),
    _film("alley, pan left 4 m", _set("alley", x=-4.0), 102, saturation=0.97),
    _film("forest, pan 8 m, grain", _set("forest", x=8.0), 103, contrast=0.975, grain=2.0),
    _film("garden, pan 8 m, grain", _set("garden", x=8.0), 104, contrast=1.025, grain=2.0),
    _film("meadow, pan left 2 m, people, dusk", _set("meadow", x=-2.0, time="dusk", people=2), 105, brightness=1.2),
    _film("desert, pan left 2 m, people, dawn", _set("desert", x=-2.0, time="dawn", people=2), 106, brightness=-1.2),
    _film("snow, pan 3 m, it snows", _set("snow", x=3.0, weather="snow"), 107, hue=0.9, contrast=0.985),
    _film("coast, pan 3 m, storm", _set("coast", x=3.0, weather="storm"), 108, hue=-0.9, contrast=1.015),
    # up, nearer, farther
    _film("theatre, up 1.2 m", _set("theatre", y=1.2), 109, saturation=1.02, brightness=-0.8, hue=0.4),
    _film("mountain, up 1.2 m", _set("mountain", y=1.2), 110, saturation=0.98, brightness=0.8, hue=-0.4),
    _film("kitchen, pull out", _set("kitchen", push=-0.8, x=0.3), 111, contrast=1.02, hue=-0.6),
    _film("library, pull out", _set("library", push=-0.8, x=-0.3), 112, contrast=0.98, hue=0.6),
    _film("workshop, push in, grain", _set("workshop", push=1.0, people=2), 113, saturation=0.98, contrast=1.015, grain=1.5),
    _film("bakery, push in, grain", _set("bakery", push=1.0, people=2), 114, saturation=1.02, contrast=0.985, grain=1.5),
    # the camera stands
    _film("bar, static, night, noir", _set("bar", time="night", people=3, style="noir"), 115, brightness=0.8, contrast=0.98),
    _film("lab, static, night, neon", _set("lab", time="night", people=3, style="neon"), 116, brightness=-0.8, contrast=1.02),
    _film("underwater, static, close", _set("underwater", people=2, framing="close"), 117, saturation=0.985, hue=0.3),
    _film("space, static, medium", _set("space", people=2, framing="medium"), 118, saturation=1.015, hue=-0.3),
    # other shapes, a little drift
    _film("train, pan, portrait", _set("train", x=1.5, size=(90, 160)), 119, contrast=1.007, brightness=0.25),
    _film("courtroom, pan, portrait", _set("courtroom", x=-1.5, size=(90, 160)), 120, contrast=0.993, brightness=-0.25),
    _film(
        "palace, push in and up, 240x136", _set("palace", size=(240, 136), push=0.5, y=0.5), 121, saturation=1.01, brightness=0.3
    ),
    _film(
        "planet, push in and up, 240x136", _set("planet", size=(240, 136), push=0.5, y=0.5), 122, saturation=0.99, brightness=-0.3
    ),
    # sampled by `stage`
    _film(
        "acted, robot and animal",
        _acted("bakery", (("robot", "walk", -1.5, 0.6), ("animal", "run", 1.6, -1.0)), seed=5),
        123,
        saturation=0.97,
        contrast=1.02,
        hue=-0.6,
        brightness=0.8,
    ),
    _film(
        "acted, spirit and human, night",
        _acted("forest", (("spirit", "float", 1.4, -0.8), ("human", "dance", -1.0, -0.4)), seed=6, time="night"),
        124,
        saturation=1.03,
        contrast=0.98,
        hue=0.6,
        brightness=-0.8,
    ),
    _film(
        "acted, camera pans, grain",
        _acted("street", (("human", "walk", -2.0, 2.0), ("human", "wave", 1.0, 1.0)), seed=7, camera="pan_right"),
        125,
        saturation=1.03,
        contrast=1.02,
        hue=-0.6,
        brightness=-0.8,
        grain=2.0,
    ),
    _film(
        "acted, camera tracks, grain",
        _acted("harbour", (("human", "run", 2.0, -2.0), ("human", "sit", -0.5, -0.5)), seed=8, camera="track"),
        126,
        saturation=0.97,
        contrast=0.98,
        hue=0.6,
        brightness=0.8,
        grain=2.0,
    ),
    _film(
        "acted, handheld, dusk",
        _acted("kitchen", (("human", "work", -0.6, -0.6), ("human", "reach", 0.7, 0.5)), seed=9, camera="handheld", time="dusk"),
        127,
        hue=0.8,
        contrast=0.985,
    ),
    _film(
        "acted, crane up, dawn",
        _acted("meadow", (("human", "jump", -0.6, 0.6), ("animal", "walk", 0.7, -0.9)), seed=10, camera="crane_up", time="dawn"),
        128,
        hue=-0.8,
        contrast=1.015,
    ),
    # every motion known
    _film("cloth, slow", _cloth(5, (-0.5, 0.3)), 129, saturation=1.02, contrast=0.98, grain=1.0),
    _film("cloth, slow, other way", _cloth(6, (0.3, -0.5)), 130, saturation=0.98, contrast=1.02, grain=1.0),
    _film("cloth, fast, square", _cloth(7, (1.4, -0.4), (128, 128)), 131, brightness=1.0, hue=-0.5),
    _film("cloth, fast, square, other way", _cloth(8, (-1.1, 0.7), (128, 128)), 132, brightness=-1.0, hue=0.5),
)
DEVELOPED_ON: Final = FILMS[::2]
HELD_OUT: Final = FILMS[1::2]
