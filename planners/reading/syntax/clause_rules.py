"""Rules that mend a parse by its clauses: which verb is the main one, what its subject is."""

from __future__ import annotations

from planners.knowledge.noun_types import noun_types
from planners.knowledge.wordnet import open_wordnet
from planners.reading.english import singular
from planners.reading.spacy_without_torch import Token
from planners.reading.syntax.tree import (
    BEFORE_NOUN,
    FINITE,
    NOMINAL,
    SUBJECTS,
    VERBAL,
    Tree,
    begins_phrase,
    names_being,
    verb_above,
)

__all__ = [
    "joined_subjects",
    "list_subjects",
    "listed_subjects",
    "nearest_described",
    "nouns_after_and",
    "subjects_before_verbs",
    "swallowed_compounds",
    "swallowed_main_verbs",
    "tenses",
    "verbs_in_compounds",
    "verbs_joined_to_nouns",
    "words_of_subjects",
]


def swallowed_compounds(tree: Tree) -> None:
    """Make `A robot nanny learns` a clause, where `nanny learns` was taken for what describes the robot."""
    for token in tree.doc:
        noun = token.head
        subject = next((child for child in token.lefts if child.dep_ == "nsubj"), None)
        if token.dep_ != "relcl" or noun.dep_ != "ROOT" or subject is None or token.tag_ not in FINITE:
            continue
        if subject.i == noun.i + 1 and subject.tag_ in {"NN", "NNS"} and not list(subject.lefts):
            tree.heads[token.i] = token.i
            tree.set(token, dep="ROOT")
            tree.set(noun, head=subject, dep="compound")
            for child in noun.children:
                if child.i != token.i:
                    tree.set(child, head=subject if child.i < noun.i else token)


def swallowed_main_verbs(tree: Tree) -> None:
    """Make `becomes` the main verb of `The dog that bit the postman becomes a cat`, not what the dog bit."""
    for token in tree.doc:
        noun, inner = token.head, next((child for child in token.rights if child.dep_ == "ccomp" and child.tag_ in FINITE), None)
        if token.dep_ != "relcl" or noun.dep_ != "ROOT" or noun.tag_ not in NOMINAL or inner is None:
            continue
        subject = next((child for child in inner.lefts if child.dep_ == "nsubj"), None)
        if subject is None or any(child.dep_ in {"mark", "advmod"} for child in inner.lefts):
            continue
        tree.heads[inner.i] = inner.i
        tree.set(inner, dep="ROOT")
        tree.set(noun, head=inner, dep="nsubj")
        tree.set(subject, head=token, dep="dobj")


def verbs_in_compounds(tree: Tree) -> None:
    """Make `invents` in `A guide invents stories` the verb, though it was joined to its object; and a clause no subject."""
    for token in tree.doc:
        own = any(child.dep_ in SUBJECTS for child in token.lefts)
        if token.tag_ not in FINITE or not own:
            continue
        noun = token.head
        if token.dep_ == "nsubj":
            tree.set(token, dep="ccomp")
        elif token.dep_ == "compound" and noun.dep_ == "ROOT" and noun.tag_ in NOMINAL:
            tree.heads[token.i] = token.i
            tree.set(token, dep="ROOT")
            tree.set(noun, head=token, dep="dobj")
            for child in noun.rights:
                if child.tag_ in VERBAL or child.dep_ in {"cc", "punct"}:
                    tree.set(child, head=token)


def verbs_joined_to_nouns(tree: Tree) -> None:
    """Join `races` in `builds a sledge and races the tractor` to the verb, not to the sledge."""
    for token in tree.doc:
        if token.dep_ == "conj" and token.tag_ in FINITE and token.head.tag_ in NOMINAL and verb_above(token).tag_ in VERBAL:
            tree.set(token, head=verb_above(token))


def nearest_described(tree: Tree) -> None:
    """Let `that never laughs` in `a clown meets a kid that never laughs` describe the being right before it."""
    for token in tree.doc:
        first = next((child for child in token.lefts if child.lower_ in {"who", "that"} and child.dep_ == "nsubj"), None)
        if token.dep_ != "relcl" or first is None or first.i == 0:
            continue
        noun = first.nbor(-1)
        if noun.tag_ in NOMINAL and noun.i != token.head.i and noun.dep_ not in {"compound", "poss"} and names_being(noun):
            tree.set(token, head=noun)


def tenses(tree: Tree) -> None:
    """Join `finds` in `fixes a clock that belonged to a poet and finds a note` to the verb of its tense."""
    for token in tree.doc:
        verb = token.head
        if token.dep_ != "conj" or token.tag_ != "VBZ" or verb.tag_ != "VBD" or verb.dep_ not in {"relcl", "ccomp", "advcl"}:
            continue
        if any(child.dep_ in SUBJECTS for child in token.children):
            continue
        main = verb_above(verb)
        if main.tag_ == "VBZ":
            tree.set(token, head=main)


def list_subjects(tree: Tree) -> None:
    """Make the main verb of `a chef, an acrobat and a man who can whistle steal…` the root, whose relative clause swallowed it."""
    for token in tree.doc:
        inner = next((child for child in token.children if child.dep_ == "nsubj" and child.tag_ in VERBAL), None)
        root = token.sent.root
        if (
            token.dep_ != "relcl"
            or inner is None
            or root.tag_ not in NOMINAL
            or not any(child.dep_ == "aux" for child in [*inner.children, *token.children])
        ):
            continue
        described = token.head
        tree.heads[token.i] = token.i
        tree.set(token, dep="ROOT")
        tree.set(root, head=token, dep="nsubj")
        tree.set(inner, head=described, dep="relcl")
        for child in token.children:
            if child.i < inner.i:
                tree.set(child, head=inner)
        for word in token.sent:
            if word.dep_ == "appos" and word.head.i == root.i:
                tree.set(word, dep="conj")


def subjects_before_verbs(tree: Tree) -> None:
    """Make `The monkey` in `The monkey types` a subject where it was taken for the first part of a compound."""
    for token in tree.doc[1:]:
        if token.tag_ not in FINITE or any(child.dep_ in {*SUBJECTS, "expl", "aux"} for child in token.children):
            continue
        noun = token.nbor(-1)
        clause = next((child for child in token.lefts if child.dep_ == "csubj"), None)
        if clause is not None and noun.dep_ == "conj" and noun.tag_ in NOMINAL:
            tree.set(noun, head=token, dep="nsubj")
            tree.set(clause, dep="ccomp")
        elif noun.dep_ == "conj" and noun.tag_ in NOMINAL and token.dep_ in {"ccomp", "parataxis"} and noun.head.i != token.i:
            tree.set(noun, head=token, dep="nsubj")
            tree.set(token, dep="conj")
        elif noun.head.i == token.i and noun.tag_ in NOMINAL and _may_be_subject(noun):
            tree.set(noun, dep="nsubj")
            for child in token.lefts:
                if child.i < noun.i and child.dep_ in BEFORE_NOUN:
                    tree.set(child, head=noun)


def _may_be_subject(noun: Token) -> bool:
    """Whether a noun right before a verb may be its subject: not `the next morning`."""
    time = "time" in noun_types(singular(noun.text))[:1]
    return noun.dep_ in {"compound", "nmod"} or (noun.dep_ == "npadvmod" and not time)


def words_of_subjects(tree: Tree) -> None:
    """Give a subject the article and the compounds before it that the parser tied to its verb."""
    for token in tree.doc:
        if token.dep_ in SUBJECTS and token.tag_ in NOMINAL and token.head.tag_ in FINITE and token.i < token.head.i:
            for child in token.head.lefts:
                if child.i < token.i and child.dep_ in BEFORE_NOUN - {"npadvmod"}:
                    tree.set(child, head=token)


def listed_subjects(tree: Tree) -> None:
    """Make `A judge, a thief and a priest` three, not a judge who is a thief and a priest."""
    for token in tree.doc:
        noun = token.head
        first = next((child for child in noun.lefts if child.dep_ in SUBJECTS and child.i < token.i), None)
        if token.dep_ in SUBJECTS and first is not None and any(child.dep_ == "conj" for child in token.rights):
            tree.set(token, head=first, dep="conj")
            continue
        if (token.dep_ == "appos" and noun.tag_ == "NNS" and _is_other_than(token, noun)) or (
            token.dep_ == "appos"
            and {noun.tag_, token.tag_} <= {"NN", "NNP"}
            and any(child.dep_ == "conj" for child in token.rights)
            and ((begins_phrase(noun) and begins_phrase(token)) or {noun.tag_, token.tag_} == {"NNP"})
        ):
            tree.set(token, dep="conj")


def _is_other_than(token: Token, several: Token) -> bool:
    """Whether a listed noun cannot be one of several named before: a beetle after two snails, but a baker after two friends."""
    kinds, others = noun_types(singular(several.text))[:1], noun_types(singular(token.text))[:1]
    listed = any(child.dep_ == "conj" for child in token.rights)
    person = kinds in {("person",), ("group",)} and others == ("person",)
    return (
        listed and bool(kinds and others) and not person and not open_wordnet().is_a(singular(token.text), singular(several.text))
    )


def nouns_after_and(tree: Tree) -> None:
    """Join `his parrot` in `A boxer and his parrot open a shop` to the boxer, where it was taken for an adverb."""
    for token in tree.doc:
        verb = token.head
        noun = token.tag_ in NOMINAL or (token.tag_ == "JJ" and bool(noun_types(token.lower_)))
        if not noun or token.dep_ not in {"advmod", "npadvmod", "dep", "amod"} or token.i > verb.i or verb.tag_ not in VERBAL:
            continue
        subject = next((child for child in verb.lefts if child.dep_ in SUBJECTS and child.i < token.i), None)
        if subject is None or any(child.dep_ == "conj" for child in subject.rights) or not begins_phrase(token):
            continue
        if any(child.dep_ == "cc" and child.i == token.left_edge.i - 1 for child in subject.rights):
            tree.set(token, tag=token.tag_ if token.tag_ in NOMINAL else "NN", head=subject, dep="conj")


def joined_subjects(tree: Tree) -> None:
    """Join `The night` and `watchman` before a verb to one subject."""
    for token in tree.doc[1:]:
        before = token.nbor(-1)
        if (
            token.dep_ in SUBJECTS
            and before.dep_ in {*SUBJECTS, "npadvmod"}
            and token.head.i == before.head.i
            and {token.tag_, before.tag_} <= NOMINAL
        ):
            tree.set(before, head=token, dep="compound")
            for child in before.lefts:
                tree.set(child, head=token)
