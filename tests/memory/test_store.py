"""The store on real databases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from memory.errors import MemoryFault
from memory.model.canon import Character, Location, Prop, Relationship, Thread, Voice
from memory.model.entities import entity_facts
from memory.model.facts import Fact, FactValue, StoryPosition
from memory.model.records import EmbeddingRecord, EntityRecord, SceneRecord, TakeRecord
from memory.store import MemoryStore

MARA = EntityRecord(id="mara", kind="character", character_kind="human")
STORM = EntityRecord(id="storm", kind="character", character_kind="spirit")
LAMP = EntityRecord(id="lamp", kind="prop")


def at(scene: int, episode: int = 1) -> StoryPosition:
    return StoryPosition(episode, scene)


def fact(value: FactValue, since: StoryPosition, entity: str = "mara", attribute: str = "wearing") -> Fact:
    return Fact(entity=entity, attribute=attribute, value=value, since=since)


def scene(
    number: int, *facts: Fact, key: str = "k", episode: int = 1, entities: tuple[EntityRecord, ...] = (MARA, STORM)
) -> SceneRecord:
    return SceneRecord(position=at(number, episode), scene_id=f"s{number:02d}", key=key, entities=entities, facts=facts)


def seen(vector: tuple[float, ...], entity: str = "mara", *, verified: bool = True) -> EmbeddingRecord:
    return EmbeddingRecord(kind="motion", entity=entity, vector=vector, encoder="stage-1", verified=verified)


def wearing(store: MemoryStore, number: int, episode: int = 1) -> FactValue:
    return store.as_of(at(number, episode)).characters["mara"].state.get("wearing")


@pytest.fixture
def store(location: str) -> Iterator[MemoryStore]:
    with MemoryStore.open(location) as opened:
        yield opened


def test_a_fact_holds_from_its_scene_into_the_next_episode(store: MemoryStore) -> None:
    store.commit(scene(1))
    store.commit(scene(4, fact("yellow raincoat", at(4))))
    assert [wearing(store, number) for number in (1, 3, 4, 9)] == [None, None, "yellow raincoat", "yellow raincoat"]
    assert wearing(store, 0, episode=2) == "yellow raincoat"


def test_the_next_value_closes_the_span_of_the_one_before(store: MemoryStore) -> None:
    store.commit(scene(1, fact("red", at(1))))
    store.commit(scene(3, fact("blue", at(3))))
    assert [(fact.value, fact.since, fact.until) for fact in store.history("mara")] == [
        ("red", at(1), at(3)),
        ("blue", at(3), None),
    ]


def test_committing_the_same_key_again_writes_nothing(store: MemoryStore) -> None:
    assert store.commit(scene(1, fact("red", at(1)))).written
    assert not store.commit(scene(1, fact("blue", at(1)))).written
    assert wearing(store, 1) == "red"


def test_a_replaced_scene_retracts_its_facts_and_later_scenes_keep_theirs(store: MemoryStore) -> None:
    store.commit(scene(1, fact("red", at(1))))
    store.commit(scene(2, fact("blue", at(2))))
    store.commit(scene(3, fact("green", at(3))))
    store.commit(scene(2, key="other"))
    assert [wearing(store, number) for number in (1, 2, 3)] == ["red", "red", "green"]


def test_a_repeated_statement_holds_when_the_first_is_retracted(store: MemoryStore) -> None:
    store.commit(scene(1, fact("red", at(1))))
    store.commit(scene(2, fact("red", at(2))))
    assert [(fact.value, fact.since) for fact in store.history("mara")] == [("red", at(1))]
    store.commit(scene(1, fact("blue", at(1)), key="other"))
    assert [wearing(store, number) for number in (1, 2)] == ["blue", "red"]


def test_every_field_of_a_character_survives_a_round_trip(store: MemoryStore) -> None:
    mara = Character(
        id="mara",
        name="Mara Quill",
        kind="human",
        description="old keeper",
        look={"hair": {"style": "braid", "colour": [0.1, 0.2, 0.3]}},
        voice=Voice(pitch=0.8, breath=0.25, effect="ghost"),
        motion=(0.1, -1.5, 1e-9),
        state={"wants": "light"},
    )
    room = Location(
        id="room", name="Lamp Room", description="round", look={"kind": "interior"}, light=(0.5, 0.25), state={"lit": False}
    )
    lamp = Prop(id="lamp", name="The Lamp", description="great", state={"lit": True})
    records, facts = zip(*(entity_facts(entity, at(1)) for entity in (mara, room, lamp)), strict=True)
    store.commit(scene(1, *(single for group in facts for single in group), entities=records))
    canon = store.as_of(at(1))
    assert (canon.characters["mara"], canon.locations["room"], canon.props["lamp"]) == (mara, room, lamp)


def test_an_entity_without_facts_is_named_after_its_id_and_absent_before_its_scene(store: MemoryStore) -> None:
    store.commit(scene(2, entities=(EntityRecord(id="lamp_room", kind="location"),)))
    assert store.as_of(at(2)).locations["lamp_room"].name == "Lamp room"
    assert not store.as_of(at(1)).locations


def test_a_new_relation_replaces_the_one_between_the_same_pair(store: MemoryStore) -> None:
    fears, near = (Relationship(subject="mara", relation=word, object="storm") for word in ("fears", "near"))
    back = Relationship(subject="storm", relation="watches", object="mara")
    trusts = Relationship(subject="mara", relation="trusts", object="storm")
    store.commit(replace(scene(1), relations=(fears, near, back)))
    store.commit(replace(scene(2), relations=(trusts,)))
    assert store.as_of(at(1)).relationships == (fears, near, back)
    assert store.as_of(at(2)).relationships == (trusts, back)
    assert store.as_of(at(2)).characters["mara"].state == {}


def test_threads_open_and_close_even_within_one_scene(store: MemoryStore) -> None:
    store.commit(replace(scene(1), opens={"ferry": "Will it land?", "bird": "Whose is it?"}, closes=("bird",)))
    store.commit(replace(scene(3), closes=("ferry",)))
    ferry, bird = Thread(id="ferry", text="Will it land?"), Thread(id="bird", text="Whose is it?", closed=True)
    assert store.as_of(at(2)).threads == (ferry, bird)
    assert store.as_of(at(3)).threads == (replace(ferry, closed=True), bird)


def test_episodes_list_their_scenes_and_takes(store: MemoryStore) -> None:
    take = TakeRecord(shot_id="s01.1", artifact="ab" * 32, seed=2**62, embeddings=(seen((0.5, 0.25)),))
    store.commit(replace(scene(1, episode=2), title="Dusk", synopsis="It went dark.", takes=(take, take)))
    store.commit(replace(scene(2), synopsis="It began."))
    store.name_series("The Keeper")
    first, second = store.episodes()
    assert (first.number, second.number) == (1, 2)
    assert (second.scenes[0].title, second.scenes[0].takes) == ("Dusk", 2)
    assert store.end() == at(1, 2)
    canon = store.as_of(at(0, 3))
    assert (canon.title, canon.synopses) == ("The Keeper", ("It began.", "It went dark."))


def test_forgetting_keeps_named_scenes_and_other_episodes(store: MemoryStore) -> None:
    for number in (1, 2, 3):
        store.commit(scene(number, fact(f"coat {number}", at(number))))
    store.commit(scene(1, fact("coat 9", at(1, 2)), episode=2))
    assert store.forget(1, keep={1, 3}) == 1
    assert list(store.committed()) == [at(1), at(3), at(1, 2)]
    assert wearing(store, 2) == "coat 1"


def test_an_entity_is_removed_with_its_last_scene(store: MemoryStore) -> None:
    store.commit(scene(1, entities=(MARA, STORM, LAMP)))
    store.commit(
        replace(scene(2, entities=(MARA, STORM)), relations=(Relationship(subject="mara", relation="holds", object="lamp"),))
    )
    store.commit(scene(1, key="other"))
    assert set(store.as_of(at(2)).props) == {"lamp"}
    store.forget(1, keep={1})
    assert not store.as_of(at(9)).props
    store.commit(scene(3, entities=(EntityRecord(id="lamp", kind="character", character_kind="thing"),)))


def test_everything_survives_closing(location: str) -> None:
    with MemoryStore.open(location) as store:
        store.commit(scene(1, fact({"a": [1, 1.5, None, True, "ß\ud800"]}, at(1))))
        before = store.as_of(at(1))
    with MemoryStore.open(location) as store:
        assert store.as_of(at(1)) == before


def test_verified_vectors_survive_a_round_trip(store: MemoryStore) -> None:
    takes = tuple(
        TakeRecord(shot_id=f"s01.{n}", artifact=f"{n:064x}", embeddings=(seen((n, 0.5)), seen((9, 9), verified=False)))
        for n in (1, 2)
    )
    store.commit(replace(scene(1), takes=takes, text_embedding=(0.25, 0.5, 1.0), text_encoder="words"))
    owners, vectors = store.vectors("motion", "stage-1")
    assert [(owner.position, owner.shot_id, owner.entity) for owner in owners] == [
        (at(1), "s01.1", "mara"),
        (at(1), "s01.2", "mara"),
    ]
    np.testing.assert_array_equal(vectors, np.array([[1, 0.5], [2, 0.5]], np.float32))
    assert store.vectors("text", "words")[1].tolist() == [[0.25, 0.5, 1.0]]
    assert store.vectors("text", "other")[1].shape[0] == 0


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (scene(1, fact("red", at(1), entity="marra")), "marra, which no scene has introduced"),
        (replace(scene(1), relations=(Relationship(subject="mara", relation="near", object="gull"),)), "gull"),
        (replace(scene(1), takes=(TakeRecord(shot_id="s", artifact="a", embeddings=(seen((1.0,), "gull"),)),)), "gull"),
        (scene(1, entities=(EntityRecord(id="mara", kind="prop"),)), "mara is a prop here and a character (human)"),
        (scene(1, fact(float("nan"), at(1))), "holds a number that is not finite"),
        (scene(1, entities=(MARA, MARA)), "twice"),
        (scene(1, fact("red", at(1), attribute="x" * 200)), "attribute"),
        (replace(scene(1), branch="what-if"), "no branch 'what-if'; there are: main"),
    ],
)
def test_an_invalid_record_changes_nothing(store: MemoryStore, record: SceneRecord, message: str) -> None:
    store.commit(scene(7, fact("red", at(7))))
    before = store.as_of(at(9))
    with pytest.raises(MemoryFault, match=message.replace("(", r"\(").replace(")", r"\)")):
        store.commit(record)
    assert store.as_of(at(9)) == before
    assert list(store.committed()) == [at(7)]


def test_an_unknown_entity_is_named_with_the_known_ones(store: MemoryStore) -> None:
    store.commit(scene(1))
    with pytest.raises(MemoryFault, match="no entity 'gull'; known: mara, storm"):
        store.history("gull")


def test_an_edit_overrules_later_plans_and_the_conflict_is_named(store: MemoryStore) -> None:
    store.commit(scene(1, fact("yellow raincoat", at(1))))
    store.commit(scene(4, fact("green coat", at(4))))
    done = store.set_fact(fact("red coat", at(2)), note="for the poster")
    assert [wearing(store, number) for number in (1, 2, 9)] == ["yellow raincoat", "red coat", "red coat"]
    (conflict,) = done.conflicts
    assert (conflict.position, conflict.holds, conflict.overruled) == (at(4), "red coat", "green coat")
    assert (conflict.holds_origin.evidence, conflict.holds_origin.note) == ("user", "for the poster")
    assert str(conflict.overruled_origin) == "main 1:4 (scene s04, planned)"
    assert store.conflicts() == done.conflicts
    assert store.conflicts(first=at(5)) == ()
    (later,) = store.commit(scene(6, fact("cape", at(6)))).conflicts
    assert (later.position, later.overruled) == (at(6), "cape")


def test_after_an_edit_ends_the_story_holds_again(store: MemoryStore) -> None:
    store.commit(scene(1, fact("yellow raincoat", at(1))))
    store.set_fact(replace(fact("red coat", at(2)), until=at(4)))
    assert [wearing(store, number) for number in (1, 2, 3, 4)] == ["yellow raincoat", "red coat", "red coat", "yellow raincoat"]
    assert [edited.value for edited in store.edits(at(1), at(2))] == ["red coat"]
    assert store.edits(at(4), at(9)) == ()


def test_an_edit_can_be_replaced_and_cleared(store: MemoryStore) -> None:
    store.commit(scene(1, fact("yellow raincoat", at(1))))
    store.set_fact(fact("red coat", at(2)))
    store.set_fact(fact("blue coat", at(2)))
    assert wearing(store, 3) == "blue coat"
    assert store.unset("mara", "wearing") == 1
    assert wearing(store, 3) == "yellow raincoat"
    assert store.unset("mara", "wearing") == 0


def test_an_edit_stays_when_its_scene_is_replaced(store: MemoryStore) -> None:
    store.commit(scene(1, fact("yellow raincoat", at(1))))
    store.set_fact(fact("red coat", at(1)))
    store.commit(scene(1, fact("green coat", at(1)), key="other"))
    assert wearing(store, 1) == "red coat"


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (fact("red", at(1), entity="marra"), "no entity 'marra'; known: mara, storm"),
        (fact("Bo", at(1), attribute="name"), "name is part of the identity of mara"),
        (fact(float("inf"), at(1)), "holds a number that is not finite"),
        (fact([[]] * 2, at(1), attribute="relation:storm"), "is not a relation"),
        (fact({"fears": 1.0}, at(1), attribute="relation:strom"), "no entity 'strom'; known: mara, storm"),
        (fact("red", at(10**6)), "count up to 999,999"),
    ],
)
def test_an_invalid_edit_changes_nothing(store: MemoryStore, edit: Fact, message: str) -> None:
    store.commit(scene(1))
    with pytest.raises(MemoryFault, match=re.escape(message)):
        store.set_fact(edit)
    assert store.edits(at(0), at(10**5)) == ()


def test_a_rollback_removes_everything_after_its_position(store: MemoryStore) -> None:
    for number in (1, 2, 3):
        store.commit(replace(scene(number, fact(f"coat {number}", at(number))), opens={f"q{number}": "?"}))
    store.set_fact(fact("lamp", at(3), attribute="holding"))
    store.set_fact(fact("rope", at(2), attribute="holding"))
    assert store.rollback(at(2)) == 2
    assert store.end() == at(2)
    canon = store.as_of(at(9))
    assert dict(canon.characters["mara"].state) == {"wearing": "coat 2", "holding": "rope"}
    assert [thread.id for thread in canon.threads] == ["q1", "q2"]
    assert store.rollback(at(2)) == 0


def test_a_what_if_changes_nothing(store: MemoryStore) -> None:
    store.commit(scene(1, fact("red", at(1))))
    with store.what_if() as tried:
        tried.commit(scene(2, fact("blue", at(2))))
        tried.branch("other", at(2))
        assert wearing(tried, 2) == "blue"
    assert wearing(store, 2) == "red"
    assert [branch.name for branch in store.branches()] == ["main"]
