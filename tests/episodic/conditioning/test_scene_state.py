"""What holds in each scene of an episode: canon, plan and the user's word, by the rule of memory."""

import random

from episodic.backbones.protocol import Capabilities
from episodic.conditioning.cast import cast_episode
from episodic.conditioning.scene_facts import circumstances
from episodic.conditioning.scene_state import statements_about, states_by_scene
from episodic.conditioning.shot_brief import brief_episode
from memory.model.canon import Canon, Character
from memory.model.facts import Fact, StoryPosition
from memory.model.records import EntityRecord, SceneRecord
from memory.store import MemoryStore
from planners.plan.model import EpisodePlan

STAGE = Capabilities(name="stage", max_performers=4, draws=True, motion_embeddings=True)


def plan(*facts):
    scenes = [
        {"id": f"s{n}", "at": "shore", "facts": list(statement), "shots": [{"id": f"s{n}.1", "focus": ["mara"]}]}
        for n, statement in enumerate(facts, 1)
    ]
    cast = {"mara": {"kind": "human", "description": "old keeper"}}
    return EpisodePlan.model_validate({"title": "x", "cast": cast, "locations": {"shore": {}}, "scenes": scenes})


def canon(**state):
    mara = Character(id="mara", name="Mara", kind="human", description="old keeper", look={"kind": "human"}, state=state)
    return Canon(position=StoryPosition(2, 0), characters={"mara": mara})


def said(value, since, until=None, evidence="user", attribute="wearing"):
    at = StoryPosition.parse
    return Fact(entity="mara", attribute=attribute, value=value, since=at(since), until=until and at(until), evidence=evidence)


def worn(what, *edits, before=None, attribute="wearing"):
    holds = canon(**({attribute: before} if before else {}))
    states = states_by_scene(what, cast_episode(what, holds, 0), edits, 2)
    return [state.get("mara", {}).get(attribute) for state in states]


def test_without_edits_canon_holds_until_the_plan_says_otherwise():
    assert worn(plan([], ["mara.wearing = red coat"], []), before="shawl") == ["shawl", "red coat", "red coat"]


def test_the_users_word_holds_over_the_plan_for_as_long_as_they_said():
    three = plan([], ["mara.wearing = red coat"], [])
    assert worn(three, said("cape", "2:1"), before="shawl") == ["cape", "cape", "cape"]
    assert worn(three, said("cape", "2:2", "2:3"), before="shawl") == ["shawl", "cape", "red coat"]


def test_a_word_that_began_episodes_ago_still_holds():
    assert worn(plan([], ["mara.wearing = red coat"]), said("cape", "1:3"), before="cape") == ["cape", "cape"]


def test_where_it_ends_what_was_stated_before_holds_again():
    beneath = said("shawl", "2:0", evidence="seen")
    assert worn(plan([], []), beneath, said("cape", "1:3", "2:2"), before="cape") == ["cape", "shawl"]
    assert worn(plan([], []), said("cape", "1:3", "2:2"), before="cape") == ["cape", None]


def test_a_merged_plan_fact_ranks_by_when_it_begins():
    two = plan(["mara.wearing = red coat"], [])
    assert worn(two, said("cape", "2:2", evidence="planned")) == ["red coat", "cape"]
    assert worn(two, said("cape", "1:9", evidence="planned"), before="cape") == ["red coat", "red coat"]
    assert worn(plan([], []), said("cape", "1:2", evidence="planned"), before="shawl") == ["shawl", "shawl"]


def test_of_two_words_of_the_user_the_later_counts():
    assert worn(plan([], []), said("cape", "2:1"), said("gown", "2:2")) == ["cape", "gown"]


def test_an_attribute_set_to_nothing_is_not_there():
    assert worn(plan([], []), said(None, "2:2"), before="shawl") == ["shawl", None]


def test_identity_and_relations_are_no_state():
    edits = (said({"x": 1}, "2:1", attribute="look"), said(["fears"], "2:1", attribute="relation:storm"))
    (state,) = states_by_scene(plan([]), cast_episode(plan([]), canon(), 0), edits, 2)
    assert state == {"mara": {"whereabouts": "shore"}, "shore": {"time": "day", "weather": "clear"}}


def requests(what, *edits):
    cast = cast_episode(what, canon(), 0)
    briefs = brief_episode(what, cast, STAGE, size=(64, 64), fps=12, edits=edits, number=2)
    return {shot: brief.request for shot, brief in briefs.items()}


def changed(what, *edits):
    before, after = requests(what), requests(what, *edits)
    return [shot for shot in before if before[shot] != after[shot]]


def test_only_shots_of_scenes_in_which_the_value_shows_are_asked_for_otherwise():
    four = plan([], [], ["mara.wearing = red coat"], [])
    assert changed(four, said("yellow raincoat", "2:2", "2:4")) == ["s2.1", "s3.1"]
    assert changed(four, said("red coat", "2:3")) == []
    assert changed(four, said("a quiet life", "2:1", attribute="wants")) == []
    assert changed(four, said("afraid", "2:4", attribute="mood")) == ["s4.1"]


def of_shore(attribute, value, since="2:2"):
    return Fact(entity="shore", attribute=attribute, value=value, since=StoryPosition.parse(since), evidence="user")


def test_the_users_weather_time_and_light_are_those_of_the_scenes_they_speak_of():
    two = plan([], [])
    assert changed(two, of_shore("weather", "snow")) == ["s2.1"]
    assert requests(two, of_shore("weather", "snow"))["s2.1"].setting.weather == "snow"
    assert requests(two, of_shore("time", "night"))["s2.1"].setting.time == "night"
    lit = requests(two, of_shore("lighting", {"key": "top", "temperature_k": 3000}))["s2.1"].setting
    assert (lit.key, lit.temperature_k) == ("top", 3000)
    assert changed(two, of_shore("weather", "clear")) == []


def test_a_sky_that_no_film_knows_changes_nothing():
    assert changed(plan([], []), of_shore("weather", "frogs"), of_shore("lighting", {"key": 5}), of_shore("time", ["noon"])) == []


def commit(memory, number, what):
    for place, scene in enumerate(what.scenes, 1):
        at = StoryPosition(number, place)
        stated = [Fact(entity="mara", attribute=fact.attribute, value=fact.value, since=at) for fact in scene.facts]
        facts = (*stated, *circumstances(scene, at))
        mara, shore = EntityRecord(id="mara", kind="character", character_kind="human"), EntityRecord(id="shore", kind="location")
        memory.commit(
            SceneRecord(
                position=at,
                scene_id=scene.id,
                key=f"{number}:{place}:{[fact.value for fact in stated]}"[:128],
                entities=(mara, shore),
                facts=facts,
            )
        )


def random_plan(draw, scenes):
    values = ["shawl", "red coat", "cape"]
    return plan(*[[f"mara.wearing = {draw.choice(values)}"] if draw.random() < 0.5 else [] for _ in range(scenes)])


def test_scenes_are_asked_for_as_memory_will_have_them_whatever_the_user_said(tmp_path):
    for seed in range(4):
        draw = random.Random(seed)
        with MemoryStore.open(tmp_path / f"{seed}.db", create=True) as memory:
            commit(memory, 1, random_plan(draw, 4))
            commit(memory, 2, random_plan(draw, 4))  # made once before the user spoke, and the plan was another
            for number in range(4):
                since = StoryPosition(draw.choice([1, 2]), draw.randint(1, 4))
                until = StoryPosition(2, draw.randint(1, 6)) if draw.random() < 0.7 else None
                if until is None or until > since:
                    memory.set_fact(said(f"gown {number}", str(since), until and str(until)))
            what = random_plan(draw, 4)
            cast = cast_episode(what, memory.as_of(StoryPosition(2, 0)), 0)
            states = states_by_scene(what, cast, statements_about(memory, 2, 4, "main"), 2)
            commit(memory, 2, what)
            truth = [dict(memory.as_of(StoryPosition(2, place)).characters["mara"].state) for place in range(1, 5)]
            assert [state.get("mara", {}) for state in states] == truth, seed
