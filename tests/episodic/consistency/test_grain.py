"""The grain layer gives a shot the grain and sharpness of its scene."""

import cv2
import numpy as np
import pytest

from episodic.consistency.grain import GrainMatch, GrainProfile, noise_in, profile_of
from tests.episodic.consistency import consistency_faults as faults


@pytest.fixture(scope="module")
def film() -> faults.Frames:
    return faults.painted("street", 4, 640, 360)


def matched(film: faults.Frames, profile: GrainProfile, seed: int = 1) -> faults.Frames:
    """Bring a film to a profile."""
    match = GrainMatch(profile_of(film), profile, seed)
    return np.stack([match.apply(frame, number) for number, frame in enumerate(film)])


def test_the_strength_of_grain_is_measured(film):
    assert noise_in(film[0]) < 0.8
    for sigma in (2.0, 4.0):
        assert noise_in(faults.grainy(film[:1], sigma)[0]) == pytest.approx(sigma, rel=0.12)


def test_film_with_the_grain_of_its_scene_is_unchanged(film):
    for scene in (film, faults.grainy(film, 3.0)):
        np.testing.assert_array_equal(matched(scene, profile_of(scene[:2])), scene)


def test_smooth_film_gets_the_grain_of_the_scene(film):
    target = profile_of(faults.grainy(film, 3.0))
    result = matched(film, target)
    assert abs(noise_in(film[0]) - np.mean(target.noise)) > 2
    assert noise_in(result[0]) == pytest.approx(np.mean(target.noise), rel=0.08)
    np.testing.assert_array_equal(result, matched(film, target))
    assert (result[0] != matched(film, target, seed=2)[0]).any()
    # grain must change from frame to frame
    assert (
        np.corrcoef((result[0].astype(float) - film[0])[..., 1].ravel(), (result[1].astype(float) - film[1])[..., 1].ravel())[
            0, 1
        ]
        < 0.1
    )


def test_grainy_film_is_denoised_to_the_grain_of_the_scene(film):
    grainy = faults.grainy(film, 3.0)
    result = matched(grainy, profile_of(film))
    assert noise_in(result[0]) < 1.2 < noise_in(grainy[0])
    assert faults.nearness(result, film) > faults.nearness(grainy, film) + 3


def test_soft_film_is_sharpened_and_sharp_film_softened_towards_the_scene(film):
    soft = np.stack([cv2.GaussianBlur(frame, (0, 0), 1.0) for frame in film])
    sharp_profile, soft_profile = profile_of(film), profile_of(soft)
    assert faults.nearness(matched(soft, sharp_profile), film) > faults.nearness(soft, film) + 0.5
    assert profile_of(matched(film, soft_profile)).sharpness < sharp_profile.sharpness - 0.05


@pytest.mark.parametrize("size", ["medium", "medium_close", "close"])
def test_a_clean_near_shot_and_a_clean_wide_shot_do_not_change_each_other(size):
    wide, near = (faults.acted(12, 640, 360, size=framing) for framing in ("wide", size))
    assert faults.most(matched(near, profile_of(wide)), near) <= 1
    assert faults.most(matched(wide, profile_of(near)), wide) <= 1


def test_a_profile_survives_json(film):
    profile = profile_of(film[:1])
    again = GrainProfile.from_json(profile.to_json())
    np.testing.assert_allclose(again.noise, profile.noise, atol=1e-4)
    with pytest.raises(ValueError, match="bins"):
        GrainProfile.from_json({"noise": [1.0], "sharpness": 0.5})
    with pytest.raises(ValueError, match="no frames"):
        profile_of([])
