"""Parse a text, and parse again where the tagger took a verb for a noun or a noun for a verb.

The small model reads `Five nurses on their tea break discover…` without a verb. A word that may be a verb is then replaced by `will` and its
plain form, which cannot be a noun. A noun read as a verb, such as `usher` after `an old`, is replaced by `man`. The parse of the changed
text is carried over to the words as they were.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from planners.knowledge.noun_types import BEINGS, noun_types
from planners.knowledge.wordnet import open_wordnet
from planners.reading.english import is_mass, parse, singular, verb_form, verb_lemma
from planners.reading.people import people
from planners.reading.spacy_without_torch import Doc, Span, Token
from planners.reading.syntax.mend import mend

__all__ = ["parse_repaired"]

_MOST_TRIES: Final = 5
_NOMINAL: Final = frozenset({"NN", "NNS", "NNP", "NNPS", "PRP"})
_VERBAL: Final = frozenset({"VB", "VBZ", "VBP", "VBD", "VBN", "VBG"})
_SUBJECTS: Final = frozenset({"nsubj", "nsubjpass", "csubj", "expl"})
_ADVERBS_OF_PLACE: Final = frozenset({"below", "above", "inside", "outside", "upstairs", "downstairs", "nearby"})
"""Words that may stand between a noun and its verb: `the city below burns`."""


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
        swallowed = token.tag_ == "VBZ" and token.dep_ in {"pobj", "dobj"}
        nominal = token.tag_ in {"NN", "NNS", "NNP", "NNPS", "JJ", "VB", "VBN", "VBD"}
        if token.i == sentence.start or not (nominal or swallowed):
            continue
        describes = token.dep_ == "amod" and token.tag_ in {"VBN", "JJ"} and token.nbor(-1).text == ","
        if describes or _is_plainly_no_verb(token):
            continue
        low, lemma = token.text.lower(), verb_lemma(token.text)
        if not wordnet.is_verb(lemma) or low not in {lemma, verb_form(lemma, "VBZ"), verb_form(lemma, "VBD")}:
            continue
        adverb_before = (
            token.nbor(-1).tag_ in {"IN", "RB"}
            and low == verb_form(lemma, "VBZ")
            and token.nbor(-1).lower_ not in {"to", "of", "with", "for", "from", "at", "by", "about"}
            and (_has_complement(token) or not _is_unlikely_verb_form(token))
        )
        after_list = token.nbor(-1).text == "," and any(word.tag_ in _NOMINAL for word in sentence if word.i < token.i)
        noun_before = token.nbor(-1).tag_ in _NOMINAL or (token.nbor(-1).tag_ == "JJ" and bool(noun_types(token.nbor(-1).lower_)))
        if not noun_before and not adverb_before and not after_list:
            continue
        before = [word for word in sentence if word.i < token.i and word.tag_ in _NOMINAL]
        plural = (before and before[0].tag_ in {"NNS", "NNPS"}) or any(
            word.text == "and" for word in sentence if word.i < token.i
        )
        single = any(child.lower_ in {"a", "an"} and child.dep_ == "det" for child in token.lefts)
        if low == lemma and ((token.nbor(-1).tag_ in {"NN", "NNP"} and not plural) or (single and token.nbor(-1).tag_ == "JJ")):
            continue
        candidates.append(token)
    return sorted(candidates, key=lambda token: _verb_likelihood(token) + 4.0 * _is_single_plural(token), reverse=True)


def _is_single_plural(token: Token) -> bool:
    """Whether a plural noun has the article of one, which no noun has: `a mitten waits`."""
    return token.tag_ == "NNS" and any(
        child.lower_ in {"a", "an", "every", "each", "another", "one"} and child.dep_ in {"det", "nummod"}
        for child in token.lefts
    )


def _is_plainly_no_verb(token: Token) -> bool:
    """Whether a word is what it was taken for: `full of people`, `over a grey beach`, the two nouns of `Rain boots.`, `Owls, foxes`"""
    if token.tag_ == "JJ":
        return token.lower_ in people().colours or (token.i + 1 < len(token.doc) and token.nbor().lower_ == "of")
    if token.dep_ in {"pobj", "dobj"} and token.tag_ == "NNS" and _needs_noun_after(token.nbor(-1)):
        return True
    single = any(child.lower_ in {"a", "an"} for child in token.lefts) and token.dep_ == "pobj"
    words = [word for word in token.sent if not word.is_punct]
    if token.nbor(-1).text == "," and not _has_complement(token) and (types := noun_types(singular(token.text))):
        return types[0] in BEINGS
    return (single and token.tag_ == "NN") or (len(words) == 2 and _is_unlikely_verb_form(token))


def _needs_noun_after(token: Token) -> bool:
    """Whether a noun that can be counted stands bare after a preposition or `-ing`, as only the first part of a compound does: `for test results`."""
    bare = token.dep_ == "compound" and token.tag_ == "NN" and token.i > 0
    bare = bare and (token.nbor(-1).lower_ in {"for", "about"} or token.nbor(-1).tag_ == "VBG")
    types = noun_types(token.lower_)
    return bare and not is_mass(token.lower_) and types[:1] not in {(), ("food",), ("substance",), ("plant",), ("feeling",)}


def _verb_likelihood(token: Token) -> float:
    """How likely a word is a verb: by its frequency as verb and noun, what follows it, and whether it is a being."""
    lemma, noun = verb_lemma(token.text), singular(token.text)
    wordnet = open_wordnet()
    verb = 1 + sum(sense.count for sense in wordnet.senses(lemma, "verb"))
    other = 1 + sum(sense.count for sense in wordnet.senses(noun, "noun"))
    if verb == 1 and other > 1:
        other *= 8
    being = bool(types := noun_types(noun)) and types[0] in BEINGS
    after_plural = token.nbor(-1).tag_ == "NNS" and token.lower_ == lemma
    return 1.5 * after_plural + math.log(verb / other) + 1.5 * _has_complement(token) + 0.7 * _before_noun(token) - 3.0 * being


def _before_noun(token: Token) -> bool:
    """Whether a noun or an adjective follows."""
    return token.i + 1 < len(token.doc) and token.nbor().tag_ in {"NN", "NNS", "JJ", "NNP"}


def _has_complement(token: Token) -> bool:
    """Whether the next word may begin what follows a verb: an article, a pronoun, a preposition or a clause."""
    return token.i + 1 < len(token.doc) and token.nbor().tag_ in {"DT", "PRP", "PRP$", "IN", "TO", "CD", "RP", "WRB", "WP"}


def _hidden_verbs(sentence: Span) -> list[Token]:
    """Words read as plural nouns that must be verbs, the likeliest first: `and wins by accident`, `A maid irons the flag`."""
    ranked = [(_hidden_verb_evidence(token), token) for token in sentence if token.i > sentence.start]
    return [token for evidence, token in sorted(ranked, key=lambda pair: -pair[0]) if evidence > 0]


def _hidden_verb_evidence(token: Token) -> float:
    """How clearly a word read as a plural noun, in a sentence that has another verb, is a verb; above 0: clearly."""
    lemma = verb_lemma(token.text)
    if token.tag_ not in {"NNS", "NNPS", "NNP"} or token.lower_ != verb_form(lemma, "VBZ") or not open_wordnet().is_verb(lemma):
        return -1.0
    before = token.nbor(-1)
    if token.dep_ in {"pobj", "dobj"} and _needs_noun_after(before):
        return -1.0
    if before.tag_ in {"DT", "JJ", "PRP$", "CD", "IN", "TO", "POS"} and before.lower_ not in {"that", *_ADVERBS_OF_PLACE}:
        return -1.0
    if (
        before.text == ","
        and token.i + 1 < len(token.doc)
        and token.nbor().lower_ in {"to", "for"}
        and _is_unlikely_verb_form(token)
    ):
        return -1.0
    evidence = _verb_likelihood(token) - 1.0
    evidence += 4.0 * _is_single_plural(token)
    if before.text == "," and token.i + 1 < len(token.doc) and token.nbor().tag_ in {"RB", ",", "DT", "PRP$"}:
        evidence += 1.5 * _has_finite_verb(token.sent, token.i)
    if before.lower_ in _ADVERBS_OF_PLACE and token.i > 1 and token.nbor(-2).tag_ in _NOMINAL:
        evidence += 3.0
    if any(
        child.lower_ in {"a", "an", "every", "each", "another", "one"} and child.dep_ in {"det", "nummod"}
        for child in token.lefts
    ):
        evidence += 4.0
    if before.ent_type_ == "PERSON" or (before.tag_ == "NNP" and before.dep_ == "compound"):
        evidence += 2.0
    if before.lower_ in {"and", "but", "then", "who", "that"} or (before.tag_ == "RB" and before.i > token.sent.start):
        finite = _has_finite_verb(token.sent, token.i)
        bare = not any(child.dep_ in {"amod", "compound"} for child in token.lefts)
        evidence += 1.5 * finite + 0.5 * bare - 1.0
    elif before.tag_ not in _NOMINAL and before.tag_ != "PRP" and before.text != ",":
        evidence -= 1.5
    return evidence


def _has_finite_verb(sentence: Span, end: int) -> bool:
    """Whether a sentence has a verb in the present tense before a word."""
    return any(word.tag_ in {"VBZ", "VBP"} and word.i < end for word in sentence)


def _verbs_of_joined_nouns(sentence: Span) -> list[Token]:
    """Words that may be the verb of a noun phrase which is joined to a verb and has none: `and all the dogs of the town run`."""
    wordnet = open_wordnet()
    return [
        word
        for token in sentence
        if token.dep_ == "conj" and token.tag_ in _NOMINAL and token.head.tag_ in {"VBZ", "VBP", "VBD"}
        for word in token.subtree
        if word.i > token.i + 1 and word.tag_ == "NN" and word.nbor(-1).dep_ == "compound" and wordnet.is_verb(word.lower_)
    ][:1]


def _verb_repair(
    sentence: Span, candidates: list[Token], nouns: dict[int, _Change], *, hidden: bool = False
) -> dict[int, _Change]:
    """The change that gives a sentence one of these verbs, if one does. A `hidden` one need not be that of the main clause.

    `nouns` are changes that are made anyway.
    """
    for token in candidates[:_MOST_TRIES]:
        lemma = verb_lemma(token.text)
        tag = "VBZ" if token.text.lower() != lemma else "VBP"
        changes = {token.i: _Change(word=lemma, helper="will", tag=tag, lemma=lemma)}
        piece = sentence.as_doc()
        local = {at - sentence.start: change for at, change in (nouns | changes).items() if 0 <= at - sentence.start < len(piece)}
        again = parse(_text_with(piece, local))
        verbs = [word for word in again if word.text == lemma and word.i > 0 and word.nbor(-1).text == "will"]
        if verbs and (_is_clause(verbs[0]) if hidden else _is_main_clause(verbs[0])) and _agrees(verbs[0], tag):
            return changes
    return {}


def _agrees(verb: Token, tag: str) -> bool:
    """Whether a verb with an ending has no plural subject: not `people results`."""
    subject = next((child for child in verb.lefts if child.dep_ == "nsubj"), None)
    return tag != "VBZ" or subject is None or subject.tag_ != "NNS" or not any(child.dep_ == "nummod" for child in subject.lefts)


def _is_clause(verb: Token) -> bool:
    """Whether a verb heads a clause with a subject, its own or that of the verb before it."""
    verb = verb.head if verb.dep_ == "auxpass" else verb
    joined = verb.dep_ == "conj" and verb.head.tag_ in _VERBAL
    subject = any(child.dep_ in _SUBJECTS for child in verb.children) or any(
        child.dep_ == "ccomp" and any(word.dep_ in _SUBJECTS for word in child.lefts) for child in verb.lefts
    )
    return joined or (subject and verb.dep_ in {"ROOT", "ccomp", "conj", "advcl", "relcl", "parataxis"})


def _is_main_clause(verb: Token) -> bool:
    """Whether a verb heads a main clause with a subject of its own."""
    return verb.dep_ in {"ROOT", "ccomp", "conj"} and any(child.dep_ in _SUBJECTS for child in verb.children)


def _is_misspelt_verb(token: Token) -> bool:
    """Whether a word has the tag of a verb form that is spelled otherwise: `maid` is no past tense."""
    if token.tag_ not in {"VBD", "VBN", "VBZ", "VBP", "NN"} or not token.lower_.isalpha() or not noun_types(token.lower_):
        return False
    lemma = verb_lemma(token.text)
    if token.tag_ in {"VBP", "NN"}:
        return token.lower_ == lemma and any(
            child.dep_ == "aux" and child.lower_ in {"has", "have", "had"} for child in token.lefts
        )
    return token.lower_ != verb_form(lemma, token.tag_) and token.lower_ == lemma and verb_form(lemma, "VBD") != lemma


def _is_imperative(token: Token) -> bool:
    """Whether the first word of a sentence, taken for a noun, is an imperative: `Peel six apples`."""
    if not token.is_sent_start or token.tag_ not in _NOMINAL or token.i + 1 >= len(token.doc):
        return False
    following = token.nbor()
    return (
        (following.tag_ in {"DT", "PRP$", "CD"} or following.lower_ in {"it", "them"})
        and open_wordnet().is_verb(token.lower_)
        and verb_lemma(token.text) == token.lower_
    )


def _is_step(token: Token) -> bool:
    """Whether a bare word in a list of imperatives was taken for a noun: `hang the wick, pour, wait, and light it`."""
    first, doc = token.sent[0], token.doc
    if token.tag_ != "NN" or token.i < 2 or token.i + 1 >= len(doc) or not open_wordnet().is_verb(token.lower_):
        return False
    listed = token.nbor(-1).text == "," or (token.nbor(-1).lower_ == "and" and token.nbor(-2).text == ",")
    bare = listed and token.nbor().is_punct and not list(token.lefts)
    imperative = first.tag_ in {"VB", "VBP", "VBN"} or _is_imperative(first)
    return (
        bare
        and imperative
        and first.lower_ == verb_lemma(first.text)
        and any(word.tag_ in {"VB", "VBP"} for word in doc if word.i not in {first.i, token.i})
    )


def _is_noun_of_fragment(token: Token) -> bool:
    """Whether a word that begins or ends a title without a verb was taken for one: `kites over a beach`, `rain boots`."""
    if token.tag_ != "VBZ" or token.dep_ != "ROOT" or not _is_unlikely_verb_form(token):
        return False
    first = bool(token.is_sent_start) and token.i + 1 < len(token.doc) and token.nbor().tag_ == "IN"
    last = token.i > 0 and bool(token.nbor(-1).is_sent_start) and all(word.is_punct for word in token.sent if word.i > token.i)
    return first or (last and token.nbor(-1).tag_ == "NN" and not list(token.nbor(-1).lefts))


def _is_unlikely_verb_form(token: Token) -> bool:
    """Whether the plural of a noun is at least as likely as the verb of the same form."""
    wordnet = open_wordnet()
    verb = sum(sense.count for sense in wordnet.senses(verb_lemma(token.text), "verb"))
    noun = sum(sense.count for sense in wordnet.senses(singular(token.text), "noun"))
    return noun >= verb


def _is_end_of_change(token: Token) -> bool:
    """Whether `sweater` in `from sheep to sweater` was taken for a verb."""
    before = token.doc[max(0, token.i - 3) : token.i]
    return len(before) == 3 and before[0].lower_ == "from" and before[2].lower_ == "to" and bool(noun_types(token.lower_))


def _is_participle_before_noun(token: Token) -> bool:
    """Whether `dying` in `her dying mother` was taken for what somebody does."""
    if token.tag_ not in {"VBG", "VBN", "VBD"} or token.dep_ in {"amod", "compound"} or token.i + 1 >= len(token.doc):
        return False
    before, after = token.nbor(-1), token.nbor()
    return (
        before.tag_ in {"PRP$", "DT"}
        and after.tag_ in {"NN", "NNS"}
        and open_wordnet().is_adjective(token.lower_)
        and before.lower_ != "that"
    )


def _may_be_compound(token: Token) -> bool:
    """Whether `garden` in `the back garden` may be the end of a compound, taken for a verb without a subject."""
    before = token.nbor(-1)
    article = any(child.dep_ == "det" for child in before.lefts)
    return before.lower_ in people().colours or (before.tag_ == "NN" and before.dep_ == "pobj" and article)


def _is_unlikely_verb(token: Token) -> bool:
    """Whether a word is nearly always a noun, or stands after a colour."""
    wordnet = open_wordnet()
    verb = sum(sense.count for sense in wordnet.senses(token.lower_, "verb"))
    noun = sum(sense.count for sense in wordnet.senses(token.lower_, "noun"))
    return noun > 3 * verb or token.nbor(-1).lower_ in people().colours


def _noun_repairs(doc: Doc) -> dict[int, _Change]:
    """Words read as verbs that stand where only a noun can: `an old usher in…`."""
    changes = {
        token.i: _Change(word=token.lower_, helper="please", tag="VB", lemma=token.lower_)
        for token in doc
        if _is_imperative(token) or _is_step(token)
    }
    changes |= {
        token.i: _Change(word="things", tag="NNS", lemma=singular(token.text)) for token in doc if _is_noun_of_fragment(token)
    }
    for token in doc[1:]:
        if token.i in changes:
            continue
        before = token.nbor(-1)
        if _is_participle_before_noun(token):
            changes[token.i] = _Change(word="old", tag="JJ", lemma=token.text.lower())
            continue
        if _is_misspelt_verb(token):
            if token.text[:1].isupper() and not token.is_sent_start:
                changes[token.i] = _Change(word="Tom", tag="NNP", lemma=token.text)
                continue
            being = noun_types(token.lower_)[0] in BEINGS
            changes[token.i] = _Change(word="man" if being else "thing", tag="NN", lemma=token.lower_)
            continue
        if token.tag_ == "JJ" and token.dep_ == "amod" and token.head.tag_ == "VBZ" and before.tag_ == "DT":
            types = noun_types(token.lower_)
            if types and token.head.i == token.i + 1:
                changes[token.i] = _Change(word="man" if types[0] in BEINGS else "thing", tag="NN", lemma=token.lower_)
            continue
        if token.tag_ == "VB" and _is_end_of_change(token):
            changes[token.i] = _Change(word="thing", tag="NN", lemma=token.lower_)
            continue
        if token.tag_ == "VBZ" and before.lower_ in {"to", "of", "with", "for", "from"} and noun_types(singular(token.text)):
            changes[token.i] = _Change(word="things", tag="NNS", lemma=singular(token.text))
            continue
        if (
            token.tag_ not in {"VB", "VBP", "VBD", "VBZ"}
            or (before.tag_ not in {"DT", "JJ", "PRP$"} and not _may_be_compound(token))
            or before.dep_ in {"nsubj", "dobj", "acomp", "attr", "ROOT"}
        ):
            continue
        types = noun_types(token.text.lower())
        if types and types[0] in BEINGS:
            changes[token.i] = _Change(word="man", tag="NN", lemma=token.text.lower())
        elif types and token.tag_ in {"VB", "VBP"} and before.tag_ != "PRP$" and _is_unlikely_verb(token):
            changes[token.i] = _Change(word="thing", tag="NN", lemma=token.text.lower())
    return changes


def parse_repaired(text: str, verbs: Collection[int] = ()) -> Doc:
    """Parse a text with its repairs. At each offset of `verbs` a verb is known to begin."""
    doc = parse(text)
    nouns = _noun_repairs(doc)
    if nouns:
        doc = _rebuild(parse(_text_with(doc, nouns)), nouns, doc)
    changes: dict[int, _Change] = {}
    for sentence in doc.sents:
        if len(sentence) < 3:
            continue
        known = [token for token in sentence if (token.idx in verbs or token.lower_ == "gets") and token.tag_ not in _VERBAL]
        repair = _verb_repair(sentence, known, nouns, hidden=True)
        singles = [token for token in _verb_candidates(sentence) if _is_single_plural(token) and token not in known]
        repair |= _verb_repair(sentence, singles, nouns)
        if not _has_clause(sentence) and not any(token.lower_ == "gets" for token in known if token.i in repair):
            repair |= _verb_repair(sentence, _verb_candidates(sentence), nouns)
        hidden = _hidden_verbs(sentence)[:2]
        if not repair:
            hidden += _verbs_of_joined_nouns(sentence)
        else:
            hidden = [token for token in hidden if token.i not in repair and _is_single_plural(token)]
        for token in hidden:
            repair |= _verb_repair(sentence, [token], nouns | repair, hidden=True)
        changes |= repair
    if changes:
        doc = _rebuild(parse(_text_with(doc, nouns | changes)), nouns | changes, doc)
    return mend(doc)
