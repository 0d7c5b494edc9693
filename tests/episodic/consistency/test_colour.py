"""Colour does not drift along a chain of takes, and changes of light are kept."""

import numpy as np
import pytest

from episodic.consistency.colour import ColourAnchor, anchor_of, apply, correct_chain, match_map, register_overlap, seen_in_chain
from episodic.consistency.colour_fit import Change, fit_change, pairs_between
from tests.episodic.consistency import consistency_faults as faults
from tests.episodic.consistency import drift_films

DRIFT = {"saturation": 1.03, "contrast": 1.02, "hue": 0.6, "brightness": 0.8}
FADE = {"saturation": 0.97, "contrast": 0.98, "hue": -0.6, "brightness": -0.8}
TAKES, KNOWN, LENGTH = 20, 5, 20


def matched(film: faults.Frames, anchor: ColourAnchor, *, limit: float = 10.0) -> faults.Frames:
    """Bring a film to the colours of an anchor."""
    colours = match_map([anchor_of([frame]) for frame in film], anchor, limit=limit)
    return np.stack([apply(colours, frame) for frame in film])


@pytest.fixture(scope="module")
def long_film() -> faults.Frames:
    return faults.acted(TAKES * LENGTH + KNOWN, 112, 63)


def last_of(film: faults.Frames) -> faults.Frames:
    """Return the frames of the last take of a chain."""
    return film[(TAKES - 1) * LENGTH : TAKES * LENGTH + KNOWN]


@pytest.mark.parametrize("fault", [DRIFT, FADE], ids=["growing", "fading"])
def test_twenty_chained_takes_of_a_drifting_model_keep_colour_and_contrast(long_film, fault):
    uncorrected = faults.chain(long_film, TAKES, KNOWN, lambda frames, _: frames, fault)
    corrected_takes = faults.corrected(long_film, TAKES, KNOWN, fault)
    colour, contrast = faults.colour_drift(last_of(long_film), uncorrected[-1])
    assert colour > 8
    assert contrast > 0.3
    colour, contrast = faults.colour_drift(last_of(long_film), corrected_takes[-1])
    assert colour <= 1
    assert contrast <= 0.02


def test_twenty_chained_takes_without_drift_are_unchanged(long_film):
    corrected_takes = faults.corrected(long_film, TAKES, KNOWN, {})
    assert faults.most(last_of(long_film), corrected_takes[-1]) <= 1


def test_a_chain_whose_camera_pushes_in_keeps_colour_and_contrast():
    film = faults.painted("living_room", TAKES * LENGTH + KNOWN, 112, 63, travel=0.5, push=0.8)
    uncorrected = faults.chain(film, TAKES, KNOWN, lambda frames, _: frames, DRIFT)
    assert faults.colour_drift(last_of(film), uncorrected[-1])[0] > 8
    corrected_takes = faults.corrected(film, TAKES, KNOWN, DRIFT)
    colour, contrast = faults.colour_drift(last_of(film), corrected_takes[-1])
    assert colour <= 1
    assert contrast <= 0.02
    takes = 6
    clean = film[: takes * LENGTH + KNOWN]
    assert faults.most(clean[(takes - 1) * LENGTH :], faults.corrected(clean, takes, KNOWN, {})[-1]) <= 1


@pytest.fixture(scope="module")
def mountain() -> tuple[drift_films.DriftFilm, faults.Frames]:
    """A held-out film. Others do worse: see `python -m tests.bench.consistency --drift`."""
    held_out = next(film for film in drift_films.HELD_OUT if film.name.startswith("mountain"))
    return held_out, held_out.film()


@pytest.mark.parametrize("way", ["steady", "curved"])
def test_a_chain_over_a_held_out_film_keeps_colour_and_contrast(mountain, way):
    held_out, film = mountain
    fault = held_out.faults()[way]
    colour, contrast = faults.colour_drift(last_of(film), faults.corrected(film, TAKES, KNOWN, fault)[-1])
    assert colour <= 1
    assert contrast <= 0.02


def test_every_second_film_is_held_out():
    assert drift_films.FILMS[1::2] == drift_films.HELD_OUT
    assert len({film.name for film in drift_films.FILMS}) == len(drift_films.FILMS) >= 24


def fitted(source: np.ndarray, target: np.ndarray) -> Change:
    """Fit the change of colours between two pictures."""
    pairs = pairs_between(source, target)
    assert pairs is not None
    change = fit_change([pairs], np.array([50.0, 0.0, 0.0]), 3, shading=True)
    assert change is not None
    return change


def test_two_frames_of_a_clean_pull_out_differ_equally_in_both_directions():
    """Interpolation softens the picture that is warped; the fit must not read that as a loss of contrast or saturation."""
    film = faults.painted("kitchen", 25, 160, 90, travel=0.3, push=-0.04)
    forward, backward = (fitted(*pair) for pair in ((film[-1], film[0]), (film[0], film[-1])))
    np.testing.assert_allclose(forward.parameters[3:], -backward.parameters[3:], atol=1e-3)


@pytest.mark.parametrize("name", ["acted", "street", "push", "textured", "storm"])
def test_a_clean_take_is_unchanged(clean, name):
    film = clean[name][:25]
    assert faults.most(film, correct_chain(film, 5, film[:5])) <= 1


def test_an_overlap_yields_the_change_of_colours_although_somebody_enters(clean):
    known = clean["acted"][:5]
    changed = faults.rounded(faults.regraded(known, saturation=0.9, contrast=1.06, hue=3, brightness=-4))
    # a figure in red enters
    changed[:, 40:120, 150:200] = [200, 30, 30]
    registered = np.stack([apply(register_overlap(known, changed), frame) for frame in changed])
    unchanged = np.ones(known.shape[1:3], bool)
    unchanged[36:124, 146:204] = False
    before, after = (np.abs(frames[:, unchanged].astype(float) - known[:, unchanged]).mean() for frames in (changed, registered))
    assert before > 3
    assert after < 0.7


def test_a_lamp_that_goes_out_in_a_chained_take_stays_out(clean):
    film = clean["acted"][:30].copy()
    film[15:] = faults.rounded(film[15:] * np.array([0.6, 0.55, 0.5]))
    np.testing.assert_allclose(correct_chain(film, 5, film[:5]).astype(int), film, atol=1)


def test_a_lamp_that_is_turned_down_over_a_second_stays_down(clean):
    level = np.clip(np.linspace(1.15, 0.5, 30), 0.55, 1)
    film = faults.rounded(clean["acted"][:30] * level[:, None, None, None])
    kept = correct_chain(film, 5, film[:5])
    assert np.abs(kept[-1].astype(float).mean() - film[-1].mean()) < 0.12 * (film[0].mean() - film[-1].mean())


def test_the_next_take_keeps_a_new_light(clean):
    dark = faults.rounded(clean["acted"] * 0.6)
    assert faults.most(dark[:25], correct_chain(dark[:25], 5, dark[:5], anchor_of(clean["acted"]))) <= 1


def test_earlier_pictures_of_the_chain_do_not_undo_an_intended_change_of_light(clean):
    bright = clean["acted"]
    dark = faults.rounded(bright * 0.8)
    assert faults.most(dark[:25], correct_chain(dark[:25], 5, dark[:5], seen=seen_in_chain(bright[:20]))) <= 1


def test_earlier_pictures_of_the_chain_correct_a_drift_that_the_overlap_left(clean):
    film = clean["acted"]
    off = faults.rounded(faults.regraded(film[:25], brightness=2.5, contrast=1.02))
    seen = seen_in_chain(film[:25])
    before = faults.colour_drift(film[24:25], correct_chain(off, 5, off[:5])[-1:])[0]
    after = faults.colour_drift(film[24:25], correct_chain(off, 5, off[:5], seen=seen)[-1:])[0]
    assert before > 0.5
    assert after < before - 0.3


def test_few_pictures_of_a_long_chain_are_kept_and_the_first_is_among_them(clean):
    seen: list[np.ndarray] = []
    for take in range(30):
        seen = seen_in_chain(clean["acted"][take : take + 5], seen)
    assert len(seen) <= 9
    np.testing.assert_array_equal(seen[0], seen_in_chain(clean["acted"][:5])[0])
    np.testing.assert_array_equal(seen[-1], seen_in_chain(clean["acted"][29:34])[0])


def test_a_colour_cast_is_reduced_towards_the_scene_within_a_limit(clean):
    anchor = anchor_of(clean["acted"][:10])
    cast = faults.rounded(clean["acted"][10:20] * np.array([0.8, 1.1, 0.75]))
    corrected = matched(cast, anchor, limit=40)
    before, _ = faults.colour_drift(clean["acted"][10:20], cast)
    after, _ = faults.colour_drift(clean["acted"][10:20], corrected)
    assert before > 10
    assert after < 0.75 * before
    # the limit bounds the change
    assert np.abs(matched(cast, anchor, limit=1).astype(int) - cast).mean() < 3


def test_another_framing_of_the_scene_keeps_its_colours(clean):
    film = clean["acted"]
    anchor = anchor_of(film[:8])
    close = film[:8, 30:110, 60:150]
    np.testing.assert_array_equal(matched(close, anchor), close)
    entered = film[:8].copy()
    entered[3:, 20:, 90:170] = [170, 40, 40]
    np.testing.assert_array_equal(matched(entered, anchor), entered)


def test_a_take_in_which_the_lamp_goes_out_is_not_brightened_by_its_anchor(clean):
    film = clean["acted"].copy()
    film[15:] = faults.rounded(film[15:] * 0.3)
    np.testing.assert_array_equal(matched(film, anchor_of(clean["acted"])), film)


def test_an_anchor_survives_json(clean):
    anchor = anchor_of(clean["street"][:2])
    again = ColourAnchor.from_json(anchor.to_json())
    np.testing.assert_allclose(again.mean, anchor.mean, atol=1e-4)
    np.testing.assert_allclose(again.spread, anchor.spread, atol=1e-4)
    with pytest.raises(ValueError, match="no frames"):
        anchor_of([])


def test_frame_counts_that_disagree_are_refused(clean):
    with pytest.raises(ValueError, match="5 known frames, but 4 are given"):
        correct_chain(clean["acted"][:10], 5, clean["acted"][:4])
    with pytest.raises(ValueError, match="overlap"):
        register_overlap(clean["acted"][:3], clean["acted"][:4])
