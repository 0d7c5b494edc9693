"""Joins that nobody sees."""

import numpy as np
import pytest

from episodic.consistency.seams import excess_difference, repair_joins

FILMS = ["acted", "street", "push", "storm", "textured"]


def repaired(film, at):
    return np.stack(list(repair_joins(film, [at])))


@pytest.mark.parametrize("name", FILMS)
def test_clean_film_passes_wherever_a_join_is_said_to_be(clean, faults, name):
    film = clean[name]
    assert max(faults.most(film, repaired(film, at)) for at in (2, 9, 20, 31)) <= 1


@pytest.mark.parametrize("name", FILMS)
@pytest.mark.parametrize("fault", [(2.5, -1.5, 1.0), (0.0, 0.0, 1.05), (2.0, 1.0, 0.94)], ids=["place", "exposure", "both"])
def test_what_jumps_at_a_join_is_spread_until_it_does_not_show(clean, faults, name, fault):
    film = clean[name][:24]
    broken = np.concatenate([film[:12], faults.displaced(film[12:], *fault)])
    before, own = excess_difference(broken, 12), excess_difference(film, 12)
    after = excess_difference(repaired(broken, 12), 12)
    assert before - own > 1.5
    assert after - own < 0.45 * (before - own)


def test_no_step_of_a_repaired_join_is_much_larger_than_the_motion_around(clean, faults):
    film = clean["acted"][:24]
    broken = np.concatenate([film[:12], faults.displaced(film[12:], 2.0, 1.0, 0.94)])
    mended = repaired(broken, 12)
    assert np.abs(np.diff(broken.astype(float), axis=0)).mean((1, 2, 3)).max() > 10
    assert np.abs(np.diff(mended.astype(float), axis=0)).mean((1, 2, 3)).max() < 3
    np.testing.assert_array_equal(mended[:8], broken[:8])
    np.testing.assert_array_equal(mended[16:], broken[16:])


def test_a_cut_stays_a_cut(clean, faults):
    both = np.concatenate([clean["acted"][:8], clean["street"][:8]])
    np.testing.assert_array_equal(repaired(both, 8), both)


def test_a_lamp_that_goes_out_at_a_join_stays_out(clean, faults):
    lit = clean["acted"][:24].copy()
    lit[12:] = faults.rounded(lit[12:] * 0.6)
    np.testing.assert_array_equal(repaired(lit, 12), lit)


def test_a_join_too_near_the_end_is_left_alone(clean):
    film = clean["acted"][:6]
    for at in (0, 1, 5, 6, 40):
        np.testing.assert_array_equal(repaired(film, at), film)


def test_joins_are_repaired_as_frames_come_and_few_are_held(clean):
    film = clean["acted"]
    taken = 0

    def source():
        nonlocal taken
        for frame in film:
            taken += 1
            yield frame

    for given, _ in enumerate(repair_joins(source(), [10, 20, 30], 4), 1):
        assert taken - given < 6


def test_a_span_too_short_to_spread_over_is_refused(clean):
    with pytest.raises(ValueError, match="2 at least"):
        list(repair_joins(clean["acted"], [10], 1))
