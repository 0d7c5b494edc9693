"""Clean film for the tests of the consistency layers, and the faults that they plant in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

import cv2
import numpy as np

from episodic.backbones.request import Mark, Performer, Setting, ShotRequest
from episodic.backbones.stage.backbone import Stage
from episodic.backbones.stage.painter.film import paint_shot
from episodic.colour import delta_e_2000, lab_of
from episodic.consistency.colour import correct_chain, seen_in_chain
from planners.plan.vocabulary import Action, ShotSize, TimeOfDay, Weather
from tests.episodic.backbones.stage.painter.set_shots import latent_for, request_for

Frames = np.ndarray
"""Frames of a film: frame, height, width, RGB; bytes."""
Fault = Mapping[str, float]
"""Arguments of `regraded`."""
_CAST: tuple[tuple[str, float, float, Action], ...] = (("mara", -1.2, -0.2, "walk"), ("finn", 1.0, 1.0, "stand"))
"""Name, begin and end of the way (metres to the right), and what the performer does."""


@lru_cache(maxsize=8)
def acted(frames: int = 24, width: int = 256, height: int = 144, seed: int = 1, size: ShotSize = "wide") -> Frames:
    """Sample a take with `stage`: one character walks, another watches, and the camera is static."""
    people = tuple(
        Performer(id=name, kind="human", look={}, motion=(), start=Mark(x=x, z=2.0), end=Mark(x=end_x, z=2.4), action=action)
        for name, x, end_x, action in _CAST
    )
    request = ShotRequest(
        shot_id="s01.1",
        seed=seed,
        frames=frames,
        fps=24,
        width=width,
        height=height,
        style="storybook",
        size=size,
        camera="static",
        setting=Setting(location="lamp_room", look={}),
        performers=people,
    )
    stage = Stage()
    return np.stack(list(stage.develop(request, stage.shoot(request))))


@lru_cache(maxsize=16)
def painted(
    place: str = "street",
    frames: int = 24,
    width: int = 256,
    height: int = 144,
    travel: float = 0.5,
    push: float = 0.0,
    weather: Weather = "clear",
    time: TimeOfDay = "day",
    people: int = 2,
) -> Frames:
    """Paint a set with a camera that travels."""
    request = request_for(place, frames=frames, width=width, height=height, people=people, weather=weather, time=time)
    return np.stack(list(paint_shot(request, latent_for(request, travel=travel, push=push))))


@lru_cache(maxsize=8)
def textured(
    frames: int = 24,
    width: int = 256,
    height: int = 144,
    speed: tuple[float, float] = (1.7, 0.6),
    seed: int = 0,
    margin: int = 96,
) -> Frames:
    """Draw a textured background that moves past, and a textured disc that crosses it the other way.

    Every motion is known. Beyond `margin` pixels the background is mirrored.
    """
    draw = np.random.default_rng(seed)

    def cloth(h: int, w: int) -> np.ndarray:
        texture = np.zeros((h, w, 3), np.float32)
        for sigma, weight in ((12.0, 60.0), (4.0, 25.0), (1.5, 10.0)):
            noise = cv2.GaussianBlur(draw.standard_normal((h, w, 3)).astype(np.float32), (0, 0), sigma)
            texture += weight * noise / noise.std()
        return texture * 0.6

    back = 118 + cloth(height + 2 * margin, width + 2 * margin)
    front = np.array([150, 110, 90]) + cloth(height + 2 * margin, width + 2 * margin)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    film = []
    for k in range(frames):
        behind = cv2.remap(
            back.astype(np.float32),
            x + margin + speed[0] * k,
            y + margin + speed[1] * k,
            cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_REFLECT,
        )
        before = cv2.remap(
            front.astype(np.float32), x + margin - 1.2 * k, y + margin, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
        )
        far = np.hypot(x - width * (0.3 + 0.012 * k), y - height * 0.55)
        share = np.clip(height * 0.22 - far + 0.5, 0, 1)[..., None]
        film.append(np.clip(np.rint(behind * (1 - share) + before * share), 0, 255).astype(np.uint8))
    return np.stack(film)


def rounded(values: np.ndarray) -> Frames:
    """Round to bytes."""
    frames: Frames = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return frames


def regraded(
    frames: Frames,
    *,
    saturation: float = 1.0,
    contrast: float = 1.0,
    brightness: float = 0.0,
    hue: float = 0.0,
    gamma: float = 1.0,
    warmth: float = 0.0,
) -> np.ndarray:
    """Regrade frames, without rounding.

    `hue`: degrees about the grey axis; `brightness`: steps of 255; `gamma`: exponent of every channel, larger for blue and smaller
    for red by `warmth`. No affine map undoes `gamma` and `warmth`.
    """
    matrix, offset = grade(saturation=saturation, contrast=contrast, hue=hue, brightness=brightness)
    graded: np.ndarray = np.asarray(frames, np.float64) @ matrix.T + offset
    if gamma == 1 and warmth == 0:
        return graded
    curved: np.ndarray = 255 * np.maximum(graded / 255, 0) ** (gamma + warmth * np.array([-1, 0, 1]))
    return curved


def grade(
    *, saturation: float = 1.0, contrast: float = 1.0, brightness: float = 0.0, hue: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Return a grade without gamma and warmth as the matrix and the offset of RGB 0..255."""
    luma = np.tile([0.299, 0.587, 0.114], (3, 1))
    axis = np.full((3, 3), 1 / 3)
    turn = np.radians(hue)
    cross = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / np.sqrt(3)
    rotate = np.cos(turn) * np.eye(3) + (1 - np.cos(turn)) * axis + np.sin(turn) * cross
    matrix = contrast * (luma + saturation * (np.eye(3) - luma)) @ rotate
    return matrix, np.full(3, 118 * (1 - contrast) + brightness)


def chain(
    clean: Frames,
    takes: int,
    known: int,
    correct: Callable[[Frames, Frames], Frames],
    fault: Fault | Sequence[tuple[Fault, Fault]],
    grain: float = 0.0,
) -> list[Frames]:
    """Imitate takes that continue each other, shot by a model that drifts.

    Each take is regraded against the tail that it continues, and half as much again by its end. `clean` holds all takes without
    fault; neighbours share `known` frames. `fault`: one fault for every take; or a pair for each take, how it differs from its tail
    at once and what is added to that by its end. `grain`: standard deviation of fresh grain, steps of 255. It covers the known
    frames too, as that of a video model does.
    """
    length = (len(clean) - known) // takes
    draw = np.random.default_rng(takes)

    def shot(values: np.ndarray) -> Frames:
        return rounded(values + grain * _soft_noise(draw, values.shape)) if grain else rounded(values)

    film: list[Frames] = [shot(clean[: length + known])]
    for take in range(1, takes):
        at_once, grown = (fault, _part(fault, 0.5)) if isinstance(fault, Mapping) else fault[take]
        truth = clean[take * length : take * length + length + known]
        tail = film[-1][-known:]
        # the model takes the colours of its tail for the colours of the scene
        x = np.concatenate([truth[:known].reshape(-1, 3).astype(float), np.ones((truth[:known].size // 3, 1))], 1)
        world, *_ = np.linalg.lstsq(x, tail.reshape(-1, 3).astype(float), rcond=None)
        shown = []
        for k, frame in enumerate(truth):
            more = _part(grown, max(0, k - known + 1) / length)
            shown.append(shot(regraded(frame @ world[:3] + world[3], **_both(at_once, more))))
        film.append(correct(np.stack(shown), tail))
    return film


_NEUTRAL = {"saturation": 1.0, "contrast": 1.0, "hue": 0.0, "brightness": 0.0, "gamma": 1.0, "warmth": 0.0}


def _part(fault: Fault, share: float) -> Fault:
    return {name: _NEUTRAL[name] + share * (value - _NEUTRAL[name]) for name, value in fault.items()}


def _both(first: Fault, second: Fault) -> Fault:
    names = {*first, *second}
    return {n: first.get(n, _NEUTRAL[n]) + second.get(n, _NEUTRAL[n]) - _NEUTRAL[n] for n in names}


def _soft_noise(draw: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Draw noise of unit variance, mostly of lightness, soft over about a pixel."""
    size = shape[:-1]
    white = draw.standard_normal((*size, 1)) + 0.3 * draw.standard_normal((*size, 3))
    pictures = white.reshape(-1, *white.shape[-3:])
    soft = np.stack([cv2.GaussianBlur(picture, (0, 0), 0.7) for picture in pictures]).reshape(white.shape)
    noise: np.ndarray = soft / soft.std()
    return noise


def corrected(
    clean: Frames, takes: int, known: int, fault: Fault | Sequence[tuple[Fault, Fault]], grain: float = 0.0
) -> list[Frames]:
    """`chain`, with every take corrected as production does: by the tail that it continues and the pictures of the chain before."""
    seen: list[np.ndarray] = []

    def correct(frames: Frames, tail: Frames) -> Frames:
        nonlocal seen
        # the first take is not corrected; its end is the tail that the second take continues
        seen = seen or seen_in_chain(tail)
        take = correct_chain(frames, known, tail, seen=seen)
        seen = seen_in_chain(take, seen)
        return take

    return chain(clean, takes, known, correct, fault, grain)


def colour_drift(clean: Frames, drifted: Frames) -> tuple[float, float]:
    """Return CIEDE2000 between the mean colours, and the share by which the contrast (spread of L*) differs."""
    clean_lab, drifted_lab = lab_of(clean).reshape(-1, 3), lab_of(drifted).reshape(-1, 3)
    return float(delta_e_2000(clean_lab.mean(0), drifted_lab.mean(0))), float(
        abs(drifted_lab[:, 0].std() / clean_lab[:, 0].std() - 1)
    )


def most(frames: Frames, other: Frames) -> int:
    """Return the greatest difference of any pixel, steps of 255."""
    return int(np.abs(np.asarray(frames, int) - np.asarray(other, int)).max())


def flickering(frames: Frames, seed: int = 1) -> Frames:
    """Let the exposure flicker by 4 % from frame to frame, and each channel by another 1 %."""
    draw = np.random.default_rng(seed)
    gain = (1 + 0.04 * draw.standard_normal((len(frames), 1))) * (1 + 0.01 * draw.standard_normal((len(frames), 3)))
    return rounded(frames * gain[:, None, None, :])


def displaced(frames: Frames, right: float, down: float, gain: float = 1.0) -> Frames:
    """Shift the picture by `right` and `down` pixels and multiply its exposure by `gain`."""
    move = np.array([[1, 0, right], [0, 1, down]], np.float32)
    size = frames.shape[2], frames.shape[1]
    return np.stack(
        [
            rounded(cv2.warpAffine(frame, move, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE) * gain)
            for frame in frames
        ]
    )


def grainy(frames: Frames, sigma: float, seed: int = 3) -> Frames:
    """Add white grain of standard deviation `sigma`, steps of 255."""
    noise = np.random.default_rng(seed).standard_normal(frames.shape[:3])
    return rounded(frames + sigma * noise[..., None])


def nearness(frames: Frames, other: Frames) -> float:
    """Return the PSNR, dB."""
    return float(10 * np.log10(255**2 / max(1e-9, np.mean((frames.astype(float) - other) ** 2))))
