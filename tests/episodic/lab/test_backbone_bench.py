"""`episodic bench backbones` measures the time outside a pipeline's call, and repeated encodings."""

import json
import time

import pytest
import torch
from diffusers import WanPipeline

from cli.bench.figure_tables import print_backbones, print_backbones_json
from episodic.backbones.diffusers.families.family_registry import FAMILIES, GENERIC, open_family
from episodic.backbones.diffusers.folder.inspect import inspect_folder
from episodic.backbones.diffusers.machine.encoding_cache import EncodingCache
from episodic.backbones.diffusers.machine.host import PipelineHost, the_host
from episodic.backbones.diffusers.machine.plan import GIB, Machine, MachineSettings
from episodic.backbones.diffusers.window import Window
from episodic.errors import InputError
from episodic.lab.backbone_bench.adapter_bench import bench_models, run_backbones_bench
from episodic.lab.backbone_bench.models import TINY_MODELS, build_tiny
from episodic.lab.backbone_bench.watch import Watch
from episodic.series.shooting_settings import Shooting

PLAIN = MachineSettings(device="cpu", dtype="float32")


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    yield tmp_path_factory.mktemp("models")
    the_host().release()


@pytest.fixture
def wan(models):
    build_tiny("wan-t2v", models)
    return inspect_folder(models / "wan-t2v")


def a_host(most_bytes=GIB):
    host = PipelineHost(lambda _: Machine(device="cpu", free_ram=16 * GIB))
    host.encodings = EncodingCache(most_bytes)
    return host


def test_a_call_takes_as_long_as_it_is_told_to_and_the_rest_is_not_the_models(wan):
    host, family = a_host(), open_family("wan")
    plain = WanPipeline.__call__
    with Watch().on(artificial_s=0.5) as watch:
        encoded = host.encode(wan, family, PLAIN, "a lamp", "blurred")
        window = Window(frames=9, width=32, height=32, fps=16, seed=1, steps=2, guidance=3.0, encoded=encoded)

        def act(loaded, device):
            time.sleep(0.2)
            return family.call(loaded, window, device)

        started = time.perf_counter()
        host.run(wan, family, PLAIN, act, frames=9, size=(32, 32))
        wall_s = time.perf_counter() - started
    assert 0.5 <= watch.model_s < wall_s - 0.2
    assert WanPipeline.__call__ is plain
    assert "call" not in vars(family)


@pytest.mark.parametrize(("most_bytes", "times"), [(0, 2), (GIB, 1)], ids=["nothing is kept", "as it is"])
def test_what_is_encoded_twice_is_seen_below_what_is_remembered(wan, most_bytes, times):
    host, family = a_host(most_bytes), open_family("wan")
    with Watch().on() as watch, torch.no_grad():
        for prompt in ("a lamp", "a boat"):
            host.encode(wan, family, PLAIN, prompt, "blurred")
    assert len(watch.encoded) == 2 + times
    assert len(set(watch.encoded)) == 3


def test_one_model_of_every_family_is_measured_or_all_or_those_that_are_named():
    assert {TINY_MODELS[name].family for name in bench_models((), every=False)} == {*FAMILIES, GENERIC}
    assert len(bench_models((), every=False)) == len(FAMILIES) + 1
    assert len(bench_models((), every=True)) == len(TINY_MODELS) - 1
    assert bench_models(["wan:./model"], every=True) == {"wan:./model": "wan:./model"}


def test_a_model_in_a_folder_is_measured_as_it_is_shot(models, wan, capsys):
    spec, messages = build_tiny("wan-t2v", models), []
    how = Shooting(size="32x32", steps=2)
    (figures,) = run_backbones_bench({spec: spec}, artificial_s=10.0, workers=False, listen=messages.append, shooting=how)
    # what goes on from a take waits until that is finished, and the model does not
    assert [shot.task for shot in figures.shots] == ["rushes:q1.1", "rushes:q2.1", "rushes:q1.2"]
    assert figures.artificial_s == 0
    assert all(0 < shot.model_s < shot.wall_s for shot in figures.shots)
    assert len(figures.outside) == 2
    assert all(0 < share < 1 for share in figures.outside)
    assert (figures.repeated, figures.errors) == (0, 0)
    assert figures.forms["look"] == "text"
    assert figures.to_json()["repeated"] == 0
    assert messages == [f"{spec} …"]
    print_backbones([figures], timed=True)
    shown = capsys.readouterr().out
    assert spec in shown
    assert "text: layout, look" in shown
    print_backbones_json([figures], timed=True)
    assert json.loads(capsys.readouterr().out)["models"][0]["repeated"] == 0


@pytest.mark.parametrize(
    ("name", "size", "nearest"), [("wan-t2v", "40x30", "32x32"), ("ltx2-condition", "64x32", "64x64"), ("echo", "32x64", "64x64")]
)
def test_a_size_that_a_model_cannot_shoot_is_said_before_anything_is_made(name, size, nearest):
    with pytest.raises(InputError, match=f"nearest: {nearest}"):
        run_backbones_bench({name: None}, artificial_s=0, workers=False, listen=str, shooting=Shooting(size=size))
