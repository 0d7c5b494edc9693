"""Memories handed to the judge of a shot: verified looks and light from before the episode."""

import json

import numpy as np
import pytest

from episodic.backbones.request import Mark, Performer, Setting, ShotDraft
from episodic.looks.look import character_look
from episodic.looks.places import location_look
from episodic.production.judge_memory import remembered_for
from episodic.quality.judge import Remembered
from episodic.quality.look import LOOK_ENCODER
from memory.model.canon import Character, Location
from memory.model.entities import entity_facts
from memory.model.facts import Fact, FactValue, StoryPosition
from memory.model.records import EmbeddingRecord, SceneRecord, TakeRecord
from memory.store import MemoryStore

LOOK = character_look(kind="human", name="Mara", description="old keeper, grey braid, yellow raincoat", seed=1)
PLACE = location_look(name="lamp room", description="", seed=3)
MARK = Mark(x=0.0, z=2.2)


def unit(*numbers):
    vector = np.array(numbers, np.float64)
    return tuple(map(float, vector / np.linalg.norm(vector)))


def scene(number, vectors, sky, **embedding):
    at = StoryPosition(*number)
    lasting: list[Character | Location] = [
        Character(id="mara", name="Mara", kind="human", description="keeper", look=LOOK),
        Character(id="tom", name="Tom", kind="human", description="sailor", look=LOOK),
        Location(id="lamp_room", name="Lamp Room", description="", look=PLACE),
    ]
    entities, facts = zip(*(entity_facts(entity, at) for entity in lasting), strict=True)
    outside = [
        Fact(entity="lamp_room", attribute=name, value=value, since=at)
        for name, value in zip(("time", "weather"), sky, strict=True)
    ]
    embeddings = tuple(
        EmbeddingRecord(kind="look", entity=entity, vector=vector, encoder=LOOK_ENCODER, **embedding)
        for entity, vector in vectors
    )
    measures: dict[str, FactValue] = {
        "light": {"exposure_ev": float(at.scene)},
        "palette": [{"lab": [50.0, 0.0, 0.0], "share": 1.0}],
    }
    name = f"e{at.episode}s{at.scene}"
    take = TakeRecord(shot_id=f"{name}.1", artifact=f"take-{name}", embeddings=embeddings, measures=measures)
    lasting_facts = (fact for of_entity in facts for fact in of_entity)
    return SceneRecord(position=at, scene_id=name, key=name, entities=entities, facts=(*lasting_facts, *outside), takes=(take,))


def draft(look=LOOK, **setting):
    performer = Performer(id="mara", kind="human", look=look, motion=(), start=MARK, end=MARK)
    where = Setting(location="lamp_room", look=PLACE, **{"time": "day", "weather": "clear", **setting})
    return ShotDraft(
        shot_id="s01.1",
        seed=5,
        fps=12,
        width=160,
        height=90,
        style="storybook",
        size="full",
        camera="static",
        setting=where,
        performers=(performer,),
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with MemoryStore.open(tmp_path_factory.mktemp("memory") / "memory.db", create=True) as memory:
        memory.commit(scene((1, 1), [("mara", unit(1, 0, 0)), ("tom", unit(0, 0, 1))], ("day", "clear")))
        memory.commit(scene((1, 2), [("mara", unit(1, 0.1, 0))], ("night", "clear")))
        memory.commit(scene((1, 3), [("mara", unit(-1, 0, 0))], ("day", "clear"), verified=False))
        memory.commit(scene((1, 4), [("mara", unit(1, 1, 0)), ("mara", unit(1, 0.12, 0))], ("day", "rain")))
        memory.commit(scene((2, 1), [("mara", unit(0, 1, 0))], ("day", "clear")))
        yield memory


def test_only_looks_verified_before_the_episode_are_remembered(store):
    rows = np.array(remembered_for(draft(), store, "main", StoryPosition(2, 0)).looks["mara"])
    assert rows.shape == (3, 3)
    assert not (rows @ np.array(unit(0, 1, 0)) > 0.99).any()
    assert not (rows[:, 0] < 0).any()
    # the latest row, and the rows farthest from it
    assert any(np.allclose(row, unit(1, 1, 0), atol=1e-3) for row in rows)


def test_a_character_that_could_be_confused_is_remembered_too(store):
    looks = remembered_for(draft(), store, "main", StoryPosition(2, 0)).looks
    assert list(looks) == ["mara", "tom"]
    assert len(looks["tom"]) == 1


def test_light_is_remembered_only_for_the_same_time_and_weather(store):
    def exposures(time, weather):
        lights = remembered_for(draft(time=time, weather=weather), store, "main", StoryPosition(2, 0)).lights
        return [survey.light for survey in lights]

    assert exposures("day", "clear") == [{"exposure_ev": 1.0}, {"exposure_ev": 3.0}]
    assert exposures("night", "clear") == [{"exposure_ev": 2.0}]
    assert exposures("day", "rain") == [{"exposure_ev": 4.0}]
    assert exposures("dusk", "clear") == []


def test_a_performer_who_looks_different_from_memory_is_named(store):
    def changed(look):
        return remembered_for(draft(look), store, "main", StoryPosition(2, 0)).changed

    assert changed(LOOK) == ()
    assert changed({**LOOK, "coat_colour": "blue"}) == ("mara",)


def test_nothing_is_remembered_in_a_new_series(store):
    remembered = remembered_for(draft(), store, "main", StoryPosition(1, 0))
    assert (remembered.looks, remembered.lights, remembered.changed) == ({}, (), ())


def test_memories_are_rounded_and_survive_json(store):
    remembered = remembered_for(draft(), store, "main", StoryPosition(2, 0))
    assert Remembered.from_json(json.loads(json.dumps(remembered.to_json()))) == remembered
    assert all(number == round(number, 4) for rows in remembered.looks.values() for row in rows for number in row)
