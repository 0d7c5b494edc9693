"""Parse a text, and parse again where the tagger took a verb for a noun or a noun for a verb.

The small model reads `Five nurses on their tea break discover…` without a verb. A word that may be a verb is then replaced by `will` and its
plain form, which cannot be a noun. A noun read as a verb, such as `usher` after `an old`, is replaced by `man`. The parse of the changed
text is carried over to the words as they were.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from planners.knowledge.noun_types import BEINGS, noun_types
from planners.knowledge.wordnet import open_wordnet
from planners.reading.english import parse, singular, verb_form, verb_lemma
from planners.reading.spacy_without_torch import Doc, Span, Token

__all__ = ["parse_repaired"]

_MOST_TRIES: Final = 5
_NOMINAL: Final = frozenset({"NN", "NNS", "NNP", "NNPS", "PRP"})
_VERBAL: Final = frozenset({"VB", "VBZ", "VBP", "VBD", "VBN", "VBG"})
_SUBJECTS: Final = frozenset({"nsubj", "nsubjpass", "csubj", "expl"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """One word replaced before parsing."""

    word: str
    helper: str = ""
    """A word put before it."""
    tag: str
    """The tag of the word as it was."""
    lemma: str


def _rebuild(doc: Doc, changes: dict[int, _Change], original: Doc) -> Doc:
    """The parse of a changed text on the words of the original. `changes` are by token of the original."""
    helpers, position = set[int](), 0
    to_original: dict[int, int] = {}
    for token in original:
        if token.i in changes and changes[token.i].helper:
            helpers.add(position)
            position += 1
        to_original[position] = token.i
        position += 1
    if position != len(doc):
        return original  # the tokenizer split the changed text otherwise
    kept = [token for token in doc if token.i not in helpers]
    heads = []
    for token in kept:
        head = token.head
        while head.i in helpers:
            head = head.head if head.head.i != head.i else token
        heads.append(to_original[head.i])
    changed = [changes.get(to_original[token.i]) for token in kept]
    return Doc(
        original.vocab,
        words=[token.text for token in original],
        spaces=[bool(token.whitespace_) for token in original],
        tags=[change.tag if change else token.tag_ for token, change in zip(kept, changed, strict=True)],
        pos=[token.pos_ for token in kept],
        lemmas=[change.lemma if change else token.lemma_ for token, change in zip(kept, changed, strict=True)],
        heads=heads,
        deps=[token.dep_ for token in kept],
        ents=[f"{token.ent_iob_}-{token.ent_type_}" if token.ent_type_ else "O" for token in kept],
    )


def _text_with(doc: Doc, changes: dict[int, _Change]) -> str:
    """The text with the changes."""
    pieces = []
    for token in doc:
        change = changes.get(token.i)
        pieces.append(f"{change.helper} {change.word}".strip() + token.whitespace_ if change else token.text_with_ws)
    return "".join(pieces)


def _has_clause(sentence: Span) -> bool:
    """Whether the sentence has a main verb with a subject, or an imperative, that is no subordinate clause."""
    root = sentence.root
    if root.tag_ not in _VERBAL and root.pos_ not in {"VERB", "AUX"}:
        return False
    if any(child.dep_ == "mark" for child in root.children) or any(
        child.tag_ in {"NN", "NNS"}
        and child.dep_ == "npadvmod"
        and child.i < root.i
        and "time" not in noun_types(singular(child.text))[:2]
        for child in root.children
    ):
        return False
    return any(child.dep_ in _SUBJECTS for child in root.children) or root.i == sentence.start or root.tag_ == "VB"


def _verb_candidates(sentence: Span) -> list[Token]:
    """Nouns of a sentence that may be its verb: they follow a noun phrase and have the form of a verb."""
    wordnet = open_wordnet()
    candidates = []
    for token in sentence:
        if token.i == sentence.start or token.tag_ not in {"NN", "NNS", "NNP", "NNPS", "JJ", "VB", "VBN", "VBD"}:
            continue
        low, lemma = token.text.lower(), verb_lemma(token.text)
        if not wordnet.is_verb(lemma) or low not in {lemma, verb_form(lemma, "VBZ"), verb_form(lemma, "VBD")}:
            continue
        adverb_before = token.nbor(-1).tag_ in {"IN", "RB"} and low == verb_form(lemma, "VBZ")
        after_list = token.nbor(-1).text == "," and any(word.tag_ in _NOMINAL for word in sentence if word.i < token.i)
        noun_before = token.nbor(-1).tag_ in _NOMINAL or (token.nbor(-1).tag_ == "JJ" and bool(noun_types(token.nbor(-1).lower_)))
        if not noun_before and not adverb_before and not after_list:
            continue
        before = [word for word in sentence if word.i < token.i and word.tag_ in _NOMINAL]
        plural = (before and before[0].tag_ in {"NNS", "NNPS"}) or any(
            word.text == "and" for word in sentence if word.i < token.i
        )
        if low == lemma and token.nbor(-1).tag_ in {"NN", "NNP"} and not plural:
            continue
        candidates.append(token)
    return sorted(candidates, key=_verb_likelihood, reverse=True)


def _verb_likelihood(token: Token) -> float:
    """How likely a word is a verb: by its frequency as verb and noun, what follows it, and whether it is a being."""
    lemma, noun = verb_lemma(token.text), singular(token.text)
    wordnet = open_wordnet()
    verb = 1 + sum(sense.count for sense in wordnet.senses(lemma, "verb"))
    other = 1 + sum(sense.count for sense in wordnet.senses(noun, "noun"))
    if verb == 1 and other > 1:
        other *= 8
    being = bool(types := noun_types(noun)) and types[0] in BEINGS
    return math.log(verb / other) + 1.5 * _has_complement(token) + 0.7 * _before_noun(token) - 3.0 * being


def _before_noun(token: Token) -> bool:
    """Whether a noun or an adjective follows."""
    return token.i + 1 < len(token.doc) and token.nbor().tag_ in {"NN", "NNS", "JJ", "NNP"}


def _has_complement(token: Token) -> bool:
    """Whether the next word may begin what follows a verb: an article, a pronoun, a preposition or a clause."""
    return token.i + 1 < len(token.doc) and token.nbor().tag_ in {"DT", "PRP", "PRP$", "IN", "TO", "CD", "RP", "WRB", "WP"}


def _is_unlikely_noun(token: Token) -> bool:
    """Whether a word read as a plural noun is nearly always a verb: `refuses`."""
    wordnet, lemma = open_wordnet(), verb_lemma(token.text)
    verb = sum(sense.count for sense in wordnet.senses(lemma, "verb"))
    noun = sum(sense.count for sense in wordnet.senses(singular(token.text), "noun"))
    return token.tag_ in {"NNS", "NNPS"} and verb >= 5 and verb > 4 * noun


def _verb_repair(doc: Doc, sentence: Span, candidates: list[Token]) -> dict[int, _Change] | None:
    """The change that gives a sentence one of these verbs, if one does."""
    for token in candidates[:_MOST_TRIES]:
        lemma = verb_lemma(token.text)
        tag = "VBZ" if token.text.lower() != lemma else "VBP"
        changes = {token.i: _Change(word=lemma, helper="will", tag=tag, lemma=lemma)}
        piece = doc[sentence.start : sentence.end].as_doc()
        local = {token.i - sentence.start: changes[token.i]}
        again = parse(_text_with(piece, local))
        verbs = [word for word in again if word.text == lemma and word.i > 0 and word.nbor(-1).text == "will"]
        if verbs and verbs[0].dep_ in {"ROOT", "ccomp", "conj"} and any(child.dep_ in _SUBJECTS for child in verbs[0].children):
            return changes
    return None


def _noun_repairs(doc: Doc) -> dict[int, _Change]:
    """Words read as verbs that stand where only a noun can: `an old usher in…`."""
    changes = {}
    for token in doc[1:]:
        before = token.nbor(-1)
        if (
            token.tag_ not in {"VB", "VBP", "VBD", "VBZ"}
            or before.tag_ not in {"DT", "JJ", "PRP$"}
            or before.dep_ in {"nsubj", "dobj", "acomp", "attr", "ROOT"}
        ):
            continue
        types = noun_types(token.text.lower())
        if types and types[0] in BEINGS:
            changes[token.i] = _Change(word="man", tag="NN", lemma=token.text.lower())
    return changes


def parse_repaired(text: str) -> Doc:
    """Parse a text with its repairs."""
    doc = parse(text)
    changes = _noun_repairs(doc)
    if changes:
        doc = _rebuild(parse(_text_with(doc, changes)), changes, doc)
    changes = {}
    for sentence in doc.sents:
        if len(sentence) < 3:
            continue
        if not _has_clause(sentence):
            changes |= _verb_repair(doc, sentence, _verb_candidates(sentence)) or {}
        elif unlikely := [token for token in _verb_candidates(sentence) if _is_unlikely_noun(token)]:
            changes |= _verb_repair(doc, sentence, unlikely) or {}
    if changes:
        doc = _rebuild(parse(_text_with(doc, changes)), changes, doc)
    return _mend_list_subjects(doc)


def _mend_list_subjects(doc: Doc) -> Doc:
    """Make the main verb of `a chef, an acrobat and a man who can whistle steal…` the root, whose relative clause swallowed it."""
    heads, deps = [token.head.i for token in doc], [token.dep_ for token in doc]
    changed = False
    for token in doc:
        inner = next((child for child in token.children if child.dep_ == "nsubj" and child.tag_ in _VERBAL), None)
        root = token.sent.root
        if (
            token.dep_ != "relcl"
            or inner is None
            or root.tag_ not in _NOMINAL
            or not any(child.dep_ == "aux" for child in [*inner.children, *token.children])
        ):
            continue
        changed = True
        described = token.head.i
        heads[token.i], deps[token.i] = token.i, "ROOT"
        heads[root.i], deps[root.i] = token.i, "nsubj"
        heads[inner.i], deps[inner.i] = described, "relcl"
        for child in token.children:
            if child.i < inner.i:
                heads[child.i] = inner.i
        for word in token.sent:
            if deps[word.i] == "appos" and heads[word.i] == root.i:
                deps[word.i] = "conj"
    if not changed:
        return doc
    return Doc(
        doc.vocab,
        words=[token.text for token in doc],
        spaces=[bool(token.whitespace_) for token in doc],
        tags=[token.tag_ for token in doc],
        pos=[token.pos_ for token in doc],
        lemmas=[token.lemma_ for token in doc],
        heads=heads,
        deps=deps,
        ents=[f"{token.ent_iob_}-{token.ent_type_}" if token.ent_type_ else "O" for token in doc],
    )
