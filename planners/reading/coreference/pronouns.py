"""Whom a pronoun means."""

from __future__ import annotations

from typing import Final

from planners.knowledge.noun_types import BEINGS, PORTABLE, NounType
from planners.reading.coreference.entity_table import Draft, EntityTable
from planners.reading.english import verb_lemma
from planners.reading.premise import Gender
from planners.reading.spacy_without_torch import Doc, Token
from planners.reading.syntax.tree import names_being
from planners.reading.verb_roles import SUBJECTS, subject_of, turn_of
from planners.reading.verb_tables import typical_objects, verb_tables

__all__ = ["PRONOUNS", "Speaker", "resolve_pronoun"]

PRONOUNS: Final[dict[str, tuple[Gender | None, bool]]] = {
    **dict.fromkeys(("he", "him", "his", "himself"), ("male", False)),
    **dict.fromkeys(("she", "her", "hers", "herself"), ("female", False)),
    **dict.fromkeys(("it", "its", "itself"), ("neuter", False)),
    **dict.fromkeys(("they", "them", "their", "theirs", "themselves", "each", "both", "neither"), (None, True)),
}
"""Gender, and whether several are meant."""

_NOT_ENTITIES: Final[frozenset[NounType]] = frozenset({"time", "quantity", "feeling"})


_WEATHER_VERBS: Final = frozenset(
    {"rain", "snow", "hail", "pour", "thunder", "drizzle", "seem", "happen", "take", "turn", "appear"}
)
"""Verbs whose `it` means nothing."""


class Speaker:
    """Who says `I` in a prompt. Only one who does something or undergoes it is an entity: `my neighbour` alone makes none."""

    def __init__(self, doc: Doc) -> None:
        self._taking_part = any(self._takes_part(token) for token in doc)
        self._draft: Draft | None = None
        self._many: Draft | None = None

    @staticmethod
    def _takes_part(token: Token) -> bool:
        """Whether a word is a pronoun of the first person with a role in its sentence."""
        return token.lower_ in {"i", "me", "myself", "we", "us", "ourselves"} and token.tag_ == "PRP" and token.dep_ != "ROOT"

    def bind(self, table: EntityTable, token: Token) -> bool:
        """Bind a pronoun of the first person; False if the token is none."""
        low = token.lower_
        if not self._taking_part or low not in {"i", "me", "my", "myself", "we", "us", "our", "ourselves"}:
            return False
        if low in {"we", "us", "our", "ourselves"}:
            if self._many is None:
                groups = [draft for draft in table.drafts if draft.is_being and draft.sentence == 0 and self._draft]
                if self._draft is not None and groups and self._draft in groups:
                    table.bind(token, *groups)
                    return True
                if low == "our":
                    return False
                self._many = table.add(
                    token, Draft(noun="person", types=["person"], count=None, acts=True, subject=True, speaker=True)
                )
            else:
                table.bind(token, self._many)
        elif self._draft is None:
            self._draft = table.add(token, Draft(noun="person", types=["person"], acts=True, subject=True, speaker=True))
        else:
            table.bind(token, self._draft)
        return True


def resolve_pronoun(table: EntityTable, token: Token) -> list[Draft]:
    """Whom a pronoun means: by gender and number, subjects before others, the latest before earlier ones."""
    low = token.text.lower()
    gender, several = PRONOUNS[low]
    if low == "it" and token.dep_ == "nsubj" and (token.head.lemma_ in _WEATHER_VERBS or turn_of(token.head) is not None):
        return []
    if low.endswith(("self", "selves")) and (subject := subject_of(table, _verb_of(token))):
        return subject
    earlier = [draft for draft in table.drafts if min(draft.tokens) < token.i and not draft.speaker]
    if token.dep_ in {"dobj", "dative", "pobj"} and not low.endswith("self"):
        others = _others_of_clause(table, token)
        apart = [draft for draft in earlier if draft not in others]
        earlier = apart if gender == "neuter" else apart or earlier
    if several:
        return _several(earlier, token) or _unknown_people(table, token)
    if gender == "neuter":
        candidates = [draft for draft in earlier if _may_be_it(draft, token)]
    else:
        candidates = [
            draft
            for draft in earlier
            if draft.is_being
            and draft.gender in {None, gender}
            and draft.count == 1
            and draft.type != "group"
            and not _describes_subject(_last_mention(draft, token))
        ]
    if not candidates and gender in {"female", "male"} and (hero := _acting_thing(earlier, token)) is not None:
        hero.acts, hero.gender = True, gender
        return [hero]
    if not candidates:
        return [_unknown_person(table, token, gender)] if gender in {"female", "male"} and token.dep_ == "nsubj" else []
    best = max(candidates, key=lambda draft: (_likelihood(table, draft, token, gender), _last_mention(draft, token).i))
    if best.gender is None and gender != "neuter" and best.type in BEINGS:
        best.gender = gender
    return [best]


def _verb_of(token: Token) -> Token:
    """The verb whose object a word is, with or without a preposition."""
    return token.head.head if token.dep_ == "pobj" else token.head


def _acting_thing(earlier: list[Draft], token: Token) -> Draft | None:
    """What a prompt calls `she` although it is no being: the cloud of `A little cloud is too small. She follows…`."""
    things = [
        draft
        for draft in earlier
        if draft.subject
        and draft.count == 1
        and draft.type in {*PORTABLE, "weather", "shape"} - {"body"}
        and draft.gender in {None, "neuter"}
        and not any(child.dep_ == "poss" for at in draft.tokens for child in token.doc[at].lefts)
    ]
    return max(things, key=lambda draft: _last_mention(draft, token).i, default=None) if token.dep_ in SUBJECTS else None


def _unknown_person(table: EntityTable, token: Token, gender: Gender) -> Draft:
    """Somebody whom a prompt only calls `he` or `she`."""
    return table.add(
        token,
        Draft(
            noun="woman" if gender == "female" else "man", types=["person"], gender=gender, age="adult", acts=True, subject=True
        ),
    )


def _unknown_people(table: EntityTable, token: Token) -> list[Draft]:
    """The people whom a prompt only calls `they`."""
    if token.lower_ != "they" or token.dep_ not in SUBJECTS:
        return []
    return [table.add(token, Draft(noun="person", types=["person"], count=2, acts=True, subject=True))]


def _describes_subject(noun: Token) -> bool:
    """Whether a noun only says what somebody is: `He was a boxer`, but not `There was a boxer`."""
    return noun.dep_ == "attr" and any(child.dep_ == "nsubj" and child.tag_ == "PRP" for child in noun.head.lefts)


def _last_mention(draft: Draft, token: Token) -> Token:
    """The last mention of an entity before a pronoun."""
    return token.doc[max(at for at in draft.tokens if at < token.i)]


def _several(earlier: list[Draft], token: Token) -> list[Draft]:
    """Whom `they` means: the likeliest group, or everybody so far."""
    plain = token.lower_ in {"they", "them", "their"}
    several_beings = sum(draft.count or 2 for draft in earlier if draft.is_being) > 1
    lifeless = plain and not (several_beings and _does_as_being(token))
    groups = [draft for draft in earlier if draft.count != 1 and (draft.is_being or (lifeless and draft.type in PORTABLE))]
    if _means_two(token) and (pair := _last_two(earlier, groups, token)):
        return pair
    if not groups and plain and (joined := _joined_subjects(earlier, token)):
        return joined
    if not groups:
        beings = [draft for draft in earlier if draft.is_being]
        things = [draft for draft in earlier[-1:] if draft.count != 1 or token.dep_ not in SUBJECTS]
        return beings or things

    def likelihood(draft: Draft) -> tuple[bool, bool, bool, int]:
        last = _last_mention(draft, token)
        return draft.is_being, draft.subject, last.dep_ in {"dobj", "nsubj", "conj"}, last.i

    return [max(groups, key=likelihood)]


def _does_as_being(token: Token) -> bool:
    """Whether a pronoun stands for who does what only beings do, or is some: `they become friends`."""
    if token.dep_ not in SUBJECTS:
        return False
    friends = any(child.dep_ == "attr" and names_being(child) for child in token.head.children)
    return friends or verb_lemma(token.head.text) in {*verb_tables().animate, *verb_tables().social}


def _means_two(token: Token) -> bool:
    """Whether a pronoun means two: `both`, `they both`."""
    after = token.nbor() if token.i + 1 < len(token.doc) else token
    return "both" in {token.lower_, after.lower_} and token.dep_ in SUBJECTS


def _last_two(earlier: list[Draft], groups: list[Draft], token: Token) -> list[Draft]:
    """The two beings mentioned last, each for itself; empty if a group of two came after them or there are none."""
    beings = [draft for draft in earlier if draft.is_being and draft.count == 1]
    beings = sorted(beings, key=lambda draft: _last_mention(draft, token).i)[-2:]
    pairs = [draft for draft in groups if draft.is_being and draft.count in {2, None}]
    return beings if len(beings) == 2 and not pairs else []


def _joined_subjects(earlier: list[Draft], token: Token) -> list[Draft]:
    """Whom the last subject of several nouns names: `A toaster and a kettle`."""
    by_token = {at: draft for draft in earlier for at in draft.tokens}
    for word in reversed(token.doc[: token.i]):
        if word.dep_ in {"nsubj", "nsubjpass"} and word.conjuncts:
            nouns = [by_token[other.i] for other in (word, *word.conjuncts) if other.i in by_token]
            if len(nouns) > 1:
                return list(dict.fromkeys(nouns))
    return []


def _may_be_it(draft: Draft, token: Token) -> bool:
    """Whether `it` may mean an entity."""
    return (
        draft.type not in {"person", "group"}
        and draft.type not in _NOT_ENTITIES
        and draft.gender in {None, "neuter"}
        and (draft.count == 1 or _last_mention(draft, token).tag_ == "NN")
    )


def _likelihood(table: EntityTable, draft: Draft, token: Token, gender: Gender | None) -> float:
    """How likely a pronoun means an entity: it is near, has the gender, stood as subject or object, fits the verb."""
    last = _last_mention(draft, token)
    distance = min(4, table.sentence_of(token.i) - table.sentence_of(last.i))
    subject = last.dep_ in {"nsubj", "nsubjpass"}
    likely = -1.5 * distance + 0.7 * (draft.name is not None) + 0.3 * (draft.is_being and token.dep_ == "nsubj")
    if gender == "neuter":
        concrete = draft.type not in {"place", "event", "idea"}
        argument = last.dep_ in {"dobj", "nsubj", "nsubjpass", "dative", "conj", "ROOT"}
        lives = draft.is_being and _does_as_being(token)
        return likely + 0.8 * concrete + 1.0 * argument + 0.8 * subject + 1.5 * _is_typical(token, draft) + 1.2 * lives
    likely -= 1.5 * (last.dep_ == "poss" and last.tag_ != "PRP$" and not subject)
    return likely + 1.5 * (draft.gender == gender) + 0.5 * (draft.type == "person") + 1.0 * draft.subject + 0.4 * subject


def _is_typical(token: Token, draft: Draft) -> bool:
    """Whether a verb is mostly said of things of this type: `rides it` means a vehicle or an animal."""
    return token.dep_ == "dobj" and draft.type in typical_objects().get(verb_lemma(token.head.text), ())


def _others_of_clause(table: EntityTable, token: Token) -> list[Draft]:
    """Who does what the clause around a pronoun says, and to what: nobody whom `him` could mean."""
    verb = _verb_of(token)
    objects = {"dobj"} if token.dep_ == "pobj" else set()
    helper = subject_of(table, verb.head) if verb.dep_ in {"ccomp", "xcomp"} and verb.head.lemma_ == "help" else []
    return [
        *helper,
        *subject_of(table, verb),
        *(draft for child in verb.children if child.dep_ in objects for draft in table.of(child)),
    ]
