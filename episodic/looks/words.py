"""Reading a description: colours, and which words of a table it holds. Shared by every kind of look."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final, TypeVar

__all__ = [
    "COLORS",
    "Draw",
    "color_before",
    "colors_in",
    "first_of",
    "has",
    "heads_of",
    "meant",
    "phrase_before",
    "said_first",
    "said_last",
    "words_of",
]

Value = TypeVar("Value")

COLORS: Final[dict[str, str]] = {
    "red": "#c8202e", "scarlet": "#d01f2a", "crimson": "#a91d35", "ruby": "#a3163a", "burgundy": "#6d1a32", "maroon": "#70202c",
    "orange": "#e87f24", "amber": "#e8a02c", "rust": "#b0532a", "rusty": "#b0532a", "copper": "#b46a3c", "bronze": "#a5793f",
    "yellow": "#f4c421", "gold": "#dca832", "golden": "#e3b445", "mustard": "#d29d2b", "lemon": "#f2dc52", "straw": "#e2c46a",
    "green": "#3f9150", "emerald": "#1f8a5f", "olive": "#77803a", "lime": "#9ac83f", "mint": "#9ed9b8", "moss": "#6d8246",
    "teal": "#20868a", "turquoise": "#36b3ae", "cyan": "#3fbfd6", "blue": "#2f62b5", "navy": "#24345f", "azure": "#4d9be0",
    "indigo": "#3d3a86", "cobalt": "#274c9e", "sapphire": "#2653a8", "purple": "#74429a", "violet": "#7d55b8", "lilac": "#b49ad6",
    "lavender": "#b9a6dc", "plum": "#6f3563", "magenta": "#c23a8c", "pink": "#ec8fae", "rose": "#e06d86", "coral": "#ef7f68",
    "peach": "#f4b48c", "salmon": "#ee8f7b", "brown": "#7d5236", "chestnut": "#7c4a2d", "tan": "#c59d6c", "beige": "#d8c4a0",
    "cream": "#f1e4c8", "ivory": "#f2ead6", "khaki": "#a89a68", "white": "#f4f1ea", "snowy": "#f4f4f2", "black": "#2a2730",
    "ebony": "#2b2422", "charcoal": "#43434c", "grey": "#8d8f97", "gray": "#8d8f97", "silver": "#b9bec8", "silvery": "#b9bec8",
    "steel": "#7e8c9c",
}  # fmt: skip
"""Colour words as pigments of one paint box."""

_TURNING: Final = (
    "who that which whose with without in on of and or but from at by to for as like near over under above below behind "
    "beside beneath into inside outside through along around across between against holding carrying wearing made full"
)
_TURNS: Final = frozenset(_TURNING.split())
"""After these, words say more about a thing than what it is."""
_SHADES: Final = {"dark": -0.45, "deep": -0.3, "pale": 0.45, "light": 0.35, "bright": 0.0, "faded": 0.2, "midnight": -0.5}


def words_of(text: str) -> list[str]:
    """The lower-case words of a text, hyphens taken apart; `_` stands where a comma, full stop or the like divides it."""
    plain = text.lower().replace("-", " ").replace("'s", "").replace("’s", "")
    return ["_" if mark in ",.;:()" else mark for mark in re.findall(r"[a-z]+(?:'[a-z]+)?|[,.;:()]", plain)]


def phrase_before(words: Sequence[str], at: int, reach: int = 3) -> list[str]:
    """At most `reach` words before a place, none from before a comma or full stop."""
    near = list(words[max(0, at - reach) : at])
    while "_" in near:
        near = near[near.index("_") + 1 :]
    return near


def has(words: Sequence[str], *wanted: str) -> bool:
    """Whether one of the words or phrases is there, a plural counting as its singular."""
    joined = f" {' '.join(words)} "
    return any(f" {one} " in joined or f" {one}s " in joined or f" {one}es " in joined for one in wanted)


def first_of(words: Sequence[str], table: Mapping[str, Value]) -> Value | None:
    """The value of the first key of `table`, in the table's order, that the words hold."""
    return next((value for key, value in table.items() if has(words, key)), None)


def heads_of(words: Sequence[str]) -> list[str]:
    """What a description is of: of each part between commas the words before "who", "with", "of" and the like."""
    heads: list[str] = []
    open_ = True
    for word in words:
        open_ = word == "_" or (open_ and word not in _TURNS)
        if open_:
            heads.append(word)
    return heads


def said_first(words: Sequence[str], keys: Iterable[str]) -> str | None:
    """The key that the words name first, a plural counting as its singular; of several at one place the longest."""
    return min(_said(words, keys), default=(0, 0, None))[2]


def said_last(words: Sequence[str], keys: Iterable[str]) -> str | None:
    """The key that the words name last: in a name such as "harbour museum" what it is. Of several at one place the longest."""
    return min(((end, at, key) for at, end, key in _said(words, keys)), default=(0, 0, None))[2]


def _said(words: Sequence[str], keys: Iterable[str]) -> Iterator[tuple[int, int, str]]:
    """(where it begins, -where it ends, key) of every key that the words name."""
    for key in keys:
        parts = key.split()
        for at in range(len(words) - len(parts) + 1):
            end = at + len(parts)
            if words[end - 1].startswith(parts[-1]) and has(words[at:end], key):
                yield at, -end, key


def meant(name: Sequence[str], about: Sequence[str], known: Iterable[str], near: Iterable[str]) -> str | None:
    """The word of `known`, or else of `near`, that says what something is: by its description's heads, then its name, then anything.

    Of several known words the first in the order of `known` counts; "guinea pig" in `near` comes before "pig" in `known`.
    """
    known, near = list(known), list(near)
    heads = heads_of(about)
    in_known = partial(_first_known, known)
    return (
        said_first([*name, "_", *heads], (one for one in near if " " in one))
        or (in_known([*name, "_", *heads]) if in_known(heads) else None)
        or said_first(heads, near)
        or in_known(name)
        or said_first(name, near)
        or in_known([*name, "_", *about])
        or said_first(about, near)
    )


def _first_known(known: Iterable[str], words: Sequence[str]) -> str | None:
    return next((one for one in known if has(words, one)), None)


def colors_in(words: Iterable[str]) -> list[str]:
    """Every colour the words name, as `#rrggbb`, in order."""
    words = list(words)
    return [_shaded(words, index) for index, word in enumerate(words) if word in COLORS]


def color_before(words: Sequence[str], noun: str, reach: int = 3) -> str | None:
    """The colour of a thing: the nearest colour word at most `reach` words before it, or in "coat of red", or "coat is red"."""
    parts = noun.split()
    for at in range(len(words) - len(parts) + 1):
        here = words[at : at + len(parts)]
        if here != parts and here != [*parts[:-1], f"{parts[-1]}s"]:
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
    color = COLORS[words[index]]
    amount = _SHADES.get(words[index - 1], 0.0) if index else 0.0
    if not amount:
        return color
    goal = 255 if amount > 0 else 16
    channels = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(c + (goal - c) * abs(amount)):02x}" for c in channels)


class Draw:
    """Choices drawn from a seed: each named choice is independent of the others, so that one more question moves no answer."""

    def __init__(self, *parts: object) -> None:
        self._root = "\x1f".join(str(part) for part in parts)

    def number(self, name: str) -> float:
        """0..1."""
        digest = hashlib.blake2b(f"{self._root}\x1f{name}".encode(), digest_size=8).digest()
        return int.from_bytes(digest) / 2**64

    def between(self, name: str, low: float, high: float) -> float:
        """A number in low..high, to the millimetre."""
        return round(low + (high - low) * self.number(name), 3)

    def pick(self, name: str, options: Sequence[Value]) -> Value:
        """One of the options."""
        return options[min(len(options) - 1, int(self.number(name) * len(options)))]

    def chance(self, name: str, probability: float) -> bool:
        """Whether something is so."""
        return self.number(name) < probability
