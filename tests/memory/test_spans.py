"""By which rule later statements close earlier ones."""

from __future__ import annotations

from memory.facts import Evidence, StoryPosition
from memory.spans import Statement, spans


def said(value: str, since: int, *, until: int | None = None, evidence: Evidence = "planned", by: int | None = None) -> Statement:
    return Statement(
        value=value,
        since=StoryPosition(1, since),
        stated_end=None if until is None else StoryPosition(1, until),
        evidence=evidence,
        stated_at=StoryPosition(1, since if by is None else by),
        ordinal=0,
    )


def held(*statements: Statement) -> list[tuple[str, int, int | None]]:
    ordered = sorted(statements, key=lambda one: one.order)
    return [
        (one.statement.value, one.statement.since.scene, one.ends and one.ends.scene) for one in spans(ordered) if not one.silent
    ]


def test_a_value_holds_until_the_next() -> None:
    assert held(said("red", 1), said("blue", 4)) == [("red", 1, 4), ("blue", 4, None)]


def test_saying_the_same_again_begins_nothing_new() -> None:
    assert held(said("red", 1), said("red", 3), said("blue", 4)) == [("red", 1, 4), ("blue", 4, None)]


def test_a_stated_end_leaves_nothing_behind() -> None:
    assert held(said("red", 1), said("blue", 2, until=5)) == [("red", 1, 2), ("blue", 2, 5)]


def test_a_later_statement_of_the_same_value_says_when_it_ends() -> None:
    assert held(said("red", 1, until=3), said("red", 2)) == [("red", 1, None)]
    assert held(said("red", 1), said("red", 2, until=4)) == [("red", 1, 4)]


def test_a_value_can_come_back_after_its_end() -> None:
    assert held(said("red", 1, until=2), said("red", 3)) == [("red", 1, 2), ("red", 3, None)]


def test_the_user_overrules_the_take_which_overrules_the_plan() -> None:
    assert held(said("plan", 1, by=3), said("seen", 1, evidence="seen", by=2)) == [("seen", 1, None)]
    assert held(said("user", 1, evidence="user", by=1), said("seen", 1, evidence="seen", by=9)) == [("user", 1, None)]


def test_of_equal_evidence_the_later_scene_counts() -> None:
    assert held(said("first", 1, by=1), said("later", 1, by=2)) == [("later", 1, None)]


def test_an_overruled_statement_does_not_break_the_span_around_it() -> None:
    assert held(said("red", 1), said("blue", 2, by=2), said("red", 2, evidence="user", by=9)) == [("red", 1, None)]
