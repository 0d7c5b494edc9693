"""All features by name, and how to paint them. An unknown feature is left out: looks are data and may be newer than the painter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from episodic.backbones.stage.painter.scenery.fantasy import INNER
from episodic.backbones.stage.painter.scenery.fittings import FITTINGS
from episodic.backbones.stage.painter.scenery.furniture import FURNITURE
from episodic.backbones.stage.painter.scenery.kitchen import KITCHEN
from episodic.backbones.stage.painter.scenery.lamps import LAMPS
from episodic.backbones.stage.painter.scenery.nature import NATURE
from episodic.backbones.stage.painter.scenery.openings import OPENINGS
from episodic.backbones.stage.painter.scenery.terrain import TERRAIN
from episodic.backbones.stage.painter.scenery.town import TOWN
from episodic.backbones.stage.painter.scenery.trade import TRADE
from episodic.backbones.stage.painter.scenery.waterfront import WATERFRONT
from episodic.backbones.stage.painter.sets.brush import Brush, FeaturePainter
from episodic.looks.place_kinds import Feature

__all__ = ["FEATURES", "paint_feature"]

FEATURES: Final[Mapping[str, FeaturePainter]] = {
    **OPENINGS,
    **FURNITURE,
    **LAMPS,
    **KITCHEN,
    **TRADE,
    **FITTINGS,
    **NATURE,
    **TERRAIN,
    **TOWN,
    **WATERFRONT,
    **INNER,
}


def paint_feature(brush: Brush, feature: Feature) -> None:
    """Paint one feature in the metres of the card or wall it is on."""
    paint = FEATURES.get(feature.kind)
    if paint is None:
        return
    if feature.flip:
        brush.canvas.save()
        brush.canvas.translate(2 * feature.x, 0)
        brush.canvas.scale(-1, 1)
        paint(brush, feature)
        brush.canvas.restore()
    else:
        paint(brush, feature)
