"""The fixed values that a plan may use, in film terms. Error messages and help texts quote these lists."""

from __future__ import annotations

from typing import Final, Literal, get_args

__all__ = [
    "ACTIONS",
    "CAMERA_MOVES",
    "EMOTIONS",
    "KEYS",
    "MOODS",
    "SHOT_SIZES",
    "SOUND_CUTS",
    "STORY_LINKS",
    "STYLES",
    "TIMES",
    "TRANSITIONS",
    "VOICE_BASES",
    "WEATHERS",
    "Action",
    "CameraMove",
    "Emotion",
    "Key",
    "Mood",
    "ShotSize",
    "SoundCut",
    "StoryLink",
    "Style",
    "TimeOfDay",
    "Transition",
    "VoiceBase",
    "Weather",
]

ShotSize = Literal["extreme_wide", "wide", "full", "medium", "medium_close", "close", "extreme_close"]
CameraMove = Literal[
    "static", "push_in", "pull_out", "pan_left", "pan_right", "tilt_up", "tilt_down", "track", "handheld", "crane_up"
]
Emotion = Literal["neutral", "happy", "sad", "afraid", "angry", "surprised", "tender"]
TimeOfDay = Literal["dawn", "day", "dusk", "night"]
Weather = Literal["clear", "rain", "storm", "snow", "fog", "wind"]
Key = Literal["left", "right", "front", "back", "top"]
Mood = Literal["calm", "warm", "playful", "uneasy", "tense", "sad", "wonder", "triumphant", "mysterious"]
Transition = Literal["cut", "match_cut", "dissolve", "fade"]
SoundCut = Literal["straight", "j_cut", "l_cut"]
"""How sound crosses a cut: with the picture, before it (the next line starts early) or after it (the last line continues)."""
StoryLink = Literal["enables", "causes", "motivates", "precedes"]
"""How an earlier event of the story leads to a later one: it makes it possible, brings it about, is somebody's reason for it, or only
comes before it."""
Style = Literal["storybook", "noir", "neon", "pastel", "sitcom", "drama", "scifi", "classroom"]
VoiceBase = Literal[
    "warm-low",
    "warm",
    "bright",
    "deep",
    "gravel",
    "soft",
    "old",
    "young",
    "child",
    "tiny",
    "metal",
    "airy",
    "crisp",
    "narrator",
]
Action = Literal[
    "stand",
    "walk",
    "run",
    "sneak",
    "sit",
    "rise",
    "kneel",
    "reach",
    "point",
    "wave",
    "hug",
    "dance",
    "jump",
    "nod",
    "refuse",
    "look_around",
    "work",
    "carry",
    "push",
    "fall",
    "sleep",
    "eat",
    "float",
    "recoil",
    "think",
    "cheer",
    "cry",
    "laugh",
    "listen",
]
"""Actions that the embedded backbone can perform. `planners.plan.actions` reads free text as one of these."""

SHOT_SIZES: Final[tuple[ShotSize, ...]] = get_args(ShotSize)
CAMERA_MOVES: Final[tuple[CameraMove, ...]] = get_args(CameraMove)
EMOTIONS: Final[tuple[Emotion, ...]] = get_args(Emotion)
TIMES: Final[tuple[TimeOfDay, ...]] = get_args(TimeOfDay)
WEATHERS: Final[tuple[Weather, ...]] = get_args(Weather)
KEYS: Final[tuple[Key, ...]] = get_args(Key)
MOODS: Final[tuple[Mood, ...]] = get_args(Mood)
TRANSITIONS: Final[tuple[Transition, ...]] = get_args(Transition)
SOUND_CUTS: Final[tuple[SoundCut, ...]] = get_args(SoundCut)
STORY_LINKS: Final[tuple[StoryLink, ...]] = get_args(StoryLink)
STYLES: Final[tuple[Style, ...]] = get_args(Style)
VOICE_BASES: Final[tuple[VoiceBase, ...]] = get_args(VoiceBase)
ACTIONS: Final[tuple[Action, ...]] = get_args(Action)
