"""Mend a parse by rules: tags and relations that contradict each other, lost subjects, second objects, controlled clauses."""

from __future__ import annotations

from typing import Final

from planners.knowledge.noun_types import BEINGS, noun_types
from planners.knowledge.wordnet import open_wordnet
from planners.reading.english import singular, verb_form, verb_lemma
from planners.reading.spacy_without_torch import Doc, Token
from planners.reading.verb_tables import modality_of_verb, verb_tables

__all__ = ["mend"]

_NOMINAL: Final = frozenset({"NN", "NNS", "NNP", "NNPS"})
_VERBAL: Final = frozenset({"VB", "VBZ", "VBP", "VBD", "VBN", "VBG"})
_FINITE: Final = frozenset({"VBZ", "VBP", "VBD"})
_SUBJECTS: Final = frozenset({"nsubj", "nsubjpass"})
_OBJECT_PRONOUNS: Final = frozenset({"me", "him", "them", "us"})
_WISHES: Final = frozenset({"want", "need", "expect", "make", "let", "get"})
_ASKING: Final = frozenset({"ask", "question", "quiz", "wonder"})
_QUESTION_WORDS: Final = frozenset({"who", "what", "where", "when", "why", "how", "which", "whom", "whose"})
_BEFORE_NOUN: Final = frozenset({"det", "poss", "amod", "nummod", "compound", "nmod"})
_NOUN_RELATIONS: Final = frozenset({"nsubj", "nsubjpass", "dobj", "pobj", "dative"})


class _Tree:
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


def mend(doc: Doc) -> Doc:
    """The parse with its contradictions removed."""
    rules = (
        _retag,
        _swallowed_compounds,
        _list_subjects,
        _swallowed_main_verbs,
        _nouns_read_as_adjectives,
        _verbs_joined_to_nouns,
        _nearest_described,
        _tenses,
        _going,
        _plural_subjects,
        _subjects_before_verbs,
        _verbs_in_compounds,
        _joined_subjects,
        _words_of_subjects,
        _listed_subjects,
        _adverbs_after_objects,
        _compound_objects,
        _second_objects,
        _controlled_clauses,
        _receivers,
        _questions_asked,
    )
    for rule in rules:
        tree = _Tree(doc)
        rule(tree)
        doc = tree.finish()
    return doc


def _finite_form(token: Token) -> str | None:
    """The tag of a finite verb that a word may be by its spelling."""
    low, lemma = token.text.lower(), verb_lemma(token.text)
    if not open_wordnet().is_verb(lemma):
        return None
    return (
        "VBZ" if low == verb_form(lemma, "VBZ") else "VBD" if low == verb_form(lemma, "VBD") else "VBP" if low == lemma else None
    )


def _retag(tree: _Tree) -> None:
    """Let the relation of a word decide whether it is a noun or a verb."""
    for token in tree.doc:
        if _is_bare_verb_after_object(token):
            tree.set(token, tag="VB", dep="ccomp")
            _give_subject(tree, token)
        elif _is_only_verb(token):
            tree.set(token, tag="VBZ", head=_verb_above(token), dep="conj")
            _give_subject(tree, token)
        elif _is_verb_by_its_words(token):
            tree.set(token, tag="VB", dep="conj" if token.dep_ == "dep" else token.dep_)
            _give_subject(tree, token)
        elif token.tag_ in _VERBAL and token.dep_ == "dep" and token.head.tag_ in _VERBAL and token.head.i < token.i:
            tree.set(token, dep="conj")
        elif (
            token.tag_ in {"JJR", "RBR"} and token.dep_ in _NOUN_RELATIONS and _begins_phrase(token) and noun_types(token.lower_)
        ):
            tree.set(token, tag="NN")
        elif _is_verb_by_its_relation(token) and (tag := _finite_form(token)) is not None:
            tree.set(token, tag=tag)
        elif _is_noun_by_its_relation(token):
            tree.set(token, tag="NNS" if token.tag_ == "VBZ" else "NN")


def _is_verb_by_its_relation(token: Token) -> bool:
    """Whether a word read as a noun has a subject, or is joined to a verb: `sells the house and moves`."""
    described = any(child.dep_ in {"det", "poss", "amod", "nummod", "compound"} for child in token.children)
    if token.tag_ not in {"NNS", "NN", "NNP", "JJ"} or described:
        return False
    subject = any(child.dep_ in _SUBJECTS and child.lower_ not in _OBJECT_PRONOUNS for child in token.children)
    joined = token.dep_ == "conj" and token.head.tag_ in _FINITE and token.tag_ == "NNS"
    return joined or (subject and token.dep_ in {"ROOT", "advcl", "ccomp", "relcl", "conj", "parataxis"})


def _is_noun_by_its_relation(token: Token) -> bool:
    """Whether a word read as a verb is a subject or an object and governs no clause."""
    if token.tag_ not in {"VBZ", "VB", "VBP"} or token.dep_ not in _NOUN_RELATIONS:
        return False
    clause = any(child.dep_ in {*_SUBJECTS, "aux", "dobj", "xcomp", "ccomp", "auxpass"} for child in token.children)
    return not clause and bool(noun_types(singular(token.text)))


def _is_bare_verb_after_object(token: Token) -> bool:
    """Whether `lift` in `watch a crane lift a whale` was taken for the end of a compound, though it has an object."""
    return (
        token.tag_ == "NN"
        and token.dep_ == "dobj"
        and verb_lemma(token.head.text) in verb_tables().causative
        and any(child.dep_ == "compound" and child.i == token.i - 1 for child in token.lefts)
        and any(child.dep_ in {"dobj", "prep"} for child in token.rights)
        and open_wordnet().is_verb(token.lower_)
        and (
            any(child.dep_ == "dobj" for child in token.rights)
            or not open_wordnet().is_noun(f"{token.nbor(-1).lower_} {token.lower_}")
        )
    )


def _questions_asked(tree: _Tree) -> None:
    """Make `who broke the vase` after `asks the parrot` the question, not a clause that describes the parrot."""
    for token in tree.doc:
        if token.dep_ != "relcl" or token.head.dep_ not in {"dobj", "dative"} or verb_lemma(token.head.head.text) not in _ASKING:
            continue
        first = next(iter(token.lefts), token)
        if first.lower_ in _QUESTION_WORDS and first.i == token.head.i + 1:
            tree.set(token, head=token.head.head, dep="ccomp")


def _verb_above(token: Token) -> Token:
    """The nearest verb above a word, or the root."""
    verb = token.head
    while verb.head.i != verb.i and verb.tag_ not in _VERBAL:
        verb = verb.head
    return verb


def _give_subject(tree: _Tree, verb: Token) -> None:
    """Make the compound before a word that became a verb its subject: `spring arrives`."""
    noun = next((child for child in verb.lefts if child.dep_ in {"compound", "nmod"} and child.i == verb.i - 1), None)
    if noun is not None:
        tree.set(noun, dep="nsubj")
        for child in verb.lefts:
            if child.i < noun.i and child.dep_ in {"det", "poss", "amod", "nummod", "compound"}:
                tree.set(child, head=noun)


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
        and token.head.tag_ in _NOMINAL
        and not noun_types(singular(token.text))
        and _finite_form(token) == "VBZ"
    )


def _receivers(tree: _Tree) -> None:
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


def _swallowed_compounds(tree: _Tree) -> None:
    """Make `A robot nanny learns` a clause, where `nanny learns` was taken for what describes the robot."""
    for token in tree.doc:
        noun = token.head
        subject = next((child for child in token.lefts if child.dep_ == "nsubj"), None)
        if token.dep_ != "relcl" or noun.dep_ != "ROOT" or subject is None or token.tag_ not in _FINITE:
            continue
        if subject.i == noun.i + 1 and subject.tag_ in {"NN", "NNS"} and not list(subject.lefts):
            tree.heads[token.i] = token.i
            tree.set(token, dep="ROOT")
            tree.set(noun, head=subject, dep="compound")
            for child in noun.children:
                if child.i != token.i:
                    tree.set(child, head=subject if child.i < noun.i else token)


def _swallowed_main_verbs(tree: _Tree) -> None:
    """Make `becomes` the main verb of `The dog that bit the postman becomes a cat`, not what the dog bit."""
    for token in tree.doc:
        noun, inner = token.head, next((child for child in token.rights if child.dep_ == "ccomp" and child.tag_ in _FINITE), None)
        if token.dep_ != "relcl" or noun.dep_ != "ROOT" or noun.tag_ not in _NOMINAL or inner is None:
            continue
        subject = next((child for child in inner.lefts if child.dep_ == "nsubj"), None)
        if subject is None or any(child.dep_ in {"mark", "advmod"} for child in inner.lefts):
            continue
        tree.heads[inner.i] = inner.i
        tree.set(inner, dep="ROOT")
        tree.set(noun, head=inner, dep="nsubj")
        tree.set(subject, head=token, dep="dobj")


def _nouns_read_as_adjectives(tree: _Tree) -> None:
    """Make nouns of `burglar` in `hands a burglar her candle` and of `safe` in `The hotel safe opens`."""
    for token in tree.doc[1:-1]:
        following, noun = token.nbor(), token.head
        if token.tag_ not in {"JJ", "RB"} or not noun_types(token.lower_):
            continue
        if token.dep_ == "amod" and following.tag_ in {"PRP$", "DT"} and noun.dep_ == "dobj" and _being(token):
            tree.set(token, tag="NN", head=noun.head, dep="dative")
            for child in noun.lefts:
                if child.i < token.i:
                    tree.set(child, head=token)
        elif token.dep_ in {"amod", "advmod"} and noun.dep_ == "nsubj" and noun.i == token.i - 1 and following.i == noun.head.i:
            if token.dep_ == "advmod" or not _begins_phrase(noun):
                continue
            tree.set(token, tag="NN", head=noun.head, dep="nsubj")
            tree.set(noun, head=token, dep="compound")
            for child in noun.lefts:
                tree.set(child, head=token)


def _verbs_in_compounds(tree: _Tree) -> None:
    """Make `invents` in `A guide invents stories` the verb, though it was joined to its object; and a clause no subject."""
    for token in tree.doc:
        own = any(child.dep_ in _SUBJECTS for child in token.lefts)
        if token.tag_ not in _FINITE or not own:
            continue
        noun = token.head
        if token.dep_ == "nsubj":
            tree.set(token, dep="ccomp")
        elif token.dep_ == "compound" and noun.dep_ == "ROOT" and noun.tag_ in _NOMINAL:
            tree.heads[token.i] = token.i
            tree.set(token, dep="ROOT")
            tree.set(noun, head=token, dep="dobj")
            for child in noun.rights:
                if child.tag_ in _VERBAL or child.dep_ in {"cc", "punct"}:
                    tree.set(child, head=token)


def _verbs_joined_to_nouns(tree: _Tree) -> None:
    """Join `races` in `builds a sledge and races the tractor` to the verb, not to the sledge."""
    for token in tree.doc:
        if token.dep_ == "conj" and token.tag_ in _FINITE and token.head.tag_ in _NOMINAL and _verb_above(token).tag_ in _VERBAL:
            tree.set(token, head=_verb_above(token))


def _nearest_described(tree: _Tree) -> None:
    """Let `that never laughs` in `a clown meets a kid that never laughs` describe the being right before it."""
    for token in tree.doc:
        first = next((child for child in token.lefts if child.lower_ in {"who", "that"} and child.dep_ == "nsubj"), None)
        if token.dep_ != "relcl" or first is None or first.i == 0:
            continue
        noun = first.nbor(-1)
        if noun.tag_ in _NOMINAL and noun.i != token.head.i and noun.dep_ not in {"compound", "poss"} and _being(noun):
            tree.set(token, head=noun)


def _tenses(tree: _Tree) -> None:
    """Join `finds` in `fixes a clock that belonged to a poet and finds a note` to the verb of its tense."""
    for token in tree.doc:
        verb = token.head
        if token.dep_ != "conj" or token.tag_ != "VBZ" or verb.tag_ != "VBD" or verb.dep_ not in {"relcl", "ccomp", "advcl"}:
            continue
        if any(child.dep_ in _SUBJECTS for child in token.children):
            continue
        main = _verb_above(verb)
        if main.tag_ == "VBZ":
            tree.set(token, head=main)


def _going(tree: _Tree) -> None:
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


def _list_subjects(tree: _Tree) -> None:
    """Make the main verb of `a chef, an acrobat and a man who can whistle steal…` the root, whose relative clause swallowed it."""
    for token in tree.doc:
        inner = next((child for child in token.children if child.dep_ == "nsubj" and child.tag_ in _VERBAL), None)
        root = token.sent.root
        if (
            token.dep_ != "relcl"
            or inner is None
            or root.tag_ not in _NOMINAL
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


def _plural_subjects(tree: _Tree) -> None:
    """Make `protest` in `The pigeons protest` a verb: plurals seldom stand first in a compound."""
    for token in tree.doc[1:]:
        before = token.nbor(-1)
        if before.tag_ != "NNS" or token.tag_ != "NN" or token.dep_ not in {"ROOT", "conj", "ccomp", "parataxis"}:
            continue
        joined_to_noun = token.dep_ == "conj" and token.head.tag_ not in _VERBAL
        compound = open_wordnet().is_noun(f"{before.lower_} {token.lower_}")
        if not joined_to_noun and not compound and _finite_form(token) == "VBP":
            tree.set(token, tag="VBP")


def _subjects_before_verbs(tree: _Tree) -> None:
    """Make `The monkey` in `The monkey types` a subject where it was taken for the first part of a compound."""
    for token in tree.doc[1:]:
        if token.tag_ not in _FINITE or any(child.dep_ in {*_SUBJECTS, "expl", "aux"} for child in token.children):
            continue
        noun = token.nbor(-1)
        clause = next((child for child in token.lefts if child.dep_ == "csubj"), None)
        if clause is not None and noun.dep_ == "conj" and noun.tag_ in _NOMINAL:
            tree.set(noun, head=token, dep="nsubj")
            tree.set(clause, dep="ccomp")
        elif noun.dep_ == "conj" and noun.tag_ in _NOMINAL and token.dep_ in {"ccomp", "parataxis"} and noun.head.i != token.i:
            tree.set(noun, head=token, dep="nsubj")
            tree.set(token, dep="conj")
        elif noun.head.i == token.i and noun.tag_ in _NOMINAL and _may_be_subject(noun):
            tree.set(noun, dep="nsubj")
            for child in token.lefts:
                if child.i < noun.i and child.dep_ in _BEFORE_NOUN:
                    tree.set(child, head=noun)


def _may_be_subject(noun: Token) -> bool:
    """Whether a noun right before a verb may be its subject: not `the next morning`."""
    time = "time" in noun_types(singular(noun.text))[:1]
    return noun.dep_ in {"compound", "nmod"} or (noun.dep_ == "npadvmod" and not time)


def _words_of_subjects(tree: _Tree) -> None:
    """Give a subject the article and the compounds before it that the parser tied to its verb."""
    for token in tree.doc:
        if token.dep_ in _SUBJECTS and token.tag_ in _NOMINAL and token.head.tag_ in _FINITE and token.i < token.head.i:
            for child in token.head.lefts:
                if child.i < token.i and child.dep_ in _BEFORE_NOUN - {"npadvmod"}:
                    tree.set(child, head=token)


def _listed_subjects(tree: _Tree) -> None:
    """Make `A judge, a thief and a priest` three, not a judge who is a thief and a priest."""
    for token in tree.doc:
        noun = token.head
        if (
            token.dep_ == "appos"
            and {noun.tag_, token.tag_} <= {"NN", "NNP"}
            and any(child.dep_ == "conj" for child in token.rights)
            and ((_begins_phrase(noun) and _begins_phrase(token)) or {noun.tag_, token.tag_} == {"NNP"})
        ):
            tree.set(token, dep="conj")


def _adverbs_after_objects(tree: _Tree) -> None:
    """Take `home` or `goodbye` for an adverb where it was joined to the object before it: `carries the cube home`."""
    for token in tree.doc:
        noun = token.nbor(-1) if token.i else token
        if token.lower_ == "home" and token.dep_ == "advmod" and noun.head.i == token.i and noun.dep_ == "compound":
            tree.set(noun, head=token.head, dep="dobj")
            continue
        if token.lower_ not in {"home", "goodbye"} or noun.head.i != token.i or noun.dep_ not in {"compound", "nmod", "poss"}:
            continue
        if noun.dep_ == "poss" or token.dep_ not in {"dobj", "pobj"} or open_wordnet().is_noun(f"{noun.lower_} {token.lower_}"):
            continue
        verb = _verb_above(token)
        tree.set(noun, head=token.head, dep=token.dep_)
        for child in (*token.lefts, *token.rights):
            if child.i != noun.i:
                tree.set(child, head=noun)
        tree.set(token, head=verb, tag="RB", dep="advmod")


def _joined_subjects(tree: _Tree) -> None:
    """Join `The night` and `watchman` before a verb to one subject."""
    for token in tree.doc[1:]:
        before = token.nbor(-1)
        if (
            token.dep_ in _SUBJECTS
            and before.dep_ in {*_SUBJECTS, "npadvmod"}
            and token.head.i == before.head.i
            and {token.tag_, before.tag_} <= _NOMINAL
        ):
            tree.set(before, head=token, dep="compound")
            for child in before.lefts:
                tree.set(child, head=token)


def _begins_phrase(token: Token) -> bool:
    """Whether a noun has words before it that begin a noun phrase of its own."""
    return any(child.dep_ in {"det", "poss", "nummod", "amod"} for child in token.lefts)


def _being(token: Token) -> bool:
    """Whether a word names a being."""
    return (
        token.tag_ == "PRP"
        or token.tag_ in {"NNP", "NNPS"}
        or any(kind in BEINGS for kind in noun_types(singular(token.text))[:1])
    )


def _compound_objects(tree: _Tree) -> None:
    """Split `a poor tailor buttons` after a verb of giving: a singular article does not belong to a plural noun."""
    for token in tree.doc:
        if token.tag_ not in {"NNS", "NN"} or token.dep_ not in {"dobj", "appos"}:
            continue
        verb = _verb_above(token)
        being = next((child for child in token.lefts if child.dep_ == "compound" and child.i == token.i - 1), None)
        if being is None or verb_lemma(verb.text) not in verb_tables().ditransitive or not _being(being):
            continue
        single = any(child.lower_ in {"a", "an"} for child in token.lefts) and token.tag_ == "NNS"
        if single or (token.tag_ == "NNS" and not open_wordnet().is_noun(f"{being.lower_} {singular(token.lower_)}")):
            tree.set(being, head=verb, dep="dative")
            for child in token.lefts:
                if child.i < being.i:
                    tree.set(child, head=being)


def _second_objects(tree: _Tree) -> None:
    """Split `his nephew the violin` after a verb of giving or teaching: a receiver and a thing, not one described by the other."""
    for token in tree.doc:
        if token.tag_ not in _VERBAL or verb_lemma(token.text) not in verb_tables().ditransitive:
            continue
        clauses = [word for child in token.rights if child.dep_ == "ccomp" and child.tag_ in _NOMINAL for word in child.lefts]
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
                and word.tag_ in _NOMINAL
                and (first.tag_ == "PRP" or _begins_phrase(word))
                and not any(other.text == "," for other in tree.doc[end : word.i])
                and not any(
                    kind in BEINGS
                    for kind in noun_types(singular(word.text))[:1]
                    if first.tag_ != "PRP" or token.lemma_ == "make"
                )
                and "time" not in noun_types(singular(word.text))[:1]
            ),
            None,
        )
        if second is not None and (_being(first) or (second.dep_ in {"appos", "dobj"} and _begins_phrase(first))):
            tree.set(second, head=token, dep="dobj")
            tree.set(first, head=token, dep="dative")


def _controlled_clauses(tree: _Tree) -> None:
    """Make `to knead dough` after `teaches a robot` what the robot is taught, not why."""
    for token in tree.doc:
        if token.tag_ != "VB" or token.dep_ not in {"advcl", "acl"} or not any(child.lower_ == "to" for child in token.lefts):
            continue
        if token.nbor(-2).lower_ == "order" if token.i > 1 else False:
            continue
        verb = token.head if token.dep_ == "advcl" else token.head.head
        lemma = verb_lemma(verb.text)
        if (lemma not in verb_tables().requests and lemma not in modality_of_verb()) or verb.tag_ not in _VERBAL:
            continue
        receiver = next((child for child in verb.children if child.dep_ in {"dobj", "dative"} and child.i > verb.i), None)
        alone = receiver is None and token.head.i == verb.i and verb_lemma(verb.text) in modality_of_verb()
        if alone or (receiver is not None and receiver.i < token.i and _being(receiver)):
            tree.set(token, head=verb, dep="xcomp")
