"""`soundtrack` joins the mixes of the scenes to the sound of the film."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from episodic.cut.errors import CutError
from episodic.cut.soundtrack import scene_samples, soundtrack
from episodic.cut.timeline import SceneCut, Segment, Timeline, lay_out
from planners.plan.vocabulary import Transition


def film(fps: int = 24) -> Timeline:
    def scene(name: str, transition: Transition) -> SceneCut:
        shot = Segment(id=name, path=Path(name), frames=48, transition=transition, transition_frames=12)
        return SceneCut(id=name, title=name, shots=(shot,))

    return lay_out([scene("a", "cut"), scene("b", "dissolve"), scene("c", "fade")], fps)


def constant(level: float, samples: int, block: int) -> Iterator[np.ndarray]:
    for start in range(0, samples, block):
        yield np.full((min(block, samples - start), 2), level, np.float32)


@pytest.mark.parametrize("block", [997, 30_000, 10**6])
def test_scenes_crossfade_in_a_dissolve_and_meet_at_a_cut(block: int) -> None:
    timeline = film()
    levels = {"a": 0.2, "b": 0.6, "c": -0.4}
    lengths = {scene.id: scene_samples(scene, 24) for scene in timeline.scenes}
    sound = np.concatenate(list(soundtrack(timeline, lambda name: constant(levels[name], lengths[name], block))))
    assert sound.shape == (timeline.samples, 2)
    b, c = (2000 * timeline.scenes[i].start for i in (1, 2))
    assert np.all(sound[:b] == np.float32(0.2))
    ramp = sound[b : b + 24_000, 0]
    assert np.allclose(ramp, 0.2 + 0.4 * (np.arange(24_000) + 0.5) / 24_000, atol=1e-6)
    assert np.all(sound[b + 24_000 : c] == np.float32(0.6))
    assert np.all(sound[c:] == np.float32(-0.4))


def test_a_crossfade_is_never_louder_than_the_louder_scene() -> None:
    timeline = film()
    rng = np.random.default_rng(0)
    mixes = {scene.id: rng.uniform(-0.8, 0.8, (scene_samples(scene, 24), 2)).astype(np.float32) for scene in timeline.scenes}
    sound = np.concatenate(list(soundtrack(timeline, lambda name: [mixes[name]])))
    assert np.abs(sound).max() <= 0.8


def test_a_mix_may_differ_from_its_scene_by_one_frame_at_most() -> None:
    timeline = film()
    lengths = {scene.id: scene_samples(scene, 24) for scene in timeline.scenes}

    def played(off: int) -> int:
        return sum(len(block) for block in soundtrack(timeline, lambda name: constant(0.1, lengths[name] + off, 4096)))

    assert played(-2000) == played(2000) == timeline.samples
    for off in (-2001, 2001):
        with pytest.raises(CutError, match=f"scene a does not fit its pictures: expected {lengths['a']} samples"):
            played(off)
