"""The choreographer simulates the motion that `stage` is trained on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from episodic.backbones.request import Mark, ShotRequest
from episodic.backbones.stage.model.latent import ACTOR, ACTOR_SLOTS, LATENT_HZ, SLOTS, channels_of, decode, encode
from episodic.backbones.stage.model.ranges import clamp_to_ranges
from episodic.backbones.stage.simulator.choreographer import choreograph
from episodic.backbones.stage.simulator.motion_style import light_style, motion_style
from episodic.backbones.stage.simulator.random_shots import RandomCast, random_cast, random_request
from episodic.backbones.stage.staging.staging import latent_frames, stage_shot
from episodic.errors import BackboneError
from planners.plan.vocabulary import ACTIONS, SHOT_SIZES, Action, ShotSize


def two_places() -> RandomCast:
    return random_cast(np.random.default_rng(3))


def request_of(seed: int, performers: int = 2, seconds: float = 4.0) -> ShotRequest:
    return random_request(np.random.default_rng(seed), two_places(), tuple(range(performers)), seconds)


def perform(request: ShotRequest, seed: int = 0) -> np.ndarray:
    cast = two_places()
    return choreograph(request, cast.styles[: len(request.performers)], cast.places[0], seed)


@pytest.mark.parametrize("slot", SLOTS)
def test_values_survive_encoding_and_decoding_at_eight_hertz(slot: str) -> None:
    rng = np.random.default_rng(1)
    values = {c.name: c.offset + c.scale * rng.normal(size=9) for c in channels_of(slot)}
    decoded = decode(slot, encode(slot, values), 9, LATENT_HZ).values
    for name, track in values.items():
        if not name.startswith("mouth_"):
            np.testing.assert_allclose(decoded[name], track, atol=1e-5)


def test_mouths_decode_at_their_own_rate() -> None:
    values = {c.name: np.zeros(8) for c in ACTOR}
    fine = np.linspace(0, 1, 24)
    for k in range(3):
        values[f"mouth_open_{k}"] = fine[k::3]
    np.testing.assert_allclose(decode("actor0", encode("actor0", values), 24, 24).values["mouth_open"], fine, atol=1e-5)


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_moves_the_body_within_its_ranges(action: Action) -> None:
    request = request_of(5)
    request = replace(request, performers=tuple(replace(performer, action=action) for performer in request.performers))
    latent = perform(request)
    assert np.isfinite(latent).all()
    assert np.abs(latent - clamp_to_ranges(latent)).max() < 0.75
    assert np.abs(np.diff(latent[0, :, 2:22], axis=0)).max() > 0.02


def test_the_same_seed_gives_the_same_take_and_another_seed_another() -> None:
    request = request_of(1)
    np.testing.assert_array_equal(perform(request, 4), perform(request, 4))
    assert np.abs(perform(request, 4) - perform(request, 5)).max() > 0.1


def test_walkers_start_and_end_at_their_marks() -> None:
    for seed in range(8):
        request = request_of(seed, seconds=6.0)
        walker = replace(request.performers[0], action="walk", start=Mark(x=-1.5, z=2.0), end=Mark(x=1.5, z=3.0))
        latent = perform(replace(request, performers=(walker, *request.performers[1:])), seed)
        x = latent[0, :, 0] * ACTOR[0].scale
        assert abs(x[0] + 1.5) < 0.15
        assert abs(x[-1] - 1.5) < 0.15


def test_lips_follow_the_spoken_track() -> None:
    speakers = 0
    for seed in range(12):
        request = request_of(seed)
        # laughing, eating and crying move the mouth without words
        request = replace(request, performers=tuple(replace(performer, action="stand") for performer in request.performers))
        latent, base = perform(request), stage_shot(request, latent_frames(request)).base
        for slot in range(2):
            spoken = base[slot, :, 22:25].ravel()
            if spoken.std() > 0.5:
                speakers += 1
                assert np.corrcoef(spoken, latent[slot, :, 22:25].ravel())[0, 1] > 0.75
    assert speakers > 5


def test_an_old_character_stoops_and_a_ghost_floats() -> None:
    assert motion_style("human", "an old keeper", 3).stoop > motion_style("human", "a proud captain", 3).stoop
    assert motion_style("spirit", "", 3).hover > 0.1
    assert light_style("a candle lit cellar", 1).flicker > 0.3


def test_styles_are_a_function_of_seed_and_words() -> None:
    assert motion_style("robot", "a rusty robot", 9) == motion_style("robot", "a rusty robot", 9)
    assert motion_style("robot", "a rusty robot", 9) != motion_style("robot", "a rusty robot", 10)


@pytest.mark.parametrize("size", SHOT_SIZES)
def test_every_performer_in_focus_is_in_the_picture(size: ShotSize) -> None:
    for seed in range(6):
        request = replace(request_of(seed), size=size, camera="static", focus=())
        request = replace(
            request, performers=tuple(replace(p, action="stand", end=p.start, in_frame=True) for p in request.performers)
        )
        base = stage_shot(request, latent_frames(request)).base
        camera = decode("camera", base[ACTOR_SLOTS], request.frames, request.fps).at(0)
        half = 2 ** camera["log2_height"] * request.width / request.height / 2
        for performer in request.performers:
            assert abs(performer.start.x - camera["x"]) < half


def test_more_than_four_performers_are_refused() -> None:
    request = request_of(1)
    with pytest.raises(BackboneError, match="4 performers at most, found 6"):
        stage_shot(replace(request, performers=request.performers * 3), 16)
