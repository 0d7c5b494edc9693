"""Rules that mend the parse of long sentences: verbs joined to the wrong one, words taken for verbs or nouns between clauses."""

from __future__ import annotations

from typing import Final

from planners.knowledge.noun_types import NounType, noun_types
from planners.knowledge.wordnet import open_wordnet
from planners.reading.english import singular, verb_lemma
from planners.reading.spacy_without_torch import Token
from planners.reading.syntax.tree import FINITE, NOMINAL, SUBJECTS, VERBAL, Tree, finite_form, names_being, verb_above
from planners.reading.verb_tables import verb_tables

__all__ = [
    "agreeing_verbs",
    "bare_verbs",
    "made_things",
    "objects_read_as_subjects",
    "owned_objects",
    "passives_after_relative_clauses",
    "prepositions_after_participles",
    "progressives",
    "subjects_joined_to_objects",
    "time_spent",
    "times_later",
]

_MADE: Final[frozenset[NounType]] = frozenset({"food", "thing", "clothing", "document"})
_MAKING: Final = frozenset({"make", "bake", "cook", "brew", "knit", "sew", "build"})


def bare_verbs(tree: Tree) -> None:
    """Make verbs of `clap` in `they rise and clap` and of `back` in `they back away`."""
    for token in tree.doc[1:]:
        if token.tag_ not in {"NN", "RB", "JJ"} or finite_form(token) != "VBP":
            continue
        before = token.nbor(-1)
        several = any(_is_several(child) for child in token.lefts if child.dep_ in SUBJECTS)
        if token.tag_ == "RB" and several and token.dep_ in {"conj", "ccomp", "advcl", "ROOT"}:
            tree.set(token, tag="VBP")
        joined = token.dep_ == "conj" and before.lower_ in {"and", "or", "then"} and token.head.tag_ in {"VBP", "VB"}
        if token.tag_ == "NN" and joined and not list(token.lefts) and _is_several(_subject(token.head)):
            tree.set(token, tag=token.head.tag_)


def agreeing_verbs(tree: Tree) -> None:
    """Join `says` in `they back away until a tortoise walks up and says` to the verb of its number."""
    for token in tree.doc:
        verb = token.head
        if token.dep_ != "conj" or token.tag_ not in {"VBZ", "VBP"} or any(child.dep_ in SUBJECTS for child in token.children):
            continue
        subject = _subject(verb)
        if subject is not None and subject.lower_ in {"nobody", "nothing"} and verb.dep_ == "advcl":
            tree.set(token, head=verb.head)
            continue
        if subject is None or verb.tag_ not in FINITE or _agrees(subject, token) is not False:
            continue
        between = [
            word
            for word in tree.doc[verb.i + 1 : token.i]
            if word.tag_ == token.tag_ and word.dep_ in {"advcl", "conj", "ccomp"} and word.is_ancestor(token) is False
        ]
        nearest = next((word for word in reversed(between) if _agrees(_subject(word), token)), None)
        if nearest is not None:
            tree.set(token, head=nearest)


def _subject(verb: Token) -> Token | None:
    """The subject of a verb, its own or that of the verb to which it is joined."""
    for _ in range(6):
        subject = next((child for child in verb.lefts if child.dep_ in SUBJECTS), None)
        if subject is not None or verb.dep_ != "conj":
            return subject
        verb = verb.head
    return None


def _is_several(noun: Token | None) -> bool:
    """Whether a subject is surely plural."""
    if noun is None:
        return False
    return (
        noun.tag_ in {"NNS", "NNPS"}
        or noun.lower_ in {"they", "we", "i", "you", "both"}
        or any(child.dep_ == "conj" for child in noun.rights)
    )


def _agrees(subject: Token | None, verb: Token) -> bool | None:
    """Whether a subject has the number of a verb; None if its number is not plain."""
    if subject is None or subject.tag_ in {"WP", "WDT", "CD"}:
        return None
    plural = _is_several(subject)
    single = subject.lower_ in {"he", "she", "it"} or (subject.tag_ in {"NN", "NNP"} and not plural)
    return plural == (verb.tag_ == "VBP") if plural != single else None


def passives_after_relative_clauses(tree: Tree) -> None:
    """Join `gets invited` in `delivers it to a house that does not exist and gets invited` to the verb of the being."""
    for token in tree.doc:
        clause = token.head
        if token.dep_ != "conj" or token.tag_ != "VBN" or clause.dep_ != "relcl" or clause.head.tag_ not in NOMINAL:
            continue
        passive = any(child.dep_ == "auxpass" for child in token.lefts) and not any(
            child.dep_ in SUBJECTS for child in token.lefts
        )
        main = verb_above(clause)
        if passive and verb_lemma(token.text) in verb_tables().social and not names_being(clause.head) and main.tag_ in FINITE:
            tree.set(token, head=main)


def time_spent(tree: Tree) -> None:
    """Make `running` in `spends the morning running desk to desk` what somebody does in that time."""
    for token in tree.doc:
        verb = token.head
        if token.dep_ != "dobj" or verb_lemma(verb.text) not in {"spend", "waste"} or verb.tag_ not in VERBAL:
            continue
        words = [child for child in token.lefts if child.i > verb.i]
        deed = next((child for child in words if child.lower_.endswith("ing") and _names_time(child.nbor(-1))), None)
        if deed is None:
            continue
        time = deed.nbor(-1)
        tree.set(time, tag="NN" if time.tag_ not in NOMINAL else time.tag_, head=verb, dep="dobj")
        tree.set(deed, tag="VBG", head=verb, dep="xcomp")
        tree.set(token, head=deed, dep="dobj")
        if token.i + 2 < len(tree.doc) and token.nbor().lower_ == "to" and token.nbor(2).lower_ == token.lower_:
            tree.set(token, dep="npadvmod")
            tree.set(token.nbor(), tag="IN", head=deed, dep="prep")
            tree.set(token.nbor(2), tag=token.tag_, head=token.nbor(), dep="pobj")
        for child in words:
            if child.i < time.i:
                tree.set(child, head=time)


def _names_time(word: Token) -> bool:
    return noun_types(singular(word.text))[:1] == ("time",)


def progressives(tree: Tree) -> None:
    """Make `who` in `who's been stealing the bread` the one that steals: a participle in `-ing` is no passive."""
    for token in tree.doc:
        if token.tag_ != "VBG" or token.dep_ in {"auxpass", "aux"}:
            continue
        for child in token.lefts:
            if child.dep_ == "auxpass":
                tree.set(child, dep="aux")
            elif child.dep_ == "nsubjpass":
                tree.set(child, dep="nsubj")


def made_things(tree: Tree) -> None:
    """Make `soup` in `He makes it soup` what somebody gets, not what it does."""
    for token in tree.doc:
        verb = token.head
        receiver = next((child for child in token.lefts if child.dep_ == "nsubj" and child.tag_ == "PRP"), None)
        if token.dep_ != "ccomp" or token.tag_ not in {"VB", "NN", "VBP"} or receiver is None or receiver.i != token.i - 1:
            continue
        if verb_lemma(verb.text) not in _MAKING or verb.i != receiver.i - 1 or noun_types(token.lower_)[:1] == ():
            continue
        if not _is_rather_noun(token) or noun_types(token.lower_)[0] not in _MADE:
            continue
        tree.set(token, tag="NN", dep="dobj")
        tree.set(receiver, head=verb, dep="dative")


def owned_objects(tree: Tree) -> None:
    """Make `cub` in `A bear loses her cub in a storm` what is lost, not what she does."""
    for token in tree.doc:
        owner = next((child for child in token.lefts if child.dep_ == "nsubj" and child.lower_ == "her"), None)
        if owner is None or owner.i != token.i - 1 or token.dep_ != "ccomp" or token.tag_ not in {"VB", "VBP"}:
            continue
        verb = token.head
        if verb_lemma(verb.text) in verb_tables().causative or not _is_rather_noun(token) or verb.i != owner.i - 1:
            continue
        tree.set(token, tag="NN", dep="dobj")
        tree.set(owner, tag="PRP$", dep="poss")


def objects_read_as_subjects(tree: Tree) -> None:
    """Make `salt` in `tastes the soup, adds salt, tastes it again` what is added, not who adds."""
    for token in tree.doc:
        first = next((child for child in token.lefts if child.dep_ == "ccomp" and child.tag_ == token.tag_), None)
        after = next((child for child in token.rights if child.dep_ == "nsubj" and child.i == token.i + 1), None)
        if first is None or after is None or token.tag_ not in FINITE or any(child.dep_ == "dobj" for child in token.rights):
            continue
        if verb_lemma(token.text) not in verb_tables().says and any(child.dep_ in SUBJECTS for child in first.lefts):
            tree.set(after, dep="dobj")


def subjects_joined_to_objects(tree: Tree) -> None:
    """Make `a man` in `loses her cat and a man dressed as a clown brings it back` who brings it, not what is lost."""
    for token in tree.doc[2:]:
        before = token.nbor(-1)
        own = any(child.dep_ in SUBJECTS and child.tag_ not in FINITE for child in token.children)
        is_speech = token.dep_ == "ccomp" and verb_lemma(token.head.text) in verb_tables().says
        first = next((child for child in token.lefts if child.dep_ in {"ccomp", "nsubj"} and child.tag_ in FINITE), None)
        joined = token.dep_ in {"conj", "ccomp"} or (token.dep_ == "ROOT" and first is not None)
        if not joined or is_speech or token.tag_ not in FINITE or own:
            continue
        if before.is_punct or before.tag_ in {"CC", "RB", "TO"}:
            continue
        noun = before
        while noun.dep_ != "conj" and noun.head.i != noun.i and noun.i != token.head.i:
            noun = noun.head
        listed = noun.dep_ == "conj" and noun.tag_ in NOMINAL and noun.head.dep_ in {"dobj", "pobj"}
        start = token.head.i if token.dep_ != "ROOT" or first is None else first.i
        if listed and start < noun.i < token.i and _agrees(noun, token):
            tree.set(noun, head=token, dep="nsubj")
            for child in token.lefts:
                tree.set(child, dep="ccomp" if child.dep_ == "nsubj" else child.dep_)
            tree.set(token, dep="ROOT" if token.dep_ == "ROOT" else "conj")


def _is_rather_noun(token: Token) -> bool:
    """Whether WordNet's texts have a word more often as a noun than as a verb."""
    wordnet = open_wordnet()
    noun = sum(sense.count for sense in wordnet.senses(token.lower_, "noun"))
    return noun > sum(sense.count for sense in wordnet.senses(token.lower_, "verb")) and bool(noun_types(token.lower_))


def prepositions_after_participles(tree: Tree) -> None:
    """Make a preposition of `down` in `the smell drifting down the street`, where it was taken for a particle with a noun of its own."""
    for token in tree.doc:
        if token.dep_ == "prt" and token.head.dep_ == "acl" and any(child.dep_ in {"pobj", "dobj"} for child in token.rights):
            tree.set(token, tag="IN", dep="prep")


def times_later(tree: Tree) -> None:
    """Make `Three cups of tea later` at the beginning of a sentence the time, not who does what the verb says."""
    for sentence in tree.doc.sents:
        later = next((word for word in sentence if word.lower_ == "later" and word.tag_ in {"RB", "RBR", "JJ"}), None)
        if later is None or later.i + 1 >= sentence.end or later.nbor().text != ",":
            continue
        before = list(tree.doc[sentence.start : later.i])
        if not before or any(word.tag_ in VERBAL - {"VBG", "VBN"} for word in before):
            continue
        for word in before:
            outside = word.head.i > later.i or word.head.i == word.i
            if outside and word.tag_ in NOMINAL and word.dep_ in {*SUBJECTS, "ccomp", "dep", "advmod"}:
                tree.set(word, dep="npadvmod")
