"""`PinnedFrames` holds known latent frames in place during denoising."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from episodic.backbones.diffusers.driver import LoadedPipeline
from episodic.backbones.diffusers.families.wan import Wan
from episodic.backbones.diffusers.folder.inspect import inspect_folder
from episodic.backbones.diffusers.window import Window
from episodic.consistency.guidance import chain_hooks
from episodic.consistency.pinned_frames import PinnedFrames
from episodic.consistency.step_hook import StepHook
from episodic.lab.tiny_models.wan import build_wan

CPU = torch.device("cpu")


def drawn(*shape: int, seed: int = 1) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def test_known_frames_get_the_noise_level_of_the_step_and_other_frames_are_unchanged():
    known, latents = drawn(1, 4, 3, 32, 32), drawn(1, 4, 8, 32, 32, seed=2)
    after = PinnedFrames(known=known, seed=5, seam=0)(2, 10, 0.4, 0.6, latents)
    assert torch.equal(after[:, :, 3:], latents[:, :, 3:])
    noise = (after[:, :, :3] - 0.4 * known) / 0.6
    assert noise.std() == pytest.approx(1, abs=0.03)
    again = PinnedFrames(known=known, seed=5, seam=0)(7, 10, 0.8, 0.2, latents)
    assert torch.allclose((again[:, :, :3] - 0.8 * known) / 0.2, noise, atol=1e-4)  # the same noise at every step
    assert not torch.equal(PinnedFrames(known=known, seed=6, seam=0)(2, 10, 0.4, 0.6, latents), after)


def test_known_frames_at_the_seam_are_released_one_by_one_from_the_last():
    known, latents = drawn(1, 4, 4, 2, 2), drawn(1, 4, 8, 2, 2, seed=2)
    pinned = PinnedFrames(known=known, seed=5, seam=2)
    pinned_counts = [
        int((pinned(step, 9, 0.5, 0.5, latents) != latents).any(dim=4).any(dim=3).all(dim=1).sum()) for step in range(8)
    ]
    assert pinned_counts == [4, 4, 4, 3, 3, 3, 2, 2]


def test_the_first_known_frame_is_held_until_the_last_step():
    known, latents = drawn(1, 4, 1, 2, 2), drawn(1, 4, 8, 2, 2, seed=2)
    after = PinnedFrames(known=known, seed=5, seam=1)(7, 9, 0.9, 0.1, latents)
    assert (after[:, :, 0] - 0.9 * known[:, :, 0]).abs().max() < 0.5
    assert torch.equal(after[:, :, 1:], latents[:, :, 1:])


def test_a_negative_seam_is_refused():
    with pytest.raises(ValueError, match="seam"):
        PinnedFrames(known=drawn(1, 4, 2, 2, 2), seed=1, seam=-1)


def test_half_precision_is_kept():
    latents = drawn(1, 4, 5, 4, 4).bfloat16()
    assert PinnedFrames(known=drawn(1, 4, 2, 4, 4), seed=1)(0, 10, 0.5, 0.5, latents).dtype == torch.bfloat16


def smooth_video(hook: StepHook, frames: int = 12, steps: int = 40, seed: int = 1) -> torch.Tensor:
    """Sample a video from the exact flow-matching denoiser of Gaussian videos whose frames resemble their neighbours."""
    place = torch.arange(frames, dtype=torch.float64)
    cov = torch.exp(-(((place[:, None] - place) / 6) ** 2)) + 1e-4 * torch.eye(frames)
    latents = drawn(1, 4, frames, 8, 8, seed=seed).double()
    for step, (noise, after) in enumerate(pairwise(torch.linspace(1, 0, steps + 1, dtype=torch.float64))):
        gain = (1 - noise) * cov @ torch.linalg.inv((1 - noise) ** 2 * cov + noise**2 * torch.eye(frames))
        clean = torch.einsum("f g, b c g h w -> b c f h w", gain, latents)
        latents = latents + (after - noise) * (latents - clean) / noise
        if step + 1 < steps:
            latents = hook(step, steps, float(1 - after), float(after), latents)
    return latents


def test_an_exact_denoiser_continues_the_known_frames():
    before = smooth_video(chain_hooks(), seed=2)[:, :, -4:]
    free = smooth_video(chain_hooks())
    pasted = (free[:, :, 4] - before[:, :, 3]).square().mean().sqrt()
    for seam in (0, 1):
        continued, firm = smooth_video(PinnedFrames(known=before, seed=7, seam=seam)), 4 - seam
        assert (continued[:, :, :firm] - before[:, :, :firm]).abs().mean() < 0.1
        assert (continued[:, :, firm] - before[:, :, firm - 1]).square().mean().sqrt() < 0.4 * pasted
        assert continued.std() == pytest.approx(float(free.std()), rel=0.1)


@pytest.fixture(scope="module")
def wan(tmp_path_factory: pytest.TempPathFactory) -> LoadedPipeline:
    folder = inspect_folder(build_wan(tmp_path_factory.mktemp("wan") / "model", "t2v"))
    return LoadedPipeline(pipeline=Wan().load(folder, [], torch.float32), folder=folder)


def test_a_real_pipeline_reproduces_the_known_frames(wan):
    clip = np.random.default_rng(3).integers(0, 256, (5, 32, 32, 3), dtype=np.uint8)
    encoded_clip = Wan().latents_of(wan, clip, CPU)
    assert encoded_clip is not None
    known = 3 * encoded_clip

    def shoot(*hooks: StepHook) -> tuple[torch.Tensor, np.ndarray]:
        ends = []

        def noted(step: int, steps: int, signal: float, noise: float, latents: torch.Tensor) -> torch.Tensor:
            ends.append((latents, signal))
            return latents

        encoded = {"prompt_embeds": drawn(1, 512, 32)}
        window = Window(
            frames=17,
            width=32,
            height=32,
            fps=16,
            seed=3,
            steps=12,
            guidance=1.0,
            encoded=encoded,
            on_step=chain_hooks(*hooks, noted),
        )
        frames = Wan().call(wan, window, CPU).frames
        return ends[-1][0], frames

    free, free_frames = shoot()
    pinned, frames = shoot(PinnedFrames(known=known, seed=5, seam=0))
    assert (pinned[:, :, :2] - known).abs().mean() < 0.25 * (free[:, :, :2] - known).abs().mean()
    assert not torch.equal(pinned[:, :, 2:], free[:, :, 2:])  # new frames depend on the known ones
    assert not np.array_equal(frames, free_frames)
    again = shoot(PinnedFrames(known=known, seed=5, seam=0))
    assert np.array_equal(again[1], frames)
    assert torch.equal(again[0], pinned)
