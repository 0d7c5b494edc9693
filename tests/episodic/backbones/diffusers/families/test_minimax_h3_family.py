from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from episodic.backbones.diffusers.driver import LoadedPipeline
from episodic.backbones.diffusers.families.drivers.minimax_h3_driver import limit_shape
from episodic.backbones.diffusers.families.family_registry import open_family
from episodic.backbones.diffusers.families.minimax_h3 import MiniMaxH3
from episodic.backbones.diffusers.folder.inspect import inspect_folder
from episodic.backbones.diffusers.machine.host import PipelineHost
from episodic.backbones.diffusers.machine.plan import GIB, Machine, MachineSettings
from episodic.backbones.diffusers.window import Memory, Window, WindowResult
from episodic.errors import BackboneError
from episodic.lab.backbone_bench.watch import Watch
from episodic.lab.tiny_models.minimax_h3 import build_minimax_h3
from tests.episodic.backbones.diffusers.families.rig import latents_of

FAMILY = MiniMaxH3()
CPU = torch.device("cpu")
HZ = 48_000
FRAMES, SIZE = 124, 64
SAMPLES = round(FRAMES / 24 * HZ)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_minimax_h3(tmp_path_factory.mktemp("h3"))


@pytest.fixture(scope="module")
def loaded(folder: Path) -> LoadedPipeline:
    return load(folder)


@pytest.fixture(scope="module")
def encoded(folder: Path) -> dict[str, torch.Tensor]:
    return encode(folder, "Mara climbs the stairs – slowly.")


@pytest.fixture(scope="module")
def plain(loaded: LoadedPipeline, encoded: dict[str, torch.Tensor]) -> WindowResult:
    return FAMILY.call(loaded, window(encoded), CPU)


def load(path: Path) -> LoadedPipeline:
    model = inspect_folder(path)
    return LoadedPipeline(pipeline=FAMILY.load(model, FAMILY.text_components, torch.float32), folder=model)


def encode(path: Path, prompt: str) -> dict[str, torch.Tensor]:
    model = inspect_folder(path)
    others = set(model.components) - set(FAMILY.text_components)
    text = LoadedPipeline(pipeline=FAMILY.load(model, others, torch.float32), folder=model)
    return FAMILY.encode_prompt(text, prompt, "blurry", CPU)


def window(encoded: dict[str, torch.Tensor], **more: Any) -> Window:
    given = {
        "frames": FRAMES,
        "width": SIZE,
        "height": SIZE,
        "fps": 24,
        "seed": 7,
        "steps": 1,
        "guidance": 1.0,
        "encoded": encoded,
    }
    return Window(**{**given, **more})


def picture(seed: int, height: int = SIZE, width: int = SIZE) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def tone(hz: float, samples: int = HZ) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hz * np.arange(samples) / HZ))[None].astype(np.float32)


def memory(number: int, sound: np.ndarray | None = None) -> Memory:
    return Memory(name=f"mara:key{number}/front.png", entity="mara", picture=picture(number, 60, 40), sound=sound)


def same(first: WindowResult, second: WindowResult) -> bool:
    assert first.sound is not None
    assert second.sound is not None
    return np.array_equal(first.frames, second.frames) and np.array_equal(first.sound, second.sound)


def check_whole(shown: WindowResult) -> None:
    assert shown.frames.shape == (FRAMES, SIZE, SIZE, 3)
    assert shown.frames.dtype == np.uint8
    assert shown.frames.std() > 1
    assert shown.sound is not None
    assert shown.sound.shape == (2, SAMPLES)
    assert shown.sound.dtype == np.float32
    assert np.isfinite(shown.sound).all()
    assert float(np.abs(shown.sound).max()) > 1e-3


def test_the_model_takes_nine_pictures_and_three_of_their_sounds(folder: Path, loaded: LoadedPipeline, encoded: Any) -> None:
    can = FAMILY.capabilities(inspect_folder(folder))
    memories = tuple(memory(number, tone(200 + 50 * number) if number < 5 else None) for number in range(can.reference_pictures))
    shown = FAMILY.call(loaded, window(encoded, references=memories), CPU)
    assert len(memories) == 9
    assert can.memory_sounds
    assert FAMILY.speech_hz is None
    assert FAMILY.control_kinds(inspect_folder(folder)) == ()
    sounds = {f"sound:{memory.name}" for memory in memories[:3]}
    assert shown.used == {"prompt", *(f"reference:{memory.name}" for memory in memories), *sounds}
    check_whole(shown)


def test_a_window_begins_and_ends_with_given_frames(
    folder: Path, loaded: LoadedPipeline, encoded: Any, plain: WindowResult
) -> None:
    can = FAMILY.capabilities(inspect_folder(folder))
    assert can.first_frame
    assert can.last_frame
    assert can.continuation_frames == 1
    made = FAMILY.call(loaded, window(encoded, first_frame=picture(1, 30, 50), last_frame=picture(2)), CPU)
    known = FAMILY.call(loaded, window(encoded, known=picture(1)[None]), CPU)
    other = FAMILY.call(loaded, window(encoded, known=picture(3)[None]), CPU)
    assert made.used == {"prompt", "first_frame", "last_frame"}
    assert known.used == {"prompt", "known"}
    for first, second in ((made, plain), (known, plain), (known, other)):
        assert not same(first, second)
    check_whole(known)


def test_bytes_repeat_for_the_same_seed_and_differ_for_another(loaded: LoadedPipeline, encoded: Any, plain: WindowResult) -> None:
    check_whole(plain)
    assert plain.used == {"prompt"}
    assert same(FAMILY.call(loaded, window(encoded), CPU), plain)
    assert not same(FAMILY.call(loaded, window(encoded, seed=8), CPU), plain)


def test_references_their_order_and_their_sounds_change_the_window(loaded: LoadedPipeline, encoded: Any) -> None:
    first, second = memory(1), memory(2)
    shown = [
        FAMILY.call(loaded, window(encoded, references=references), CPU)
        for references in (
            (first,),
            (first, second),
            (second, first),
            (memory(1, tone(200)), second),
            (memory(1, tone(2000)), second),
        )
    ]
    assert len({result.frames.tobytes() for result in shown}) == 5


def test_a_continuing_window_ignores_references(loaded: LoadedPipeline, encoded: Any) -> None:
    shown = FAMILY.call(loaded, window(encoded, known=picture(1)[None], references=(memory(1),)), CPU)
    assert shown.used == {"prompt", "known"}


def test_the_prompt_is_kept_as_text_and_changes_the_window(
    folder: Path, loaded: LoadedPipeline, encoded: Any, plain: WindowResult
) -> None:
    assert bytes(encoded["prompt"].numpy()).decode() == "Mara climbs the stairs – slowly."
    assert not same(FAMILY.call(loaded, window(encode(folder, "rain")), CPU), plain)
    assert FAMILY.call(loaded, window(encode(folder, "")), CPU).used == {"prompt"}
    with pytest.raises(BackboneError, match="another model"):
        FAMILY.call(loaded, window({"prompt_embeds": torch.zeros(1, 4, 16)}), CPU)


@pytest.mark.parametrize("more", [{}, {"known": picture(1)[None]}, {"references": (memory(1, tone(200)),)}])
def test_the_hook_sees_the_windows_latents_in_every_workflow(loaded: LoadedPipeline, encoded: Any, more: dict[str, Any]) -> None:
    seen: list[tuple[int, int, float, float, tuple[int, ...]]] = []

    def watch(step: int, steps: int, signal: float, noise: float, latents: torch.Tensor) -> torch.Tensor:
        seen.append((step, steps, signal, noise, tuple(latents.shape)))
        return latents

    def darken(step: int, steps: int, signal: float, noise: float, latents: torch.Tensor) -> torch.Tensor:
        return latents - 3

    given = window(encoded, steps=3, **more)
    free = FAMILY.call(loaded, given, CPU)
    watched = FAMILY.call(loaded, replace(given, on_step=watch), CPU)
    changed = FAMILY.call(loaded, replace(given, on_step=darken), CPU)
    assert watched.hook_called
    assert not free.hook_called
    assert same(watched, free)
    assert watched.used == free.used
    assert [call[:2] for call in seen] == [(0, 3), (1, 3)]
    assert [call[2] + call[3] for call in seen] == pytest.approx([1, 1])
    assert {call[4] for call in seen} == {(1, 4, 37, 4, 4)}
    assert not np.array_equal(changed.frames, free.frames)


def test_latents_are_as_the_hook_sees_them(loaded: LoadedPipeline) -> None:
    frames = np.repeat(picture(1)[None], FRAMES, axis=0)
    assert latents_of(FAMILY, loaded, frames).shape == (1, 4, 37, 4, 4)
    first, second = (latents_of(FAMILY, loaded, picture(seed)[None]) for seed in (1, 2))
    assert first.shape == (1, 4, 1, 4, 4)
    assert not torch.allclose(first, second)


def test_one_call_of_the_library_gives_the_same_frames(loaded: LoadedPipeline, plain: WindowResult) -> None:
    video = loaded.pipeline(
        prompt="Mara climbs the stairs – slowly.",
        width=SIZE,
        height=SIZE,
        num_frames=FRAMES,
        num_inference_steps=2,
        generator=torch.Generator().manual_seed(7),
        output_type="np",
        output="videos",
    )
    assert np.array_equal(np.rint(np.asarray(video)[0] * 255).astype(np.uint8), plain.frames)


def test_the_conditioner_reads_the_same_references_only_once(folder: Path, encoded: Any) -> None:
    # the family that is watched is the one that everybody opens
    model, family, settings = inspect_folder(folder), open_family("minimax-h3"), MachineSettings(device="cpu", dtype="float32")
    host, picture = PipelineHost(lambda _: Machine(device="cpu", free_ram=16 * GIB)), np.full((SIZE, SIZE, 3), 90, np.uint8)
    variations: list[dict[str, Any]] = [
        {},
        {"first_frame": picture},
        {"references": (Memory(name="a", entity="mara", picture=picture),)},
    ]

    def shoot(**more: Any) -> np.ndarray:
        made = window(encoded, **more)
        return host.run(
            model, family, settings, lambda loaded, device: family.call(loaded, made, device), frames=FRAMES, size=(SIZE, SIZE)
        ).value.frames

    with Watch().on() as watch, torch.no_grad():
        takes = [shoot(seed=seed, **more) for more in variations for seed in (7, 8, 7)]
    host.release()
    assert [name for name, _ in watch.encoded].count("text_encoder") == len(variations)
    assert len(watch.encoded) == len(set(watch.encoded))
    for first, other, again in zip(takes[::3], takes[1::3], takes[2::3], strict=True):
        assert np.array_equal(first, again)
        assert not np.array_equal(first, other)


def test_a_step_is_one_pass_of_the_model(loaded: LoadedPipeline, encoded: Any) -> None:
    FAMILY.call(loaded, window(encoded, steps=3), CPU)
    assert loaded.pipeline.scheduler.num_inference_steps == 3


def test_a_folder_with_one_transformer_has_only_its_capabilities(folder: Path, tmp_path: Path, encoded: Any) -> None:
    half = tmp_path / "half"
    shutil.copytree(folder, half)
    shutil.rmtree(half / "transformer")
    index = half / "modular_model_index.json"
    entries = {name: entry for name, entry in json.loads(index.read_text()).items() if name != "transformer"}
    index.write_text(json.dumps(entries))
    model = inspect_folder(half)
    can = FAMILY.capabilities(model)
    assert not can.first_frame
    assert can.continuation_frames == 0
    assert can.reference_pictures == 9
    loaded = load(half)
    assert FAMILY.call(loaded, window(encoded, references=(memory(1),)), CPU).used == {"prompt", f"reference:{memory(1).name}"}
    with pytest.raises(BackboneError, match="transformer is not in this folder"):
        FAMILY.call(loaded, window(encoded), CPU)


def test_lengths_are_17_n_and_5_frames_between_5_and_15_seconds(folder: Path) -> None:
    rules = FAMILY.rules(inspect_folder(folder))
    assert (rules.least_frames, rules.most_frames) == (124, 345)
    assert rules.frames_for(10) == 124
    assert rules.frames_for(125) == 141
    assert rules.frames_for(999) == 345


def test_pictures_are_at_most_four_times_as_long_as_wide() -> None:
    assert limit_shape(picture(1, 10, 100)).size == (100, 25)
    assert limit_shape(picture(1, 100, 10)).size == (25, 100)
    assert limit_shape(picture(1, 40, 60)).size == (60, 40)


def test_a_tiny_model_is_the_same_every_time(folder: Path, tmp_path: Path) -> None:
    state = torch.random.get_rng_state()
    assert inspect_folder(build_minimax_h3(tmp_path / "again")).fingerprint == inspect_folder(folder).fingerprint
    assert torch.equal(torch.random.get_rng_state(), state)
    assert sum(file.stat().st_size for file in folder.rglob("*")) < 4_000_000
