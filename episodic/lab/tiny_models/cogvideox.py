"""CogVideoX with random weights: the real pipelines, one layer deep."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from episodic.lab.tiny_models.saving import answering, save_tiny
from episodic.lab.tiny_models.tokenizer import VOCABULARY, byte_tokenizer

__all__ = ["CogVideoXVariant", "build_cogvideox"]

CogVideoXVariant = Literal["t2v", "v2v", "i2v", "i2v-fixed", "t2v-1.5", "i2v-1.5"]


def build_cogvideox(folder: Path, variant: CogVideoXVariant) -> Path:
    """Write one kind of CogVideoX into `folder`. The same bytes every time. Shoots 32x32, 9 frames.

    `i2v-fixed` is as CogVideoX-5b-I2V, with learnt positions that go with one size (48x32).
    """
    return save_tiny(folder, lambda: _pipeline(variant))


def _pipeline(variant: CogVideoXVariant) -> Any:
    import diffusers
    import transformers

    of_diffusers: Any = diffusers
    of_transformers: Any = transformers
    image = variant.startswith("i2v")
    fixed, newer = variant == "i2v-fixed", variant.endswith("1.5")
    # 1.5 takes positions of any size up to this
    side = 40 if newer else 4
    parts = {
        "tokenizer": byte_tokenizer(226),
        "text_encoder": of_transformers.T5EncoderModel(
            of_transformers.T5Config(vocab_size=VOCABULARY, d_model=32, d_kv=8, d_ff=37, num_layers=2, num_heads=4)
        ).eval(),
        "vae": of_diffusers.AutoencoderKLCogVideoX(
            down_block_types=("CogVideoXDownBlock3D",) * 4,
            up_block_types=("CogVideoXUpBlock3D",) * 4,
            block_out_channels=(8,) * 4,
            latent_channels=4,
            layers_per_block=1,
            norm_num_groups=2,
        ).eval(),
        "scheduler": of_diffusers.CogVideoXDPMScheduler() if newer else of_diffusers.CogVideoXDDIMScheduler(),
        "transformer": answering(
            of_diffusers.CogVideoXTransformer3DModel(
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
    return getattr(of_diffusers, f"CogVideoX{kind}Pipeline")(**parts)
