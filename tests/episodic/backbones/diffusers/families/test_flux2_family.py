"""FLUX.2: every reference picture matters, and each variant gets the arguments that it expects."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from episodic.backbones.diffusers.driver import LoadedPipeline
from episodic.backbones.diffusers.families.flux2 import Flux2
from episodic.backbones.diffusers.folder.inspect import inspect_folder
from episodic.backbones.diffusers.picture_request import PictureRequest
from episodic.errors import BackboneError
from episodic.lab.tiny_models.flux2 import build_flux2

CPU = torch.device("cpu")
FAMILY = Flux2()
VARIANTS = ("dev", "klein", "klein-base")


def picture(seed, width=64, height=64):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (height // 8, width // 8, 3), np.uint8).repeat(8, 0).repeat(8, 1)


def draw(loaded, *seeds, seed=1, prompt="a lighthouse", size=(64, 64), **more):
    shown = tuple(picture(number) for number in seeds)
    request = PictureRequest(
        prompt=prompt, references=shown, width=size[0], height=size[1], seed=seed, **{"steps": 2, "guidance": 4.0} | more
    )
    return FAMILY.call(loaded, request, CPU)


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    made = {}

    def load(variant, dtype=torch.float32):
        if (variant, dtype) not in made:
            folder = inspect_folder(build_flux2(tmp_path_factory.mktemp(variant), variant))
            made[variant, dtype] = LoadedPipeline(pipeline=FAMILY.load(folder, (), dtype), folder=folder)
        return made[variant, dtype]

    return load


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_reference_and_every_word_changes_the_picture(models, variant):
    loaded = models(variant)
    whole = draw(loaded, 1, 2, 3)
    others = [draw(loaded, *seeds) for seeds in ((4, 2, 3), (1, 4, 3), (1, 2, 4), (1, 2), (2, 1, 3), ())]
    others += [draw(loaded, 1, 2, 3, prompt="a cat"), draw(loaded, 1, 2, 3, seed=2)]
    assert all(not np.array_equal(whole, other) for other in others)
    assert whole.shape == (64, 64, 3)
    assert whole.dtype == np.uint8


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_same_seed_gives_the_same_bytes(models, variant):
    assert np.array_equal(draw(models(variant), 1, 2), draw(models(variant), 1, 2))


@pytest.mark.parametrize("variant", ["dev", "klein"])
def test_the_model_and_its_autoencoder_run_in_half_precision(models, variant):
    loaded = models(variant, torch.bfloat16)
    assert {parameter.dtype for parameter in loaded.pipeline.vae.parameters()} == {torch.bfloat16}
    assert draw(loaded, 1, 2).std() > 0


def test_a_picture_has_the_requested_shape(models):
    assert draw(models("klein"), 1, size=(96, 48)).shape == (48, 96, 3)


def test_references_that_the_pipeline_would_refuse_are_padded(models):
    request = PictureRequest(
        prompt="a", references=(picture(1, 16, 16), picture(2, 640, 16)), width=64, height=64, seed=1, steps=1, guidance=1.0
    )
    assert FAMILY.call(models("klein"), request, CPU).shape == (64, 64, 3)


def test_distilled_models_take_four_steps_without_guidance(models):
    distilled, base, dev = (FAMILY.rules(models(variant).folder) for variant in ("klein", "klein-base", "dev"))
    assert (distilled.steps, distilled.guidance, distilled.references) == (4, 1.0, 4)
    assert (base.steps, base.guidance, base.references) == (50, 4.0, 4)
    assert (dev.references, dev.needs_reference) == (6, False)


def test_sizes_fit_the_packing_and_are_near_the_trained_area(models):
    rules = FAMILY.rules(models("klein").folder)
    for shape in ((1, 1), (2, 3), (16, 9), (9, 16), (1280, 720)):
        width, height = rules.size_for(*shape)
        assert width % rules.side_multiple == height % rules.side_multiple == 0
        assert 0.6 * rules.area <= width * height <= 1.5 * rules.area
        assert (width > height) == (shape[0] > shape[1])


def test_the_tiny_model_is_the_same_every_time(models, tmp_path):
    assert inspect_folder(build_flux2(tmp_path, "dev")).fingerprint == models("dev").folder.fingerprint


def test_a_broken_tokenizer_is_named(tmp_path):
    root = build_flux2(tmp_path, "dev")
    (root / "tokenizer" / "tokenizer.json").write_text("{")
    with pytest.raises(BackboneError, match="tokenizer"):
        FAMILY.load(inspect_folder(root), (), torch.float32)


def test_rules_are_read_without_torch(models):
    code = (
        "import sys; from pathlib import Path; from episodic.backbones.diffusers.families.family_registry import open_keyframe_family as f\n"
        "from episodic.backbones.diffusers.folder.inspect import inspect_folder\n"
        f"print(f('flux2').rules(inspect_folder(Path({str(models('klein').folder.root)!r}))).references, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["4", "False"]
