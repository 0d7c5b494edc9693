"""FLUX.2 with random weights: the real pipelines, one block of each kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, Literal

import torch

from episodic.backbones.diffusers.libraries import diffusers, transformers
from episodic.lab.tiny_models.random_weights import save_tiny
from episodic.lab.tiny_models.tokenizer import VOCABULARY, byte_tokenizer

__all__ = ["Flux2Variant", "build_flux2"]

Flux2Variant = Literal["dev", "klein", "klein-base"]

_WIDTH: Final = 8
"""Width of the text encoders; the transformer reads three of their layers."""
_CHANNELS: Final = 4
_TEMPLATE: Final = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{% if message['content'] is string %}{{ message['content'] }}"
    "{% else %}{% for part in message['content'] %}{{ part['text'] }}{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
)


def build_flux2(folder: Path, variant: Flux2Variant = "klein") -> Path:
    """Write one variant of FLUX.2 into `folder` as `save_pretrained` does. The same bytes every time. Draws 64x64."""
    return save_tiny(folder, lambda: _pipeline(variant))


def _pipeline(variant: Flux2Variant) -> Any:
    """Build the pipeline of a variant."""
    tokenizer = byte_tokenizer(
        512, end=False, extra=("<|im_start|>", "<|im_end|>"), options={"chat_template": _TEMPLATE, "padding_side": "left"}
    )
    parts: dict[str, object] = {
        "scheduler": diffusers.FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        "vae": _vae(),
        "tokenizer": tokenizer,
        "transformer": _transformer(guided=variant == "dev"),
    }
    if variant == "dev":
        return diffusers.Flux2Pipeline(**parts, text_encoder=_mistral())
    return diffusers.Flux2KleinPipeline(**parts, text_encoder=_qwen(), is_distilled=variant == "klein")


def _vae() -> Any:
    """Return the autoencoder."""
    vae = diffusers.AutoencoderKLFlux2(
        sample_size=64,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(4,) * 4,
        layers_per_block=1,
        latent_channels=_CHANNELS,
        norm_num_groups=2,
    ).eval()
    with torch.no_grad():
        # with random weights latents differ in their last digits only
        vae.encoder.conv_out.weight.mul_(20.0)
        vae.decoder.conv_out.weight.mul_(2.0)
    return vae


def _transformer(*, guided: bool) -> Any:
    """Return the denoiser."""
    transformer = diffusers.Flux2Transformer2DModel(
        patch_size=1,
        in_channels=4 * _CHANNELS,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=3 * _WIDTH,
        timestep_guidance_channels=32,
        axes_dims_rope=(4, 4, 4, 4),
        guidance_embeds=guided,
    ).eval()
    with torch.no_grad():
        for parameter in transformer.parameters():
            parameter.mul_(3.0)
    return transformer


def _mistral() -> Any:
    """30 layers: the pipeline reads the 10th, 20th and 30th."""
    text = {
        "model_type": "mistral",
        "vocab_size": VOCABULARY,
        "hidden_size": _WIDTH,
        "intermediate_size": 16,
        "num_hidden_layers": 30,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "head_dim": 4,
        "max_position_embeddings": 512,
        "sliding_window": None,
    }
    vision = {
        "model_type": "pixtral",
        "hidden_size": 8,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 16,
        "image_size": 28,
        "patch_size": 14,
        "num_channels": 3,
    }
    config = transformers.Mistral3Config(text_config=text, vision_config=vision, image_token_index=2, vision_feature_layer=-1)
    return transformers.Mistral3ForConditionalGeneration(config).eval()


def _qwen() -> Any:
    """27 layers: the pipeline reads the 9th, 18th and 27th."""
    return transformers.Qwen3ForCausalLM(
        transformers.Qwen3Config(
            vocab_size=VOCABULARY,
            hidden_size=_WIDTH,
            intermediate_size=16,
            num_hidden_layers=27,
            num_attention_heads=2,
            num_key_value_heads=1,
            head_dim=4,
            max_position_embeddings=512,
        )
    ).eval()
