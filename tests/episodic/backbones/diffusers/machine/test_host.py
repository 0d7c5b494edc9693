"""One pipeline in memory: loaded once for many shots, replaced by another, loaded again one notch more frugally when memory runs out."""

from __future__ import annotations

import dataclasses
import gc
import importlib.util
from collections.abc import Collection, Iterator
from typing import Any

import numpy as np
import pytest
import torch

from episodic.backbones.diffusers.driver import LoadedPipeline
from episodic.backbones.diffusers.families.wan import Wan
from episodic.backbones.diffusers.folder.inspect import inspect_folder
from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.machine.host import PipelineHost
from episodic.backbones.diffusers.machine.plan import GIB, Choice, Machine, MachinePlan, MachineSettings, ModelSize, plan_machine
from episodic.backbones.diffusers.window import Memory, Window, WindowResult
from episodic.errors import BackboneError
from episodic.lab.tiny_models.wan import WanVariant, build_wan

PLAIN = MachineSettings(device="cpu", dtype="float32")
SIZE = (32, 32)
FRAMES = 9
CPU = torch.device("cpu")


class WanThatRemembers(Wan):
    """Wan, with a list of the components that were loaded."""

    def __init__(self) -> None:
        self.left_out: list[frozenset[str]] = []
        self.broken = False
        self.too_large = 0
        """How many times loading runs out of memory."""
        self.alive: list[int] = []
        """How many transformers and autoencoders were in memory when each loading began."""

    def load(self, folder: ModelFolder, leave_out: Collection[str], dtype: torch.dtype) -> Any:
        self.left_out.append(frozenset(leave_out))
        self.alive.append(models_alive())
        pipeline = super().load(folder, leave_out, dtype)
        if self.broken:
            raise BackboneError("half of it is missing")
        if self.too_large:
            self.too_large -= 1
            raise torch.OutOfMemoryError("no room for the weights")
        return pipeline


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, ModelFolder]]:
    root = tmp_path_factory.mktemp("host")
    variants: tuple[WanVariant, ...] = ("t2v", "vace")
    built: dict[str, ModelFolder] = {variant: inspect_folder(build_wan(root / variant, variant)) for variant in variants}
    # each release collects garbage, which is slow only for the many objects of imported modules
    gc.collect()
    gc.freeze()
    yield built
    gc.unfreeze()


@pytest.fixture
def wan(folders: dict[str, ModelFolder]) -> ModelFolder:
    return folders["t2v"]


def a_host() -> PipelineHost:
    return PipelineHost(lambda _: Machine(device="cpu", free_ram=16 * GIB))


def plan_of(folder: ModelFolder, **levers: str) -> MachinePlan:
    size = ModelSize.of(folder, Wan.text_components, frames=FRAMES, size=SIZE)
    plan = plan_machine(Machine(device="cpu", free_ram=16 * GIB), size, PLAIN)
    changed: dict[str, Any] = {name: Choice(value, "for the test") for name, value in levers.items()}
    return dataclasses.replace(plan, **changed)


def window(host: PipelineHost, folder: ModelFolder, settings: MachineSettings = PLAIN, **more: Any) -> Window:
    encoded = host.encode(folder, Wan(), settings, "a lamp on a table", "blurred")
    fields: dict[str, Any] = {
        "frames": FRAMES,
        "width": 32,
        "height": 32,
        "fps": 16,
        "seed": 1,
        "steps": 2,
        "guidance": 3.0,
        **more,
    }
    return Window(encoded=encoded, **fields)


def shoot(host: PipelineHost, folder: ModelFolder, each: Window, settings: MachineSettings = PLAIN) -> WindowResult:
    return host.run(
        folder, Wan(), settings, lambda loaded, device: Wan().call(loaded, each, device), frames=FRAMES, size=SIZE
    ).value


def models_alive() -> int:
    """Count the transformers and autoencoders in memory without collecting garbage."""
    from diffusers import AutoencoderKLWan, WanTransformer3DModel

    return sum(type(each) in (AutoencoderKLWan, WanTransformer3DModel) for each in gc.get_objects())


def denoisers_alive() -> int:
    from diffusers import WanTransformer3DModel

    gc.collect()
    return sum(type(each) is WanTransformer3DModel for each in gc.get_objects())


class NoRoom(torch.nn.Module):
    """Replaces a block of the transformer, and runs out of memory."""

    def forward(self, *_: Any, **__: Any) -> torch.Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB.")


def until(frugal: bool, loaded: LoadedPipeline) -> None:
    """Make the loaded model run out of memory unless it is `frugal`."""
    if not frugal:
        loaded.pipeline.transformer.blocks[1] = NoRoom()


def test_text_components_are_loaded_alone_and_released_before_the_rest(wan: ModelFolder) -> None:
    host, family = a_host(), WanThatRemembers()
    text = host.text(wan, family, plan_of(wan)).pipeline
    assert text.text_encoder is not None
    assert text.transformer is None
    del text
    assert denoisers_alive() == 0
    rest = host.shooting(wan, family, plan_of(wan)).pipeline
    assert rest.text_encoder is None
    assert rest.transformer is not None
    assert family.left_out == [{"transformer", "vae", "scheduler"}, {"tokenizer", "text_encoder"}]


def test_shots_of_one_model_share_one_loading(wan: ModelFolder) -> None:
    host = a_host()
    each = window(host, wan)
    first, second = shoot(host, wan, each), shoot(host, wan, each)
    assert host.loads == 2  # the text components, the rest
    assert np.array_equal(first.frames, second.frames)


def test_prompts_of_one_model_share_one_loading(wan: ModelFolder) -> None:
    host = a_host()
    first = host.encode(wan, Wan(), PLAIN, "a lamp", "")
    host.encode(wan, Wan(), PLAIN, "a table", "")
    assert host.loads == 1
    assert not first["prompt_embeds"].requires_grad


def test_another_model_replaces_the_loaded_one(folders: dict[str, ModelFolder]) -> None:
    host = a_host()
    before = denoisers_alive()
    host.shooting(folders["t2v"], Wan(), plan_of(folders["t2v"]))
    assert denoisers_alive() == before + 1
    host.shooting(folders["vace"], Wan(), plan_of(folders["vace"]))
    assert denoisers_alive() == before
    host.release()


def test_out_of_memory_steps_down_one_notch_and_is_noted(wan: ModelFolder) -> None:
    host, calls, family = a_host(), [], WanThatRemembers()
    each = window(host, wan)
    gc.collect()

    def act(loaded: LoadedPipeline, device: torch.device) -> WindowResult:
        calls.append(loaded.pipeline.vae.use_tiling)
        until(loaded.pipeline.vae.use_tiling, loaded)
        return Wan().call(loaded, each, device)

    done = host.run(wan, family, PLAIN, act, frames=FRAMES, size=SIZE)
    assert calls == [False, True]
    assert family.alive[0] == family.alive[1]  # what ran out of memory was gone before the next was loaded
    assert done.notes == ("out of memory; continued with tiling yes instead of no",)
    assert done.plan.tiling.value == "yes"
    assert "memory ran out" in done.plan.tiling.reason
    assert done.value.frames.shape == (FRAMES, 32, 32, 3)


def test_later_shots_start_with_the_plan_that_succeeded(wan: ModelFolder) -> None:
    host = a_host()
    each = window(host, wan)

    def act(loaded: LoadedPipeline, device: torch.device) -> WindowResult:
        until(loaded.pipeline.vae.use_tiling, loaded)
        return Wan().call(loaded, each, device)

    host.run(wan, Wan(), PLAIN, act, frames=FRAMES, size=SIZE)
    loads = host.loads
    again = host.run(wan, Wan(), PLAIN, act, frames=FRAMES, size=SIZE)
    assert host.loads == loads
    assert again.notes == ()
    host.encode(wan, Wan(), PLAIN, "another prompt", "")
    assert host.run(wan, Wan(), PLAIN, act, frames=FRAMES, size=SIZE).plan.tiling.value == "yes"


def test_several_notches_are_stepped_down_one_at_a_time(wan: ModelFolder) -> None:
    host = a_host()
    each = window(host, wan)

    def act(loaded: LoadedPipeline, device: torch.device) -> WindowResult:
        until(loaded.pipeline.transformer.blocks[0].attn1.to_q.weight.dtype == torch.float8_e4m3fn, loaded)
        return Wan().call(loaded, each, device)

    done = host.run(wan, Wan(), PLAIN, act, frames=FRAMES, size=SIZE)
    assert [note.split("with ")[1] for note in done.notes] == ["tiling yes instead of no", "layerwise fp8 instead of none"]
    assert "pictures change a little" in done.plan.layerwise.reason


def test_the_users_settings_are_not_stepped_down(wan: ModelFolder) -> None:
    host = a_host()
    settings = MachineSettings(device="cpu", dtype="float32", tiling=False, layerwise="none")

    def act(loaded: LoadedPipeline, device: torch.device) -> None:
        until(False, loaded)
        loaded.pipeline.transformer.blocks[1]()

    with pytest.raises(BackboneError, match="nothing is left that saves more"):
        host.run(wan, Wan(), settings, act, frames=FRAMES, size=SIZE)


def test_when_nothing_helps_there_is_one_error_and_nothing_in_memory(wan: ModelFolder) -> None:
    host = a_host()
    before = denoisers_alive()

    def act(loaded: LoadedPipeline, device: torch.device) -> None:
        until(False, loaded)
        loaded.pipeline.transformer.blocks[1]()

    with pytest.raises(BackboneError) as caught:
        host.run(wan, Wan(), PLAIN, act, frames=FRAMES, size=SIZE)
    (message,) = caught.value.message.splitlines()
    assert "WanPipeline" in message
    assert "continued with tiling yes instead of no" in message
    assert "Tried to allocate 20.00 GiB" in message
    assert "Free memory" in message
    del caught
    assert denoisers_alive() == before
    assert shoot(host, wan, window(host, wan)).frames.shape == (FRAMES, 32, 32, 3)


def test_running_out_of_main_memory_steps_down_too(wan: ModelFolder) -> None:
    host = a_host()

    def act(loaded: LoadedPipeline, device: torch.device) -> str:
        if not loaded.pipeline.vae.use_tiling:
            torch.empty(2**60)
        return "enough"

    assert len(host.run(wan, Wan(), PLAIN, act, frames=FRAMES, size=SIZE).notes) == 1


def test_another_failure_passes_through_and_leaves_nothing_loaded(wan: ModelFolder) -> None:
    host = a_host()
    before = denoisers_alive()

    def act(loaded: LoadedPipeline, device: torch.device) -> None:
        raise ZeroDivisionError("a bug")

    with pytest.raises(ZeroDivisionError):
        host.run(wan, Wan(), PLAIN, act, frames=FRAMES, size=SIZE)
    assert denoisers_alive() == before
    shoot(host, wan, window(host, wan))


def test_an_impossible_window_costs_no_loading(wan: ModelFolder) -> None:
    host = a_host()

    def act(loaded: LoadedPipeline, device: torch.device) -> None:
        raise BackboneError("not this window")

    for _ in range(2):
        with pytest.raises(BackboneError, match="not this window"):
            host.run(wan, Wan(), PLAIN, act, frames=FRAMES, size=SIZE)
    assert host.loads == 1


def test_a_failed_load_leaves_nothing_in_memory(wan: ModelFolder) -> None:
    host, family = a_host(), WanThatRemembers()
    before = denoisers_alive()
    family.broken = True
    with pytest.raises(BackboneError, match="half of it is missing"):
        host.shooting(wan, family, plan_of(wan))
    assert denoisers_alive() == before
    family.broken = False
    assert host.shooting(wan, family, plan_of(wan)).pipeline.transformer is not None


def test_running_out_of_memory_while_loading_frees_memory_for_the_next_try(wan: ModelFolder) -> None:
    host, family = a_host(), WanThatRemembers()
    gc.collect()
    family.too_large = 2
    done = host.run(wan, family, PLAIN, lambda *_: "shot", frames=FRAMES, size=SIZE)
    assert done.value == "shot"
    assert len(done.notes) == 2
    assert len(set(family.alive)) == 1
    assert host.loads == 1


def test_the_plan_and_its_reasons_are_reported_once(wan: ModelFolder) -> None:
    host = a_host()
    for _ in range(2):
        host.run(wan, Wan(), PLAIN, lambda *_: None, frames=FRAMES, size=SIZE)
    messages = "\n".join(host.take_messages())
    assert messages.count("offload: none (there is nowhere to move anything)") == 1
    assert host.take_messages() == ()


def test_the_negative_prompt_of_every_shot_is_encoded_once(wan: ModelFolder) -> None:
    host = a_host()
    first = host.encode(wan, Wan(), PLAIN, "a lamp", "blurred")
    host.run(wan, Wan(), PLAIN, lambda *_: None, frames=FRAMES, size=SIZE)  # lets go of the text encoder
    second = host.encode(wan, Wan(), PLAIN, "a boat", "blurred")
    assert (host.encodings.computed, host.encodings.reused) == (3, 1)
    assert torch.equal(first["negative_prompt_embeds"], second["negative_prompt_embeds"])
    assert not torch.equal(first["prompt_embeds"], second["prompt_embeds"])


def test_a_reference_is_encoded_once_however_many_shots_use_it(folders: dict[str, ModelFolder]) -> None:
    host, vace = a_host(), folders["vace"]
    picture = np.random.default_rng(3).integers(0, 256, (32, 32, 3), np.uint8)
    each = window(host, vace, references=(Memory(name="mara", entity="mara", picture=picture),))
    texts = host.encodings.computed
    shots = [shoot(host, vace, each)]
    made, reused = host.encodings.computed, host.encodings.reused
    assert made > texts
    for seed in (2, 3):
        shoot(host, vace, dataclasses.replace(each, seed=seed))
    assert host.encodings.computed == made
    calls = made - texts
    host.encode(vace, Wan(), PLAIN, "another prompt", "")  # lets go of the autoencoder
    made = host.encodings.computed
    shots.append(shoot(host, vace, each))
    assert host.encodings.computed == made
    assert host.encodings.reused == 3 * (calls + reused) + reused
    assert np.array_equal(shots[0].frames, shots[1].frames)


@pytest.mark.parametrize("levers", [{"offload": "group", "text": "group"}, {"tiling": "yes"}], ids=["group offload", "tiling"])
def test_lossless_levers_do_not_change_pictures(wan: ModelFolder, levers: dict[str, str]) -> None:
    def frames(plan: MachinePlan) -> np.ndarray:
        host = a_host()
        with torch.no_grad():
            encoded = Wan().encode_prompt(host.text(wan, Wan(), plan), "a lamp", "", CPU)
            each = Window(encoded=encoded, frames=FRAMES, width=32, height=32, fps=16, seed=1, steps=2, guidance=3.0)
            return Wan().call(host.shooting(wan, Wan(), plan), each, CPU).frames

    assert np.array_equal(frames(plan_of(wan)), frames(plan_of(wan, **levers)))


def test_half_precision_goes_together_with_a_full_autoencoder(folders: dict[str, ModelFolder]) -> None:
    host, vace = a_host(), folders["vace"]
    halved = MachineSettings(device="cpu", dtype="bfloat16", tiling=True)
    known = np.full((1, 32, 32, 3), 90, np.uint8)
    full, half = (shoot(host, vace, window(host, vace, settings, known=known), settings).frames for settings in (PLAIN, halved))
    assert 0 < np.abs(full.astype(int) - half.astype(int)).mean() < 8


RATIOS = tuple([1.0] * 14)
CACHES = [
    MachineSettings(device="cpu", dtype="float32", cache="first-block"),
    MachineSettings(device="cpu", dtype="float32", cache="taylorseer"),
    MachineSettings(device="cpu", dtype="float32", cache="magcache", magcache_ratios=RATIOS),
]


@pytest.mark.parametrize("settings", CACHES, ids=lambda settings: settings.cache)
def test_a_cache_skips_work_and_begins_each_call_afresh(wan: ModelFolder, settings: MachineSettings) -> None:
    host = a_host()
    each = window(host, wan, settings, steps=30)
    computed: list[int] = []

    def act(loaded: LoadedPipeline, device: torch.device) -> WindowResult:
        last = loaded.pipeline.transformer.blocks[-1].attn1.to_q
        count = last.register_forward_hook(lambda *_: computed.append(1))
        try:
            return Wan().call(loaded, each, device)
        finally:
            count.remove()

    first = host.run(wan, Wan(), settings, act, frames=FRAMES, size=SIZE).value
    assert 0 < len(computed) < 60  # 30 steps, each with and without the prompt

    def broken_off(step: int, steps: int, signal: float, noise: float, latents: torch.Tensor) -> torch.Tensor:
        raise BackboneError("broken off")

    with pytest.raises(BackboneError, match="broken off"):
        shoot(host, wan, dataclasses.replace(each, on_step=broken_off), settings)
    assert np.array_equal(shoot(host, wan, each, settings).frames, first.frames)


def test_a_cache_that_a_model_does_not_support_is_refused(folders: dict[str, ModelFolder]) -> None:
    with pytest.raises(BackboneError, match=r"machine\.cache: first-block is not available for this model"):
        a_host().run(folders["vace"], Wan(), CACHES[0], lambda *_: None, frames=FRAMES, size=SIZE)


def test_attention_that_is_not_installed_is_refused(wan: ModelFolder) -> None:
    settings = MachineSettings(device="cpu", dtype="float32", attention="sage")
    with pytest.raises(BackboneError, match=r"machine\.attention: sage is not available"):
        a_host().run(wan, Wan(), settings, lambda *_: None, frames=FRAMES, size=SIZE)


def test_the_choice_of_attention_ends_with_its_model(wan: ModelFolder) -> None:
    from diffusers.models.attention_dispatch import _AttentionBackendRegistry

    registry: Any = _AttentionBackendRegistry
    host = a_host()
    shoot(host, wan, window(host, wan), MachineSettings(device="cpu", dtype="float32", attention="_native_math"))
    assert registry.get_active_backend()[0].value == "_native_math"
    host.release()
    assert registry.get_active_backend()[0].value == "native"


def test_quantisation_that_is_not_installed_is_refused(wan: ModelFolder) -> None:
    if importlib.util.find_spec("torchao") is not None:
        pytest.skip("torchao is installed")
    settings = MachineSettings(device="cpu", dtype="float32", quantisation="torchao-int8")
    with pytest.raises(BackboneError, match="pip install torchao"):
        a_host().run(wan, Wan(), settings, lambda *_: None, frames=FRAMES, size=SIZE)
