"""A tiny MiniMax-H3 with random weights. Its conditioner has 51 layers, however small: the pipeline reads the state after the 50th."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any, Final

import torch
from diffusers import modular_pipelines

from episodic.backbones.diffusers.folder.load import quiet
from episodic.backbones.diffusers.libraries import diffusers, transformers
from episodic.lab.tiny_models.echo import remove_origin
from episodic.lab.tiny_models.tokenizer import VISION_TOKENS, VOCABULARY, byte_tokenizer, vision_token_ids

__all__ = ["build_minimax_h3"]

_SEED: Final = 4
_WIDTH: Final = 16
_LATENT_CHANNELS: Final = 4
_AUDIO_CHANNELS: Final = 4


def build_minimax_h3(folder: Path) -> Path:
    """Save a tiny `MiniMaxH3ModularPipeline` with both of its transformers into `folder`. Deterministic."""
    pipelines: Any = modular_pipelines
    with quiet(), torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        # diffusers' own: its sound autoencoder still uses the weight norm that torch has deprecated
        warnings.filterwarnings("ignore", message=r"`torch\.nn\.utils\.weight_norm`", category=FutureWarning)
        torch.manual_seed(_SEED)
        pipeline = pipelines.MiniMaxH3Blocks().init_pipeline()
        pipeline.update_components(**_parts())
        # reference pictures are encoded at a size of their own, 2048 pixels in the released model
        pipeline.register_to_config(reference_image_short_edge=64, canvas_short_edge=64, canvas_max_pixels=64 * 112)
        pipeline.save_pretrained(str(folder), overwrite_modular_index=True)
        _save_processor(folder, pipeline.tokenizer)
    remove_origin(folder)
    return folder


def _parts() -> dict[str, object]:
    """Return the components."""
    tokenizer = byte_tokenizer(4096, end=False, extra=VISION_TOKENS)
    parts: dict[str, object] = {
        "tokenizer": tokenizer,
        "text_encoder": _conditioner(tokenizer),
        "transformer": _transformer(),
        "transformer_ref": _transformer(),
        "vae": diffusers.AutoencoderKLMiniMaxH3(
            latent_channels=_LATENT_CHANNELS,
            block_out_channels=(4, 4, 4, 4, 4, 4),
            layers_per_block=1,
            norm_num_groups=2,
            decoder_num_layers=1,
            decoder_num_attention_heads=2,
            decoder_attention_head_dim=16,
            latents_mean=(0.0,) * _LATENT_CHANNELS,
            latents_std=(1.0,) * _LATENT_CHANNELS,
        ),
        "audio_vae": diffusers.AutoencoderKLMiniMaxH3Audio(
            encoder_dim=4,
            latent_dim=16,
            latent_channels=_AUDIO_CHANNELS,
            num_attention_heads=2,
            decoder_dim=128,
            resblock_kernel_sizes=(3,),
            resblock_dilation_sizes=((1,),),
            latents_mean=[0.0] * _AUDIO_CHANNELS,
            latents_std=[1.0] * _AUDIO_CHANNELS,
        ),
        "scheduler": diffusers.MiniMaxH3Scheduler(shift=12.0),
        "audio_scheduler": diffusers.MiniMaxH3Scheduler(shift=3.0),
    }
    for part in parts.values():
        if hasattr(part, "eval"):
            part.eval()
    return parts


def _transformer() -> Any:
    """Return one of the two transformers."""
    return diffusers.MiniMaxH3Transformer3DModel(
        num_attention_heads=2,
        attention_head_dim=16,
        hidden_size=_WIDTH,
        num_layers=2,
        num_refiner_layers=1,
        ffn_dim=32,
        in_channels=_LATENT_CHANNELS,
        audio_in_channels=_AUDIO_CHANNELS,
        text_dim=_WIDTH,
        time_embed_hidden_dim=16,
        time_embed_dim=8,
        rope_freq_dim=2,
    )


def _conditioner(tokenizer: Any) -> Any:
    config = transformers.Qwen3VLConfig(
        **vision_token_ids(tokenizer),
        text_config={
            "vocab_size": VOCABULARY,
            "hidden_size": _WIDTH,
            "intermediate_size": 16,
            "num_hidden_layers": 51,
            "num_attention_heads": 2,
            "num_key_value_heads": 1,
            "head_dim": 8,
            "rope_scaling": {"rope_type": "default", "mrope_section": [2, 1, 1], "mrope_interleaved": True},
        },
        vision_config={
            "depth": 2,
            "hidden_size": 16,
            "intermediate_size": 16,
            "num_heads": 2,
            "out_hidden_size": _WIDTH,
            "num_position_embeddings": 16,
            "deepstack_visual_indexes": [0],
        },
    )
    return transformers.Qwen3VLForConditionalGeneration(config)


def _save_processor(folder: Path, tokenizer: Any) -> None:
    """Save the part of a `Qwen3VLProcessor` that reads pictures and text. The whole needs torchvision, for its videos."""
    side = {"shortest_edge": 32 * 32, "longest_edge": 64 * 64}
    transformers.Qwen2VLImageProcessorPil(patch_size=16, size=side).save_pretrained(str(folder / "processor"))
    tokenizer.save_pretrained(str(folder / "processor"))
    index = folder / "modular_model_index.json"
    entries = json.loads(index.read_text())
    kind = ["transformers", "Qwen3VLProcessor"]
    entries["processor"] = [*kind, {"subfolder": "processor", "type_hint": kind}]
    index.write_text(json.dumps(entries))
