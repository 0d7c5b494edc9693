"""The mask pass: the pixels of each performer and prop, drawn by the painter itself.

Every figure is drawn once more in one flat colour, in the order of the picture; what stands nearer to the camera erases what is behind
it. Four entities share one drawing: three have a colour channel each, and the fourth is the rest of alpha.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import skia
from jaxtyping import Bool, UInt8

from episodic.backbones.stage.painter.film import Layer, Shot, upright
from episodic.backbones.stage.painter.pen import Ink
from episodic.backbones.stage.painter.sets.plates import Plate

__all__ = ["entities_of", "entity_masks", "label_map"]

_CHANNELS: Final = (0xFFFF0000, 0xFF00FF00, 0xFF0000FF, 0xFF000000)


def entities_of(shot: Shot) -> tuple[str, ...]:
    """The ids that a label map of a shot tells apart: its performers in frame, then its props."""
    performers = [performer for performer, _, _ in shot.actors]
    props = [prop.id for prop in shot.request.setting.props if prop.mark is not None or prop.held_by in performers]
    return (*performers, *props)


def label_map(shot: Shot, frame: int, entities: Sequence[str]) -> UInt8[np.ndarray, "height width"]:
    """0 where none of `entities` (at most 255) is visible, i + 1 where entity i is. A prop in a hand is separate from its holder."""
    labels = np.zeros((shot.request.height, shot.request.width), np.uint8)
    for number, mask in enumerate(entity_masks(shot, frame, entities).values()):
        labels[mask] = number + 1
    return labels


def entity_masks(shot: Shot, frame: int, entities: Sequence[str]) -> Mapping[str, Bool[np.ndarray, "height width"]]:
    """The pixels in which each of `entities` is visible at a frame. A prop in a hand belongs to the holder unless it is an entity itself."""
    masks: dict[str, Bool[np.ndarray, "height width"]] = {}
    for first in range(0, len(entities), len(_CHANNELS)):
        four = entities[first : first + len(_CHANNELS)]
        masks |= _four_masks(shot, frame, four, set(entities) - set(four))
    return masks


def _four_masks(
    shot: Shot, frame: int, entities: Sequence[str], others: set[str]
) -> Mapping[str, Bool[np.ndarray, "height width"]]:
    """The masks of at most four entities; `others` are the entities of other drawings."""
    view, moment = shot.path.views[frame], shot.moment(frame)
    height, width = shot.pixels.shape[:2]
    pixels = np.zeros((height, width, 4), np.uint8)
    info = skia.ImageInfo.Make(width, height, skia.ColorType.kBGRA_8888_ColorType, skia.AlphaType.kPremul_AlphaType)
    surface = skia.Surface.MakeRasterDirect(info, pixels)
    canvas = surface.getCanvas()
    colors = dict(zip(entities, _CHANNELS, strict=False))

    def stamp(layer: Layer) -> None:
        upright(canvas, view, lambda turned: _stamp(turned, layer, colors, others))

    queue, stamped = shot.layers(frame), 0
    for drawable in shot.drawables:
        while queue and queue[0].z >= drawable.order:
            stamp(queue.pop(0))
            stamped += 1
        # rain, glow and haze are transparent: only standing items hide
        if isinstance(drawable, Plate) and stamped:
            canvas.saveLayer(None, skia.Paint(BlendMode=skia.BlendMode.kDstOut))
            shot.draw(drawable, canvas, view, moment)
            canvas.restore()
    for layer in queue:
        stamp(layer)
    surface.flushAndSubmit()
    fourth = pixels[..., 3].astype(np.int16) - pixels[..., :3].sum(2, dtype=np.int16)
    shares = (pixels[..., 2], pixels[..., 1], pixels[..., 0], fourth)
    return {entity: shares[i] > 127 for i, entity in enumerate(entities)}


def _stamp(canvas: skia.Canvas, layer: Layer, colors: Mapping[str, int], others: set[str]) -> None:
    """Draw a layer's shape in its entity's colour. Layers outside `colors` erase what they cover."""
    color = colors.get(layer.name)
    if layer.holds is not None and (layer.holds in colors or layer.holds in others):
        layer.body(canvas, Ink(color, colors.get(layer.holds)))
        return
    dye = None if color is None else skia.ColorFilters.Blend(color, skia.BlendMode.kSrcIn)
    mode = skia.BlendMode.kDstOut if color is None else skia.BlendMode.kSrcOver
    canvas.saveLayer(None, skia.Paint(ColorFilter=dye, BlendMode=mode))
    layer.body(canvas)
    canvas.restore()
