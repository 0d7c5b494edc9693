"""Conditioning of one episode: everything that its shots are made from, in one call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from episodic.backbones.keyframes.keyframer import PAINTER, Keyframer
from episodic.backbones.protocol import Backbone
from episodic.conditioning.canon_requests import check_deliverable, request_episode
from episodic.conditioning.cast import EpisodeCast, cast_episode
from episodic.conditioning.delivery import Delivery
from episodic.conditioning.first_frames import FrameBrief, brief_frames, frames_wanted, with_frames
from episodic.conditioning.handover import hand_over_episode
from episodic.conditioning.memory_requests import recall_scenes, takes_recall
from episodic.conditioning.reference_sheets import SheetBook, known_sheets, known_views, latest_sheets
from episodic.conditioning.scene_state import State, statements_about, states_by_scene
from episodic.conditioning.shot_brief import ShotBrief, brief_episode
from memory.model.canon import Canon
from memory.queries.recall import Recall
from memory.store import MemoryStore
from planners.plan.model import EpisodePlan

__all__ = ["ConditionedEpisode", "condition"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionedEpisode:
    """Plan, canon and memory of one episode as its backbone takes them."""

    cast: EpisodeCast
    states: tuple[State, ...]
    """The state at each scene."""
    briefs: Mapping[str, ShotBrief]
    """The draft of each shot's request, by shot id."""
    deliveries: Mapping[str, tuple[Delivery, ...]]
    """The memories that each shot asks for, delivered or dropped, by shot id."""
    frames: Mapping[str, FrameBrief]
    """The pictures made for shots to begin or end with, by shot id."""
    book: SheetBook
    """The sheets that shots are shown, and which of them memory has."""
    recalls: tuple[Mapping[str, Recall], ...]
    """What memory found for each scene, by scene id: on behalf of the backbone, and of the picture model."""


def condition(
    plan: EpisodePlan,
    number: int,
    canon: Canon,
    memory: MemoryStore,
    branch: str,
    backbone: Backbone,
    keyframer: Keyframer,
    *,
    seed: int,
    size: tuple[int, int],
    fps: int,
) -> ConditionedEpisode:
    """Condition episode `number` of a series. Reads memory; makes nothing. Deterministic.

    `canon`: as of the episode's beginning. `seed`: the series'. `size`, `fps`: the film's, in pixels and frames per second. Raises
    MissingReference for a shot that names a character whom the backbone cannot be shown.
    """
    can = backbone.capabilities
    cast = cast_episode(plan, canon, seed)
    edits = statements_about(memory, number, len(plan.scenes), branch)
    states = states_by_scene(plan, cast, edits, number)
    briefs = brief_episode(plan, cast, backbone, size=size, fps=fps, edits=edits, number=number)
    check_deliverable(plan, briefs, backbone)
    book = _sheet_book(plan, cast, states, canon, keyframer, size)
    recalls = recall_scenes(plan, cast, states, memory, number, branch, can) if takes_recall(can) else {}
    requested = request_episode(plan, briefs, cast, states, canon, backbone, recalls)
    briefs, deliveries = hand_over_episode(briefs, requested, cast, backbone, book)
    frames, frame_recalls = frames_wanted(plan, can, keyframer.name), dict[str, Recall]()
    if frames and book.model:
        takes = keyframer.capabilities
        frame_recalls = recall_scenes(plan, cast, states, memory, number, branch, takes)
        for_frames = request_episode(plan, briefs, cast, states, canon, keyframer, frame_recalls)
        frames = brief_frames(frames, briefs, for_frames, cast, takes, keyframer.count_tokens, book)
    briefs, deliveries = with_frames(briefs, deliveries, frames, keyframer.name)
    return ConditionedEpisode(
        cast=cast,
        states=tuple(states),
        briefs=briefs,
        deliveries=deliveries,
        frames=frames,
        book=book,
        recalls=(recalls, frame_recalls),
    )


def _sheet_book(
    plan: EpisodePlan, cast: EpisodeCast, states: list[State], canon: Canon, keyframer: Keyframer, size: tuple[int, int]
) -> SheetBook:
    """The sheets of an episode as the canon knows them. Earlier versions stored a maker's name in series.yaml instead of its weights."""
    makers = (keyframer.maker, keyframer.name)
    return SheetBook(
        cast=cast,
        by=keyframer.maker,
        called=keyframer.name,
        model=keyframer.name != PAINTER,
        states={shot.id: state for scene, state in zip(plan.scenes, states, strict=True) for shot in scene.shots},
        size=size,
        known=known_sheets(canon, makers),
        views=known_views(canon),
        latest=latest_sheets(canon, makers),
    )
