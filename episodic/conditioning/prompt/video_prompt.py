"""Prompts for models that read text, composed from plan and canon. Pure.

The order is that of importance, which is also the order of the text: who is in the shot and what they look like and wear, what they
do, the place, other states, relations, mood and light, what came before, style. It follows what the makers of open video models
advise (subject with its description, motion, camera, scene, light, style) and what is lost first where a prompt is too long.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from episodic.conditioning.delivery import Delivery, Reason
from episodic.conditioning.prompt import film_terms
from episodic.conditioning.prompt.kind_words import kind_words
from episodic.conditioning.scene_facts import KNOWS
from planners.plan.vocabulary import Style

__all__ = ["fit", "negative_prompt"]

_WHO, _DOES, _PLACE, _STATE, _RELATION, _LIGHT, _BEFORE, _STYLE = range(8)
"""Importance, most important first."""

Names = Mapping[str, str]
"""What characters, places and props are called, by id."""

_WORN: Final = ("wearing", "clothes")
_ON_BODY: Final = (*_WORN, "hair", "injury", "wound", "color", "colour", "holding")
_NOTHING: Final = ("", "nothing", "none")
_DETERMINED: Final = ("a", "an", "the", "his", "her", "their", "its", "some", "one", "two", "three", "no")
_ON: Final = (
    "shore", "coast", "beach", "hill", "roof", "rooftop", "bridge", "deck", "island", "mountain", "cliff", "road", "ship", "boat",
    "stage", "moon", "train", "platform", "pier", "porch", "balcony", "top", "planet", "mars",
)  # fmt: skip
_AT: Final = (
    "lighthouse", "station", "harbour", "harbor", "market", "crossroads", "airport", "school", "farm", "lake", "sea", "well", "edge",
    "foot", "end", "stream", "river", "pond", "fountain", "gate", "door", "entrance", "window", "volcano",
)  # fmt: skip
_MASS: Final = ("bread", "water", "flour", "milk", "tea", "coffee", "money", "food", "sand", "snow", "paper", "armour", "armor")
_OFF: Final = "someone off camera"
_SAID_BY_PLAN: Final = {"time": "action", "weather": "weather", "lighting": "light"}
"""States of a place, and the sentence of the plan that says them."""
_INWARD: Final = ("wants", "goal", "secret")
"""Attributes that no picture shows."""
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
    """One thing that a prompt says."""

    rank: int
    text: str
    """A sentence without its full stop."""
    part: str = ""
    """What of the plan it is; empty: a memory."""
    about: str = ""
    tail: str = ""
    """The same as the end of a sentence that is about the same entity."""
    carries: list[int] = field(default_factory=list)
    """The deliveries that it says."""


def fit(
    request: Mapping[str, Any], deliveries: Sequence[Delivery], names: Names, budget: int, count: Callable[[str], int]
) -> tuple[str, tuple[Delivery, ...]]:
    """The prompt that fits into `budget` tokens as `count` counts them, and the deliveries with what did not get in dropped.

    What matters most comes first; what does not fit gives way to shorter things that do. Deliveries that are no text pass through.
    What of the plan does not fit is added to them, as the kind `plan`. Counts once where all fits, else about once per sentence.
    """
    said = _Saying(request, deliveries, names)
    chosen = _within(said.clauses, budget, count)
    why = f"the model reads {budget} tokens, and what matters more fills them"
    for one in said.clauses:
        if not any(one is each for each in chosen):
            for place in one.carries:
                said.drop(place, "budget", why)
            if one.part:
                said.found.append(Delivery(kind="plan", entity="", text=_sentence(one.text), dropped="budget", detail=why))
    return _prose(chosen), tuple(said.found)


def negative_prompt(style: Style, budget: int, count: Callable[[str], int]) -> str:
    """What no shot of a style should show, for models with classifier-free guidance; of it what fits `budget` tokens."""
    other = "photorealistic, live action" if style in film_terms.DRAWN_STYLES else "cartoon, drawing, painting, 3D render"
    unwanted = (
        f"blurry, low quality, compression artifacts, overexposed, {'colour, ' if style == 'noir' else ''}{other}, deformed face, "
        "deformed hands, extra fingers, extra limbs, fused limbs, duplicate person, frozen motion, flicker, jump cut, split screen, "
        "subtitles, text, watermark, logo"
    ).split(", ")
    while unwanted and count(", ".join(unwanted)) > budget:
        unwanted.pop()
    return ", ".join(unwanted)


def _within(clauses: Sequence[_Clause], budget: int, count: Callable[[str], int]) -> list[_Clause]:
    if count(_prose(clauses)) <= budget:
        return list(clauses)
    chosen, left = [], budget
    for one in clauses:
        cost = count(f" {_sentence(one.text)}")
        if cost <= left:
            chosen.append(one)
            left -= cost
    while chosen and count(_prose(chosen)) > budget:  # tokens of a text are not always those of its sentences
        chosen.pop()
    return chosen


def _prose(clauses: Sequence[_Clause]) -> str:
    sentences: list[str] = []
    about = ""
    for one in clauses:
        if one.tail and one.about == about:
            sentences[-1] += one.tail
        else:
            sentences.append(one.text)
        about = one.about
    return " ".join(_sentence(one) for one in sentences)


def _sentence(text: str) -> str:
    """Capitalised, and ended."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?", "…")) else ".")


# --- what the plan says ---


def _planned(request: Mapping[str, Any], names: Names) -> Iterator[_Clause]:
    setting, style = request["setting"], request["style"]
    yield _Clause(rank=_DOES, part="action", text=_action(request, names))
    yield _Clause(rank=_DOES, part="framing", text=_framing(request, names))
    warmth = "" if style == "noir" else f"{film_terms.warmth_words(setting['temperature_k'])} "
    light = f"{warmth}{film_terms.KEY_WORDS[setting['key']]}, {film_terms.contrast_words(setting['contrast'])}"
    yield _Clause(rank=_LIGHT, part="light", text=f"{film_terms.MOOD_WORDS[setting['mood']]}, {light}")
    indoors = bool(setting["look"].get("indoors"))
    weather = (film_terms.INDOOR_WEATHER_WORDS if indoors else film_terms.WEATHER_WORDS)[setting["weather"]]
    if weather:
        yield _Clause(rank=_LIGHT, part="weather", text=weather)
    yield _Clause(rank=_STYLE, part="style", text=film_terms.STYLE_WORDS[style])


def _action(request: Mapping[str, Any], names: Names) -> str:
    """Who does what, and where and when."""
    setting = request["setting"]
    place, when = _place_words(setting["location"], names), film_terms.TIME_WORDS[setting["time"]]
    seen = [one for one in request["performers"] if one["in_frame"]]
    if not seen:
        return f"{place} {when}, with nobody in sight"
    speakers = {cue["speaker"] for cue in request["speech"]}
    where = f"{_preposition(place)} {place} {when}"
    acting = [one for one in seen if one["action_text"] or one["action"] != "stand" or one["id"] in speakers]
    if not acting:
        who = _listed([f"{_called(one['id'], names)}{_aside(one)}" for one in seen])
        return f"{who} {'are together' if len(seen) > 1 else _stands(seen[0])} {where}"
    heard = any(one["id"] in speakers for one in seen)
    clauses = [_doing(one, request, speakers, names) for one in acting]
    clauses += _watching([one for one in seen if one not in acting], "listen" if heard else "look", names)
    return f"{clauses[0]}{' while ' if clauses[1:] else ''}{_listed(clauses[1:])}, {where}"


def _doing(one: Mapping[str, Any], request: Mapping[str, Any], speakers: set[str], names: Names) -> str:
    name, plain = _called(one["id"], names), "" if one["action"] == "stand" else film_terms.DOING_WORDS[one["action"]]
    does = _told(one["action_text"], name, request, names) or plain
    aside = "" if _SHOWS_FEELING.search(does) else _aside(one)
    if one["id"] not in speakers or _SPEAKS.search(does):
        return f"{name}{aside} {does or _stands(one)}"
    alone = sum(each["in_frame"] for each in request["performers"]) == 1 < len(request["performers"])
    speaks = f"speaks{f' to {_OFF}' if alone and _OFF not in does else ''}"
    return f"{name}{aside} {speaks}{(', ' if ' and ' in does else ' and ') if does else ''}{does}"


def _told(text: str, name: str, request: Mapping[str, Any], names: Names) -> str:
    """An action as the plan words it, with everybody called by name, and nobody named who is not in the picture."""
    for one in request["performers"]:
        called = _called(one["id"], names) if one["in_frame"] else _OFF
        words = "|".join(re.escape(each) for each in (one["id"], _called(one["id"], names)))
        the = "(?<!the )" if one["in_frame"] else "(?:the )?"
        text = re.sub(rf"{the}\b(?:{words})\b", called.replace("\\", r"\\"), text)
    text = text.strip().rstrip(".")
    text = text[len(name) :].lstrip() if text.lower().startswith(f"{name.lower()} ") else text
    return f"is {text}" if text.split()[:1] and text.split()[0].endswith("ing") else text


def _watching(others: Sequence[Mapping[str, Any]], verb: str, names: Names) -> Iterator[str]:
    """Those who only are there: whose face says something, one by one, then the others together."""
    moved = {one["id"]: film_terms.EXPRESSION_WORDS[one["emotion"]] for one in others}
    on = " on" if verb == "look" else ""
    yield from (f"{_called(one, names)} {verb}s{on} {expression}" for one, expression in moved.items() if expression)
    calm = [_called(one, names) for one, expression in moved.items() if not expression]
    if calm:
        yield f"{_listed(calm)} {verb}{'' if calm[1:] else 's'}{on}"


def _aside(one: Mapping[str, Any]) -> str:
    expression = film_terms.EXPRESSION_WORDS[one["emotion"]]
    return f", {expression}," if expression else ""


def _stands(one: Mapping[str, Any]) -> str:
    return "is" if one["kind"] in ("spirit", "thing") else "stands"


def _framing(request: Mapping[str, Any], names: Names) -> str:
    size, seen = request["size"], [one["id"] for one in request["performers"] if one["in_frame"]]
    whom = [_called(one, names) for one in request["focus"] if one in seen] if size not in ("extreme_wide", "wide") else []
    return f"{film_terms.SIZE_WORDS[size]}{' of ' if whom else ''}{_listed(whom)}, {film_terms.CAMERA_WORDS[request['camera']]}"


# --- what memory says ---


class _Saying:
    """What a shot's prompt says, most important first, and what becomes of each delivery."""

    def __init__(self, request: Mapping[str, Any], deliveries: Sequence[Delivery], names: Names) -> None:
        self.found = list(deliveries)
        self._request = request
        self._names = names
        self._place = request["setting"]["location"]
        self._away = {one["id"] for one in request["performers"] if not one["in_frame"]}
        self._clauses = list(_planned(request, names))
        for place, one in enumerate(deliveries):
            if one.form == "text":
                self._say(place, one)
        self.clauses = tuple(sorted(self._clauses, key=lambda one: one.rank))

    def drop(self, place: int, reason: Reason, why: str) -> None:
        """Say of a delivery that it does not get in."""
        self.found[place] = dataclasses.replace(self.found[place], form=None, dropped=reason, detail=why, name="")

    def _say(self, place: int, one: Delivery) -> None:
        attribute, _, value = one.text.partition(" = ") if one.kind == "state" else ("", "", "")
        away = [
            each for each in sorted(self._away) if each == one.entity or (one.kind == "relation" and each in one.text.split())
        ]
        if away:
            why = f"{_called(away[0], self._names)} is not in the frame, and a prompt puts into the picture what it names"
            self.drop(place, "no slot", why)
        elif attribute.startswith(KNOWS) or attribute in _INWARD or (attribute == "pronoun" and value not in _SEX):
            self.drop(place, "no slot", "this cannot be seen, and a prompt says what is seen")
        elif attribute in _WORN and value.strip().lower() in _NOTHING:
            self.drop(place, "unknown", "a prompt says what is worn, not what is not")
        elif not self._said_already(place, one, attribute, value):
            clause = self._state(one.entity, attribute, value) if one.kind == "state" else self._words(one)
            clause.carries.append(place)
            self._clauses.append(clause)

    def _said_already(self, place: int, one: Delivery, attribute: str, value: str) -> bool:
        """Whether another sentence says it: it then goes with that one."""
        part = _SAID_BY_PLAN.get(attribute) if one.entity == self._place else None
        part = "action" if one.kind == "layout" and _bare(one.text) == _bare(_called(self._place, self._names)) else part
        for each in self._clauses:
            same = each.about == one.entity and (
                (attribute in _ON_BODY and bool(value) and value.lower() in each.text.lower())
                or (attribute == "pronoun" and _SAYS_SEX.search(each.text) is not None)
            )
            if same or (part is not None and each.part == part):
                each.carries.append(place)
                return True
        return False

    def _words(self, one: Delivery) -> _Clause:
        name = self._called(one.entity) if one.entity else ""
        match one.kind:
            case "look":
                text = self._kind(one.entity) if _bare(one.text) == _bare(name) else one.text
                return _Clause(rank=_WHO, text=_described(name, text), about=one.entity)
            case "layout":
                return _Clause(rank=_PLACE, text=_described(name, one.text), about=one.entity)
            case "relation":
                return _Clause(rank=_RELATION, text=self._relation(one))
            case "scene":
                return _Clause(rank=_BEFORE, text=f"earlier: {_POSITION.sub('', one.text)}")
            case "thread":
                return _Clause(rank=_BEFORE, text=f"open question: {one.text}")
        return _Clause(rank=_STATE, text=f"{name}: {one.text}" if name else one.text)

    def _state(self, entity: str, attribute: str, value: str) -> _Clause:
        name, value = self._called(entity), value.strip().rstrip(".")
        empty = value.lower() in _NOTHING
        match attribute:
            case "wearing" | "clothes":
                text, tail = f"{name} wears {_some(value)}", f", wearing {_some(value)}"
            case "holding":
                text = f"{name} has empty hands" if empty else f"{name} holds {_some(value)}"
                tail = ", with empty hands" if empty else f", holding {_some(value)}"
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
                return _Clause(rank=_STATE, text=f"{name} has {_some(f'{value} manner')}")
            case _:
                return _Clause(rank=_STATE, text=_holds(name, attribute.replace("_", " "), value))
        return _Clause(rank=_WHO, text=text, tail=tail, about=entity)

    def _kind(self, entity: str) -> str:
        """What somebody is of whom nothing else is said."""
        who = next((one for one in self._request["performers"] if one["id"] == entity), None)
        return "person" if who is None else kind_words(who["kind"], self._called(entity), who["look"])

    def _relation(self, one: Delivery) -> str:
        strength = _STRENGTH.search(one.text)
        subject, *words = _STRENGTH.sub("", one.text).split()
        if not words:
            return one.text
        *relation, other = words
        verb = " ".join(relation)
        verb = verb if verb.split()[:1] and re.match(r"\w*[^s]s$", verb.split()[0]) else f"is {verb}"
        little = " a little" if strength is not None and float(strength[1]) < 0.4 else ""
        return f"{self._called(subject)} {verb} {self._called(other)}{little}"

    def _called(self, entity: str) -> str:
        return _place_words(entity, self._names) if entity == self._place else _called(entity, self._names)


# --- words ---


def _called(entity: str, names: Names) -> str:
    return names.get(entity) or entity.replace("_", " ").title()


def _place_words(entity: str, names: Names) -> str:
    """A place as it is spoken of: `the lamp room`, `Saint Mary's`."""
    name = _called(entity, names)
    plain = name == entity.replace("_", " ").title() or name[:1].islower()
    name = name.lower() if plain else name
    return f"the {name}" if plain and name.split()[0] not in _DETERMINED else name


def _preposition(place: str) -> str:
    last = place.split(" of ")[0].split()[-1].lower()
    return "on" if last in _ON else "at" if last in _AT else "in"


def _described(name: str, description: str) -> str:
    """A description as a sentence about somebody or something."""
    text = description.strip().rstrip(".")
    first = text.lower().partition(" ")[0]
    if first in ("he", "she", "it", "they", "this") or text.lower().startswith(f"{name.lower()} is "):
        return text
    repeats = name.startswith("the ") and re.sub(r"^(an?|the) ", "", text.lower()).startswith(_bare(name))
    return f"{'the place' if repeats else name} is {_some(text, of_one=True)}"


def _holds(name: str, attribute: str, value: str) -> str:
    if value.lower() in ("true", "yes"):
        return f"{name} is {attribute}"
    if value.lower() in ("false", "no"):
        return f"{name} is not {attribute}"
    return f"{name}, {attribute}: {value}"


def _some(phrase: str, *, of_one: bool = False) -> str:
    """A noun phrase with its article, where it wants one."""
    words = re.split(r"[\s,]+", phrase.strip().lower())
    head = re.split(r",| and | with ", phrase.strip().lower())[0].split()
    if not words[0] or words[0] in _DETERMINED or words[0].endswith(("'s", "’s")):
        return phrase
    if not of_one and head and (re.search(r"[^s]s$", head[-1]) or head[-1] in _MASS):
        return phrase
    vowel = re.match(r"[aeiou]|hour|honest|heir", words[0]) and not re.match(r"uni|use|eu|one", words[0])
    return f"{'an' if vowel else 'a'} {phrase}"


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)


def _bare(text: str) -> str:
    return text.strip().rstrip(".").lower().removeprefix("the ")
