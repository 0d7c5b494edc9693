"""SDXL with IP-Adapter: reference pictures matter, and the adapter is only loaded from the expected place and if it is safe."""

import json
import shutil

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from episodic.backbones.diffusers.driver import LoadedPipeline
from episodic.backbones.diffusers.families.sdxl_ip import SdxlIp
from episodic.backbones.diffusers.folder.inspect import inspect_folder
from episodic.backbones.diffusers.picture_request import PictureRequest
from episodic.errors import BackboneError
from episodic.lab.tiny_models.sdxl_ip import build_sdxl_ip

# diffusers' own: its Euler scheduler hands numpy a tensor as numpy 2 no longer likes it
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning")
CPU = torch.device("cpu")
FAMILY = SdxlIp()


def picture(seed):
    return np.random.default_rng(seed).integers(0, 256, (8, 8, 3), np.uint8).repeat(8, 0).repeat(8, 1)


def draw(loaded, *seeds, seed=1, prompt="a lighthouse"):
    shown = tuple(picture(number) for number in seeds)
    request = PictureRequest(prompt=prompt, references=shown, width=64, height=64, seed=seed, steps=2, guidance=5.0)
    return FAMILY.call(loaded, request, CPU)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return build_sdxl_ip(tmp_path_factory.mktemp("sdxl"))


@pytest.fixture
def copy(root, tmp_path):
    return shutil.copytree(root, tmp_path / "model")


@pytest.fixture(scope="module")
def model(root):
    folder = FAMILY.complete(inspect_folder(root))
    return LoadedPipeline(pipeline=FAMILY.load(folder, (), torch.float32), folder=folder)


def test_every_reference_and_every_word_changes_the_picture(model):
    whole = draw(model, 1, 2)
    others = [draw(model, *seeds) for seeds in ((3, 2), (1, 3), (1,), ())]
    others += [draw(model, 1, 2, prompt="a cat"), draw(model, 1, 2, seed=2)]
    assert all(not np.array_equal(whole, other) for other in others)
    assert np.array_equal(whole, draw(model, 1, 2))


def test_the_model_runs_in_half_precision(root):
    folder = FAMILY.complete(inspect_folder(root))
    loaded = LoadedPipeline(pipeline=FAMILY.load(folder, (), torch.bfloat16), folder=folder)
    assert {parameter.dtype for parameter in loaded.pipeline.unet.parameters()} == {torch.bfloat16}
    assert draw(loaded, 1, 2).std() > 0


def test_the_image_encoder_beside_the_pipeline_is_one_of_its_parts(model):
    assert model.folder.components["image_encoder"] == ("transformers", "CLIPVisionModelWithProjection")
    assert model.folder.weight_bytes["image_encoder"] > 0


def test_another_adapter_is_another_model(copy, model):
    file = next((copy / "ip_adapter").iterdir())
    weights = {name: tensor * 2 for name, tensor in load_file(file).items()}
    save_file(weights, file)
    assert FAMILY.complete(inspect_folder(copy)).fingerprint != model.folder.fingerprint


def test_a_folder_without_an_adapter_is_refused_with_the_expected_path(copy):
    shutil.rmtree(copy / "ip_adapter")
    with pytest.raises(BackboneError, match=r"no IP-Adapter.*ip_adapter/\*\.safetensors"):
        FAMILY.complete(inspect_folder(copy))


def test_a_pickled_adapter_is_refused_and_never_opened(copy):
    file = next((copy / "ip_adapter").iterdir())
    file.rename(file.with_suffix(".bin"))
    with pytest.raises(BackboneError, match="pickle file"):
        FAMILY.complete(inspect_folder(copy))


def test_a_folder_with_two_adapters_is_refused(copy):
    file = next((copy / "ip_adapter").iterdir())
    shutil.copy(file, file.with_name("other.safetensors"))
    with pytest.raises(BackboneError, match="expected one adapter"):
        FAMILY.complete(inspect_folder(copy))


def test_a_pickled_image_encoder_is_refused(copy):
    weights = copy / "image_encoder" / "model.safetensors"
    weights.rename(weights.with_name("pytorch_model.bin"))
    with pytest.raises(BackboneError, match="image encoder is missing, or not in safetensors"):
        FAMILY.complete(inspect_folder(copy))


def test_an_image_encoder_that_comes_with_code_is_refused(copy):
    code = {"auto_map": {"AutoImageProcessor": "mine.Reader"}}
    (copy / "image_encoder" / "preprocessor_config.json").write_text(json.dumps(code), "utf-8")
    with pytest.raises(BackboneError, match="auto_map names code that comes with the model, for image_encoder"):
        FAMILY.complete(inspect_folder(copy))


def test_an_adapter_that_points_out_of_the_folder_is_refused(copy, tmp_path):
    file = next((copy / "ip_adapter").iterdir())
    file.rename(tmp_path / "elsewhere.safetensors")
    file.symlink_to(tmp_path / "elsewhere.safetensors")
    with pytest.raises(BackboneError, match="points out"):
        FAMILY.complete(inspect_folder(copy))


def test_a_damaged_adapter_is_named(copy):
    file = next((copy / "ip_adapter").iterdir())
    file.write_bytes(file.read_bytes()[:-5])
    with pytest.raises(BackboneError, match="damaged"):
        FAMILY.complete(inspect_folder(copy))


def test_an_adapter_of_another_model_does_not_fit(copy):
    file = next((copy / "ip_adapter").iterdir())
    save_file({"image_proj.proj.weight": torch.zeros(8, 16), "ip_adapter.1.to_k_ip.weight": torch.zeros(3, 3)}, file)
    folder = FAMILY.complete(inspect_folder(copy))
    with pytest.raises(BackboneError, match="do not fit the model"):
        FAMILY.load(folder, (), torch.float32)
