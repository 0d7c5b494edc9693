"""Pipelines are loaded from untrusted folders: completely, or one error names the component and the remedy."""

from __future__ import annotations

import dataclasses
import gc
import io
import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from episodic.backbones.diffusers.folder.inspect import inspect_folder
from episodic.backbones.diffusers.folder.load import load_component, load_pipeline
from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.sampling.tokens import TokenCounter
from episodic.errors import BackboneError
from episodic.lab.tiny_models.echo import build_echo
from episodic.lab.tiny_models.wan import build_wan

TEXT = ("tokenizer", "text_encoder")
WEIGHTS = "diffusion_pytorch_model.safetensors"


@pytest.fixture(scope="module")
def wan(tmp_path_factory: pytest.TempPathFactory) -> ModelFolder:
    return inspect_folder(build_wan(tmp_path_factory.mktemp("loading") / "wan", "t2v"))


@pytest.fixture
def damaged(wan: ModelFolder, tmp_path: Path) -> ModelFolder:
    """Return a copy that a test may damage after inspection."""
    shutil.copytree(wan.root, tmp_path / "wan")
    return dataclasses.replace(wan, root=tmp_path / "wan")


def fails(folder: ModelFolder) -> str:
    with pytest.raises(BackboneError) as caught:
        load_pipeline(folder, leave_out=TEXT, dtype=torch.float32)
    return caught.value.message


def test_left_out_components_are_none_and_the_others_are_loaded(wan: ModelFolder) -> None:
    pipeline = load_pipeline(wan, leave_out=TEXT, dtype=torch.float32)
    assert type(pipeline).__name__ == "WanPipeline"
    assert pipeline.text_encoder is None
    assert pipeline.tokenizer is None
    assert not pipeline.transformer.training
    assert {parameter.device.type for parameter in pipeline.transformer.parameters()} == {"cpu"}


def test_text_components_can_be_loaded_alone(wan: ModelFolder) -> None:
    pipeline = load_pipeline(wan, leave_out=("transformer", "vae", "scheduler"), dtype=torch.float32)
    assert pipeline.text_encoder is not None
    assert pipeline.transformer is None
    assert pipeline.vae is None


def test_the_autoencoder_stays_in_float32(wan: ModelFolder) -> None:
    pipeline = load_pipeline(wan, leave_out=TEXT, dtype=torch.bfloat16)
    assert pipeline.vae.dtype == torch.float32
    assert pipeline.transformer.blocks[0].attn1.to_q.weight.dtype == torch.bfloat16


def test_loaded_weights_equal_the_files(wan: ModelFolder) -> None:
    pipeline = load_pipeline(wan, leave_out=TEXT, dtype=torch.float32)
    stored = load_file(wan.root / "transformer" / WEIGHTS)
    loaded = pipeline.transformer.state_dict()
    assert stored.keys() == loaded.keys()
    assert all(torch.equal(stored[name], loaded[name]) for name in stored)


def test_a_modular_pipeline_loads_the_same_way(tmp_path: Path) -> None:
    folder = inspect_folder(build_echo(tmp_path / "echo"))
    pipeline = load_pipeline(folder, leave_out=("text_encoder",), dtype=torch.bfloat16)
    assert type(pipeline).__name__ == folder.class_name
    assert getattr(pipeline, "text_encoder", None) is None
    assert pipeline.vae.dtype == pipeline.audio_vae.dtype == torch.float32
    assert next(pipeline.vocoder.parameters()).dtype == torch.float32
    assert pipeline.transformer.dtype == torch.bfloat16


def test_a_missing_component_is_named(damaged: ModelFolder) -> None:
    shutil.rmtree(damaged.root / "vae")
    message = fails(damaged)
    assert "the component vae (AutoencoderKLWan) is missing" in message
    assert "fetch the model again" in message


def test_weights_that_are_cut_short_are_named(damaged: ModelFolder) -> None:
    file = damaged.root / "transformer" / WEIGHTS
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    assert "the component transformer (WanTransformer3DModel) cannot be loaded" in fails(damaged)


def test_a_missing_tensor_is_an_error(damaged: ModelFolder) -> None:
    file = damaged.root / "transformer" / WEIGHTS
    weights = load_file(file)
    del weights["blocks.1.ffn.net.2.weight"]
    save_file(weights, file, metadata={"format": "pt"})
    assert "transformer (WanTransformer3DModel) cannot be loaded: weights are missing: blocks.1.ffn.net.2.weight" in fails(
        damaged
    )


def test_a_text_encoder_without_some_weights_is_not_loaded(damaged: ModelFolder) -> None:
    file = damaged.root / "text_encoder" / "model.safetensors"
    weights = load_file(file)
    dropped = next(name for name in weights if "block.1.layer.0.SelfAttention.q" in name)
    del weights[dropped]
    save_file(weights, file, metadata={"format": "pt"})
    with pytest.raises(BackboneError, match="text_encoder"):
        load_pipeline(damaged, leave_out=("transformer", "vae", "scheduler"), dtype=torch.float32)


def test_weights_of_another_shape_are_named(damaged: ModelFolder) -> None:
    config = damaged.root / "transformer" / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"ffn_dim": 48}))
    assert "the component transformer (WanTransformer3DModel) cannot be loaded" in fails(damaged)


def test_a_failed_load_leaves_no_components_in_memory(damaged: ModelFolder) -> None:
    from diffusers import AutoencoderKLWan, WanTransformer3DModel

    def alive() -> int:
        gc.collect()
        return sum(type(each) in (AutoencoderKLWan, WanTransformer3DModel) for each in gc.get_objects())

    before = alive()
    last = list(damaged.components)[-1]
    shutil.rmtree(damaged.root / last)
    fails(damaged)
    assert alive() == before


@pytest.mark.parametrize("name", ["NoSuchPipeline", "logging", "AutoencoderKLWan", "__doc__"])
def test_only_pipelines_of_diffusers_are_loaded(wan: ModelFolder, name: str) -> None:
    assert f"{name} is no pipeline of diffusers" in fails(dataclasses.replace(wan, class_name=name))


@pytest.mark.parametrize(
    "source", [("os", "system"), ("custom.code", "Model"), ("diffusers", "logging"), ("diffusers", "no.such")]
)
def test_only_classes_of_diffusers_and_transformers_are_loaded(wan: ModelFolder, source: tuple[str, str]) -> None:
    message = fails(dataclasses.replace(wan, components={**wan.components, "scheduler": source}))
    assert "the component scheduler needs the class" in message
    assert "never run" in message


def test_code_of_the_folder_is_not_run_even_without_inspection(damaged: ModelFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    # transformers asks the terminal when nobody has said no
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n" * 8))
    place = damaged.root / "tokenizer"
    for file in place.iterdir():
        file.unlink()
    (place / "tokenizer_config.json").write_text(json.dumps({"auto_map": {"AutoTokenizer": ["mine.Tokenizer", None]}}), "utf-8")
    ran = damaged.root / "ran"
    (place / "mine.py").write_text(f"import pathlib; pathlib.Path({str(ran)!r}).touch()\nclass Tokenizer: pass\n", "utf-8")
    folder = dataclasses.replace(damaged, components={**damaged.components, "tokenizer": ("transformers", "AutoTokenizer")})
    with pytest.raises(BackboneError, match="contains custom code"):
        load_component(folder, "tokenizer", torch.float32)
    with pytest.raises(BackboneError, match="contains custom code"):
        TokenCounter(folder, ("tokenizer",)).count("a word")
    assert not ran.exists()


def test_a_modular_index_cannot_point_out_of_its_folder(wan: ModelFolder) -> None:
    index = {**wan.index, "vae": ["diffusers", "AutoencoderKLWan", {"subfolder": "../elsewhere"}]}
    assert "is not below the model's folder" in fails(dataclasses.replace(wan, index=index))


def test_components_that_do_not_fit_together_are_one_error(damaged: ModelFolder) -> None:
    index = damaged.root / "model_index.json"
    index.write_text(json.dumps({name: value for name, value in json.loads(index.read_text()).items() if name != "vae"}))
    without = {name: source for name, source in damaged.components.items() if name != "vae"}
    (message,) = fails(dataclasses.replace(damaged, components=without)).splitlines()
    assert "its components do not make up a WanPipeline" in message
    assert "vae" in message
