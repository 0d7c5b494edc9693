"""The delivery record of an episode: what its shots asked for, held against what its takes received."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from episodic.backbones.registry import open_backbone
from episodic.conditioning.delivery import EpisodeDelivery, ShotDelivery, confirm, read_received
from episodic.conditioning.memory_requests import deliver_recall, recall_scenes, takes_recall
from episodic.production.files.names import TAKE_FILE
from episodic.production.files.take_file import read_take_head

if TYPE_CHECKING:
    from episodic.production.prepare import Prepared
    from episodic.series.series import Series
    from memory.queries.recall import Recall
    from memory.store import MemoryStore

__all__ = ["record_of"]


def record_of(series: Series, ready: Prepared, memory: MemoryStore) -> EpisodeDelivery:
    """Every shot of an episode with what became of each memory it asked for.

    A shot whose take is not there has nothing confirmed, and an empty `take`.
    """
    shots = []
    can = open_backbone(ready.backbone, series.settings.shooting, series.settings.machine).capabilities
    recalls: Mapping[str, Recall] = {}
    if not takes_recall(can):  # otherwise the shots were made from what was found, and asked for it
        recalls = recall_scenes(ready.plan, ready.cast, ready.conditioned.states, memory, ready.number, series.branch, can)
    for scene in ready.plan.scenes:
        for shot in scene.shots:
            draft = ready.conditioned.briefs[shot.id].request
            there = [*(performer.id for performer in draft.performers), scene.at]
            props = [prop.id for prop in draft.setting.props]
            found = deliver_recall(recalls[scene.id], there, can, props) if scene.id in recalls else ()
            asked = (*ready.conditioned.deliveries[shot.id], *found)
            key = ready.graph.keys[f"shoot:{shot.id}"]
            if series.artifacts.has(key):
                notes = read_take_head(series.artifacts.folder(key) / TAKE_FILE)["notes"]
                shots.append(
                    ShotDelivery(scene=scene.id, shot=shot.id, take=key, deliveries=confirm(asked, read_received(notes)))
                )
            else:
                shots.append(ShotDelivery(scene=scene.id, shot=shot.id, take="", deliveries=asked))
    return EpisodeDelivery(episode=ready.number, title=ready.plan.title, backbone=ready.backbone, shots=tuple(shots))
