"""Rules that mend a parse by its noun phrases: which nouns belong to one compound, what is left."""

from __future__ import annotations

from planners.knowledge.noun_types import noun_types
from planners.reading.syntax.tree import NOMINAL, NOUN_RELATIONS, Tree, begins_phrase, finite_form

__all__ = ["listed_participles", "remainders", "split_compounds", "verbs_after_single_nouns"]


def split_compounds(tree: Tree) -> None:
    """Join `person` and `poster` of `at the missing person poster`: a verb or preposition has no two objects side by side."""
    for token in tree.doc[1:]:
        before = token.nbor(-1)
        if before.head.i != token.head.i or before.dep_ != token.dep_ or token.dep_ not in NOUN_RELATIONS - {"dative"}:
            continue
        if before.tag_ not in {"NN", "NNP"} or token.tag_ not in NOMINAL or begins_phrase(token) or token.text[:1].isupper():
            continue
        tree.set(before, head=token, dep="compound")
        for child in before.lefts:
            if child.dep_ in {"det", "poss", "nummod"}:
                tree.set(child, head=token)
            elif child.dep_ == "amod":
                tree.set(child, head=token, tag="NN", dep="compound")


def verbs_after_single_nouns(tree: Tree) -> None:
    """Make `dreams` in `A pebble dreams of a mountain` a verb: no plural has the article of one, no relative clause is without a verb."""
    for token in tree.doc[1:]:
        before = token.nbor(-1)
        if token.tag_ != "NNS" or before.head.i != token.i or before.dep_ not in {"amod", "compound", "nmod"}:
            continue
        single = any(child.lower_ in {"a", "an", "every", "each"} and child.dep_ == "det" for child in token.lefts)
        clause = single and token.dep_ in {"ROOT", "conj", "ccomp", "parataxis"}
        if not (clause or token.dep_ == "relcl") or not noun_types(before.lower_) or finite_form(token) != "VBZ":
            continue
        tree.set(token, tag="VBZ")
        tree.set(before, tag="NN", dep="nsubj")
        for child in token.lefts:
            if child.i < before.i and child.dep_ in {"det", "amod", "compound", "nmod", "poss"}:
                tree.set(child, head=before)


def remainders(tree: Tree) -> None:
    """Make `left` in `has one match left and plays` what remains, neither what the match does nor what somebody is said to do."""
    for token in tree.doc[1:]:
        before = token.nbor(-1)
        if token.lower_ != "left" or before.tag_ not in NOMINAL or any(child.dep_ in {"dobj", "aux"} for child in token.children):
            continue
        subject = token.head if token.dep_ == "acl" else next((child for child in token.lefts if child.dep_ == "nsubj"), token)
        holder = subject.head if token.dep_ == "acl" else token.head
        if token.dep_ == "acl" and holder.lower_ == "with":
            tree.set(token, tag="RB", head=subject, dep="advmod")
            continue
        if subject.i == token.i or holder.lemma_ != "have" or token.dep_ not in {"acl", "ccomp"}:
            continue
        tree.set(subject, head=holder, dep="dobj")
        tree.set(token, tag="RB", head=holder, dep="advmod")
        for child in token.children:
            if child.dep_ in {"conj", "cc"}:
                tree.set(child, head=subject if child.tag_ in NOMINAL else holder)
            elif child.i > token.i:
                tree.set(child, head=holder)


def listed_participles(tree: Tree) -> None:
    """Make `faded` in the list `An empty fairground, faded horses, snow` describe the horses: no comma stands before a verb."""
    for token in tree.doc[2:-1]:
        noun, subject = token.nbor(), next((child for child in token.lefts if child.dep_ == "nsubj"), token)
        if (
            token.tag_ != "VBD"
            or not token.lower_.endswith("ed")
            or token.dep_ not in {"ROOT", "ccomp"}
            or token.nbor(-1).text != ","
        ):
            continue
        if noun.tag_ not in NOMINAL or noun.dep_ != "dobj" or noun.head.i != token.i or subject.i == token.i:
            continue
        if sum(word.text == "," for word in tree.doc[subject.i : token.i]) != 1:
            continue
        tree.heads[subject.i] = subject.i if token.dep_ == "ROOT" else token.head.i
        tree.set(subject, dep="ROOT" if token.dep_ == "ROOT" else "dep")
        tree.set(noun, head=subject, dep="conj")
        for child in token.children:
            if child.i not in {subject.i, noun.i}:
                tree.set(child, head=subject, dep="conj" if child.tag_ in NOMINAL else child.dep_)
        tree.set(token, tag="VBN", head=noun, dep="amod")
