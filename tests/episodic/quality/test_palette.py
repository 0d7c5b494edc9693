"""Dominant colours of pictures, and the distance between palettes."""

import numpy as np
import pytest

from episodic.colour import delta_e_2000, lab_of
from episodic.quality.palette import COLOURS, Palette, palette_difference, palette_of


def card(*stripes):
    """A picture of stripes: (colour, columns)."""
    return np.concatenate([np.full((40, columns, 3), colour, np.uint8) for colour, columns in stripes], axis=1)


RED, BLUE, GREY = (200, 30, 30), (20, 40, 160), (128, 128, 128)


def test_the_colours_of_stripes_are_found_with_their_shares():
    found = palette_of([card((RED, 60), (BLUE, 30), (GREY, 10))])
    assert np.allclose(found.shares, (0.6, 0.3, 0.1), atol=0.01)
    wanted = lab_of(np.array([RED, BLUE, GREY], np.uint8))
    assert delta_e_2000(np.array(found.colours), wanted).max() < 0.1


def test_a_busy_picture_has_five_colours_always_the_same_ones():
    picture = np.random.default_rng(3).integers(0, 256, (90, 160, 3), dtype=np.uint8)
    found = palette_of([picture])
    assert len(found.colours) == COLOURS
    assert sum(found.shares) == pytest.approx(1)
    assert found == palette_of([picture.copy()])


def test_palettes_are_as_far_apart_as_their_colours():
    red, blue = palette_of([card((RED, 40))]), palette_of([card((BLUE, 40))])
    apart = float(delta_e_2000(lab_of(np.array(RED, np.uint8)), lab_of(np.array(BLUE, np.uint8))))
    assert palette_difference(red, red) == pytest.approx(0, abs=1e-9)
    assert palette_difference(red, blue) == pytest.approx(apart, rel=1e-6)
    half = palette_of([card((RED, 20), (BLUE, 20))])
    assert palette_difference(red, half) == pytest.approx(apart / 2, rel=0.02)


def test_a_palette_survives_json():
    found = palette_of([card((RED, 60), (BLUE, 40))])
    assert palette_difference(found, Palette.from_json(found.to_json())) < 0.02
