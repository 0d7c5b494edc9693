"""What each mood asks of the music, and who plays it in each style."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

from planners.plan.vocabulary import Mood, Style

__all__ = ["TEMPERS", "Band", "Player", "Temper", "band_for"]

Texture = Literal["sustained", "arpeggio", "offbeat", "ostinato", "comping"]
BassLine = Literal["held", "root_fifth", "walking", "pulse"]
Groove = Literal["none", "brushes", "light", "synth", "march", "heartbeat"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Temper:
    """A mood as music. Progressions are four chords each; `closes` are the last two of the piece."""

    modes: tuple[str, ...]
    tempo: tuple[int, int]
    """Beats per minute, from-to."""
    beats: tuple[int, ...]
    """Beats to the bar, to choose from."""
    progressions: tuple[str, ...]
    closes: tuple[str, ...]
    melody: float
    """How much of the time there is a melody, 0..1."""
    notes: float
    """How busy the melody is: notes per beat."""
    legato: float
    """Length of a note over the time to the next."""
    force: tuple[int, int]
    """Velocities, from the quietest to the loudest phrase."""
    texture: Texture
    lufs: float
    register: int = 0
    """Semitones the melody sits higher than usual."""


TEMPERS: Final[dict[Mood, Temper]] = {
    "calm": Temper(
        modes=("ionian", "lydian"), tempo=(60, 72), beats=(4, 3),
        progressions=("I9 vi7 IVM7 Vsus", "IM7 iii7 IVM7 I/4", "I V/11 vi7 IV9", "IVM7 I/4 ii7 Vsus"), closes=("IV9 I9", "Vsus I"),
        melody=0.6, notes=0.8, legato=1.05, force=(48, 66), texture="arpeggio", lufs=-25,
    ),
    "warm": Temper(
        modes=("ionian",), tempo=(74, 90), beats=(4, 3),
        progressions=("I V/11 vi IV", "IV I/4 ii7 V7", "I iii7 IV V7", "vi7 ii7 V7 IM7"), closes=("V7 I", "IV I"),
        melody=0.7, notes=1.0, legato=1.0, force=(54, 76), texture="arpeggio", lufs=-24,
    ),
    "playful": Temper(
        modes=("ionian", "mixolydian"), tempo=(108, 132), beats=(4, 4, 3),
        progressions=("I vi ii7 V7", "I IV I V7", "I bVII IV V", "vi II7 V7 I"), closes=("V7 I",),
        melody=0.8, notes=1.5, legato=0.55, force=(60, 88), texture="offbeat", lufs=-23.5,
    ),
    "uneasy": Temper(
        modes=("aeolian", "harmonic"), tempo=(62, 78), beats=(4, 3),
        progressions=("i bVI i v", "i ii° i bII", "i bVI iv ii°", "i iv/8 bVI V+"), closes=("bII i", "iv i"),
        melody=0.5, notes=0.7, legato=0.95, force=(46, 68), texture="sustained", lufs=-25.5, register=-5,
    ),
    "tense": Temper(
        modes=("phrygian", "harmonic"), tempo=(96, 116), beats=(4,),
        progressions=("i bII i V", "i i/0 bVI V", "i bII bIII bII", "i iv bII V"), closes=("V i", "bII i"),
        melody=0.45, notes=1.1, legato=0.8, force=(60, 92), texture="ostinato", lufs=-23, register=-7,
    ),
    "sad": Temper(
        modes=("aeolian",), tempo=(54, 66), beats=(4, 3),
        progressions=("i bVI bIII bVII", "i iv bVI V", "i v/10 bVI iv", "iv i/7 ii° V"), closes=("iv i", "V i"),
        melody=0.75, notes=0.8, legato=1.08, force=(44, 66), texture="arpeggio", lufs=-25.5, register=-3,
    ),
    "wonder": Temper(
        modes=("lydian", "ionian"), tempo=(70, 86), beats=(3, 4),
        progressions=("I II I vi7", "I bVI IV I", "IVM7 V vi7 I9", "I bIII bVII IV"), closes=("bVII I", "II I", "IV I9"),
        melody=0.65, notes=1.0, legato=1.05, force=(52, 82), texture="arpeggio", lufs=-24, register=5,
    ),
    "triumphant": Temper(
        modes=("ionian", "mixolydian"), tempo=(100, 120), beats=(4,),
        progressions=("I bVII IV I", "I V vi IV", "IV V vi V", "bVI bVII I V"), closes=("bVII I", "V7 I"),
        melody=0.85, notes=1.1, legato=0.92, force=(72, 104), texture="ostinato", lufs=-22,
    ),
    "mysterious": Temper(
        modes=("dorian", "phrygian"), tempo=(66, 82), beats=(4, 3),
        progressions=("i IV i bVII", "i bIII IV i", "i7 II i7 bVI", "i bvi i IV"), closes=("IV i", "bvi i"),
        melody=0.55, notes=0.8, legato=0.98, force=(46, 68), texture="arpeggio", lufs=-25, register=-2,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Player:
    """A general-MIDI program with the keys it sounds good in, a level and a place."""

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
    """Who plays. `leads` take turns with the melody; `chords` hold or break the harmony; `colour` doubles now and then."""

    leads: tuple[Player, ...]
    pad: Player
    chords: Player
    bass: Player
    colour: Player
    line: BassLine = "held"
    groove: Groove = "none"
    swing: float = 0.0
    """How far the second eighth is late, in beats."""


_STYLES: Final[dict[Style, Band]] = {
    "storybook": Band(leads=(_FLUTE, _CLARINET, _OBOE), pad=_STRINGS, chords=_HARP, bass=_CELLO, colour=_CELESTA),
    "noir": Band(leads=(_MUTED, _SAX, _VIBES), pad=_STRINGS, chords=_PIANO, bass=_BASS, colour=_VIBES, line="walking", groove="brushes", swing=0.16),
    "neon": Band(leads=(_SQUARE, _SAW, _GLASS), pad=_PAD, chords=_POLY, bass=_SYNTH_BASS, colour=_KALIMBA, line="pulse", groove="synth"),
    "pastel": Band(leads=(_CLARINET, _ACCORDION, _WHISTLE), pad=_STRINGS, chords=_HARPSICHORD, bass=_PIZZ, colour=_GLOCK, line="root_fifth", groove="light"),
    "sitcom": Band(leads=(_CLARINET, _PIANO, _MUTED), pad=_STRINGS, chords=_NYLON, bass=_BASS, colour=_PIZZ, line="root_fifth", groove="brushes", swing=0.1),
    "drama": Band(leads=(_PIANO, _CELLO, _OBOE), pad=_STRINGS, chords=_PIANO, bass=_CELLO, colour=_HORN),
    "scifi": Band(leads=(_GLASS, _HORN, _CHOIR), pad=_PAD, chords=_KALIMBA, bass=_SYNTH_BASS, colour=_HALO, line="held"),
    "classroom": Band(leads=(_MARIMBA, _FLUTE, _CLARINET), pad=_STRINGS, chords=_NYLON, bass=_TUBA, colour=_GLOCK, line="root_fifth", groove="light"),
}  # fmt: skip


def band_for(style: Style, mood: Mood) -> Band:
    """The style's band as this mood wants it: grief has no drums, triumph has brass, fear has trembling strings."""
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
