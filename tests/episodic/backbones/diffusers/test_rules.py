"""The frame counts and sizes that a model can shoot."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from episodic.backbones.diffusers.rules import Rules
from episodic.errors import InputError

WAN = Rules(fps=16, frame_step=4, frame_offset=1, most_frames=81, side_multiple=16, size=(832, 480))


@given(st.integers(-5, 500))
def test_a_frame_count_is_valid_and_long_enough_up_to_the_longest(frames):
    count = WAN.frames_for(frames)
    assert (count - 1) % 4 == 0
    assert count >= min(frames, 81)
    assert count - 4 < max(frames, 1) or count == 81


@given(st.integers(64, 4096), st.integers(64, 4096))
def test_a_size_is_valid_about_as_large_as_trained_and_in_the_films_shape(width, height):
    wide, high = WAN.size_for(width, height)
    assert wide % 16 == high % 16 == 0
    if 0.4 < width / height < 2.5:
        assert 0.8 < wide * high / (832 * 480) < 1.2
        assert abs(wide / high / (width / height) - 1) < 0.06


def test_the_trained_size_is_valid():
    assert WAN.size_for(832, 480) == (832, 480)


@given(st.integers(64, 4096), st.integers(64, 4096), st.integers(1, 400), st.integers(32, 400))
def test_no_side_is_shorter_than_the_least_and_the_shape_is_still_the_films(width, height, least, across):
    rules = dataclasses.replace(WAN, least_side=least)
    wide, high = rules.size_for(width, height, across**2)
    assert wide % 16 == high % 16 == 0
    assert min(wide, high) >= least
    rules.check_size(wide, high, "wan")
    if min(wide, high) >= 160:
        assert abs(wide / high / (width / height) - 1) < 0.11


def test_a_draft_is_never_smaller_than_the_model_can_shoot():
    ltx2 = Rules(fps=24, frame_step=8, frame_offset=1, most_frames=121, side_multiple=32, least_side=64, size=(768, 512))
    assert ltx2.size_for(128, 64, area=128 * 64 / 4) == (128, 64)
    assert ltx2.size_for(64, 128, area=128 * 64 / 4) == (64, 128)


def test_an_unsupported_size_is_refused_with_the_nearest_one():
    WAN.check_size(848, 480, "wan")
    with pytest.raises(InputError, match=r"850x485.*multiples of 16.*848x480"):
        WAN.check_size(850, 485, "wan")


def test_an_invalid_longest_window_is_a_programming_error():
    with pytest.raises(ValueError, match="80 frames"):
        Rules(fps=16, frame_step=4, frame_offset=1, most_frames=80, side_multiple=16, size=(832, 480))
