"""A byte-level tokenizer that needs no download: every text has tokens, about one per byte."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["VOCABULARY", "byte_tokenizer"]

VOCABULARY = 320
"""Size of the embedding of a text encoder that reads these tokens, those of its own included."""


def byte_tokenizer(
    max_tokens: int = 512,
    *,
    begin: bool = False,
    end: bool = True,
    extra: tuple[str, ...] = (),
    options: Mapping[str, Any] | None = None,
) -> Any:
    """A `PreTrainedTokenizerFast` over single bytes: `<pad>` 0, `</s>` 1, `<unk>` 2, `<s>` 3, then `extra` special tokens, then the bytes.

    `begin`, `end`: whether `<s>` and `</s>` are put around a text. `options`: further arguments of the wrapping tokenizer, such as
    `padding_side` or `chat_template`.
    """
    import transformers
    from tokenizers import Tokenizer, decoders, pre_tokenizers, processors
    from tokenizers.models import BPE

    special = ["<pad>", "</s>", "<unk>", "<s>", *extra]
    words = special + sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(BPE(vocab={word: number for number, word in enumerate(words)}, merges=[], unk_token="<unk>"))  # noqa: S106
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.TemplateProcessing(
        single=" ".join(["<s>"] * begin + ["$A"] + ["</s>"] * end), special_tokens=[("<s>", 3), ("</s>", 1)]
    )
    tokenizer.add_special_tokens(special)
    library: Any = transformers
    return library.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=max_tokens,
        pad_token="<pad>",  # noqa: S106
        eos_token="</s>",  # noqa: S106
        unk_token="<unk>",  # noqa: S106
        bos_token="<s>",  # noqa: S106
        additional_special_tokens=list(extra),
        **(options or {}),
    )
