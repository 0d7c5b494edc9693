"""English word forms: what a sentence needs when its words come from somebody's prompt."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from planners.data_file import DataFile, read_data_file

__all__ = ["InflectionTables", "article", "gerund", "listing", "past", "plural", "sentence_case", "third", "words"]


def words(text: str) -> list[str]:
    """A word list as it is written in a source file."""
    return text.split()


class InflectionTables(DataFile):
    """The tables of `data/inflections.yaml`; each is described there."""

    past: dict[str, str]
    plural: dict[str, str]
    doubled_consonant: frozenset[str]


_TABLES: Final = read_data_file(Path(__file__).with_name("data") / "inflections.yaml", InflectionTables)
_VOWEL: Final = "aeiou"
_AN_ANYWAY: Final = re.compile(r"(?:hour|honest|honou?r|heir|8|11\b|18\b)", re.IGNORECASE)
_A_ANYWAY: Final = re.compile(r"(?:uni(?!n)|use|usu|uk|euro|one\b|once|ut[ei]|ubiq)", re.IGNORECASE)


def article(noun: str) -> str:
    """`a` or `an`, by how the word sounds."""
    if _A_ANYWAY.match(noun):
        return "a"
    return "an" if noun[:1].lower() in _VOWEL or _AN_ANYWAY.match(noun) else "a"


def _doubles(verb: str) -> bool:
    """Whether the last consonant doubles: stop, run, begin, but not visit, play, help."""
    if len(verb) < 3 or verb[-1] in "aeiouwxy" or verb[-2] not in _VOWEL or verb[-3] in _VOWEL:
        return False
    syllables = len(re.findall(r"[aeiouy]+", verb))
    return syllables == 1 or verb in _TABLES.doubled_consonant


def third(verb: str) -> str:
    """The third person: befriend, befriends."""
    if verb in {"be", "have", "do", "go"}:
        return {"be": "is", "have": "has", "do": "does", "go": "goes"}[verb]
    if verb.endswith(("s", "x", "z", "ch", "sh", "o")):
        return verb + "es"
    if verb.endswith("y") and verb[-2:-1] not in _VOWEL:
        return verb[:-1] + "ies"
    return verb + "s"


def gerund(verb: str) -> str:
    """The -ing form: dance, dancing."""
    if verb == "be":
        return "being"
    if verb.endswith("ie"):
        return verb[:-2] + "ying"
    if verb.endswith("e") and not verb.endswith(("ee", "oe", "ye")):
        return verb[:-1] + "ing"
    return verb + (verb[-1] if _doubles(verb) else "") + "ing"


def past(verb: str) -> str:
    """The past tense: teach, taught."""
    if verb in _TABLES.past:
        return _TABLES.past[verb]
    if verb.endswith("e"):
        return verb + "d"
    if verb.endswith("y") and verb[-2:-1] not in _VOWEL:
        return verb[:-1] + "ied"
    return verb + (verb[-1] if _doubles(verb) else "") + "ed"


def plural(noun: str) -> str:
    """The plural of a noun or of the last word of a compound."""
    *before, last = noun.split(" ")
    if last in _TABLES.plural:
        many = _TABLES.plural[last]
    elif last.endswith(("s", "x", "z", "ch", "sh")):
        many = last + "es"
    elif last.endswith("y") and last[-2:-1] not in _VOWEL:
        many = last[:-1] + "ies"
    else:
        many = last + "s"
    return " ".join([*before, many])


def listing(names: list[str]) -> str:
    """Names as a sentence says them: `Ana, Bo and Cy`."""
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


_STARTS: Final = re.compile(r"(^|[.!?…][\"”’)]*\s+)([\"“‘(]*)([a-z])")


def sentence_case(text: str) -> str:
    """`text` with a capital at the start of every sentence."""
    return _STARTS.sub(lambda match: match[1] + match[2] + match[3].upper(), text)
