"""Say what was understood of a prompt: who, where, what happens, in which form, and what was not used."""

from __future__ import annotations

from planners.reading.premise import ENACTED, Premise, PremiseEntity, PremiseEvent

__all__ = ["confidence", "report_lines"]


def confidence(premise: Premise) -> float:
    """How much of the prompt was understood, from 0 to 1: the share of its content words in use, halved if nothing happens."""
    words = {word for entity in premise.entities for word in (entity.noun, *entity.words)} | {
        event.verb for event in premise.events
    }
    used = len(words) / (len(words) + len(premise.unused)) if words else 0.0
    return round(used if premise.events else used / 2, 2)


def _entity_words(entity: PremiseEntity) -> str:
    """An entity in words: `Mila (daughter, child)`."""
    traits = [*entity.words, *([entity.age] if entity.age else [])]
    count = "" if entity.count == 1 else "several " if entity.count is None else f"{entity.count} "
    what = f"{count}{entity.noun}"
    name = f"{entity.name}, " if entity.name and entity.name.lower() != entity.noun.lower() else ""
    return f"{name}{what}{f' ({chr(44).join(dict.fromkeys(traits))})' if traits else ''}".replace(",", ", ").replace(",  ", ", ")


def _event_words(premise: Premise, event: PremiseEvent) -> str:
    """An event in words."""
    subject = (
        ", ".join(premise.entity(identifier).name or premise.entity(identifier).noun for identifier in event.agents) or "somebody"
    )
    how = "" if event.modality == "done" else f" ({event.modality})"
    return f"{subject} {'does not: ' if event.negated else ''}{event.phrase}{how}"


def report_lines(premise: Premise) -> list[str]:
    """What was understood, one line for each part that the prompt has."""
    setting = premise.setting
    where = [(premise.entity(identifier).name or premise.entity(identifier).noun) for identifier in setting.places]
    when = [text for text in (setting.time, setting.weather, setting.date) if text]
    shown = [event for event in premise.events if event.modality in ENACTED and not event.negated]
    kept = [event for event in premise.events if event not in shown]
    rows = [
        ("who", "; ".join(_entity_words(entity) for entity in premise.entities if entity.acts)),
        (
            "what",
            "; ".join(
                _entity_words(entity)
                for entity in premise.entities
                if not entity.acts and entity.type not in {"place", "time", "quantity"}
            ),
        ),
        ("where", ", ".join(where)),
        ("when", ", ".join(when)),
        ("happens", "; ".join(_event_words(premise, event) for event in shown)),
        ("not shown", "; ".join(_event_words(premise, event) for event in kept)),
        ("quoted", "; ".join(f"“{quote.text}”" for quote in premise.quotes)),
        ("form", premise.form),
        ("tone", ", ".join(premise.tone)),
        ("style", premise.style or ""),
        ("told as", premise.analogy or ""),
        ("for", premise.audience or ""),
        ("without", ", ".join((*premise.banned, *(["words"] if premise.silent else [])))),
        ("not used", ", ".join(premise.unused)),
        ("confidence", f"{confidence(premise):.0%}"),
    ]
    return [f"{name}: {text}" for name, text in rows if text]
