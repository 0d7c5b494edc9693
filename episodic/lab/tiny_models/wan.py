"""Wan with random weights: the real pipelines, two layers deep."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from episodic.backbones.diffusers.libraries import diffusers, transformers
from episodic.lab.tiny_models.random_weights import amplify_decisions, amplify_latents, save_tiny
from episodic.lab.tiny_models.tokenizer import VOCABULARY, byte_tokenizer

__all__ = ["WanVariant", "build_wan", "tiny_umt5", "tiny_unipc", "tiny_wan_vae"]

WanVariant = Literal["t2v", "t2v-a14b", "i2v", "i2v-2.2", "flf", "ti2v", "vace"]


def build_wan(folder: Path, variant: WanVariant) -> Path:
    """Write one variant of Wan into `folder` as `save_pretrained` does. The same bytes every time. Shoots 32x32 (ti2v: 64x64), 9 frames."""
    return save_tiny(folder, lambda: _pipeline(variant))


def tiny_unipc(flow_shift: float) -> Any:
    """Return the scheduler of Wan and SkyReels."""
    return diffusers.UniPCMultistepScheduler(prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=flow_shift)


def tiny_umt5() -> Any:
    """Return a text encoder of two layers, 32 channels wide."""
    return transformers.UMT5EncoderModel(
        transformers.UMT5Config(
            vocab_size=VOCABULARY, d_model=32, d_kv=8, d_ff=37, num_layers=2, num_heads=4, pad_token_id=0, eos_token_id=1
        )
    ).eval()


def tiny_wan_vae(*, small: bool = False) -> Any:
    """Return the autoencoder of Wan 2.1, 8x in space; `small`: that of the small model of 2.2, 16x. Both 4x in time."""
    common: dict[str, object] = {"dim_mult": [1] * 4, "num_res_blocks": 1, "temperal_downsample": [False, True, True]}
    if not small:
        return amplify_latents(diffusers.AutoencoderKLWan(base_dim=3, z_dim=16, **common))
    return amplify_latents(
        diffusers.AutoencoderKLWan(
            base_dim=4,
            decoder_base_dim=4,
            z_dim=48,
            latents_mean=[0.1] * 48,
            latents_std=[1.5] * 48,
            is_residual=True,
            patch_size=2,
            in_channels=12,
            out_channels=12,
            scale_factor_spatial=16,
            **common,
        )
    )


def _pipeline(variant: WanVariant) -> Any:
    """Build the pipeline of a variant."""
    parts: dict[str, object] = {
        "tokenizer": byte_tokenizer(),
        "text_encoder": tiny_umt5(),
        "vae": tiny_wan_vae(small=variant == "ti2v"),
        "scheduler": tiny_unipc(3.0),
        "transformer": _transformer(variant),
    }
    if variant == "vace":
        return diffusers.WanVACEPipeline(**parts)
    if variant == "t2v-a14b":
        return diffusers.WanPipeline(**parts, transformer_2=_transformer(variant), boundary_ratio=0.875)
    if variant in ("t2v", "ti2v"):
        return diffusers.WanPipeline(**parts, expand_timesteps=variant == "ti2v")
    if variant == "i2v-2.2":
        return diffusers.WanImageToVideoPipeline(**parts, transformer_2=_transformer(variant), boundary_ratio=0.9)
    return diffusers.WanImageToVideoPipeline(**parts, **_picture_encoder())


def _transformer(variant: WanVariant) -> Any:
    """Return the transformer of a variant."""
    channels = 48 if variant == "ti2v" else 16
    config: dict[str, object] = {
        "patch_size": (1, 2, 2),
        "num_attention_heads": 2,
        "attention_head_dim": 12,
        "in_channels": 36 if variant in ("i2v", "i2v-2.2", "flf") else channels,
        "out_channels": channels,
        "text_dim": 32,
        "freq_dim": 256,
        "ffn_dim": 32,
        "num_layers": 2,
        "cross_attn_norm": True,
        "qk_norm": "rms_norm_across_heads",
        "rope_max_seq_len": 32,
    }
    if variant == "vace":
        return diffusers.WanVACETransformer3DModel(**config | {"num_layers": 3}, vace_layers=[0, 2], vace_in_channels=96).eval()
    if variant in ("i2v", "flf"):
        config |= {"image_dim": 4, "added_kv_proj_dim": 24}
    if variant == "flf":
        config["pos_embed_seq_len"] = 2 * 17
    return amplify_decisions(diffusers.WanTransformer3DModel(**config))


def _picture_encoder() -> dict[str, object]:
    """Return the picture encoder of 2.1: 32x32 pixels in patches of 8 are 16 tokens, and one for the whole."""
    vision = transformers.CLIPVisionConfig(
        hidden_size=4,
        projection_dim=4,
        num_hidden_layers=2,
        num_attention_heads=2,
        image_size=32,
        intermediate_size=16,
        patch_size=8,
    )
    size = {"height": 32, "width": 32}
    return {
        "image_encoder": transformers.CLIPVisionModel(vision).eval(),
        "image_processor": transformers.CLIPImageProcessor(crop_size=size, size=size),
    }
