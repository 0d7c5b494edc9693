"""All features by name, and how one is painted. A feature nobody knows is left out: looks are data and may be newer than the painter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from episodic.backbones.stage.painter.scenery.fantasy import INNER
from episodic.backbones.stage.painter.scenery.fittings import FITTINGS
from episodic.backbones.stage.painter.scenery.furniture import FURNITURE
from episodic.backbones.stage.painter.scenery.nature import NATURE
from episodic.backbones.stage.painter.scenery.openings import OPENINGS
from episodic.backbones.stage.painter.scenery.town import TOWN
from episodic.backbones.stage.painter.scenery.trade import TRADE
from episodic.backbones.stage.painter.sets.brush import Brush
from episodic.looks.place_kinds import Feature

__all__ = ["FEATURES", "paint_feature"]

FEATURES: Final[dict[str, Callable[[Brush, Feature], None]]] = {
    **OPENINGS,
    **FURNITURE,
    **TRADE,
    **FITTINGS,
    **NATURE,
    **TOWN,
    **INNER,
}


def paint_feature(brush: Brush, feature: Feature) -> None:
    """Paint one feature in the metres of the card or wall it is on."""
    painter = FEATURES.get(feature.kind)
    if painter is None:
        return
    if feature.flip:
        brush.canvas.save()
        brush.canvas.translate(2 * feature.x, 0)
        brush.canvas.scale(-1, 1)
        painter(brush, feature)
        brush.canvas.restore()
    else:
        painter(brush, feature)
