"""`episodic bench backbones` measures the time outside a pipeline's call, and repeated encodings."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import WanPipeline

from cli.bench.figure_tables import print_backbones, print_backbones_json
from episodic.backbones.diffusers.families.family_registry import FAMILIES, GENERIC, open_family
from episodic.backbones.diffusers.folder.inspect import inspect_folder
from episodic.backbones.diffusers.folder.model_folder import ModelFolder
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
def models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield tmp_path_factory.mktemp("models")
    the_host().release()


@pytest.fixture
def wan(models: Path) -> ModelFolder:
    build_tiny("wan-t2v", models)
    return inspect_folder(models / "wan-t2v")


def cpu_host(most_bytes: int = GIB) -> PipelineHost:
    host = PipelineHost(lambda _: Machine(device="cpu", free_ram=16 * GIB))
    host.encodings = EncodingCache(most_bytes)
    return host


def test_a_call_takes_the_artificial_time_and_other_time_does_not_count_as_the_models(wan: ModelFolder) -> None:
    host, family = cpu_host(), open_family("wan")
    plain = WanPipeline.__call__
    with Watch().on(artificial_s=0.5) as watch:
        encoded = host.encode(wan, family, PLAIN, "a lamp", "blurred")
        window = Window(frames=9, width=32, height=32, fps=16, seed=1, steps=2, guidance=3.0, encoded=encoded)

        def call_after_pause(pipeline: Any, device: torch.device) -> object:
            time.sleep(0.2)
            return family.call(pipeline, window, device)

        started = time.perf_counter()
        host.run(wan, family, PLAIN, call_after_pause, frames=9, size=(32, 32))
        wall_s = time.perf_counter() - started
    assert 0.5 <= watch.model_s < wall_s - 0.2
    assert WanPipeline.__call__ is plain
    assert "call" not in vars(family)


@pytest.mark.parametrize(("cache_bytes", "repeated_passes"), [(0, 2), (GIB, 1)], ids=["no cache", "default cache"])
def test_repeated_encodings_are_counted_below_the_cache(wan: ModelFolder, cache_bytes: int, repeated_passes: int) -> None:
    host, family = cpu_host(cache_bytes), open_family("wan")
    with Watch().on() as watch, torch.no_grad():
        for prompt in ("a lamp", "a boat"):
            host.encode(wan, family, PLAIN, prompt, "blurred")
    assert len(watch.encoded) == 2 + repeated_passes
    assert len(set(watch.encoded)) == 3


def test_the_bench_measures_one_model_of_each_family_or_every_model_or_the_models_it_is_given() -> None:
    assert {TINY_MODELS[name].family for name in bench_models((), every=False)} == {*FAMILIES, GENERIC}
    assert len(bench_models((), every=False)) == len(FAMILIES) + 1
    assert len(bench_models((), every=True)) == len(TINY_MODELS) - 1
    assert bench_models(["wan:./model"], every=True) == {"wan:./model": "wan:./model"}


def test_a_model_in_a_folder_is_measured_with_its_real_time(
    models: Path, wan: ModelFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = build_tiny("wan-t2v", models)
    messages: list[str] = []
    shooting = Shooting(size="32x32", steps=2)
    (figures,) = run_backbones_bench({spec: spec}, artificial_s=10.0, workers=False, listen=messages.append, shooting=shooting)
    # a shot that continues a take waits until the take is finished; the model shoots another one meanwhile
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
    printed = capsys.readouterr().out
    assert spec in printed
    assert "text: layout, look" in printed
    print_backbones_json([figures], timed=True)
    assert json.loads(capsys.readouterr().out)["models"][0]["repeated"] == 0


@pytest.mark.parametrize(
    ("name", "size", "nearest"), [("wan-t2v", "40x30", "32x32"), ("ltx2-condition", "64x32", "64x64"), ("echo", "32x64", "64x64")]
)
def test_a_size_that_a_model_cannot_shoot_is_rejected_before_the_first_shot(name: str, size: str, nearest: str) -> None:
    with pytest.raises(InputError, match=f"nearest: {nearest}"):
        run_backbones_bench({name: None}, artificial_s=0, workers=False, listen=lambda _: None, shooting=Shooting(size=size))
