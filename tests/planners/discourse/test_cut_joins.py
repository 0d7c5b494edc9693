"""The embedded planner joins shots by film grammar, seldom, and always in the same way."""

from __future__ import annotations

from itertools import pairwise

import pytest

from memory.model.canon import empty_canon
from planners.discourse.cut_joins import join_shots
from planners.plan.model import NARRATOR, CastMember, EpisodePlan, Line, Place, Scene, Shot
from planners.plan_file.read_write import plan_text, read_plan_text
from planners.planner import Brief
from planners.planner_registry import open_planner

PROMPTS = (
    "A lighthouse keeper befriends a storm.",
    "Two rival bakers must share one oven for a night. A warm sitcom.",
    "Three astronauts on a stranded ship argue over the last working suit.",
)


def plan_of(prompt: str, minutes: float = 1.0, seed: int = 0) -> EpisodePlan:
    return open_planner().plan(Brief(prompt=prompt, minutes=minutes, seed=seed), empty_canon())


def joined(shot: Shot) -> bool:
    return shot.transition == "match_cut" or shot.sound != "straight"


@pytest.mark.parametrize("minutes", [1.0, 3.0])
@pytest.mark.parametrize("prompt", PROMPTS)
def test_at_most_one_join_in_five_is_more_than_a_cut_and_never_two_in_a_row(prompt: str, minutes: float) -> None:
    shots = [shot for scene in plan_of(prompt, minutes).scenes for shot in scene.shots]
    assert 1 <= sum(map(joined, shots)) <= (len(shots) - 1) / 5
    assert not any(joined(first) and joined(second) for first, second in pairwise(shots))


def test_all_three_special_joins_occur_and_sound_joins_have_a_line() -> None:
    used = set()
    for plan in (plan_of(prompt, 3.0) for prompt in PROMPTS):
        for before, shot in (pair for scene in plan.scenes for pair in pairwise(scene.shots)):
            if joined(shot):
                assert before.lines
                assert shot.sound == "l_cut" or shot.lines
                used.add((shot.transition, shot.sound))
    assert used == {("cut", "l_cut"), ("cut", "j_cut"), ("match_cut", "straight")}


def test_a_plan_with_joins_is_valid_and_deterministic() -> None:
    plan = plan_of(PROMPTS[0], 3.0)
    assert read_plan_text(plan_text(plan), "plan.yaml") == plan
    assert plan == plan_of(PROMPTS[0], 3.0)


def scene(*pair: Shot) -> Scene:
    """A scene in which one join of five may be more than a cut, the first."""
    rest = tuple(Shot(id=f"r{number}", focus=("mara",), action={"mara": "looks around"}) for number in range(4))
    return Scene(id="s01", at="shore", shots=(*pair, *rest))


def join_of(before: Shot, shot: Shot) -> tuple[str, str]:
    shots = join_shots([scene(before, shot)], 3)[0].shots
    assert not any(map(joined, (shots[0], *shots[2:])))
    EpisodePlan(
        title="x", cast={"mara": CastMember(), "tom": CastMember()}, locations={"shore": Place()}, scenes=(scene(*shots[:2]),)
    )
    return shots[1].transition, shots[1].sound


def speech(who: str, text: str, emotion: str = "neutral", **more: object) -> Shot:
    line = Line.model_validate({f"{who} ({emotion})": text})
    return Shot.model_validate({"id": "a", "size": "medium", "focus": [who], "lines": [line], **more})


ASKS = speech("mara", "Who is out there tonight?")
ANSWERS = speech("tom", "Only me and the tide.", id="b")
GRIEVES = speech("mara", "I have lost the last of them.", "sad")
LISTENS = Shot(id="b", size="close", focus=("tom",), action={"tom": "listens to Mara"})


@pytest.mark.parametrize(
    ("before", "shot", "join"),
    [
        (ASKS, ANSWERS, ("cut", "j_cut")),
        (GRIEVES, LISTENS, ("cut", "l_cut")),
        (ASKS, speech("mara", "Is it you again, storm?", id="b", size="close"), ("match_cut", "straight")),
        (ASKS, LISTENS, ("cut", "straight")),
        (ASKS, speech("tom", "Me.", id="b"), ("cut", "straight")),
        (speech(NARRATOR, "Who was out there that night?", focus=["mara"]), ANSWERS, ("cut", "straight")),
        (GRIEVES, LISTENS.model_copy(update={"size": "wide"}), ("cut", "straight")),
        (GRIEVES, LISTENS.model_copy(update={"focus": ("tom", "mara")}), ("cut", "straight")),
        (GRIEVES, LISTENS.model_copy(update={"transition": "dissolve"}), ("cut", "straight")),
        (LISTENS, ANSWERS, ("cut", "straight")),
    ],
)
def test_a_join_follows_film_grammar(before: Shot, shot: Shot, join: tuple[str, str]) -> None:
    expected = join if shot.transition == "cut" else (shot.transition, "straight")
    assert join_of(before, shot) == expected
