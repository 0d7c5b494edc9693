"""The seams layer hides the joins between windows of a shot."""

import numpy as np
import pytest

from episodic.consistency.seams import excess_difference, repair_joins
from tests.episodic.consistency import consistency_faults as faults

FILMS = ["acted", "street", "push", "storm", "textured"]


def repaired(film: faults.Frames, at: int) -> faults.Frames:
    """Repair the join before frame `at`."""
    return np.stack(list(repair_joins(film, [at])))


@pytest.mark.parametrize("name", FILMS)
def test_clean_film_is_unchanged_wherever_a_join_is_declared(clean, name):
    film = clean[name]
    assert max(faults.most(film, repaired(film, at)) for at in (2, 9, 20, 31)) <= 1


@pytest.mark.parametrize("name", FILMS)
@pytest.mark.parametrize("fault", [(2.5, -1.5, 1.0), (0.0, 0.0, 1.05), (2.0, 1.0, 0.94)], ids=["place", "exposure", "both"])
def test_a_jump_at_a_join_is_spread_over_neighbouring_frames(clean, name, fault):
    film = clean[name][:24]
    broken = np.concatenate([film[:12], faults.displaced(film[12:], *fault)])
    before, own = excess_difference(broken, 12), excess_difference(film, 12)
    after = excess_difference(repaired(broken, 12), 12)
    assert before - own > 1.5
    assert after - own < 0.45 * (before - own)


def test_no_step_at_a_repaired_join_is_much_larger_than_the_surrounding_motion(clean):
    film = clean["acted"][:24]
    broken = np.concatenate([film[:12], faults.displaced(film[12:], 2.0, 1.0, 0.94)])
    mended = repaired(broken, 12)
    assert np.abs(np.diff(broken.astype(float), axis=0)).mean((1, 2, 3)).max() > 10
    assert np.abs(np.diff(mended.astype(float), axis=0)).mean((1, 2, 3)).max() < 3
    np.testing.assert_array_equal(mended[:8], broken[:8])
    np.testing.assert_array_equal(mended[16:], broken[16:])


def test_a_cut_stays_a_cut(clean):
    both = np.concatenate([clean["acted"][:8], clean["street"][:8]])
    np.testing.assert_array_equal(repaired(both, 8), both)


def test_a_lamp_that_goes_out_at_a_join_stays_out(clean):
    lit = clean["acted"][:24].copy()
    lit[12:] = faults.rounded(lit[12:] * 0.6)
    np.testing.assert_array_equal(repaired(lit, 12), lit)


def test_a_join_near_an_end_of_the_film_is_unchanged(clean):
    film = clean["acted"][:6]
    for at in (0, 1, 5, 6, 40):
        np.testing.assert_array_equal(repaired(film, at), film)


def test_joins_are_repaired_while_frames_arrive_and_few_are_held(clean):
    film = clean["acted"]
    taken = 0

    def source():
        nonlocal taken
        for frame in film:
            taken += 1
            yield frame

    for given, _ in enumerate(repair_joins(source(), [10, 20, 30], 4), 1):
        assert taken - given < 6


def test_a_span_of_one_frame_is_refused(clean):
    with pytest.raises(ValueError, match="2 at least"):
        list(repair_joins(clean["acted"], [10], 1))
