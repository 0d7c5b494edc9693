"""A parse that can be changed, and questions about its words."""

from __future__ import annotations

from typing import Final

from planners.knowledge.noun_types import BEINGS, noun_types
from planners.knowledge.wordnet import open_wordnet
from planners.reading.english import singular, verb_form, verb_lemma
from planners.reading.spacy_without_torch import Doc, Token

__all__ = [
    "BEFORE_NOUN",
    "FINITE",
    "NOMINAL",
    "NOUN_RELATIONS",
    "SUBJECTS",
    "VERBAL",
    "Tree",
    "begins_phrase",
    "finite_form",
    "give_subject",
    "names_being",
    "verb_above",
]

NOMINAL: Final = frozenset({"NN", "NNS", "NNP", "NNPS"})
VERBAL: Final = frozenset({"VB", "VBZ", "VBP", "VBD", "VBN", "VBG"})
FINITE: Final = frozenset({"VBZ", "VBP", "VBD"})
SUBJECTS: Final = frozenset({"nsubj", "nsubjpass"})
BEFORE_NOUN: Final = frozenset({"det", "poss", "amod", "nummod", "compound", "nmod"})
NOUN_RELATIONS: Final = frozenset({"nsubj", "nsubjpass", "dobj", "pobj", "dative"})


class Tree:
    """The tags and relations of a parse, to be changed."""

    def __init__(self, doc: Doc) -> None:
        self.doc = doc
        self.tags = [token.tag_ for token in doc]
        self.heads = [token.head.i for token in doc]
        self.deps = [token.dep_ for token in doc]
        self.changed = False

    def set(self, token: Token, *, tag: str | None = None, head: Token | None = None, dep: str | None = None) -> None:
        """Change a token."""
        if head is not None and self._would_loop(token.i, head.i):
            return
        self.changed = True
        self.tags[token.i] = tag or self.tags[token.i]
        self.deps[token.i] = dep or self.deps[token.i]
        if head is not None:
            self.heads[token.i] = head.i

    def _would_loop(self, child: int, head: int) -> bool:
        while self.heads[head] != head:
            if head == child:
                return True
            head = self.heads[head]
        return head == child

    def finish(self) -> Doc:
        """The changed parse."""
        if not self.changed:
            return self.doc
        parts = {"V": "VERB", "N": "NOUN"}
        return Doc(
            self.doc.vocab,
            words=[token.text for token in self.doc],
            spaces=[bool(token.whitespace_) for token in self.doc],
            tags=self.tags,
            pos=[
                token.pos_ if tag == token.tag_ else parts.get(tag[0], token.pos_)
                for token, tag in zip(self.doc, self.tags, strict=True)
            ],
            lemmas=[token.lemma_ for token in self.doc],
            heads=self.heads,
            deps=self.deps,
            ents=[f"{token.ent_iob_}-{token.ent_type_}" if token.ent_type_ else "O" for token in self.doc],
        )


def finite_form(token: Token) -> str | None:
    """The tag of a finite verb that a word may be by its spelling."""
    low, lemma = token.text.lower(), verb_lemma(token.text)
    if not open_wordnet().is_verb(lemma):
        return None
    return (
        "VBZ" if low == verb_form(lemma, "VBZ") else "VBD" if low == verb_form(lemma, "VBD") else "VBP" if low == lemma else None
    )


def verb_above(token: Token) -> Token:
    """The nearest verb above a word, or the root."""
    verb = token.head
    while verb.head.i != verb.i and verb.tag_ not in VERBAL:
        verb = verb.head
    return verb


def give_subject(tree: Tree, verb: Token) -> None:
    """Make the compound before a word that became a verb its subject: `spring arrives`."""
    noun = next((child for child in verb.lefts if child.dep_ in {"compound", "nmod"} and child.i == verb.i - 1), None)
    if noun is not None:
        tree.set(noun, dep="nsubj")
        for child in verb.lefts:
            if child.i < noun.i and child.dep_ in {"det", "poss", "amod", "nummod", "compound"}:
                tree.set(child, head=noun)


def begins_phrase(token: Token) -> bool:
    """Whether a noun has words before it that begin a noun phrase of its own."""
    return any(child.dep_ in {"det", "poss", "nummod", "amod"} for child in token.lefts)


def names_being(token: Token) -> bool:
    """Whether a word names a being."""
    return (
        token.tag_ == "PRP"
        or token.tag_ in {"NNP", "NNPS"}
        or any(kind in BEINGS for kind in noun_types(singular(token.text))[:1])
    )
