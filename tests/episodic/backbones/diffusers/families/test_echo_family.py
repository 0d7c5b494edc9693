from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from episodic.backbones.diffusers.driver import LoadedPipeline
from episodic.backbones.diffusers.families.drivers.ltx2_sound import encode_sound, loudest_stretch
from episodic.backbones.diffusers.families.echo import Echo
from episodic.backbones.diffusers.families.ltx2 import distilled_sigmas
from episodic.backbones.diffusers.folder.inspect import inspect_folder
from episodic.backbones.diffusers.window import Memory, Window, WindowResult
from episodic.errors import BackboneError
from episodic.lab.tiny_models.echo import build_echo
from tests.episodic.backbones.diffusers.families.rig import latents_of

FAMILY = Echo()
CPU = torch.device("cpu")
HZ = 48_000
FRAMES, SIZE = 17, 64
SAMPLES = round(FRAMES / 25 * HZ)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_echo(tmp_path_factory.mktemp("echo"))


@pytest.fixture(scope="module")
def encoded(folder: Path) -> dict[str, torch.Tensor]:
    return encode(folder, "a keeper climbs the stairs")


@pytest.fixture(scope="module")
def loaded(folder: Path) -> LoadedPipeline:
    model = inspect_folder(folder)
    return LoadedPipeline(pipeline=FAMILY.load(model, FAMILY.text_components, torch.float32), folder=model)


@pytest.fixture(scope="module")
def plain(loaded: LoadedPipeline, encoded: dict[str, torch.Tensor]) -> WindowResult:
    return FAMILY.call(loaded, window(encoded), CPU)


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
        "fps": 25,
        "seed": 7,
        "steps": 2,
        "guidance": 1.0,
        "encoded": encoded,
    }
    return Window(**{**given, **more})


def picture(seed: int, height: int = SIZE, width: int = SIZE) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def tone(hz: float, samples: int = HZ) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hz * np.arange(samples) / HZ))[None].astype(np.float32)


def memory(number: int, sound: np.ndarray | None = None, look: int | None = None) -> Memory:
    seed = number if look is None else look
    return Memory(name=f"mara:key{number}/front.png", entity="mara", picture=picture(seed, 90, 40), sound=sound)


def same(first: WindowResult, second: WindowResult) -> bool:
    assert first.sound is not None
    assert second.sound is not None
    return np.array_equal(first.frames, second.frames) and np.array_equal(first.sound, second.sound)


def test_the_model_takes_seven_memories_with_their_sounds_and_a_first_frame(
    folder: Path, loaded: LoadedPipeline, encoded: Any
) -> None:
    can = FAMILY.capabilities(inspect_folder(folder))
    memories = tuple(memory(number, tone(200 + 100 * number) if number % 2 else None) for number in range(can.reference_pictures))
    shown = FAMILY.call(loaded, window(encoded, references=memories, known=picture(3)[None]), CPU)
    assert can.memory_sounds
    assert can.own_sound
    assert FAMILY.speech_hz is None
    assert len(memories) == 7
    pictures = {f"reference:mara:key{number}/front.png" for number in range(7)}
    assert shown.used == {"prompt", "known", *pictures, *(f"sound:mara:key{number}/front.png" for number in (1, 3, 5))}
    assert shown.frames.shape == (FRAMES, SIZE, SIZE, 3)
    assert shown.sound is not None
    assert shown.sound.shape == (2, SAMPLES)
    assert shown.sound.dtype == np.float32
    assert np.isfinite(shown.sound).all()
    # the model's last latent ends 30 ms early; its end is filled, not silent
    assert float(np.abs(shown.sound[:, -480:]).max()) > 1e-4


def test_bytes_repeat_for_the_same_seed_and_differ_for_another(loaded: LoadedPipeline, encoded: Any, plain: WindowResult) -> None:
    assert same(FAMILY.call(loaded, window(encoded), CPU), plain)
    assert not same(FAMILY.call(loaded, window(encoded, seed=8), CPU), plain)
    assert plain.used == {"prompt"}
    assert not plain.hook_called


def test_memories_change_the_window_and_so_does_their_order(loaded: LoadedPipeline, encoded: Any, plain: WindowResult) -> None:
    first, second = memory(1), memory(2)
    single = FAMILY.call(loaded, window(encoded, references=(first,)), CPU)
    both = FAMILY.call(loaded, window(encoded, references=(first, second)), CPU)
    turned = FAMILY.call(loaded, window(encoded, references=(second, first)), CPU)
    other = FAMILY.call(loaded, window(encoded, references=(memory(1, look=5),)), CPU)
    for a, b in ((single, plain), (single, both), (both, turned), (single, other)):
        assert not np.array_equal(a.frames, b.frames)


def test_the_sound_of_a_memory_changes_the_sound_of_the_window(loaded: LoadedPipeline, encoded: Any) -> None:
    low, high, silent = (
        FAMILY.call(loaded, window(encoded, references=(memory(1, sound), memory(2))), CPU)
        for sound in (tone(150), tone(3000), None)
    )
    assert low.sound is not None
    assert not same(low, high)
    assert not same(low, silent)
    assert low.used - silent.used == {f"sound:{memory(1).name}"}


def test_a_given_first_frame_changes_the_window_and_is_named(loaded: LoadedPipeline, encoded: Any, plain: WindowResult) -> None:
    made = FAMILY.call(loaded, window(encoded, first_frame=picture(4, 100, 100)), CPU)
    known = FAMILY.call(loaded, window(encoded, known=picture(4)[None]), CPU)
    other = FAMILY.call(loaded, window(encoded, known=picture(5)[None]), CPU)
    assert made.used == {"prompt", "first_frame"}
    assert known.used == {"prompt", "known"}
    for a, b in ((made, plain), (known, plain), (known, other)):
        assert not np.array_equal(a.frames, b.frames)


def test_the_hook_sees_the_windows_latents_and_a_given_frame_stays(loaded: LoadedPipeline, encoded: Any) -> None:
    seen: list[tuple[int, int, float, float, tuple[int, ...]]] = []
    begins: list[torch.Tensor] = []

    def watch(step: int, steps: int, signal: float, noise: float, latents: torch.Tensor) -> torch.Tensor:
        seen.append((step, steps, signal, noise, tuple(latents.shape)))
        return latents

    def blank(step: int, steps: int, signal: float, noise: float, latents: torch.Tensor) -> torch.Tensor:
        begins.append(latents[:, :, :1].clone())
        return torch.zeros_like(latents)

    given = window(encoded, known=picture(4)[None], steps=3, references=(memory(1),))
    free = FAMILY.call(loaded, given, CPU)
    watched = FAMILY.call(loaded, replace(given, on_step=watch), CPU)
    blanked = FAMILY.call(loaded, replace(given, on_step=blank), CPU)
    assert watched.hook_called
    assert not free.hook_called
    assert same(watched, free)
    assert [call[:2] for call in seen] == [(0, 3), (1, 3)]
    assert [call[2] + call[3] for call in seen] == pytest.approx([1, 1])
    assert [call[3] for call in seen] == pytest.approx(distilled_sigmas(3)[1:])
    assert {call[4] for call in seen} == {(1, 8, 3, 2, 2)}
    assert not np.array_equal(blanked.frames, free.frames)
    known = latents_of(FAMILY, loaded, picture(4)[None])
    assert all(torch.allclose(begin, known, atol=1e-5) for begin in begins)


def test_the_prompt_changes_the_window_and_a_prompt_of_another_model_is_an_error(
    folder: Path, loaded: LoadedPipeline, plain: WindowResult
) -> None:
    assert not same(FAMILY.call(loaded, window(encode(folder, "rain")), CPU), plain)
    with pytest.raises(BackboneError, match="another model"):
        FAMILY.call(loaded, window({"negative_prompt_embeds": torch.zeros(1, 4, 48)}), CPU)


def test_one_call_of_the_library_gives_the_same_frames(folder: Path, encoded: Any, plain: WindowResult) -> None:
    model = inspect_folder(folder)
    whole = FAMILY.load(model, (), torch.float32)
    state = whole(
        prompt="a keeper climbs the stairs",
        width=SIZE,
        height=SIZE,
        num_frames=FRAMES,
        sigmas=[*distilled_sigmas(2), 0.0],
        generator=torch.Generator().manual_seed(7),
        output_type="np",
    )
    assert np.array_equal(np.rint(np.asarray(state.get("videos"))[0] * 255).astype(np.uint8), plain.frames)


def test_eight_steps_are_the_trained_schedule(loaded: LoadedPipeline) -> None:
    from diffusers.modular_pipelines.echo.denoise import DEFAULT_ECHO_SIGMAS

    rules = FAMILY.rules(loaded.folder)
    assert [*distilled_sigmas(rules.steps), 0.0] == list(DEFAULT_ECHO_SIGMAS)
    assert (rules.fps, rules.most_frames, rules.guidance) == (25, 241, 1.0)


def test_a_long_sound_is_cut_to_its_loudest_stretch(loaded: LoadedPipeline) -> None:
    sound = np.concatenate([0.1 * tone(300, 12 * HZ), tone(900, 10 * HZ), 0.1 * tone(300, 3 * HZ)], axis=1)
    kept = loudest_stretch(sound, 9.62)
    assert kept.shape[1] == round(9.62 * HZ)
    assert float(np.abs(kept).mean()) > 0.28
    assert loudest_stretch(tone(300), 9.62).shape == (1, HZ)
    assert encode_sound(loaded.pipeline.audio_vae, kept, CPU).shape[2] == math.ceil((9.62 * 100 + 1) / 4)


def test_a_tiny_model_is_the_same_every_time(folder: Path, tmp_path: Path) -> None:
    state = torch.random.get_rng_state()
    assert inspect_folder(build_echo(tmp_path / "again")).fingerprint == inspect_folder(folder).fingerprint
    assert torch.equal(torch.random.get_rng_state(), state)
    assert sum(file.stat().st_size for file in folder.rglob("*")) < 4_000_000
