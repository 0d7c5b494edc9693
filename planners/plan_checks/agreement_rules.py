"""Rules of the grammar checks about agreement and number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from planners.plan_checks.grammar_words import RuleHit, grammar_words
from planners.plan_checks.token_tests import (
    SINGULAR_VERB,
    SUBJECTS,
    has_child,
    is_compound_part,
    is_several,
    is_single,
    joined_text,
    leading_verb,
    neighbour,
)
from planners.reading.english import plural, singular, verb_lemma
from planners.reading.spacy_without_torch import Span, Token

__all__ = ["agreement_hits", "inversion_hits", "number_hits"]

_WRONG_WITH: Final = {
    "i": frozenset({"is", "are", "has", "does", "were"}),
    "you": frozenset({"is", "was", "has", "does", "am"}),
    "we": frozenset({"is", "was", "has", "does", "am"}),
    "they": frozenset({"is", "was", "has", "does", "am"}),
    "he": frozenset({"are", "have", "do", "am", "were"}),
    "she": frozenset({"are", "have", "do", "am", "were"}),
    "it": frozenset({"are", "have", "do", "am", "were"}),
}
"""Forms that do not agree with a pronoun."""
_INDEFINITE: Final = frozenset(
    f"{first}{second}" for first in ("every", "any", "some", "no") for second in ("body", "one", "thing")
)
"""Pronouns that take a verb in the singular."""
_WRONG_BEFORE: Final = {
    "is": frozenset({"i", "you", "we", "they"}),
    "does": frozenset({"i", "you", "we", "they"}),
    "has": frozenset({"i", "you", "we", "they"}),
    "was": frozenset({"you", "we", "they"}),
    "are": frozenset({"i", "he", "she", "it"}),
    "were": frozenset({"i", "he", "she", "it"}),
    "have": frozenset({"he", "she"}),
    "do": frozenset({"he", "she"}),
}
"""Pronouns that a question cannot put after a verb."""
_QUESTION_WORDS: Final = frozenset({"what", "where", "when", "why", "how", "who"})


def agreement_hits(token: Token) -> Iterator[RuleHit]:
    """A verb that does not agree with the subject `token`."""
    if token.dep_ == "expl" and token.lower_ == "there":
        yield from _existence_hits(token)
    if token.dep_ not in SUBJECTS:
        return
    verb, before = leading_verb(token.head), neighbour(token, -1)
    inverted = before is not None and before.pos_ == "ADP"
    questioned = verb.lower_ in {"do", "does", "did"} and verb.i > token.i and token.sent[-1].text == "?"
    far = any(between.is_punct for between in token.doc[min(token.i, verb.i) : max(token.i, verb.i)])
    if inverted or questioned or (far and token.lower_ in _WRONG_WITH):
        return
    if token.lower_ in _WRONG_WITH:
        if _disagrees_with_pronoun(token, verb):
            yield "agreement", joined_text(token, verb)
    elif has_child(token, "cc") and (joined := [child for child in token.conjuncts if child.head.i == token.i]):
        if _are_separate(token, joined) and _is_singular_form(verb):
            yield "agreement", joined_text(token, joined[-1], verb)
    elif token.lower_ in _INDEFINITE:
        if _is_plural_form(token, verb):
            yield "agreement", joined_text(token, verb)
    elif _is_singular_form(verb) and is_several(token):
        if before is None or before.lower_ not in {"each", "every"}:
            yield "agreement", joined_text(token, verb)
    elif verb.tag_ == "VBP" and verb.lower_ != "am" and verb.i > token.i and is_single(token):
        after = neighbour(verb)
        compound = verb.i == token.i + 1 and after is not None and after.tag_ in {"VBZ", "VBD", "MD"}
        if not compound and token.head.dep_ != "ccomp" and not any(child.lower_ == "of" for child in token.children):
            yield "agreement", joined_text(token, verb)
    elif token.lower_ in {"who", "that", "which"} and token.head.dep_ == "relcl" and verb.tag_ == "VBZ":
        noun = token.head.head
        if noun.i == token.i - 1 and is_several(noun) and not any(above.lower_ in {"one", "each"} for above in noun.ancestors):
            yield "agreement", joined_text(noun, token, verb)


def _is_singular_form(verb: Token) -> bool:
    """Whether a verb agrees with a singular subject only."""
    return verb.tag_ == "VBZ" or verb.lower_ == "was"


def _is_plural_form(token: Token, verb: Token) -> bool:
    """Whether a verb that follows its subject is plural, and no plain form after another verb: `let everybody have`."""
    clause = token.head
    plain = clause.head.lemma_ in grammar_words().with_plain_form and clause.dep_ in {"ccomp", "xcomp"}
    follows = token.i < verb.i <= token.i + 2 and token.sent[-1].text != "!" and not has_child(token, "prep", "conj", "relcl")
    return (
        follows and not plain and not _is_helped(token) and (verb.tag_ == "VBP" or verb.lower_ == "were") and not _is_wish(token)
    )


def _is_helped(token: Token) -> bool:
    """Whether an auxiliary before the subject takes the ending: `does he know`."""
    earlier = token.sent[: token.i - token.sent.start]
    return any(word.lower_ in {"let", "make", "does", "did", "do", "may", "that"} or word.tag_ == "MD" for word in earlier)


def _is_wish(token: Token) -> bool:
    """Whether a sentence may speak of what is not so."""
    return any(word.lower_ in {"if", "wish", "as", "though", "suppose", "would", "unless", "rather"} for word in token.sent)


def _are_separate(first: Token, joined: list[Token]) -> bool:
    """Whether nouns joined by `and` are several, not one: two names, or each with its determiner."""
    if not any(child.lower_ == "and" for child in first.children):
        return False
    if any(child.lower_ in {"every", "each"} for child in first.children):
        return False
    nouns = (first, *joined)
    return all(noun.tag_ == "NNP" for noun in nouns) or all(has_child(noun, "det", "poss") for noun in nouns)


def _disagrees_with_pronoun(token: Token, verb: Token) -> bool:
    """Whether a verb does not agree with a pronoun."""
    low, clause = token.lower_, token.head
    small_clause = clause.head.lemma_ in grammar_words().with_plain_form and clause.dep_ in {"ccomp", "xcomp"}
    if small_clause or has_child(token, "conj", "prep"):
        return False
    if verb.lower_ in _WRONG_WITH[low]:
        subjunctive = verb.lower_ == "were" and (_is_wish(token) or verb.i < token.i)
        imperative = verb.lower_ in {"do", "have"} and verb.i < token.i and verb.i == verb.sent.start
        identity = verb.lower_ in {"is", "was"} and verb.i < token.i and token.sent[0].lower_ in {"who", "what"}
        return not subjunctive and not imperative and not identity
    if low in {"i", "you", "we", "they"}:
        return verb.tag_ == "VBZ" and verb.lower_ not in SINGULAR_VERB and verb.i > token.i
    plain = verb.tag_ in {"VBP", "VB"} and verb.lower_ == verb_lemma(verb.lower_) and verb.lower_ not in {"be", "let"}
    return plain and verb.i == token.i + 1 and clause.dep_ in {"ROOT", "conj"} and not _is_helped(token)


def _existence_hits(token: Token) -> Iterator[RuleHit]:
    """`There is four marks.`"""
    verb, words = leading_verb(token.head), grammar_words()
    noun = next((child for child in token.head.children if child.dep_ in {"attr", "nsubj"} and child.i > verb.i), None)
    if noun is None:
        return
    numbered = any(child.dep_ == "nummod" and child.lower_ not in {"one", "1"} for child in noun.children)
    amount = not words.amount_nouns.isdisjoint({noun.lower_, singular(noun.lower_)})
    several = is_several(noun) or (noun.tag_ == "NNS" and numbered and noun.lower_ not in words.invariant)
    amounts = any(child.lower_ in {"of", "few", "many"} for child in noun.children)
    wrong = (verb.lower_ in {"is", "was", "has"} and several and not amount) or (
        verb.lower_ in {"are", "were"} and is_single(noun) and not amounts
    )
    if wrong:
        yield "agreement", joined_text(token, verb, noun)


def number_hits(token: Token) -> Iterator[RuleHit]:
    """Determiners and numbers that do not fit their noun."""
    words, low, after, noun = grammar_words(), token.lower_, neighbour(token), token.head
    distance = noun.i - token.i
    if after is None or distance not in {1, 2} or (distance == 2 and after.pos_ != "ADJ") or is_compound_part(noun):
        return
    is_determiner = token.dep_ == "det"
    if low in {"a", "an"} and is_determiner:
        amounts = {"few", "great", "good", "thousand", "hundred", "dozen", "million", "couple"}
        if (is_several(noun) and after.lower_ not in amounts) or (
            distance == 1 and noun.lower_ in words.no_article | words.plural_only
        ):
            yield "article", joined_text(token, noun)
    elif low in {"each", "every", "another", "this", "that"} and is_determiner:
        clause = low == "that" and noun.dep_ in SUBJECTS and not token.is_sent_start
        if distance == 1 and is_several(noun) and not clause:
            yield "number", joined_text(token, noun)
    elif low in words.many_words and token.dep_ in {"nummod", "det", "amod"} and noun.tag_ == "NN":
        countable = singular(noun.lower_) == noun.lower_ != plural(noun.lower_)
        if countable and noun.lower_ not in words.invariant | words.collective:
            yield "number", joined_text(token, noun)
    elif low == "much" and distance == 1 and token.dep_ == "amod" and is_several(noun):
        yield "number", joined_text(token, noun)


def inversion_hits(sentence: Span) -> Iterator[RuleHit]:
    """Questions whose verb does not agree: `Is you ready?`"""
    tokens = [token for token in sentence if not token.is_space and token.text not in {"“", '"', "‘", "'"}]
    start = 1 if tokens and tokens[0].lower_ in _QUESTION_WORDS else 0
    if len(tokens) < start + 3:
        return
    verb, subject = tokens[start].lower_, tokens[start + 1].lower_
    wrong = subject in _WRONG_BEFORE.get(verb, ()) or (verb == "do" and subject == "it" and start == 1)
    wish = verb == "were" and sentence[-1].text != "?"
    identity = start == 1 and tokens[0].lower_ == "who" and verb in {"is", "was"}
    if wrong and not wish and not identity:
        yield "agreement", joined_text(tokens[start], tokens[start + 1])
