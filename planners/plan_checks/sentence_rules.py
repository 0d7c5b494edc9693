"""Rules of the grammar checks about pronouns, verb forms and sentences that break off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from planners.plan_checks.agreement_rules import agreement_hits, inversion_hits, number_hits
from planners.plan_checks.grammar_words import RuleHit, grammar_words, is_participle_only_by_mistake
from planners.plan_checks.plan_texts import TextKind
from planners.plan_checks.token_tests import SUBJECTS, has_child, joined_text, neighbour
from planners.reading.english import third_person, verb_lemma
from planners.reading.spacy_without_torch import Doc, Span, Token

__all__ = ["sentence_hits"]

_NOMINATIVE: Final = frozenset({"i", "he", "she", "we", "they"})
_ACCUSATIVE: Final = frozenset({"me", "him", "us", "them"})
_PRONOUN_VERBS: Final = frozenset({"am", "is", "are", "was", "were", "has", "have", "does", "do", "will", "can"})
_PERFECT: Final = frozenset({"has", "have", "had", "having", "'ve", "’ve"})
_BE: Final = frozenset({"is", "are", "was", "were", "am", "been", "being"})


def sentence_hits(doc: Doc, kind: TextKind) -> Iterator[RuleHit]:
    """What breaks a rule in one parsed text. The text of an action begins with `She`, its subject."""
    for token in doc:
        yield from _case_hits(token)
        yield from agreement_hits(token)
        yield from number_hits(token)
        yield from _verb_form_hits(token)
    for sentence in doc.sents:
        yield from _ending_hits(sentence)
        yield from inversion_hits(sentence)
    if kind == "action":
        yield from _phrase_hits(doc)


def _case_hits(token: Token) -> Iterator[RuleHit]:
    """Pronouns in the wrong case."""
    low, after, before = token.lower_, neighbour(token), neighbour(token, -1)
    after_verb = token.dep_ in {"dobj", "dative"} and before is not None and before.pos_ == "VERB"
    if (
        after_verb
        and low in _NOMINATIVE
        and after is not None
        and after.pos_ not in {"VERB", "AUX", "ADV", "PUNCT", "ADP", "CCONJ", "PART"}
    ):
        yield "pronoun case", joined_text(before, token)
    if low in _NOMINATIVE and before is not None and (after is None or after.pos_ in {"PUNCT", "ADP", "CCONJ"}):
        preposition = before.tag_ in {"IN", "TO"} and before.lower_ not in {"than", "as", "like", "so", "that"}
        an_object = token.dep_ in {"pobj", "dobj", "dative"} and before.lower_ not in {"is", "was", "than"}
        if preposition or an_object:
            yield "pronoun case", joined_text(before, token)
    if after is not None and after.tag_ in {"NN", "NNS"} and _is_wrong_possessive(token, after):
        yield "pronoun case", joined_text(token, after)
    if low in _ACCUSATIVE and _is_wrong_subject(token, before, after):
        yield "pronoun case", joined_text(token, after)


def _is_wrong_possessive(token: Token, noun: Token) -> bool:
    """Whether a pronoun stands for a possessive: `he bell`, `theirs box`."""
    if token.lower_ in {"theirs", "ours", "yours", "hers"}:
        return True
    if token.lower_ not in {"he", "she", "they", "we"} or noun.dep_ in {"npadvmod", "appos"}:
        return False
    beyond = neighbour(noun)
    return (
        token.head.i == noun.i and token.dep_ in {"det", "poss", "compound", "nmod"} and (beyond is None or beyond.pos_ != "VERB")
    )


def _is_wrong_subject(token: Token, before: Token | None, after: Token | None) -> bool:
    """Whether an object pronoun is the subject of a finite verb: `Where am me?`"""
    if (before is None or before.is_punct) and after is not None and after.lower_ in _PRONOUN_VERBS:
        return True
    if token.dep_ not in SUBJECTS or token.head.dep_ not in {"ROOT", "conj", "advcl", "relcl"} or has_child(token, "prep", "cc"):
        return False
    verb = next((child for child in token.head.children if child.dep_ in {"aux", "auxpass"}), token.head)
    return verb.tag_ in {"VBZ", "VBP", "VBD", "MD"} and (before is None or before.pos_ not in {"VERB", "ADP"})


def _verb_form_hits(token: Token) -> Iterator[RuleHit]:
    """Forms that cannot follow an auxiliary: `can steals`, `has stole`, `is steal`; `more heavier`."""
    after = neighbour(token)
    twice = token.lower_ in {"more", "most"} and after is not None and after.tag_ in {"JJR", "JJS", "RBR"}
    if twice and after is not None and after.lower_ not in {"more", "most", "less", "better"}:
        yield "comparison", joined_text(token, after)
    if after is not None and (after.pos_ == "ADV" or after.dep_ == "neg") and after.lower_ != "back":
        after = neighbour(after)
    governor = token.head
    inverted = token.dep_ == "aux" and token.i + 1 < governor.i and (token.tag_ == "MD" or token.lower_ in {"do", "does", "did"})
    if inverted and governor.tag_ == "VBZ" and governor.lower_ != verb_lemma(governor.lower_):
        yield "verb form", joined_text(token, governor)
    if after is not None and _is_wrong_after(token, after):
        yield "verb form", joined_text(token, after)


def _is_wrong_after(token: Token, after: Token) -> bool:
    """Whether a verb has a form that cannot follow the auxiliary `token`."""
    low, form = token.lower_, after.lower_
    base = verb_lemma(form)
    plain = form == base and form not in grammar_words().plain_participles
    governs = token.head.i == after.i
    if token.tag_ == "MD" and after.tag_ == "TO" and low != "ought":
        return True
    if token.tag_ == "MD" or (low in {"do", "does", "did"} and token.dep_ == "aux"):
        return after.pos_ in {"VERB", "AUX"} and after.tag_ in {"VBZ", "VBD", "VBG"} and form != base
    if low == "to" and token.dep_ == "aux":
        return after.i == token.i + 1 and after.tag_ in {"VBZ", "VBD"} and form != base
    if low in _PERFECT and token.pos_ == "AUX" and after.pos_ == "VERB":
        if is_participle_only_by_mistake(form) or (after.tag_ == "VBZ" and governs):
            return True
        return after.tag_ in {"VB", "VBP"} and governs and token.dep_ == "aux" and plain
    if low in _BE and token.dep_ in {"aux", "auxpass"} and governs:
        past = after.tag_ in {"VBD", "VBN"} and form != "broke" and is_participle_only_by_mistake(form)
        return past or (after.tag_ in {"VB", "VBP", "VBZ"} and plain)
    return False


def _ending_hits(sentence: Span) -> Iterator[RuleHit]:
    """Sentences that break off."""
    words = grammar_words()
    tokens = [token for token in sentence if not token.is_punct and not token.is_space]
    mark = sentence[-1].text
    if len(tokens) < 2 or mark in {"…", "...", "—", "–", "-"}:
        return
    last, low = tokens[-1], tokens[-1].lower_
    openers = sum(token.lower_ in words.openers for token in tokens[:-1])
    breaks_off = low in words.open_ends and not last.text.isupper()
    if mark != "?" and last.dep_ in {"prep", "ROOT", "conj"}:
        if low in words.stranded and last.tag_ == "IN" and last.dep_ == "prep" and last.head.dep_ in {"ROOT", "conj"}:
            relative = any(token.dep_ in {"auxpass", "nsubjpass", "relcl", "acl"} for token in tokens)
            breaks_off |= not openers and not relative
        elif last.pos_ in {"VERB", "AUX"} and last.lemma_ in words.needs_object_in_speech:
            infinitives = sum(token.lower_ == "to" for token in tokens[:-1])
            breaks_off |= has_child(last, "nsubj") and openers == infinitives and last.tag_ != "VBN"
    if breaks_off:
        yield "unfinished", joined_text(*tokens[-3:])


def _phrase_hits(doc: Doc) -> Iterator[RuleHit]:
    """What a verb phrase in the third person must have: its verb in that form, and the object that the verb needs."""
    words = grammar_words()
    tokens = [token for token in doc if not token.is_punct and not token.is_space][1:]
    while len(tokens) > 1 and (tokens[0].pos_ == "ADV" or tokens[0].lower_.endswith("ly")):
        tokens = tokens[1:]
    if not tokens:
        return
    low = tokens[0].lower_
    lemma = verb_lemma(low)
    if tokens[0].tag_ != "MD" and low not in {"is", "has", "does", "goes"} and third_person(lemma) != low:
        yield "verb form", joined_text(*tokens[:2])
    if lemma in words.needs_object and all(token.pos_ == "ADV" or token.dep_ == "prt" for token in tokens[1:]):
        yield "unfinished", joined_text(*tokens)
