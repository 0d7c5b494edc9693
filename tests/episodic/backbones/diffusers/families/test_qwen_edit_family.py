"""Qwen-Image-Edit-Plus: its pictures depend on the references, and one is required."""

import numpy as np
import pytest
import torch

from episodic.backbones.diffusers.driver import LoadedPipeline
from episodic.backbones.diffusers.families.drivers.qwen_edit_driver import PictureAndTextReader
from episodic.backbones.diffusers.families.qwen_edit import QwenEdit
from episodic.backbones.diffusers.folder.inspect import inspect_folder
from episodic.backbones.diffusers.machine.encoding_cache import EncodingCache
from episodic.backbones.diffusers.picture_request import PictureRequest
from episodic.errors import BackboneError
from episodic.lab.tiny_models.qwen_edit import build_qwen_edit

CPU = torch.device("cpu")
FAMILY = QwenEdit()


def picture(seed):
    return np.random.default_rng(seed).integers(0, 256, (8, 8, 3), np.uint8).repeat(8, 0).repeat(8, 1)


def draw(loaded, *seeds, seed=1, prompt="turn it into a lighthouse", **more):
    shown = tuple(picture(number) for number in seeds)
    request = PictureRequest(prompt=prompt, references=shown, width=64, height=64, seed=seed, steps=2, guidance=4.0)
    return FAMILY.call(loaded, request, CPU)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = inspect_folder(build_qwen_edit(tmp_path_factory.mktemp("qwen")))
    loaded = LoadedPipeline(pipeline=FAMILY.load(folder, (), torch.float32), folder=folder)
    # as the host does; the pipeline looks at every reference at a megapixel
    EncodingCache().cache_method(loaded.pipeline.vae, "encode", "tiny")
    return loaded


def test_every_reference_and_every_word_changes_the_picture(model):
    whole = draw(model, 1, 2)
    others = [draw(model, *seeds) for seeds in ((3, 2), (1, 3), (2, 1), (1,))]
    others += [draw(model, 1, 2, prompt="a cat"), draw(model, 1, 2, seed=2)]
    assert all(not np.array_equal(whole, other) for other in others)
    assert whole.shape == (64, 64, 3)
    assert np.array_equal(whole, draw(model, 1, 2))


def test_a_request_without_a_picture_is_refused(model):
    assert FAMILY.rules(model.folder).needs_reference
    with pytest.raises(BackboneError, match="edits pictures, and the request has none"):
        draw(model)


def test_each_picture_gets_the_placeholders_that_the_text_encoder_expects(model):
    reader = PictureAndTextReader(model.folder, model.pipeline.tokenizer)
    from PIL import Image

    pictures = [Image.fromarray(picture(1)), Image.fromarray(picture(2)).resize((112, 56))]
    read = reader(text=["<|image_pad|> and <|image_pad|>"], images=pictures)
    merged = [int(grid.prod()) // 4 for grid in read["image_grid_thw"]]
    pad = model.pipeline.tokenizer.convert_tokens_to_ids("<|image_pad|>")
    assert int((read["input_ids"] == pad).sum()) == sum(merged)
    assert read["pixel_values"].shape[0] == 4 * sum(merged)


def test_a_broken_processor_is_named(tmp_path):
    root = build_qwen_edit(tmp_path)
    (root / "processor" / "preprocessor_config.json").unlink()
    with pytest.raises(BackboneError, match="processor"):
        FAMILY.load(inspect_folder(root), (), torch.float32)
