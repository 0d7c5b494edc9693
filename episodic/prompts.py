"""Whether a prompt is the one that a stored plan was made from."""

from __future__ import annotations

from planners.errors import PromptError

__all__ = ["same_prompt"]


def same_prompt(prompt: str, other: str) -> bool:
    """Whether two prompts are equal once the planner has cleaned them (one line, plain spaces, no invisible characters).

    Prompts that the planner refuses are compared without the blanks around them.
    """
    return _clean(prompt) == _clean(other)


def _clean(prompt: str) -> str:
    """Clean a prompt as the embedded planner does."""
    from planners.reading.texts.clean_prompt import clean_prompt  # its package loads the planner

    try:
        return clean_prompt(prompt)
    except PromptError:  # a plan written by hand may hold no prompt, or any text
        return prompt.strip()
