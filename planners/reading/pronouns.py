"""Whom a pronoun means."""

from __future__ import annotations

from typing import Final

from planners.knowledge.noun_types import BEINGS, PORTABLE, NounType
from planners.reading.entity_table import Draft, EntityTable
from planners.reading.premise import Gender
from planners.reading.spacy_without_torch import Token

__all__ = ["PRONOUNS", "resolve_pronoun"]

PRONOUNS: Final[dict[str, tuple[Gender | None, bool]]] = {
    **dict.fromkeys(("he", "him", "his", "himself"), ("male", False)),
    **dict.fromkeys(("she", "her", "hers", "herself"), ("female", False)),
    **dict.fromkeys(("it", "its", "itself"), ("neuter", False)),
    **dict.fromkeys(("they", "them", "their", "theirs", "themselves", "each", "both", "neither"), (None, True)),
}
"""Gender, and whether several are meant."""

_NOT_ENTITIES: Final[frozenset[NounType]] = frozenset({"time", "quantity", "feeling"})


def resolve_pronoun(table: EntityTable, token: Token) -> list[Draft]:
    """Whom a pronoun means: by gender and number, subjects before others, the latest before earlier ones."""
    low = token.text.lower()
    gender, several = PRONOUNS[low]
    earlier = [draft for draft in table.drafts if min(draft.tokens) < token.i]
    if token.dep_ in {"dobj", "dative"} and not low.endswith("self"):
        subjects = [draft for child in token.head.children if child.dep_ in {"nsubj", "nsubjpass"} for draft in table.of(child)]
        earlier = [draft for draft in earlier if draft not in subjects] or earlier
    if several:
        groups = [draft for draft in earlier if draft.count != 1 and (draft.type in BEINGS or low in {"they", "them", "their"})]
        own = [draft for draft in groups if draft.is_being or draft.type in PORTABLE]
        if own:
            return [max(own, key=lambda draft: (draft.is_being, draft.subject, max(at for at in draft.tokens if at < token.i)))]
        beings = [draft for draft in earlier if draft.is_being]
        return beings if len(beings) > 1 else beings or earlier[-1:]
    if gender == "neuter":
        candidates = [
            draft
            for draft in earlier
            if draft.type not in {"person", "group"}
            and draft.type not in _NOT_ENTITIES
            and draft.gender in {None, "neuter"}
            and draft.count == 1
        ]
    else:
        candidates = [
            draft
            for draft in earlier
            if draft.is_being and draft.gender in {None, gender} and draft.count == 1 and draft.type != "group"
        ]
    if not candidates:
        return []

    def rank(draft: Draft) -> tuple[float, int]:
        last = max(at for at in draft.tokens if at < token.i)
        distance = sum(1 for start in token.doc.sents if last < start.start <= token.i)
        likely = draft.subject if gender != "neuter" else draft.type not in {"place", "event", "idea", "document"}
        return (-1.5 * min(distance, 4) + 1.2 * (draft.gender == gender) + 1.0 * likely, last)

    best = max(candidates, key=rank)
    if best.gender is None and gender != "neuter" and best.type in BEINGS:
        best.gender = gender
    return [best]
