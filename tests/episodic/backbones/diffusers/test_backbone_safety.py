"""A kill, a lack of memory or an invalid model leaves the other shots of an episode intact; one message names the remedy."""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest
import torch

from cli.main import main
from episodic.backbones.diffusers.backbone import VideoModel
from episodic.backbones.diffusers.families.wan import Wan
from episodic.backbones.diffusers.machine.host import the_host
from episodic.backbones.registry import open_backbone
from episodic.errors import TaskFailed
from episodic.lab.backbone_bench.film import bench_plan, bench_series, render_bench_film
from episodic.lab.backbone_bench.models import build_tiny
from episodic.production.files.names import TAKE_FILE
from episodic.production.files.take_file import read_take
from episodic.production.graph.events import silent
from episodic.production.graph.in_process import InProcessRunner
from episodic.series.series import Series
from episodic.series.shooting_settings import Shooting
from episodic.studio import Studio
from tests.shots import footage_of

LONG = 40
"""Steps of a take that is slow enough to be killed."""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    yield tmp_path_factory.mktemp("safety")
    the_host().release()


@pytest.fixture(scope="module")
def wan(place):
    return build_tiny("wan-t2v", place / "models")


@pytest.fixture(scope="module")
def finished(place, wan):
    """Return a finished episode with slow takes."""
    series = bench_series(place / "made", wan, Shooting(size="64x32", steps=LONG), bench_plan())
    render_bench_film(series, InProcessRunner)
    return series


def keys_of(series):
    (ready,) = Studio(series).status([1])
    return ready.graph.keys


def film_hash(series):
    return hashlib.sha256(series.film_path(1).read_bytes()).hexdigest()


def take_hash(series, keys):
    take = read_take(series.artifacts.folder(keys["shoot:q1.2"]) / TAKE_FILE)[1]
    return hashlib.sha256(footage_of(take).read(0).tobytes()).hexdigest()


def render(series, on_event=silent):
    heard = []

    def listen(event):
        heard.append(event)
        on_event(event)

    Studio(series, listen, InProcessRunner).render([1])
    return heard


def kill_all(process):
    """Run `kill -9` on a process and all its workers, and wait for them, because a dying process keeps its unfinished folder."""
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    with suppress(ProcessLookupError):
        while True:
            os.killpg(process.pid, 0)
            time.sleep(0.01)


def started(events, kind):
    return [event.task for event in events if event.event == "start" and event.kind == kind]


@pytest.mark.parametrize("victim", ["rushes:q1.1", "rushes:q1.2", "rushes:q2.1", "shoot:q1.2"])
def test_after_a_kill_only_unfinished_shots_are_repeated(finished, tmp_path, victim):
    shutil.copytree(finished.root, tmp_path / "series")
    series, keys = Series.open(tmp_path / "series"), keys_of(finished)
    for task in ("shoot:q1.1", "shoot:q1.2", "shoot:q2.1", "picture:q1.2", "cut"):
        shutil.rmtree(series.artifacts.folder(keys[task]))
    series.film_path(1).unlink()
    words = [sys.executable, "-m", "cli.main", "render", str(series.root), "--json"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True)
    done = set()
    assert process.stdout is not None
    for line in process.stdout:
        event = json.loads(line)
        if event["event"] == "done":
            done.add(event["task"])
        if (event["event"], event.get("task")) == ("start", victim):
            break
    # kill the sampling process too; production's own tests cover workers that outlive their parent
    kill_all(process)
    heard = render(series)
    repeated = started(heard, "rushes")
    assert {*repeated} == {"rushes:q1.1", "rushes:q1.2", "rushes:q2.1"} - done
    assert len(repeated) == 3 - sum(task.startswith("rushes") for task in done)
    assert done.isdisjoint(started(heard, "shoot"))
    assert take_hash(series, keys) == take_hash(finished, keys)
    assert film_hash(series) == film_hash(finished)
    assert not [*series.artifacts.root.glob("??/.*"), *series.artifacts.root.glob("tr/*")]


class NoRoom(torch.nn.Module):
    """Replaces a block of the transformer, and runs out of memory while `full` returns true."""

    def __init__(self, block, full):
        super().__init__()
        self.block, self.full = block, full

    def forward(self, *args, **kwargs):
        if self.full(self):
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB.")
        return self.block(*args, **kwargs)


class TightWan(Wan):
    """Wan on a machine without memory while `full`, or until the autoencoder works in tiles."""

    def __init__(self):
        self.full = False
        self.until_tiled = False

    def load(self, folder, leave_out, dtype):
        pipeline = super().load(folder, leave_out, dtype)
        if pipeline.transformer is not None:
            block = pipeline.transformer.blocks[1]
            vae = pipeline.vae
            pipeline.transformer.blocks[1] = NoRoom(block, lambda _: self.full or (self.until_tiled and not vae.use_tiling))
        return pipeline


@pytest.fixture
def tight(place, wan, tmp_path):
    """Return a series whose model runs out of memory on demand, the model's family, and all events."""
    series = bench_series(
        tmp_path / "series", wan, Shooting(size="64x32", steps=2), bench_plan(), artifacts=place / "made" / "artifacts"
    )
    # with the settings of the series, this is the object that every task of this process opens
    model = open_backbone(wan, series.settings.shooting, series.settings.machine)
    assert isinstance(model, VideoModel)
    the_host().release()
    before, model.family = model.family, TightWan()
    yield series, model.family
    model.family = before
    the_host().release()


def test_out_of_memory_steps_down_and_is_reported(finished, tight):
    series, family = tight
    family.until_tiled = True
    heard = render(series)
    notes = [
        read_take(series.artifacts.folder(keys_of(series)[f"shoot:{shot}"]) / TAKE_FILE)[1].notes for shot in ("q1.1", "q1.2")
    ]
    assert notes[0]["stepped_down"] == ["out of memory; continued with tiling yes instead of no"]
    assert "stepped_down" not in notes[1]
    machines = [note["machine"] for note in notes]
    assert [isinstance(machine, dict) and machine["tiling"] for machine in machines] == ["yes", "yes"]
    assert any("continued with tiling yes" in event.text for event in heard if event.event == "note")


def test_a_shot_that_does_not_fit_fails_alone_and_is_repeated_by_the_same_command(finished, tight):
    series, family = tight
    series = bench_series(
        series.root.with_name("second"),
        series.settings.backbone,
        series.settings.shooting,
        bench_plan(seconds=1.5),
        artifacts=series.artifacts.root,
    )

    def fill(event):
        if event.event == "start":
            family.full = event.task == "rushes:q1.2"

    with pytest.raises(
        TaskFailed, match=r"^rushes:q1\.2: .*memory ran out.*Tried to allocate 20.00 GiB.*needs about .* GiB"
    ) as failed:
        render(series, fill)
    assert "shoot smaller" in failed.value.message
    keys = keys_of(series)
    assert series.artifacts.has(keys["shoot:q1.1"])
    assert not series.artifacts.has(keys["shoot:q1.2"])
    family.full = False
    heard = render(series)
    assert "rushes:q1.2" in started(heard, "rushes")
    assert "rushes:q1.1" not in started(heard, "rushes")
    assert series.film_path(1).is_file()
    assert all(series.artifacts.has(keys[f"shoot:{shot}"]) for shot in ("q1.1", "q1.2", "q2.1"))


def spec_of(name, root):
    """Return a model with that fault, as `--backbone` names it."""
    if name == "no pipeline in it":
        return f"wan:{root}"
    if name == "no folder":
        return f"wan:{root}/nowhere"
    if name == "never been fetched":
        return "wan:Nobody/Nothing"
    spec, folder = build_tiny("wan-t2v", root), root / "wan-t2v"
    if name == "pickled weights":
        (folder / "vae" / "diffusion_pytorch_model.safetensors").rename(folder / "vae" / "diffusion_pytorch_model.bin")
    if name == "a component missing":
        shutil.rmtree(folder / "transformer")
    return spec.replace("wan:", "hunyuan:") if name == "another family" else spec


BAD_MODELS = {
    "no pipeline in it": r"model_index\.json",
    "no folder": "nowhere",
    "never been fetched": "episodic models fetch wan:Nobody/Nothing",
    "pickled weights": r"vae.*diffusion_pytorch_model\.bin",
    "a component missing": "transformer",
    "another family": "which belongs to family wan, not to hunyuan; name it as: wan:",
    "another size than it can shoot": "cannot shoot 70x36: .*nearest: 64x32",
}


@pytest.mark.parametrize("name", BAD_MODELS)
def test_the_command_line_reports_an_invalid_model(name, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    (tmp_path / "models").mkdir()
    how = Shooting(size="70x36" if name == "another size than it can shoot" else "64x32", steps=2)
    series = bench_series(tmp_path / "series", spec_of(name, tmp_path / "models"), how, bench_plan())
    before = set(tmp_path.rglob("*"))
    monkeypatch.setattr(sys, "argv", ["episodic", "render", str(series.root)])
    with pytest.raises(SystemExit) as stopped:
        main()
    message = capsys.readouterr().err
    code = 1 if name in ("never been fetched", "pickled weights", "a component missing") else 2
    assert stopped.value.code == code, message
    assert message.count("episodic: ") == 1
    assert "Traceback" not in message
    assert re.search(BAD_MODELS[name], message), message
    written = {path.relative_to(series.root).name for path in set(tmp_path.rglob("*")) - before}
    assert written <= {"memory.db", ".lock"}, written
