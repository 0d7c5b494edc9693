"""The choice of key frames."""

import numpy as np

from episodic.backbones.take import Sight
from episodic.quality.key_frames import KEY_FRAMES, boxes_of, candidate_frames, choose_key_frames


def sight(frame, *, at=40, colour=(200, 90, 40), eyes=1.0, blur=False, level=1.0, size=30):
    """A block as a figure on a checkered ground."""
    y, x = np.mgrid[0:90, 0:160]
    ground = np.where(((x // 4 + y // 4) % 2)[..., None] == 0, (90, 130, 90), (150, 180, 140)).astype(np.float64)
    mask = np.zeros((90, 160), bool)
    mask[20 : 20 + size, at : at + size] = True
    ground[mask] = colour
    if blur:
        for axis in (0, 1):
            ground = np.sum([np.roll(ground, shift, axis) for shift in range(-4, 5)], axis=0) / 9
    return Sight(frame=frame, picture=(ground * level).astype(np.uint8), masks={"mara": mask}, eyes={"mara": eyes})


def chosen(*sights):
    return [frame.index for frame in choose_key_frames(sights)]


def test_equal_pictures_are_kept_once():
    assert chosen(sight(0), sight(10), sight(20)) == [0]


def test_the_best_frame_is_chosen_first():
    assert chosen(sight(0, blur=True), sight(10, level=0.02), sight(20))[0] == 2


def test_open_eyes_are_preferred_to_a_blink():
    assert chosen(sight(0, eyes=0.05), sight(10), sight(20, eyes=0.1)) == [1]


def test_the_most_different_frame_is_chosen_second():
    indices = chosen(sight(0, at=40), sight(10, at=42), sight(20, at=110))
    assert 2 in indices[:2]


def test_the_number_of_key_frames_is_limited():
    many = [sight(i, at=10 * i, colour=(25 * i, 200 - 20 * i, 120)) for i in range(9)]
    frames = choose_key_frames(many)
    assert len(frames) == KEY_FRAMES
    assert all(0 <= frame.quality <= 1 and 0 < frame.novelty <= 1 for frame in frames)
    assert choose_key_frames(many) == frames


def test_candidates_lie_inside_the_take():
    assert candidate_frames(1, 24) == [0]
    for frames in (2, 24, 100, 2000):
        candidates = candidate_frames(frames, 24)
        assert candidates == sorted(set(candidates))
        assert candidates[0] >= 0
        assert candidates[-1] < frames
        assert len(candidates) <= 5


def test_boxes_are_shares_of_the_picture():
    assert boxes_of(sight(0, at=40, size=30)) == {"mara": (40 / 160, 20 / 90, 70 / 160, 50 / 90)}
    assert boxes_of(Sight(frame=0, picture=np.zeros((9, 16, 3), np.uint8), masks={"tom": np.zeros((9, 16), bool)})) == {}


def test_a_take_without_sights_has_no_key_frames():
    assert choose_key_frames([]) == []
