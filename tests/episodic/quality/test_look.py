"""The look encoder recognises characters outside its training data in other poses, sizes and light."""

import numpy as np
import pytest

from episodic.colour import lab_of
from episodic.lab.training.look_encoder import film_cast, fit, invent_characters
from episodic.quality.light import white_of
from episodic.quality.look import describe, load_look_encoder


@pytest.fixture(scope="module")
def seen():
    """(character, take, vector) of six characters in four takes each."""
    encoder, rows = load_look_encoder(), []
    for company in range(2):
        rng = np.random.default_rng([company, 5])
        cast = invent_characters(rng, 3, alike=False)
        for take, (_, sights) in enumerate(film_cast(rng, cast, "storybook", 4, frames=2, height_px=360)):
            for member in cast:
                shown = [sight for sight in sights if member.id in sight.masks]
                encoded = [encoder.encode(sight.picture, sight.masks[member.id], white_of(sight)) for sight in shown]
                vectors = [vector for vector in encoded if vector is not None]
                if vectors:
                    mean = np.mean(vectors, axis=0)
                    rows.append((f"{company}/{member.id}", take, mean / np.linalg.norm(mean)))
    return rows


def test_at_least_nine_of_ten_characters_are_recognised_in_other_takes(seen):
    right = []
    for character, take, vector in seen:
        best: dict[str, float] = {}
        for other, other_take, reference in seen:
            if other_take != take or other != character:
                best[other] = max(best.get(other, -1.0), float(vector @ reference))
        right.append(max(best, key=best.__getitem__) == character)
    assert len(right) >= 15
    assert np.mean(right) >= 0.9


def test_vectors_have_unit_length(seen):
    assert all(len(vector) == load_look_encoder().dimension for _, _, vector in seen)
    assert np.allclose([np.linalg.norm(vector) for _, _, vector in seen], 1, atol=1e-5)


def test_the_known_colour_of_the_light_is_divided_out():
    rng = np.random.default_rng(2)
    picture = rng.integers(60, 250, (80, 60, 3)).astype(np.uint8)
    mask = np.ones((80, 60), bool)
    white = np.array([0.8, 0.6, 0.5])
    tinted = np.round(picture * white).astype(np.uint8)
    encoder = load_look_encoder()
    plain, corrected, uncorrected = (
        encoder.encode(picture, mask),
        encoder.encode(tinted, mask, white),
        encoder.encode(tinted, mask),
    )
    assert plain is not None
    assert corrected is not None
    assert uncorrected is not None
    assert plain @ corrected > 0.98
    assert plain @ corrected > plain @ uncorrected


def test_too_few_pixels_have_no_vector():
    picture, mask = np.zeros((40, 40, 3), np.uint8), np.zeros((40, 40), bool)
    mask[:5, :5] = True
    assert load_look_encoder().encode(picture, mask) is None
    assert describe(picture, mask, None, lab_of(np.eye(3))) is None


def test_the_projection_keeps_features_that_separate_classes_and_drops_noise():
    rng = np.random.default_rng(0)
    owners = np.repeat(np.arange(20), 10)
    signal, noise = rng.normal(size=(20, 2))[owners], rng.normal(size=(200, 6)) * 5
    weights = fit(np.concatenate([signal, noise], 1).astype(np.float32), owners, np.zeros((4, 3), np.float32), dimension=2)
    kept = np.abs(weights.projection).sum(1)
    assert kept[:2].min() > 3 * kept[2:].max()
