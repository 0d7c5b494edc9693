"""How many lines are spoken again in another film, with names masked, or with the prompt's words masked as well."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from planners.plan.model import EpisodePlan
from planners.plan_checks.plan_texts import spoken_texts
from planners.reading.english import singular, verb_lemma
from planners.reading.premise import Premise

__all__ = ["MaskedLines", "content_forms", "masked_lines", "plain_line", "quoted_texts", "reused", "shared_between_seeds"]

MASK: Final = "_"
_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SHORTEST_CONTENT: Final = 3
MaskedLines = Sequence[str]
"""The lines of one film, without marks, in lower case."""


@lru_cache(maxsize=20_000)
def _word_forms(word: str) -> frozenset[str]:
    """A word and its plain forms as noun and verb."""
    low = word.lower().replace("’", "'").removesuffix("'s")
    return frozenset({low, singular(low), verb_lemma(low)})


def content_forms(text: str, function_words: Iterable[str]) -> frozenset[str]:
    """Plain forms of the words of a text that are no function words."""
    left_out = frozenset(function_words)
    words = [word for word in _WORD.findall(text) if len(word) >= _SHORTEST_CONTENT and word.lower() not in left_out]
    return frozenset(form for word in words for form in _word_forms(word))


def plain_line(text: str) -> str:
    """A line without marks and capitals."""
    return " ".join(_WORD.findall(text)).lower()


def masked_lines(
    plan: EpisodePlan, prompt_forms: frozenset[str] = frozenset(), quoted: frozenset[str] = frozenset()
) -> list[str]:
    """The spoken lines of a plan with the names of the cast masked, and words of `prompt_forms` too. Lines of `quoted` are left out."""
    names = {word.lower() for key, member in plan.cast.items() for word in _WORD.findall(f"{member.name or ''} {key}")}
    lines = []
    for text in spoken_texts(plan):
        words = _WORD.findall(text.text)
        if plain_line(text.text) in quoted:
            continue
        masked = [
            MASK
            if word.lower().removesuffix("'s").removesuffix("’s") in names or not prompt_forms.isdisjoint(_word_forms(word))
            else word.lower()
            for word in words
        ]
        lines.append(" ".join(masked))
    return lines


def quoted_texts(premise: Premise) -> frozenset[str]:
    """The quoted lines of a prompt, as `masked_lines` compares them."""
    return frozenset(plain_line(quote.text) for quote in premise.quotes)


def reused(films: Sequence[MaskedLines]) -> list[tuple[int, int]]:
    """Of each film: how many of its lines another film has, and how many it has in all."""
    films_with = Counter(line for film in films for line in set(film))
    return [(sum(films_with[line] > 1 for line in film), len(film)) for film in films]


def shared_between_seeds(films: Sequence[MaskedLines]) -> float | None:
    """The share of lines that the film of another seed has; None without lines."""
    counts = reused(films)
    total = sum(count for _, count in counts)
    return sum(shared for shared, _ in counts) / total if total else None
