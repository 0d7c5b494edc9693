"""Character sheets, place plates and pictures of props as `stage` draws them: references for models that take some before any take exists.

A sheet is a folder with a PNG per picture and `sheet.json`, format `episodic/sheet@1`. The painter's puppets turn from one profile to
the other and have no back. Forms without a profile (spirits, living things, octopuses) are shown as far as they turn. A swimmer turns at
most a quarter towards the camera: that is its front.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import skia
from jaxtyping import UInt8

from episodic.backbones.keyframes.keyframer import EXPRESSIONS, Sheet, body_turns
from episodic.backbones.keyframes.sheet_file import MAX_PX, write_sheet
from episodic.backbones.keyframes.wishes import CharacterWanted, PlaceWanted, PropWanted
from episodic.backbones.request import Setting, ShotRequest
from episodic.backbones.stage.backbone import Stage
from episodic.backbones.stage.painter.figures.figure import Figure, FigureLight
from episodic.backbones.stage.painter.figures.props import draw_prop, prop_height
from episodic.backbones.stage.simulator.pose_library import FACES
from episodic.errors import BackboneError
from memory.model.canon import CharacterKind
from memory.model.facts import FactValue
from planners.plan.vocabulary import Emotion, Style

__all__ = ["draw_plate", "draw_prop_sheet", "draw_sheet", "draw_wish"]

_GROUND: Final = (216, 216, 216)
_MARGIN: Final = 0.06
"""Margin around the subject, as a share of a picture's longer side."""
_REST: Final[Mapping[str, float]] = {
    "lid": 0.9,
    "smile": 0.1,
    "glow": 0.4,
    "arm_left_raise": 0.16,
    "arm_right_raise": 0.16,
    "arm_left_bend": 0.12,
    "arm_right_bend": 0.12,
}
_FACE_CHANNELS: Final = {"brow_raise", "brow_furrow", "lid", "smile", "head_nod"}
_MOUTHS: Final = {"open": "mouth_open", "wide": "mouth_wide"}
_HEAD_AND_SHOULDERS: Final = 2.5
"""Half a close picture's side, in distances between the eyes."""
_SOLID: Final = 96
"""Alpha above which a pixel belongs to the subject: glows are fainter."""
_MIN_PX: Final = 64


def draw_wish(wish: CharacterWanted | PropWanted | PlaceWanted, folder: Path) -> Sheet:
    """Draw the sheet of a character or prop, or the plate of a place, into `folder`."""
    match wish:
        case CharacterWanted():
            return draw_sheet(wish.kind, wish.look, wish.style, folder)
        case PropWanted():
            return draw_prop_sheet(wish.look, wish.style, folder)
        case PlaceWanted():
            width, height = wish.size
            return draw_plate(wish.setting, wish.style, folder, width, height)


def draw_sheet(kind: CharacterKind, look: Mapping[str, FactValue], style: Style, folder: Path, size: int = 768) -> Sheet:
    """Draw a character on plain light grey into `folder`: whole, from each side the painter has, and its face with each expression.

    Whole figures share one scale, at which the first one's longer side is `size` pixels; faces are `size` x `size`. The same arguments
    give the same bytes. Raises BackboneError for a size out of range.
    """
    _check_side(size)
    folder.mkdir(parents=True, exist_ok=True)
    figure = Figure({**look, "kind": kind}, style=style)
    turns = body_turns(kind, look)
    scale = _fitting_scale(figure, next(iter(turns.values())), size)
    drawn = {view: _cropped(_drawing(figure, {**_REST, "turn": turn}, scale), size) for view, turn in turns.items()}
    drawn |= {emotion: _close(figure, emotion, size) for emotion in EXPRESSIONS}
    return write_sheet(folder, style, {view: _on_ground(rgba) for view, rgba in drawn.items()})


def draw_prop_sheet(look: Mapping[str, FactValue], style: Style, folder: Path, size: int = 768) -> Sheet:
    """Draw a prop (a look of `looks.prop_look`) by itself on plain light grey, whole and in the middle: a sheet of one picture, `front`.

    It is `size` x `size` pixels. A glow is left out, so that the ground stays plain. The same arguments give the same bytes. Raises
    BackboneError for a size out of range.
    """
    _check_side(size)
    folder.mkdir(parents=True, exist_ok=True)

    def draw(canvas: skia.Canvas, scale: float) -> None:
        draw_prop(canvas, look, _light(scale), style)

    high = prop_height(look)
    window = (-1.3 * high, -0.3 * high, 1.3 * high, 1.6 * high)
    rough = 256 / high
    left, top, right, bottom = _box_of(_drawn(draw, rough, window))
    scale = rough * size * (1 - 2 * _MARGIN) / max(right - left, bottom - top)
    return write_sheet(folder, style, {"front": _on_ground(_squared(_without_glow(_drawn(draw, scale, window)), size))})


def draw_plate(setting: Setting, style: Style, folder: Path, width: int = 1280, height: int = 720, seed: int = 0) -> Sheet:
    """The place by itself as `stage` lights and draws it, wide, without its props: a sheet of one picture, `wide`.

    Its light embedding, time, weather, mood and key are the setting's. The same arguments give the same bytes. Raises BackboneError
    for a size out of range, and as `Stage.shoot`.
    """
    if not (_MIN_PX <= width <= MAX_PX and _MIN_PX <= height <= MAX_PX):
        raise BackboneError(f"expected a plate of {_MIN_PX}..{MAX_PX} pixels a side, found {width}x{height}")
    folder.mkdir(parents=True, exist_ok=True)
    request = ShotRequest(
        shot_id=f"plate.{setting.location}",
        seed=seed,
        frames=24,
        fps=24,
        width=width,
        height=height,
        style=style,
        size="wide",
        camera="static",
        setting=replace(setting, props=()),
        performers=(),
    )
    stage = Stage()
    picture = next(iter(stage.develop(request, stage.shoot(request))))
    return write_sheet(folder, style, {"wide": (picture, (0, 0, width, height))})


def _check_side(size: int) -> None:
    if not _MIN_PX <= size <= MAX_PX:
        raise BackboneError(f"expected a sheet with pictures of {_MIN_PX}..{MAX_PX} pixels, found {size}")


def _drawing(
    figure: Figure, pose: Mapping[str, float], scale: float, window: tuple[float, float, float, float] | None = None
) -> UInt8[np.ndarray, "height width 4"]:
    """A figure on a transparent ground, as `_drawn`."""
    half, tall = figure.bounds()
    window = window or (-2 * half - tall, -0.4 * tall, 2 * half + tall, 1.8 * tall)
    return _drawn(lambda canvas, scale: figure.draw(canvas, pose, _light(scale)), scale, window)


def _drawn(
    draw: Callable[[skia.Canvas, float], None], scale: float, window: tuple[float, float, float, float]
) -> UInt8[np.ndarray, "height width 4"]:
    """A drawing on a transparent ground, RGBA (not premultiplied), at `scale` pixels per metre.

    `window`: left, bottom, right, top in metres.
    """
    left, bottom, right, top = window
    surface = skia.Surface(max(1, round((right - left) * scale)), max(1, round((top - bottom) * scale)))
    canvas = surface.getCanvas()
    canvas.clear(0)
    canvas.translate(-left * scale, top * scale)
    canvas.scale(scale, scale)
    draw(canvas, scale)
    return np.array(surface.toarray(colorType=skia.ColorType.kRGBA_8888_ColorType), copy=True)


def _light(scale: float) -> FigureLight:
    """Soft light from the upper left, in which reference pictures are drawn."""
    return FigureLight(
        key_x=-0.4,
        key_color=(1.0, 1.0, 1.0),
        shadow_color=(0.74, 0.72, 0.8),
        ambient=0.6,
        rim=0.12,
        contrast=0.35,
        detail=scale,
    )


def _fitting_scale(figure: Figure, turn: float, size: int) -> float:
    """Pixels per metre at which the longer side of the figure, with its margins, is `size`."""
    rough = 256 / figure.bounds()[1]
    left, top, right, bottom = _box_of(_drawing(figure, {**_REST, "turn": turn}, rough))
    return rough * size * (1 - 2 * _MARGIN) / max(right - left, bottom - top)


def _box_of(rgba: UInt8[np.ndarray, "height width 4"]) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the solid pixels."""
    rows, columns = (np.flatnonzero((rgba[..., 3] > _SOLID).any(axis)) for axis in (1, 0))
    if not len(rows):
        return 0, 0, rgba.shape[1], rgba.shape[0]
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _cropped(rgba: UInt8[np.ndarray, "height width 4"], size: int) -> UInt8[np.ndarray, "cropped_height cropped_width 4"]:
    """The solid pixels with margins; exactly `size` long where that is within a few pixels."""
    left, top, right, bottom = _box_of(rgba)
    room = round(_MARGIN * size)
    lengths = [size if abs(length + 2 * room - size) <= 4 else length + 2 * room for length in (bottom - top, right - left)]
    ends = [(lengths[0] - (bottom - top)) // 2, (lengths[1] - (right - left)) // 2]
    padded = np.pad(rgba, ((room + 4, room + 4), (room + 4, room + 4), (0, 0)))
    first = [top + room + 4 - ends[0], left + room + 4 - ends[1]]
    return padded[first[0] : first[0] + lengths[0], first[1] : first[1] + lengths[1]]


def _without_glow(rgba: UInt8[np.ndarray, "height width 4"]) -> UInt8[np.ndarray, "height width 4"]:
    """The solid pixels with their soft edge."""
    from scipy import ndimage  # half a second that a run without sheets of props saves

    solid = ndimage.binary_dilation(rgba[..., 3] > _SOLID)
    return np.where(solid[..., None], rgba, np.uint8(0))


def _squared(rgba: UInt8[np.ndarray, "height width 4"], size: int) -> UInt8[np.ndarray, "size size 4"]:
    """The solid pixels in the middle of a square, into which they fit."""
    left, top, right, bottom = _box_of(rgba)
    cut = rgba[max(0, top - 1) : bottom + 1, max(0, left - 1) : right + 1][:size, :size]
    before = [(size - length) // 2 for length in cut.shape[:2]]
    after = [size - length - first for length, first in zip(cut.shape[:2], before, strict=True)]
    return np.pad(cut, (*zip(before, after, strict=True), (0, 0)))


def _close(figure: Figure, emotion: Emotion, size: int) -> UInt8[np.ndarray, "height width 4"]:
    """Head and shoulders with an expression."""
    pose = dict(_REST)
    for name, much in FACES[emotion].items():
        channel = _MOUTHS.get(name, name)
        if name in _MOUTHS or name in _FACE_CHANNELS:
            pose[channel] = pose.get(channel, 0.0) + much
    x, y, half = _face_of(figure)
    return _drawing(figure, pose, size / (2 * half), (x - half, y - half, x + half, y + half))


def _face_of(figure: Figure) -> tuple[float, float, float]:
    """Middle of the face at rest and half the side of a picture of head and shoulders, metres; from where the painter puts the eyes."""
    with figure.marking() as marks:
        figure.draw(skia.MakeNullCanvas(), _REST, _light(400.0))
    tall = figure.bounds()[1]
    if "left_eye" not in marks or "right_eye" not in marks:
        return 0.0, figure.head_height(), 0.25 * tall
    (ax, ay), (bx, by) = marks["right_eye"], marks["left_eye"]
    apart = float(np.hypot(ax - bx, ay - by))
    # the canvas's y runs down
    return (ax + bx) / 2, -(ay + by) / 2 - 0.3 * apart, max(_HEAD_AND_SHOULDERS * apart, 0.1 * tall)


def _on_ground(
    rgba: UInt8[np.ndarray, "height width 4"],
) -> tuple[UInt8[np.ndarray, "height width 3"], tuple[int, int, int, int]]:
    """A figure on plain grey, and its box."""
    share = rgba[..., 3:].astype(np.float64) / 255
    picture = rgba[..., :3] * share + np.array(_GROUND) * (1 - share)
    return np.round(picture).astype(np.uint8), _box_of(rgba)
