"""Prompts for picture models: views of a character sheet, a prop, the plate of a place, and the key to the pictures of a first frame. Pure.

The most important words stand first, because the shortest text encoders (77 tokens) cut off the end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from episodic.backbones.request import Setting
from episodic.conditioning.prompt.film_terms import film_terms, warmth_words
from memory.model.facts import FactValue
from planners.plan.vocabulary import EMOTIONS, Style

__all__ = ["picture_key", "plate_prompt", "prop_prompt", "view_prompts", "worn_words"]

_GROUND: Final = "plain light-grey background"
_WHOLE: Final = "full body from head to feet, standing in a neutral pose"
_SIDES: Final[Mapping[str, str]] = {
    "front": f"front view, {_WHOLE}, facing the camera",
    "side": f"side view in profile, {_WHOLE}, facing right",
    "back": f"back view, seen from behind, {_WHOLE}",
}
_WORN: Final[Mapping[str, str]] = {
    "wearing": "wearing {}",
    "clothes": "wearing {}",
    "hair": "hair: {}",
    "color": "{} in colour",
    "colour": "{} in colour",
    "injury": "with an injury: {}",
    "wound": "with an injury: {}",
}


def worn_words(state: Mapping[str, FactValue]) -> str:
    """Clothes and other visible state in words: `wearing yellow raincoat, hair: cut short`."""
    return ", ".join(words.format(state[name]) for name, words in _WORN.items() if str(state.get(name) or "").strip())


def view_prompts(description: str, worn: str, style: Style) -> dict[str, str]:
    """A prompt for every view: front, side, back, and the face with each expression. `description`: name and description."""
    subject = f"{description.strip(' ,.')}{', ' if worn else ''}{worn}. {_sentence(film_terms().styles[style])}"
    views = dict(_SIDES)
    for emotion in EMOTIONS:
        feels = film_terms().expressions[emotion] or "with a neutral expression"
        views[emotion] = f"head and shoulders, facing the camera, {feels}"
    return {view: f"Character reference, {words}, {_GROUND}: {subject}" for view, words in views.items()}


def prop_prompt(description: str, worn: str, style: Style) -> str:
    """A prompt for a prop by itself. `description`: name and description; `worn`: its visible state (`worn_words`)."""
    subject = f"{description.strip(' ,.')}{', ' if worn else ''}{worn}. {_sentence(film_terms().styles[style])}"
    return f"Object reference, the whole object by itself, in the middle, nobody holding it, {_GROUND}: {subject}"


def plate_prompt(description: str, setting: Setting, style: Style) -> str:
    """A prompt for a place by itself."""
    weather_words = film_terms().weathers_indoors if setting.indoors else film_terms().weathers
    when = film_terms().times[setting.time]
    sentences = [
        f"Wide establishing shot of an empty place {when}, nobody in it: {description.strip(' ,.')}",
        weather_words[setting.weather],
        film_terms().moods[setting.mood],
        f"{warmth_words(setting.temperature_k)} {film_terms().key_lights[setting.key]}",
        film_terms().styles[style],
    ]
    return " ".join(_sentence(sentence) for sentence in sentences if sentence)


def picture_key(entities: Sequence[str], names: Mapping[str, str]) -> str:
    """The key to reference pictures: `Picture 1 is Mara, picture 2 is the lamp room.`; empty where there are none."""
    clauses = [
        f"picture {number} is {names.get(entity) or entity.replace('_', ' ')}" for number, entity in enumerate(entities, 1)
    ]
    return _sentence(", ".join(clauses)) if clauses else ""


def _sentence(text: str) -> str:
    """Capitalised, and with one full stop."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
