"""SkyReels-V2 with random weights: the real pipelines, two layers deep."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from episodic.backbones.diffusers.libraries import diffusers
from episodic.lab.tiny_models.random_weights import amplify_decisions, save_tiny
from episodic.lab.tiny_models.tokenizer import byte_tokenizer
from episodic.lab.tiny_models.wan import tiny_umt5, tiny_unipc, tiny_wan_vae

__all__ = ["SkyReelsVariant", "build_skyreels"]

SkyReelsVariant = Literal["t2v", "i2v", "v2v"]


def build_skyreels(folder: Path, variant: SkyReelsVariant) -> Path:
    """Write SkyReels-V2 into `folder` for one of its three pipelines. The same bytes every time. Shoots 32x32, 9 frames."""
    return save_tiny(folder, lambda: _pipeline(variant))


def _pipeline(variant: SkyReelsVariant) -> Any:
    """Build the pipeline of a variant."""
    kind = {"t2v": "", "i2v": "ImageToVideo", "v2v": "VideoToVideo"}[variant]
    return getattr(diffusers, f"SkyReelsV2DiffusionForcing{kind}Pipeline")(
        tokenizer=byte_tokenizer(),
        text_encoder=tiny_umt5(),
        vae=tiny_wan_vae(),
        scheduler=tiny_unipc(8.0),
        transformer=amplify_decisions(
            diffusers.SkyReelsV2Transformer3DModel(
                patch_size=(1, 2, 2),
                num_attention_heads=2,
                attention_head_dim=12,
                in_channels=16,
                out_channels=16,
                text_dim=32,
                freq_dim=256,
                ffn_dim=32,
                num_layers=2,
                cross_attn_norm=True,
                qk_norm="rms_norm_across_heads",
                rope_max_seq_len=32,
                inject_sample_info=True,
            )
        ),
    )
