"""Music cues: composed for a mood, a style and a length, played on the instruments that ship with the package.

A cue is a form of four-bar phrases whose tempo is chosen so that the last chord falls where it should, harmony with led voices, a
melody grown from the series' motif, and players who come and go with the form. Nothing in it is a loop.
"""

from __future__ import annotations

import io
import wave
from dataclasses import dataclass, replace
from typing import Final

import midirenderer
import numpy as np
from jaxtyping import Float32
from scipy.signal import resample_poly

from episodic.sound.audio import SAMPLE_RATE, Stereo, fit_length, generator
from episodic.sound.mix.meter import level_to
from episodic.sound.music.harmony import Chord, chord, lead_voices
from episodic.sound.music.melody import Bar, Turn, phrase_melody, series_motif
from episodic.sound.music.moods import MOOD_PROFILES, Band, MoodProfile, Player, band_for
from episodic.sound.music.players import Clock, accompany, bass_line, drum_part, sustain
from episodic.sound.music.score import Note, Track, midi_bytes
from episodic.sound.soundfont import soundfont
from planners.plan.vocabulary import Mood, Style

__all__ = ["compose_cue", "series_motif", "write_score"]

_LATE_S: Final = 0.02
"""The first note waits this long, or its attack would be cut."""
_RITARDANDO: Final = 1.18
"""The last bar is this much longer than the others."""
_PHRASE: Final = 4
_KEY_AREAS: Final = (0, 5, -2, 3)
"""Semitones of transposition, one area for every eight phrases of a long cue."""


@dataclass(frozen=True, slots=True)
class _Phrase:
    """Four bars (or fewer) of the form. `letter` names its material, `lead` who sings it (None: nobody)."""

    letter: str
    first_bar: int
    chords: tuple[Chord, ...]
    turn: Turn
    lead: Player | None
    heat: float
    """0 quiet..1 the cue's climax."""
    shift: int


@dataclass(frozen=True, slots=True)
class _Form:
    """The whole cue before anybody plays a note."""

    profile: MoodProfile
    band: Band
    mode: str
    tonic: int
    clock: Clock
    phrases: tuple[_Phrase, ...]
    final: Chord


def compose_cue(*, mood: Mood, style: Style, seconds: float, seed: int, motif: tuple[int, ...] = ()) -> Stereo:
    """A cue of exactly `seconds` that ends with a cadence and dies away. Deterministic in its arguments.

    `motif`: scale steps from its first note (`series_motif`); empty: one of the seed's own. Loudness -22 to -25.5 LUFS by mood,
    peaks under -1 dBFS. Raises ValueError for a length of nothing.
    """
    if seconds <= 0:
        raise ValueError(f"a cue needs a length, got {seconds} s")
    samples = round(seconds * SAMPLE_RATE)
    tracks = write_score(mood=mood, style=style, seconds=seconds, seed=seed, motif=motif)
    played = fit_length(_play(tracks), samples)
    played[:, :] *= _fades(samples)[:, None]
    return _soften(level_to(played, MOOD_PROFILES[mood].lufs))


def write_score(*, mood: Mood, style: Style, seconds: float, seed: int, motif: tuple[int, ...] = ()) -> list[Track]:
    """The notes of a cue, before it is played."""
    dice = generator("cue", mood, style, round(seconds, 3), seed, motif)
    form = _plan(mood, style, seconds, motif, seed, dice)
    motif = motif or series_motif(seed)
    voicings = _voicings(form)
    tracks = [
        _pad(form, voicings),
        accompany(form.band, form.profile, form.clock, _heats(form), voicings, dice),
        bass_line(form.band, form.profile, form.clock, _heats(form), _basses(form), dice),
    ]
    tracks += _leads(form, motif, dice)
    tracks += drum_part(form.band, form.clock, _heats(form), _basses(form), dice)
    return [track for track in tracks if track.notes]


def _plan(mood: Mood, style: Style, seconds: float, motif: tuple[int, ...], seed: int, dice: np.random.Generator) -> _Form:
    """Choose key, tempo, phrases and harmony of a cue."""
    profile, band = MOOD_PROFILES[mood], band_for(style, mood)
    beats = int(dice.choice(profile.beats))
    clock = _clock(seconds, beats, profile, dice)
    mode = str(dice.choice(profile.modes))
    # the key is the series' own, a little higher or lower from cue to cue
    tonic = 55 + int(generator("key", motif or seed).integers(0, 8)) + int(dice.choice([-3, 0, 0, 2]))
    pool = [str(progression) for progression in dice.permutation(list(profile.progressions))]
    close = str(dice.choice(profile.closes)).split()
    phrases = _phrases(clock.bars, pool, close, profile, band, dice)
    return _Form(profile, band, mode, tonic, clock, phrases, chord(close[1]))


def _clock(seconds: float, beats: int, profile: MoodProfile, dice: np.random.Generator) -> Clock:
    """As many bars as bring the tempo closest to the wanted one, with time for the last chord to ring."""
    tail = min(3.2, 0.3 * seconds)
    tempo = float(dice.uniform(*profile.tempo))
    bar = beats * 60 / tempo
    bars = max(1, round((seconds - tail - _LATE_S) / bar - (_RITARDANDO - 1)))
    return Clock(
        bars=bars,
        beats=beats,
        bar_s=(seconds - tail - _LATE_S) / (bars - 1 + _RITARDANDO),
        start_s=_LATE_S,
        slow=_RITARDANDO,
        tail_s=tail,
    )


def _letters(count: int) -> list[str]:
    """Statement, answer, contrast, return; long cues go round with a rest and new contrasts."""
    short = {0: [], 1: ["A"], 2: ["A", "a"], 3: ["A", "B", "a"], 4: ["A", "a", "B", "a"], 5: ["A", "a", "B", "C", "a"]}
    if count in short:
        return short[count]
    cycle = ["A", "a", "B", "a", "-", "C", "B", "a"]
    letters = [cycle[index % len(cycle)] for index in range(count - 1)]
    return [*letters, "a"]


def _phrases(
    bars: int, pool: list[str], close: list[str], profile: MoodProfile, band: Band, dice: np.random.Generator
) -> tuple[_Phrase, ...]:
    """The form. Bars that do not fill a phrase come first, as an introduction."""
    count, intro = divmod(bars, _PHRASE)
    letters = (["-"] if intro else []) + _letters(count)
    turns: dict[str, Turn] = {"A": "state", "a": "ornament", "B": "invert", "C": "break_up", "-": "state"}
    out: list[_Phrase] = []
    at = 0
    for index, letter in enumerate(letters):
        length = intro if intro and index == 0 else _PHRASE
        names = pool[{"A": 0, "a": 0, "B": 1, "C": 2, "-": 3}[letter] % len(pool)].split()
        chords = [chord(name) for name in names[:length]]
        if index == len(letters) - 1:
            chords[-1] = chord(close[0])
        sings = letter != "-" and (letter in "Aa" or dice.random() < profile.melody + 0.2)
        lead = band.leads[(index // 2) % len(band.leads)] if letter in "Aa" else band.leads[(index // 2 + 1) % len(band.leads)]
        progress = (at + length / 2) / bars
        heat = float(np.clip(0.35 + 0.65 * np.sin(np.pi * min(1.0, progress**0.8 * 0.95)), 0, 1)) if bars > 6 else 0.6
        area = _KEY_AREAS[(index // 8) % len(_KEY_AREAS)] if index < len(letters) - 2 else 0
        out.append(_Phrase(letter, at, tuple(chords), turns[letter], lead if sings else None, heat, area))
        at += length
    return tuple(out)


def _heats(form: _Form) -> list[float]:
    """Per bar, and for the last chord."""
    return [phrase.heat for phrase in form.phrases for _ in phrase.chords] + [form.phrases[-1].heat * 0.8]


def _chords(form: _Form) -> list[tuple[Chord, int]]:
    """Every bar's chord with the tonic it is heard over; the last chord closes."""
    return [(harmony, form.tonic + phrase.shift) for phrase in form.phrases for harmony in phrase.chords] + [
        (form.final, form.tonic)
    ]


def _voicings(form: _Form) -> list[tuple[int, ...]]:
    low, high = max(50, form.band.pad.keys[0]), min(76, form.band.pad.keys[1])
    out: list[tuple[int, ...]] = []
    for harmony, tonic in _chords(form):
        out.append(lead_voices(harmony, tonic, out[-1] if out else None, low, high, 4 if len(harmony.tones) > 3 else 3))
    return out


def _basses(form: _Form) -> list[tuple[int, int]]:
    """(bass pitch class, fifth above the root) of every bar as absolute pitch classes."""
    return [((tonic + harmony.bass) % 12, (tonic + harmony.tones[2]) % 12) for harmony, tonic in _chords(form)]


def _pad(form: _Form, voicings: list[tuple[int, ...]]) -> Track:
    """Held harmony, from the second phrase on in long cues; swelling and sinking with the form."""
    begin = form.phrases[1].first_bar if len(form.phrases) > 3 else 0
    velocity = [round(np.interp(heat, [0, 1], form.profile.force)) - 8 for heat in _heats(form)]
    return sustain(form.band.pad, form.clock, voicings, velocity, begin)


def _leads(form: _Form, motif: tuple[int, ...], dice: np.random.Generator) -> list[Track]:
    """The melody, handed from player to player, and the colour that answers it."""
    parts: dict[Player, list[Note]] = {}
    colour: list[Note] = []
    last: int | None = None
    for number, phrase in enumerate(form.phrases):
        if phrase.lead is None:
            if phrase.letter == "-" and len(form.phrases) > 1:
                colour += _glints(form, phrase, dice)
            continue
        closing = number == len(form.phrases) - 1
        sung, last = _sung(form, phrase, phrase.lead, motif, closing, last, dice)
        parts.setdefault(phrase.lead, []).extend(sung)
        if phrase.letter == "a" and phrase.heat > 0.6 and phrase.lead.program != form.band.colour.program:
            # the climax is doubled, thinly
            colour += [replace(note, key=_into(note.key, form.band.colour.keys), velocity=note.velocity - 18) for note in sung]
    tracks = [
        Track(program=player.program, notes=tuple(notes), pan=player.pan, volume=player.volume, reverb=64)
        for player, notes in parts.items()
    ]
    answer = form.band.colour
    return [
        *tracks,
        Track(program=answer.program, notes=tuple(colour), pan=answer.pan, volume=round(answer.volume * 0.85), reverb=80),
    ]


def _sung(
    form: _Form,
    phrase: _Phrase,
    player: Player,
    motif: tuple[int, ...],
    closing: bool,
    after: int | None,
    dice: np.random.Generator,
) -> tuple[list[Note], int]:
    bars = [Bar(harmony, form.mode, form.clock.beats) for harmony in phrase.chords]
    tonic = form.tonic + phrase.shift
    centre = int(np.clip(72 + form.profile.register, player.keys[0] + 7, player.keys[1] - 7))
    melody = phrase_melody(
        motif, bars, tonic=tonic, centre=centre, turn=phrase.turn, busy=form.profile.notes, ends="open", dice=dice, after=after
    )
    notes = []
    quiet, loud = form.profile.force
    for index, sung in enumerate(melody):
        start = form.clock.at(phrase.first_bar, sung.beat, form.band.swing)
        end = form.clock.at(phrase.first_bar, sung.beat + sung.beats, form.band.swing)
        arch = np.sin(np.pi * (index + 1) / (len(melody) + 1))
        velocity = np.interp(phrase.heat, [0, 1], (quiet, loud)) + 6 + 8 * sung.accent + 7 * arch + dice.normal(0, 2.5)
        jitter = abs(dice.normal(0, 0.006))
        notes.append(
            Note(start + jitter, max(0.08, (end - start) * form.profile.legato), _into(sung.key, player.keys), round(velocity))
        )
    if closing:
        tones = [form.final.root, form.final.tones[1]]
        key = min((k for k in range(*player.keys) if (k - form.tonic) % 12 in tones), key=lambda k: (abs(k - melody[-1].key), k))
        notes.append(Note(form.clock.end_s, form.clock.tail_s * 0.75, key, quiet + 8))
    return notes, melody[-1].key


def _glints(form: _Form, phrase: _Phrase, dice: np.random.Generator) -> list[Note]:
    """A few high notes of the harmony where nobody sings."""
    out = []
    for index, harmony in enumerate(phrase.chords):
        beat = float(dice.choice([0.0, 1.0, 1.5, 2.0]))
        tone = form.tonic + phrase.shift + int(dice.choice(harmony.tones))
        start = form.clock.at(phrase.first_bar + index, beat, 0.0)
        out.append(
            Note(
                start,
                form.clock.bar_s * 0.7,
                _into(tone + 24, form.band.colour.keys),
                form.profile.force[0] + round(dice.uniform(-4, 6)),
            )
        )
    return out


def _into(key: int, keys: tuple[int, int]) -> int:
    """The same note in an octave the instrument has."""
    while key < keys[0]:
        key += 12
    while key > keys[1]:
        key -= 12
    return max(key, keys[0])


def _play(tracks: list[Track]) -> Stereo:
    """Render; once more at half the level if the sixteen bits were full."""
    for scale in (0.8, 0.4):
        quieter = [replace(track, volume=round(track.volume * scale)) for track in tracks]
        rendered = _read_wave(midirenderer.render_wave_from(soundfont(), midi_bytes(quieter)))
        if float(np.abs(rendered).max(initial=0.0)) < 0.99:
            break
    return rendered


def _read_wave(data: bytes) -> Float32[np.ndarray, "sample 2"]:
    with wave.open(io.BytesIO(data)) as file:
        rate = file.getframerate()
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2).astype(np.float32) / np.float32(32768)
    if rate == SAMPLE_RATE:
        return samples
    divisor = int(np.gcd(rate, SAMPLE_RATE))
    return np.asarray(resample_poly(samples, SAMPLE_RATE // divisor, rate // divisor, axis=0), np.float32)


def _fades(samples: int) -> Float32[np.ndarray, " sample"]:
    """The last second dies away and the last tenth of one is silent."""
    gain = np.ones(samples, np.float32)
    silent = min(samples // 10, SAMPLE_RATE // 10)
    fade = min(samples // 3, round(1.2 * SAMPLE_RATE))
    gain[samples - silent :] = 0
    gain[samples - silent - fade : samples - silent] = 0.5 + 0.5 * np.cos(np.linspace(0, np.pi, fade))
    return gain


def _soften(sound: Stereo, knee: float = 0.6, ceiling: float = 0.88) -> Stereo:
    over = np.abs(sound) > knee
    room = ceiling - knee
    sound[over] = np.sign(sound[over]) * (knee + room * np.tanh((np.abs(sound[over]) - knee) / room))
    return sound
