"""A plan that misses the length asked for says why and what to do."""

import pytest

from planners.plan.length_note import length_note


@pytest.mark.parametrize(("planned_s", "asked_s"), [(60, 60), (54.1, 60), (65.9, 60)])
def test_a_length_within_ten_percent_needs_no_word(planned_s, asked_s):
    assert length_note(planned_s, asked_s, 2) is None


def test_a_short_plan_says_how_far_its_events_reach():
    note = length_note(190, 600, 2)
    assert note == (
        "length: the prompt tells of 2 events; with steps and dialogue that fills 3:10 of the 10:00 min asked for. "
        "Tell of more events, or ask for --minutes 3.2."
    )


def test_a_long_plan_says_what_its_events_take():
    note = length_note(40, 12, 1)
    assert note is not None
    assert "1 event; to show that takes 0:40 instead of the 0:12 min asked for. Tell of fewer events" in note
    assert "no event" in str(length_note(40, 12, 0))


def test_a_length_that_nobody_asked_for_is_called_usual():
    assert "0:30 of the 1:00 min that are usual" in str(length_note(30, 60, 1, usual=True))


def test_a_film_that_explains_is_as_long_as_its_topic():
    assert length_note(46, 90, None) == (
        "length: what is known of the topic takes 0:46, not the 1:30 min asked for. Ask for --minutes 0.8."
    )
