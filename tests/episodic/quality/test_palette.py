"""Dominant colours of pictures, and the difference of palettes."""

import json

import numpy as np
import pytest

from episodic.colour import delta_e_2000, lab_of
from episodic.quality.palette import COLOURS, Palette, palette_difference, palette_of


def card(*stripes):
    """A picture of stripes: (colour, columns)."""
    return np.concatenate([np.full((40, columns, 3), colour, np.uint8) for colour, columns in stripes], axis=1)


RED, BLUE, GREY = (200, 30, 30), (20, 40, 160), (128, 128, 128)


def test_a_palette_has_the_colours_of_stripes_with_their_shares():
    palette = palette_of([card((RED, 60), (BLUE, 30), (GREY, 10))])
    assert np.allclose(palette.shares, (0.6, 0.3, 0.1), atol=0.01)
    truth = lab_of(np.array([RED, BLUE, GREY], np.uint8))
    assert delta_e_2000(np.array(palette.colours), truth).max() < 0.1


def test_a_busy_picture_has_five_colours_and_they_are_deterministic():
    picture = np.random.default_rng(3).integers(0, 256, (90, 160, 3), dtype=np.uint8)
    palette = palette_of([picture])
    assert len(palette.colours) == COLOURS
    assert sum(palette.shares) == pytest.approx(1)
    assert palette == palette_of([picture.copy()])


def test_the_difference_of_palettes_is_that_of_their_colours():
    red, blue = palette_of([card((RED, 40))]), palette_of([card((BLUE, 40))])
    difference = float(delta_e_2000(lab_of(np.array(RED, np.uint8)), lab_of(np.array(BLUE, np.uint8))))
    assert palette_difference(red, red) == pytest.approx(0, abs=1e-9)
    assert palette_difference(red, blue) == pytest.approx(difference, rel=1e-6)
    half = palette_of([card((RED, 20), (BLUE, 20))])
    assert palette_difference(red, half) == pytest.approx(difference / 2, rel=0.02)


def test_a_palette_survives_json():
    palette = palette_of([card((RED, 60), (BLUE, 40))])
    stored = Palette.from_json(json.loads(json.dumps(palette.to_json())))
    assert palette_difference(palette, stored) < 0.02
    assert stored.to_json() == palette.to_json()


def test_json_that_is_no_palette_is_an_error():
    with pytest.raises(ValueError, match="share"):
        Palette.from_json([{"lab": [50.0, 0.0, 0.0]}])
