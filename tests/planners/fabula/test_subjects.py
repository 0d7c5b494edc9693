"""Films whose prompt names a subject and nothing that happens, and the forms that such prompts ask for."""

from __future__ import annotations

import pytest

from memory.model.canon import empty_canon
from planners.errors import PromptError
from planners.fabula.subjects.days import animal_days
from planners.fabula.subjects.monologue import monologue_tables
from planners.knowledge.place_facts import place_facts
from planners.plan.actions import read_action
from planners.plan.model import EpisodePlan
from planners.planner import Brief
from planners.planner_registry import open_planner


def _plan(prompt: str, minutes: float = 0.5) -> EpisodePlan:
    return open_planner("story").plan(Brief(prompt=prompt, minutes=minutes, seed=7), empty_canon())


def _lines(plan: EpisodePlan) -> list[str]:
    return [line.text for scene in plan.scenes for shot in scene.shots for line in shot.lines]


def _story(plan: EpisodePlan) -> str:
    return " ".join(scene.synopsis for scene in plan.scenes)


def test_a_thing_speaks_its_monologue() -> None:
    plan = _plan("Monologue of the last payphone in the city.", 1)
    (member,) = plan.cast.values()
    assert member.kind == "thing"
    assert "I am the last payphone in the city." in _lines(plan)


def test_things_that_do_something_are_the_cast() -> None:
    plan = _plan("two toilets in a palace, gossiping")
    assert [member.kind for member in plan.cast.values()] == ["thing", "thing"]


def test_what_somebody_has_never_done_happens_with_what_there_is() -> None:
    story = _story(_plan("A father who has never cried. An onion."))
    assert "cuts up the onion" in story
    assert "cries" in story


@pytest.mark.parametrize("prompt", ["a spoon", "umbrella", "15 sec spot for a deck chair. nobody works."])
def test_nobody_invents_a_child_for_a_thing(prompt: str) -> None:
    assert not any("child" in (member.description or "") for member in _plan(prompt).cast.values())


@pytest.mark.parametrize(
    "prompt",
    [
        "How do bats see in the dark?",
        "How to tie a bow tie, step by step, demonstrated by a nervous penguin.",
        "The history of the chair in one minute.",
        "economics",
    ],
)
def test_what_no_topic_covers_is_refused(prompt: str) -> None:
    with pytest.raises(PromptError):
        _plan(prompt)


def test_steps_under_a_title_are_shown_by_whom_the_title_names() -> None:
    plan = _plan("My grandmother's dumplings: roll the dough, cut circles, fill, fold, boil, argue about the sauce.", 1)
    assert "cuts circles" in _story(plan)
    assert [member.description.split(",")[0] for member in plan.cast.values() if member.description] == ["old grandmother"]


def test_a_trailer_shows_what_its_prompt_tells() -> None:
    plan = _plan(
        "Teaser for a disaster movie: a wave of custard rolls towards the capital and only the school cook knows what to do."
    )
    assert "the wave rolls towards the capital" in _story(plan)


def test_an_advert_for_a_place_says_what_the_prompt_says_of_it() -> None:
    plan = _plan("Commercial for a shoe repair shop, founded 1911, third generation, nine square metres.")
    assert _lines(plan)[-1] == "Shoe repair shop. Founded 1911. Third generation. Nine square metres."


def test_days_and_monologues_can_be_shown() -> None:
    days = {day.classes: day for day in animal_days().values()}.values()
    tables = monologue_tables()
    acts = [act for day in days for act in day.acts]
    acts += [line.act for line in (*tables.thing, *tables.being, *tables.animal)]
    assert [day.place for day in days if place_facts(day.place) is None] == []
    assert [act for act in acts if not read_action(act).exact] == []
