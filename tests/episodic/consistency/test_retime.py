"""Film frames between model frames."""

import numpy as np
import pytest

from episodic.consistency.retime import retime


@pytest.mark.parametrize("name", ["acted", "street", "push", "textured"])
@pytest.mark.parametrize("step", [2, 3])
def test_frames_between_are_nearer_to_the_truth_than_a_blend_or_the_nearest(clean, faults, name, step):
    film = (clean | {"street": faults.painted("street", 37, travel=1.5)})[name][: 12 * step + 1]
    low = film[::step]
    retimed = np.stack(list(retime(low, 24 / step, 24, len(film))))
    between = np.array([k for k in range(len(film)) if k % step])
    after = np.minimum(between // step + 1, len(low) - 1)
    share = (between % step / step)[:, None, None, None]
    blend = faults.rounded(low[between // step] * (1 - share) + low[after] * share)
    nearest = low[(between / step + 0.5).astype(int)]
    mine = faults.nearness(retimed[between], film[between])
    assert mine > faults.nearness(blend, film[between]) + 0.5
    assert mine > faults.nearness(nearest, film[between]) + 3
    np.testing.assert_array_equal(retimed[::step], low)


def test_equal_rates_pass_untouched(clean):
    np.testing.assert_array_equal(np.stack(list(retime(clean["storm"], 24, 24, 40))), clean["storm"])


@pytest.mark.parametrize(("from_fps", "to_fps"), [(16, 24), (24, 25), (30, 24), (8, 30), (25, 24)])
def test_time_is_never_stretched(from_fps, to_fps):
    """A bar at x = 4 t from the left shows which second a frame shows."""
    width = 400
    seconds = 2
    made = []
    for k in range(seconds * from_fps + 1):
        edge = 40 + 100 * k / from_fps
        made.append(
            np.repeat(np.clip(255 * (edge - np.arange(width) + 0.5), 0, 255)[None, :, None], 96, 0).repeat(3, 2).astype(np.uint8)
        )
    for k, frame in enumerate(retime(made, from_fps, to_fps, seconds * to_fps)):
        shown = (frame[48, :, 0].astype(float).sum() / 255 - 40) / 100
        assert shown == pytest.approx(k / to_fps, abs=0.25 / from_fps)


def test_across_a_cut_no_frame_is_of_both_shots(clean):
    both = np.concatenate([clean["acted"][:3], clean["street"][:3]])
    retimed = list(retime(both, 12, 24, 11))
    assert np.array_equal(retimed[5], both[2]) or np.array_equal(retimed[5], both[3])


def test_past_the_end_the_last_frame_is_held_and_frames_come_as_they_are_needed(clean):
    film = clean["acted"][:4]
    taken = []
    source = (taken.append(k) or frame for k, frame in enumerate(film))
    retimed = retime(source, 12, 24, 12)
    next(retimed)
    assert len(taken) == 2
    remaining = list(retimed)
    assert len(remaining) == 11
    np.testing.assert_array_equal(remaining[-1], film[-1])


def test_nothing_to_retime_and_rates_of_nothing_are_refused(clean):
    with pytest.raises(ValueError, match="no frames"):
        list(retime([], 16, 24, 3))
    with pytest.raises(ValueError, match="0 a second"):
        list(retime(clean["acted"], 16, 0, 3))
