"""The pose pass: the joints of every figure in a shot, and drawings of the skeletons.

The painter marks joints while it draws (`Pen.mark`), so that they follow every lean, tilt and shiver of the figure. Names and order are
COCO's 17 key points (Lin et al. 2014). The drawing is OpenPose's of 18 (Cao et al. 2019), which adds a neck between the shoulders, with
the colours that pose-controlled models were trained on. Left and right are the figure's own.

People, robots on legs and storybook animals on two legs have all 17. A robot on a wheel or hovering has no knees and ankles, birds have
no knees, spirits no legs and ears, living things no ears. Fish and octopuses have a face only.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import skia
from jaxtyping import Float32, UInt8

from episodic.backbones.stage.painter.film import Shot, turn
from episodic.backbones.stage.painter.passes.depth import DepthPass

__all__ = ["KEY_POINTS", "draw_pose", "key_points_of"]

KEY_POINTS: Final = (
    "nose",
    "left_eye",
    "right_eye",
    "left_ear",
    "right_ear",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
)
"""COCO's order."""
_OPENPOSE: Final = (
    "nose",
    "neck",
    "right_shoulder",
    "right_elbow",
    "right_wrist",
    "left_shoulder",
    "left_elbow",
    "left_wrist",
    "right_hip",
    "right_knee",
    "right_ankle",
    "left_hip",
    "left_knee",
    "left_ankle",
    "right_eye",
    "left_eye",
    "right_ear",
    "left_ear",
)
_COLORS: Final = (
    0xFF0000,
    0xFF5500,
    0xFFAA00,
    0xFFFF00,
    0xAAFF00,
    0x55FF00,
    0x00FF00,
    0x00FF55,
    0x00FFAA,
    0x00FFFF,
    0x00AAFF,
    0x0055FF,
    0x0000FF,
    0x5500FF,
    0xAA00FF,
    0xFF00FF,
    0xFF00AA,
    0xFF0055,
)
_CHAINS: Final = (
    ("neck", "right_shoulder"),
    ("neck", "left_shoulder"),
    ("right_shoulder", "right_elbow"),
    ("right_elbow", "right_wrist"),
    ("left_shoulder", "left_elbow"),
    ("left_elbow", "left_wrist"),
    ("neck", "right_hip"),
    ("right_hip", "right_knee"),
    ("right_knee", "right_ankle"),
    ("neck", "left_hip"),
    ("left_hip", "left_knee"),
    ("left_knee", "left_ankle"),
    ("neck", "nose"),
    ("nose", "right_eye"),
    ("right_eye", "right_ear"),
    ("nose", "left_eye"),
    ("left_eye", "left_ear"),
)
_LIMB_SHADE: Final = 0.6
_HIDING_GREY: Final = 1.5
"""A pixel hides a joint if it is nearer by more than this, in grey levels of the depth pass."""


def key_points_of(shot: Shot, entities: Sequence[str]) -> Iterator[Float32[np.ndarray, "entity 17 3"]]:
    """For every frame x and y in 0..1 of the picture (y down) and confidence.

    Confidence is 1 if the joint is in the picture and nothing stands before it, else 0. An entity that has no joints or is not in the
    picture has zeros.
    """
    depth = DepthPass(shot, coarse=True)
    for frame in range(len(shot.times_s)):
        yield _key_points(shot, depth, frame, entities)


def _key_points(shot: Shot, depth: DepthPass, frame: int, entities: Sequence[str]) -> Float32[np.ndarray, "entity 17 3"]:
    """The key points of one frame."""
    view = shot.path.views[frame]
    ground = depth.grey(frame).astype(np.float32)
    points = np.zeros((len(entities), len(KEY_POINTS), 3), np.float32)
    for layer in shot.layers(frame):
        if layer.performer not in entities:
            continue
        canvas = skia.MakeNullCanvas()
        turn(canvas, view)
        marks = _with_nose(layer.mark(canvas))
        own = depth.nearness(layer.z, frame)
        for number, name in enumerate(KEY_POINTS):
            if name in marks:
                x, y = marks[name][0] / view.width, marks[name][1] / view.height
                if 0 <= x < 1 and 0 <= y < 1 and _seen(ground, x, y, own):
                    points[entities.index(layer.performer), number] = x, y, 1.0
    return points


def _with_nose(marks: Mapping[str, tuple[float, float]]) -> Mapping[str, tuple[float, float]]:
    """The joints with a nose: the middle between eyes and mouth for a figure without one."""
    eyes = [marks[eye] for eye in ("left_eye", "right_eye") if eye in marks]
    if "nose" in marks or not eyes or "mouth" not in marks:
        return marks
    x, y = np.mean([np.mean(eyes, 0), marks["mouth"]], 0)
    return {**marks, "nose": (float(x), float(y))}


def _seen(ground: Float32[np.ndarray, "height width"], x: float, y: float, own: float) -> bool:
    """Whether a point of nearness `own` is visible: the median around it is no nearer."""
    row, column = int(y * ground.shape[0]), int(x * ground.shape[1])
    around = ground[max(0, row - 1) : row + 2, max(0, column - 1) : column + 2]
    return bool(np.median(around) <= own + _HIDING_GREY)


def draw_pose(points: Float32[np.ndarray, "entity 17 3"], width: int, height: int) -> UInt8[np.ndarray, "height width 3"]:
    """Draw key points as OpenPose does, on black: limbs as ellipses at 60 % of their colour, joints as discs over them."""
    pixels = np.zeros((height, width, 4), np.uint8)
    info = skia.ImageInfo.Make(width, height, skia.ColorType.kRGBA_8888_ColorType, skia.AlphaType.kPremul_AlphaType)
    canvas = skia.Surface.MakeRasterDirect(info, pixels).getCanvas()
    canvas.clear(0xFF000000)
    # OpenPose's stick is 4 px half wide on a picture 512 px high
    thick = max(2.0, 4.0 * height / 512)
    for entity in points:
        joints = _joints(entity, width, height)
        for (start, end), color in zip(_CHAINS, _COLORS, strict=False):
            if start in joints and end in joints:
                _limb(canvas, joints[start], joints[end], thick, _dim(color))
        for name, color in zip(_OPENPOSE, _COLORS, strict=True):
            if name in joints:
                canvas.drawCircle(*joints[name], thick, skia.Paint(AntiAlias=True, Color=0xFF000000 | color))
    return pixels[..., :3].copy()


def _joints(entity: Float32[np.ndarray, "17 3"], width: int, height: int) -> dict[str, tuple[float, float]]:
    """Name to pixel of the visible joints, with a neck between the shoulders."""
    joints = {
        name: (float(x) * width, float(y) * height) for name, (x, y, sure) in zip(KEY_POINTS, entity, strict=True) if sure > 0
    }
    if "left_shoulder" in joints and "right_shoulder" in joints:
        (ax, ay), (bx, by) = joints["left_shoulder"], joints["right_shoulder"]
        joints["neck"] = ((ax + bx) / 2, (ay + by) / 2)
    return joints


def _limb(canvas: skia.Canvas, start: tuple[float, float], end: tuple[float, float], thick: float, color: int) -> None:
    """An ellipse from joint to joint."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    half = math.hypot(dx, dy) / 2
    canvas.save()
    canvas.translate((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    canvas.rotate(math.degrees(math.atan2(dy, dx)))
    canvas.drawOval(skia.Rect.MakeLTRB(-half, -thick, half, thick), skia.Paint(AntiAlias=True, Color=color))
    canvas.restore()


def _dim(color: int) -> int:
    """An opaque colour at the shade of limbs."""
    red, green, blue = (int((color >> shift & 255) * _LIMB_SHADE) for shift in (16, 8, 0))
    return 0xFF000000 | red << 16 | green << 8 | blue
