"""Read a prompt into a premise."""

from __future__ import annotations

import re

from planners.errors import BY_HAND, PromptError
from planners.knowledge.lesson_words import lesson_words
from planners.plan.vocabulary import TimeOfDay, Weather
from planners.reading.coreference.entity_table import Draft, EntityTable
from planners.reading.english import singular, verb_lemma
from planners.reading.entities import read_entities
from planners.reading.event_draft import EventDraft
from planners.reading.events import read_events
from planners.reading.idioms import replace_idioms, replace_phrases
from planners.reading.implied_events import add_ending, fill_ellipsis
from planners.reading.premise import ENACTED, Premise, PremiseEntity, PremiseEvent, Quote, Setting
from planners.reading.request import Request, is_request, read_request, without_frame
from planners.reading.spacy_without_torch import Doc
from planners.reading.syntax.before_parse import complete_groups, hyphenate_ages, separate_fronted_phrases
from planners.reading.syntax.repair import parse_repaired
from planners.reading.texts.film_wishes import QUOTE_NAME
from planners.reading.texts.language_test import foreign_language
from planners.reading.texts.names_in_text import take_names
from planners.reading.texts.spelling import correct_spelling

__all__ = ["read_premise"]

_TIMES: tuple[tuple[str, TimeOfDay], ...] = (
    (
        r"\b(?:night|nights|midnight|nocturnal|moonlit|moonlight|full moon|insomnia|sleepless|(?:1[01]|[1-5]) ?a\.?m\b|(?:1[01]|9) ?p\.?m\b|noir|stars|starry|bedtime|after dark|in the dark|nightmares?|lullaby"
        r"|new year's eve|halloween|fireworks|campfire|bonfire|vampires?|fireflies|burglars?|sleepover|pyjamas|pajamas)\b",
        "night",
    ),
    (r"\b(?:dusk|evening|evenings|sunset|twilight|nightfall|sundown|christmas eve|dinner|supper|(?:[5-8]) ?p\.?m)\b", "dusk"),
    (r"\b(?:dawn|sunrise|daybreak|early morning|first light|cockcrow)\b", "dawn"),
)
_WEATHERS: tuple[tuple[str, Weather], ...] = (
    (
        r"\b(?:storm|thunderstorm|sandstorm|snowstorm|typhoon|cyclone|tornado|thunder|hurricane|lightning|storms|stormy)\b",
        "storm",
    ),
    (r"\b(?:rain|rains|rainy|rained|raining|rainstorm|drizzle|drizzling|downpour|pouring|flood)\b", "rain"),
    (
        r"\b(?:snow|snows|snowed|snowy|snowing|snowflakes?|snowball|sledges?|sled|blizzard|winter|snowman|frost|frozen|avalanche|icy)\b",
        "snow",
    ),
    (r"\b(?:fog|foggy|mist|misty)\b", "fog"),
    (r"\b(?:wind|windy|gale|breeze)\b", "wind"),
)
_STAGES = frozenset({"event", "vehicle"})
"""Types of what a lead-in may name as the place of a story, besides places."""
_REPEATED = re.compile(r"([^\w\s])\1{3,}")
"""A mark four times or more in a row."""
_AUDIENCE = re.compile(
    r"for (?:[\w-]+ ){0,2}(?:class|kids|children|toddlers|adults|beginners|students|pupils|[\w-]+-olds|graders)$", re.IGNORECASE
)
"""A lead-in that only says for whom the film is."""
_TITLE = re.compile(r"(?:how to|sequel|prequel|part|episode|season|chapter)\b", re.IGNORECASE)
"""A lead-in that begins so names the film; what it tells is no event."""


def read_premise(prompt: str) -> Premise:
    """Read a cleaned prompt. Raises PromptError if it is not in English."""
    if (language := foreign_language(prompt)) is not None:
        raise PromptError(
            f"the prompt seems to be in {language}, and only English is understood; nothing of it was used.\n"
            f"Write it in English, for instance “A lighthouse keeper befriends a storm.”\n{BY_HAND}"
        )
    request = read_request(_REPEATED.sub(r"\1\1\1", prompt))
    text = replace_phrases(correct_spelling(f"{_setting_text(request.lead_in)}{request.story}"))
    text, named = take_names(separate_fronted_phrases(complete_groups(hyphenate_ages(text))))
    text, idioms = replace_idioms(text)
    doc = parse_repaired(text, idioms)
    table = read_entities(doc, named)
    drafts = read_events(doc, table, idioms)
    if request.ending:
        add_ending(doc, table, drafts)
    quotes = _place_quotes(request, drafts, table)
    _note_heroes(request, table)
    drafts += _last_words(request, drafts, table)
    fill_ellipsis(drafts, request.quotes)
    _ask_only(request, drafts)
    _drop_banned(request, table, drafts)
    _drop_audience(request, table, drafts)
    table.name_ids()
    events = [draft for draft in drafts if not (draft.quote is None and _empty(draft))]
    index = {id(draft): at for at, draft in enumerate(events)}
    low = prompt.lower()
    entities = tuple(draft.finish() for draft in table.drafts)
    return Premise(
        prompt=prompt,
        form=request.form
        or ("vignette" if not any(draft.explicit for draft in events) and len(prompt.split()) < 12 else "story"),
        style=request.style,
        tone=request.tones,
        genre=request.genre,
        minutes=request.minutes,
        silent=request.silent,
        few_words=request.few_words,
        narrated=request.narrated,
        banned=request.banned,
        audience=request.audience,
        analogy=request.analogy,
        entities=entities,
        events=(*(draft.finish(index) for draft in events), *_taught_by_heroes(request, table)),
        quotes=quotes,
        setting=Setting(
            places=tuple(
                entity.id
                for entity in entities
                if entity.type == "place" or (entity.type in _STAGES and entity.noun in request.lead_in)
            ),
            time=next((time for pattern, time in _TIMES if re.search(pattern, low)), None),
            weather=next((weather for pattern, weather in _WEATHERS if re.search(pattern, low)), None),
            date=match[0] if (match := re.search(r"\b(?:1[0-9]|20|2[1-9])\d\ds?\b", request.lead_in or prompt)) else None,
        ),
        speaker=request.heroes[-1] if request.form == "monologue" and request.heroes else None,
        facts=request.facts,
        unused=_unused(doc, entities, [draft.finish(index) for draft in events], request.banned),
    )


def _note_heroes(request: Request, table: EntityTable) -> None:
    """Let those act for whom the prompt wants the main part."""
    for hero in request.heroes:
        words = set(re.findall(r"[\w'-]+", hero.lower()))
        named = [draft for draft in table.drafts if set((draft.name or "").lower().split()) & words]
        called = [draft for draft in table.drafts if set(draft.noun.split()) & words]
        for draft in [*named, *called][:1]:
            draft.acts = True


def _taught_by_heroes(request: Request, table: EntityTable) -> list[PremiseEvent]:
    """Let who plays the main part in a lesson give it."""
    words = {word for hero in request.heroes for word in re.findall(r"[\w'-]+", hero.lower())}
    named = [draft.id for draft in table.drafts if draft.acts and {*(draft.name or draft.noun).lower().split()} & words]
    if request.form != "lesson" or not named:
        return []
    return [PremiseEvent(verb="explain", phrase="explains", agents=tuple(named[:1]), explicit=False)]


def _last_words(request: Request, events: list[EventDraft], table: EntityTable) -> list[EventDraft]:
    """The event in which the line is spoken that is heard last, unless an event of the prompt says it."""
    if request.last_quote is None or any(event.quote == request.last_quote for event in events) or request.form == "advert":
        return []
    beings = [draft for draft in table.drafts if draft.is_being]
    speakers = next((drafts for event in reversed(events) if (drafts := event.roles.get("agents"))), beings)
    if not speakers or not events:
        return []
    last = max(event.order for event in events)
    event = EventDraft(
        verb="add", token=events[-1].token, phrase="looks up", quote=request.last_quote, explicit=False, order=last + 1
    )
    event.add("agents", speakers[-1:])
    return [event]


def _ask_only(request: Request, events: list[EventDraft]) -> None:
    """Take what a question asks to be explained for no event: `How do bats see in the dark?`."""
    if request.form not in {"lesson", "process"}:
        return
    if request.question:
        for event in events:
            pupils = [draft for role in ("patients", "recipients") for draft in event.roles.get(role, ()) if draft.is_being]
            event.explicit &= event.verb not in lesson_words().teach_verbs or bool(pupils)
    for event in events:
        if request.form == "process" and (event.roles.get("agents") or not request.question):
            continue
        sentence = event.token.sent
        asks = sentence.text.rstrip().endswith("?") or (sentence.start == 0 and request.question)
        if asks and event.modality in ENACTED and not _is_told_of(event):
            event.modality = "told"


def _is_told_of(event: EventDraft) -> bool:
    """Whether an event is of certain beings rather than of a kind: `how a snail beats a hare`, `why did the chicken cross the road`."""
    agents, patients = event.roles.get("agents", []), event.roles.get("patients", [])
    certain = any(draft.is_being and draft.count == 1 for draft in agents)
    past = event.token.tag_ == "VBD" or any(child.lower_ == "did" for child in event.token.children)
    return certain and (past or any(draft.name for draft in agents) or any(draft.is_being for draft in patients))


def _drop_banned(request: Request, table: EntityTable, events: list[EventDraft]) -> None:
    """Remove entities that stand for quoted lines or must not appear, and events that need them."""
    for draft in [draft for draft in table.drafts if (draft.name or draft.noun).startswith(QUOTE_NAME)]:
        _drop(draft, table, events)
    banned = {singular(word) for phrase in request.banned for word in phrase.split()}
    for draft in [draft for draft in table.drafts if draft.noun in banned and not draft.subject]:
        _drop(draft, table, events)


def _drop_audience(request: Request, table: EntityTable, events: list[EventDraft]) -> None:
    """Remove for whom a film explains something, unless they do something in it: `explain vaccines to ten-year-olds`."""
    head = (request.audience or "").rpartition(" ")[2]
    nouns = {singular(head), *({"child", "teenager"} if head.endswith("-olds") else ())}
    busy = {id(draft) for event in events for draft in event.roles.get("agents", ())}
    for draft in [draft for draft in table.drafts if draft.noun in nouns and draft.count is None and id(draft) not in busy]:
        orders = [event for event in events if event.token.is_sent_start and draft in event.roles.get("patients", ())]
        for event in orders:
            events.remove(event)
        _drop(draft, table, events)
    if request.form == "lesson":
        acting = {id(draft) for event in events if event.modality in ENACTED for draft in event.roles.get("agents", ())}
        for draft in [draft for draft in table.drafts if draft.speaker and id(draft) not in acting]:
            _drop(draft, table, events)


def _drop(draft: Draft, table: EntityTable, events: list[EventDraft]) -> None:
    """Remove an entity from a premise."""
    table.drafts.remove(draft)
    for event in events:
        event.roles = {role: [other for other in listed if other is not draft] for role, listed in event.roles.items()}


def _unused(
    doc: Doc, entities: tuple[PremiseEntity, ...], events: list[PremiseEvent], banned: tuple[str, ...]
) -> tuple[str, ...]:
    """Content words of the story that no entity and no event stands for, and that are not ruled out."""
    used: set[str] = {word for phrase in banned for word in phrase.split()}
    for entity in entities:
        used |= {
            word for text in (entity.noun, entity.name or "", *entity.words) for word in re.findall(r"[\w'-]+", text.lower())
        }
    for event in events:
        used |= {event.verb, *re.findall(r"[\w'-]+", event.phrase.lower())}
    return tuple(
        dict.fromkeys(
            token.text
            for token in doc
            if token.pos_ in {"NOUN", "PROPN", "VERB", "ADJ"}
            and not token.text.startswith(QUOTE_NAME)
            and used.isdisjoint({token.lower_, singular(token.text), verb_lemma(token.text), *token.lower_.split("-")})
            and not is_request(token.text)
        )
    )


def _setting_text(lead_in: str) -> str:
    """What a lead-in says of the story, as a sentence of its own; empty if it only asks for a kind of film."""
    pieces = [piece.strip() for piece in re.split(r"[,;]", lead_in)]
    kept = [
        piece for piece in pieces if piece and not is_request(piece) and not _TITLE.match(piece) and not _AUDIENCE.match(piece)
    ]
    kept = [without_frame(piece) for piece in kept]
    return ". ".join([*(piece[0].upper() + piece[1:] for piece in kept if piece and not piece.isdigit()), ""]) if kept else ""


def _empty(draft: EventDraft) -> bool:
    """Whether an event has no participant at all."""
    imperative = draft.token.tag_ in {"VB", "VBP"} and draft.token.dep_ in {"conj", "ROOT"} and draft.modality == "done"
    return draft.explicit and not imperative and not any(draft.roles.values())


def _place_quotes(request: Request, events: list[EventDraft], table: EntityTable) -> tuple[Quote, ...]:
    """Tie quoted lines to the events that say them."""
    quotes = [Quote(text=text) for text in request.quotes]
    speakers: dict[int, str] = {}
    by_token = {event.token.i: event for event in events}
    for token in (token for event in events[:1] for token in event.token.doc if token.text.startswith(QUOTE_NAME)):
        above = token
        while above.i not in by_token and above.head.i != above.i:
            above = above.head
        event = by_token.get(above.i)
        if event is None:
            continue
        number = ord(token.text[len(QUOTE_NAME)]) - ord("a")
        event.quote = number
        agents = event.roles.get("agents", [])
        if agents:
            speakers[number] = agents[0].name or agents[0].noun
    del table
    return tuple(Quote(text=quote.text, speaker=speakers.get(at)) for at, quote in enumerate(quotes))
