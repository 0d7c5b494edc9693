"""SkyReels-V2: a folder of any of its pipelines shoots from text, from pictures, and from the end of a clip."""

import numpy as np
import pytest
import torch

from episodic.backbones.diffusers.families.skyreels import SkyReels
from episodic.backbones.diffusers.sampling.windows import plan_windows
from episodic.lab.tiny_models.skyreels import build_skyreels
from tests.episodic.backbones.diffusers.families.rig import latents_of

CPU = torch.device("cpu")
FAMILY = SkyReels()


@pytest.fixture
def rig(rigs):
    return lambda variant, **how: rigs(FAMILY, build_skyreels, variant, **how)


@pytest.fixture(params=["t2v", "i2v", "v2v"])
def any_skyreels(request, rig):
    return rig(request.param)


def ways(model):
    """Yield every input, in the combinations that are possible."""
    return {
        "text": {},
        "clip": {"known": model.pictures(5, 1)},
        "last frame": {"known": model.pictures(1, 2), "last_frame": model.picture(3)},
        "pictures": {"first_frame": model.picture(4), "last_frame": model.picture(5)},
    }


def test_every_pipeline_uses_all_inputs_of_its_capabilities(any_skyreels):
    taken = set()
    for window in ways(any_skyreels).values():
        shown = any_skyreels.shoot(**window)
        assert shown.used == {"prompt", *window}
        assert shown.frames.shape == (9, 32, 32, 3)
        taken |= shown.used
    can = any_skyreels.capabilities
    assert (can.first_frame, can.last_frame, can.continuation_frames, FAMILY.control_kinds(any_skyreels.folder)) == (
        True,
        True,
        17,
        (),
    )
    assert taken == {"prompt", "known", "first_frame", "last_frame"}


@pytest.mark.parametrize("way", ["text", "clip", "last frame", "pictures"])
def test_frames_repeat_for_equal_inputs_and_change_with_seed_or_pictures(rig, way):
    model = rig("t2v")
    window = ways(model)[way]
    first = model.shoot(**window).frames
    assert np.array_equal(model.shoot(**window).frames, first)
    assert not np.array_equal(model.shoot(**window, seed=2).frames, first)
    for name, value in window.items():
        other = model.pictures(len(value), 60) if name == "known" else model.picture(61)
        assert not np.array_equal(model.shoot(**window | {name: other}).frames, first), name


@pytest.mark.parametrize("count", [1, 5, 9])
def test_a_continuing_window_keeps_the_latents_of_the_clip_and_its_length(rig, count):
    model = rig("v2v")
    known = model.pictures(count, 3)
    with model.watched() as passes:
        shown = model.shoot(frames=13, known=known)
    assert shown.frames.shape == (13, 32, 32, 3)
    latents = latents_of(FAMILY, model.loaded, known)
    assert torch.allclose(passes[0]["hidden_states"][:, :, : latents.shape[2]], latents, atol=1e-4)
    assert (passes[0]["timestep"][0, : latents.shape[2]] == 0).all()
    assert (passes[0]["timestep"][0, latents.shape[2] :] > 0).all()
    # the frames are the model's, from the first on, not the clip that its pipeline puts before them
    assert not np.array_equal(shown.frames[:count], known)


def test_a_window_that_continues_a_clip_ignores_the_last_picture(rig):
    model = rig("v2v")
    shown = model.shoot(known=model.pictures(5, 3), last_frame=model.picture(4))
    assert shown.used == {"prompt", "known"}


@pytest.mark.parametrize("way", ["text", "clip", "last frame", "pictures"])
def test_the_step_hook_changes_generated_latents_and_keeps_known_ones(rig, way):
    model, seen, levels = rig("i2v"), [], []
    window = ways(model)[way]

    def hook(step, steps, signal, noise, latents):
        seen.append((step, steps, latents.shape))
        levels.append(signal + noise)
        return latents + 50

    with model.watched() as passes:
        shown = model.shoot(**window, steps=3, guidance=1.0, on_step=hook)
    shape = latents_of(FAMILY, model.loaded, model.pictures(9)).shape
    assert shown.hook_called
    assert seen == [(0, 3, shape), (1, 3, shape)]
    assert levels == pytest.approx([1, 1])
    clean = {"text": 0, "clip": 2, "last frame": 1, "pictures": 1}[way]
    before, after = passes[0]["hidden_states"], passes[1]["hidden_states"]
    assert torch.equal(before[:, :, :clean], after[:, :, :clean])
    assert (after[:, :, clean:3] - before[:, :, clean:3]).mean() == pytest.approx(50, abs=10)
    if "last_frame" in window:
        assert torch.equal(before[:, :, 3:], after[:, :, 3:])
    assert not np.array_equal(model.shoot(**window, steps=3, guidance=1.0).frames, shown.frames)


def test_the_schedulers_corrector_does_not_undo_a_hook(rig):
    means = []

    def hook(step, steps, signal, noise, latents):
        means.append(float(latents.mean()))
        return latents + 100 if step == 0 else latents

    rig("t2v").shoot(steps=4, on_step=hook)
    assert means[1] - means[0] == pytest.approx(100, abs=5)


@pytest.mark.parametrize("way", ["text", "clip", "pictures"])
def test_the_model_shoots_in_half_precision(rig, way):
    model = rig("t2v", dtype=torch.bfloat16)
    assert model.shoot(**ways(model)[way]).frames.shape == (9, 32, 32, 3)


def test_the_model_receives_the_frame_rate(rig):
    model = rig("t2v")
    with model.watched() as passes:
        model.shoot(fps=24)
    assert passes[0]["fps"] == [1]


def test_a_long_take_is_planned_with_the_recommended_overlap(rig):
    rules, known = FAMILY.rules(rig("t2v").folder), FAMILY.known_frames(rig("t2v").folder)
    assert (rules.fps, rules.most_frames, rules.side_multiple) == (24, 97, 16)
    spans = plan_windows(240, rules, known)
    assert spans is not None
    assert {span.known for span in spans} == {0, 17}
    assert all(span.frames > span.known for span in spans)
