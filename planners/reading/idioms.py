"""Replace idioms, light verbs and phrasal verbs by plain verbs before a text is parsed."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Final

from planners.data_file import DataFile, WordList, read_data_file
from planners.knowledge.wordnet import open_wordnet
from planners.reading.english import VerbForm, verb_form, verb_lemma

__all__ = ["IdiomTables", "event_of_adjective", "event_of_noun", "replace_idioms", "replace_phrases"]

_TOKEN: Final = re.compile(r"[\w'’-]+|[^\w\s]")
_LONGEST_GAP: Final = 4
_DETERMINERS: Final = frozenset(["a", "an", "the", "his", "her", "its", "their", "my", "our", "your", "some"])


class IdiomTables(DataFile):
    """The tables of `data/idioms.yaml`; each is described there."""

    particles: WordList
    object_starts: WordList
    be_forms: WordList
    phrases: dict[str, str]
    verbs: dict[str, str]
    adjectives: dict[str, str]
    nominals: dict[str, str]


@cache
def _tables() -> IdiomTables:
    """The tables, read once."""
    return read_data_file(Path(__file__).with_name("data") / "idioms.yaml", IdiomTables)


@cache
def _by_verb() -> dict[str, list[tuple[list[str], list[str]]]]:
    """Patterns and replacements by the pattern's verb, the longest first."""
    patterns: dict[str, list[tuple[list[str], list[str]]]] = defaultdict(list)
    for idiom, plain in sorted(_tables().verbs.items(), key=lambda pair: -len(pair[0].split())):
        patterns[idiom.split()[0]].append((idiom.split()[1:], plain.split()))
    return patterns


@cache
def _phrases() -> re.Pattern[str]:
    """A pattern for all phrases of the table."""
    return re.compile(rf"\b(?:{'|'.join(sorted(map(re.escape, _tables().phrases), key=len, reverse=True))})\b", re.IGNORECASE)


def replace_phrases(text: str) -> str:
    """The text with plain prepositions for compound ones: `with` for `with the help of`."""
    return _phrases().sub(lambda match: _in_case_of(match.group(), _tables().phrases[match.group().lower()]), text)


def _in_case_of(word: str, plain: str) -> str:
    return plain.capitalize() if word[0].isupper() else plain


def event_of_adjective(adjective: str) -> str | None:
    """The verb that shows an adjective said of somebody: `asleep` is `sleep`."""
    return _tables().adjectives.get(adjective)


def event_of_noun(noun: str) -> str | None:
    """The verb that shows an event named by a noun: `rescue` for a `mountain rescue`."""
    nominals = _tables().nominals
    return nominals.get(noun) or nominals.get(noun.rpartition(" ")[2])


def _form_of(word: str, lemma: str) -> VerbForm:
    """The form in which a verb stands, from its spelling."""
    low = word.lower()
    if low == lemma:
        return "VB"
    return next((form for form in ("VBZ", "VBG", "VBD", "VBN") if verb_form(lemma, form) == low), "VBD")


def _match(pattern: list[str], tokens: list[str], at: int) -> tuple[int, list[list[str]]] | None:
    """Where a pattern that begins at a token ends, and the words of each of its gaps that is not at the end."""
    gaps: list[list[str]] = []
    for index, part in enumerate(pattern):
        if part == "*":
            if index == len(pattern) - 1:
                return (at, gaps) if at < len(tokens) and tokens[at].isalnum() and not _only_verb(tokens[at]) else None
            end = _gap_end(tokens, at, pattern[index + 1])
            if end is None:
                return None
            gaps.append(tokens[at:end])
            at = end
        elif at < len(tokens) and _fits(part, tokens[at].lower()):
            at += 1
        else:
            return None
    return at, gaps


def _governs_clause(tokens: list[str], at: int) -> bool:
    """Whether what is waited for does something: `waits for his daughter to return`."""
    after = tokens[at : at + _LONGEST_GAP + 1]
    to = next((index for index, token in enumerate(after) if not token[0].isalnum() or token in {"to", "and", "at", "in"}), 0)
    return to > 0 and after[to] == "to" and len(after) > to + 1 and after[to + 1].lower() == verb_lemma(after[to + 1])


def _only_verb(word: str) -> bool:
    """Whether a word can only be a verb: `lie to protect` is no lie to somebody."""
    wordnet = open_wordnet()
    return wordnet.is_verb(word) and not wordnet.is_noun(word) and not wordnet.is_adjective(word)


def _fits(part: str, token: str) -> bool:
    """Whether a token stands for a word of a pattern. Determiners are interchangeable."""
    return token in {part, part + "s"} or (part in _DETERMINERS and token in _DETERMINERS)


def _gap_end(tokens: list[str], at: int, following: str) -> int | None:
    """Where a gap that begins at a token ends: before the next word of the pattern."""
    for end in range(at + 1, min(at + _LONGEST_GAP, len(tokens) - 1) + 1):
        if not re.match(r"[\w'’-]+$", tokens[end - 1]):
            return None
        if _fits(following, tokens[end].lower()):
            return end
    return None


def replace_idioms(text: str) -> tuple[str, dict[int, str]]:
    """The text with plain verbs, and by the position of each new verb the idiom, in plain form, that it stands for."""
    idioms: dict[int, str] = {}
    matches = list(_TOKEN.finditer(text))
    tokens = [match.group() for match in matches]
    pieces: list[str] = []
    at = copied = 0
    while at < len(tokens):
        lemma = verb_lemma(tokens[at]) if tokens[at].isalpha() and not tokens[at][0].isupper() else ""
        for pattern, plain in _by_verb().get(lemma, ()):
            result = _match(pattern, tokens, at + 1)
            if result is None or (plain[0] == "become" and at and tokens[at - 1].lower() in _tables().be_forms):
                continue
            end, gaps = result
            if pattern[-2:] == ["for", "*"] and _governs_clause(tokens, end):
                continue
            if (
                pattern
                and pattern[-1] in _tables().particles
                and end < len(tokens)
                and tokens[end].lower() in _tables().object_starts
            ):
                continue
            verb = verb_form(plain[0], _form_of(tokens[at], lemma))
            words = [
                verb,
                *(word for part in plain[1:] for word in (gaps[0] if part == "*" and gaps else [] if part == "*" else [part])),
            ]
            pieces.append(text[copied : matches[at].start()])
            filled = iter(gaps)
            parts = (" ".join(next(filled, [])) if part == "*" else part for part in pattern)
            idioms[sum(map(len, pieces))] = " ".join(part for part in (lemma, *parts) if part)
            pieces.append(" ".join(words))
            copied = matches[end - 1].end()
            at = end - 1
            break
        at += 1
    return "".join([*pieces, text[copied:]]), idioms
