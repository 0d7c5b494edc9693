"""Optical flow between two pictures."""

import subprocess
import sys

import numpy as np
import pytest

from episodic.consistency.flow import consistent, flow_between, motion_between, small_copy, warp
from tests.episodic.consistency import consistency_faults as faults


def test_flow_finds_a_known_motion_and_warping_undoes_it():
    film = faults.textured(3, speed=(3.0, -2.0))
    flow = flow_between(film[0], film[1])
    inner = flow[10:30, 150:240]
    np.testing.assert_allclose(np.median(inner, (0, 1)), [-3.0, 2.0], atol=0.15)
    before = np.abs(film[1].astype(float) - film[0]).mean()
    assert np.abs(warp(film[1], flow).astype(float) - film[0]).mean() < before / 2


def test_flow_on_a_small_copy_is_in_pixels_of_the_whole_picture():
    film = faults.textured(2, 512, 288, (4.0, 0.0))
    flow = flow_between(film[0], film[1], height_px=144)
    assert flow.shape == (288, 512, 2)
    assert np.median(flow[:40, 330:, 0]) == pytest.approx(-4.0, abs=0.3)


def test_flow_into_covered_areas_is_inconsistent():
    film = faults.textured(6)
    motion = motion_between(film[0], film[5])
    assert motion.seen_there.mean() > 0.6
    picture, stranger = film[0], faults.textured(1, seed=9)[0]
    strange = motion_between(picture, stranger)
    assert consistent(strange.there, strange.back).mean() < 0.4


def test_the_same_pictures_give_the_same_flow():
    film = faults.textured(2)
    np.testing.assert_array_equal(flow_between(film[0], film[1]), flow_between(film[0], film[1]))


def test_pictures_smaller_than_a_patch_have_flow():
    tiny = np.zeros((9, 16, 3), np.uint8)
    assert flow_between(tiny, tiny).shape == (9, 16, 2)
    assert small_copy(tiny, 90) is tiny


def test_pictures_of_different_sizes_are_refused():
    with pytest.raises(ValueError, match="two sizes"):
        flow_between(np.zeros((9, 16, 3), np.uint8), np.zeros((18, 16, 3), np.uint8))


def test_importing_the_layers_loads_no_opencv():
    code = "import sys, episodic.consistency.finish, episodic.consistency.retime; sys.exit(int('cv2' in sys.modules or 'torch' in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
