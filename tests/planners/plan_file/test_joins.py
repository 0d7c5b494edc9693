"""Joins between shots in the plan file: those that are read, and those refused with line and column."""

from __future__ import annotations

import pytest

from planners.errors import PlanError
from planners.plan_file.read_write import plan_text, read_plan_text

PLAN = """\
format: episodic/plan@1
title: The Keeper
cast: {mara: {kind: human}, tom: {kind: human}}
locations: {shore: {}}
scenes:
  - id: s01
    at: shore
    shots:
      - id: s01.1
        transition: fade
        lines: [{mara: Who is there?}]
      - id: s01.2
        focus: [tom]
        lines: [{tom: Only me.}]
      - id: s01.3
        focus: [mara]
        action: {mara: smiles}
  - id: s02
    at: shore
    shots:
      - id: s02.1
        lines: [{mara: Come in.}]
"""


def joined(**joins: str) -> str:
    """The plan with more keys under its shots: `s01_2="sound: j_cut"`."""
    text = PLAN
    for shot, expected in joins.items():
        name = f"- id: {shot.replace('_', '.')}"
        text = text.replace(name, "\n        ".join([name, *expected.split("; ")]))
    return text


def faults(text: str) -> str:
    with pytest.raises(PlanError) as caught:
        read_plan_text(text, "plan.yaml")
    return caught.value.message


def test_every_join_is_read_and_written() -> None:
    plan = read_plan_text(
        joined(s01_2="sound: l_cut", s01_3="sound: l_cut; transition: match_cut", s02_1="sound: straight"), "plan.yaml"
    )
    first, second, third = plan.scenes[0].shots
    assert (first.sound, second.sound, third.sound, third.transition) == ("straight", "l_cut", "l_cut", "match_cut")
    assert read_plan_text(plan_text(plan), "plan.yaml") == plan


def test_a_straight_sound_cut_is_not_written() -> None:
    assert "sound" not in plan_text(read_plan_text(joined(s01_2="sound: straight"), "plan.yaml"))


@pytest.mark.parametrize(
    ("joins", "message"),
    [
        (
            {"s01_1": "sound: j_cut"},
            "plan.yaml:10:16: ‘j_cut’ crosses a cut within a scene, and this is its first shot; expected ‘straight’",
        ),
        (
            {"s02_1": "sound: l_cut"},
            "plan.yaml:22:16: ‘l_cut’ crosses a cut within a scene, and this is its first shot; expected ‘straight’",
        ),
        (
            {"s02_1": "transition: match_cut"},
            "plan.yaml:22:21: the first shot of a scene has no shot to match; expected cut, dissolve or fade",
        ),
        (
            {"s01_2": "transition: dissolve; sound: j_cut"},
            "plan.yaml:14:16: ‘j_cut’ needs a cut into this shot, found transition ‘dissolve’",
        ),
        (
            {"s01_3": "transition: fade; sound: l_cut"},
            "plan.yaml:17:16: ‘l_cut’ needs a cut into this shot, found transition ‘fade’",
        ),
        (
            {"s01_3": "sound: j_cut"},
            "plan.yaml:16:16: nobody speaks in this shot, so nothing can be heard before it; expected a line in it",
        ),
        (
            {"s01_2": "sound: jcut"},
            "plan.yaml:13:16: `sound` cannot be ‘jcut’; expected one of: straight, j_cut, l_cut; did you mean ‘j_cut’?",
        ),
        (
            {"s01_2": "transition: match"},
            "plan.yaml:13:21: `transition` cannot be ‘match’; expected one of: cut, match_cut, dissolve, fade",
        ),
        ({"s01_2": "sounds: j_cut"}, "plan.yaml:13:9: unknown key ‘sounds’"),
    ],
)
def test_an_impossible_join_is_refused_at_its_place(joins: dict[str, str], message: str) -> None:
    assert message in faults(joined(**joins))


def test_an_l_cut_after_a_silent_shot_is_refused() -> None:
    text = joined(s01_3="sound: l_cut").replace("        lines: [{tom: Only me.}]\n", "")
    assert "plan.yaml:15:16: nobody speaks in the shot before, so nothing can go on; expected a line in it" in faults(text)


def test_a_line_that_crosses_two_cuts_determines_the_length_of_its_shot() -> None:
    text = joined(s01_2="sound: j_cut", s01_3="sound: l_cut")
    read_plan_text(text, "plan.yaml")
    text = joined(s01_2="sound: j_cut; seconds: 4", s01_3="sound: l_cut")
    assert "plan.yaml:18:16: the only line of the shot before crosses the cut into it too (j_cut)" in faults(text)
    read_plan_text(text.replace("[{tom: Only me.}]", "[{tom: Only me.}, {tom: And the dog.}]"), "plan.yaml")


def test_a_movement_may_continue_over_a_match_cut() -> None:
    plan = read_plan_text(joined(s01_3="continues: true; transition: match_cut"), "plan.yaml")
    assert plan.scenes[0].shots[2].continues
