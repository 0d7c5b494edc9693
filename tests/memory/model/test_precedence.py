"""The rules by which statements form a history."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from memory.model.facts import Evidence, StoryPosition
from memory.model.precedence import Statement, holding, overruled, reaches, spans


def statement(
    value: str, since: int, *, until: int | None = None, evidence: Evidence = "planned", by: int | None = None, ordinal: int = 0
) -> Statement:
    return Statement(
        value=value,
        since=StoryPosition(1, since),
        stated_end=None if until is None else StoryPosition(1, until),
        evidence=evidence,
        stated_at=StoryPosition(1, since if by is None else by),
        ordinal=ordinal,
    )


def history(*statements: Statement) -> list[tuple[str, int, int | None]]:
    return [
        (span.statement.value, span.since.scene, None if span.ends is None else span.ends.scene) for span in spans(statements)
    ]


def test_a_value_holds_until_the_next() -> None:
    assert history(statement("red", 1), statement("blue", 4)) == [("red", 1, 4), ("blue", 4, None)]


def test_repeating_a_value_starts_no_new_span() -> None:
    assert history(statement("red", 1), statement("red", 3), statement("blue", 4)) == [("red", 1, 4), ("blue", 4, None)]


def test_after_a_stated_end_the_earlier_value_holds_again() -> None:
    assert history(statement("red", 1), statement("blue", 2, until=5)) == [("red", 1, 2), ("blue", 2, 5), ("red", 5, None)]
    assert history(statement("blue", 2, until=5)) == [("blue", 2, 5)]


def test_a_later_statement_of_the_same_value_sets_its_end() -> None:
    assert history(statement("red", 1, until=3), statement("red", 2)) == [("red", 1, None)]


def test_a_value_can_come_back_after_its_end() -> None:
    assert history(statement("red", 1, until=2), statement("red", 3)) == [("red", 1, 2), ("red", 3, None)]


def test_at_one_position_user_overrules_take_and_take_overrules_plan() -> None:
    plan, seen = statement("plan", 1, by=3), statement("seen", 1, evidence="seen", by=2)
    user = statement("user", 1, evidence="user", by=1)
    assert history(plan, seen) == [("seen", 1, None)]
    assert overruled([plan, seen]) == {plan: seen}
    assert history(user, seen, plan) == [("user", 1, None)]
    assert overruled([plan, seen, user]) == {plan: user, seen: user}


def test_a_later_plan_changes_what_was_seen() -> None:
    seen, plan = statement("seen", 1, evidence="seen"), statement("plan", 3)
    assert history(seen, plan) == [("seen", 1, 3), ("plan", 3, None)]
    assert overruled([seen, plan]) == {}


def test_an_edit_by_the_user_holds_until_its_stated_end() -> None:
    user, plan = statement("user", 2, until=6, evidence="user"), statement("plan", 4)
    assert history(statement("old", 1), user, plan) == [("old", 1, 2), ("user", 2, 6), ("plan", 6, None)]
    assert overruled([statement("old", 1), user, plan]) == {plan: user}
    forever = statement("user", 2, evidence="user")
    assert history(statement("old", 1), forever, plan) == [("old", 1, 2), ("user", 2, None)]
    assert history(forever, statement("else", 5, evidence="user")) == [("user", 2, 5), ("else", 5, None)]


def test_a_weaker_statement_of_the_same_value_is_no_conflict() -> None:
    assert overruled([statement("red", 1), statement("red", 1, evidence="user")]) == {}


def test_of_equal_evidence_the_later_scene_wins() -> None:
    first, later = statement("first", 1, by=1), statement("later", 1, by=2)
    assert history(first, later) == [("later", 1, None)]
    assert overruled([first, later]) == {}


STATEMENTS = st.lists(
    st.builds(
        lambda value, since, length, evidence, by, ordinal: statement(
            value, since, until=length and since + length, evidence=evidence, by=by, ordinal=ordinal
        ),
        st.sampled_from("abc"),
        st.integers(0, 8),
        st.sampled_from([None, None, 1, 3]),
        st.sampled_from(["planned", "seen", "user"]),
        st.integers(0, 8),
        st.integers(0, 10**6),
    ),
    max_size=8,
    unique_by=lambda entry: entry.rank,
)


@given(STATEMENTS)
def test_spans_agree_with_the_holding_value_at_every_position(statements: list[Statement]) -> None:
    history_spans = spans(statements)
    for at in (StoryPosition(1, scene) for scene in range(13)):
        there = [span.statement.value for span in history_spans if span.since <= at and (span.ends is None or at < span.ends)]
        holds = holding(statements, at)
        assert there == ([] if holds is None else [holds.value])
    assert all(
        span.ends == following.since
        for span, following in itertools.pairwise(history_spans)
        if span.ends and span.ends >= following.since
    )


@given(STATEMENTS, st.integers(0, 8))
def test_no_statement_holds_beyond_its_reach_when_earlier_ones_are_retracted(statements: list[Statement], keep: int) -> None:
    reach = reaches(statements)
    for earlier in statements:
        later = [other for other in statements if other is earlier or other.since > earlier.since]
        for at in (StoryPosition(1, scene) for scene in range(13)):
            end = reach[earlier]
            if end is not None and at >= end and end > earlier.since:
                assert holding(later, at) is not earlier


@given(STATEMENTS, st.integers(0, 10))
def test_spans_from_a_position_are_the_tail_of_all_spans(statements: list[Statement], first: int) -> None:
    begin = StoryPosition(1, first)
    whole = [
        (span.statement.value, max(span.since, begin), span.ends)
        for span in spans(statements)
        if span.ends is None or span.ends > begin
    ]
    assert [(span.statement.value, span.since, span.ends) for span in spans(statements, begin)] == whole
