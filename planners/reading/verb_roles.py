"""Participants of a verb by role, from the dependency parse."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from planners.knowledge.wordnet import open_wordnet
from planners.reading.coreference.entity_table import Draft, EntityTable
from planners.reading.english import verb_lemma
from planners.reading.event_draft import EventDraft
from planners.reading.people import people
from planners.reading.spacy_without_torch import Token
from planners.reading.syntax.tree import FINITE
from planners.reading.verb_tables import object_control, role_of_preposition, verb_tables

__all__ = ["INVERTED", "SUBJECTS", "fill_roles", "governing_verb", "mentioned_by", "subject_of", "turn_of"]

SUBJECTS: Final = frozenset({"nsubj", "nsubjpass"})


INVERTED: Final = frozenset(["sit", "stand", "lie", "hang", "live", "come", "appear", "lurk", "wait", "sleep", "rise"])
"""Verbs whose subject may follow them: `inside the clock sits a sun`."""

_WHOSE: Final = frozenset({"who", "that", "which", "whom", "whose"})


def mentioned_by(table: EntityTable, token: Token) -> list[Draft]:
    """Entities that a noun phrase names, with those joined to it by `and`."""
    drafts = list(table.of(token))
    for other in token.conjuncts:
        if other.i > token.i and other.tag_ not in {"VB", "VBZ", "VBP", "VBD", "VBG"}:
            drafts += [draft for draft in table.of(other) if draft not in drafts]
    if not drafts and token.lower_ == "own":
        drafts = _last_object(table, token)
    if not drafts and token.lower_ in {"one", "some", "most", "two", "three", "all", "each", "both", "neither", "either", "many"}:
        for child in token.children:
            if child.dep_ == "prep" and child.lower_ == "of":
                drafts += [draft for word in child.children for draft in table.of(word)]
    if token.lower_ in people().parts or token.lower_ in {
        "kilo",
        "rest",
        "remainder",
        "majority",
        "piece",
        "bowl",
        "pot",
        "cup",
        "glass",
        "bag",
        "box",
        "lot",
        "number",
        "pair",
        "group",
        "slice",
        "bottle",
        "plate",
    }:
        drafts += [
            draft
            for child in token.children
            if child.dep_ == "prep" and child.lower_ == "of"
            for word in child.children
            for draft in table.of(word)
        ]
    return drafts


def _last_object(table: EntityTable, token: Token) -> list[Draft]:
    """What `her own` without a noun means: the last thing that something was done to."""
    for word in reversed(token.doc[: token.i]):
        if word.dep_ == "dobj" and any(not draft.is_being for draft in table.of(word)):
            return list(table.of(word))
    return []


def _antecedent(token: Token) -> Token | None:
    """The noun that a relative or participle clause describes."""
    return token.head if token.dep_ in {"relcl", "acl"} else None


def subject_of(table: EntityTable, verb: Token, depth: int = 0) -> list[Draft]:
    """Who does what a verb says, over relative clauses, coordinations and complements.

    With a `depth` the verb only leads to the subject of another one, which is that of a passive, too: `is chased by a goose and comes home`.
    """
    if depth > 6:
        return []
    for child in verb.children:
        if child.dep_ in SUBJECTS:
            return _meant(table, child, verb)
    agents = [
        draft
        for child in verb.children
        if child.dep_ == "agent"
        for word in child.children
        for draft in mentioned_by(table, word)
    ]
    if agents and depth == 0:
        return agents
    if depth and verb.dep_ == "acl" and verb.tag_ == "VBN":
        return mentioned_by(table, verb.head)
    if verb.dep_ == "conj" and verb.head.pos_ in {"VERB", "AUX"}:
        return subject_of(table, verb.head, depth + 1)
    if verb.dep_ in {"xcomp", "acl", "relcl"} and (possessor := turn_of(governing_verb(verb))) is not None:
        return mentioned_by(table, possessor)
    if (
        verb.dep_ == "acl"
        and verb.tag_ == "VB"
        and verb_lemma(governing_verb(verb).text) in verb_tables().requests
        and verb.head.dep_ == "dobj"
    ):
        return mentioned_by(table, verb.head)
    if verb.dep_ == "acl" and verb.tag_ != "VBN":
        return _subject_of_participle(table, verb, depth)
    if verb.dep_ == "relcl" and not any(child.tag_ in {"WP", "WDT"} for child in verb.children):
        return subject_of(table, governing_verb(verb), depth + 1)
    if verb.dep_ == "xcomp" and verb.tag_ == "VBG" and verb_lemma(verb.head.text) in verb_tables().perception:
        return _receivers_of(table, verb.head)
    for child in verb.lefts:
        joined = child.dep_ == "ccomp" or (child.dep_ == "advcl" and child.tag_ in FINITE and child.tag_ == verb.tag_)
        joined = joined and not any(word.dep_ in {"mark", "advmod"} for word in child.lefts)
        if joined and (subjects := [word for word in child.children if word.dep_ in SUBJECTS]):
            return _meant(table, subjects[0], child)
    if verb.dep_ in {"xcomp", "ccomp"} and verb_lemma(verb.head.text) in verb_tables().requests:
        return _receivers_of(table, verb.head) or subject_of(table, verb.head, depth + 1)
    if verb.dep_ == "xcomp" and verb.head.tag_ in {"JJ", "RB"} and verb.head.dep_ == "acomp":
        return subject_of(table, verb.head.head, depth + 1)
    if verb.dep_ in {"xcomp", "ccomp"}:
        caused = verb.tag_ in {"VB", "VBG"} and verb_lemma(verb.head.text) in verb_tables().causative
        return (_receivers_of(table, verb.head) if caused else []) or subject_of(table, verb.head, depth + 1)
    controlled = verb.dep_ == "pcomp" and verb.head.lower_ in {"of", "for", "from"}
    if controlled and verb_lemma(governing_verb(verb).text) in object_control():
        return _receivers_of(table, governing_verb(verb)) or subject_of(table, governing_verb(verb), depth + 1)
    if verb.dep_ in {"advcl", "pcomp", "prep"}:
        return subject_of(table, governing_verb(verb), depth + 1)
    return []


def _subject_of_participle(table: EntityTable, verb: Token, depth: int) -> list[Draft]:
    """Who does what describes a noun: the noun itself, or who acts around it."""
    named = verb.tag_ == "VBG" or not any(child.dep_ == "aux" for child in verb.lefts)
    described, governor = mentioned_by(table, verb.head) if named else [], governing_verb(verb)
    alone = governor.pos_ not in {"VERB", "AUX"}
    if described and (alone or described[0].type not in {"time", "event", "idea"}):
        return described
    return subject_of(table, governor, depth + 1)


def turn_of(verb: Token) -> Token | None:
    """Whose turn it is in `it is his turn to dance`."""
    turn = next(
        (child for child in verb.children if child.dep_ == "attr" and child.lower_ in {"turn", "job", "duty", "task"}), None
    )
    return next((child for child in turn.lefts if child.dep_ == "poss"), None) if turn is not None else None


def _receivers_of(table: EntityTable, verb: Token) -> list[Draft]:
    """Who is asked, told or accused."""
    return [
        draft for child in verb.children if child.dep_ in {"dobj", "dative", "nsubjpass"} for draft in mentioned_by(table, child)
    ]


def _meant(table: EntityTable, child: Token, verb: Token) -> list[Draft]:
    """Entities that a word means; for `who` and `that` in a relative clause, those that the clause describes."""
    noun = _relative_noun(verb) if child.lower_ in _WHOSE else None
    return mentioned_by(table, child if noun is None else noun)


def _relative_noun(verb: Token) -> Token | None:
    """The noun that `who` or `that` in a clause stands for."""
    while verb.dep_ == "conj":
        verb = verb.head
    return _antecedent(verb)


def governing_verb(token: Token) -> Token:
    """The nearest verb above a token."""
    above = token.head
    while above.head.i != above.i and above.pos_ not in {"VERB", "AUX"}:
        above = above.head
    return above


def fill_roles(event: EventDraft, table: EntityTable) -> None:
    """Fill the roles from the children of the verb."""
    token, passive = event.token, any(child.dep_ in {"nsubjpass", "auxpass"} for child in event.token.children)
    participle = token.dep_ == "acl" and token.tag_ == "VBN"
    passive |= (
        token.dep_ == "ccomp" and token.tag_ in {"VBN", "VBD"} and token.head.lemma_ == "have" and token.head.pos_ == "VERB"
    )
    if passive or participle:
        subjects = [child for child in token.children if child.dep_ in SUBJECTS]
        undergoing = [draft for child in subjects for draft in _meant(table, child, token)]
        if not subjects and participle:
            undergoing = mentioned_by(table, token.head)
        elif not subjects:
            undergoing = subject_of(table, token.head if token.dep_ in {"conj", "xcomp"} else token, depth=1)
        event.add("patients", undergoing)
        event.add(
            "agents",
            [
                draft
                for child in token.children
                if child.dep_ == "agent"
                for word in child.children
                for draft in mentioned_by(table, word)
            ],
        )
        for child in token.children:
            if child.dep_ == "agent":
                for word in child.children:
                    _add_phrases_of_object(event, table, word)
    else:
        event.add("agents", subject_of(table, token))
    for child in token.children:
        if child.dep_ in {"dobj", "obj"} or (child.dep_ == "attr" and event.verb != "be"):
            if child.lower_ == "times" or (
                child.lower_ in {"other", "another"} and child.i > 0 and child.nbor(-1).lower_ in {"each", "one"}
            ):
                continue
            event.add("patients", [draft for draft in _meant(table, child, token) if not _names_agent(event, child, draft)])
            _add_phrases_of_object(event, table, child)
        elif _is_caused(child, token):
            event.add(
                "patients", [draft for word in child.children if word.dep_ in SUBJECTS for draft in mentioned_by(table, word)]
            )
        elif child.dep_ == "dative" and not child.lower_.endswith(("self", "selves")):
            event.add(
                "recipients",
                mentioned_by(table, child) or [draft for word in child.children for draft in mentioned_by(table, word)],
            )
        elif child.dep_ == "prep":
            _add_preposition(event, table, child)
    _phrasal(event, table)
    if passive and event.verb in verb_tables().ditransitive:
        _passive_receivers(event, table)
    _teach_topics(event)
    if event.verb in INVERTED and not any(child.dep_ in SUBJECTS for child in token.children) and token.dep_ == "ROOT":
        event.roles["agents"] = event.roles.pop("patients", event.roles.get("agents", []))
    _add_described(event, table)
    _keep_apart(event)


def _keep_apart(event: EventDraft) -> None:
    """Take the member of a group that something is done to out of those who do it: `A family forgets the youngest`."""
    agents, patients = event.roles.get("agents", []), event.roles.get("patients", [])
    left = [draft for draft in agents if draft not in patients]
    reflexive = any(child.lower_.endswith(("self", "selves")) for child in event.token.rights)
    if left and len(agents) > 1 and not reflexive:
        event.roles["agents"] = left


def _passive_receivers(event: EventDraft, table: EntityTable) -> None:
    """Who is given something receives it: `a thief is given a medal`."""
    things = [draft for child in event.token.rights if child.dep_ == "dobj" for draft in mentioned_by(table, child)]
    if things:
        event.add("recipients", [draft for draft in event.roles.get("patients", []) if draft not in things])
        event.roles["patients"] = things


def _add_described(event: EventDraft, table: EntityTable) -> None:
    """Let the noun that a relative clause describes fill the gap in it: `the pigeons it hated`, `the room it came from`."""
    token = event.token
    clause = token.head if token.dep_ == "xcomp" and token.head.lower_ == "used" else token
    if clause.dep_ != "relcl" or any(
        child.dep_ in {"dobj", "attr", "acomp", "nsubjpass"} and child.tag_ != "WDT" and not child.lower_.endswith("self")
        for child in token.children
    ):
        return
    if not any(child.dep_ in SUBJECTS for child in clause.children):
        return
    stranded = [child for child in token.rights if child.dep_ == "prep" and not list(child.children)]
    relative = [child for child in clause.children if child.tag_ in {"WP", "WDT"}]
    under = any(child.tag_ == "WDT" for preposition in token.lefts for child in preposition.children)
    described = mentioned_by(table, clause.head)
    if any(child.lower_ in {"where", "when", "why"} for child in clause.lefts):
        event.add("places", [draft for draft in described if draft.type == "place"])
    elif stranded or under:
        role = role_of_preposition().get(stranded[0].lower_, "places") if stranded else "places"
        event.add(role, described)
    elif (not relative or relative[0].dep_ == "dobj") and described and described[0].type not in {"time", "idea"}:
        event.add("patients", described)


def _phrasal(event: EventDraft, table: EntityTable) -> None:
    """Take `the tree` in `chops down the tree` for an object, not a direction, where a dictionary lists the verb."""
    token = event.token
    if event.roles.get("patients") or event.particle:
        return
    for child in token.rights:
        if child.dep_ == "prep" and child.i == token.i + 1 and child.lower_ in {"down", "up"}:
            drafts = [draft for word in child.children if word.dep_ == "pobj" for draft in mentioned_by(table, word)]
            if drafts and drafts[0].type != "place" and open_wordnet().is_verb(f"{event.verb} {child.lower_}"):
                event.particle = child.lower_
                event.add("patients", drafts)
                for role in ("goals", "sources", "places"):
                    event.roles[role] = [draft for draft in event.roles.get(role, []) if draft not in drafts]


def _names_agent(event: EventDraft, word: Token, draft: Draft) -> bool:
    """Whether an object or complement names who acts: `hides himself`, `becomes a postman`."""
    return (word.dep_ == "attr" or word.lower_.endswith(("self", "selves"))) and draft in event.roles.get("agents", ())


def _is_caused(clause: Token, verb: Token) -> bool:
    """Whether a clause after a verb tells what its object does, not that something is so: `makes his assistant vanish`."""
    return (
        clause.dep_ == "ccomp"
        and clause.i > verb.i
        and verb_lemma(verb.text) in verb_tables().causative
        and clause.tag_ in {"VB", "VBG", "VBN", "NN", "NNS", "VBP", "JJ", "RB"}
        and not any(child.dep_ in {"mark", "aux", "auxpass"} and child.lower_ != "to" for child in clause.children)
    )


def _teach_topics(event: EventDraft) -> None:
    """Who is taught undergoes it; what is taught is its topic: `teaches children the trumpet`."""
    dative = any(child.dep_ == "dative" and child.tag_ != "IN" for child in event.token.children)
    if dative and event.verb in verb_tables().instructs and event.roles.get("recipients") and event.roles.get("patients"):
        event.add("topics", event.roles.pop("patients"))
        event.add("patients", event.roles.pop("recipients"))


def _names_being(table: EntityTable, noun: Token) -> bool:
    return any(draft.is_being for draft in table.of(noun))


def _phrases_after(noun: Token) -> Iterator[Token]:
    """Prepositions after an object, after what is joined to it and after what it is of: `a goose and a bag of corn across the river`."""
    for word in (noun, *(other for other in noun.conjuncts if other.i > noun.i and other.tag_[:1] == "N")):
        for child in word.rights:
            if child.dep_ == "prep":
                yield child
                if child.lower_ == "of":
                    yield from (other for inner in child.children for other in inner.rights if other.dep_ == "prep")


def _add_phrases_of_object(event: EventDraft, table: EntityTable, noun: Token) -> None:
    """Take phrases that the parser ties to an object for parts of the event: `trades stickers with a soldier`, `a diary in the attic`."""
    for child in _phrases_after(noun):
        first = next((draft for word in child.children if word.dep_ == "pobj" for draft in table.of(word)), None)
        if first is None:
            continue
        role = role_of_preposition().get(child.lower_)
        fits = {
            "sources": child.lower_ != "of",
            "goals": child.lower_ in {"to", "into", "onto", "towards", "toward", "across", "through", "over"},
            "places": first.type == "place"
            or (
                child.lower_ in {"in", "inside", "under", "behind"}
                and first.type in {"thing", "vehicle"}
                and not _names_being(table, noun)
            ),
            "companions": first.is_being,
            "topics": child.lower_ in {"about", "for"} and event.verb not in {"have", "be"},
        }
        if role is not None and fits.get(role, False):
            _add_preposition(event, table, child)


def _add_preposition(event: EventDraft, table: EntityTable, preposition: Token, of: str | None = None) -> None:
    """Add the objects of a preposition to the role that their type suggests; those of `out of` to the role `of`."""
    role = of or role_of_preposition().get(preposition.lower_)
    if preposition.lower_ == "over" and event.verb in verb_tables().disputes:
        role = "topics"
    for word in preposition.children:
        if word.dep_ == "prep":
            _add_preposition(event, table, word, role if word.lower_ == "of" else None)
            continue
        drafts = mentioned_by(table, word) if word.dep_ == "pobj" else []
        if not drafts or role is None:
            continue
        first = drafts[0]
        if preposition.lower_ == "by" and first.type == "vehicle" and not list(word.lefts):
            event.add("instruments", drafts)
        elif role == "places" and preposition.lower_ == "at" and first.is_being:
            event.add("recipients", drafts)
        elif role == "companions" and not first.is_being:
            event.add("instruments", drafts)
        elif (role == "goals" and first.is_being and preposition.lower_ == "to") or (
            role == "topics" and preposition.lower_ == "for" and first.is_being and event.verb not in verb_tables().exchanges
        ):
            event.add("recipients", drafts)
        elif role == "goals" and preposition.lower_ == "to" and event.verb in verb_tables().addresses and first.type != "place":
            event.add("recipients", drafts)
            for draft in drafts:
                draft.acts = True
        else:
            event.add(role, drafts)
        _add_nested_places(event, table, word)


def _add_nested_places(event: EventDraft, table: EntityTable, noun: Token) -> None:
    """Take the place of what a preposition governs for that of the event: `applies for a job at a bank`."""
    for child in noun.rights:
        if child.dep_ == "prep" and role_of_preposition().get(child.lower_) == "places":
            drafts = [draft for word in child.children if word.dep_ == "pobj" for draft in mentioned_by(table, word)]
            event.add("places", [draft for draft in drafts if draft.type == "place"])
