"""Qwen-Image-Edit-Plus with random weights: the real pipeline, two layers deep. It still scales every reference to a megapixel."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import torch

from episodic.backbones.diffusers.libraries import diffusers, transformers
from episodic.lab.tiny_models.random_weights import amplify_latents, save_tiny
from episodic.lab.tiny_models.tokenizer import VISION_TOKENS, VOCABULARY, byte_tokenizer, vision_token_ids

__all__ = ["build_qwen_edit"]

_WIDTH: Final = 16
_CHANNELS: Final = 4


def build_qwen_edit(folder: Path) -> Path:
    """Write Qwen-Image-Edit-Plus into `folder`. The same bytes every time. Draws 64x64 in about a second per reference."""
    tokenizer = byte_tokenizer(4096, end=False, extra=VISION_TOKENS)
    save_tiny(folder, lambda: _pipeline(tokenizer))
    _save_processor(folder, tokenizer)
    return folder


def _pipeline(tokenizer: Any) -> Any:
    """Build the pipeline."""
    vae = diffusers.AutoencoderKLQwenImage(
        base_dim=2,
        z_dim=_CHANNELS,
        dim_mult=[1] * 5,
        num_res_blocks=1,
        temperal_downsample=[False, True, True, False],
        latents_mean=[0.0] * _CHANNELS,
        latents_std=[1.0] * _CHANNELS,
    )
    transformer = diffusers.QwenImageTransformer2DModel(
        patch_size=2,
        in_channels=4 * _CHANNELS,
        out_channels=_CHANNELS,
        num_layers=2,
        attention_head_dim=16,
        num_attention_heads=1,
        joint_attention_dim=_WIDTH,
        axes_dims_rope=(8, 4, 4),
    ).eval()
    with torch.no_grad():
        for parameter in transformer.parameters():
            # with random weights outputs differ in their last digits only
            parameter.mul_(3.0)
    return diffusers.QwenImageEditPlusPipeline(
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        vae=amplify_latents(vae),
        text_encoder=_text_encoder(tokenizer),
        tokenizer=tokenizer,
        processor=None,
        transformer=transformer,
    )


def _text_encoder(tokenizer: Any) -> Any:
    """Return the vision-language model that reads the prompt."""
    config = transformers.Qwen2_5_VLConfig(
        **vision_token_ids(tokenizer),
        text_config={
            "vocab_size": VOCABULARY,
            "hidden_size": _WIDTH,
            "intermediate_size": 16,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "num_key_value_heads": 1,
            "rope_scaling": {"rope_type": "default", "type": "default", "mrope_section": [2, 1, 1]},
        },
        vision_config={
            "depth": 2,
            "hidden_size": 16,
            "intermediate_size": 16,
            "num_heads": 2,
            "out_hidden_size": _WIDTH,
            "fullatt_block_indexes": [1],
        },
    )
    return transformers.Qwen2_5_VLForConditionalGeneration(config).eval()


def _save_processor(folder: Path, tokenizer: Any) -> None:
    """Save the part of a `Qwen2VLProcessor` that reads pictures and text. The whole needs torchvision, for its videos."""
    side = {"shortest_edge": 56 * 56, "longest_edge": 112 * 112}
    transformers.Qwen2VLImageProcessorPil(size=side).save_pretrained(str(folder / "processor"))
    tokenizer.save_pretrained(str(folder / "processor"))
    index = folder / "model_index.json"
    entries = json.loads(index.read_text("utf-8"))
    entries["processor"] = ["transformers", "Qwen2VLProcessor"]
    index.write_text(json.dumps(entries, indent=2, sort_keys=True) + "\n", "utf-8")
