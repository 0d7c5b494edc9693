"""The length of texts in a model's own tokens, without loading its weights. Imports no torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Final

from tokenizers import Tokenizer

from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.errors import BackboneError

__all__ = ["TokenCounter"]

_MOST_WORDS: Final = 4096
"""A tokenizer is untrusted input: longer texts are cut before it sees them."""


class TokenCounter:
    """Counts with the first tokenizer among a model's text components."""

    def __init__(self, folder: ModelFolder, text_components: Sequence[str]) -> None:
        """Raises BackboneError where the folder has no tokenizer."""
        names = [name for name in text_components if name.startswith("tokenizer") and name in folder.components]
        if not names:
            raise BackboneError(f"{folder.root}: expected a tokenizer among its components, found {', '.join(folder.components)}")
        self._root = folder.place(names[0])
        _, self._class_name = folder.components[names[0]]

    def count(self, text: str) -> int:
        """Count the tokens of `text`, without those that the tokenizer adds. Raises BackboneError where the tokenizer does not load."""
        return self._count(" ".join(text.split()[:_MOST_WORDS]))

    @cached_property
    def _count(self) -> Callable[[str], int]:
        """Return the function that counts; loads the tokenizer."""
        path = self._root / "tokenizer.json"
        try:
            if path.is_file():
                fast = Tokenizer.from_file(str(path))
                fast.no_truncation()
                return lambda text: len(fast.encode(text, add_special_tokens=False).ids)
            import transformers  # imports torch; few models have only a slow tokenizer

            tokenizer_class = getattr(transformers, self._class_name)
            slow = tokenizer_class.from_pretrained(self._root, local_files_only=True, trust_remote_code=False)
            return lambda text: len(slow(text, add_special_tokens=False).input_ids)
        except Exception as err:  # tokenizers raises bare Exception
            raise BackboneError(f"{self._root}: the tokenizer does not load ({err}); fetch the model again") from err
