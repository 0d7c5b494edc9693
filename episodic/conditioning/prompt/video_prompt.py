"""Prompts for models that read text, composed from plan and canon. Pure.

The sentences are in order of importance: performers with their looks and clothes, what they do, the place, other state, relations, mood
and light, earlier events, style. That order follows the advice of the makers of open video models (subject with its description, motion,
camera, scene, light, style), and the end is lost first where a prompt is too long.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from episodic.backbones.request import Performer, ShotDraft
from episodic.conditioning.delivery import Delivery, Reason
from episodic.conditioning.prompt.film_terms import contrast_words, film_terms, warmth_words
from episodic.conditioning.prompt.kind_words import kind_words
from episodic.conditioning.scene_facts import KNOWS
from planners.plan.vocabulary import Style

__all__ = ["fit", "negative_prompt"]

_WHO, _DOES, _PLACE, _STATE, _RELATION, _LIGHT, _BEFORE, _STYLE = range(8)
"""Importance, most important first."""

Names = Mapping[str, str]
"""Names of characters, places and props, by id."""

_WORN: Final = ("wearing", "clothes")
_ON_BODY: Final = (*_WORN, "hair", "injury", "wound", "color", "colour", "holding")
_NOTHING: Final = ("", "nothing", "none")
_DETERMINED: Final = ("a", "an", "the", "his", "her", "their", "its", "some", "one", "two", "three", "no")
_OFF: Final = "someone off camera"
_Part = Literal["action", "framing", "light", "weather", "style"]
"""The sentences of the plan itself."""
_PART_OF_PLAN: Final[Mapping[str, _Part]] = {"time": "action", "weather": "weather", "lighting": "light"}
"""Attributes of a place, and the sentence of the plan that already says them."""
_INWARD: Final = ("wants", "goal", "secret")
"""Attributes that a picture cannot show."""
_SEX: Final = {"she": "female", "he": "male"}
_SAYS_SEX = re.compile(
    r"\b(wo)?m[ae]n\b|\b(girl|boy|lady|(grand)?(mother|father|ma|pa)|aunt|uncle|sister|brother|(fe)?male)s?\b", re.IGNORECASE
)
_SHOWS_FEELING = re.compile(r"\b(smil|beam|laugh|grin|giggl|chuckl|cr(y|ie)|sob|weep|gasp|frown|scowl|glar|trembl|sigh)")
_SPEAKS = re.compile(r"\b(speak|say|talk|tell|ask|answer|repl|explain|shout|whisper|call|sing|recit|announc|declar|cries out)")
_POSITION = re.compile(r"^\d+:\d+\s+")
_STRENGTH = re.compile(r"\s+\((\d(?:\.\d+)?)\)$")


@dataclass(slots=True, kw_only=True)
class _Clause:
    """One statement of a prompt."""

    rank: int
    text: str
    """A sentence without its full stop."""
    part: _Part | None = None
    """The part of the plan that it states; empty: a memory."""
    about: str = ""
    tail: str = ""
    """The same statement as the end of a sentence about the same entity."""
    carries: list[int] = field(default_factory=list)
    """Indexes of the deliveries that it states."""


def fit(
    draft: ShotDraft, deliveries: Sequence[Delivery], names: Names, budget: int, count: Callable[[str], int]
) -> tuple[str, tuple[Delivery, ...]]:
    """The prompt, truncated to `budget` tokens as `count` counts them, and the deliveries, dropped where they did not fit.

    The most important clauses come first. One that does not fit gives way to shorter ones that do. Deliveries in other forms pass through.
    Parts of the plan that do not fit are added as deliveries of the kind `plan`. Counts once where everything fits, else about once per
    sentence.
    """
    content = _Content(draft, deliveries, names)
    chosen = _within(content.clauses, budget, count)
    why = f"the model reads {budget} tokens, and what matters more fills them"
    for clause in content.clauses:
        if not any(clause is kept for kept in chosen):
            for index in clause.carries:
                content.drop(index, "budget", why)
            if clause.part is not None:
                content.deliveries.append(
                    Delivery(kind="plan", entity="", text=_sentence(clause.text), dropped="budget", detail=why)
                )
    return _prose(chosen), tuple(content.deliveries)


def negative_prompt(style: Style, budget: int, count: Callable[[str], int]) -> str:
    """A list of faults that no shot of a style should show, for classifier-free guidance, truncated to `budget` tokens."""
    other = "photorealistic, live action" if style in film_terms().drawn_styles else "cartoon, drawing, painting, 3D render"
    unwanted = (
        f"blurry, low quality, compression artifacts, overexposed, {'colour, ' if style == 'noir' else ''}{other}, deformed face, "
        "deformed hands, extra fingers, extra limbs, fused limbs, duplicate person, frozen motion, flicker, jump cut, split screen, "
        "subtitles, text, watermark, logo"
    ).split(", ")
    while unwanted and count(", ".join(unwanted)) > budget:
        unwanted.pop()
    return ", ".join(unwanted)


def _within(clauses: Sequence[_Clause], budget: int, count: Callable[[str], int]) -> list[_Clause]:
    """The clauses that fit, the most important first."""
    if count(_prose(clauses)) <= budget:
        return list(clauses)
    chosen, remaining = [], budget
    for clause in clauses:
        cost = count(f" {_sentence(clause.text)}")
        if cost <= remaining:
            chosen.append(clause)
            remaining -= cost
    while chosen and count(_prose(chosen)) > budget:  # tokens of a text are not always those of its sentences
        chosen.pop()
    return chosen


def _prose(clauses: Sequence[_Clause]) -> str:
    """Clauses as sentences; neighbours about the same entity share one."""
    sentences: list[str] = []
    about = ""
    for clause in clauses:
        if clause.tail and clause.about == about:
            sentences[-1] += clause.tail
        else:
            sentences.append(clause.text)
        about = clause.about
    return " ".join(_sentence(sentence) for sentence in sentences)


def _sentence(text: str) -> str:
    """Capitalised, and closed by a full stop where it has no other end."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?", "…")) else ".")


# --- clauses of the plan ---


def _planned(draft: ShotDraft, names: Names) -> Iterator[_Clause]:
    """The clauses that say what the plan says: action, framing, light, place and style."""
    setting, style = draft.setting, draft.style
    yield _Clause(rank=_DOES, part="action", text=_action(draft, names))
    yield _Clause(rank=_DOES, part="framing", text=_framing(draft, names))
    warmth = "" if style == "noir" else f"{warmth_words(setting.temperature_k)} "
    light = f"{warmth}{film_terms().key_lights[setting.key]}, {contrast_words(setting.contrast)}"
    yield _Clause(rank=_LIGHT, part="light", text=f"{film_terms().moods[setting.mood]}, {light}")
    weather = (film_terms().weathers_indoors if setting.indoors else film_terms().weathers)[setting.weather]
    if weather:
        yield _Clause(rank=_LIGHT, part="weather", text=weather)
    yield _Clause(rank=_STYLE, part="style", text=film_terms().styles[style])


def _action(draft: ShotDraft, names: Names) -> str:
    """The performers in the frame and what they do, with place and time."""
    place, when = _place_words(draft.setting.location, names), film_terms().times[draft.setting.time]
    visible = draft.performers_in_frame
    if not visible:
        return f"{place} {when}, with nobody in sight"
    speakers = {line.speaker for line in draft.lines}
    where = f"{_preposition(place)} {place} {when}"
    acting = [
        performer for performer in visible if performer.action_text or performer.action != "stand" or performer.id in speakers
    ]
    if not acting:
        group = _listed([f"{_name(performer.id, names)}{_expression(performer)}" for performer in visible])
        return f"{group} {'are together' if len(visible) > 1 else _stands(visible[0])} {where}"
    heard = any(performer.id in speakers for performer in visible)
    clauses = [_acting(performer, draft, speakers, names) for performer in acting]
    onlookers = [performer for performer in visible if performer not in acting]
    clauses += _watching(onlookers, "listen" if heard else "look", names)
    return f"{clauses[0]}{' while ' if clauses[1:] else ''}{_listed(clauses[1:])}, {where}"


def _acting(performer: Performer, draft: ShotDraft, speakers: Collection[str], names: Names) -> str:
    """One performer who acts or speaks."""
    name = _name(performer.id, names)
    plain = "" if performer.action == "stand" else film_terms().actions[performer.action]
    does = _action_words(performer.action_text, name, draft, names) or plain
    expression = "" if _SHOWS_FEELING.search(does) else _expression(performer)
    if performer.id not in speakers or _SPEAKS.search(does):
        return f"{name}{expression} {does or _stands(performer)}"
    alone = len(draft.performers_in_frame) == 1 < len(draft.performers)
    speaks = f"speaks{f' to {_OFF}' if alone and _OFF not in does else ''}"
    return f"{name}{expression} {speaks}{(', ' if ' and ' in does else ' and ') if does else ''}{does}"


def _action_words(text: str, name: str, draft: ShotDraft, names: Names) -> str:
    """An action in the plan's words, with performers called by name, and nobody named who is outside the frame."""
    for performer in draft.performers:
        called = _name(performer.id, names) if performer.in_frame else _OFF
        words = "|".join(re.escape(spelling) for spelling in (performer.id, _name(performer.id, names)))
        the = "(?<!the )" if performer.in_frame else "(?:the )?"
        text = re.sub(rf"{the}\b(?:{words})\b", called.replace("\\", r"\\"), text)
    text = text.strip().rstrip(".")
    text = text[len(name) :].lstrip() if text.lower().startswith(f"{name.lower()} ") else text
    return f"is {text}" if text.split()[:1] and text.split()[0].endswith("ing") else text


def _watching(others: Sequence[Performer], verb: str, names: Names) -> Iterator[str]:
    """Performers who only watch: those with an expression one by one, then the others together."""
    expressions = {performer.id: film_terms().expressions[performer.emotion] for performer in others}
    on = " on" if verb == "look" else ""
    yield from (f"{_name(entity, names)} {verb}s{on} {expression}" for entity, expression in expressions.items() if expression)
    calm = [_name(entity, names) for entity, expression in expressions.items() if not expression]
    if calm:
        yield f"{_listed(calm)} {verb}{'' if calm[1:] else 's'}{on}"


def _expression(performer: Performer) -> str:
    """The expression on a face, between commas; empty where it is neutral."""
    expression = film_terms().expressions[performer.emotion]
    return f", {expression}," if expression else ""


def _stands(performer: Performer) -> str:
    return "is" if performer.kind in ("spirit", "thing") else "stands"


def _framing(draft: ShotDraft, names: Names) -> str:
    """Size of the shot, its subjects and the camera's move."""
    visible = [performer.id for performer in draft.performers_in_frame]
    wide = draft.size in ("extreme_wide", "wide")
    subjects = [] if wide else [_name(entity, names) for entity in draft.focus if entity in visible]
    size, camera = film_terms().sizes[draft.size], film_terms().camera_moves[draft.camera]
    return f"{size}{' of ' if subjects else ''}{_listed(subjects)}, {camera}"


# --- clauses of memory ---


class _Content:
    """The clauses of a shot's prompt, most important first, and the deliveries as they turn out."""

    def __init__(self, draft: ShotDraft, deliveries: Sequence[Delivery], names: Names) -> None:
        self.deliveries = list(deliveries)
        self._draft = draft
        self._names = names
        self._place = draft.setting.location
        self._off_camera = {performer.id for performer in draft.performers if not performer.in_frame}
        self._clauses = list(_planned(draft, names))
        for index, delivery in enumerate(deliveries):
            if delivery.form == "text":
                self._add(index, delivery)
        self.clauses = tuple(sorted(self._clauses, key=lambda clause: clause.rank))

    def drop(self, index: int, reason: Reason, why: str) -> None:
        """Mark a delivery as dropped."""
        self.deliveries[index] = self.deliveries[index].drop(reason, why)

    def _add(self, index: int, delivery: Delivery) -> None:
        """Add a delivery's clause, or drop it where a prompt should not say it."""
        attribute, _, value = delivery.text.partition(" = ") if delivery.kind == "state" else ("", "", "")
        off_camera = [
            entity
            for entity in sorted(self._off_camera)
            if entity == delivery.entity or (delivery.kind == "relation" and entity in delivery.text.split())
        ]
        if off_camera:
            name = _name(off_camera[0], self._names)
            self.drop(index, "no slot", f"{name} is not in the frame, and a prompt puts into the picture what it names")
        elif attribute.startswith(KNOWS) or attribute in _INWARD or (attribute == "pronoun" and value not in _SEX):
            self.drop(index, "no slot", "this cannot be seen, and a prompt says what is seen")
        elif attribute in _WORN and value.strip().lower() in _NOTHING:
            self.drop(index, "unknown", "a prompt says what is worn, not what is not")
        elif not self._is_stated(index, delivery, attribute, value):
            is_state = delivery.kind == "state"
            clause = self._state(delivery.entity, attribute, value) if is_state else self._memory(delivery)
            clause.carries.append(index)
            self._clauses.append(clause)

    def _is_stated(self, index: int, delivery: Delivery, attribute: str, value: str) -> bool:
        """Whether another clause states it already. The delivery then goes with that one."""
        part = _PART_OF_PLAN.get(attribute) if delivery.entity == self._place else None
        if delivery.kind == "layout" and _bare(delivery.text) == _bare(_name(self._place, self._names)):
            part = "action"
        for clause in self._clauses:
            stated = clause.about == delivery.entity and (
                (attribute in _ON_BODY and bool(value) and value.lower() in clause.text.lower())
                or (attribute == "pronoun" and _SAYS_SEX.search(clause.text) is not None)
            )
            if stated or (part is not None and clause.part == part):
                clause.carries.append(index)
                return True
        return False

    def _memory(self, delivery: Delivery) -> _Clause:
        """A memory that is no state."""
        entity, text = delivery.entity, delivery.text
        name = self._spoken_name(entity) if entity else ""
        match delivery.kind:
            case "look":
                described = self._kind(entity) if _bare(text) == _bare(name) else text
                return _Clause(rank=_WHO, text=_described(name, described), about=entity)
            case "layout":
                return _Clause(rank=_PLACE, text=_described(name, text), about=entity)
            case "relation":
                return _Clause(rank=_RELATION, text=self._relation(text))
            case "scene":
                return _Clause(rank=_BEFORE, text=f"earlier: {_POSITION.sub('', text)}")
            case "thread":
                return _Clause(rank=_BEFORE, text=f"open question: {text}")
        return _Clause(rank=_STATE, text=f"{name}: {text}" if name else text)

    def _state(self, entity: str, attribute: str, value: str) -> _Clause:
        """One attribute of an entity."""
        name, value = self._spoken_name(entity), value.strip().rstrip(".")
        empty = value.lower() in _NOTHING
        match attribute:
            case "wearing" | "clothes":
                text, tail = f"{name} wears {_with_article(value)}", f", wearing {_with_article(value)}"
            case "holding":
                text = f"{name} has empty hands" if empty else f"{name} holds {_with_article(value)}"
                tail = ", with empty hands" if empty else f", holding {_with_article(value)}"
            case "hair":
                hair = value if "hair" in value.lower() else f"{value} hair"
                text, tail = f"{name} has {hair}", f", with {hair}"
            case "color" | "colour":
                text, tail = f"{name} is {value}", f", {value} in colour"
            case "injury" | "wound":
                text, tail = f"{name} has an injury: {value}", f", with an injury: {value}"
            case "pronoun":
                text, tail = f"{name} is {_SEX[value]}", f", {_SEX[value]}"
            case "mood":
                return _Clause(rank=_STATE, text=f"{name} looks {value}")
            case "manner":
                return _Clause(rank=_STATE, text=f"{name} has {_with_article(f'{value} manner')}")
            case _:
                return _Clause(rank=_STATE, text=_property(name, attribute.replace("_", " "), value))
        return _Clause(rank=_WHO, text=text, tail=tail, about=entity)

    def _kind(self, entity: str) -> str:
        """The kind of a character of which there is no other description."""
        performer = self._draft.performer(entity)
        return "person" if performer is None else kind_words(performer.kind, self._spoken_name(entity), performer.look)

    def _relation(self, text: str) -> str:
        """A relation such as `mara fears storm (0.3)` as a sentence."""
        strength = _STRENGTH.search(text)
        subject, *words = _STRENGTH.sub("", text).split()
        if not words:
            return text
        *relation, other = words
        verb = " ".join(relation)
        verb = verb if verb.split()[:1] and re.match(r"\w*[^s]s$", verb.split()[0]) else f"is {verb}"
        little = " a little" if strength is not None and float(strength[1]) < 0.4 else ""
        return f"{self._spoken_name(subject)} {verb} {self._spoken_name(other)}{little}"

    def _spoken_name(self, entity: str) -> str:
        """An entity's name as a sentence has it: a place with its article."""
        return _place_words(entity, self._names) if entity == self._place else _name(entity, self._names)


# --- words ---


def _name(entity: str, names: Names) -> str:
    """An entity's name; without one, its id in words."""
    return names.get(entity) or entity.replace("_", " ").title()


def _place_words(entity: str, names: Names) -> str:
    """A place's name in a sentence: `the lamp room`, `Saint Mary's`."""
    name = _name(entity, names)
    plain = name == entity.replace("_", " ").title() or name[:1].islower()
    name = name.lower() if plain else name
    return f"the {name}" if plain and name.split()[0] not in _DETERMINED else name


def _preposition(place: str) -> str:
    """The preposition before a place's name."""
    last = place.split(" of ")[0].split()[-1].lower()
    terms = film_terms()
    return "on" if last in terms.places_on else "at" if last in terms.places_at else "in"


def _described(name: str, description: str) -> str:
    """A description as a sentence about somebody or something."""
    text = description.strip().rstrip(".")
    first = text.lower().partition(" ")[0]
    if first in ("he", "she", "it", "they", "this") or text.lower().startswith(f"{name.lower()} is "):
        return text
    repeats = name.startswith("the ") and re.sub(r"^(an?|the) ", "", text.lower()).startswith(_bare(name))
    return f"{'the place' if repeats else name} is {_with_article(text, singular=True)}"


def _property(name: str, attribute: str, value: str) -> str:
    """Any other attribute as a sentence."""
    if value.lower() in ("true", "yes"):
        return f"{name} is {attribute}"
    if value.lower() in ("false", "no"):
        return f"{name} is not {attribute}"
    return f"{name}, {attribute}: {value}"


def _with_article(phrase: str, *, singular: bool = False) -> str:
    """A noun phrase with its indefinite article, where it takes one. `singular`: even if it looks like a plural or a mass noun."""
    words = re.split(r"[\s,]+", phrase.strip().lower())
    head = re.split(r",| and | with ", phrase.strip().lower())[0].split()
    if not words[0] or words[0] in _DETERMINED or words[0].endswith(("'s", "’s")):
        return phrase
    if not singular and head and (re.search(r"[^s]s$", head[-1]) or head[-1] in film_terms().uncountable):
        return phrase
    vowel = re.match(r"[aeiou]|hour|honest|heir", words[0]) and not re.match(r"uni|use|eu|one", words[0])
    return f"{'an' if vowel else 'a'} {phrase}"


def _listed(words: Sequence[str]) -> str:
    """Words as an enumeration: `a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)


def _bare(text: str) -> str:
    """A text for comparison: without article, full stop and capitals."""
    return text.strip().rstrip(".").lower().removeprefix("the ")
