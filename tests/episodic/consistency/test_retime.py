"""Retiming interpolates film frames between the frames of a model."""

from collections.abc import Iterator

import numpy as np
import pytest

from episodic.consistency.retime import retime
from tests.episodic.consistency import consistency_faults as faults


@pytest.mark.parametrize("name", ["acted", "street", "push", "textured"])
@pytest.mark.parametrize("step", [2, 3])
def test_interpolated_frames_are_closer_to_the_truth_than_a_blend_or_the_nearest_frame(clean, name, step):
    film = (clean | {"street": faults.painted("street", 37, travel=1.5)})[name][: 12 * step + 1]
    low = film[::step]
    retimed = np.stack(list(retime(low, 24 / step, 24, len(film))))
    between = np.array([k for k in range(len(film)) if k % step])
    after = np.minimum(between // step + 1, len(low) - 1)
    share = (between % step / step)[:, None, None, None]
    blend = faults.rounded(low[between // step] * (1 - share) + low[after] * share)
    nearest = low[(between / step + 0.5).astype(int)]
    interpolated = faults.nearness(retimed[between], film[between])
    assert interpolated > faults.nearness(blend, film[between]) + 0.5
    assert interpolated > faults.nearness(nearest, film[between]) + 3
    np.testing.assert_array_equal(retimed[::step], low)


def test_equal_rates_leave_frames_unchanged(clean):
    np.testing.assert_array_equal(np.stack(list(retime(clean["storm"], 24, 24, 40))), clean["storm"])


@pytest.mark.parametrize(("from_fps", "to_fps"), [(16, 24), (24, 25), (30, 24), (8, 30), (25, 24)])
def test_retiming_keeps_the_time_of_every_frame(from_fps, to_fps):
    """The edge of a bar moves by 100 pixels a second and thus tells the time of a frame."""
    width = 400
    seconds = 2
    film = []
    for k in range(seconds * from_fps + 1):
        edge = 40 + 100 * k / from_fps
        film.append(
            np.repeat(np.clip(255 * (edge - np.arange(width) + 0.5), 0, 255)[None, :, None], 96, 0).repeat(3, 2).astype(np.uint8)
        )
    for k, frame in enumerate(retime(film, from_fps, to_fps, seconds * to_fps)):
        shown = (frame[48, :, 0].astype(float).sum() / 255 - 40) / 100
        assert shown == pytest.approx(k / to_fps, abs=0.25 / from_fps)


def test_no_frame_blends_two_shots_across_a_cut(clean):
    both = np.concatenate([clean["acted"][:3], clean["street"][:3]])
    retimed = list(retime(both, 12, 24, 11))
    assert np.array_equal(retimed[5], both[2]) or np.array_equal(retimed[5], both[3])


def test_frames_are_read_lazily_and_the_last_one_is_held_past_the_end(clean):
    film = clean["acted"][:4]
    read = 0

    def source() -> Iterator[np.ndarray]:
        nonlocal read
        for frame in film:
            read += 1
            yield frame

    retimed = retime(source(), 12, 24, 12)
    next(retimed)
    assert read == 2
    remaining = list(retimed)
    assert len(remaining) == 11
    np.testing.assert_array_equal(remaining[-1], film[-1])


def test_an_empty_film_and_a_rate_of_zero_are_refused(clean):
    with pytest.raises(ValueError, match="no frames"):
        list(retime([], 16, 24, 3))
    with pytest.raises(ValueError, match="0 a second"):
        list(retime(clean["acted"], 16, 0, 3))
