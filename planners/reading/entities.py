"""Entities of a prompt: mentions in the parse, joined when they name the same one."""

from __future__ import annotations

from collections.abc import Mapping

from planners.knowledge.compound_nouns import compound_types
from planners.knowledge.noun_types import BEINGS, PORTABLE, NounType, noun_types
from planners.knowledge.wordnet import open_wordnet
from planners.reading.coreference.entity_table import Draft, EntityTable
from planners.reading.coreference.group_members import kind_of_members, member_of_group, members_in_all
from planners.reading.coreference.indefinite import read_indefinites
from planners.reading.coreference.pronouns import PRONOUNS, Speaker, resolve_pronoun
from planners.reading.coreference.roles import (
    absent_owners,
    add_inhabitants,
    grow_up,
    join_members,
    join_roles,
    share_plural_titles,
    share_species,
)
from planners.reading.coreference.types_in_role import types_in_role
from planners.reading.english import singular, verb_lemma
from planners.reading.mentions import describing_words, is_mention, noun_of, read_age, read_count, read_gender
from planners.reading.people import people
from planners.reading.spacy_without_torch import Doc, Token
from planners.reading.texts.names_in_text import Named
from planners.reading.verb_tables import verb_tables

__all__ = ["read_entities"]

_AWAY = frozenset({"out", "up", "down", "over", "far", "high", "deep", "back", "alone"})
"""Words before where somebody or something is: `a ship out at sea`."""


def _same(draft: Draft, noun: str, words: list[str], token: Token) -> bool:
    """Whether a noun phrase mentions an entity again."""
    definite = any(child.dep_ == "det" and child.text.lower() in {"the", "this", "that", "these"} for child in token.lefts)
    possessed = any(child.dep_ == "poss" for child in token.lefts)
    head = noun.rpartition(" ")[2]
    nouns = {draft.noun, draft.noun.rpartition(" ")[2], *draft.extra_nouns}
    if noun not in nouns and head not in nouns:
        return definite and not words and _is_kind_of(draft, head)
    if noun != draft.noun and _other_compound(noun, draft.noun):
        return False
    if draft.count is None and words and not definite and any(child.dep_ == "nummod" for child in token.lefts):
        return False
    if noun in people().unique:
        return True
    if any(child.dep_ == "det" and child.text.lower() in {"a", "an", "another", "each"} for child in token.lefts) and (
        draft.count == 1 or (token.tag_ == "NN" and words)
    ):
        return False
    if possessed and not definite:
        return not words or set(words) <= set(draft.words)
    return not words or not draft.words or not set(words).isdisjoint(draft.words) or (definite and not words)


def _other_compound(noun: str, before: str) -> bool:
    """Whether a compound is another than the one before: the `piano teacher` is not the teacher."""
    first, earlier = noun.split()[:-1], before.split()[:-1]
    return bool(first) and set(first).isdisjoint(earlier)


def _is_kind_of(draft: Draft, head: str) -> bool:
    """Whether a noun names what an entity is in general: `the bird` for a parrot."""
    own = draft.noun.rpartition(" ")[2]
    general = people().general
    return head in general and head != own and open_wordnet().is_a(own, head)


def _owner(table: EntityTable, token: Token) -> Draft | None:
    """The entity that a possessive before a noun names."""
    for child in token.lefts:
        if child.dep_ == "poss":
            return next(iter(table.of(child)), None)
    return None


def _may_act(verb: Token) -> bool:
    """Whether a verb tells what beings do rather than how places are."""
    return verb.pos_ == "VERB" and verb_lemma(verb.text) not in verb_tables().stative


def _new_draft(token: Token, noun: str, name: str | None, words: list[str], named: Mapping[str, Named], sentence: int) -> Draft:
    """An entity at its first mention."""
    if name is not None and (known := named.get(name) or named.get(name.rpartition(" ")[2])) is not None:
        noun, words = known.noun, [*words, *known.words]
    types: list[NounType] = list(compound_types(noun) or (["person"] if name or noun.endswith(people().person_endings) else []))
    if name and noun in people().titles:
        noun, types = people().titles[noun], ["person"]
    elif name and noun == name and token.dep_ == "nsubj" and _may_act(token.head) and not open_wordnet().is_noun(name.lower()):
        types = ["person", *types]
    elif (
        name
        and token.ent_type_ in {"GPE", "LOC", "FAC"}
        and not (types and types[0] in BEINGS and noun != name)
        and not _is_given_name(token, name)
    ):
        types = ["place"]
    elif name and noun == name:
        instances = open_wordnet().senses(name.lower(), "noun")
        place = bool(instances) and instances[0].instance and instances[0].field in {"location", "object"}
        given = name.split()[0].lower() in {*people().female_names, *people().male_names}
        common = noun_types(name.lower())
        if (
            common
            and common[0] in {"thing", "animal", "food", "plant", "vehicle", "clothing", "time", "weather", "event"}
            and not given
        ):
            noun, types = name.lower(), list(common)
        elif " " in name and noun_types(name.rpartition(" ")[2].lower())[:1] == ("place",) and not given:
            types = ["place"]
        else:
            types = ["place"] if place and not given else ["person"]
    subject = token.dep_ in {"nsubj", "nsubjpass"}
    if noun in {"creature", "being", "figure"} or (noun in {"thing", "something"} and subject):
        types = ["spirit", "thing"]
    if noun == "something":
        name = "Something" if subject else None
    types = types_in_role(token, name, types)
    return Draft(
        noun=noun,
        types=types or ["thing"],
        name=name,
        words=words,
        count=read_count(token, noun) if not name else 1,
        gender="neuter" if noun == "something" else read_gender(noun, name, words),
        age=read_age(noun, words),
        subject=subject,
        sentence=sentence,
    )


def _is_given_name(token: Token, name: str) -> bool:
    """Whether a name that a place may have is that of a person: `Winston plays`, but `in Victoria`."""
    given = name.split()[0].lower() in {*people().female_names, *people().male_names}
    return given and not (token.dep_ == "pobj" and token.head.lower_ in {"in", "at", "to", "from", "near", "into", "through"})


def _acts_by_form(token: Token, noun: str) -> bool:
    """Whether what is shaped like somebody does what a verb says: `Her shadow leaves`."""
    return noun.rpartition(" ")[2] in people().likenesses and token.dep_ == "nsubj" and token.head.pos_ == "VERB"


def read_entities(doc: Doc, named: Mapping[str, Named]) -> EntityTable:
    """All entities that a parse mentions, in order of appearance. `named` says what names of the text name."""
    table = EntityTable(doc)
    known = {word for name in named for word in name.split()}
    speaker = Speaker(doc)
    for token in doc:
        low = token.text.lower()
        if speaker.bind(table, token):
            continue
        if (members := member_of_group(table, token)) is not None:
            table.bind(token, *members)
            continue
        if low in PRONOUNS and any(child.lower_ == "of" for child in token.rights):
            continue
        if low in PRONOUNS and token.tag_ in {"PRP", "PRP$", "DT", "CC"}:
            if token.dep_ not in {"det", "cc", "expl", "predet", "preconj"} and (drafts := resolve_pronoun(table, token)):
                table.bind(token, *drafts)
            continue
        if not is_mention(token):
            continue
        noun, name = noun_of(token, known)
        words = describing_words(token)
        if name is None and (kind := kind_of_members(token)) is not None:
            noun, words = kind.lower_, [word for word in words if word != kind.lower_]
        before = next(
            (
                draft
                for draft in reversed(table.drafts)
                if (name and draft.name and (name in draft.name or draft.name in name))
                or (not name and _same(draft, noun, words, token))
            ),
            None,
        )
        if before is not None:
            table.bind(token, before)
            before.words += [word for word in words if word not in before.words]
            before.subject |= token.dep_ in {"nsubj", "nsubjpass"}
            continue
        draft = table.add(token, _new_draft(token, noun, name, words, named, table.sentence_of(token.i)))
        draft.count = None if _is_distributed(token) else members_in_all(token, draft.count)
        draft.owner = _owner(table, token)
        draft.acts |= _acts_by_form(token, noun) or any(
            child.dep_ == "relcl" and any(word.lower_ == "who" for word in child.children) for child in token.children
        )
    _join_mentions(doc, table)
    _add_implied_places(doc, table)
    _note_places(doc, table)
    return table


def _join_mentions(doc: Doc, table: EntityTable) -> None:
    """Join mentions of the same entity, and decide who is there."""
    share_plural_titles(doc, table)
    join_members(doc, table)
    _join_appositions(doc, table)
    _join_identities(doc, table)
    join_roles(doc, table)
    add_inhabitants(doc, table)
    read_indefinites(doc, table)
    share_species(table)
    absent_owners(table, doc)
    grow_up(table, doc)


def _note_places(doc: Doc, table: EntityTable) -> None:
    """Note in, on or under what an entity is said to be."""
    for token in doc:
        holder = token.head.head if token.head.pos_ in {"ADV", "ADP"} and token.head.lower_ in _AWAY else token.head
        if token.dep_ in {"prep", "pcomp"} and token.lower_ in people().placing and table.of(holder):
            for word in token.children:
                if (
                    word.dep_ == "pobj"
                    and table.of(word)
                    and (token.lower_ not in {"of", "from"} or table.of(word)[0].type == "place")
                ):
                    table.of(holder)[0].place = table.of(word)[0]


def _is_distributed(token: Token) -> bool:
    """Whether `a passenger` is another one at each place: `At each stop a passenger gets on`."""
    if token.dep_ != "nsubj" or not any(child.lower_ in {"a", "an", "another"} for child in token.lefts):
        return False
    return any(
        word.dep_ == "pobj"
        and any(child.lower_ in {"each", "every"} for child in word.lefts)
        and noun_types(singular(word.text))[:1] != ("time",)
        for child in token.head.lefts
        if child.dep_ == "prep"
        for word in child.children
    )


def _add_implied_places(doc: Doc, table: EntityTable) -> None:
    """Add the place that a compound names: the hotel of a `hotel wall`, the street of a `street sweeper`."""
    known = {draft.noun.rpartition(" ")[2] for draft in table.drafts if draft.type == "place"}
    for token in doc:
        if token.dep_ not in {"compound", "nmod"} or not table.of(token.head) or table.of(token.head)[0].type == "place":
            continue
        noun = singular(token.text) if token.tag_ in {"NNS", "NNPS"} else token.lower_
        types = noun_types(noun)
        if types and types[0] == "place" and noun not in known and not noun.endswith("ing") and token.text.islower():
            known.add(noun)
            table.drafts.append(Draft(noun=noun, types=["place"], implied=True, tokens=[token.i]))


def _turns_into(token: Token, subject: Draft, second: Draft) -> bool:
    """Whether somebody becomes what is no person: both stay entities, as a goat looks other than the teacher before."""
    return token.lemma_ == "become" and second.type != "person" and second is not subject


def _signals(doc: Doc, draft: Draft) -> bool:
    """Whether a thing rings or is a knock: `it` after it is who calls, not the thing."""
    nouns = [doc[at] for at in draft.tokens if doc[at].tag_ != "PRP"]
    return any(word.lower_ == "knock" or verb_lemma(word.head.text) in verb_tables().signals for word in nouns)


def _is_found_to_be(token: Token, second: Draft) -> bool:
    """Whether `it` only stands for what a clause is about: `realises it's his face`, `remembers it was orange peel`."""
    return second.type not in BEINGS and any(child.dep_ == "nsubj" and child.lower_ == "it" for child in token.children)


def _join_identities(doc: Doc, table: EntityTable) -> None:
    """Join both sides of `the detective is a pigeon`: one entity, of the kind of the second and with the noun of both."""
    for token in doc:
        if token.lemma_ not in {"be", "become"} or token.dep_ in {"aux", "auxpass"}:
            continue
        subjects = [
            draft
            for child in token.children
            if child.dep_ == "nsubj"
            for draft in table.of(token.head if child.lower_ in {"who", "that", "which"} and token.dep_ == "relcl" else child)
        ]
        complements = [child for child in token.children if child.dep_ == "attr" and table.of(child)]
        if (
            len(subjects) > 1
            and complements
            and table.of(complements[0])[0].type in BEINGS
            and table.of(complements[0])[0] not in subjects
        ):
            friends = table.of(complements[0])[0]
            for subject in subjects:
                subject.acts = True
                if token.lemma_ == "be":
                    subject.words.append(f"{friends.words[0] if friends.words else ''} {friends.noun}".strip())
            table.drafts.remove(friends)
            table.bind(complements[0], *subjects)
            continue
        if len(subjects) != 1 or not complements or any(child.dep_ == "neg" for child in token.children):
            continue
        if _signals(doc, subjects[0]) or _is_found_to_be(token, table.of(complements[0])[0]):
            continue
        first, second = subjects[0], table.of(complements[0])[0]
        if (
            first is second
            or _turns_into(token, first, second)
            or second.type in {"time", "quantity", "idea", "event", "place"}
            or first.type in {"idea", "event", "time"}
        ):
            continue
        first.extra_nouns += [second.noun, second.noun.rpartition(" ")[2]]
        if (first.type == "person" and second.type != "person") or first.types[0] not in BEINGS:
            first.types = [*second.types, *first.types]
            first.noun = f"{second.noun} {first.noun}" if first.name is None else second.noun
        elif first.name is not None:
            first.noun = second.noun
        else:
            first.words.append(second.noun)
        first.acts |= second.is_being
        table.replace(second, first)


def _join_appositions(doc: Doc, table: EntityTable) -> None:
    """Join names with the nouns beside them: `her goose, Herr Schmidt`; `two engineers, Okoro and Lindqvist`; `Otto, a postman`."""
    _name_by_words(doc, table)
    _name_by_calling(doc, table)
    for token in doc:
        if token.dep_ != "appos" or not table.of(token) or not table.of(token.head):
            continue
        first, second = table.of(token.head)[0], table.of(token)[0]
        if first is second:
            continue
        listed = [second, *(draft for child in token.conjuncts for draft in table.of(child))]
        if first.count not in {1, None} and len(listed) == first.count:
            if all(draft.name or _is_member_of(draft, first) for draft in listed):
                _name_members(doc, table, first, listed)
        elif first.name and not second.name and first.noun == first.name:
            first.noun, first.types = second.noun, second.types
            table.replace(second, first)
        elif second.name and not first.name and (second.noun == second.name or second.noun in people().titles):
            first.name = second.name
            table.replace(second, first)
        elif first.owner is not None and first.type == "place" and second.type in {"place", *PORTABLE}:
            first.words, first.owner = [], None
            table.replace(first, second)
        elif _describes_again(token, first, second):
            _take_description(first, second)
            table.replace(second, first)


def _name_by_words(doc: Doc, table: EntityTable) -> None:
    """Take the word after `his dog` in `his dog Spark` for a name, although it is a common word."""
    for token in doc:
        noun = token.nbor(-1) if token.i and not token.is_sent_start else token
        begins = any(child.dep_ in {"det", "poss"} for child in noun.lefts)
        if token.dep_ != "appos" or token.head.i != noun.i or not token.text.istitle() or noun.text.istitle() or not begins:
            continue
        if any(draft.name and draft.is_being for draft in table.of(token)):
            continue
        for named in table.of(noun)[:1]:
            if named.name is None and named.is_being:
                named.name = token.text
                for other in [draft for draft in table.drafts if draft.noun == token.lower_ and draft is not named]:
                    table.replace(other, named)


def _name_by_calling(doc: Doc, table: EntityTable) -> None:
    """Let `Steve` in `grows a potato and calls him Steve` be the name of what was named last."""
    for token in doc:
        if token.dep_ not in {"oprd", "npadvmod", "dobj"} or not token.text.istitle():
            continue
        objects = [child for child in token.head.rights if child.dep_ == "dobj" and child.i < token.i]
        named = next(iter([*objects, *(child for child in token.lefts if child.lower_ == "her")]), token)
        titled = any(child.dep_ == "compound" for child in token.lefts)
        if verb_lemma(token.head.text) not in verb_tables().names or named.i == token.i or titled:
            continue
        callers = {id(draft) for child in token.head.subtree if child.dep_ in {"nsubj"} for draft in table.of(child)}
        before = [
            draft for draft in table.drafts if min(draft.tokens) < named.i and doc[max(draft.tokens)].dep_ in {"dobj", "pobj"}
        ]
        known = table.of(named) if named.dep_ == "dobj" else []
        meant = known or [draft for draft in before if id(draft) not in callers and draft.name is None][-1:]
        for draft in meant[:1]:
            name = next(iter(table.of(token)), None)
            if name is None or name is draft or draft.name is not None:
                continue
            draft.name, draft.gender = name.name or token.text, name.gender
            draft.acts |= draft.types[0] not in {"place", "vehicle"}
            table.replace(name, draft)
            table.bind(named, draft)


def _is_member_of(draft: Draft, group: Draft) -> bool:
    """Whether an entity may be one of several: a baker one of two friends, no beetle one of two snails."""
    persons = draft.types[0] == "person" and group.types[0] in {"person", "group"}
    return persons or open_wordnet().is_a(draft.noun, group.noun)


def _name_members(doc: Doc, table: EntityTable, group: Draft, members: list[Draft]) -> None:
    """Let the members that a list names stand for their group."""
    for draft in members:
        if draft.name:
            draft.noun, draft.types = group.noun, group.types
        draft.words += group.words
    for index in list(group.tokens):
        table.bind(doc[index], *members)
    table.drafts.remove(group)


def _describes_again(token: Token, first: Draft, second: Draft) -> bool:
    """Whether `a watchmaker` in `his father, a watchmaker, sets…` is whoever stands before it, not the next of a list."""
    beings = first.types[0] in BEINGS and second.types[0] in BEINGS and first.count == second.count == 1
    alone = token.head.dep_ != "ROOT" and not any(child.dep_ == "conj" for child in (*token.children, *token.head.children))
    begins = bool(second.name) or any(child.dep_ in {"det", "poss", "nummod"} for child in token.lefts)
    return beings and alone and begins and not (first.name and second.name)


def _take_description(first: Draft, second: Draft) -> None:
    """Let an entity be what its apposition says: `Professor Mumble, a mole` is an animal."""
    first.extra_nouns += [second.noun, second.noun.rpartition(" ")[2]]
    if second.types[0] != first.types[0] and second.types[0] not in {"person", "group"}:
        first.extra_nouns.append(first.noun)
        first.noun, first.types = second.noun, [*second.types, *first.types]
    else:
        first.words.append(second.noun)
