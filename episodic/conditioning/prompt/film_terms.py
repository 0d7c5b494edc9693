"""Film terms for prompts: the plan's vocabulary in the words of video captions."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from planners.data_file import DataFile, read_data_file
from planners.plan.vocabulary import Action, CameraMove, Emotion, Key, Mood, ShotSize, Style, TimeOfDay, Weather

__all__ = ["FilmTerms", "contrast_words", "film_terms", "warmth_words"]


class FilmTerms(DataFile):
    """The tables of `data/film_terms.yaml`: phrases by plan value."""

    sizes: dict[ShotSize, str]
    camera_moves: dict[CameraMove, str]
    times: dict[TimeOfDay, str]
    weathers: dict[Weather, str]
    weathers_indoors: dict[Weather, str]
    moods: dict[Mood, str]
    key_lights: dict[Key, str]
    expressions: dict[Emotion, str]
    actions: dict[Action, str]
    styles: dict[Style, str]
    drawn_styles: tuple[Style, ...]
    """Styles that look drawn; the others look filmed."""
    places_on: frozenset[str]
    """The last words of places that somebody is on; others somebody is in."""
    places_at: frozenset[str]
    """The last words of places that somebody is at."""
    uncountable: frozenset[str]
    """Things that take no article."""


@cache
def film_terms() -> FilmTerms:
    """Read the phrases that ship with the package."""
    return read_data_file(Path(__file__).with_name("data") / "film_terms.yaml", FilmTerms)


def warmth_words(kelvin: int) -> str:
    """A colour temperature in kelvin as a phrase."""
    for limit, words in ((2700, "very warm amber"), (4000, "warm"), (5000, "soft warm"), (6300, "neutral")):
        if kelvin <= limit:
            return words
    return "cool blue"


def contrast_words(contrast: float) -> str:
    """A contrast from 0 to 1 as a phrase."""
    for limit, words in ((0.42, "low contrast, soft shadows"), (0.62, "moderate contrast")):
        if contrast <= limit:
            return words
    return "high contrast, deep shadows"
