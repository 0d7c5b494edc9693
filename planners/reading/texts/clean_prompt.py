"""The edge where a prompt comes in: what cannot be planned from is refused with one clear message."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from planners.errors import PromptError

__all__ = ["LONGEST_PROMPT", "clean_prompt"]

LONGEST_PROMPT: Final = 20_000
"""Characters."""


def clean_prompt(prompt: str) -> str:
    """The prompt in one line of plain spaces. Raises PromptError for what nobody could tell a story from."""
    if len(prompt) > LONGEST_PROMPT:
        raise PromptError(
            f"the prompt has {len(prompt):,} characters; at most {LONGEST_PROMPT:,} can be read. "
            "Shorten it to the heart of the story: who, where, and what they want."
        )
    for at, letter in enumerate(prompt):
        if unicodedata.category(letter) in {"Cc", "Cs"} and letter not in "\t\n\r":
            raise PromptError(
                f"the prompt holds a control character, U+{ord(letter):04X}, at position {at + 1}; expected plain text. "
                "Type the sentence again without it."
            )
    # Format characters such as a byte order mark cannot be seen and must not end up in names.
    text = "".join(
        " " if unicodedata.category(letter) in {"Zl", "Zp", "Zs"} else letter
        for letter in prompt
        if unicodedata.category(letter) != "Cf"
    )
    text = re.sub(r"\s+", " ", text).strip()
    if not text:
        raise PromptError(
            'the prompt is empty; expected at least one word, for instance "A lighthouse keeper befriends a storm."'
        )
    if not any(letter.isalnum() for letter in text):
        raise PromptError(
            f"the prompt has no word in it, only {text[:20]!r}; expected who does what, for instance "
            '"A lighthouse keeper befriends a storm."'
        )
    return text
