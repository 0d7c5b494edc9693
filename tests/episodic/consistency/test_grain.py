"""Grain and sharpness of one camera."""

import cv2
import numpy as np
import pytest

from episodic.consistency.grain import GrainMatch, GrainProfile, noise_in, profile_of


@pytest.fixture(scope="module")
def film(faults):
    return faults.painted("street", 4, 640, 360)


def matched(film, profile, seed=1):
    match = GrainMatch(profile_of(film), profile, seed)
    return np.stack([match.apply(frame, number) for number, frame in enumerate(film)])


def test_grain_of_a_known_strength_is_measured(faults, film):
    assert noise_in(film[0]) < 0.8
    for sigma in (2.0, 4.0):
        assert noise_in(faults.grainy(film[:1], sigma)[0]) == pytest.approx(sigma, rel=0.12)


def test_film_whose_grain_is_that_of_the_scene_is_untouched(faults, film):
    for scene in (film, faults.grainy(film, 3.0)):
        np.testing.assert_array_equal(matched(scene, profile_of(scene[:2])), scene)


def test_smooth_film_gets_the_grain_of_the_scene(faults, film):
    want = profile_of(faults.grainy(film, 3.0))
    made = matched(film, want)
    assert abs(noise_in(film[0]) - np.mean(want.noise)) > 2
    assert noise_in(made[0]) == pytest.approx(np.mean(want.noise), rel=0.08)
    np.testing.assert_array_equal(made, matched(film, want))
    assert (made[0] != matched(film, want, seed=2)[0]).any()
    # grain that stands still is dirt on the lens
    assert (
        np.corrcoef((made[0].astype(float) - film[0])[..., 1].ravel(), (made[1].astype(float) - film[1])[..., 1].ravel())[0, 1]
        < 0.1
    )


def test_grainy_film_loses_what_the_scene_has_not(faults, film):
    grainy = faults.grainy(film, 3.0)
    made = matched(grainy, profile_of(film))
    assert noise_in(made[0]) < 1.2 < noise_in(grainy[0])
    assert faults.nearness(made, film) > faults.nearness(grainy, film) + 3


def test_blunt_film_is_sharpened_towards_the_scene_and_sharp_film_softened(faults, film):
    blunt = np.stack([cv2.GaussianBlur(frame, (0, 0), 1.0) for frame in film])
    sharp_profile, blunt_profile = profile_of(film), profile_of(blunt)
    assert faults.nearness(matched(blunt, sharp_profile), film) > faults.nearness(blunt, film) + 0.5
    assert profile_of(matched(film, blunt_profile)).sharpness < sharp_profile.sharpness - 0.05


@pytest.mark.parametrize("size", ["medium", "medium_close", "close"])
def test_a_clean_near_picture_is_held_to_a_clean_wide_one_and_stays(faults, size):
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
