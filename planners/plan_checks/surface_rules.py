"""Rules of the grammar checks that need no parse: placeholders, doubled words, articles, marks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Final

from planners.plan_checks.grammar_words import RuleHit, grammar_words, is_wrong_form, takes_an
from planners.plan_checks.plan_texts import TextKind

__all__ = ["surface_hits"]

_WORD: Final = re.compile(r"[A-Za-z][A-Za-z'’]*|\d+")
_BRACES: Final = re.compile(
    r"[{}\[\]<>|\\]|\$\w|%[sd]\b|__|\b[a-z]+_[a-z_]+\b|\b(?:agent|theme|patient|recipient|opponent|verb)\.[a-z]+\b"
)
_DOUBLED: Final = re.compile(r"\b([A-Za-z']+) \1\b", re.IGNORECASE)
_ARTICLE: Final = re.compile(r"(?<![\w'’-])(a|an|A|An) (?:[\"“‘(])?([A-Za-z0-9][\w'’-]*)")
_TWO_DETERMINERS: Final = re.compile(
    r"\b(a|an|the|my|your|his|its|our|their) (?:(a|an|the|my|your|its|our|their)|(his|her))\b(?!-)", re.IGNORECASE
)
_EMPTY_SLOT: Final = re.compile(
    r"(?<![\w'’-])(?:the|an?|The|An|my|your|our|their|Your|Our|Their|Its)(?:[.,!?;:…]| (?:of|and|or|but|is|are|was|were|to|at|from|for|with|by|has|have|that|he|she|we|they|I)\b(?!-))"
)
_CONTRACTED_TWICE: Final = re.compile(r"['’]s ['’]s\b|\b\w+s['’]s['’]s\b|n['’]t not\b", re.IGNORECASE)
_MARKS: Final = re.compile(
    r" [,.;:!?](?!\.)|,\s*[.!?,;:]|[;:]\s*[.!?]|(?<!\.)\.\.(?!\.)|[!?]\.|\.[!?]|\(\s*\)|“\s*”|\"\s*\"|  +|^[,.;:!?)]"
)
_END: Final = re.compile(r"[.!?…—–][\"”’'»)]*$|-$")
_LOWER_START: Final = re.compile(r"^[\"“‘'(]?[a-z]|(?<=[a-z])[.!?] +[a-z]")
_LONE_I: Final = re.compile(r"(?<![\w.'’-])i(?:['’](?:m|ll|ve|d))?(?![\w'’.-])")


@cache
def _placeholder() -> re.Pattern[str]:
    """Words that a missing value leaves: `None`, `Quotenumbera`."""
    return re.compile(rf"\b(?:None|NaN|(?i:{'|'.join(grammar_words().placeholders)})[a-z]?)\b")


def surface_hits(text: str, kind: TextKind) -> Iterator[RuleHit]:
    """What breaks a rule in one text."""
    for match in (*_BRACES.finditer(text), *_placeholder().finditer(text)):
        if not (match[0] == "None" and (match.start() == 0 or text[match.end() :].startswith(" of"))):
            yield "placeholder", match[0]
    yield from _word_hits(text)
    for match in _MARKS.finditer(text):
        yield "marks", text[max(0, match.start() - 8) : match.end() + 3]
    if text.count("(") != text.count(")") or text.count("“") != text.count("”") or text.count('"') % 2:
        yield "marks", "an opening or closing mark is missing"
    for match in _LONE_I.finditer(text):
        yield "capital", match[0]
    if kind == "line":
        if not text.startswith(("…", "...")):
            for match in _LOWER_START.finditer(text):
                yield "capital", text[match.start() : match.end() + 8]
        if not _END.search(text.strip()):
            yield "end mark", text[-12:]
    elif text.rstrip()[-1:] in {",", ";", ":", "-"}:
        yield "end mark", text[-12:]


def _word_hits(text: str) -> Iterator[RuleHit]:
    """Doubled words, articles, words that do not exist, prepositions that clash."""
    words = grammar_words()
    for match in _DOUBLED.finditer(text):
        if match[1].lower() not in words.may_double and not (
            match[1][0].isupper() and match[1].lower() not in {"the", "a", "an"}
        ):
            yield "doubled word", match[0]
    for match in _ARTICLE.finditer(text):
        expected = takes_an(match[2])
        if match[1] == "A" and match.end(1) + 1 < len(text) and match.start() > 0 and text[match.start() - 1] != " ":
            continue
        if expected is not None and expected != (match[1].lower() == "an"):
            yield "a or an", match[0]
    for match in _TWO_DETERMINERS.finditer(text):
        if match[1].lower() != (match[2] or match[3]).lower() and not (match[3] and match[1].lower() in {"its", "his"}):
            yield "two determiners", match[0]
    for match in _EMPTY_SLOT.finditer(text):
        yield "unfinished", match[0]
    for match in _CONTRACTED_TWICE.finditer(text):
        yield "doubled word", match[0]
    low = [match[0].lower().replace("’", "'") for match in _WORD.finditer(text)]
    for word in low:
        if word in words.no_words:
            yield "no such word", word
    for match in _WORD.finditer(text):
        if match[0].islower() and is_wrong_form(match[0]):
            yield "no such word", match[0]
    for first, second in pairwise(low):
        if f"{first} {second}" in words.clashes and re.search(rf"\b{first} {second}\b", text, re.IGNORECASE):
            yield "two prepositions", f"{first} {second}"
