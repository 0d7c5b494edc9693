"""The depth pass: the distance of everything in a shot from the camera, taken from its place on the set.

Grey is 1 / distance, near is white, as in monocular depth estimators (Ranftl et al. 2020, MiDaS) and in the training of depth-controlled
models. The distances of black and white are fixed over the shot, so that nothing flickers. On any plane 1 / distance is an affine function
of the pixel: floors and walls are exact gradients. Cards, figures and props face the camera and have one grey each.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import skia
from jaxtyping import UInt8

from episodic.backbones.stage.painter.camera import NEAR_M, View
from episodic.backbones.stage.painter.film import Layer, Shot, turn
from episodic.backbones.stage.painter.sets.brush import Brush, Card, Item, Plane
from episodic.backbones.stage.painter.sets.plates import Plate, cut_out
from episodic.looks.places import read_look

__all__ = ["DepthPass"]

_COARSE_PX: Final = 256
_BEFORE_M: Final = 8.0
"""How far planes extend beyond their own near end, behind the camera."""
_SOLID: Final = skia.TableColorFilter.MakeARGB([min(255, max(0, (alpha - 64) * 2)) for alpha in range(256)], None, None, None)
"""Alpha to alpha: drops shadows, glows and shafts of light; solid parts keep their soft edge."""


@dataclass(frozen=True, slots=True)
class _Range:
    """The nearness (1 / metres) of black and of white."""

    far: float
    near: float

    def grey(self, nearness: float) -> int:
        """ARGB of a nearness."""
        level = (nearness - self.far) / max(self.near - self.far, 1e-6)
        value = round(255 * min(1.0, max(0.0, level)))
        return 0xFF000000 | value << 16 | value << 8 | value


class DepthPass:
    """Draws the depth of a shot's frames; if `coarse`, at most 256 pixels wide."""

    def __init__(self, shot: Shot, *, coarse: bool = False) -> None:
        self._shot = shot
        self._range = _range_of(shot)
        brush = Brush(None, shot.light, read_look(shot.request.setting.look, shot.request.setting.location))
        self._set: list[tuple[Item, list[Plate]]] = []
        for item in sorted(shot.items, key=lambda item: -item.order):
            cut = cut_out(item, shot.path, lambda canvas: replace(brush, canvas=canvas)) if isinstance(item, Card) else []
            self._set.append((item, [plate for plate in map(_solid, cut) if plate is not None]))
        self._zoom = min(1.0, _COARSE_PX / shot.request.width) if coarse else 1.0
        height, width = (max(1, round(self._zoom * pixels)) for pixels in (shot.request.height, shot.request.width))
        self._pixels = np.zeros((height, width, 4), np.uint8)
        info = skia.ImageInfo.Make(width, height, skia.ColorType.kBGRA_8888_ColorType, skia.AlphaType.kPremul_AlphaType)
        self._surface = skia.Surface.MakeRasterDirect(info, self._pixels)
        self._dyed: dict[int, tuple[int, Plate]] = {}
        self._standing: dict[tuple[int, int], Any] = {}

    def grey(self, frame: int) -> UInt8[np.ndarray, "height width"]:
        """Draw one frame; 255 is the nearest depth of the shot."""
        canvas = self._surface.getCanvas()
        view = self._shot.path.views[frame]
        queue = self._shot.layers(frame)
        canvas.clear(0xFF000000)
        canvas.save()
        canvas.scale(self._zoom, self._zoom)
        done = 0
        while queue:
            upto = done
            while upto < len(self._set) and queue[0].z < self._set[upto][0].order:
                upto += 1
            self._items(canvas, frame, done, upto)
            done = upto
            self._figure(canvas, view, queue.pop(0))
        self._items(canvas, frame, done, len(self._set))
        canvas.restore()
        self._surface.flushAndSubmit()
        return self._pixels[..., 0].copy()

    def nearness(self, z: float, frame: int) -> float:
        """The grey, 0..255, of depth `z` on the set at a frame."""
        return float(self._range.grey(_nearness(self._shot.path.views[frame], z)) & 255)

    def _items(self, canvas: skia.Canvas, frame: int, first: int, last: int) -> None:
        """Draw items `first`..`last` of the set. A camera that stands still reuses its picture of them."""
        if first == last:
            return
        view = self._shot.path.views[frame]
        swaying = any(plate.sway for _, plates in self._set[first:last] for plate in plates)
        if not self._shot.path.locked or swaying:
            self._paint(canvas, frame, first, last)
            return
        if (first, last) not in self._standing:
            surface = skia.Surface(view.width, view.height)
            surface.getCanvas().clear(0)
            self._paint(surface.getCanvas(), frame, first, last)
            self._standing[first, last] = surface.makeImageSnapshot()
        canvas.drawImage(self._standing[first, last], 0, 0, skia.SamplingOptions())

    def _paint(self, canvas: skia.Canvas, frame: int, first: int, last: int) -> None:
        """Draw items `first`..`last` of the set."""
        view, moment = self._shot.path.views[frame], self._shot.moment(frame)
        for item, plates in self._set[first:last]:
            if isinstance(item, Plane):
                self._plane(canvas, view, item)
            elif plates and view.sees(item.z_near):
                canvas.save()
                # the plates of a camera that stands still were cut out with its roll
                if not self._shot.path.locked:
                    turn(canvas, view)
                for plate in plates:
                    self._dye(plate, self._range.grey(_nearness(view, item.z_near))).draw(canvas, view, moment)
                canvas.restore()

    def _dye(self, plate: Plate, grey: int) -> Plate:
        """A plate in the grey of its depth, kept until the camera needs another grey: filters are slow, blits are not."""
        stored = self._dyed.get(id(plate))
        if stored is not None and stored[0] == grey:
            return stored[1]
        surface = skia.Surface(plate.image.width(), plate.image.height())
        surface.getCanvas().clear(0)
        dye = skia.Paint(ColorFilter=skia.ColorFilters.Blend(grey, skia.BlendMode.kSrcIn))
        surface.getCanvas().drawImage(plate.image, 0, 0, skia.SamplingOptions(), dye)
        dyed = replace(plate, image=surface.makeImageSnapshot())
        self._dyed[id(plate)] = grey, dyed
        return dyed

    def _plane(self, canvas: skia.Canvas, view: View, plane: Plane) -> None:
        """Draw the nearer of the plane and the picture: seen from inside, a room is the nearest of its planes at every pixel."""
        slope = _slope(view, plane)
        if abs(slope) < 1e-3 * view.unit:
            return
        black, white = slope * self._range.far, slope * self._range.near
        end = slope * _nearness(view, plane.z_far)
        wide = float(view.width + view.height)
        canvas.save()
        turn(canvas, view)
        canvas.translate(view.center_x, view.center_y)
        if plane.axis == "x":
            canvas.rotate(-90)
        # down the canvas the plane comes nearer, for floors and for walls turned into floors
        edges = (end, wide) if slope > 0 else (-wide, end)
        shader = skia.GradientShader.MakeLinear([skia.Point(0, black), skia.Point(0, white)], [0xFF000000, 0xFFFFFFFF])
        paint = skia.Paint(Shader=shader, BlendMode=skia.BlendMode.kLighten)
        canvas.drawRect(skia.Rect.MakeLTRB(-wide, edges[0], wide, edges[1]), paint)
        canvas.restore()

    def _figure(self, canvas: skia.Canvas, view: View, layer: Layer) -> None:
        """Draw the solid parts of a figure or prop in the grey of its depth."""
        dye = skia.ColorFilters.Blend(self._range.grey(_nearness(view, layer.z)), skia.BlendMode.kSrcIn)
        canvas.save()
        turn(canvas, view)
        canvas.saveLayer(layer.box, skia.Paint(ColorFilter=dye.makeComposed(_SOLID)))
        layer.body(canvas)
        canvas.restore()
        canvas.restore()


def _nearness(view: View, z: float) -> float:
    """1 / metres of depth `z` from the camera."""
    return 1 / max(z - view.z, NEAR_M)


def _solid(plate: Plate) -> Plate | None:
    """The solid parts of a plate; None if it has none."""
    surface = skia.Surface(plate.image.width(), plate.image.height())
    surface.getCanvas().clear(0)
    surface.getCanvas().drawImage(plate.image, 0, 0, skia.SamplingOptions(), skia.Paint(ColorFilter=_SOLID))
    alpha = surface.toarray(colorType=skia.ColorType.kBGRA_8888_ColorType)[..., 3]
    return replace(plate, image=surface.makeImageSnapshot()) if alpha.any() else None


def _slope(view: View, plane: Plane) -> float:
    """Pixels from the vanishing line to the place where a plane's nearness is 1 / metre: down for floors, right for walls."""
    return (view.y - plane.at if plane.axis == "y" else plane.at - view.x) * view.zoom


def _range_of(shot: Shot) -> _Range:
    """From the farthest item of the set to the nearest figure, prop or plane that the shot shows."""
    near, far = 1e-3, 1e9
    planes = [item for item in shot.items if isinstance(item, Plane)]
    depths = [item.z_far for item in shot.items]
    for number, view in enumerate(shot.path.views):
        marks = [(float(motion.values["x"][number]), float(motion.values["z"][number])) for _, _, motion in shot.actors]
        marks += [(prop.mark.x, prop.mark.z) for prop in shot.props if prop.mark is not None]
        inside = [z for x, z in marks if view.sees(z) and -0.2 < view.point(x, 0.0, z)[0] / view.width < 1.2]
        near = max([near, *(_nearness(view, z) for z in inside), *(_edge(view, plane) for plane in planes)])
        far = min([far, *(_nearness(view, z) for z in depths)])
    return _Range(far=min(far, 0.9 * near) if far > 1e-4 else 0.0, near=near)


def _edge(view: View, plane: Plane) -> float:
    """The nearness of a plane at the picture's edge, or at its near end if that comes first."""
    slope = _slope(view, plane)
    if abs(slope) < 1e-3 * view.unit:
        return 0.0
    room = view.center_y if plane.axis == "y" else view.center_x
    return min(room / abs(slope), _nearness(view, plane.z_near - _BEFORE_M))
