"""The plans for common GPUs and models, with 64 GiB of main memory. `t`: the autoencoder in tiles. After the slash: where prompts
are encoded. Takes as each model is trained to make them: 81 frames of 832x480 (1.3B, 14B), 121 of 1280x704 (5B), 81 of 1280x720
(14B at 720p, 2x14B), 121 of 1216x704 with sound (LTX-2).

| model            | 8 GiB       | 12 GiB      | 16 GiB       | 24 GiB       | 48 GiB        | 80 GiB      |
|------------------|-------------|-------------|--------------|--------------|---------------|-------------|
| Wan 2.1 1.3B     | none/group  | none/group  | none/device  | none/device  | none/device   | none/device |
| Wan 2.2 5B       | group/group | group/group | none+t/device| none/device  | none/device   | none/device |
| Wan 2.1 14B      | group/group | group/group | group/device | group/device | none/device   | none/device |
| Wan 2.1 14B 720p | too small   | group/group | group/device | group/device | none/device   | none/device |
| Wan 2.2 2x14B    | too small   | group/group | group/device | group/device | model/device  | none/device |
| LTX-2            | too small   | group+t/group | group+t/group | group/group | none+t/device | none/device |
"""

from __future__ import annotations

import dataclasses
import math
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from safetensors import safe_open

from episodic.backbones.diffusers.folder.inspect import inspect_folder
from episodic.backbones.diffusers.machine.detect import detect_machine
from episodic.backbones.diffusers.machine.plan import GIB, Machine, MachinePlan, MachineSettings, ModelSize, plan_machine
from episodic.errors import BackboneError, InputError
from episodic.lab.tiny_models.wan import build_wan

GPUS = (8, 12, 16, 24, 48, 80)
BILLION = 10**9


def wan(name: str, billions: float, **more: Any) -> ModelSize:
    """Return a model of Wan: an encoder of 5.7 billion weights, an autoencoder that works on four frames at once."""
    weights = {"text_encoder": int(5.7 * BILLION), "transformer": int(billions * BILLION), "vae": 127_000_000}
    fields: dict[str, Any] = {
        "parameters": weights | more.pop("also", {}),
        "text_components": frozenset({"tokenizer", "text_encoder"}),
        "blocks": 40,
        "hidden": 5120,
        "spatial": 16,
        "temporal": 4,
        "at_once": 4,
        "frames": 81,
        "width": 832,
        "height": 480,
    }
    return ModelSize(name=name, **(fields | more))


MODELS = {
    model.name: model
    for model in (
        wan("Wan 2.1 1.3B", 1.4, hidden=1536, blocks=30),
        wan("Wan 2.2 5B", 5.0, hidden=3072, blocks=30, spatial=32, channels=64.0, frames=121, width=1280, height=704),
        wan("Wan 2.1 14B", 14.3),
        wan("Wan 2.1 14B 720p", 14.3, width=1280, height=720),
        wan("Wan 2.2 2x14B", 14.3, also={"transformer_2": int(14.3 * BILLION)}, width=1280, height=720),
        ModelSize(
            name="LTX-2",
            parameters={
                "text_encoder": int(12.2 * BILLION),
                "connectors": int(1.4 * BILLION),
                "transformer": int(18.9 * BILLION),
                "vae": int(1.22 * BILLION),
                "audio_vae": 53_000_000,
                "vocoder": 55_000_000,
            },
            text_components=frozenset({"tokenizer", "text_encoder"}),
            full=frozenset({"vae", "audio_vae", "vocoder"}),
            blocks=48,
            hidden=4096,
            batch=2,
            spatial=32,
            temporal=8,
            channels=8.0,
            frames=121,
            width=1216,
            height=704,
        ),
    )
}


def gpu(gib: float, ram: float = 64, capability: tuple[int, int] = (8, 9)) -> Machine:
    """Return a GPU whose memory the desktop uses a little."""
    free = int(gib * GIB * 0.96)
    return Machine(
        device="cuda",
        name="a GPU",
        free_vram=free,
        total_vram=int(gib * GIB),
        free_ram=int(ram * GIB * 0.9),
        capability=capability,
    )


def rows() -> list[tuple[str, int, str]]:
    cases = []
    for line in (__doc__ or "").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0] in MODELS:
            cases += [(cells[0], gib, words) for gib, words in zip(GPUS, cells[1:], strict=True)]
    return cases


def in_words(machine: Machine, model: ModelSize, settings: MachineSettings | None = None) -> str:
    try:
        plan = plan_machine(machine, model, settings or MachineSettings())
    except BackboneError:
        return "too small"
    levers = [plan.offload.value, *(["t"] if plan.tiling else []), *(["fp8"] if plan.layerwise else [])]
    return f"{'+'.join(levers)}/{plan.text.value}"


@pytest.mark.parametrize(("name", "gib", "words"), rows(), ids=lambda value: str(value))
def test_the_plan_is_the_one_in_the_table(name: str, gib: int, words: str) -> None:
    assert in_words(gpu(gib), MODELS[name]) == words


def test_the_table_has_every_model_and_gpu() -> None:
    assert len(rows()) == len(MODELS) * len(GPUS)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("ram", [16, 32, 64, 128])
def test_levers_that_change_pictures_are_used_only_where_nothing_else_fits(name: str, ram: int) -> None:
    for gib in GPUS:
        machine = gpu(gib, ram)
        try:
            plan = plan_machine(machine, MODELS[name])
        except BackboneError:
            continue
        assert (plan.cache.value, plan.quantisation.value, plan.compile.value) == ("none", "none", "no")
        if plan.layerwise:
            assert "it would not fit without it" in plan.layerwise.reason
            assert in_words(machine, MODELS[name], MachineSettings(layerwise="none")) == "too small"


@pytest.mark.parametrize("name", MODELS)
def test_more_memory_never_gives_a_more_frugal_plan(name: str) -> None:
    order = {"none": 0, "model": 1, "group": 2}
    plans = [plan_machine(gpu(gib, 128), MODELS[name]) for gib in range(12, 97, 2)]
    frugality = [(bool(plan.layerwise), order[plan.offload.value], bool(plan.tiling)) for plan in plans]
    assert frugality == sorted(frugality, reverse=True)


@pytest.mark.parametrize("name", MODELS)
def test_a_plan_needs_no_more_memory_than_there_is(name: str) -> None:
    for gib in GPUS:
        machine = gpu(gib)
        if in_words(machine, MODELS[name]) != "too small":
            assert 0 < plan_machine(machine, MODELS[name]).needs < machine.free_vram


def test_the_quickest_lossless_lever_comes_first_when_memory_runs_out() -> None:
    notches = plan_machine(gpu(80), MODELS["Wan 2.1 14B"]).notches()
    assert [in_steps(notch) for notch in notches] == ["none+t", "model+t", "group+t", "group+t+fp8"]
    assert all("memory ran out without it" in reason for reason in reasons_of_change(notches[-1]))


def in_steps(plan: MachinePlan) -> str:
    return "+".join([plan.offload.value, *(["t"] if plan.tiling else []), *(["fp8"] if plan.layerwise else [])])


def reasons_of_change(plan: MachinePlan) -> list[str]:
    return [plan.tiling.reason, plan.offload.reason, plan.layerwise.reason]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"tiling": False}, ["model", "group", "group+fp8"]),
        ({"offload": "none"}, ["none+t", "none+t+fp8"]),
        ({"layerwise": "none"}, ["none+t", "model+t", "group+t"]),
        ({"layerwise": "fp8"}, ["none+t+fp8", "model+t+fp8", "group+t+fp8"]),
        ({"quantisation": "bnb-4bit"}, ["none+t", "model+t"]),
        ({"tiling": True, "offload": "group", "layerwise": "none"}, []),
    ],
)
def test_the_users_settings_are_not_changed(settings: dict[str, Any], expected: list[str]) -> None:
    plan = plan_machine(gpu(80), MODELS["Wan 2.1 14B"], MachineSettings(**settings))
    assert [in_steps(notch) for notch in plan.notches()] == expected
    for each in (plan, *plan.notches()):
        for key, value in settings.items():
            spoken = {True: "yes", False: "no"}.get(value, value)
            assert each.values()[key] == spoken


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("dtype", "float16"),
        ("text", "cpu"),
        ("offload", "model"),
        ("layerwise", "fp8"),
        ("quantisation", "bnb-8bit"),
        ("attention", "flash"),
        ("cache", "first-block"),
        ("tiling", True),
        ("compile", True),
    ],
)
def test_every_lever_can_be_set(key: str, value: Any) -> None:
    plan = plan_machine(gpu(80), MODELS["Wan 2.1 1.3B"], MachineSettings(**{key: value}))
    choice = dict(plan.choices())[key]
    assert choice.value == ("yes" if value is True else value)
    assert choice.by_user
    assert choice.reason.startswith("set by you")


@pytest.mark.parametrize(
    ("key", "value"),
    [("layerwise", "fp8"), ("quantisation", "bnb-8bit"), ("cache", "taylorseer"), ("attention", "sage"), ("compile", True)],
)
def test_the_plan_marks_levers_that_change_pictures(key: str, value: Any) -> None:
    plan = plan_machine(gpu(80), MODELS["Wan 2.1 1.3B"], MachineSettings(**{key: value}))
    assert "change" in dict(plan.choices())[key].reason


def test_a_plan_has_a_line_for_each_lever() -> None:
    lines = plan_machine(gpu(24), MODELS["Wan 2.1 14B"]).lines()
    assert len(lines) == 10
    assert all(re.fullmatch(r"\w+: [\w-]+ \(.+\)", line) for line in lines)
    assert any(
        line.startswith("offload: group (it would not fit without it") and "pictures do not change" in line for line in lines
    )


def test_for_too_small_a_gpu_the_error_names_needs_and_remedies() -> None:
    model = MODELS["Wan 2.1 14B 720p"]
    with pytest.raises(BackboneError) as caught:
        plan_machine(gpu(8), model)
    message = caught.value.message
    assert "Wan 2.1 14B 720p does not fit: for 81 frames of 1280x720 it needs about" in message
    assert "a GPU with 7.7 GiB free of 8.0 GiB" in message
    frames = re.search(r"windows of at most (\d+) frames", message)
    assert frames is not None
    assert in_words(gpu(8), dataclasses.replace(model, frames=int(frames[1]))) != "too small"
    assert in_words(gpu(8), dataclasses.replace(model, frames=int(frames[1]) + 8)) == "too small"


def test_the_error_names_missing_main_memory_too() -> None:
    with pytest.raises(BackboneError, match="GiB more main memory"):
        plan_machine(gpu(12, ram=16), MODELS["Wan 2.2 2x14B"])


def test_an_error_names_the_settings_that_prevent_a_fit() -> None:
    with pytest.raises(BackboneError, match=r"without your machine\.offload"):
        plan_machine(gpu(12), MODELS["Wan 2.1 14B"], MachineSettings(offload="none"))


def test_settings_that_leave_no_choice_are_tried() -> None:
    settled = MachineSettings(offload="group", layerwise="none", tiling=True)
    plan = plan_machine(gpu(8), MODELS["Wan 2.1 14B 720p"], settled)
    assert plan.needs > gpu(8).free_vram
    assert plan.notches() == ()


def test_a_loaded_plan_is_kept_for_smaller_windows() -> None:
    model = MODELS["Wan 2.2 5B"]
    large = plan_machine(gpu(12), model)
    small = plan_machine(gpu(24), dataclasses.replace(model, frames=17))
    assert (large.offload.value, small.offload.value) == ("group", "none")
    assert in_steps(small.at_least(large)) == in_steps(large)
    assert large.at_least(small).values() == large.values()


def test_older_gpus_compute_in_the_precision_that_models_support() -> None:
    plan = plan_machine(gpu(24, capability=(7, 5)), MODELS["Wan 2.1 1.3B"])
    assert plan.dtype.value == "bfloat16"
    assert "float16 is quicker" in plan.dtype.reason


def test_a_processor_computes_in_float32_where_that_fits() -> None:
    roomy, tight = (Machine(device="cpu", free_ram=ram * GIB) for ram in (64, 20))
    model = MODELS["Wan 2.1 1.3B"]
    assert plan_machine(roomy, model).dtype.value == "float32"
    plan = plan_machine(tight, model)
    assert plan.dtype.value == "bfloat16"
    assert "changes pictures" in plan.dtype.reason
    assert plan.offload.value == "none"
    with pytest.raises(BackboneError, match="of main memory"):
        plan_machine(Machine(device="cpu", free_ram=2 * GIB), model)


def test_the_precision_on_a_processor_does_not_depend_on_free_memory() -> None:
    model = MODELS["Wan 2.1 1.3B"]
    idle, busy = (Machine(device="cpu", free_ram=free * GIB, total_ram=64 * GIB) for free in (60, 20))
    assert plan_machine(idle, model).dtype == plan_machine(busy, model).dtype
    small = [Machine(device="cpu", free_ram=free * GIB, total_ram=24 * GIB) for free in (23, 12)]
    assert {plan_machine(machine, model).dtype.value for machine in small} == {"bfloat16"}


def test_a_processor_with_too_little_memory_is_offered_the_smaller_precision() -> None:
    busy = Machine(device="cpu", free_ram=6 * GIB, total_ram=64 * GIB)
    with pytest.raises(BackboneError, match=r"machine: \{dtype: bfloat16\} \(rounding") as caught:
        plan_machine(busy, MODELS["Wan 2.1 1.3B"])
    assert "the CPU with 6.0 GiB" in caught.value.message
    assert plan_machine(busy, MODELS["Wan 2.1 1.3B"], MachineSettings(dtype="bfloat16"))


def test_prompts_step_down_from_the_gpu_to_the_processor() -> None:
    plan = plan_machine(gpu(24), MODELS["Wan 2.1 14B"])
    assert [notch.text.value for notch in plan.text_notches()] == ["group", "cpu"]
    fixed = plan_machine(gpu(24), MODELS["Wan 2.1 14B"], MachineSettings(text="device"))
    assert fixed.text_notches() == ()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"cache": "magcache"}, "magcache_ratios"),
        ({"quantisation": "bnb-4bit", "offload": "group"}, "exclude each other"),
        ({"quantisation": "bnb-4bit", "layerwise": "fp8"}, "exclude each other"),
    ],
)
def test_settings_that_exclude_each_other_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        plan_machine(gpu(80), MODELS["Wan 2.1 1.3B"], MachineSettings(**settings))


@pytest.mark.parametrize("settings", [{"offload": "group"}, {"quantisation": "bnb-8bit"}])
def test_levers_that_need_a_gpu_are_refused_without_one(settings: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="needs a CUDA GPU"):
        plan_machine(Machine(device="cpu", free_ram=64 * GIB), MODELS["Wan 2.1 1.3B"], MachineSettings(**settings))


def test_weights_of_a_modular_component_are_counted_where_the_index_says(tmp_path: Path) -> None:
    folder = inspect_folder(build_wan(tmp_path / "wan", "t2v"))
    expected = ModelSize.of(folder, (), frames=9, size=(32, 32)).parameters
    (folder.root / "vae").rename(folder.root / "autoencoder")
    moved = dataclasses.replace(
        folder,
        index={**folder.index, "vae": ["diffusers", "AutoencoderKLWan", {"subfolder": "autoencoder"}]},
        weight_bytes={**folder.weight_bytes, "vae": 2},
        fingerprint="moved",
    )
    assert ModelSize.of(moved, (), frames=9, size=(32, 32)).parameters == expected


def test_weights_are_counted_in_their_headers(tmp_path: Path) -> None:
    folder = inspect_folder(build_wan(tmp_path / "wan", "t2v-a14b"))
    size = ModelSize.of(folder, ("tokenizer", "text_encoder"), frames=9, size=(32, 32))
    assert size.denoisers == ("transformer", "transformer_2")
    with safe_open(folder.root / "vae" / "diffusion_pytorch_model.safetensors", "numpy") as weights:
        counted = sum(math.prod(weights.get_slice(key).get_shape()) for key in weights.keys())  # noqa: SIM118 - no mapping
    assert size.parameters["vae"] == counted
    assert size.bytes_of("vae", "bfloat16") == 4 * counted
    assert size.text("bfloat16") == 2 * size.parameters["text_encoder"]
    assert (size.blocks, size.hidden, size.spatial, size.temporal, size.at_once) == (2, 24, 16, 4, 4)


def test_longer_and_larger_windows_need_more() -> None:
    sizes = [dataclasses.replace(MODELS["LTX-2"], frames=frames, height=height) for frames in (25, 121) for height in (512, 704)]
    for smaller, larger in pairwise(sorted(sizes, key=lambda size: (size.frames, size.height))):
        if smaller.frames == larger.frames:
            assert smaller.denoise("bfloat16") < larger.denoise("bfloat16")
    assert sizes[0].decode(tiled=False) < sizes[-1].decode(tiled=False)
    assert all(size.decode(tiled=True) < size.decode(tiled=False) for size in sizes)


def test_reading_this_machine_finds_its_memory() -> None:
    machine = detect_machine("cpu")
    assert machine.device == "cpu"
    assert machine.free_ram > GIB // 4
    assert "GiB of memory free" in str(machine)


def test_a_missing_device_is_named() -> None:
    with pytest.raises(BackboneError, match=r"machine\.device is cuda:99"):
        detect_machine("cuda:99")


def test_planning_imports_no_torch() -> None:
    code = "import sys, episodic.backbones.diffusers.machine.plan; sys.exit(any(name in sys.modules for name in ('torch', 'diffusers')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("patch", [None, "large", [], [1, 2, 2], [2, 2], 2, -1])
def test_a_size_is_computed_for_any_configuration(tmp_path: Path, patch: Any) -> None:
    folder = inspect_folder(build_wan(tmp_path / "wan", "t2v"))
    odd = dataclasses.replace(folder, configs={"transformer": {"patch_size": patch}, "vae": {"block_out_channels": "many"}})
    size = ModelSize.of(odd, ("text_encoder",), frames=81, size=(832, 480))
    assert (size.spatial, size.temporal) == (16, 4)
    assert plan_machine(gpu(24), size).offload.value == "none"
