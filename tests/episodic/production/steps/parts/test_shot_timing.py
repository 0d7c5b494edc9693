import pytest
from hypothesis import given
from hypothesis import strategies as st

from episodic.production.steps.parts.shot_timing import time_shot

LENGTHS = st.lists(st.floats(0.2, 8.0), min_size=1, max_size=6)
FPS = st.sampled_from([12, 24, 25, 30, 60])


@given(LENGTHS, FPS, st.sampled_from([0.0, 0.25, 0.5]), st.sampled_from([0.0, 0.5]), st.none() | st.floats(0.5, 60))
def test_no_line_overlaps_another_or_a_transition_at_any_planned_length(lengths, fps, head, tail, planned_s):
    timing = time_shot(lengths, fps=fps, head_s=head, tail_s=tail, wanted_s=planned_s)
    ends = [start + length for start, length in zip(timing.starts_s, lengths, strict=True)]
    assert timing.starts_s[0] > head
    assert all(end < start for end, start in zip(ends, timing.starts_s[1:], strict=False))
    assert ends[-1] < timing.frames / fps - tail


def test_a_silent_shot_with_movement_is_longer():
    assert time_shot([], fps=24, moves=True).frames > time_shot([], fps=24).frames


def test_the_user_decides_the_length_of_a_silent_shot():
    assert time_shot([], fps=24, wanted_s=1.0).frames == 24


@given(LENGTHS, LENGTHS, FPS)
def test_in_a_j_cut_a_line_begins_before_its_picture_and_after_the_previous_line(before, after, fps):
    first = time_shot(before, fps=fps, next_sound="j_cut", after_s=after[0])
    second = time_shot(after, fps=fps, sound="j_cut")
    end = first.starts_s[-1] + before[-1]
    begin = first.frames / fps + second.starts_s[0]
    assert second.starts_s[0] < 0
    assert 0.3 < begin - end < 0.6


@given(LENGTHS, LENGTHS, FPS)
def test_in_an_l_cut_a_line_continues_over_the_next_picture_uninterrupted(before, after, fps):
    first = time_shot(before, fps=fps, next_sound="l_cut")
    second = time_shot(after, fps=fps, sound="l_cut", before_s=before[-1])
    end = first.starts_s[-1] + before[-1]
    assert end > first.frames / fps
    assert end + 0.3 < first.frames / fps + second.starts_s[0]
    assert first.frames / fps > first.starts_s[-1]


@given(LENGTHS, LENGTHS, FPS, st.none() | st.floats(0.5, 60), st.none() | st.floats(0.5, 60))
def test_both_shots_agree_when_a_line_that_crosses_the_cut_is_heard(before, after, fps, planned_s, next_planned_s):
    first = time_shot(before, fps=fps, wanted_s=planned_s, next_sound="l_cut")
    second = time_shot(after, fps=fps, wanted_s=next_planned_s, sound="l_cut", before_s=before[-1])
    assert abs(first.starts_s[-1] - first.frames / fps - second.overheard_s[0]) < 1e-5
    first = time_shot(before, fps=fps, wanted_s=planned_s, next_sound="j_cut", after_s=after[0])
    second = time_shot(after, fps=fps, wanted_s=next_planned_s, sound="j_cut")
    assert abs(first.overheard_s[0] - first.frames / fps - second.starts_s[0]) < 1e-5


@given(st.floats(0.1, 0.6), FPS)
def test_a_very_short_line_is_mostly_over_its_own_picture_of_a_second_or_more(length, fps):
    early = time_shot([length], fps=fps, sound="j_cut")
    assert early.starts_s[0] + length >= 0.39 * length
    assert early.frames / fps >= 1.0
    late = time_shot([length], fps=fps, next_sound="l_cut")
    assert late.frames / fps - late.starts_s[0] >= 0.39 * length
    assert late.starts_s[0] + length > late.frames / fps >= 1.0


def test_a_shot_longer_than_its_speech_pauses_before_its_l_cut_line():
    timing = time_shot([2.0, 1.5], fps=24, wanted_s=8.0, next_sound="l_cut")
    assert timing.frames == 192
    assert timing.starts_s[0] == 0.3
    assert timing.starts_s[1] + 1.5 - 8.0 == pytest.approx(0.6)


def test_a_planned_length_below_the_speech_cuts_no_line_short():
    for joins in ({"sound": "j_cut"}, {"next_sound": "l_cut"}, {"next_sound": "j_cut", "after_s": 1.0}):
        assert time_shot([3.0], fps=24, wanted_s=0.5, **joins) == time_shot([3.0], fps=24, **joins)


@given(st.floats(0.2, 8), st.floats(0.2, 8), FPS, st.none() | st.floats(0.5, 3))
def test_a_silent_shot_between_an_l_cut_and_a_j_cut_is_long_enough_for_both(before, after, fps, planned_s):
    timing = time_shot([], fps=fps, wanted_s=planned_s, sound="l_cut", before_s=before, next_sound="j_cut", after_s=after)
    goes_on, begins = timing.overheard_s
    assert goes_on + before + 0.3 < begins


def test_a_silent_shot_before_a_j_cut_is_longer_by_the_overheard_part():
    assert time_shot([], fps=24, next_sound="j_cut", after_s=2.0).frames == time_shot([], fps=24).frames + 12


@given(st.floats(0.2, 8), FPS)
def test_one_line_may_cross_both_cuts_of_its_shot(length, fps):
    timing = time_shot([length], fps=fps, sound="j_cut", next_sound="l_cut")
    after = time_shot([2.0], fps=fps, sound="l_cut", before_s=length, before_crosses=True)
    end = timing.starts_s[0] + length - timing.frames / fps
    assert timing.starts_s[0] < 0
    assert timing.frames / fps >= 1.0
    assert max(end, 0.0) == pytest.approx(after.overheard_s[0] + length, abs=1e-5)
    assert end < 0.6 + 1e-6
    assert end + 0.3 < after.starts_s[0]
    if length > 2.2:
        assert end > 0.5
