"""A tiny LTX-2 with random weights: every part is there, with the real 32x and 8x ratios of the video autoencoder."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, Literal

import torch
from diffusers.pipelines import ltx2
from safetensors.torch import save_file
from transformers import Gemma3Config, Gemma3ForConditionalGeneration

from episodic.backbones.diffusers.folder.load import quiet
from episodic.backbones.diffusers.libraries import diffusers
from episodic.lab.tiny_models.tokenizer import VOCABULARY, byte_tokenizer

__all__ = ["LTX2Variant", "build_ltx2", "ltx2_parts"]

LTX2Variant = Literal["text", "image", "condition", "in-context"]
_CLASSES: Final[dict[LTX2Variant, str]] = {
    "text": "LTX2Pipeline",
    "image": "LTX2ImageToVideoPipeline",
    "condition": "LTX2ConditionPipeline",
    "in-context": "LTX2InContextPipeline",
}
_SEED: Final = 2
_LATENT_CHANNELS: Final = 8
_MEL_BINS: Final = 8
_AUDIO_TOKEN: Final = 4
"""Channels of the audio latents times their mel bins: one audio token."""


def build_ltx2(folder: Path, variant: LTX2Variant = "condition") -> Path:
    """Save a tiny pipeline of one of the four classes into `folder`; `in-context` comes with an IC-LoRA for depth. Deterministic."""
    with quiet(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(_SEED)
        parts = ltx2_parts()
        pipeline = getattr(diffusers, _CLASSES[variant])(**parts)
        pipeline.save_pretrained(folder)
        if variant == "in-context":
            _save_ic_lora(folder / "ic_lora", parts["transformer"])
    return folder


def ltx2_parts() -> dict[str, object]:
    """Return the components of a tiny LTX-2 in evaluation mode, with weights from torch's global generator."""
    pipelines: Any = ltx2
    parts: dict[str, object] = {
        "tokenizer": byte_tokenizer(1024, begin=True, end=False, options={"padding_side": "left"}),
        "text_encoder": _gemma(),
        "connectors": _connectors(),
        "transformer": _transformer(),
        "vae": diffusers.AutoencoderKLLTX2Video(
            latent_channels=_LATENT_CHANNELS,
            block_out_channels=(8, 8, 8, 8),
            decoder_block_out_channels=(8, 16, 32),
            layers_per_block=(1, 1, 1, 1, 1),
            decoder_layers_per_block=(1, 1, 1, 1),
            spatial_compression_ratio=32,
            temporal_compression_ratio=8,
        ),
        "audio_vae": diffusers.AutoencoderKLLTX2Audio(
            base_channels=4, ch_mult=(1, 1, 1), num_res_blocks=1, latent_channels=2, mel_bins=_MEL_BINS
        ),
        "vocoder": pipelines.LTX2Vocoder(
            in_channels=2 * _MEL_BINS,
            hidden_channels=32,
            upsample_kernel_sizes=[16, 15, 8],
            upsample_factors=[8, 5, 6],
            resnet_kernel_sizes=[3],
            resnet_dilations=[[1]],
        ),
        "scheduler": diffusers.FlowMatchEulerDiscreteScheduler(
            use_dynamic_shifting=True, base_shift=0.95, max_shift=2.05, shift_terminal=0.1
        ),
    }
    for part in parts.values():
        if hasattr(part, "eval"):
            part.eval()
    return parts


def _connectors() -> Any:
    """Return the connectors between text encoder and transformer."""
    pipelines: Any = ltx2
    return pipelines.LTX2TextConnectors(
        caption_channels=16,
        text_proj_in_factor=3,
        video_connector_num_attention_heads=2,
        video_connector_attention_head_dim=8,
        video_connector_num_layers=1,
        video_connector_num_learnable_registers=128,
        audio_connector_num_attention_heads=2,
        audio_connector_attention_head_dim=8,
        audio_connector_num_layers=1,
        audio_connector_num_learnable_registers=128,
        connector_rope_base_seq_len=32,
        rope_double_precision=False,
        rope_type="split",
    )


def _transformer() -> Any:
    """Return the transformer of picture and sound."""
    return diffusers.LTX2VideoTransformer3DModel(
        in_channels=_LATENT_CHANNELS,
        out_channels=_LATENT_CHANNELS,
        num_attention_heads=2,
        attention_head_dim=8,
        cross_attention_dim=16,
        audio_in_channels=_AUDIO_TOKEN,
        audio_out_channels=_AUDIO_TOKEN,
        audio_num_attention_heads=2,
        audio_attention_head_dim=4,
        audio_cross_attention_dim=8,
        num_layers=2,
        caption_channels=16,
        rope_double_precision=False,
        rope_type="split",
    )


def _gemma() -> Any:
    """Return the text encoder."""
    config = Gemma3Config(
        boi_token_index=300,
        eoi_token_index=301,
        image_token_index=302,
        mm_tokens_per_image=4,
        text_config={
            "vocab_size": VOCABULARY,
            "hidden_size": 16,
            "intermediate_size": 32,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "num_key_value_heads": 1,
            "head_dim": 8,
            "pad_token_id": 0,
            "bos_token_id": 3,
            "eos_token_id": 1,
        },
        vision_config={
            "hidden_size": 16,
            "intermediate_size": 32,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "image_size": 32,
            "patch_size": 8,
        },
    )
    return Gemma3ForConditionalGeneration(config)


def _save_ic_lora(folder: Path, transformer: Any) -> None:
    """Save an IC-LoRA in the published layout: low-rank pairs by the transformer's own names, for references of half the size."""
    rank = 2
    pairs: dict[str, torch.Tensor] = {}
    for name, module in transformer.named_modules():
        if name.endswith((".attn1.to_q", ".attn1.to_v")):
            pairs[f"transformer.{name}.lora_A.weight"] = torch.randn(rank, module.in_features)
            pairs[f"transformer.{name}.lora_B.weight"] = torch.randn(module.out_features, rank)
    folder.mkdir(parents=True, exist_ok=True)
    save_file(pairs, folder / "tiny-ic-lora-depth.safetensors", metadata={"reference_downscale_factor": "2"})
