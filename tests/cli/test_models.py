import json
import os
import shutil
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from cli.main import app
from episodic.backbones.diffusers.folder.model_card import EVERY_FAMILY
from episodic.lab.tiny_models.flux2 import build_flux2
from episodic.lab.tiny_models.ltx_video import build_ltx_video
from tests.cli.command_line import run_command

COMMIT = "0123456789abcdef0123456789abcdef01234567"
PUBLISHED = "wan:Wan-AI/Wan2.1-VACE-1.3B-diffusers"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return build_ltx_video(tmp_path_factory.mktemp("models") / "image", "image")


def run(*words):
    result = CliRunner().invoke(app, ["models", *map(str, words)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return " ".join(result.output.split())


def failing(*words, **settings):
    """Run the command in a process, since the hub's client reads its settings once; return its exit code and error output."""
    command = [sys.executable, "-m", "cli.main", "models", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **settings})
    return done.returncode, done.stderr


def test_the_list_has_every_family_with_sizes_licences_and_what_each_takes():
    shown = run()
    for name in EVERY_FAMILY:
        assert f"{name}:" in shown
    for words in (
        PUBLISHED,
        "8.0 billion parameters",
        "Apache-2.0",
        "takes reference pictures",
        "not in the European Union",
        "including text encoders",
    ):
        assert words in shown


def test_a_model_id_is_never_wrapped():
    result = CliRunner(env={"COLUMNS": "40"}).invoke(app, ["models"])
    assert "  skyreels:Skywork/SkyReels-V2-DF-14B-720P-Diffusers\n" in result.output


def test_the_list_as_json_is_one_object():
    output = json.loads(CliRunner().invoke(app, ["models", "--json"]).output)
    assert set(output["families"]) == set(EVERY_FAMILY)
    first = output["families"]["wan"][0]
    assert first["spec"] == PUBLISHED
    assert 0 < first["least_vram_bytes"] <= first["vram_bytes"]


def test_a_folder_is_shown_with_its_parts_rules_and_limits(model):
    shown = run("show", model)
    for words in (
        f"diffusers:{model}",
        "LTXImageToVideoPipeline",
        "8 k + 1 frames, at most 161 (6.4 s) at 25 a second",
        "sides of 32 px",
        "a picture to begin with",
        "no picture to end with",
        "LTXVideoTransformer3DModel",
        "offload none",
    ):
        assert words in shown.replace("│", "")


def test_a_fetched_model_is_shown_with_its_commit(model, tmp_path, monkeypatch):
    store = tmp_path / "models--Owner--Name"
    shutil.copytree(model, store / "snapshots" / COMMIT)
    (store / "refs").mkdir()
    (store / "refs" / "main").write_text(COMMIT, "utf-8")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    output = json.loads(CliRunner().invoke(app, ["models", "show", "diffusers:Owner/Name", "--json"]).output)
    assert (output["spec"], output["revision"]) == (f"diffusers:Owner/Name@{COMMIT}", COMMIT)
    assert output["components"]["vae"]["parameters"] > 0
    assert output["rules"]["most_frames"] == 161


def test_a_published_model_that_is_not_on_disk_is_shown_from_the_catalogue(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    shown = run("show", PUBLISHED)
    assert "not on this machine" in shown
    assert f"episodic models fetch {PUBLISHED}" in shown


def test_a_published_keyframe_model_is_shown_from_the_catalogue(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    shown = run("show", "flux2:black-forest-labs/FLUX.2-dev")
    assert "FLUX Non-Commercial License: no commercial use" in shown
    assert "episodic models fetch flux2:black-forest-labs/FLUX.2-dev" in shown


def test_a_keyframe_model_in_a_folder_is_shown_with_its_kinds_of_pictures(tmp_path):
    folder = build_flux2(tmp_path / "klein", "klein")
    shown = run("show", folder)
    for words in ("flux2:", "Flux2KleinPipeline", "draws keyframes, sides of", "up to 4 reference pictures", "offload none"):
        assert words in shown.replace("│", "")
    output = json.loads(CliRunner().invoke(app, ["models", "show", f"flux2:{folder}", "--json"]).output)
    assert (output["family"], output["rules"]["steps"]) == ("flux2", 4)


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (
            ("show", "wan:Owner/Name"),
            1,
            "not on this machine, or incomplete; fetch it with: episodic models fetch wan:Owner/Name",
        ),
        (("show", "wan:./nowhere"), 2, "no such folder"),
        (("show", "nowhere"), 2, "no such folder"),
        (("show", "wna:Owner/Name"), 2, "did you mean wan:Owner/Name?"),
        (("fetch", "wan:./nowhere"), 2, "is a path; only hub ids are fetched"),
    ],
)
def test_an_impossible_request_is_one_line_without_a_traceback(words, code, message, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    done = run_command("models", *words)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (code, "", 1), done.stderr
    assert message in done.stderr


def test_a_hub_that_does_not_answer_is_one_line_without_a_traceback(tmp_path):
    # Port 9 of this machine: nobody answers there.
    code, error = failing("fetch", "wan:Owner/Name", HF_HUB_CACHE=str(tmp_path), HF_ENDPOINT="http://127.0.0.1:9")
    assert (code, error.count("\n")) == (1, 1), error
    assert "http://127.0.0.1:9 could not be reached" in error
    assert "Traceback" not in error


def test_fetching_names_the_licence_and_its_limits_first(tmp_path):
    _, error = failing(
        "fetch", "echo:Echo-Team/JoyAI-Echo", HF_HUB_CACHE=str(tmp_path), HF_ENDPOINT="http://127.0.0.1:9", COLUMNS="400"
    )
    assert error.startswith("licence of its own, on top of the LTX-2 Community License (?): ")


def test_offline_nothing_is_fetched(tmp_path):
    code, error = failing("fetch", "wan:Owner/Name", HF_HUB_CACHE=str(tmp_path), HF_HUB_OFFLINE="1")
    assert code == 1
    assert "HF_HUB_OFFLINE is set, so nothing is fetched" in error


def test_a_wrong_family_names_the_right_one(model):
    done = run_command("models", "show", f"wan:{model}")
    assert done.exit_code == 2
    assert f"which no family knows, not to wan; name it as: diffusers:{model}" in done.stderr
