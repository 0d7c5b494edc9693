"""Mutated and random prompts: what a planner must survive."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from planners.data_file import DataFile, read_data_file

__all__ = ["OddPromptWords", "odd_prompts"]


class OddPromptWords(DataFile):
    """The pieces of `data/odd_prompts.yaml`; each list is described there."""

    whole: tuple[str, ...]
    marks: tuple[str, ...]
    characters: tuple[str, ...]
    words: tuple[str, ...]
    requests: tuple[str, ...]


_WORDS: Final = read_data_file(Path(__file__).with_name("data") / "odd_prompts.yaml", OddPromptWords)
_MOST_WORDS: Final = 25


def _swap_letters(text: str, rng: random.Random) -> str:
    """Two or three typing errors."""
    letters = list(text)
    for _ in range(rng.randint(2, 3)):
        at = rng.randrange(max(1, len(letters) - 1))
        letters[at : at + 2] = reversed(letters[at : at + 2])
    return "".join(letters)


def _drop_words(text: str, rng: random.Random) -> str:
    """About a third of the words is missing."""
    return " ".join(word for word in text.split() if rng.random() > 0.33)


def _shuffle_words(text: str, rng: random.Random) -> str:
    """The words in any order."""
    words = text.split()
    rng.shuffle(words)
    return " ".join(words)


def _cut(text: str, rng: random.Random) -> str:
    """The prompt breaks off."""
    return text[: rng.randrange(len(text) + 1)]


def _repeat_words(text: str, rng: random.Random) -> str:
    """Some words come several times."""
    return " ".join(" ".join([word] * rng.choice((1, 1, 1, 2, 5))) for word in text.split())


def _insert_marks(text: str, rng: random.Random) -> str:
    """Marks, quotes and odd characters between the words."""
    return "".join(
        f"{word}{rng.choice((' ', ' ', rng.choice(_WORDS.marks), rng.choice(_WORDS.characters)))}" for word in text.split()
    )


def _change_case(text: str, rng: random.Random) -> str:
    """Capitals, title case, or no capitals."""
    return rng.choice((text.upper(), text.lower(), text.title(), text.swapcase()))


def _wrap_in_request(text: str, rng: random.Random) -> str:
    """What people write around a prompt."""
    return rng.choice(_WORDS.requests).replace("PROMPT", text)


def _insert_words(text: str, rng: random.Random) -> str:
    """Words that have nothing to do there: numbers, tags, code."""
    words = text.split()
    for _ in range(rng.randint(1, 4)):
        words.insert(rng.randrange(len(words) + 1), rng.choice(_WORDS.words))
    return " ".join(words)


_CHANGES: Final[tuple[Callable[[str, random.Random], str], ...]] = (
    _swap_letters,
    _drop_words,
    _shuffle_words,
    _cut,
    _repeat_words,
    _insert_marks,
    _change_case,
    _wrap_in_request,
    _insert_words,
)


def _random_prompt(rng: random.Random, vocabulary: Sequence[str]) -> str:
    """Words or characters at random."""
    if rng.random() < 0.25:
        return "".join(rng.choice(_WORDS.characters) for _ in range(rng.randint(1, 60)))
    return " ".join(rng.choice(vocabulary) for _ in range(rng.randint(1, _MOST_WORDS)))


def odd_prompts(prompts: Sequence[str], count: int, seed: int = 0) -> Iterator[str]:
    """`count` prompts: those of the list, then prompts with one to three changes, two prompts in one, and random ones."""
    rng = random.Random(seed)
    vocabulary = sorted({word for prompt in prompts for word in prompt.split()} | set(_WORDS.words))
    yield from _WORDS.whole[:count]
    for _ in range(count - len(_WORDS.whole)):
        kind = rng.random()
        if kind < 0.2:
            yield _random_prompt(rng, vocabulary)
            continue
        prompt = rng.choice(prompts) if kind < 0.9 else f"{rng.choice(prompts)} {rng.choice(prompts)}"
        for change in rng.sample(_CHANGES, rng.randint(1, 3)):
            prompt = change(prompt, rng) if prompt else prompt
        yield prompt
