"""The look encoder knows characters again who were in no lesson, under other poses, sizes and light."""

import numpy as np
import pytest

from episodic.colour import lab_of
from episodic.lab.training.look_encoder import film_company, fit, make_up
from episodic.quality.light import white_of
from episodic.quality.look import describe, load_look_encoder


@pytest.fixture(scope="module")
def seen():
    """(character, take, vector) of six people in four takes each."""
    encoder, found = load_look_encoder(), []
    for company in range(2):
        rng = np.random.default_rng([company, 5])
        cast = make_up(rng, 3, alike=False)
        for take, (_, sights) in enumerate(film_company(rng, cast, "storybook", 4, frames=2, height_px=360)):
            for one in cast:
                vectors = [encoder.encode(s.picture, s.masks[one.id], white_of(s)) for s in sights if one.id in s.masks]
                known = [v for v in vectors if v is not None]
                if known:
                    mean = np.mean(known, axis=0)
                    found.append((f"{company}/{one.id}", take, mean / np.linalg.norm(mean)))
    return found


def test_nearly_everybody_is_known_again_in_other_takes(seen):
    right = []
    for who, take, vector in seen:
        best: dict[str, float] = {}
        for other, when, reference in seen:
            if when != take or other != who:
                best[other] = max(best.get(other, -1.0), float(vector @ reference))
        right.append(max(best, key=best.__getitem__) == who)
    assert len(right) >= 15
    assert np.mean(right) >= 0.9


def test_vectors_are_of_unit_length(seen):
    assert all(len(vector) == load_look_encoder().dimension for _, _, vector in seen)
    assert np.allclose([np.linalg.norm(vector) for _, _, vector in seen], 1, atol=1e-5)


def test_known_light_is_divided_out():
    rng = np.random.default_rng(2)
    picture = rng.integers(60, 250, (80, 60, 3)).astype(np.uint8)
    mask = np.ones((80, 60), bool)
    white = np.array([0.8, 0.6, 0.5])
    tinted = np.round(picture * white).astype(np.uint8)
    encoder = load_look_encoder()
    plain = encoder.encode(picture, mask)
    assert plain @ encoder.encode(tinted, mask, white) > 0.98
    assert plain @ encoder.encode(tinted, mask, white) > plain @ encoder.encode(tinted, mask)


def test_too_few_pixels_show_nobody():
    picture, mask = np.zeros((40, 40, 3), np.uint8), np.zeros((40, 40), bool)
    mask[:5, :5] = True
    assert load_look_encoder().encode(picture, mask) is None
    assert describe(picture, mask, None, lab_of(np.eye(3))) is None


def test_the_projection_keeps_what_tells_classes_apart_and_drops_what_does_not():
    rng = np.random.default_rng(0)
    owners = np.repeat(np.arange(20), 10)
    signal, noise = rng.normal(size=(20, 2))[owners], rng.normal(size=(200, 6)) * 5
    weights = fit(np.concatenate([signal, noise], 1).astype(np.float32), owners, np.zeros((4, 3), np.float32), dimension=2)
    kept = np.abs(weights.projection).sum(1)
    assert kept[:2].min() > 3 * kept[2:].max()
