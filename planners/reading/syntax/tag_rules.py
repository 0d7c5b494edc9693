"""Rules that mend a parse by its tags: words read as the wrong part of speech."""

from __future__ import annotations

from typing import Final

from planners.knowledge.noun_types import noun_types
from planners.knowledge.wordnet import open_wordnet
from planners.reading.english import singular, verb_lemma
from planners.reading.spacy_without_torch import Token
from planners.reading.syntax.tree import (
    FINITE,
    NOMINAL,
    NOUN_RELATIONS,
    SUBJECTS,
    VERBAL,
    Tree,
    begins_phrase,
    finite_form,
    give_subject,
    names_being,
    verb_above,
)
from planners.reading.verb_tables import verb_tables

__all__ = [
    "adverbs_after_objects",
    "going",
    "nouns_read_as_adjectives",
    "nouns_read_as_verbs",
    "plural_subjects",
    "retag",
    "times_after_objects",
]

_WITH_PARTICIPLE: Final = frozenset({"comes", "come", "goes", "go", "is", "are", "was", "were"})
_OBJECT_PRONOUNS: Final = frozenset({"me", "him", "them", "us"})


def retag(tree: Tree) -> None:
    """Let the relation of a word decide whether it is a noun or a verb."""
    for token in tree.doc:
        if _is_bare_verb_after_object(token):
            tree.set(token, tag="VBG" if token.lower_.endswith("ing") else "VB", dep="ccomp")
            give_subject(tree, token)
        elif _is_only_verb(token):
            tree.set(token, tag="VBZ", head=verb_above(token), dep="conj")
            give_subject(tree, token)
        elif _is_verb_of_clause(token):
            tree.set(token, tag="VBZ")
            tree.set(token.nbor(-1), tag="NN", dep="nsubj")
            for child in token.lefts:
                if child.dep_ == "det":
                    tree.set(child, head=token.nbor(-1))
        elif token.tag_ == "JJ" and any(child.dep_ == "auxpass" for child in token.lefts):
            tree.set(token, tag="VBN")
        elif _is_begun(token):
            tree.set(token, tag="VBG", dep="xcomp")
        elif token.dep_ == "aux" and token.lower_ in _WITH_PARTICIPLE and token.head.tag_ == "VBG":
            for child in token.lefts:
                tree.set(child, head=token.head)
        elif token.tag_ == "VBN" and token.dep_ == "xcomp" and _stands_after_to(token):
            tree.set(token, tag="VB")
            for child in token.rights:
                if child.dep_ == "agent":
                    tree.set(child, head=token.head)
        elif token.lower_ == "own" and token.dep_ in {"ccomp", "acomp"} and any(child.dep_ == "poss" for child in token.lefts):
            tree.set(token, dep="dobj")
        elif _is_noun_after_way(token):
            to = next(child for child in token.lefts if child.lower_ == "to")
            tree.set(token, tag="NN", dep="dep")
            tree.set(to, head=token.head, dep="prep")
            tree.set(token, head=to, dep="pobj")
        elif _is_verb_by_its_words(token):
            tree.set(token, tag="VB", dep="conj" if token.dep_ == "dep" else token.dep_)
            give_subject(tree, token)
        elif token.tag_ in VERBAL and token.dep_ == "dep" and token.head.tag_ in VERBAL and token.head.i < token.i:
            tree.set(token, dep="conj")
        elif token.tag_ in {"JJR", "RBR"} and token.dep_ in NOUN_RELATIONS and begins_phrase(token) and noun_types(token.lower_):
            tree.set(token, tag="NN")
        elif _is_verb_by_its_relation(token) and (tag := finite_form(token)) is not None:
            tree.set(token, tag=tag)
        elif _is_noun_by_its_relation(token):
            tree.set(token, tag="NNS" if token.tag_ == "VBZ" else "NN")


def _is_verb_by_its_relation(token: Token) -> bool:
    """Whether a word read as a noun has a subject, or is joined to a verb: `sells the house and moves`."""
    described = any(child.dep_ in {"det", "poss", "amod", "nummod", "compound"} for child in token.children)
    adjective = token.tag_ == "JJ" and token.i + 1 < len(token.doc) and token.nbor().lower_ == "of"
    if token.tag_ not in {"NNS", "NN", "NNP", "JJ"} or described or adjective:
        return False
    subject = any(child.dep_ in SUBJECTS and child.lower_ not in _OBJECT_PRONOUNS for child in token.children)
    joined = token.dep_ == "conj" and token.head.tag_ in FINITE and token.tag_ == "NNS"
    joined = joined and not _is_listed_object(token)
    return joined or (subject and token.dep_ in {"ROOT", "advcl", "ccomp", "relcl", "conj", "parataxis"})


def _is_listed_object(token: Token) -> bool:
    """Whether `cakes` in `sells bread to the king, cakes to the queen` is sold, too: the same preposition follows it."""
    if token.nbor(-1).text != "," or token.i + 1 >= len(token.doc):
        return False
    prepositions = {child.lower_ for child in token.head.rights if child.dep_ in {"prep", "dative"} and child.i < token.i}
    return token.nbor().lower_ in prepositions and bool(noun_types(singular(token.text)))


def _is_noun_by_its_relation(token: Token) -> bool:
    """Whether a word read as a verb is a subject or an object and governs no clause."""
    if token.tag_ not in {"VBZ", "VB", "VBP"} or token.dep_ not in NOUN_RELATIONS:
        return False
    clause = any(child.dep_ in {*SUBJECTS, "aux", "dobj", "xcomp", "ccomp", "auxpass"} for child in token.children)
    return not clause and bool(noun_types(singular(token.text)))


def _is_verb_of_clause(token: Token) -> bool:
    """Whether `snores` in `while the giant snores` was taken for a noun: a clause needs a verb."""
    if token.tag_ != "NNS" or token.dep_ != "advcl" or not any(child.dep_ == "mark" for child in token.lefts):
        return False
    before = token.nbor(-1)
    noun = before.head.i == token.i and before.dep_ in {"amod", "compound"} and bool(noun_types(before.lower_))
    return noun and finite_form(token) == "VBZ"


def _is_bare_verb_after_object(token: Token) -> bool:
    """Whether `lift` in `watch a crane lift a whale` was taken for the end of a compound, though it has an object."""
    return (
        token.tag_ == "NN"
        and token.dep_ == "dobj"
        and verb_lemma(token.head.text) in verb_tables().causative
        and any(child.dep_ == "compound" and child.i == token.i - 1 for child in token.lefts)
        and (any(child.dep_ in {"dobj", "prep"} for child in token.rights) or _is_perceived_being(token))
        and open_wordnet().is_verb(verb_lemma(token.text))
        and not _is_hardly_verb(token)
        and (
            any(child.dep_ == "dobj" for child in token.rights)
            or token.lower_.endswith("ing")
            or not open_wordnet().is_noun(f"{token.nbor(-1).lower_} {token.lower_}")
        )
    )


def _stands_after_to(token: Token) -> bool:
    """Whether `knit` in `is taught to knit by the twins` was taken for a participle."""
    return token.i > 0 and token.nbor(-1).lower_ == "to" and verb_lemma(token.text) == token.lower_


def _is_noun_after_way(token: Token) -> bool:
    """Whether `work` in `on his way to work` was taken for what somebody does."""
    way = token.head
    return (
        token.tag_ == "VB"
        and way.lower_ == "way"
        and token.dep_ in {"relcl", "acl"}
        and [child.lower_ for child in token.children] == ["to"]
        and bool(noun_types(token.lower_))
    )


def _is_perceived_being(token: Token) -> bool:
    """Whether `singing` in `hears a mother singing` tells what a being does."""
    perceived = verb_lemma(token.head.text) in verb_tables().perception and token.lower_.endswith("ing")
    return perceived and names_being(token.nbor(-1))


def _is_begun(token: Token) -> bool:
    """Whether `knitting` in `starts knitting` was taken for a thing."""
    return (
        token.tag_ == "NN"
        and token.dep_ == "dobj"
        and token.lower_.endswith("ing")
        and token.nbor(-1).i == token.head.i
        and verb_lemma(token.head.text) in {"start", "begin", "stop", "keep", "continue", "finish", "quit"}
        and open_wordnet().is_verb(verb_lemma(token.text))
    )


def _is_verb_by_its_words(token: Token) -> bool:
    """Whether a word read as a noun or adverb has what only a verb has: `to` or `does` before it, `it` after it."""
    if token.tag_ not in {"NN", "RB", "JJ", "NNP"} or not open_wordnet().is_verb(token.lower_):
        return False
    helper = any(child.dep_ == "aux" and child.lower_ in {"to", "do", "does", "did", "will"} for child in token.lefts)
    return helper or any(child.dep_ == "dobj" and child.tag_ == "PRP" for child in token.rights)


def _is_only_verb(token: Token) -> bool:
    """Whether `departs` in `kisses his mother and departs` was joined to a noun, though it cannot be one."""
    return (
        token.tag_ == "NNS"
        and token.dep_ == "conj"
        and token.head.tag_ in {*NOMINAL, "PRP"}
        and not noun_types(singular(token.text))
        and finite_form(token) == "VBZ"
    )


def plural_subjects(tree: Tree) -> None:
    """Make `protest` in `The pigeons protest` a verb: plurals seldom stand first in a compound."""
    for token in tree.doc[1:]:
        before = token.nbor(-1)
        if before.tag_ != "NNS" or token.tag_ != "NN" or token.dep_ not in {"ROOT", "conj", "ccomp", "parataxis"}:
            continue
        joined_to_noun = token.dep_ == "conj" and token.head.tag_ not in VERBAL
        compound = open_wordnet().is_noun(f"{before.lower_} {token.lower_}")
        if not joined_to_noun and not compound and finite_form(token) == "VBP":
            tree.set(token, tag="VBP")


def nouns_read_as_verbs(tree: Tree) -> None:
    """Make a noun of what is hardly ever a verb: `egg` in `finds a dinosaur egg`, `kites` at the beginning of a sentence."""
    for token in tree.doc:
        if token.tag_ not in {"VB", "VBZ", "VBP"} or not noun_types(singular(token.text)):
            continue
        tag = "NNS" if token.tag_ == "VBZ" else "NN"
        if not open_wordnet().is_verb(verb_lemma(token.text)):
            tree.set(token, tag=tag)
            for child in token.lefts:
                tree.set(child, dep="prep" if child.dep_ == "aux" else child.dep_)
            continue
        before = next((child for child in token.lefts if child.dep_ == "nsubj" and child.i == token.i - 1), None)
        if any(child.dep_ in {"aux", "auxpass", "dobj", "neg", "xcomp"} for child in token.children):
            continue
        if before is not None and before.tag_ in {"NN", "NNP"} and _is_hardly_verb(token):
            tree.set(before, dep="compound")
            tree.set(token, tag=tag, dep="dobj" if token.dep_ == "ccomp" else token.dep_)
            for child in before.lefts:
                tree.set(child, head=token)
        elif token.is_sent_start and token.tag_ == "VBZ" and not any(child.dep_ in SUBJECTS for child in token.children):
            tree.set(token, tag=tag)


def _is_hardly_verb(token: Token) -> bool:
    """Whether WordNet's texts have a word often as a noun and never as a verb."""
    wordnet = open_wordnet()
    verb = sum(sense.count for sense in wordnet.senses(verb_lemma(token.text), "verb"))
    noun = sum(sense.count for sense in wordnet.senses(singular(token.text), "noun"))
    return verb == 0 and noun > 1


def nouns_read_as_adjectives(tree: Tree) -> None:
    """Make nouns of `burglar` in `hands a burglar her candle`, of `safe` in `The hotel safe opens` and of `oven` in `share one oven`."""
    for token in tree.doc[1:-1]:
        following, noun = token.nbor(), token.head
        if token.tag_ not in {"JJ", "RB"} or not noun_types(token.lower_):
            continue
        number = token.nbor(-1)
        if token.tag_ == "RB" and number.tag_ == "CD" and number.dep_ in NOUN_RELATIONS and token.head.i == number.head.i:
            tree.set(token, tag="NN", dep=number.dep_)
            tree.set(number, head=token, dep="nummod")
            continue
        if token.dep_ == "amod" and following.tag_ in {"PRP$", "DT"} and noun.dep_ == "dobj" and names_being(token):
            tree.set(token, tag="NN", head=noun.head, dep="dative")
            for child in noun.lefts:
                if child.i < token.i:
                    tree.set(child, head=token)
        elif token.dep_ in {"amod", "advmod"} and noun.dep_ == "nsubj" and noun.i == token.i - 1 and following.i == noun.head.i:
            if token.dep_ == "advmod" or not begins_phrase(noun):
                continue
            tree.set(token, tag="NN", head=noun.head, dep="nsubj")
            tree.set(noun, head=token, dep="compound")
            for child in noun.lefts:
                tree.set(child, head=token)


def adverbs_after_objects(tree: Tree) -> None:
    """Take `home` or `goodbye` for an adverb where it was joined to the object before it: `carries the cube home`."""
    for token in tree.doc:
        noun = token.nbor(-1) if token.i else token
        if token.lower_ == "home" and token.dep_ == "advmod" and noun.head.i == token.i and noun.dep_ == "compound":
            tree.set(noun, head=token.head, dep="dobj")
            continue
        if token.lower_ not in {"home", "goodbye"} or noun.head.i != token.i or noun.dep_ not in {"compound", "nmod", "poss"}:
            continue
        if noun_types(singular(noun.text))[:1] in {("idea",), ("event",), ("time",), ("state",), ("group",)}:
            continue
        if noun.dep_ == "poss" or token.dep_ not in {"dobj", "pobj"} or open_wordnet().is_noun(f"{noun.lower_} {token.lower_}"):
            continue
        verb = verb_above(token)
        tree.set(noun, head=token.head, dep=token.dep_)
        for child in (*token.lefts, *token.rights):
            if child.i != noun.i:
                tree.set(child, head=noun)
        tree.set(token, head=verb, tag="RB", dep="advmod")


def times_after_objects(tree: Tree) -> None:
    """Take `minutes` in `loses her coin minutes before the race` for a time, not for what is lost."""
    for token in tree.doc[1:-1]:
        noun = token.nbor(-1)
        if token.nbor().lower_ not in {"before", "after", "later", "ago", "earlier"} or noun.dep_ not in {"compound", "nmod"}:
            continue
        if token.dep_ not in {"dobj", "pobj"} or noun.head.i != token.i or noun_types(singular(token.text))[:1] != ("time",):
            continue
        verb = verb_above(token)
        tree.set(noun, head=token.head, dep=token.dep_)
        for child in token.lefts:
            if child.i < noun.i:
                tree.set(child, head=noun)
        tree.set(token, head=verb, dep="npadvmod")


def going(tree: Tree) -> None:
    """Make `skiing` after `goes` what somebody does."""
    for token in tree.doc[1:]:
        before = token.nbor(-1)
        if (
            token.lower_.endswith("ing")
            and before.lemma_ == "go"
            and token.head.i == before.i
            and open_wordnet().is_verb(verb_lemma(token.text))
        ):
            tree.set(token, tag="VBG", dep="xcomp")
