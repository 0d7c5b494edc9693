"""Read descriptions: which colours a text names, and which words of a table it contains. Shared by every kind of look."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final, TypeVar

from episodic.looks.data_files import parse_color, read_pairs, read_words

__all__ = [
    "COLORS",
    "Draw",
    "color_before",
    "colors_in",
    "first_named",
    "first_of",
    "has",
    "heads_of",
    "last_named",
    "main_word",
    "phrase_before",
    "words_of",
]

Value = TypeVar("Value")

COLORS: Final[Mapping[str, str]] = read_pairs("colors.tsv", parse_color)
"""Colour words as pigments of one paint box."""
_PHRASE_BREAKS: Final = frozenset(read_words("phrase_breaks.txt"))
"""After these words a description stops naming the thing and says more about it."""
_SHADES: Final = {"dark": -0.45, "deep": -0.3, "pale": 0.45, "light": 0.35, "bright": 0.0, "faded": 0.2, "midnight": -0.5}
"""How far a word before a colour moves it: towards black below 0, towards white above."""


def words_of(text: str) -> list[str]:
    """The lower-case words of a text, split at hyphens. `_` stands for a comma, full stop or another mark that divides it."""
    plain = text.lower().replace("-", " ").replace("'s", "").replace("’s", "")
    return ["_" if mark in ",.;:()" else mark for mark in re.findall(r"[a-z]+(?:'[a-z]+)?|[,.;:()]", plain)]


def phrase_before(words: Sequence[str], at: int, reach: int = 3) -> list[str]:
    """At most `reach` words before position `at`, none from before a comma or full stop."""
    near = list(words[max(0, at - reach) : at])
    while "_" in near:
        near = near[near.index("_") + 1 :]
    return near


def has(words: Sequence[str], *phrases: str) -> bool:
    """Whether the words contain one of the phrases. A plural counts as its singular."""
    joined = f" {' '.join(words)} "
    return any(f" {phrase} " in joined or f" {phrase}s " in joined or f" {phrase}es " in joined for phrase in phrases)


def first_of(words: Sequence[str], table: Mapping[str, Value]) -> Value | None:
    """The value of the first key, in the order of `table`, that the words contain."""
    return next((value for key, value in table.items() if has(words, key)), None)


def heads_of(words: Sequence[str]) -> list[str]:
    """The words that name the thing described: of each part between commas those before "who", "with", "of" and the like."""
    heads: list[str] = []
    in_head = True
    for word in words:
        in_head = word == "_" or (in_head and word not in _PHRASE_BREAKS)
        if in_head:
            heads.append(word)
    return heads


def first_named(words: Sequence[str], keys: Iterable[str]) -> str | None:
    """The key that the words name first, the longest of several at one position. A plural counts as its singular."""
    return min(_occurrences(words, keys), default=(0, 0, None))[2]


def last_named(words: Sequence[str], keys: Iterable[str]) -> str | None:
    """The key that the words name last, the longest of several at one position: "museum" in "harbour museum"."""
    return min(((end, at, key) for at, end, key in _occurrences(words, keys)), default=(0, 0, None))[2]


def _occurrences(words: Sequence[str], keys: Iterable[str]) -> Iterator[tuple[int, int, str]]:
    """(start, -end, key) of every occurrence of a key."""
    for key in keys:
        parts = key.split()
        for at in range(len(words) - len(parts) + 1):
            end = at + len(parts)
            if words[end - 1].startswith(parts[-1]) and has(words[at:end], key):
                yield at, -end, key


def main_word(name: Sequence[str], about: Sequence[str], known: Iterable[str], near: Iterable[str]) -> str | None:
    """The word of `known`, or else of `near`, that says what something is.

    The heads of the description count first, then the name, then all words. Of several known words the first in the order of `known`
    counts. A phrase of `near` comes before a word of `known` that it contains: "guinea pig" before "pig".
    """
    known, near = list(known), list(near)
    heads = heads_of(about)
    in_known = partial(_first_contained, known)
    return (
        first_named([*name, "_", *heads], (word for word in near if " " in word))
        or (in_known([*name, "_", *heads]) if in_known(heads) else None)
        or first_named(heads, near)
        or in_known(name)
        or first_named(name, near)
        or in_known([*name, "_", *about])
        or first_named(about, near)
    )


def _first_contained(known: Iterable[str], words: Sequence[str]) -> str | None:
    """The first of `known` that the words contain."""
    return next((word for word in known if has(words, word)), None)


def colors_in(words: Iterable[str]) -> list[str]:
    """Every colour that the words name, as `#rrggbb`, in order."""
    words = list(words)
    return [_shaded(words, index) for index, word in enumerate(words) if word in COLORS]


def color_before(words: Sequence[str], noun: str, reach: int = 3) -> str | None:
    """The colour of a thing: the nearest colour word at most `reach` words before `noun`, or after it in "coat of red", "coat is red"."""
    parts = noun.split()
    for at in range(len(words) - len(parts) + 1):
        phrase = words[at : at + len(parts)]
        if phrase != parts and phrase != [*parts[:-1], f"{parts[-1]}s"]:
            continue
        for index in range(at - 1, max(-1, at - 1 - reach), -1):
            if words[index] in COLORS:
                return _shaded(words, index)
            if words[index] in ("_", "and", "with", "in", "a", "an", "the", "her", "his", "its", "their"):
                break
        after = at + len(parts)
        if words[after : after + 1] in (["of"], ["is"]) and words[after + 1 : after + 2] and words[after + 1] in COLORS:
            return COLORS[words[after + 1]]
    return None


def _shaded(words: Sequence[str], index: int) -> str:
    """The colour of the word at `index`, shaded by the word before it: "dark red"."""
    color = COLORS[words[index]]
    amount = _SHADES.get(words[index - 1], 0.0) if index else 0.0
    if not amount:
        return color
    goal = 255 if amount > 0 else 16
    channels = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(c + (goal - c) * abs(amount)):02x}" for c in channels)


class Draw:
    """Choices drawn from a seed. Each is independent of the others, so that a new choice leaves the old ones as they were."""

    def __init__(self, *parts: object) -> None:
        self._root = "\x1f".join(str(part) for part in parts)

    def number(self, name: str) -> float:
        """A number in 0..1 for the choice `name`."""
        digest = hashlib.blake2b(f"{self._root}\x1f{name}".encode(), digest_size=8).digest()
        return int.from_bytes(digest) / 2**64

    def between(self, name: str, low: float, high: float) -> float:
        """A number in `low`..`high`, rounded to three places."""
        return round(low + (high - low) * self.number(name), 3)

    def pick(self, name: str, options: Sequence[Value]) -> Value:
        """One of `options`, all equally likely."""
        return options[min(len(options) - 1, int(self.number(name) * len(options)))]

    def chance(self, name: str, probability: float) -> bool:
        """True with `probability`."""
        return self.number(name) < probability
