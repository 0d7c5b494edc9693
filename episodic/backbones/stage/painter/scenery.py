"""All features by name, and how one is painted. A feature nobody knows is left out: looks are data and may be newer than the painter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from episodic.backbones.stage.painter.scenery_fittings import FITTINGS
from episodic.backbones.stage.painter.scenery_furniture import FURNITURE
from episodic.backbones.stage.painter.scenery_inner import INNER
from episodic.backbones.stage.painter.scenery_nature import NATURE
from episodic.backbones.stage.painter.scenery_openings import OPENINGS
from episodic.backbones.stage.painter.scenery_town import TOWN
from episodic.backbones.stage.painter.sets import Brush

__all__ = ["FEATURES", "Feature", "paint_feature"]

Feature: TypeAlias = Mapping[str, Any]

FEATURES: Final[dict[str, Callable[[Brush, Feature], None]]] = {
    **OPENINGS,
    **FURNITURE,
    **FITTINGS,
    **NATURE,
    **TOWN,
    **INNER,
}


def paint_feature(brush: Brush, feature: Feature) -> None:
    """Paint one feature in the metres of the card or wall it is on."""
    painter = FEATURES.get(str(feature["kind"]))
    if painter is not None:
        painter(brush, feature)
