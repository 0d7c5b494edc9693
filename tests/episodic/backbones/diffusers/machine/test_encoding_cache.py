"""The same content is encoded once, without a change of the result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
import torch
from einops import rearrange

from episodic.backbones.diffusers.machine.encoding_cache import EncodingCache
from episodic.lab.tiny_models.wan import tiny_wan_vae


@dataclass
class Doubler:
    """A module with a method that counts its calls."""

    calls: int = 0

    def double(self, x: Any, *, times: int = 2, generator: torch.Generator | None = None) -> Any:
        self.calls += 1
        return x * times


def clip(seed: int) -> torch.Tensor:
    """[1, 3, 9, 32, 32]"""
    return torch.rand(1, 3, 9, 32, 32, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def remembered(most_bytes: int = 2**20) -> tuple[Doubler, EncodingCache]:
    doubler, encodings = Doubler(), EncodingCache(most_bytes)
    encodings.cache_method(doubler, "double", "weights 1")
    return doubler, encodings


def test_equal_content_in_another_tensor_is_not_encoded_again() -> None:
    doubler, encodings = remembered()
    first, second = doubler.double(torch.ones(2, 3)), doubler.double(torch.ones(2, 3))
    assert torch.equal(first, second)
    assert (doubler.calls, encodings.computed, encodings.reused) == (1, 1, 1)


@pytest.mark.parametrize(
    "other",
    [torch.ones(3, 2), torch.ones(2, 3, dtype=torch.bfloat16), torch.zeros(2, 3), torch.ones(2, 3).nextafter(torch.zeros(1))],
    ids=["shape", "precision", "content", "last bit"],
)
def test_different_content_is_encoded(other: torch.Tensor) -> None:
    doubler, encodings = remembered()
    doubler.double(torch.ones(2, 3))
    assert torch.equal(doubler.double(other), other * 2)
    assert (encodings.computed, encodings.reused) == (2, 0)


def test_arguments_of_the_call_are_part_of_the_key() -> None:
    doubler, encodings = remembered()
    assert doubler.double(torch.ones(1), times=3) == 3
    assert doubler.double(torch.ones(1), times=4) == 4
    assert encodings.reused == 0


def test_another_scope_is_another_result() -> None:
    encodings = EncodingCache()
    tiled, whole = Doubler(), Doubler()
    encodings.cache_method(tiled, "double", "tiling yes")
    encodings.cache_method(whole, "double", "tiling no")
    tiled.double(torch.ones(1))
    whole.double(torch.ones(1))
    assert (tiled.calls, whole.calls) == (1, 1)


def test_a_changed_result_does_not_change_the_cache() -> None:
    doubler, _ = remembered()
    for _ in range(3):
        result = doubler.double(torch.ones(4))
        assert torch.equal(result, torch.full((4,), 2.0))
        result += 1


def test_the_layout_in_memory_does_not_matter() -> None:
    doubler, encodings = remembered()
    x = torch.arange(6.0).reshape(2, 3)
    doubler.double(rearrange(x, "a b -> b a"))
    doubler.double(rearrange(x, "a b -> b a").contiguous())
    assert encodings.reused == 1


def test_a_call_that_draws_noise_is_not_cached() -> None:
    doubler, encodings = remembered()
    for _ in range(2):
        doubler.double(torch.ones(1), generator=torch.Generator())
    assert (doubler.calls, encodings.computed, encodings.reused) == (2, 0, 0)


def test_a_call_with_gradients_is_not_cached() -> None:
    doubler, encodings = remembered()
    weight = torch.ones(1, requires_grad=True)
    assert doubler.double(weight).requires_grad
    assert encodings.computed == 0


def test_the_cache_is_bounded_and_drops_the_least_recently_used() -> None:
    doubler, encodings = remembered(most_bytes=4 * 400)
    for value in (1.0, 2.0, 3.0, 5.0, 1.0, 4.0):  # 400 bytes each
        doubler.double(torch.full((100,), value))
    assert encodings.bytes == 1600
    doubler.double(torch.full((100,), 1.0))
    assert encodings.reused == 2
    doubler.double(torch.full((100,), 2.0))
    assert encodings.computed == 6


def test_a_result_larger_than_a_quarter_of_the_cache_is_not_kept() -> None:
    doubler, encodings = remembered(most_bytes=1500)
    assert doubler.double(torch.ones(100)).sum() == 200
    assert encodings.bytes == 0


def test_clearing_frees_the_memory() -> None:
    doubler, encodings = remembered()
    doubler.double(torch.ones(1))
    encodings.clear()
    doubler.double(torch.ones(1))
    assert (doubler.calls, encodings.bytes) == (2, 4)


@pytest.mark.parametrize("return_dict", [True, False])
def test_sampling_from_a_cached_posterior_is_unchanged(return_dict: bool) -> None:
    torch.manual_seed(0)
    vae = tiny_wan_vae()

    def posterior() -> Any:
        with torch.no_grad():
            output = vae.encode(clip(1), return_dict=return_dict)
        return output.latent_dist if return_dict else output[0]

    plain = posterior()
    encodings = EncodingCache()
    encodings.cache_method(vae, "encode", "tiny")
    for _ in range(2):
        again = posterior()
        assert type(again) is type(plain)
        assert torch.equal(again.mode(), plain.mode())
        drawn, expected = (distribution.sample(torch.Generator().manual_seed(5)) for distribution in (again, plain))
        assert torch.equal(drawn, expected)
    assert (encodings.computed, encodings.reused) == (1, 1)


def test_an_image_encoder_gives_the_same_output_object() -> None:
    from transformers import CLIPVisionConfig, CLIPVisionModel

    torch.manual_seed(0)
    config = CLIPVisionConfig(
        hidden_size=8, intermediate_size=8, num_hidden_layers=2, num_attention_heads=1, image_size=32, patch_size=8
    )
    encoder: Any = CLIPVisionModel(config)
    encoder.eval()
    encodings = EncodingCache()
    picture = clip(2)[:, :, 0]
    with torch.no_grad():
        plain = encoder(pixel_values=picture, output_hidden_states=True)
        encodings.cache_method(encoder, "forward", "tiny")
        for _ in range(2):
            again = encoder(pixel_values=picture, output_hidden_states=True)
            assert type(again) is type(plain)
            assert torch.equal(again.pooler_output, plain.pooler_output)
            assert all(
                torch.equal(state, plain_state)
                for state, plain_state in zip(again.hidden_states, plain.hidden_states, strict=True)
            )
    assert (encodings.computed, encodings.reused) == (1, 1)
