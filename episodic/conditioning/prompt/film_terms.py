"""The plan's vocabulary in the words of the captions that video models were trained on: one table for each part of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from planners.plan.vocabulary import Action, CameraMove, Emotion, Key, Mood, ShotSize, Style, TimeOfDay, Weather

__all__ = [
    "CAMERA_WORDS",
    "DOING_WORDS",
    "DRAWN_STYLES",
    "EXPRESSION_WORDS",
    "INDOOR_WEATHER_WORDS",
    "KEY_WORDS",
    "MOOD_WORDS",
    "SIZE_WORDS",
    "STYLE_WORDS",
    "TIME_WORDS",
    "WEATHER_WORDS",
    "contrast_words",
    "warmth_words",
]

SIZE_WORDS: Final[Mapping[ShotSize, str]] = {
    "extreme_wide": "extreme wide shot",
    "wide": "wide shot",
    "full": "full shot",
    "medium": "medium shot",
    "medium_close": "medium close-up",
    "close": "close-up",
    "extreme_close": "extreme close-up",
}
CAMERA_WORDS: Final[Mapping[CameraMove, str]] = {
    "static": "static camera",
    "push_in": "slow push-in",
    "pull_out": "slow pull-out",
    "pan_left": "the camera pans left",
    "pan_right": "the camera pans right",
    "tilt_up": "the camera tilts up",
    "tilt_down": "the camera tilts down",
    "track": "tracking shot",
    "handheld": "handheld camera",
    "crane_up": "the camera cranes up",
}
TIME_WORDS: Final[Mapping[TimeOfDay, str]] = {"dawn": "at dawn", "day": "by day", "dusk": "at dusk", "night": "at night"}
WEATHER_WORDS: Final[Mapping[Weather, str]] = {
    "clear": "clear sky",
    "rain": "rain falls, everything glistens wet",
    "storm": "a storm rages, heavy rain and wind",
    "snow": "snow falls",
    "fog": "thick fog hangs in the air",
    "wind": "a strong wind blows",
}
INDOOR_WEATHER_WORDS: Final[Mapping[Weather, str]] = {
    "clear": "",
    "rain": "rain runs down the windows",
    "storm": "a storm rages outside the windows",
    "snow": "snow falls outside the windows",
    "fog": "fog outside the windows",
    "wind": "a strong wind blows outside the windows",
}
MOOD_WORDS: Final[Mapping[Mood, str]] = {
    "calm": "calm mood",
    "warm": "warm-hearted mood",
    "playful": "playful mood",
    "uneasy": "uneasy mood",
    "tense": "tense mood",
    "sad": "melancholy mood",
    "wonder": "a sense of wonder",
    "triumphant": "triumphant mood",
    "mysterious": "mysterious mood",
}
KEY_WORDS: Final[Mapping[Key, str]] = {
    "left": "key light from the left",
    "right": "key light from the right",
    "front": "frontal key light",
    "back": "backlight with a bright rim",
    "top": "key light from above",
}
EXPRESSION_WORDS: Final[Mapping[Emotion, str]] = {
    "neutral": "",
    "happy": "with a happy smile",
    "sad": "with a sad expression",
    "afraid": "with a frightened expression",
    "angry": "with an angry expression",
    "surprised": "with a surprised expression",
    "tender": "with a tender expression",
}
DOING_WORDS: Final[Mapping[Action, str]] = {
    "stand": "stands",
    "walk": "walks",
    "run": "runs",
    "sneak": "sneaks along",
    "sit": "sits",
    "rise": "stands up",
    "kneel": "kneels",
    "reach": "reaches out",
    "point": "points",
    "wave": "waves",
    "hug": "hugs",
    "dance": "dances",
    "jump": "jumps",
    "nod": "nods",
    "refuse": "shakes its head",
    "look_around": "looks around",
    "work": "works",
    "carry": "carries a load",
    "push": "pushes hard",
    "fall": "falls down",
    "sleep": "sleeps",
    "eat": "eats",
    "float": "floats",
    "recoil": "recoils",
    "think": "thinks",
    "cheer": "cheers",
    "cry": "cries",
    "laugh": "laughs",
    "listen": "listens",
}
STYLE_WORDS: Final[Mapping[Style, str]] = {
    "storybook": "storybook illustration style, hand-painted, rich warm colours, soft textures",
    "noir": "film noir style, black and white, deep shadows, hard light, 1940s cinematography",
    "neon": "neon-lit cyberpunk style, glowing magenta and cyan light, reflections",
    "pastel": "pastel animation style, soft muted colours, gentle rounded shapes",
    "sitcom": "television sitcom style, bright even lighting, clean realistic colours",
    "drama": "cinematic drama style, naturalistic light, shallow depth of field, 35mm film",
    "scifi": "cinematic science fiction style, cool clean light, precise detail",
    "classroom": "clear educational animation style, flat clean shapes, bright friendly colours",
}
DRAWN_STYLES: Final[tuple[Style, ...]] = ("storybook", "pastel", "classroom")
"""Styles that look drawn; the others look filmed."""


def warmth_words(kelvin: int) -> str:
    """A colour temperature in the words of captions."""
    for limit, words in ((2700, "very warm amber"), (4000, "warm"), (5000, "soft warm"), (6300, "neutral")):
        if kelvin <= limit:
            return words
    return "cool blue"


def contrast_words(contrast: float) -> str:
    """A contrast from 0 to 1 in the words of captions."""
    for limit, words in ((0.42, "low contrast, soft shadows"), (0.62, "moderate contrast")):
        if contrast <= limit:
            return words
    return "high contrast, deep shadows"
