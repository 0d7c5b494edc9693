"""Length of texts in a model's own tokens, without loading its weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Final

from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.errors import BackboneError

__all__ = ["TokenCounter"]

_WORDS_AT_A_TIME: Final = 4096
"""A tokenizer is untrusted input: it is never handed more than this at once."""


class TokenCounter:
    """Counts with the first tokenizer among a model's text components."""

    def __init__(self, folder: ModelFolder, text_components: Sequence[str]) -> None:
        found = [one for one in text_components if one.startswith("tokenizer") and one in folder.components]
        if not found:
            raise BackboneError(f"{folder.root}: expected a tokenizer among its components, found {', '.join(folder.components)}")
        self._root = folder.place(found[0])
        self._class = folder.components[found[0]][1]

    def count(self, text: str) -> int:
        """Tokens of `text`, without those that the tokenizer adds. Raises BackboneError where the tokenizer does not load."""
        return self._count(" ".join(text.split()[:_WORDS_AT_A_TIME]))

    @cached_property
    def _count(self) -> Callable[[str], int]:
        path = self._root / "tokenizer.json"
        try:
            if path.is_file():
                from tokenizers import Tokenizer

                fast = Tokenizer.from_file(str(path))
                fast.no_truncation()
                return lambda text: len(fast.encode(text, add_special_tokens=False).ids)
            import transformers

            tokenizer_class = getattr(transformers, self._class)
            slow = tokenizer_class.from_pretrained(self._root, local_files_only=True, trust_remote_code=False)
            return lambda text: len(slow(text, add_special_tokens=False)["input_ids"])
        except Exception as err:  # tokenizers raises bare Exception
            raise BackboneError(f"{self._root}: the tokenizer does not load ({err}); fetch the model again") from err
