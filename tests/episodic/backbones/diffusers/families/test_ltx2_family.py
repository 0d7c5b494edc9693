from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from episodic.backbones.diffusers.driver import LoadedPipeline
from episodic.backbones.diffusers.families.drivers.ltx2_sound import encode_sound, log_mel, to_stereo
from episodic.backbones.diffusers.families.ltx2 import TEXT_ROWS, Ltx2, distilled_sigmas
from episodic.backbones.diffusers.folder.inspect import inspect_folder
from episodic.backbones.diffusers.window import Window, WindowResult
from episodic.errors import BackboneError
from episodic.lab.tiny_models.ltx2 import build_ltx2
from tests.episodic.backbones.diffusers.families.rig import latents_of

FAMILY = Ltx2()
CPU = torch.device("cpu")
HZ = 48_000
FRAMES, SIZE = 17, 64
SAMPLES = round(FRAMES / 24 * HZ)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_ltx2(tmp_path_factory.mktemp("ltx2"), "condition")


@pytest.fixture(scope="module")
def encoded(folder: Path) -> dict[str, torch.Tensor]:
    return encode(folder)


@pytest.fixture(scope="module")
def loaded(folder: Path) -> LoadedPipeline:
    return load(folder)


@pytest.fixture(scope="module")
def plain(loaded: LoadedPipeline, encoded: dict[str, torch.Tensor]) -> WindowResult:
    return FAMILY.call(loaded, window(encoded), CPU)


def encode(path: Path, prompt: str = "a keeper climbs the stairs") -> dict[str, torch.Tensor]:
    model = inspect_folder(path)
    others = set(model.components) - set(FAMILY.text_components)
    text = LoadedPipeline(pipeline=FAMILY.load(model, others, torch.float32), folder=model)
    return FAMILY.encode_prompt(text, prompt, "blurry", CPU)


def load(path: Path) -> LoadedPipeline:
    model = inspect_folder(path)
    return LoadedPipeline(pipeline=FAMILY.load(model, FAMILY.text_components, torch.float32), folder=model)


def window(encoded: dict[str, torch.Tensor], **more: Any) -> Window:
    given = {
        "frames": FRAMES,
        "width": SIZE,
        "height": SIZE,
        "fps": 24,
        "seed": 7,
        "steps": 2,
        "guidance": 3.0,
        "encoded": encoded,
    }
    return Window(**{**given, **more})


def clip(seed: int, frames: int = 9) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (frames, SIZE, SIZE, 3), np.uint8)


def tone(hz: float, samples: int, channels: int = 1) -> np.ndarray:
    wave = 0.5 * np.sin(2 * np.pi * hz * np.arange(samples) / HZ)
    return np.broadcast_to(wave, (channels, samples)).astype(np.float32)


def same(first: WindowResult, second: WindowResult) -> bool:
    assert first.sound is not None
    assert second.sound is not None
    return np.array_equal(first.frames, second.frames) and np.array_equal(first.sound, second.sound)


def check_whole(shown: WindowResult) -> None:
    assert shown.frames.shape == (FRAMES, SIZE, SIZE, 3)
    assert shown.frames.dtype == np.uint8
    assert shown.sound is not None
    assert shown.sound.shape == (2, SAMPLES)
    assert shown.sound.dtype == np.float32
    assert np.isfinite(shown.sound).all()
    assert np.abs(shown.sound).max() > 1e-3
    assert shown.frames.std() > 1


@pytest.mark.parametrize("variant", ["text", "image", "condition", "in-context"])
def test_every_class_returns_picture_and_sound_and_uses_every_input(tmp_path: Path, variant: Any) -> None:
    path = build_ltx2(tmp_path, variant)
    model = inspect_folder(path)
    can, kinds = FAMILY.capabilities(model), FAMILY.control_kinds(model)
    assert can.own_sound
    assert FAMILY.speech_hz == HZ
    assert can.first_frame
    assert can.last_frame
    assert kinds == (("depth",) if variant == "in-context" else ())
    depth = {kind: clip(5, FRAMES) for kind in kinds}
    shown = FAMILY.call(
        load(path),
        window(
            encode(path),
            known=clip(1),
            known_sound=tone(300, 18_000, 2),
            last_frame=clip(2)[0],
            speech=tone(200, SAMPLES),
            control=depth,
        ),
        CPU,
    )
    check_whole(shown)
    if kinds:
        # what quantising does: the transformer without its LoRA
        lost = load(path)
        del lost.pipeline.transformer.ic_lora
        with pytest.raises(BackboneError, match="quantis"):
            FAMILY.call(lost, window(encode(path)), CPU)
    controls = {f"control:{kind}" for kind in kinds}
    assert shown.used == {"prompt", "known", "known_sound", "last_frame", "speech", *controls}


def test_a_first_picture_is_used_where_no_frames_are_known(loaded: LoadedPipeline, encoded: Any, plain: WindowResult) -> None:
    shown = FAMILY.call(loaded, window(encoded, first_frame=clip(3)[0]), CPU)
    assert shown.used == {"prompt", "first_frame"}
    assert not same(shown, plain)


def test_bytes_repeat_for_the_same_seed_and_differ_for_another(loaded: LoadedPipeline, encoded: Any, plain: WindowResult) -> None:
    check_whole(plain)
    assert plain.used == {"prompt"}
    assert same(FAMILY.call(loaded, window(encoded), CPU), plain)
    assert not same(FAMILY.call(loaded, window(encoded, seed=8), CPU), plain)


@pytest.mark.parametrize("count", [1, 9])
def test_known_frames_begin_the_window_and_change_the_rest(loaded: LoadedPipeline, encoded: Any, count: int) -> None:
    black, noise = (FAMILY.call(loaded, window(encoded, known=known[:count]), CPU) for known in (np.zeros_like(clip(1)), clip(1)))
    assert black.used == {"prompt", "known"}
    assert not np.array_equal(black.frames, noise.frames)
    pipeline = loaded.pipeline
    mine = latents_of(FAMILY, loaded, clip(1)[:count])
    assert mine.shape == (1, 8, 1 + (count - 1) // 8, 2, 2)
    decoded = pipeline.vae.decode(
        pipeline._denormalize_latents(mine, pipeline.vae.latents_mean, pipeline.vae.latents_std), None, return_dict=False
    )[0]
    first = np.clip(decoded[0, :, 0].permute(1, 2, 0).detach().numpy() / 2 + 0.5, 0, 1) * 255
    # the decoder is not causal to the frame: what follows shows a little in what is known
    other = float(np.abs(black.frames[0] - first).mean())
    assert float(np.abs(noise.frames[0] - first).mean()) < other


def test_known_sound_goes_in_with_the_known_frames_and_changes_the_rest(loaded: LoadedPipeline, encoded: Any) -> None:
    low, high = (FAMILY.call(loaded, window(encoded, known=clip(1), known_sound=tone(hz, 18_000, 2)), CPU) for hz in (150, 3000))
    assert low.used == {"prompt", "known", "known_sound"}
    check_whole(low)
    assert low.sound is not None
    assert high.sound is not None
    assert not np.array_equal(low.sound[:, :9_000], high.sound[:, :9_000])
    assert not np.array_equal(low.sound[:, 24_000:], high.sound[:, 24_000:])
    assert not np.array_equal(low.frames, high.frames)


class Seen:
    """Records the sound latents of every pass of the transformer."""

    def __init__(self, transformer: Any) -> None:
        self.sounds: list[torch.Tensor] = []
        self.times: list[float] = []
        self._hook = transformer.register_forward_pre_hook(self._note, with_kwargs=True)

    def _note(self, module: Any, args: Any, given: dict[str, Any]) -> None:
        self.sounds.append(given["audio_hidden_states"][-1].clone())
        self.times.append(float(given["audio_timestep"][0]))

    def __enter__(self) -> Seen:
        return self

    def __exit__(self, *unused: object) -> None:
        self._hook.remove()


def test_speech_is_the_sound_of_the_window_and_changes_the_picture(loaded: LoadedPipeline, encoded: Any) -> None:
    spoken, again, other = (
        FAMILY.call(loaded, window(encoded, speech=tone(hz, SAMPLES), seed=seed), CPU)
        for hz, seed in ((200, 7), (200, 8), (2000, 7))
    )
    assert spoken.used == {"prompt", "speech"}
    assert spoken.sound is not None
    assert np.array_equal(spoken.sound, tone(200, SAMPLES, 2))
    assert not np.array_equal(spoken.frames, again.frames)
    assert not np.array_equal(spoken.frames, other.frames)


def test_speech_is_clean_to_the_model_at_every_step(loaded: LoadedPipeline, encoded: Any) -> None:
    with Seen(loaded.pipeline.transformer) as seen:
        FAMILY.call(loaded, window(encoded, speech=tone(200, SAMPLES), steps=3, guidance=1.0), CPU)
    assert seen.times == [0.0, 0.0, 0.0]
    assert all(torch.equal(sound, seen.sounds[0]) for sound in seen.sounds)
    assert loaded.pipeline.audio_scheduler is None


def test_known_sound_is_as_noisy_as_the_rest_at_every_step(loaded: LoadedPipeline, encoded: Any) -> None:
    pipeline, sound = loaded.pipeline, tone(300, 18_000, 2)
    with Seen(pipeline.transformer) as seen:
        FAMILY.call(loaded, window(encoded, known=clip(1), known_sound=sound, steps=3, guidance=1.0), CPU)
    vae = pipeline.audio_vae
    packed = pipeline._pack_audio_latents(encode_sound(vae, sound, CPU))
    clean = pipeline._normalize_audio_latents(packed, vae.latents_mean, vae.latents_std)[0]
    known = 10
    noise = seen.sounds[0][:known]
    for tokens, time in zip(seen.sounds, seen.times, strict=True):
        sigma = time / 1000
        expected = (1 - sigma) * clean[:known] + sigma * noise
        assert torch.allclose(tokens[:known], expected, atol=1e-5)
    assert len(set(seen.times)) == 3


def test_a_distilled_model_is_sampled_at_its_noise_levels_without_guidance(tmp_path: Path) -> None:
    from diffusers.pipelines.ltx2.utils import DISTILLED_SIGMA_VALUES

    path = build_ltx2(tmp_path / "LTX-2-Distilled", "text")
    loaded = load(path)
    rules = FAMILY.rules(loaded.folder)
    assert (rules.steps, rules.guidance) == (8, 1.0)
    assert FAMILY.rules(inspect_folder(build_ltx2(tmp_path / "plain", "text"))).guidance == 3.0
    assert distilled_sigmas(8) == distilled_sigmas(30) == DISTILLED_SIGMA_VALUES
    assert distilled_sigmas(2) == [1.0, 0.421875]
    FAMILY.call(loaded, window(encode(path), steps=rules.steps, guidance=rules.guidance), CPU)
    sigmas = [float(sigma) for sigma in loaded.pipeline.scheduler.sigmas]
    assert sigmas == pytest.approx([*DISTILLED_SIGMA_VALUES, 0.0])


def test_control_video_changes_the_picture(tmp_path: Path) -> None:
    path = build_ltx2(tmp_path, "in-context")
    loaded, encoded = load(path), encode(path)
    near, far = (FAMILY.call(loaded, window(encoded, control={"depth": clip(seed, FRAMES)}), CPU) for seed in (1, 2))
    without = FAMILY.call(loaded, window(encoded), CPU)
    assert near.used == {"prompt", "control:depth"}
    assert without.used == {"prompt"}
    assert not np.array_equal(near.frames, far.frames)
    assert not np.array_equal(near.frames, without.frames)
    assert FAMILY.rules(loaded.folder).side_multiple == 64


def test_an_ic_lora_of_another_model_is_an_error(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    path = build_ltx2(tmp_path, "condition")
    (path / "ic_lora").mkdir()
    pair = {"transformer.elsewhere.lora_A.weight": torch.ones(1, 2), "transformer.elsewhere.lora_B.weight": torch.ones(2, 1)}
    save_file(pair, path / "ic_lora" / "some-depth.safetensors")
    with pytest.raises(BackboneError, match="another version"):
        load(path)
    (path / "ic_lora" / "some-depth.safetensors").rename(path / "ic_lora" / "some.safetensors")
    with pytest.raises(BackboneError, match="rename the file"):
        FAMILY.capabilities(inspect_folder(path))


def test_a_prompt_is_stored_without_padding_and_has_the_same_effect(folder: Path, encoded: dict[str, torch.Tensor]) -> None:
    model = inspect_folder(folder)
    whole = LoadedPipeline(pipeline=FAMILY.load(model, (), torch.float32), folder=model)
    embeds, mask, _, _ = whole.pipeline.encode_prompt("a keeper climbs the stairs", "blurry", device=CPU)
    assert embeds.shape[1] == TEXT_ROWS
    assert encoded["prompt_embeds"].shape[1] == int(mask.sum()) < 40
    connectors = whole.pipeline.connectors
    kept = encoded["prompt_embeds"]
    padded = torch.nn.functional.pad(kept, (0, 0, TEXT_ROWS - kept.shape[1], 0))
    for mine, theirs in zip(connectors(padded, mask), connectors(embeds, mask), strict=True):
        assert torch.equal(mine, theirs)


def test_the_prompt_changes_the_window(folder: Path, loaded: LoadedPipeline, plain: WindowResult) -> None:
    assert not same(FAMILY.call(loaded, window(encode(folder, "rain")), CPU), plain)


def test_a_prompt_of_another_model_is_an_error(loaded: LoadedPipeline) -> None:
    with pytest.raises(BackboneError, match="another model"):
        FAMILY.call(loaded, window({"prompt_embeds": torch.zeros(1, 4, 48)}), CPU)


def test_without_guidance_nothing_is_guided(loaded: LoadedPipeline, encoded: Any) -> None:
    shown = FAMILY.call(loaded, window(encoded, guidance=1.0), CPU)
    check_whole(shown)
    pipeline = loaded.pipeline
    assert not pipeline.do_classifier_free_guidance
    assert not pipeline.do_spatio_temporal_guidance
    assert not pipeline.do_modality_isolation_guidance


def test_the_hook_sees_the_windows_latents_and_known_frames_stay(loaded: LoadedPipeline, encoded: Any) -> None:
    seen: list[tuple[int, int, float, float, tuple[int, ...]]] = []

    def watch(step: int, steps: int, signal: float, noise: float, latents: torch.Tensor) -> torch.Tensor:
        seen.append((step, steps, signal, noise, tuple(latents.shape)))
        return latents

    def blank(step: int, steps: int, signal: float, noise: float, latents: torch.Tensor) -> torch.Tensor:
        return torch.zeros_like(latents)

    given = window(encoded, known=clip(1), last_frame=clip(2)[0], steps=3)
    free = FAMILY.call(loaded, given, CPU)
    watched = FAMILY.call(loaded, replace(given, on_step=watch), CPU)
    blanked = FAMILY.call(loaded, replace(given, on_step=blank), CPU)
    assert watched.hook_called
    assert not free.hook_called
    assert same(watched, free)
    assert [call[:2] for call in seen] == [(0, 3), (1, 3)]
    assert all(abs(signal + noise - 1) < 1e-6 and 0 < noise < 1 for _, _, signal, noise, _ in seen)
    assert {shape for *_, shape in seen} == {(1, 8, 3, 2, 2)}
    assert not np.array_equal(blanked.frames[-1], free.frames[-1])


def test_capabilities_and_rules_need_no_torch(folder: Path) -> None:
    import subprocess
    import sys

    code = (
        "import sys; from pathlib import Path; from episodic.backbones.diffusers.families.ltx2 import Ltx2;"
        "from episodic.backbones.diffusers.folder.inspect import inspect_folder;"
        f"m = inspect_folder(Path({str(folder)!r})); f = Ltx2(); print(f.capabilities(m).max_seconds, f.rules(m).most_frames);"
        "assert 'torch' not in sys.modules and 'diffusers' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[1] == "241"


def test_the_mel_spectrogram_has_a_tone_in_the_right_bin() -> None:
    wave = torch.sin(2 * torch.pi * 1000 * torch.arange(16_000) / 16_000)[None]
    mel = log_mel(wave, 16_000, 160, 64)
    assert mel.shape == (1, 101, 64)
    # Slaney's scale is linear to 1 kHz, which is 15 of its 45.245 up to 8 kHz, in 65 steps
    assert abs(int(mel[0, 50].argmax()) - (15 / 45.245 * 65 - 1)) <= 1
    assert float(log_mel(torch.zeros(1, 16_000), 16_000, 160, 64).max()) == pytest.approx(np.log(1e-5))


def test_sound_has_the_length_of_its_window_at_any_vocoder_rate(loaded: LoadedPipeline) -> None:
    for hz in (24_000, 48_000, 44_100):
        sound = to_stereo(torch.ones(1, 2, hz // 2) * 0.5, hz, 30_000)
        assert sound.shape == (2, 30_000)
        assert abs(float(sound[0, 12_000]) - 0.5) < 0.02
        assert float(sound[0, 25_000]) == pytest.approx(0.5, abs=0.02)
        assert not sound[:, 26_500:].any()
    assert encode_sound(loaded.pipeline.audio_vae, tone(440, HZ), CPU).shape == (1, 2, 26, 2)


def test_a_tiny_model_is_the_same_every_time(folder: Path, tmp_path: Path) -> None:
    state = torch.random.get_rng_state()
    assert inspect_folder(build_ltx2(tmp_path / "again")).fingerprint == inspect_folder(folder).fingerprint
    assert torch.equal(torch.random.get_rng_state(), state)
    assert sum(file.stat().st_size for file in folder.rglob("*")) < 4_000_000
