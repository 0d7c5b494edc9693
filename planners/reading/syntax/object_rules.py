"""Rules that mend a parse by the objects of its verbs: who receives, who does what is asked."""

from __future__ import annotations

from typing import Final

from planners.knowledge.noun_types import BEINGS, noun_types
from planners.knowledge.wordnet import open_wordnet
from planners.reading.english import singular, verb_lemma
from planners.reading.people import people
from planners.reading.syntax.tree import NOMINAL, VERBAL, Tree, begins_phrase, names_being, verb_above
from planners.reading.verb_tables import modality_of_verb, verb_tables

__all__ = [
    "colours_given",
    "compound_objects",
    "controlled_clauses",
    "named_places",
    "names_after_nouns",
    "purposes",
    "questions_asked",
    "receivers",
    "second_objects",
    "verbs_after_to",
]

_LEADING: Final = frozenset({"send", "invite", "get", "lure", "elect", "appoint", "assign"})
_WISHES: Final = frozenset({"want", "need", "expect", "make", "let", "get"})
_ASKING: Final = frozenset({"ask", "question", "quiz", "wonder"})
_QUESTION_WORDS: Final = frozenset({"who", "what", "where", "when", "why", "how", "which", "whom", "whose"})


def compound_objects(tree: Tree) -> None:
    """Split `a poor tailor buttons` after a verb of giving: a singular article does not belong to a plural noun."""
    for token in tree.doc:
        if token.tag_ not in {"NNS", "NN"} or token.dep_ not in {"dobj", "appos"}:
            continue
        verb = verb_above(token)
        being = next((child for child in token.lefts if child.dep_ == "compound" and child.i == token.i - 1), None)
        if being is None or verb_lemma(verb.text) not in verb_tables().ditransitive or not names_being(being):
            continue
        single = any(child.lower_ in {"a", "an"} for child in token.lefts) and token.tag_ == "NNS"
        if any(child.lower_ in {"other", "another"} for child in token.lefts):
            continue
        if (
            single
            or being.tag_ == "NNS"
            or (token.tag_ == "NNS" and not open_wordnet().is_noun(f"{being.lower_} {singular(token.lower_)}"))
        ):
            tree.set(being, head=verb, dep="dative")
            for child in token.lefts:
                if child.i < being.i:
                    tree.set(child, head=being)


def second_objects(tree: Tree) -> None:
    """Split `his nephew the violin` after a verb of giving or teaching: a receiver and a thing, not one described by the other."""
    for token in tree.doc:
        if token.tag_ not in VERBAL or verb_lemma(token.text) not in verb_tables().ditransitive:
            continue
        pronoun = token.nbor() if token.i + 1 < len(tree.doc) else token
        if pronoun.tag_ == "PRP" and pronoun.dep_ in {"nmod", "compound"} and pronoun.head.head.i == token.i:
            tree.set(pronoun, head=token, dep="dative")
            continue
        clauses = [word for child in token.rights if child.dep_ == "ccomp" and child.tag_ in NOMINAL for word in child.lefts]
        first = next(
            (child for child in (*token.rights, *clauses) if child.dep_ in {"dobj", "dative", "nsubj"} and child.tag_ != "IN"),
            None,
        )
        if first is None:
            continue
        end = max((word.i for word in first.subtree if word.i <= first.i), default=first.i)
        second = next(
            (
                word
                for word in (*first.rights, *token.rights)
                if word.dep_ in {"appos", "npadvmod", "oprd", "dobj", "ccomp"}
                and word.i > first.i
                and word.tag_ in NOMINAL
                and (first.tag_ == "PRP" or begins_phrase(word))
                and not any(other.text == "," for other in tree.doc[end : word.i])
                and not any(
                    kind in BEINGS
                    for kind in noun_types(singular(word.text))[:1]
                    if (first.tag_ != "PRP" or token.lemma_ == "make") and not any(child.dep_ == "poss" for child in word.lefts)
                )
                and "time" not in noun_types(singular(word.text))[:1]
            ),
            None,
        )
        if second is not None and (names_being(first) or (second.dep_ in {"appos", "dobj"} and begins_phrase(first))):
            tree.set(second, head=token, dep="dobj")
            tree.set(first, head=token, dep="dative")


def names_after_nouns(tree: Tree) -> None:
    """Make `Thunder` in `his horse Thunder` the name of the horse, not a thunder of horses."""
    for token in tree.doc:
        if token.i == 0 or token.is_sent_start or not token.text.istitle() or token.dep_ == "compound":
            continue
        noun = token.nbor(-1)
        loose = (
            token.dep_ in {"advmod", "npadvmod", "dobj", "dep", "oprd"} and token.head.i != noun.i and not list(token.children)
        )
        owned = any(child.dep_ == "poss" for child in noun.lefts)
        if loose and owned and token.tag_ in NOMINAL and noun.tag_ == "NN" and not noun.text.istitle() and names_being(noun):
            tree.set(token, tag="NNP", head=noun, dep="appos")
        fragment = token.head.i == token.i
        if not fragment and noun.dep_ == "compound" and noun.head.i == token.i and not noun.text.istitle() and names_being(noun):
            begins = [child for child in token.lefts if child.i < noun.i and child.dep_ in {"det", "poss", "amod"}]
            if any(child.dep_ in {"det", "poss"} for child in (*begins, *noun.lefts)):
                head, dep = token.head, token.dep_
                tree.set(noun, head=head, dep=dep)
                tree.set(token, tag="NNP", head=noun, dep="appos")
                for child in begins:
                    tree.set(child, head=noun, dep=child.dep_)


def verbs_after_to(tree: Tree) -> None:
    """Make `waltz` in `teaches a cow to waltz` what the cow is taught, not where it is led."""
    for token in tree.doc:
        before = token.nbor(-1) if token.i else token
        verb = before.head
        if token.tag_ != "NN" or token.dep_ != "pobj" or before.lower_ != "to" or list(token.lefts):
            continue
        lemma = verb_lemma(verb.text)
        receiver = any(child.dep_ in {"dobj", "dative"} and child.i < before.i for child in verb.children)
        if receiver and lemma in set(verb_tables().requests) - _LEADING and open_wordnet().is_verb(token.lower_):
            tree.set(token, tag="VB", head=verb, dep="xcomp")
            tree.set(before, tag="TO", head=token, dep="aux")


def controlled_clauses(tree: Tree) -> None:
    """Make `to knead dough` after `teaches a robot` what the robot is taught, not why."""
    for token in tree.doc:
        if token.tag_ != "VB" or token.dep_ not in {"advcl", "acl"} or not any(child.lower_ == "to" for child in token.lefts):
            continue
        if token.nbor(-2).lower_ == "order" if token.i > 1 else False:
            continue
        verb = token.head if token.dep_ == "advcl" else token.head.head
        lemma = verb_lemma(verb.text)
        shown = lemma in {"show", *verb_tables().says} and any(child.lower_ == "how" for child in token.lefts)
        if (lemma not in verb_tables().requests and lemma not in modality_of_verb() and not shown) or verb.tag_ not in VERBAL:
            continue
        receiver = next((child for child in verb.children if child.dep_ in {"dobj", "dative"} and child.i > verb.i), None)
        alone = receiver is None and token.head.i == verb.i and verb_lemma(verb.text) in modality_of_verb()
        person = receiver is not None and (names_being(receiver) or lemma in verb_tables().social)
        if alone or (receiver is not None and receiver.i < token.i and person):
            tree.set(token, head=verb, dep="xcomp")


def purposes(tree: Tree) -> None:
    """Make `the mountain` in `climbs the mountain to audit the gold` what is climbed, not who audits."""
    for token in tree.doc:
        if token.dep_ != "ccomp" or token.tag_ != "VB" or not any(child.lower_ == "to" for child in token.lefts):
            continue
        subject, verb = next((child for child in token.lefts if child.dep_ == "nsubj"), None), token.head
        if subject is None or verb.i > subject.i or subject.tag_ not in NOMINAL or verb.tag_ not in VERBAL:
            continue
        lemma = verb_lemma(verb.text)
        if lemma in {*verb_tables().requests, *verb_tables().causative, *verb_tables().says, *modality_of_verb()}:
            continue
        tree.set(subject, head=verb, dep="dobj")
        tree.set(token, dep="advcl")


def named_places(tree: Tree) -> None:
    """Let `the sofa` in `in their natural habitat, the sofa` say which place it is."""
    for token in tree.doc[3:]:
        article = next((child for child in token.lefts if child.dep_ == "det" and child.lower_ == "the"), None)
        if article is None or article.i < 2 or token.tag_ not in NOMINAL or article.nbor(-1).text != ",":
            continue
        place = article.nbor(-2)
        owned = any(child.dep_ == "poss" for child in place.lefts) and "place" in noun_types(place.lower_)
        if owned and place.tag_ == "NN" and token.dep_ in {"appos", "pobj", "conj", "npadvmod"} and token.head.tag_ not in VERBAL:
            tree.set(token, head=place, dep="appos")


def colours_given(tree: Tree) -> None:
    """Make `green` in `paints the grass green` what the grass becomes, neither a thing nor what it does."""
    for token in tree.doc[1:]:
        noun = token.nbor(-1)
        doubled = noun.dep_ == "dobj" and noun.head.i == token.head.i and token.dep_ == "dobj"
        if doubled and token.lower_ in people().colours:
            tree.set(token, tag="JJ", dep="oprd")
        if token.lower_ not in people().colours or noun.head.i != token.i or noun.dep_ not in {"compound", "nsubj"}:
            continue
        if token.head.tag_ not in VERBAL or token.dep_ not in {"dobj", "ccomp"} or any(token.rights):
            continue
        tree.set(noun, head=token.head, dep="dobj")
        for child in token.lefts:
            if child.i != noun.i:
                tree.set(child, head=noun)
        tree.set(token, tag="JJ", dep="oprd")


def receivers(tree: Tree) -> None:
    """Make `her mother` in `promises her mother to sell the hives` the receiver, not who sells them."""
    for token in tree.doc:
        if token.dep_ != "ccomp" or token.tag_ != "VB" or not any(child.lower_ == "to" for child in token.lefts):
            continue
        lemma = verb_lemma(token.head.text)
        subject = next((child for child in token.lefts if child.dep_ == "nsubj"), None)
        if subject is None or token.head.i > subject.i or lemma not in {*verb_tables().requests, "promise"} - _WISHES:
            continue
        tree.set(subject, head=token.head, dep="dobj")
        tree.set(token, dep="xcomp")


def questions_asked(tree: Tree) -> None:
    """Make `who broke the vase` after `asks the parrot` the question, not a clause that describes the parrot."""
    for token in tree.doc:
        if token.dep_ != "relcl" or token.head.dep_ not in {"dobj", "dative"} or verb_lemma(token.head.head.text) not in _ASKING:
            continue
        first = next(iter(token.lefts), token)
        if first.lower_ in _QUESTION_WORDS and first.i == token.head.i + 1:
            tree.set(token, head=token.head.head, dep="ccomp")
