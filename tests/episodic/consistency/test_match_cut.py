"""A match cut shows the subject at the place and size at which the previous shot left it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from episodic.consistency.match_cut import Box, box_of, framed, framing_to_match, head_of, mismatch, reframe

ASPECT = 16 / 9
BOXES = st.builds(Box, st.floats(0.2, 1.5), st.floats(0.2, 0.8), st.floats(0.1, 0.9))


def scene(box: Box, frames: int = 12, height: int = 180, width: int = 320) -> np.ndarray:
    """A white figure on grey noise."""
    picture = np.random.default_rng(5).integers(80, 110, (height, width, 3), dtype=np.uint8)
    half = box.height / 2 * height
    top, bottom = round(box.y * height - half), round(box.y * height + half)
    left, right = round(box.x * height - half / 3), round(box.x * height + half / 3)
    picture[max(0, top) : bottom, max(0, left) : right] = 250
    return np.repeat(picture[None], frames, axis=0)


def white_box(picture: np.ndarray) -> Box:
    """Return the bounds of the white figure."""
    box = box_of(picture[..., 0] > 200)
    assert box is not None
    return box


@given(BOXES, BOXES)
def test_a_match_never_increases_the_jump(before, after):
    framing = framing_to_match(before, after, ASPECT)
    assert mismatch(before, framed(after, framing, ASPECT)) <= mismatch(before, after) + 1e-9
    assert framing.scale >= 1
    half = 0.5 / framing.scale
    assert half * ASPECT - 1e-9 <= framing.x <= ASPECT - half * ASPECT + 1e-9
    assert half - 1e-9 <= framing.y <= 1 - half + 1e-9


def test_the_subject_begins_where_the_previous_shot_left_it():
    before, after = Box(0.75, 0.55, 0.5), Box(1.0, 0.5, 0.4)
    frames = scene(after, frames=40)
    shown = list(reframe(frames, framing_to_match(before, after, ASPECT), 24))
    jump, unmatched = mismatch(before, white_box(shown[0])), mismatch(before, white_box(frames[0]))
    assert unmatched > 0.4
    assert jump < 0.05 * unmatched + 0.03


def test_the_framing_eases_back_smoothly_and_later_frames_are_unchanged():
    before, after = Box(0.75, 0.55, 0.5), Box(1.0, 0.5, 0.4)
    frames = scene(after, frames=60)
    shown = list(reframe(frames, framing_to_match(before, after, ASPECT), 24))
    places = np.array([(box.x, box.y, box.height) for box in map(white_box, shown)])
    assert np.abs(np.diff(places, axis=0)).max() < 0.03
    assert np.array_equal(shown[-1], frames[-1])
    assert all(picture is frame for picture, frame in zip(shown[30:], list(frames)[30:], strict=False)) or np.array_equal(
        shown[30], frames[30]
    )


def test_a_smaller_subject_in_the_previous_shot_changes_nothing():
    frames = scene(Box(0.9, 0.5, 0.6))
    shown = list(reframe(frames, framing_to_match(Box(0.9, 0.5, 0.3), Box(0.9, 0.5, 0.6), ASPECT), 24))
    assert np.array_equal(np.stack(shown), frames)


def test_an_empty_mask_has_no_box():
    assert box_of(np.zeros((10, 10), bool)) is None


def figure(tall: float = 0.8, cut_off: float = 1.0) -> np.ndarray:
    """Draw the mask of a figure with head, neck and body, of which the picture shows the upper share `cut_off`."""
    mask = np.zeros((180, 320), bool)
    height = round(tall * 180)
    rows = np.arange(round(height * cut_off))
    share = rows / height
    half = np.select([share < 0.25, share < 0.3], [0.12, 0.04], 0.16) * height
    for row, reach in zip(rows, half, strict=True):
        mask[20 + row, round(150 - reach) : round(150 + reach)] = True
    return mask


def test_a_head_is_found_with_and_without_feet_in_the_picture():
    whole, near = head_of(figure()), head_of(figure(cut_off=0.5))
    assert whole is not None
    assert near is not None
    assert mismatch(whole, near) < 0.02
    assert abs(whole.height - 0.25 * 0.8) < 0.03
    assert abs(whole.x - 150 / 180) < 0.02


def test_a_figure_without_a_neck_has_no_head():
    rows, columns = np.mgrid[:180, :320]
    assert head_of((rows - 90) ** 2 + (columns - 160) ** 2 < 60**2) is None
    assert head_of(np.zeros((180, 320), bool)) is None
