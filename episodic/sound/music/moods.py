"""Musical parameters of each mood, and the instruments of each style."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from planners.data_file import DataFile, read_data_file
from planners.plan.vocabulary import Mood, Style

__all__ = ["MOOD_PROFILES", "Band", "MoodProfile", "MoodTables", "Player", "band_for"]

Texture = Literal["sustained", "arpeggio", "offbeat", "ostinato", "comping"]
BassLine = Literal["held", "root_fifth", "walking", "pulse"]
Groove = Literal["none", "brushes", "light", "synth", "march", "heartbeat"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MoodProfile:
    """The music of a mood. Progressions have four chords; `closes` are the last two chords of the piece."""

    modes: tuple[str, ...]
    tempo: tuple[int, int]
    """Beats per minute, from-to."""
    beats: tuple[int, ...]
    """Beats to the bar, to choose from."""
    progressions: tuple[str, ...]
    closes: tuple[str, ...]
    melody: float
    """Share of the time with a melody, 0..1."""
    notes: float
    """Melody notes per beat."""
    legato: float
    """Ratio of a note's length to the time until the next."""
    force: tuple[int, int]
    """MIDI velocities of the quietest and the loudest phrase."""
    texture: Texture
    lufs: float
    register: int = 0
    """Transposition of the melody in semitones."""


class MoodTables(DataFile):
    """The tables of `data/moods.yaml`."""

    moods: dict[Mood, MoodProfile]


MOOD_PROFILES: Final = read_data_file(Path(__file__).with_name("data") / "moods.yaml", MoodTables).moods


@dataclass(frozen=True, slots=True)
class Player:
    """A General MIDI program with its usable keys, volume and pan position."""

    program: int
    keys: tuple[int, int]
    volume: int = 80
    pan: int = 64


_PIANO, _HARPSICHORD = Player(0, (36, 88), 84, 58), Player(6, (43, 84), 66, 52)
_CELESTA, _GLOCK, _MUSIC_BOX = Player(8, (60, 100), 88, 78), Player(9, (72, 103), 62, 80), Player(10, (60, 96), 78, 76)
_VIBES, _MARIMBA, _ACCORDION = Player(11, (53, 86), 92, 76), Player(12, (48, 86), 92, 50), Player(21, (52, 86), 62, 74)
_NYLON, _BASS, _SYNTH_BASS = Player(24, (43, 79), 84, 46), Player(32, (28, 55), 96, 64), Player(38, (28, 55), 74, 64)
_CELLO, _PIZZ, _HARP = Player(42, (38, 72), 88, 76), Player(45, (38, 88), 92, 58), Player(46, (38, 92), 92, 44)
_TREMOLO, _STRINGS, _CHOIR = Player(44, (36, 84), 58, 60), Player(48, (36, 88), 62, 60), Player(52, (48, 79), 54, 64)
_TRUMPET, _TROMBONE, _TUBA = Player(56, (55, 82), 66, 72), Player(57, (41, 67), 64, 76), Player(58, (29, 53), 72, 60)
_MUTED, _HORN, _SAX = Player(59, (56, 82), 74, 74), Player(60, (43, 74), 76, 50), Player(65, (52, 78), 70, 52)
_OBOE, _BASSOON, _CLARINET = Player(68, (60, 86), 70, 54), Player(70, (36, 64), 78, 72), Player(71, (52, 86), 74, 70)
_FLUTE, _WHISTLE = Player(73, (62, 93), 76, 56), Player(78, (67, 91), 52, 64)
_SQUARE, _SAW = Player(80, (57, 88), 40, 70), Player(81, (55, 86), 42, 56)
_PAD, _POLY, _GLASS, _HALO = (
    Player(89, (45, 84), 74, 64),
    Player(90, (48, 90), 50, 46),
    Player(92, (55, 88), 58, 72),
    Player(94, (48, 86), 52, 64),
)
_KALIMBA = Player(108, (53, 88), 127, 76)


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """The instruments of a style. `leads` alternate in the melody, `chords` sustain or break the harmony, `colour` doubles occasionally."""

    leads: tuple[Player, ...]
    pad: Player
    chords: Player
    bass: Player
    colour: Player
    line: BassLine = "held"
    groove: Groove = "none"
    swing: float = 0.0
    """Delay of the second eighth note in beats."""


_STYLES: Final[dict[Style, Band]] = {
    "storybook": Band(leads=(_FLUTE, _CLARINET, _OBOE), pad=_STRINGS, chords=_HARP, bass=_CELLO, colour=_CELESTA),
    "noir": Band(
        leads=(_MUTED, _SAX, _VIBES),
        pad=_STRINGS,
        chords=_PIANO,
        bass=_BASS,
        colour=_VIBES,
        line="walking",
        groove="brushes",
        swing=0.16,
    ),
    "neon": Band(
        leads=(_SQUARE, _SAW, _GLASS), pad=_PAD, chords=_POLY, bass=_SYNTH_BASS, colour=_KALIMBA, line="pulse", groove="synth"
    ),
    "pastel": Band(
        leads=(_CLARINET, _ACCORDION, _WHISTLE),
        pad=_STRINGS,
        chords=_HARPSICHORD,
        bass=_PIZZ,
        colour=_GLOCK,
        line="root_fifth",
        groove="light",
    ),
    "sitcom": Band(
        leads=(_CLARINET, _PIANO, _MUTED),
        pad=_STRINGS,
        chords=_NYLON,
        bass=_BASS,
        colour=_PIZZ,
        line="root_fifth",
        groove="brushes",
        swing=0.1,
    ),
    "drama": Band(leads=(_PIANO, _CELLO, _OBOE), pad=_STRINGS, chords=_PIANO, bass=_CELLO, colour=_HORN),
    "scifi": Band(leads=(_GLASS, _HORN, _CHOIR), pad=_PAD, chords=_KALIMBA, bass=_SYNTH_BASS, colour=_HALO, line="held"),
    "classroom": Band(
        leads=(_MARIMBA, _FLUTE, _CLARINET),
        pad=_STRINGS,
        chords=_NYLON,
        bass=_TUBA,
        colour=_GLOCK,
        line="root_fifth",
        groove="light",
    ),
}


def band_for(style: Style, mood: Mood) -> Band:
    """The style's instruments adapted to the mood: no drums for sadness, brass for triumph, tremolo strings for fear."""
    band = _STYLES[style]
    electric = style in ("neon", "scifi")
    if mood == "sad":
        leads = (_GLASS, _PIANO) if electric else (_CELLO, _PIANO, _OBOE) if style != "noir" else (_SAX, _MUTED)
        return replace(
            band,
            leads=leads,
            chords=_PIANO if style != "storybook" else _HARP,
            line="held",
            groove="none",
            bass=_SYNTH_BASS if electric else _CELLO,
        )
    if mood == "calm":
        return replace(band, line="held", groove="none" if style != "noir" else "brushes")
    if mood in ("uneasy", "mysterious"):
        leads = (_GLASS, _CHOIR) if electric else (_BASSOON, _CLARINET, _VIBES) if style != "noir" else (_MUTED, _VIBES)
        pad = band.pad if electric else _TREMOLO if mood == "uneasy" else _STRINGS
        return replace(
            band, leads=leads, pad=pad, colour=_CELESTA, line="held", groove="heartbeat" if mood == "uneasy" else "none"
        )
    if mood == "tense":
        leads = (_SAW, _HORN) if electric else (_HORN, _TROMBONE, _BASSOON) if style != "noir" else (_MUTED, _TROMBONE)
        chords = _POLY if electric else _STRINGS if style in ("storybook", "drama") else _PIANO if style == "noir" else _PIZZ
        return replace(
            band,
            leads=leads,
            pad=_PAD if electric else _TREMOLO,
            chords=chords,
            line="pulse",
            groove="synth" if style == "neon" else "heartbeat",
            swing=0.0,
        )
    if mood == "triumphant":
        chords = _POLY if electric else _STRINGS
        leads = (_TRUMPET, _HORN) if style not in ("classroom", "pastel") else (_TRUMPET, _FLUTE)
        return replace(
            band,
            leads=leads,
            chords=chords,
            colour=_GLOCK,
            line="pulse" if electric else "root_fifth",
            groove="synth" if style == "neon" else "march",
        )
    if mood == "wonder":
        return replace(
            band,
            leads=(_GLASS, _CHOIR) if electric else (_FLUTE, _CELESTA, _HORN),
            chords=_HARP if not electric else _POLY,
            colour=_CELESTA,
            line="held",
            groove="none",
        )
    if mood == "playful" and style in ("storybook", "drama"):
        return replace(
            band, leads=(_BASSOON, _CLARINET, _PIZZ), chords=_PIZZ, bass=_PIZZ, colour=_GLOCK, line="root_fifth", groove="light"
        )
    return band
