"""`block_scene` gives every performer of a scene marks and moves."""

from typing import Any

from episodic.conditioning.blocking import block_scene
from planners.plan.model import Scene

NAMES = {"mara": "Mara", "storm": "Storm"}


def scene(*shots: dict[str, Any]) -> Scene:
    return Scene.model_validate(
        {"id": "s01", "at": "shore", "shots": [{"id": f"s01.{n}", **shot} for n, shot in enumerate(shots, 1)]}
    )


def test_a_shot_begins_at_the_marks_where_the_previous_one_ended():
    moves = block_scene(scene({"action": {"mara": "walks to the window"}}, {"focus": ["mara"]}), NAMES)
    assert moves[0]["mara"].end != moves[0]["mara"].start
    assert moves[1]["mara"].start == moves[0]["mara"].end


def test_characters_are_on_stage_only_between_entering_and_leaving():
    moves = block_scene(
        scene({"focus": ["mara"]}, {"action": {"storm": "comes in"}}, {"action": {"storm": "leaves"}}, {"focus": ["mara"]}), NAMES
    )
    assert [sorted(moves_of_shot) for moves_of_shot in moves] == [["mara"], ["mara", "storm"], ["mara", "storm"], ["mara"]]
    assert abs(moves[1]["storm"].start.x) > 4.5
    assert abs(moves[2]["storm"].end.x) > 4.5


def test_walking_to_somebody_ends_at_arms_length():
    move = block_scene(scene({"focus": ["mara", "storm"]}, {"action": {"mara": "walks to Storm"}}), NAMES)[1]
    assert 0.8 < abs(move["mara"].end.x - move["storm"].end.x) < 1.2


def test_marks_do_not_depend_on_the_dialogue():
    positions = block_scene(scene({"lines": [{"mara": "Not tonight."}]}, {"action": {"mara": "runs to the door"}}), NAMES)
    other = block_scene(
        scene({"lines": [{"mara": "Whatever you say, my friend."}]}, {"action": {"mara": "runs to the door"}}), NAMES
    )
    assert positions == other


def test_every_performer_has_a_home_mark_of_their_own():
    people = ["a", "b", "c", "d", "e", "f"]
    moves = block_scene(scene({"focus": people}), {person: person for person in people})[0]
    assert len({move.start for move in moves.values()}) == len(people)


def test_performers_keep_their_distance_from_a_large_body():
    moves = block_scene(scene({"focus": ["mara", "storm"]}, {"action": {"storm": "floats to Mara"}}), NAMES, {"storm": 1.1})
    assert all(abs(moves_of_shot["mara"].end.x - moves_of_shot["storm"].end.x) > 1.1 + 0.4 for moves_of_shot in moves)


def test_walking_to_a_fixture_never_ends_inside_another_performer():
    for place in ("window", "door", "table", "lamp", "sea", "oven", "clock"):
        move = block_scene(
            scene({"focus": ["mara", "storm"], "action": {"mara": f"walks to the {place}"}}), NAMES, {"storm": 1.1}
        )[0]
        assert abs(move["mara"].end.x - move["storm"].end.x) >= 1.5


def test_backing_away_ends_on_the_set():
    move = block_scene(scene({"focus": ["mara", "storm"], "action": {"mara": "backs away"}}), NAMES)[0]
    assert 0 < abs(move["mara"].end.x - move["storm"].end.x) - abs(move["mara"].start.x - move["storm"].start.x) < 1


def test_a_step_forward_changes_the_mark():
    move = block_scene(scene({"focus": ["mara", "storm"], "action": {"mara": "steps forward"}}), NAMES)[0]
    assert move["mara"].end != move["mara"].start
