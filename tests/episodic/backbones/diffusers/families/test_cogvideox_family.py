"""CogVideoX: text, a picture to begin with, a rough cut; the frame counts that its autoencoder returns; the model of one size."""

import numpy as np
import pytest
import torch

from episodic.backbones.diffusers.families.cogvideox import CogVideoX
from episodic.backbones.diffusers.rules import Rules
from episodic.consistency.latent_windows import windowed
from episodic.errors import BackboneError
from episodic.lab.tiny_models.cogvideox import build_cogvideox
from tests.episodic.backbones.diffusers.families.rig import joint_of, latents_of

CPU = torch.device("cpu")
FAMILY = CogVideoX()
VARIANTS = ("t2v", "v2v", "i2v", "i2v-fixed", "t2v-1.5", "i2v-1.5")


@pytest.fixture
def rig(rigs):
    return lambda variant, **how: rigs(FAMILY, build_cogvideox, variant, **how)


@pytest.fixture(params=VARIANTS)
def any_cog(request, rig):
    return rig(request.param)


def test_every_input_of_the_capabilities_is_used_and_reported(any_cog):
    window = any_cog.everything()
    shown = any_cog.shoot(**window)
    names = {f"control:{kind}" for kind in window.pop("control", {})} | set(window)
    assert shown.used == {"prompt", *names}
    assert shown.frames.shape == (9, 32, 32, 3)


def test_frames_repeat_for_equal_inputs_and_change_with_seed_or_pictures(any_cog):
    window = any_cog.everything()
    first = any_cog.shoot(**window).frames
    assert np.array_equal(any_cog.shoot(**window).frames, first)
    assert not np.array_equal(any_cog.shoot(**window, seed=2).frames, first)
    others = {"known": any_cog.pictures(1, 60), "control": {"layout": any_cog.pictures(9, 61)}}
    for name in window:
        assert not np.array_equal(any_cog.shoot(**window | {name: others[name]}).frames, first), name


def test_the_step_hook_sees_the_windows_latents_and_changes_the_result(any_cog):
    window, seen = any_cog.everything(), []

    def hook(step, steps, signal, noise, latents):
        seen.append((latents.shape, signal**2 + noise**2))
        return latents * 0.5

    plain, hooked = any_cog.shoot(**window, steps=4), any_cog.shoot(**window, steps=4, on_step=hook)
    expected = latents_of(FAMILY, any_cog.loaded, any_cog.pictures(9)).shape
    # a rough leaves the first fifth of the steps out
    assert len(seen) == 3
    assert all(shape == expected and total == pytest.approx(1) for shape, total in seen)
    assert hooked.hook_called
    assert not plain.hook_called
    assert not np.array_equal(plain.frames, hooked.frames)


def test_frame_counts_match_the_autoencoder(rig):
    model = rig("t2v")
    rules = FAMILY.rules(model.folder)
    assert [rules.frames_for(count) for count in (1, 10, 49, 80)] == [9, 17, 49, 49]
    for frames in (9, 17):
        assert len(model.shoot(frames=frames, steps=1).frames) == frames
    # 4k + 1 is not enough
    assert len(model.shoot(frames=13, steps=1).frames) == 16


def test_rules_come_from_the_configurations(rig):
    first, newer = FAMILY.rules(rig("i2v-fixed").folder), FAMILY.rules(rig("t2v-1.5").folder)
    assert (first.fps, first.most_frames, first.side_multiple, first.size) == (8, 49, 16, (48, 32))
    assert (newer.fps, newer.most_frames, newer.side_multiple, newer.size) == (16, 81, 16, (1360, 768))
    assert isinstance(newer, Rules)


def test_both_prompts_have_the_shape_that_the_transformer_was_trained_with(any_cog):
    assert {tuple(tensor.shape) for tensor in any_cog.encoded.values()} == {(1, 48, 32)}
    assert any_cog.capabilities.text_tokens == 47


def test_an_image_model_without_a_picture_is_refused_with_a_remedy(rig):
    with pytest.raises(BackboneError, match=r"picture to begin with.*neither a `first_frame`.*`stage` paints it"):
        rig("i2v").shoot()


@pytest.mark.parametrize("variant", ["i2v", "i2v-1.5"])
def test_the_first_picture_is_in_the_first_decoded_latent_frame(rig, variant):
    model = rig(variant)
    picture = model.picture(5)
    pixels = torch.from_numpy(picture).permute(2, 0, 1)[None, :, None] / 127.5 - 1
    vae = model.loaded.pipeline.vae
    # the pipeline takes a sample of what the autoencoder sees, the first that the seed gives
    expected = vae.encode(pixels).latent_dist.sample(torch.Generator().manual_seed(1)) * vae.config.scaling_factor
    with model.watched() as passes:
        shown = model.shoot(first_frame=picture, steps=1, guidance=1.0)
    condition = passes[0]["hidden_states"][:, :, 4:]
    assert torch.allclose(condition[:, 0], expected[:, :, 0], atol=1e-4)
    assert condition[:, 1:].abs().max() == 0
    assert len(shown.frames) == 9


def test_a_model_of_fixed_size_shoots_any_shape(rig):
    model = rig("i2v-fixed")
    with model.watched() as passes:
        shown = model.shoot(width=64, height=32, first_frame=model.pictures(1, 1, 64)[0][:32], steps=1, guidance=1.0)
    assert passes[0]["hidden_states"].shape[-2:] == (4, 6)
    assert shown.frames.shape == (9, 32, 64, 3)


def test_a_rough_cut_is_optional_and_keeps_the_step_count(rig):
    model = rig("v2v")
    counts = []

    def count(step: int, steps: int, signal: float, noise: float, latents: torch.Tensor) -> torch.Tensor:
        counts.append(steps)
        return latents

    model.shoot(control={"layout": model.pictures(9, 3)}, steps=4, on_step=count)
    assert counts[0] == 4  # the number of steps of the window
    assert model.shoot().used == {"prompt"}


def test_the_model_shoots_in_half_precision(any_cog, rig):
    model = rig("i2v-1.5", dtype=torch.bfloat16)
    assert model.loaded.pipeline.vae.dtype == torch.bfloat16
    assert model.shoot(**model.everything(), steps=1).frames.shape == (9, 32, 32, 3)


def test_a_text_model_denoises_several_windows_together(rig):
    model = rig("t2v")
    joint = joint_of(FAMILY, model.folder)
    with windowed(getattr(model.loaded.pipeline, joint.components[0]), 3, 1, joint.layout):
        assert len(model.shoot(frames=17, steps=1).frames) == 17
    assert FAMILY.joint(rig("i2v").folder) is None
