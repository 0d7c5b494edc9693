"""Entities while a prompt is read, and the words that mention them."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Final

from memory.model.canon import CharacterKind
from planners.knowledge.noun_types import BEINGS, NounType
from planners.reading.premise import Age, Gender, PremiseEntity
from planners.reading.spacy_without_torch import Doc, Token

__all__ = ["Draft", "EntityTable"]

_KINDS: Final[dict[NounType, CharacterKind]] = {
    "person": "human",
    "group": "human",
    "animal": "animal",
    "spirit": "spirit",
    "robot": "robot",
}


@dataclass(slots=True, eq=False)
class Draft:
    """An entity while the prompt is read."""

    noun: str
    types: list[NounType]
    id: str = ""
    name: str | None = None
    words: list[str] = field(default_factory=list)
    count: int | None = 1
    gender: Gender | None = None
    age: Age | None = None
    owner: Draft | None = None
    tokens: list[int] = field(default_factory=list)
    acts: bool = False
    subject: bool = False
    sentence: int = 0
    extra_nouns: list[str] = field(default_factory=list)
    place: Draft | None = None
    implied: bool = False
    """Whether the prompt only implies it, as a compound does a place."""
    speaker: bool = False
    """Whether the prompt calls it `I` or `we`."""
    split_from: bool = False
    """Whether it is what is left of a group of which one member acts apart."""

    @property
    def type(self) -> NounType:
        """What it is. A being by its role is one even if its noun is not."""
        if self.acts and self.types[0] in {"idea", "event", "place", "quantity", "time", "food", "substance", "clothing"}:
            kinds = {"person", "animal", "spirit", *(["thing"] if self.types[0] == "place" else [])}
            return next((kind for kind in self.types if kind in kinds), self.types[0])
        return self.types[0]

    @property
    def is_being(self) -> bool:
        """Whether it can do and feel things."""
        return self.acts or self.type in BEINGS or (self.name is not None and self.type == "person")

    def kind(self) -> CharacterKind | None:
        """The kind of character it is."""
        if not self.is_being:
            return None
        if self.type in _KINDS:
            return _KINDS[self.type]
        return (
            "thing"
            if self.type in {"thing", "food", "plant", "vehicle", "clothing", "document", "body", "substance"}
            else "spirit"
        )

    def finish(self) -> PremiseEntity:
        """The finished entity."""
        return PremiseEntity(
            id=self.id,
            noun=self.noun,
            type=self.type,
            name=self.name,
            words=tuple(dict.fromkeys(self.words)),
            count=self.count,
            gender=self.gender,
            age=self.age,
            owner=self.owner.id if self.owner else None,
            acts=self.is_being,
            kind=self.kind(),
            sentence=self.sentence,
            implied=self.implied,
            place=self.place.id if self.place and self.place is not self else None,
        )


class EntityTable:
    """Drafts by the tokens that mention them."""

    def __init__(self, doc: Doc) -> None:
        self.drafts: list[Draft] = []
        self._sentence_starts = [sentence.start for sentence in doc.sents]
        self._at: dict[int, list[Draft]] = {}

    def of(self, token: Token) -> list[Draft]:
        """The entities that a token mentions: several for a plural pronoun."""
        return self._at.get(token.i, [])

    def sentence_of(self, index: int) -> int:
        """The number of the sentence in which a token stands."""
        return bisect_right(self._sentence_starts, index) - 1

    def bind(self, token: Token, *drafts: Draft) -> None:
        """Let a token mention entities."""
        self._at[token.i] = list(drafts)
        for draft in drafts:
            draft.tokens.append(token.i)

    def add(self, token: Token, draft: Draft) -> Draft:
        """Add a new entity at its first mention."""
        self.drafts.append(draft)
        self.bind(token, draft)
        return draft

    def share(self, group: Draft, member: Draft) -> None:
        """Let every mention of a group mention a member of it that acts apart, too."""
        for index, drafts in self._at.items():
            if group in drafts:
                self._at[index] = [*drafts, member]
        self.drafts.insert(self.drafts.index(group) + 1, member)

    def replace(self, old: Draft, new: Draft) -> None:
        """Join two entities: every mention of one becomes a mention of the other."""
        if old is new:
            return
        for index, drafts in self._at.items():
            if old in drafts:
                self._at[index] = list(dict.fromkeys(new if draft is old else draft for draft in drafts))
        new.words += [word for word in old.words if word not in new.words]
        new.name, new.gender, new.age = new.name or old.name, new.gender or old.gender, new.age or old.age
        new.owner = new.owner or (old.owner if old.owner is not new else None)
        new.acts |= old.acts
        new.tokens += old.tokens
        for draft in self.drafts:
            if draft.owner is old:
                draft.owner = new if draft is not new else None
            if draft.place is old:
                draft.place = new if draft is not new else None
        if old in self.drafts:
            self.drafts.remove(old)

    def name_ids(self) -> None:
        """Give every entity its id, from its name or noun."""
        taken: set[str] = set()
        for draft in self.drafts:
            slug = re.sub(r"[^a-z0-9]+", "_", (draft.name or draft.noun).lower()).strip("_")[:32].strip("_") or "someone"
            slug = slug if slug[0].isalpha() else f"n_{slug}"
            identifier, number = slug, 2
            while identifier in taken:
                identifier, number = f"{slug}_{chr(95 + number)}", number + 1
            members = min(draft.count or 3, 9)
            taken |= {identifier, *(f"{identifier}_{number}" for number in range(1, members + 1 if members > 1 else 0))}
            draft.id = identifier
