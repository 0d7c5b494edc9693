"""The sound of a scene follows its takes: the level of the place and the impacts."""

from __future__ import annotations

import numpy as np
import pytest

from episodic.backbones.protocol import Auditions
from episodic.backbones.request import Mark, Performer, Setting, ShotRequest
from episodic.backbones.stage.auditions import audition, audition_light
from episodic.backbones.stage.backbone import Stage
from episodic.backbones.stage.model.latent import SLOTS, SOUND
from episodic.backbones.take import Take
from episodic.production.steps.parts.scene_mix import mix_of_scene
from episodic.production.steps.parts.scene_to_mix import MixedShot, SceneToMix

MIX = SceneToMix(
    place={"place": "coast"},
    description="a shore",
    time="day",
    weather="clear",
    mood="calm",
    style="storybook",
    fps=24,
    seed=3,
    theme=1,
    shots=(MixedShot(id="s1", transition="cut"), MixedShot(id="s2", transition="cut")),
)


def request_of(shot: str, frames: int = 40) -> ShotRequest:
    mara = Performer(id="mara", kind="human", look={}, motion=(), action="run", start=Mark(x=-2, z=2), end=Mark(x=2, z=2))
    return ShotRequest(
        shot_id=shot,
        seed=4,
        frames=frames,
        fps=24,
        width=320,
        height=180,
        style="storybook",
        size="wide",
        camera="static",
        setting=Setting(location="shore", look={"place": "coast"}),
        performers=(mara,),
    )


def ambience(*takes: Take, shots: tuple[str, ...] = ("s1", "s2")) -> tuple[np.ndarray, np.ndarray]:
    shot_takes = [(request_of(shot), take) for shot, take in zip(shots, takes, strict=True)]
    mixed, _ = mix_of_scene(MIX, shot_takes, [[], []])
    return mixed.ambience, mixed.effects


@pytest.fixture(scope="module")
def take() -> Take:
    return Stage().shoot(request_of("s1"))


def test_a_take_of_stage_has_bed_level_and_impacts(take: Take) -> None:
    slot = take.arrays["latent"][SLOTS.index("sound")]
    for number, name in ((1, "bed_level"), (2, "impact")):
        expected = np.clip(slot[:, number] * SOUND[number].scale + SOUND[number].offset, 0, 1)
        assert take.arrays[name].dtype == np.float32
        np.testing.assert_array_equal(take.arrays[name], expected)
    assert [channel.name for channel in SOUND] == ["speech", "ambience", "impact"]


def test_the_bed_and_the_effects_follow_the_takes() -> None:
    ticks = 14
    silent = {"bed_level": np.zeros(ticks, np.float32), "impact": np.zeros(ticks, np.float32)}
    loud = {"bed_level": np.ones(ticks, np.float32), "impact": np.eye(1, ticks, 4, dtype=np.float32)[0]}
    bed, effects = ambience(Take(shot_id="s1", arrays=silent), Take(shot_id="s2", arrays=loud))
    half = len(bed) // 2
    assert np.abs(bed[half + 12_000 :]).mean() > 2 * np.abs(bed[: half - 12_000]).mean()
    assert np.abs(effects[:half]).max() < np.abs(effects[half:]).max()


def test_takes_without_sound_arrays_leave_the_bed_unchanged() -> None:
    nothing = Take(shot_id="s1", arrays={})
    plain, effects = ambience(nothing, nothing)
    middle = Take(shot_id="s1", arrays={"impact": np.zeros(14, np.float32)})
    same, _ = ambience(middle, middle)
    np.testing.assert_array_equal(plain, same)
    assert np.abs(effects).max() == 0


def test_stage_implements_auditions() -> None:
    stage = Stage()
    assert isinstance(stage, Auditions)
    assert stage.audition("robot", "a shy robot", 5) == audition("robot", "a shy robot", 5)
    assert stage.audition_light("a damp cave", 5) == audition_light("a damp cave", 5)
