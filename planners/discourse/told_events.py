"""Events as people speak of them: `I fail my flying test`, `you failed your flying test`."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from planners.discourse.dialogue_tables import dialogue_tables
from planners.fabula.participant import Participant, name_together
from planners.knowledge.families import RoleName
from planners.reading.english import VerbForm, plural, third_person, verb_form, verb_lemma

__all__ = ["Person", "Roles", "ToldEvent", "UnfilledSlot", "earlier_deed", "person_of", "pronoun"]

Person = Literal["first", "second", "third"]
"""Whether those who are meant speak, are spoken to, or are spoken of."""
Roles = Mapping[RoleName, tuple[Participant, ...]]
_PRONOUNS: Final[dict[str, tuple[str, str, str]]] = {
    "female": ("she", "her", "her"),
    "male": ("he", "him", "his"),
    "neuter": ("it", "it", "its"),
    "plural": ("they", "them", "their"),
}
_POSSESSIVES: Final[dict[str, tuple[str, str]]] = {
    "female": ("her", "herself"),
    "male": ("his", "himself"),
    "neuter": ("its", "itself"),
    "plural": ("their", "themselves"),
}
_PERSONAL: Final = re.compile(r"\b(?:he|she|they|it|him|them|who|whom|which|this|that|there)\b", re.IGNORECASE)
_OWN: Final = re.compile(r"\b(his|her|its|their)\b(?=(?: own)? [a-z])|\b(himself|herself|itself|themselves)\b", re.IGNORECASE)
_NO_NOUN: Final = re.compile(
    r"\bher (?:a|an|the|to|in|on|at|with|from|and|about|that|how|for|into|back|his|her|their|some|all)\b|\bher$"
)
_AUXILIARY: Final = re.compile(r"(?:is|are|has|have|does|do|can|will|must|may)$")
_NO_COMPOUND: Final = r"(?:for|or|after|over|under|ever|never|forever)\b"
"""Words with the ending of one who does something that end no compound."""
_OF_ME: Final = re.compile(r"\bof (?:me|you)\b")
_MUTUAL: Final = re.compile(r"\beach other\b|\bone another\b")
_CHANGE: Final = re.compile(r"(?:become|became|becoming|turn(?:ed|ing)? into) ")
_MOST_WORDS: Final = 8
_LOOSE_END: Final = re.compile(r"(?:,| and| or| but| of| the| a| an)+$")
_PARTICLE_FIRST: Final = re.compile(r"^(\S+) (up|down|off|out|away|back) (me|you|us)\b")
_ADDITION: Final = re.compile(
    r"(\S+ \S+.*) (?:in|on|at|by|into|onto|from|with|without|under|behind|beside|during|before|after|until|because|while|when|as|so that|to|for|and|but|that|who|which) "
)
_FORMS: Final[dict[str, VerbForm]] = {"": "VB", "ing": "VBG", "done": "VBN", "did": "VBD"}


class UnfilledSlot(LookupError):
    """A slot has nobody to fill it, or nothing is known that it asks for."""


def person_of(ids: Collection[str], speaker: str | None, hearer: str | None) -> Person:
    """The grammatical person of those with some ids, when `speaker` talks to `hearer`."""
    return "first" if speaker in ids else "second" if hearer in ids else "third"


def pronoun(filling: tuple[Participant, ...], case: int, person: Person) -> str:
    """Subject, object or possessive pronoun (0, 1, 2)."""
    many = len(filling) > 1 or filling[0].many
    if person == "first":
        return (("we", "us", "our") if len(filling) > 1 else ("I", "me", "my"))[case]
    if person == "second":
        return ("you", "you", "your")[case]
    return _PRONOUNS["plural" if many else filling[0].gender][case]


@dataclass(frozen=True, slots=True)
class ToldEvent:
    """An event that lines speak of."""

    phrase: str
    """Verb phrase in the third person present."""
    verb: str
    agents: tuple[Participant, ...]
    others_own: bool = False
    """Whether a thing in it belongs to somebody else, so that `her` in it is not the agent's."""

    def names(self, people: Collection[str], roles: Roles) -> bool:
        """Whether its phrase names one of some people other than its agents: what is planned against them is not told to them."""
        own = {agent.id for agent in self.agents}
        return any(
            _addressed(self.phrase, roles, identifier, None) != self.phrase for identifier in people if identifier not in own
        )

    def realised(self, slot: str, form: str, roles: Roles, speaker: str | None, hearer: str | None) -> str:
        """The event in words: `before` and `past` as a sentence in the past, other slots as a verb phrase in a form of the verb. Raises UnfilledSlot."""
        sentence = slot in {"before", "past"}
        plain = self._phrase("did" if sentence else form, speaker, hearer, named=sentence)
        phrase = _addressed(plain, roles, speaker, hearer)
        if _addressed(plain, {"agent": self.agents}, speaker, hearer) != plain:
            raise UnfilledSlot(f"`{self.phrase}` names those who do it")
        if _OF_ME.search(phrase):
            raise UnfilledSlot(f"`{phrase}` says of whom it is as nobody would")
        if not sentence:
            return phrase
        if not self.agents:
            raise UnfilledSlot(f"nobody does what `{self.phrase}` says")
        person = person_of({agent.id for agent in self.agents}, speaker, hearer)
        subject = name_together(self.agents) if person == "third" else pronoun(self.agents, 0, person)
        return f"{subject} {phrase}"

    def _phrase(self, form: str, speaker: str | None, hearer: str | None, *, named: bool) -> str:
        """The verb phrase, with the agents' own things as `my` or `your`. `named`: the agents are named before it. Raises UnfilledSlot."""
        head, _, rest = _shortened(self.phrase).partition(" ")
        base = self.verb.partition(" ")[0]
        if head != third_person(base) and not _AUXILIARY.match(head):
            base = verb_lemma(head)
        if ", and " in self.phrase:
            raise UnfilledSlot(f"`{self.phrase}` tells two things")
        if base == "lie" and form in {"did", "done"}:
            raise UnfilledSlot("whether somebody lay or lied is not known")
        if not rest and base in dialogue_tables().needs_object:
            raise UnfilledSlot(f"`{self.phrase}` leaves out what it is done to")
        if _MUTUAL.search(rest) and len(self.agents) == 1:
            raise UnfilledSlot(f"`{self.phrase}` speaks of several who are not named")
        if head != third_person(base) or len(rest.split()) >= _MOST_WORDS or _PERSONAL.search(rest) or _NO_NOUN.search(rest):
            raise UnfilledSlot(f"`{self.phrase}` is too long or too vague for a line")
        person = person_of({agent.id for agent in self.agents}, speaker, hearer)
        owned = list(_OWN.finditer(rest))
        strange = self.others_own and any(not match[2] for match in owned)
        if strange or (
            not (named and person == "third")
            and any(self._own_word(reflexive=bool(match[2])) != match[0].lower() for match in owned)
        ):
            raise UnfilledSlot(f"whose is meant in `{self.phrase}` is not certain")

        def own(match: re.Match[str]) -> str:
            if person == "third":
                return match[0]
            if match[2]:
                many = len(self.agents) > 1
                return ("ourselves" if many else "myself") if person == "first" else ("yourselves" if many else "yourself")
            return pronoun(self.agents, 2, person)

        return f"{verb_form(base, _FORMS[form])} {_OWN.sub(own, rest)}".strip()

    def _own_word(self, *, reflexive: bool) -> str:
        """The possessive or reflexive pronoun of the agents in the third person."""
        if not self.agents:
            raise UnfilledSlot(f"nobody does what `{self.phrase}` says")
        many = len(self.agents) > 1 or self.agents[0].many
        return _POSSESSIVES["plural" if many else self.agents[0].gender][reflexive]


def _shortened(phrase: str) -> str:
    """A verb phrase without what follows a preposition or a conjunction, from the end, until it is short enough for a line."""
    while len(phrase.split()) > _MOST_WORDS and (cut := _ADDITION.match(phrase)) is not None:
        phrase = _LOOSE_END.sub("", cut[1])
    return phrase


def earlier_deed(who: Participant, roles: Roles, speaker: str | None, hearer: str | None) -> str:
    """What somebody did in an earlier episode, in the past tense. Raises UnfilledSlot."""
    head = (who.earlier or "").partition(" ")[0]
    if not head:
        raise UnfilledSlot(f"nothing is remembered of {who.id}")
    return ToldEvent(who.earlier or "", verb_lemma(head), (who,)).realised("deed", "did", roles, speaker, hearer)


def _addressed(text: str, roles: Roles, speaker: str | None, hearer: str | None) -> str:
    """A text in which the two who talk are `me` and `you` where it names them: `repair the mermaid's bathtub` is `repair my bathtub`."""
    things = {
        being.noun for filling in roles.values() for being in filling if being.id not in {speaker, hearer} and being.name is None
    }
    groups = {being.id for filling in roles.values() if len(filling) > 1 for being in filling}
    for person, forms in ((speaker, ("my", "me")), (hearer, ("your", "you"))):
        for participant in {being.id: being for filling in roles.values() for being in filling if being.id == person}.values():
            names = [
                rf"(?:an?|the)(?: [\w-]+)? {re.escape(participant.noun)}",
                *([re.escape(participant.name)] if participant.name else []),
                *([rf"the {re.escape(plural(participant.noun))}"] if participant.id in groups else []),
            ]
            named = "|".join(names)
            if _CHANGE.match(text) or any(thing.endswith(f" {participant.noun}") and thing in text for thing in things):
                continue
            text = re.sub(rf"\b(?:{named})(?:'s|’s)(?= )", forms[0], text)
            text = re.sub(rf"\b(?:{named})\b(?!['’-])(?! (?!{_NO_COMPOUND})[a-z]+(?:er|or|man)\b)", forms[1], text)
    return _PARTICLE_FIRST.sub(r"\1 \3 \2", text)
