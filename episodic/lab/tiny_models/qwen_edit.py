"""Qwen-Image-Edit-Plus with random weights: the real pipeline, two layers deep. It still looks at every reference at a megapixel."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any, Final

from episodic.lab.tiny_models.saving import save_tiny, seeing
from episodic.lab.tiny_models.tokenizer import VOCABULARY, byte_tokenizer

__all__ = ["build_qwen_edit"]

_SPECIAL: Final = ("<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>", "<|im_start|>", "<|im_end|>")
_WIDTH: Final = 16
_CHANNELS: Final = 4


def build_qwen_edit(folder: Path) -> Path:
    """Write it into `folder` as `save_pretrained` does. The same bytes every time. Draws 64x64 in about a second per reference."""
    tokenizer = byte_tokenizer(4096, end=False, extra=_SPECIAL)
    save_tiny(folder, lambda: _pipeline(tokenizer))
    _save_processor(folder, tokenizer)
    return folder


def _pipeline(tokenizer: Any) -> Any:
    import torch

    library: Any = importlib.import_module("diffusers")
    vae = library.AutoencoderKLQwenImage(
        base_dim=2,
        z_dim=_CHANNELS,
        dim_mult=[1] * 5,
        num_res_blocks=1,
        temperal_downsample=[False, True, True, False],
        latents_mean=[0.0] * _CHANNELS,
        latents_std=[1.0] * _CHANNELS,
    )
    transformer = library.QwenImageTransformer2DModel(
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
        for one in transformer.parameters():
            # random weights let answers differ in their last digits only
            one.mul_(3.0)
    return library.QwenImageEditPlusPipeline(
        scheduler=library.FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        vae=seeing(vae),
        text_encoder=_text_encoder(tokenizer),
        tokenizer=tokenizer,
        processor=None,
        transformer=transformer,
    )


def _text_encoder(tokenizer: Any) -> Any:
    library: Any = importlib.import_module("transformers")
    names = ("image_pad", "video_pad", "vision_start", "vision_end")
    ids = {name: tokenizer.convert_tokens_to_ids(f"<|{name}|>") for name in names}
    config = library.Qwen2_5_VLConfig(
        image_token_id=ids["image_pad"],
        video_token_id=ids["video_pad"],
        vision_start_token_id=ids["vision_start"],
        vision_end_token_id=ids["vision_end"],
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
    return library.Qwen2_5_VLForConditionalGeneration(config).eval()


def _save_processor(folder: Path, tokenizer: Any) -> None:
    """The part of a `Qwen2VLProcessor` that reads pictures and text. Saving the whole would need torchvision, for its videos."""
    found: Any = importlib.import_module("transformers")
    side = {"shortest_edge": 56 * 56, "longest_edge": 112 * 112}
    found.Qwen2VLImageProcessorPil(size=side).save_pretrained(str(folder / "processor"))
    tokenizer.save_pretrained(str(folder / "processor"))
    index = folder / "model_index.json"
    entries = json.loads(index.read_text("utf-8"))
    entries["processor"] = ["transformers", "Qwen2VLProcessor"]
    index.write_text(json.dumps(entries, indent=2, sort_keys=True) + "\n", "utf-8")
