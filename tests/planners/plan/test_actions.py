"""Action text becomes one of the things a body can do on stage."""

from __future__ import annotations

import pytest

from planners.plan.actions import read_action


@pytest.mark.parametrize(
    ("text", "action", "moves", "target"),
    [
        ("walks to the window", "walk", "to", "window"),
        ("runs to Mara", "run", "to", "mara"),
        ("enters", "walk", "enters", None),
        ("comes in from the left", "walk", "enters", None),
        ("leaves", "walk", "leaves", None),
        ("runs out", "run", "leaves", None),
        ("follows the woman in red", "walk", "to", "woman"),
        ("sits down", "sit", "none", None),
        ("stands up", "rise", "none", None),
        ("shakes her head", "refuse", "none", None),
        ("looks around", "look_around", "none", None),
        ("steps back", "recoil", "none", None),
        ("waves to the storm", "wave", "none", "storm"),
        ("drifts away", "float", "leaves", None),
        ("is dancing", "dance", "none", None),
        ("wept", "cry", "none", None),
    ],
)
def test_a_known_verb_is_read(text: str, action: str, moves: str, target: str | None) -> None:
    reading = read_action(text)
    assert (reading.action, reading.moves, reading.target, reading.exact) == (action, moves, target, True)


@pytest.mark.parametrize("text", ["zorbles", "", "42", "…"])
def test_an_unknown_verb_becomes_a_neutral_gesture_marked_as_inexact(text: str) -> None:
    reading = read_action(text)
    assert reading.action == "think"
    assert not reading.exact
