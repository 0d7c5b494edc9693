"""The search on small domains with known answers."""

from __future__ import annotations

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from planners.fabula.search import Operator, State, find_actions

PLACES = ("street", "museum", "church", "cellar")


def go(agent: str, start: str, end: str) -> Operator:
    here, there = ("at", agent, start), ("at", agent, end)
    return Operator(
        name=("go", agent, start, end), agent=agent, needs=frozenset({here}), adds=frozenset({there}), removes=frozenset({here})
    )


def take(agent: str, thing: str, place: str) -> Operator:
    lies = ("lies", thing, place)
    return Operator(
        name=("take", agent, thing),
        agent=agent,
        needs=frozenset({("at", agent, place), lies}),
        adds=frozenset({("has", agent, thing)}),
        removes=frozenset({lies}),
    )


def unlock(agent: str, key: str, place: str) -> Operator:
    return Operator(
        name=("unlock", agent, place),
        agent=agent,
        needs=frozenset({("has", agent, key), ("at", agent, "street")}),
        adds=frozenset({("open", place)}),
    )


def enter(agent: str, place: str) -> Operator:
    outside = ("at", agent, "street")
    return Operator(
        name=("enter", agent, place),
        agent=agent,
        needs=frozenset({outside, ("open", place)}),
        adds=frozenset({("at", agent, place)}),
        removes=frozenset({outside}),
    )


def test_a_goal_that_holds_needs_no_action() -> None:
    state = frozenset({("at", "mara", "street")})
    assert find_actions(state, state, []) == []


def test_a_goal_that_nothing_can_reach_has_no_plan() -> None:
    assert find_actions(frozenset(), frozenset({("has", "mara", "bell")}), [take("mara", "bell", "museum")]) is None


def test_a_locked_place_needs_its_key_first() -> None:
    operators = [
        go("mara", "street", "church"),
        go("mara", "church", "street"),
        take("mara", "key", "church"),
        unlock("mara", "key", "museum"),
        enter("mara", "museum"),
        take("mara", "bell", "museum"),
    ]
    state = frozenset({("at", "mara", "street"), ("lies", "key", "church"), ("lies", "bell", "museum")})
    actions = find_actions(state, frozenset({("has", "mara", "bell")}), operators)
    assert actions is not None
    assert [action.name[0] for action in actions] == ["go", "take", "go", "unlock", "enter", "take"]


def test_the_agent_who_acted_last_goes_on_if_both_could() -> None:
    operators = [take(agent, "bell", "street") for agent in ("ada", "bo")]
    state = frozenset({("lies", "bell", "street"), ("at", "ada", "street"), ("at", "bo", "street")})
    taken = Operator(name=("ring", "x"), agent="bo", needs=frozenset({("has", "bo", "bell")}), adds=frozenset({("rings",)}))
    either = [
        *operators,
        taken,
        Operator(name=("ring", "y"), agent="ada", needs=frozenset({("has", "ada", "bell")}), adds=frozenset({("rings",)})),
    ]
    actions = find_actions(state, frozenset({("rings",)}), either, last_agent="bo")
    assert actions is not None
    assert {action.agent for action in actions} == {"bo"}


@given(st.permutations(PLACES), st.integers(0, 3), st.integers(0, 3))
def test_every_plan_can_be_carried_out_and_reaches_its_goal(order: list[str], start: int, end: int) -> None:
    operators = [go("mara", first, second) for first, second in permutations(order, 2) if (first, second) != ("street", "cellar")]
    state: State = frozenset({("at", "mara", order[start])})
    goal = frozenset({("at", "mara", order[end])})
    actions = find_actions(state, goal, operators)
    assert actions is not None
    for action in actions:
        assert action.needs <= state
        state = action.apply(state)
    assert goal <= state
