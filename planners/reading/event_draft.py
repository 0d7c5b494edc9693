"""Events while a prompt is read."""

from __future__ import annotations

from dataclasses import dataclass, field

from planners.reading.coreference.entity_table import Draft
from planners.reading.premise import Modality, PremiseEvent
from planners.reading.spacy_without_torch import Token

__all__ = ["EventDraft"]


@dataclass(slots=True, eq=False)
class EventDraft:
    """An event while the prompt is read."""

    verb: str
    token: Token
    particle: str = ""
    roles: dict[str, list[Draft]] = field(default_factory=dict)
    modality: Modality = "done"
    negated: bool = False
    explicit: bool = True
    parent: EventDraft | None = None
    reason_for: EventDraft | None = None
    order: float = 0.0
    phrase: str = ""
    quote: int | None = None
    undergone: bool = False

    def add(self, role: str, drafts: list[Draft]) -> None:
        """Add participants to a role."""
        listed = self.roles.setdefault(role, [])
        listed += [draft for draft in drafts if draft not in listed]

    def finish(self, index: dict[int, int]) -> PremiseEvent:
        """The finished event. `index` numbers the drafts of events by identity."""

        def ids(role: str) -> tuple[str, ...]:
            return tuple(dict.fromkeys(draft.id for draft in self.roles.get(role, ())))

        return PremiseEvent(
            verb=self.verb,
            particle=self.particle,
            phrase=self.phrase,
            agents=ids("agents"),
            patients=ids("patients"),
            recipients=ids("recipients"),
            sources=ids("sources"),
            goals=ids("goals"),
            instruments=ids("instruments"),
            companions=ids("companions"),
            topics=ids("topics"),
            places=ids("places"),
            modality=self.modality,
            negated=self.negated,
            explicit=self.explicit,
            content_of=index.get(id(self.parent)) if self.parent else None,
            reason_for=index.get(id(self.reason_for)) if self.reason_for else None,
            quote=self.quote,
            undergone=self.undergone,
        )
