"""Recall for a scene: ranked references within a budget, and nothing from other branches or later scenes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from memory.errors import MemoryFault
from memory.model.canon import Relationship
from memory.model.facts import Fact, FactValue, StoryPosition
from memory.model.records import EmbeddingRecord, EntityRecord, KeyFrame, SceneRecord, Sighting, TakeRecord
from memory.queries.recall import Memory, Need, Recall, recall
from memory.queries.scene_vectors import SceneVectors
from memory.schema.branch_lineage import BranchTree
from memory.schema.connection import Database
from memory.store import MemoryStore

MARA = EntityRecord(id="mara", kind="character", character_kind="human")
STORM = EntityRecord(id="storm", kind="character", character_kind="spirit")
LAMP_ROOM = EntityRecord(id="lamp_room", kind="location")
HARBOUR = EntityRecord(id="harbour", kind="location")


def at(scene: int, episode: int = 1) -> StoryPosition:
    return StoryPosition(episode, scene)


def says(attribute: str, value: FactValue, since: StoryPosition, entity: str = "mara") -> Fact:
    return Fact(entity=entity, attribute=attribute, value=value, since=since)


def frame(
    shot: str, *shown: str, quality: float = 0.9, verified: bool = True, likeness: float | None = 0.9, right: float = 0.5
) -> KeyFrame:
    sighting = Sighting(box=(0.0, 0.0, right, 1.0), likeness=likeness, verified=verified)
    return KeyFrame(frame=1, artifact=f"take-{shot}", file="key.png", quality=quality, shows=dict.fromkeys(shown, sighting))


def take(shot: str, *frames: KeyFrame, **more: Any) -> TakeRecord:
    return TakeRecord(shot_id=shot, artifact=f"take-{shot}", key_frames=frames, **more)


def vector(kind: Any, *numbers: float, **more: Any) -> EmbeddingRecord:
    return EmbeddingRecord(kind=kind, entity="mara", vector=numbers, encoder=f"{kind}-1", **more)


def scene(
    number: int, *facts: Fact, place: EntityRecord = LAMP_ROOM, takes: tuple[TakeRecord, ...] | None = None, **more: Any
) -> SceneRecord:
    shown = (take(f"s{number}", frame(f"s{number}", "mara")),) if takes is None else takes
    fields = {"entities": (MARA, place), "key": "k", "title": f"Scene {number}", "synopsis": f"What happens in {number}", **more}
    return SceneRecord(position=at(number), scene_id=f"s{number}", facts=facts, takes=shown, **fields)


Ask = Callable[..., Recall]


@pytest.fixture
def remember(location: str) -> Callable[..., Ask]:
    """Commit some scenes, and return a function that recalls memories of Mara in the lamp room."""

    def tell(*scenes: SceneRecord) -> Ask:
        with MemoryStore.open(location) as store:
            for record in scenes:
                store.commit(record)

        def ask(number: int, branch: str = "main", **more: Any) -> Recall:
            need = Need(position=at(number), **{"entities": ("mara",), "location": "lamp_room", **more})
            database = Database(location)
            try:
                with database.reading() as connection:
                    return recall(connection, BranchTree(connection).lineage(branch), need)
            finally:
                database.close()

        return ask

    return tell


def of(recalled: Recall, kind: str, entity: str | None = None) -> list[Memory]:
    return [memory for memory in recalled.chosen if memory.kind == kind and entity in (None, memory.entity)]


def shots(recalled: Recall, entity: str = "mara") -> list[str]:
    return [memory.take.shot_id for memory in of(recalled, "reference", entity) if memory.take is not None]


def left_out(recalled: Recall) -> dict[str, set[str]]:
    reasons: dict[str, set[str]] = {}
    for omitted in recalled.left_out:
        reasons.setdefault(omitted.reason, set()).add(omitted.memory.take.shot_id if omitted.memory.take else omitted.memory.text)
    return reasons


def test_identity_state_and_relations_come_first(remember: Callable[..., Ask]) -> None:
    related = (Relationship(subject="mara", relation="fears", object="storm"),)
    identity = (says("name", "Mara", at(1)), says("description", "old keeper", at(1)), says("look", {"hair": "grey"}, at(1)))
    ask = remember(
        scene(1, *identity, says("wearing", "yellow raincoat", at(1)), entities=(MARA, STORM, LAMP_ROOM), relations=related),
        scene(2, says("wearing", "red coat", at(2))),
        scene(4, says("wearing", "black coat", at(4))),
    )
    recalled = ask(3, entities=("mara", "storm"))
    assert [memory.text for memory in of(recalled, "identity", "mara")] == ["Mara: old keeper"]
    assert [(memory.attribute, memory.value, memory.position) for memory in of(recalled, "state")] == [
        ("wearing", "red coat", at(2))
    ]
    assert [memory.text for memory in of(recalled, "relation")] == ["mara fears storm"]
    assert [memory.kind for memory in recalled.chosen[:5]] == ["identity", "identity", "identity", "state", "relation"]


def test_references_match_the_present_state_over_long_gaps(remember: Callable[..., Ask]) -> None:
    ask = remember(
        *(scene(number, says("wearing", "yellow", at(number)), place=HARBOUR) for number in (1, 2)),
        *(scene(number, says("wearing", "red", at(number)), place=HARBOUR) for number in range(3, 30)),
        scene(30, says("wearing", "yellow", at(30)), takes=()),
    )
    assert set(shots(ask(31, references=2))) == {"s1", "s2"}
    assert set(shots(ask(25, references=2))) <= {f"s{number}" for number in range(3, 25)}


def test_references_from_the_same_place_rank_higher(remember: Callable[..., Ask]) -> None:
    ask = remember(scene(1), scene(2, place=HARBOUR), scene(3, place=HARBOUR))
    assert shots(ask(4, references=1)) == ["s1"]
    assert shots(ask(4, references=1, location="harbour")) == ["s3"]


def test_quality_and_recency_raise_the_rank(remember: Callable[..., Ask]) -> None:
    ask = remember(scene(1), scene(2), scene(3, takes=(take("s3", frame("s3", "mara", quality=0.4)),)))
    assert shots(ask(4, references=3))[0] == "s2"


def test_references_in_the_latest_light_of_the_place_rank_higher(remember: Callable[..., Ask]) -> None:
    def lit(number: int, stops: float) -> SceneRecord:
        light = {"light": {"exposure_ev": stops, "temperature_k": 4000.0}}
        return scene(number, takes=(take(f"s{number}", frame(f"s{number}", "mara"), measures=light),))

    ask = remember(lit(1, 0.0), lit(2, 5.0), lit(3, 5.0), lit(4, 0.0))
    assert shots(ask(5))[:2] == ["s4", "s1"]


def test_an_unverified_frame_is_never_a_reference(remember: Callable[..., Ask]) -> None:
    bad_look = vector("look", 1.0, 0.0, verified=False)
    ask = remember(
        scene(1),
        scene(2, takes=(take("s2", frame("s2", "mara", verified=False)),)),
        scene(3, takes=(take("s3", frame("s3", "mara"), embeddings=(bad_look,)),)),
        scene(4, takes=(take("s4", frame("s4", "mara", quality=0.1)),)),
    )
    recalled = ask(5)
    assert shots(recalled) == ["s1"]
    assert left_out(recalled)["not verified"] == {"s2", "s3"}
    assert "s4" in left_out(recalled)["low quality"]


def test_references_differ_from_each_other(remember: Callable[..., Ask]) -> None:
    def looks(number: int, *numbers: float) -> SceneRecord:
        return scene(number, takes=(take(f"s{number}", frame(f"s{number}", "mara"), embeddings=(vector("look", *numbers),)),))

    ask = remember(looks(1, 0.0, 1.0), looks(2, 1.0, 0.0), looks(3, 1.0, 0.01), looks(4, 1.0, 0.0))
    assert shots(ask(5, references=2)) == ["s4", "s1"]


def test_references_of_a_place_come_from_scenes_there(remember: Callable[..., Ask]) -> None:
    ask = remember(scene(1), scene(2, place=HARBOUR), scene(3, takes=(take("s3", frame("s3", "mara", verified=False)),)))
    recalled = ask(4)
    assert shots(recalled, "lamp_room") == ["s1"]
    assert "s3" in left_out(recalled)["not verified"]


def test_voice_and_motion_are_the_best_verified_embeddings(remember: Callable[..., Ask]) -> None:
    def sounds(number: int, likeness: float, verified: bool = True) -> SceneRecord:
        heard = vector("voice", float(number), 1.0, likeness=likeness, verified=verified)
        return scene(number, takes=(take(f"s{number}", embeddings=(heard, replace(heard, kind="motion", encoder="motion-1"))),))

    recalled = remember(sounds(1, 0.99), sounds(2, 0.5), sounds(3, 1.0, verified=False))(4)
    (voice,), (motion,) = of(recalled, "voice"), of(recalled, "motion")
    assert (voice.vector, voice.encoder, voice.take and voice.take.shot_id) == ((1.0, 1.0), "voice-1", "s1")
    assert (motion.encoder, motion.position) == ("motion-1", at(1))
    assert left_out(recalled)["not verified"] == {"s3"}


def test_earlier_scenes_rank_by_meaning_company_and_recency(remember: Callable[..., Ask]) -> None:
    def means(number: int, *numbers: float, entities: tuple[EntityRecord, ...] = (MARA, LAMP_ROOM)) -> SceneRecord:
        return scene(number, takes=(), text_embedding=numbers, text_encoder="text-1", entities=entities)

    ask = remember(means(1, 1.0, 0.0), *(means(number, 0.0, 1.0, entities=(STORM,)) for number in range(2, 40)))
    recalled = ask(40, embedding=(1.0, 0.0), encoder="text-1", scenes=2)
    assert [memory.attribute for memory in of(recalled, "scene")] == ["s1", "s39"]
    assert [memory.attribute for memory in of(ask(40, scenes=1), "scene")] == ["s1"]  # by company
    assert [memory.attribute for memory in of(ask(40, text="what happens in 38", scenes=1), "scene")] == ["s38"]  # by words


def test_only_open_threads_are_recalled(remember: Callable[..., Ask]) -> None:
    ask = remember(
        scene(
            1,
            opens={"dark": "Who put out the lamp?", "late": "Will the ferry come?", "short": "Both at once?"},
            closes=("short",),
        ),
        scene(2, closes=("dark",)),
        scene(3, opens={"dark": "Who did it again?"}),
        scene(4, closes=("late",)),
    )
    assert {memory.attribute: memory.text for memory in of(ask(2), "thread")} == {
        "dark": "Who put out the lamp?",
        "late": "Will the ferry come?",
    }
    assert [memory.attribute for memory in of(ask(3), "thread")] == ["late"]
    assert {memory.text for memory in of(ask(4), "thread")} == {"Will the ferry come?", "Who did it again?"}
    assert [memory.attribute for memory in of(ask(4, text="the ferry will come"), "thread")] == ["late", "dark"]


def test_nothing_is_recalled_from_the_scene_itself_or_later(remember: Callable[..., Ask]) -> None:
    ask = remember(*(scene(number, opens={f"t{number}": "?"}) for number in (1, 2, 3)))
    recalled = ask(2)
    considered = [*recalled.chosen, *(memory.memory for memory in recalled.left_out)]
    assert {memory.position for memory in considered if memory.kind != "identity"} == {at(1)}


def test_the_budget_is_kept_and_omitted_memories_are_named(remember: Callable[..., Ask]) -> None:
    ask = remember(*(scene(number, opens={f"t{number}": "A question " * 20}) for number in range(1, 9)))
    for budget in (1, 10, 300, 1000, 5000):
        recalled = ask(9, budget=budget)
        assert recalled.cost <= budget
        considered = len(recalled.chosen) + len(recalled.left_out)
        assert considered == len(ask(9).chosen) + len(ask(9).left_out)
    assert left_out(ask(9, budget=10))["budget"] >= {"s8", "s7"}
    assert len(shots(ask(9, references=3))) == 3
    with pytest.raises(MemoryFault, match="has a budget of 0 tokens; expected a positive number"):
        ask(9, budget=0)


def test_a_branch_recalls_the_shared_past_and_its_own_scenes(remember: Callable[..., Ask], location: str) -> None:
    ask = remember(
        scene(1, says("wearing", "yellow", at(1)), opens={"dark": "Why?"}),
        scene(2, says("wearing", "red", at(2))),
        scene(3, closes=("dark",)),
    )
    with MemoryStore.open(location) as store:
        store.branch("what-if", at(2))
        store.commit(scene(4, says("wearing", "yellow", at(4)), branch="what-if"))
    aside, plain = ask(5, "what-if"), ask(5)
    assert set(shots(aside)) == {"s1", "s4"}
    assert set(shots(plain)) == {"s1", "s2", "s3"}
    assert {memory.attribute for memory in of(aside, "scene")} == {"s1", "s4"}
    assert [memory.value for memory in of(aside, "state")] == ["yellow"]
    assert (len(of(aside, "thread")), len(of(plain, "thread"))) == (1, 0)


def test_the_same_need_gives_the_same_recall(remember: Callable[..., Ask]) -> None:
    ask = remember(*(scene(number, says("mood", f"m{number}", at(number))) for number in range(1, 12)))
    assert ask(12) == ask(12)


def test_unknown_entities_have_no_memories(remember: Callable[..., Ask]) -> None:
    assert remember()(1, text="anything", embedding=(1.0,), encoder="text-1") == Recall((), ())
    assert all(memory.entity != "nobody" for memory in remember(scene(1))(2, entities=("nobody",)).chosen)


def test_cached_vectors_equal_fresh_ones(location: str) -> None:
    vectors = SceneVectors()
    need = Need(position=at(9), entities=("mara",), embedding=(0.6, 0.8), encoder="text-1")
    with MemoryStore.open(location) as store:
        for number in (1, 2, 3, 2):
            store.commit(scene(number, key=f"{number}", text_embedding=(1.0 / number, 0.5), text_encoder="text-1"))
            store.rollback(at(number))
            database = Database(location)
            try:
                with database.reading() as connection:
                    lineage = BranchTree(connection).lineage("main")
                    assert recall(connection, lineage, need, vectors=vectors) == recall(connection, lineage, need)
            finally:
                database.close()
