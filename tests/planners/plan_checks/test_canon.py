"""The canon checks: presence, possession, facts, threads, events that must not happen."""

from __future__ import annotations

import pytest

from planners.plan_checks.canon import check_canon, check_forbidden_events, open_threads
from planners.reading.reader import read_premise
from tests.planners.plan_checks.small_plans import scene, small_plan


def rules(*shots: dict[str, object], present: list[str] | None = None) -> list[str]:
    return [fault.rule for fault in check_canon(small_plan(scene(*shots, present=present or [])))]


def test_a_plain_theft_has_no_fault() -> None:
    assert (
        rules(
            {"action": {"olga": "steals the bell"}},
            {"action": {"olga": "gives the bell to Tom"}},
            {"action": {"tom": "holds the church bell"}},
        )
        == []
    )


def test_nobody_gives_what_another_one_has() -> None:
    assert rules({"action": {"olga": "picks up the bell"}}, {"action": {"tom": "gives the bell to Olga"}}) == ["possession"]


def test_two_who_take_a_thing_together_both_have_it() -> None:
    both = {"olga": "lifts up the bell", "tom": "lifts up the bell"}
    assert rules({"action": both}, {"action": {"tom": "holds the bell"}}, {"action": {"olga": "puts down the bell"}}) == []


def test_what_is_only_tried_changes_nothing() -> None:
    assert rules({"action": {"olga": "tries to take the bell"}}, {"action": {"tom": "holds the bell"}}) == []


def test_a_speaker_is_there() -> None:
    assert rules({"lines": [{"tom": "Stop."}]}, present=["olga"]) == ["speaker"]
    assert rules({"lines": [{"narrator": "Night falls."}]}, present=["olga"]) == []


def test_every_place_has_a_scene() -> None:
    plan = small_plan(scene({"action": {"olga": "waits"}}), locations={"museum": {}, "attic": {}})
    assert [fault.message for fault in check_canon(plan)] == ["no scene plays at attic"]


def test_a_fact_is_not_spoken_of_before_it_holds() -> None:
    before = scene({"lines": [{"tom": "Who wants a broken bell?"}]})
    after = scene({"action": {"olga": "drops the bell"}}, identifier="s2", facts=["church_bell.state = broken"])
    assert [fault.rule for fault in check_canon(small_plan(before, after))] == ["fact"]
    assert check_canon(small_plan(after | {"id": "s1"}, before | {"id": "s3"})) == []


def test_threads_are_opened_before_they_are_closed() -> None:
    plan = small_plan(scene({}, opens={"who_rang": "Who rang?"}, closes=["where_to"]))
    assert [fault.rule for fault in check_canon(plan)] == ["thread"]
    assert open_threads(plan) == ["who_rang"]


@pytest.mark.parametrize(("action", "faults"), [("sells the boat", 1), ("refuses to sell the boat", 0), ("looks at the boat", 0)])
def test_what_the_prompt_refuses_is_not_enacted(action: str, faults: int) -> None:
    cast = {"ole": {"name": "Ole", "kind": "human", "description": "old sailor, a man"}}
    plan = small_plan(scene({"action": {"ole": action}}), cast=cast)
    assert len(check_forbidden_events(plan, read_premise("An old sailor refuses to sell his boat."))) == faults
