"""LTX-Video with random weights: a pipeline that no family knows, for the generic adapter."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import torch

from episodic.backbones.diffusers.libraries import diffusers, transformers
from episodic.lab.tiny_models.tokenizer import VOCABULARY, byte_tokenizer

__all__ = ["LtxVideoVariant", "build_ltx_video"]

LtxVideoVariant = Literal["text", "image"]


def build_ltx_video(folder: Path, variant: LtxVideoVariant = "text") -> Path:
    """Write LTX-Video into `folder`. The same bytes every time. Shoots 32x32, 9 frames; `image` begins with a picture."""
    kinds = {"text": diffusers.LTXPipeline, "image": diffusers.LTXImageToVideoPipeline}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        pipeline = kinds[variant](
            tokenizer=byte_tokenizer(),
            text_encoder=_text_encoder(),
            vae=_vae(),
            transformer=_transformer(),
            scheduler=diffusers.FlowMatchEulerDiscreteScheduler(),
        )
        pipeline.save_pretrained(folder, safe_serialization=True)
    return folder


def _text_encoder() -> Any:
    """Return the text encoder."""
    return transformers.T5EncoderModel(
        transformers.T5Config(
            vocab_size=VOCABULARY, d_model=16, d_kv=8, d_ff=32, num_layers=2, num_heads=2, pad_token_id=0, eos_token_id=1
        )
    ).eval()


def _transformer() -> Any:
    """Return the transformer."""
    return diffusers.LTXVideoTransformer3DModel(
        in_channels=8,
        out_channels=8,
        num_attention_heads=2,
        attention_head_dim=8,
        cross_attention_dim=16,
        num_layers=1,
        caption_channels=16,
    ).eval()


def _vae() -> Any:
    """With the real ratios: 32x in space, 8x in time."""
    return diffusers.AutoencoderKLLTXVideo(
        latent_channels=8,
        block_out_channels=(8, 8, 8, 8),
        decoder_block_out_channels=(8, 8, 8, 8),
        layers_per_block=(1, 1, 1, 1, 1),
        decoder_layers_per_block=(1, 1, 1, 1, 1),
        spatio_temporal_scaling=(True, True, True, False),
        decoder_spatio_temporal_scaling=(True, True, True, False),
        decoder_inject_noise=(False, False, False, False, False),
        upsample_residual=(False, False, False, False),
        upsample_factor=(1, 1, 1, 1),
        timestep_conditioning=False,
        patch_size=4,
        patch_size_t=1,
        encoder_causal=True,
        decoder_causal=False,
    ).eval()
