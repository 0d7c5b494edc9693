"""`finish` applies all consistency layers to one shot."""

from collections.abc import Collection, Sequence

import numpy as np
import pytest

from episodic.consistency.colour import anchor_of
from episodic.consistency.finish import finish
from episodic.consistency.grain import profile_of
from episodic.series.shooting_settings import LAYERS, Layer, Shooting
from tests.episodic.consistency import consistency_faults as faults
from tests.episodic.consistency.consistency_faults import Frames


def finished(film: Frames, layers: Collection[Layer] = LAYERS, joins: Sequence[int] = (), like: Frames | None = None) -> Frames:
    """Apply `layers` to a film; anchor and grain are those of `like`, or of the film itself."""
    like = film if like is None else like
    frames = finish(lambda: iter(film), layers, anchor=anchor_of(like[:20]), joins=joins, grain=profile_of(like[:4]), seed=1)
    return np.stack(list(frames))


@pytest.mark.parametrize("name", ["acted", "street", "push", "storm", "textured"])
def test_clean_film_passes_all_layers_unchanged(clean, name):
    assert faults.most(clean[name], finished(clean[name], joins=(10, 25))) <= 1


def test_all_layers_together_reduce_flicker_and_a_jump_at_a_join(clean):
    film = clean["street"]
    broken = faults.flickering(np.concatenate([film[:20], faults.displaced(film[20:], 2.0, 1.0, 0.95)]))
    repaired = finished(broken, joins=(20,), like=film)

    def trembling(frames):
        return float(np.abs(np.diff((frames.astype(float) - film).mean((1, 2, 3)))).mean())

    def step(frames):
        return float(np.abs(frames[20].astype(float) - frames[19]).mean())

    assert trembling(repaired) < trembling(broken) / 3
    assert step(repaired) < 0.6 * step(broken)


def test_layers_that_are_off_change_nothing_and_read_the_film_once(clean):
    calls = []

    def frames():
        calls.append(1)
        return iter(broken)

    broken = faults.flickering(clean["acted"])
    made = finish(frames, (), anchor=None, joins=(10,), grain=None, seed=1)
    np.testing.assert_array_equal(np.stack(list(made)), broken)
    assert len(calls) == 1


def test_few_frames_are_in_memory_at_a_time(clean):
    alive = 0

    class Frame(np.ndarray):
        def __del__(self):
            nonlocal alive
            alive -= 1

    most = 0

    def frames():
        nonlocal alive, most
        for picture in clean["acted"]:
            copy = picture.copy().view(Frame)
            alive += 1
            most = max(most, alive)
            yield copy
            del copy

    for _ in finish(frames, LAYERS, anchor=anchor_of(clean["acted"][:2]), joins=(20,), grain=None, seed=1):
        pass
    assert most <= 10


@pytest.mark.parametrize(
    ("setting", "heavy", "embedded"),
    [
        ("auto", LAYERS, ()),
        ("off", (), ()),
        (False, (), ()),  # YAML reads a bare off as false
        (["grain", "flicker"], ("flicker", "grain"), ("flicker", "grain")),
    ],
)
def test_the_series_file_chooses_the_layers(setting, heavy, embedded):
    shooting = Shooting.model_validate({"consistency": setting})
    assert shooting.layers(heavy=True) == heavy
    assert shooting.layers(heavy=False) == embedded


def test_an_unknown_layer_is_refused_with_the_valid_names():
    with pytest.raises(ValueError, match="'flicker', 'colour', 'seams' or 'grain'"):
        Shooting.model_validate({"consistency": ["flickr"]})
