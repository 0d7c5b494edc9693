"""What memory finds for a scene, and by which channel it reaches a given backbone. Pure, apart from `recall_scenes`, which asks memory.

Of the results of `memory.queries.recall`, this hands on what canon and plan do not hold: reference pictures, earlier scenes, and takes
that failed verification. The state of the scene (identity, facts, relations, threads) comes from `canon_requests`.

Only what lies before the episode counts: an episode's own scenes never change what its shots are made from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from episodic.backbones.protocol import Capabilities
from episodic.backbones.request import ReferencePicture
from episodic.conditioning.cast import EpisodeCast, held_prop
from episodic.conditioning.delivery import Delivery, DeliveryKind, Reason
from episodic.conditioning.scene_state import State
from episodic.storage.artifacts import Stored
from memory.model.facts import StoryPosition
from memory.queries.recall import LeftOut, Memory, Need, Recall
from memory.store import MemoryStore
from planners.plan.model import EpisodePlan, Scene

__all__ = ["deliver_recall", "need_of", "recall_scenes", "takes_recall"]

_HANDED_ON: Final = ("reference", "scene")
_PICTURES_EACH: Final = 4
_SCENES: Final = 8


def takes_recall(can: Capabilities) -> bool:
    """Whether a backbone takes anything that has to be recalled, so that its shots are made from the results."""
    return can.text_tokens > 0 or can.reference_pictures > 0


def need_of(scene: Scene, cast: EpisodeCast, state: State, number: int, can: Capabilities) -> Need:
    """What a scene of episode `number` asks memory to recall from before the episode.

    A backbone that takes no pictures or texts asks for only the best of each, so that its record says what it misses.
    """
    props = (held_prop(entity, state, cast) for entity in scene.people())
    lines = " ".join(line.text for shot in scene.shots for line in shot.lines)
    return Need(
        position=StoryPosition(number, 0),
        entities=tuple(dict.fromkeys([*scene.people(), *(prop.id for prop in props if prop is not None)])),
        location=scene.at,
        text=" ".join(text for text in (scene.synopsis, scene.goal, lines) if text),
        references=min(can.reference_pictures, _PICTURES_EACH) or 1,
        scenes=_SCENES if can.text_tokens else 1,
    )


def recall_scenes(
    plan: EpisodePlan,
    cast: EpisodeCast,
    states: Sequence[State],
    memory: MemoryStore,
    number: int,
    branch: str,
    can: Capabilities,
) -> dict[str, Recall]:
    """Recall for every scene of an episode, by scene id. `states`: one per scene."""
    return {
        scene.id: memory.recall(need_of(scene, cast, state, number, can), branch)
        for scene, state in zip(plan.scenes, states, strict=True)
    }


def deliver_recall(
    recall: Recall, present: Sequence[str], can: Capabilities, props: Collection[str] = ()
) -> tuple[Delivery, ...]:
    """The part of a scene's recall that one of its shots asks for, and how it is delivered.

    `present`: the shot's performers and its place. `props`: props that are held, whose pictures come after all others.
    """
    entities = {"", *present, *props}
    return (*_delivered(recall, entities, can, props), *_left_out(recall, entities))


def _delivered(recall: Recall, entities: Collection[str], can: Capabilities, props: Collection[str]) -> Iterator[Delivery]:
    """The pictures and scenes that recall chose."""
    pictures = 0
    for memory in sorted(recall.chosen, key=lambda memory: memory.kind == "reference" and memory.entity in props):
        if memory.kind not in _HANDED_ON or memory.entity not in entities:
            continue
        pictures += memory.kind == "reference"
        yield _picture(memory, pictures, can) if memory.kind == "reference" else _scene(memory, can)


def _left_out(recall: Recall, entities: Collection[str]) -> Iterator[Delivery]:
    """The memories that recall left out and why; those that only matter less are counted."""
    counts: Counter[DeliveryKind] = Counter()
    for left_out in recall.left_out:
        if left_out.memory.entity not in entities:
            continue
        if left_out.reason == "budget":
            counts[_delivery_kind(left_out.memory)] += left_out.memory.kind in _HANDED_ON
        else:
            yield _dropped(left_out.memory, left_out.reason, _why(left_out))
    for kind, count in sorted((+counts).items()):
        detail = "those above matter more to the scene"
        yield Delivery(kind=kind, entity="", text=f"{count} more in memory", dropped="budget", detail=detail)


def _picture(memory: Memory, number: int, can: Capabilities) -> Delivery:
    """A remembered picture. `number`: its place among those of the shot, from 1."""
    if not can.reference_pictures:
        return _dropped(memory, "no slot", f"{can.name} takes no reference pictures")
    if number > can.reference_pictures or memory.take is None:
        why = f"{can.name} takes {can.reference_pictures} reference pictures, and better ones came first"
        return _dropped(memory, "no slot", why)
    picture = ReferencePicture(entity=memory.entity, source=Stored(memory.take.artifact), file=memory.take.file)
    return Delivery(
        kind="picture",
        entity=memory.entity,
        text=_origin(memory),
        form="picture",
        detail="key frame",
        name=picture.name,
        picture=picture,
    )


def _scene(memory: Memory, can: Capabilities) -> Delivery:
    """An earlier scene in words."""
    if not can.text_tokens:
        return _dropped(memory, "no slot", f"{can.name} reads no text")
    return Delivery(kind="scene", entity="", text=memory.text, form="text", detail="in the prompt", name=memory.text)


def _dropped(memory: Memory, reason: Reason, detail: str) -> Delivery:
    text = memory.text if memory.take is None else _origin(memory)
    return Delivery(kind=_delivery_kind(memory), entity=memory.entity, text=text, dropped=reason, detail=detail)


def _origin(memory: Memory) -> str:
    """The episode, shot and frame that a remembered picture shows."""
    take = memory.take
    if take is None:
        return memory.text
    frame = f", frame {take.frame}" if take.frame is not None else ""
    return f"as in episode {memory.position.episode if memory.position else '?'}, shot {take.shot_id}{frame}"


def _delivery_kind(memory: Memory) -> DeliveryKind:
    """The kind of the delivery that hands a memory on."""
    return "picture" if memory.kind == "reference" else memory.kind


def _why(left_out: LeftOut) -> str:
    """Why recall does not trust a take."""
    if left_out.reason == "not verified":
        return "what the take shows is not like what memory holds of it"
    return f"its quality is {left_out.memory.take.quality:.2f}" if left_out.memory.take is not None else ""
