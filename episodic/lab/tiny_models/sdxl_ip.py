"""SDXL with an IP-Adapter, random weights: the real pipeline with two levels, and the adapter where the family expects it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import torch
from safetensors.torch import save_file

from episodic.backbones.diffusers.libraries import diffusers, transformers
from episodic.lab.tiny_models.random_weights import save_tiny
from episodic.lab.tiny_models.tokenizer import VOCABULARY, byte_tokenizer

__all__ = ["build_sdxl_ip"]

_WIDTH: Final = 32
_EMBEDDING: Final = 16
_TOKENS: Final = 4
"""Tokens that the adapter makes of a picture."""


def build_sdxl_ip(folder: Path) -> Path:
    """Write SDXL and an IP-Adapter into `folder`. The same bytes every time. Draws 64x64."""
    save_tiny(folder, _pipeline)
    # the index has no image encoder, like that of the published model
    save_tiny(folder / "image_encoder", _image_encoder)
    _save_adapter(folder / "ip_adapter" / "ip-adapter_tiny.safetensors")
    return folder


def _pipeline() -> Any:
    """Build the pipeline without the adapter."""
    text = {
        "vocab_size": VOCABULARY,
        "hidden_size": _WIDTH,
        "intermediate_size": 37,
        "num_hidden_layers": 3,
        "num_attention_heads": 4,
        "max_position_embeddings": 77,
        "projection_dim": _WIDTH,
        "bos_token_id": 3,
        "eos_token_id": 1,
        "pad_token_id": 0,
    }
    return diffusers.StableDiffusionXLPipeline(
        vae=_vae(),
        text_encoder=transformers.CLIPTextModel(transformers.CLIPTextConfig(**text)).eval(),
        text_encoder_2=transformers.CLIPTextModelWithProjection(transformers.CLIPTextConfig(**text)).eval(),
        tokenizer=byte_tokenizer(77, begin=True),
        tokenizer_2=byte_tokenizer(77, begin=True),
        unet=_unet(),
        scheduler=diffusers.EulerDiscreteScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", timestep_spacing="leading", steps_offset=1
        ),
        add_watermarker=False,
    )


def _vae() -> Any:
    """Return the autoencoder."""
    return diffusers.AutoencoderKL(
        block_out_channels=(8, 8),
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        latent_channels=4,
        layers_per_block=1,
        norm_num_groups=2,
        sample_size=64,
    ).eval()


def _unet() -> Any:
    return diffusers.UNet2DConditionModel(
        block_out_channels=(16, 32),
        layers_per_block=1,
        sample_size=32,
        in_channels=4,
        out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=(2, 4),
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        transformer_layers_per_block=(1, 1),
        projection_class_embeddings_input_dim=6 * 8 + _WIDTH,
        cross_attention_dim=2 * _WIDTH,
        norm_num_groups=2,
    ).eval()


def _image_encoder() -> Any:
    encoder = transformers.CLIPVisionModelWithProjection(
        transformers.CLIPVisionConfig(
            hidden_size=32,
            intermediate_size=37,
            num_hidden_layers=2,
            num_attention_heads=4,
            image_size=32,
            patch_size=8,
            projection_dim=_EMBEDDING,
        )
    )
    with torch.no_grad():
        for parameter in encoder.parameters():
            # with random weights embeddings differ in their last digits only
            parameter.mul_(3.0)
    return encoder.eval()


def _save_adapter(file: Path) -> None:
    """Save the weights of the plain adapter: a projection into four tokens, and keys and values for every cross-attention."""
    file.parent.mkdir()
    generator = torch.Generator().manual_seed(1)

    def random(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator) * 0.5

    across = 2 * _WIDTH
    weights = {
        "image_proj.proj.weight": random(_TOKENS * across, _EMBEDDING),
        "image_proj.proj.bias": random(_TOKENS * across),
        "image_proj.norm.weight": torch.ones(across),
        "image_proj.norm.bias": torch.zeros(across),
    }
    # in the order of the denoiser's processors, of which every other one is a cross-attention: down, up, up, middle
    for number, inner in enumerate((32, 32, 32, 32)):
        weights |= {f"ip_adapter.{2 * number + 1}.to_{part}_ip.weight": random(inner, across) for part in ("k", "v")}
    save_file(weights, file)
