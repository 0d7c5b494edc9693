import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from episodic.backbones.diffusers.folder.inspect import inspect_folder
from episodic.errors import BackboneError, InputError
from episodic.lab.tiny_models.wan import build_wan

TRANSFORMER = "transformer/diffusion_pytorch_model.safetensors"


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return build_wan(tmp_path_factory.mktemp("saved") / "vace", "vace")


@pytest.fixture
def model(saved, tmp_path):
    return Path(shutil.copytree(saved, tmp_path / "model"))


def edit(file, **changes):
    content = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps(content | changes), "utf-8")


def shard(
    model, names=("diffusion_pytorch_model-00001-of-00002.safetensors", "diffusion_pytorch_model-00002-of-00002.safetensors")
):
    """Split the transformer's weights into two files, as large models are saved."""
    from safetensors.numpy import load_file, save_file

    whole = model / TRANSFORMER
    tensors = sorted(load_file(whole).items())
    halves = (tensors[::2], tensors[1::2])
    for name, half in zip(names, halves, strict=True):
        save_file(dict(half), whole.with_name(name))
    weight_map = {key: name for name, half in zip(names, halves, strict=True) for key, _ in half}
    whole.with_name(whole.name + ".index.json").write_text(json.dumps({"metadata": {}, "weight_map": weight_map}), "utf-8")
    whole.unlink()


def as_snapshot(model, cache):
    """Arrange the model as in the hub's cache: links into blobs."""
    store = cache / "models--owner--name"
    snapshot = store / "snapshots" / ("0" * 40)
    (store / "blobs").mkdir(parents=True)
    for number, file in enumerate(sorted(path for path in model.rglob("*") if path.is_file())):
        blob = store / "blobs" / f"{number:040x}"
        shutil.copy(file, blob)
        link = snapshot / file.relative_to(model)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(blob)
    return snapshot


def test_a_folder_lists_its_class_components_configurations_and_sizes(model):
    folder = inspect_folder(model)
    assert (folder.class_name, folder.modular, folder.root) == ("WanVACEPipeline", False, model)
    assert folder.components["transformer"] == ("diffusers", "WanVACETransformer3DModel")
    assert "transformer_2" not in folder.components  # null in the index
    assert folder.configs["vae"]["z_dim"] == 16
    assert folder.configs["scheduler"]["flow_shift"] == 3.0
    assert folder.weight_bytes["transformer"] == (model / TRANSFORMER).stat().st_size
    assert folder.weight_bytes["tokenizer"] == folder.weight_bytes["scheduler"] == 0


def test_inspecting_a_folder_loads_no_model_library():
    code = "import sys, episodic.backbones.diffusers.folder.inspect as i; i._libraries(); print({'torch', 'diffusers', 'transformers'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "set()", done.stderr


def test_the_fingerprint_does_not_depend_on_the_location(saved, model, tmp_path):
    there = inspect_folder(as_snapshot(model, tmp_path / "hub"))
    assert inspect_folder(saved).fingerprint == inspect_folder(model).fingerprint == there.fingerprint


@pytest.mark.parametrize("file", [TRANSFORMER, "vae/config.json", "tokenizer/tokenizer.json", "model_index.json"])
def test_the_fingerprint_changes_with_every_file_that_is_loaded(model, file):
    before = inspect_folder(model).fingerprint
    place = model / file
    if file.endswith("json"):
        edit(place, _note="changed")
    else:
        content = bytearray(place.read_bytes())
        content[-1] ^= 1
        place.write_bytes(content)
    assert inspect_folder(model).fingerprint != before


def test_the_fingerprint_changes_with_an_adapter_beside_the_components(model):
    before = inspect_folder(model).fingerprint
    (model / "ic_lora").mkdir()
    shutil.copy(model / TRANSFORMER, model / "ic_lora" / "depth.safetensors")
    assert inspect_folder(model).fingerprint != before
    (model / "ic_lora" / "depth.safetensors").write_bytes(b"no weights")
    with pytest.raises(BackboneError, match=r"depth\.safetensors: damaged"):
        inspect_folder(model)


def test_files_that_are_never_loaded_do_not_change_the_fingerprint(model):
    before = inspect_folder(model).fingerprint
    (model / "README.md").write_text("about", "utf-8")
    (model / "transformer" / "diffusion_pytorch_model.bin").write_bytes(b"pickle")
    assert inspect_folder(model).fingerprint == before


def test_weights_in_shards_are_all_counted(model):
    whole = inspect_folder(model).weight_bytes["transformer"]
    shard(model)
    assert inspect_folder(model).weight_bytes["transformer"] == pytest.approx(whole, rel=0.1)


def test_a_missing_shard_is_named(model):
    shard(model)
    (model / "transformer" / "diffusion_pytorch_model-00002-of-00002.safetensors").unlink()
    with pytest.raises(
        BackboneError, match=r"1 of the 2 files with weights of transformer are missing: diffusion_pytorch_model-00002"
    ):
        inspect_folder(model)


def test_links_of_the_hubs_cache_are_followed_into_its_blobs_only(model, tmp_path):
    snapshot = as_snapshot(model, tmp_path / "hub")
    link = snapshot / TRANSFORMER
    link.unlink()
    link.symlink_to(model / TRANSFORMER)
    with pytest.raises(BackboneError, match="points out of the model's folder"):
        inspect_folder(snapshot)


@pytest.mark.parametrize("file", [TRANSFORMER, "vae/config.json", "model_index.json"])
def test_a_link_out_of_the_folder_is_refused(model, tmp_path, file):
    outside = tmp_path / "outside"
    (model / file).rename(outside)
    (model / file).symlink_to(outside)
    with pytest.raises(BackboneError, match=r"points out of the model's folder, to .*outside"):
        inspect_folder(model)


def test_a_linked_component_folder_out_of_the_model_is_refused(model, tmp_path):
    (model / "vae").rename(tmp_path / "vae")
    (model / "vae").symlink_to(tmp_path / "vae")
    with pytest.raises(BackboneError, match="points out of the model's folder"):
        inspect_folder(model)


def test_a_link_to_the_models_folder_is_right(model, tmp_path):
    (tmp_path / "link").symlink_to(model)
    assert inspect_folder(tmp_path / "link").root == model


def test_the_rest_of_an_interrupted_download_is_named(model, tmp_path):
    snapshot = as_snapshot(model, tmp_path / "hub")
    (snapshot / TRANSFORMER).resolve().unlink()
    with pytest.raises(BackboneError, match="points to nothing; an interrupted download"):
        inspect_folder(snapshot)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(InputError, match=r"nowhere: no such folder \(nothing there\); expected a folder with"):
        inspect_folder(tmp_path / "nowhere")
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(InputError, match=r"file: no such folder \(a file\)"):
        inspect_folder(tmp_path / "file")


def test_a_folder_without_a_pipeline_is_refused_with_its_contents(model, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(
        InputError, match=r"no pipeline in it: expected modular_model_index\.json or model_index\.json, found nothing"
    ):
        inspect_folder(empty)
    with pytest.raises(InputError, match=r"but .*model has one; name that folder"):
        inspect_folder(tmp_path)
    (empty / "wan2.1_vace.safetensors").write_bytes(b"")
    with pytest.raises(
        InputError, match=r"wan2.1_vace.safetensors is a single file of weights, not a pipeline; take the model's edition"
    ):
        inspect_folder(empty)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "damaged: Expecting property name"),
        ("[1]", "damaged: expected an object, found list"),
        ('{"a": ' * 50_000, "damaged: nested too deeply"),
        ("{}", "damaged: expected _class_name to name a pipeline class, found None"),
        ('{"_class_name": "../Evil"}', "damaged: expected _class_name"),
        ('{"_class_name": "WanPipeline"}', "names no components"),
        ('{"_class_name": "WanPipeline", "vae": ["diffusers", "../x"]}', "damaged: 'vae'"),
        ('{"_class_name": "WanPipeline", "../up": ["diffusers", "AutoencoderKLWan"]}', r"damaged: '\.\./up'"),
    ],
)
def test_a_damaged_index_is_named(model, content, reason):
    (model / "model_index.json").write_text(content, "utf-8")
    with pytest.raises(BackboneError, match=reason):
        inspect_folder(model)


def test_an_index_that_is_not_text_is_damaged(model):
    (model / "model_index.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BackboneError, match="damaged"):
        inspect_folder(model)


def test_an_oversized_configuration_is_not_read(model):
    (model / "vae" / "config.json").write_text(json.dumps({"pad": "x" * (5 << 20)}), "utf-8")
    with pytest.raises(BackboneError, match="bytes are too many for a configuration"):
        inspect_folder(model)


def test_a_component_without_its_folder_is_named(model):
    shutil.rmtree(model / "vae")
    with pytest.raises(
        BackboneError, match="the component vae is in the index, but its folder vae/ is missing; fetch or copy the model again"
    ):
        inspect_folder(model)


def test_a_component_without_weights_is_named(model):
    (model / TRANSFORMER).unlink()
    with pytest.raises(
        BackboneError, match=r"the weights of transformer are missing; expected diffusion_pytorch_model\.safetensors"
    ):
        inspect_folder(model)
    (model / TRANSFORMER).write_bytes(b"")
    with pytest.raises(BackboneError, match="damaged: 0 bytes that are no safetensors file"):
        inspect_folder(model)


def test_a_model_without_its_configuration_is_named(model):
    (model / "vae" / "config.json").unlink()
    with pytest.raises(BackboneError, match=r"vae has no config\.json"):
        inspect_folder(model)


@pytest.mark.parametrize("suffix", [".bin", ".pt", ".ckpt", ".pth"])
def test_pickled_weights_are_named_and_never_opened(model, suffix):
    (model / TRANSFORMER).rename(model / "transformer" / f"diffusion_pytorch_model{suffix}")
    with pytest.raises(
        BackboneError, match=rf"pickle files \(diffusion_pytorch_model\{suffix}\), which can run any code.*save_pretrained"
    ):
        inspect_folder(model)


def test_weights_of_a_variant_alone_are_named(model):
    (model / TRANSFORMER).rename(model / "transformer" / "diffusion_pytorch_model.fp16.safetensors")
    with pytest.raises(BackboneError, match=r"found: diffusion_pytorch_model\.fp16\.safetensors; rename"):
        inspect_folder(model)


def test_weights_cut_short_are_named_with_both_lengths(model):
    file = model / TRANSFORMER
    size = file.stat().st_size
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(BackboneError, match=f"damaged: expected {size} bytes, found {size - 100}"):
        inspect_folder(model)


def test_a_pointer_in_place_of_weights_is_refused_with_a_remedy(model):
    (model / TRANSFORMER).write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 252160\n", "utf-8")
    with pytest.raises(BackboneError, match=r"only a pointer to the weights.*git lfs pull"):
        inspect_folder(model)


@pytest.mark.parametrize(
    "changes",
    [
        {"_class_name": ["pipeline", "MyPipeline"]},
        {"auto_map": {"AutoPipeline": "pipeline.MyPipeline"}},
        {"transformer": ["my_transformer", "MyTransformer"]},
        {"transformer": ["os", "system"]},
        {"transformer": ["", "MyTransformer"]},
    ],
)
def test_code_that_comes_with_a_model_is_refused(model, changes):
    (model / "pipeline.py").write_text("raise SystemExit('ran')", "utf-8")
    (model / "transformer" / "my_transformer.py").write_text("raise SystemExit('ran')", "utf-8")
    edit(model / "model_index.json", **changes)
    with pytest.raises(BackboneError, match="never run"):
        inspect_folder(model)


def test_code_that_comes_with_a_component_is_refused(model):
    edit(model / "text_encoder" / "config.json", auto_map={"AutoModel": "mine.Model"})
    with pytest.raises(BackboneError, match="auto_map names code that comes with the model, for text_encoder"):
        inspect_folder(model)


@pytest.mark.parametrize("name", ["tokenizer_config.json", "processor_config.json", "deeper/config.json"])
def test_code_is_refused_in_every_file_that_a_library_reads(model, name):
    (model / "tokenizer" / "config.json").write_text("{}", "utf-8")
    file = model / "tokenizer" / name
    file.parent.mkdir(exist_ok=True)
    inner = {"image_processor": {"auto_map": {"AutoTokenizer": ["mine.Tokenizer", None]}}}
    file.write_text(json.dumps(inner), "utf-8")
    with pytest.raises(BackboneError, match="auto_map names code that comes with the model, for tokenizer"):
        inspect_folder(model)


def test_kernels_of_the_hub_are_refused(model):
    edit(model / "text_encoder" / "config.json", _attn_implementation={"text_config": "owner/kernel"})
    with pytest.raises(BackboneError, match="_attn_implementation names code of the hub, for text_encoder"):
        inspect_folder(model)


def test_a_word_of_a_vocabulary_is_not_code(model):
    (model / "tokenizer" / "vocab.json").write_text(json.dumps({"auto_map": 7}), "utf-8")
    assert inspect_folder(model)


def test_an_oversized_configuration_is_refused_in_any_folder(model):
    (model / "tokenizer" / "chat.json").write_text(" " * (4 << 20) + "{}", "utf-8")
    with pytest.raises(BackboneError, match="too many for a configuration"):
        inspect_folder(model)


@pytest.mark.parametrize("value", [["transformers", "AutoTokenizer"], ["diffusers", "AutoModel"]])
def test_an_auto_class_is_refused(model, value):
    edit(model / "model_index.json", tokenizer=value)
    with pytest.raises(BackboneError, match=f"tokenizer is {value[1]}, which runs whatever class the folder names"):
        inspect_folder(model)


def modular(model, **changes):
    """Write the index of a modular pipeline."""
    index = json.loads((model / "model_index.json").read_text("utf-8"))
    components = {
        name: [*value, {"type_hint": value, "pretrained_model_name_or_path": "owner/name", "subfolder": name}]
        for name, value in index.items()
        if isinstance(value, list) and value[0]
    }
    (model / "model_index.json").unlink()
    (model / "modular_model_index.json").write_text(
        json.dumps({"_class_name": "EchoModularPipeline", **components} | changes), "utf-8"
    )


def test_a_modular_index_is_read(model):
    modular(
        model, image_encoder=[None, None, {"type_hint": [None, None], "pretrained_model_name_or_path": None, "subfolder": ""}]
    )
    folder = inspect_folder(model)
    assert folder.modular
    assert folder.components["vae"] == ("diffusers", "AutoencoderKLWan")
    assert set(folder.components) == {"vae", "transformer", "text_encoder", "tokenizer", "scheduler"}


def test_a_component_that_a_modular_index_takes_from_elsewhere_is_named(model):
    modular(model)
    shutil.rmtree(model / "text_encoder")
    with pytest.raises(
        BackboneError, match=r"text_encoder is not in this model's folder \(expected text_encoder/\).*'owner/name'"
    ):
        inspect_folder(model)


def test_a_subfolder_out_of_the_model_is_refused(model):
    entry = ["diffusers", "AutoencoderKLWan", {"type_hint": ["diffusers", "AutoencoderKLWan"], "subfolder": "../vae"}]
    modular(model, vae=entry)
    with pytest.raises(BackboneError, match=r"subfolder '\.\./vae' is not below the model's folder"):
        inspect_folder(model)


@pytest.mark.parametrize("library", [["diffusers"], {}, 3, True])
def test_an_invalid_library_name_is_refused(model, library):
    modular(model, upscaler=[library, "AutoencoderKLWan", {"pretrained_model_name_or_path": "owner/name"}])
    with pytest.raises(BackboneError, match="expected a component of diffusers or transformers"):
        inspect_folder(model)


@pytest.mark.parametrize("hint", [3, "diffusers", [None, None], ["diffusers"]])
def test_an_entry_of_a_modular_index_without_type_is_no_component(model, hint):
    modular(model, upscaler=[None, None, {"type_hint": hint}])
    assert "upscaler" not in inspect_folder(model).components


def test_a_header_without_an_end_is_damaged(model):
    header = b'{"a": {"data_offsets": [0, Infinity]}}'
    (model / TRANSFORMER).write_bytes(len(header).to_bytes(8, "little") + header)
    with pytest.raises(BackboneError, match="its header is no safetensors header"):
        inspect_folder(model)


def test_an_oversized_vocabulary_is_refused_before_it_is_read(model):
    with (model / "tokenizer" / "tokenizer.json").open("r+b") as file:
        file.truncate(1 << 40)
    with pytest.raises(BackboneError, match="too many for a vocabulary"):
        inspect_folder(model)
