"""What the storybook planner knows about nouns, and the words that set a style, a time of day or a weather."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from memory.model.canon import CharacterKind
from planners.data_file import DataFile, WordList, read_data_file
from planners.plan.vocabulary import Style, TimeOfDay, Weather

__all__ = [
    "ABSTRACT",
    "CARRIED",
    "COMMON_NAMES",
    "CREWS",
    "FEMALE",
    "FORMS",
    "GROUPS",
    "KINDS",
    "MALE",
    "NAMES",
    "NUMBERS",
    "STYLE_WORDS",
    "TIME_WORDS",
    "WEATHER_WORDS",
    "YOUNG",
    "LexiconTables",
]


class LexiconTables(DataFile):
    """The tables of `data/lexicon.yaml`; each is described there."""

    kinds: dict[CharacterKind, WordList]
    forms: WordList
    abstract: WordList
    female: WordList
    male: WordList
    young: WordList
    groups: dict[str, tuple[str, ...]]
    crews: dict[str, tuple[str, ...]]
    numbers: dict[str, int]
    carried: dict[str, str]
    names: dict[str, WordList]
    common_names: dict[str, WordList]


_TABLES: Final = read_data_file(Path(__file__).with_name("data") / "lexicon.yaml", LexiconTables)

KINDS: Final[dict[str, CharacterKind]] = {noun: kind for kind, nouns in _TABLES.kinds.items() for noun in nouns}
"""Nouns that can be a character."""
FORMS: Final = frozenset(_TABLES.forms)
"""Nouns that name a form of film, or nothing at all: they never become characters."""
ABSTRACT: Final = frozenset(_TABLES.abstract)
FEMALE: Final = frozenset(_TABLES.female)
MALE: Final = frozenset(_TABLES.male)
YOUNG: Final = frozenset(_TABLES.young)
GROUPS: Final = _TABLES.groups
"""Nouns for several characters, with the roles of their members."""
CREWS: Final = _TABLES.crews
"""Roles of a staff or crew by workplace."""
NUMBERS: Final = _TABLES.numbers
CARRIED: Final = _TABLES.carried
"""What a character always carries."""
NAMES: Final = _TABLES.names
COMMON_NAMES: Final = _TABLES.common_names
"""Given names often used in prompts."""

STYLE_WORDS: Final[tuple[tuple[str, Style], ...]] = (
    (r"\bnoir\b|\b19[2-4]0s\b|\bhard-?boiled\b|\bprivate eye\b", "noir"),
    (r"\bneon\b|\bcyberpunk\b|\bsynthwave\b|\bblade runner\b", "neon"),
    (r"\bwes anderson\b|\bpastel\b|\bsymmetrical\b|\bwhimsical\b", "pastel"),
    (r"\bsit-?com\b|\bcomedy\b|\bfunny\b|\bslapstick\b|\bfarce\b", "sitcom"),
    (r"\bstorybook\b|\bfairy ?tale\b|\bbedtime\b|\bpicture ?book\b|\bwatercolou?r\b|\bgentle\b|\bfable\b", "storybook"),
    (r"\bsci-?fi\b|\bscience fiction\b|\bspace\b|\bspaceship\b|\bastronauts?\b|\bdeep-?sea\b|\bmars\b|\balien", "scifi"),
    (
        r"\bexplain(?:s|ed)?\b|\bhow (?:an? |the )?[\w-]+ \w+s?\b.*\btold\b|\blesson\b|\bclassroom\b|\bdocumentary\b|\bteach (?:me|us|kids)\b",
        "classroom",
    ),
    (r"\bdrama\b|\bcourtroom\b|\btragedy\b|\bgrief\b|\bthriller\b|\bdetective\b|\bmurder\b", "drama"),
)

TIME_WORDS: Final[tuple[tuple[str, TimeOfDay], ...]] = (
    (r"\b(?:night|midnight|nocturnal|moonlit|noir|neon|star(?:s|ry|light)?)\b", "night"),
    (r"\b(?:dusk|evening|sunset|twilight)\b", "dusk"),
    (r"\b(?:dawn|sunrise|daybreak|early morning)\b", "dawn"),
)
WEATHER_WORDS: Final[tuple[tuple[str, Weather], ...]] = (
    (r"\b(?:storm|thunderstorm|thunder|hurricane|lightning)\b", "storm"),
    (r"\b(?:rain|rainy|raining|drizzle|downpour|puddles?|noir)\b", "rain"),
    (r"\b(?:snow|snowy|snowing|blizzard|winter|snowman|frost|ice)\b", "snow"),
    (r"\b(?:fog|foggy|mist|misty)\b", "fog"),
    (r"\b(?:wind|windy|gale|breeze)\b", "wind"),
)
