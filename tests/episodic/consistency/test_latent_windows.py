"""`windowed` denoises overlapping windows of one long latent together."""

from contextlib import ExitStack
from itertools import pairwise

import numpy as np
import pytest
import torch
from accelerate.hooks import ModelHook, add_hook_to_module, remove_hook_from_module
from diffusers import CogVideoXTransformer3DModel, FirstBlockCacheConfig, WanTransformer3DModel, WanVACETransformer3DModel

from episodic.backbones.diffusers.driver import LoadedPipeline
from episodic.backbones.diffusers.families.wan import Wan
from episodic.backbones.diffusers.folder.inspect import inspect_folder
from episodic.backbones.diffusers.window import Window
from episodic.consistency.latent_windows import blend_weights, shared_noise, window_starts, windowed
from episodic.errors import BackboneError
from episodic.lab.tiny_models.wan import build_wan

TINY = {
    "patch_size": (1, 2, 2),
    "num_attention_heads": 2,
    "attention_head_dim": 12,
    "in_channels": 4,
    "out_channels": 4,
    "text_dim": 32,
    "freq_dim": 256,
    "ffn_dim": 32,
    "num_layers": 2,
    "cross_attn_norm": True,
    "qk_norm": "rms_norm_across_heads",
    "rope_max_seq_len": 32,
}


def evaluated(model: object) -> torch.nn.Module:
    """Put a model of diffusers, whose type is unknown to the checker, into evaluation mode."""
    assert isinstance(model, torch.nn.Module)
    return model.eval()


@pytest.fixture(scope="module")
def wan() -> torch.nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return evaluated(WanTransformer3DModel(**TINY))


def drawn(*shape: int, seed: int = 1) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def predict(transformer, latents, **more):
    arguments = {"timestep": torch.tensor([500]), "encoder_hidden_states": drawn(1, 5, 32), "return_dict": False} | more
    with torch.no_grad():
        return transformer(hidden_states=latents, **arguments)[0]


def test_windows_advance_by_what_they_do_not_share_and_the_last_ends_with_the_video():
    assert window_starts(13, 5, 1) == (0, 4, 8)
    assert window_starts(12, 5, 2) == (0, 3, 6, 7)
    assert window_starts(5, 5, 2) == window_starts(3, 5, 2) == (0,)


@pytest.mark.parametrize(("window", "overlap"), [(4, 4), (4, -1), (0, 0)])
def test_windows_that_do_not_advance_are_refused(wan, window, overlap):
    with pytest.raises(BackboneError, match="overlap"), windowed(wan, window, overlap):
        pass


@pytest.mark.parametrize(("frames", "window", "overlap"), [(9, 5, 2), (21, 8, 5), (10, 4, 0), (3, 8, 2)])
def test_weights_sum_to_one_at_every_frame_and_are_smallest_at_the_edge_of_a_window(frames, window, overlap):
    weights, total = blend_weights(frames, window, overlap), torch.zeros(frames)
    for start, weight in zip(window_starts(frames, window, overlap), weights, strict=True):
        total[start : start + weight.shape[0]] += weight
    assert torch.allclose(total, torch.ones(frames))
    if overlap:
        assert all(weight[0] < weight[window // 2] for weight in weights[1:])


def test_shared_noise_has_unit_variance_and_repeats_its_frames_in_every_window():
    noise = shared_noise(torch.Generator().manual_seed(3), (1, 4, 21, 16, 16), 9, 3)
    assert noise.mean().abs() < 0.02
    assert (noise.std(dim=(0, 1, 3, 4)) - 1).abs().max() < 0.1
    frames = [sorted(float(noise[0, 0, f, 0, 0]) for f in range(start, start + 9)) for start in (0, 6, 12)]
    assert frames[0] == frames[1] == frames[2]
    assert not torch.equal(noise[:, :, 9:15], noise[:, :, :6])
    assert torch.equal(noise, shared_noise(torch.Generator().manual_seed(3), (1, 4, 21, 16, 16), 9, 3))


def test_a_window_as_long_as_the_video_changes_nothing(wan):
    latents = drawn(1, 4, 6, 4, 4)
    plain = predict(wan, latents)
    with windowed(wan, 6, 2):
        assert torch.equal(predict(wan, latents), plain)


def test_each_frame_is_predicted_by_the_windows_that_contain_it(wan):
    latents = drawn(2, 4, 9, 4, 4)
    arguments = {"encoder_hidden_states": drawn(2, 5, 32), "timestep": torch.tensor([300, 300])}
    first, second = (predict(wan, latents[:, :, start : start + 6], **arguments) for start in (0, 3))
    with windowed(wan, 6, 3):
        predicted = predict(wan, latents, **arguments)
    assert torch.allclose(predicted[:, :, :3], first[:, :, :3], atol=1e-6)
    assert torch.allclose(predicted[:, :, 6:], second[:, :, 3:], atol=1e-6)
    assert torch.allclose(predicted[:, :, 4], (first[:, :, 4] + second[:, :, 1]) / 2, atol=1e-5)


def test_the_transformer_is_restored_even_after_a_failed_call(wan):
    latents = drawn(1, 4, 9, 4, 4)
    plain = predict(wan, latents)
    with pytest.raises(RuntimeError), windowed(wan, 6, 3):
        predict(wan, drawn(1, 3, 9, 4, 4))
    assert torch.equal(predict(wan, latents), plain)
    assert not {"forward", "cache_context"} & vars(wan).keys()


def test_the_caller_chooses_between_an_output_object_and_a_tuple(wan):
    latents = drawn(1, 4, 9, 4, 4)
    with windowed(wan, 6, 3), torch.no_grad():
        arguments = {"timestep": torch.tensor([500]), "encoder_hidden_states": drawn(1, 5, 32)}
        assert torch.equal(
            wan(hidden_states=latents, **arguments).sample, wan(hidden_states=latents, return_dict=False, **arguments)[0]
        )


def test_time_steps_of_tokens_are_cut_with_their_window(wan):
    latents, steps = drawn(1, 4, 9, 4, 4), torch.full((1, 9 * 4), 700.0)
    steps[:, :4] = 0
    first, second = (predict(wan, latents[:, :, a : a + 6], timestep=steps[:, a * 4 : (a + 6) * 4]) for a in (0, 3))
    with windowed(wan, 6, 3):
        predicted = predict(wan, latents, timestep=steps)
    assert torch.allclose(predicted[:, :, :3], first[:, :, :3], atol=1e-6)
    assert torch.allclose(predicted[:, :, 6:], second[:, :, 3:], atol=1e-6)
    with pytest.raises(BackboneError, match="timestep"), windowed(wan, 6, 3):
        predict(wan, latents, timestep=steps[:, :-1])


def test_vace_control_is_cut_with_its_window():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        vace = evaluated(WanVACETransformer3DModel(**TINY | {"num_layers": 3}, vace_layers=[0, 2], vace_in_channels=12))
    latents, control = drawn(1, 4, 9, 4, 4), drawn(1, 12, 9, 4, 4, seed=2)
    last = predict(vace, latents[:, :, 3:], control_hidden_states=control[:, :, 3:])
    with windowed(vace, 6, 3):
        predicted = predict(vace, latents, control_hidden_states=control)
    assert torch.allclose(predicted[:, :, 6:], last[:, :, 3:], atol=1e-6)
    with pytest.raises(BackboneError, match="control_hidden_states"), windowed(vace, 6, 3):
        predict(vace, latents, control_hidden_states=control[:, :, 1:])


def test_cogvideox_windows_use_its_axis_order_and_restart_positions():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        cog = evaluated(
            CogVideoXTransformer3DModel(
                num_attention_heads=4,
                attention_head_dim=8,
                in_channels=4,
                out_channels=4,
                time_embed_dim=2,
                text_embed_dim=32,
                num_layers=1,
                sample_width=4,
                sample_height=4,
                sample_frames=33,
                max_text_seq_length=5,
                use_rotary_positional_embeddings=True,
            )
        )
    latents, table = drawn(1, 9, 4, 4, 4), (drawn(9 * 4, 8, seed=2), drawn(9 * 4, 8, seed=3))
    last = predict(cog, latents[:, 3:], image_rotary_emb=tuple(rows[: 6 * 4] for rows in table))
    with windowed(cog, 6, 3, "b f c h w"):
        predicted = predict(cog, latents, image_rotary_emb=table)
    assert predicted.shape == latents.shape
    assert torch.allclose(predicted[:, 6:], last[:, 3:], atol=1e-6)


def test_a_feature_cache_is_separate_for_every_window(wan):
    latents = drawn(1, 4, 9, 4, 4)
    alone = predict(wan, latents[:, :, 3:])
    wan.enable_cache(FirstBlockCacheConfig(threshold=1e9))  # reuses everything computed once in a context
    try:
        with windowed(wan, 6, 3):
            with wan.cache_context("cond"):
                predicted = predict(wan, latents)
            with wan.cache_context("uncond"):
                other = predict(wan, latents)
    finally:
        wan.disable_cache()
    assert torch.allclose(predicted[:, :, 6:], alone[:, :, 3:], atol=1e-6)
    assert torch.allclose(other, predicted, atol=1e-6)


class SmoothVideos(torch.nn.Module):
    """The exact flow-matching denoiser of Gaussian videos whose frames resemble their neighbours.

    Each pixel is a Gaussian process over frames with covariance K: E[clean | noisy] = s K (s^2 K + n^2)^-1 noisy.
    """

    def __init__(self) -> None:
        super().__init__()
        self.estimates: list[torch.Tensor] = []

    def forward(self, hidden_states: torch.Tensor, timestep: torch.Tensor, return_dict: bool = True) -> tuple[torch.Tensor]:
        noise, frames = float(timestep) / 1000, torch.arange(hidden_states.shape[2], dtype=torch.float64)
        cov = torch.exp(-(((frames[:, None] - frames) / 6) ** 2)) + 1e-4 * torch.eye(len(frames))
        gain = (1 - noise) * cov @ torch.linalg.inv((1 - noise) ** 2 * cov + noise**2 * torch.eye(len(frames)))
        clean = torch.einsum("f g, b c g h w -> b c f h w", gain.to(hidden_states), hidden_states)
        self.estimates.append(clean)
        return ((hidden_states - clean) / noise,)


def sampled(model: torch.nn.Module, latents: torch.Tensor, steps: int = 24) -> torch.Tensor:
    """Denoise by Euler steps."""
    sigmas = torch.linspace(1, 0, steps + 1)
    for now, after in pairwise(sigmas):
        latents = latents + (after - now) * model(hidden_states=latents, timestep=now * 1000, return_dict=False)[0]
    return latents


def seam(latents: torch.Tensor, frame: int) -> float:
    """Return the ratio of the step into `frame` to the median step."""
    change = (latents[:, :, 1:] - latents[:, :, :-1]).square().mean(dim=(0, 1, 3, 4)).sqrt()
    return float(change[frame - 1] / change.median())


def test_windows_denoised_together_have_no_seam_where_separate_windows_have_one():
    model, noise = SmoothVideos(), drawn(1, 4, 14, 8, 8)
    first, second = sampled(model, noise[:, :, :9]), sampled(model, noise[:, :, 5:])
    apart = torch.cat([first, second[:, :, 4:]], dim=2)
    with windowed(model, 9, 4):
        together = sampled(model, noise)
    assert seam(apart, 9) > 3
    assert all(seam(together, frame) < 1.3 for frame in (5, 9))
    assert together.std() == pytest.approx(float(sampled(model, noise).std()), rel=0.1)  # blending does not reduce contrast


def test_windows_denoised_together_agree_on_shared_frames():
    model, noise = SmoothVideos(), drawn(1, 4, 14, 8, 8)
    first, second = sampled(model, noise[:, :, :9]), sampled(model, noise[:, :, 5:])
    with windowed(model, 9, 4):
        sampled(model, noise)
    earlier, later = model.estimates[-2:]
    apart, together = ((a[:, :, 5:] - b[:, :, :4]).abs().mean() for a, b in ((first, second), (earlier, later)))
    assert together < 0.1 * apart


def test_a_long_take_from_shared_noise_moves_as_much_as_one_from_free_noise():
    model = SmoothVideos()
    noise = shared_noise(torch.Generator().manual_seed(3), (1, 4, 24, 16, 16), 9, 4)
    with windowed(model, 9, 4):
        free, shared = sampled(model, drawn(1, 4, 24, 16, 16)), sampled(model, noise)
    assert shared.std() == pytest.approx(float(free.std()), rel=0.1)
    assert max(seam(shared, frame) for frame in range(1, 24)) < 1.3


@pytest.mark.parametrize("variant", ["t2v", "t2v-a14b"])
def test_a_real_pipeline_samples_a_take_of_two_windows_in_one_call(tmp_path, variant):
    family, folder = Wan(), inspect_folder(build_wan(tmp_path / "model", variant))
    loaded = LoadedPipeline(pipeline=family.load(folder, ["tokenizer", "text_encoder"], torch.float32), folder=folder)
    joint = family.joint(folder)
    assert joint is not None
    encoded = {"prompt_embeds": drawn(1, 512, 32), "negative_prompt_embeds": drawn(1, 512, 32, seed=2)}
    request = Window(frames=33, width=32, height=32, fps=16, seed=3, steps=3, guidance=4.0, encoded=encoded)
    seen = []

    def shoot(window, overlap):
        with ExitStack() as stack:
            for transformer in (getattr(loaded.pipeline, name) for name in joint.components):
                stack.enter_context(windowed(transformer, window, overlap, joint.layout))
                hook = transformer.patch_embedding.register_forward_pre_hook(lambda _, given: seen.append(given[0].shape[2]))
                stack.callback(hook.remove)
            return family.call(loaded, request, torch.device("cpu")).frames

    plain = family.call(loaded, request, torch.device("cpu")).frames
    assert np.array_equal(shoot(9, 3), plain)
    seen.clear()
    made = shoot(6, 3)
    assert seen == [6, 6] * 2 * 3  # two windows, with and without the prompt, three steps
    assert made.shape == plain.shape
    assert not np.array_equal(made, plain)
    assert np.array_equal(shoot(6, 3), made)
    assert np.array_equal(family.call(loaded, request, torch.device("cpu")).frames, plain)


class _Counting(ModelHook):  # type: ignore[misc]  # accelerate has no types
    """A hook as offloading attaches it to a component: counts the calls."""

    calls = 0

    def pre_forward(
        self, module: torch.nn.Module, *args: object, **kwargs: object
    ) -> tuple[tuple[object, ...], dict[str, object]]:
        self.calls += 1
        return args, kwargs


def test_offloading_that_is_attached_during_the_call_stays_attached(wan):
    latents, before, after = drawn(1, 4, 9, 4, 4), _Counting(), _Counting()
    plain = predict(wan, latents)
    add_hook_to_module(wan, before)
    with windowed(wan, 6, 3):
        predict(wan, latents)
        remove_hook_from_module(wan)  # as a pipeline does after its call
        add_hook_to_module(wan, after)
    try:
        assert before.calls == 2
        assert torch.equal(predict(wan, latents), plain)
        assert after.calls == 1
        with windowed(wan, 6, 3):
            predict(wan, latents)
        assert torch.equal(predict(wan, latents), plain)
        assert after.calls == 4
    finally:
        remove_hook_from_module(wan)
