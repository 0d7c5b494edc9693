"""`LowFrequencyGuide` pulls the light and palette of latents towards an anchor during denoising."""

import numpy as np
import pytest
import torch

from episodic.backbones.diffusers.driver import LoadedPipeline
from episodic.backbones.diffusers.families.wan import Wan
from episodic.backbones.diffusers.folder.inspect import inspect_folder
from episodic.backbones.diffusers.window import Window, WindowResult
from episodic.consistency.guidance import LowFrequencyGuide, chain_hooks, low_frequencies
from episodic.consistency.step_hook import StepHook
from episodic.lab.tiny_models.wan import build_wan

CPU = torch.device("cpu")


def drawn(*shape: int, seed: int = 1) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def waves(length: int, bands: int) -> torch.Tensor:
    """Return the cosines of the lowest frequencies: band, position."""
    place = (torch.arange(length) + 0.5) / length
    return torch.stack([torch.cos(torch.pi * band * place) * (2**0.5 if band else 1) for band in range(bands)])


def without_low(latents: torch.Tensor, bands: int) -> torch.Tensor:
    """Remove the lowest frequencies from every frame."""
    low = torch.einsum(
        "v h, u w, b c v u -> b c h w",
        waves(latents.shape[3], bands),
        waves(latents.shape[4], bands),
        low_frequencies(latents, bands),
    )
    return latents - low[:, :, None]


def distance(latents: torch.Tensor, anchor: torch.Tensor, bands: int = 1) -> float:
    """Return the mean difference of the lowest frequencies."""
    return float((low_frequencies(latents, bands) - low_frequencies(anchor, bands)).abs().mean())


def test_planted_low_frequencies_are_recovered_at_any_size():
    planted = drawn(1, 4, 3, 3)
    for height, width in ((6, 10), (30, 52)):
        painted = torch.einsum("v h, u w, b c v u -> b c h w", waves(height, 3), waves(width, 3), planted)
        moving = painted[:, :, None] + torch.tensor([-0.5, 0.0, 0.5])[None, None, :, None, None]
        assert torch.allclose(low_frequencies(moving, 3), planted, atol=1e-5)
    assert torch.allclose(low_frequencies(moving, 1)[..., 0, 0], moving.mean(dim=(2, 3, 4)), atol=1e-6)


@pytest.mark.parametrize("bands", [1, 2, 4])
def test_only_the_lowest_frequencies_change_and_in_every_frame_alike(bands):
    latents, guide = drawn(1, 4, 5, 12, 20), LowFrequencyGuide(target=drawn(1, 4, 1, 8, 8, seed=2) + 1, strength=0.5, bands=bands)
    change = guide(1, 20, 0.4, 0.6, latents) - latents
    assert change.abs().max() > 0.01
    assert without_low(change, bands).abs().max() < 1e-5
    assert torch.allclose(change, change[:, :, :1].expand_as(change), atol=1e-6)


def test_no_step_moves_the_estimate_beyond_the_limit():
    latents, anchor = drawn(1, 4, 5, 12, 20), torch.full((1, 4, 1, 8, 8), 50.0)
    for signal in (1e-3, 0.1, 0.9):
        after = LowFrequencyGuide(target=anchor, strength=1.0, limit=0.25)(0, 20, signal, 1 - signal, latents)
        moved = (low_frequencies(after, 2) - low_frequencies(latents, 2)).abs().max() / signal
        assert moved <= 0.25 + 1e-3


def test_the_guide_fades_out_and_is_off_at_its_end_and_without_strength():
    latents, anchor = drawn(1, 4, 5, 12, 20), drawn(1, 4, 1, 12, 20, seed=2) + 1
    guide = LowFrequencyGuide(target=anchor, strength=0.3, until=0.5, limit=9)
    moved = [float((guide(step, 10, 0.5, 0.5, latents) - latents).abs().max()) for step in range(10)]
    assert moved[:5] == sorted(moved[:5], reverse=True)
    assert moved[4] > 0 == max(moved[5:])
    assert LowFrequencyGuide(target=anchor, strength=0)(0, 10, 0.5, 0.5, latents) is latents


def test_half_precision_is_kept():
    latents = drawn(1, 4, 5, 12, 20).bfloat16()
    assert LowFrequencyGuide(target=drawn(1, 4, 1, 8, 8))(0, 10, 0.5, 0.5, latents).dtype == torch.bfloat16


@pytest.mark.parametrize("wrong", [{"strength": 1.5}, {"strength": -0.1}, {"until": 0}, {"bands": 0}, {"bands": 5}, {"limit": 0}])
def test_settings_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match="LowFrequencyGuide"):
        LowFrequencyGuide(target=drawn(1, 4, 1, 8, 8), **wrong)


def test_each_chained_hook_receives_the_result_of_the_previous_one():
    def add(step: int, steps: int, signal: float, noise: float, latents: torch.Tensor) -> torch.Tensor:
        return latents + step

    def double(step: int, steps: int, signal: float, noise: float, latents: torch.Tensor) -> torch.Tensor:
        return latents * 2

    ones = torch.ones(1, 1, 1, 1, 1)
    assert chain_hooks(add, double)(3, 9, 0.5, 0.5, ones).item() == 8
    assert chain_hooks()(3, 9, 0.5, 0.5, ones) is ones


def sampled(guide: StepHook, steps: int = 24, shape: tuple[int, int, int, int, int] = (1, 4, 5, 16, 24)) -> torch.Tensor:
    """Sample videos from the exact flow-matching denoiser of pictures with little light and much detail.

    The means of the channels have a spread of 0.5, everything else of 1. The light rises from -0.2 to 0.2 over the frames.
    """
    latents, rise = drawn(*shape), torch.linspace(-0.2, 0.2, shape[2])[None, None, :, None, None]
    count = shape[2] * shape[3] * shape[4]
    sigmas = torch.linspace(1, 0, steps + 1)
    for step in range(steps):
        noise, signal = float(sigmas[step]), float(1 - sigmas[step])
        detail = latents - signal * rise
        mean = detail.mean(dim=(2, 3, 4), keepdim=True)
        light = signal * 0.25 / (signal**2 * 0.25 + noise**2 / count) * mean
        clean = rise + light + signal / (signal**2 + noise**2) * (detail - mean)
        latents = latents + (sigmas[step + 1] - noise) * (latents - clean) / noise
        if step + 1 < steps:
            latents = guide(step, steps, 1 - float(sigmas[step + 1]), float(sigmas[step + 1]), latents)
    return latents


def test_a_stronger_guide_brings_the_light_closer_and_keeps_detail_and_changes_of_light():
    anchor = torch.full((1, 4, 1, 8, 8), 0.4) + 0.1 * drawn(1, 4, 1, 8, 8, seed=5)
    videos = [sampled(LowFrequencyGuide(target=anchor, strength=strength, bands=1)) for strength in (0, 0.1, 0.3, 0.6)]
    away = [distance(video, anchor) for video in videos]
    assert away == sorted(away, reverse=True)
    assert away[2] < 0.3 * away[0]
    for video in videos[1:]:
        assert (without_low(video, 1) - without_low(videos[0], 1)).abs().max() < 1e-4
        rise = video.mean(dim=(0, 1, 3, 4))
        assert torch.allclose(rise - rise.mean(), videos[0].mean(dim=(0, 1, 3, 4)) - videos[0].mean(), atol=1e-4)


@pytest.fixture(scope="module")
def wan(tmp_path_factory: pytest.TempPathFactory) -> LoadedPipeline:
    folder = inspect_folder(build_wan(tmp_path_factory.mktemp("wan") / "model", "t2v"))
    return LoadedPipeline(pipeline=Wan().load(folder, [], torch.float32), folder=folder)


def shot(loaded: LoadedPipeline, hook: StepHook) -> WindowResult:
    """Sample a take from a real pipeline with random weights."""
    family, encoded = Wan(), {"prompt_embeds": drawn(1, 512, 32)}
    window = Window(frames=9, width=64, height=64, fps=16, seed=3, steps=6, guidance=1.0, encoded=encoded, on_step=hook)
    return family.call(loaded, window, CPU)


def test_a_real_pipeline_follows_the_guide(wan):
    anchor = Wan().latents_of(wan, np.full((1, 64, 64, 3), (230, 180, 90), np.uint8), CPU)
    assert anchor is not None
    ends = []

    def noted(step: int, steps: int, signal: float, noise: float, latents: torch.Tensor) -> torch.Tensor:
        if step == steps - 2:
            ends.append(latents / signal)
        return latents

    takes = []
    for strength in (None, 0.0, 0.2, 0.5, 1.0):
        hooks = () if strength is None else (LowFrequencyGuide(target=anchor, strength=strength, bands=2, limit=2),)
        takes.append(shot(wan, chain_hooks(*hooks, noted)))
    assert all(take.hook_called for take in takes)
    assert np.array_equal(takes[0].frames, takes[1].frames)
    away = [distance(end, anchor, 2) for end in ends[1:]]
    assert away == sorted(away, reverse=True)
    assert away[-1] < 0.8 * away[0]
    fine = [without_low(end, 2) for end in ends]  # a random network responds to light slightly in every frequency
    assert all((detail - fine[0]).std() < 0.25 * fine[0].std() for detail in fine)
