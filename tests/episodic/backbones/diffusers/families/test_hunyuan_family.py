"""HunyuanVideo 1.5: text with its masks, a picture to begin with, and the window's size whatever its shape."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from episodic.backbones.diffusers.driver import LoadedPipeline
from episodic.backbones.diffusers.families.hunyuan import Hunyuan
from episodic.consistency.latent_windows import windowed
from episodic.errors import BackboneError
from episodic.lab.tiny_models.hunyuan import build_hunyuan
from tests.episodic.backbones.diffusers.families.rig import joint_of

FAMILY = Hunyuan()


@pytest.fixture
def rig(rigs):
    return lambda variant, **how: rigs(FAMILY, build_hunyuan, variant, **how)


@pytest.fixture(params=["t2v", "i2v"])
def any_hunyuan(request, rig):
    return rig(request.param)


def test_every_input_of_the_capabilities_is_used_and_reported(any_hunyuan):
    window = any_hunyuan.everything()
    shown = any_hunyuan.shoot(**window)
    assert shown.used == {"prompt", *window}
    assert shown.frames.shape == (9, 32, 32, 3)
    assert not shown.hook_called
    assert not FAMILY.hooks(any_hunyuan.folder)
    assert any_hunyuan.shoot(**window, on_step=lambda *arguments: arguments[-1]).hook_called is False


def test_an_image_model_starts_from_a_picture_or_a_known_frame(rig):
    model = rig("i2v")
    picture = model.picture(3)
    begun, gone_on = model.shoot(first_frame=picture), model.shoot(known=picture[None])
    assert (begun.used, gone_on.used) == ({"prompt", "first_frame"}, {"prompt", "known"})
    assert np.array_equal(begun.frames, gone_on.frames)
    assert not np.array_equal(model.shoot(first_frame=model.picture(4)).frames, begun.frames)
    with pytest.raises(BackboneError, match=r"picture to begin with.*neither a `first_frame`.*`stage` paints it"):
        model.shoot()


def test_frames_repeat_for_the_same_seed_and_differ_for_another(any_hunyuan):
    window = any_hunyuan.everything()
    first = any_hunyuan.shoot(**window).frames
    assert np.array_equal(any_hunyuan.shoot(**window).frames, first)
    assert not np.array_equal(any_hunyuan.shoot(**window, seed=2).frames, first)


@pytest.mark.parametrize("size", [(48, 32), (32, 48), (96, 80), (48, 80), (208, 96)])
def test_a_picture_model_shoots_at_the_windows_size(rig, size):
    model, (width, height) = rig("i2v"), size
    picture = np.ascontiguousarray(model.pictures(1, 2, 256)[0][:height, :width])
    with model.watched() as passes:
        shown = model.shoot(width=width, height=height, first_frame=picture, guidance=1.0, steps=1, frames=5)
    assert shown.frames.shape == (5, height, width, 3)
    vae = model.loaded.pipeline.vae
    pixels = torch.from_numpy(picture).permute(2, 0, 1)[None, :, None] / 127.5 - 1
    expected = vae.encode(pixels).latent_dist.mode() * vae.config.scaling_factor
    # the pixel that was put on for the pipeline's choice of size is off again
    assert torch.allclose(passes[0]["hidden_states"][:, 4:8, :1], expected, atol=1e-4)


def test_the_prompt_comes_with_the_masks_of_both_its_encoders(rig):
    encoded = rig("t2v").encoded
    assert set(encoded) == {
        f"{prefix}prompt_embeds{suffix}" for prefix in ("", "negative_") for suffix in ("", "_mask", "_2", "_mask_2")
    }
    assert encoded["prompt_embeds"].shape == (1, 1000, 32)
    assert encoded["prompt_embeds_mask"].sum() == len("a cat on a quay") + 1
    assert encoded["prompt_embeds_mask_2"].sum() == 0


def test_quoted_text_reaches_the_second_text_encoder(rig, tmp_path):

    model = rig("t2v")
    others = [name for name in model.folder.components if name not in FAMILY.text_components]
    reader = LoadedPipeline(pipeline=FAMILY.load(model.folder, others, torch.float32), folder=model.folder)
    encoded = FAMILY.encode_prompt(reader, 'a sign that says "HARBOUR"', "", torch.device("cpu"))
    assert encoded["prompt_embeds_mask_2"].sum() > len("HARBOUR")
    assert encoded["negative_prompt_embeds_mask_2"].sum() == 0


def test_guidance_one_takes_one_pass_a_step(rig):
    model = rig("t2v")
    with model.watched() as passes:
        model.shoot(guidance=1.0)
        assert len(passes) == 2
        model.shoot(guidance=6.0)
        assert len(passes) == 2 + 4


def test_the_model_shoots_in_half_precision(any_hunyuan, rig):
    model = rig("i2v", dtype=torch.bfloat16)
    assert model.shoot(**model.everything(), steps=1).frames.shape == (9, 32, 32, 3)


def test_rules_come_from_the_configurations(rig):
    folder = rig("t2v").folder
    rules = FAMILY.rules(folder)
    assert (rules.fps, rules.most_frames, rules.side_multiple, rules.size, rules.guidance) == (24, 121, 16, (848, 480), 4.0)


def test_a_text_model_denoises_several_windows_together(rig):
    model = rig("t2v")
    joint = joint_of(FAMILY, model.folder)
    with windowed(getattr(model.loaded.pipeline, joint.components[0]), 2, 1, joint.layout):
        assert len(model.shoot(frames=13, steps=1, guidance=1.0).frames) == 13
    assert FAMILY.joint(rig("i2v").folder) is None


def test_an_invalid_autoencoder_configuration_is_refused(rig):
    folder = rig("t2v").folder
    strange = replace(folder, configs={**folder.configs, "vae": {**folder.configs["vae"], "block_out_channels": "x"}})
    with pytest.raises(BackboneError, match="do not make up a HunyuanVideo15Pipeline"):
        FAMILY.load(strange, [name for name in folder.components if name not in FAMILY.text_components], torch.float32)
