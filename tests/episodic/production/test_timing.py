from hypothesis import given
from hypothesis import strategies as st

from episodic.production.timing import time_shot

LENGTHS = st.lists(st.floats(0.2, 8.0), min_size=1, max_size=6)
FPS = st.sampled_from([12, 24, 25, 30, 60])


@given(LENGTHS, FPS, st.sampled_from([0.0, 0.25, 0.5]), st.sampled_from([0.0, 0.5]), st.none() | st.floats(0.5, 60))
def test_no_line_overlaps_another_or_a_transition_whatever_the_plan_wants(lengths, fps, head, tail, wanted):
    timing = time_shot(lengths, fps=fps, head_s=head, tail_s=tail, wanted_s=wanted)
    ends = [start + length for start, length in zip(timing.starts_s, lengths, strict=True)]
    assert timing.starts_s[0] > head
    assert all(end < start for end, start in zip(ends, timing.starts_s[1:], strict=False))
    assert ends[-1] < timing.frames / fps - tail


def test_a_silent_shot_takes_longer_when_somebody_crosses_the_floor():
    assert time_shot([], fps=24, moves=True).frames > time_shot([], fps=24).frames


def test_the_user_decides_the_length_of_a_silent_shot():
    assert time_shot([], fps=24, wanted_s=1.0).frames == 24


@given(LENGTHS, LENGTHS, FPS)
def test_in_a_j_cut_a_line_begins_before_its_picture_and_after_what_was_said(before, after, fps):
    first = time_shot(before, fps=fps, next_sound="j_cut")
    second = time_shot(after, fps=fps, sound="j_cut")
    end = first.starts_s[-1] + before[-1]
    begin = first.frames / fps + second.starts_s[0]
    assert second.starts_s[0] < 0
    assert 0.3 < begin - end < 0.6


@given(LENGTHS, LENGTHS, FPS)
def test_in_an_l_cut_a_line_goes_on_over_the_next_picture_and_nobody_interrupts_it(before, after, fps):
    first = time_shot(before, fps=fps, next_sound="l_cut")
    second = time_shot(after, fps=fps, sound="l_cut")
    end = first.starts_s[-1] + before[-1]
    assert end > first.frames / fps
    assert end < first.frames / fps + second.starts_s[0]
    assert first.frames / fps > first.starts_s[-1]


def test_a_silent_shot_before_a_j_cut_is_longer_by_what_is_heard_of_the_next():
    assert time_shot([], fps=24, next_sound="j_cut").frames == time_shot([], fps=24).frames + 12
