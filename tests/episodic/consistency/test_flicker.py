"""The flicker layer removes flicker and keeps motion and changes of light."""

import numpy as np
import pytest

from episodic.consistency.finish import finish
from episodic.series.shooting_settings import Layer
from tests.episodic.consistency import consistency_faults as faults

FLICKER_ONLY: tuple[Layer, ...] = ("flicker",)


def stilled(frames: faults.Frames) -> faults.Frames:
    """Return the frames without flicker."""
    return np.stack(list(finish(lambda: iter(frames), FLICKER_ONLY, anchor=None, grain=None, seed=0)))


def trembling(frames: faults.Frames, clean: faults.Frames) -> float:
    """Return the spread of the frame-to-frame change of brightness beyond the change of the clean film, steps of 255."""
    return float(np.diff((frames.astype(float) - clean).mean((1, 2)), axis=0).std())


@pytest.mark.parametrize("name", ["acted", "street", "push", "storm", "textured"])
def test_clean_film_is_unchanged(clean, name):
    assert faults.most(clean[name], stilled(clean[name])) <= 1


@pytest.mark.parametrize("name", ["acted", "street", "push", "textured"])
def test_flicker_of_exposure_and_colour_falls_below_a_quarter(clean, name):
    flickering = faults.flickering(clean[name])
    before, after = trembling(flickering, clean[name]), trembling(stilled(flickering), clean[name])
    assert before > 4
    assert after < before / 4


def test_flicker_of_a_part_of_the_picture_falls_below_half(clean):
    film = clean["acted"]
    shade = np.exp(0.05 * np.random.default_rng(5).standard_normal((len(film), 1, 1, 1)))
    side = np.clip(np.linspace(1.5, -0.5, film.shape[2]), 0, 1)[None, None, :, None]
    flickering = faults.rounded(film * (1 + (shade - 1) * side))
    left = slice(0, film.shape[2] // 3)
    before = trembling(flickering[:, :, left], film[:, :, left])
    assert trembling(stilled(flickering)[:, :, left], film[:, :, left]) < before / 2


@pytest.mark.parametrize(
    "light",
    [
        lambda t: np.where(t < 20, 1, 0.6),
        lambda t: np.where(t < 20, 1, 0.94),
        lambda t: np.linspace(1, 0.6, len(t)),
        lambda t: np.where((t >= 20) & (t < 23), 1.2, 1),
        lambda t: np.where(t == 20, 0.6, 1),
    ],
    ids=["a lamp goes out", "a small step", "a fade", "a flash of three frames", "one large flash"],
)
def test_real_changes_of_light_are_kept(clean, light):
    lit = faults.rounded(clean["acted"] * light(np.arange(40))[:, None, None, None])
    assert faults.most(lit, stilled(lit)) <= 1


def test_a_single_frame_of_slightly_wrong_exposure_is_corrected(clean):
    off = clean["acted"].copy()
    off[20] = faults.rounded(off[20] * 0.93)
    assert np.abs(stilled(off)[20].astype(float) - clean["acted"][20]).mean() < 0.5


def test_films_of_no_frame_and_of_one_frame_are_unchanged(clean):
    assert list(finish(lambda: iter(()), FLICKER_ONLY, anchor=None, grain=None, seed=0)) == []
    np.testing.assert_array_equal(stilled(clean["acted"][:1]), clean["acted"][:1])
