"""The delivery record of an episode: what its shots requested, compared with what its takes received."""

from __future__ import annotations

from collections.abc import Mapping

from episodic.backbones.registry import open_backbone
from episodic.conditioning.delivery import EpisodeDelivery, ShotDelivery, confirm, read_received
from episodic.conditioning.memory_requests import deliver_recall, recall_scenes, takes_recall
from episodic.production.files.names import TAKE_FILE
from episodic.production.files.take_file import read_take_head
from episodic.production.prepare import Prepared
from episodic.series.series import Series
from memory.queries.recall import Recall
from memory.store import MemoryStore

__all__ = ["record_of"]


def record_of(series: Series, ready: Prepared, memory: MemoryStore) -> EpisodeDelivery:
    """List every memory that the shots of an episode requested, and whether it arrived.

    A shot without a take has an empty `take` and no confirmed delivery.
    """
    shots = []
    can = open_backbone(ready.backbone, series.settings.shooting, series.settings.machine).capabilities
    recalls: Mapping[str, Recall] = {}
    if not takes_recall(can):  # else the recalled memories are requests of the shots already
        recalls = recall_scenes(ready.plan, ready.cast, ready.conditioned.states, memory, ready.number, series.branch, can)
    for scene in ready.plan.scenes:
        for shot in scene.shots:
            draft = ready.conditioned.briefs[shot.id].request
            entities = [*(performer.id for performer in draft.performers), scene.at]
            props = [prop.id for prop in draft.setting.props]
            recalled = deliver_recall(recalls[scene.id], entities, can, props) if scene.id in recalls else ()
            requests = (*ready.conditioned.deliveries[shot.id], *recalled)
            key = ready.graph.keys[f"shoot:{shot.id}"]
            if series.artifacts.has(key):
                notes = read_take_head(series.artifacts.folder(key) / TAKE_FILE).values("notes")
                shots.append(
                    ShotDelivery(scene=scene.id, shot=shot.id, take=key, deliveries=confirm(requests, read_received(notes)))
                )
            else:
                shots.append(ShotDelivery(scene=scene.id, shot=shot.id, take="", deliveries=requests))
    return EpisodeDelivery(episode=ready.number, title=ready.plan.title, backbone=ready.backbone, shots=tuple(shots))
