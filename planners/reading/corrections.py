"""Corrections of what was understood: a small language in which the user changes a premise, one line for each change."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final, get_args

from memory.model.canon import CHARACTER_KINDS, CharacterKind
from memory.suggestions import did_you_mean
from planners.errors import PromptError
from planners.knowledge.compound_nouns import compound_types
from planners.knowledge.noun_types import NounType
from planners.plan.vocabulary import STYLES
from planners.reading.english import plural
from planners.reading.premise import Form, Premise, PremiseEntity, PremiseEvent
from planners.reading.reader import read_premise
from planners.reading.report import check_understood, report
from planners.reading.texts.clean_prompt import clean_prompt

__all__ = ["CORRECTIONS", "correct"]

CORRECTIONS: Final = (
    "drop N · rename N NAME · kind N human|animal|robot|spirit|thing · show N · hide N · place TEXT · "
    "form NAME · tone WORDS · style NAME · prompt TEXT (reads again) · Enter: plan it"
)
"""The help line."""
_FORMS: Final[tuple[Form, ...]] = get_args(Form)
_TYPES: Final[dict[CharacterKind, NounType]] = {
    "human": "person",
    "animal": "animal",
    "robot": "robot",
    "spirit": "spirit",
    "thing": "thing",
}
_PREPOSITION: Final = "(?:to|from|with|for|at|in|into|on|onto|by|about|against|of)"
_LONGEST_NAME: Final = 60
"""Characters."""


def correct(premise: Premise, correction: str) -> Premise:
    """The premise after one correction. Numbers are those of the report. Raises PromptError with what is possible."""
    command, _, rest = correction.strip().partition(" ")
    change = _CHANGES.get(command.lower())
    if change is None:
        raise PromptError(f"there is no correction “{command}”{did_you_mean(command.lower(), _CHANGES)} Possible: {CORRECTIONS}")
    return change(premise, " ".join(rest.split()))


def _drop(premise: Premise, rest: str) -> Premise:
    """Leave out an entity or an event."""
    target = _numbered(premise, rest, "drop N")
    if isinstance(target, int):
        return _without_events(premise, {target})
    return _without_entity(premise, target.id)


def _rename(premise: Premise, rest: str) -> Premise:
    """Give an entity a name."""
    number, _, name = rest.partition(" ")
    entity = _entity_at(premise, number, "rename N NAME")
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise PromptError(f"rename N NAME: expected a name of 1 to {_LONGEST_NAME} characters, found “{name[:80]}”")
    return _with_entity(premise, replace(entity, name=name))


def _set_kind(premise: Premise, rest: str) -> Premise:
    """Say what an entity is. A thing takes no part of its own; everything else can act and speak."""
    number, _, word = rest.partition(" ")
    entity = _entity_at(premise, number, "kind N KIND")
    kind = next((kind for kind in CHARACTER_KINDS if kind == word.lower()), None)
    if kind is None:
        raise PromptError(f"kind N KIND: {_expected(word, CHARACTER_KINDS)}")
    if kind == "thing":
        return _without_agent(_with_entity(premise, replace(entity, kind=None, acts=False, type="thing")), entity.id)
    return _with_entity(premise, replace(entity, kind=kind, acts=True, type=_TYPES[kind]))


def _show(premise: Premise, rest: str) -> Premise:
    """Let an event happen on screen."""
    index = _event_at(premise, rest, "show N")
    return _with_event(premise, index, replace(premise.events[index], modality="done", negated=False))


def _hide(premise: Premise, rest: str) -> Premise:
    """Keep an event off the screen: it is only spoken of."""
    index = _event_at(premise, rest, "hide N")
    return _with_event(premise, index, replace(premise.events[index], modality="told"))


def _set_form(premise: Premise, rest: str) -> Premise:
    form = next((form for form in _FORMS if form == rest.lower()), None)
    if form is None:
        raise PromptError(f"form NAME: {_expected(rest, _FORMS)}")
    return replace(premise, form=form)


def _set_tone(premise: Premise, rest: str) -> Premise:
    """Replace the tone; without words there is none."""
    return replace(premise, tone=tuple(word.lower() for word in re.findall(r"[\w'-]+", rest)[:8]))


def _set_style(premise: Premise, rest: str) -> Premise:
    style = next((style for style in STYLES if style == rest.lower()), None)
    if style is None:
        raise PromptError(f"style NAME: {_expected(rest, STYLES)}")
    return replace(premise, style=style)


def _set_place(premise: Premise, rest: str) -> Premise:
    """Play the whole story in one place. Places that take part in an event stay things of the story."""
    noun = re.sub(r"^(?:the|an?)\s+", "", rest, flags=re.IGNORECASE)
    if not re.search(r"[a-z]", noun, re.IGNORECASE) or len(noun) > _LONGEST_NAME:
        raise PromptError(
            f"place TEXT: expected a place of at most {_LONGEST_NAME} characters, such as `place an old lighthouse`"
        )
    busy = {identifier for event in premise.events for identifier in event.participants()}
    for entity in premise.entities:
        if entity.type == "place" and entity.id not in busy:
            premise = _without_entity(premise, entity.id)
    slug = re.sub(r"[^a-z0-9]+", "_", noun.lower()).strip("_0123456789")[:30].strip("_") or "place"
    taken = {entity.id for entity in premise.entities}
    identifier = next(name for name in (slug, *(f"{slug}_{at}" for at in range(2, 99))) if name not in taken)
    proper = noun[0].isupper() and compound_types(noun.lower())[:1] != ("place",)
    place = PremiseEntity(id=identifier, noun=noun if proper else noun.lower(), type="place", name=noun if proper else None)
    return replace(
        premise,
        entities=(place, *premise.entities),
        events=tuple(replace(event, places=()) for event in premise.events),
        setting=replace(premise.setting, places=(identifier,)),
    )


def _read_again(_premise: Premise, rest: str) -> Premise:
    """Read another prompt instead. Corrections made so far are lost."""
    premise = read_premise(clean_prompt(rest))
    check_understood(premise)
    return premise


_CHANGES: Final[dict[str, Callable[[Premise, str], Premise]]] = {
    "drop": _drop,
    "rename": _rename,
    "kind": _set_kind,
    "show": _show,
    "hide": _hide,
    "place": _set_place,
    "form": _set_form,
    "tone": _set_tone,
    "style": _set_style,
    "prompt": _read_again,
}


def _expected(word: str, names: tuple[str, ...]) -> str:
    """What was expected instead of a word."""
    return f"expected one of {', '.join(names)}; found “{word[:40]}”{did_you_mean(word.lower(), names)}"


def _numbered(premise: Premise, number: str, usage: str) -> PremiseEntity | int:
    """The entity, or the index of the event, with a number of the report."""
    items = report(premise).items()
    if not number.isascii() or not number.isdigit() or not 1 <= int(number[:6]) <= len(items):
        raise PromptError(f"{usage}: expected a number from 1 to {len(items)}, found “{number[:40]}”")
    item = items[int(number) - 1]
    if item.event is not None:
        return item.event
    return premise.entity(item.entity or "")


def _entity_at(premise: Premise, number: str, usage: str) -> PremiseEntity:
    target = _numbered(premise, number, usage)
    if isinstance(target, int):
        raise PromptError(f"{usage}: {number} is an event; expected the number of somebody, something or a place")
    return target


def _event_at(premise: Premise, number: str, usage: str) -> int:
    target = _numbered(premise, number, usage)
    if not isinstance(target, int):
        raise PromptError(f"{usage}: {number} is no event; expected the number of something that happens")
    return target


def _with_entity(premise: Premise, entity: PremiseEntity) -> Premise:
    """The premise with an entity in place of the one with its id."""
    return replace(premise, entities=tuple(entity if entity.id == other.id else other for other in premise.entities))


def _with_event(premise: Premise, index: int, event: PremiseEvent) -> Premise:
    return replace(premise, events=(*premise.events[:index], event, *premise.events[index + 1 :]))


def _without_agent(premise: Premise, identifier: str) -> Premise:
    """The premise in which an entity does nothing itself; events that nobody else does are left out."""
    lost = {index for index, event in enumerate(premise.events) if event.agents == (identifier,)}
    events = tuple(
        replace(event, agents=tuple(agent for agent in event.agents if agent != identifier)) for event in premise.events
    )
    return _without_events(replace(premise, events=events), lost)


def _without_events(premise: Premise, lost: set[int]) -> Premise:
    """The premise without some events; the others keep their links."""
    kept = [index for index in range(len(premise.events)) if index not in lost]
    at = {old: new for new, old in enumerate(kept)}

    def moved(index: int | None) -> int | None:
        return None if index is None else at.get(index)

    return replace(
        premise,
        events=tuple(
            replace(event, content_of=moved(event.content_of), reason_for=moved(event.reason_for))
            for event in (premise.events[index] for index in kept)
        ),
    )


def _without_mention(phrase: str, entity: PremiseEntity) -> str:
    """A verb phrase without the prepositional phrase that ends in an entity: `sells his boat to two bankers`."""
    names = "|".join(re.escape(name) for name in {entity.noun, plural(entity.noun), entity.name or entity.noun})
    return re.sub(rf" {_PREPOSITION}(?: (?!{_PREPOSITION}\b)[\w'-]+){{0,4}}? (?:{names})\b", "", phrase, count=1)


def _without_entity(premise: Premise, lost: str) -> Premise:
    """The premise without an entity, and without the events that only it does."""
    entity = premise.entity(lost)

    def others(identifiers: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(identifier for identifier in identifiers if identifier != lost)

    premise = _without_agent(premise, lost)
    return replace(
        premise,
        entities=tuple(
            replace(other, owner=None if other.owner == lost else other.owner, place=None if other.place == lost else other.place)
            for other in premise.entities
            if other.id != lost
        ),
        events=tuple(
            replace(
                event,
                phrase=_without_mention(event.phrase, entity),
                patients=others(event.patients),
                recipients=others(event.recipients),
                sources=others(event.sources),
                goals=others(event.goals),
                instruments=others(event.instruments),
                companions=others(event.companions),
                topics=others(event.topics),
                places=others(event.places),
            )
            for event in premise.events
        ),
        quotes=tuple(replace(quote, speaker=None if quote.speaker == lost else quote.speaker) for quote in premise.quotes),
        setting=replace(premise.setting, places=others(premise.setting.places)),
    )
