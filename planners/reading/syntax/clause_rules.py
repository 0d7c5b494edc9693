"""Rules that mend a parse by its clauses: which verb is the main one, what its subject is."""

from __future__ import annotations

from typing import Final

from planners.knowledge.noun_types import noun_types
from planners.knowledge.wordnet import open_wordnet
from planners.reading.english import singular, verb_lemma
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
from planners.reading.verb_tables import verb_tables

__all__ = [
    "ADVERBS_OF_ORDER",
    "absolute_phrases",
    "comparisons",
    "joined_subjects",
    "list_subjects",
    "listed_subjects",
    "listed_with_adverbs",
    "nearest_described",
    "nouns_after_and",
    "participles_after_nouns",
    "subjects_after_places",
    "subjects_before_verbs",
    "swallowed_compounds",
    "swallowed_main_verbs",
    "tenses",
    "verbs_after_relative_clauses",
    "verbs_in_compounds",
    "verbs_joined_to_nouns",
    "verbs_of_perceived",
    "words_of_subjects",
]

_CLAUSE_MARKS: Final = frozenset({"until", "after", "before", "till", "since"})
"""Prepositions that may also begin a clause."""
ADVERBS_OF_ORDER: Final = frozenset({"then", "next", "afterwards"})


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
        noun, inner = token.head, next((child for child in token.rights if child.dep_ == "ccomp" and _is_finite(child)), None)
        preposition = noun.head if noun.dep_ == "pobj" and noun.head.lower_ in _CLAUSE_MARKS else None
        if token.dep_ != "relcl" or noun.tag_ not in NOMINAL or inner is None or (noun.dep_ != "ROOT" and preposition is None):
            continue
        subject = next((child for child in inner.lefts if child.dep_ in SUBJECTS), None)
        if subject is None or any(child.dep_ in {"mark", "advmod"} for child in inner.lefts):
            continue
        if preposition is None:
            tree.heads[inner.i] = inner.i
            tree.set(inner, dep="ROOT")
        else:
            tree.heads[inner.i] = preposition.head.i
            tree.set(inner, dep="advcl")
            tree.set(preposition, head=inner, dep="mark")
        tree.set(noun, head=inner, dep=subject.dep_)
        tree.set(subject, head=token, dep="dobj")


def comparisons(tree: Tree) -> None:
    """Make `shaves` the main verb of `A barber who is faster than his brother shaves the mayor`, not what the brother does."""
    for token in tree.doc[1:]:
        if token.lower_ != "than":
            continue
        root = token.sent.root
        quality = next((word for word in reversed(token.doc[root.left_edge.i : token.i]) if word.tag_ in {"JJR", "RBR"}), root)
        described = root if root.tag_ in NOMINAL else next((word for word in root.lefts if word.tag_ in NOMINAL), None)
        verb = token.head if token.dep_ == "mark" else next((word for word in root.rights if word.i > token.i), token)
        if described is None or verb.tag_ not in FINITE or (root.tag_ not in NOMINAL and root.i != quality.i):
            continue
        compared = next((child for child in verb.lefts if child.dep_ in SUBJECTS), None)
        if (compared is None) == (token.dep_ == "mark"):
            continue
        tree.heads[verb.i] = verb.i
        tree.set(verb, dep="ROOT")
        tree.set(described, head=verb, dep="nsubj")
        if root.i == quality.i:
            tree.set(quality, head=described, dep="amod")
        if compared is not None:
            tree.set(token, head=quality, dep="prep")
            tree.set(compared, head=token, dep="pobj")
        for child in root.rights:
            if child.dep_ in {"punct", "cc"} and child.i > verb.i:
                tree.set(child, head=verb)


def _is_finite(verb: Token) -> bool:
    """Whether a verb stands in the present or the past, or in the passive of them."""
    return verb.tag_ in FINITE or any(child.dep_ == "auxpass" and child.tag_ in FINITE for child in verb.lefts)


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
        dependent = (verb.tag_ == "VBD" and verb.dep_ in {"relcl", "ccomp", "advcl"}) or (
            verb.tag_ in {"VB", "VBG"} and verb.dep_ in {"ccomp", "xcomp", "acl", "advcl"}
        )
        if token.dep_ != "conj" or token.tag_ != "VBZ" or not dependent:
            continue
        if any(child.dep_ in SUBJECTS for child in token.children):
            continue
        main = verb_above(verb)
        if main.tag_ == "VBZ":
            tree.set(token, head=main)


def verbs_after_relative_clauses(tree: Tree) -> None:
    """Join `give` in `sew a quilt out of everything that was left and give it away` to the verb before the clause."""
    for token in tree.doc:
        verb = token.head
        if token.dep_ != "conj" or token.tag_ not in {"VB", "VBP"} or verb.tag_ not in {"VBN", "VBD"} or verb.dep_ != "relcl":
            continue
        main = verb_above(verb)
        helped = any(child.dep_ in {*SUBJECTS, "aux"} for child in token.children)
        if (
            main.tag_ in {"VB", "VBP"}
            and not helped
            and not any(child.dep_ == "aux" for child in main.lefts if main.tag_ == "VB")
        ):
            tree.set(token, head=main)


def subjects_after_places(tree: Tree) -> None:
    """Split `In a bombed cathedral eight robots try`: a second number or article begins the subject."""
    for token in tree.doc[1:]:
        noun = token.nbor(-1)
        if token.tag_ not in FINITE or noun.dep_ != "pobj" or noun.tag_ not in NOMINAL or noun.head.head.i != token.i:
            continue
        if any(child.dep_ in {*SUBJECTS, "expl", "aux"} for child in token.children):
            continue
        before = [child for child in noun.lefts if child.dep_ in BEFORE_NOUN]
        second = next((child for child in before[1:] if child.dep_ in {"nummod", "det", "poss"}), None)
        if second is None or not second.i or noun_types(singular(second.nbor(-1).text)) == ():
            continue
        place = second.nbor(-1)
        tree.set(noun, head=token, dep="nsubj")
        tree.heads[place.i] = noun.head.i
        tree.set(place, tag="NN", dep="pobj")
        for child in (*before, *place.lefts):
            if child.i < place.i:
                tree.heads[child.i] = place.i
                tree.changed = True


def listed_with_adverbs(tree: Tree) -> None:
    """Join `then the map` in `throw the cheese, then the map` to the noun before it; it has no verb of its own."""
    last: Token | None = None
    for token in tree.doc:
        if token.tag_ not in NOMINAL or token.dep_ in {"compound", "poss", "nmod", "npadvmod"}:
            continue
        adverb = _word_before_phrase(token)
        verbless = not any(child.tag_ in VERBAL and child.dep_ not in {"relcl", "ccomp"} for child in token.children)
        ordered = adverb is not None and adverb.lower_ in {*ADVERBS_OF_ORDER, "finally", "lastly"}
        relations = {"conj", "appos", "dep", "ROOT"}
        if adverb is not None and ordered and verbless and last is not None and token.dep_ in relations:
            tree.heads[adverb.i] = token.i
            tree.heads[token.i] = last.i
            tree.set(token, dep="conj")
            for child in token.children:
                if child.dep_ == "ccomp" and child.i < token.i:
                    tree.heads[child.i] = child.i
                    tree.set(child, dep="ROOT")
        last = token


def _word_before_phrase(noun: Token) -> Token | None:
    """The word before the article of a noun or, without one, before the first word that belongs to it."""
    at = noun.i
    while at and noun.doc[at - 1].tag_ in {"DT", "PRP$", "POS", "JJ", "CD", *NOMINAL}:
        at -= 1
    return noun.doc[at - 1] if at else None


def participles_after_nouns(tree: Tree) -> None:
    """Let `lost years ago` in `finds a ring, lost years ago, on a claw` describe the ring."""
    for token in tree.doc[2:]:
        noun = token.nbor(-2)
        if token.tag_ != "VBN" or token.dep_ != "conj" or token.head.tag_ not in FINITE or token.nbor(-1).text != ",":
            continue
        if noun.dep_ not in {"dobj", "pobj", "ccomp", "attr"} or any(
            child.dep_ in {*SUBJECTS, "aux", "auxpass", "cc", "advmod"} and child.lower_ != "ago" for child in token.children
        ):
            continue
        tree.set(token, head=noun, dep="acl")
        for child in token.rights:
            if child.dep_ == "prep" and child.nbor(-1).text == ",":
                tree.set(child, head=token.head)


def absolute_phrases(tree: Tree) -> None:
    """Let `his boat full of chickens` after a comma be what it is, not the object of the verb before."""
    for token in tree.doc:
        full = any(child.tag_ == "JJ" and child.dep_ == "amod" and any(child.rights) for child in token.rights)
        owned = next((child for child in token.lefts if child.dep_ == "poss"), None)
        if full and owned is not None and owned.i and owned.nbor(-1).text == "," and token.dep_ in {"dobj", "npadvmod", "conj"}:
            tree.set(token, dep="dep")


def verbs_of_perceived(tree: Tree) -> None:
    """Make `hears` the main verb of `hears the sea say his name`, not `say`."""
    for token in tree.doc[1:]:
        noun, verb = token.nbor(-1), token.nbor(-1).head
        if token.tag_ not in {"VB", "VBP"} or verb.dep_ != "ccomp" or verb.head.i != token.i or noun.dep_ != "dobj":
            continue
        if verb_lemma(verb.text) not in verb_tables().perception or any(child.dep_ in SUBJECTS for child in token.children):
            continue
        tree.heads[verb.i] = verb.i if token.head.i == token.i else token.head.i
        tree.set(verb, dep=token.dep_)
        tree.set(noun, head=token, dep="nsubj")
        tree.heads[token.i] = verb.i
        tree.set(token, tag="VB", dep="ccomp")
        for child in token.rights:
            if child.dep_ in {"punct", "cc"} or (child.dep_ == "conj" and child.tag_ in FINITE):
                tree.heads[child.i] = verb.i


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
