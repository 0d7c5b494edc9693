"""Wan: every input reaches the model, and the result names exactly the inputs used."""

import hashlib
import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from episodic.backbones.diffusers.families.wan import Wan
from episodic.backbones.diffusers.folder.inspect import inspect_folder
from episodic.consistency.latent_windows import windowed
from episodic.errors import BackboneError
from episodic.lab.tiny_models.cogvideox import build_cogvideox
from episodic.lab.tiny_models.hunyuan import build_hunyuan
from episodic.lab.tiny_models.skyreels import build_skyreels
from episodic.lab.tiny_models.wan import build_wan
from tests.episodic.backbones.diffusers.families.rig import joint_of, latents_of

CPU = torch.device("cpu")
FAMILY = Wan()
VARIANTS = ("t2v", "t2v-a14b", "i2v", "i2v-2.2", "flf", "ti2v", "vace")


@pytest.fixture
def rig(rigs):
    return lambda variant, **how: rigs(FAMILY, build_wan, variant, 64 if variant == "ti2v" else 32, **how)


@pytest.fixture(params=VARIANTS)
def any_wan(request, rig):
    return rig(request.param)


def test_every_input_of_the_capabilities_is_used_and_reported(any_wan):
    window = any_wan.everything()
    shown = any_wan.shoot(**window)
    names = {name for name in window if name in ("known", "first_frame", "last_frame")}
    names |= {f"control:{kind}" for kind in window.get("control", {})} | {
        f"reference:{memory.name}" for memory in window.get("references", ())
    }
    assert shown.used == {"prompt", *names}
    assert shown.frames.shape == (9, any_wan.side, any_wan.side, 3)
    assert shown.frames.dtype == np.uint8
    assert shown.frames.std() > 0


def test_every_input_changes_the_frames(any_wan):
    window = any_wan.everything()
    whole = any_wan.shoot(**window).frames
    changed = {"last_frame": any_wan.picture(50), "known": None, "first_frame": None}
    if "known" in window:
        changed["known"] = any_wan.pictures(len(window["known"]), 51)
    if "first_frame" in window:
        changed["first_frame"] = any_wan.picture(52)
    for name in window:
        if name == "control":
            other = {kind: clip[::-1].copy() for kind, clip in window["control"].items()}
        elif name == "references":
            other = any_wan.memories(60, 61, 62)
        else:
            other = changed[name]
        assert not np.array_equal(any_wan.shoot(**window | {name: other}).frames, whole), name


def test_frames_repeat_for_the_same_seed_and_differ_for_another(any_wan):
    window = any_wan.everything()
    first = any_wan.shoot(**window).frames
    assert np.array_equal(any_wan.shoot(**window).frames, first)
    assert not np.array_equal(any_wan.shoot(**window, seed=2).frames, first)


def test_the_prompt_is_attended_to(any_wan):
    window = any_wan.everything()
    other = {name: tensor.flip(-1) for name, tensor in any_wan.encoded.items()}
    assert not np.array_equal(any_wan.shoot(**window).frames, any_wan.shoot(**window, encoded=other).frames)


def test_the_step_hook_sees_the_windows_latents_and_changes_the_result(any_wan):
    window, seen = any_wan.everything(), []

    def hook(step, steps, signal, noise, latents):
        seen.append((step, steps, signal + noise, latents.shape))
        return latents * 0.5

    plain, hooked = any_wan.shoot(**window), any_wan.shoot(**window, steps=3, on_step=hook)
    expected = latents_of(FAMILY, any_wan.loaded, any_wan.pictures(9)).shape
    assert FAMILY.hooks(any_wan.folder)
    assert hooked.hook_called
    assert not plain.hook_called
    assert [(step, steps, shape) for step, steps, _, shape in seen] == [(0, 3, expected), (1, 3, expected)]
    assert all(total == pytest.approx(1) for _, _, total, _ in seen)
    assert not np.array_equal(any_wan.shoot(**window, steps=3).frames, hooked.frames)


def test_the_schedulers_corrector_does_not_undo_a_hook(rig):
    means = []

    def hook(step, steps, signal, noise, latents):
        means.append(float(latents.mean()))
        return latents + 100 if step == 0 else latents

    rig("t2v").shoot(steps=4, on_step=hook)
    assert means[1] - means[0] == pytest.approx(100, abs=5)


def test_the_models_own_scheduler_is_restored_after_a_hook(rig):
    model = rig("t2v")
    before = model.loaded.pipeline.scheduler
    model.shoot(on_step=lambda *arguments: arguments[-1])
    assert model.loaded.pipeline.scheduler is before


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_model_shoots_in_half_precision_with_a_float32_autoencoder(rig, variant):
    model = rig(variant, dtype=torch.bfloat16)
    assert model.loaded.pipeline.transformer.dtype == torch.bfloat16
    assert model.loaded.pipeline.vae.dtype == torch.float32
    assert model.shoot(**model.everything()).frames.shape == (9, model.side, model.side, 3)


def test_a_prompt_is_always_512_rows(any_wan):
    assert {name: tuple(tensor.shape) for name, tensor in any_wan.encoded.items()} == {
        "prompt_embeds": (1, 512, 32),
        "negative_prompt_embeds": (1, 512, 32),
    }
    assert any_wan.encoded["prompt_embeds"][0, 16:].abs().max() == 0


def test_guidance_one_takes_one_pass_a_step(rig):
    model = rig("t2v")
    with model.watched() as passes:
        model.shoot(guidance=1.0)
        assert len(passes) == 2
        model.shoot(guidance=1.5)
        assert len(passes) == 2 + 4


def test_both_stages_of_the_large_model_run(rig):
    model = rig("t2v-a14b")
    with model.watched() as first, model.watched("transformer_2") as second:
        model.shoot()
    assert (len(first), len(second)) == (2, 2)


def test_references_precede_the_window_in_the_requested_order(rig):
    model = rig("vace")
    memories = model.memories(3, 4, 5)
    with model.watched() as passes:
        model.shoot(references=memories)
    control = passes[0]["control_hidden_states"]
    assert control.shape[2] == 3 + 3
    for place, memory in enumerate(memories):
        expected = latents_of(FAMILY, model.loaded, memory.picture[None])
        assert torch.allclose(control[:, :16, place], expected[:, :, 0], atol=1e-4), memory.name


def test_references_are_limited_to_latent_frames_and_the_result_names_the_used_ones(rig):
    model = rig("vace")
    shown = model.shoot(frames=5, references=model.memories(3, 4, 5, 6))
    assert shown.used == {"prompt", "reference:mara:3", "reference:mara:4"}
    assert len(shown.frames) == 5


def test_a_reference_keeps_its_shape_on_white(rig):
    model = rig("vace")
    wide = np.zeros((16, 32, 3), np.uint8)
    memory = replace(model.memories(1)[0], picture=wide)
    expected = np.full((1, 32, 32, 3), 255, np.uint8)
    expected[:, 8:24] = 0
    with model.watched() as passes:
        model.shoot(references=(memory,))
    latents = latents_of(FAMILY, model.loaded, expected)
    assert torch.allclose(passes[0]["control_hidden_states"][:, :16, 0], latents[:, :, 0], atol=1e-4)


@pytest.mark.parametrize("count", [1, 5])
def test_known_frames_are_kept_and_the_others_are_generated(rig, count):
    model = rig("vace")
    known = model.pictures(count, 7)
    with model.watched() as passes:
        model.shoot(known=known)
    control = passes[0]["control_hidden_states"]
    latents = latents_of(FAMILY, model.loaded, known)
    kept, made = control[:, :16], control[:, 32:]
    # the autoencoder looks back only: the first latent frames are those of the known frames alone
    assert torch.allclose(kept[:, :, : latents.shape[2]], latents, atol=1e-4)
    assert made.shape[1] == 64
    assert (made[:, :, -1] == 1).all()
    if count > 1:
        assert (made[:, :, 0] == 0).all()


def test_control_is_followed_where_frames_are_not_known(rig):
    model = rig("vace")
    control = model.pictures(9, 8)
    with model.watched() as passes:
        model.shoot(control={"depth": control})
        model.shoot(control={"depth": control, "pose": model.pictures(9, 9)})
    expected = latents_of(FAMILY, model.loaded, control)
    for arguments in (passes[0], passes[-1]):
        assert torch.allclose(arguments["control_hidden_states"][:, 16:32], expected, atol=1e-4)


def test_the_best_of_several_controls_is_used_and_named(rig):
    model = rig("vace")
    clips = {"layout": model.pictures(9, 8), "pose": model.pictures(9, 9)}
    assert model.shoot(control=clips).used == {"prompt", "control:pose"}


def test_a_picture_made_for_the_shot_fills_the_frame(rig):
    model = rig("vace")
    tall = model.picture(4, side=32).repeat(2, 0)
    with model.watched() as passes:
        shown = model.shoot(first_frame=tall, last_frame=model.picture(5))
    assert shown.used == {"prompt", "first_frame", "last_frame"}
    latents = latents_of(FAMILY, model.loaded, tall[16:48][None])
    assert torch.allclose(passes[0]["control_hidden_states"][:, :16, 0], latents[:, :, 0], atol=1e-4)


def test_the_small_model_of_22_ignores_a_last_picture_and_does_not_claim_it(rig):
    model = rig("ti2v")
    begin = model.picture(1)
    with_last = model.shoot(first_frame=begin, last_frame=model.picture(2))
    assert not model.capabilities.last_frame
    assert with_last.used == {"prompt", "first_frame"}
    assert np.array_equal(with_last.frames, model.shoot(first_frame=begin).frames)


def test_the_small_model_of_22_shoots_from_text_alone_too(rig):
    model = rig("ti2v")
    assert model.shoot().used == {"prompt"}


def test_an_image_model_without_a_picture_is_refused_with_a_remedy(rig):
    with pytest.raises(BackboneError, match=r"picture to begin with.*neither a `first_frame`.*`stage` paints it"):
        rig("i2v").shoot()
    with pytest.raises(BackboneError, match=r"picture to end with.*no `last_frame`"):
        rig("flf").shoot(first_frame=rig("flf").picture())


def test_rules_come_from_the_configurations(rig):
    small, text = FAMILY.rules(rig("ti2v").folder), FAMILY.rules(rig("t2v").folder)
    assert (small.fps, small.side_multiple, small.most_frames) == (24, 32, 121)
    assert (text.fps, text.side_multiple, text.most_frames, text.size) == (16, 16, 81, (832, 480))
    large = replace(rig("t2v").folder, configs=rig("t2v").folder.configs | {"scheduler": {"flow_shift": 5.0}})
    assert FAMILY.rules(large).size == (1280, 720)


def test_known_frames_depend_on_the_variant(rig):
    assert {variant: FAMILY.known_frames(rig(variant).folder) for variant in VARIANTS} == {
        "t2v": (),
        "t2v-a14b": (),
        "i2v": (1,),
        "i2v-2.2": (1,),
        "flf": (1,),
        "ti2v": (1,),
        "vace": (1, 5, 9, 13, 17),
    }


def test_a_text_model_denoises_several_windows_together(rig):
    model = rig("t2v-a14b")
    joint = joint_of(FAMILY, model.folder)
    assert joint.components == ("transformer", "transformer_2")
    pipeline = model.loaded.pipeline
    with windowed(pipeline.transformer, 3, 1, joint.layout), windowed(pipeline.transformer_2, 3, 1, joint.layout):
        assert len(model.shoot(frames=17).frames) == 17
    assert FAMILY.joint(rig("vace").folder) is None


def test_a_tiny_model_is_small_and_has_the_same_bytes_every_time(tmp_path):
    def prints(root):
        build_wan(root, "vace")
        return {
            str(file.relative_to(root)): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in root.rglob("*")
            if file.is_file()
        }

    state = torch.get_rng_state()
    assert prints(tmp_path / "one") == prints(tmp_path / "two")
    assert torch.equal(torch.get_rng_state(), state)
    assert sum(file.stat().st_size for file in (tmp_path / "one").rglob("*")) < 2_000_000


def test_capabilities_and_rules_of_four_families_are_read_without_torch(rig, tmp_path):
    code = """
import json, sys
from dataclasses import asdict
from pathlib import Path
from episodic.backbones.diffusers.folder.inspect import inspect_folder
from episodic.backbones.diffusers.families.family_registry import family_of, open_family
facts = {}
for path in map(Path, sys.argv[1:]):
    folder = inspect_folder(path)
    family = open_family(family_of(folder.class_name))
    can, rules = family.capabilities(folder), family.rules(folder)
    assert can.max_seconds == rules.most_frames / rules.fps
    assert can.continuation_frames == max(family.known_frames(folder), default=0)
    facts[can.name] = [can.text_tokens, family.hooks(folder), family.joint(folder) is not None]
assert not {"torch", "diffusers", "transformers"} & set(sys.modules), "heavy"
print(json.dumps(facts))
"""
    folders = [
        rig("vace").folder.root,
        build_skyreels(tmp_path / "skyreels", "v2v"),
        build_hunyuan(tmp_path / "hunyuan", "t2v"),
        build_cogvideox(tmp_path / "cogvideox", "t2v"),
    ]
    run = subprocess.run([sys.executable, "-c", code, *map(str, folders)], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == {
        "wan": [511, True, False],
        "skyreels": [511, True, False],
        "hunyuan": [995, False, True],
        "cogvideox": [47, True, True],
    }


def test_a_folders_class_belongs_to_its_family(rig):
    assert inspect_folder(rig("vace").folder.root).class_name in FAMILY.classes
