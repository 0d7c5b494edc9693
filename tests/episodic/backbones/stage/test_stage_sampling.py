"""`Stage` samples takes with the shipped weights, and memory decides how they move and look."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from episodic.backbones.request import Mark, Performer, Setting, ShotRequest
from episodic.backbones.speech_cue import SpeechCue
from episodic.backbones.stage.auditions import audition, audition_light, light_embedding, motion_embedding
from episodic.backbones.stage.backbone import Stage
from episodic.backbones.stage.model.latent import ACTOR, decode
from episodic.backbones.stage.model.pipeline import StagePipeline, load_pipeline, padded_frames
from episodic.backbones.stage.model.weights import WEIGHTS
from episodic.backbones.stage.simulator.choreographer import choreograph
from episodic.backbones.stage.simulator.motion_style import MotionStyle, random_light_style, random_motion_style
from episodic.backbones.stage.simulator.random_shots import random_lips
from episodic.backbones.stage.staging.staging import latent_frames, stage_shot
from episodic.backbones.stage.training.batches import make_solo_takes
from episodic.backbones.take import Take
from episodic.errors import BackboneError
from planners.plan.vocabulary import Action


def request_of(seed: int = 1, seconds: float = 4.0, **changes: Any) -> ShotRequest:
    lips = random_lips(np.random.default_rng(seed), 2.5)
    mara = Performer(
        id="mara",
        kind="human",
        look={"height": 1.7},
        motion=(),
        start=Mark(x=-1.2, z=2.0),
        end=Mark(x=-0.2, z=2.5),
        action="walk",
    )
    finn = Performer(
        id="finn",
        kind="human",
        look={},
        motion=(),
        start=Mark(x=1.0, z=2.4),
        end=Mark(x=1.0, z=2.4),
        looks_at=Mark(x=-0.2, z=2.5),
    )
    request = ShotRequest(
        shot_id="s01.1",
        seed=seed,
        frames=round(24 * seconds),
        fps=24,
        width=1280,
        height=720,
        style="storybook",
        size="wide",
        camera="static",
        setting=Setting(location="lamp_room", look={}),
        performers=(mara, finn),
        speech=(SpeechCue(speaker="mara", emotion="afraid", start_s=0.5, lips=lips),),
    )
    return replace(request, **changes)


def test_a_take_is_a_function_of_its_request() -> None:
    stage = Stage()
    first, again = stage.shoot(request_of()), stage.shoot(request_of())
    np.testing.assert_array_equal(first.arrays["latent"], again.arrays["latent"])
    other = stage.shoot(replace(request_of(), seed=2))
    assert np.abs(first.arrays["latent"] - other.arrays["latent"]).max() > 0.1
    assert first.arrays["latent"].shape == (8, 33, 32)
    assert first.arrays["latent"].dtype == np.float32


def test_the_mouth_follows_the_speech() -> None:
    correlations = []
    for seed in range(4):
        request = request_of(seed)
        spoken = stage_shot(request, latent_frames(request)).base[0, :, 22:25].ravel()
        sampled = Stage().shoot(request).arrays["latent"][0, :, 22:25].ravel()
        correlations.append(np.corrcoef(spoken, sampled)[0, 1])
    assert min(correlations) > 0.8


def test_performers_start_and_end_at_their_marks() -> None:
    for seed in range(4):
        latent = Stage().shoot(request_of(seed)).arrays["latent"]
        x = latent[:2, :, 0] * ACTOR[0].scale
        assert abs(x[0, 0] + 1.2) < 0.3
        assert abs(x[0, -1] + 0.2) < 0.3
        assert np.abs(x[1] - 1.0).max() < 0.3


def test_a_long_shot_is_sampled_in_windows_without_a_seam() -> None:
    latent = Stage().shoot(request_of(seconds=20.0)).arrays["latent"]
    assert latent.shape[1] == 161
    steps = np.abs(np.diff(latent[:2, :, 2:13], axis=1)).mean((0, 2))
    seams = steps[[63, 119]]
    assert seams.max() < 4 * np.median(steps) + 0.05


def test_a_shot_continues_the_motion_of_the_previous_take() -> None:
    stage = Stage()
    carried: list[float] = []
    fresh: list[float] = []
    actions: tuple[Action, ...] = ("sit", "cheer", "think")
    for seed, action in enumerate(actions):
        request = request_of(seed)
        mara, finn = request.performers
        request = replace(request, performers=(replace(mara, end=mara.start, action=action), finn), speech=())
        before = stage.shoot(request)
        # the slots change places: motion follows the character, not the slot
        cast = (finn, replace(request.performers[0], action="stand"))
        continuation = replace(request, shot_id="s01.2", seed=9, performers=cast, continues=before)
        end = before.arrays["latent"][0, -2]
        for shot, distances in ((continuation, carried), (replace(continuation, continues=None), fresh)):
            distances.append(float(np.abs(stage.shoot(shot).arrays["latent"][1, 0] - end)[5:16].mean()))
    assert np.mean(carried) < 0.6 * np.mean(fresh)


def test_a_pinned_slot_keeps_its_motion() -> None:
    request = request_of()
    frames = padded_frames(latent_frames(request))
    staging = stage_shot(request, frames)
    given = staging.base[0] + 0.1
    latent = load_pipeline()(staging, {}, torch.Generator().manual_seed(0), steps=2, pinned={0: given})
    np.testing.assert_allclose(latent[0, :, :2], given[:, :2], atol=1e-4)


def test_more_than_four_performers_are_refused() -> None:
    request = request_of()
    with pytest.raises(BackboneError, match="4 performers at most"):
        Stage().shoot(replace(request, performers=request.performers * 3))


def test_a_memory_of_another_size_is_refused() -> None:
    request = request_of()
    performer = replace(request.performers[0], motion=(0.1, 0.2))
    with pytest.raises(BackboneError, match="64 numbers"):
        Stage().shoot(replace(request, performers=(performer,)))


def test_a_take_of_another_backbone_is_refused() -> None:
    with pytest.raises(BackboneError, match="expected a take of stage"):
        Stage().develop(request_of(), Take(shot_id="s", arrays={}))


def test_a_pipeline_survives_saving_and_loading(tmp_path: Path) -> None:
    pipeline = load_pipeline()
    pipeline.save_pretrained(tmp_path)
    again = StagePipeline.open(tmp_path, torch.float32)
    request = request_of()
    staging = stage_shot(request, padded_frames(latent_frames(request)))
    latent = pipeline(staging, {}, torch.Generator().manual_seed(3), steps=3)
    reloaded = again(staging, {}, torch.Generator().manual_seed(3), steps=3)
    np.testing.assert_array_equal(latent, reloaded)


def test_missing_weights_are_reported_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(BackboneError, match="episodic train stage"):
        Stage(tmp_path).shoot(request_of())


def test_the_shipped_weights_are_small_and_state_their_licence() -> None:
    assert sum(file.stat().st_size for file in WEIGHTS.rglob("*") if file.is_file()) < 16 * 2**20
    assert "Apache-2.0" in (WEIGHTS / "README.md").read_text()


def test_the_encoder_distinguishes_characters_by_their_motion() -> None:
    solos = make_solo_takes(77_001, 32, 2)
    with torch.no_grad():
        first, second = (load_pipeline().encoder.motion(torch.from_numpy(solos.actor[:, k])) for k in (0, 1))
        right = (first @ second.T).argmax(1) == torch.arange(32)
    assert right.float().mean() >= 0.85


def test_an_audition_yields_a_unit_embedding_that_depends_on_words_and_seed() -> None:
    keeper = audition("human", "an old lighthouse keeper", 5)
    assert len(keeper) == 64
    assert np.linalg.norm(keeper) == pytest.approx(1, abs=1e-3)
    assert keeper == audition("human", "an old lighthouse keeper", 5)
    assert np.dot(keeper, audition("human", "a quick young girl", 6)) < 0.8
    cellar = audition_light("a candle lit cellar", 5)
    assert len(cellar) == 64
    assert np.dot(cellar, audition_light("a bright snowy station", 6)) < 0.9


def test_a_take_yields_embeddings_for_memory() -> None:
    motion = audition("human", "a cheerful sailor", 8)
    request = request_of()
    performer = replace(request.performers[0], motion=motion)
    request = replace(request, performers=(performer, request.performers[1]))
    latent = Stage().shoot(request).arrays["latent"]
    assert np.dot(motion_embedding(latent, 0), motion) > np.dot(motion_embedding(latent, 1), motion)
    assert len(light_embedding(latent, request)) == 64


# The effect of memory.

_CHARACTERS = 16
_BODY = [*range(2, 22), *range(28, 32)]


def _features(latent: np.ndarray) -> np.ndarray:
    body = latent[:, _BODY]
    return np.concatenate([body.mean(0), body.std(0), np.abs(np.diff(body, axis=0)).mean(0)])


def _embedding(style: MotionStyle, rng: np.random.Generator) -> np.ndarray:
    """Encode the memory of a character: the mean over three takes of other shots."""
    takes = [
        choreograph(_solo(int(rng.integers(1000))), [style], random_light_style(rng), int(rng.integers(2**31)), 40)[0]
        for _ in range(3)
    ]
    with torch.no_grad():
        mean: np.ndarray = load_pipeline().encoder.motion(torch.from_numpy(np.stack(takes))).numpy().mean(0)
    unit: np.ndarray = mean / np.linalg.norm(mean)
    return unit


def _solo(seed: int) -> ShotRequest:
    request = request_of(seed)
    performer = replace(request.performers[0], action=("walk", "stand", "point", "think")[seed % 4])
    return replace(request, performers=(performer,))


@pytest.mark.parametrize("seed", [1, 2])
def test_memory_decides_how_a_character_moves(seed: int) -> None:
    """With its memory the sampled motion is recognised among sixteen characters; without it, only by chance."""
    rng = np.random.default_rng(seed)
    cast = [random_motion_style(rng, "human") for _ in range(_CHARACTERS)]
    memories = [_embedding(style, rng) for style in cast]
    with_memory: list[bool] = []
    without: list[bool] = []
    change = []
    for character in range(_CHARACTERS):
        request = _solo(2000 + character)
        frames = latent_frames(request)
        staging = stage_shot(request, padded_frames(frames))
        real = [_features(choreograph(request, [style], random_light_style(rng), 50 + k)[0]) for k, style in enumerate(cast)]
        table = np.stack(real)
        takes = []
        for memory, hits in (({0: memories[character]}, with_memory), ({}, without)):
            latent = load_pipeline()(staging, memory, torch.Generator().manual_seed(character), guidance=1.5)[0, :frames]
            takes.append(latent)
            hits.append(int((np.abs(_features(latent) - table) / (table.std(0) + 0.05)).mean(1).argmin()) == character)
        change.append(np.abs(takes[0] - takes[1]).mean())
    assert np.mean(with_memory) >= 0.3
    assert np.mean(without) < 0.25
    assert np.mean(change) > 0.1
    assert np.mean(with_memory) >= 2 * np.mean(without)


def test_memory_of_a_place_decides_its_light() -> None:
    request = request_of()
    bright = replace(request.setting, light=audition_light("a bright snowy station", 3))
    dim = replace(request.setting, light=audition_light("a candle lit cellar", 4))
    lit = [
        decode("light", Stage().shoot(replace(request, setting=setting)).arrays["latent"][5], 96, 24).values
        for setting in (bright, dim)
    ]
    assert lit[0]["log2_temperature"].mean() > lit[1]["log2_temperature"].mean() + 0.15
