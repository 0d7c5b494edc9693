"""`plan_windows` divides a take into windows that a model can sample."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from episodic.backbones.diffusers.rules import Rules
from episodic.backbones.diffusers.sampling.windows import plan_windows

WAN = Rules(fps=16, frame_step=4, frame_offset=1, most_frames=81, side_multiple=16, size=(832, 480))
H3 = Rules(fps=24, frame_step=17, frame_offset=5, most_frames=362, least_frames=124, side_multiple=32, size=(1280, 704))
RULES = st.sampled_from([WAN, H3])
KNOWN = st.sampled_from([(1,), (5,), (1, 5, 9, 13, 17), (9, 25)])


@given(RULES, KNOWN, st.integers(1, 2000), st.integers(0, 40), st.none() | st.integers(1, 60))
def test_windows_cover_the_take_and_each_continues_existing_frames(rules, known, frames, before, overlap):
    spans = plan_windows(frames, rules, known, before=before, overlap=overlap)
    assert spans is not None
    assert spans[0].first == -spans[0].known
    assert spans[0].known <= before
    for span in spans:
        assert rules.frames_for(span.frames) == span.frames
        assert span.known == 0 or span.known in known
        assert span.known < span.frames
    for span, following in itertools.pairwise(spans):
        assert following.known > 0
        assert following.first + following.known == span.first + span.frames
    ends = [span.first + span.frames for span in spans]
    assert ends[-1] >= frames
    assert all(end < frames for end in ends[:-1])


def test_the_users_overlap_limits_the_known_frames():
    spans = plan_windows(200, WAN, (1, 5, 9, 13, 17), before=100, overlap=9)
    assert spans is not None
    assert {span.known for span in spans} == {9}


def test_a_take_within_one_window_needs_no_known_frames():
    spans = plan_windows(60, WAN, ())
    assert spans is not None
    (span,) = spans
    assert (span.first, span.frames, span.known) == (0, 61, 0)


def test_a_longer_take_of_a_model_that_cannot_continue_has_no_windows():
    assert plan_windows(82, WAN, ()) is None
