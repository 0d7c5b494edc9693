"""Entities of a prompt: mentions in the parse, joined when they name the same one."""

from __future__ import annotations

from collections.abc import Mapping

from planners.knowledge.compound_nouns import compound_types
from planners.knowledge.noun_types import BEINGS, NounType, noun_types
from planners.knowledge.wordnet import open_wordnet
from planners.reading.coreference.entity_table import Draft, EntityTable
from planners.reading.coreference.group_members import member_of_group
from planners.reading.coreference.pronouns import PRONOUNS, Speaker, resolve_pronoun
from planners.reading.english import singular, verb_lemma
from planners.reading.mentions import describing_words, is_mention, noun_of, read_age, read_count, read_gender
from planners.reading.names_in_text import Named
from planners.reading.people import people
from planners.reading.spacy_without_torch import Doc, Token
from planners.reading.verb_tables import verb_tables

__all__ = ["read_entities"]


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
    if noun in people().unique:
        return True
    if (
        any(child.dep_ == "det" and child.text.lower() in {"a", "an", "another", "each"} for child in token.lefts)
        and draft.count == 1
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
    if name is not None and name in named:
        noun, words = named[name].noun, [*words, *named[name].words]
    types: list[NounType] = list(compound_types(noun) or (["person"] if name or noun.endswith(people().person_endings) else []))
    if name and noun in people().titles:
        noun, types = people().titles[noun], ["person"]
    elif name and noun == name and token.dep_ == "nsubj" and _may_act(token.head) and not open_wordnet().is_noun(name.lower()):
        types = ["person", *types]
    elif name and token.ent_type_ in {"GPE", "LOC", "FAC"} and not (types and types[0] in BEINGS and noun != name):
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
        else:
            types = ["place"] if place and not given else ["person"]
    if noun in {"thing", "something", "creature", "being", "figure"}:
        types = ["spirit", "thing"]
    return Draft(
        noun=noun,
        types=types or ["thing"],
        name=name,
        words=words,
        count=read_count(token, noun) if not name else 1,
        gender=read_gender(noun, name, words),
        age=read_age(noun, words),
        subject=token.dep_ in {"nsubj", "nsubjpass"},
        sentence=sentence,
    )


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
        if low in PRONOUNS and token.tag_ in {"PRP", "PRP$", "DT", "CC"}:
            if token.dep_ not in {"det", "cc", "expl", "predet", "preconj"} and (drafts := resolve_pronoun(table, token)):
                table.bind(token, *drafts)
            continue
        if not is_mention(token):
            continue
        noun, name = noun_of(token, known)
        words = describing_words(token)
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
        draft.owner = _owner(table, token)
        draft.acts |= any(
            child.dep_ == "relcl" and any(word.lower_ == "who" for word in child.children) for child in token.children
        )
    _join_appositions(doc, table)
    _join_identities(doc, table)
    _add_implied_places(doc, table)
    for token in doc:
        if token.dep_ == "prep" and token.lower_ in people().placing and table.of(token.head):
            for word in token.children:
                if (
                    word.dep_ == "pobj"
                    and table.of(word)
                    and (token.lower_ not in {"of", "from"} or table.of(word)[0].type == "place")
                ):
                    table.of(token.head)[0].place = table.of(word)[0]
    return table


def _add_implied_places(doc: Doc, table: EntityTable) -> None:
    """Add the place that a compound names: the hotel of a `hotel wall`, the street of a `street sweeper`."""
    known = {draft.noun.rpartition(" ")[2] for draft in table.drafts if draft.type == "place"}
    for token in doc:
        if token.dep_ not in {"compound", "nmod"} or not table.of(token.head) or table.of(token.head)[0].type == "place":
            continue
        noun = singular(token.text)
        types = noun_types(noun)
        if types and types[0] == "place" and noun not in known and token.text.islower():
            known.add(noun)
            table.drafts.append(Draft(noun=noun, types=["place"], implied=True, tokens=[token.i]))


def _turns_into(token: Token, subject: Draft, second: Draft) -> bool:
    """Whether somebody becomes what is no person: both stay entities, as a goat looks other than the teacher before."""
    return token.lemma_ == "become" and second.type != "person" and second is not subject


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
                subject.acts, subject.words = (
                    True,
                    [*subject.words, f"{friends.words[0] if friends.words else ''} {friends.noun}".strip()],
                )
            table.drafts.remove(friends)
            table.bind(complements[0], *subjects)
            continue
        if len(subjects) != 1 or not complements or any(child.dep_ == "neg" for child in token.children):
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
    """Join names with the nouns beside them: `her goose, Herr Schmidt`; `two engineers, Okoro and Lindqvist`."""
    for token in doc:
        if token.dep_ != "appos" or not table.of(token) or not table.of(token.head):
            continue
        first, second = table.of(token.head)[0], table.of(token)[0]
        if first is second:
            continue
        listed = [second, *(draft for child in token.conjuncts for draft in table.of(child))]
        if first.count not in {1, None} and len(listed) == first.count:
            for draft in listed:
                draft.noun, draft.types = first.noun, first.types
                draft.words += first.words
            for index in list(first.tokens):
                table.bind(doc[index], *listed)
            table.drafts.remove(first)
        elif first.name and not second.name and first.noun == first.name:
            first.noun, first.types = second.noun, second.types
            table.replace(second, first)
        elif second.name and not first.name and (second.noun == second.name or second.noun in people().titles):
            first.name = second.name
            table.replace(second, first)
