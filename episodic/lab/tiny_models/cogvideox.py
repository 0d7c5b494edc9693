"""CogVideoX with random weights: the real pipelines, one layer deep."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from episodic.backbones.diffusers.libraries import diffusers, transformers
from episodic.lab.tiny_models.random_weights import amplify_decisions, save_tiny
from episodic.lab.tiny_models.tokenizer import VOCABULARY, byte_tokenizer

__all__ = ["CogVideoXVariant", "build_cogvideox"]

CogVideoXVariant = Literal["t2v", "v2v", "i2v", "i2v-fixed", "t2v-1.5", "i2v-1.5"]


def build_cogvideox(folder: Path, variant: CogVideoXVariant) -> Path:
    """Write one variant of CogVideoX into `folder`. The same bytes every time. Shoots 32x32, 9 frames.

    `i2v-fixed` is like CogVideoX-5b-I2V: its learnt positions fit one size only (48x32).
    """
    return save_tiny(folder, lambda: _pipeline(variant))


def _pipeline(variant: CogVideoXVariant) -> Any:
    """Build the pipeline of a variant."""
    image = variant.startswith("i2v")
    fixed, newer = variant == "i2v-fixed", variant.endswith("1.5")
    # 1.5 accepts any size up to this one
    side = 40 if newer else 4
    parts = {
        "tokenizer": byte_tokenizer(226),
        "text_encoder": transformers.T5EncoderModel(
            transformers.T5Config(vocab_size=VOCABULARY, d_model=32, d_kv=8, d_ff=37, num_layers=2, num_heads=4)
        ).eval(),
        "vae": diffusers.AutoencoderKLCogVideoX(
            down_block_types=("CogVideoXDownBlock3D",) * 4,
            up_block_types=("CogVideoXUpBlock3D",) * 4,
            block_out_channels=(8,) * 4,
            latent_channels=4,
            layers_per_block=1,
            norm_num_groups=2,
        ).eval(),
        "scheduler": diffusers.CogVideoXDPMScheduler() if newer else diffusers.CogVideoXDDIMScheduler(),
        "transformer": amplify_decisions(
            diffusers.CogVideoXTransformer3DModel(
                num_attention_heads=4,
                attention_head_dim=16,
                in_channels=8 if image else 4,
                out_channels=4,
                time_embed_dim=2,
                text_embed_dim=32,
                num_layers=1,
                sample_width=6 if fixed else side,
                sample_height=4 if fixed else side,
                sample_frames=9,
                max_text_seq_length=48,
                use_rotary_positional_embeddings=fixed or newer,
                use_learned_positional_embeddings=fixed,
                patch_size_t=2 if newer else None,
                patch_bias=not newer,
            )
        ),
    }
    kind = "ImageToVideo" if image else "VideoToVideo" if variant == "v2v" else ""
    return getattr(diffusers, f"CogVideoX{kind}Pipeline")(**parts)
