"""A byte-level tokenizer that needs no download: every text has tokens, about one per byte."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tokenizers import Tokenizer, decoders, pre_tokenizers, processors
from tokenizers.models import BPE

from episodic.backbones.diffusers.libraries import transformers

__all__ = ["VISION_TOKENS", "VOCABULARY", "byte_tokenizer", "vision_token_ids"]

VISION_TOKENS = ("<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>", "<|im_start|>", "<|im_end|>")
"""Special tokens of the Qwen vision-language models."""

VOCABULARY = 320
"""Size of the embedding of a text encoder that reads these tokens, including a few of its own."""


def byte_tokenizer(
    max_tokens: int = 512,
    *,
    begin: bool = False,
    end: bool = True,
    extra: tuple[str, ...] = (),
    options: Mapping[str, object] | None = None,
) -> Any:
    """Return a `PreTrainedTokenizerFast` over single bytes: `<pad>` 0, `</s>` 1, `<unk>` 2, `<s>` 3, then `extra` special tokens, then the bytes.

    `begin`, `end`: whether `<s>` and `</s>` are put around a text. `options`: further arguments of the wrapping tokenizer, such as
    `padding_side` or `chat_template`.
    """
    special = ["<pad>", "</s>", "<unk>", "<s>", *extra]
    words = special + sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(BPE(vocab={word: number for number, word in enumerate(words)}, merges=[], unk_token="<unk>"))  # noqa: S106
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.TemplateProcessing(
        single=" ".join(["<s>"] * begin + ["$A"] + ["</s>"] * end), special_tokens=[("<s>", 3), ("</s>", 1)]
    )
    tokenizer.add_special_tokens(special)
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=max_tokens,
        pad_token="<pad>",  # noqa: S106
        eos_token="</s>",  # noqa: S106
        unk_token="<unk>",  # noqa: S106
        bos_token="<s>",  # noqa: S106
        additional_special_tokens=list(extra),
        **(options or {}),
    )


def vision_token_ids(tokenizer: Any) -> dict[str, int]:
    """Return the ids of the vision tokens by the names of a Qwen configuration."""
    names = {
        "image_token_id": "<|image_pad|>",
        "video_token_id": "<|video_pad|>",
        "vision_start_token_id": "<|vision_start|>",
        "vision_end_token_id": "<|vision_end|>",
    }
    return {key: tokenizer.convert_tokens_to_ids(token) for key, token in names.items()}
