"""The delivery record of an episode: what its shots asked for, held against what its takes received."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from episodic.conditioning.delivery import Delivery, EpisodeDelivery, ShotDelivery, confirm, read_received
from episodic.production.take_file import read_take_head
from episodic.production.work import TAKE_FILE

if TYPE_CHECKING:
    from episodic.production.produce import Prepared
    from episodic.series import Series

__all__ = ["record_of"]

_NONE: Mapping[str, tuple[Delivery, ...]] = {}


def record_of(series: Series, ready: Prepared, recalled: Mapping[str, tuple[Delivery, ...]] = _NONE) -> EpisodeDelivery:
    """Every shot of an episode with what became of each memory it asked for.

    `recalled`: by scene id, what was looked for in memory for the scene; every shot of the scene asked for that as well. A shot
    whose take is not there has nothing confirmed, and an empty `take`.
    """
    shots = []
    for scene in ready.plan.scenes:
        for shot in scene.shots:
            asked = (*ready.requested[shot.id], *recalled.get(scene.id, ()))
            key = ready.graph.keys[f"shoot:{shot.id}"]
            if series.artifacts.has(key):
                notes = read_take_head(series.artifacts.folder(key) / TAKE_FILE)["notes"]
                shots.append(
                    ShotDelivery(scene=scene.id, shot=shot.id, take=key, deliveries=confirm(asked, read_received(notes)))
                )
            else:
                shots.append(ShotDelivery(scene=scene.id, shot=shot.id, take="", deliveries=asked))
    return EpisodeDelivery(episode=ready.number, title=ready.plan.title, backbone=ready.backbone, shots=tuple(shots))
