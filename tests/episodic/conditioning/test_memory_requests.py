"""Memories recalled for a scene are delivered as pictures or texts, or dropped with a reason."""

from collections.abc import Sequence

import pytest

from episodic.backbones.protocol import Capabilities, ConditionedModel
from episodic.backbones.request import ReferencePicture
from episodic.backbones.stage.backbone import Stage
from episodic.conditioning.canon_requests import request_episode
from episodic.conditioning.cast import cast_episode
from episodic.conditioning.delivery import Delivery, pictures_of, texts_of
from episodic.conditioning.memory_requests import deliver_recall, need_of, recall_scenes, takes_recall
from episodic.conditioning.scene_state import states_by_scene
from episodic.conditioning.shot_brief import brief_episode
from episodic.storage.artifacts import Stored
from memory.model.canon import empty_canon
from memory.model.facts import StoryPosition
from memory.model.records import EntityRecord, KeyFrame, SceneRecord, Sighting, TakeRecord
from memory.queries.recall import LeftOut, Memory, Recall, Source
from memory.store import MemoryStore
from planners.plan.model import EpisodePlan
from tests.conditioned_models import Reader

STAGE = Stage()
READER = Reader(capabilities=Capabilities(name="reader", max_performers=2, text_tokens=100, reference_pictures=2))
AT = StoryPosition(1, 3)


def picture(entity: str = "mara", shot: str = "s03.1", quality: float = 0.9, verified: bool = True) -> Memory:
    take = Source(scene_id="s03", shot_id=shot, artifact="ab12", file=f"{shot}.png", frame=7, quality=quality)
    return Memory(
        kind="reference",
        entity=entity,
        text=f"{entity} in {shot}",
        score=0.8,
        cost=256,
        position=AT,
        take=take,
        verified=verified,
    )


def scene(text: str = "1:3 It burns: the ferry comes home") -> Memory:
    return Memory(kind="scene", text=text, score=0.5, cost=9, position=AT)


def plan() -> EpisodePlan:
    return EpisodePlan.model_validate(
        {
            "title": "x",
            "cast": {"mara": {"kind": "human", "description": "old keeper"}, "pip": {"kind": "animal", "description": "a fox"}},
            "locations": {"shore": {}},
            "props": {"lantern": {"description": "a brass lantern"}},
            "scenes": [
                {
                    "id": "s01",
                    "at": "shore",
                    "synopsis": "They wait.",
                    "goal": "Find the ferry",
                    "facts": ["mara.holding = lantern"],
                    "shots": [{"id": "s01.1", "focus": ["mara"], "lines": [{"mara": "Listen."}]}],
                }
            ],
        }
    )


def test_memories_without_a_slot_are_recorded_as_dropped():
    deliveries = deliver_recall(Recall((picture(), scene()), ()), ["mara", "shore"], STAGE.capabilities)
    assert [(delivery.kind, delivery.entity, delivery.dropped) for delivery in deliveries] == [
        ("picture", "mara", "no slot"),
        ("scene", "", "no slot"),
    ]
    assert deliveries[0].text == "as in episode 1, shot s03.1, frame 7"
    assert not takes_recall(STAGE.capabilities)


def test_pictures_and_texts_are_delivered_to_a_backbone_that_takes_them():
    pictures = [picture(shot=f"s03.{n}") for n in (1, 2, 3)]
    deliveries = deliver_recall(Recall((*pictures, scene()), ()), ["mara"], READER.capabilities)
    assert takes_recall(READER.capabilities)
    assert [delivery.form for delivery in deliveries] == ["picture", "picture", None, "text"]
    assert deliveries[2].dropped == "no slot"
    assert texts_of(deliveries) == ("1:3 It burns: the ferry comes home",)
    assert pictures_of(deliveries) == tuple(
        ReferencePicture(entity="mara", source=Stored("ab12"), file=f"s03.{n}.png") for n in (1, 2)
    )


def test_pictures_of_held_props_come_after_those_of_characters_and_place():
    recall = Recall((picture("lantern"), picture("mara"), picture("shore")), ())
    deliveries = deliver_recall(recall, ["mara", "shore"], READER.capabilities, ["lantern"])
    assert [(delivery.entity, delivery.form) for delivery in deliveries] == [
        ("mara", "picture"),
        ("shore", "picture"),
        ("lantern", None),
    ]
    assert deliveries[2].dropped == "no slot"
    assert [delivery.entity for delivery in deliver_recall(recall, ["mara", "shore"], READER.capabilities)] == ["mara", "shore"]


@pytest.mark.parametrize(
    ("left_out", "reason", "word"),
    [
        (LeftOut(picture(verified=False), "not verified"), "not verified", "not like what memory holds"),
        (LeftOut(picture(quality=0.12), "low quality"), "low quality", "0.12"),
    ],
)
def test_a_memory_that_recall_left_out_is_recorded_with_its_reason(left_out, reason, word):
    (delivery,) = deliver_recall(Recall((), (left_out,)), ["mara"], READER.capabilities)
    assert delivery.dropped == reason
    assert word in delivery.detail


def test_memories_beyond_the_budget_are_counted():
    left_out = tuple(LeftOut(picture(shot=f"s{n}.1"), "budget") for n in range(9))
    (delivery,) = deliver_recall(Recall((), left_out), ["mara"], READER.capabilities)
    assert (delivery.text, delivery.dropped) == ("9 more in memory", "budget")


def test_a_shot_requests_no_memory_of_an_absent_character():
    left_out = (LeftOut(picture("pip", verified=False), "not verified"), LeftOut(picture("pip"), "budget"))
    assert deliver_recall(Recall((picture("pip"),), left_out), ["mara"], READER.capabilities) == ()


def test_the_need_of_a_scene_lists_its_characters_held_props_place_and_text():
    episode = plan()
    cast = cast_episode(episode, empty_canon(), 0)
    (state,) = states_by_scene(episode, cast)
    need = need_of(episode.scenes[0], cast, state, 4, READER.capabilities)
    assert need.position == StoryPosition(4, 0)
    assert need.entities == ("mara", "lantern")
    assert need.location == "shore"
    assert need.text == "They wait. Find the ferry Listen."
    assert (need.references, need.scenes) == (2, 8)
    assert (need_of(episode.scenes[0], cast, state, 4, STAGE.capabilities).references) == 1


def commit(memory: MemoryStore, episode: int, number: int, artifact: str) -> None:
    """Commit a scene with a key frame of Mara."""
    at = StoryPosition(episode, number)
    frame = KeyFrame(frame=3, artifact=artifact, file="k.png", shows={"mara": Sighting(box=(0, 0, 1, 1))})
    take = TakeRecord(shot_id=f"s{number:02d}.1", artifact=artifact, key_frames=(frame,))
    mara = EntityRecord(id="mara", kind="character", character_kind="human")
    record = SceneRecord(
        position=at, scene_id=f"s{number:02d}", key=artifact, entities=(mara,), synopsis="Waiting.", takes=(take,)
    )
    memory.commit(record)


def requested(memory: MemoryStore, number: int, model: ConditionedModel) -> Sequence[Delivery]:
    episode = plan()
    cast = cast_episode(episode, empty_canon(), 0)
    states = states_by_scene(episode, cast)
    briefs = brief_episode(episode, cast, model, size=(64, 64), fps=12, number=number)
    recalls = recall_scenes(episode, cast, states, memory, number, "main", model.capabilities)
    return request_episode(episode, briefs, cast, states, empty_canon(), model, recalls)["s01.1"]


def test_only_pictures_from_before_the_episode_are_references(tmp_path):
    with MemoryStore.open(tmp_path / "memory.db", create=True) as memory:
        commit(memory, 1, 1, "a1")
        before = requested(memory, 2, READER)
        assert [shown.source for shown in pictures_of(before)] == [Stored("a1")]
        commit(memory, 2, 1, "b1")  # a scene of the episode itself
        assert requested(memory, 2, READER) == before
        assert {shown.source for shown in pictures_of(requested(memory, 3, READER))} == {Stored("a1"), Stored("b1")}
