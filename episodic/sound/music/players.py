"""What the accompaniment plays: held chords, broken chords, bass lines and drums."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from episodic.sound.music.moods import Band, Groove, MoodProfile, Player
from episodic.sound.music.score import Note, Track

__all__ = ["Clock", "accompany", "bass_line", "drum_part", "sustain"]

_TIMPANI: Final = 47
_KITS: Final[dict[Groove, int]] = {"brushes": 40, "light": 0, "synth": 25, "march": 0}
_ARPEGGIOS: Final = ((0, 1, 2, 3, 2, 1), (0, 2, 1, 3, 1, 2), (0, 1, 3, 2, 3, 1), (3, 2, 1, 0, 1, 2))
_COMPING: Final = (((1.0, 0.4), (2.5, 0.3)), ((0.5, 0.4), (2.0, 1.2)), ((1.5, 0.3), (3.0, 0.6)), ((0.0, 0.8), (2.5, 0.4)))
"""(beat, length) of a pianist's chords behind somebody else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Bars and beats to seconds. The last bar is `slow` times as long; then the last chord rings for `tail_s`."""

    bars: int
    beats: int
    bar_s: float
    start_s: float
    slow: float
    tail_s: float

    def at(self, bar: int, beat: float, swing: float) -> float:
        """Second of a beat counted from the beginning of `bar`; off-beat eighths come `swing` beats late."""
        if swing and abs(beat % 1 - 0.5) < 1e-6:
            beat += swing
        position = bar + beat / self.beats
        over = max(0.0, min(position, self.bars) - (self.bars - 1))
        return self.start_s + self.bar_s * (position + over * (self.slow - 1))

    @property
    def end_s(self) -> float:
        """When the last chord is struck."""
        return self.at(self.bars, 0.0, 0.0)

    def bar_end(self, bar: int) -> float:
        """Second at which `bar` is over; the last chord's bar ends with the cue."""
        return self.at(bar + 1, 0.0, 0.0) if bar < self.bars else self.end_s + self.tail_s


def sustain(player: Player, clock: Clock, voicings: list[tuple[int, ...]], velocity: list[int], begin: int) -> Track:
    """Held chords from bar `begin` on; a voice that keeps its note does not strike it again."""
    notes: list[Note] = []
    for voice in range(max(len(voicing) for voicing in voicings)):
        bar = begin
        while bar < len(voicings):
            key = voicings[bar][voice] if voice < len(voicings[bar]) else None
            last = bar
            while (
                last + 1 < len(voicings)
                and last - bar < 3
                and voice < len(voicings[last + 1])
                and voicings[last + 1][voice] == key
            ):
                last += 1
            if key is not None:
                start, end = clock.at(bar, 0, 0), clock.bar_end(last)
                notes.append(Note(start, (end - start) * (0.99 if last < clock.bars else 0.7), key, velocity[bar]))
            bar = last + 1
    swell = [(clock.at(bar, beat, 0), level) for bar in range(clock.bars) for beat, level in ((0.0, 84), (clock.beats / 2, 108))]
    return Track(
        program=player.program,
        notes=tuple(notes),
        pan=player.pan,
        volume=player.volume,
        reverb=72,
        swell=(*swell, (clock.end_s, 88)),
    )


def accompany(
    band: Band,
    profile: MoodProfile,
    clock: Clock,
    heats: list[float],
    voicings: list[tuple[int, ...]],
    dice: np.random.Generator,
) -> Track:
    """Broken, off-beat, driving or comped chords, one chord to the bar; the last chord is rolled."""
    player = band.chords
    texture = "comping" if band.swing and profile.texture in ("arpeggio", "sustained", "offbeat") else profile.texture
    pattern = _ARPEGGIOS[int(dice.integers(len(_ARPEGGIOS)))]
    notes: list[Note] = []
    for bar in range(clock.bars):
        keys = _four(voicings[bar], player)
        base = float(np.interp(heats[bar], [0, 1], profile.force)) - 6
        for beat, length, chosen, accent in _figure(texture, clock.beats, keys, pattern, heats[bar], bar, dice):
            start = clock.at(bar, beat, band.swing)
            end = clock.at(bar, beat + length, 0)
            length_s = max(0.08, end - start)
            notes += [
                Note(start + abs(dice.normal(0, 0.004)), length_s, key, round(base + accent + dice.normal(0, 2)))
                for key in chosen
            ]
    for index, key in enumerate(_four(voicings[-1], player)):
        notes.append(Note(clock.end_s + 0.05 * index, clock.tail_s * 0.8, key, profile.force[0] + 2))
    return Track(program=player.program, notes=tuple(notes), pan=player.pan, volume=player.volume, reverb=60)


Struck = tuple[float, float, tuple[int, ...], float]
"""Beat, length in beats, keys, accent."""


def _figure(
    texture: str, beats: int, keys: tuple[int, ...], pattern: tuple[int, ...], heat: float, bar: int, dice: np.random.Generator
) -> list[Struck]:
    """One bar of an accompaniment figure in the given texture."""
    if texture == "offbeat":
        return [(float(beat), 0.4, keys[1:], 4.0 if beat == 1 else 0.0) for beat in range(1, beats)]
    if texture == "ostinato":
        order = (0, 2, 1, 2) if beats == 4 else (0, 2, 1)
        return [
            (step / 2, 0.38, (keys[order[step % len(order)]],), 9.0 if step % beats == 0 else 0.0) for step in range(beats * 2)
        ]
    if texture == "comping":
        rhythm = _COMPING[int(dice.integers(len(_COMPING)))]
        return [(beat, length, keys[1:], float(dice.uniform(-4, 5))) for beat, length in rhythm if beat < beats]
    if texture == "sustained":
        return [(0.0, beats * 0.95, keys, 0.0)]
    # quiet passages break the chord in quarters, loud ones in eighths; every fourth bar leaves room
    step = 1.0 if heat < 0.5 else 0.5
    count = int(beats / step) - (1 if bar % 4 == 3 else 0)
    return [(i * step, beats - i * step, (keys[pattern[i % len(pattern)]],), 6.0 if i == 0 else 0.0) for i in range(count)]


def _four(voicing: tuple[int, ...], player: Player) -> tuple[int, ...]:
    """Four keys of the chord within the player's reach, low to high: the lowest doubled on top."""
    keys = [*voicing[:4]]
    while len(keys) < 4:
        keys.append(keys[len(keys) - 3] + 12)
    out = []
    for key in keys:
        while key > player.keys[1]:
            key -= 12
        while key < player.keys[0]:
            key += 12
        out.append(key)
    return tuple(sorted(out))


def bass_line(
    band: Band, profile: MoodProfile, clock: Clock, heats: list[float], basses: list[tuple[int, int]], dice: np.random.Generator
) -> Track:
    """Roots held, alternating, walking or pulsing; the last one rings."""
    player = band.bass
    notes: list[Note] = []
    key = None
    for bar in range(clock.bars):
        key = _low(basses[bar][0], player, key)
        fifth = _low(basses[bar][1], player, key)
        goal = _low(basses[bar + 1][0], player, key)
        base = float(np.interp(heats[bar], [0, 1], profile.force)) + 2
        for beat, length, struck, accent in _steps(band.line, clock.beats, key, fifth, goal, dice):
            start, end = clock.at(bar, beat, band.swing), clock.at(bar, beat + length, 0)
            notes.append(Note(start, max(0.1, end - start), struck, round(base + accent + dice.normal(0, 2))))
    notes.append(Note(clock.end_s, clock.tail_s * 0.8, _low(basses[-1][0], player, key), profile.force[0] + 6))
    return Track(program=player.program, notes=tuple(notes), pan=player.pan, volume=player.volume, reverb=30)


def _steps(
    line: str, beats: int, root: int, fifth: int, goal: int, dice: np.random.Generator
) -> list[tuple[float, float, int, float]]:
    """One bar of a bass line."""
    if line == "root_fifth":
        half = beats // 2 if beats == 4 else 2
        return [(0.0, 0.9, root, 6.0), (float(half), 0.8, fifth, 0.0)]
    if line == "walking":
        approach = goal + int(dice.choice([-1, 1]))
        middle = [fifth, (root + fifth) // 2 if abs(root - fifth) > 4 else fifth] if beats == 4 else [fifth]
        walk = [root, *(middle if dice.random() < 0.6 else middle[::-1]), approach]
        return [(float(beat), 0.92, walk[beat], 5.0 if beat == 0 else 0.0) for beat in range(beats)]
    if line == "pulse":
        return [
            (step / 2, 0.42, root + (12 if step % 4 == 3 and root + 12 <= 52 else 0), 7.0 if step % 2 == 0 else -4.0)
            for step in range(beats * 2)
        ]
    return [(0.0, beats * 0.97, root, 0.0)]


def _low(pitch_class: int, player: Player, near: int | None) -> int:
    """The key of a pitch class in the instrument's lowest octave and a half, near the last one."""
    keys = [key for key in range(player.keys[0], player.keys[0] + 18) if key % 12 == pitch_class]
    middle = player.keys[0] + 8
    return min(keys, key=lambda key: (abs(key - near) if near is not None else 0) + 0.4 * abs(key - middle))


def drum_part(
    band: Band, clock: Clock, heats: list[float], basses: list[tuple[int, int]], dice: np.random.Generator
) -> list[Track]:
    """Percussion, from the fifth bar on in cues long enough to wait for it."""
    if band.groove == "none":
        return []
    begin = 4 if clock.bars > 8 else 0
    if band.groove == "heartbeat":
        return [_heartbeat(clock, heats, basses, begin)]
    notes: list[Note] = []
    for bar in range(begin, clock.bars):
        level = 0.55 + 0.45 * heats[bar]
        for beat, key, velocity in _hits(band.groove, clock.beats, bar - begin, heats[bar]):
            late = abs(dice.normal(0, 0.004))
            notes.append(Note(clock.at(bar, beat, band.swing) + late, 0.2, key, round(velocity * level + dice.normal(0, 2))))
    return [Track(program=_KITS[band.groove], notes=tuple(notes), drums=True, volume=66, reverb=40)]


def _hits(groove: Groove, beats: int, bar: int, heat: float) -> list[tuple[float, int, float]]:
    """(beat, drum, velocity) of one bar; every fourth bar varies."""
    turn = bar % 4 == 3
    weak = list(range(1, beats, 2)) if beats == 4 else [1, 2]
    if groove == "brushes":
        hits = [(float(beat), 51, 44.0) for beat in range(beats)] + [(beat + 0.5, 51, 34.0) for beat in weak]
        hits += [(float(beat), 38, 46.0) for beat in weak] + [(0.0, 36, 38.0)]
        return hits + ([(beats - 0.5, 38, 40.0)] if turn else [])
    if groove == "light":
        hits = [(0.0, 76, 50.0), *((float(beat), 77, 38.0) for beat in weak)]
        hits += [(step / 2, 70, 34.0 if step % 2 else 44.0) for step in range(beats * 2)] if heat > 0.55 else []
        return hits + ([(0.0, 81, 46.0)] if bar % 4 == 0 else []) + ([(beats - 1.0, 54, 44.0)] if turn else [])
    if groove == "synth":
        hits = [(float(beat), 36, 78.0) for beat in range(beats)] + [(beat + 0.5, 42, 46.0) for beat in range(beats)]
        return hits + [(float(beat), 39, 52.0) for beat in weak] + ([(beats - 0.5, 46, 48.0)] if turn else [])
    hits = [(0.0, 36, 82.0), *((float(beat), 38, 64.0) for beat in weak)]
    hits += [(beats - 0.5 + extra, 38, 44.0) for extra in (0.0, 0.25)] if bar % 2 else []
    return hits + ([(0.0, 49, 62.0)] if bar % 8 == 0 and heat > 0.6 else [])


def _heartbeat(clock: Clock, heats: list[float], basses: list[tuple[int, int]], begin: int) -> Track:
    """Two soft timpani strokes to the bar, as a heart does."""
    player = Player(_TIMPANI, (38, 53), 76)
    notes: list[Note] = []
    for bar in range(begin, clock.bars):
        key = _low(basses[bar][0], player, None)
        level = 30 + 38 * heats[bar]
        notes += [Note(clock.at(bar, 0, 0), 0.6, key, round(level)), Note(clock.at(bar, 0.5, 0), 0.6, key, round(level * 0.75))]
    return Track(program=_TIMPANI, notes=tuple(notes), pan=66, volume=player.volume, reverb=70)
