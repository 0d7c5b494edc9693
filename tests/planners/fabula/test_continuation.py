"""Going on with a series: the same people, places and things, open questions, and no exchange twice."""

from __future__ import annotations

import pytest

from memory.model.canon import Canon, empty_canon
from planners.fabula.continuation import continuation_of, follow_up_prompt
from planners.plan.canon_after import canon_after
from planners.plan.cross_references import check_references
from planners.plan.model import EpisodePlan
from planners.planner import Brief
from planners.planner_registry import open_planner
from planners.reading.reader import read_premise


def series(*prompts: str) -> tuple[list[EpisodePlan], Canon]:
    """Plans of episodes, each planned with the canon after those before."""
    plans, canon = [], empty_canon()
    for number, prompt in enumerate(prompts, start=1):
        plan = open_planner().plan(Brief(prompt=prompt, seed=number, episode=number), canon)
        assert check_references(plan, None) == []
        plans.append(plan)
        canon = canon_after(canon, plan, number)
    return plans, canon


def test_a_later_prompt_means_the_same_characters_and_things() -> None:
    (first, second), canon = series(
        "Four pensioners steal a church bell back from a museum.", "The pensioners hide the bell in a bakery."
    )
    thieves = {identifier for identifier, member in first.cast.items() if "pensioner" in member.description}
    assert thieves <= set(second.cast)
    assert set(second.props) == set(first.props)
    assert all(not second.cast[identifier].description for identifier in thieves), "memory describes them"
    assert canon.characters[min(thieves)].description == first.cast[min(thieves)].description


def test_no_exchange_is_spoken_twice_in_a_series() -> None:
    plans, _ = series("A fox steals an egg.", "The fox steals a hat.", "The fox steals a boat.", "")
    lines = [line.text for plan in plans for scene in plan.scenes for shot in scene.shots for line in shot.lines]
    assert len(lines) > 20
    assert len(lines) == len(set(lines))


def test_a_refusal_leaves_a_question_that_a_later_episode_answers() -> None:
    (first, second), canon = series("An old sailor refuses to sell his boat.", "")
    opened = {thread for scene in first.scenes for thread in scene.opens}
    closed = {thread for scene in first.scenes for thread in scene.closes}
    (left,) = opened - closed
    assert canon.threads
    assert left in {thread for scene in second.scenes for thread in scene.closes}


def test_a_deed_of_an_earlier_episode_is_remembered() -> None:
    _, canon = series("A fox steals a hen from a farmer.")
    (fox,) = [character for character in canon.characters.values() if "fox" in character.description]
    assert fox.state["deed"] == "steals a hen from a farmer"


@pytest.mark.parametrize("seed", range(6))
def test_a_series_goes_on_without_a_prompt(seed: int) -> None:
    _, canon = series("A cook gives a ghost a spoon.")
    premise = read_premise(follow_up_prompt(canon, seed))
    known = continuation_of(premise, canon)
    assert known.characters
    assert premise.events


def test_somebody_new_gets_an_id_that_the_series_does_not_use() -> None:
    _, canon = series("A cook gives a ghost a spoon.")
    plan = open_planner().plan(Brief(prompt="A spoon falls in love with a fork.", episode=2), canon)
    assert not set(plan.cast) & {"spoon"} or "spoon" not in canon.props
    assert check_references(plan, None) == []
