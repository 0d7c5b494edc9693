"""The story planner: the events of a prompt happen in its plan, by the right members of the cast."""

from __future__ import annotations

import pytest

from memory.model.canon import empty_canon
from planners.errors import PromptError
from planners.plan.cross_references import check_references
from planners.plan.model import EpisodePlan
from planners.plan_file.read_write import plan_text
from planners.planner import Brief
from planners.planner_registry import open_planner

PROMPTS = (
    "Four pensioners steal a church bell back from a museum.",
    "A fox gives a sleepless owl a lantern.",
    "Robot nanny UNIT-9 builds a snowman with two children at night.",
    "homesick",
    "How bread is baked",
    "Silent film, no dialogue: a street sweeper finds a red balloon and returns it.",
)


def plan(prompt: str, seed: int = 1) -> EpisodePlan:
    """Plan one minute."""
    return open_planner("story").plan(Brief(prompt=prompt, seed=seed), empty_canon())


@pytest.mark.parametrize("prompt", PROMPTS)
def test_a_plan_is_sound_and_the_same_every_time(prompt: str) -> None:
    first = plan(prompt)
    assert check_references(first) == []
    assert plan_text(first) == plan_text(plan(prompt))


def test_a_group_of_four_is_four_members_of_the_cast_who_all_act() -> None:
    film = plan("Four pensioners steal a church bell back from a museum.")
    pensioners = {identifier for identifier, member in film.cast.items() if "pensioner" in member.description}
    assert len(pensioners) == 4
    stealing = [shot for scene in film.scenes for shot in scene.shots if any("steals" in text for text in shot.action.values())]
    assert [set(shot.action) for shot in stealing] == [pensioners]
    assert list(film.locations) == ["museum"]
    assert list(film.props) == ["church_bell"]


def test_the_lines_of_a_theft_speak_of_the_stolen_thing() -> None:
    lines = [line.text for scene in plan(PROMPTS[0]).scenes for shot in scene.shots for line in shot.lines]
    assert lines
    assert any("bell" in text or "clapper" in text for text in lines)


def test_a_silent_film_has_no_lines() -> None:
    assert not [line for scene in plan(PROMPTS[-1]).scenes for shot in scene.shots for line in shot.lines]


def test_what_is_refused_does_not_happen() -> None:
    film = plan("An old sailor refuses to sell his boat.")
    actions = [text for scene in film.scenes for shot in scene.shots for text in shot.action.values()]
    assert any(text.startswith("refuses") for text in actions)
    assert not any(text.startswith("sells") for text in actions)


def test_a_prompt_in_another_language_is_refused() -> None:
    with pytest.raises(PromptError, match="German"):
        plan("Zwei Bäcker streiten um einen Ofen.")
