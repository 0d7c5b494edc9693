"""HunyuanVideo 1.5 with random weights: the real pipelines, two layers deep."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import torch

from episodic.backbones.diffusers.libraries import diffusers, transformers
from episodic.lab.tiny_models.random_weights import amplify_decisions, save_tiny
from episodic.lab.tiny_models.tokenizer import VOCABULARY, byte_tokenizer

__all__ = ["HunyuanVariant", "build_hunyuan"]

HunyuanVariant = Literal["t2v", "i2v"]

_TEMPLATE = (
    "{% for message in messages %}{% if message.role == 'user' %}{% for one in range(108) %}<s>{% endfor %}{{ message.content }}"
    "{% endif %}{% endfor %}</s>"
)
"""The real template puts 108 tokens of instruction before a text, and the pipeline drops that many."""


def build_hunyuan(folder: Path, variant: HunyuanVariant) -> Path:
    """Write HunyuanVideo 1.5 into `folder` for one of its pipelines. The same bytes every time. Shoots 32x32, 9 frames."""
    return save_tiny(folder, lambda: _pipeline(variant))


def _pipeline(variant: HunyuanVariant) -> Any:
    """Build the pipeline of a variant."""
    parts = {
        "tokenizer": byte_tokenizer(2048, end=False, options={"chat_template": _TEMPLATE}),
        "text_encoder": _language_model(),
        "tokenizer_2": transformers.ByT5Tokenizer(),
        "text_encoder_2": transformers.T5EncoderModel(
            transformers.T5Config(vocab_size=384, d_model=16, d_kv=8, d_ff=16, num_layers=1, num_heads=2)
        ).eval(),
        "vae": diffusers.AutoencoderKLHunyuanVideo15(
            latent_channels=4,
            block_out_channels=(8, 8, 8, 8, 8),
            layers_per_block=1,
            downsample_match_channel=False,
            upsample_match_channel=False,
        ).eval(),
        "scheduler": diffusers.FlowMatchEulerDiscreteScheduler(shift=7.0),
        "guider": diffusers.ClassifierFreeGuidance(guidance_scale=4.0),
        "transformer": amplify_decisions(
            diffusers.HunyuanVideo15Transformer3DModel(
                in_channels=9,
                out_channels=4,
                num_attention_heads=2,
                attention_head_dim=8,
                num_layers=2,
                num_refiner_layers=1,
                mlp_ratio=2.0,
                text_embed_dim=32,
                text_embed_2_dim=16,
                image_embed_dim=12,
                rope_axes_dim=(2, 2, 4),
                task_type=variant,
            ).to(torch.bfloat16)
        ),  # one of its layers is 2048 wide, whatever the configuration
    }
    if variant == "t2v":
        return diffusers.HunyuanVideo15Pipeline(**parts)
    vision = transformers.SiglipVisionConfig(
        hidden_size=12, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2, image_size=32, patch_size=8
    )
    return diffusers.HunyuanVideo15ImageToVideoPipeline(
        **parts,
        image_encoder=transformers.SiglipVisionModel(vision).eval(),
        feature_extractor=transformers.SiglipImageProcessor(size={"height": 32, "width": 32}),
    )


def _language_model() -> Any:
    return transformers.Qwen2_5_VLTextModel(
        transformers.Qwen2_5_VLTextConfig(
            vocab_size=VOCABULARY,
            hidden_size=32,
            intermediate_size=32,
            num_hidden_layers=3,
            num_attention_heads=2,
            num_key_value_heads=2,
            rope_scaling={"mrope_section": [2, 3, 3], "rope_type": "default", "type": "default"},
        )
    ).eval()
