"""What memory finds for a scene, and which way each of it goes to a given backbone. Pure, apart from `recall_scenes`, which asks.

Of what `memory.queries.recall` finds, this hands on what canon and plan do not hold: reference pictures, earlier scenes, and the takes
that failed verification. What holds of everybody in the scene (identity, state, relations, threads) is `requested`.

Only what lies before the episode counts: an episode's own scenes never change what its shots are made from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from episodic.backbones.protocol import Capabilities
from episodic.conditioning.cast import EpisodeCast, find_prop
from episodic.conditioning.delivery import Delivery, Reason
from episodic.conditioning.scene_state import State
from memory.model.facts import StoryPosition
from memory.queries.recall import LeftOut, Memory, Need, Recall
from memory.store import MemoryStore
from planners.plan.model import EpisodePlan, Scene

__all__ = ["deliver_recall", "need_of", "recall_scenes", "takes_recall"]

_HANDED_ON: Final = ("reference", "scene")
_PICTURES_EACH: Final = 4
_SCENES: Final = 8


def takes_recall(can: Capabilities) -> bool:
    """Whether a backbone can be given anything that has to be looked for: then its shots are made from what was found."""
    return can.text_tokens > 0 or can.reference_pictures > 0


def need_of(scene: Scene, cast: EpisodeCast, state: State, number: int, can: Capabilities) -> Need:
    """What a scene of episode `number` asks memory to look for: whatever came before the episode.

    A backbone that cannot be given pictures or texts asks for the best of each only, so that its record says what it misses.
    """
    held = (find_prop(str(state.get(one, {}).get("holding", "")), cast.props) for one in scene.people())
    lines = " ".join(line.text for shot in scene.shots for line in shot.lines)
    return Need(
        position=StoryPosition(number, 0),
        entities=tuple(dict.fromkeys([*scene.people(), *(prop.id for prop in held if prop is not None)])),
        location=scene.at,
        text=" ".join(one for one in (scene.synopsis, scene.goal, lines) if one),
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
    """What memory finds for every scene of an episode, by scene id. `states`: one per scene."""
    return {
        scene.id: memory.recall(need_of(scene, cast, state, number, can), branch)
        for scene, state in zip(plan.scenes, states, strict=True)
    }


def deliver_recall(recall: Recall, there: Sequence[str], can: Capabilities, props: Collection[str] = ()) -> tuple[Delivery, ...]:
    """What of a scene's recall one of its shots asks for, and which way it goes.

    `there`: who is in the shot, and the place; `props`: what is held, whose pictures come after all others.
    """
    return tuple(_all(recall, {"", *there, *props}, can, props))


def _all(recall: Recall, there: set[str], can: Capabilities, props: Collection[str]) -> Iterator[Delivery]:
    pictures = 0
    for one in sorted(recall.chosen, key=lambda one: one.kind == "reference" and one.entity in props):
        if one.kind not in _HANDED_ON or one.entity not in there:
            continue
        pictures += one.kind == "reference"
        yield _picture(one, pictures, can) if one.kind == "reference" else _scene(one, can)
    beyond: Counter[str] = Counter()
    for left in recall.left_out:
        if left.memory.entity not in there:
            continue
        if left.reason == "budget":
            beyond[_kind(left.memory)] += left.memory.kind in _HANDED_ON
        else:
            yield _dropped(left.memory, left.reason, _why(left))
    for kind, count in sorted((+beyond).items()):
        said = "those above matter more to the scene"
        yield Delivery(kind=kind, entity="", text=f"{count} more in memory", dropped="budget", detail=said)


def _picture(one: Memory, number: int, can: Capabilities) -> Delivery:
    if not can.reference_pictures:
        return _dropped(one, "no slot", f"{can.name} takes no reference pictures")
    if number > can.reference_pictures or one.take is None:
        return _dropped(
            one, "no slot", f"{can.name} takes {can.reference_pictures} reference pictures, and better ones came first"
        )
    name = f"{one.entity}:{one.take.artifact}/{one.take.file}"
    return Delivery(kind="picture", entity=one.entity, text=_seen_in(one), form="picture", detail="key frame", name=name)


def _scene(one: Memory, can: Capabilities) -> Delivery:
    if not can.text_tokens:
        return _dropped(one, "no slot", f"{can.name} reads no text")
    return Delivery(kind="scene", entity="", text=one.text, form="text", detail="in the prompt", name=one.text)


def _dropped(one: Memory, reason: Reason, detail: str) -> Delivery:
    text = one.text if one.take is None else _seen_in(one)
    return Delivery(kind=_kind(one), entity=one.entity, text=text, dropped=reason, detail=detail)


def _seen_in(one: Memory) -> str:
    """Where a memory that a take carries comes from."""
    take = one.take
    if take is None:
        return one.text
    frame = f", frame {take.frame}" if take.frame is not None else ""
    return f"as in episode {one.position.episode if one.position else '?'}, shot {take.shot_id}{frame}"


def _kind(one: Memory) -> str:
    return "picture" if one.kind == "reference" else one.kind


def _why(left: LeftOut) -> str:
    if left.reason == "not verified":
        return "what the take shows is not like what memory holds of it"
    return f"its quality is {left.memory.take.quality:.2f}" if left.memory.take is not None else ""
