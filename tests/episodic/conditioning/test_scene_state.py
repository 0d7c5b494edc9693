"""The state of each scene follows from canon, plan and user edits by the precedence rules of memory."""

import random
from collections.abc import Sequence

from episodic.backbones.request import ShotDraft
from episodic.backbones.stage.backbone import Stage
from episodic.conditioning.cast import cast_episode
from episodic.conditioning.scene_facts import circumstances
from episodic.conditioning.scene_state import statements_about, states_by_scene
from episodic.conditioning.shot_brief import brief_episode
from memory.model.canon import Canon, Character
from memory.model.facts import Evidence, Fact, FactValue, StoryPosition
from memory.model.records import EntityRecord, SceneRecord
from memory.store import MemoryStore
from planners.plan.model import EpisodePlan

STAGE = Stage()


def plan(*facts: Sequence[str]) -> EpisodePlan:
    """Plan a scene for each list of facts."""
    scenes = [
        {"id": f"s{n}", "at": "shore", "facts": list(statement), "shots": [{"id": f"s{n}.1", "focus": ["mara"]}]}
        for n, statement in enumerate(facts, 1)
    ]
    cast = {"mara": {"kind": "human", "description": "old keeper"}}
    return EpisodePlan.model_validate({"title": "x", "cast": cast, "locations": {"shore": {}}, "scenes": scenes})


def canon(**state: FactValue) -> Canon:
    mara = Character(id="mara", name="Mara", kind="human", description="old keeper", look={"kind": "human"}, state=state)
    return Canon(position=StoryPosition(2, 0), characters={"mara": mara})


def statement(
    value: FactValue, since: str, until: str | None = None, evidence: Evidence = "user", attribute: str = "wearing"
) -> Fact:
    """State a fact about Mara; `since` and `until` are story positions."""
    at = StoryPosition.parse
    end = at(until) if until else None
    return Fact(entity="mara", attribute=attribute, value=value, since=at(since), until=end, evidence=evidence)


def worn(episode: EpisodePlan, *edits: Fact, before: FactValue = None) -> list[FactValue]:
    """Return what Mara wears in each scene; `before`: what she wore before the episode."""
    known = canon(**({"wearing": before} if before else {}))
    states = states_by_scene(episode, cast_episode(episode, known, 0), edits, 2)
    return [state.get("mara", {}).get("wearing") for state in states]


def test_without_edits_canon_holds_until_the_plan_changes_it():
    assert worn(plan([], ["mara.wearing = red coat"], []), before="shawl") == ["shawl", "red coat", "red coat"]


def test_a_user_edit_overrides_the_plan_during_its_span():
    three = plan([], ["mara.wearing = red coat"], [])
    assert worn(three, statement("cape", "2:1"), before="shawl") == ["cape", "cape", "cape"]
    assert worn(three, statement("cape", "2:2", "2:3"), before="shawl") == ["shawl", "cape", "red coat"]


def test_an_edit_that_began_in_an_earlier_episode_still_holds():
    assert worn(plan([], ["mara.wearing = red coat"]), statement("cape", "1:3"), before="cape") == ["cape", "cape"]


def test_the_earlier_statement_holds_again_after_the_end_of_an_edit():
    beneath = statement("shawl", "2:0", evidence="seen")
    assert worn(plan([], []), beneath, statement("cape", "1:3", "2:2"), before="cape") == ["cape", "shawl"]
    assert worn(plan([], []), statement("cape", "1:3", "2:2"), before="cape") == ["cape", None]


def test_a_merged_plan_fact_ranks_by_when_it_begins():
    two = plan(["mara.wearing = red coat"], [])
    assert worn(two, statement("cape", "2:2", evidence="planned")) == ["red coat", "cape"]
    assert worn(two, statement("cape", "1:9", evidence="planned"), before="cape") == ["red coat", "red coat"]
    assert worn(plan([], []), statement("cape", "1:2", evidence="planned"), before="shawl") == ["shawl", "shawl"]


def test_the_later_of_two_edits_counts():
    assert worn(plan([], []), statement("cape", "2:1"), statement("gown", "2:2")) == ["cape", "gown"]


def test_an_attribute_set_to_null_is_absent():
    assert worn(plan([], []), statement(None, "2:2"), before="shawl") == ["shawl", None]


def test_identity_and_relations_are_not_part_of_the_state():
    edits = (statement({"x": 1}, "2:1", attribute="look"), statement(["fears"], "2:1", attribute="relation:storm"))
    (state,) = states_by_scene(plan([]), cast_episode(plan([]), canon(), 0), edits, 2)
    assert state == {"mara": {"whereabouts": "shore"}, "shore": {"time": "day", "weather": "clear"}}


def requests(episode: EpisodePlan, *edits: Fact) -> dict[str, ShotDraft]:
    cast = cast_episode(episode, canon(), 0)
    briefs = brief_episode(episode, cast, STAGE, size=(64, 64), fps=12, edits=edits, number=2)
    return {shot: brief.request for shot, brief in briefs.items()}


def changed(episode: EpisodePlan, *edits: Fact) -> list[str]:
    """Return the shots whose request the edits change."""
    before, after = requests(episode), requests(episode, *edits)
    return [shot for shot in before if before[shot] != after[shot]]


def test_an_edit_changes_only_requests_of_shots_that_show_its_value():
    four = plan([], [], ["mara.wearing = red coat"], [])
    assert changed(four, statement("yellow raincoat", "2:2", "2:4")) == ["s2.1", "s3.1"]
    assert changed(four, statement("red coat", "2:3")) == []
    assert changed(four, statement("a quiet life", "2:1", attribute="wants")) == []
    assert changed(four, statement("afraid", "2:4", attribute="mood")) == ["s4.1"]


def of_shore(attribute: str, value: FactValue, since: str = "2:2") -> Fact:
    """State a fact about the shore."""
    return Fact(entity="shore", attribute=attribute, value=value, since=StoryPosition.parse(since), evidence="user")


def test_edits_of_weather_time_and_light_apply_to_the_scenes_of_their_span():
    two = plan([], [])
    assert changed(two, of_shore("weather", "snow")) == ["s2.1"]
    assert requests(two, of_shore("weather", "snow"))["s2.1"].setting.weather == "snow"
    assert requests(two, of_shore("time", "night"))["s2.1"].setting.time == "night"
    lit = requests(two, of_shore("lighting", {"key": "top", "temperature_k": 3000}))["s2.1"].setting
    assert (lit.key, lit.temperature_k) == ("top", 3000)
    assert changed(two, of_shore("weather", "clear")) == []


def test_unknown_values_of_weather_time_and_light_change_nothing():
    assert changed(plan([], []), of_shore("weather", "frogs"), of_shore("lighting", {"key": 5}), of_shore("time", ["noon"])) == []


def commit(memory: MemoryStore, number: int, episode: EpisodePlan) -> None:
    """Commit an episode as planned."""
    for place, scene in enumerate(episode.scenes, 1):
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


def random_plan(draw: random.Random, scenes: int) -> EpisodePlan:
    values = ["shawl", "red coat", "cape"]
    return plan(*[[f"mara.wearing = {draw.choice(values)}"] if draw.random() < 0.5 else [] for _ in range(scenes)])


def test_the_predicted_states_equal_those_that_memory_derives_after_the_commit(tmp_path):
    for seed in range(4):
        draw = random.Random(seed)
        with MemoryStore.open(tmp_path / f"{seed}.db", create=True) as memory:
            commit(memory, 1, random_plan(draw, 4))
            commit(memory, 2, random_plan(draw, 4))  # an earlier version of the episode, before the edits
            for number in range(4):
                since = StoryPosition(draw.choice([1, 2]), draw.randint(1, 4))
                until = StoryPosition(2, draw.randint(1, 6)) if draw.random() < 0.7 else None
                if until is None or until > since:
                    memory.set_fact(statement(f"gown {number}", str(since), str(until) if until else None))
            episode = random_plan(draw, 4)
            cast = cast_episode(episode, memory.as_of(StoryPosition(2, 0)), 0)
            states = states_by_scene(episode, cast, statements_about(memory, 2, 4, "main"), 2)
            commit(memory, 2, episode)
            truth = [dict(memory.as_of(StoryPosition(2, place)).characters["mara"].state) for place in range(1, 5)]
            assert [state.get("mara", {}) for state in states] == truth, seed
