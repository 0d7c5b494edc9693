"""What is in a plan beside its prompt, and what verbs are done to."""

from __future__ import annotations

import pytest

from planners.plan_checks.off_prompt import find_off_prompt
from planners.plan_checks.role_types import check_role_types
from planners.reading.reader import read_premise
from tests.planners.plan_checks.small_plans import scene, small_plan

PROMPT = "Four pensioners steal a church bell from a museum."


def off_prompt(prompt: str = PROMPT, **parts: object) -> list[str]:
    plan = small_plan(scene({"focus": ["olga", "tom"]}), **parts)
    return [row.id for row in find_off_prompt(plan, prompt, read_premise(prompt))]


def test_what_the_prompt_names_and_who_belongs_to_its_places_is_on_the_prompt() -> None:
    assert off_prompt() == []


def test_strangers_and_things_from_elsewhere_are_off_the_prompt() -> None:
    cast = {"olga": {"description": "old pensioner, a woman"}, "tom": {"description": "young astronaut, a man"}}
    assert off_prompt(cast=cast, props={"kite": {"name": "red kite"}}) == ["tom", "kite"]


def test_places_where_nothing_plays_do_not_count() -> None:
    assert off_prompt(locations={"museum": {}, "beach": {}}) == []


def test_a_kind_of_what_the_prompt_names_is_on_the_prompt() -> None:
    cast = {"olga": {"description": "nurse, a woman"}, "tom": {"description": "nurse, a man"}}
    assert (
        off_prompt(
            "A nurse feeds a bird in a hospital.", cast=cast, props={"owl": {}}, locations={"museum": {"name": "hospital ward"}}
        )
        == []
    )


@pytest.mark.parametrize(
    ("action", "nouns"),
    [
        ("steals the church bell", []),
        ("holds the church bell", []),
        ("lifts the morning", ["morning"]),
        ("puts down the happiness", ["happiness"]),
        ("repairs the clock", []),
        ("holds a meeting", []),
        ("lifts Tom", []),
        ("looks at the morning", []),
    ],
)
def test_hands_hold_what_can_be_touched(action: str, nouns: list[str]) -> None:
    props: dict[str, dict[str, str]] = {name: {} for name in ("church_bell", "morning", "happiness", "clock", "meeting")}
    plan = small_plan(scene({"action": {"olga": action}}), props=props)
    assert [fault.noun for fault in check_role_types(plan)] == nouns


def test_the_first_word_of_a_name_is_no_object_of_its_own() -> None:
    shot: dict[str, object] = {"action": {"olga": "pulls the desert well nearer"}}
    plan = small_plan(scene(shot, at="desert"), locations={"desert": {}}, props={"desert_well": {"name": "desert well"}})
    assert check_role_types(plan) == []


def test_words_that_are_no_part_of_the_plan_are_the_writers_business() -> None:
    assert check_role_types(small_plan(scene({"lines": [{"olga": "I carried the worrying."}]}))) == []
