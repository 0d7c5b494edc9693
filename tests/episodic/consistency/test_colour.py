"""Colour that does not drift, and light that may change."""

import numpy as np
import pytest

from episodic.consistency.colour import ColourAnchor, anchor_of, apply, correct_chain, match_map, register_overlap, seen_in_chain
from episodic.consistency.colour_fit import fit_change, pairs_between

DRIFT = {"saturation": 1.03, "contrast": 1.02, "hue": 0.6, "brightness": 0.8}
FADE = {"saturation": 0.97, "contrast": 0.98, "hue": -0.6, "brightness": -0.8}
TAKES, KNOWN, LENGTH = 20, 5, 20


def matched(film, anchor, **how):
    colours = match_map([anchor_of([frame]) for frame in film], anchor, **how)
    return np.stack([apply(colours, frame) for frame in film])


@pytest.fixture(scope="module")
def long_film(faults):
    return faults.acted(TAKES * LENGTH + KNOWN, 112, 63)


def last_of(film):
    return film[(TAKES - 1) * LENGTH : TAKES * LENGTH + KNOWN]


@pytest.mark.parametrize("fault", [DRIFT, FADE], ids=["growing", "fading"])
def test_twenty_chained_takes_of_a_model_that_drifts_keep_colour_and_contrast(faults, long_film, fault):
    left = faults.chain(long_film, TAKES, KNOWN, lambda frames, _: frames, fault)
    made = faults.corrected(long_film, TAKES, KNOWN, fault)
    colour, contrast = faults.colour_drift(last_of(long_film), left[-1])
    assert colour > 8
    assert contrast > 0.3
    colour, contrast = faults.colour_drift(last_of(long_film), made[-1])
    assert colour <= 1
    assert contrast <= 0.02


def test_twenty_chained_takes_without_drift_are_left_as_they_are(faults, long_film):
    made = faults.corrected(long_film, TAKES, KNOWN, {})
    assert faults.most(last_of(long_film), made[-1]) <= 1


def test_a_chain_whose_camera_pushes_in_keeps_colour_and_contrast(faults):
    film = faults.painted("living_room", TAKES * LENGTH + KNOWN, 112, 63, travel=0.5, push=0.8)
    left = faults.chain(film, TAKES, KNOWN, lambda frames, _: frames, DRIFT)
    assert faults.colour_drift(last_of(film), left[-1])[0] > 8
    made = faults.corrected(film, TAKES, KNOWN, DRIFT)
    colour, contrast = faults.colour_drift(last_of(film), made[-1])
    assert colour <= 1
    assert contrast <= 0.02
    assert faults.most(last_of(film), faults.corrected(film, TAKES, KNOWN, {})[-1]) <= 1


@pytest.mark.parametrize("way", ["steady", "curved"])
def test_a_chain_over_film_that_nothing_was_developed_on_keeps_colour_and_contrast(faults, drift_films, way):
    # not every held-out film is kept as well: `python -m tests.bench.consistency --drift` says which
    held_out = next(film for film in drift_films.HELD_OUT if film.name.startswith("mountain"))
    film, fault = held_out.film(), held_out.faults()[way]
    colour, contrast = faults.colour_drift(last_of(film), faults.corrected(film, TAKES, KNOWN, fault)[-1])
    assert colour <= 1
    assert contrast <= 0.02


def test_films_are_held_out_by_their_place_in_the_list_alone(drift_films):
    assert drift_films.FILMS[1::2] == drift_films.HELD_OUT
    assert len({film.name for film in drift_films.FILMS}) == len(drift_films.FILMS) >= 24


def test_two_frames_of_a_clean_pull_out_differ_by_the_same_either_way(faults):
    """Reading one of two pictures between its pixels must not pass for a loss of contrast or of saturation in the other."""
    film = faults.painted("kitchen", 25, 160, 90, travel=0.3, push=-0.04)
    there = fit_change([pairs_between(film[-1], film[0])], np.array([50.0, 0.0, 0.0]), 3, shading=True)
    back = fit_change([pairs_between(film[0], film[-1])], np.array([50.0, 0.0, 0.0]), 3, shading=True)
    np.testing.assert_allclose(there.parameters[3:], -back.parameters[3:], atol=1e-3)


@pytest.mark.parametrize("name", ["acted", "street", "push", "textured", "storm"])
def test_a_clean_take_passes(clean, faults, name):
    film = clean[name][:25]
    assert faults.most(film, correct_chain(film, 5, film[:5])) <= 1


def test_an_overlap_tells_the_change_of_colours_whoever_walks_in(clean, faults):
    known = clean["acted"][:5]
    changed = faults.rounded(faults.regraded(known, saturation=0.9, contrast=1.06, hue=3, brightness=-4))
    # somebody in red who was not there before
    changed[:, 40:120, 150:200] = [200, 30, 30]
    registered = np.stack([apply(register_overlap(known, changed), frame) for frame in changed])
    unchanged = np.ones(known.shape[1:3], bool)
    unchanged[36:124, 146:204] = False
    before, after = (np.abs(frames[:, unchanged].astype(float) - known[:, unchanged]).mean() for frames in (changed, registered))
    assert before > 3
    assert after < 0.7


def test_a_lamp_that_goes_out_in_a_chained_take_stays_out(clean, faults):
    film = clean["acted"][:30].copy()
    film[15:] = faults.rounded(film[15:] * np.array([0.6, 0.55, 0.5]))
    np.testing.assert_allclose(correct_chain(film, 5, film[:5]).astype(int), film, atol=1)


def test_a_lamp_that_is_turned_down_over_a_second_stays_down(clean, faults):
    level = np.clip(np.linspace(1.15, 0.5, 30), 0.55, 1)
    film = faults.rounded(clean["acted"][:30] * level[:, None, None, None])
    kept = correct_chain(film, 5, film[:5])
    assert np.abs(kept[-1].astype(float).mean() - film[-1].mean()) < 0.12 * (film[0].mean() - film[-1].mean())


def test_the_new_light_goes_on_into_the_next_take(clean, faults):
    dark = faults.rounded(clean["acted"] * 0.6)
    assert faults.most(dark[:25], correct_chain(dark[:25], 5, dark[:5], anchor_of(clean["acted"]))) <= 1


def test_a_light_that_was_changed_on_purpose_is_not_taken_back_by_what_the_chain_showed_before(clean, faults):
    bright = clean["acted"]
    dark = faults.rounded(bright * 0.8)
    assert faults.most(dark[:25], correct_chain(dark[:25], 5, dark[:5], seen=seen_in_chain(bright[:20]))) <= 1


def test_what_a_take_left_of_a_drift_is_made_good_by_what_the_chain_showed_before(clean, faults):
    film = clean["acted"]
    off = faults.rounded(faults.regraded(film[:25], brightness=2.5, contrast=1.02))
    seen = seen_in_chain(film[:25])
    before = faults.colour_drift(film[24:25], correct_chain(off, 5, off[:5])[-1:])[0]
    after = faults.colour_drift(film[24:25], correct_chain(off, 5, off[:5], seen=seen)[-1:])[0]
    assert before > 0.5
    assert after < before - 0.3


def test_of_a_long_chain_few_pictures_are_kept_its_first_among_them(clean):
    seen = []
    for take in range(30):
        seen = seen_in_chain(clean["acted"][take : take + 5], seen)
    assert len(seen) <= 9
    np.testing.assert_array_equal(seen[0], seen_in_chain(clean["acted"][:5])[0])
    np.testing.assert_array_equal(seen[-1], seen_in_chain(clean["acted"][29:34])[0])


def test_a_take_with_a_cast_comes_to_its_scene_and_stops_where_content_may_differ(clean, faults):
    anchor = anchor_of(clean["acted"][:10])
    cast = faults.rounded(clean["acted"][10:20] * np.array([0.8, 1.1, 0.75]))
    corrected = matched(cast, anchor, limit=40)
    before, _ = faults.colour_drift(clean["acted"][10:20], cast)
    after, _ = faults.colour_drift(clean["acted"][10:20], corrected)
    assert before > 10
    assert after < 0.75 * before
    # unlimited neither
    assert np.abs(matched(cast, anchor, limit=1).astype(int) - cast).mean() < 3


def test_another_framing_of_the_scene_is_not_recoloured(clean, faults):
    film = clean["acted"]
    anchor = anchor_of(film[:8])
    close = film[:8, 30:110, 60:150]
    np.testing.assert_array_equal(matched(close, anchor), close)
    entered = film[:8].copy()
    entered[3:, 20:, 90:170] = [170, 40, 40]
    np.testing.assert_array_equal(matched(entered, anchor), entered)


def test_a_take_in_which_the_lamp_goes_out_is_not_brightened_by_its_anchor(clean, faults):
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


def test_counts_that_do_not_agree_are_refused(clean):
    with pytest.raises(ValueError, match="5 known frames, but 4 are given"):
        correct_chain(clean["acted"][:10], 5, clean["acted"][:4])
    with pytest.raises(ValueError, match="overlap"):
        register_overlap(clean["acted"][:3], clean["acted"][:4])
