"""Say what was understood of a prompt: who, where, what happens, in which form, and what was not used."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from planners.errors import BY_HAND, PromptError
from planners.knowledge.compound_nouns import compound_types
from planners.knowledge.wordnet import open_wordnet
from planners.prompt_report import PromptReport, ReportItem, ReportRow
from planners.reading.english import article, is_mass, plural, singular, third_person, verb_lemma
from planners.reading.people import people
from planners.reading.premise import ENACTED, Modality, Premise, PremiseEntity, PremiseEvent
from planners.reading.texts.language_test import english_stop_words

__all__ = ["check_understood", "confidence", "report"]

_NUMBERS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_HOW: Final[dict[Modality, str]] = {
    "attempted": "tried or planned",
    "wanted": "wished for",
    "possible": "only possible",
    "refused": "refused",
    "feared": "only feared",
    "told": "only spoken of",
    "past": "before the story begins",
    "habit": "again and again",
}
_WITHOUT_EVENTS: Final = frozenset({"lesson", "process", "vignette", "monologue"})
"""Forms of which the prompt need not tell an event."""


def confidence(premise: Premise) -> float:
    """How much of the prompt was understood, from 0 to 1: the share of its content words that are known and in use.

    Halved if nothing happens in a film whose form needs events.
    """
    words = _words(premise)
    known = sum(_is_known(word, premise) for word in words)
    used = known / (len(words) + len(premise.unused)) if words else 0.0
    return round(used if premise.events or premise.form in _WITHOUT_EVENTS else used / 2, 2)


def check_understood(premise: Premise) -> None:
    """Raise PromptError for a prompt that names nobody, nothing and no place that any list knows, and no event."""
    setting = premise.setting
    words = _words(premise)
    if (
        any(_is_listed(word) and word not in english_stop_words() for word in words)
        or setting.time
        or setting.weather
        or setting.date
        or premise.genre
    ):
        return
    why = f"no list knows {_listed(words)}" if words else "it names nobody, nothing and no place, and nothing happens in it"
    understood = [line for line in report(premise).lines() if not line.startswith("confidence")]
    raise PromptError(
        "\n".join(
            [
                f"the prompt cannot be understood: {why}.",
                "What was understood:",
                *(f"  {line}" for line in understood),
                "Say in a plain English sentence who does what, for instance “A lighthouse keeper befriends a storm.”",
                BY_HAND,
            ]
        )
    )


def report(premise: Premise, *, style: str | None = None) -> PromptReport:
    """What was understood. `style`: the look that the film gets, in words; None: that of the prompt."""
    setting = premise.setting
    places = [
        entity for entity in premise.entities if not entity.acts and (entity.id in setting.places or entity.type == "place")
    ]
    beings = [entity for entity in premise.entities if entity.acts]
    things = [entity for entity in premise.entities if entity not in (*beings, *places)]
    things = [
        entity
        for entity in things
        if entity.type not in {"time", "quantity", "weather"} and entity.noun not in people().indefinites
    ]
    shown = [index for index, event in enumerate(premise.events) if _is_shown(event)]
    kept = [index for index, event in enumerate(premise.events) if not _is_shown(event)]
    when = [text for text in (setting.time, setting.weather, setting.date) if text]
    unknown = [word for word in _words(premise) if not _is_known(word, premise)]
    rows = [
        _report_row("who", (_entity_item(premise, entity) for entity in beings)),
        _report_row("what", (_entity_item(premise, entity) for entity in things)),
        _report_row("where", (_entity_item(premise, entity) for entity in places)),
        _report_row("when", (ReportItem(text=", ".join(when)) for _ in when[:1])),
        _report_row("happens", (_event_item(premise, index) for index in shown)),
        _report_row("not shown", (_event_item(premise, index) for index in kept)),
        _report_row("spoken", (ReportItem(text=f"“{quote.text}”") for quote in premise.quotes)),
        _report_row("form", [ReportItem(text=premise.form + (f" for {premise.audience}" if premise.audience else ""))]),
        _report_row("genre", (ReportItem(text=text) for text in [premise.genre] if text)),
        _report_row("tone", (ReportItem(text=text) for text in premise.tone)),
        _report_row("style", (ReportItem(text=text) for text in [style or premise.style] if text)),
        _report_row("told as", (ReportItem(text=text) for text in [premise.analogy] if text)),
        _report_row("length", (ReportItem(text=f"{minutes:.2g} min") for minutes in [premise.minutes] if minutes)),
        _report_row("without", (ReportItem(text=text) for text in _banned(premise))),
        _report_row("unknown", (ReportItem(text=f"{word} (no list has this word)") for word in unknown)),
        _report_row("not used", (ReportItem(text=word) for word in premise.unused)),
        _report_row("confidence", [ReportItem(text=f"{confidence(premise):.0%}")]),
    ]
    return PromptReport(
        rows=tuple(row for row in rows if row.items),
        unused=premise.unused,
        confidence=confidence(premise),
        events=len(shown),
        explains=premise.form in {"lesson", "process"},
        minutes=premise.minutes,
    )


def _report_row(name: str, items: Iterable[ReportItem]) -> ReportRow:
    """A row of the report, each text once."""
    unique = {(item.text, item.entity, item.event): item for item in items}
    return ReportRow(name=name, items=tuple(unique.values()))


def _banned(premise: Premise) -> tuple[str, ...]:
    """What the prompt rules out."""
    return (*premise.banned, *(["words"] if premise.silent else []), *(["a narrator"] if premise.narrated is False else []))


def _words(premise: Premise) -> list[str]:
    """The content words that the premise stands for, each once."""
    entities = [entity for entity in premise.entities if entity.noun not in people().indefinites]
    texts = [text for entity in entities for text in (entity.noun, *entity.words)] + [event.verb for event in premise.events]
    return list(dict.fromkeys(word for text in texts for word in re.split(r"[\s-]+", text.lower()) if word))


def _is_known(word: str, premise: Premise) -> bool:
    """Whether a list knows a word, or the premise has it for a name."""
    return _is_listed(word) or any(word in (entity.name or "").lower().split() for entity in premise.entities)


def _is_listed(word: str) -> bool:
    """Whether a list knows a word in any form, or it is a number."""
    wordnet = open_wordnet()
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", word) if not unicodedata.combining(letter))
    return (
        word in english_stop_words()
        or word.strip("'’s").isdigit()
        or wordnet.knows(plain)
        or wordnet.is_noun(singular(plain))
        or wordnet.is_verb(verb_lemma(plain))
        or word in {*people().female_names, *people().male_names, *people().young_words, *people().old_words}
    )


def _is_shown(event: PremiseEvent) -> bool:
    return event.modality in ENACTED and not event.negated


def _listed(words: list[str]) -> str:
    """Words in quotation marks."""
    return ", ".join(f"“{word}”" for word in words[:8]) + (", …" if len(words) > 8 else "")


def _reference(entity: PremiseEntity) -> str:
    """An entity as the subject of a sentence: its name, or its noun with `the`."""
    if entity.name:
        return entity.name
    return f"the {entity.noun if entity.count == 1 or _is_one_group(entity) else plural(entity.noun)}"


def _is_one_group(entity: PremiseEntity) -> bool:
    """Whether an entity is one group with all its members: `a family`, `a couple`."""
    return entity.type == "group" and entity.count in {None, people().members.get(entity.noun)}


def _indefinite(entity: PremiseEntity) -> str:
    """An entity with its number: `a fox`, `two bakers`, `several pensioners`."""
    if entity.count == 1 or _is_one_group(entity):
        return entity.noun if is_mass(entity.noun) else f"{article(entity.noun)} {entity.noun}"
    if entity.count is None:
        return f"several {plural(entity.noun)}"
    number = _NUMBERS[entity.count] if entity.count < len(_NUMBERS) else str(entity.count)
    return f"{number} {plural(entity.noun)}"


def _entity_item(premise: Premise, entity: PremiseEntity) -> ReportItem:
    """An entity in words: `Mila, a daughter (child)`, `two bakers (rival)`."""
    named = entity.name and entity.name.lower() != entity.noun.lower()
    what = f"{entity.name}, {_indefinite(entity)}" if named else entity.name or _indefinite(entity)
    usual = next((kind for kind in compound_types(entity.noun)[:1] if kind in {"animal", "robot", "spirit"}), "human")
    kind = entity.kind if entity.acts and entity.kind not in {usual, entity.noun} else None
    age = entity.age if entity.age not in {None, "adult", *entity.words} else None
    owner = next((other for other in premise.entities if other.id == entity.owner), None)
    traits = [*entity.words, *(text for text in (age, kind) if text), *(["implied"] if entity.implied else [])]
    traits += [f"of {_reference(owner)}"] if owner is not None else []
    return ReportItem(text=what + (f" ({', '.join(dict.fromkeys(traits))})" if traits else ""), entity=entity.id)


def _event_item(premise: Premise, index: int) -> ReportItem:
    """An event as a sentence: `the sailor sells his boat (refused)`."""
    event = premise.events[index]
    agents = [premise.entity(identifier) for identifier in (event.patients if event.undergone else event.agents)]
    alike = len(agents) > 1 and len({agent.noun for agent in agents}) == 1 and not any(agent.name for agent in agents)
    names = [f"the {plural(agents[0].noun)}"] if alike else [_reference(agent) for agent in agents]
    subject = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else "somebody"
    verb, _, rest = event.phrase.partition(" ")
    many = len(agents) > 1 or any(agent.count != 1 and not _is_one_group(agent) for agent in agents)
    if many and verb in {third_person(event.verb), "is", "gets"}:
        verb = {"is": "are", "gets": "get"}.get(verb, event.verb)
    how = ["does not happen"] if event.negated else []
    how += [_HOW[event.modality]] if event.modality in _HOW else []
    how += [] if event.explicit else ["implied"]
    return ReportItem(text=f"{subject} {verb} {rest}".strip() + (f" ({', '.join(how)})" if how else ""), event=index)
