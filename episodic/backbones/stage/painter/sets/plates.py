"""Turn the static items of a set into as few pictures as the camera allows, so that a frame costs a few blits.

Neighbouring items are painted once into one plate if their parallax against each other stays invisible over the shot. A still camera
needs one plate for each gap between figures and moving items. Items out of focus are blurred in their plate, once. A floor that a
travelling camera would shear is painted anew for each frame.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import skia

from episodic.backbones.stage.painter.camera import NEAR_M, CameraPath, View, parallax_error
from episodic.backbones.stage.painter.sets.brush import Brush, Card, Item, Live, Moment, Plane, level

__all__ = ["Drawable", "Plate", "cut_out", "defocus", "lay_out"]

APERTURE_M = 0.0095
"""The aperture: how fast depths fall out of focus. A close-up blurs its background, a wide shot does not."""
_MIN_BLUR_PX = 2.0
_STRIP_PX = 0.8
"""How far neighbouring strips of a bending plant may lie apart, pixels."""
_SPLIT_GAP_PX = 48
_INFINITE_M = 1e5
_MAX_PLATE_FRAMES = 2.6
_LINEAR = skia.SamplingOptions(skia.FilterMode.kLinear)
_NEAREST = skia.SamplingOptions()

BrushFor: TypeAlias = Callable[[Any], Brush]
"""Makes a brush for a canvas."""


@dataclass(frozen=True, slots=True)
class Plate:
    """A picture of one or more items, moved as if they all stood at depth `z`."""

    order: float
    image: Any
    left: float
    top: float
    factor: float
    reference: View
    z: float
    still: bool
    sway: float = 0.0

    def draw(self, canvas: skia.Canvas, view: View, moment: Moment) -> None:
        """Blit the plate as `view` sees it."""
        if self.still and not self.sway:
            canvas.drawImage(self.image, self.left, self.top, _NEAREST)
            return
        scale = view.scale(self.z)
        a = scale / self.reference.scale(self.z)
        dx = (self.reference.x - view.x) * scale + view.center_x + a * (self.left - self.reference.center_x)
        dy = (view.y - self.reference.y) * scale + view.center_y + a * (self.top - self.reference.center_y)
        size = a / self.factor
        if self.sway:
            self._bend(canvas, view, moment, dx, dy, size)
            return
        if abs(size - 1) < 2e-5 and abs(dx - round(dx)) < 0.02 and abs(dy - round(dy)) < 0.02 and not view.roll:
            canvas.drawImage(self.image, round(dx), round(dy), _NEAREST)
            return
        canvas.save()
        canvas.translate(dx, dy)
        canvas.scale(size, size)
        canvas.drawImage(self.image, 0, 0, _LINEAR)
        canvas.restore()

    def _bend(self, canvas: skia.Canvas, view: View, moment: Moment, dx: float, dy: float, size: float) -> None:
        """Blit the plate sheared about its foot by the wind."""
        wind = level(moment.stage, "wind")
        gust = math.sin(moment.seconds * 1.7 + self.z * 2.3) + 0.5 * math.sin(moment.seconds * 3.1 + self.z * 5.1)
        shear = -self.sway * (0.05 * wind + 0.028 * gust * (0.3 + abs(wind)))
        foot = view.point(0.0, 0.0, self.z)[1]
        high, wide = self.image.height(), self.image.width()
        # a sheared blit costs five times a straight one: strips that are each moved sideways look the same
        strips = max(1, min(24, math.ceil(abs(shear) * high * size / _STRIP_PX)))
        for k in range(strips):
            top, bottom = round(high * k / strips), round(high * (k + 1) / strips)
            shift = dx + shear * (dy + (top + bottom) / 2 * size - foot)
            source = skia.Rect.MakeLTRB(0, top, wide, bottom)
            target = skia.Rect.MakeLTRB(shift, dy + top * size, shift + wide * size, dy + bottom * size)
            canvas.drawImageRect(self.image, source, target, _LINEAR)


@dataclass(frozen=True, slots=True)
class Direct:
    """An item painted anew for each frame."""

    order: float
    item: Item
    brush_for: BrushFor

    def draw(self, canvas: skia.Canvas, view: View, moment: Moment) -> None:
        """Paint the item as `view` sees it."""
        del moment
        self.item.draw(self.brush_for(canvas), view)


Drawable: TypeAlias = Plate | Direct | Live


def defocus(view: View, z: float) -> float:
    """The blur of depth `z`: standard deviation in pixels."""
    near = max(view.focus_z - view.z, NEAR_M)
    return APERTURE_M * view.zoom * abs(1 / near - 1 / max(z - view.z, NEAR_M))


def lay_out(
    items: Sequence[Item], lives: Sequence[Live], path: CameraPath, figures: tuple[float, float] | None, brush_for: BrushFor
) -> list[Drawable]:
    """Plan what is drawn for each frame, farthest first. `figures` is the span of depths in which figures move during the shot."""
    probes = path.probes()
    drawn: list[Drawable] = []
    group: list[Item] = []

    def flush() -> None:
        if group:
            drawn.extend(_drawables(group, path, probes, brush_for))
            group.clear()

    pieces: list[Item | Live] = [*items, *lives]
    for piece in sorted(pieces, key=lambda piece: -piece.order):
        if isinstance(piece, Live):
            flush()
            drawn.append(piece)
            continue
        if not any(view.sees(piece.z_far) for view in probes):
            continue
        swaying = isinstance(piece, Card) and piece.sway > 0
        among = swaying or (figures is not None and figures[0] <= piece.order <= figures[1])
        passes = bool(group) and figures is not None and piece.order < figures[0] <= group[-1].order
        if among or passes or (group and not _together([*group, piece], probes)):
            flush()
        group.append(piece)
        if among:
            flush()
    flush()
    return drawn


def cut_out(card: Card, path: CameraPath, brush_for: BrushFor) -> list[Plate]:
    """Paint one card by itself, in focus, as plates that move through the shot."""
    probes = path.probes()
    if not any(view.sees(card.z_far) for view in probes):
        return []
    plates = _paint_plates([card], card.order, path, probes, brush_for, in_focus=True)
    return [replace(plate, sway=card.sway) for plate in plates]


def _depths(group: Sequence[Item], view: View) -> tuple[float, float, float]:
    """(nearest depth, farthest depth, depth of the plate) of a group."""
    near = max(min(item.z_near for item in group), view.z + NEAR_M * 1.5)
    far = max(max(item.z_far for item in group), near + 1e-6)
    # half way in 1 / distance, to which parallax is proportional
    middle = view.z + 2 / (1 / (near - view.z) + 1 / (far - view.z))
    return near, far, middle


def _together(group: Sequence[Item], probes: Sequence[View]) -> bool:
    """Whether one plate can stand for the group throughout the shot."""
    reference = probes[len(probes) // 2]
    blurs = [_blur(item, reference) for item in group]
    if max(blurs) - min(blurs) > 1.2 + 0.35 * max(blurs):
        return False
    near, far, middle = _depths(group, reference)
    allowed = (2.2 + 0.9 * min(blurs)) * reference.unit / 720
    return all(parallax_error(view, reference, middle, z) <= allowed for view in probes for z in (near, far))


def _blur(item: Item, view: View) -> float:
    """Defocus of an item in pixels of a 720-line picture; a plane counts by its far part."""
    z = item.z_near if isinstance(item, Card) else 0.35 * max(item.z_near, view.z + 1) + 0.65 * item.z_far
    return defocus(view, z) * 720 / view.unit


def _drawables(group: list[Item], path: CameraPath, probes: Sequence[View], brush_for: BrushFor) -> list[Drawable]:
    """A group as plates, or as an item painted anew if a plate cannot stand for it."""
    order = group[-1].order
    if len(group) == 1 and isinstance(group[0], Plane) and not _together(group, probes):
        return [Direct(order, group[0], brush_for)]
    plates = _paint_plates(group, order, path, probes, brush_for)
    first = group[0]
    sway = first.sway if isinstance(first, Card) else 0.0
    return [replace(plate, sway=sway) for plate in plates] if sway else [*plates]


def _paint_plates(
    group: Sequence[Item],
    order: float,
    path: CameraPath,
    probes: Sequence[View],
    brush_for: BrushFor,
    *,
    in_focus: bool = False,
) -> list[Plate]:
    """Paint a group once, as the middle view of the shot sees it."""
    reference = probes[len(probes) // 2]
    _, _, z = _depths(group, reference)
    sigma = min(_blur(item, reference) for item in group) * reference.unit / 720
    sigma = sigma if sigma >= _MIN_BLUR_PX * reference.unit / 720 and not in_focus else 0.0
    if path.locked:
        left, top, right, bottom, factor = 0.0, 0.0, float(reference.width), float(reference.height), 1.0
    else:
        left, top, right, bottom, factor = _window(reference, probes, z, sigma)
    width, height = max(1, round((right - left) * factor)), max(1, round((bottom - top) * factor))
    surface = skia.Surface(width, height)
    canvas = surface.getCanvas()
    canvas.clear(0)
    layer = sigma * factor > 0.3
    if layer:
        blur = skia.ImageFilters.Blur(sigma * factor, sigma * factor, skia.TileMode.kClamp)
        canvas.saveLayer(None, skia.Paint(ImageFilter=blur))
    view = reference.enlarged(factor, left, top, width, height)
    if path.locked and reference.roll:
        _rotate(canvas, view)
    brush = brush_for(canvas)
    for item in group:
        item.draw(brush, view)
    if layer:
        canvas.restore()
    return _crop(surface, order, left, top, factor, reference, z, path.locked)


def _window(reference: View, probes: Sequence[View], z: float, sigma: float) -> tuple[float, float, float, float, float]:
    """(left, top, right, bottom) in the reference's pixels of all that any probe shows at depth `z`, and the resolution needed."""
    left = top = 1e9
    right = bottom = -1e9
    sharpest = 0.0
    for view in probes:
        scale = view.scale(z)
        a = scale / reference.scale(z)
        turn = abs(view.roll) * max(view.width, view.height) / 2 + 3
        shift_x = (reference.x - view.x) * scale
        shift_y = (view.y - reference.y) * scale
        left = min(left, (-turn - shift_x - view.center_x) / a + reference.center_x)
        right = max(right, (view.width + turn - shift_x - view.center_x) / a + reference.center_x)
        top = min(top, (-turn - shift_y - view.center_y) / a + reference.center_y)
        bottom = max(bottom, (view.height + turn - shift_y - view.center_y) / a + reference.center_y)
        sharpest = max(sharpest, a)
    factor = min(sharpest, 2.0) / (1 + 0.12 * sigma)
    area = (right - left) * (bottom - top)
    factor = min(factor, (_MAX_PLATE_FRAMES * reference.width * reference.height / area) ** 0.5)
    if abs(factor - 1) < 0.01 or z > _INFINITE_M:
        factor = 1.0
    # whole pixels: an infinitely far plate then is a plain copy
    return float(np.floor(left)), float(np.floor(top)), float(np.ceil(right)), float(np.ceil(bottom)), factor


def _crop(
    surface: Any, order: float, left: float, top: float, factor: float, reference: View, z: float, still: bool
) -> list[Plate]:
    """The painted parts of a surface as plates. A wide gap between two parts is not worth blitting."""
    alpha = surface.toarray(colorType=skia.ColorType.kBGRA_8888_ColorType)[..., 3]
    picture = surface.makeImageSnapshot()
    plates = []
    for x0, x1 in _runs(alpha.any(axis=0)):
        rows = np.flatnonzero(alpha[:, x0:x1].any(axis=1))
        y0, y1 = int(rows[0]), int(rows[-1]) + 1
        opaque = bool((alpha[y0:y1, x0:x1] == 255).all())
        kind = skia.AlphaType.kOpaque_AlphaType if opaque else skia.AlphaType.kPremul_AlphaType
        part = skia.Surface(skia.ImageInfo.MakeN32(x1 - x0, y1 - y0, kind))
        part.getCanvas().clear(0)
        part.getCanvas().drawImage(picture, -x0, -y0)
        plates.append(Plate(order, part.makeImageSnapshot(), left + x0 / factor, top + y0 / factor, factor, reference, z, still))
    return plates


def _runs(painted: np.ndarray) -> list[tuple[int, int]]:
    """The spans of True that lie more than a gap apart."""
    columns = np.flatnonzero(painted)
    if not len(columns):
        return []
    breaks = np.flatnonzero(np.diff(columns) > _SPLIT_GAP_PX)
    starts, ends = [0, *(breaks + 1)], [*breaks, len(columns) - 1]
    return [(int(columns[i]), int(columns[j]) + 1) for i, j in zip(starts, ends, strict=True)]


def _rotate(canvas: skia.Canvas, view: View) -> None:
    """Turn the canvas by the camera's roll."""
    canvas.translate(view.center_x, view.center_y)
    canvas.rotate(view.roll * 57.29578)
    canvas.translate(-view.center_x, -view.center_y)
