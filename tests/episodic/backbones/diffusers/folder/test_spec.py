import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from episodic.backbones.diffusers.folder.spec import ModelSpec, check_family, hub_cache, locate, resolve
from episodic.errors import BackboneError, InputError
from episodic.lab.tiny_models.wan import build_wan

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return build_wan(tmp_path_factory.mktemp("saved") / "t2v", "t2v")


def cached(saved, cache, commit=COMMIT):
    store = cache / "models--Owner--Name"
    shutil.copytree(saved, store / "snapshots" / commit)
    (store / "refs").mkdir(exist_ok=True)
    (store / "refs" / "main").write_text(commit, "utf-8")
    return cache


@pytest.mark.parametrize(
    "text",
    [
        "wan:./models/vace",
        "wan:/models/vace",
        "ltx2:~/models/ltx",
        "diffusers:../x@y",
        "wan:Owner/Name",
        "echo:Owner/Name@main",
        f"wan:O/N@{COMMIT}",
    ],
)
def test_a_written_spec_is_parsed_as_the_same(text):
    spec = ModelSpec.parse(text)
    assert str(spec) == text
    assert ModelSpec.parse(str(spec)) == spec


def test_a_path_that_exists_wins_over_a_hub_id(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert ModelSpec.parse("wan:models/vace").is_hub
    (tmp_path / "models" / "vace").mkdir(parents=True)
    spec = ModelSpec.parse("wan:models/vace")
    assert not spec.is_hub
    assert spec.path.resolve() == tmp_path / "models" / "vace"
    assert ModelSpec.parse(str(spec)) == spec


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("wan", "'wan' names no model; expected FAMILY:PATH_OR_ID, such as wan:./my-model"),
        ("wan:", "names no model"),
        ("wna:Owner/Name", "no model family 'wna'; did you mean wan:Owner/Name?"),
        ("https://hf.co/Owner/Name", "no model family 'https'"),
        ("wan:Wan-AI", "there is no folder Wan-AI, and 'Wan-AI' is no hub id either; expected a folder such as wan:./Wan-AI"),
        ("wan:a/b/c", "no hub id"),
        ("wan:a/b--c", "no hub id"),
        ("wan:a/../c", "no hub id"),
        ("wan:Owner/Name@", "'' is no revision"),
        ("wan:Owner/Name@a..b", "'a..b' is no revision"),
        ("wan:Owner/Name@v 1", "'v 1' is no revision"),
        ("wan:" + "x" * 5000, "names no model"),
    ],
)
def test_an_invalid_spec_is_one_message(text, message):
    with pytest.raises(InputError) as caught:
        ModelSpec.parse(text)
    assert message in caught.value.message
    assert len(caught.value.message) < 500


def test_the_valid_families_can_be_given():
    assert ModelSpec.parse("flux2:Owner/Name", families=("flux2",)).family == "flux2"
    with pytest.raises(InputError, match="did you mean flux2:"):
        ModelSpec.parse("flux:Owner/Name", families=("flux2",))


def test_a_pinned_model_is_the_same_model(tmp_path):
    spec = ModelSpec.parse("wan:Owner/Name")
    assert spec.pinned(COMMIT).is_pinned
    assert not spec.is_pinned
    assert spec.same_model(spec.pinned(COMMIT))
    assert spec.same_model(ModelSpec.parse("diffusers:owner/name@main"))
    assert not spec.same_model(ModelSpec.parse("wan:Owner/Other"))
    path = ModelSpec.parse(f"wan:{tmp_path}")
    assert path.pinned(COMMIT) == path
    assert path.same_model(ModelSpec.parse(f"wan:{tmp_path}/../{tmp_path.name}"))
    assert not path.same_model(spec)


def test_a_local_folder_resolves(saved):
    assert resolve(ModelSpec.parse(f"wan:{saved}")).class_name == "WanPipeline"
    assert resolve(ModelSpec.parse(f"diffusers:{saved}")).class_name == "WanPipeline"


def test_a_wrong_family_names_the_right_one(saved):
    with pytest.raises(
        InputError, match=f"the model is a WanPipeline, which belongs to family wan, not to ltx2; name it as: wan:{saved}"
    ):
        resolve(ModelSpec.parse(f"ltx2:{saved}"))
    with pytest.raises(InputError, match="which no family knows, not to wan; name it as: diffusers:Owner/Name"):
        check_family(ModelSpec.parse("wan:Owner/Name"), "LattePipeline")


@pytest.mark.parametrize("family", ["wan", "diffusers"])
def test_a_picture_model_named_as_a_backbone_is_refused_with_its_setting(family):
    for class_name, right in (("Flux2KleinPipeline", "flux2"), ("QwenImageEditPlusPipeline", "qwen-edit")):
        message = rf"a {class_name}, which makes pictures, not video.*`keyframes: {right}:Owner/Name`"
        with pytest.raises(InputError, match=message):
            check_family(ModelSpec.parse(f"{family}:Owner/Name"), class_name)
        check_family(ModelSpec.parse(f"{right}:Owner/Name", (right,)), class_name)


def test_a_fetched_model_resolves_by_branch_and_by_commit(saved, tmp_path):
    cache = cached(saved, tmp_path / "hub")
    for text in ("wan:Owner/Name", "wan:Owner/Name@main", f"wan:Owner/Name@{COMMIT}"):
        assert resolve(ModelSpec.parse(text), cache).revision == COMMIT


def test_a_model_that_was_not_fetched_is_refused_with_the_fetch_command(saved, tmp_path):
    cache = cached(saved, tmp_path / "hub")
    for text in ("wan:Owner/Other", "wan:Owner/Name@v2", f"wan:Owner/Name@{COMMIT[::-1]}"):
        with pytest.raises(BackboneError) as caught:
            resolve(ModelSpec.parse(text), cache)
        assert f"fetch it with: episodic models fetch {text}" in caught.value.message


def test_a_snapshot_without_its_index_is_incomplete(saved, tmp_path):
    cache = cached(saved, tmp_path / "hub")
    (cache / "models--Owner--Name" / "snapshots" / COMMIT / "model_index.json").unlink()
    assert locate(ModelSpec.parse("wan:Owner/Name"), cache) is None


def test_a_branch_that_points_out_of_the_cache_is_not_followed(saved, tmp_path):
    cache = cached(saved, tmp_path / "hub")
    (cache / "models--Owner--Name" / "refs" / "main").write_text("../../../elsewhere", "utf-8")
    assert locate(ModelSpec.parse("wan:Owner/Name"), cache) is None


@pytest.mark.parametrize(
    "settings", [{}, {"HF_HOME": "/data/hf"}, {"HF_HUB_CACHE": "/data/cache", "HF_HOME": "/no"}, {"XDG_CACHE_HOME": "/xdg"}]
)
def test_the_hubs_cache_is_where_its_own_client_keeps_it(settings, monkeypatch):
    for name in ("HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    code = "from huggingface_hub.constants import HF_HUB_CACHE; print(HF_HUB_CACHE)"
    theirs = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=dict(os.environ)).stdout.strip()
    assert hub_cache() == Path(theirs)
